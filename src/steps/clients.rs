//! One client, one command, one reply: the escape hatch, and redirections followed by hand.

use super::bounds::{Answers, Watcher, Within};
use super::params::{Nodes, Span, Value};
use crate::error::{Step, StepError};
use crate::systems::Reply;
use crate::systems::cluster::nodes::Moved;
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{gherkin, given, then, when};

/// Sends a command to each of these nodes; what the last one answers is "the reply". In it `<node-1>` stands for a node's address and port, `<node-1 ip>` for the address alone, `<node-1 id>` for its id in the cluster. In a `Given` the reply must not be an error: then the stage is not set.
#[given(expr = "a client sends {string} to {nodes}")]
#[when(expr = "a client sends {string} to {nodes}")]
async fn sends(world: &mut World, command: String, nodes: Nodes, step: &gherkin::Step) -> Step {
    let words = words(&world.fill(&command).await?)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for name in world.names(&nodes)? {
        world.lets_end(&name, &words)?;
        let reply = world.ask(&name, &words).await?;
        world.observe(format!("{name}: {}", shorten(&reply.to_string())));
        if step.ty == gherkin::StepType::Given && matches!(reply, Reply::Error(_)) {
            return Err(StepError::assertion(format!("{name} answers {command} with {}", shorten(&reply.to_string()))));
        }
        world.last_reply = Some((name, reply));
    }
    world.workload.last_command = words.iter().map(|w| (*w).to_owned()).collect();
    Ok(())
}

/// Sends a command so many times, each after the reply to the one before; what the last one answers is "the reply".
#[when(expr = "a client sends {string} {int} times to {nodes}")]
async fn sends_times(world: &mut World, command: String, times: usize, nodes: Nodes) -> Step {
    let words = words(&command)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let name = world.name(&nodes)?;
    for _ in 0..times {
        let reply = world.command(&name, &words).await?;
        world.last_reply = Some((name.clone(), reply));
    }
    let last = world.reply()?.to_string();
    world.observe(format!("{name}: {times} replies, the last is {}", shorten(&last)));
    Ok(())
}

/// Sends the last command again, to the address the redirection names.
#[when(expr = "the client follows the redirection")]
async fn follows(world: &mut World) -> Step {
    let moved = world.moved()?;
    let node =
        world.node_at(&moved.address).ok_or_else(|| StepError::assertion(format!("the redirection names {}, which is no node", moved.address)))?;
    let command = world.workload.last_command.clone();
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let reply = world.ask(&node, &words).await?;
    world.observe(format!("{node}: {}", shorten(&reply.to_string())));
    world.last_reply = Some((node, reply));
    Ok(())
}

/// The last reply is exactly this, or a number between these.
#[then(expr = "the reply is {value}")]
async fn reply_is(world: &mut World, value: Value) -> Step {
    let reply = world.reply()?.to_string();
    if !value.is(&reply) {
        return Err(StepError::assertion(format!("the reply is {}", shorten(&reply))).expected(value.text, reply));
    }
    world.observe(reply);
    Ok(())
}

/// The last reply has this in it; a list's items are joined by new lines.
#[then(expr = "the reply contains {string}")]
async fn reply_contains(world: &mut World, text: String) -> Step {
    let reply = world.reply()?.to_string();
    if !reply.contains(&text) {
        return Err(StepError::assertion(format!("the reply is {}", shorten(&reply))).expected(format!("... {text} ..."), reply));
    }
    world.observe(shorten(&reply));
    Ok(())
}

/// The last reply is a list of names and values in turn, and has these pairs; of a list of such lists, each has them.
#[then(expr = "the reply has the pairs")]
async fn reply_has_pairs(world: &mut World, step: &gherkin::Step) -> Step {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of names and values"))?;
    let lists: Vec<Vec<String>> = match world.reply()? {
        Reply::List(items) if matches!(items.first(), Some(Reply::List(_))) => items.iter().map(Reply::texts).collect(),
        reply => vec![reply.texts()],
    };
    for row in &table.rows {
        let [name, value] = row.as_slice() else { return Err(StepError::scenario("a row is a name and a value")) };
        for texts in &lists {
            let told = texts.chunks(2).find(|pair| pair[0] == *name).and_then(|pair| pair.get(1));
            if told != Some(value) {
                let told = told.map_or("nothing", String::as_str);
                return Err(StepError::assertion(format!("{name} is {told}")).expected(value, told));
            }
        }
    }
    let mut told: Vec<String> = table.rows.iter().map(|row| row.join(" ")).collect();
    if lists.len() > 1 {
        told.push(format!("in each of {}", lists.len()));
    }
    world.observe(told.join(", "));
    Ok(())
}

/// At some moment of the window, and not before a lower bound, a question to these nodes is answered with this in it, whether the reply is an error or not.
#[then(expr = "{window} {nodes} answer(s) {string} with {string}")]
async fn comes_to_answer(world: &mut World, window: Within, nodes: Nodes, command: String, text: String) -> Step {
    let words = words(&command)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let deadline = world.deadline(window.to);
    for name in world.names(&nodes)? {
        let (what, answers) = (format!("{name} to answer {command} with {text}"), Answers::default());
        let (reply, at) = wait::until(&what, deadline, async || match world.ask(&name, &words).await {
            Ok(reply) if reply.to_string().contains(&text) => Look::Done((reply.to_string(), world.now_ms())),
            Ok(reply) => {
                answers.note(world.now_ms());
                Look::NotYet(shorten(&reply.to_string()))
            }
            Err(error) => Look::NotYet(error.message),
        })
        .await
        .map_err(|gave_up| {
            StepError::missed(&gave_up, format!("{name} answers {}", gave_up.last())).expected(format!("... {text} ..."), gave_up.last())
        })?;
        world.not_before(window, at, &format!("{name} answered {command} with {text}"), &Watcher::Asked(&answers))?;
        world.observe(format!("{name}: {}", shorten(&reply)));
    }
    Ok(())
}

/// The last reply is an error that begins with this.
#[then(expr = "the reply is the error {string}")]
async fn reply_is_error(world: &mut World, text: String) -> Step {
    match world.reply()? {
        Reply::Error(line) if line.starts_with(&text) => {
            let line = line.clone();
            world.observe(line);
            Ok(())
        }
        other => {
            let other = other.to_string();
            Err(StepError::assertion(format!("the reply is {}", shorten(&other))).expected(format!("an error, {text} ..."), other))
        }
    }
}

/// The last reply is MOVED, with this slot, and the address of this node.
#[then(expr = "the reply redirects slot {int} to {nodes}")]
async fn reply_redirects(world: &mut World, slot: u16, nodes: Nodes) -> Step {
    let expected = Moved { slot, address: world.address(&world.name(&nodes)?)? };
    let moved = world.moved()?;
    if moved != expected {
        let actual = format!("MOVED {} {}", moved.slot, moved.address);
        return Err(StepError::assertion(format!("the reply is {actual}")).expected(format!("MOVED {slot} {}", expected.address), actual));
    }
    world.observe(format!("MOVED {} {}", moved.slot, moved.address));
    Ok(())
}

/// At some moment of the window this command, asked of one node, is answered with MOVED to the other.
#[then(expr = "within {duration} {string} asked of {nodes} is redirected to {nodes}")]
async fn comes_to_redirect(world: &mut World, span: Span, command: String, asked: Nodes, to: Nodes) -> Step {
    let (asked, to) = (world.name(&asked)?, world.name(&to)?);
    let address = world.address(&to)?;
    let words = words(&command)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let deadline = world.deadline(span.0);
    let what = format!("{command} to be redirected to {to}");
    let reply = wait::until(&what, deadline, async || match world.ask(&asked, &words).await {
        Ok(Reply::Error(line)) if Moved::parse(&line).is_some_and(|moved| moved.address == address) => Look::Done(line),
        Ok(other) => Look::NotYet(other.to_string()),
        Err(error) => Look::NotYet(error.message),
    })
    .await
    .map_err(|gave_up| {
        StepError::missed(&gave_up, format!("{asked} answers {}", gave_up.last())).expected(format!("MOVED ... {address}"), gave_up.last())
    })?;
    let after = world.window.after(world.now_ms());
    world.observe(format!("{reply} ({to}) after {}", wait::seconds(after)));
    Ok(())
}

/// A command line in words: spaces part them, double quotes keep a word together.
///
/// # Errors
/// An empty command or an open quote.
pub fn words(command: &str) -> Result<Vec<String>, StepError> {
    let words = crate::topology::words::split(command).filter(|words| !words.is_empty());
    words.ok_or_else(|| StepError::scenario(format!("\"{command}\" is no command")))
}

/// At most a line of it.
fn shorten(text: &str) -> String {
    let line = text.replace('\n', " ");
    match line.char_indices().nth(160) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line,
    }
}

impl World {
    fn reply(&self) -> Result<&Reply, StepError> {
        self.last_reply.as_ref().map(|(_, reply)| reply).ok_or_else(|| StepError::scenario("no command was sent yet"))
    }

    fn moved(&self) -> Result<Moved, StepError> {
        let reply = self.reply()?.to_string();
        Moved::parse(&reply).ok_or_else(|| StepError::assertion(format!("the reply is {}", shorten(&reply))).expected("MOVED slot address", reply))
    }
}
