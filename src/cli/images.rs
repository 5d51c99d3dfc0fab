//! `rehearsal images [build|list|prune]` and `rehearsal prune`: house-keeping.

use super::exit;
use crate::deployment::{self, Engine, EngineError};
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
    },
    /// List the images this program has built
    List,
    /// Remove the images this program has built
    Prune,
}

/// Builds, lists or removes images.
pub fn images(project: &Project, args: &Args) -> ExitCode {
    let catalogue = match project.servers() {
        Ok(catalogue) => catalogue,
        Err(problems) => return exit::problems(&problems),
    };
    match args.command.clone().unwrap_or(Command::List) {
        Command::Build { server } => {
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

/// Removes what dead runs left behind; says which of it had been kept on purpose by this project.
pub fn prune(project: Option<&Project>) -> ExitCode {
    with_engine(async |engine| {
        let pruned = deployment::prune(engine).await?;
        let kept = if pruned.containers > 0 { project.map_or(Vec::new(), |project| project.store().take_kept()) } else { Vec::new() };
        let kept = if kept.is_empty() { String::new() } else { format!(" (what run {} had kept included)", kept.join(", ")) };
        eprintln!("{pruned}{kept}");
        Ok(())
    })
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
