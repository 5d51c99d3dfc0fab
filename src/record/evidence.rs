//! The evidence of one scenario on one server: every step with what it saw, and the timeline of the nodes.

use super::{ClientRecord, Entry, Exchange, ScenarioRecord, ServerRecord, StepStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that belongs to one played scenario. Written once, as `scenarios/<feature.path>.<slug>@<server>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    pub schema: u32,
    pub run: String,
    /// RFC 3339, UTC: when the scenario began.
    pub started: String,
    #[serde(flatten)]
    pub scenario: ScenarioRecord,
    pub server_build: ServerRecord,
    /// Name of the topology the scenario ran in, if it got that far.
    pub topology: Option<String>,
    /// The nodes, in the topology's order, with the address their peers know them by.
    pub nodes: Vec<NodeRecord>,
    pub steps: Vec<StepRecord>,
    /// Milliseconds on the scenario's clock when the last `When` began, and when it was verified: every `Then` counts from there.
    pub window_ms: Option<(u64, u64)>,
    pub timeline: Vec<Entry>,
    /// When this program was not scheduled while the scenario was played; whatever servers missed meanwhile says nothing about them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stalls: Vec<Stall>,
    /// What the client that wrote all the while came away with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientRecord>,
    /// What was captured between two nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
    /// State of every node at the moment of a failure; empty when nothing failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<NodeSnapshot>,
}

/// A time in which this program was not scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stall {
    /// Milliseconds on the scenario's clock when it should have woken up.
    pub at_ms: u64,
    /// How much later it did.
    pub lasted_ms: u64,
}

impl std::fmt::Display for Stall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "this program stood still for {} ms at {:.2} s", self.lasted_ms, self.at_ms as f64 / 1000.0)
    }
}

/// A node as the scenario knew it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeRecord {
    pub name: String,
    /// `master`, `replica`, `sentinel`: the role it was given by the topology.
    pub role: String,
    /// Address and port in the data network, as its peers know it.
    pub address: String,
}

/// One step as it was played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepRecord {
    /// As written: `Given`, `When`, `Then`, `And`, `But`.
    pub keyword: String,
    /// What the keyword stands for after `And` and `But` are resolved: `given`, `when` or `then`.
    pub phase: String,
    pub text: String,
    pub line: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub table: Vec<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docstring: Option<String>,
    pub status: StepStatus,
    /// Milliseconds on the scenario's clock.
    pub started_ms: u64,
    pub duration_ms: u64,
    /// What the step saw, as one readable sentence fragment: "+odown after 0.6 s, #quorum 1/1".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// Source of the step's function, `src/steps/roles.rs:31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The parameters of its sentence, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
}

/// A parameter of a sentence, as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Word {
    /// Of the parameter: `nodes`, `duration`, `observable`.
    pub name: String,
    pub text: String,
}

/// Why a step did not pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// A lower-case fragment that fits "failed to ...", or a statement of what happened instead.
    pub message: String,
    /// `assertion` (a `Then` saw something else), `refused` (the server said no), `limit` (a time limit ran out), `crash` (a server ended by itself), `fault` (did not bite or heal),
    /// `overtime` (a limit of ours ran out), `unwatched` (a time the sentence speaks of was not watched), `ended` (a server was ended from outside), `stall` (this program was not scheduled),
    /// `engine`, `scenario`, `interrupted`, `panic`.
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// Values seen, oldest first, each with its times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<String>,
}

/// What a node said of itself when something failed; the log lies beside the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeSnapshot {
    pub node: String,
    /// `running`, `paused`, `exited (137)`.
    pub state: String,
    /// Question and answer, such as `ROLE`, `INFO replication`, `CLUSTER NODES`.
    pub answers: Vec<(String, String)>,
    /// Path of the node's log, relative to the run's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}
