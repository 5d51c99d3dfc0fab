//! The life of a node's server process: killed, stopped, started again, paused; and what it logged. You are in the right place for signals.
//!
//! None of this touches the sandbox: the address stays, so a node whose server is gone *refuses* connections.

use std::{fmt, time::Duration};

use futures::{StreamExt, TryStreamExt};
use testcontainers::bollard::{
    errors::Error as DockerError,
    models::ContainerStateStatusEnum,
    query_parameters::{KillContainerOptionsBuilder, LogsOptionsBuilder, StartContainerOptions, WaitContainerOptionsBuilder},
};

use super::{
    container,
    engine::{CALL_LIMIT, Engine, limited},
    error::EngineError,
    node::lock,
    start::Deployment,
};

/// What a node's server container is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeState {
    Running,
    Paused,
    /// Exit status; 137 after SIGKILL.
    Exited(i64),
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

impl Deployment {
    /// SIGKILL; returns when the process is gone. A server that is gone already is fine: `state` tells.
    pub async fn kill(&self, node: &str) -> Result<(), EngineError> {
        let id = self.node(node)?.server_id();
        self.signal(&id, "SIGKILL").await?;
        wait_for_exit(&self.engine, &format!("kill {node}"), &id, CALL_LIMIT).await
    }

    /// SIGTERM; returns when the process has ended by itself, or `EngineError::Limit` after `grace` with the process still there. Redis
    /// 7.0 and later wait up to `shutdown-timeout` (10 s) for their replicas.
    pub async fn stop(&self, node: &str, grace: Duration) -> Result<(), EngineError> {
        let id = self.node(node)?.server_id();
        self.signal(&id, "SIGTERM").await?;
        wait_for_exit(&self.engine, &format!("stop {node}"), &id, grace).await
    }

    /// Starts the server, or starts it again with the data it left behind. Fine if it runs already.
    pub async fn start_server(&self, node: &str) -> Result<(), EngineError> {
        let id = self.node(node)?.server_id();
        if id.is_empty() {
            return self.node(node)?.start_server(&self.networks, &self.options).await;
        }
        self.engine.call(&format!("start {node}"), self.engine.docker().start_container(&id, None::<StartContainerOptions>)).await
    }

    /// Freezes the server: the kernel goes on accepting connections and data for it.
    pub async fn pause(&self, node: &str) -> Result<(), EngineError> {
        let id = self.node(node)?.server_id();
        self.engine.call(&format!("pause {node}"), self.engine.docker().pause_container(&id)).await
    }

    pub async fn unpause(&self, node: &str) -> Result<(), EngineError> {
        let id = self.node(node)?.server_id();
        self.engine.call(&format!("unpause {node}"), self.engine.docker().unpause_container(&id)).await
    }

    /// What the server container is doing right now.
    pub async fn state(&self, node: &str) -> Result<NodeState, EngineError> {
        let state = container::inspect(&self.engine, &self.node(node)?.server_id()).await?.state.unwrap_or_default();
        Ok(match state.status {
            Some(ContainerStateStatusEnum::RUNNING | ContainerStateStatusEnum::RESTARTING) => NodeState::Running,
            Some(ContainerStateStatusEnum::PAUSED) => NodeState::Paused,
            Some(ContainerStateStatusEnum::CREATED) => NodeState::Created,
            _ => NodeState::Exited(state.exit_code.unwrap_or_default()),
        })
    }

    /// Standard output and error of all the server's lives, oldest first.
    pub async fn log(&self, node: &str) -> Result<String, EngineError> {
        let node = self.node(node)?;
        let now = container_log(&self.engine, &node.server_id()).await?;
        Ok(lock(&node.earlier_log).clone() + &now)
    }

    async fn signal(&self, id: &str, signal: &str) -> Result<(), EngineError> {
        let options = KillContainerOptionsBuilder::new().signal(signal).build();
        match self.engine.call(signal, self.engine.docker().kill_container(id, Some(options))).await {
            Err(e) if e.is_status(409) => Ok(()),
            answer => answer,
        }
    }
}

/// Both streams of one container, from its first start on.
pub(super) async fn container_log(engine: &Engine, id: &str) -> Result<String, EngineError> {
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).build();
    let pieces = engine.docker().logs(id, Some(options)).map_err(|e| EngineError::from_docker("logs", e));
    let join = pieces.try_fold(Vec::new(), |mut all, piece| async move {
        all.extend_from_slice(&piece.into_bytes());
        Ok(all)
    });
    Ok(String::from_utf8_lossy(&limited("logs", CALL_LIMIT, join).await?).into_owned())
}

async fn wait_for_exit(engine: &Engine, call: &str, id: &str, limit: Duration) -> Result<(), EngineError> {
    let options = WaitContainerOptionsBuilder::new().condition("not-running").build();
    let exit = async {
        match engine.docker().wait_container(id, Some(options)).next().await {
            // The client takes a status other than 0 for an error; here it is an answer.
            None | Some(Ok(_)) | Some(Err(DockerError::DockerContainerWaitError { .. })) => Ok(()),
            Some(Err(e)) => Err(EngineError::from_docker(call, e)),
        }
    };
    limited(call, limit, exit).await
}
