//! Clients that wait: blocking commands, commands behind a busy server, subscriptions. A scenario gives each a name.

use super::bounds::{Watcher, Within};
use super::clients::words;
use super::params::{Nodes, Span};
use crate::error::{Step, StepError};
use crate::step_means;
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{given, then, when};

/// A client of that name sends a command over a connection of its own and waits for the reply, beside all that follows.
#[given(expr = "client {string} sends {string} to {nodes} and waits")]
#[when(expr = "client {string} sends {string} to {nodes} and waits")]
async fn sends_and_waits(world: &mut World, client: String, command: String, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    world.send_and_wait(&client, &node, words(&command)?).await
}

/// A client of that name subscribes to a channel.
#[given(expr = "client {string} listens to the channel {string} of {nodes}")]
#[when(expr = "client {string} listens to the channel {string} of {nodes}")]
async fn listens(world: &mut World, client: String, channel: String, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    world.listen(&client, &node, channel, false).await
}

/// A client of that name subscribes to every channel whose name matches a pattern.
#[given(expr = "client {string} listens to the pattern {string} of {nodes}")]
#[when(expr = "client {string} listens to the pattern {string} of {nodes}")]
async fn listens_to_pattern(world: &mut World, client: String, pattern: String, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    world.listen(&client, &node, pattern, true).await
}

/// By some moment of the window, and not before a lower bound, the client has received exactly this: a reply (a list's items joined by spaces), or a message as "channel text".
#[then(expr = "{window} client {string} receives {string}")]
async fn receives(world: &mut World, window: Within, client: String, text: String) -> Step {
    world.received(&client, 0)?;
    let (deadline, to_ms) = (world.deadline(window.to), world.ends_ms(window.to));
    let what = format!("client {client} to receive {text}");
    let at = wait::until(&what, deadline, async || {
        let received = world.received(&client, to_ms).unwrap_or_default();
        match received.iter().find(|(_, seen)| *seen == text) {
            Some((at, _)) => Look::Done(*at),
            None => Look::NotYet(received.last().map_or("nothing", |(_, seen)| seen).to_owned()),
        }
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("client {client} received {}", gave_up.last())).expected(&text, gave_up.last()))?;
    world.not_before(window, at, &format!("client {client} received {text}"), &Watcher::Whole)?;
    world.observe(format!("{text} after {}", wait::seconds(world.window.after(at))));
    Ok(())
}

step_means!("for {duration} client {string} receives nothing", lasts: true);

/// All through the span the client has received nothing, from the moment the last `When` was verified; its connection lasted, and the server's process was not frozen from outside.
#[then(expr = "for {duration} client {string} receives nothing")]
async fn receives_nothing(world: &mut World, span: Span, client: String) -> Step {
    wait::moment(world.window.verified_at(world.clock) + span.0).await;
    let to_ms = world.ends_ms(span.0);
    if let Some((at, seen)) = world.received(&client, to_ms)?.first() {
        let after = wait::seconds(world.window.after(*at));
        return Err(StepError::assertion(format!("client {client} received {seen} after {after}")).expected("nothing", seen));
    }
    world.waited_throughout(&client, to_ms).await?;
    world.observe(format!("nothing for {}", wait::seconds(span.0)));
    Ok(())
}
