//! Keeps the timeline: asks every node for its role and offsets at most 50 ms apart, for all its observables every quarter of a second, and listens
//! to whoever tells events. What is asked, and how an answer is read, the node's system says.
//!
//! It starts when a deployment stands and ends with it, so that a transient state is on the timeline whether or not a step looks for it. For which time it has seen each node it keeps
//! as well (`coverage`): what is not on the timeline has not been, unless nobody looked.

use super::asker::Asker;
use super::coverage::Coverage;
use super::{events, service};
use crate::record::{Kind, Timeline};
use crate::systems::{Protocol, Question, Reply, System, Told, Watch};
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
    pub system: &'static dyn System,
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
            if node.listens().is_some() {
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

    /// Whether events of this node are heard now.
    pub fn listens(&self, node: &str) -> bool {
        self.seen.iter().any(|(watched, seen)| watched.name == node && seen.borrow().events.is_open())
    }

    /// Whether every node was asked once, and whoever tells events is listened to.
    pub fn is_ready(&self) -> bool {
        self.rounds.iter().all(|(_, rounds)| rounds.get() > 0)
            && self.seen.iter().all(|(node, _)| node.listens().is_none() || self.listens(&node.name))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Watched {
    /// Where it tells events, if it does.
    pub fn listens(&self) -> Option<&'static str> {
        self.system.watch()?.listens
    }
}

async fn poll(node: Watched, timeline: Rc<RefCell<Timeline>>, clock: Instant, rounds: Rc<Cell<u64>>, seen: Rc<RefCell<Seen>>) {
    let Some(watch) = node.system.watch() else { return };
    let asker = Asker::new(node.system, node.port);
    let mut answered = true;
    loop {
        let asked = clock.elapsed().as_millis() as u64;
        // After a silence everything is asked for again at once, so that the gap in what was seen is no longer than the silence.
        let whole = rounds.get().is_multiple_of(WHOLE) || !answered;
        let told = ask(&asker, &watch, whole).await.map(|answers| node.system.read(&answers));
        answered = told.is_some();
        // A silent node was silent when it was asked, not when the limit ran out.
        let at = if answered { clock.elapsed().as_millis() as u64 } else { asked };
        note(&mut timeline.borrow_mut(), &node.name, told.as_ref(), at);
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
fn note(timeline: &mut Timeline, node: &str, told: Option<&Told>, at: u64) {
    let role = told.and_then(|told| told.role);
    timeline.observe(node, Kind::Role, "role", role.unwrap_or("silent"), at);
    for (observable, value) in told.iter().flat_map(|told| &told.values) {
        timeline.observe(node, Kind::Value, observable.name, value, at);
    }
}

/// Everything the node tells, or only what may change and change back within a moment. `None` where the first question has no answer; the others may lack theirs.
async fn ask(asker: &Asker, watch: &Watch, whole: bool) -> Option<Vec<Reply>> {
    let questions: &[Question] = if whole { watch.whole } else { std::slice::from_ref(&watch.often) };
    let mut answers = Vec::new();
    for question in questions {
        match asker.ask(question, SILENCE).await {
            Ok(reply @ Reply::Text(_)) => answers.push(reply),
            // An error reply is one of a server that is there and does not tell, as while it loads.
            _ if answers.is_empty() => return None,
            _ => answers.push(Reply::Nil),
        }
    }
    Some(answers)
}

/// Listens again whenever the connection ends, so that a node that was killed is heard once it is back. What it publishes meanwhile is heard by nobody: that is a gap.
async fn subscribe(node: Watched, timeline: Rc<RefCell<Timeline>>, clock: Instant, seen: Rc<RefCell<Seen>>) {
    let Some(place) = node.listens() else { return };
    let now = || clock.elapsed().as_millis() as u64;
    loop {
        let heard = |channel: &str, text: &str| {
            if let Some((name, text)) = node.system.heard(channel, text) {
                timeline.borrow_mut().push(Some(&node.name), Kind::Event, &name, &text, now());
            }
        };
        let ready = || seen.borrow_mut().events.begin(now());
        match node.system.protocol() {
            Protocol::Resp => drop(events::listen(node.port, place, ready, heard).await),
            Protocol::Http => drop(service::lines(node.port, place, ready, |line| heard("", line)).await),
            Protocol::Tcp => return,
        }
        seen.borrow_mut().events.end(now());
        wait::pace(INTERVAL).await;
    }
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
