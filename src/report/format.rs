//! How times, names and numbers are written in every report.
//!
//! You are in the right place when the same thing is written in two ways in two reports.

use crate::printable::printable;
use crate::record::hash::feature_key;
use crate::record::{RunRecord, ScenarioRecord};

/// Milliseconds as a person reads them: `80 ms`, `6.4 s`, `2 min 5 s`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// `1 scenario`, `2 scenarios`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The scenario as a test: `sentinel::quorum::a_minority_elects_nobody`, without its server.
pub fn test_name(scenario: &ScenarioRecord) -> String {
    format!("{}/{}", feature_key(&scenario.feature), scenario.slug).replace('/', "::").replace('-', "_")
}

/// The command that plays a scenario once more and keeps its deployment.
pub fn again(record: &RunRecord, scenario: &ScenarioRecord) -> String {
    let default = record.servers.len() == 1 && record.servers.iter().all(|s| s.name == scenario.server);
    let server = if default { String::new() } else { format!(" --server {}", scenario.server) };
    printable(&format!("rehearsal run {}:{}{server} --keep", scenario.feature, scenario.line)).replace('\n', " ")
}

/// How long the run took, when both its ends are known.
pub fn run_time(record: &RunRecord) -> Option<u64> {
    let started: jiff::Timestamp = record.started.parse().ok()?;
    let finished: jiff::Timestamp = record.finished.as_deref()?.parse().ok()?;
    u64::try_from(finished.as_millisecond() - started.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_unit_a_person_would_take() {
        assert_eq!([80, 999, 1_000, 6_449, 59_999, 125_000].map(duration), ["80 ms", "999 ms", "1.0 s", "6.4 s", "59.9 s", "2 min 5 s"]);
    }

    #[test]
    fn a_scenario_is_a_test() {
        let (record, _) = crate::report::sample::run();
        assert_eq!(test_name(&record.scenarios[0]), "sentinel::quorum::a_minority_elects_nobody");
        assert_eq!(run_time(&record), Some(92_000));
    }
}
