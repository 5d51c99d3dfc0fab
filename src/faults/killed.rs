//! *killed*: the server process dies by SIGKILL. Peers are refused at once, for the node's addresses stay.

use super::{Entry, Fault};
use crate::deployment::{NodeState, Reach};
use crate::error::{Cause, StepError};
use crate::probe::client::ANSWER;
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::rc::Rc;

pub(super) const ENTRY: Entry = Entry {
    name: "killed",
    doc: "The server process dies by SIGKILL: no last words, nothing saved. Peers are refused at once.",
    example: ("When the master is killed", "When the master is started again"),
    verified_by: "the process is gone, a client gets no connection, and a witness in the data network is refused",
    preload: false,
    own_step: false,
    make: || Rc::new(Killed),
};

struct Killed;

impl Fault for Killed {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "started again"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.kill(node).await?) }.boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        is_gone(world, node).boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.start_server(node).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move { world.answers(node).await }.boxed_local()
    }
}

/// The kernel says the process ended, a client finds nobody, and so does somebody in the data network.
pub(super) async fn is_gone(world: &World, node: &str) -> Result<String, StepError> {
    let still = |what: String| StepError::new(Cause::Fault, format!("{node} should be gone but {what}"));
    let state = world.deployment()?.state(node).await?;
    if !matches!(state, NodeState::Exited(_)) {
        return Err(still(format!("is {state}")));
    }
    if let Ok(reply) = world.asker(node)?.call(ANSWER).await {
        return Err(still(format!("answers {reply}")));
    }
    match world.deployment()?.reach(node).await? {
        Reach::Open => Err(still("still accepts connections in the data network".to_owned())),
        reach => Ok(format!("{node} {state}, its port {reach}")),
    }
}
