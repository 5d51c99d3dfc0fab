//! `rehearsal broken`: plays the servers of `compose/broken.toml`, each with the scenarios that have to fail on it.
//!
//! You are in the right place when a suite that is always green has to be tested itself. A broken server is *caught* when every one of its scenarios failed and said why; the
//! records lie beside those of ordinary runs, since a broken server is no evidence about a whole one.

use super::{exit, view};
use crate::record::{ScenarioRecord, Verdict};
use crate::run::catalogue::{Feature, Scenario};
use crate::run::check;
use crate::run::project::Project;
use crate::run::reading;
use crate::run::session::{self, Options};
use crate::topology::broken::{Broken, Fails};
use crate::topology::located::nearest;
use crate::topology::servers::Server;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Where the records of these runs lie, below `target/rehearsal`.
pub const ASIDE: &str = "broken";

/// Which of them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Names of compose/broken.toml [default: all of them]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Scenarios side by side [default: as in rehearsal.toml, else what this machine carries]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: Option<u16>,
    /// Show what is broken and what has to fail, and play nothing
    #[arg(long)]
    pub list: bool,
    #[command(flatten)]
    pub consent: super::consent::Consent,
}

/// What became of a scenario that has to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It failed, and the message says what is wrong.
    Caught,
    /// It failed for another reason than the one that was expected.
    Otherwise,
    /// It passed: it does not see what it is there to see.
    Missed,
    /// It was not played, or stayed unknown.
    Unknown,
}

impl Outcome {
    /// What a verdict and the message of its failure say of it.
    pub fn of(played: Option<(Verdict, &str)>, says: &str) -> Outcome {
        match played {
            Some((Verdict::Failed, message)) if message.contains(says) => Outcome::Caught,
            Some((Verdict::Failed, _)) => Outcome::Otherwise,
            Some((Verdict::Passed, _)) => Outcome::Missed,
            _ => Outcome::Unknown,
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Outcome::Caught => "caught",
            Outcome::Otherwise => "otherwise",
            Outcome::Missed => "missed",
            Outcome::Unknown => "unknown",
        })
    }
}

/// Plays them, and says which were caught.
pub fn broken(project: &Project, args: &Args) -> ExitCode {
    match chosen(project, args) {
        Ok(chosen) if args.list => list(&chosen),
        Ok(chosen) => ExitCode::from(play(project, args, &chosen).unwrap_or_else(|code| code)),
        Err(code) => code,
    }
}

fn chosen(project: &Project, args: &Args) -> Result<Vec<Broken>, ExitCode> {
    let all = project.broken().map_err(|problems| exit::problems(&problems))?;
    if all.is_empty() {
        return Err(exit::usage(
            "no server is broken on purpose\n  = help: compose/broken.toml says what to break, and which scenario has to notice",
        ));
    }
    let known = || all.iter().map(|broken| broken.server.name.as_str());
    if let Some(strange) = args.names.iter().find(|name| !known().any(|known| known == name.as_str())) {
        let help =
            nearest(strange, known()).map_or_else(|| "`rehearsal broken --list` shows them".to_owned(), |near| format!("did you mean {near}?"));
        return Err(exit::usage(&format!("there is no broken server `{strange}`\n  = help: {help}")));
    }
    Ok(all.into_iter().filter(|broken| args.names.is_empty() || args.names.contains(&broken.server.name)).collect())
}

fn list(chosen: &[Broken]) -> ExitCode {
    for broken in chosen {
        println!("{:<24} {}", broken.server.name, broken.what);
        for fails in &broken.fails {
            println!("{:<24}   {}: \"{}\"", "", fails.scenario, fails.says);
        }
    }
    exit::PASSED
}

fn play(project: &Project, args: &Args, chosen: &[Broken]) -> Result<u8, u8> {
    let (features, problems) = reading::read(project);
    let problems = check::before_a_run(project, &features, problems);
    if !problems.is_empty() {
        exit::problems(&problems);
        return Err(exit::USAGE_CODE);
    }
    let mut config = project.config().map_err(|problems| {
        exit::problems(&problems);
        exit::USAGE_CODE
    })?;
    config.jobs = args.jobs.map(usize::from).or(config.jobs);
    let only: BTreeSet<(String, String)> =
        chosen.iter().flat_map(|b| b.fails.iter().map(|fails| (fails.scenario.clone(), b.server.name.clone()))).collect();
    let scenarios: Vec<&Scenario> = features.iter().flat_map(Feature::scenarios).filter(|s| only.iter().any(|(id, _)| *id == s.id())).collect();
    let servers: Vec<Server> = chosen.iter().map(|broken| broken.server.clone()).collect();
    let mut view = view::choose(&config);
    let options = Options { config, broken: true, only: Some(only), leave: view::restore_terminal, ..Options::default() };
    let outcome = session::run(&project.aside(ASIDE), &scenarios, &servers, &options, view.as_mut()).map_err(|error| {
        eprintln!("error: {error}");
        exit::UNKNOWN_CODE
    })?;
    drop(view);
    let of = |b: &Broken, f: &Fails| outcome.record.scenarios.iter().find(|s| s.server == b.server.name && s.id() == f.scenario);
    let mut worst = 0;
    for broken in chosen {
        println!("{}: {}", broken.server.name, broken.what);
        for fails in &broken.fails {
            worst = worst.max(tell(fails, of(broken, fails)));
        }
    }
    let all: Vec<(&Broken, &Fails)> = chosen.iter().flat_map(|b| b.fails.iter().map(move |f| (b, f))).collect();
    let caught = all.iter().filter(|(b, f)| judged(of(b, f), &f.says) == Outcome::Caught).count();
    eprintln!("{} broken servers, {} scenarios that have to fail: {caught} caught", chosen.len(), all.len());
    Ok(match outcome.record.interrupted.as_deref() {
        Some(_) => exit::of(&outcome.record),
        None => match worst {
            0 => 0,
            1 => exit::UNKNOWN_CODE,
            _ => exit::FAILED_CODE,
        },
    })
}

fn judged(played: Option<&ScenarioRecord>, says: &str) -> Outcome {
    let message = played.map(message);
    Outcome::of(played.map(|played| played.verdict).zip(message.as_deref()), says)
}

/// What a record says went wrong, in a line.
pub fn message(played: &ScenarioRecord) -> String {
    match (&played.failure, &played.reason) {
        (Some((_, message)), _) | (None, Some(message)) => message.clone(),
        (None, None) => format!("it {}", played.verdict),
    }
}

/// Tells one outcome; 0 is as it has to be, 1 unknown, 2 not caught.
fn tell(fails: &Fails, played: Option<&ScenarioRecord>) -> u8 {
    let message = played.map(message).unwrap_or_default();
    let outcome = judged(played, &fails.says);
    println!("  {outcome:<10} {}: {message}", fails.scenario);
    if outcome == Outcome::Otherwise {
        println!("             it was to say: {}", fails.says);
    }
    match outcome {
        Outcome::Caught => 0,
        Outcome::Unknown => 1,
        Outcome::Otherwise | Outcome::Missed => 2,
    }
}
