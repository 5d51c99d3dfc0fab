//! `rehearsal run`: selection and options -> a run, its view, its reports.

use super::{exit, selecting, settings, view};
use crate::record::{Evidence, RunRecord};
use crate::report::{self, Run};
use crate::run::check;
use crate::run::control::Controls;
use crate::run::project::Project;
use crate::run::reading;
use crate::run::selection::Selection;
use crate::run::session::{self, Options, SessionError};
use crate::topology::servers::{Catalogue, Server};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to play and how.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Feature files or folders; FILE:LINE means the scenario around that line
    #[arg(value_name = "PATH[:LINE]")]
    pub paths: Vec<String>,
    /// Scenarios whose tags match, such as "@sentinel and not @serial"
    #[arg(long, value_name = "EXPR")]
    pub tags: Option<String>,
    /// Scenarios whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub name: Option<String>,
    /// Scenarios that show this claim; may be given more than once
    #[arg(long, value_name = "ID")]
    pub claim: Vec<String>,
    /// Server to play on, from compose/servers.toml; more than once for several, `all` for every one
    #[arg(long, value_name = "NAME")]
    pub server: Vec<String>,
    /// Scenarios side by side [default: as in rehearsal.toml, else what this machine carries]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: Option<u16>,
    /// Play a scenario that failed or stayed unknown again, up to N times; one that passes then is flaky, and every attempt is kept [default: as in rehearsal.toml, else 0]
    #[arg(long, value_name = "N", conflicts_with = "stress", value_parser = clap::value_parser!(u16).range(0..=20))]
    pub retry: Option<u16>,
    /// What a flaky pass is worth: with `fail` the run ends with 1 [default: as in rehearsal.toml, else pass]
    #[arg(long, value_name = "pass|fail", hide_possible_values = true)]
    pub flaky: Option<settings::FlakyArg>,
    /// Give up later or sooner than rehearsal.toml says: "step=30 seconds", scenario=..., run=...; may be given more than once
    #[arg(long, value_name = "WHICH=TIME")]
    pub limit: Vec<String>,
    /// Play every scenario N times and tell how often it passed; the worst of them counts
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub stress: u16,
    /// Play each scenario again without its faults: one that still passes proves nothing (`each`: without one fault at a time)
    #[arg(long, value_name = "each", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    pub control: Option<ControlArg>,
    /// Only what failed, stayed unknown or missed its control in the last run, on the servers it did so (missed: add --control)
    #[arg(long)]
    pub failed: bool,
    /// End at the first scenario that does not pass
    #[arg(long)]
    pub fail_fast: bool,
    /// Leave the deployment of a scenario that did not pass up, to look into it
    #[arg(long)]
    pub keep: bool,
    /// Write a report: terminal, json or markdown; to stdout, or to a file [default: as in rehearsal.toml]
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<String>,
}

/// How controls are played.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum ControlArg {
    All,
    Each,
}

/// A run that came to its end, with what is needed to report on it.
pub struct Done {
    pub record: RunRecord,
    pub folder: PathBuf,
}

/// Plays what the arguments ask for.
pub fn run(project: &Project, args: &Args) -> ExitCode {
    let config = match settings::of(project, args) {
        Ok(config) => config,
        Err(code) => return ExitCode::from(code),
    };
    let wanted = match wanted_reports(&config.report) {
        Ok(wanted) => wanted,
        Err(message) => return exit::usage(&message),
    };
    let selection = match selecting::selection(project, args) {
        Ok(selection) => selection,
        Err(message) => return exit::usage(&message),
    };
    match play(project, args, &selection) {
        Ok(done) => {
            let written = reports(project, &done, &wanted);
            if let Err(message) = written {
                eprintln!("error: {message}");
                return ExitCode::from(exit::USAGE_CODE);
            }
            ExitCode::from(exit::of(&done.record))
        }
        Err(code) => ExitCode::from(code),
    }
}

/// Plays a selection; everything that can go wrong before the first scenario is told here.
///
/// # Errors
/// The exit code, after the message.
pub fn play(project: &Project, args: &Args, selection: &Selection) -> Result<Done, u8> {
    let (features, problems) = reading::read(project);
    let problems = check::before_a_run(project, &features, problems);
    if !problems.is_empty() {
        exit::problems(&problems);
        return Err(exit::USAGE_CODE);
    }
    let said = |code: u8| {
        move |message: String| -> u8 {
            exit::usage(&message);
            code
        }
    };
    let catalogue = project.servers().map_err(|problems| {
        exit::problems(&problems);
        exit::USAGE_CODE
    })?;
    let only = if args.failed { Some(selecting::failed(project).map_err(said(exit::NOTHING_CODE))?) } else { None };
    let names = match &only {
        // What failed is played where it failed, unless another server is asked for.
        Some(only) if args.server.is_empty() => only.iter().map(|(_, server)| server.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
        _ => args.server.clone(),
    };
    let servers = servers(&catalogue, &names).map_err(said(exit::USAGE_CODE))?;
    let mut scenarios = selection.pick(&features);
    if scenarios.is_empty() {
        return Err(said(exit::NOTHING_CODE)(selecting::nothing(project, args, selection, &features)));
    }
    if let Some(only) = &only {
        scenarios.retain(|scenario| only.iter().any(|(id, _)| *id == scenario.id()));
        if scenarios.is_empty() {
            return Err(said(exit::NOTHING_CODE)("nothing selected: what failed in the last run is not among these scenarios".to_owned()));
        }
    }
    let config = settings::of(project, args)?;
    let mut view = view::choose(&config);
    let options = Options {
        config,
        keep: args.keep,
        controls: match args.control {
            None => Controls::Off,
            Some(ControlArg::All) => Controls::All,
            Some(ControlArg::Each) => Controls::Each,
        },
        stress: usize::from(args.stress),
        fail_fast: args.fail_fast,
        only: only.filter(|_| args.server.is_empty()),
        leave: view::restore_terminal,
    };
    match session::run(project, &scenarios, &servers, &options, &mut *view) {
        Ok(outcome) => {
            drop(view);
            let done = Done { record: outcome.record, folder: outcome.folder };
            eprint!("{}", render(project, &done, &report::terminal::Terminal { colours: view::colours() }));
            Ok(done)
        }
        Err(error) => {
            drop(view);
            eprintln!("error: {error}");
            Err(match error {
                SessionError::Io(_) => exit::USAGE_CODE,
                SessionError::Engine(_) | SessionError::Server(..) => exit::UNKNOWN_CODE,
            })
        }
    }
}

/// The servers asked for; the first of the catalogue unless told otherwise.
///
/// # Errors
/// An unknown name.
pub fn servers(catalogue: &Catalogue, names: &[String]) -> Result<Vec<Server>, String> {
    if names.is_empty() {
        return Ok(vec![catalogue.default_server().clone()]);
    }
    if names.iter().any(|name| name == "all") {
        return Ok(catalogue.servers().to_vec());
    }
    names.iter().map(|name| catalogue.get(name).cloned()).collect()
}

type Wanted = (&'static dyn report::Report, Option<PathBuf>);

fn wanted_reports(wanted: &[String]) -> Result<Vec<Wanted>, String> {
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

/// Whether a report can be written there: told before anything is played, not after.
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

fn reports(project: &Project, done: &Done, wanted: &[Wanted]) -> Result<(), String> {
    for (report, file) in wanted {
        let text = render(project, done, *report);
        match file {
            None => print!("{text}"),
            Some(file) => std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?,
        }
    }
    Ok(())
}

/// A rendering of a finished run.
pub fn render(project: &Project, done: &Done, report: &dyn report::Report) -> String {
    let evidence = evidence_of(&done.record, &done.folder);
    let sources = |path: &str| std::fs::read_to_string(project.root.join(path)).ok();
    let run = Run { record: &done.record, evidence: &evidence, sources: &sources, folder: "target/rehearsal/latest" };
    String::from_utf8_lossy(&report.render(&run)).into_owned()
}

fn evidence_of(record: &RunRecord, folder: &Path) -> Vec<Evidence> {
    let paths = record.scenarios.iter().filter_map(|s| s.evidence.as_ref());
    paths.filter_map(|path| serde_json::from_slice(&std::fs::read(folder.join(path)).ok()?).ok()).collect()
}
