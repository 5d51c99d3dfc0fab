//! `rehearsal cli NODE [COMMAND...]`: a command to a node and its reply, or a prompt.
//!
//! At a prompt the host's own redis-cli is run where there is one. Else, and where stdin is no terminal, every line is a command, and its reply is printed as
//! redis-cli prints it: with types on a terminal, plain in a pipe.

use super::{Name, out, perform};
use crate::cli::exit;
use crate::hand::journal::{self, Deed};
use crate::hand::{Session, Trouble};
use crate::probe::Client;
use crate::run::project::Project;
use crate::systems::{Protocol, Reply};
use crate::topology::words;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Long enough for commands that block for a while, such as WAIT.
const ANSWER: Duration = Duration::from_secs(60);
/// Commands after which a connection says what it likes.
const STREAMS: &[&str] = &["MONITOR", "PSUBSCRIBE", "PSYNC", "SSUBSCRIBE", "SUBSCRIBE", "SYNC"];

/// Whom to ask what.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    name: Name,
    /// A node by name, or by what it is now: "the master", "a replica"
    #[arg(value_name = "NODE")]
    node: String,
    /// The command, as after redis-cli [default: a prompt]
    #[arg(value_name = "COMMAND", trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// Sends it.
pub fn cli(project: &Project, args: &Args) -> ExitCode {
    perform(async || {
        let session = Session::look(project, args.name.get()).await?;
        let (node, said) = session.node(&args.node)?;
        let deployment = session.world.deployment()?;
        if deployment.topology().node(&node).is_some_and(|spec| spec.kind.system.protocol() != Protocol::Resp) {
            let port = deployment.published(&node).unwrap_or_default();
            return Err(Trouble::usage(format!("{node} does not speak Redis' protocol"), format!("it listens on 127.0.0.1:{port}")));
        }
        let prompt =
            Prompt { client: session.world.fresh_client(&node)?, node, said: said.text, typed: io::stdout().is_terminal(), session: &session };
        if !args.command.is_empty() {
            let refused = prompt.send(&args.command).await?;
            return Ok(if refused { ExitCode::from(exit::FAILED_CODE) } else { exit::PASSED });
        }
        let port = deployment.published(&prompt.node).unwrap_or_default();
        if io::stdin().is_terminal() && prompt.typed && Command::new("redis-cli").arg("--version").output().is_ok() {
            eprintln!(
                "redis-cli on {}; what is typed there does not go into the draft, what `rehearsal cli {} COMMAND` sends does",
                prompt.node, prompt.node
            );
            let ended = Command::new("redis-cli").args(["-p", &port.to_string()]).status();
            return ended.map(|_| exit::PASSED).map_err(|error| Trouble::File(format!("redis-cli: {error}")));
        }
        prompt.lines().await
    })
}

struct Prompt<'a> {
    session: &'a Session,
    client: Client,
    node: String,
    /// As a sentence names it.
    said: String,
    /// Whether replies are shown with their types.
    typed: bool,
}

impl Prompt<'_> {
    /// Every line of stdin is a command, until its end or `quit`.
    async fn lines(&self) -> Result<ExitCode, Trouble> {
        let asks = io::stdin().is_terminal();
        loop {
            if asks {
                out(&format!("{}> ", self.node));
            }
            // On a thread, so that a signal still ends it.
            let line = tokio::task::spawn_blocking(|| io::stdin().lock().lines().next().transpose()).await;
            let line = line.map_err(|error| Trouble::File(error.to_string()))?.map_err(|error| Trouble::File(format!("stdin: {error}")))?;
            let Some(line) = line else { return Ok(exit::PASSED) };
            match words::split(&line) {
                None => eprintln!("error: a quote is not closed"),
                Some(words) if words.is_empty() => {}
                Some(words) if matches!(words[0].to_lowercase().as_str(), "quit" | "exit") => return Ok(exit::PASSED),
                Some(words) => match self.send(&words).await {
                    // A prompt goes on whatever was typed; a script ends.
                    Err(trouble) if asks => eprintln!("error: {trouble}"),
                    sent => drop(sent?),
                },
            }
        }
    }

    /// Sends a command and prints what came back; whether the server refused it.
    async fn send(&self, command: &[String]) -> Result<bool, Trouble> {
        let name = command.first().map(|word| word.to_uppercase()).unwrap_or_default();
        if STREAMS.contains(&name.as_str()) {
            let port = self.session.world.deployment()?.published(&self.node).unwrap_or_default();
            return Err(Trouble::usage(
                format!("{name} never ends"),
                format!("redis-cli -p {port} {name}; the Sentinels' events are in `rehearsal watch`"),
            ));
        }
        let began = journal::now();
        let asked = self.client.ask_shown(command, ANSWER, self.typed).await;
        let deed = |reply: Option<&Reply>| Deed::Command {
            node: self.node.clone(),
            said: self.said.clone(),
            words: command.to_vec(),
            reply: reply.map(ToString::to_string),
            error: matches!(reply, Some(Reply::Error(_))),
        };
        match asked {
            Ok((reply, shown)) => {
                out(&(shown + "\n"));
                self.session.note(began, deed(Some(&reply)))?;
                Ok(matches!(reply, Reply::Error(_)))
            }
            Err(error) => {
                let faults: Vec<&str> =
                    self.session.state.faults.iter().filter(|open| open.node == self.node).map(|open| open.fault.as_str()).collect();
                let why = if faults.is_empty() { String::new() } else { format!("; it is {}", faults.join(" and ")) };
                let mut told = crate::error::StepError::no_answer(&self.node, &command.join(" "), &error);
                told.message += &why;
                Err(told.into())
            }
        }
    }
}
