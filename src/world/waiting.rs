//! Clients that wait: one whose command takes its time, and one that listens to Pub/Sub. What they receive is kept with its time.

use super::World;
use crate::deployment::NodeState;
use crate::error::{Cause, Step, StepError};
use crate::probe::coverage::Gap;
use crate::probe::subscriber;
use crate::wait::{self, Instant, Look};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
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
    /// Of which node it is a client.
    node: String,
    heard: Rc<Heard>,
    task: JoinHandle<()>,
}

/// What a waiting client was told, and since when it is told nothing more.
#[derive(Debug, Default)]
struct Heard {
    /// Milliseconds on the scenario's clock, and what came.
    received: RefCell<Vec<(u64, String)>>,
    /// When its connection ended, and why: from then on nothing can come.
    broke: RefCell<Option<(u64, String)>>,
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
        self.lets_end(node, &words)?;
        let connection = self.fresh_client(node)?;
        // Connected first, so that the command itself is on its way at once. A server that is busy with somebody else's command does not answer,
        // and that may be what the scenario is about.
        let _ = connection.ask_within(&["PING"], GREETING).await;
        let heard = Rc::<Heard>::default();
        let (clock, kept) = (self.clock, heard.clone());
        let task = tokio::task::spawn_local(async move {
            let reply = connection.ask_within(&words, PATIENCE).await;
            let now = clock.elapsed().as_millis() as u64;
            match reply {
                Ok(reply) => kept.received.borrow_mut().push((now, reply.to_string().replace('\n', " "))),
                Err(error) => *kept.broke.borrow_mut() = Some((now, error.to_string())),
            }
        });
        self.waiting.insert(client.to_owned(), WaitingClient { node: node.to_owned(), heard, task });
        wait::moment(Instant::now() + ON_ITS_WAY).await;
        Ok(())
    }

    /// Lets a client listen to a channel, or to all that match a pattern.
    ///
    /// # Errors
    /// The node does not take the subscription.
    pub(crate) async fn listen(&mut self, client: &str, node: &str, channel: String, pattern: bool) -> Step {
        let port = self.deployment()?.published(node).ok_or_else(|| self.unknown_node(node))?;
        let heard = Rc::<Heard>::default();
        let (clock, kept) = (self.clock, heard.clone());
        let ready = Rc::new(Cell::new(false));
        let is_ready = ready.clone();
        let task = tokio::task::spawn_local(async move {
            let now = || clock.elapsed().as_millis() as u64;
            let hear = |text: String| kept.received.borrow_mut().push((now(), text));
            let ended = subscriber::listen(port, &channel, pattern, || is_ready.set(true), hear).await;
            let why = ended.map_or_else(|error| error.to_string(), |()| "the server closed the connection".to_owned());
            *kept.broke.borrow_mut() = Some((now(), why));
        });
        self.waiting.insert(client.to_owned(), WaitingClient { node: node.to_owned(), heard, task });
        let what = format!("{node} to take the subscription of {client}");
        wait::within(&what, CONNECT_LIMIT, async || if ready.get() { Look::Done(()) } else { Look::NotYet("not subscribed".to_owned()) }).await?;
        Ok(())
    }

    /// What a waiting client has received up to a moment, each with its time.
    ///
    /// # Errors
    /// The scenario has no client of that name.
    pub(crate) fn received(&self, client: &str, to_ms: u64) -> Result<Vec<(u64, String)>, StepError> {
        let received = self.waiting_client(client)?.heard.received.borrow();
        Ok(received.iter().filter(|(at, _)| *at <= to_ms).cloned().collect())
    }

    /// A client that has received nothing was there to receive it, from the moment the last `When` was verified up to this one.
    ///
    /// # Errors
    /// Its connection ended before; or the server's process is frozen, though no fault of the scenario did that. A server that is busy with somebody else's command is neither.
    pub(crate) async fn waited_throughout(&mut self, client: &str, to_ms: u64) -> Step {
        let from_ms = self.window.verified_ms;
        if to_ms <= from_ms {
            return Err(StepError::scenario("a span of no time shows nothing"));
        }
        let waiting = self.waiting_client(client)?;
        let (node, broke) = (waiting.node.clone(), waiting.heard.broke.borrow().clone());
        self.rests_on(from_ms, to_ms);
        if let Some((at, why)) = broke.filter(|(at, _)| *at < to_ms) {
            return Err(self.unwatched(&format!("client {client} was not connected ({why})"), Gap { from_ms: at.max(from_ms), to_ms }));
        }
        let frozen = self.deployment()?.state(&node).await? == NodeState::Paused;
        if frozen && !self.rests_of(&node).iter().any(|rest| rest.to_ms >= to_ms) {
            return Err(StepError::new(
                Cause::Unwatched,
                format!("{node} is frozen, though no fault of this scenario did that: it could not answer {client}"),
            ));
        }
        Ok(())
    }

    fn waiting_client(&self, client: &str) -> Result<&WaitingClient, StepError> {
        self.waiting.get(client).ok_or_else(|| StepError::scenario(format!("no client \"{client}\" waits for anything")))
    }
}
