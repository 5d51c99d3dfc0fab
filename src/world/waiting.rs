//! Clients that wait: one whose command takes its time, and one that listens to Pub/Sub. What they receive is kept with its time.

use super::World;
use crate::error::{Step, StepError};
use crate::probe::subscriber;
use crate::wait::{self, Look};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How long a waiting client may wait at most, which no scenario reaches.
const PATIENCE: Duration = Duration::from_secs(600);
/// What a command on its way needs at most until the server has it.
const ON_ITS_WAY: Duration = Duration::from_millis(50);
const GREETING: Duration = Duration::from_millis(200);
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// A client that a scenario has given a name; dropping it ends it.
#[derive(Debug)]
pub(crate) struct WaitingClient {
    /// Milliseconds on the scenario's clock, and what came.
    pub received: Rc<RefCell<Vec<(u64, String)>>>,
    task: JoinHandle<()>,
}

impl Drop for WaitingClient {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl World {
    /// Lets a client send a command and wait for its reply beside everything else.
    ///
    /// # Errors
    /// No such node.
    pub(crate) async fn send_and_wait(&mut self, client: &str, node: &str, words: Vec<String>) -> Step {
        let connection = self.fresh_client(node)?;
        // Connected first, so that the command itself is on its way at once. A server that is busy with somebody else's command does not answer,
        // and that may be what the scenario is about.
        let _ = connection.ask_within(&["PING"], GREETING).await;
        let received = Rc::<RefCell<Vec<(u64, String)>>>::default();
        let (clock, kept) = (self.clock, received.clone());
        let task = tokio::task::spawn_local(async move {
            let reply = connection.ask_within(&words, PATIENCE).await;
            let text = reply.map_or_else(|error| error.to_string(), |reply| reply.to_string().replace('\n', " "));
            kept.borrow_mut().push((clock.elapsed().as_millis() as u64, text));
        });
        self.waiting.insert(client.to_owned(), WaitingClient { received, task });
        wait::moment(Instant::now() + ON_ITS_WAY).await;
        Ok(())
    }

    /// Lets a client listen to a channel, or to all that match a pattern.
    ///
    /// # Errors
    /// The node does not take the subscription.
    pub(crate) async fn listen(&mut self, client: &str, node: &str, channel: String, pattern: bool) -> Step {
        let port = self.deployment()?.published(node).ok_or_else(|| self.unknown_node(node))?;
        let received = Rc::<RefCell<Vec<(u64, String)>>>::default();
        let (clock, kept) = (self.clock, received.clone());
        let ready = Rc::new(Cell::new(false));
        let is_ready = ready.clone();
        let task = tokio::task::spawn_local(async move {
            let heard = |text: String| kept.borrow_mut().push((clock.elapsed().as_millis() as u64, text));
            if let Err(error) = subscriber::listen(port, &channel, pattern, || is_ready.set(true), heard).await {
                kept.borrow_mut().push((clock.elapsed().as_millis() as u64, error.to_string()));
            }
        });
        self.waiting.insert(client.to_owned(), WaitingClient { received, task });
        let what = format!("{node} to take the subscription of {client}");
        wait::within(&what, CONNECT_LIMIT, async || if ready.get() { Look::Done(()) } else { Look::NotYet("not subscribed".to_owned()) }).await?;
        Ok(())
    }

    /// What a waiting client has received so far, each with its time.
    ///
    /// # Errors
    /// The scenario has no client of that name.
    pub(crate) fn received(&self, client: &str) -> Result<Vec<(u64, String)>, StepError> {
        let waiting = self.waiting.get(client).ok_or_else(|| StepError::scenario(format!("no client \"{client}\" waits for anything")))?;
        Ok(waiting.received.borrow().clone())
    }
}
