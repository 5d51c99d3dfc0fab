//! Tools beside the servers: in a node's own network namespace, and in an observer's, who is alone in the data network. You are in the right
//! place when something needs `ip`, `iptables`, `tc` or `tcpdump`, or an unsuspected witness.
//!
//! The tools are the sandbox's, which has the two capabilities they need; they reach no further than its namespace. Servers have neither.

use std::{fmt, time::Duration};

use super::{
    container::Blueprint,
    error::EngineError,
    node::blueprint,
    shell::{Output, Shell, words},
    start::Deployment,
};

/// A host in the same network answers or refuses within a millisecond or two.
const REACH_LIMIT: &str = "0.5";
/// What its own walls and an echo request need.
const WITNESS_CAPABILITIES: &[&str] = &["NET_ADMIN", "NET_RAW"];
/// A packet is waited for this long, and its sender this long for the listener: tcpdump listens after an eighth of a second.
const HEAR_LIMIT: &str = "1.5";
const UNTIL_IT_LISTENS: &str = "0.5";

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
        let command = self.connects_to(node)?;
        let output: Output = self.observer().await?.run(&command, Duration::from_secs(10)).await?.into();
        Ok(told(&output))
    }

    /// How the node answers another node, over the data network.
    pub async fn reach_from(&self, from: &str, node: &str) -> Result<Reach, EngineError> {
        let command = self.connects_to(node)?;
        let output: Output = self.node(from)?.tools(&self.engine).await?.run(&command, Duration::from_secs(10)).await?.into();
        Ok(told(&output))
    }

    /// Whether a packet of one node arrives at another, while the first tries to connect to the second. Rules of the receiver's firewall are not asked: the packet is seen before them.
    pub async fn hears(&self, node: &str, from: &str) -> Result<bool, EngineError> {
        let limit = Duration::from_secs(10);
        let source = self.node(from)?.spec.address.to_string();
        // TCP alone: who is mute still answers ARP.
        let filter = format!("tcp and src host {source}");
        let listen = words(["timeout", HEAR_LIMIT, "tcpdump", "-Z", "root", "-n", "-i", "any", "--immediate-mode", "-c", "1", &filter]);
        let try_it = format!("sleep {UNTIL_IT_LISTENS}; {}", self.connects_to(node)?);
        let (listener, sender) = (self.node(node)?.tools(&self.engine).await?, self.node(from)?.tools(&self.engine).await?);
        let (heard, tried) = tokio::join!(listener.run(&listen, limit), sender.run(&try_it, limit));
        tried?;
        let heard: Output = heard?.into();
        // Not its status: it ends with 0 as well when it is told to stop.
        Ok(!heard.stdout.trim().is_empty())
    }

    /// Of so many echo requests of the witness, how many percent the node has not answered.
    pub async fn unanswered_echoes(&self, node: &str, count: u32) -> Result<u32, EngineError> {
        let address = self.node(node)?.spec.address.to_string();
        let count = count.to_string();
        let command = words(["busybox", "ping", "-q", "-c", &count, "-i", "0.01", "-W", "1", &address]);
        let output: Output = self.observer().await?.run(&command, Duration::from_secs(30)).await?.into();
        let percent =
            output.stdout.split(", ").find_map(|part| part.split_once("% packet loss")).and_then(|(percent, _)| percent.trim().parse().ok());
        percent.ok_or_else(|| EngineError::Tool {
            node: node.to_owned(),
            command,
            status: output.status,
            stderr: format!("{}{}", output.stdout, output.stderr),
        })
    }

    /// A command that tries to connect to the node's client port.
    fn connects_to(&self, node: &str) -> Result<String, EngineError> {
        let spec = &self.node(node)?.spec;
        let connect = format!("exec 3<>/dev/tcp/{}/{}", spec.address, spec.port);
        Ok(words(["timeout", REACH_LIMIT, "bash", "-c", &connect]))
    }

    /// The shell of the witness.
    async fn observer(&self) -> Result<&Shell, EngineError> {
        let connect = || async { Shell::attach(&self.engine, "observer", &self.witness().await?).await };
        self.observing.get_or_try_init(connect).await
    }

    /// Runs a tool where the witness is.
    #[cfg(test)]
    pub async fn tool_of_the_witness(&self, argv: &[&str], limit: Duration) -> Result<Output, EngineError> {
        Ok(self.observer().await?.run(&words(argv), limit).await?.into())
    }

    /// The container alone in the data network. It is made once, and stays with the networks.
    pub(super) async fn witness(&self) -> Result<String, EngineError> {
        let mut known = self.observer.lock().await;
        if let Some(id) = &*known {
            return Ok(id.clone());
        }
        let image = self.options.helper.reference.clone();
        let observer = Blueprint {
            image,
            network: self.networks.data.clone(),
            walled: true,
            capabilities: WITNESS_CAPABILITIES,
            ..blueprint(&self.networks, None, "observer")
        };
        Ok(known.insert(self.engine.start(observer).await?).clone())
    }
}

/// What the attempt to connect tells.
fn told(output: &Output) -> Reach {
    match output.status {
        0 => Reach::Open,
        _ if output.stderr.contains("refused") => Reach::Refused,
        _ => Reach::Silent,
    }
}
