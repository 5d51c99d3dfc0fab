//! Keeps the timeline: asks every node for its role and offsets at most 50 ms apart, for all its observables every quarter of a second, and listens
//! to every Sentinel.
//!
//! It starts when a deployment stands and ends with it, so that a transient state is on the timeline whether or not a step looks for it. For which time it has seen each node it keeps
//! as well (`coverage`): what is not on the timeline has not been, unless nobody looked.

use super::client::Client;
use super::coverage::Coverage;
use super::{Info, Reply, events, observables};
use crate::record::{Kind, Timeline};
use crate::wait::{self, Instant};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Pause between two questions to one node.
const INTERVAL: Duration = Duration::from_millis(40);
/// Every so many questions is for everything the node tells of itself, which costs it and us ten times as much.
const WHOLE: u64 = 6;
/// A node that does not answer for this long is written down as silent.
const SILENCE: Duration = Duration::from_millis(250);

/// What is recorded of one node.
#[derive(Debug, Clone)]
pub struct Watched {
    pub name: String,
    /// Published client port.
    pub port: u16,
    pub sentinel: bool,
    pub cluster: bool,
}

/// What of a node is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watching {
    /// Its role, asked for at most 50 ms apart.
    Role,
    /// Its observables, asked for every quarter of a second.
    Values,
    /// The events it publishes, over a subscription.
    Events,
}

/// For which time a node was seen.
#[derive(Debug, Default)]
struct Seen {
    role: Coverage,
    values: Coverage,
    events: Coverage,
}

/// Running recorders; dropping it ends them.
#[derive(Debug)]
pub struct Recorder {
    tasks: Vec<JoinHandle<()>>,
    rounds: Vec<(String, Rc<Cell<u64>>)>,
    seen: Vec<(Watched, Rc<RefCell<Seen>>)>,
}

impl Recorder {
    /// Starts recording `nodes` onto `timeline`, in milliseconds since `clock`.
    ///
    /// Must be called on a `LocalSet`.
    pub fn start(nodes: &[Watched], timeline: &Rc<RefCell<Timeline>>, clock: Instant) -> Recorder {
        let mut recorder = Recorder { tasks: Vec::new(), rounds: Vec::new(), seen: Vec::new() };
        for node in nodes {
            let (rounds, seen) = (Rc::new(Cell::new(0)), Rc::<RefCell<Seen>>::default());
            recorder.rounds.push((node.name.clone(), rounds.clone()));
            recorder.seen.push((node.clone(), seen.clone()));
            recorder.tasks.push(tokio::task::spawn_local(poll(node.clone(), timeline.clone(), clock, rounds, seen.clone())));
            if node.sentinel {
                recorder.tasks.push(tokio::task::spawn_local(subscribe(node.clone(), timeline.clone(), clock, seen)));
            }
        }
        recorder
    }

    /// For which time this was seen of a node; `None` for a node that is not recorded.
    pub fn coverage(&self, node: &str, watching: Watching) -> Option<Coverage> {
        let (_, seen) = self.seen.iter().find(|(watched, _)| watched.name == node)?;
        let seen = seen.borrow();
        Some(match watching {
            Watching::Role => seen.role.clone(),
            Watching::Values => seen.values.clone(),
            Watching::Events => seen.events.clone(),
        })
    }

    /// How often this node has been asked; grows with every answer or silence written down.
    pub fn rounds(&self, node: &str) -> u64 {
        self.rounds.iter().find(|(name, _)| name == node).map_or(0, |(_, rounds)| rounds.get())
    }

    /// Whether events of this Sentinel are heard now.
    pub fn listens(&self, node: &str) -> bool {
        self.seen.iter().any(|(watched, seen)| watched.name == node && seen.borrow().events.is_open())
    }

    /// Whether every node was asked once and every Sentinel is listened to.
    pub fn is_ready(&self) -> bool {
        self.rounds.iter().all(|(_, rounds)| rounds.get() > 0) && self.seen.iter().all(|(node, _)| !node.sentinel || self.listens(&node.name))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn poll(node: Watched, timeline: Rc<RefCell<Timeline>>, clock: Instant, rounds: Rc<Cell<u64>>, seen: Rc<RefCell<Seen>>) {
    let client = Client::new(node.port);
    let mut answered = true;
    loop {
        let asked = clock.elapsed().as_millis() as u64;
        // After a silence everything is asked for again at once, so that the gap in what was seen is no longer than the silence.
        let whole = rounds.get().is_multiple_of(WHOLE) || !answered;
        let info = ask(&client, &node, whole).await;
        answered = info.is_some();
        // A silent node was silent when it was asked, not when the limit ran out.
        let at = if answered { clock.elapsed().as_millis() as u64 } else { asked };
        note(&mut timeline.borrow_mut(), &node, info.as_ref(), at);
        if answered {
            let mut seen = seen.borrow_mut();
            seen.role.sight(at);
            if whole {
                seen.values.sight(at);
            }
        }
        rounds.set(rounds.get() + 1);
        wait::pace(INTERVAL).await;
    }
}

/// Puts a node's role and observables on the timeline; a node without an answer is silent.
fn note(timeline: &mut Timeline, node: &Watched, info: Option<&Info>, at: u64) {
    let role = info.and_then(|info| if node.sentinel { Some("sentinel") } else { info.role() });
    timeline.observe(&node.name, Kind::Role, "role", role.unwrap_or("silent"), at);
    let Some(info) = info else { return };
    for observable in observables::ALL {
        if let Some(value) = observable.read(info) {
            timeline.observe(&node.name, Kind::Value, observable.name, &value, at);
        }
    }
}

/// Everything the node tells, or only what may change and change back within a moment.
async fn ask(client: &Client, node: &Watched, whole: bool) -> Option<Info> {
    let section = if node.sentinel { "sentinel" } else { "replication" };
    let question: &[&str] = if whole { &["INFO"] } else { &["INFO", section] };
    let Ok(Reply::Text(text)) = client.ask_within(question, SILENCE).await else { return None };
    let mut info = Info::parse(&text);
    if node.cluster
        && whole
        && let Ok(Reply::Text(text)) = client.ask_within(&["CLUSTER", "INFO"], SILENCE).await
    {
        info.extend(Info::parse(&text));
    }
    Some(info)
}

/// Listens again whenever the connection ends, so that a Sentinel that was killed is heard once it is back. What it publishes meanwhile is heard by nobody: that is a gap.
async fn subscribe(node: Watched, timeline: Rc<RefCell<Timeline>>, clock: Instant, seen: Rc<RefCell<Seen>>) {
    let now = || clock.elapsed().as_millis() as u64;
    loop {
        let heard = |name: &str, text: &str| timeline.borrow_mut().push(Some(&node.name), Kind::Event, name, text, now());
        let _ = events::listen(node.port, || seen.borrow_mut().events.begin(now()), heard).await;
        seen.borrow_mut().events.end(now());
        wait::pace(INTERVAL).await;
    }
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
