//! Something of the user's own in a topology: a proxy, an application, of which nothing is known but its port.

use super::{Part, Protocol, Readiness, Role, System};
use std::time::Duration;

/// The system of programs that nobody has described.
pub struct Service;

impl System for Service {
    fn name(&self) -> &'static str {
        "service"
    }

    fn about(&self) -> &'static str {
        "A program of one's own, of which nothing is known but its port."
    }

    fn roles(&self) -> &'static [Role] {
        &[Role { word: "other", noun: "service", part: Part::Apart }]
    }

    fn protocol(&self) -> Protocol {
        Protocol::Tcp
    }

    fn readiness(&self) -> Readiness {
        // Longer than a server's, since it may bring a whole runtime along.
        Readiness { asked: None, limit: Duration::from_secs(60) }
    }
}
