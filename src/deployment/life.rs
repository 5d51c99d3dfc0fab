//! The lives of a node's server: when this program had it ended or frozen, and that it ended although nothing here asked it to. You are in the right place when a scenario
//! ends because a server died.
//!
//! The shell beside the server tells of every end at once (`shell.sh`, `start`). An end that a fault or a step has asked for, or that the scenario is about, is no surprise.

use std::sync::{Arc, Mutex};

use tokio::{sync::Notify, time::Instant};

use super::{node::lock, start::Deployment};

/// A server that ended although nothing in the scenario asked it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    pub node: String,
    /// Exit status; 137 after SIGKILL.
    pub status: i64,
}

impl End {
    /// Whether somebody outside the scenario ended it: a signal that asks or forces a process to end (the kernel does so too, when memory runs out), or an orderly end that nobody here ordered.
    pub fn is_from_outside(&self) -> bool {
        matches!(self.status, 0 | 129 | 130 | 137 | 143)
    }
}

/// The ends of a deployment's servers that nobody expected, oldest first.
#[derive(Debug, Default)]
pub struct Ends {
    ends: Mutex<Vec<End>>,
    told: Notify,
}

impl Ends {
    /// The first of them, if there is one.
    pub fn first(&self) -> Option<End> {
        lock(&self.ends).first().cloned()
    }

    /// Waits for the first of them.
    pub async fn wait(&self) -> End {
        loop {
            let told = self.told.notified();
            if let Some(end) = self.first() {
                return end;
            }
            told.await;
        }
    }
}

/// What is known of one node's server.
#[derive(Debug)]
pub(super) struct Life {
    node: String,
    ends: Arc<Ends>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// It was asked to end, and has not been started since.
    asked: bool,
    /// A step is going on that lets it end.
    let_go: bool,
    /// The scenario is about its end.
    mortal: bool,
    /// From when to when it was ended or frozen; the last may go on.
    rests: Vec<(Instant, Option<Instant>)>,
}

impl Life {
    pub fn new(node: &str, ends: &Arc<Ends>) -> Arc<Life> {
        Arc::new(Life { node: node.to_owned(), ends: ends.clone(), state: Mutex::default() })
    }

    /// It is about to be ended.
    pub fn asked_to_end(&self) {
        let mut state = lock(&self.state);
        state.asked = true;
        state.rest();
    }

    /// It is about to be frozen.
    pub fn frozen(&self) {
        lock(&self.state).rest();
    }

    /// It is about to be started: what ends from here on is this life.
    pub fn starts(&self) {
        lock(&self.state).asked = false;
    }

    /// It runs, or runs again.
    pub fn goes_on(&self) {
        if let Some((_, to @ None)) = lock(&self.state).rests.last_mut() {
            *to = Some(Instant::now());
        }
    }

    /// The shell tells that it has ended.
    pub fn ended(&self, status: i64) {
        let mut state = lock(&self.state);
        let expected = state.asked || state.let_go || state.mortal;
        state.rest();
        drop(state);
        if !expected {
            lock(&self.ends.ends).push(End { node: self.node.clone(), status });
            self.ends.told.notify_waiters();
        }
    }
}

impl State {
    fn rest(&mut self) {
        if self.rests.last().is_none_or(|(_, to)| to.is_some()) {
            self.rests.push((Instant::now(), None));
        }
    }
}

impl Deployment {
    /// The ends of servers that nobody expected.
    pub fn ends(&self) -> Arc<Ends> {
        self.ends.clone()
    }

    /// The end of this node's server is no surprise from now on: the scenario is about it.
    pub fn may_end(&self, node: &str) {
        if let Some(node) = self.nodes.get(node) {
            lock(&node.life.state).mortal = true;
        }
    }

    /// While a step starts or asks a server that may refuse and end, its end is that step's to tell.
    pub fn let_go(&self, node: &str, may_end: bool) {
        if let Some(node) = self.nodes.get(node) {
            lock(&node.life.state).let_go = may_end;
        }
    }

    /// From when to when this program had the node's server ended or frozen, oldest first; the last may go on.
    pub fn rests(&self, node: &str) -> Vec<(Instant, Option<Instant>)> {
        self.nodes.get(node).map_or_else(Vec::new, |node| lock(&node.life.state).rests.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life() -> (Arc<Life>, Arc<Ends>) {
        let ends = Arc::<Ends>::default();
        (Life::new("master", &ends), ends)
    }

    #[test]
    fn an_end_that_nobody_asked_for_is_told_and_one_that_was_asked_for_is_not() {
        let (life, ends) = life();
        life.asked_to_end();
        life.ended(137);
        assert_eq!(ends.first(), None);
        life.starts();
        life.goes_on();
        life.ended(139);
        assert_eq!(ends.first(), Some(End { node: "master".to_owned(), status: 139 }));
        assert!(!ends.first().unwrap().is_from_outside(), "a crash is the server's own");
    }

    #[test]
    fn an_end_that_the_scenario_is_about_is_no_surprise() {
        let (life, ends) = life();
        lock(&life.state).mortal = true;
        life.ended(1);
        assert_eq!(ends.first(), None);
        assert_eq!(lock(&life.state).rests.len(), 1, "it is away all the same");
    }

    #[test]
    fn a_life_after_an_expected_end_is_watched_again() {
        let (life, ends) = life();
        lock(&life.state).let_go = true;
        life.starts();
        life.ended(1);
        lock(&life.state).let_go = false;
        life.starts();
        life.goes_on();
        life.ended(0);
        assert_eq!(ends.first().map(|end| end.is_from_outside()), Some(true));
        let rests = lock(&life.state).rests.clone();
        assert!(rests[0].1.is_some() && rests[1].1.is_none());
    }

    #[tokio::test]
    async fn who_waits_is_told() {
        let (life, ends) = life();
        let waiting = ends.clone();
        let waits = tokio::spawn(async move { waiting.wait().await });
        tokio::task::yield_now().await;
        life.ended(134);
        assert_eq!(waits.await.unwrap().status, 134);
    }
}
