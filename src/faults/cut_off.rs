//! *cut off* from some nodes, and *mute* towards some: a part of the data network is gone. What is left of it goes on, and so two groups of nodes can be made, or a road of one way.

use super::{Entry, Fault};
use crate::deployment::{Reach, Way};
use crate::error::{Cause, StepError};
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::rc::Rc;

pub(super) const ENTRY: Entry = Entry {
    name: "cut off",
    doc: "Nothing goes between these nodes and those others, either way: two groups of hosts that cannot reach each other, as behind a broken switch.",
    example: ("When \"node-1\" and \"node-4\" are cut off from \"node-2\" and \"node-3\"", "When \"node-1\" and \"node-4\" are healed"),
    verified_by: "no connection can be made from the one to the other, nor back",
    preload: false,
    own_step: true,
    make: || Rc::new(CutOff { peers: Vec::new() }),
};

pub(super) const MUTE: Entry = Entry {
    name: "mute",
    doc: "Nothing that the node sends to those others arrives; what they send arrives here. No connection can be made either way, since no answer comes back.",
    example: ("When \"node-1\" cannot send to \"node-2\"", "When \"node-1\" is healed"),
    verified_by: "the wire of the other: no packet of the node arrives there, while the other's packets arrive here",
    preload: false,
    own_step: true,
    make: || Rc::new(Mute { peers: Vec::new() }),
};

/// A node without these others.
#[derive(Debug, Clone)]
pub struct CutOff {
    pub peers: Vec<String>,
}

/// A node that these others do not hear.
#[derive(Debug, Clone)]
pub struct Mute {
    pub peers: Vec<String>,
}

impl Fault for CutOff {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "healed"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.part(node, &self.peers, Way::Both).await?) }.boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            for peer in &self.peers {
                expect_reach(world, node, peer, Reach::Silent).await?;
                expect_reach(world, peer, node, Reach::Silent).await?;
            }
            Ok(format!("{node} is silent to {}", self.peers.join(", ")))
        }
        .boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.unite(node, Way::Both).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        united(world, node, &self.peers).boxed_local()
    }
}

impl Fault for Mute {
    fn name(&self) -> &'static str {
        MUTE.name
    }

    fn cure(&self) -> &'static str {
        "healed"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.part(node, &self.peers, Way::Out).await?) }.boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            let deployment = world.deployment()?;
            for peer in &self.peers {
                if deployment.hears(peer, node).await? {
                    return Err(StepError::new(Cause::Fault, format!("{peer} should not hear {node} but does")));
                }
                if !deployment.hears(node, peer).await? {
                    return Err(StepError::new(Cause::Fault, format!("{node} should hear {peer} but does not")));
                }
            }
            Ok(format!("{node} hears {}, and is not heard", self.peers.join(", ")))
        }
        .boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.unite(node, Way::Out).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        united(world, node, &self.peers).boxed_local()
    }
}

async fn united(world: &World, node: &str, peers: &[String]) -> Result<String, StepError> {
    for peer in peers {
        for (from, to) in [(node, peer.as_str()), (peer, node)] {
            // A server that is down refuses, and the host answers all the same.
            if world.deployment()?.reach_from(from, to).await? == Reach::Silent {
                return Err(StepError::new(Cause::Fault, format!("{to} should answer {from} again but is silent")));
            }
        }
    }
    Ok(format!("{node} is heard again by {}", peers.join(", ")))
}

async fn expect_reach(world: &World, from: &str, to: &str, expected: Reach) -> Result<(), StepError> {
    let reach = world.deployment()?.reach_from(from, to).await?;
    if reach == expected {
        return Ok(());
    }
    Err(StepError::new(Cause::Fault, format!("from {from} {to} should be {expected} but is {reach}")))
}
