//! Why a step did not pass, as data.
//!
//! The cause decides the verdict, not the keyword of the step: see [`Cause::verdict`]. cucumber turns a step's `Err` into a panic by formatting it, which
//! would lose the data; so formatting a [`StepError`] keeps it for the runner, see [`take_last`].

use crate::deployment::EngineError;
use crate::probe::ProbeError;
use crate::record::{Failure, Verdict};
use crate::wait::GaveUp;
use std::cell::RefCell;
use std::fmt;

/// What stood in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A `Then` saw something else than it states.
    Assertion,
    /// A server that runs said no.
    Refused,
    /// A server that runs and answers missed a limit that a sentence states, or did not take its place in its group.
    Limit,
    /// A server ended by itself.
    Crash,
    /// A fault did not bite, or did not heal.
    Fault,
    /// The container engine.
    Engine,
    /// A scenario that cannot be played as written.
    Scenario,
    /// A defect of a step.
    Panic,
    /// A limit of ours, which no sentence states, ran out before it was decided.
    Overtime,
    /// Nothing watched for a time that the sentence speaks of.
    Unwatched,
    /// A server was ended from outside the scenario.
    Ended,
    /// A failure while this program was not scheduled, so that servers may not have been either.
    Stall,
    /// Someone ended the run.
    Interrupted,
}

impl Cause {
    /// *failed* when a server that runs is to blame, *unknown* otherwise: an exception is never a pass, and never a verdict about the server.
    pub fn verdict(self) -> Verdict {
        match self {
            Cause::Assertion | Cause::Refused | Cause::Limit | Cause::Crash => Verdict::Failed,
            Cause::Fault
            | Cause::Engine
            | Cause::Scenario
            | Cause::Panic
            | Cause::Overtime
            | Cause::Unwatched
            | Cause::Ended
            | Cause::Stall
            | Cause::Interrupted => Verdict::Unknown,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Cause::Assertion => "assertion",
            Cause::Refused => "refused",
            Cause::Limit => "limit",
            Cause::Crash => "crash",
            Cause::Fault => "fault",
            Cause::Engine => "engine",
            Cause::Scenario => "scenario",
            Cause::Panic => "panic",
            Cause::Overtime => "overtime",
            Cause::Unwatched => "unwatched",
            Cause::Ended => "ended",
            Cause::Stall => "stall",
            Cause::Interrupted => "interrupted",
        }
    }
}

/// A step's error: what it expected, what it got, what it saw on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct StepError {
    pub cause: Cause,
    /// A lower-case fragment.
    pub message: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub seen: Vec<String>,
}

/// What every step returns.
pub type Step = Result<(), StepError>;

thread_local! {
    static LAST: RefCell<Option<StepError>> = const { RefCell::new(None) };
}

/// The error that was last formatted on this thread; each scenario has a thread of its own while it runs.
pub fn take_last() -> Option<StepError> {
    LAST.with(|last| last.borrow_mut().take())
}

impl StepError {
    pub fn new(cause: Cause, message: impl Into<String>) -> StepError {
        StepError { cause, message: message.into(), expected: None, actual: None, seen: Vec::new() }
    }

    /// A `Then` that saw something else.
    pub fn assertion(message: impl Into<String>) -> StepError {
        StepError::new(Cause::Assertion, message)
    }

    /// A limit that a sentence states ended before the sentence came true. If nobody asked within the limit, nothing is known: that is no failure.
    pub fn missed(gave_up: &GaveUp, message: impl Into<String>) -> StepError {
        match gave_up.asked_late {
            None => StepError::assertion(message).seen(gave_up.lines()),
            Some(_) => StepError::new(Cause::Unwatched, format!("{gave_up}: put the lines with shorter limits first")),
        }
    }

    /// A node that gave no answer to a question. One that hangs up or accepts nobody says no. One that is silent may only be slow: that limit is ours, no sentence states it.
    pub fn no_answer(node: &str, command: &str, error: &ProbeError) -> StepError {
        let cause = match error {
            ProbeError::Unreachable(_) => Cause::Refused,
            ProbeError::Silent(_) => Cause::Overtime,
        };
        StepError::new(cause, format!("{node} did not answer {command}: {error}"))
    }

    /// The scenario asks for something it did not set up.
    pub fn scenario(message: impl Into<String>) -> StepError {
        StepError::new(Cause::Scenario, message)
    }

    pub fn expected(mut self, expected: impl Into<String>, actual: impl Into<String>) -> StepError {
        self.expected = Some(expected.into());
        self.actual = Some(actual.into());
        self
    }

    pub fn seen(mut self, seen: Vec<String>) -> StepError {
        self.seen = seen;
        self
    }

    pub fn into_failure(self) -> Failure {
        Failure { message: self.message, kind: self.cause.word().to_owned(), expected: self.expected, actual: self.actual, seen: self.seen }
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        LAST.with(|last| *last.borrow_mut() = Some(self.clone()));
        f.write_str(&self.message)
    }
}

impl std::error::Error for StepError {}

/// A wait without a stated limit: its limit is ours, and says nothing about the server. Where a sentence states one, see [`StepError::missed`].
impl From<GaveUp> for StepError {
    fn from(gave_up: GaveUp) -> StepError {
        StepError::new(Cause::Overtime, gave_up.to_string()).seen(gave_up.lines())
    }
}

impl From<EngineError> for StepError {
    fn from(error: EngineError) -> StepError {
        let cause = match error {
            EngineError::Topology { .. } | EngineError::NoSuchNode { .. } => Cause::Scenario,
            _ => Cause::Engine,
        };
        StepError::new(cause, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn formatting_keeps_the_error() {
        let error = StepError::assertion("replica-1 became master").expected("replica", "master");
        assert_eq!(take_last(), None);
        let _ = error.to_string();
        assert_eq!(take_last(), Some(error));
    }

    #[test]
    fn only_a_running_server_can_fail() {
        assert_eq!(Cause::Limit.verdict(), Verdict::Failed);
        assert_eq!(Cause::Fault.verdict(), Verdict::Unknown);
    }

    #[test]
    fn a_limit_that_no_sentence_states_is_no_failure_and_one_that_is_stated_is() {
        let gave_up = |asked_late| GaveUp { what: "an answer".to_owned(), waited: Duration::from_secs(1), seen: Vec::new(), asked_late };
        assert_eq!(StepError::from(gave_up(None)).cause.verdict(), Verdict::Unknown);
        assert_eq!(StepError::missed(&gave_up(None), "late").cause.verdict(), Verdict::Failed);
        assert_eq!(StepError::missed(&gave_up(Some(Duration::from_secs(1))), "late").cause.verdict(), Verdict::Unknown);
    }
}
