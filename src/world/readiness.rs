//! When a node is there: as its system says, and heard by the recorder if it tells events. And how a service of somebody's own is asked, of which nothing is known but its port.

use super::World;
use crate::deployment::{NodeState, Reach};
use crate::error::{Step, StepError};
use crate::probe::service::{self, HttpReply};
use crate::systems::Protocol;
use crate::wait::{self, Look};
use std::time::Duration;

/// What one question may take, while a node is waited for.
const GLANCE: Duration = Duration::from_millis(500);
/// Limit for one answer over HTTP.
const ANSWER: Duration = Duration::from_secs(2);
/// A node that was started again is subscribed to again at once.
const HEARD_LIMIT: Duration = Duration::from_secs(10);

impl World {
    /// Waits until a node is there as its system says.
    ///
    /// # Errors
    /// It is not within the time that its system is given, or its process has ended: a server's doing, and so part of the verdict.
    pub async fn answers(&self, node: &str) -> Result<String, StepError> {
        let asker = self.asker(node)?;
        let system = self.deployment()?.topology().node(node).ok_or_else(|| self.unknown_node(node))?.kind.system;
        // The kernel accepts connections for a frozen process as well, so that where nothing is asked the engine is.
        let ask_engine = system.protocol() == Protocol::Tcp;
        let verb = if ask_engine { "accepts connections" } else { "answers" };
        let what = if ask_engine { format!("{node} to accept connections") } else { format!("{node} to answer") };
        let mut refused = 0;
        let answered = wait::within(&what, system.readiness().limit, async || {
            if ask_engine {
                match self.runs(node).await {
                    Ok(None) => {}
                    Ok(Some(state)) => return Look::NotYet(state),
                    Err(error) => return Look::Done(Err(error)),
                }
            }
            match asker.lacks(GLANCE).await {
                Ok(None) => Look::Done(Ok(format!("{node} {verb}"))),
                Ok(Some(instead)) => Look::NotYet(instead),
                Err(error) => {
                    refused += 1;
                    // Waiting for a process that has ended is pointless; asking the engine each time would be as well.
                    match if refused % 10 == 0 { self.ended(node).await } else { None } {
                        Some(ended) => Look::Done(Err(ended)),
                        None => Look::NotYet(error.to_string()),
                    }
                }
            }
        });
        let said = answered.await??;
        self.heard_again(node).await?;
        Ok(said)
    }

    /// Nothing when a node's process runs, else its state; one that has ended is an error.
    async fn runs(&self, node: &str) -> Result<Option<String>, StepError> {
        match self.deployment()?.state(node).await? {
            NodeState::Running => Ok(None),
            NodeState::Exited(_) => Err(self.ended(node).await.unwrap_or_else(|| StepError::scenario(format!("{node} is gone")))),
            state => Ok(Some(state.to_string())),
        }
    }

    /// Waits until the recorder hears a node that was started again: its events of before are gone, and so would be the next ones.
    async fn heard_again(&self, node: &str) -> Step {
        let tells =
            self.deployment()?.topology().node(node).is_some_and(|spec| spec.kind.system.watch().is_some_and(|watch| watch.listens.is_some()));
        let Some(recorder) = self.recorder.as_ref().filter(|_| tells) else { return Ok(()) };
        let heard = async || if recorder.listens(node) { Look::Done(()) } else { Look::NotYet("not subscribed".to_owned()) };
        wait::within(&format!("{node} to be heard again"), HEARD_LIMIT, heard).await?;
        Ok(())
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
