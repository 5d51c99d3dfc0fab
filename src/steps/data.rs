//! Keys: written, compared, lost.

use super::bounds::{Answers, Watcher, Within};
use super::meaning::{Acts, Looks};
use super::params::{Nodes, Span};
use crate::error::{Step, StepError};
use crate::step_means;
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{given, then, when};

step_means!("a client writes {int} keys to {nodes}", acts: Acts::Data);

/// One client writes this many keys with small values to a node, each acknowledged before the next.
#[given(expr = "a client writes {int} keys to {nodes}")]
#[when(expr = "a client writes {int} keys to {nodes}")]
async fn writes(world: &mut World, count: usize, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    world.write_keys(&node, count, 8).await
}

step_means!("a client writes {int} keys of {int} bytes to {nodes}", acts: Acts::Data);

/// As before, with values of this many bytes.
#[given(expr = "a client writes {int} keys of {int} bytes to {nodes}")]
#[when(expr = "a client writes {int} keys of {int} bytes to {nodes}")]
async fn writes_sized(world: &mut World, count: usize, bytes: usize, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    world.write_keys(&node, count, bytes).await
}

step_means!("within {duration} {nodes} hold(s) every key that was written", looks: Some(Looks::NewPrimary), acts: Acts::Nobody);

/// At some moment of the window these nodes hold every key that was written, with its value, and no other.
#[given(expr = "within {duration} {nodes} hold(s) every key that was written")]
#[when(expr = "within {duration} {nodes} hold(s) every key that was written")]
#[then(expr = "within {duration} {nodes} hold(s) every key that was written")]
async fn holds_everything(world: &mut World, span: Span, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    let deadline = world.deadline(span.0);
    world.workload.something_written()?;
    for name in &names {
        let what = format!("{name} to hold every key that was written");
        let client = world.client(name)?;
        wait::until(&what, deadline, async || match world.workload.missing(&client).await {
            Ok(difference) if difference.is_none() => Look::Done(()),
            Ok(difference) => Look::NotYet(difference.to_string()),
            Err(error) => Look::NotYet(error.to_string()),
        })
        .await
        .map_err(|gave_up| StepError::missed(&gave_up, format!("{name}: {}", gave_up.last())))?;
    }
    let count = world.workload.written();
    world.observe(format!("{count} keys on {}", names.join(", ")));
    Ok(())
}

/// A write is refused by these nodes, with an error that begins with this.
#[then(expr = "{nodes} refuse(s) a write with {string}")]
async fn refuses(world: &mut World, nodes: Nodes, error: String) -> Step {
    for name in world.names(&nodes)? {
        let reply = world.ask(&name, &["SET", "rehearsal:probe", "1"]).await?;
        let text = reply.to_string();
        if !matches!(reply, crate::systems::Reply::Error(_)) || !text.starts_with(&error) {
            return Err(StepError::assertion(format!("{name} answers {text}")).expected(format!("an error, {error} ..."), text));
        }
        world.observe(text);
    }
    Ok(())
}

step_means!("{window} {nodes} accept(s) a write", looks: Some(Looks::NewPrimary));

/// A write is accepted by this node at some moment of the window, and none before a lower bound.
#[then(expr = "{window} {nodes} accept(s) a write")]
async fn accepts(world: &mut World, window: Within, nodes: Nodes) -> Step {
    let (deadline, answers) = (world.deadline(window.to), Answers::default());
    let what = format!("{} to accept a write", nodes.text);
    let (name, at) = wait::until(&what, deadline, async || {
        let name = match world.name(&nodes) {
            Ok(name) => name,
            Err(error) => return Look::NotYet(error.message),
        };
        match world.ask(&name, &["SET", "rehearsal:probe", "1"]).await {
            Ok(crate::systems::Reply::Text(text)) if text == "OK" => Look::Done((name, world.now_ms())),
            Ok(other) => {
                answers.note(world.now_ms());
                Look::NotYet(other.to_string())
            }
            Err(error) => Look::NotYet(error.message),
        }
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("{} did not accept a write: {}", nodes.text, gave_up.last())))?;
    world.not_before(window, at, &format!("{name} accepted a write"), &Watcher::Asked(&answers))?;
    let after = wait::seconds(world.window.after(at));
    world.observe(format!("{name} accepted a write after {after}"));
    Ok(())
}

impl World {
    async fn write_keys(&mut self, node: &str, count: usize, bytes: usize) -> Step {
        let client = self.client(node)?;
        self.workload.write(&client, node, count, bytes).await?;
        self.observe(format!("{count} acknowledged by {node}"));
        Ok(())
    }
}
