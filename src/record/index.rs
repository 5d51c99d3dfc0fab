//! The index of a run: one small entry a scenario, enough for a summary without opening the evidence.

use super::{Control, ServerRecord, Timings, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// `record.json`: the index of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    pub schema: u32,
    /// Run id, sorts by time.
    pub run: String,
    /// RFC 3339, UTC.
    pub started: String,
    /// When it came to its end; missing when it was killed, when a server could not be prepared, or when the record could not be written any more.
    pub finished: Option<String>,
    /// Version of this program.
    pub rehearsal: String,
    pub host: Host,
    /// Getting images and asking every server who it is, before the first scenario.
    #[serde(default)]
    pub preparation_ms: u64,
    pub servers: Vec<ServerRecord>,
    pub scenarios: Vec<ScenarioRecord>,
    /// What was selected, by server, written before any server is prepared: what is missing in `scenarios` was not played. Missing in records from before this was noted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planned: Vec<Planned>,
    /// What ended the run early: a signal such as `SIGINT`, or its own limit in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// Seed of the order in which it was played, when that was shuffled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shuffle: Option<u64>,
    /// Which part of the scenarios it played: `2/5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// The runs it was joined from; empty for one that was played.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<String>,
    /// Whether a flaky pass was to end the run as a failure does (`--flaky fail`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub flaky_fails: bool,
}

/// The scenarios that were selected for a server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Planned {
    pub server: String,
    /// `sentinel/quorum#a-minority-elects-nobody`
    pub scenarios: Vec<String>,
}

/// Where a run took place. Of a joined run: all machines together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    pub os: String,
    pub cpus: usize,
    pub memory_mib: u64,
    /// Docker engine version.
    pub engine: String,
}

/// How often a repeated scenario passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stress {
    pub passed: usize,
    pub played: usize,
}

/// An attempt that did not pass and was followed by another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    pub verdict: Verdict,
    pub duration_ms: u64,
    /// First line of what went wrong, with the feature line it went wrong at.
    pub failure: Option<(usize, String)>,
    /// Its evidence, relative to the run's folder; beside the scenarios, so that it is nobody's newest.
    pub evidence: String,
}

/// One scenario on one server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRecord {
    /// Path from the project's root: `features/sentinel/quorum.feature`.
    pub feature: String,
    pub line: usize,
    /// Name of the rule it stands under.
    pub rule: Option<String>,
    pub name: String,
    pub slug: String,
    pub server: String,
    pub verdict: Verdict,
    /// Why it is not applicable or unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub control: Control,
    /// The faults whose absence nothing noticed, as written, when the control is missed: `"sentinel-3" is killed`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnoticed: Vec<String>,
    /// Why the control is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_reason: Option<String>,
    /// How often it was played until it passed or the retries ran out; 0 when it was not played.
    pub attempts: u32,
    /// The attempts before the one that counts, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Attempt>,
    pub text_hash: String,
    pub duration_ms: u64,
    /// Time that is neither a server's timer nor a stated wait.
    pub overhead_ms: u64,
    /// Where the time went.
    #[serde(default)]
    pub timings: Timings,
    /// It took longer than what the project calls slow.
    #[serde(default, skip_serializing_if = "is_false")]
    pub slow: bool,
    /// The run ended before it did: it is unknown, and nobody's fault.
    #[serde(default, skip_serializing_if = "is_false")]
    pub interrupted: bool,
    pub tags: Vec<String>,
    pub claims: Vec<String>,
    /// Present when it was repeated with `--stress`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stress: Option<Stress>,
    /// Evidence file, relative to the run's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// First line of what went wrong, with the feature line it went wrong at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<(usize, String)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What a missed control means, in words, of the faults whose absence nothing noticed.
pub fn passes_without(unnoticed: &[String]) -> String {
    match unnoticed {
        [] => "it passes without its fault too".to_owned(),
        faults => format!("it passes without this too: {}", faults.join("; ")),
    }
}

impl ScenarioRecord {
    /// `sentinel/quorum#a-minority-elects-nobody`: the id the book's directives use.
    pub fn id(&self) -> String {
        format!("{}#{}", super::hash::feature_key(&self.feature), self.slug)
    }

    /// What a missed control means, in words.
    pub fn passes_without(&self) -> String {
        passes_without(&self.unnoticed)
    }

    /// Why a control that was to be played has shown nothing, in words; `None` unless the control is unknown.
    pub fn without_control(&self) -> Option<String> {
        let reason = self.control_reason.as_deref().unwrap_or("no reason was recorded");
        (self.control == Control::Unknown).then(|| format!("its control could not be played: {reason}"))
    }

    /// Passed, but not at the first attempt.
    pub fn is_flaky(&self) -> bool {
        self.verdict == Verdict::Passed && self.attempts > 1
    }
}

impl RunRecord {
    /// A run that begins now and has played nothing yet.
    pub fn empty(run: &str) -> RunRecord {
        RunRecord {
            schema: super::SCHEMA,
            run: run.to_owned(),
            started: jiff::Timestamp::now().to_string(),
            finished: None,
            rehearsal: env!("CARGO_PKG_VERSION").to_owned(),
            host: Host::default(),
            preparation_ms: 0,
            servers: Vec::new(),
            scenarios: Vec::new(),
            planned: Vec::new(),
            interrupted: None,
            flaky_fails: false,
            shuffle: None,
            shard: None,
            joined: Vec::new(),
        }
    }

    /// What was selected and has no verdict, not even *unknown*: scenario and server, in the order of the plan.
    pub fn unplayed(&self) -> Vec<(&str, &str)> {
        let known: HashSet<(String, &str)> = self.scenarios.iter().map(|s| (s.id(), s.server.as_str())).collect();
        let all = self.planned.iter().flat_map(|plan| plan.scenarios.iter().map(|id| (id.as_str(), plan.server.as_str())));
        all.filter(|(id, server)| !known.contains(&((*id).to_owned(), *server))).collect()
    }

    /// How many scenarios have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.scenarios.iter().filter(|s| s.verdict == verdict).count()
    }
}
