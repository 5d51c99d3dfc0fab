//! `--report FORMAT[=FILE]`: which reports are wanted, when they are written, and where to.
//!
//! You are in the right place when a report lands in the wrong place or comes too late. What is in one is decided below `src/report`.

use super::run::Done;
use crate::confined;
use crate::print;
use crate::record::portable;
use crate::record::{Evidence, RunRecord, Verdict};
use crate::report::{self, Report, Run};
use crate::run::event::{Event, View};
use crate::run::project::Project;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

/// A report, and its file; without one it goes to stdout.
pub type Wanted = (&'static dyn Report, Option<PathBuf>);

/// What `rehearsal.toml` asks for, as the command line would say it. There a file is named from the project's root, and lies inside it: only who calls the program decides about other places.
///
/// # Errors
/// A file outside.
pub fn of_project(project: &Project, wanted: &[String]) -> Result<Vec<String>, String> {
    let placed = |text: &String| {
        let Some((name, file)) = text.split_once('=') else { return Ok(text.clone()) };
        let path = project.root.join(file);
        let inside = !path.is_symlink() && confined::real(&project.root, confined::above(&path)).is_ok();
        // A folder that is not there is told as one of the command line would be.
        if inside || (!confined::above(&path).exists() && Path::new(file).components().all(|part| matches!(part, Component::Normal(_)))) {
            Ok(format!("{name}={}", path.display()))
        } else {
            Err(format!(
                "rehearsal.toml: `report`: {} lies outside the project\n  = help: name a file inside, or give it on the command line: --report {text}",
                file.escape_debug()
            ))
        }
    };
    wanted.iter().map(placed).collect()
}

/// What the command line asks for.
///
/// # Errors
/// An unknown format, or a file that cannot be written: told before anything is played, not after.
pub fn wanted(wanted: &[String]) -> Result<Vec<Wanted>, String> {
    let known = report::reports();
    wanted
        .iter()
        .map(|text| {
            let (name, file) = text.split_once('=').map_or((text.as_str(), None), |(name, file)| (name, Some(PathBuf::from(file))));
            let names: Vec<&str> = known.iter().map(|r| r.name()).collect();
            let report = known.iter().find(|r| r.name() == name);
            let report = report.ok_or_else(|| format!("--report: no format \"{name}\"\n  = help: there are {}", names.join(", ")))?;
            file.as_deref().map_or(Ok(()), writable)?;
            Ok((*report, file))
        })
        .collect()
}

fn writable(file: &Path) -> Result<(), String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if file.as_os_str().is_empty() || file.is_dir() {
        return Err(format!("--report: \"{}\" is no file\n  = help: write --report json=FILE, or --report json for stdout", file.display()));
    }
    if !folder.is_dir() {
        return Err(format!("--report: there is no folder {}\n  = help: make it first, or write somewhere else", folder.display()));
    }
    Ok(())
}

/// Writes what is wanted of a run that is over.
///
/// # Errors
/// A file could not be written.
pub fn write(project: &Project, done: &Done, wanted: &[Wanted]) -> Result<(), String> {
    let evidence = evidence_of(done);
    for (report, file) in wanted {
        let bytes = rendered(project, &done.record, &evidence, *report);
        match file {
            None => print::bytes(&bytes),
            Some(file) => whole(file, &bytes).map_err(|e| format!("{}: {e}", file.display()))?,
        }
    }
    Ok(())
}

/// What GitHub's machines show without being asked: annotations among the lines of the job, and the summary of the job.
pub fn on_github(project: &Project, done: &Done, wanted: &[Wanted]) -> Result<(), String> {
    if std::env::var_os("GITHUB_ACTIONS").is_none_or(|value| value != "true") {
        return Ok(());
    }
    let has = |name: &str| wanted.iter().any(|(report, _)| report.name() == name);
    if !has("github") {
        // Both streams are read there; a report on stdout is left alone.
        let annotations = text(project, done, &report::github::Github);
        if wanted.iter().any(|(_, file)| file.is_none()) { eprint!("{annotations}") } else { print!("{annotations}") }
    }
    let Some(summary) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return Ok(()) };
    let told = |error: std::io::Error| format!("GITHUB_STEP_SUMMARY: {}: {error}", Path::new(&summary).display());
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&summary).map_err(told)?;
    file.write_all(text(project, done, &report::markdown::Markdown).as_bytes()).map_err(told)
}

/// A rendering of a finished run as text.
pub fn text(project: &Project, done: &Done, report: &dyn Report) -> String {
    String::from_utf8_lossy(&rendered(project, &done.record, &evidence_of(done), report)).into_owned()
}

fn rendered(project: &Project, record: &RunRecord, evidence: &[Evidence], report: &dyn Report) -> Vec<u8> {
    let sources = |path: &str| confined::read_text(&project.root, &project.root.join(path)).ok();
    // `latest` is the shorter name as long as it is the same folder; several runs at once take turns with it.
    let latest = project.store().find("latest").is_ok_and(|run| run == record.run);
    let folder = if latest { "target/rehearsal/latest".to_owned() } else { format!("target/rehearsal/runs/{}", record.run) };
    report.render(&Run { record, evidence, sources: &sources, folder: &folder })
}

/// What of a run's evidence can be read; a report shows the others by what the index says.
fn evidence_of(done: &Done) -> Vec<Evidence> {
    portable::read(&done.folder).map_or_else(|_| Vec::new(), |(part, _)| part.evidence)
}

/// Replaces a file as a whole, so that whoever reads it meanwhile never sees half of one. What is no ordinary file (a pipe, `/dev/null`) is written into.
fn whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::symlink_metadata(file).is_ok_and(|found| !found.is_file()) {
        return std::fs::write(file, bytes);
    }
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let fresh = file.with_file_name(name);
    std::fs::write(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, file)).inspect_err(|_| drop(std::fs::remove_file(&fresh)))
}

/// A view that passes everything on to another one, and writes the reports that grow whenever a scenario has ended.
pub struct Growing<'a> {
    inner: Box<dyn View>,
    project: &'a Project,
    reports: Vec<(&'static dyn Report, PathBuf)>,
    record: RunRecord,
    evidence: Vec<Evidence>,
    broken: bool,
}

impl<'a> Growing<'a> {
    /// Around `inner`.
    pub fn around(inner: Box<dyn View>, project: &'a Project, wanted: &[Wanted]) -> Growing<'a> {
        let reports = wanted.iter().filter(|(report, _)| report.grows()).filter_map(|(report, file)| Some((*report, file.clone()?))).collect();
        Growing { inner, project, reports, record: RunRecord::empty(""), evidence: Vec::new(), broken: false }
    }

    /// One entry a scenario and server: the newest, unless an earlier repetition was worse.
    fn take(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Begun { run, .. } => self.record.run = (*run).to_owned(),
            Event::Finished { scenario, evidence, .. } => {
                let known = self.record.scenarios.iter_mut().find(|s| s.id() == scenario.id() && s.server == scenario.server);
                match known {
                    Some(known) if scenario.stress.is_some() && matches!(known.verdict, Verdict::Failed) => known.stress = scenario.stress,
                    Some(known) => *known = (*scenario).clone(),
                    None => self.record.scenarios.push((*scenario).clone()),
                }
                self.evidence.retain(|e| e.scenario.id() != scenario.id() || e.scenario.server != scenario.server);
                self.evidence.extend(evidence.cloned());
            }
            Event::Controlled { scenario, .. } => {
                let known = self.record.scenarios.iter_mut().find(|s| s.id() == scenario.id() && s.server == scenario.server);
                known.into_iter().for_each(|known| *known = (*scenario).clone());
            }
            _ => return false,
        }
        true
    }
}

impl View for Growing<'_> {
    fn event(&mut self, event: &Event<'_>) {
        if !self.reports.is_empty() && self.take(event) {
            for (report, file) in &self.reports {
                let written = whole(file, &rendered(self.project, &self.record, &self.evidence, *report));
                // Told once; at the end the same error ends the run.
                if let (Err(error), false) = (written, self.broken) {
                    self.broken = true;
                    self.inner.event(&Event::Note(&format!("warning: {}: {error}", file.display())));
                }
            }
        }
        self.inner.event(event);
    }
}
