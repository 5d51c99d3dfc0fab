//! Records that are joined, runs that are shown again, and selections that select nothing: what is said, and with which exit code.
//!
//! You are in the right place when a folder was refused and nobody could tell why.

use super::{FEATURE, Project, expect};

/// A run's folder as another machine might hand it in: what it holds, by path.
fn handed_in(project: &Project, name: &str, files: &[(&str, &str)]) -> String {
    files.iter().for_each(|(path, text)| project.write(&format!("{name}/{path}"), text));
    project.0.join(name).to_str().unwrap().to_owned()
}

/// The index of a run with one scenario on it.
fn index(run: &str, scenario: &str) -> String {
    let host = r#"{"os":"linux","cpus":2,"memory_mib":4096,"engine":"20"}"#;
    format!(
        r#"{{"schema":1,"run":"{run}","started":"2026-01-02T03:04:05Z","finished":"2026-01-02T03:05:05Z","rehearsal":"0.1.0","host":{host},"servers":[],"scenarios":[{scenario}]}}"#
    )
}

fn scenario(verdict: &str, hash: &str, more: &str) -> String {
    format!(
        r#"{{"feature":"features/sentinel/a.feature","line":9,"rule":null,"name":"A scenario","slug":"one","server":"redis-7.0","verdict":"{verdict}","control":"none","attempts":1,"text_hash":"{hash}","duration_ms":5,"overhead_ms":1,"tags":[],"claims":[]{more}}}"#
    )
}

#[test]
fn records_that_cannot_be_joined() {
    let project = Project::new("records");
    let good = handed_in(&project, "good", &[("record.json", &index("20260102T030405-1", &scenario("passed", "aa", "")))]);
    let cut = index("20260102T030405-2", "");
    let cases = [
        ("empty", vec![("notes.txt", String::new())], "empty holds no record.json"),
        ("target-folder", vec![("runs/x/record.json", String::new())], "its runs are below it"),
        ("cut", vec![("record.json", cut[..cut.len() / 2].to_owned())], "cut/record.json: EOF while parsing"),
        ("array", vec![("record.json", "[]".to_owned())], "array/record.json: invalid length 0"),
        ("newer", vec![("record.json", cut.replace("\"schema\":1", "\"schema\":9"))], "newer/record.json: its schema 9 is newer than 1"),
        ("escape", vec![("record.json", index("../../../x", ""))], "is no id of a run"),
        (
            "outside",
            vec![("record.json", index("r", &scenario("passed", "aa", r#","evidence":"../../etc/passwd""#)))],
            "lies at no place below scenarios/",
        ),
        (
            "gone",
            vec![("record.json", index("r", &scenario("passed", "aa", r#","evidence":"scenarios/x.json""#)))],
            "gone/scenarios/x.json: No such file",
        ),
        ("text", vec![("record.json", index("r", &scenario("passed", "bb", "")))], "sentinel/a#one has another text in r than in 20260102T030405-1"),
        ("verdict", vec![("record.json", index("r", &scenario("green", "aa", "")))], "unknown variant `green`"),
    ];
    let mut wrong = Vec::new();
    for (name, files, says) in &cases {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let folder = handed_in(&project, name, &files);
        expect(&project, &["merge", &good, &folder], 2, &["error: ", says], &mut wrong);
    }
    expect(&project, &["merge"], 2, &["RUN_OR_FOLDER"], &mut wrong);
    expect(&project, &["merge", "nosuchrun"], 2, &["no run is kept"], &mut wrong);
    assert!(!project.0.join("target").exists(), "a refused merge leaves no run behind");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn joined_records_end_as_their_worst_part() {
    let project = Project::new("joined");
    let mut wrong = Vec::new();
    let part = |name: &str, run: &str, verdict: &str| handed_in(&project, name, &[("record.json", &index(run, &scenario(verdict, "aa", "")))]);
    let (passed, failed) = (part("a", "20260102T030405-1", "passed"), part("b", "20260102T030405-2", "failed"));
    expect(&project, &["merge", &passed], 0, &["1 passed"], &mut wrong);
    expect(&project, &["merge", &passed, &failed], 1, &["was played by two: failed in 20260102T030405-2 counts", "1 failed"], &mut wrong);
    let shard = index("20260102T030405-3", &scenario("passed", "aa", "")).replacen("\"servers\"", "\"shard\":\"1/2\",\"servers\"", 1);
    let shard = handed_in(&project, "c", &[("record.json", &shard)]);
    expect(&project, &["merge", &shard], 3, &["no record of shard 2/2"], &mut wrong);
    expect(&project, &["replay", "2027"], 2, &["did you mean 20260102T030505-joined-"], &mut wrong);
    expect(&project, &["replay", "2026"], 2, &["\"2026\" may mean 3 runs"], &mut wrong);
    expect(&project, &["replay", "--scenario", "onne"], 4, &["no scenario of 20260102T030505-joined-"], &mut wrong);
    let (code, stdout, _) = project.run(&["replay"]);
    assert_eq!((code, stdout.contains("1 passed on")), (0, false), "{stdout}");
    assert!(stdout.contains("passed   sentinel::a::one"), "{stdout}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn selections_say_which_criterion_left_nothing() {
    let project = Project::new("criteria");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["run", "--shard", "0/2"], 2, "the first is 1/2 and the last 2/2"),
        (&["run", "--shard", "2"], 2, "write I/N"),
        (&["run", "--shard", "2/2"], 4, "none of them falls to shard 2/2"),
        (&["list", "--shard", "2/2"], 4, "none of them falls to shard 2/2"),
        (&["run", "--shuffle=abc"], 2, "invalid value 'abc'"),
        (&["run", "--tags", "@sentinel", "--name", "^B"], 4, "no scenario has a name like /^B/"),
        (&["run", "--tags", "@sentinel", "--failed"], 4, "no run is kept yet"),
        (&["run", "--report", "juint=x.xml"], 2, "there are terminal, json, junit, html, markdown, github"),
        (&["run", "--report", "junit=no/such/x.xml"], 2, "there is no folder no/such"),
    ];
    let mut wrong = Vec::new();
    cases.iter().for_each(|(args, code, says)| expect(&project, args, *code, &[says], &mut wrong));
    // Each of these is met by a scenario, and none by all of them.
    let second = "\n    @id:two @other @claim:SENT-MAJORITY\n    Scenario: Another\n      Given the \"sentinel\" topology\n";
    project.write("features/sentinel/a.feature", FEATURE.to_owned() + second);
    let place = format!("{}:9", project.0.join("features/sentinel/a.feature").display());
    let both: &[(&[&str], &str)] = &[
        (&["--tags", "@other", "--name", "A scenario"], "1 scenario is selected by --tags \"@other\", but none is left by --name \"A scenario\""),
        (&["--name", "A scenario", "--claim", "SENT-MAJORITY"], "selected by --name \"A scenario\", but none is left by --claim SENT-MAJORITY"),
        (&[place.as_str(), "--tags", "@other"], "a.feature:9, but none is left by --tags"),
    ];
    for (args, says) in both {
        let list: Vec<&str> = ["list"].iter().chain(*args).copied().collect();
        expect(&project, &list, 4, &[says], &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
