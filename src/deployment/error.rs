//! What can go wrong between us and an engine, as data. You are in the right place when an error needs a kind or an advice; how Docker's are sorted into these is in `docker_errors.rs`.
//!
//! None of these says anything about a Redis server: a scenario that meets one is *unknown*, not *failed*.

use std::{fmt, io, time::Duration};

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
    pub(super) fn host(what: impl Into<String>, error: io::Error) -> EngineError {
        EngineError::Host { what: what.into(), reason: error.to_string() }
    }

    /// What an engine says when it refuses, by what it says: some of it is the host's fault.
    pub(super) fn from_message(call: &str, message: String, status: Option<u16>) -> EngineError {
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
        let full = EngineError::from_message("create container", "write /x: no space left on device".into(), Some(500));
        assert!(matches!(full, EngineError::Resource { .. }));
        let conflict = EngineError::from_message("remove network", "in use".into(), Some(409));
        assert!(conflict.is_status(409));
        assert_eq!(conflict.to_string(), "remove network: the engine answered 409: in use");
    }
}
