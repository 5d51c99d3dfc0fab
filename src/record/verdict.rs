//! The closed lists: what can become of a scenario, of its control and of a step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every step did what it says.
    Passed,
    /// A server that runs refused, mis-formed, or missed a limit: the statement is not true of it.
    Failed,
    /// The engine, an image, a resource or a fault that did not bite: nothing was learned about the server.
    Unknown,
    /// The scenario does not speak about this server; the reason stands beside it. Never counted as passed.
    NotApplicable,
}

/// Whether a scenario notices that its fault is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Without the fault a `Then` failed: the scenario proves something.
    Caught,
    /// Without the fault everything still passed: the scenario proves nothing.
    Missed,
    /// The fault is meant to do no harm; another scenario shows where it does.
    Mirrored,
    /// A control was to be played and could not be, or ended by something that is not the servers': it has shown nothing. The reason stands beside it.
    Unknown,
    /// No control was played, or the scenario has no fault.
    #[default]
    None,
}

/// What became of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    Passed,
    Failed,
    Unknown,
    /// An earlier step ended the scenario.
    Skipped,
    /// A fault (or its heal) that a control left out on purpose.
    LeftOut,
}

impl Control {
    /// Whether it says anything about the scenario.
    pub fn is_known(self) -> bool {
        matches!(self, Control::Caught | Control::Missed | Control::Mirrored)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Unknown => "unknown",
            Verdict::NotApplicable => "not-applicable",
        })
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Control::Caught => "caught",
            Control::Missed => "missed",
            Control::Mirrored => "mirrored",
            Control::Unknown => "unknown",
            Control::None => "none",
        })
    }
}

impl fmt::Display for StepStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            StepStatus::Passed => "passed",
            StepStatus::Failed => "failed",
            StepStatus::Unknown => "unknown",
            StepStatus::Skipped => "skipped",
            StepStatus::LeftOut => "left-out",
        })
    }
}
