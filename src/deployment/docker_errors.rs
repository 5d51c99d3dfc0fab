//! Errors of the Docker client, and of testcontainers around it, as ours. You are in the right place when what Docker says needs a kind.

use std::time::Duration;

use testcontainers::{
    TestcontainersError,
    bollard::errors::Error as DockerError,
    core::{client::ClientError, error::WaitContainerError},
};

use super::error::EngineError;

impl EngineError {
    /// Sorts an error of the Docker client.
    pub(super) fn from_docker(call: &str, error: DockerError) -> EngineError {
        match error {
            DockerError::DockerResponseServerError { status_code, message } => Self::from_message(call, message, Some(status_code)),
            DockerError::DockerStreamError { error } => Self::from_message(call, error, None),
            DockerError::SocketNotFoundError(path) => EngineError::Unreachable { reason: format!("there is no socket {path}") },
            DockerError::HyperLegacyError { err } if err.is_connect() => EngineError::Unreachable { reason: with_causes(&err) },
            // What `DOCKER_HOST` says is no address: nothing was even asked.
            other if call == "connect" => EngineError::Unreachable { reason: with_causes(&other) },
            DockerError::RequestTimeoutError => EngineError::Limit { call: call.to_string(), after: Duration::from_secs(120) },
            other => EngineError::Api { call: call.to_string(), message: with_causes(&other), status: None },
        }
    }

    /// Sorts an error of testcontainers, which wraps the client's.
    pub(super) fn from_testcontainers(call: &str, error: TestcontainersError) -> EngineError {
        use ClientError as C;
        match error {
            TestcontainersError::Client(
                C::Init(e) | C::CreateContainer(e) | C::StartContainer(e) | C::InspectContainer(e) | C::UploadToContainerError(e),
            ) => Self::from_docker(call, e),
            TestcontainersError::Client(C::PullImage { descriptor, err }) => EngineError::Image {
                image: descriptor,
                tried: vec!["local: not found".into(), format!("pull: {err}")],
                advice: "prepare it first: `rehearsal images build`".into(),
            },
            TestcontainersError::WaitContainer(WaitContainerError::StartupTimeout) => {
                EngineError::Limit { call: call.to_string(), after: Duration::from_secs(60) }
            }
            other => EngineError::Api { call: call.to_string(), message: with_causes(&other), status: None },
        }
    }

    pub(super) fn from_client(error: ClientError) -> EngineError {
        match error {
            ClientError::Init(e) => Self::from_docker("connect", e),
            other => EngineError::Unreachable { reason: with_causes(&other) },
        }
    }
}

/// An error with its causes: hyper says "client error (Connect)" and hides "permission denied" below it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
