//! `rehearsal heal [NODE]`: open faults undone, newest first, each verified.

use super::{Name, out, perform};
use crate::cli::exit;
use crate::hand::Session;
use crate::run::project::Project;
use std::process::ExitCode;

/// Whom to heal.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only the faults of this node [default: every open fault]
    #[arg(value_name = "NODE")]
    node: Option<String>,
    #[command(flatten)]
    name: Name,
}

/// Heals.
pub fn heal(project: &Project, args: &Args) -> ExitCode {
    perform(async || {
        let mut session = Session::change(project, args.name.get()).await?;
        for seen in session.heal(args.node.as_deref()).await? {
            out(&(seen + "\n"));
        }
        Ok(exit::PASSED)
    })
}
