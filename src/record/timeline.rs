//! One clock for all that happened: observations, faults, heals, events.
//!
//! Values that are polled are kept as *changes*: one entry for a run of equal values, with the time of the first and last sight and how often it was seen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an entry tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A node's role: `master`, `replica`, or `silent` when it did not answer.
    Role,
    /// A polled value with a name, such as `offset` or `cluster_state`.
    Value,
    /// Something a server published: a Sentinel event (`+odown`), with its text.
    Event,
    /// A fault, from injection to heal.
    Fault,
    /// A mark of ours: a step began, the window opened.
    Mark,
}

/// Names of events that a Cluster's nodes tell in their logs only.
pub mod log {
    /// A node misses another (with `loglevel debug`).
    pub const PFAIL: &str = "PFAIL";
    /// A majority of the masters does.
    pub const FAIL: &str = "FAIL";
    /// A replica will ask for votes, and says after what delay.
    pub const DELAY: &str = "election delayed";
    /// A replica asks for votes.
    pub const ELECTION: &str = "election started";
    /// A master gives its vote.
    pub const VOTE: &str = "vote granted";
    /// A replica is master.
    pub const WON: &str = "election won";
    /// A node serves again.
    pub const OK: &str = "cluster ok";
    /// A node serves no more.
    pub const DOWN: &str = "cluster down";
}

/// A value or event on the scenario's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub node: Option<String>,
    pub kind: Kind,
    /// `role`, `offset`, the event's name (`+odown`), the fault's name.
    pub name: String,
    pub value: String,
    /// Milliseconds since the scenario's clock started.
    pub first_ms: u64,
    pub last_ms: u64,
    pub count: u32,
}

/// Entries in order of their first sight.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    entries: Vec<Entry>,
}

impl Timeline {
    /// Adds a polled value: extends the node's last entry of that name when the value is the same.
    pub fn observe(&mut self, node: &str, kind: Kind, name: &str, value: &str, at_ms: u64) {
        let last = self.entries.iter_mut().rev().find(|e| e.kind == kind && e.name == name && e.node.as_deref() == Some(node));
        match last {
            Some(entry) if entry.value == value => {
                entry.last_ms = at_ms;
                entry.count += 1;
            }
            _ => self.push(Some(node), kind, name, value, at_ms),
        }
    }

    /// Adds something that happened once.
    pub fn push(&mut self, node: Option<&str>, kind: Kind, name: &str, value: &str, at_ms: u64) {
        self.entries.push(Entry {
            node: node.map(str::to_owned),
            kind,
            name: name.to_owned(),
            value: value.to_owned(),
            first_ms: at_ms,
            last_ms: at_ms,
            count: 1,
        });
    }

    /// Ends the newest open fault of that name on that node.
    pub fn end_fault(&mut self, node: &str, name: &str, at_ms: u64) {
        let open = self.entries.iter_mut().rev().find(|e| e.kind == Kind::Fault && e.name == name && e.node.as_deref() == Some(node));
        if let Some(entry) = open {
            entry.last_ms = at_ms;
        }
    }

    /// Adds what was told afterwards: entries stay in order of their first sight.
    pub fn insert(&mut self, node: &str, kind: Kind, name: &str, value: &str, at_ms: u64) {
        self.push(Some(node), kind, name, value, at_ms);
        self.entries.sort_by_key(|entry| entry.first_ms);
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Entries of one kind and name on one node that were true at some time in `from_ms..=to_ms`.
    pub fn during<'a>(&'a self, node: &'a str, kind: Kind, from_ms: u64, to_ms: u64) -> impl Iterator<Item = &'a Entry> + 'a {
        self.entries.iter().filter(move |e| e.kind == kind && e.node.as_deref() == Some(node) && e.last_ms >= from_ms && e.first_ms <= to_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_become_one_entry() {
        let mut timeline = Timeline::default();
        for at in [0, 50, 100] {
            timeline.observe("replica-1", Kind::Role, "role", "replica", at);
        }
        timeline.observe("replica-1", Kind::Role, "role", "master", 150);
        timeline.observe("replica-1", Kind::Role, "role", "replica", 200);
        let seen: Vec<_> = timeline.entries().iter().map(|e| (e.value.as_str(), e.first_ms, e.last_ms, e.count)).collect();
        assert_eq!(seen, [("replica", 0, 100, 3), ("master", 150, 150, 1), ("replica", 200, 200, 1)]);
    }
}
