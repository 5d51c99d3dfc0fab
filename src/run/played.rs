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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{SCHEMA, ServerRecord};
    use serde_json::json;

    /// An evidence with one step of this phase that failed in this way.
    fn failed(phase: &str, kind: &str) -> Evidence {
        let step = json!({
            "keyword": phase, "phase": phase, "text": "t", "line": 5, "status": "failed", "started_ms": 0, "duration_ms": 1,
            "error": {"message": "m", "kind": kind},
        });
        let server = serde_json::to_value(ServerRecord::default()).unwrap();
        let mut evidence = json!({"schema": SCHEMA, "run": "r", "started": "2026-01-02T03:04:05Z", "server_build": server, "steps": [step], "timeline": [], "nodes": [], "topology": null, "window_ms": null, "snapshots": []});
        let scenario = json!({
            "feature": "f", "line": 3, "name": "n", "slug": "s", "server": "redis-7.0", "verdict": "failed", "control": "none", "attempts": 1, "text_hash": "h",
            "duration_ms": 1, "overhead_ms": 0, "tags": [], "claims": [],
        });
        evidence.as_object_mut().unwrap().extend(scenario.as_object().unwrap().clone());
        serde_json::from_value(evidence).unwrap()
    }

    #[test]
    fn only_an_assertion_of_a_then_notices_a_missing_fault() {
        assert!(caught(&failed("then", "assertion")));
        for (phase, kind) in [("given", "assertion"), ("when", "assertion"), ("then", "limit"), ("then", "engine")] {
            assert!(!caught(&failed(phase, kind)), "{phase} {kind}");
        }
    }
}
