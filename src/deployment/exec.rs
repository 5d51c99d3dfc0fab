//! Running a program inside a container. You are in the right place for exit statuses and output; which container it runs in is decided by
//! the callers (`helper` for tools, the server's own for its programs).

use std::time::Duration;

use futures::StreamExt;
use testcontainers::bollard::{
    container::LogOutput,
    exec::{StartExecOptions, StartExecResults},
    models::ExecConfig,
};

use super::{
    engine::{Engine, limited},
    error::EngineError,
    start::Deployment,
};

/// What a program said and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Exit status; 126 or 127 when the program could not be started.
    pub status: i64,
    pub stdout: String,
    pub stderr: String,
}

impl Deployment {
    /// Runs a program in the node's server container, which may have no shell. The server must be running, and not paused.
    pub async fn exec(&self, node: &str, argv: &[&str], limit: Duration) -> Result<Output, EngineError> {
        exec(&self.engine, &self.node(node)?.server_id(), argv, limit).await
    }
}

/// Runs a program in a container. When the limit passes, the program is left behind: give tools a `timeout` of their own.
pub(super) async fn exec(engine: &Engine, container: &str, argv: &[&str], limit: Duration) -> Result<Output, EngineError> {
    let call = format!("exec {}", argv.join(" "));
    limited(&call, limit, run(engine, &call, container, argv)).await
}

async fn run(engine: &Engine, call: &str, container: &str, argv: &[&str]) -> Result<Output, EngineError> {
    let docker = engine.docker();
    let config = ExecConfig {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(argv.iter().map(|word| word.to_string()).collect()),
        ..Default::default()
    };
    let id = engine.call(call, docker.create_exec(container, config)).await?.id;
    let mut output = Output { status: 0, stdout: String::new(), stderr: String::new() };
    if let StartExecResults::Attached { output: mut pieces, .. } = engine.call(call, docker.start_exec(&id, None::<StartExecOptions>)).await? {
        // Bytes are joined before they become text: a piece may end inside a character.
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        while let Some(piece) = pieces.next().await {
            match piece.map_err(|e| EngineError::from_docker(call, e))? {
                LogOutput::StdErr { message } => stderr.extend_from_slice(&message),
                other => stdout.extend_from_slice(&other.into_bytes()),
            }
        }
        (output.stdout, output.stderr) = (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned());
    }
    // The stream can end a moment before the engine has noted the status; each question takes a round trip, and the caller's limit holds.
    loop {
        let state = engine.call(call, docker.inspect_exec(&id)).await?;
        if let (Some(status), false) = (state.exit_code, state.running.unwrap_or(false)) {
            output.status = status;
            return Ok(output);
        }
    }
}
