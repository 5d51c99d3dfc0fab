//! The connection to a Docker engine, and the time limit every call to it has. You are in the right place to find out what the engine is.

use std::{future::Future, time::Duration};

use testcontainers::{
    bollard::{Docker, errors::Error as DockerError},
    core::client::docker_client_instance,
};

use super::error::EngineError;

/// How long an ordinary call may take. A healthy engine needs well under a second; a busy one on two cores a few.
pub(super) const CALL_LIMIT: Duration = Duration::from_secs(20);

/// A Docker engine. Cheap to clone and to connect: every request opens a connection of its own, so one engine a runtime is free.
#[derive(Debug, Clone)]
pub struct Engine {
    docker: Docker,
}

/// What the engine says about itself and its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineVersion {
    /// `20.10.24+dfsg1`
    pub version: String,
    /// `1.41`
    pub api: String,
    /// `Debian GNU/Linux 12 (bookworm) (x86_64)`
    pub os: String,
    pub cpus: u64,
    pub memory_mib: u64,
}

impl Engine {
    /// Finds the engine as testcontainers does (`DOCKER_HOST`, a `.testcontainers.properties`, the usual sockets) and asks it for a sign of life.
    pub async fn connect() -> Result<Engine, EngineError> {
        let engine = Engine { docker: docker_client_instance().await.map_err(EngineError::from_client)? };
        engine.ping().await?;
        Ok(engine)
    }

    /// Asks for a sign of life.
    pub async fn ping(&self) -> Result<(), EngineError> {
        self.call("ping", self.docker.ping()).await.map(drop)
    }

    /// Version and size of the engine's host; two calls.
    pub async fn version(&self) -> Result<EngineVersion, EngineError> {
        let (version, info) = tokio::join!(self.call("version", self.docker.version()), self.call("info", self.docker.info()));
        let (version, info) = (version?, info?);
        Ok(EngineVersion {
            version: version.version.unwrap_or_default(),
            api: version.api_version.unwrap_or_default(),
            os: format!("{} ({})", info.operating_system.unwrap_or_default(), info.architecture.unwrap_or_default()),
            cpus: info.ncpu.unwrap_or_default().max(0) as u64,
            memory_mib: info.mem_total.unwrap_or_default().max(0) as u64 / (1024 * 1024),
        })
    }

    pub(super) fn docker(&self) -> &Docker {
        &self.docker
    }

    /// One call with the usual limit; `name` says in an error what was attempted.
    pub(super) async fn call<T>(&self, name: &str, call: impl Future<Output = Result<T, DockerError>>) -> Result<T, EngineError> {
        limited(name, CALL_LIMIT, async { call.await.map_err(|e| EngineError::from_docker(name, e)) }).await
    }
}

/// Bounds anything that already speaks our errors.
pub(super) async fn limited<T>(name: &str, after: Duration, call: impl Future<Output = Result<T, EngineError>>) -> Result<T, EngineError> {
    match tokio::time::timeout(after, call).await {
        Ok(answer) => answer,
        Err(_) => Err(EngineError::Limit { call: name.to_string(), after }),
    }
}
