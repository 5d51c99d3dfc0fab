//! `rehearsal replay [RUN]`: a recorded run once more, without an engine; `--list` shows which runs there are.
//!
//! You are in the right place when a recorded run is shown differently from how it was shown when it was played. Nothing is played here, so nothing fails: the exit code says only
//! whether there was something to show, and the help says so.

use super::run::Done;
use super::{exit, reporting, view};
use crate::record::portable::{self, Part};
use crate::record::{Evidence, ScenarioRecord, Verdict};
use crate::report::{self, format, line, steps, terminal::Terminal};
use crate::run::project::Project;
use crate::topology::located::nearest;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::ExitCode;

/// What the exit code says, which is another than that of the run.
const EXIT: &str = "Exit codes:
  0  it was shown, whatever became of it when it was played: `rehearsal merge RUN` ends as the run itself ended
  2  there is no such run, or it cannot be read
  4  no scenario of it has such a name";

/// Which run, and what of it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT)]
pub struct Args {
    /// Id of a run, or a part of it that no other has [default: the newest]
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Step by step, with their timelines: the scenarios whose name, or whose name as a test, contains this
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Show which runs are kept
    #[arg(long, conflicts_with_all = ["run", "scenario", "report"])]
    pub list: bool,
    /// Write a report instead: terminal, json, junit, html, markdown or github; to stdout, or to a file
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<String>,
}

/// Shows what is asked for.
pub fn replay(project: &Project, args: &Args) -> ExitCode {
    if args.list {
        return list(project);
    }
    let wanted = match reporting::wanted(&args.report) {
        Ok(wanted) => wanted,
        Err(message) => return exit::usage(&message),
    };
    let run = match find(project, args.run.as_deref().unwrap_or("latest")) {
        Ok(run) => run,
        Err(message) => return exit::usage(&message),
    };
    let (mut part, bad) = match portable::read(&project.store().folder(&run)) {
        Ok(read) => read,
        Err(bad) => return exit::usage(&format!("{}: {}", project.relative(&bad.file), bad.reason)),
    };
    for bad in bad {
        eprintln!("warning: {}: {}", project.relative(&bad.file), bad.reason);
    }
    if let Some(wanted) = &args.scenario {
        let known: Vec<String> = part.record.scenarios.iter().map(format::test_name).collect();
        let lower = wanted.to_lowercase();
        part.record.scenarios.retain(|s| means(s, &lower));
        if part.record.scenarios.is_empty() {
            let near = nearest(wanted, known.iter().map(String::as_str)).map(|near| format!("\n  = help: did you mean {near}?")).unwrap_or_default();
            eprintln!("error: no scenario of {run} has a name like \"{wanted}\"{near}");
            return ExitCode::from(exit::NOTHING_CODE);
        }
    }
    let done = Done { record: part.record.clone(), folder: part.folder.clone() };
    if !wanted.is_empty() {
        return reporting::write(project, &done, &wanted).map_or_else(|message| exit::usage(&message), |()| exit::PASSED);
    }
    let colours = view::colours_of_stdout();
    if args.scenario.is_some() {
        let evidence = |s: &ScenarioRecord| part.evidence.iter().find(|e| same(e, s));
        let drawn: String = part.record.scenarios.iter().map(|s| steps::draw(s, evidence(s), colours)).collect();
        return show(&drawn);
    }
    let mut lines = vec![format!("run {}: {}, {}", part.record.run, format::count(part.record.scenarios.len(), "scenario"), part.record.started)];
    lines.extend(as_they_ended(&part).into_iter().map(|scenario| line::line(scenario, colours)));
    show(&format!("{}\n{}", lines.join("\n"), reporting::text(project, &done, &Terminal { colours })))
}

fn show(text: &str) -> ExitCode {
    print!("{text}");
    exit::PASSED
}

/// The run that is meant.
///
/// # Errors
/// None or several: which they are, or which is nearest.
pub fn find(project: &Project, text: &str) -> Result<String, String> {
    let store = project.store();
    store.find(text).map_err(|several| {
        let runs = store.runs();
        match (several.as_slice(), nearest_run(text, &runs)) {
            ([], _) if runs.is_empty() => format!("no run is kept in {}: play one with `rehearsal run`", project.relative(store.root())),
            ([], _) if text == "latest" => {
                "there is no latest run any more\n  = help: `rehearsal replay --list` shows the runs that are kept".to_owned()
            }
            ([], Some(near)) => format!("no run \"{text}\" is kept, and there is no such folder\n  = help: did you mean {near}?"),
            ([], None) => format!("no run \"{text}\" is kept\n  = help: `rehearsal replay --list` shows them"),
            (several, _) => format!("\"{text}\" may mean {} runs\n  = help: write more of one of them: {}", several.len(), few(several)),
        }
    })
}

/// The id that is most like the text: spelled nearly the same, else the one that begins like it for longest.
fn nearest_run<'r>(text: &str, runs: &'r [String]) -> Option<&'r str> {
    let alike = |run: &str| run.chars().zip(text.chars()).take_while(|(a, b)| a == b).count();
    let begins = || runs.iter().max_by_key(|run| alike(run)).map(String::as_str);
    nearest(text, runs.iter().map(String::as_str)).or_else(begins)
}

fn few(runs: &[String]) -> String {
    let shown: Vec<&str> = runs.iter().rev().take(3).map(String::as_str).collect();
    if runs.len() > shown.len() { format!("{}, ...", shown.join(", ")) } else { shown.join(", ") }
}

fn means(scenario: &ScenarioRecord, wanted: &str) -> bool {
    let test = format!("{}@{}", format::test_name(scenario), scenario.server);
    test.contains(wanted) || scenario.id().contains(wanted) || scenario.name.to_lowercase().contains(wanted)
}

fn same(evidence: &Evidence, scenario: &ScenarioRecord) -> bool {
    evidence.scenario.id() == scenario.id() && evidence.scenario.server == scenario.server
}

/// The scenarios in the order in which they ended; first those that were never begun.
fn as_they_ended(part: &Part) -> Vec<&ScenarioRecord> {
    let ended = |e: &Evidence| Some(e.started.parse::<jiff::Timestamp>().ok()?.as_millisecond() + i64::try_from(e.scenario.duration_ms).ok()?);
    let ends: HashMap<(String, &str), Option<i64>> =
        part.evidence.iter().map(|e| ((e.scenario.id(), e.scenario.server.as_str()), ended(e))).collect();
    let mut scenarios: Vec<&ScenarioRecord> = part.record.scenarios.iter().collect();
    scenarios.sort_by_key(|s| ends.get(&(s.id(), s.server.as_str())).copied().flatten());
    scenarios
}

/// Every run that is kept, the newest last, where the eye is.
fn list(project: &Project) -> ExitCode {
    let store = project.store();
    let runs = store.runs();
    if runs.is_empty() {
        eprintln!("no run is kept yet");
    }
    let mut out = String::new();
    for run in runs {
        match portable::read_index(&store.folder(&run)) {
            Ok(record) => {
                let started = record.started.split('.').next().unwrap_or_default().trim_end_matches('Z').replace('T', " ");
                let servers: Vec<&str> = record.servers.iter().map(|s| s.name.as_str()).collect();
                let end = match (&record.interrupted, &record.finished) {
                    (Some(signal), _) => format!("  interrupted by {signal}"),
                    (None, None) => "  did not come to its end".to_owned(),
                    (None, Some(_)) => String::new(),
                };
                let bad = record.count(Verdict::Failed) + record.count(Verdict::Unknown);
                let sign = if bad > 0 { "!" } else { " " };
                let _ = writeln!(out, "{run:<30} {sign} {started}  {}  {}{end}", report::counts(&record), servers.join(" "));
            }
            Err(bad) => {
                let _ = writeln!(out, "{run:<30} ? {}", bad.reason);
            }
        }
    }
    show(&out)
}
