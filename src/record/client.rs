//! What the client of a scenario that wrote at a steady rate came away with: counts, gaps, and how it went over time. Not every call: those lie beside the logs.
//!
//! You are in the right place for what a report or the book can say about such a client; how the numbers are found stands in `workload/tally.rs`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A client's numbers. All times are milliseconds on the scenario's clock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientRecord {
    /// Where it sent its writes: `the master`, `the Sentinels`, `the cluster`, or a node's name.
    pub through: String,
    /// A write was due every so many milliseconds, whatever became of the ones before.
    pub every_ms: u64,
    /// When its first write was due.
    pub started_ms: u64,
    /// When it stopped, or the scenario ended.
    pub stopped_ms: u64,
    /// Gaps and stale reads count from here: the beginning of the last block of `When`s. Writes and losses count from the first write.
    pub counted_from_ms: u64,
    pub writes: u32,
    pub acknowledged: u32,
    /// An error came back. Whether the write was done may still be open: a cluster client tells of its own limits in the same way.
    pub refused: u32,
    /// Nothing came back in time, or the connection broke: the write may or may not have been done.
    pub unanswered: u32,
    /// Reads that were answered.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reads: u32,
    /// Reads that did not show a write which had been acknowledged before they were sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub stale: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_acknowledged_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_acknowledged_ms: Option<u64>,
    /// The longest time without a successful write, from and to. Through a Cluster, without one to a key of the worst shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_gap_ms: Option<(u64, u64)>,
    /// Through a Cluster: the node whose slots those keys lay in when the client started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_shard: Option<String>,
    /// The most frequent errors of its writes, each with how often it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<(String, u32)>,
    /// How late the latest call was sent, against its schedule: what is measured below this is the client's own.
    pub late_ms: u64,
    /// What was found in the end, if a step looked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// Width of a slice.
    pub slice_ms: u64,
    /// How it went over time, from `started_ms` on, by when writes were due: acknowledged, and refused or unanswered.
    pub slices: Vec<(u32, u32)>,
    /// Every call, a line each, relative to the run's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<String>,
}

/// What a look for every write found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// Where it was looked for.
    pub on: String,
    /// Acknowledged writes that are not there.
    pub lost: u32,
    /// When the first and the last of them were acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_ms: Option<(u64, u64)>,
    /// Writes that are there more than once.
    pub duplicated: u32,
    /// Writes that are there although the client was not told so.
    pub unacknowledged: u32,
}

impl ClientRecord {
    /// The numbers in one or two lines.
    pub fn told(&self) -> Vec<String> {
        let mut first = format!("a write every {} ms through {}: {} of {} acknowledged", self.every_ms, self.through, self.acknowledged, self.writes);
        if !self.errors.is_empty() {
            let errors: Vec<String> = self.errors.iter().map(|(text, count)| format!("{text} ({count})")).collect();
            first += &format!(", {} refused, {} unanswered: {}", self.refused, self.unanswered, errors.join(", "));
        }
        let mut second = Vec::new();
        if let Some(found) = &self.found {
            second.push(found.told());
        }
        if let Some((from, to)) = self.longest_gap_ms {
            let shard = self.gap_shard.as_ref().map_or(String::new(), |node| format!(" to the keys of {node}"));
            second.push(format!("longest time without a successful write{shard} {}, from {} on", seconds(to.saturating_sub(from)), seconds(from)));
        }
        if self.reads > 0 {
            second.push(format!("{} of {} reads stale", self.stale, self.reads));
        }
        let second = second.join("; ");
        [first, second].into_iter().filter(|line| !line.is_empty()).collect()
    }
}

impl Found {
    /// `37 acknowledged writes lost (acknowledged 1.20 s ... 1.57 s), 0 duplicated, 2 kept without acknowledgement, on replica-1`
    pub fn told(&self) -> String {
        let when = self.lost_ms.map_or(String::new(), |(from, to)| format!(" (acknowledged {} ... {})", seconds(from), seconds(to)));
        format!(
            "{} acknowledged writes lost{when}, {} duplicated, {} kept without acknowledgement, on {}",
            self.lost, self.duplicated, self.unacknowledged, self.on
        )
    }
}

fn seconds(ms: u64) -> String {
    format!("{:.2} s", ms as f64 / 1000.0)
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
