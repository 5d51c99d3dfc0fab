//! Faults and cures. What a sentence injects is declared beside it: so `check` knows which scenarios have a fault, and a control what to leave out.

use super::meaning::Injects;
use super::params::{Change, Direction, Nodes, Span};
use crate::error::{Step, StepError};
use crate::faults::{ClockJumped, CutOff, Damaged, Harm, LosingPackets, Mute, PowerCut, SlowDisk};
use crate::step_means;
use crate::world::World;
use cucumber::{given, when};
use std::rc::Rc;

step_means!("{nodes} is/are {change}", injects: Injects::Change);

/// Does something to nodes and verifies it: a fault by its participle ("killed", "stopped", "paused for 3 seconds", "isolated"), or its cure ("started again", "healed").
#[when(expr = "{nodes} is/are {change}")]
async fn nodes_are(world: &mut World, nodes: Nodes, change: Change) -> Step {
    let names = world.names(&nodes)?;
    match change {
        Change::Fault { fault, span } => world.inject(fault, &names, span).await,
        Change::Cure(cure) => world.heal(&names, cure).await,
    }
}

step_means!("the clock of {nodes} jumps {duration} {direction}", injects: Injects::Fault("clock jumped"));

/// Moves the wall clock of a running node at once; its monotonic clock goes on.
#[when(expr = "the clock of {nodes} jumps {duration} {direction}")]
async fn clock_jumps(world: &mut World, nodes: Nodes, span: Span, direction: Direction) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(ClockJumped { millis: direction.millis(span.0) }), &names, None).await
}

step_means!("the clock of {nodes} is {duration} {direction}", preload: true);

/// Starts a node anew with a wall clock that is wrong from its first moment on, and stays equally wrong.
#[given(expr = "the clock of {nodes} is {duration} {direction}")]
async fn clock_is(world: &mut World, nodes: Nodes, span: Span, direction: Direction) -> Step {
    let names = world.names(&nodes)?;
    world.restart_with_clock(&names, direction.millis(span.0)).await
}

step_means!("{nodes} lose(s) power", injects: Injects::Fault("power cut"));

/// The host of these nodes loses power: the servers die, and of their files what was not synced is gone. "Started again" when the power is back.
#[when(expr = "{nodes} lose(s) power")]
async fn loses_power(world: &mut World, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(PowerCut::default()), &names, None).await
}

step_means!("the disk of {nodes} takes {duration} to sync", injects: Injects::Fault("slow disk"));

/// From now on every sync of these nodes' servers takes this long, until they are healed.
#[when(expr = "the disk of {nodes} takes {duration} to sync")]
async fn disk_is_slow(world: &mut World, nodes: Nodes, span: Span) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(SlowDisk { delay: span.0 }), &names, None).await
}

step_means!("{nodes} is/are cut off from {nodes}", injects: Injects::Fault("cut off"));

/// Nothing goes between the first and the second of these groups of nodes any more, either way, until the first are healed. Within each group all goes on.
#[when(expr = "{nodes} is/are cut off from {nodes}")]
async fn are_cut_off(world: &mut World, nodes: Nodes, others: Nodes) -> Step {
    let (names, peers) = (world.names(&nodes)?, world.names(&others)?);
    apart(&names, &peers)?;
    world.inject(Rc::new(CutOff { peers }), &names, None).await
}

step_means!("{nodes} cannot send to {nodes}", injects: Injects::Fault("mute"));

/// Nothing that the first of these nodes send to the second arrives any more, until the first are healed; the other way all arrives.
#[when(expr = "{nodes} cannot send to {nodes}")]
async fn cannot_send(world: &mut World, nodes: Nodes, others: Nodes) -> Step {
    let (names, peers) = (world.names(&nodes)?, world.names(&others)?);
    apart(&names, &peers)?;
    world.inject(Rc::new(Mute { peers }), &names, None).await
}

step_means!("{nodes} lose(s) {int} percent of its/their packets", injects: Injects::Fault("losing packets"));

/// Of the packets that come to these nodes over the data network so many percent are dropped, each by chance, until they are healed.
#[when(expr = "{nodes} lose(s) {int} percent of its/their packets")]
async fn lose_packets(world: &mut World, nodes: Nodes, percent: u32) -> Step {
    if !(1..=99).contains(&percent) {
        return Err(StepError::scenario("between 1 and 99 percent of the packets: a node that loses all of them is isolated"));
    }
    let names = world.names(&nodes)?;
    world.inject(Rc::new(LosingPackets { percent }), &names, None).await
}

/// Two groups have no node in common.
fn apart(one: &[String], other: &[String]) -> Step {
    match one.iter().find(|name| other.contains(name)) {
        Some(name) => Err(StepError::scenario(format!("{name} stands on both sides of the cut"))),
        None => Ok(()),
    }
}

step_means!("the file {string} of {nodes} is damaged at byte {int}", injects: Injects::Fault("damaged"));

/// One bit of a file below the data folder is flipped, in the byte at this place, counted from 0.
#[when(expr = "the file {string} of {nodes} is damaged at byte {int}")]
async fn file_is_damaged_at(world: &mut World, file: String, nodes: Nodes, at: usize) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::Byte(at))), &names, None).await
}

step_means!("the file {string} of {nodes} is damaged in the middle", injects: Injects::Fault("damaged"));

/// One bit of a file below the data folder is flipped, in the byte in its middle.
#[when(expr = "the file {string} of {nodes} is damaged in the middle")]
async fn file_is_damaged_in_the_middle(world: &mut World, file: String, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::Middle)), &names, None).await
}

step_means!("the file {string} of {nodes} is damaged at its end", injects: Injects::Fault("damaged"));

/// One bit of a file below the data folder is flipped, in its last byte.
#[when(expr = "the file {string} of {nodes} is damaged at its end")]
async fn file_is_damaged_at_its_end(world: &mut World, file: String, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::End)), &names, None).await
}

step_means!("the file {string} of {nodes} is cut by {int} byte(s)", injects: Injects::Fault("damaged"));

/// The last bytes of a file below the data folder are missing, as after a write that a crash broke off.
#[when(expr = "the file {string} of {nodes} is cut by {int} byte(s)")]
async fn file_is_cut(world: &mut World, file: String, nodes: Nodes, bytes: usize) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::Cut(bytes))), &names, None).await
}

step_means!("the file {string} of {nodes} is emptied", injects: Injects::Fault("damaged"));

/// A file below the data folder has no bytes any more, as after a crash before its first write reached the disk.
#[when(expr = "the file {string} of {nodes} is emptied")]
async fn file_is_emptied(world: &mut World, file: String, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::Emptied)), &names, None).await
}

step_means!("the file {string} of {nodes} gets {int} zero byte(s) at its end", injects: Injects::Fault("damaged"));

/// Zero bytes follow the last byte of a file below the data folder, as on a file system that had made the file longer and lost what was to be in it.
#[when(expr = "the file {string} of {nodes} gets {int} zero byte(s) at its end")]
async fn file_gets_zeros(world: &mut World, file: String, nodes: Nodes, bytes: usize) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::Zeros(bytes))), &names, None).await
}

/// The damaged file is put back as it was, as from a backup.
#[when(expr = "the file {string} of {nodes} is restored")]
async fn file_is_restored(world: &mut World, _file: String, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.heal(&names, "restored").await
}
