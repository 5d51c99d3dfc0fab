//! Attempts of one scenario: which are followed by another, and which of several counts.
//!
//! A pass counts, and is flaky if it was not the first. Without one the worst counts: a failure is not taken back because the next attempt found the engine gone.

use crate::record::merge::badness;
use crate::record::{Attempt, Evidence, ScenarioRecord, Verdict};
use std::collections::HashMap;

/// Scenario and server.
pub type Key = (String, String);

/// Attempts that did not pass, of scenarios that are to be played again.
#[derive(Debug, Default)]
pub struct Retries {
    most: u32,
    earlier: HashMap<Key, Vec<(Evidence, String)>>,
}

/// What counts in the end.
pub struct Settled {
    pub evidence: Evidence,
    /// Whether it is that of the attempt that has just ended.
    pub newest: bool,
}

pub fn key(scenario: &ScenarioRecord) -> Key {
    (scenario.id(), scenario.server.clone())
}

impl Retries {
    pub fn new(most: u32) -> Retries {
        Retries { most, earlier: HashMap::new() }
    }

    /// The number of the attempt that is to follow; `None` when this one was the last. An interruption is nobody's fault and not repeated.
    pub fn next(&self, scenario: &ScenarioRecord) -> Option<u32> {
        let played = self.earlier.get(&key(scenario)).map_or(0, Vec::len) as u32 + 1;
        let bad = matches!(scenario.verdict, Verdict::Failed | Verdict::Unknown) && !scenario.interrupted;
        (bad && played <= self.most).then_some(played + 1)
    }

    /// Keeps an attempt that is followed by another; `path` is where its evidence lies.
    pub fn keep(&mut self, evidence: Evidence, path: String) {
        self.earlier.entry(key(&evidence.scenario)).or_default().push((evidence, path));
    }

    /// The last attempt of a scenario.
    pub fn settle(&mut self, newest: Evidence) -> Settled {
        let mut attempts = self.earlier.remove(&key(&newest.scenario)).unwrap_or_default();
        if newest.scenario.interrupted && !attempts.is_empty() {
            return Settled { evidence: worst(attempts), newest: false };
        }
        let at_least = |evidence: &Evidence| badness(evidence.scenario.verdict) <= badness(newest.scenario.verdict);
        if newest.scenario.verdict == Verdict::Passed || attempts.iter().all(|(evidence, _)| at_least(evidence)) {
            return Settled { evidence: with(newest, attempts), newest: true };
        }
        // It is not the worst, but the reader is told of it all the same.
        let path = newest.scenario.evidence.clone().unwrap_or_default();
        attempts.push((newest, path));
        Settled { evidence: worst(attempts), newest: false }
    }

    /// What counts of a scenario whose next attempt will not be played.
    pub fn abandon(&mut self, key: &Key) -> Option<Evidence> {
        self.earlier.remove(key).map(worst)
    }
}

/// The worst, the latest of several.
fn worst(mut attempts: Vec<(Evidence, String)>) -> Evidence {
    let worst = attempts.iter().enumerate().max_by_key(|(_, (evidence, _))| badness(evidence.scenario.verdict)).map_or(0, |(n, _)| n);
    let (evidence, _) = attempts.remove(worst);
    with(evidence, attempts)
}

/// The evidence that counts, with the other attempts noted in it.
fn with(mut evidence: Evidence, others: Vec<(Evidence, String)>) -> Evidence {
    evidence.scenario.attempts = others.len() as u32 + 1;
    evidence.scenario.earlier = others.into_iter().map(|(other, path)| attempt(other.scenario, path)).collect();
    evidence
}

fn attempt(scenario: ScenarioRecord, evidence: String) -> Attempt {
    let failure = scenario.failure.map(|(line, text)| (line, text.lines().next().unwrap_or_default().to_owned()));
    Attempt { verdict: scenario.verdict, duration_ms: scenario.duration_ms, failure, evidence }
}

#[cfg(test)]
#[path = "retries_tests.rs"]
mod tests;
