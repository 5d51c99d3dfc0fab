//! *isolated*: the node's data network is cut in both directions. Its peers hear silence; we still see both sides over the control network.

use super::{Entry, Fault};
use crate::deployment::Reach;
use crate::error::{Cause, StepError};
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::rc::Rc;

pub(super) const ENTRY: Entry = Entry {
    name: "isolated",
    doc: "The data network of the node is cut both ways: peers hear silence, as from a lost host. The node itself goes on.",
    example: ("When \"replica-1\" is isolated", "When \"replica-1\" is healed"),
    verified_by: "a host of its own in the data network gets no answer to a connection, while the control network still answers",
    preload: false,
    own_step: false,
    make: || Rc::new(Isolated),
};

struct Isolated;

impl Fault for Isolated {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "healed"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.cut(node).await?) }.boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            // Our own way has to stay open. Where it does not, nobody knows what the fault did.
            world.answers(node).await.map_err(|error| StepError::new(Cause::Fault, error.message).seen(error.seen))?;
            expect_reach(world, node, Reach::Silent).await?;
            Ok(format!("{node} is silent to its peers"))
        }
        .boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.mend(node).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            expect_reach(world, node, Reach::Open).await?;
            Ok(format!("{node} is heard again"))
        }
        .boxed_local()
    }
}

async fn expect_reach(world: &World, node: &str, expected: Reach) -> Result<(), StepError> {
    let reach = world.deployment()?.reach(node).await?;
    if reach == expected {
        return Ok(());
    }
    let message = format!("from the data network {node} should be {expected:?} but is {reach:?}");
    Err(StepError::new(Cause::Fault, message))
}
