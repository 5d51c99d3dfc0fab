//! Rehearsal: the executable book of Redis high availability.
//!
//! # Steps of your own
//!
//! A crate with steps of its own depends on this one and on `cucumber` (whose macros it uses; the version has to be the same), and has a program and a test
//! of three lines each, `main` calling [`rehearsal::main()`](main()) and [`rehearsal::features_main()`](features_main). Both name the crate's library with
//! `use my_steps as _;`, for a library nobody names is not linked. `apps/example-steps` is such a crate. A step is a small function:
//!
//! ```
//! use rehearsal::steps::params::Nodes;
//! use rehearsal::{Step, World, when};
//!
//! /// Every one of these nodes forgets all of its keys.
//! #[when(expr = "{nodes} forget(s) every key")]
//! async fn forgets(world: &mut World, nodes: Nodes) -> Step {
//!     for name in world.names(&nodes)? {
//!         world.command(&name, &["FLUSHALL"]).await?;
//!     }
//!     Ok(())
//! }
//! # fn main() {}
//! ```
//!
//! and its file says with [`step_file!`] that it is there. What a step may rely on is what is listed on this page: [`World`], [`Step`] and [`StepError`], [`Cause`],
//! the words that vary in [`steps::params`], waiting in [`wait`], questions and typed answers in [`probe`], the trait of faults in [`faults`] (a step injects
//! one with [`World::inject`]). Everything else is public for this project's own tests, hidden here, and may change with any version.
//!
//! # Reading the source
//!
//! From the top down: `cli` parses and calls, `run` plays features, `hand` does what people ask for step by step, [`steps`] are their sentences, [`world`] is the state of one scenario, `formation`,
//! [`faults`] and `workload` act, [`probe`] looks, [`wait`] waits, `deployment` talks to Docker, `topology`, `claims` and `config` are what people declare,
//! `record` is what comes out, `measure` what many runs come to, `sizing` what arithmetic says, `report` and `book` show it. `ARCHITECTURE.md` has the map and the invariants.

// First, since its macros count from here on: it gives `println!` and its kin another meaning.
#[macro_use]
mod print;

// The ground floor: what knows nothing of ours.
mod confined;
#[cfg(test)]
mod door;
mod printable;
mod runtime_folder;

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod hand;
#[doc(hidden)]
pub mod run;

pub mod steps;
pub mod world;

pub mod faults;
#[doc(hidden)]
pub mod formation;
#[doc(hidden)]
pub mod workload;

pub mod probe;
pub mod wait;

pub mod systems;

#[doc(hidden)]
pub mod deployment;

#[doc(hidden)]
pub mod claims;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod topology;

#[doc(hidden)]
pub mod error;
#[doc(hidden)]
pub mod record;

#[doc(hidden)]
pub mod measure;
#[doc(hidden)]
pub mod sizing;

#[doc(hidden)]
pub mod book;
#[doc(hidden)]
pub mod report;

pub use cli::features::features_main;
pub use cli::main;
pub use cucumber::{given, then, when};
pub use error::{Cause, Step, StepError};
/// What [`step_file!`] expands to.
#[doc(hidden)]
pub use inventory;
pub use world::World;
