//! What of a timeline is worth telling: the events that decide, and the values a scenario's own sentences speak of.
//!
//! Come here when a drawing tells too much or too little. A failover makes some sixty events and every node is asked for eighteen values twenty times a second;
//! a picture carries a dozen labels. What is left out here is still in the table below the drawing.

use crate::record::{Entry, Evidence, Kind, StepRecord};
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
    /// Values that sentences speak of, each with the nodes it is of, as written.
    spoken: Vec<(&'a str, &'a str)>,
    /// Events that sentences name, and those of tables.
    named: Vec<&'a str>,
    /// Whom an event of a name is said to be about: the name, and the text beside it.
    about: Vec<(&'a str, &'a str)>,
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
        let cells = evidence.steps.iter().flat_map(|s| s.table.iter().flatten()).map(String::as_str);
        let strings = |step: &'a StepRecord| step.words.iter().filter(|word| word.name == "string").map(|word| word.text.as_str());
        let named = evidence.steps.iter().flat_map(strings).chain(cells).collect();
        let about = |step: &'a StepRecord| Some((strings(step).next()?, strings(step).nth(1)?));
        let about = evidence.steps.iter().filter_map(about).collect();
        let spoken = evidence.steps.iter().flat_map(spoken).collect();
        let mut story = Story { evidence, spoken, named, about, values: Vec::new() };
        let mut changed: Vec<&str> = Vec::new();
        for node in &evidence.nodes {
            for change in story.all_changes(&node.name, from_ms, to_ms) {
                if !changed.contains(&change.name) {
                    changed.push(change.name);
                }
            }
        }
        let has_events = evidence.timeline.iter().any(|e| e.kind == Kind::Event);
        let told = |name: &&str| !(has_events && TOLD_BY_EVENTS.contains(name)) && story.spoken.iter().any(|(spoken, _)| spoken == name);
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
            Some(who) => self.about.iter().any(|(event, text)| *event == name && text.starts_with(who)),
            None => systems::event(name).is_some_and(|event| event.decisive) || self.named.contains(&name),
        }
    }

    /// Changes of a node's values that the story speaks of.
    pub fn changes(&self, node: &str, from_ms: u64, to_ms: u64) -> Vec<Change<'a>> {
        let spoken_of = |name: &str| self.values.contains(&name) && self.is_about(name, node);
        self.all_changes(node, from_ms, to_ms).into_iter().filter(|c| spoken_of(c.name)).collect()
    }

    /// A sentence may name the nodes it means: `the cluster state of "node-1"`. A role in words may mean any.
    fn is_about(&self, name: &str, node: &str) -> bool {
        let mut objects = self.spoken.iter().filter(|(spoken, _)| *spoken == name).peekable();
        objects.peek().is_none() || objects.any(|(_, nodes)| !nodes.starts_with('"') || nodes.contains(&format!("\"{node}\"")))
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

/// Values that a step names, each with the nodes behind it. A record of before steps kept their words names none.
fn spoken(step: &StepRecord) -> impl Iterator<Item = (&'static str, &str)> {
    let pairs = step.words.windows(2).filter(|pair| pair[0].name == "observable" && pair[1].name == "nodes");
    pairs.filter_map(|pair| Some((observable::find(&pair[0].text)?.name, pair[1].text.as_str())))
}

#[cfg(test)]
mod tests {
    use super::super::sample_evidence::minority_passed;
    use super::*;
    use crate::record::Word;

    fn words(words: &[(&str, &str)]) -> Vec<Word> {
        words.iter().map(|(name, text)| Word { name: (*name).to_owned(), text: (*text).to_owned() }).collect()
    }

    fn value(node: &str, name: &str, value: &str, at: u64) -> Entry {
        Entry { node: Some(node.into()), kind: Kind::Value, name: name.into(), value: value.into(), first_ms: at, last_ms: at, count: 1 }
    }

    #[test]
    fn a_value_is_told_when_it_changes_and_the_scenario_speaks_of_it() {
        let mut evidence = minority_passed("redis-7.0", "7.0.15");
        evidence.steps[5].words = words(&[("observable", "full synchronisations"), ("nodes", "\"replica-1\""), ("count", "1")]);
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
        evidence.steps[3].words = words(&[("window", "within 3 seconds"), ("nodes", "\"sentinel-1\""), ("string", "+sdown"), ("string", "sentinel")]);
        assert!(Story::of(&evidence, 0, 9000).is_decisive(&of_sentinel));
    }
}
