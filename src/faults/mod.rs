//! What can be done to a node and undone again: one file a fault.
//!
//! A fault is injected, then *verified* by an independent probe; healed, then verified again. To add one, write its file and add it to [`ALL`]; its name is
//! the participle that scenarios use ("the master is killed") and that `rehearsal inject` takes. `killed.rs` is the one to read first.

mod clock_jumped;
mod cut_off;
mod damaged;
mod isolated;
mod killed;
mod losing_packets;
mod out_of_disk;
mod paused;
mod power_cut;
mod slow_disk;
mod stopped;

pub use clock_jumped::ClockJumped;
pub use cut_off::{CutOff, Mute};
pub use damaged::{Damaged, Harm};
pub use losing_packets::LosingPackets;
pub use power_cut::PowerCut;
pub use slow_disk::SlowDisk;

use crate::error::StepError;
use crate::world::World;
use futures::future::LocalBoxFuture;
use std::rc::Rc;

/// What an act or a look at a node comes to.
pub type Doing<'a, T> = LocalBoxFuture<'a, Result<T, StepError>>;

/// One kind of harm.
///
/// `inject` and `heal` act; `bitten` and `healed` ask somebody else whether it worked, and return what they saw.
pub trait Fault {
    /// The participle: `killed`.
    fn name(&self) -> &'static str;
    /// How the node is made whole: `started again`, `healed`.
    fn cure(&self) -> &'static str;
    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> Doing<'a, ()>;
    /// An independent look at the harm; `Err` when the fault did not bite.
    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> Doing<'a, String>;
    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> Doing<'a, ()>;
    /// An independent look at the cure.
    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> Doing<'a, String>;
}

/// A fault in the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub name: &'static str,
    pub doc: &'static str,
    /// A line of a scenario that injects it, and one that heals it.
    pub example: (&'static str, &'static str),
    /// Who sees that it has bitten.
    pub verified_by: &'static str,
    /// Whether the node has to start with the preload library.
    pub preload: bool,
    /// Whether a step of its own injects it, since its sentence says more than a participle.
    pub own_step: bool,
    make: fn() -> Rc<dyn Fault>,
}

/// Every fault, in the order of the reference page.
pub const ALL: &[Entry] = &[
    killed::ENTRY,
    stopped::ENTRY,
    paused::ENTRY,
    isolated::ENTRY,
    cut_off::ENTRY,
    cut_off::MUTE,
    losing_packets::ENTRY,
    clock_jumped::ENTRY,
    power_cut::ENTRY,
    damaged::ENTRY,
    out_of_disk::ENTRY,
    slow_disk::ENTRY,
];

/// The source of every fault, for telling whether a cached control is still about the same code.
pub const SOURCES: &[&str] = &[
    include_str!("clock_jumped.rs"),
    include_str!("cut_off.rs"),
    include_str!("damaged.rs"),
    include_str!("isolated.rs"),
    include_str!("killed.rs"),
    include_str!("losing_packets.rs"),
    include_str!("out_of_disk.rs"),
    include_str!("paused.rs"),
    include_str!("power_cut.rs"),
    include_str!("slow_disk.rs"),
    include_str!("stopped.rs"),
];

/// The fault of that name, unless a step of its own makes it: `clock jumped` needs a distance, `damaged` a file.
pub fn find(name: &str) -> Option<Rc<dyn Fault>> {
    ALL.iter().find(|entry| entry.name == name && !entry.own_step).map(|entry| (entry.make)())
}
