//! `rehearsal book keep`: what this machine saw becomes the record in the repository, so that a book built elsewhere shows it too.
//!
//! You are in the right place for which lines are kept; how they are written is in `record/kept.rs`. What is kept is exactly what the book would show: this
//! machine's evidence of the texts as they stand, and where it has none, the line kept before if it still belongs to the text.

use super::super::{exit, measure};
use super::library::not_applicable;
use crate::record::kept::{self, Kept};
use crate::record::{Host, Verdict};
use crate::run::catalogue::{Feature, Scenario};
use crate::run::project::Project;
use crate::run::reading;
use std::collections::HashMap;
use std::process::ExitCode;

/// Writes `book/record/`; `wanted` are names of servers, none or `all` for every one.
pub fn keep(project: &Project, wanted: &[String]) -> ExitCode {
    let (features, problems) = reading::read(project);
    if !problems.is_empty() {
        return exit::problems(&problems);
    }
    let catalogue = match project.servers() {
        Ok(catalogue) => catalogue,
        Err(problems) => return exit::problems(&problems),
    };
    if let Some(message) = wanted.iter().filter(|name| *name != "all").find_map(|name| catalogue.get(name).err()) {
        return exit::usage(&message);
    }
    let seen = project.store().kept();
    super::tell_unreadable(project, &seen);
    let every = wanted.is_empty() || wanted.iter().any(|name| name == "all");
    let (evidence, old) = (seen.newest, project.kept());
    let silent = not_applicable(&features, &catalogue, &evidence, &old.kept);
    let mut runs: HashMap<String, (Host, String)> = HashMap::new();
    let mut nothing = true;
    for server in catalogue.servers().iter().filter(|server| every || wanted.contains(&server.name)) {
        let (mut lines, mut before, mut unknown, mut open) = (Vec::new(), 0, 0, 0);
        let speaks = |scenario: &&Scenario| !silent.contains_key(&(scenario.id(), server.name.clone()));
        for scenario in features.iter().flat_map(Feature::scenarios).filter(speaks) {
            let key = (scenario.text_hash.clone(), server.name.clone());
            let line = match (evidence.get(&key), old.kept.get(&key)) {
                (Some(evidence), _) => {
                    let (host, rehearsal) = runs.entry(evidence.run.clone()).or_insert_with(|| played_by(project, &evidence.run));
                    Some(Kept::of(evidence, host, rehearsal))
                }
                (None, Some(kept)) => {
                    before += 1;
                    Some(kept.clone())
                }
                (None, None) => None,
            };
            unknown += usize::from(line.as_ref().is_some_and(|kept| kept.scenario.verdict == Verdict::Unknown));
            open += usize::from(line.is_none());
            lines.extend(line);
        }
        nothing &= lines.is_empty();
        match kept::write(&project.book().join(kept::FOLDER), &server.name, &lines) {
            Ok(file) if !lines.is_empty() => {
                println!("{}", project.relative(&file));
                eprintln!(
                    "kept: {}: {} scenarios, {before} of them from the record as it was, {unknown} unknown; {open} that speak about it were not played",
                    server.name,
                    lines.len()
                );
            }
            Ok(_) => eprintln!("kept: {}: nothing, since nothing was played there", server.name),
            Err(error) => return exit::usage(&format!("the record of {} cannot be written: {error}", server.name)),
        }
    }
    match measure::keep_all(project) {
        Ok(files) => files.iter().for_each(|file| println!("{}", project.relative(file))),
        Err(error) => return exit::usage(&format!("the measurements cannot be kept: {error}")),
    }
    if nothing {
        eprintln!("error: nothing to keep: play something first, `rehearsal run --server all`");
        return ExitCode::from(exit::NOTHING_CODE);
    }
    exit::PASSED
}

/// Where a run took place, and with which version of this program; of one whose index cannot be read, nothing is known.
fn played_by(project: &Project, run: &str) -> (Host, String) {
    project.store().record(run).map_or_else(|_| (Host::default(), String::new()), |record| (record.host, record.rehearsal))
}
