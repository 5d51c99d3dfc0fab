//! How a project wants its runs, `rehearsal.toml`: limits, what counts as slow, jobs, retries, reports. Pure: text in, values or located problems out.
//!
//! You are in the right place for what can be set, what it means and what holds without the file: [`KEYS`] is the one list that the reader, the JSON Schema and the
//! messages are made of. How the text is read stands in `config/reading.rs`. The command line overrides what is read here, see `cli/settings.rs`.

mod reading;
mod schema;

use crate::wait::spans;
use std::time::Duration;

/// What is set, or holds by default.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub limits: Limits,
    /// A scenario that takes longer is marked SLOW.
    pub slow: Duration,
    /// A step that takes longer is told of, again and again, where no live view shows it.
    pub heartbeat: Duration,
    /// Scenarios side by side; `None` takes what the machine carries.
    pub jobs: Option<usize>,
    /// How often a scenario that did not pass is played again.
    pub retry: u32,
    pub flaky: Flaky,
    /// `FORMAT` or `FORMAT=FILE`, for a run that asks for no other.
    pub report: Vec<String>,
}

/// When to give up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Beyond the time that the step's own sentence states.
    pub step: Duration,
    pub scenario: Duration,
    pub run: Duration,
}

/// What a pass that took more than one attempt is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaky {
    /// It counts as a pass, and is shown as flaky.
    Pass,
    /// The run ends as if it had failed; the verdict stays what it is.
    Fail,
}

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A span of time of more than nothing, written out.
    Span,
    Number {
        least: i64,
        most: i64,
    },
    Choice(&'static [&'static str]),
    Texts,
}

/// Something that can be set.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// With its table in front: `limits.step`.
    pub name: &'static str,
    pub kind: Kind,
    /// As it would be written; empty when there is no fixed one.
    pub default: &'static str,
    pub doc: &'static str,
}

/// Everything that can be set, in the order of the file.
pub const KEYS: [Key; 9] = [
    Key {
        name: "jobs",
        kind: Kind::Number { least: 1, most: 64 },
        default: "",
        doc: "Scenarios side by side; without it, what the machine carries.",
    },
    Key {
        name: "retry",
        kind: Kind::Number { least: 0, most: 20 },
        default: "0",
        doc: "How often a scenario that failed or stayed unknown is played again. A later pass is flaky, and every attempt is kept.",
    },
    Key { name: "flaky", kind: Kind::Choice(&["pass", "fail"]), default: "\"pass\"", doc: "Whether a flaky pass lets a run end well." },
    Key { name: "slow", kind: Kind::Span, default: "\"1 minute\"", doc: "A scenario that takes longer is marked SLOW; nothing else happens to it." },
    Key {
        name: "heartbeat",
        kind: Kind::Span,
        default: "\"30 seconds\"",
        doc: "Where no live view is shown, a step that takes longer is told of this often, with what it waits for.",
    },
    Key {
        name: "report",
        kind: Kind::Texts,
        default: "[]",
        doc: "Reports to write when the command line names none: \"FORMAT\" to stdout, \"FORMAT=FILE\" to a file.",
    },
    Key {
        name: "limits.step",
        kind: Kind::Span,
        default: "\"2 minutes\"",
        doc: "How long a step may take beyond the time its sentence states. Then its scenario ends as unknown, with what it saw last.",
    },
    Key {
        name: "limits.scenario",
        kind: Kind::Span,
        default: "\"10 minutes\"",
        doc: "How long a scenario may take from its first step to its last. Then it ends as unknown.",
    },
    Key {
        name: "limits.run",
        kind: Kind::Span,
        default: "\"4 hours\"",
        doc: "How long a run may play. Then it ends as if interrupted: what was not played is recorded as unknown, with exit code 3.",
    },
];

impl Default for Config {
    fn default() -> Config {
        const MINUTE: Duration = Duration::from_secs(60);
        Config {
            limits: Limits { step: 2 * MINUTE, scenario: 10 * MINUTE, run: 240 * MINUTE },
            slow: MINUTE,
            heartbeat: MINUTE / 2,
            jobs: None,
            retry: 0,
            flaky: Flaky::Pass,
            report: Vec::new(),
        }
    }
}

impl Config {
    /// Sets one limit the way a command line says it: `step=30 seconds`.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn limit(&mut self, text: &str) -> Result<(), String> {
        let advice = "write step=..., scenario=... or run=..., as in \"step=30 seconds\"";
        let (name, span) = text.split_once('=').ok_or_else(|| format!("\"{text}\" names no limit\n  = help: {advice}"))?;
        let span = a_span(span).map_err(|wrong| format!("\"{text}\": {wrong}\n  = help: {advice}"))?;
        self.limit_of(name).map(|limit| *limit = span).ok_or_else(|| format!("there is no limit \"{name}\"\n  = help: {advice}"))
    }

    fn limit_of(&mut self, name: &str) -> Option<&mut Duration> {
        match name {
            "step" => Some(&mut self.limits.step),
            "scenario" => Some(&mut self.limits.scenario),
            "run" => Some(&mut self.limits.run),
            _ => None,
        }
    }
}

/// A span that is more than nothing: a limit of 0 would end everything before it began.
fn a_span(text: &str) -> Result<Duration, String> {
    let span = spans::parse(text)?;
    if span.is_zero() { Err("no time at all is no limit".to_owned()) } else { Ok(span) }
}

#[cfg(test)]
#[path = "config/tests.rs"]
mod tests;
