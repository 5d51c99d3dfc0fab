//! Bad input, as clumsy and hostile people write it: the built program has to name the file, the line and a way out, with the right exit code and without a panic.
//!
//! You are in the right place when a message was unclear: add the input that led to it and the words that would have helped. No Docker is needed: its
//! address is set to a socket that does not exist, so what gets as far as an engine ends with 3.

#[path = "bad_input/bounds.rs"]
mod bounds;
#[path = "bad_input/cases.rs"]
mod cases;
#[path = "bad_input/catalogues.rs"]
mod catalogues;
#[path = "bad_input/compose.rs"]
mod compose;
#[path = "bad_input/counted.rs"]
mod counted;
#[path = "bad_input/disk.rs"]
mod disk;
#[path = "bad_input/features.rs"]
mod features;
#[path = "bad_input/generated.rs"]
mod generated;
#[path = "bad_input/joining.rs"]
mod joining;
#[path = "bad_input/lines.rs"]
mod lines;
#[path = "bad_input/pipes.rs"]
mod pipes;
#[path = "bad_input/strange_books.rs"]
mod strange_books;
#[path = "bad_input/strangers.rs"]
mod strangers;
#[path = "bad_input/terminals.rs"]
mod terminals;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FEATURE: &str = r#"@sentinel
Feature: A feature
  Prose.

  Rule: A rule
    Source: https://redis.io/docs/

    @id:one
    Scenario: A scenario
      Given the "sentinel" topology with
        | quorum | 1 |
      When the master is killed
      Then within 3 seconds "sentinel-1" reports "+sdown"
"#;

const SERVERS: &str = "redis-7.0 = { image = \"redis:7.0.15\" }\n";

const CLAIMS: &str = "- id: SENT-MAJORITY\n  system: sentinel\n  claim: A majority elects.\n  sources: \"1:1\"\n  verdict: correct\n  basis: docs\n";

/// A project that is right, in a folder of its own; `name` keeps tests apart that run side by side.
struct Project(PathBuf);

impl Project {
    fn new(name: &str) -> Project {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bad-input-{name}"));
        let _ = fs::remove_dir_all(&root);
        let project = Project(root);
        let sentinel = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("compose/sentinel.yml")).unwrap();
        let files = [("features/sentinel/a.feature", FEATURE), ("compose/servers.toml", SERVERS), ("claims.yaml", CLAIMS)];
        files.iter().for_each(|(path, text)| project.write(path, text));
        project.write("compose/sentinel.yml", &sentinel);
        project
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces the first `from` in a file; the file has to have it, or the case would prove nothing.
    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.0.join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, text.replacen(from, to, 1));
    }

    /// Exit code, stdout, stderr.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let done = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
            .args(["--project", self.0.to_str().unwrap()])
            .args(args)
            .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap_or(-1), text(done.stdout), text(done.stderr))
    }
}

/// Runs, and tells every expectation that was not met.
fn expect(project: &Project, args: &[&str], code: i32, says: &[&str], wrong: &mut Vec<String>) {
    let (got, _, stderr) = project.run(args);
    let missing: Vec<_> = says.iter().filter(|text| !stderr.contains(**text)).collect();
    if got != code || !missing.is_empty() || stderr.contains("panicked") || stderr.contains("backtrace") {
        wrong.push(format!("{args:?}: exit {got}, wanted {code}; not said: {missing:?}\n{stderr}"));
    }
}

#[test]
fn the_project_itself_is_right() {
    let (code, _, stderr) = Project::new("right").run(&["check"]);
    assert_eq!((code, stderr.contains("1 scenarios") && stderr.contains("0 errors, 0 warnings")), (0, true), "{stderr}");
}

#[test]
fn bad_settings_are_told_with_their_place_and_a_way_out() {
    let mut wrong = Vec::new();
    let project = Project::new("settings");
    let cases: &[(&str, &str, &[&str])] = &[
        ("jobs = 1\nretyr = 2\n", ":2:1", &["unknown key `retyr`", "did you mean `retry`?"]),
        ("[limits]\nscenaro = \"1 minute\"\n", ":2:1", &["unknown key `limits.scenaro`", "did you mean `scenario`?"]),
        ("[limits]\nstep = \"1 mintue\"\n", ":2:8", &["\"mintue\" is no unit of time", "write `step = \"2 minutes\"`"]),
        ("slow = 3\n", ":1:8", &["`slow` has to be a span of time"]),
        ("jobs = 1\njobs = 2\n", ":2:1", &["not valid TOML: duplicate key"]),
    ];
    for (text, place, says) in cases {
        project.write("rehearsal.toml", text);
        let place = format!(" --> rehearsal.toml{place}\n");
        for command in [&["check"][..], &["run"][..]] {
            expect(&project, command, 2, &[&[place.as_str()], *says].concat(), &mut wrong);
        }
    }
    project.write("rehearsal.toml", "report = [\"jsno\"]\n");
    expect(&project, &["run"], 2, &["no format \"jsno\""], &mut wrong);
    project.write("rehearsal.toml", "retry = 1\n");
    expect(&project, &["run", "--limit", "step=1 parsec"], 2, &["--limit: ", "\"parsec\" is no unit of time", "step=30 seconds"], &mut wrong);
    expect(&project, &["run", "--limit", "stpe=1 second"], 2, &["there is no limit \"stpe\""], &mut wrong);
    expect(&project, &["run", "--retry", "2", "--stress", "3"], 2, &["cannot be used with"], &mut wrong);
    expect(&project, &["run"], 3, &[], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_missed_control_is_played_again_as_what_failed() {
    let mut wrong = Vec::new();
    let project = Project::new("missed");
    let record = |verdict: &str, control: &str| {
        let scenario = String::from(
            r#"{"feature": "features/sentinel/a.feature", "line": 9, "rule": null, "name": "A scenario", "slug": "one", "server": "redis-7.0", "verdict": "VERDICT",
                "control": "CONTROL", "attempts": 1, "text_hash": "0", "duration_ms": 1, "overhead_ms": 1, "tags": [], "claims": []}"#,
        );
        let scenario = scenario.replace("VERDICT", verdict).replace("CONTROL", control);
        let host = r#"{"os": "linux", "cpus": 2, "memory_mib": 1, "engine": "1"}"#;
        format!(
            r#"{{"schema": 1, "run": "r", "started": "", "finished": null, "rehearsal": "0", "host": {host}, "servers": [], "scenarios": [{scenario}]}}"#
        )
    };
    // What is selected gets as far as the engine, which is not there.
    for (verdict, control, code) in [("passed", "caught", 4), ("passed", "missed", 3), ("failed", "none", 3), ("unknown", "none", 3)] {
        let _ = fs::remove_dir_all(project.0.join("target"));
        project.write("target/rehearsal/runs/20260101T000000-1/record.json", record(verdict, control));
        expect(&project, &["run", "--failed"], code, if code == 4 { &["nothing failed in the last run"] } else { &[] }, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_bad_feature_is_told_with_its_place_and_a_way_out() {
    let mut wrong = Vec::new();
    let project = Project::new("features");
    let path = "features/sentinel/a.feature";
    project.edit(path, "the master is killed", "the moon \"x\" eats stars");
    expect(&project, &["check"], 2, &[&format!(" --> {path}:12:7\n"), "#[when(expr = \"the moon {string} eats stars\")]"], &mut wrong);
    let outline = FEATURE.replace("Scenario:", "Scenario Outline:").replace("| 1 |", "| <q> |");
    let twice = format!("{FEATURE}\n{}", &FEATURE[FEATURE.find("    @id").unwrap()..]);
    let whole: &[(&[u8], &str, &str)] = &[
        (b"", ":1", "nothing is in this file"),
        (b"@sentinel\nFeature: Empty\n", ":2", "the feature has no scenario"),
        (b"@sentinel\nFeature: X\n  \xff\n", ":3:3", "this byte is not UTF-8"),
        (&[outline.as_bytes(), b"\n      Examples:\n        | q |\n"].concat(), ":15", "the examples have no row"),
        (&[outline.as_bytes(), b"\n      Examples:\n        | qq |\n        | 1  |\n"].concat(), ":10:7", "`<q>` names no column"),
        (twice.as_bytes(), ":16", "slug \"one\" is taken by the scenario in line 9"),
    ];
    for (text, place, says) in whole {
        project.write(path, text);
        expect(&project, &["check"], 2, &[&format!(" --> {path}{place}\n"), says], &mut wrong);
    }
    // What other editors write is no mistake.
    for text in [FEATURE.replace('\n', "\r\n"), format!("\u{feff}{FEATURE}")] {
        project.write(path, text);
        expect(&project, &["check"], 0, &["0 errors"], &mut wrong);
    }
    for name in ["b.feature.txt", "B.Feature", "b.featrue"] {
        let stray = format!("features/sentinel/{name}");
        project.write(&stray, FEATURE);
        expect(&project, &["check"], 2, &[&format!(" --> {stray}:1\n"), "is not collected"], &mut wrong);
        fs::remove_file(project.0.join(stray)).unwrap();
    }
    project.edit(path, "    Source: https://redis.io/docs/\n", "");
    expect(&project, &["check"], 0, &["names no source", "1 warnings"], &mut wrong);
    expect(&project, &["check", "--strict"], 2, &["names no source"], &mut wrong);
    project.write(path, FEATURE);
    expect(&project, &["check", "--strict"], 0, &["0 warnings"], &mut wrong);
    project.edit(path, "within 3 seconds \"sentinel-1\" reports \"+sdown\"", "for 3 seconds no replica becomes master");
    expect(&project, &["check"], 0, &["less than twice the time", "hold it for at least 4 seconds"], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// File, from, to, where, what is said of it.
const FILES: &[(&str, &str, &str, &str, &str)] = &[
    ("compose/sentinel.yml", "    image:", "    imge:", "compose/sentinel.yml:", "did you mean `image`?"),
    ("compose/sentinel.yml", "services:\n", "services:\n\tx: 1\n", "compose/sentinel.yml:", "not valid YAML"),
    ("compose/sentinel.yml", "role: master", "role: boss", "compose/sentinel.yml:", "known: master, replica, sentinel"),
    ("compose/sentinel.yml", "${REHEARSAL_IMAGE", "${HOME", "compose/sentinel.yml:", "unknown variable `HOME`"),
    (
        "compose/sentinel.yml",
        "    image:",
        "    volumes: [\"/etc:/etc\"]\n    image:",
        "compose/sentinel.yml:",
        "nothing a scenario file says may touch the host",
    ),
    ("compose/servers.toml", "image", "imge", "compose/servers.toml:1:", "did you mean `image`?"),
    ("compose/servers.toml", SERVERS, "", "compose/servers.toml:1:1", "the catalogue has no server"),
    ("compose/servers.toml", " }", "", "compose/servers.toml:", "not valid TOML"),
    ("compose/servers.toml", " }", ", append = [\"maxmemroy 1\"] }", "compose/servers.toml:1:", "did you mean `maxmemory`?"),
    ("compose/servers.toml", " }", ", binary = \"/bin/redis-server\" }", "compose/servers.toml:1:", "lies outside the project"),
    ("claims.yaml", "verdict: correct", "verdict: banana", "claims.yaml:5", "banana"),
    ("claims.yaml", "verdict:", "verdcit:", "claims.yaml:5:3", "did you mean `verdict`?"),
    ("claims.yaml", "- id", "id", "claims.yaml:1", "not a list of claims"),
];

#[test]
fn a_bad_topology_catalogue_or_ledger_is_told_by_every_command_that_reads_it() {
    let mut wrong = Vec::new();
    for (path, from, to, place, says) in FILES {
        let project = Project::new("files");
        project.edit(path, from, to);
        for command in [&["check"][..], &["run"]] {
            expect(&project, command, 2, &[&format!(" --> {place}"), says], &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_bad_command_line_is_told_before_anything_is_played() {
    let mut wrong = Vec::new();
    let project = Project::new("command-line");
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["run"], 3, &["no Docker engine answers", "DOCKER_HOST"]),
        (&["prune"], 3, &["no Docker engine answers"]),
        (&["servers"], 3, &["no Docker engine answers"]),
        (&["run", "--tags", ""], 2, &["--tags"]),
        (&["run", "--tags", "sentinel"], 2, &["did you mean `@sentinel`?"]),
        (&["run", "--tags", "@a && @b"], 2, &["and, or, not"]),
        (&["run", "--tags", "@sentinl"], 4, &["nothing selected", "did you mean @sentinel?"]),
        (&["run", "--name", "("], 2, &["--name", "unclosed group"]),
        (&["run", "--name", "zzz"], 4, &["/zzz/"]),
        (&["run", "--claim", "SENT-MAJORTY"], 4, &["did you mean SENT-MAJORITY?"]),
        (&["run", "--claim", "SENT-MAJORITY"], 4, &["no scenario shows the claim"]),
        (&["run", "--stress", "0"], 2, &["--stress"]),
        (&["run", "--failed"], 4, &["no run is kept yet"]),
        (&["run", "--server", "redis-9.9"], 2, &["did you mean `redis-7.0`?"]),
        (&["run", "--report", "nonsense"], 2, &["there are terminal"]),
        (&["run", "--report", "json=/no/such/dir/x"], 2, &["there is no folder /no/such/dir"]),
        (&["run", "features/sentinel/b.feature"], 2, &["there is no features/sentinel/b.feature", "did you mean features/sentinel/a.feature?"]),
        (&["run", "sentinel/a"], 2, &["did you mean features/sentinel/a.feature?"]),
        (&["run", "features/sentinel/a.feature:99"], 2, &["the file has the lines 1 to 13"]),
        (&["check", "features/nope"], 2, &["there is no features/nope"]),
        (&["claims", "--status", "proven"], 2, &["there are proved"]),
        (&["steps", "kiled"], 4, &["nothing selected", "did you mean killed?"]),
        (&["steps", "--used", "77"], 4, &["no step has 77 uses"]),
        (&["new", "feature", "restart"], 2, &["AREA/NAME", "replication/restart"]),
        (&["new", "feature", "sentinel/../../x"], 2, &["AREA/NAME"]),
        (&["new", "feature", "sentinel/The Restart"], 2, &["is no name", "the-restart"]),
        (&["new", "feature", "sentinel/a"], 2, &["features/sentinel/a.feature is there already"]),
        (&["new", "feature", "sentinel/b", "--topology", "sentinl"], 2, &["did you mean sentinel?"]),
        (&["new", "topology", "sentinel"], 2, &["compose/sentinel.yml is there already"]),
        (&["new", "topology", "../x"], 2, &["is no name"]),
        (&["new", "topology", "x", "--formation", "heap"], 2, &["possible values: none, replication, sentinel, cluster"]),
        (&["mdbook"], 2, &["people call `rehearsal book`"]),
        (&["mdbook", "supports", "html"], 0, &[]),
        (&["mdbook", "supports", "latex"], 1, &[]),
        (&["book"], 2, &["there is no book/book.toml"]),
        (&["runn"], 2, &["unrecognized subcommand"]),
    ];
    for (args, code, says) in cases {
        // A run that could not begin leaves a record behind; `--failed` must not see one.
        let _ = fs::remove_dir_all(project.0.join("target"));
        expect(&project, args, *code, says, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_executable_that_is_not_built_spoils_only_the_runs_that_want_it() {
    let mut wrong = Vec::new();
    let project = Project::new("binary");
    project.write("compose/servers.toml", format!("{SERVERS}redis-7.1 = {{ image = \"redis:7.1\", binary = \"target/redis-server\" }}\n"));
    expect(&project, &["check"], 0, &["there is no executable target/redis-server\n --> compose/servers.toml:2"], &mut wrong);
    expect(&project, &["run", "--server", "redis-7.1"], 3, &["redis-7.1: there is no executable target/redis-server"], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_line_means_the_scenario_around_it() {
    let project = Project::new("lines");
    let second = FEATURE[FEATURE.find("    @id").unwrap()..].replace("@id:one", "@id:two @serial\n    # why").replace("A scenario", "Another");
    project.write("features/sentinel/a.feature", format!("{FEATURE}\n{second}"));
    let picked = |line: usize| project.run(&["list", &format!("features/sentinel/a.feature:{line}")]).1.lines().count();
    assert_eq!([1, 5, 6].map(picked), [2, 2, 2], "a heading means all below it");
    let name = |line: usize| project.run(&["list", &format!("features/sentinel/a.feature:{line}")]).1;
    assert!([8, 9, 13].map(name).iter().all(|listed| listed.ends_with("\tA scenario\n")));
    assert!([15, 16, 17, 21].map(name).iter().all(|listed| listed.ends_with("\tAnother\n")));
}

#[test]
fn findings_as_json_have_file_line_and_message() {
    let project = Project::new("json");
    project.edit("features/sentinel/a.feature", "is killed", "is killd");
    let (code, stdout, _) = project.run(&["check", "--format", "json"]);
    let findings: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let first = &findings[0];
    assert_eq!((code, first["file"].as_str(), first["line"].as_u64()), (2, Some("features/sentinel/a.feature"), Some(12)));
    assert!(first["message"].as_str().unwrap().contains("killd"));
}

#[test]
fn what_is_written_for_somebody_to_begin_with_is_right() {
    let mut wrong = Vec::new();
    let project = Project::new("new");
    expect(&project, &["new", "topology", "mine", "--formation", "cluster"], 0, &["new feature AREA/NAME --topology mine"], &mut wrong);
    expect(
        &project,
        &["new", "feature", "features/sentinel/mine.feature", "--topology", "mine"],
        0,
        &["rehearsal run features/sentinel/mine.feature"],
        &mut wrong,
    );
    expect(&project, &["new", "feature", "proxy/first"], 0, &["features/proxy/first.feature:9 --control"], &mut wrong);
    expect(&project, &["check", "--strict"], 0, &["3 scenarios", "0 errors, 0 warnings"], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn steps_are_found_by_what_scenarios_say() {
    let project = Project::new("steps");
    let (code, stdout, stderr) = project.run(&["steps", "KILLED", "master"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains("> When the master is killed    features/sentinel/a.feature:12\n")
            && stdout.contains("used by 1 scenario: sentinel/a; src/steps/faults.rs:"),
        "{stdout}"
    );
    let (_, stdout, _) = project.run(&["steps", "--used", "1", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(rows.as_array().map(Vec::len), Some(3));
    for field in ["keyword", "pattern", "doc", "file", "line", "used", "uses"] {
        assert!(rows[0].get(field).is_some(), "no {field}");
    }
    assert_eq!(rows[0]["uses"][0]["scenario"], "sentinel/a#one");
}
