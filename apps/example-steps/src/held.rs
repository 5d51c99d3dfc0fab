//! A fault of the shop's own: somebody holds back all writes to a cache, as operators do before they move it.

use rehearsal::faults::{Doing, Fault};
use rehearsal::steps::meaning::Injects;
use rehearsal::steps::params::Nodes;
use rehearsal::{Cause, Step, StepError, World, step_means, when};
use std::rc::Rc;
use std::time::Duration;

rehearsal::step_file!("held.rs");

/// For a write that is held back: its answer would be there long before.
const SILENCE: Duration = Duration::from_millis(300);

/// Writes wait, without an error, until the fault is healed.
struct Held;

impl Fault for Held {
    fn name(&self) -> &'static str {
        "held back"
    }

    fn cure(&self) -> &'static str {
        "healed"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> Doing<'a, ()> {
        Box::pin(async move { world.command(node, &["CLIENT", "PAUSE", "600000", "WRITE"]).await.map(drop) })
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> Doing<'a, String> {
        Box::pin(async move {
            match world.fresh_client(node)?.ask_within(&["SET", "probe", "1"], SILENCE).await {
                Ok(reply) => Err(StepError::new(Cause::Fault, format!("writes to {node} should be held back, and one is answered {reply}"))),
                Err(_) => Ok(format!("a write to {node} gets no answer")),
            }
        })
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> Doing<'a, ()> {
        Box::pin(async move { world.command(node, &["CLIENT", "UNPAUSE"]).await.map(drop) })
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> Doing<'a, String> {
        Box::pin(async move { world.command(node, &["DEL", "probe"]).await.map(|_| format!("{node} takes writes")) })
    }
}

step_means!("writes to {nodes} are held back", injects: Injects::Fault("held back"));

/// Writes to these caches wait, without an error, until the caches are healed.
#[when(expr = "writes to {nodes} are held back")]
async fn are_held_back(world: &mut World, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Held), &names, None).await
}
