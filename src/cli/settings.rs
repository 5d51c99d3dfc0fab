//! What a run goes by: `rehearsal.toml`, and the command line where it says otherwise.

use super::exit;
use super::reporting;
use super::run::Args;
use crate::config::{Config, Flaky};
use crate::run::project::Project;

/// What a flaky pass is worth.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum FlakyArg {
    Pass,
    Fail,
}

/// The settings of this run.
///
/// # Errors
/// The exit code, after all that is wrong was told.
pub fn of(project: &Project, args: &Args) -> Result<Config, u8> {
    let mut config = project.config().map_err(|problems| {
        exit::problems(&problems);
        exit::USAGE_CODE
    })?;
    for limit in &args.limit {
        config.limit(limit).map_err(|message| {
            exit::usage(&format!("--limit: {message}"));
            exit::USAGE_CODE
        })?;
    }
    config.jobs = args.jobs.map(usize::from).or(config.jobs);
    config.retry = args.retry.map_or(config.retry, u32::from);
    config.flaky = match args.flaky {
        None => config.flaky,
        Some(FlakyArg::Pass) => Flaky::Pass,
        Some(FlakyArg::Fail) => Flaky::Fail,
    };
    config.report = if args.report.is_empty() {
        reporting::of_project(project, &config.report).map_err(|message| {
            exit::usage(&message);
            exit::USAGE_CODE
        })?
    } else {
        args.report.clone()
    };
    Ok(config)
}
