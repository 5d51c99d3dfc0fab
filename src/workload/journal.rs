//! The journal of calls: everything the clients of a scenario asked for, when, and what became of it.
//!
//! You are in the right place when a number about a workload looks wrong: it is all counted from here, and lies as `*.calls.ndjson` beside the logs.

use crate::wait::Instant;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// SET of a key of its own: a client that writes so many keys and is done.
    Set,
    /// RPUSH of a number to a list: what was written twice stands there twice, which a SET would hide.
    Append,
    /// A question for the newest acknowledged append.
    Read,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Sent, and not yet answered.
    Pending,
    /// A write was acknowledged.
    Acknowledged,
    /// An error reply, or an acknowledgement that was not enough for this client. The whole line.
    Refused(String),
    /// No answer in time, or a broken connection: nobody knows whether it was done.
    Unanswered(String),
    /// A read that showed what it asked for.
    Fresh,
    /// A read that did not show a write which had been acknowledged before it was sent.
    Stale,
}

/// One call. Times are milliseconds since the scenario began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    pub kind: Kind,
    /// Of the steady client: which write this is, or which a read asks for.
    pub number: u32,
    pub key: String,
    pub value: String,
    /// Who was asked; empty where a cluster client chose by itself.
    pub node: String,
    /// When it was due.
    pub scheduled_ms: u64,
    pub sent_ms: u64,
    pub ended_ms: u64,
    pub outcome: Outcome,
}

/// All calls of a scenario, in the order in which they were sent.
#[derive(Debug)]
pub struct Journal {
    clock: Instant,
    calls: Vec<Call>,
}

impl Journal {
    /// An empty one; its times count from `clock`.
    pub fn on(clock: Instant) -> Journal {
        Journal { clock, calls: Vec::new() }
    }

    /// Milliseconds on its clock.
    pub fn now_ms(&self) -> u64 {
        self.clock.elapsed().as_millis() as u64
    }

    /// Notes that a call is sent now; returns its place.
    pub fn begin(&mut self, kind: Kind, number: u32, key: &str, value: &str, scheduled_ms: Option<u64>) -> usize {
        let now = self.now_ms();
        self.calls.push(Call {
            kind,
            number,
            key: key.to_owned(),
            value: value.to_owned(),
            node: String::new(),
            scheduled_ms: scheduled_ms.unwrap_or(now),
            sent_ms: now,
            ended_ms: now,
            outcome: Outcome::Pending,
        });
        self.calls.len() - 1
    }

    /// Notes what became of it, now.
    pub fn end(&mut self, place: usize, node: &str, outcome: Outcome) {
        let now = self.now_ms();
        let Some(call) = self.calls.get_mut(place) else { return };
        node.clone_into(&mut call.node);
        call.ended_ms = now;
        call.outcome = outcome;
    }

    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Keys that a client wrote once, with their values, as far as they were acknowledged.
    pub fn pairs(&self) -> BTreeMap<&str, &str> {
        let kept = self.calls.iter().filter(|call| call.kind == Kind::Set && call.outcome == Outcome::Acknowledged);
        kept.map(|call| (call.key.as_str(), call.value.as_str())).collect()
    }

    /// Lists that the steady client may have written to.
    pub fn lists(&self) -> Vec<&str> {
        let mut lists: Vec<&str> = self.calls.iter().filter(|call| call.kind == Kind::Append).map(|call| call.key.as_str()).collect();
        lists.sort_unstable();
        lists.dedup();
        lists
    }

    /// Every call of the steady client as a line of JSON.
    pub fn ndjson(&self) -> String {
        let lines = self.calls.iter().filter(|call| call.kind != Kind::Set).filter_map(|call| serde_json::to_string(call).ok());
        lines.fold(String::new(), |all, line| all + &line + "\n")
    }
}
