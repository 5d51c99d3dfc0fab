//! Services of somebody's own in a topology: nodes with the role `other`, of which nothing is known but their port.
//!
//! You are in the right place for how one counts as ready, and how it is asked. What servers of Redis answer is in `world.rs`.

use super::World;
use crate::deployment::{NodeState, Reach};
use crate::error::StepError;
use crate::probe::service::{self, HttpReply};
use crate::topology::Role;
use crate::wait::{self, Look};
use std::time::Duration;

/// How long a service may take until it accepts connections: longer than a server, since it may bring a whole runtime along.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Limit for one answer over HTTP.
const ANSWER: Duration = Duration::from_secs(2);

impl World {
    /// Names of the nodes that are no Redis servers, in the topology's order.
    ///
    /// # Errors
    /// No topology yet.
    pub fn services(&self) -> Result<Vec<String>, StepError> {
        Ok(self.deployment()?.topology().names(Role::Other).into_iter().map(str::to_owned).collect())
    }

    /// Waits until a service runs and accepts connections.
    pub(super) async fn service_answers(&self, node: &str) -> Result<String, StepError> {
        let what = format!("{node} to accept connections");
        let accepts = async || {
            // The kernel accepts connections for a frozen process as well, so the engine is asked too.
            match self.deployment()?.state(node).await? {
                NodeState::Running => {}
                NodeState::Exited(_) => return Err(self.ended(node).await.unwrap_or_else(|| StepError::scenario(format!("{node} is gone")))),
                state => return Ok(Some(state.to_string())),
            }
            let port = self.deployment()?.published(node).ok_or_else(|| self.unknown_node(node))?;
            Ok(service::knock(port).await.err().map(|error| error.to_string()))
        };
        let waited = wait::within(&what, START_LIMIT, async || match accepts().await {
            Ok(None) => Look::Done(Ok(format!("{node} accepts connections"))),
            Ok(Some(instead)) => Look::NotYet(instead),
            Err(error) => Look::Done(Err(error)),
        });
        waited.await?
    }

    /// How a node answers somebody in its data network who tries to connect.
    ///
    /// # Errors
    /// No such node, or the engine refused.
    pub async fn reach(&self, node: &str) -> Result<Reach, StepError> {
        Ok(self.deployment()?.reach(node).await?)
    }

    /// What a node answers to a GET of this path; no answer is told in words, since a service that is away is something to wait for.
    ///
    /// # Errors
    /// No such node.
    pub async fn http_get(&self, node: &str, path: &str) -> Result<Result<HttpReply, String>, StepError> {
        let port = self.deployment()?.published(node).ok_or_else(|| self.unknown_node(node))?;
        Ok(service::get(port, path, ANSWER).await.map_err(|error| error.to_string()))
    }
}
