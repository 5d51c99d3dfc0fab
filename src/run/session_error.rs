//! Why a run did not even begin, or was not recorded, with what to do about it.

use crate::deployment::EngineError;
use crate::error::StepError;
use std::io::ErrorKind;

/// Why a run did not even begin.
#[derive(Debug)]
pub enum SessionError {
    Engine(EngineError),
    /// A server of the catalogue that could not be prepared or does not start.
    Server(String, Box<StepError>),
    Io(std::io::Error),
}

impl std::fmt::Display for SessionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SessionError::Engine(error) => write!(f, "{error}"),
            SessionError::Server(name, error) => {
                write!(f, "{name}: {}", error.message)?;
                error.seen.iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
            SessionError::Io(error) => {
                write!(f, "the record could not be written: {error}\n  = help: ")?;
                match error.kind() {
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded => f.write_str("make room there and play again; ")?,
                    _ => f.write_str("it has to be a folder this program may write to; ")?,
                }
                f.write_str("what was recorded before stays: `rehearsal replay` shows it")
            }
        }
    }
}

impl From<EngineError> for SessionError {
    fn from(error: EngineError) -> SessionError {
        SessionError::Engine(error)
    }
}

impl From<std::io::Error> for SessionError {
    fn from(error: std::io::Error) -> SessionError {
        SessionError::Io(error)
    }
}
