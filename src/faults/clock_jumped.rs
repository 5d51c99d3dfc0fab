//! *clock jumped*: the node's wall clock moves at once; its monotonic clock goes on. Needs the preload library.

use super::{Entry, Fault};
use crate::error::{Cause, StepError};
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::rc::Rc;

/// How far a clock may be from where it was put: reading it takes time, but not a second.
const TOLERANCE_MS: i64 = 500;

pub(super) const ENTRY: Entry = Entry {
    name: "clock jumped",
    doc: "The wall clock of one node moves at once, as by an NTP step; the monotonic clock goes on.",
    example: ("When the clock of \"sentinel-1\" jumps 60 seconds ahead", "When \"sentinel-1\" is healed"),
    verified_by: "the time the server itself reports",
    preload: true,
    own_step: true,
    make: || Rc::new(ClockJumped { millis: 0 }),
};

/// A jump by this many milliseconds from the host's clock, negative for back.
#[derive(Debug, Clone, Copy)]
pub struct ClockJumped {
    pub millis: i64,
}

impl Fault for ClockJumped {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "healed"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.set_clock_offset(node, self.millis).await?) }.boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        expect_offset(world, node, self.millis).boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.set_clock_offset(node, 0).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        expect_offset(world, node, 0).boxed_local()
    }
}

async fn expect_offset(world: &World, node: &str, millis: i64) -> Result<String, StepError> {
    let seen = world.clock_offset(node).await?;
    if (seen - millis).abs() > TOLERANCE_MS {
        return Err(StepError::new(Cause::Fault, format!("the clock of {node} should be {millis} ms off but is {seen} ms off")));
    }
    Ok(format!("the clock of {node} is {:+.1} s off", seen as f64 / 1000.0))
}
