//! Features and options -> a record: what is selected, how it is scheduled, played, interrupted and controlled.
//!
//! In reading order: [`catalogue`] reads the features, [`registry`] knows the steps, [`check`] finds what is wrong without Docker, [`selection`] and [`shard`] pick,
//! [`session`] prepares servers and drives [`schedule`], which hands scenarios to threads that [`play`] them; `desk` takes in what they tell and writes it down;
//! [`control`] plays them without their faults.

pub mod capability;
pub mod catalogue;
pub mod check;
#[cfg(test)]
mod conformance;
pub mod control;
mod desk;
mod ending;
pub mod event;
mod kept;
pub mod meant;
pub mod order;
mod outline;
pub mod plan;
pub mod play;
pub mod played;
pub mod project;
pub mod reading;
pub mod registry;
pub mod rest;
mod retries;
pub mod schedule;
pub mod selection;
pub mod session;
mod session_error;
pub mod shard;
pub mod signals;
pub mod stall;
#[cfg(test)]
pub(crate) mod theatre;
