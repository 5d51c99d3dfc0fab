//! Questions to nodes and their typed answers.
//!
//! Only here and in `workload/` is the Redis client used. A probe never changes a server: what does is a step's command or the workload's.

pub mod asker;
pub mod client;
pub mod coverage;
mod dial;
pub mod events;
pub mod recorder;
pub mod service;
mod shown;
pub mod slot;
pub mod subscriber;
pub mod wire;

pub use asker::Asker;
pub use client::{Client, ProbeError};
