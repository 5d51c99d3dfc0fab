//! A reshard taken apart: two moves, a client beside them, the line through many runs.

use super::*;
use crate::record::StepStatus;
use serde_json::json;

fn step(text: &str, started_ms: u64, duration_ms: u64) -> StepRecord {
    StepRecord {
        keyword: "When".into(),
        phase: "when".into(),
        text: text.into(),
        line: 1,
        table: Vec::new(),
        docstring: None,
        status: StepStatus::Passed,
        started_ms,
        duration_ms,
        observation: None,
        error: None,
        source: None,
        words: Vec::new(),
    }
}

fn evidence(steps: Vec<StepRecord>) -> Evidence {
    let text = r#"{"schema":1,"run":"r","started":"2026-01-01T00:00:00Z","feature":"f","line":1,"name":"n","slug":"s","server":"x","verdict":"passed","control":"none","attempts":1,"text_hash":"h","duration_ms":1,"overhead_ms":0,"tags":[],"claims":[],"server_build":{"name":"x","image":"","image_id":"","route":"","version":"","build_id":""},"topology":null,"nodes":[],"steps":[],"window_ms":null,"timeline":[]}"#;
    let mut evidence: Evidence = serde_json::from_str(text).expect("a small evidence");
    evidence.steps = steps;
    evidence.stalls = vec![Stall { at_ms: 1500, lasted_ms: 80 }, Stall { at_ms: 9000, lasted_ms: 70 }];
    evidence
}

fn call(sent_ms: u64, ended_ms: u64, outcome: &serde_json::Value) -> Call {
    Call { kind: "append".into(), key: "written:1".into(), sent_ms, ended_ms, outcome: outcome.clone() }
}

fn run(run: usize, slot_ms: f64) -> Run {
    Run { run, one_ms: 200, many_ms: 200, slot_ms, slowest_ms: 4, stalled_ms: 0 }
}

#[test]
fn a_run_is_two_moves_and_what_a_client_saw_of_the_second() {
    let moves = || vec![step("redis-cli moves 1 slot from a", 1000, 300), step("redis-cli moves 100 slots from a", 2000, 1290)];
    let ok = json!("acknowledged");
    let calls = [call(1010, 1900, &ok), call(1990, 2010, &ok), call(2500, 2560, &ok), call(2600, 3200, &json!({"refused": "CLUSTERDOWN"}))];
    let run = Run::of(3, &evidence(moves()), &calls).unwrap();
    assert_eq!(run, Run { run: 3, one_ms: 300, many_ms: 1290, slot_ms: 10.0, slowest_ms: 60, stalled_ms: 80 });
    let error = Run::of(3, &evidence(moves()), &calls[..1]).unwrap_err();
    assert!(error.contains("no write of the client"), "{error}");
    let error = Run::of(3, &evidence(moves()[..1].to_vec()), &calls).unwrap_err();
    assert!(error.contains("1 moves"), "{error}");
    let slow = vec![step("redis-cli moves 1 slot", 1000, 900), step("redis-cli moves 100 slots", 2000, 800)];
    let error = Run::of(3, &evidence(slow), &calls).unwrap_err();
    assert!(error.contains("one slot took 900 ms"), "{error}");
}

#[test]
fn a_key_costs_what_the_line_through_the_runs_rises_by() {
    let group = |keys, all: &[f64]| Group::of(keys, all.len(), all.iter().enumerate().map(|(n, ms)| run(n + 1, *ms)).collect(), Vec::new());
    // 5 ms a slot and 20 microseconds a key; one run was disturbed.
    let groups = [group(0, &[5.0, 5.0, 5.0]), group(50, &[6.0, 6.0, 90.0]), group(100, &[7.0, 7.0, 7.0])];
    let slope = Slope::through(&groups).unwrap();
    assert!((slope.key_us.median - 20.0).abs() < 1e-9 && (slope.slot_ms - 5.0).abs() < 1e-9, "{slope:?}");
    assert!(slope.key_us.max > 1000.0, "the disturbed run is in the spread: {slope:?}");
    assert_eq!(Slope::through(&groups[..1]), None);
}

#[test]
fn a_run_is_a_scenario_of_its_own() {
    let text = feature(&[0, 10], 100, 2);
    assert_eq!(text.matches("Scenario:").count(), 4);
    assert!(text.contains("@id:10-keys-run-2\n") && text.contains("holds 10 keys of 100 bytes"), "{text}");
    assert_eq!(of_slug(&slug(10, 2)), Some((10, 2)));
    assert_eq!(of_slug("2000-ms-run-3"), None);
}
