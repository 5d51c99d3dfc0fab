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

/// What a run was to play, as a field of its index; it has no end unless it says so.
fn planning(index: &str, scenarios: &[&str], more: &str, ended: bool) -> String {
    let ids: Vec<String> = scenarios.iter().map(|slug| format!("\"sentinel/a#{slug}\"")).collect();
    let plan = format!("\"planned\":[{{\"server\":\"redis-7.0\",\"scenarios\":[{}]}}],{more}\"servers\"", ids.join(","));
    let index = index.replacen("\"servers\"", &plan, 1);
    if ended { index } else { index.replacen("\"finished\":\"2026-01-02T03:05:05Z\"", "\"finished\":null", 1) }
}

#[test]
fn a_part_that_is_not_whole_does_not_end_as_one_that_is() {
    let project = Project::new("unfinished");
    let mut wrong = Vec::new();
    let part = |name: &str, index: &str| handed_in(&project, name, &[("record.json", index)]);
    let whole = part("whole", &planning(&index("20260102T030405-1", &scenario("passed", "aa", "")), &["one"], "", true));
    let many: Vec<String> = (1..=13).map(|n| format!("left-{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let nothing = |run: &str| index(run, "");
    for (name, index, code, says) in [
        (
            "killed",
            planning(&nothing("20260102T030405-2"), &many, "", false),
            3,
            &["13 scenarios were not played:", "sentinel/a#left-10 on redis-7.0", "and 3 more"][..],
        ),
        (
            "interrupted",
            planning(&nothing("20260102T030405-3"), &["two"], "\"interrupted\":\"SIGINT\",", true),
            130,
            &["sentinel/a#two on redis-7.0"],
        ),
        (
            "terminated",
            planning(&nothing("20260102T030405-4"), &["two"], "\"interrupted\":\"SIGTERM\",", true),
            143,
            &["sentinel/a#two on redis-7.0"],
        ),
        (
            "full-disk",
            planning(&nothing("20260102T030405-5"), &["two"], "", true),
            3,
            &["20260102T030405-5 played nothing", "sentinel/a#two on redis-7.0"],
        ),
        ("older-full-disk", nothing("20260102T030405-6"), 3, &["20260102T030405-6 played nothing"]),
        (
            "one-image-missing",
            planning(&nothing("20260102T030405-7"), &["one", "two"], "", false),
            3,
            &["did not come to its end", "sentinel/a#two on redis-7.0"],
        ),
    ] {
        let folder = part(name, &index);
        expect(&project, &["merge", &whole, &folder], code, &[&["1 passed"][..], says].concat(), &mut wrong);
    }
    expect(&project, &["merge", &whole], 0, &["1 passed"], &mut wrong);
    expect(&project, &["merge", &part("empty", &nothing("20260102T030405-8"))], 4, &["0 scenarios"], &mut wrong);
    let alone = part("alone", &planning(&nothing("20260102T030405-9"), &["two"], "", false));
    expect(&project, &["merge", &alone], 3, &["1 scenario was not played", "sentinel/a#two on redis-7.0"], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_record_that_disagrees_with_its_evidence_is_refused() {
    let project = Project::new("disagreeing");
    let mut wrong = Vec::new();
    let named = r#","evidence":"scenarios/sentinel.a.one@redis-7.0.json""#;
    let build = r#"{"name":"redis-7.0","image":"redis:7.0.15","image_id":"","route":"local","version":"7.0.15","build_id":""}"#;
    for (name, verdict, hash, says) in [
        ("agrees", "passed", "aa", None),
        ("failed", "failed", "aa", Some("sentinel/a#one passed by record.json, and failed by this evidence")),
        ("another-text", "passed", "bb", Some("sentinel/a#one has the text aa in record.json, and this evidence is of the text bb")),
    ] {
        let scenario_of = |verdict: &str, hash: &str| scenario(verdict, hash, named);
        let mut evidence = scenario_of(verdict, hash);
        evidence.truncate(evidence.len() - 1);
        evidence += &format!(
            r#","schema":1,"run":"20260102T030405-1","started":"2026-01-02T03:04:05Z","server_build":{build},"topology":null,"nodes":[],"steps":[],"window_ms":null,"timeline":[]}}"#
        );
        let files =
            [("record.json", index("20260102T030405-1", &scenario_of("passed", "aa"))), ("scenarios/sentinel.a.one@redis-7.0.json", evidence)];
        let folder = handed_in(&project, name, &files.each_ref().map(|(path, text)| (*path, text.as_str())));
        match says {
            None => expect(&project, &["merge", &folder], 0, &["1 passed"], &mut wrong),
            Some(says) => expect(&project, &["merge", &folder], 2, &["scenarios/sentinel.a.one@redis-7.0.json", says], &mut wrong),
        }
    }
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
