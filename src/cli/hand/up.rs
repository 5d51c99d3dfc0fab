//! `rehearsal up TOPOLOGY`: starts a topology, says where everybody is and what can be done next, and leaves it up.

use super::{out, perform, table};
use crate::cli::{exit, run};
use crate::hand::Session;
use crate::hand::state::{DEFAULT, State};
use crate::hand::up::{self, Wanted};
use crate::run::project::Project;
use crate::wait;
use std::process::ExitCode;
use std::time::Instant;

/// What to start.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A topology of compose/; `rehearsal topologies` lists them
    topology: String,
    /// Server of the catalogue [default: its first]
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// A directive, as in the table of a `Given`: KEY=VALUE, or for one node replica-1.KEY=VALUE; may be given more than once
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A name of its own, to have several up side by side
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    name: String,
    #[command(flatten)]
    pub consent: super::super::consent::Consent,
}

/// Starts it.
pub fn up(project: &Project, args: &Args) -> ExitCode {
    let wanted = match wanted(project, args) {
        Ok(wanted) => wanted,
        Err(code) => return code,
    };
    perform(async || {
        let began = Instant::now();
        let state = up::up(project, &wanted, &|text| eprintln!("{text}")).await?;
        let session = Session::look(project, Some(&state.name)).await?;
        out(&table::places(&session)?);
        eprintln!("\n{} on {} is up after {}, and stays up. What next:", state.topology, state.server, wait::seconds(began.elapsed()));
        eprint!("{}", next(&state, &session));
        Ok(exit::PASSED)
    })
}

fn wanted(project: &Project, args: &Args) -> Result<Wanted, ExitCode> {
    let catalogue = project.servers().map_err(|problems| exit::problems(&problems))?;
    let names: Vec<String> = args.server.iter().cloned().collect();
    let servers = run::servers(&catalogue, &names).map_err(|message| exit::usage(&message))?;
    let [server] = servers.as_slice() else { return Err(exit::usage("--server: one server, not all")) };
    let row = |text: &String| {
        text.split_once('=')
            .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
            .ok_or_else(|| format!("--set: \"{text}\" is no KEY=VALUE"))
    };
    let rows: Result<Vec<_>, String> = args.set.iter().map(row).collect();
    let rows = rows.map_err(|message| exit::usage(&message))?;
    Ok(Wanted { name: args.name.clone(), topology: args.topology.clone(), server: server.clone(), rows })
}

/// Commands that can be copied as they are.
fn next(state: &State, session: &Session) -> String {
    let name = if state.name == DEFAULT { String::new() } else { format!(" --name {}", state.name) };
    let topology = session.world.deployment().ok().map(|deployment| deployment.topology().clone());
    let nodes = topology.map_or(Vec::new(), |topology| topology.nodes);
    let first = nodes.first().map_or("master", |node| node.name.as_str());
    let port = session.world.deployment().ok().and_then(|deployment| deployment.published(first)).unwrap_or_default();
    let lines = [
        (format!("rehearsal watch{name}"), "how everybody is, live".to_owned()),
        (format!("rehearsal inject{name} killed {first}"), "a fault; `rehearsal faults` lists them".to_owned()),
        (format!("rehearsal heal{name}"), "undo it".to_owned()),
        (format!("rehearsal cli{name} {first} INFO replication"), format!("a command to a node; or redis-cli -p {port}")),
        (format!("rehearsal draft{name}"), "what was done and seen, as a feature".to_owned()),
        (format!("rehearsal down{name}"), "the end".to_owned()),
    ];
    let width = lines.iter().map(|(command, _)| command.len()).max().unwrap_or_default();
    lines.iter().map(|(command, what)| format!("  {command:<width$}   {what}\n")).collect()
}
