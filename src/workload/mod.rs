//! Clients that write and read: what they asked, when and with what outcome, and what is missing in the end.
//!
//! There is one [`Journal`] of calls. A client that writes so many keys and is done (`once.rs`) and one that writes at a steady rate through all that happens
//! (`steady.rs`, with `route.rs` for whom it asks, `slot_map.rs` in a cluster) both write into it; what can be said about them is arithmetic on its calls (`tally.rs`). An application with a database behind its cache (`cache_aside.rs`)
//! counts for itself.

mod cache_aside;
pub mod cluster_client;
mod journal;
pub mod library_client;
mod once;
mod route;
mod slot_map;
pub mod steady;
mod tally;

#[cfg(test)]
mod tally_tests;

pub use cache_aside::{Cache, CacheAside, Copied, Round};
pub use journal::{Call, Journal, Kind, Outcome};
pub use once::{Difference, Workload};
pub use route::{Endpoint, Holder, Route, Sentinels};
pub use slot_map::SlotRoute;
pub use steady::{Plan, Steady};
