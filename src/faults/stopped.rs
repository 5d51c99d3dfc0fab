//! *stopped*: the server is asked to end by SIGTERM and saves what its configuration tells it to save.

use super::killed::is_gone;
use super::{Entry, Fault};
use crate::deployment::NodeState;
use crate::error::{Cause, StepError};
use crate::wait::{self, Look};
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::rc::Rc;
use std::time::Duration;

/// Longer than `shutdown-timeout` (10 s), for which a master waits for its replicas since 7.0.
const GRACE: Duration = Duration::from_secs(15);

pub(super) const ENTRY: Entry = Entry {
    name: "stopped",
    doc: "The server is asked to end by SIGTERM: it saves if it has save points, and since 7.0 a master first waits for its replicas.",
    example: ("When the master is stopped", "When the master is started again"),
    verified_by: "the process is gone, a client gets no connection, and a witness in the data network is refused",
    preload: false,
    own_step: false,
    make: || Rc::new(Stopped),
};

struct Stopped;

impl Fault for Stopped {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "started again"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move {
            let deployment = world.deployment()?;
            deployment.terminate(node).await?;
            let what = format!("{node} to end");
            let ended = wait::within(&what, GRACE, async || match deployment.state(node).await {
                Ok(NodeState::Exited(_)) => Look::Done(()),
                Ok(state) => Look::NotYet(state.to_string()),
                Err(error) => Look::NotYet(error.to_string()),
            });
            ended.await.map_err(|gave_up| StepError::new(Cause::Fault, gave_up.to_string()))
        }
        .boxed_local()
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
