//! Clients that write and read: what they wrote, what was acknowledged, what is missing.

pub mod cluster_client;
mod journal;

pub use journal::{Difference, Workload};
