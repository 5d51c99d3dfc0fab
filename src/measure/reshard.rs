//! What a reshard costs: slots with so many keys each are moved by `redis-cli --cluster reshard`, and the time is taken apart into what a slot costs and what a key costs.
//!
//! You are in the right place for what is played for it and what its numbers mean. In each run one slot is moved first, then many: both moves start redis-cli, look at the whole
//! cluster and plan, so that their difference is the slots alone. What a key costs is the slope of a slot's time over the number of keys in it.

use super::Call;
use super::statistics::Summary;
use crate::record::{Evidence, Host, ServerRecord, Stall, StepRecord, Verdict, numbers};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Name of the measurement, and of its chart.
pub const NAME: &str = "reshard-cluster";
/// Name of the topology on which it is played.
pub const TOPOLOGY: &str = "cluster";
/// Version of the file's shape.
pub const SCHEMA: u32 = 1;
/// Slots of the second move, without the one that the first has moved already.
pub const SLOTS: u32 = 100;
/// A write is due every so many milliseconds while slots move.
pub const EVERY_MS: u64 = 10;
/// Keys in each slot that are measured unless others are given.
pub const USUAL_KEYS: &[u64] = &[0, 10, 50, 200];
/// Bytes of a value unless others are given.
pub const USUAL_BYTES: u64 = 100;
/// How the moves' steps begin.
const MOVES: &str = "redis-cli moves ";

/// The feature that is played.
pub fn feature(keys: &[u64], bytes: u64, runs: usize) -> String {
    let mut text = String::from("Feature: Measured\n  A reshard, again and again.\n\n");
    for run in 1..=runs {
        for keys in keys {
            scenario(&mut text, *keys, bytes, run);
        }
    }
    text
}

/// The first `When` waits for the recorder, and so must be none of the two that are timed.
fn scenario(out: &mut String, keys: u64, bytes: u64, run: usize) {
    let filled = SLOTS + 1;
    let _ = writeln!(
        out,
        "  @id:{}\n  Scenario: A reshard of slots with {keys} keys each, run {run}\n    \
         Given the \"loose-cluster\" topology\n    \
         And redis-cli creates a cluster of \"node-1\", \"node-2\" and \"node-3\"\n    \
         And redis-cli adds \"node-4\" to the cluster of \"node-1\"\n    \
         And each of the first {filled} slots of \"node-1\" holds {keys} keys of {bytes} bytes\n    \
         And a client writes every {EVERY_MS} milliseconds through the cluster\n    \
         When 1 second passes\n    \
         And {MOVES}1 slot from \"node-1\" to \"node-4\"\n    \
         Then redis-cli succeeds\n    \
         When {MOVES}{SLOTS} slots from \"node-1\" to \"node-4\"\n    \
         Then redis-cli succeeds\n    \
         When the client stops\n    \
         Then no acknowledged write is lost\n    \
         And \"node-4\" serves {filled} slots with {keys} keys each\n",
        slug(keys, run)
    );
}

/// A run's name within its measurement: `50-keys-run-3`.
pub fn slug(keys: u64, run: usize) -> String {
    format!("{keys}-keys-run-{run}")
}

/// Keys in a slot and number of a run, from its name.
pub fn of_slug(slug: &str) -> Option<(u64, usize)> {
    let (keys, run) = slug.split_once("-keys-run-")?;
    Some((keys.parse().ok()?, run.parse().ok()?))
}

/// One measurement on one server: `target/rehearsal/measures/reshard-cluster@SERVER.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reshard {
    pub schema: u32,
    pub name: String,
    /// Id of the run, whose folder below `target/rehearsal/measure/runs` has the evidence.
    pub run: String,
    /// RFC 3339, UTC: when it began.
    pub measured: String,
    /// Version of this program.
    pub rehearsal: String,
    pub server: ServerRecord,
    pub host: Host,
    /// How many runs were played side by side.
    pub jobs: usize,
    /// How many slots the time of one is taken from.
    pub slots: u32,
    /// Length of a value.
    pub value_bytes: u64,
    /// A client's write was due every so many milliseconds.
    pub every_ms: u64,
    /// What ended it before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// One a number of keys in a slot, smallest first.
    pub groups: Vec<Group>,
    /// What a key costs; none where only one number of keys was measured.
    pub key: Option<Slope>,
}

/// All runs with one number of keys in each slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub keys: u64,
    pub asked: usize,
    pub runs: Vec<Run>,
    /// Runs that are not in the numbers, each with the reason.
    pub incomplete: Vec<super::Incomplete>,
    /// Milliseconds for a slot with its keys.
    pub slot_ms: Option<Summary>,
    /// Milliseconds that the first move took, of a single slot: mostly redis-cli itself.
    pub first_ms: Option<Summary>,
    /// Milliseconds of the client's slowest acknowledged write while slots moved, by run.
    pub slowest_ms: Option<Summary>,
}

/// One complete run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub run: usize,
    /// The move of one slot, in milliseconds.
    pub one_ms: u64,
    /// The move of [`SLOTS`] slots.
    pub many_ms: u64,
    /// What one of them took: the difference of the two, divided by that of their slots.
    pub slot_ms: f64,
    /// The client's slowest acknowledged write that was under way meanwhile.
    pub slowest_ms: u64,
    /// How long this program was not scheduled meanwhile: what it saw then, it saw late.
    #[serde(default)]
    pub stalled_ms: u64,
}

/// A straight line through the time of a slot over the number of its keys, by Theil and Sen: of every two runs with different numbers of keys the slope of the line through both, and
/// of all these the median. A run that was disturbed moves it little.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Slope {
    /// Microseconds a key: the spread of all pairs.
    pub key_us: Summary,
    /// Milliseconds a slot costs before its first key, by that line.
    pub slot_ms: f64,
}

impl Run {
    /// Of a played run.
    ///
    /// # Errors
    /// Why it has no numbers.
    pub fn of(run: usize, evidence: &Evidence, calls: &[Call]) -> Result<Run, String> {
        if evidence.scenario.verdict != Verdict::Passed {
            return Err(format!("it {}", evidence.scenario.verdict));
        }
        let moves: Vec<&StepRecord> = evidence.steps.iter().filter(|step| step.text.starts_with(MOVES)).collect();
        let [one, many] = moves.as_slice() else { return Err(format!("{} moves are recorded, not two", moves.len())) };
        let (from, to) = (many.started_ms, many.started_ms + many.duration_ms);
        let meanwhile = calls.iter().filter(|call| call.is_acknowledged_write() && call.sent_ms < to && call.ended_ms > from);
        let slowest_ms =
            meanwhile.map(|call| call.ended_ms.saturating_sub(call.sent_ms)).max().ok_or("no write of the client was acknowledged meanwhile")?;
        let slot_ms = (many.duration_ms as f64 - one.duration_ms as f64) / f64::from(SLOTS - 1);
        if slot_ms <= 0.0 {
            return Err(format!(
                "one slot took {} ms and {SLOTS} took {} ms: the machine was busy with something else",
                one.duration_ms, many.duration_ms
            ));
        }
        let stalled_ms = stalled(&evidence.stalls, one.started_ms, to);
        Ok(Run { run, one_ms: one.duration_ms, many_ms: many.duration_ms, slot_ms, slowest_ms, stalled_ms })
    }
}

fn stalled(stalls: &[Stall], from: u64, to: u64) -> u64 {
    stalls.iter().filter(|stall| stall.at_ms <= to && stall.at_ms + stall.lasted_ms >= from).map(|stall| stall.lasted_ms).sum()
}

impl Group {
    /// What the runs come to.
    pub fn of(keys: u64, asked: usize, mut runs: Vec<Run>, incomplete: Vec<super::Incomplete>) -> Group {
        runs.sort_by_key(|run| run.run);
        let slot_ms = Summary::of(runs.iter().map(|run| run.slot_ms));
        let first_ms = Summary::of(runs.iter().map(|run| run.one_ms as f64));
        let slowest_ms = Summary::of(runs.iter().map(|run| run.slowest_ms as f64));
        Group { keys, asked, runs, incomplete, slot_ms, first_ms, slowest_ms }
    }

    /// Runs in which this program was not scheduled for a while, and the longest such time in one run, in milliseconds.
    pub fn stalled(&self) -> Option<(usize, u64)> {
        let stalled = self.runs.iter().map(|run| run.stalled_ms).filter(|ms| *ms > 0);
        Some((stalled.clone().count(), stalled.max()?))
    }
}

impl Slope {
    /// Through all runs; none where there is only one number of keys.
    pub fn through(groups: &[Group]) -> Option<Slope> {
        let points: Vec<(f64, f64)> = groups.iter().flat_map(|group| group.runs.iter().map(|run| (group.keys as f64, run.slot_ms))).collect();
        let pairs = points.iter().enumerate().flat_map(|(n, a)| points[n + 1..].iter().map(move |b| (a, b)));
        let slopes = pairs.filter(|(a, b)| a.0 != b.0).map(|(a, b)| (b.1 - a.1) / (b.0 - a.0) * 1000.0);
        let key_us = Summary::of(slopes)?;
        let slot_ms = Summary::of(points.iter().map(|(keys, ms)| ms - keys * key_us.median / 1000.0))?.median;
        Some(Slope { key_us, slot_ms })
    }
}

impl Reshard {
    /// `reshard-cluster@redis-7.0.json`
    pub fn file_name(&self) -> String {
        format!("{NAME}@{}.json", self.server.name)
    }

    /// A kept measurement.
    ///
    /// # Errors
    /// It is no such file, or one of another version of this program.
    pub fn read(text: &str) -> Result<Reshard, String> {
        let reshard: Reshard = numbers::read(text.as_bytes()).map_err(|error| error.to_string())?;
        if reshard.schema == SCHEMA {
            Ok(reshard)
        } else {
            Err(format!("it has schema {}, this program reads {SCHEMA}: measure again", reshard.schema))
        }
    }
}

#[cfg(test)]
#[path = "reshard_tests.rs"]
mod tests;
