//! Faults and cures. Every step that injects one stands in this file: that is how `check` knows which scenarios have a fault.

use super::params::{Change, Direction, Nodes, Span};
use crate::error::{Step, StepError};
use crate::faults::{self, ClockJumped, CutOff, Damaged, Harm, LosingPackets, Mute, PowerCut, SlowDisk};
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

/// The host of these nodes loses power: the servers die, and of their files what was not synced is gone. "Started again" when the power is back.
#[when(expr = "{nodes} lose(s) power")]
async fn loses_power(world: &mut World, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(PowerCut::default()), &names, None).await
}

/// From now on every sync of these nodes' servers takes this long, until they are healed.
#[when(expr = "the disk of {nodes} takes {duration} to sync")]
async fn disk_is_slow(world: &mut World, nodes: Nodes, span: Span) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(SlowDisk { delay: span.0 }), &names, None).await
}

/// Nothing goes between the first and the second of these groups of nodes any more, either way, until the first are healed. Within each group all goes on.
#[when(expr = "{nodes} is/are cut off from {nodes}")]
async fn are_cut_off(world: &mut World, nodes: Nodes, others: Nodes) -> Step {
    let (names, peers) = (world.names(&nodes)?, world.names(&others)?);
    apart(&names, &peers)?;
    world.inject(Rc::new(CutOff { peers }), &names, None).await
}

/// Nothing that the first of these nodes send to the second arrives any more, until the first are healed; the other way all arrives.
#[when(expr = "{nodes} cannot send to {nodes}")]
async fn cannot_send(world: &mut World, nodes: Nodes, others: Nodes) -> Step {
    let (names, peers) = (world.names(&nodes)?, world.names(&others)?);
    apart(&names, &peers)?;
    world.inject(Rc::new(Mute { peers }), &names, None).await
}

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

/// One bit of a file below the data folder is flipped, in the byte at this place, counted from 0.
#[when(expr = "the file {string} of {nodes} is damaged at byte {int}")]
async fn file_is_damaged_at(world: &mut World, file: String, nodes: Nodes, at: usize) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::Byte(at))), &names, None).await
}

/// One bit of a file below the data folder is flipped, in the byte in its middle.
#[when(expr = "the file {string} of {nodes} is damaged in the middle")]
async fn file_is_damaged_in_the_middle(world: &mut World, file: String, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::Middle)), &names, None).await
}

/// One bit of a file below the data folder is flipped, in its last byte.
#[when(expr = "the file {string} of {nodes} is damaged at its end")]
async fn file_is_damaged_at_its_end(world: &mut World, file: String, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::End)), &names, None).await
}

/// The last bytes of a file below the data folder are missing, as after a write that a crash broke off.
#[when(expr = "the file {string} of {nodes} is cut by {int} byte(s)")]
async fn file_is_cut(world: &mut World, file: String, nodes: Nodes, bytes: usize) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::Cut(bytes))), &names, None).await
}

/// A file below the data folder has no bytes any more, as after a crash before its first write reached the disk.
#[when(expr = "the file {string} of {nodes} is emptied")]
async fn file_is_emptied(world: &mut World, file: String, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.inject(Rc::new(Damaged::new(&file, Harm::Emptied)), &names, None).await
}

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

/// The fault a step's text injects, and whether the step needs the preload library; for `check` and for the deployment.
pub fn injects(text: &str) -> Option<&'static faults::Entry> {
    let own = |name: &str| faults::ALL.iter().find(|entry| entry.name == name && entry.own_step);
    if text.starts_with("the clock of ") {
        return if text.contains(" jumps ") { own("clock jumped") } else { None };
    }
    if text.starts_with("the file ") {
        let harms = text.contains(" is damaged ") || text.contains(" is cut by ") || text.ends_with(" is emptied") || text.contains(" zero byte");
        return if harms { own("damaged") } else { None };
    }
    if cuts_power(text) {
        return own("power cut");
    }
    if slows_disk(text) {
        return own("slow disk");
    }
    if text.contains(" cut off from ") {
        return own("cut off");
    }
    if text.contains(" cannot send to ") {
        return own("mute");
    }
    if text.ends_with(" packets") && text.contains(" percent of ") {
        return own("losing packets");
    }
    let (_, change) = text.split_once(" is ").or_else(|| text.split_once(" are "))?;
    let name = change.split(" for ").next()?;
    faults::ALL.iter().find(|entry| entry.name == name && !entry.own_step)
}

/// Whether a step moves a clock, cuts the power or slows a disk.
pub fn needs_preload(text: &str) -> bool {
    text.starts_with("the clock of ") || cuts_power(text) || slows_disk(text)
}

fn slows_disk(text: &str) -> bool {
    text.starts_with("the disk of ") && text.ends_with(" to sync")
}

fn cuts_power(text: &str) -> bool {
    text.ends_with(" loses power") || text.ends_with(" lose power")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_its_own_is_known_as_the_fault_it_injects() {
        let name = |text: &str| injects(text).map(|entry| entry.name);
        assert_eq!(name("the master loses power"), Some("power cut"));
        assert_eq!(name("the file \"dump.rdb\" of the master is damaged at byte 20"), Some("damaged"));
        assert_eq!(name("the file \"dump.rdb\" of the master is cut by 3 bytes"), Some("damaged"));
        assert_eq!(name("the file \"nodes.conf\" of \"node-1\" is emptied"), Some("damaged"));
        assert_eq!(name("the file \"a.aof\" of the master gets 4096 zero bytes at its end"), Some("damaged"));
        assert_eq!(name("the file \"dump.rdb\" of the master is restored"), None);
        assert_eq!(name("the master is out of disk"), Some("out of disk"));
        assert_eq!(name("the clock of \"sentinel-1\" is 1 hour ahead"), None);
        assert_eq!(name("\"a\" and \"b\" are cut off from \"c\""), Some("cut off"));
        assert_eq!(name("\"a\" cannot send to \"c\""), Some("mute"));
        assert_eq!(name("\"a\" loses 30 percent of its packets"), Some("losing packets"));
        assert_eq!(name("the disk of the master takes 3 seconds to sync"), Some("slow disk"));
        assert!(needs_preload("the master loses power") && !needs_preload("the master is killed"));
    }
}
