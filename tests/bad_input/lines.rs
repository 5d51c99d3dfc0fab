//! Command lines and folders of records as people really get them wrong.

use super::{Project, expect};

/// Arguments, exit code, words.
pub type Line = (&'static [&'static str], i32, &'static str);

pub const LINES: &[Line] = &[
    (&[], 2, "Usage: rehearsal"),
    (&["--nonsense"], 2, "unexpected argument '--nonsense'"),
    (&["rnu"], 2, "unrecognized subcommand 'rnu'"),
    (&["--project", "/no/such/folder", "check"], 2, ""),
    (&["measure"], 2, "<WHAT>"),
    (&["measure", "latency"], 2, "possible values: failover"),
    (&["size"], 2, "backlog"),
    (&["size", "backlogs"], 2, "backlog"),
    (&["size", "backlog", "--rate", "much"], 2, "not a number of this kind"),
    (&["size", "backlog", "--rate", "0"], 2, "the rate has to be above 0"),
    (&["size", "sentinels", "--sentinels", "3", "--quorum", "4"], 2, "larger than the number of Sentinels"),
    (&["size", "loss", "--max-lag", "0"], 2, "between 1 s and"),
    (&["measure", "failover", "--topology", "raft"], 2, "possible values: sentinel, cluster"),
    (&["measure", "failover", "--topology", "cluster", "--down-after", "1000"], 2, "--node-timeout varies cluster-node-timeout"),
    (&["measure", "failover", "--down-after", "5"], 2, "500..=60000"),
    (&["measure", "failover", "--runs", "0"], 2, "--runs"),
    (&["measure", "failover", "--server", "all,x"], 2, "there is no server"),
    (&["measure", "failover"], 3, ""),
    (&["run", "--jobs", "0"], 2, "--jobs"),
    (&["run", "--jobs", "-1"], 2, "unexpected argument '-1'"),
    (&["run", "--jobs", "many"], 2, "--jobs"),
    (&["run", "--stress", "1000000"], 2, "--stress"),
    (&["run", "--retry", "1000"], 2, "--retry"),
    (&["run", "--flaky", "maybe"], 2, "possible values: pass, fail"),
    (&["run", "--control=some"], 2, "possible values"),
    (&["run", "--shard", "0/3"], 2, "the first is 1/3"),
    (&["run", "--shard", "4/3"], 2, "the last 3/3"),
    (&["run", "--shard", "1/0"], 2, "--shard"),
    (&["run", "--shard", "1/2/3"], 2, "write I/N"),
    (&["run", "--shard", "a/b"], 2, "write I/N"),
    (&["run", "--shuffle=-1"], 2, "--shuffle"),
    (&["run", "--name", "[z-a]"], 2, "--name"),
    (&["run", "--name", "a{99999999}"], 2, "--name"),
    (&["run", "--tags", "@a and"], 2, "is no tag expression"),
    (&["run", "--tags", "(@a"], 2, "is no tag expression"),
    (&["run", "--tags", "not"], 2, "is no tag expression"),
    (&["run", "--server", ""], 2, "there is no server"),
    (&["run", "--server", "../x"], 2, "there is no server"),
    (&["run", "--server", "ALL"], 2, "there is no server"),
    (&["run", "--report", ""], 2, "there are terminal"),
    (&["run", "--report", "json="], 2, "is no file"),
    (&["run", "--report", "json=/"], 2, "is no file"),
    (&["run", "--report", "JSON=x.json"], 2, "there are terminal"),
    (&["run", "--limit", ""], 2, "--limit"),
    (&["run", "--limit", "step"], 2, "--limit"),
    (&["run", "--limit", "step="], 2, "--limit"),
    (&["run", "--limit", "step=0 seconds"], 2, "--limit"),
    (&["run", "features/sentinel/a.feature:0"], 2, "the file has the lines 1 to 13"),
    (&["run", "features/sentinel/a.feature:99999"], 2, "the file has the lines 1 to 13"),
    (&["run", "features/sentinel/a.feature:x"], 2, "there is no features/sentinel/a.feature:x"),
    (&["run", "features/sentinel:3"], 2, "only a file has lines"),
    (&["run", ""], 2, "an empty path names nothing"),
    (&["run", "/etc/passwd"], 2, "lies outside the project"),
    (&["run", "../../.."], 2, "outside the project"),
    (&["run", "claims.yaml"], 4, "there is no scenario in claims.yaml"),
    (&["check", "--format", "xml"], 2, "possible values: text, json"),
    (&["list", "--format", "yaml"], 2, "possible values: text, json"),
    (&["steps", "--used", "x"], 2, "--used"),
    (&["claims", "--status", ""], 2, "there are proved"),
    (&["completions", "tcsh"], 2, "possible values"),
    (&["replay", "../../etc"], 2, "no run"),
    (&["replay", ""], 2, "no run"),
    (&["replay", "--list", "x"], 2, "cannot be used with"),
    (&["replay", "--report", "pdf"], 2, "there are terminal"),
    (&["merge", ""], 2, ""),
    (&["merge", "/etc/passwd"], 2, ""),
    (&["images", "bulid"], 2, "unrecognized subcommand"),
    (&["new"], 2, "Usage: rehearsal new"),
    (&["new", "feature", ""], 2, "AREA/NAME"),
    (&["new", "topology", "a b"], 2, "is no name"),
    (&["init", "extra", "words"], 2, ""),
];

/// What `record.json` of the newest run is, and what of it is told.
pub const RECORDS: &[(&str, &str)] = &[
    ("", "record.json: EOF"),
    ("{", "record.json: EOF"),
    ("null", "record.json: invalid type: null"),
    ("[1, 2]", "record.json: invalid"),
    ("{\"schema\": \"1\"}", "record.json: invalid type: string"),
    ("{\"schema\": -1}", "record.json: invalid value"),
    ("{\"schema\": 1}", "record.json: missing field"),
    ("\u{feff}{}", "record.json: expected value"),
    ("{\"schema\": 1, \"schema\": 1}", "record.json: duplicate field"),
];

#[test]
fn every_bad_line_is_told() {
    let project = Project::new("lines");
    let mut wrong = Vec::new();
    for (args, code, says) in LINES {
        let _ = std::fs::remove_dir_all(project.0.join("target"));
        expect(&project, args, *code, &[says], &mut wrong);
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), LINES.len(), wrong.join("\n"));
}

#[test]
fn every_bad_record_is_told() {
    let project = Project::new("replayed");
    let mut wrong = Vec::new();
    let folder = "target/rehearsal/runs/20260101T000000-1";
    for (text, says) in RECORDS {
        project.write(&format!("{folder}/record.json"), text);
        // The record that cannot be read is named with its line; what reads many of them goes on without it.
        expect(&project, &["replay", "20260101T000000-1"], 2, &[folder, says, "line 1"], &mut wrong);
        expect(&project, &["claims"], 0, &[], &mut wrong);
        expect(&project, &["run", "--failed"], 4, &["no run is kept yet"], &mut wrong);
    }
    // What merely lies among the runs is none.
    project.write("target/rehearsal/runs/notes.txt", "x");
    expect(&project, &["replay", "notes.txt"], 2, &["notes.txt"], &mut wrong);
    std::fs::remove_file(project.0.join(folder).join("record.json")).unwrap();
    expect(&project, &["replay", "20260101T000000-1"], 2, &["record.json: No such file"], &mut wrong);
    expect(&project, &["replay", "--list"], 0, &[], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn evidence_that_cannot_be_read_counts_as_not_there_and_is_told_once() {
    let project = Project::new("evidence");
    for (file, text) in [("a.json", "{\"schema\": 1, \"trunc"), ("b.json", "{\"schema\": 999}")] {
        project.write(&format!("target/rehearsal/runs/20200101T000000-1/scenarios/{file}"), text);
    }
    let (code, stdout, stderr) = project.run(&["claims"]);
    assert_eq!((code, stdout.contains("SENT-MAJORITY")), (0, true), "{stderr}");
    assert_eq!(stderr.matches("cannot be read counts as not there").count(), 1, "{stderr}");
    assert!(stderr.contains("and 1 more"), "{stderr}");
}
