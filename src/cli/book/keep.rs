//! `rehearsal book keep`: what this machine saw becomes the record in the repository, so that a book built elsewhere shows it too.
//!
//! You are in the right place for which lines are kept; how they are written is in `record/kept.rs`. What is kept is exactly what the book would show: this
//! machine's evidence of the texts as they stand, and where it has none, the line kept before if it still belongs to the text.

use super::super::{broken, exit, measure};
use super::library::not_applicable;
use crate::record::kept::{self, Kept};
use crate::record::{Evidence, Host, Verdict};
use crate::run::catalogue::{Feature, Scenario};
use crate::run::project::Project;
use crate::run::reading;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
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
    let seen = project.seen();
    super::tell_unreadable(project, &seen);
    let every = wanted.is_empty() || wanted.iter().any(|name| name == "all");
    let old = project.kept();
    let silent = not_applicable(&features, &catalogue, &seen, &old.kept);
    let every_scenario: Vec<&Scenario> = features.iter().flat_map(Feature::scenarios).collect();
    let mut keeper = Keeper { project, evidence: &seen.newest, old: &old.kept, runs: HashMap::new() };
    let mut nothing = true;
    for server in catalogue.servers().iter().filter(|server| every || wanted.contains(&server.name)) {
        let speaks = |scenario: &&Scenario| !silent.contains_key(&(scenario.id(), server.name.clone()));
        let scenarios: Vec<&Scenario> = every_scenario.iter().copied().filter(speaks).collect();
        let kept = keeper.lines(&scenarios, &server.name);
        nothing &= kept.lines.is_empty();
        match kept.write(project, &server.name) {
            Ok(file) if !kept.lines.is_empty() => println!("{}", project.relative(&file)),
            Ok(_) => {}
            Err(message) => return exit::usage(&message),
        }
        eprintln!("kept: {}: {kept}", server.name);
    }
    if every && let Err(code) = keep_broken(project, &every_scenario) {
        return code;
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

/// What became of the servers that are broken on purpose: only of the scenarios that have to fail there.
fn keep_broken(project: &Project, scenarios: &[&Scenario]) -> Result<(), ExitCode> {
    let aside = project.aside(broken::ASIDE);
    let seen = aside.seen();
    super::tell_unreadable(&aside, &seen);
    let (evidence, old) = (seen.newest, aside.kept());
    let mut keeper = Keeper { project: &aside, evidence: &evidence, old: &old.kept, runs: HashMap::new() };
    let servers = project.broken().map_err(|problems| exit::problems(&problems))?;
    let mut all = Lines::default();
    for broken in &servers {
        let fails = |scenario: &&Scenario| broken.fails.iter().any(|fails| fails.scenario == scenario.id());
        let own: Vec<&Scenario> = scenarios.iter().copied().filter(fails).collect();
        let kept = keeper.lines(&own, &broken.server.name);
        kept.write(&aside, &broken.server.name).map_err(|message| exit::usage(&message))?;
        all.add(kept);
    }
    for gone in old.kept.keys().map(|(_, name)| name).filter(|name| servers.iter().all(|broken| broken.server.name != **name)) {
        Lines::default().write(&aside, gone).map_err(|message| exit::usage(&message))?;
    }
    if !servers.is_empty() {
        println!("{}", project.relative(&aside.kept_folder()));
        eprintln!("kept: {} servers broken on purpose: {all}", servers.len());
    }
    Ok(())
}

/// Finds what is to be kept: this machine's evidence, else the line as it was.
struct Keeper<'a> {
    project: &'a Project,
    evidence: &'a BTreeMap<(String, String), Evidence>,
    old: &'a BTreeMap<(String, String), Kept>,
    /// Hosts and versions of the runs that were asked for.
    runs: HashMap<String, (Host, String)>,
}

impl Keeper<'_> {
    fn lines(&mut self, scenarios: &[&Scenario], server: &str) -> Lines {
        let mut kept = Lines::default();
        for scenario in scenarios {
            let key = (scenario.text_hash.clone(), server.to_owned());
            let line = match (self.evidence.get(&key), self.old.get(&key)) {
                (Some(evidence), older) => {
                    let (host, rehearsal) = self.runs.entry(evidence.run.clone()).or_insert_with(|| played_by(self.project, &evidence.run));
                    let line = Kept::of(evidence, host, rehearsal);
                    Some(older.map_or(line.clone(), |older| line.with_control_of(older)))
                }
                (None, Some(line)) => {
                    kept.before += 1;
                    Some(line.clone())
                }
                (None, None) => None,
            };
            kept.unknown += usize::from(line.as_ref().is_some_and(|kept| kept.scenario.verdict == Verdict::Unknown));
            kept.open += usize::from(line.is_none());
            kept.lines.extend(line);
        }
        kept
    }
}

/// What is kept of a server, and how many of it are what.
#[derive(Default)]
struct Lines {
    lines: Vec<Kept>,
    /// From the record as it was.
    before: usize,
    unknown: usize,
    /// Speak about the server, and were not played.
    open: usize,
}

impl Lines {
    /// Writes the server's file; answers its path, or what to tell.
    fn write(&self, project: &Project, server: &str) -> Result<PathBuf, String> {
        kept::write(&project.root, &project.kept_folder(), server, &self.lines)
            .map_err(|error| format!("the record of {server} cannot be written: {error}"))
    }

    fn add(&mut self, more: Lines) {
        self.lines.extend(more.lines);
        self.before += more.before;
        self.unknown += more.unknown;
        self.open += more.open;
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lines { lines, before, unknown, open } = self;
        match lines.len() {
            0 => f.write_str("nothing, since nothing was played there"),
            n => {
                write!(f, "{n} scenarios, {before} of them from the record as it was, {unknown} unknown; {open} that speak about it were not played")
            }
        }
    }
}

/// Where a run took place, and with which version of this program; of one whose index cannot be read, nothing is known.
fn played_by(project: &Project, run: &str) -> (Host, String) {
    project.store().record(run).map_or_else(|_| (Host::default(), String::new()), |record| (record.host, record.rehearsal))
}
