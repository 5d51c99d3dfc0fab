//! Tests of joining runs.

use super::*;

fn scenario(slug: &str, verdict: Verdict) -> ScenarioRecord {
    let json = serde_json::json!({
        "feature": "features/sentinel/quorum.feature", "line": 17, "rule": null, "name": slug, "slug": slug, "server": "redis-7.0",
        "verdict": verdict, "control": "none", "attempts": 1, "text_hash": "aa", "duration_ms": 5, "overhead_ms": 1, "tags": [], "claims": []
    });
    serde_json::from_value(json).unwrap()
}

fn run(id: &str, shard: Option<&str>, scenarios: Vec<ScenarioRecord>) -> RunRecord {
    RunRecord {
        flaky_fails: false,
        preparation_ms: 0,
        schema: SCHEMA,
        run: id.to_owned(),
        started: format!("2026-01-02T03:0{}:00Z", id.len()),
        finished: Some(format!("2026-01-02T04:0{}:00Z", id.len())),
        rehearsal: "0.1.0".to_owned(),
        host: Host { os: "linux".to_owned(), cpus: 2, memory_mib: 4096, engine: "20".to_owned() },
        servers: vec![ServerRecord { name: "redis-7.0".to_owned(), version: "7.0.15".to_owned(), ..ServerRecord::default() }],
        scenarios,
        interrupted: None,
        shuffle: None,
        shard: shard.map(str::to_owned),
        joined: Vec::new(),
    }
}

fn joined(parts: &[RunRecord]) -> Result<Joined, String> {
    join("joined".to_owned(), &parts.iter().map(|record| (record, &[][..])).collect::<Vec<_>>())
}

#[test]
fn shards_become_one_run() {
    let parts = [run("a", Some("1/3"), vec![scenario("one", Verdict::Passed)]), run("bb", Some("2/3"), vec![scenario("another", Verdict::Failed)])];
    let done = joined(&parts).unwrap();
    let slugs: Vec<&str> = done.record.scenarios.iter().map(|s| s.slug.as_str()).collect();
    assert_eq!((slugs.as_slice(), done.from.as_slice()), (["another", "one"].as_slice(), [1, 0].as_slice()));
    assert_eq!(done.record.servers.len(), 1);
    assert_eq!((done.record.started.as_str(), done.record.finished.as_deref()), ("2026-01-02T03:01:00Z", Some("2026-01-02T04:02:00Z")));
    assert_eq!(done.missing, ["3/3"], "a machine whose record is not there is missed");
    assert_eq!((done.record.host.cpus, done.record.host.engine.as_str()), (4, "20"));
    assert!(done.notes.is_empty(), "{:?}", done.notes);
}

#[test]
fn the_worse_verdict_counts_whoever_comes_first() {
    let (passed, failed) = (run("a", None, vec![scenario("one", Verdict::Passed)]), run("bb", None, vec![scenario("one", Verdict::Failed)]));
    for parts in [[passed.clone(), failed.clone()], [failed, passed]] {
        let done = joined(&parts).unwrap();
        assert_eq!(done.record.scenarios[0].verdict, Verdict::Failed);
        assert_eq!(parts[done.from[0]].run, "bb");
        assert_eq!(done.notes, ["sentinel/quorum#one on redis-7.0 was played by two: failed in bb counts, passed in a does not"]);
    }
}

#[test]
fn a_missed_control_stays_missed() {
    let mut missed = scenario("one", Verdict::Passed);
    missed.control = Control::Missed;
    let mut failed = scenario("one", Verdict::Failed);
    failed.stress = Some(Stress { passed: 1, played: 2 });
    missed.stress = Some(Stress { passed: 3, played: 3 });
    let done = joined(&[run("a", None, vec![missed]), run("bb", None, vec![failed])]).unwrap();
    let scenario = &done.record.scenarios[0];
    assert_eq!((scenario.control, scenario.stress), (Control::Missed, Some(Stress { passed: 4, played: 5 })));
}

#[test]
fn two_texts_or_two_versions_are_not_joined() {
    let mut other = scenario("one", Verdict::Passed);
    other.text_hash = "bb".to_owned();
    let error = joined(&[run("a", None, vec![scenario("one", Verdict::Passed)]), run("bb", None, vec![other])]).unwrap_err();
    assert!(error.contains("another text in bb than in a"), "{error}");
    let mut newer = run("bb", None, Vec::new());
    newer.servers[0].version = "7.0.16".to_owned();
    let error = joined(&[run("a", None, Vec::new()), newer]).unwrap_err();
    assert!(error.contains("redis-7.0 is 7.0.15 in a and 7.0.16 in bb"), "{error}");
}

#[test]
fn a_run_without_an_end_leaves_the_whole_without_one() {
    let mut cut = run("bb", None, Vec::new());
    cut.finished = None;
    let done = joined(&[run("a", None, Vec::new()), cut]).unwrap();
    assert_eq!(done.record.finished, None);
    assert!(done.notes[0].contains("bb did not come to its end"));
}
