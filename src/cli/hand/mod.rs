//! `rehearsal up`, `inject`, `heal`, `watch`, `cli`, `draft`, `down`: playing by hand, one file a subcommand.
//!
//! You are in the right place for what these commands take and print; what they do is in `hand/`.

pub mod cli;
pub mod down;
pub mod draft;
pub mod heal;
pub mod inject;
pub mod table;
pub mod up;
pub mod watch;

use super::exit;
use crate::deployment::EngineError;
use crate::hand::Trouble;
use crate::record::Verdict;
use std::io::Write as _;
use std::process::ExitCode;

/// Which deployment is meant.
#[derive(Debug, Clone, clap::Args)]
pub struct Name {
    /// The deployment that was started under this name [default: the only one]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

impl Name {
    fn get(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// Does something by hand; tells what went wrong.
fn perform(work: impl AsyncFnOnce() -> Result<ExitCode, Trouble>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::usage(&error.to_string()),
    };
    let local = tokio::task::LocalSet::new();
    let done = local.block_on(&runtime, work());
    // A thread that waits for a line of input waits for ever.
    runtime.shutdown_background();
    done.unwrap_or_else(|trouble| {
        eprintln!("error: {trouble}");
        ExitCode::from(code(&trouble))
    })
}

/// Prints a text to stdout. Whoever has read enough of it, as `head` does, has closed the pipe, and that is no trouble.
fn out(text: &str) {
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

fn code(trouble: &Trouble) -> u8 {
    use crate::error::Cause;
    match trouble {
        Trouble::Interrupted(code) => *code,
        Trouble::Usage(_) | Trouble::File(_) => exit::USAGE_CODE,
        Trouble::Engine(EngineError::NoSuchNode { .. } | EngineError::Topology { .. }) => exit::USAGE_CODE,
        Trouble::Engine(_) => exit::UNKNOWN_CODE,
        Trouble::Step(error) if error.cause == Cause::Scenario => exit::USAGE_CODE,
        Trouble::Step(error) if error.cause.verdict() == Verdict::Failed => exit::FAILED_CODE,
        Trouble::Step(_) => exit::UNKNOWN_CODE,
    }
}
