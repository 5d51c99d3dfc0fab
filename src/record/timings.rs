//! Where a scenario's time went. You are in the right place for what counts as overhead: everything that is neither a server's timer nor a
//! wait that somebody wrote down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Milliseconds by what they were spent on; together they are the scenario's duration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timings {
    /// Containers, networks, files, server processes: until every server runs.
    pub deployment_ms: u64,
    /// Waiting until the servers had formed their group.
    pub formation_ms: u64,
    /// Waiting for servers in steps: their own timers.
    pub servers_ms: u64,
    /// Waiting for spans that the scenario states.
    pub stated_ms: u64,
    /// Healing, and leaving the place as new for the next scenario.
    pub teardown_ms: u64,
    /// The rest: the runner, its questions to nodes, its faults.
    pub ours_ms: u64,
}

impl Timings {
    /// What was neither a server's timer nor a stated wait.
    pub fn overhead_ms(&self) -> u64 {
        self.deployment_ms + self.teardown_ms + self.ours_ms
    }
}
