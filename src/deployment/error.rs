//! What can go wrong between us and the Docker engine, as data. You are in the right place when a Docker error needs a kind or an advice.
//!
//! None of these says anything about a Redis server: a scenario that meets one is *unknown*, not *failed*.

use std::{fmt, io, time::Duration};

use testcontainers::{
    TestcontainersError,
    bollard::errors::Error as DockerError,
    core::{client::ClientError, error::WaitContainerError},
};

/// A failure of the engine, of an image or of this host. `Display` is a lower-case fragment, with advice where a person can do something.
#[derive(Debug, Clone)]
pub enum EngineError {
    /// No engine answered.
    Unreachable { reason: String },
    /// An image could be had in no way; `tried` has one line a way, `advice` what to do.
    Image { image: String, tried: Vec<String>, advice: String },
    /// Something ran out: subnets, disk, memory.
    Resource { what: String, reason: String },
    /// A call did not answer in time.
    Limit { call: String, after: Duration },
    /// A registry stopped talking.
    Registry { silent: Duration },
    /// The engine answered with an error; `status` is the HTTP status if there was one.
    Api { call: String, message: String, status: Option<u16> },
    /// A file or folder of this host could not be used.
    Host { what: String, reason: String },
    /// The topology could not be built for the network it was given.
    Topology { message: String },
    /// Containers of a deployment that was left up are no more.
    Gone { what: String },
    /// The deployment has no node of that name.
    NoSuchNode { node: String },
    /// A tool in a helper container failed.
    Tool { node: String, command: String, status: i64, stderr: String },
    /// Another program runs as a node's server than the executable that was given.
    Replaced { node: String, binary: String, runs: String },
    /// The node's clock cannot be moved.
    NoPreload { node: String, reason: String },
}

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

    pub(super) fn host(what: impl Into<String>, error: io::Error) -> EngineError {
        EngineError::Host { what: what.into(), reason: error.to_string() }
    }

    fn from_message(call: &str, message: String, status: Option<u16>) -> EngineError {
        let message = message.trim().to_string();
        if ["no space left on device", "cannot allocate memory", "all predefined address pools"].iter().any(|sign| message.contains(sign)) {
            return EngineError::Resource { what: call.to_string(), reason: message };
        }
        EngineError::Api { call: call.to_string(), message, status }
    }

    /// Whether the engine answered with that HTTP status (404 not found, 409 conflict).
    pub fn is_status(&self, wanted: u16) -> bool {
        matches!(self, EngineError::Api { status: Some(status), .. } if *status == wanted)
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

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { reason } => {
                write!(f, "no Docker engine answers ({reason}); start it (as root: `systemctl start docker` or `dockerd &`)")?;
                f.write_str(", join the group `docker`, or set DOCKER_HOST")
            }
            Self::Image { image, tried, advice } => {
                write!(f, "no image for {image}")?;
                for line in tried {
                    write!(f, "\n  {line}")?;
                }
                write!(f, "\n  what to do: {advice}")
            }
            Self::Resource { what, reason } => write!(f, "{what}: the host ran out of something: {reason}"),
            Self::Limit { call, after } => write!(f, "{call}: no answer within {} s", after.as_secs_f64()),
            Self::Registry { silent } => write!(f, "the registry said nothing for {} s", silent.as_secs()),
            Self::Api { call, message, status: Some(status) } => write!(f, "{call}: the engine answered {status}: {message}"),
            Self::Api { call, message, status: None } => write!(f, "{call}: {message}"),
            Self::Host { what, reason } => write!(f, "{what}: {reason}"),
            Self::Topology { message } => write!(f, "topology: {message}"),
            Self::Gone { what } => write!(f, "{what}: somebody removed it, or the engine was restarted"),
            Self::NoSuchNode { node } => write!(f, "the deployment has no node \"{node}\""),
            Self::Tool { node, command, status, stderr } => write!(f, "{node}: `{command}` ended with {status}: {}", stderr.trim()),
            Self::Replaced { node, binary, runs } => write!(f, "{node}: {binary} was to run, and what runs is {runs}"),
            Self::NoPreload { node, reason } => write!(f, "{node}: its clock cannot be moved: {reason}"),
        }
    }
}

impl std::error::Error for EngineError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_a_resource_and_not_the_engines_fault() {
        let full = DockerError::DockerResponseServerError { status_code: 500, message: "write /x: no space left on device".into() };
        assert!(matches!(EngineError::from_docker("create container", full), EngineError::Resource { .. }));
        let conflict = DockerError::DockerResponseServerError { status_code: 409, message: "in use".into() };
        let conflict = EngineError::from_docker("remove network", conflict);
        assert!(conflict.is_status(409));
        assert_eq!(conflict.to_string(), "remove network: the engine answered 409: in use");
    }
}
