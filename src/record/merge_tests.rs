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
        planned: Vec::new(),
        interrupted: None,
        shuffle: None,
        shard: shard.map(str::to_owned),
        joined: Vec::new(),
    }
}

fn joined(parts: &[RunRecord]) -> Result<Joined, String> {
    join("joined".to_owned(), &parts.iter().map(|record| (record, 0)).collect::<Vec<_>>())
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
    let done = joined(&[run("a", None, vec![scenario("one", Verdict::Passed)]), cut]).unwrap();
    assert_eq!(done.record.finished, None);
    assert!(done.notes[0].contains("bb did not come to its end"));
}

/// A run that was to play these on a server, and what it is not: whole.
fn planned(id: &str, slugs: &[&str], played: &[&str]) -> RunRecord {
    let scenarios = slugs.iter().map(|slug| format!("sentinel/quorum#{slug}")).collect();
    let played = played.iter().map(|slug| scenario(slug, Verdict::Passed)).collect();
    RunRecord { planned: vec![Planned { server: "redis-7.0".to_owned(), scenarios }], ..run(id, None, played) }
}

#[test]
fn what_nobody_played_is_known_by_the_plan() {
    let (whole, mut killed) = (planned("a", &["one"], &["one"]), planned("bb", &["two", "three"], &["three"]));
    killed.finished = None;
    let done = joined(&[whole.clone(), killed.clone()]).unwrap();
    assert_eq!(done.record.unplayed(), [("sentinel/quorum#two", "redis-7.0")]);
    assert!(
        done.notes[0].starts_with("bb did not come to its end") && done.notes[0].ends_with("1 of the scenarios it was to play have no verdict"),
        "{:?}",
        done.notes
    );
    let again = planned("ccc", &["two"], &["two"]);
    let done = joined(&[whole.clone(), killed, again]).unwrap();
    assert_eq!((done.record.unplayed(), done.record.finished.clone()), (Vec::new(), None), "what was played since has a verdict");
    let empty = run("bb", None, Vec::new());
    let done = joined(&[whole, empty]).unwrap();
    assert_eq!((done.record.finished, done.notes), (None, vec!["bb played nothing".to_owned()]), "one that says that it ended, and shows nothing");
}

#[test]
fn of_equal_verdicts_the_newer_counts_by_the_order_of_the_runs_and_not_by_the_clock() {
    let (mut older, mut newer) =
        (run("20990101", None, vec![scenario("one", Verdict::Passed)]), run("20260101", None, vec![scenario("one", Verdict::Passed)]));
    (older.scenarios[0].duration_ms, newer.scenarios[0].duration_ms) = (1, 2);
    let done = join("joined".to_owned(), &[(&newer, 8), (&older, 7)]).unwrap();
    assert_eq!(done.record.scenarios[0].duration_ms, 2);
    assert_eq!(joined(&[newer, older]).unwrap().record.scenarios[0].duration_ms, 1, "where no order is known, the id decides");
}

#[test]
fn a_flaky_pass_is_not_forgotten_for_one_that_was_none() {
    let mut flaky = run("a", None, vec![scenario("one", Verdict::Passed)]);
    flaky.scenarios[0].attempts = 2;
    let plain = run("bb", None, vec![scenario("one", Verdict::Passed)]);
    for parts in [[flaky.clone(), plain.clone()], [plain, flaky]] {
        assert!(joined(&parts).unwrap().record.scenarios[0].is_flaky());
    }
}
