//! One client of one node, and what it is answered: several commands on one connection, which remembers MULTI, READONLY and ASKING.

use super::clients::words;
use super::params::Nodes;
use crate::error::{Step, StepError};
use crate::world::World;
use cucumber::{gherkin, then};
use regex::Regex;

/// One client, on a connection of its own, sends these commands one after the other and gets these replies: a row is a command and its whole reply, or a regular expression between slashes. Items of lists and lines are joined by spaces, nothing is `(nil)`, `<node-1>` stands for a node's address and `<node-1 id>` for its id in the cluster.
#[then(expr = "a client of {nodes} is answered")]
async fn is_answered(world: &mut World, nodes: Nodes, step: &gherkin::Step) -> Step {
    let node = world.name(&nodes)?;
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of commands and replies"))?;
    let client = world.fresh_client(&node)?;
    let mut told = Vec::new();
    for row in &table.rows {
        let [command, wanted] = row.as_slice() else { return Err(StepError::scenario("a row is a command and its reply")) };
        let (command, wanted) = (world.fill(command).await?, Wanted::parse(&world.fill(wanted).await?)?);
        let reply = client.ask(&words(&command)?).await.map_err(|error| StepError::no_answer(&node, &command, &error))?;
        let reply = one_line(&reply.to_string());
        told.push(format!("{command}: {}", shorten(&reply)));
        if !wanted.is_met(&reply) {
            let message = format!("{node} answers {command} with {}", shorten(&reply));
            return Err(StepError::assertion(message).expected(wanted.to_string(), reply).seen(told));
        }
    }
    world.observe(told.join("\n"));
    Ok(())
}

/// What a reply has to be.
enum Wanted {
    Exactly(String),
    Like(Regex),
}

impl Wanted {
    fn parse(text: &str) -> Result<Wanted, StepError> {
        match text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            Some(pattern) => {
                Regex::new(pattern).map(Wanted::Like).map_err(|error| StepError::scenario(format!("{text} is no regular expression: {error}")))
            }
            None => Ok(Wanted::Exactly(text.to_owned())),
        }
    }

    fn is_met(&self, reply: &str) -> bool {
        match self {
            Wanted::Exactly(text) => text == reply,
            Wanted::Like(pattern) => pattern.is_match(reply),
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Wanted::Exactly(text) => f.write_str(text),
            Wanted::Like(pattern) => write!(f, "/{pattern}/"),
        }
    }
}

/// Line breaks are spaces, several spaces are one.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most some lines of a terminal.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(200) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

impl World {
    /// `<node-1>` becomes `198.18.0.11:6379`, `<node-1 ip>` the address alone, and `<node-1 id>` what CLUSTER MYID says there.
    pub(super) async fn fill(&self, text: &str) -> Result<String, StepError> {
        let mut filled = text.to_owned();
        for node in &self.deployment()?.topology().nodes {
            filled = filled.replace(&format!("<{}>", node.name), &format!("{}:{}", node.address, node.port));
            filled = filled.replace(&format!("<{} ip>", node.name), &node.address.to_string());
            let id = format!("<{} id>", node.name);
            if filled.contains(&id) {
                filled = filled.replace(&id, &self.cluster_id(&node.name).await?);
            }
        }
        Ok(filled)
    }

    /// A node's id in its cluster.
    pub(super) async fn cluster_id(&self, node: &str) -> Result<String, StepError> {
        Ok(self.command(node, &["CLUSTER", "MYID"]).await?.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_told_whole_or_by_a_pattern() {
        assert!(Wanted::parse("OK").unwrap().is_met("OK"));
        assert!(!Wanted::parse("O").unwrap().is_met("OK"));
        assert!(Wanted::parse("/^MOVED [0-9]+ /").unwrap().is_met("MOVED 12182 198.18.0.13:6379"));
        assert!(Wanted::parse("/(/").is_err());
    }

    #[test]
    fn a_list_is_one_line() {
        assert_eq!(one_line("OK\r\nOK\n1  2\n"), "OK OK 1 2");
    }
}
