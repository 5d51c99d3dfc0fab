//! A measurement as it is kept: every run's phases, what they come to, and on what, where and when it was measured.

use super::phases::{Moments, PHASES, RECONFIGURE};
use super::statistics::Summary;
use crate::record::{Host, ServerRecord, Stall, numbers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the file's shape.
pub const SCHEMA: u32 = 1;
/// What a group summarises beside the phases: from the last sign of life to the first accepted write.
pub const OUTAGE: &str = "outage";

/// One measurement on one server: `target/rehearsal/measures/NAME@SERVER.json`. All times are milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    pub schema: u32,
    /// `failover-sentinel`
    pub name: String,
    pub topology: String,
    /// The directive that was varied.
    pub timer: String,
    /// Id of the run, whose folder below `target/rehearsal/measure/runs` has the evidence.
    pub run: String,
    /// RFC 3339, UTC: when it began.
    pub measured: String,
    /// Version of this program.
    pub rehearsal: String,
    pub server: ServerRecord,
    pub host: Host,
    /// How many runs were played side by side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<usize>,
    /// A write was due every so many milliseconds: what bounds the precision of the outage.
    pub every_ms: u64,
    /// What ended it before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<String>,
    /// One a value of the timer, smallest first.
    pub groups: Vec<Group>,
}

/// All runs with one value of the timer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub timer_ms: u64,
    /// No outage can be shorter: the timer and the protocol's own delays.
    pub lower_bound_ms: u64,
    pub asked: usize,
    pub runs: Vec<Run>,
    /// Runs that are not in the numbers, each with the reason.
    pub incomplete: Vec<Incomplete>,
    /// By phase, and `outage`, in milliseconds.
    pub summary: BTreeMap<String, Summary>,
    /// The outage as a multiple of its lower bound.
    pub ratio: Option<Summary>,
}

/// One complete run. Its moments are on its own clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub run: usize,
    pub moments: Moments,
    /// Milliseconds by phase, and `outage`.
    pub phases: BTreeMap<String, u64>,
    /// How long this program was not scheduled meanwhile: what it saw then, it saw late.
    #[serde(default)]
    pub stalled_ms: u64,
}

/// A run without numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incomplete {
    pub run: usize,
    /// `failed`, `unknown`, or `passed` where a moment is missing from its evidence.
    pub verdict: String,
    pub reason: String,
}

impl Run {
    /// Of the moments of a run.
    ///
    /// # Errors
    /// Which moment is missing.
    pub fn of(run: usize, moments: Moments) -> Result<Run, String> {
        let spans = moments.spans();
        let missing = PHASES.iter().find(|name| !spans.iter().any(|span| span.name == **name));
        let told = moments.reconfiguration();
        let missing = missing.copied().or_else(|| told.is_none().then_some(RECONFIGURE));
        if let Some(phase) = missing {
            return Err(format!("nobody recorded the end of the phase `{phase}`"));
        }
        let outage = moments.outage_ms().map(|ms| (OUTAGE.to_owned(), ms));
        let phases = spans.into_iter().chain(told).map(|span| (span.name, span.to_ms.saturating_sub(span.from_ms))).chain(outage).collect();
        Ok(Run { run, moments, phases, stalled_ms: 0 })
    }
}

impl Run {
    /// Notes the times in which this program was not scheduled, as far as they fall between the kill and the last moment.
    #[must_use]
    pub fn stalled(mut self, stalls: &[Stall]) -> Run {
        let end = self.moments.written_ms.max(self.moments.reconfigured_ms).unwrap_or(0);
        let within = stalls.iter().filter(|stall| stall.at_ms <= end && stall.at_ms + stall.lasted_ms >= self.moments.killed_ms);
        self.stalled_ms = within.map(|stall| stall.lasted_ms).sum();
        self
    }
}

impl Group {
    /// What the runs come to. No outage can be shorter than the lower bound.
    pub fn of(timer_ms: u64, lower_bound_ms: u64, asked: usize, mut runs: Vec<Run>, incomplete: Vec<Incomplete>) -> Group {
        runs.sort_by_key(|run| run.run);
        let values = |name: &str| runs.iter().filter_map(|run| run.phases.get(name)).map(|ms| *ms as f64).collect::<Vec<f64>>();
        let names = PHASES.into_iter().chain([RECONFIGURE, OUTAGE]);
        let summary = names.filter_map(|name| Some((name.to_owned(), Summary::of(values(name))?))).collect();
        let ratio = Summary::of(values(OUTAGE).into_iter().map(|ms| ms / lower_bound_ms as f64));
        Group { timer_ms, lower_bound_ms, asked, runs, incomplete, summary, ratio }
    }

    pub fn summary_of(&self, name: &str) -> Option<&Summary> {
        self.summary.get(name)
    }

    /// Runs in which this program was not scheduled for a while, and the longest such time in one run, in milliseconds.
    pub fn stalled(&self) -> Option<(usize, u64)> {
        let stalled = self.runs.iter().map(|run| run.stalled_ms).filter(|ms| *ms > 0);
        Some((stalled.clone().count(), stalled.max()?))
    }

    /// How many votes were begun beyond one a run: because one was split, or since two candidates each raised the epoch.
    pub fn further_votes(&self) -> u32 {
        self.runs.iter().map(|run| run.moments.elections.saturating_sub(1)).sum()
    }
}

impl Measure {
    /// `failover-sentinel@redis-7.0.json`
    pub fn file_name(&self) -> String {
        format!("{}@{}.json", self.name, self.server.name)
    }

    /// A kept measurement.
    ///
    /// # Errors
    /// It is no such file, or one of another version of this program.
    pub fn read(text: &str) -> Result<Measure, String> {
        let measure: Measure = numbers::read(text.as_bytes()).map_err(|error| error.to_string())?;
        if measure.schema == SCHEMA {
            Ok(measure)
        } else {
            Err(format!("it has schema {}, this program reads {SCHEMA}: measure again", measure.schema))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(written: Option<u64>) -> Moments {
        Moments {
            killed_ms: 1000,
            detected_ms: Some(3000),
            agreed_ms: Some(3100),
            elected_ms: Some(3200),
            promoted_ms: Some(3400),
            written_ms: written,
            reconfigured_ms: Some(4400),
            elections: 2,
        }
    }

    #[test]
    fn a_group_has_every_phase_and_its_ratio() {
        let run = |n, at| Run::of(n, moments(Some(at))).unwrap();
        let group = Group::of(2000, 2208, 3, vec![run(2, 3600), run(1, 3500)], vec![]);
        assert_eq!(group.runs[0].run, 1);
        assert_eq!(group.summary[OUTAGE].median, 2550.0);
        assert_eq!((group.summary["detect"].median, group.summary[RECONFIGURE].max), (2000.0, 1000.0));
        assert_eq!((group.summary.len(), group.further_votes()), (7, 2));
        let stalls = [Stall { at_ms: 500, lasted_ms: 100 }, Stall { at_ms: 900, lasted_ms: 300 }, Stall { at_ms: 4000, lasted_ms: 200 }];
        assert_eq!(run(1, 3500).stalled(&stalls).stalled_ms, 500, "the first one was over before the kill");
        assert!((group.ratio.unwrap().max - 2600.0 / 2208.0).abs() < 1e-9);
    }

    #[test]
    fn a_run_without_a_moment_is_not_in_the_numbers() {
        assert!(Run::of(1, moments(None)).unwrap_err().contains("`write`"));
        let unseen = Moments { detected_ms: None, ..moments(Some(3500)) };
        assert!(Run::of(1, unseen).unwrap_err().contains("`detect`"));
    }

    #[test]
    fn another_version_is_not_read() {
        let text = r#"{"schema":9,"name":"a","topology":"","timer":"","run":"","measured":"","rehearsal":"","server":{"name":"s","image":"","image_id":"","route":"","version":"","build_id":""},"host":{"os":"","cpus":1,"memory_mib":1,"engine":""},"every_ms":10,"groups":[]}"#;
        assert!(Measure::read(text).unwrap_err().contains("schema 9"));
        assert_eq!(Measure::read(&text.replace('9', "1")).unwrap().file_name(), "a@s.json");
    }
}
