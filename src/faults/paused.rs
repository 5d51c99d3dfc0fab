//! *paused*: the process is frozen, as by a long stall of its machine. Its connections stay open and what peers send waits in the kernel.

use super::{Entry, Fault};
use crate::deployment::NodeState;
use crate::error::{Cause, StepError};
use crate::probe::ProbeError;
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::rc::Rc;
use std::time::Duration;

/// Long against a local answer (under 1 ms), short against the spans that scenarios pause for.
const SILENCE: Duration = Duration::from_millis(150);

pub(super) const ENTRY: Entry = Entry {
    name: "paused",
    doc: "The process is frozen, as by a stalled machine: connections stay open, nothing is answered, nothing is lost.",
    example: ("When \"sentinel-1\" is paused for 3 seconds", "When \"sentinel-1\" is healed"),
    verified_by: "the kernel reports the process stopped and a client's PING gets no answer",
    preload: false,
    own_step: false,
    make: || Rc::new(Paused),
};

struct Paused;

impl Fault for Paused {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "healed"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.pause(node).await?) }.boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            let state = world.deployment()?.state(node).await?;
            let answer = world.asker(node)?.call(SILENCE).await;
            match (state, answer) {
                (NodeState::Paused, Err(ProbeError::Silent(_))) => Ok(format!("{node} is frozen")),
                (state, answer) => Err(StepError::new(Cause::Fault, format!("{node} should be paused but is {state} and answers {answer:?}"))),
            }
        }
        .boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.unpause(node).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move { world.answers(node).await }.boxed_local()
    }
}
