//! *losing packets*: of what the data network brings to the node a part is dropped, by chance, as on a bad cable or an overloaded link. TCP repeats what was lost, later.

use super::{Entry, Fault};
use crate::error::{Cause, StepError};
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::rc::Rc;

pub(super) const ENTRY: Entry = Entry {
    name: "losing packets",
    doc: "So many percent of the packets that come to the node over the data network are dropped, each by chance. TCP sends them again: connections stall, and hold.",
    example: ("When \"node-1\" loses 30 percent of its packets", "When \"node-1\" is healed"),
    verified_by: "a host of its own in the data network sends a hundred echo requests and counts the answers",
    preload: false,
    own_step: true,
    make: || Rc::new(LosingPackets { percent: 0 }),
};

/// Echo requests of the witness.
const ECHOES: u32 = 100;

/// A node that loses so many percent of what it is sent.
#[derive(Debug, Clone, Copy)]
pub struct LosingPackets {
    pub percent: u32,
}

impl Fault for LosingPackets {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "healed"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.lose_packets(node, self.percent).await?) }.boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            let lost = world.deployment()?.unanswered_echoes(node, ECHOES).await?;
            // By chance: of a hundred packets of which 30 should be lost, 15 to 45 are, but once in a thousand times.
            if lost.abs_diff(self.percent) > 15.max(self.percent / 2) || lost == 0 {
                return Err(StepError::new(Cause::Fault, format!("{node} should lose {} percent of its packets but loses {lost}", self.percent)));
            }
            Ok(format!("{node} leaves {lost} of {ECHOES} echo requests unanswered"))
        }
        .boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.keep_packets(node).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            match world.deployment()?.unanswered_echoes(node, ECHOES).await? {
                0 => Ok(format!("{node} answers {ECHOES} of {ECHOES} echo requests")),
                lost => Err(StepError::new(Cause::Fault, format!("{node} should lose no packet any more but loses {lost} percent"))),
            }
        }
        .boxed_local()
    }
}
