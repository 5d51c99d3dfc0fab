//! Exit codes, and the ends that every subcommand shares.

use crate::record::{Control, RunRecord, ScenarioRecord, Verdict};
use crate::run::project::{MARKS, Project};
use crate::topology::Problem;
use std::path::Path;
use std::process::ExitCode;

/// All passed.
pub const PASSED: ExitCode = ExitCode::SUCCESS;
/// Bad command line or input file, or findings of `check`.
pub const USAGE_CODE: u8 = 2;
/// No failure, but something unknown: Docker out of reach, no image.
pub const UNKNOWN_CODE: u8 = 3;
/// Nothing selected.
pub const NOTHING_CODE: u8 = 4;
/// A scenario failed, or a control was missed.
pub const FAILED_CODE: u8 = 1;

pub const USAGE: Code = Code(USAGE_CODE);

/// A code that becomes an [`ExitCode`].
#[derive(Debug, Clone, Copy)]
pub struct Code(pub u8);

pub const HELP: &str = "Exit codes:
  0  all passed
  1  a scenario failed, or a control was missed (or passed only when tried again, with --flaky fail)
  2  bad command line or input file, or findings of `check`
  3  no failure, but something is unknown: Docker out of reach, no image, a fault that did not bite, a limit, a full disk
  4  nothing selected
  129, 130, 143  interrupted by SIGHUP, SIGINT, SIGTERM";

impl From<Code> for ExitCode {
    fn from(code: Code) -> ExitCode {
        ExitCode::from(code.0)
    }
}

/// The code a finished run ends with.
pub fn of(record: &RunRecord) -> u8 {
    match record.interrupted.as_deref() {
        Some("SIGTERM") => return 143,
        Some("SIGINT") => return 130,
        Some("SIGHUP") => return 129,
        // A run that met its own limit ends with what it knows, and it does not know everything.
        Some(_) | None => {}
    }
    let flaky = record.flaky_fails && record.scenarios.iter().any(ScenarioRecord::is_flaky);
    if flaky || record.count(Verdict::Failed) > 0 || record.scenarios.iter().any(|s| s.control == Control::Missed) {
        FAILED_CODE
    } else if record.count(Verdict::Unknown) > 0 || record.interrupted.is_some() {
        UNKNOWN_CODE
    } else {
        0
    }
}

/// The project's folder, or the exit code after saying why there is none.
///
/// # Errors
/// No folder with `rehearsal.toml` or `features/`.
pub fn project(dir: Option<&Path>) -> Result<Project, ExitCode> {
    Project::find(dir.unwrap_or(Path::new("."))).ok_or_else(|| {
        eprintln!("error: no project here: neither this folder nor one above it has {} or {}/", MARKS[0], MARKS[1]);
        eprintln!("  = help: `rehearsal init` begins one in this folder; if there is one elsewhere, go there or name it with --project DIR");
        ExitCode::from(USAGE_CODE)
    })
}

/// The project's folder, for what works without one too.
pub fn find(dir: Option<&Path>) -> Option<Project> {
    Project::find(dir.unwrap_or(Path::new(".")))
}

/// Shows what is wrong with input files.
pub fn problems(problems: &[Problem]) -> ExitCode {
    for problem in problems {
        eprintln!("{problem}\n");
    }
    ExitCode::from(USAGE_CODE)
}

/// Says what is wrong with the command line.
pub fn usage(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::from(USAGE_CODE)
}
