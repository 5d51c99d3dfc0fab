//! Attempts in every order that matters.

use super::*;
use crate::record::{Control, SCHEMA, ServerRecord};

fn played(verdict: Verdict, interrupted: bool) -> Evidence {
    let scenario = ScenarioRecord {
        feature: "features/a.feature".to_owned(),
        line: 3,
        rule: None,
        name: "A".to_owned(),
        slug: "a".to_owned(),
        server: "redis-7.0".to_owned(),
        verdict,
        reason: None,
        control: Control::None,
        unnoticed: Vec::new(),
        control_reason: None,
        attempts: 1,
        earlier: Vec::new(),
        text_hash: "0".to_owned(),
        duration_ms: 1,
        overhead_ms: 0,
        timings: Default::default(),
        slow: false,
        interrupted,
        tags: Vec::new(),
        claims: Vec::new(),
        stress: None,
        evidence: None,
        failure: (verdict != Verdict::Passed).then(|| (4, format!("{verdict}\nin detail"))),
    };
    Evidence {
        schema: SCHEMA,
        run: "r".to_owned(),
        started: String::new(),
        scenario,
        server_build: ServerRecord::default(),
        topology: None,
        nodes: Vec::new(),
        steps: Vec::new(),
        window_ms: None,
        timeline: Vec::new(),
        stalls: Vec::new(),
        client: None,
        exchanges: Vec::new(),
        snapshots: Vec::new(),
    }
}

/// Plays attempts with these verdicts until one is the last; returns what counts and how many were played.
fn play(most: u32, verdicts: &[Verdict]) -> (Settled, usize) {
    let mut retries = Retries::new(most);
    for (n, verdict) in verdicts.iter().enumerate() {
        let evidence = played(*verdict, false);
        match retries.next(&evidence.scenario) {
            Some(next) => {
                assert_eq!(next as usize, n + 2);
                retries.keep(evidence, format!("attempts/{}", n + 1));
            }
            None => return (retries.settle(evidence), n + 1),
        }
    }
    panic!("{verdicts:?} should have ended");
}

#[test]
fn without_retries_the_first_counts() {
    let (settled, count) = play(0, &[Verdict::Failed]);
    assert_eq!((settled.evidence.scenario.attempts, count, settled.newest), (1, 1, true));
}

#[test]
fn a_later_pass_is_flaky() {
    let (settled, count) = play(3, &[Verdict::Failed, Verdict::Unknown, Verdict::Passed]);
    let scenario = settled.evidence.scenario;
    assert_eq!((scenario.attempts, count, scenario.is_flaky()), (3, 3, true));
    let earlier: Vec<_> = scenario.earlier.iter().map(|a| (a.verdict, a.failure.clone().unwrap().1, a.evidence.as_str())).collect();
    assert_eq!(earlier, [(Verdict::Failed, "failed".to_owned(), "attempts/1"), (Verdict::Unknown, "unknown".to_owned(), "attempts/2")]);
}

#[test]
fn without_a_pass_the_worst_counts() {
    let (settled, _) = play(1, &[Verdict::Failed, Verdict::Unknown]);
    assert_eq!((settled.evidence.scenario.verdict, settled.newest), (Verdict::Failed, false), "a failure is not taken back");
    assert_eq!((settled.evidence.scenario.attempts, settled.evidence.scenario.earlier[0].verdict), (2, Verdict::Unknown));
    let (settled, _) = play(1, &[Verdict::Unknown, Verdict::Failed]);
    assert_eq!((settled.evidence.scenario.verdict, settled.newest), (Verdict::Failed, true));
}

#[test]
fn an_interruption_is_neither_repeated_nor_counted() {
    let interrupted = played(Verdict::Unknown, true);
    let mut retries = Retries::new(2);
    assert_eq!(retries.next(&interrupted.scenario), None);
    assert!(retries.settle(interrupted.clone()).evidence.scenario.interrupted);
    retries.keep(played(Verdict::Failed, false), "attempts/1".to_owned());
    let settled = retries.settle(interrupted);
    assert_eq!((settled.evidence.scenario.verdict, settled.evidence.scenario.attempts), (Verdict::Failed, 1));
}

#[test]
fn an_attempt_whose_repetition_never_came_counts() {
    let mut retries = Retries::new(2);
    let failed = played(Verdict::Failed, false);
    let key = key(&failed.scenario);
    assert!(retries.abandon(&key).is_none());
    retries.keep(failed, "attempts/1".to_owned());
    assert_eq!(retries.abandon(&key).unwrap().scenario.verdict, Verdict::Failed);
}
