//! A topology running in containers: the only place that talks to Docker.
//!
//! A node is two containers. Its *sandbox* holds the network namespace (both networks, the fixed address, the published port, firewall rules)
//! and the tools that change it; its *house* lives inside that namespace, with the server's image and its limits. Process 1 of both is a shell
//! of ours (`shell.sh`) that starts, kills and wipes a server in milliseconds, without asking the engine. So a killed server refuses
//! connections at once while its address stays, a published port outlives every kill and start, and both containers serve scenario after
//! scenario.
//!
//! You are in the right place for containers, networks, images, files in containers and clean-up. What a server answers is asked in
//! `probe/`; why and when something is broken is decided in `faults/`; nothing here waits for a condition (`wait.rs` does), and nothing
//! here knows the Redis protocol.
//!
//! In reading order: the engine and its errors; who owns what (locks, labels, clean-up); images; the deployment and its parts.

mod docker;
mod docker_errors;
mod engine;
mod error;
#[cfg(test)]
pub(crate) mod fake;

mod clean;
mod labels;
mod lock;

mod image_build;
mod image_recipe;
mod image_workplace;
mod images;
mod mirror;

mod binary;
mod clock;
mod container;
mod files;
mod firewall;
mod life;
mod module;
mod network;
mod node;
mod pool;
mod power;
mod process;
mod reopen;
mod shell;
mod start;
mod tools;
mod walls;

pub use binary::Binary;
pub use clean::{Pruned, prune, remove_run};
pub use clock::can_move_clocks;
pub use engine::{Engine, EngineVersion, Engines};
pub use error::EngineError;
pub use files::{DATA, DataFile};
pub use firewall::Way;
pub use images::{LocalImage, PreparedImage, Route, list_images, prepare_browser, prepare_helper, prepare_image, prepare_server, prune_images};
pub use life::{End, Ends};
pub use lock::RunLock;
pub use pool::{Claim, claim};
pub use power::Cut;
pub use process::NodeState;
pub use reopen::{ByHand, Standing, by_hand, remove_by_hand};
pub use shell::Output;
pub use start::{Deployment, Options, container_name};
pub use tools::Reach;
