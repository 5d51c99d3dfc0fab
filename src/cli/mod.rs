//! Parse, call, exit code: one file a subcommand.
//!
//! Machine-readable data goes to stdout, everything for people to stderr. The exit codes are a contract, see [`exit`].

pub mod book;
pub mod broken;
pub mod check;
pub mod consent;
pub mod doctor;
pub mod exit;
pub mod features;
pub mod hand;
pub mod images;
pub mod init;
pub mod measure;
pub mod merge;
pub mod new;
pub mod registries;
pub mod replay;
pub mod reporting;
pub mod run;
pub mod selecting;
pub mod settings;
pub mod size;
pub mod steps;
pub mod view;

#[cfg(test)]
mod stub_tests;

use crate::print;
use crate::run::project::Project;
use clap::{CommandFactory as _, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The executable book of Redis high availability: play documented behaviours against real servers in containers, and read what is true.
#[derive(Debug, Parser)]
#[command(name = "rehearsal", version, max_term_width = 110, arg_required_else_help = true, after_help = exit::HELP)]
pub struct Cli {
    /// Folder of the project: the nearest one upwards with rehearsal.toml or features/ in it, unless given
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

/// Subcommands, in the order of a first acquaintance.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a project of your own in a folder
    Init(init::Args),
    /// Play scenarios and write their record
    Run(run::Args),
    /// Show a recorded run again, without playing anything
    Replay(replay::Args),
    /// Join the records of several machines into one run
    Merge(merge::Args),
    /// Play the scenarios, then build the book with their evidence
    Book(book::Args),
    /// Start a topology and leave it up, to play with by hand
    Up(hand::up::Args),
    /// Do something to a node that is up, and verify that it has bitten
    Inject(hand::inject::Args),
    /// Undo what was injected, newest first, and verify that
    Heal(hand::heal::Args),
    /// Show how everybody is, live
    Watch(hand::watch::Args),
    /// Send a command to a node that is up
    Cli(hand::cli::Args),
    /// Write out what was done by hand as a feature
    Draft(hand::draft::Args),
    /// End what was started with `up`
    Down(hand::down::Args),
    /// Play the servers that are broken on purpose: each has to make its scenarios fail
    Broken(broken::Args),
    /// Play a failover many times, and keep what its phases took for the book's charts
    ///
    /// Each run forms the deployment, lets a client write, kills the master, waits until writes are acknowledged again, and takes the time between apart: until the
    /// master is missed (detect), given up (agree), the one to act is found (elect), a replica is master (promote), a write is acknowledged (write); and until everybody has been told (reconfigure).
    /// The result is kept as target/rehearsal/measures/NAME@SERVER.json. A run that fails is told and counted. Ctrl-C ends it and keeps the runs that are complete.
    Measure(measure::Args),
    /// Work out how large, how many, how long: backlog, memory, votes, failover times, lost writes
    ///
    /// The arithmetic that the book's page on sizing explains, on your numbers; each answer names its formula and the scenarios that show the rule.
    Size(size::Args),
    /// Find everything that can be wrong without Docker
    Check(check::Args),
    /// Write a feature or a topology to begin with
    New(new::Args),
    /// List scenarios
    List(registries::ListArgs),
    /// List the sentences a scenario can be made of
    Steps(steps::Args),
    /// List the claims and what has become of them
    Claims(registries::ClaimsArgs),
    /// List the servers of the catalogue
    Servers(registries::Format),
    /// List the topologies
    Topologies(registries::Format),
    /// List the faults
    Faults(registries::Format),
    /// Build, list or remove the images this program makes
    Images(images::Args),
    /// Remove containers, networks and volumes of runs that are no more
    Prune(images::PruneArgs),
    /// Tell what is missing on this machine, and how to get it
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// The shell to complete for
        shell: clap_complete::Shell,
    },
    /// Speak mdBook's preprocessor protocol (called by mdbook, not by people)
    #[command(hide = true)]
    Mdbook(book::ProtocolArgs),
}

impl Command {
    /// What was said to the question before servers are started, if it starts any.
    fn consent(&self) -> Option<consent::Consent> {
        match self {
            Command::Run(args) => Some(args.consent),
            Command::Up(args) => Some(args.consent),
            Command::Broken(args) => Some(args.consent),
            Command::Measure(args) => Some(args.consent),
            Command::Book(args) => args.consent(),
            Command::Images(args) => args.consent(),
            _ => None,
        }
    }

    /// Whether it has an answer where there is no project: one about what is built in.
    fn works_anywhere(&self) -> bool {
        use Command::{Claims, Faults, Images, Servers, Steps, Topologies};
        matches!(self, Steps(_) | Topologies(_) | Servers(_) | Faults(_) | Claims(_) | Images(_))
    }
}

/// The program behind `rehearsal`.
pub fn main() -> ExitCode {
    quiet_scenario_panics();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { exit::USAGE.into() } else { exit::PASSED };
        }
    };
    let project = |dir: Option<PathBuf>, command: &Command| match Project::find(Path::new(".")) {
        // What this program carries can be asked about in any folder.
        None if dir.is_none() && command.works_anywhere() => Ok(Project::nowhere()),
        _ => exit::project(dir.as_deref()),
    };
    let code = match cli.command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "rehearsal", &mut script);
            print::bytes(&script);
            exit::PASSED
        }
        Command::Prune(args) => images::prune(exit::find(cli.project.as_deref()).as_ref(), &args),
        Command::Doctor => doctor::doctor(),
        Command::Size(args) => size::size(&args),
        Command::Init(args) => init::init(cli.project.as_deref(), &args),
        command => match project(cli.project, &command)
            .and_then(|project| command.consent().map_or(Ok(()), |consent| consent::given(&project, consent)).map(|()| project))
        {
            Ok(project) => match command {
                Command::Run(args) => run::run(&project, &args),
                Command::Replay(args) => replay::replay(&project, &args),
                Command::Merge(args) => merge::merge(&project, &args),
                Command::Book(args) => book::book(&project, &args),
                Command::Up(args) => hand::up::up(&project, &args),
                Command::Inject(args) => hand::inject::inject(&project, &args),
                Command::Heal(args) => hand::heal::heal(&project, &args),
                Command::Watch(args) => hand::watch::watch(&project, &args),
                Command::Cli(args) => hand::cli::cli(&project, &args),
                Command::Draft(args) => hand::draft::draft(&project, &args),
                Command::Down(args) => hand::down::down(&project, &args),
                Command::Broken(args) => broken::broken(&project, &args),
                Command::Measure(args) => measure::measure(&project, &args),
                Command::Check(args) => check::check(&project, &args),
                Command::New(args) => new::new(&project, &args),
                Command::List(args) => registries::list(&project, &args),
                Command::Steps(args) => steps::steps(&project, &args),
                Command::Claims(args) => registries::claims(&project, &args),
                Command::Servers(format) => registries::servers(&project, format),
                Command::Topologies(format) => registries::topologies(&project, format),
                Command::Faults(format) => registries::faults(format),
                Command::Images(args) => images::images(&project, &args),
                Command::Mdbook(args) => book::protocol(&project, &args),
                Command::Init(_) | Command::Prune(_) | Command::Doctor | Command::Size(_) | Command::Completions { .. } => exit::PASSED,
            },
            Err(code) => code,
        },
    };
    if print::broken() { exit::UNKNOWN_CODE.into() } else { code }
}

/// A step's panic is part of the record; only panics elsewhere are for the terminal.
pub(crate) fn quiet_scenario_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let scenario = std::thread::current().name().is_some_and(|name| name.starts_with(crate::run::schedule::THREAD));
        if !scenario {
            usual(info);
        }
    }));
}
