//! Limits that the servers' own timers forbid: a `within` that ends before a server could have noticed, a `for` that ends before anything could have gone wrong.
//!
//! You are in the right place when a step waits for something that only comes after a timer: give its sentence a line in [`OBSERVED`]. Only what is certain
//! is said. A scenario in which something other than a fault happens before the observation, a command that starts a failover by hand, say, is left alone.

use super::scenarios::captured;
use super::timers::{Stage, Timer};
use crate::run::catalogue::{Feature, Scenario};
use crate::run::registry::{Registry, StepDefinition};
use crate::steps::bounds::Within;
use crate::steps::faults;
use crate::steps::params::{Nodes, Span, Who};
use crate::topology::located::Problem;
use crate::topology::{Formation, NodeSpec, Role, Topology};
use cucumber::gherkin::{Step, StepType};
use std::time::Duration;

/// What a sentence looks at, as far as a timer stands before it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Looks {
    /// At an event of each of these Sentinels.
    Event,
    /// At the events of a table, of these Sentinels together.
    Events,
    /// At a node that has become master.
    Role,
    /// At an observable's value.
    Value,
    /// At whoever is the new master.
    NewMaster,
}

/// The sentences that wait for a timer; those that begin with "for" state that what they look at does not happen.
const OBSERVED: &[(&str, Looks)] = &[
    ("{window} {nodes} report(s) {string}", Looks::Event),
    ("{window} {nodes} report(s) {string} with {string}", Looks::Event),
    ("within {duration} {nodes} report(s), in order", Looks::Events),
    ("within {duration} {nodes} report(s) {string} {delay} after {string}", Looks::Event),
    ("within {duration} {nodes} report(s) {string} again, {delay} later", Looks::Event),
    ("{window} {nodes} become(s) {role}", Looks::Role),
    ("{window} the {observable} of {nodes} is/are {value}", Looks::Value),
    ("{window} {nodes} accept(s) a write", Looks::NewMaster),
    ("within {duration} {nodes} hold(s) every key that was written", Looks::NewMaster),
    ("for {duration} no replica becomes master", Looks::Role),
    ("for {duration} no Sentinel reports {string}", Looks::Event),
    ("for {duration} {nodes} do/does not report {string}", Looks::Event),
];

/// Events a Sentinel publishes only after it has found the master (or, for +sdown, anybody) down by itself.
const OF_ITS_OWN: &[&str] = &["+sdown", "+odown", "+try-failover", "-failover-abort-not-elected"];
/// Events that follow a failover somebody has begun.
const OF_A_FAILOVER: &[&str] = &[
    "+elected-leader",
    "+selected-slave",
    "+promoted-slave",
    "+failover-end",
    "-failover-abort-no-good-slave",
    "+switch-master",
    "+config-update-from",
];
/// An election ends after failover-timeout, or after this if that is less (redis 6.2 to 8.0, valkey 8.1).
const ELECTION: Duration = Duration::from_secs(10);
/// What passes at most, on an idle machine, between a fault and the moment it was verified, from which limits count.
const VERIFYING: Duration = Duration::from_millis(300);
/// The same for faults that are verified by silence.
const SILENCE: Duration = Duration::from_millis(1500);

/// Says which limits of a scenario cannot be met, and which negatives could not have failed.
pub(super) fn check(feature: &Feature, scenario: &Scenario, registry: &Registry, topology: &Topology, problems: &mut Vec<Problem>) {
    let Some(stage) = Stage::of(feature, scenario, topology) else { return };
    let Some(first) = scenario.steps.iter().position(|step| step.ty == StepType::When) else { return };
    // Behind a second block of Whens, what is seen may well come from the first.
    let block = scenario.steps[first..].iter().take_while(|step| step.ty == StepType::When).count();
    let (block, behind) = scenario.steps[first..].split_at(block);
    let Some(block) = Block::of(block) else { return };
    for step in behind.iter().take_while(|step| step.ty == StepType::Then) {
        problems.extend(step_problem(feature, &stage, &block, step, registry));
    }
}

fn step_problem(feature: &Feature, stage: &Stage<'_>, block: &Block, step: &Step, registry: &Registry) -> Option<Problem> {
    // Only such sentences are in the list; asking the registry takes longer.
    if !["within ", "between ", "for "].iter().any(|word| step.value.starts_with(word)) {
        return None;
    }
    let found = registry.find(step).ok()?;
    let StepDefinition { pattern, .. } = found.definition?;
    let (_, looks) = OBSERVED.iter().find(|(known, _)| known == pattern)?;
    let words = captured(&found);
    let word = |name: &str| words.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    let span = word("duration").or_else(|| word("window").map(|window| window.trim_start_matches("within ")))?;
    let limit = span.parse::<Span>().map(|span| span.0).or_else(|_| span.parse::<Within>().map(|window| window.to)).ok()?;
    let negative = pattern.starts_with("for ");
    let events: Vec<&str> = match looks {
        Looks::Events => step.table.iter().flat_map(|table| &table.rows).filter_map(|row| row.first()).map(String::as_str).collect(),
        _ => word("string").into_iter().collect(),
    };
    let nodes = word("nodes").and_then(|nodes| nodes.parse::<Nodes>().ok());
    let before = match looks {
        // A negative fails as soon as one of them does it; a list is told by them together; else every one has to.
        Looks::Event | Looks::Events => {
            let any = negative || *looks == Looks::Events;
            events.iter().filter_map(|event| event_timers(stage, nodes.as_ref(), event, any)).max_by_key(|timers| sum(timers))?
        }
        Looks::Role if negative || (word("role")?.contains("master") && becomes_master(stage, nodes.as_ref()?)) => failover(stage, block)?,
        Looks::NewMaster if nodes.as_ref()?.who == Who::NewMaster => failover(stage, block)?,
        Looks::Value => value_timers(stage, block, nodes.as_ref()?, word("observable")?, word("value")?)?,
        Looks::Role | Looks::NewMaster => return None,
    };
    let at = |problem: Problem| problem.column(step.position.col);
    let (needed, told) = (sum(&before), before.iter().map(ToString::to_string).collect::<Vec<_>>().join(", and "));
    let seen = limit + block.stated;
    let line = step.position.line;
    if negative {
        let advice = format!("hold it for at least {}, twice the time in which it would have happened, or set the timer lower", written(needed * 2));
        if seen + block.verifying < needed {
            return Some(at(Problem::error(&feature.path, line, format!("nothing could go wrong for {span}: {told}"))).advice(advice));
        }
        let message = format!("{span} is less than twice the time in which it would have happened: {told}");
        return (seen < needed * 2).then(|| at(Problem::warning(&feature.path, line, message)).advice(advice));
    }
    let within = if span.starts_with("between ") { "" } else { "within " };
    let message = format!("this cannot be seen {within}{span}: {told}");
    let advice = format!("allow more than {}, or set the timer lower in the table of the Given", written(needed));
    (seen + block.verifying < needed).then(|| at(Problem::error(&feature.path, line, message)).advice(advice))
}

/// What happens before a scenario's first observation.
struct Block {
    faults: Vec<&'static str>,
    /// Time that its sentences say.
    stated: Duration,
    /// Time that passes before the limits begin to count.
    verifying: Duration,
}

impl Block {
    /// None unless only faults, time, waits and writes happen in it.
    fn of(steps: &[Step]) -> Option<Block> {
        let mut block = Block { faults: Vec::new(), stated: Duration::ZERO, verifying: Duration::ZERO };
        for step in steps {
            let text = &step.value;
            let fault = faults::injects(text);
            let harmless = text.ends_with(" pass") || text.ends_with(" passes") || text.starts_with("within ") || text.contains(" writes ");
            match fault {
                Some(fault) if !fault.own_step => {
                    block.faults.push(fault.name);
                    block.verifying += if matches!(fault.name, "killed" | "stopped") { VERIFYING } else { SILENCE };
                }
                None if harmless => {}
                _ => return None,
            }
            block.stated += spans(text);
        }
        (!block.faults.is_empty()).then_some(block)
    }
}

/// All durations a sentence names, added up.
fn spans(text: &str) -> Duration {
    let words: Vec<&str> = text.split(' ').collect();
    words.windows(2).filter_map(|pair| pair.join(" ").parse::<Span>().ok()).map(|span| span.0).sum()
}

fn sum(timers: &[Timer]) -> Duration {
    timers.iter().map(|timer| timer.value).sum()
}

/// The timers before an event, by the fastest of the Sentinels when any of them may do it first, else by the slowest.
fn event_timers(stage: &Stage<'_>, nodes: Option<&Nodes>, event: &str, any: bool) -> Option<Vec<Timer>> {
    let all = || stage.topology.nodes.iter().filter(|node| node.role == Role::Sentinel);
    let named: Vec<&NodeSpec> = match nodes.map(|nodes| &nodes.who) {
        Some(Who::Named(names)) => all().filter(|node| names.contains(&node.name)).collect(),
        Some(Who::Sentinels) | None => all().collect(),
        Some(_) => return None,
    };
    let own = |node: &&NodeSpec| -> Option<Vec<Timer>> {
        if event == "-tilt" {
            return Some(vec![stage.timer(node, "tilt-period")?]);
        }
        let mut timers = vec![stage.timer(node, "down-after-milliseconds")?];
        if event == "-failover-abort-not-elected" && !stage.spoken_of_later("election-timeout") {
            timers.extend(stage.timer(node, "failover-timeout").filter(|timer| timer.value < ELECTION));
        }
        Some(timers)
    };
    let choose = |nodes: Vec<&NodeSpec>, any: bool| {
        let each = nodes.iter().map(own).collect::<Option<Vec<_>>>()?;
        if any { each.into_iter().min_by_key(|timers| sum(timers)) } else { each.into_iter().max_by_key(|timers| sum(timers)) }
    };
    if event == "-tilt" || OF_ITS_OWN.contains(&event) {
        choose(named, any)
    } else if OF_A_FAILOVER.contains(&event) {
        choose(all().collect(), true)
    } else {
        None
    }
}

/// The timer before any failover: the fastest node's, since nobody acts before somebody noticed.
fn failover(stage: &Stage<'_>, block: &Block) -> Option<Vec<Timer>> {
    let fastest = |role: Role, name: &'static str| {
        let nodes = stage.topology.nodes.iter().filter(|node| node.role == role);
        let timers = nodes.map(|node| stage.timer(node, name)).collect::<Option<Vec<_>>>()?;
        timers.into_iter().min_by_key(|timer| timer.value).map(|timer| vec![timer])
    };
    match stage.topology.formation {
        Formation::Sentinel => fastest(Role::Sentinel, "down-after-milliseconds"),
        // A master that is shut down in order may hand over before anybody misses it (valkey 9.0).
        Formation::Cluster if !block.faults.contains(&"stopped") => fastest(Role::Node, "cluster-node-timeout"),
        _ => None,
    }
}

/// Whether these nodes are none that is master from the start.
fn becomes_master(stage: &Stage<'_>, nodes: &Nodes) -> bool {
    let all = &stage.topology.nodes;
    let masters = stage.topology.cluster_masters();
    let replica = |name: &String| match all.iter().position(|node| node.name == *name) {
        Some(n) => all[n].role == Role::Replica || (all[n].role == Role::Node && n >= masters),
        None => false,
    };
    match &nodes.who {
        Who::Replicas | Who::NewMaster | Who::SmallestRunId | Who::LargestRunId => true,
        Who::Named(names) => names.iter().all(replica),
        _ => false,
    }
}

/// The timer before an observable has a value that only time brings.
fn value_timers(stage: &Stage<'_>, block: &Block, nodes: &Nodes, observable: &str, value: &str) -> Option<Vec<Timer>> {
    if nodes.who == Who::NewMaster {
        return failover(stage, block);
    }
    let Who::Named(names) = &nodes.who else { return None };
    let of = |name: &'static str| -> Option<Vec<Timer>> {
        let nodes = stage.topology.nodes.iter().filter(|node| names.contains(&node.name));
        let timers = nodes.map(|node| stage.timer(node, name)).collect::<Option<Vec<_>>>()?;
        timers.into_iter().max_by_key(|timer| timer.value).map(|timer| vec![timer])
    };
    // A node that is gone closes its connections; one that is silent leaves only the timer.
    let silent = block.faults.iter().all(|fault| matches!(*fault, "isolated" | "paused"));
    match (observable, value) {
        ("cluster state", "\"fail\"") if stage.topology.formation == Formation::Cluster => of("cluster-node-timeout"),
        // With Sentinels or in a Cluster a failover moves the link sooner.
        ("link to the master", "\"down\"") if silent && stage.topology.formation == Formation::Replication => of("repl-timeout"),
        _ => None,
    }
}

/// A duration as a sentence says it.
fn written(span: Duration) -> String {
    let millis = span.as_millis();
    match millis {
        1000 => "1 second".to_owned(),
        _ if millis.is_multiple_of(1000) => format!("{} seconds", millis / 1000),
        _ => format!("{millis} milliseconds"),
    }
}

#[cfg(test)]
#[path = "waits_tests.rs"]
mod tests;
