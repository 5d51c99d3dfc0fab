//! The timeline in a few lines: what changed shortly before a step ended, on the clock that the `Then`s count by.
//!
//! You are in the right place when the lines below `timeline` in a failure leave out what mattered, or show what does not.

use crate::printable::printable;
use crate::record::{Entry, Evidence, Kind};
use crate::systems::{Nature, observable};

/// Lines that are shown.
const LINES: usize = 8;
/// A reader sees the tail of a long event on the evidence's page, not here.
const VALUE_WIDTH: usize = 60;

/// Milliseconds on the scenario's clock that everybody counts from: the last `When` was verified.
pub(super) fn zero(evidence: &Evidence) -> u64 {
    evidence.window_ms.map_or(0, |(_, verified)| verified)
}

/// `-0.23 s`, `2.28 s`: seen from zero.
pub(super) fn at(ms: u64, zero: u64) -> String {
    let (sign, distance) = if ms < zero { ("-", zero - ms) } else { ("", ms - zero) };
    format!("{sign}{}.{:02} s", distance / 1_000, distance % 1_000 / 10)
}

/// What happened before `end_ms`: every fault, the last changes of roles, and of everything else as much as there is room for.
pub(super) fn around(evidence: &Evidence, end_ms: u64) -> Vec<String> {
    let seen: Vec<&Entry> = changes(evidence).into_iter().filter(|entry| entry.first_ms <= end_ms).collect();
    let rank = |entry: &Entry| match entry.kind {
        Kind::Fault => 0,
        Kind::Role => 1,
        _ => 2,
    };
    let mut order: Vec<usize> = (0..seen.len()).collect();
    order.sort_by_key(|n| (rank(seen[*n]), std::cmp::Reverse(*n)));
    let faults = seen.iter().filter(|entry| entry.kind == Kind::Fault).count();
    let mut shown: Vec<usize> = order.into_iter().take(LINES.max(faults)).collect();
    shown.sort_unstable();
    let left_out = seen.len() - shown.len();
    let zero = zero(evidence);
    let mut lines: Vec<String> = shown.into_iter().map(|n| line(seen[n], zero, VALUE_WIDTH)).collect();
    if left_out > 0 {
        lines.push(format!("{:>9}  and {left_out} more: `rehearsal replay --scenario {}`", "", evidence.scenario.slug));
    }
    lines
}

/// The whole story, a line each.
pub(super) fn all(evidence: &Evidence) -> Vec<String> {
    let zero = zero(evidence);
    changes(evidence).into_iter().map(|entry| line(entry, zero, usize::MAX)).collect()
}

/// What changed, in order. Counters and positions go on all the time: they stand in the evidence and on the page only.
fn changes(evidence: &Evidence) -> Vec<&Entry> {
    let timeline = &evidence.timeline;
    // The first value of everything is where it began, no change.
    let changed = |entry: &Entry, index: usize| {
        let same = |e: &Entry| e.kind == entry.kind && e.name == entry.name && e.node == entry.node;
        matches!(entry.kind, Kind::Event | Kind::Fault) || timeline[..index].iter().any(same)
    };
    let counts = |entry: &Entry| match entry.kind {
        Kind::Value => observable::find(&entry.name).is_some_and(|observable| observable.nature == Nature::Decisive),
        Kind::Mark => false,
        Kind::Role | Kind::Event | Kind::Fault => true,
    };
    let mut seen: Vec<&Entry> = timeline.iter().enumerate().filter(|(n, e)| counts(e) && changed(e, *n)).map(|(_, e)| e).collect();
    seen.sort_by_key(|entry| entry.first_ms);
    seen
}

fn line(entry: &Entry, zero: u64, width: usize) -> String {
    let node = entry.node.as_deref().unwrap_or("-");
    let what = match entry.kind {
        Kind::Role => format!("is {}", entry.value),
        Kind::Fault if entry.last_ms > entry.first_ms => format!("{} until {}", entry.name, at(entry.last_ms, zero)),
        Kind::Fault => entry.name.clone(),
        _ => format!("{} {}", entry.name, entry.value),
    };
    let what = printable(&what).replace('\n', " ");
    let what = if what.chars().count() > width { what.chars().take(width - 3).chain("...".chars()).collect() } else { what };
    format!("{:>9}  {:<12} {what}", at(entry.first_ms, zero), printable(node)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_the_verified_fault() {
        assert_eq!([at(7_402, 7_402), at(7_177, 7_402), at(9_681, 7_402)], ["0.00 s", "-0.22 s", "2.27 s"]);
    }

    #[test]
    fn the_last_changes_are_shown_and_no_fault_is_forgotten() {
        let (_, mut evidence) = crate::report::sample::run();
        let evidence = &mut evidence[0];
        let before = around(evidence, u64::MAX);
        assert!(before.iter().any(|line| line.contains("killed")) && before.iter().any(|line| line.contains("is master")), "{before:#?}");
        assert!(!before.iter().any(|line| line.contains("offset")), "{before:#?}");
        for n in 0..20 {
            let event = Entry { name: format!("+event-{n}"), kind: Kind::Event, first_ms: 20_000 + n, ..evidence.timeline[0].clone() };
            evidence.timeline.push(event);
        }
        let after = around(evidence, u64::MAX);
        assert!(after.iter().any(|line| line.contains("killed")), "{after:#?}");
        assert!(after.iter().any(|line| line.contains("is master")), "{after:#?}");
        assert!(after.iter().any(|line| line.contains("+event-19")) && after.last().unwrap().contains(" more: "), "{after:#?}");
    }
}
