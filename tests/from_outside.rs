//! The program in folders that have nothing to do with this repository: an empty one, one that `rehearsal init` was called in, one with files of its own.
//!
//! You are in the right place when something works here and not for somebody who installed the program. No Docker is needed: its address is set to a socket that
//! does not exist.

use rehearsal::record::Verdict;
use rehearsal::record::kept::{self, Kept, KeptRun, KeptScenario};
use rehearsal::record::{Control, Host, SCHEMA, ServerRecord};
use rehearsal::run::catalogue::Feature;
use rehearsal::run::project::Project;
use rehearsal::run::reading;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// Exit code, stdout, stderr of the program, called in this folder.
fn call(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let program = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .args(args)
        .current_dir(dir)
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .env_remove("CARGO_MANIFEST_DIR")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (program.status.code().unwrap_or(-1), text(program.stdout), text(program.stderr))
}

/// Not below the build folder: this repository would be found above it.
fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn begun(args: &[&str]) -> TempDir {
    let dir = folder();
    let (code, stdout, stderr) = call(dir.path(), &[&["init"], args].concat());
    assert_eq!(code, 0, "{stderr}");
    for path in stdout.lines() {
        assert!(dir.path().join(path).is_file(), "{path} is said to be written");
    }
    dir
}

#[test]
fn what_is_built_in_can_be_asked_about_in_any_folder() {
    let dir = folder();
    for (args, says) in [(["steps"], "topology( with)"), (["topologies"], "(built in)"), (["faults"], "killed"), (["claims"], "SENT-MAJORITY")] {
        let (code, stdout, stderr) = call(dir.path(), &args);
        assert!(code == 0 && stdout.contains(says), "{args:?}: {code}\n{stdout}{stderr}");
    }
    let (code, stdout, stderr) = call(dir.path(), &["servers"]);
    assert!(code == 3 && stdout.contains("valkey-8.1") && stderr.contains("built-in servers"), "{code}\n{stdout}{stderr}");
    assert_eq!(call(dir.path(), &["completions", "bash"]).0, 0);
    assert_eq!(call(dir.path(), &["--help"]).0, 0);
}

#[test]
fn what_needs_a_project_says_how_to_begin_one() {
    let dir = folder();
    for command in ["run", "check", "list", "book"] {
        let (code, _, stderr) = call(dir.path(), &[command]);
        assert!(code == 2 && stderr.contains("no project here") && stderr.contains("`rehearsal init`"), "{command}: {code}\n{stderr}");
    }
    // A folder that happens to have this name is not ours before there is a project.
    fs::create_dir(dir.path().join("compose")).unwrap();
    fs::write(dir.path().join("compose/web.yml"), "services: { web: { ports: [80] } }").unwrap();
    assert_eq!(call(dir.path(), &["topologies"]).0, 0);
    assert_eq!(call(dir.path(), &["--project", ".", "steps"]).0, 2, "a project that was named has to be one");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was written");
}

#[test]
fn a_project_that_was_begun_is_right_and_is_not_begun_twice() {
    let dir = begun(&[]);
    let (code, _, stderr) = call(dir.path(), &["check"]);
    assert!(code == 0 && stderr.contains("1 features, 1 scenarios") && stderr.contains("0 errors, 0 warnings"), "{stderr}");
    let (code, stdout, _) = call(&dir.path().join("features"), &["list"]);
    assert!(code == 0 && stdout.starts_with("features/application.feature:"), "found from a folder below: {stdout}");
    let (code, stdout, stderr) = call(dir.path(), &["run"]);
    assert!(code == 3 && stderr.contains("no Docker engine answers"), "{code}\n{stdout}{stderr}");

    let before = fs::read_to_string(dir.path().join("compose/application.yml")).unwrap();
    fs::write(dir.path().join("compose/application.yml"), format!("{before}# ours\n")).unwrap();
    let (code, stdout, stderr) = call(dir.path(), &["init"]);
    assert!(code == 2 && stdout.is_empty() && stderr.contains("compose/application.yml") && stderr.contains("nothing was written"), "{stderr}");
    assert!(fs::read_to_string(dir.path().join("compose/application.yml")).unwrap().ends_with("# ours\n"));
}

#[test]
fn a_file_in_the_way_keeps_everything_from_being_written() {
    let dir = folder();
    fs::create_dir(dir.path().join("compose")).unwrap();
    fs::write(dir.path().join("compose/servers.toml"), "mine").unwrap();
    let (code, _, stderr) = call(dir.path(), &["init"]);
    assert!(code == 2 && stderr.contains("compose/servers.toml"), "{stderr}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    // What a repository has anyway is left as it is, and told.
    let dir = folder();
    fs::write(dir.path().join(".gitignore"), "/build\n").unwrap();
    let (code, _, stderr) = call(dir.path(), &["init"]);
    assert!(code == 0 && stderr.contains("let it have the line /target/rehearsal"), "{stderr}");
    assert_eq!(fs::read_to_string(dir.path().join(".gitignore")).unwrap(), "/build\n");
}

#[test]
fn a_book_that_was_begun_can_be_built() {
    let dir = begun(&["--book"]);
    let (code, _, stderr) = call(dir.path(), &["check"]);
    assert!(code == 0 && stderr.contains("0 errors, 0 warnings"), "{stderr}");
    let (code, _, stderr) = call(dir.path(), &["book", "--no-run"]);
    assert_eq!(code, 0, "{stderr}");
    let chapter = fs::read_to_string(dir.path().join("book/html/application.html")).unwrap();
    assert!(chapter.contains("not run") && chapter.contains("every write is there when it is back"), "the scenario stands in its chapter");
}

#[test]
fn a_projects_own_files_win_and_what_it_lacks_is_built_in() {
    let dir = begun(&[]);
    let own = fs::read_to_string(dir.path().join("compose/application.yml")).unwrap().replace("One server, and our", "Our own server, and our");
    fs::write(dir.path().join("compose/standalone.yml"), own).unwrap();
    let (_, stdout, _) = call(dir.path(), &["topologies"]);
    assert!(stdout.contains("standalone     Our own server") && stdout.contains("(compose/standalone.yml)"), "{stdout}");
    assert_eq!(stdout.matches("standalone  ").count(), 1, "{stdout}");
    let (_, stdout, _) = call(dir.path(), &["topologies", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let origin = |name: &str| rows.as_array().unwrap().iter().find(|row| row["name"] == name).map(|row| row["origin"].clone());
    assert_eq!((origin("standalone"), origin("sentinel")), (Some("project".into()), Some("built-in".into())));

    fs::remove_file(dir.path().join("compose/servers.toml")).unwrap();
    fs::remove_dir_all(dir.path().join("features")).unwrap();
    fs::create_dir_all(dir.path().join("features/sentinel")).unwrap();
    let text = include_str!("../features/sentinel/quorum.feature");
    fs::write(dir.path().join("features/sentinel/quorum.feature"), text).unwrap();
    let (code, _, stderr) = call(dir.path(), &["check"]);
    assert!(code == 0 && stderr.contains("0 errors"), "servers, claims and the topology are those built in: {stderr}");
}

/// A line that another machine kept of the only scenario of a project that was begun.
fn kept_elsewhere(dir: &Path, server: &str, append: &[&str], verdict: Verdict, said: &str) -> Kept {
    let (features, problems) = reading::read(&Project::at(dir));
    assert!(problems.is_empty(), "{problems:?}");
    let scenario = features.iter().flat_map(Feature::scenarios).next().unwrap();
    let server = ServerRecord {
        name: server.to_owned(),
        version: "7.0.15".into(),
        append: append.iter().map(ToString::to_string).collect(),
        ..ServerRecord::default()
    };
    let host = Host { os: "Another System".into(), ..Host::default() };
    let run =
        KeptRun { schema: SCHEMA, run: "20260102T030405-6".into(), started: "2026-01-02T03:04:05Z".into(), server, host, rehearsal: "0".into() };
    let control = if verdict == Verdict::Passed { Control::Missed } else { Control::None };
    let unnoticed = if verdict == Verdict::Passed { vec!["the cat is away".to_owned()] } else { Vec::new() };
    let said = Some(said.to_owned()).filter(|said| !said.is_empty());
    let scenario = KeptScenario {
        id: scenario.id(),
        hash: scenario.text_hash.clone(),
        verdict,
        ms: 5,
        control,
        unnoticed,
        control_reason: None,
        controlled: None,
        said,
        run: None,
    };
    Kept { scenario, run: Arc::new(run) }
}

#[test]
fn a_book_built_elsewhere_shows_what_broken_servers_and_controls_said() {
    let dir = begun(&["--book"]);
    let broken = r#"
[forgetful]
what = "A server that forgets"
append = ["save 1 1"]
fails = { "application#redis-crashes" = "keys missing" }

[otherwise]
what = "A server that was broken in another way when it was played"
append = ["appendfsync no"]
fails = { "application#redis-crashes" = "keys missing" }
"#;
    fs::write(dir.path().join("compose/broken.toml"), broken).unwrap();
    let trust = "# Trust\n\n{{#broken}}\n\n{{#controls}}\n";
    fs::write(dir.path().join("book/src/introduction.md"), trust).unwrap();
    let record = dir.path().join("book/record");
    let whole = kept_elsewhere(dir.path(), "redis-7.0", &[], Verdict::Passed, "");
    kept::write(&record, &record, "redis-7.0", &[whole]).unwrap();
    for (name, append) in [("forgetful", "save 1 1"), ("otherwise", "appendfsync everysec"), ("long-gone", "save 9 9")] {
        let line = kept_elsewhere(dir.path(), name, &[append], Verdict::Failed, "line 9: 5 acknowledged keys missing");
        kept::write(&record, &record.join("broken"), name, &[line]).unwrap();
    }

    let (code, _, stderr) = call(dir.path(), &["book", "--no-run"]);
    assert_eq!(code, 0, "{stderr}");
    let page = fs::read_to_string(dir.path().join("book/html/introduction.html")).unwrap();
    for part in [
        "1 were played on 2026-01-02; 1 of these did fail",
        "caught: line 9: 5 acknowledged keys missing",
        "not played",
        "it passes without the cat is away",
        "Another System",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }

    let (code, stdout, stderr) = call(dir.path(), &["book", "keep"]);
    assert!(code == 0 && stdout.contains("book/record/broken"), "{stdout}{stderr}");
    assert!(stderr.contains("2 servers broken on purpose: 1 scenarios, 1 of them from the record as it was"), "{stderr}");
    let left = |name: &str| record.join("broken").join(name).with_extension("ndjson").exists();
    assert_eq!(
        (left("forgetful"), left("otherwise"), left("long-gone")),
        (true, false, false),
        "a server that is broken in another way now, or not any more, is not kept"
    );
}
