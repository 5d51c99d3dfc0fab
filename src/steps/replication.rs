//! Who copies whom.

use super::params::Nodes;
use crate::error::{Step, StepError};
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{gherkin, then, when};
use regex::Regex;
use std::time::Duration;

/// How long a node may take to have the role that was asked of it.
const ROLE_LIMIT: Duration = Duration::from_secs(5);

/// REPLICAOF NO ONE: the node becomes a master of its own.
#[when(expr = "{nodes} stops replicating")]
async fn stops_replicating(world: &mut World, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    world.command(&node, &["REPLICAOF", "NO", "ONE"]).await?;
    world.wait_for_role(&node, "master").await
}

/// REPLICAOF: the node becomes a replica of another. It asks with PSYNC for the history it already has.
#[when(expr = "{nodes} starts to replicate {nodes}")]
async fn starts_to_replicate(world: &mut World, nodes: Nodes, of: Nodes) -> Step {
    let node = world.name(&nodes)?;
    let of = world.address(&world.name(&of)?)?;
    let (ip, port) = of.split_once(':').ok_or_else(|| StepError::scenario(format!("{of} is no address")))?;
    world.command(&node, &["REPLICAOF", ip, port]).await?;
    world.wait_for_role(&node, "replica").await
}

/// The log of each of these nodes has a line that matches; a table gives one regular expression a row, all of which must match.
#[then(expr = "the log of {nodes} shows")]
async fn log_shows(world: &mut World, nodes: Nodes, step: &gherkin::Step) -> Step {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of regular expressions"))?;
    let patterns: Vec<&str> = table.rows.iter().filter_map(|row| row.first()).map(String::as_str).collect();
    let mut found = Vec::new();
    for name in world.names(&nodes)? {
        let log = world.deployment()?.log(&name).await?;
        for pattern in &patterns {
            let regex = Regex::new(pattern).map_err(|error| StepError::scenario(format!("{pattern} is no regular expression: {error}")))?;
            let Some(line) = log.lines().find(|line| regex.is_match(line)) else {
                let tail: Vec<String> = log.lines().rev().take(12).map(str::to_owned).collect();
                let message = format!("no line of {name}'s log matches {pattern}");
                return Err(StepError::assertion(message).seen(tail.into_iter().rev().collect()));
            };
            found.push(format!("{name}: {}", message_of(line)));
        }
    }
    world.observe(found.join("\n"));
    Ok(())
}

/// A log line without process id and date: what stands behind the level mark.
fn message_of(line: &str) -> &str {
    [" * ", " # ", " - ", " . "]
        .iter()
        .filter_map(|mark| line.find(mark).map(|at| &line[at + mark.len()..]))
        .min_by_key(|rest| std::cmp::Reverse(rest.len()))
        .unwrap_or(line)
}

impl World {
    async fn wait_for_role(&mut self, node: &str, role: &'static str) -> Step {
        let what = format!("{node} to be {role}");
        wait::within(&what, ROLE_LIMIT, async || match self.info(node).await {
            Ok(info) if info.role() == Some(role) => Look::Done(()),
            Ok(info) => Look::NotYet(info.role().unwrap_or("silent").to_owned()),
            Err(error) => Look::NotYet(error.message),
        })
        .await?;
        self.observe(format!("{node} is {role}"));
        Ok(())
    }
}
