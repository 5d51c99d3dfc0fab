//! The life of a node's server process: killed, stopped, started again, paused; and what it logged. You are in the right place for signals.
//!
//! None of this touches the sandbox: the address stays, so a node whose server is gone *refuses* connections.

use std::{fmt, time::Duration};

use futures::future::join_all;

use super::{
    engine::CALL_LIMIT,
    error::EngineError,
    node::Node,
    start::Deployment,
};

/// What a node's server is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeState {
    Running,
    Paused,
    /// Exit status; 137 after SIGKILL.
    Exited(i64),
    /// Not started yet.
    Created,
}

impl fmt::Display for NodeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeState::Running => f.pad("running"),
            NodeState::Paused => f.pad("paused"),
            NodeState::Exited(status) => f.pad(&format!("exited with status {status}")),
            NodeState::Created => f.pad("created"),
        }
    }
}

/// A shell answers in a few milliseconds; on a busy host in some tens.
const LOST_LIMIT: Duration = Duration::from_secs(5);

impl Deployment {
    /// SIGKILL to the server and its children; returns when the server is gone. A server that is gone already is fine: `state` tells.
    pub async fn kill(&self, node: &str) -> Result<(), EngineError> {
        let node = self.started(node)?;
        node.life.asked_to_end();
        node.shell.must(&format!("signal KILL; gone {}", CALL_LIMIT.as_millis())).await.map(|_| ())
    }

    /// SIGTERM; returns at once, for how long the server takes to end is its own affair: `state` tells.
    pub async fn terminate(&self, node: &str) -> Result<(), EngineError> {
        let node = self.started(node)?;
        node.life.asked_to_end();
        node.shell.must("term").await.map(|_| ())
    }

    /// Starts the server, or starts it again with the data it left behind. Fine if it runs already.
    pub async fn start_server(&self, node: &str) -> Result<(), EngineError> {
        match self.state(node).await? {
            NodeState::Running | NodeState::Paused => Ok(()),
            NodeState::Created => self.node(node)?.start_first(&self.engine, &self.options).await,
            NodeState::Exited(_) => self.node(node)?.start_again(&self.engine, &self.options).await,
        }
    }

    /// Starts the server once with these words behind its command line, with the data that is there. Fine only if it has ended.
    pub async fn start_server_with(&self, node: &str, words: &[String]) -> Result<(), EngineError> {
        self.started(node)?.start_with(&self.engine, &self.options, words).await
    }

    /// Freezes the server and its children: the kernel goes on accepting connections and data for it.
    pub async fn pause(&self, node: &str) -> Result<(), EngineError> {
        let node = self.started(node)?;
        node.life.frozen();
        node.shell.must("freeze").await.map(|_| ())
    }

    pub async fn unpause(&self, node: &str) -> Result<(), EngineError> {
        let node = self.started(node)?;
        node.shell.must("signal CONT").await?;
        node.life.goes_on();
        Ok(())
    }

    /// Why a node's container is out of reach, if one is: a fault ends servers, never the shell beside them.
    pub async fn lost(&self) -> Option<EngineError> {
        let asked = self.nodes.values().map(|node| node.shell.run(":", LOST_LIMIT));
        join_all(asked).await.into_iter().find_map(Result::err)
    }

    /// What the kernel says the server process is doing right now.
    pub async fn state(&self, node: &str) -> Result<NodeState, EngineError> {
        let inner = self.node(node)?;
        if !inner.has_started() {
            return Ok(NodeState::Created);
        }
        let said = String::from_utf8_lossy(&inner.shell.must("state").await?.stdout).into_owned();
        Ok(match said.split_whitespace().collect::<Vec<_>>()[..] {
            ["exited", status] => NodeState::Exited(status.parse().unwrap_or(-1)),
            ["T"] => NodeState::Paused,
            _ => NodeState::Running,
        })
    }

    /// Standard output and error of all lives of the node's server in this deployment, oldest first.
    pub async fn log(&self, node: &str) -> Result<String, EngineError> {
        let node = self.node(node)?;
        // What servers said in one container, from its beginning on; standard error is our shell's own.
        let log = String::from_utf8_lossy(&self.engine.log(&node.house.id).await?).into_owned();
        // What stands before the mark was said by servers of earlier deployments. An engine that has dropped the mark may have dropped lines of this one too.
        match log.split_once(&node.mark) {
            Some((_, own)) => Ok(own.trim_start().to_owned()),
            None if !node.has_started() => Ok(String::new()),
            None => Err(EngineError::Tool {
                node: node.spec.name.clone(),
                command: "logs".into(),
                status: 0,
                stderr: "the engine no longer has the beginning of its log".into(),
            }),
        }
    }

    fn started(&self, node: &str) -> Result<&Node, EngineError> {
        let inner = self.node(node)?;
        let never =
            || EngineError::Tool { node: node.to_owned(), command: "signal".into(), status: 1, stderr: "its server was never started".into() };
        inner.has_started().then_some(inner).ok_or_else(never)
    }
}
