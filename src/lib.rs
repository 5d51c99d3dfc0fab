//! Rehearsal: the executable book of Redis high availability.
//!
//! Read from the top down: `cli` parses and calls, [`run`] plays features, [`steps`] are their sentences, [`world`] is the state of one scenario, [`formation`],
//! [`faults`] and [`workload`] act, [`probe`] looks, [`wait`] waits, [`deployment`] talks to Docker, [`topology`], [`claims`] and [`config`] are what people declare,
//! [`record`] is what comes out, [`report`] and [`book`] show it. `ARCHITECTURE.md` has the map and the invariants.

pub mod cli;
pub mod run;

pub mod steps;
pub mod world;

pub mod faults;
pub mod formation;
pub mod workload;

pub mod probe;
pub mod wait;

pub mod deployment;

pub mod claims;
pub mod config;
pub mod topology;

pub mod error;
pub mod record;

pub mod book;
pub mod report;

pub use cli::features::features_main;
pub use cli::main;
pub use error::{Step, StepError};
pub use world::World;
