//! Limits that the servers' own timers forbid: a `within` that ends before a server could have noticed, a `for` that ends before anything could have gone wrong.
//!
//! You are in the right place when a step waits for something that only comes after a timer: say at its sentence what it `looks` at (`steps/meaning.rs`). Only what is certain
//! is said. A scenario in which something other than a fault happens before the observation, a command that starts a failover by hand, say, is left alone.

use super::timers::{Stage, Timer};
use crate::run::catalogue::{Feature, Scenario};
use crate::run::meant::Meant;
use crate::steps::bounds::Within;
use crate::steps::meaning::{Acts, Injects, Looks};
use crate::steps::params::{Nodes, Span, Who};
use crate::systems::{self, After, Part};
use crate::topology::located::Problem;
use crate::topology::{NodeSpec, Topology};
use cucumber::gherkin::{Step, StepType};
use std::time::Duration;

/// What passes at most, on an idle machine, between a fault and the moment it was verified, from which limits count.
const VERIFYING: Duration = Duration::from_millis(300);
/// The same for faults that are verified by silence.
const SILENCE: Duration = Duration::from_millis(1500);

/// Says which limits of a scenario cannot be met, and which negatives could not have failed.
pub(super) fn check(feature: &Feature, scenario: &Scenario, topology: &Topology, problems: &mut Vec<Problem>) {
    let Some(stage) = Stage::of(feature, scenario, topology) else { return };
    let steps: Vec<(&Step, &Meant)> = scenario.meanings().collect();
    let Some(first) = steps.iter().position(|(step, _)| step.ty == StepType::When) else { return };
    // Behind a second block of Whens, what is seen may well come from the first.
    let block = steps[first..].iter().take_while(|(step, _)| step.ty == StepType::When).count();
    let (block, behind) = steps[first..].split_at(block);
    let Some(block) = Block::of(block) else { return };
    for (step, meant) in behind.iter().take_while(|(step, _)| step.ty == StepType::Then) {
        problems.extend(step_problem(feature, &stage, &block, step, meant));
    }
}

fn step_problem(feature: &Feature, stage: &Stage<'_>, block: &Block, step: &Step, meant: &Meant) -> Option<Problem> {
    let looks = &meant.meaning.looks?;
    let word = |name: &str| meant.word(name);
    let span = word("duration").or_else(|| word("window").map(|window| window.trim_start_matches("within ")))?;
    let limit = span.parse::<Span>().map(|span| span.0).or_else(|_| span.parse::<Within>().map(|window| window.to)).ok()?;
    let negative = meant.meaning.lasts;
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
        Looks::Role if negative || (systems::is_primary(word("role")?.trim_start_matches("a ")) && becomes_primary(stage, nodes.as_ref()?)) => {
            failover(stage, block)?
        }
        Looks::NewPrimary if matches!(nodes.as_ref()?.who, Who::New(_)) => failover(stage, block)?,
        Looks::Value => value_timers(stage, block, nodes.as_ref()?, word("observable")?, word("value")?)?,
        Looks::Role | Looks::NewPrimary => return None,
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
    /// None unless only faults of the catalogue, time, waits and writes happen in it.
    fn of(steps: &[(&Step, &Meant)]) -> Option<Block> {
        let mut block = Block { faults: Vec::new(), stated: Duration::ZERO, verifying: Duration::ZERO };
        for (_, meant) in steps {
            match meant.fault() {
                Some(fault) if meant.meaning.injects == Injects::Change => {
                    block.faults.push(fault);
                    block.verifying += if matches!(fault, "killed" | "stopped") { VERIFYING } else { SILENCE };
                }
                None if meant.meaning.acts != Acts::Servers => {}
                _ => return None,
            }
            block.stated += meant.spans();
        }
        (!block.faults.is_empty()).then_some(block)
    }
}

fn sum(timers: &[Timer]) -> Duration {
    timers.iter().map(|timer| timer.value).sum()
}

/// The timers before an event, by the fastest of those that tell it when any of them may do it first, else by the slowest.
fn event_timers(stage: &Stage<'_>, nodes: Option<&Nodes>, name: &str, any: bool) -> Option<Vec<Timer>> {
    let event = systems::event(name)?;
    let tells = |node: &&NodeSpec| node.kind.system.events().iter().any(|own| own.name == name);
    let all = || stage.topology.nodes.iter().filter(tells);
    let named: Vec<&NodeSpec> = match nodes.map(|nodes| &nodes.who) {
        Some(Who::Named(names)) => all().filter(|node| names.contains(&node.name)).collect(),
        Some(Who::Declared(role)) => all().filter(|node| node.kind.role.word == *role).collect(),
        None => all().collect(),
        Some(_) => return None,
    };
    let own = |node: &&NodeSpec| -> Option<Vec<Timer>> {
        let mut timers = Vec::new();
        for own in event.timers() {
            match own.below {
                // What ends the wait sooner may have been changed: then nothing is known of this one.
                Some((_, word)) if stage.spoken_of_later(word) => {}
                Some((bound, _)) => timers.extend(stage.timer(node, own.name).filter(|timer| timer.value < bound)),
                None => timers.push(stage.timer(node, own.name)?),
            }
        }
        Some(timers)
    };
    match event.after {
        After::Own(_) => {
            let each = named.iter().map(own).collect::<Option<Vec<_>>>()?;
            if any { each.into_iter().min_by_key(|timers| sum(timers)) } else { each.into_iter().max_by_key(|timers| sum(timers)) }
        }
        After::Failover => noticed(stage),
        After::Anything => None,
    }
}

/// The timer before anybody acts on a primary that is gone: the fastest node's.
fn noticed(stage: &Stage<'_>) -> Option<Vec<Timer>> {
    let failover = stage.topology.formation.failover.as_ref()?;
    let nodes = stage.topology.nodes.iter().filter(|node| node.kind.role.word == failover.role);
    let timers = nodes.map(|node| stage.timer(node, failover.timer)).collect::<Option<Vec<_>>>()?;
    timers.into_iter().min_by_key(|timer| timer.value).map(|timer| vec![timer])
}

/// The timer before a failover after these faults: none where one of them lets a primary hand over.
fn failover(stage: &Stage<'_>, block: &Block) -> Option<Vec<Timer>> {
    let handed_over = stage.topology.formation.failover.as_ref()?.handed_over_by;
    if block.faults.iter().any(|fault| handed_over.contains(fault)) { None } else { noticed(stage) }
}

/// Whether these nodes are none that takes writes from the start.
fn becomes_primary(stage: &Stage<'_>, nodes: &Nodes) -> bool {
    let secondaries = stage.topology.secondaries();
    match &nodes.who {
        Who::New(_) | Who::SmallestRunId | Who::LargestRunId => true,
        Who::Declared(role) => systems::role(role).is_some_and(|kind| kind.role.part == Part::Secondary),
        Who::Named(names) => names.iter().all(|name| secondaries.contains(&name.as_str())),
        _ => false,
    }
}

/// The timer before an observable has a value that only time brings.
fn value_timers(stage: &Stage<'_>, block: &Block, nodes: &Nodes, observable: &str, value: &str) -> Option<Vec<Timer>> {
    if matches!(nodes.who, Who::New(_)) {
        return failover(stage, block);
    }
    let Who::Named(names) = &nodes.who else { return None };
    // A node that is gone closes its connections; one that is silent leaves only the timer.
    let silent = block.faults.iter().all(|fault| matches!(*fault, "isolated" | "paused"));
    let waits = stage.topology.formation.waits.iter();
    let wait =
        waits.into_iter().find(|wait| wait.observable == observable && value.trim_matches('"') == wait.value && (silent || !wait.in_silence))?;
    let nodes = stage.topology.nodes.iter().filter(|node| names.contains(&node.name));
    let timers = nodes.map(|node| stage.timer(node, wait.timer)).collect::<Option<Vec<_>>>()?;
    timers.into_iter().max_by_key(|timer| timer.value).map(|timer| vec![timer])
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
