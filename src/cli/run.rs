//! `rehearsal run`: selection and options -> a run, its view, its reports.

use super::reporting::{self, Growing, Wanted};
use super::{exit, selecting, settings, view};
use crate::record::RunRecord;
use crate::report::paint::Paint;
use crate::report::terminal::Terminal;
use crate::report::timings;
use crate::run::check;
use crate::run::control::Controls;
use crate::run::order;
use crate::run::project::Project;
use crate::run::reading;
use crate::run::selection::Selection;
use crate::run::session::{self, Options};
use crate::run::shard::Shard;
use crate::topology::servers::{Catalogue, Server};
use std::collections::BTreeSet;
use std::path::PathBuf;
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
    /// The I-th of N parts of the scenarios, such as 2/5: several machines with the same features share them without talking
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Play in a random order; the seed that is told repeats it
    #[arg(long, value_name = "SEED", num_args = 0..=1, require_equals = true)]
    pub shuffle: Option<Option<u64>>,
    /// End at the first scenario that does not pass
    #[arg(long)]
    pub fail_fast: bool,
    /// Leave the deployment of a scenario that did not pass up, to look into it
    #[arg(long)]
    pub keep: bool,
    /// Tell where the time went: containers, formation, the servers' own timers, stated waits, ours
    #[arg(long)]
    pub timings: bool,
    /// Write a report: terminal, json, junit, html, markdown or github; to stdout, or to a file; may be given more than once [default: as in rehearsal.toml]
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<String>,
    #[command(flatten)]
    pub consent: super::consent::Consent,
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
    let wanted = match reporting::wanted(&config.report) {
        Ok(wanted) => wanted,
        Err(message) => return exit::usage(&message),
    };
    let selection = match selecting::selection(project, args) {
        Ok(selection) => selection,
        Err(message) => return exit::usage(&message),
    };
    match play(project, args, &selection, &wanted) {
        Ok(done) => match report(project, &done, &wanted) {
            Ok(()) => ExitCode::from(exit::of(&done.record)),
            Err(message) => exit::usage(&message),
        },
        Err(code) => ExitCode::from(code),
    }
}

/// Writes what is wanted, and what the machine of a CI system shows without being asked.
///
/// # Errors
/// A file could not be written.
pub fn report(project: &Project, done: &Done, wanted: &[Wanted]) -> Result<(), String> {
    reporting::write(project, done, wanted)?;
    reporting::on_github(project, done, wanted)
}

/// Plays a selection; everything that can go wrong before the first scenario is told here.
///
/// # Errors
/// The exit code, after the message.
pub fn play(project: &Project, args: &Args, selection: &Selection, wanted: &[Wanted]) -> Result<Done, u8> {
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
    if let Some(shard) = args.shard {
        let all = scenarios.len();
        scenarios = shard.of(scenarios);
        if scenarios.is_empty() {
            return Err(said(exit::NOTHING_CODE)(selecting::empty_shard(shard, all)));
        }
    }
    if let Some(only) = &only {
        scenarios.retain(|scenario| only.iter().any(|(id, _)| *id == scenario.id()));
        if scenarios.is_empty() {
            return Err(said(exit::NOTHING_CODE)("nothing selected: what failed in the last run is not among these scenarios".to_owned()));
        }
    }
    let config = settings::of(project, args)?;
    let view = view::choose(&config);
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
        broken: false,
        only: only.filter(|_| args.server.is_empty()),
        shuffle: args.shuffle.map(|seed| seed.unwrap_or_else(order::seed)),
        shard: args.shard.map(|shard| shard.to_string()),
        leave: view::restore_terminal,
    };
    if let Some(seed) = options.shuffle {
        eprintln!("shuffled: --shuffle={seed} repeats the order");
    }
    let mut view = Growing::around(view, project, wanted);
    match session::run(project, &scenarios, &servers, &options, &mut view) {
        Ok(outcome) => {
            drop(view);
            let done = Done { record: outcome.record, folder: outcome.folder };
            eprint!("{}", reporting::text(project, &done, &Terminal { colours: view::colours() }));
            if args.timings {
                eprint!("{}", timings::timings(&done.record, Paint { colours: view::colours() }));
            }
            Ok(done)
        }
        Err(error) => {
            drop(view);
            eprintln!("error: {error}");
            // The engine, an image, a disk: none of them is a word about a server, or about what was asked for.
            Err(exit::UNKNOWN_CODE)
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
