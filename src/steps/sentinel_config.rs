//! What a Sentinel starts from and writes down: its configuration file, the files of its scripts, and the names it resolves.

use super::params::{Nodes, Span};
use super::sentinel_clients::one_node;
use crate::deployment::DATA;
use crate::error::{Step, StepError};
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{gherkin, given, then, when};
use std::time::Duration;

/// What a server that refuses its configuration takes to say so.
const LIMIT: Duration = Duration::from_secs(5);

/// At some moment of the window a text file of the data folder has a line with each row's text in it. `<NODE>` stands for a node's address and port as two words, where NODE is a
/// name or "the old master".
#[then(expr = "within {duration} the file {string} of {nodes} has the lines")]
async fn has_lines(world: &mut World, span: Span, file: String, nodes: Nodes, step: &gherkin::Step) -> Step {
    let rows = rows(step)?;
    world.judge_lines(span, &file, &nodes, &rows, true).await
}

/// At some moment of the window a text file of the data folder has no line with any of these texts in it. `<NODE>` as before.
#[then(expr = "within {duration} the file {string} of {nodes} has none of the lines")]
async fn has_no_lines(world: &mut World, span: Span, file: String, nodes: Nodes, step: &gherkin::Step) -> Step {
    let rows = rows(step)?;
    world.judge_lines(span, &file, &nodes, &rows, false).await
}

/// From now on this name stands for a node's address on these nodes, as by an entry in their `/etc/hosts`.
#[given(expr = "the name {string} stands for {nodes} on {nodes}")]
async fn names_node(world: &mut World, name: String, node: Nodes, on: Nodes) -> Step {
    world.set_name(&name, Some(&node), &on).await
}

/// From now on this name stands for a node's address on these nodes, as by an entry in their `/etc/hosts`.
#[when(expr = "the name {string} stands for {nodes} on {nodes}")]
async fn comes_to_name_node(world: &mut World, name: String, node: Nodes, on: Nodes) -> Step {
    world.set_name(&name, Some(&node), &on).await
}

/// From now on nobody on these nodes knows this name.
#[when(expr = "the name {string} is forgotten on {nodes}")]
async fn forgets_name(world: &mut World, name: String, on: Nodes) -> Step {
    world.set_name(&name, None, &on).await
}

/// The server is killed and started anew after its configuration file was taken away.
#[when(expr = "{nodes} restarts without its configuration file")]
async fn restarts_without_file(world: &mut World, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    let path = world.config_file(&node)?;
    let deployment = world.deployment()?;
    deployment.kill(&node).await?;
    deployment.remove_file(&node, &path).await?;
    deployment.start_server(&node).await?;
    world.observe(format!("{path} is gone"));
    Ok(())
}

/// The server is killed, and what these words start is started in its place; the step ends when that has ended by itself. What it printed, and its status, a `Then` says.
#[when(expr = "{string} is started on {nodes}")]
async fn starts_command(world: &mut World, command: String, nodes: Nodes) -> Step {
    let command = super::clients::words(&command)?;
    let node = world.name(&nodes)?;
    world.deployment()?.kill(&node).await?;
    let argv: Vec<&str> = command.iter().map(String::as_str).collect();
    world.run_beside(&node, &argv).await
}

/// What was started ended with this status, and printed this.
#[then(expr = "it ends with status {int} and prints {string}")]
async fn ends_and_prints(world: &mut World, status: i64, text: String) -> Step {
    let output = world.last_output.as_ref().ok_or_else(|| StepError::scenario("nothing was started yet"))?;
    let told = [output.stdout.as_str(), output.stderr.as_str()].concat();
    let line = told.lines().find(|line| line.contains(&text)).map(str::to_owned);
    match line {
        Some(line) if output.status == status => world.observe(format!("status {status}: {line}")),
        _ => {
            return Err(
                StepError::assertion(format!("it ended with status {}", output.status)).expected(format!("status {status}, ... {text} ..."), told)
            );
        }
    }
    Ok(())
}

/// The first cell of each row.
fn rows(step: &gherkin::Step) -> Result<Vec<String>, StepError> {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table with one text a row"))?;
    Ok(table.rows.iter().filter_map(|row| row.first()).cloned().collect())
}

impl World {
    async fn judge_lines(&mut self, span: Span, file: &str, nodes: &Nodes, rows: &[String], there: bool) -> Step {
        let deadline = self.deadline(span.0);
        let path = format!("{DATA}/{file}");
        for node in self.names(nodes)? {
            let what = format!("the file {file} of {node}");
            let seen = wait::until(&what, deadline, async || {
                let wanted = match rows.iter().map(|row| self.filled(row)).collect::<Result<Vec<_>, _>>() {
                    Ok(wanted) => wanted,
                    Err(error) => return Look::NotYet(error.message),
                };
                let bytes = match self.deployment.as_ref() {
                    Some(deployment) => deployment.get_file(&node, &path).await,
                    None => return Look::NotYet("no topology yet".to_owned()),
                };
                let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
                let found = |wanted: &String| text.lines().find(|line| line.contains(wanted));
                match wanted.iter().find(|row| found(row).is_some() != there) {
                    Some(row) if there => Look::NotYet(format!("no line with `{row}`; it holds: {}", text.trim_end().replace('\n', " / "))),
                    Some(row) => Look::NotYet(format!("a line with `{row}`")),
                    None if there => Look::Done(wanted.iter().filter_map(found).collect::<Vec<_>>().join("; ")),
                    None => Look::Done(format!("nothing of {}", wanted.join("; "))),
                }
            })
            .await
            .map_err(|gave_up| {
                StepError::missed(&gave_up, format!("the file {file} of {node} has {}", gave_up.last())).expected(rows.join("; "), gave_up.last())
            })?;
            self.observe(format!("{node}: {seen}"));
        }
        Ok(())
    }

    /// The text with every `<NODE>` as address and port.
    fn filled(&self, text: &str) -> Result<String, StepError> {
        let mut pieces = text.split('<');
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (node, after) = piece.split_once('>').ok_or_else(|| StepError::scenario(format!("a `<` in `{text}` is not closed: <replica-1>")))?;
            filled.push_str(&self.words_of(&self.name(&one_node(node)?)?)?);
            filled.push_str(after);
        }
        Ok(filled)
    }

    async fn set_name(&mut self, name: &str, node: Option<&Nodes>, on: &Nodes) -> Step {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)) {
            return Err(StepError::scenario(format!("\"{name}\" is no name of a host: letters, digits, hyphens and dots")));
        }
        let deployment = self.deployment()?;
        let address = match node {
            Some(node) => deployment.topology().node(&self.name(node)?).map(|spec| spec.address),
            None => None,
        };
        for on in self.names(on)? {
            deployment.set_name(&on, name, address).await?;
        }
        self.observe(address.map_or_else(|| format!("nobody knows {name}"), |address| format!("{name} is {address}")));
        Ok(())
    }

    fn config_file(&self, node: &str) -> Result<String, StepError> {
        let spec = self.deployment()?.topology().node(node);
        let file = spec.and_then(|spec| spec.files.first()).ok_or_else(|| StepError::scenario(format!("{node} has no configuration file")))?;
        Ok(file.target.clone())
    }

    async fn run_beside(&mut self, node: &str, argv: &[&str]) -> Step {
        let output = self.deployment()?.exec(node, argv, LIMIT).await?;
        let last = [output.stdout.as_str(), output.stderr.as_str()].concat().lines().last().map(str::to_owned);
        self.observe(format!("status {}: {}", output.status, last.unwrap_or_default()));
        self.last_output = Some(output);
        Ok(())
    }
}
