//! The numbers of a run, counted once for all reports.
//!
//! You are in the right place when two reports count differently, or when something is missing from the closing line.

use super::format;
use crate::record::{Control, RunRecord, ScenarioRecord, Verdict};

/// So many scenarios that were not played are named.
const NAMED: usize = 10;

/// Every verdict with its number, in the order people ask: `54 passed (2 flaky), 1 failed`. Verdicts nobody got are left out, except `passed`.
pub(super) fn counts(record: &RunRecord) -> Vec<(Verdict, String)> {
    let flaky = record.scenarios.iter().filter(|s| s.is_flaky()).count();
    let all = [Verdict::Passed, Verdict::Failed, Verdict::Unknown, Verdict::NotApplicable];
    let seen = all.into_iter().filter(|v| *v == Verdict::Passed || record.count(*v) > 0);
    seen.map(|verdict| {
        let name = verdict.to_string().replace('-', " ");
        let flaky = if verdict == Verdict::Passed && flaky > 0 { format!(" ({flaky} flaky)") } else { String::new() };
        (verdict, format!("{} {name}{flaky}", record.count(verdict)))
    })
    .collect()
}

/// `12 caught, 1 missed, 1 unknown`; `None` when no control was to be played.
pub(super) fn controls(record: &RunRecord) -> Option<String> {
    let number = |control: Control| record.scenarios.iter().filter(|s| s.control == control).count();
    let all = [Control::Caught, Control::Missed, Control::Unknown, Control::Mirrored].map(|c| (number(c), c));
    if all[..3].iter().all(|(n, _)| *n == 0) {
        return None;
    }
    let parts = all.iter().filter(|(n, _)| *n > 0).map(|(n, control)| format!("{n} {control}"));
    Some(parts.collect::<Vec<_>>().join(", "))
}

/// What a reader has to know about how the run came about, a sentence each: its order, its part of the whole, its end.
pub(super) fn circumstances(record: &RunRecord) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(controls(record).map(|controls| format!("controls: {controls}")));
    lines.extend(record.shuffle.map(|seed| format!("shuffled: --shuffle={seed} repeats the order")));
    lines.extend(record.shard.as_ref().map(|shard| format!("shard {shard}: the others are in other records")));
    if !record.joined.is_empty() {
        lines.push(format!("joined from {}", record.joined.join(", ")));
    }
    if record.finished.is_none() && record.interrupted.is_none() {
        lines.push("it has not come to its end: what is not in here was not played".to_owned());
    }
    lines.extend(unplayed(record));
    lines.extend(notes(record));
    let cut = || cut_short(record).unwrap_or_else(|| "what was not played counts as nothing".to_owned());
    lines.extend(record.interrupted.as_ref().map(|why| format!("interrupted by {why}: {}", cut())));
    lines
}

/// What was selected and has no verdict, by name; of many the first few.
fn unplayed(record: &RunRecord) -> Vec<String> {
    let all = record.unplayed();
    let were = if all.len() == 1 { "was" } else { "were" };
    let head = (!all.is_empty()).then(|| format!("{} {were} not played:", format::count(all.len(), "scenario")));
    let shown = all.iter().take(NAMED).map(|(id, server)| format!("  {id} on {server}"));
    let more = all.len().checked_sub(NAMED).filter(|more| *more > 0).map(|more| format!("  and {more} more"));
    head.into_iter().chain(shown).chain(more).collect()
}

/// `2 slow`: what is worth a word beside the verdicts; `None` when there is nothing.
fn notes(record: &RunRecord) -> Option<String> {
    let number = |with: fn(&ScenarioRecord) -> bool| record.scenarios.iter().filter(|s| with(s)).count();
    let slow = Some(number(|s| s.slow)).filter(|n| *n > 0).map(|n| format!("{n} slow"));
    let flaky = record.flaky_fails && record.scenarios.iter().any(ScenarioRecord::is_flaky);
    let flaky = flaky.then(|| "a flaky pass counts as a failure here".to_owned());
    let notes: Vec<String> = slow.into_iter().chain(flaky).collect();
    (!notes.is_empty()).then(|| notes.join(", "))
}

/// `3 scenarios were cut short or not played: ...`, in one line, since they are nobody's fault.
fn cut_short(record: &RunRecord) -> Option<String> {
    let cut = record.scenarios.iter().filter(|s| s.interrupted).count();
    let were = if cut == 1 { "was" } else { "were" };
    (cut > 0).then(|| format!("{} {were} cut short when the run ended, and counted as unknown", format::count(cut, "scenario")))
}

/// The scenarios with a verdict, in the record's order; those that a run's end has cut short are told of by [`cut_short`].
pub(super) fn with(record: &RunRecord, verdict: Verdict) -> Vec<&ScenarioRecord> {
    record.scenarios.iter().filter(|s| s.verdict == verdict && !s.interrupted).collect()
}

/// The scenarios that took longest, longest first.
pub(super) fn slowest(record: &RunRecord, number: usize) -> Vec<&ScenarioRecord> {
    let mut scenarios: Vec<&ScenarioRecord> = record.scenarios.iter().filter(|s| s.attempts > 0).collect();
    scenarios.sort_by_key(|s| std::cmp::Reverse(s.duration_ms));
    scenarios.truncate(number);
    scenarios
}

/// `on redis-7.0 and redis-8.0 in 1 min 32 s`.
pub(super) fn setting(record: &RunRecord) -> String {
    let names: Vec<&str> = record.servers.iter().map(|s| s.name.as_str()).collect();
    let on = match names.as_slice() {
        [] => String::new(),
        [one] => format!(" on {one}"),
        [rest @ .., last] => format!(" on {} and {last}", rest.join(", ")),
    };
    let time = format::run_time(record).map(|ms| format!(" in {}", format::duration(ms))).unwrap_or_default();
    format!("{on}{time}")
}
