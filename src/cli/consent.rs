//! The question before a project that was never run here takes, builds or starts something of its own.
//!
//! It is asked once, on a terminal: `--yes` and a CI's `CI` answer it, and where nobody can answer nobody is asked. Who wants to read before says `rehearsal check --plan`.

use super::exit;
use crate::record::hash;
use crate::run::plan::Plan;
use crate::run::project::Project;
use crate::runtime_folder;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::process::ExitCode;

/// The answer given beforehand.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Consent {
    /// Do not ask before a project that was never run here takes, builds or starts something of its own
    #[arg(long)]
    pub yes: bool,
}

/// Goes on if the project needs no consent, or has it.
///
/// # Errors
/// The exit code, when a person said no.
pub fn given(project: &Project, Consent { yes }: Consent) -> Result<(), ExitCode> {
    let nobody = !io::stdin().is_terminal() || !io::stderr().is_terminal();
    if yes || nobody || std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        return Ok(());
    }
    // What is wrong with the files is told by the command itself.
    let Ok(plan) = Plan::of(project) else { return Ok(()) };
    let own: Vec<String> = plan.own().map(ToString::to_string).collect();
    if own.is_empty() {
        return Ok(());
    }
    let root = project.root.canonicalize().unwrap_or_else(|_| project.root.clone());
    let id = hash::text_hash(std::iter::once(&*root.to_string_lossy()).chain(own.iter().map(String::as_str)));
    let told = |error: io::Error| exit::usage(&format!("the folder of locks: {error}"));
    let agreed = runtime_folder::locks().map_err(told)?.join(format!("agreed-{id}"));
    if agreed.exists() {
        return Ok(());
    }
    eprintln!("{} was not run here before as it is now. Its own files decide that a run", root.display());
    own.iter().for_each(|item| eprintln!("  - {item}"));
    eprintln!("In containers that reach nothing but each other. Go on? [y/N]  (--yes is an answer too)");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        // If it cannot be kept, the question comes again.
        drop(runtime_folder::open(&agreed));
        return Ok(());
    }
    Err(exit::usage("nothing was done, since you did not say yes"))
}
