//! *out of disk*: somebody else has filled the disk on which the node's data lies. Reads and writes in memory go on; files do not grow any more.

use super::{Entry, Fault};
use crate::error::{Cause, StepError};
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::rc::Rc;
use std::time::Duration;

pub(super) const ENTRY: Entry = Entry {
    name: "out of disk",
    doc: "The disk of the node's data is full to the last block, with a file that is not the server's. Needs a node whose topology gives it a small disk.",
    example: ("When the master is out of disk", "When the master is healed"),
    verified_by: "another program cannot write a byte to the disk",
    preload: false,
    own_step: false,
    make: || Rc::new(OutOfDisk),
};

/// The foreign file, and the byte that another program tries to write.
const FILLER: &str = "/data/filler";
const PROBE: &str = "/data/probe";
const LIMIT: Duration = Duration::from_secs(10);

struct OutOfDisk;

impl Fault for OutOfDisk {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "healed"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move {
            let deployment = world.deployment()?;
            if deployment.topology().node(node).is_none_or(|spec| spec.disk.is_none()) {
                let message =
                    format!("the disk of {node} is this host's, which nobody wants full: use a topology that gives it one (\"small-disk\")");
                return Err(StepError::scenario(message));
            }
            Ok(deployment.fill_disk(node, FILLER).await?)
        }
        .boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            match write(world, node).await? {
                Some(refusal) => Ok(format!("{node}: {refusal}")),
                None => Err(StepError::new(Cause::Fault, format!("the disk of {node} should be full but takes a byte"))),
            }
        }
        .boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.remove_file(node, FILLER).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            match write(world, node).await? {
                None => Ok(format!("the disk of {node} has room again")),
                Some(refusal) => Err(StepError::new(Cause::Fault, format!("the disk of {node} should have room but says {refusal}"))),
            }
        }
        .boxed_local()
    }
}

/// What a program that writes a byte is told, if it is refused.
async fn write(world: &World, node: &str) -> Result<Option<String>, StepError> {
    let deployment = world.deployment()?;
    let output = deployment.run_tool(node, &["dd", "if=/dev/zero", &format!("of={PROBE}"), "bs=1", "count=1"], LIMIT).await?;
    deployment.remove_file(node, PROBE).await?;
    let refusal = output.stderr.lines().find(|line| line.starts_with("dd: ")).unwrap_or_default().trim_start_matches("dd: ").to_owned();
    Ok((output.status != 0).then_some(refusal))
}
