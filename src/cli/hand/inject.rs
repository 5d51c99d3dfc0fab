//! `rehearsal inject FAULT NODE...`: a fault, verified.

use super::{Name, out, perform};
use crate::cli::exit;
use crate::hand::Session;
use crate::hand::acting::{self, Harm};
use crate::run::project::Project;
use std::process::ExitCode;

/// What to do to whom.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// killed, stopped, paused, isolated, "clock jumped"; `rehearsal faults` explains them
    #[arg(value_name = "FAULT")]
    fault: String,
    /// Nodes by name, or by what they are now: "the master", "a replica", "every Sentinel"
    #[arg(value_name = "NODE", required = true)]
    nodes: Vec<String>,
    /// How far a clock jumps: "60 seconds", "2 seconds back"
    #[arg(long, value_name = "SPAN", allow_hyphen_values = true)]
    by: Option<String>,
    /// Heal it after this time: "3 seconds"
    #[arg(long = "for", value_name = "SPAN")]
    span: Option<String>,
    #[command(flatten)]
    name: Name,
}

/// Injects it.
pub fn inject(project: &Project, args: &Args) -> ExitCode {
    let harm = Harm { fault: args.fault.clone(), nodes: args.nodes.clone(), by: args.by.clone(), span: args.span.clone() };
    perform(async || {
        // Before anything is connected to: a misspelt word is told at once.
        acting::known(&harm.fault)?;
        let mut session = Session::change(project, args.name.get()).await?;
        out(&(session.inject(&harm).await? + "\n"));
        Ok(exit::PASSED)
    })
}
