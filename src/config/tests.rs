//! The project's own file, and files that are wrong in one way each.

use super::*;

fn problems(text: &str) -> String {
    match Config::parse(text, "rehearsal.toml") {
        Ok(config) => format!("no problem: {config:?}"),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

#[test]
fn every_key_is_read() {
    let text = "jobs = 3\nretry = 2\nflaky = \"fail\"\nslow = \"20 seconds\"\nheartbeat = \"5 seconds\"\nreport = [\"json=x\"]\n\
                [limits]\nstep = \"1.5 seconds\"\nscenario = \"1 minute\"\nrun = \"2 hours\"\n";
    let s = Duration::from_secs;
    let limits = Limits { step: Duration::from_millis(1500), scenario: s(60), run: s(7200) };
    let wanted = Config { limits, slow: s(20), heartbeat: s(5), jobs: Some(3), retry: 2, flaky: Flaky::Fail, report: vec!["json=x".to_owned()] };
    assert_eq!(Config::parse(text, "x").unwrap(), wanted);
    KEYS.iter().for_each(|key| assert!(text.contains(&format!("{} = ", key.name.trim_start_matches("limits."))), "{} is not tried", key.name));
}

#[test]
fn the_defaults_are_what_the_list_says() {
    let table = |prefix: &str| -> String {
        let own = KEYS.iter().filter(|key| !key.default.is_empty() && key.name.contains('.') != prefix.is_empty());
        own.map(|key| format!("{} = {}\n", key.name.trim_start_matches(prefix), key.default)).collect()
    };
    let text = format!("{}[limits]\n{}", table(""), table("limits."));
    assert!(text.contains("retry = 0\n") && text.contains("\nstep = "), "{text}");
    assert_eq!(Config::parse(&text, "x").unwrap(), Config::default());
}

#[test]
fn the_projects_file_shows_every_key_with_its_default() {
    let text = include_str!("../../rehearsal.toml");
    assert!(text.starts_with("#:schema ./schemas/rehearsal.schema.json\n"), "editors look for the schema in the first line");
    assert!(Config::parse(text, "rehearsal.toml").is_ok());
    // What is set in it is set; what is a comment of the form `# key = value` shows a default.
    let shown: String = text.lines().map(|line| line.strip_prefix("# ").filter(|l| l.contains(" = ") && !l.ends_with('.')).unwrap_or(line)).fold(
        String::new(),
        |mut all, line| {
            all.push_str(line);
            all.push('\n');
            all
        },
    );
    let config = Config::parse(&shown, "rehearsal.toml").unwrap();
    assert_eq!(Config { jobs: None, ..config }, Config::default());
    for key in KEYS {
        let name = key.name.trim_start_matches("limits.");
        assert!(shown.lines().any(|line| line.starts_with(&format!("{name} = "))), "{} is not shown", key.name);
    }
}

#[test]
fn unknown_keys_are_placed_and_named() {
    insta::assert_snapshot!(problems("slwo = \"1 minute\"\n[limits]\n  steps = \"1 minute\"\n"), @r"
    error: unknown key `slwo`
     --> rehearsal.toml:1:1
      = help: did you mean `slow`?
    error: unknown key `limits.steps`
     --> rehearsal.toml:3:3
      = help: did you mean `step`?
    ");
    insta::assert_snapshot!(problems("step = \"1 minute\"\n[limits]\nretry = 1\n[limit]\n"), @r"
    error: unknown key `step`
     --> rehearsal.toml:1:1
      = help: it stands below [limits]
    error: unknown key `limits.retry`
     --> rehearsal.toml:3:1
      = help: `retry` stands above the first table
    error: unknown key `limit`
     --> rehearsal.toml:4:2
      = help: did you mean `limits`?
    ");
}

#[test]
fn wrong_values_are_placed_and_told() {
    insta::assert_snapshot!(problems("jobs = 0\nretry = \"2\"\nflaky = \"maybe\"\nslow = 60\nreport = \"json\"\nlimits = 3\n"), @r#"
    error: `jobs` has to be a number from 1 to 64, not 0
     --> rehearsal.toml:1:8
      = help: write `jobs = 4`
    error: `retry` has to be a number from 0 to 20
     --> rehearsal.toml:2:9
      = help: write `retry = 0`
    error: `flaky` has to be "pass" or "fail", not "maybe"
     --> rehearsal.toml:3:9
      = help: write `flaky = "pass"`
    error: `slow` has to be a span of time
     --> rehearsal.toml:4:8
      = help: write `slow = "1 minute"`
    error: `report` has to be a list of texts
     --> rehearsal.toml:5:10
      = help: write `report = ["markdown=target/summary.md"]`
    error: `limits` has to be a table
     --> rehearsal.toml:6:10
      = help: write [limits] above its keys
    "#);
    insta::assert_snapshot!(problems("[limits]\nstep = \"2 fortnights\"\nrun = \"0 seconds\"\n"), @r#"
    error: `limits.step` has to be a span of time: "fortnights" is no unit of time
     --> rehearsal.toml:2:8
      = help: write `step = "2 minutes"`
    error: `limits.run` has to be a span of time: no time at all is no limit
     --> rehearsal.toml:3:7
      = help: write `run = "4 hours"`
    "#);
    insta::assert_snapshot!(problems("slow = \n"), @r"
    error: not valid TOML: string values must be quoted, expected literal string
     --> rehearsal.toml:1:8
    ");
}

#[test]
fn limits_of_the_command_line() {
    let mut config = Config::default();
    config.limit("step=1 second").unwrap();
    assert_eq!(config.limits.step, Duration::from_secs(1));
    assert!(config.limit("step").unwrap_err().starts_with("\"step\" names no limit"));
    assert!(config.limit("stpe=1 second").unwrap_err().starts_with("there is no limit \"stpe\""));
    assert!(config.limit("run=1").unwrap_err().starts_with("\"run=1\": a duration is a number and a unit"));
}
