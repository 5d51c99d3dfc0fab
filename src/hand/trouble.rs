//! Why a command by hand did not do what it was asked to. You are in the right place for what decides the exit code.

use crate::deployment::EngineError;
use crate::error::StepError;
use std::path::Path;

/// What stood in the way.
#[derive(Debug)]
pub enum Trouble {
    /// The command makes no sense as things are: what is wrong, and below it what to do.
    Usage(String),
    Engine(EngineError),
    /// A server, a fault or a wait.
    Step(Box<StepError>),
    /// By a signal: the exit code for it.
    Interrupted(u8),
    /// A file of ours.
    File(String),
}

impl Trouble {
    /// A message with a way out below it.
    pub fn usage(message: impl std::fmt::Display, help: impl std::fmt::Display) -> Trouble {
        Trouble::Usage(format!("{message}\n  = help: {help}"))
    }

    pub(super) fn file(path: &Path, error: impl std::fmt::Display) -> Trouble {
        Trouble::File(format!("{}: {error}", path.display()))
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Usage(message) | Trouble::File(message) => f.write_str(message),
            Trouble::Interrupted(_) => f.write_str("interrupted: nothing is up"),
            Trouble::Engine(error @ EngineError::Gone { .. }) => {
                write!(f, "{error}\n  = help: `rehearsal down` clears up what is left; then `up` again")
            }
            Trouble::Engine(error) => write!(f, "{error}"),
            Trouble::Step(error) => {
                f.write_str(&error.message)?;
                if let (Some(expected), Some(actual)) = (&error.expected, &error.actual) {
                    write!(f, ": expected {expected}, got {actual}")?;
                }
                error.seen.iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
        }
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Trouble {
        Trouble::Engine(error)
    }
}

impl From<StepError> for Trouble {
    fn from(error: StepError) -> Trouble {
        Trouble::Step(Box::new(error))
    }
}
