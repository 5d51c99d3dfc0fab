//! What a played scenario, or one that was not played, leaves in the record, and what can be read off it afterwards.

use super::catalogue::Scenario;
use crate::record::{Control, Evidence, Failure, ScenarioRecord, Timings, Verdict};

/// The entry of a scenario that was not played on this server, for this reason.
pub fn unplayed(scenario: &Scenario, server: &str, verdict: Verdict, reason: String) -> ScenarioRecord {
    ScenarioRecord {
        feature: scenario.feature.clone(),
        line: scenario.line,
        rule: scenario.rule.clone(),
        name: scenario.name.clone(),
        slug: scenario.slug.clone(),
        server: server.to_owned(),
        verdict,
        reason: Some(reason),
        control: Control::None,
        unnoticed: Vec::new(),
        control_reason: None,
        attempts: 0,
        earlier: Vec::new(),
        text_hash: scenario.text_hash.clone(),
        duration_ms: 0,
        overhead_ms: 0,
        timings: Timings::default(),
        slow: false,
        interrupted: false,
        tags: scenario.tags.clone(),
        claims: scenario.claims(),
        stress: None,
        evidence: None,
        failure: None,
    }
}

/// Whether an evidence shows that its scenario noticed the missing fault: a `Then` failed by assertion.
pub fn caught(evidence: &Evidence) -> bool {
    let failed = evidence.steps.iter().find(|step| step.error.is_some());
    failed.is_some_and(|step| step.phase == "then" && step.error.as_ref().is_some_and(|e: &Failure| e.kind == "assertion"))
}
