//! Faults and cures. Every step that injects one stands in this file: that is how `check` knows which scenarios have a fault.

use super::params::{Change, Direction, Nodes, Span};
use crate::error::Step;
use crate::faults::{self, ClockJumped};
use crate::world::World;
use cucumber::{given, when};
use std::rc::Rc;

/// Does something to nodes and verifies it: a fault by its participle ("killed", "stopped", "paused for 3 seconds", "isolated"), or its cure ("started again", "healed").
#[when(expr = "{nodes} is/are {change}")]
async fn nodes_are(world: &mut World, nodes: Nodes, change: Change) -> Step {
    let names = world.names(&nodes)?;
    match change {
        Change::Fault { fault, span } => world.inject(fault, &names, span).await,
        Change::Cure(cure) => world.heal(&names, cure).await,
    }
}

/// Moves the wall clock of a running node at once; its monotonic clock goes on.
#[when(expr = "the clock of {nodes} jumps {duration} {direction}")]
async fn clock_jumps(world: &mut World, nodes: Nodes, span: Span, direction: Direction) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(ClockJumped { millis: direction.millis(span.0) }), &names, None).await
}

/// Starts a node anew with a wall clock that is wrong from its first moment on, and stays equally wrong.
#[given(expr = "the clock of {nodes} is {duration} {direction}")]
async fn clock_is(world: &mut World, nodes: Nodes, span: Span, direction: Direction) -> Step {
    let names = world.names(&nodes)?;
    world.restart_with_clock(&names, direction.millis(span.0)).await
}

/// The fault a step's text injects, and whether the step needs the preload library; for `check` and for the deployment.
pub fn injects(text: &str) -> Option<&'static faults::Entry> {
    let clock = || faults::ALL.iter().find(|entry| entry.preload);
    if text.starts_with("the clock of ") {
        return if text.contains(" jumps ") { clock() } else { None };
    }
    let (_, change) = text.split_once(" is ").or_else(|| text.split_once(" are "))?;
    let name = change.split(" for ").next()?;
    faults::ALL.iter().find(|entry| entry.name == name && !entry.preload)
}

/// Whether a step moves a clock.
pub fn needs_preload(text: &str) -> bool {
    text.starts_with("the clock of ")
}
