//! Files of a node's data folder: which there are, what is in them, and the tool that repairs one.
//!
//! Steps that damage a file are faults and stand in `faults.rs`.

use super::meaning::Acts;
use super::params::{Nodes, Span};
use crate::deployment::DATA;
use crate::error::{Step, StepError};
use crate::step_means;
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{gherkin, then, when};
use regex::Regex;
use std::time::Duration;

const TOOL_LIMIT: Duration = Duration::from_secs(20);
/// Bytes of a file that a failure shows.
const SHOWN: usize = 120;

step_means!("within {duration} {nodes} has/have a file {string}", acts: Acts::Nobody);

/// Waits until the data folder holds a file of this name; `*` stands for any characters.
#[when(expr = "within {duration} {nodes} has/have a file {string}")]
async fn comes_to_have(world: &mut World, span: Span, nodes: Nodes, name: String) -> Step {
    if world.leaves_out_waits() {
        return Ok(());
    }
    world.see_file(span, &nodes, &name).await
}

/// At some moment of the window the data folder holds a file of this name; `*` stands for any characters.
#[then(expr = "within {duration} {nodes} has/have a file {string}")]
async fn has_in_time(world: &mut World, span: Span, nodes: Nodes, name: String) -> Step {
    world.see_file(span, &nodes, &name).await
}

/// The data folder holds no file of this name now; `*` stands for any characters.
#[then(expr = "{nodes} has/have no file {string}")]
async fn has_not(world: &mut World, nodes: Nodes, name: String) -> Step {
    let pattern = pattern(&name)?;
    for node in world.names(&nodes)? {
        let names = world.file_names(&node).await?;
        if let Some(found) = names.iter().find(|file| pattern.is_match(file)) {
            return Err(StepError::assertion(format!("{node} has {found}")).expected(format!("no file {name}"), names.join(", ")));
        }
        world.observe(format!("{node} has {}", listed(&names)));
    }
    Ok(())
}

/// The data folder holds these files now, and no other; one a row, `*` stands for any characters.
#[then(expr = "{nodes} has/have exactly the files")]
async fn has_exactly(world: &mut World, nodes: Nodes, step: &gherkin::Step) -> Step {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of file names"))?;
    let wanted: Vec<&str> = table.rows.iter().filter_map(|row| row.first()).map(String::as_str).collect();
    let patterns = wanted.iter().map(|name| pattern(name)).collect::<Result<Vec<Regex>, StepError>>()?;
    for node in world.names(&nodes)? {
        let names = world.file_names(&node).await?;
        let missing = patterns.iter().any(|pattern| !names.iter().any(|name| pattern.is_match(name)));
        let strange = names.iter().any(|name| !patterns.iter().any(|pattern| pattern.is_match(name)));
        if missing || strange {
            return Err(StepError::assertion(format!("{node} has {}", listed(&names))).expected(wanted.join(", "), names.join(", ")));
        }
        world.observe(format!("{node} has {}", listed(&names)));
    }
    Ok(())
}

/// The file begins with this text; a line break of the file is read as one space.
#[then(expr = "the file {string} of {nodes} begins with {string}")]
async fn begins(world: &mut World, file: String, nodes: Nodes, text: String) -> Step {
    world.judge_file(&file, &nodes, &format!("{text} ..."), |content| content.starts_with(&text)).await
}

/// The file has this in it; a line break of the file is read as one space.
#[then(expr = "the file {string} of {nodes} contains {string}")]
async fn contains(world: &mut World, file: String, nodes: Nodes, text: String) -> Step {
    world.judge_file(&file, &nodes, &format!("... {text} ..."), |content| content.contains(&text)).await
}

/// The file does not have this in it; a line break of the file is read as one space.
#[then(expr = "the file {string} of {nodes} does not contain {string}")]
async fn contains_not(world: &mut World, file: String, nodes: Nodes, text: String) -> Step {
    world.judge_file(&file, &nodes, &format!("no {text}"), |content| !content.contains(&text)).await
}

/// The file has this in it so many times.
#[then(expr = "the file {string} of {nodes} contains {string} {int} time(s)")]
async fn contains_times(world: &mut World, file: String, nodes: Nodes, text: String, times: usize) -> Step {
    world.judge_file(&file, &nodes, &format!("{text} {times} times"), |content| content.matches(&text).count() == times).await
}

/// Runs redis-check-aof with --fix on a file of the data folder, and says yes to what it asks.
#[when(expr = "redis-check-aof repairs the file {string} of {nodes}")]
async fn repairs(world: &mut World, file: String, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    let command = ["redis-check-aof", "--fix", &format!("{DATA}/{file}")];
    let output = world.deployment()?.exec_answering(&node, &command, "y", TOOL_LIMIT).await?;
    let told = [output.stdout.as_str(), output.stderr.as_str()].concat();
    world.observe(told.lines().rev().take(3).collect::<Vec<_>>().join("; "));
    world.last_output = Some(output);
    Ok(())
}

/// What redis-check-aof printed has this in it, and it ended with status 0.
#[then(expr = "redis-check-aof prints {string}")]
async fn prints(world: &mut World, text: String) -> Step {
    let output = world.last_output.as_ref().ok_or_else(|| StepError::scenario("no tool was run yet"))?;
    let told = [output.stdout.as_str(), output.stderr.as_str()].concat();
    let line = told.lines().find(|line| line.contains(&text)).map(str::to_owned);
    match line {
        Some(line) if output.status == 0 => world.observe(line),
        _ => return Err(StepError::assertion(format!("it ended with status {}", output.status)).expected(format!("... {text} ..."), told)),
    }
    Ok(())
}

impl World {
    async fn file_names(&self, node: &str) -> Result<Vec<String>, StepError> {
        Ok(self.deployment()?.data_files(node).await?.into_iter().map(|file| file.name).collect())
    }

    async fn see_file(&mut self, span: Span, nodes: &Nodes, name: &str) -> Step {
        let pattern = pattern(name)?;
        let deadline = self.deadline(span.0);
        for node in self.names(nodes)? {
            let what = format!("{node} to have a file {name}");
            let seen = wait::until(&what, deadline, async || match self.file_names(&node).await {
                Ok(names) => match names.iter().find(|file| pattern.is_match(file)) {
                    Some(found) => Look::Done(found.clone()),
                    None => Look::NotYet(listed(&names)),
                },
                Err(error) => Look::NotYet(error.message),
            })
            .await
            .map_err(|gave_up| StepError::missed(&gave_up, format!("{node} has {}", gave_up.last())).expected(name, gave_up.last()))?;
            self.observe(format!("{node} has {seen}"));
        }
        Ok(())
    }

    async fn judge_file(&mut self, file: &str, nodes: &Nodes, wanted: &str, right: impl Fn(&str) -> bool) -> Step {
        for node in self.names(nodes)? {
            let names = self.file_names(&node).await?;
            if !names.iter().any(|name| name == file) {
                return Err(StepError::assertion(format!("{node} has no {file}")).expected(file, listed(&names)));
            }
            let bytes = self.deployment()?.get_file(&node, &format!("{DATA}/{file}")).await?;
            let content = readable(&bytes);
            let shown: String = content.chars().take(SHOWN).collect();
            if !right(&content) {
                return Err(StepError::assertion(format!("{file} of {node} holds {} bytes: {shown}", bytes.len())).expected(wanted, shown));
            }
            self.observe(format!("{node}: {} bytes, {shown}", bytes.len()));
        }
        Ok(())
    }
}

/// A file as text on one line: line breaks are spaces, what cannot be printed is a dot.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", " ").replace('\n', " ").chars().map(|c| if c.is_control() { '.' } else { c }).collect()
}

/// File names in a sentence.
fn listed(names: &[String]) -> String {
    if names.is_empty() { "no file".to_owned() } else { names.join(", ") }
}

/// A file name in which `*` stands for any characters.
fn pattern(name: &str) -> Result<Regex, StepError> {
    let parts: Vec<String> = name.split('*').map(regex::escape).collect();
    Regex::new(&format!("^{}$", parts.join(".*"))).map_err(|error| StepError::scenario(format!("{name} is no file name: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters_and_a_dot_for_itself() {
        let temp = pattern("temp-*.rdb").unwrap();
        assert!(temp.is_match("temp-17.rdb") && !temp.is_match("temp-17-rdb") && !temp.is_match("x/temp-17.rdb.bak"));
    }

    #[test]
    fn a_file_is_read_as_one_line() {
        assert_eq!(readable(b"*2\r\n$6\r\nSELECT\r\n"), "*2 $6 SELECT ");
        assert_eq!(readable(b"REDIS\x00\x01"), "REDIS..");
    }
}
