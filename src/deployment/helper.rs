//! Tools beside the servers: a helper in a node's namespace, and an observer alone in the data network. You are in the right place when
//! something needs `ip`, `iptables`, `tc` or `tcpdump`, or an unsuspected witness.
//!
//! Both are started when first needed and kept until the deployment ends. Only the helper has capabilities, and they reach no
//! further than the node's namespace.

use std::{fmt, time::Duration};

use super::{
    container::{self, Blueprint},
    error::EngineError,
    exec::{Output, exec},
    node::blueprint,
    start::Deployment,
};

/// The two it is for, and the two with which tcpdump, once it listens, changes to the user it was told (`-Z root`).
const CAPABILITIES: &[&str] = &["NET_ADMIN", "NET_RAW", "SETGID", "SETUID"];
const MEMORY: u64 = 64 << 20;
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
    pub async fn helper(&self, node: &str, argv: &[&str], limit: Duration) -> Result<Output, EngineError> {
        let inner = self.node(node)?;
        let helper = inner.helper.get_or_try_init(|| async {
            let helper = Blueprint { network: format!("container:{}", inner.sandbox.id), capabilities: CAPABILITIES, ..self.tool(node, "helper") };
            container::start(helper).await
        });
        // A second later than ours, so that the limit is told as a limit and not as a status.
        let kill_after = format!("{}", limit.as_secs_f64() + 1.0);
        let command = [&["timeout", "-s", "KILL", kill_after.as_str()], argv].concat();
        exec(&self.engine, helper.await?, &command, limit).await
    }

    /// How the node answers somebody in the data network who is no node: the witness that a fault has bitten, or has healed.
    pub async fn reach(&self, node: &str) -> Result<Reach, EngineError> {
        let spec = &self.node(node)?.spec;
        let observer = self.observer.get_or_try_init(|| async {
            let observer = Blueprint { network: self.networks.data.clone(), ..self.tool("observer", "") };
            container::start(observer).await
        });
        let connect = format!("exec 3<>/dev/tcp/{}/{}", spec.address, spec.port);
        let output = exec(&self.engine, observer.await?, &["timeout", REACH_LIMIT, "bash", "-c", &connect], Duration::from_secs(10)).await?;
        Ok(match output.status {
            0 => Reach::Open,
            _ if output.stderr.contains("refused") => Reach::Refused,
            _ => Reach::Silent,
        })
    }

    fn tool(&self, node: &str, part: &str) -> Blueprint {
        Blueprint {
            image: self.options.helper.reference.clone(),
            command: ["sleep", "infinity"].map(String::from).into(),
            memory: MEMORY,
            processes: 64,
            ..blueprint(&self.networks, node, part)
        }
    }
}
