//! What of a timeline is worth telling: the events that decide, and the values a scenario's own sentences speak of.
//!
//! Come here when a drawing tells too much or too little. A failover makes some sixty events and every node is asked for eighteen values twenty times a second;
//! a picture carries a dozen labels. What is left out here is still in the table below the drawing.

use crate::record::{Entry, Evidence, Kind};
use crate::systems::{self, Nature, observable};

/// Values that say the same as an event beside them.
const TOLD_BY_EVENTS: &[&str] = &["tilt mode"];
/// Values told of a scenario that names none, most telling first.
const TELLING: &[&str] = &["cluster state", "link to the master", "full synchronisations"];
/// A value that changes more often than this on one node is noise.
const CHANGES: usize = 4;
/// Different values in one picture.
const VALUES: usize = 3;

/// Whether a value moves with every write or every poll.
pub fn is_restless(name: &str) -> bool {
    nature(name) == Some(Nature::Position)
}

fn nature(name: &str) -> Option<Nature> {
    observable::find(name).map(|observable| observable.nature)
}

/// The sentences of one scenario, asked for what they mention.
#[derive(Debug)]
pub struct Story<'a> {
    evidence: &'a Evidence,
    texts: Vec<&'a str>,
    values: Vec<&'a str>,
}

/// A change of a value on a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<'a> {
    pub at_ms: u64,
    pub name: &'a str,
    /// Unknown when the node was silent in between: what it held last nobody saw.
    pub from: Option<&'a str>,
    pub to: &'a str,
}

impl<'a> Story<'a> {
    /// The story between two moments.
    pub fn of(evidence: &'a Evidence, from_ms: u64, to_ms: u64) -> Story<'a> {
        let cells = evidence.steps.iter().flat_map(|s| s.table.iter().flatten());
        let texts = evidence.steps.iter().map(|s| &s.text).chain(cells).map(String::as_str).collect();
        let mut story = Story { evidence, texts, values: Vec::new() };
        let mut changed: Vec<&str> = Vec::new();
        for node in &evidence.nodes {
            for change in story.all_changes(&node.name, from_ms, to_ms) {
                if !changed.contains(&change.name) {
                    changed.push(change.name);
                }
            }
        }
        let has_events = evidence.timeline.iter().any(|e| e.kind == Kind::Event);
        let told = |name: &&str| !(has_events && TOLD_BY_EVENTS.contains(name)) && story.texts.iter().any(|t| spoken(t, name).next().is_some());
        story.values = changed.iter().copied().filter(told).take(VALUES).collect();
        if story.values.is_empty() && !has_events {
            story.values = TELLING.iter().copied().filter(|name| changed.contains(name)).take(VALUES).collect();
        }
        story
    }

    /// Whether an event gets a name in the picture. Of an opinion it depends on whom it is about.
    pub fn is_decisive(&self, event: &Entry) -> bool {
        let name = event.name.as_str();
        match systems::subject(name, &event.value) {
            Some(who) if name.starts_with('+') && systems::is_primary(who) => true,
            Some(who) => self.texts.iter().any(|t| t.contains(&format!("{name}\"")) && t.contains(&format!(" with \"{who}"))),
            None => systems::event(name).is_some_and(|event| event.decisive) || self.mentions(name),
        }
    }

    fn mentions(&self, event: &str) -> bool {
        self.texts.iter().any(|t| *t == event || t.contains(&format!("\"{event}\"")))
    }

    /// Changes of a node's values that the story speaks of.
    pub fn changes(&self, node: &str, from_ms: u64, to_ms: u64) -> Vec<Change<'a>> {
        let spoken_of = |name: &str| self.values.contains(&name) && self.is_about(name, node);
        self.all_changes(node, from_ms, to_ms).into_iter().filter(|c| spoken_of(c.name)).collect()
    }

    /// A sentence may name the nodes it means: `the cluster state of "node-1"`. A role in words may mean any.
    fn is_about(&self, name: &str, node: &str) -> bool {
        let mut objects = self.texts.iter().flat_map(|t| spoken(t, name)).peekable();
        objects.peek().is_none() || objects.any(|object| !object.starts_with('"') || object.contains(&format!("\"{node}\"")))
    }

    /// Not the first sight of a value, and nothing that moves all the time.
    fn all_changes(&self, node: &str, from_ms: u64, to_ms: u64) -> Vec<Change<'a>> {
        let own: Vec<&'a Entry> =
            self.evidence.timeline.iter().filter(|e| e.kind == Kind::Value && e.node.as_deref() == Some(node) && !is_restless(&e.name)).collect();
        let mut changes: Vec<Change<'a>> = Vec::new();
        for (i, entry) in own.iter().enumerate() {
            let before = own[..i].iter().rev().find(|e| e.name == entry.name);
            let telling = |b: &&&Entry| b.value != entry.value && !is_side_effect(&entry.name, &b.value, &entry.value);
            if let Some(before) = before.filter(telling).filter(|_| (from_ms..=to_ms).contains(&entry.first_ms)) {
                let silent = |e: &&Entry| e.kind == Kind::Role && e.value == "silent" && e.node.as_deref() == Some(node);
                let was_away = self.evidence.timeline.iter().filter(silent).any(|e| e.first_ms >= before.last_ms && e.first_ms <= entry.first_ms);
                changes.push(Change { at_ms: entry.first_ms, name: &entry.name, from: (!was_away).then_some(&before.value), to: &entry.value });
            }
        }
        let busy: Vec<&str> = changes.iter().map(|c| c.name).filter(|n| changes.iter().filter(|c| c.name == *n).count() > CHANGES).collect();
        changes.retain(|c| !busy.contains(&c.name));
        changes
    }
}

impl Change<'_> {
    /// `full synchronisations 2 → 3`, or `new replication id`, since forty digits tell nobody anything.
    pub fn label(&self) -> String {
        let is_id = |text: &str| text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        match self.from {
            _ if is_id(self.to) => format!("new {}", self.name),
            Some(from) => format!("{} {from} \u{2192} {}", self.name, self.to),
            None => format!("{} {}", self.name, self.to),
        }
    }
}

/// Counters that fell (a restart) and keys that grew (a client that writes) tell of something else than themselves.
fn is_side_effect(name: &str, from: &str, to: &str) -> bool {
    match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) => {
            if to > from {
                name == "keys"
            } else {
                nature(name) == Some(Nature::Counter)
            }
        }
        _ => false,
    }
}

/// What a sentence says a value is of: the text after `the full synchronisations of `.
fn spoken<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> + use<'t> {
    let phrase = format!("the {name} of ");
    let singular = name.strip_suffix('s').map(|one| format!("the {one} of "));
    let found: Vec<usize> =
        [Some(phrase), singular].into_iter().flatten().flat_map(|p| text.match_indices(&p).map(|(at, _)| at + p.len()).collect::<Vec<_>>()).collect();
    found.into_iter().map(move |at| &text[at..])
}

#[cfg(test)]
mod tests {
    use super::super::sample_evidence::minority_passed;
    use super::*;

    fn value(node: &str, name: &str, value: &str, at: u64) -> Entry {
        Entry { node: Some(node.into()), kind: Kind::Value, name: name.into(), value: value.into(), first_ms: at, last_ms: at, count: 1 }
    }

    #[test]
    fn a_value_is_told_when_it_changes_and_the_scenario_speaks_of_it() {
        let mut evidence = minority_passed("redis-7.0", "7.0.15");
        evidence.steps[5].text = "the full synchronisations of \"replica-1\" have grown by 1".into();
        evidence.timeline = vec![
            value("replica-1", "full synchronisations", "2", 3000),
            value("replica-1", "full synchronisations", "3", 3500),
            value("replica-1", "forks", "2", 3000),
            value("replica-1", "forks", "3", 3500),
            value("replica-2", "full synchronisations", "0", 3000),
            value("replica-2", "full synchronisations", "1", 3500),
        ];
        let story = Story::of(&evidence, 2900, 9000);
        let labels: Vec<String> = story.changes("replica-1", 2900, 9000).iter().map(Change::label).collect();
        assert_eq!(labels, ["full synchronisations 2 \u{2192} 3"]);
        assert_eq!(story.changes("replica-2", 2900, 9000), []);
        assert_eq!(Story::of(&evidence, 3600, 9000).changes("replica-1", 3600, 9000), [], "the change came before the story");
    }

    #[test]
    fn an_opinion_about_a_sentinel_is_told_only_when_the_scenario_asks_for_it() {
        let mut evidence = minority_passed("redis-7.0", "7.0.15");
        let of_sentinel = evidence.timeline.iter().find(|e| e.name == "+sdown").cloned().expect("in the sample");
        assert!(!Story::of(&evidence, 0, 9000).is_decisive(&of_sentinel));
        evidence.steps[3].text = "within 3 seconds \"sentinel-1\" reports \"+sdown\" with \"sentinel\"".into();
        assert!(Story::of(&evidence, 0, 9000).is_decisive(&of_sentinel));
    }
}
