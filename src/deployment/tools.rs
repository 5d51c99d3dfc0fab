//! Tools beside the servers: in a node's own network namespace, and in an observer's, who is alone in the data network. You are in the right
//! place when something needs `ip`, `iptables`, `tc` or `tcpdump`, or an unsuspected witness.
//!
//! The tools are the sandbox's, which has the two capabilities they need; they reach no further than its namespace. Servers have neither.

use std::{fmt, time::Duration};

use super::{
    container,
    error::EngineError,
    node::blueprint,
    shell::{Output, Shell, words},
    start::Deployment,
};

/// A host in the same network answers or refuses within a millisecond or two.
const REACH_LIMIT: &str = "0.5";

/// How a node's data address answers an attempt to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Somebody accepted; a paused server's kernel does too.
    Open,
    /// The host is there, no server is.
    Refused,
    /// Nothing came back within half a second.
    Silent,
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Reach::Open => "open",
            Reach::Refused => "refused",
            Reach::Silent => "silent",
        })
    }
}

impl Deployment {
    /// Runs a tool in the node's network namespace. A tool that outlasts the limit is killed.
    pub async fn tool(&self, node: &str, argv: &[&str], limit: Duration) -> Result<Output, EngineError> {
        // A second later than ours, so that the limit is told as a limit and not as a status.
        let kill_after = format!("{}", limit.as_secs_f64() + 1.0);
        let command = words(["timeout", "-s", "KILL", &kill_after].iter().chain(argv));
        Ok(self.node(node)?.tools(&self.engine).await?.run(&command, limit).await?.into())
    }

    /// A file of the node's sandbox, which a tool has written.
    pub async fn sandbox_file(&self, node: &str, path: &str) -> Result<Vec<u8>, EngineError> {
        Ok(self.node(node)?.tools(&self.engine).await?.must(&format!("cat {}", words([path]))).await?.stdout)
    }

    /// How the node answers somebody in the data network who is no node: the witness that a fault has bitten, or has healed.
    pub async fn reach(&self, node: &str) -> Result<Reach, EngineError> {
        let spec = &self.node(node)?.spec;
        let connect = format!("exec 3<>/dev/tcp/{}/{}", spec.address, spec.port);
        let command = words(["timeout", REACH_LIMIT, "bash", "-c", &connect]);
        let output: Output = self.observer().await?.run(&command, Duration::from_secs(10)).await?.into();
        Ok(match output.status {
            0 => Reach::Open,
            _ if output.stderr.contains("refused") => Reach::Refused,
            _ => Reach::Silent,
        })
    }

    /// The shell of the witness.
    async fn observer(&self) -> Result<&Shell, EngineError> {
        let connect = || async { Shell::attach(&self.engine, "observer", &self.witness().await?).await };
        self.observing.get_or_try_init(connect).await
    }

    /// The container alone in the data network. It is made once, and stays with the networks.
    pub(super) async fn witness(&self) -> Result<String, EngineError> {
        let mut known = self.observer.lock().await;
        if let Some(id) = &*known {
            return Ok(id.clone());
        }
        let image = self.options.helper.reference.clone();
        let observer = container::Blueprint { image, network: self.networks.data.clone(), ..blueprint(&self.networks, None, "observer") };
        Ok(known.insert(container::start(observer).await?).clone())
    }
}
