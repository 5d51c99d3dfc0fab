//! Exit codes, and the ends that every subcommand shares.

use crate::record::{Control, RunRecord, ScenarioRecord, Verdict};
use crate::run::project::{MARKS, Project};
use crate::run::signals;
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
  3  no failure, but something is unknown: Docker out of reach, no image, a fault that did not bite, a control that could not be played, a limit, a full disk
  4  nothing selected
  129, 130, 143  interrupted by SIGHUP, SIGINT, SIGTERM";

impl From<Code> for ExitCode {
    fn from(code: Code) -> ExitCode {
        ExitCode::from(code.0)
    }
}

/// The code a run ends with, or a record that is joined of several: one that holds less than was to be played does not end with 0, whatever it holds.
pub fn of(record: &RunRecord) -> u8 {
    // A run that met its own limit ends with what it knows, and it does not know everything.
    if let Some(signal @ ("SIGINT" | "SIGTERM" | "SIGHUP")) = record.interrupted.as_deref() {
        return signals::code(signal);
    }
    if record.scenarios.is_empty() && record.planned.is_empty() {
        return NOTHING_CODE;
    }
    let not_whole = record.interrupted.is_some() || record.finished.is_none() || !record.unplayed().is_empty();
    let flaky = record.flaky_fails && record.scenarios.iter().any(ScenarioRecord::is_flaky);
    if flaky || record.count(Verdict::Failed) > 0 || record.scenarios.iter().any(|s| s.control == Control::Missed) {
        FAILED_CODE
    } else if not_whole || record.count(Verdict::Unknown) > 0 || record.scenarios.iter().any(|s| s.control == Control::Unknown) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Planned;

    /// A run that was to play two scenarios on each of these servers, and has played these pairs.
    fn run(servers: &[&str], played: &[(&str, &str, Verdict)]) -> RunRecord {
        let scenario = |(slug, server, verdict): &(&str, &str, Verdict)| -> ScenarioRecord {
            let json = serde_json::json!({
                "feature": "features/a.feature", "line": 3, "rule": null, "name": slug, "slug": slug, "server": server, "verdict": verdict,
                "control": "none", "attempts": 1, "text_hash": "aa", "duration_ms": 5, "overhead_ms": 1, "tags": [], "claims": []
            });
            serde_json::from_value(json).unwrap()
        };
        let plan = |server: &&str| Planned { server: (*server).to_owned(), scenarios: vec!["a#one".to_owned(), "a#two".to_owned()] };
        RunRecord {
            planned: servers.iter().map(plan).collect(),
            scenarios: played.iter().map(scenario).collect(),
            finished: Some("2026-01-02T03:04:05Z".to_owned()),
            ..RunRecord::empty("r")
        }
    }

    #[test]
    fn a_run_that_is_not_whole_does_not_end_as_one_that_is() {
        use Verdict::{Failed, NotApplicable, Passed};
        const S: &str = "redis-7.0";
        let whole = run(&[S], &[("one", S, Passed), ("two", S, NotApplicable)]);
        assert_eq!(of(&whole), 0);
        let unfinished = |record: RunRecord| RunRecord { finished: None, ..record };
        let interrupted = |why: &str| RunRecord { interrupted: Some(why.to_owned()), ..run(&[S], &[("one", S, Passed)]) };
        assert_eq!(of(&unfinished(run(&[S], &[]))), UNKNOWN_CODE, "killed at its beginning, or one server without an image");
        assert_eq!(of(&unfinished(whole.clone())), UNKNOWN_CODE, "the disk was full at the very end");
        assert_eq!(of(&run(&[S], &[("one", S, Passed)])), UNKNOWN_CODE, "one scenario has no verdict");
        assert_eq!(of(&run(&[S, "redis-8.0"], &[("one", S, Passed), ("two", S, Passed)])), UNKNOWN_CODE, "one of two servers was not played");
        assert_eq!(of(&run(&[S], &[("one", S, Failed)])), FAILED_CODE, "what failed has failed");
        assert_eq!((of(&interrupted("SIGINT")), of(&interrupted("SIGTERM")), of(&interrupted("its limit"))), (130, 143, UNKNOWN_CODE));
        assert_eq!(of(&run(&[], &[])), NOTHING_CODE, "nothing was selected");
        let mut uncontrolled = whole;
        uncontrolled.scenarios[0].control = Control::Unknown;
        assert_eq!(of(&uncontrolled), UNKNOWN_CODE);
        uncontrolled.scenarios[1].control = Control::Missed;
        assert_eq!(of(&uncontrolled), FAILED_CODE);
    }
}
