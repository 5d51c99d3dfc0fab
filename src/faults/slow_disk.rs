//! *slow disk*: every sync of the node's server takes a while. Needs the preload library, which waits before it syncs.

use super::{Entry, Fault};
use crate::error::{Cause, StepError};
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::rc::Rc;
use std::time::Duration;

pub(super) const ENTRY: Entry = Entry {
    name: "slow disk",
    doc: "Every `fsync` and `fdatasync` of the node's server takes this long before it begins, as on a disk that is busy; writes into the page cache stay fast.",
    example: ("When the disk of the master takes 3 seconds to sync", "When the master is healed"),
    verified_by: "the server process has mapped the page the delay is read from, and that page holds it",
    preload: true,
    own_step: true,
    make: || Rc::new(SlowDisk { delay: Duration::ZERO }),
};

/// A disk that takes this long to sync.
#[derive(Debug, Clone, Copy)]
pub struct SlowDisk {
    pub delay: Duration,
}

impl Fault for SlowDisk {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "healed"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.set_sync_delay(node, self.delay).await?) }.boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        expect(world, node, self.delay).boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.set_sync_delay(node, Duration::ZERO).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        expect(world, node, Duration::ZERO).boxed_local()
    }
}

async fn expect(world: &World, node: &str, delay: Duration) -> Result<String, StepError> {
    match world.deployment()?.sync_delay(node).await? {
        Some(seen) if seen == delay => Ok(format!("a sync of {node} waits {:.1} s", seen.as_secs_f64())),
        Some(seen) => Err(StepError::new(Cause::Fault, format!("a sync of {node} should wait {delay:?} but waits {seen:?}"))),
        None => Err(StepError::new(Cause::Fault, format!("no process of {node} reads how long a sync has to wait"))),
    }
}
