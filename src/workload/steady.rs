//! The steady client: a write is due every so many milliseconds, whatever happens to the ones before.
//!
//! Its schedule is *open-loop*: a call that hangs delays none of the next, and the journal has the time a call was due beside the time it was sent. A client that waited for each
//! answer would write least when the servers are at their worst, and so see an outage as one slow call.

use super::cluster_client::ClusterClient;
use super::journal::{Journal, Kind, Outcome};
use super::route::{self, Endpoint, Route};
use super::tally;
use crate::error::{Cause, StepError};
use crate::probe::Asker;
use crate::probe::client::ANSWER;
use crate::probe::coverage::Coverage;
use crate::record::{ClientRecord, Found};
use crate::systems::System;
use crate::wait::{self, Instant, Look};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};

/// Writes go to so many lists in turn: in a cluster they spread over the shards, and each stays short.
pub const LISTS: usize = 16;
/// So many writes and no more: at 10 ms that is over three minutes.
const MOST: u32 = 20_000;
/// Calls in flight beyond which the next is not sent but noted as unanswered: the limit of a call would have to be missed many times over.
const IN_FLIGHT: usize = 2_000;
/// A stopped client waits for its last calls; a cluster client may take its time.
const LAST_CALLS: Duration = Duration::from_secs(4);

/// What the client does.
#[derive(Debug)]
pub struct Plan {
    /// In the words of the sentence: `the master`, `the Sentinels`.
    pub through: String,
    pub every: Duration,
    pub route: Route,
    /// Keys of the lists that are written to in turn.
    pub lists: Vec<String>,
    /// Through a Cluster: its nodes with those of the lists that lie in their slots now.
    pub shards: Vec<(String, Vec<String>)>,
    /// A write counts as acknowledged once WAIT has told that so many replicas have it.
    pub confirmed_by: Option<u32>,
    /// Nodes that are read from in turn, one read after each write.
    pub read_from: Vec<Rc<Endpoint>>,
}

/// Where writes are looked for in the end.
#[derive(Debug, Clone, Copy)]
pub enum Place<'c> {
    /// On these nodes, which are several where several take writes.
    Nodes(&'c [Holding]),
    /// On whoever has the slot.
    Cluster(&'c ClusterClient),
}

/// A node that may have writes.
#[derive(Debug)]
pub struct Holding {
    pub name: String,
    pub system: &'static dyn System,
    pub asker: Asker,
}

impl Holding {
    async fn values(&self, list: &str) -> Result<Vec<String>, StepError> {
        let lists = self.system.lists().ok_or_else(|| StepError::scenario(format!("nothing can be written to {}", self.name)))?;
        let question = lists.all(list);
        let words: Vec<&str> = question.iter().map(String::as_str).collect();
        let answer = self.asker.ask(&words, ANSWER).await.map_err(|error| StepError::no_answer(&self.name, &words.join(" "), &error))?;
        let refused = || StepError::new(Cause::Refused, format!("{} refused {}: {answer}", self.name, words.join(" ")));
        lists.values(&answer).ok_or_else(refused)
    }
}

/// A running or stopped client.
pub struct Steady {
    state: Rc<State>,
    task: JoinHandle<()>,
    started_ms: u64,
    stopped_ms: Option<u64>,
    found: Option<Found>,
}

struct State {
    plan: Plan,
    journal: Rc<RefCell<Journal>>,
    running: Cell<bool>,
    /// The task has ended, and every call with it.
    ended: Cell<bool>,
    /// The newest acknowledged write: what a read asks for.
    newest: Cell<Option<u32>>,
}

impl Steady {
    /// Starts the client; its first write is due now. Must be called on a `LocalSet`.
    pub fn start(plan: Plan, journal: Rc<RefCell<Journal>>) -> Steady {
        let started_ms = journal.borrow().now_ms();
        let state = Rc::new(State { plan, journal, running: Cell::new(true), ended: Cell::new(false), newest: Cell::new(None) });
        let task = tokio::task::spawn_local(run(state.clone(), started_ms));
        Steady { state, task, started_ms, stopped_ms: None, found: None }
    }

    /// Whether a write that was due at this time or later was acknowledged, and when.
    pub fn acknowledged_since(&self, scheduled_ms: u64) -> Option<u64> {
        let journal = self.state.journal.borrow();
        let mut written = journal.calls().iter().filter(|call| call.kind == Kind::Append && call.outcome == Outcome::Acknowledged);
        written.find(|call| call.scheduled_ms >= scheduled_ms).map(|call| call.ended_ms)
    }

    /// Whether each of the lists had a write acknowledged that was sent at this time or later, and when the last of them had its first: in a cluster some lists may be served while others wait.
    pub fn every_list_since(&self, sent_ms: u64) -> Option<u64> {
        let journal = self.state.journal.borrow();
        let written = |list: &String| {
            let own = journal.calls().iter().filter(move |call| call.kind == Kind::Append && call.key == *list && call.sent_ms >= sent_ms);
            own.filter(|call| call.outcome == Outcome::Acknowledged).map(|call| call.ended_ms).min()
        };
        self.state.plan.lists.iter().map(written).try_fold(0, |last, at| Some(last.max(at?)))
    }

    /// When the last write that was due at this time or later, and failed, was due.
    pub fn failed_since(&self, scheduled_ms: u64) -> Option<u64> {
        let journal = self.state.journal.borrow();
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Refused(_) | Outcome::Unanswered(_));
        journal
            .calls()
            .iter()
            .rev()
            .find(|call| call.kind == Kind::Append && failed(&call.outcome))
            .map(|call| call.scheduled_ms)
            .filter(|at| *at >= scheduled_ms)
    }

    /// No more writes; those under way are waited for.
    ///
    /// # Errors
    /// It had already ended: by its own limit, or by an earlier stop.
    pub async fn stop(&mut self) -> Result<(), StepError> {
        if self.stopped_ms.is_some() {
            return Err(StepError::scenario("the client has stopped already"));
        }
        if self.state.ended.get() {
            return Err(StepError::scenario(format!("the client ended by itself after {MOST} writes: let it write less often, or stop it sooner")));
        }
        self.state.running.set(false);
        self.stopped_ms = Some(self.state.journal.borrow().now_ms());
        let ended = async || if self.state.ended.get() { Look::Done(()) } else { Look::NotYet("calls are under way".to_owned()) };
        wait::within("the client's last calls", LAST_CALLS, ended).await?;
        Ok(())
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped_ms.is_some()
    }

    /// Ends everything at once, for the end of a scenario: what is under way must not reach the next one's servers.
    pub fn abort(&mut self) {
        self.stopped_ms.get_or_insert_with(|| self.state.journal.borrow().now_ms());
        self.task.abort();
    }

    /// Looks for every write on the node, or through the cluster on whoever has its slot now.
    ///
    /// # Errors
    /// No answer, or an error reply.
    pub async fn look_for(&mut self, place: Place<'_>) -> Result<&Found, StepError> {
        let mut present: BTreeMap<u32, u32> = BTreeMap::new();
        for list in &self.state.plan.lists {
            let everywhere = match place {
                Place::Cluster(client) => vec![client.list(list).await?],
                Place::Nodes(nodes) => {
                    let mut everywhere = Vec::new();
                    for node in nodes {
                        everywhere.push(node.values(list).await?);
                    }
                    everywhere
                }
            };
            for values in everywhere {
                let mut here: BTreeMap<u32, u32> = BTreeMap::new();
                for number in values.iter().filter_map(|value| value.parse().ok()) {
                    *here.entry(number).or_default() += 1;
                }
                // What one has copied from another is no second write.
                for (number, times) in here {
                    let known = present.entry(number).or_default();
                    *known = times.max(*known);
                }
            }
        }
        let on = match place {
            Place::Cluster(_) => "the cluster".to_owned(),
            Place::Nodes(nodes) => nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join(" and "),
        };
        Ok(self.found.insert(tally::found(self.state.journal.borrow().calls(), &present, &on)))
    }

    /// Whether its writes go to wherever the slot map says.
    pub fn is_cluster(&self) -> bool {
        matches!(self.state.plan.route, Route::Cluster(_))
    }

    /// Whom it takes for the master, where it asks the Sentinels.
    pub async fn sentinels_master(&self) -> Option<Result<String, String>> {
        let Route::Sentinels(sentinels) = &self.state.plan.route else { return None };
        if sentinels.asked_once() {
            return None;
        }
        Some(sentinels.master().await.map(|node| node.name.clone()))
    }

    /// Its numbers so far; gaps and stale reads count from `from_ms`.
    pub fn record(&self, from_ms: u64) -> ClientRecord {
        let journal = self.state.journal.borrow();
        let record = ClientRecord {
            through: self.state.plan.through.clone(),
            every_ms: self.state.plan.every.as_millis() as u64,
            started_ms: self.started_ms,
            stopped_ms: self.stopped_ms.unwrap_or_else(|| journal.now_ms()),
            counted_from_ms: from_ms.max(self.started_ms),
            found: self.found.clone(),
            ..ClientRecord::default()
        };
        tally::count(journal.calls(), &self.state.plan.shards, record)
    }

    /// For which time its reads were answered.
    pub fn reads(&self) -> Coverage {
        let mut coverage = Coverage::default();
        tally::answered_reads(self.state.journal.borrow().calls()).for_each(|at| coverage.sight(at));
        coverage
    }

    /// Every call as a line of JSON.
    pub fn ndjson(&self) -> String {
        self.state.journal.borrow().ndjson()
    }
}

impl Drop for Steady {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Steady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steady").field("plan", &self.state.plan).finish_non_exhaustive()
    }
}

/// The keys of the lists, where any will do.
pub fn lists() -> Vec<String> {
    (0..LISTS).map(list).collect()
}

/// The n-th key a client may write to.
pub fn list(n: usize) -> String {
    format!("written:{n}")
}

impl Plan {
    fn list_of(&self, number: u32) -> &str {
        &self.lists[number as usize % self.lists.len()]
    }
}

async fn run(state: Rc<State>, started_ms: u64) {
    // Ends with the task: whoever aborts it ends every call.
    let mut calls = JoinSet::new();
    let began = Instant::now();
    for number in 0..MOST {
        let due = state.plan.every * number;
        wait::on_schedule(began + due).await;
        if !state.running.get() {
            break;
        }
        while calls.try_join_next().is_some() {}
        let scheduled_ms = started_ms + due.as_millis() as u64;
        if calls.len() > IN_FLIGHT {
            let mut journal = state.journal.borrow_mut();
            let place = journal.begin(Kind::Append, number, state.plan.list_of(number), &number.to_string(), Some(scheduled_ms));
            journal.end(place, "", Outcome::Unanswered("too many calls are under way".to_owned()));
            continue;
        }
        calls.spawn_local(write(state.clone(), number, scheduled_ms));
        if let Some(newest) = state.newest.get()
            && !state.plan.read_from.is_empty()
        {
            let node = state.plan.read_from[number as usize % state.plan.read_from.len()].clone();
            calls.spawn_local(read(state.clone(), newest, node, scheduled_ms));
        }
    }
    while calls.join_next().await.is_some() {}
    state.ended.set(true);
}

async fn write(state: Rc<State>, number: u32, scheduled_ms: u64) {
    let (key, value) = (state.plan.list_of(number).to_owned(), number.to_string());
    let place = state.journal.borrow_mut().begin(Kind::Append, number, &key, &value, Some(scheduled_ms));
    let (node, outcome) = state.plan.route.append(&key, &value, state.plan.confirmed_by).await;
    if outcome == Outcome::Acknowledged {
        state.newest.set(state.newest.get().max(Some(number)));
    }
    state.journal.borrow_mut().end(place, &node, outcome);
}

async fn read(state: Rc<State>, newest: u32, node: Rc<Endpoint>, scheduled_ms: u64) {
    let (key, value) = (state.plan.list_of(newest).to_owned(), newest.to_string());
    let place = state.journal.borrow_mut().begin(Kind::Read, newest, &key, &value, Some(scheduled_ms));
    let outcome = route::has(&node, &key, &value).await;
    state.journal.borrow_mut().end(place, &node.name, outcome);
}
