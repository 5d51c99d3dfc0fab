//! Runs of several builds of one name, and records that say two things.

use super::*;
use crate::record::server::Meant;
use crate::record::{Asked, Executable, Verdict};

fn server(image_id: &str, append: &[&str]) -> ServerRecord {
    ServerRecord {
        name: "redis-7.0".into(),
        image: "redis:7.0.15".into(),
        image_id: image_id.into(),
        route: "local".into(),
        append: append.iter().map(ToString::to_string).collect(),
        asked: Some(Asked { image: "redis:7.0.15".into(), debian: None, package: "redis".into() }),
        executable: Some(Executable::Image),
        ..ServerRecord::default()
    }
}

fn catalogue(append: &[&str]) -> Catalogue {
    let asked = server("", &[]).asked.unwrap();
    [("redis-7.0".to_owned(), Meant { asked, append: append.iter().map(ToString::to_string).collect(), binary: None })].into()
}

/// Evidence of a scenario that passed, with this text.
fn evidence(run: &str, hash: &str, build: &ServerRecord) -> Evidence {
    let json = serde_json::json!({
        "schema": 1, "run": run, "started": "2026-01-02T03:04:05Z", "feature": "features/a.feature", "line": 3, "rule": null, "name": hash, "slug": hash,
        "server": build.name, "verdict": "passed", "control": "none", "attempts": 1, "text_hash": hash, "duration_ms": 5, "overhead_ms": 1, "tags": [],
        "claims": [], "evidence": format!("scenarios/a.{hash}@{}.json", build.name), "server_build": build, "topology": null, "nodes": [], "steps": [],
        "window_ms": null, "timeline": []
    });
    serde_json::from_value(json).unwrap()
}

/// Keeps a run with these texts played on this build; of a joined one each with a build of its own.
fn played(store: &Store, run: &str, all: &[(&str, &ServerRecord)], joined: bool) {
    let folder = store.begin(run, None).unwrap();
    let mut record = RunRecord::empty(run);
    record.joined = if joined { vec!["a".into(), "b".into()] } else { Vec::new() };
    record.servers = all.iter().take(1).map(|(_, build)| (*build).clone()).collect();
    for (hash, build) in all {
        let evidence = evidence(run, hash, build);
        folder.write_evidence(&evidence).unwrap();
        record.scenarios.push(evidence.scenario);
    }
    folder.write_record(&record).unwrap();
}

fn counts(store: &Store, catalogue: &Catalogue) -> Vec<String> {
    store.kept(catalogue).newest.into_iter().map(|((hash, _), evidence)| format!("{hash} of {}", evidence.run)).collect()
}

#[test]
fn evidence_of_another_build_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    played(&store, "run-1", &[("aa", &server("sha256:1", &[])), ("bb", &server("sha256:1", &[]))], false);
    assert_eq!(counts(&store, &catalogue(&[])), ["aa of run-1", "bb of run-1"]);
    assert_eq!(counts(&store, &Catalogue::new()), ["aa of run-1", "bb of run-1"], "a name that the catalogue does not have means nothing");
    let kept = store.kept(&catalogue(&["save 1 1"]));
    assert!(kept.newest.is_empty() && kept.unreadable.is_empty());
    assert_eq!(kept.outdated["redis-7.0"], "it had nothing appended, and the catalogue appends save 1 1");
    // Another image under the same name: what was played on the first is not known of it.
    played(&store, "run-2", &[("aa", &server("sha256:2", &[]))], false);
    assert_eq!(counts(&store, &catalogue(&[])), ["aa of run-2"]);
    assert!(store.kept(&catalogue(&[])).outdated.is_empty(), "something newer counts");
    assert_eq!(store.builds(&catalogue(&[]))["redis-7.0"].image_id, "sha256:2");
    // And back again.
    played(&store, "run-3", &[("cc", &server("sha256:1", &[]))], false);
    assert_eq!(counts(&store, &catalogue(&[])), ["aa of run-1", "bb of run-1", "cc of run-3"]);
}

#[test]
fn all_machines_of_a_joined_run_count() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    played(&store, "run-1", &[("dd", &server("sha256:3", &[]))], false);
    played(&store, "run-2", &[("aa", &server("sha256:1", &[])), ("bb", &server("sha256:2", &[]))], true);
    assert_eq!(counts(&store, &catalogue(&[])), ["aa of run-2", "bb of run-2"]);
}

#[test]
fn what_an_old_record_does_not_say_is_no_reason() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let old = ServerRecord { asked: None, executable: None, ..server("sha256:1", &[]) };
    played(&store, "run-1", &[("aa", &old)], false);
    assert_eq!(counts(&store, &catalogue(&[])), ["aa of run-1"]);
}

#[test]
fn a_record_that_says_passed_beside_evidence_that_says_failed_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let build = server("sha256:1", &[]);
    played(&store, "run-1", &[("aa", &build), ("bb", &build)], false);
    fs::remove_file(store.folder("run-1").join("scenarios/a.bb@redis-7.0.json")).unwrap();
    assert!(store.disputed(&store.record("run-1").unwrap()).is_empty(), "what is not there disputes nothing");
    let change = |change: fn(&mut Evidence)| {
        let mut other = evidence("run-1", "aa", &build);
        change(&mut other);
        let file = store.folder("run-1").join("scenarios/a.aa@redis-7.0.json");
        fs::write(file, serde_json::to_vec(&other).unwrap()).unwrap();
        let kept = store.kept(&catalogue(&[]));
        assert!(kept.newest.is_empty());
        let told = portable::read(&store.folder("run-1")).unwrap().1;
        assert_eq!(told[0].reason, kept.unreadable[0].1);
        assert_eq!(store.disputed(&store.record("run-1").unwrap()), [("a#aa".to_owned(), "redis-7.0".to_owned())].into());
        told[0].reason.clone()
    };
    let said = change(|other| other.scenario.verdict = Verdict::Failed);
    assert_eq!(said, "a#aa passed by record.json, and failed by this evidence");
    let said = change(|other| other.scenario.text_hash = "zz".into());
    assert_eq!(said, "a#aa has the text aa in record.json, and this evidence is of the text zz");
}

#[test]
fn clients_of_another_build_are_not_counted_among_these() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    for (run, build) in [("run-1", server("sha256:1", &[])), ("run-2", server("sha256:2", &[])), ("run-3", server("sha256:2", &[]))] {
        played(&store, run, &[("aa", &build)], false);
        let with = Evidence { client: Some(ClientRecord::default()), ..evidence(run, "aa", &build) };
        fs::write(store.folder(run).join("scenarios/a.aa@redis-7.0.json"), serde_json::to_vec(&with).unwrap()).unwrap();
    }
    assert_eq!(store.clients(&evidence("run-3", "aa", &server("sha256:2", &[]))).len(), 2);
}
