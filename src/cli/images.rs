//! `rehearsal images [build|list|prune]` and `rehearsal prune`: house-keeping.

use super::consent::Consent;
use super::exit;
use crate::deployment::{self, ByHand, Engine, EngineError};
use crate::run::project::Project;
use std::process::ExitCode;

/// What to do with images.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Command {
    /// Get every image the catalogue names: local, pulled, or built from Debian packages
    Build {
        /// Servers to prepare [default: all]
        server: Vec<String>,
        #[command(flatten)]
        consent: Consent,
    },
    /// List the images this program has built
    List,
    /// Remove the images this program has built
    Prune,
}

impl Args {
    /// What is built or pulled for a project may be what its own files name.
    pub fn consent(&self) -> Option<Consent> {
        match &self.command {
            Some(Command::Build { consent, .. }) => Some(*consent),
            _ => None,
        }
    }
}

/// Builds, lists or removes images.
pub fn images(project: &Project, args: &Args) -> ExitCode {
    let catalogue = match project.servers() {
        Ok(catalogue) => catalogue,
        Err(problems) => return exit::problems(&problems),
    };
    match args.command.clone().unwrap_or(Command::List) {
        Command::Build { server, .. } => {
            let names = if server.is_empty() { vec!["all".to_owned()] } else { server };
            match super::run::servers(&catalogue, &names) {
                Err(message) => exit::usage(&message),
                Ok(servers) => with_engine(async |engine| {
                    let say = |text: &str| eprintln!("{text}");
                    let helper = deployment::prepare_helper(engine, &say).await?;
                    println!("{}\t{}", helper.reference, helper.route);
                    for server in &servers {
                        let image = deployment::prepare_server(engine, server, &say).await?;
                        println!("{}\t{}", image.reference, image.route);
                    }
                    Ok(())
                }),
            }
        }
        Command::List => with_engine(async |engine| {
            for image in deployment::list_images(engine).await? {
                println!("{}\t{} MB", image.reference, image.bytes / 1_000_000);
            }
            Ok(())
        }),
        Command::Prune => with_engine(async |engine| {
            for reference in deployment::prune_images(engine).await? {
                println!("removed {reference}");
            }
            Ok(())
        }),
    }
}

/// What to remove.
#[derive(Debug, clap::Args)]
pub struct PruneArgs {
    /// Also what was started with `up`, of every project on this machine
    #[arg(long)]
    all: bool,
}

/// Removes what dead runs left behind; says which of it had been kept on purpose by this project, and what was started by hand and stays.
pub fn prune(project: Option<&Project>, args: &PruneArgs) -> ExitCode {
    with_engine(async |engine| {
        let mut pruned = deployment::prune(engine).await?;
        for hand in deployment::by_hand(engine).await?.into_iter().filter(|hand| hand.stated) {
            if args.all {
                pruned += deployment::remove_by_hand(engine, &hand.state).await?;
                // Last, so that what could not be removed can still be ended by `down`.
                let _ = std::fs::remove_file(&hand.state);
            } else {
                eprintln!("{}", stays(&hand));
            }
        }
        let kept = if pruned.containers > 0 { project.map_or(Vec::new(), |project| project.store().take_kept()) } else { Vec::new() };
        let kept = if kept.is_empty() { String::new() } else { format!(" (what run {} had kept included)", kept.join(", ")) };
        eprintln!("{pruned}{kept}");
        Ok(())
    })
}

/// What was started by hand and not ended, and how to end it.
pub fn stays(hand: &ByHand) -> String {
    // The state file lies in target/rehearsal/hand of its project.
    let project = hand.state.ancestors().nth(4).unwrap_or(&hand.state).display();
    let name = hand.state.file_stem().unwrap_or_default().to_string_lossy();
    format!(
        "\"{name}\" of {project} was started with `up` and stays: `rehearsal down --name {name}` there ends it, `rehearsal prune --all` all of them"
    )
}

/// Runs something that needs the engine; without one, says what was tried and ends with 3.
pub fn with_engine(work: impl AsyncFnOnce(&Engine) -> Result<(), EngineError>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::usage(&error.to_string()),
    };
    let local = tokio::task::LocalSet::new();
    let done = local.block_on(&runtime, async {
        let engine = Engine::connect().await?;
        work(&engine).await
    });
    match done {
        Ok(()) => exit::PASSED,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(exit::UNKNOWN_CODE)
        }
    }
}
