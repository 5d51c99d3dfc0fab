//! What was seen after something was done, as `Then`s.

use super::Sentence;
use crate::hand::journal::{Deed, Line};
use crate::hand::nodes;
use crate::hand::seen::Event;
use crate::systems;
use crate::topology::Topology;
use crate::wait::spans;
use std::collections::BTreeMap;
use std::time::Duration;

/// Events that follow one another on every play; others may lie between.
const CHAINS: &[&[&str]] = &[
    &["+sdown", "+odown", "+elected-leader", "+switch-master"],
    &["+try-failover", "-failover-abort-not-elected"],
    &["+try-failover", "-failover-abort-no-good-slave"],
    &["-sdown", "+convert-to-slave"],
    &["+tilt", "-tilt"],
];
/// The end of a chain that began before it was looked at tells nothing of its own, but these do.
const ALONE: &[&str] = &["+sdown", "+switch-master", "-sdown", "+tilt", "-tilt", "-failover-abort-not-elected"];

/// Sentinels report the same thing within this time of each other.
const ECHO: i64 = 5_000;

/// Whether two Sentinels speak of the same thing; of what concerns only itself, each speaks for itself.
fn same(one: &Event, other: &Event) -> bool {
    let subject = |event: &Event| event.text.split('#').next().unwrap_or_default().trim_end().to_owned();
    one.name == other.name && subject(one) == subject(other) && (one.node == other.node || !subject(one).is_empty())
}

/// `Then`s about what came of one deed.
#[derive(Debug, Default)]
pub(super) struct Proposals {
    pub sentences: Vec<Sentence>,
    /// When the last thing they speak of was seen.
    pub last: Option<i64>,
}

impl Proposals {
    /// What was seen from the beginning of a deed until the next one.
    pub fn of(deed: &Line, until: i64, lines: &[Line], events: &[Event], topology: &Topology) -> Proposals {
        let mut proposals = Proposals::default();
        if !matches!(deed.deed, Deed::Up { .. }) {
            proposals.roles(deed, until, lines, events, topology);
            proposals.events(deed, until, events);
        }
        proposals
    }

    fn add(&mut self, deed: &Line, seen: i64, text: impl FnOnce(&str) -> String, table: Vec<Vec<String>>) {
        let within = limit(seen - deed.ended);
        self.sentences.push(Sentence { table, ..Sentence::new("Then", text(&format!("within {within}"))) });
        self.last = self.last.max(Some(seen));
    }

    /// Who became what: nodes that answered before and after, in another role.
    fn roles(&mut self, deed: &Line, until: i64, lines: &[Line], events: &[Event], topology: &Topology) {
        let changes = changes(lines, deed, until);
        // Any of the replicas of one group may be elected; where keys are spread, each master has its own.
        let elected = topology.formation.failover.is_some() && !topology.formation.spread;
        let replicas = topology.secondaries();
        let told = |event: &Event| Some((event.at, systems::promoted(&event.name, &event.text)?));
        let switch = events.iter().filter(|event| (deed.began..until).contains(&event.at)).find_map(told);
        if let Some((at, address)) = switch.filter(|_| elected) {
            let new = topology.nodes.iter().find(|node| format!("{}:{}", node.address, node.port) == address).map(|node| node.name.as_str());
            match new {
                Some(node) if !replicas.contains(&node) => self.add(deed, at, |within| format!("{within} \"{node}\" becomes master"), Vec::new()),
                _ => self.add(deed, at, |within| format!("{within} a replica becomes master"), Vec::new()),
            }
        }
        for (node, (role, at)) in changes {
            // Which replica was elected is not the point, and that somebody was has been said.
            if elected && (systems::is_primary(&role) || replicas.contains(&node.as_str())) {
                continue;
            }
            self.add(deed, at, |within| format!("{within} {} becomes {role}", nodes::named(&[node]).text), Vec::new());
        }
    }

    /// What the Sentinels reported, taken together.
    fn events(&mut self, deed: &Line, until: i64, events: &[Event]) {
        // What another Sentinel has reported already, before this was done, is an echo, and may come earlier next time.
        let echo = |event: &Event| events.iter().any(|other| (deed.began - ECHO..deed.began).contains(&other.at) && same(event, other));
        let mut seen: Vec<&Event> = events.iter().filter(|event| (deed.began..until).contains(&event.at) && !echo(event)).collect();
        seen.sort_by_key(|event| event.at);
        let mut told: Vec<&str> = Vec::new();
        for chain in CHAINS {
            let mut rest = seen.iter();
            let found: Vec<&&Event> =
                chain.iter().filter_map(|name| rest.clone().position(|event| event.name == *name).and_then(|at| rest.nth(at))).collect();
            let news = found.iter().any(|event| ALONE.contains(&event.name.as_str()) && !told.contains(&event.name.as_str()));
            let Some(last) = found.last().filter(|_| news) else { continue };
            told.extend(found.iter().map(|event| event.name.as_str()));
            let table = found.iter().map(|event| vec![event.name.clone()]).collect();
            self.add(deed, last.at, |within| format!("{within} the Sentinels report, in order"), table);
        }
    }
}

/// Role and time of every node that came to have another role between a deed and the next.
fn changes(lines: &[Line], deed: &Line, until: i64) -> BTreeMap<String, (String, i64)> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    let mut changed = BTreeMap::new();
    for line in lines.iter().filter(|line| line.ended <= until) {
        let seen: Vec<(&str, &str)> = match &line.deed {
            Deed::Look { roles } => roles.iter().map(|(node, role)| (node.as_str(), role.as_str())).collect(),
            Deed::Became { node, role } => vec![(node, role)],
            _ => Vec::new(),
        };
        for (node, role) in seen.into_iter().filter(|(_, role)| systems::holds_data(role)) {
            let before = known.insert(node, role);
            if line.ended > deed.ended && before.is_some_and(|before| before != role) {
                changed.insert(node.to_owned(), (role.to_owned(), line.ended));
            }
        }
    }
    changed
}

/// What can be said when nothing was seen to change: how everybody is now.
pub(super) fn at_last(deeds: &[&Line], lines: &[Line], topology: &Topology) -> Vec<Sentence> {
    let touched: Vec<String> = deeds
        .iter()
        .rev()
        .find_map(|line| match &line.deed {
            Deed::Inject { nodes, .. } => Some(nodes.clone()),
            Deed::Heal { node, .. } => Some(vec![node.clone()]),
            _ => None,
        })
        .unwrap_or_default();
    let todo = "nothing was seen to change: this only says how it was in the end. Say here what you expect";
    let last = lines.iter().rev().find_map(|line| match &line.deed {
        Deed::Look { roles } => Some(roles),
        _ => None,
    });
    let roles = last.cloned().unwrap_or_default();
    if let Some(gone) = touched.iter().find(|node| roles.get(*node).is_some_and(|role| role == "silent")) {
        let other = topology.nodes.iter().find(|node| roles.get(&node.name).is_some_and(|role| systems::holds_data(role)));
        let killed = deeds.iter().rev().any(
            |line| matches!(&line.deed, Deed::Inject { nodes, fault, .. } if nodes.contains(gone) && matches!(fault.as_str(), "killed" | "stopped")),
        );
        if killed {
            return vec![Sentence::new("Then", format!("within 10 seconds \"{gone}\" refuses connections")).comment(todo)];
        }
        if let Some(other) = other {
            return vec![Sentence::new("Then", format!("\"{}\" is {}", other.name, roles[&other.name])).comment(todo)];
        }
    }
    let node = touched.into_iter().next().or_else(|| topology.nodes.first().map(|node| node.name.clone())).unwrap_or_default();
    let sentence = match roles.get(&node).map(String::as_str) {
        Some(role) if systems::holds_data(role) => format!("\"{node}\" is {role}"),
        _ => format!("within 10 seconds \"{node}\" accepts connections"),
    };
    vec![Sentence::new("Then", sentence).comment(todo)]
}

/// Three times what it took, in whole seconds, at least ten: a limit, not a measurement.
fn limit(millis: i64) -> String {
    let seconds = (millis.max(0) as u64 * 3).div_ceil(1000).max(10);
    // To the next five: 17 seconds look like a finding.
    spans::written(Duration::from_secs(seconds.div_ceil(5) * 5))
}
