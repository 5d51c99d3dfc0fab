//! Where a run's time went, for `--timings`. You are in the right place when the runner feels slow: what is not a server's timer and not a wait
//! that a scenario states is ours to remove.

use super::format::duration;
use super::paint::Paint;
use crate::record::{RunRecord, ScenarioRecord, Timings, Verdict};
use std::fmt::Write as _;

/// How many of the most expensive scenarios are shown.
const SHOWN: usize = 5;

/// A table of the run's time by what it was spent on, and the scenarios with the most overhead.
pub fn timings(record: &RunRecord, paint: Paint) -> String {
    let mut played: Vec<&ScenarioRecord> = record.scenarios.iter().filter(|s| s.verdict != Verdict::NotApplicable && s.duration_ms > 0).collect();
    let mut out = format!("\n{}\n", "where the time went");
    let mut row = |what: &str, ms: u64, note: &str| {
        let _ = writeln!(out, "  {:>9}  {what:<14} {}", duration(ms), paint.faint(note));
    };
    let sum = |of: fn(&Timings) -> u64| played.iter().map(|s| of(&s.timings)).sum::<u64>();
    row("preparation", record.preparation_ms, "once: images, and asking every server who it is");
    row("deployment", sum(|t| t.deployment_ms), "containers, networks, files, until every server runs");
    row("formation", sum(|t| t.formation_ms), "waiting until the servers had formed their group");
    row("server timers", sum(|t| t.servers_ms), "waiting for servers in steps");
    row("stated waits", sum(|t| t.stated_ms), "spans that scenarios state");
    row("teardown", sum(|t| t.teardown_ms), "healing, and leaving the place as new");
    row("ours", sum(|t| t.ours_ms), "the rest: the runner, its questions, its faults");
    played.sort_by_key(|s| std::cmp::Reverse(s.overhead_ms));
    let Some(median) = played.get(played.len() / 2) else { return out };
    let _ = writeln!(
        out,
        "  Summed over {} scenarios, several of which ran at a time. Overhead (deployment, teardown, ours): median {}.",
        played.len(),
        duration(median.overhead_ms)
    );
    for scenario in played.iter().take(SHOWN) {
        let t = scenario.timings;
        let parts = format!("deployment {}, teardown {}, ours {}", duration(t.deployment_ms), duration(t.teardown_ms), duration(t.ours_ms));
        let _ = writeln!(out, "  {:>9}  {}  {}  {}", duration(scenario.overhead_ms), scenario.id(), scenario.server, paint.faint(&parts));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn adds_up_and_names_the_most_expensive_first() {
        let mut record = sample::run().0;
        for (n, scenario) in record.scenarios.iter_mut().enumerate() {
            scenario.timings = Timings { deployment_ms: 1000 * n as u64, servers_ms: 500, ours_ms: 1, ..Timings::default() };
            scenario.overhead_ms = scenario.timings.overhead_ms();
            scenario.verdict = Verdict::Passed;
            scenario.duration_ms = 2000;
        }
        let text = timings(&record, Paint { colours: false });
        let played = record.scenarios.len() as u64;
        assert!(text.contains(&format!("{:>9}  server timers", duration(500 * played))), "{text}");
        let last = record.scenarios.last().unwrap().id();
        assert!(text.lines().find(|line| line.contains('#')).unwrap().contains(&last), "{text}");
    }
}
