//! What can be said about a steady client, counted from its calls: acknowledged, lost, duplicated, stale, and the longest time without a successful write.
//!
//! Pure: come here for what a number means.

use super::journal::{Call, Kind, Outcome};
use crate::record::{ClientRecord, Found};
use std::collections::BTreeMap;

/// Slices of time in a record.
const SLICES: u64 = 100;
/// Different errors that are told.
const ERRORS: usize = 4;

/// Which writes are where they should be. `present` says of each write how often it is there.
///
/// An acknowledged write that is not there is *lost*. One that is there without having been acknowledged is neither lost nor wrong: nobody told the client either way.
pub fn found(calls: &[Call], present: &BTreeMap<u32, u32>, on: &str) -> Found {
    let writes = || calls.iter().filter(|call| call.kind == Kind::Append);
    let there = |call: &&Call| present.contains_key(&call.number);
    let lost: Vec<&Call> = writes().filter(|call| call.outcome == Outcome::Acknowledged && !there(call)).collect();
    let times = || lost.iter().map(|call| call.ended_ms);
    Found {
        on: on.to_owned(),
        lost: lost.len() as u32,
        lost_ms: times().min().zip(times().max()),
        duplicated: present.values().filter(|count| **count > 1).count() as u32,
        unacknowledged: writes().filter(|call| call.outcome != Outcome::Acknowledged && there(call)).count() as u32,
    }
}

/// Fills in everything that is counted, between the times the record already has. `shards` are the nodes of a Cluster with the keys that lay in their slots: of each the longest gap counts
/// for itself, since the keys of a shard that is away wait while all the others go on. Without shards all keys are one.
pub fn count(calls: &[Call], shards: &[(String, Vec<String>)], record: ClientRecord) -> ClientRecord {
    let writes: Vec<&Call> = calls.iter().filter(|call| call.kind == Kind::Append).collect();
    let mut acknowledged: Vec<u64> = writes.iter().filter(|call| call.outcome == Outcome::Acknowledged).map(|call| call.ended_ms).collect();
    acknowledged.sort_unstable();
    let read = |wanted: &[Outcome]| {
        let reads = calls.iter().filter(|call| call.kind == Kind::Read && call.sent_ms >= record.counted_from_ms);
        reads.filter(|call| wanted.contains(&call.outcome)).count() as u32
    };
    let (longest_gap_ms, gap_shard) = match worst_gap(&writes, shards, &record) {
        Some((shard, gap)) => (Some(gap), Some(shard)),
        None => (longest_gap(&acknowledged, record.counted_from_ms, record.stopped_ms), None),
    };
    let slice_ms = (record.stopped_ms - record.started_ms).div_ceil(SLICES).max(record.every_ms).max(1);
    ClientRecord {
        writes: writes.len() as u32,
        acknowledged: acknowledged.len() as u32,
        refused: writes.iter().filter(|call| matches!(call.outcome, Outcome::Refused(_))).count() as u32,
        unanswered: writes.iter().filter(|call| matches!(call.outcome, Outcome::Unanswered(_) | Outcome::Pending)).count() as u32,
        reads: read(&[Outcome::Fresh, Outcome::Stale]),
        stale: read(&[Outcome::Stale]),
        first_acknowledged_ms: acknowledged.first().copied(),
        last_acknowledged_ms: acknowledged.last().copied(),
        longest_gap_ms,
        gap_shard,
        errors: errors(&writes),
        late_ms: calls.iter().filter(|call| call.kind != Kind::Set).map(|call| call.sent_ms.saturating_sub(call.scheduled_ms)).max().unwrap_or(0),
        slice_ms,
        slices: slices(&writes, record.started_ms, record.stopped_ms, slice_ms),
        ..record
    }
}

/// The longest gap of any shard, and whose it is.
fn worst_gap(writes: &[&Call], shards: &[(String, Vec<String>)], record: &ClientRecord) -> Option<(String, (u64, u64))> {
    let gaps = shards.iter().filter_map(|(node, keys)| {
        let own = writes.iter().filter(|call| call.outcome == Outcome::Acknowledged && keys.contains(&call.key));
        let mut times: Vec<u64> = own.map(|call| call.ended_ms).collect();
        times.sort_unstable();
        longest_gap(&times, record.counted_from_ms, record.stopped_ms).map(|gap| (node.clone(), gap))
    });
    gaps.max_by_key(|(_, (from, to))| to - from)
}

/// When a read was answered, by the time at which it was.
pub fn answered_reads(calls: &[Call]) -> impl Iterator<Item = u64> + '_ {
    let answered = |call: &&Call| call.kind == Kind::Read && matches!(call.outcome, Outcome::Fresh | Outcome::Stale);
    calls.iter().filter(answered).map(|call| call.ended_ms)
}

/// The longest stretch between two acknowledgements, or between one and an end of the time that is looked at. `times` are in order.
pub fn longest_gap(times: &[u64], from_ms: u64, to_ms: u64) -> Option<(u64, u64)> {
    // What was acknowledged before still ends where it ended: a gap that reaches into the time counts from its beginning there.
    let within = times.iter().copied().filter(|at| (from_ms..=to_ms).contains(at));
    let marks: Vec<u64> = std::iter::once(from_ms).chain(within).chain([to_ms]).collect();
    let gaps = marks.windows(2).map(|pair| (pair[0], pair[1]));
    // The first of equals.
    gaps.reduce(|best, next| if next.1.saturating_sub(next.0) > best.1.saturating_sub(best.0) { next } else { best }).filter(|(from, to)| to > from)
}

fn errors(writes: &[&Call]) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for call in writes {
        match &call.outcome {
            Outcome::Refused(line) => *counts.entry(line.chars().take(60).collect()).or_default() += 1,
            Outcome::Unanswered(line) => *counts.entry(line.chars().take(60).collect()).or_default() += 1,
            _ => {}
        }
    }
    let mut counts: Vec<(String, u32)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(ERRORS);
    counts
}

fn slices(writes: &[&Call], from_ms: u64, to_ms: u64, slice_ms: u64) -> Vec<(u32, u32)> {
    let mut slices = vec![(0, 0); (to_ms.saturating_sub(from_ms) / slice_ms + 1) as usize];
    for call in writes {
        let Some(slice) = slices.get_mut((call.scheduled_ms.saturating_sub(from_ms) / slice_ms) as usize) else { continue };
        match call.outcome {
            Outcome::Acknowledged => slice.0 += 1,
            _ => slice.1 += 1,
        }
    }
    slices
}
