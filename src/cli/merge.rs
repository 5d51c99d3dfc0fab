//! `rehearsal merge RUN_OR_FOLDER...`: the records of several machines become one run.
//!
//! You are in the right place when a folder is refused, or when the joined run misses something; how two records of one scenario are joined is in `record::merge`.

use super::run::Done;
use super::{exit, replay, reporting, view};
use crate::record::merge::{self, Joined};
use crate::record::order;
use crate::record::portable::{self, Part, Unreadable};
use crate::record::{Evidence, RunRecord};
use crate::report::terminal::Terminal;
use crate::run::project::Project;
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to join.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Runs of this project by their id, or folders from anywhere that hold a record.json
    #[arg(value_name = "RUN_OR_FOLDER", required = true)]
    pub runs: Vec<String>,
    /// Write a report of the whole: terminal, json, junit, html, markdown or github; to stdout, or to a file
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<String>,
}

/// Joins, writes the joined run, reports on it; ends as that run would have ended.
pub fn merge(project: &Project, args: &Args) -> ExitCode {
    let wanted = match reporting::wanted(&args.report) {
        Ok(wanted) => wanted,
        Err(message) => return exit::usage(&message),
    };
    let parts = match parts(project, &args.runs) {
        Ok(parts) => parts,
        Err(message) => return exit::usage(&message),
    };
    let numbers: Vec<Option<u64>> = parts.iter().map(|part| number(project, part)).collect();
    let pairs: Vec<(&RunRecord, u64)> = parts.iter().zip(&numbers).map(|(part, number)| (&part.record, number.unwrap_or(0))).collect();
    let joined = match merge::join(id(&parts), &pairs) {
        Ok(joined) => joined,
        Err(message) => return exit::usage(&message),
    };
    let done = match write(project, &parts, &joined, made_of(&numbers)) {
        Ok(done) => done,
        Err(error) => return exit::usage(&format!("the joined record could not be written: {error}")),
    };
    joined.notes.iter().for_each(|note| eprintln!("note: {note}"));
    eprint!("{}", reporting::text(project, &done, &Terminal { colours: view::colours() }));
    if let Err(message) = reporting::write(project, &done, &wanted).and_then(|()| reporting::on_github(project, &done, &wanted)) {
        return exit::usage(&message);
    }
    let code = exit::of(&done.record);
    if !joined.missing.is_empty() {
        eprintln!("warning: no record of shard {}: what it plays is not in here", joined.missing.join(", "));
        return ExitCode::from(if code == 0 { exit::UNKNOWN_CODE } else { code });
    }
    ExitCode::from(code)
}

/// The place of a part in the order of this project's runs; those of another machine have none in it.
fn number(project: &Project, part: &Part) -> Option<u64> {
    let here = project.store().folder(&part.record.run).canonicalize().ok()?;
    Some(order::of(&here)).filter(|number| *number > 0 && part.folder.canonicalize().is_ok_and(|folder| folder == here))
}

/// What is made of runs of this project alone is as old as the newest of them.
fn made_of(numbers: &[Option<u64>]) -> Option<u64> {
    numbers.iter().copied().collect::<Option<Vec<u64>>>()?.into_iter().max()
}

/// Every part, read and checked whole; each once.
fn parts(project: &Project, given: &[String]) -> Result<Vec<Part>, String> {
    let mut parts: Vec<Part> = Vec::new();
    for text in given {
        let folder = folder(project, text)?;
        let (part, bad) = portable::read(&folder).map_err(|bad| told(project, &bad))?;
        if let Some(bad) = bad.first() {
            return Err(told(project, bad));
        }
        // A shell's pattern may well name the same run twice: by its id, and as `latest`.
        if parts.iter().any(|known| known.record == part.record) {
            eprintln!("note: {text} is {} once more", part.record.run);
            continue;
        }
        parts.push(part);
    }
    Ok(parts)
}

fn told(project: &Project, bad: &Unreadable) -> String {
    format!("{}: {}\n  = help: copy the whole folder of the run, target/rehearsal/runs/<id>", project.relative(&bad.file), bad.reason)
}

/// A folder with a record, its record, or a run of this project.
fn folder(project: &Project, text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_file() && path.file_name().is_some_and(|name| name == "record.json") {
        return Ok(path.parent().map_or_else(PathBuf::new, PathBuf::from));
    }
    if path.is_dir() {
        if path.join("record.json").is_file() {
            return Ok(path);
        }
        let below = path.join("runs").is_dir() || path.join("latest").exists();
        let advice = if below { format!("its runs are below it: {text}/runs/*") } else { "a run's folder is target/rehearsal/runs/<id>".to_owned() };
        return Err(format!("{text} holds no record.json\n  = help: {advice}"));
    }
    replay::find(project, text).map(|run| project.store().folder(&run))
}

/// The joined run sorts where its last part ended: its evidence is no newer than that.
fn id(parts: &[Part]) -> String {
    let last = parts.iter().map(|part| part.record.finished.as_ref().unwrap_or(&part.record.started)).max();
    let time = last.and_then(|time| time.parse::<jiff::Timestamp>().ok()).unwrap_or_else(jiff::Timestamp::now);
    format!("{}-joined-{}", time.strftime("%Y%m%dT%H%M%S"), std::process::id())
}

fn write(project: &Project, parts: &[Part], joined: &Joined, made_of: Option<u64>) -> std::io::Result<Done> {
    let mut folder = project.store().begin(&joined.record.run, made_of)?;
    let all = parts.iter().enumerate().flat_map(|(number, part)| part.evidence.iter().map(move |evidence| (number, evidence)));
    let evidence: HashMap<(usize, String, &str), &Evidence> =
        all.map(|(number, evidence)| ((number, evidence.scenario.id(), evidence.scenario.server.as_str()), evidence)).collect();
    for (scenario, from) in joined.record.scenarios.iter().zip(&joined.from) {
        if let Some(evidence) = evidence.get(&(*from, scenario.id(), scenario.server.as_str())) {
            let evidence = Evidence { scenario: scenario.clone(), ..(*evidence).clone() };
            portable::adopt(&folder, &parts[*from].folder, &evidence)?;
        }
    }
    for part in parts {
        folder.journal(&serde_json::json!({"event": "joined", "run": part.record.run, "scenarios": part.record.scenarios.len()}))?;
    }
    folder.write_record(&joined.record)?;
    Ok(Done { record: joined.record.clone(), folder: folder.path().to_owned() })
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
