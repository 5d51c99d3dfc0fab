//! A failover taken apart on one clock: when the master died, and when it was missed, given up, an election won, a replica promoted, a write accepted, everybody told.
//!
//! Read off the evidence alone, so that a scenario that was played for another reason can be taken apart too. Of a client's calls, where they are given, the last and the first
//! acknowledged ones bound the outage; without them its longest gap does.

use crate::record::{Entry, Evidence, Kind, numbers};
use crate::systems::{self, Milestones, Promoted};
use serde::{Deserialize, Serialize};

/// The phases that follow one another, in order; together they are the outage.
pub const PHASES: [&str; 5] = ["detect", "agree", "elect", "promote", "write"];
/// What goes on beside the last of them: until everybody has been told.
pub const RECONFIGURE: &str = "reconfigure";

/// Faults after which a master is gone for everybody.
const DEADLY: &[&str] = &["killed", "stopped", "paused", "isolated", "power cut"];
/// A client's gap that begins this long after a fault began was still the fault's doing.
const BITES_WITHIN_MS: u64 = 1000;

/// One call of a steady client, as a line of the journal beside the record. Times are milliseconds on the scenario's clock.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Call {
    pub kind: String,
    pub key: String,
    pub sent_ms: u64,
    pub ended_ms: u64,
    /// `"acknowledged"`, or an object that says what went wrong.
    pub outcome: serde_json::Value,
}

impl Call {
    /// Calls of a journal, a line each; a line that is none is left out.
    pub fn read(journal: &str) -> Vec<Call> {
        journal.lines().filter_map(|line| numbers::read(line.as_bytes()).ok()).collect()
    }

    pub(super) fn is_acknowledged_write(&self) -> bool {
        self.kind == "append" && self.outcome == "acknowledged"
    }
}

/// When what happened, in milliseconds on the scenario's clock. What nobody recorded is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    /// The last sign of life of the old master after the fault began: known to about one poll (50 ms), with a client to one write.
    pub killed_ms: u64,
    /// Sentinel: the first `+sdown`. Cluster: the first node that logs PFAIL, which only `loglevel debug` shows.
    pub detected_ms: Option<u64>,
    /// Sentinel: the first `+odown`. Cluster: the first FAIL.
    pub agreed_ms: Option<u64>,
    /// Sentinel: the last `+elected-leader` before the promotion. Cluster: the last start of an election before it was won.
    pub elected_ms: Option<u64>,
    /// Sentinel: a replica says that it is master. Cluster: the election is won, which is the same moment.
    pub promoted_ms: Option<u64>,
    /// The first write acknowledged by the new master.
    pub written_ms: Option<u64>,
    /// Sentinel: the last Sentinel's first `+switch-master`. Cluster: the last node that says the cluster state is ok again.
    pub reconfigured_ms: Option<u64>,
    /// How many elections were begun; more than one where votes were split.
    pub elections: u32,
}

/// A stretch between two moments. Where a moment is missing, it bears the names of all phases in it: `detect, agree`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub name: String,
    pub from_ms: u64,
    pub to_ms: u64,
}

impl Moments {
    /// The first failover in an evidence: a master dies, it is agreed upon, another node becomes master. `None` where nothing of that kind was recorded.
    pub fn of(evidence: &Evidence, calls: &[Call]) -> Option<Moments> {
        let faults = evidence.timeline.iter().filter(|e| e.kind == Kind::Fault && DEADLY.contains(&e.name.as_str()));
        faults.filter_map(|fault| Failover { evidence, calls, fault }.moments()).next()
    }

    /// The phases as far as they are known, one after the other. A moment seen before the one it follows counts as that one: roles are polled, events are told.
    pub fn spans(&self) -> Vec<Span> {
        let ends = [self.detected_ms, self.agreed_ms, self.elected_ms, self.promoted_ms, self.written_ms];
        let (mut spans, mut from_ms, mut names) = (Vec::new(), self.killed_ms, Vec::new());
        for (name, end) in PHASES.into_iter().zip(ends) {
            names.push(name);
            if let Some(end) = end {
                let to_ms = end.max(from_ms);
                spans.push(Span { name: names.join(", "), from_ms, to_ms });
                names.clear();
                from_ms = to_ms;
            }
        }
        spans
    }

    /// From the promotion until everybody was told.
    pub fn reconfiguration(&self) -> Option<Span> {
        let (from_ms, to_ms) = (self.promoted_ms?, self.reconfigured_ms?);
        Some(Span { name: RECONFIGURE.to_owned(), from_ms, to_ms: to_ms.max(from_ms) })
    }

    /// From the last sign of life to the first write, in milliseconds.
    pub fn outage_ms(&self) -> Option<u64> {
        Some(self.spans().last()?.to_ms.saturating_sub(self.killed_ms)).filter(|_| self.written_ms.is_some())
    }
}

struct Failover<'a> {
    evidence: &'a Evidence,
    calls: &'a [Call],
    fault: &'a Entry,
}

impl Failover<'_> {
    fn moments(&self) -> Option<Moments> {
        let last_seen = self.last_seen_as_primary()?;
        let since = self.fault.first_ms;
        let (Milestones { detected, begun, elected, reconfigured, .. }, agreed_ms, promoted_ms) = self.decided(since)?;
        let mut moments = Moments {
            killed_ms: since.max(last_seen),
            detected_ms: self.events(detected.0, detected.1).find(|at| *at >= since),
            agreed_ms: Some(agreed_ms),
            elected_ms: self.events(elected, "").filter(|at| (since..=promoted_ms).contains(at)).max(),
            promoted_ms: Some(promoted_ms),
            reconfigured_ms: self.reconfigured(reconfigured, promoted_ms),
            written_ms: None,
            elections: self.elections(begun, since, promoted_ms),
        };
        let (alive, written_ms) = self.outage(since, promoted_ms);
        moments.killed_ms = moments.killed_ms.max(alive.unwrap_or(0));
        moments.written_ms = written_ms;
        Some(moments)
    }

    /// The last time the node said that it takes writes, if it did when the fault began.
    fn last_seen_as_primary(&self) -> Option<u64> {
        let own = |e: &&Entry| e.node == self.fault.node && e.first_ms < self.fault.first_ms;
        // One that was dead already can die no more.
        let open =
            |e: &Entry| e.kind == Kind::Fault && DEADLY.contains(&e.name.as_str()) && (e.last_ms == e.first_ms || e.last_ms > self.fault.first_ms);
        if self.evidence.timeline.iter().filter(own).any(open) {
            return None;
        }
        // A poll without an answer just before is the host's hiccup, and one in the same millisecond the fault's doing.
        let spoken = self.evidence.timeline.iter().filter(own).filter(|e| e.kind == Kind::Role && e.value != "silent");
        let role = spoken.max_by_key(|e| e.first_ms)?;
        // Started again by a later step it may be master once more: that is another entry, unless nobody asked in between.
        let end = role.last_ms.min(self.fault.first_ms + BITES_WITHIN_MS);
        systems::is_primary(&role.value).then_some(end)
    }

    /// By which events it is told, when the death was agreed upon, and when another node was primary. Without an agreement it was no failover of the group's own.
    fn decided(&self, since: u64) -> Option<(Milestones, u64, u64)> {
        let known = systems::failovers().map(|failover| failover.milestones);
        let agreed = |milestones: Milestones| {
            let (name, about) = milestones.agreed;
            Some((milestones, self.events(name, about).find(|at| *at >= since)?))
        };
        let (milestones, agreed) = known.filter_map(agreed).min_by_key(|(_, at)| *at)?;
        let after = |name: &str, from: u64| self.events(name, "").find(|at| *at >= from);
        let promoted = match milestones.promoted {
            Promoted::Event(name) => after(name, since)?,
            Promoted::Role(sooner) => {
                let other = |e: &&Entry| e.kind == Kind::Role && systems::is_primary(&e.value) && e.node != self.fault.node && e.first_ms >= agreed;
                // One that was primary already has not been promoted: there may be several.
                let before = |node: &Option<String>| {
                    let own = self.evidence.timeline.iter().filter(|e| e.kind == Kind::Role && e.node == *node && e.first_ms < agreed);
                    own.max_by_key(|e| e.first_ms).is_some_and(|e| systems::is_primary(&e.value))
                };
                let seen = self.evidence.timeline.iter().filter(other).filter(|e| !before(&e.node)).map(|e| e.first_ms).min()?;
                seen.min(after(sooner, agreed).unwrap_or(seen))
            }
        };
        Some((milestones, agreed, promoted))
    }

    /// How many votes were begun: those of one text are one.
    fn elections(&self, name: &str, since: u64, promoted_ms: u64) -> u32 {
        let begun = |e: &&Entry| e.kind == Kind::Event && e.name == name && (since..=promoted_ms).contains(&e.first_ms);
        let mut epochs: Vec<&str> = self.evidence.timeline.iter().filter(begun).map(|e| e.value.as_str()).collect();
        epochs.sort_unstable();
        epochs.dedup();
        epochs.len() as u32
    }

    /// The last of the first times at which nodes tell that all is as it should be.
    fn reconfigured(&self, name: &str, promoted_ms: u64) -> Option<u64> {
        let telling = |e: &&Entry| e.kind == Kind::Event && e.name == name && e.first_ms >= promoted_ms.saturating_sub(BITES_WITHIN_MS);
        let mut firsts: Vec<(&Option<String>, u64)> = Vec::new();
        for entry in self.evidence.timeline.iter().filter(telling) {
            match firsts.iter_mut().find(|(node, _)| **node == entry.node) {
                Some((_, at)) => *at = (*at).min(entry.first_ms),
                None => firsts.push((&entry.node, entry.first_ms)),
            }
        }
        firsts.into_iter().map(|(_, at)| at).max()
    }

    /// Times of an event whose text begins like this, in the timeline's order.
    fn events(&self, name: &str, about: &str) -> impl Iterator<Item = u64> {
        let mut times: Vec<u64> = self
            .evidence
            .timeline
            .iter()
            .filter(|e| e.kind == Kind::Event && e.name == name && e.value.starts_with(about))
            .map(|e| e.first_ms)
            .collect();
        times.sort_unstable();
        times.into_iter()
    }

    /// The last write that the old master acknowledged after the fault began, and the first that the new one did.
    fn outage(&self, since: u64, promoted_ms: u64) -> (Option<u64>, Option<u64>) {
        if self.calls.is_empty() {
            // Of a Cluster only some keys wait, which the client's gaps do not tell.
            let gap = self.evidence.client.as_ref().filter(|client| client.through != "the cluster").and_then(|client| {
                let (from, to) = client.longest_gap_ms?;
                let closed = client.last_acknowledged_ms.is_some_and(|last| last >= to);
                (closed && from <= since + BITES_WITHIN_MS && to >= promoted_ms.saturating_sub(BITES_WITHIN_MS)).then_some((from, to))
            });
            return (gap.map(|(from, _)| from), gap.map(|(_, to)| to));
        }
        // While nobody was master of a key none of its writes can have been sent and acknowledged; there is time enough for one of each of the others.
        let bitten = since + BITES_WITHIN_MS;
        let served: Vec<&str> =
            self.acknowledged().filter(|call| call.sent_ms >= bitten && call.ended_ms < promoted_ms).map(|call| call.key.as_str()).collect();
        let waited = |call: &&Call| !served.contains(&call.key.as_str());
        let last = self.acknowledged().filter(waited).map(|call| call.ended_ms).filter(|at| (since..bitten).contains(at)).max();
        // A poll may see the promotion a little after a client makes use of it, but by then the old master is long dead.
        let first = self.acknowledged().filter(waited).map(|call| call.ended_ms).filter(|at| *at >= bitten).min();
        (last, first)
    }

    fn acknowledged(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(|call| call.is_acknowledged_write())
    }
}

#[cfg(test)]
#[path = "phases_tests.rs"]
mod tests;
