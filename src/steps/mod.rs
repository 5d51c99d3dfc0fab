//! Sentences of the features -> calls: one file a concept.
//!
//! `Given` sets the stage, `When` changes the system, `Then` only observes. A step has no loop, no retry, no Docker call: loops live in `wait`, calls in the
//! world. To add a step, write one small function with a doc comment; the reference page and `rehearsal steps` show that comment.

pub mod bounds;
pub mod meaning;
pub mod nature;
pub mod own;
pub mod params;

mod cache_aside;
mod client_window;
mod clients;
mod cluster;
mod cluster_failure;
mod conversation;
mod data;
mod election;
pub mod faults;
mod files;
mod logs;
mod observables;
mod operations;
mod replication;
mod resharding;
mod restart;
mod roles;
mod sentinel;
mod sentinel_clients;
mod sentinel_config;
mod server;
mod service;
mod slots;
mod stream;
mod topology;
mod waiting;
mod wire;
mod workload;

pub use client_window::ACTED_BEFORE;

/// The source of every step file, for doc comments and for telling whether a cached control is still about the same code.
pub const SOURCES: &[(&str, &str)] = &[
    ("src/steps/bounds.rs", include_str!("bounds.rs")),
    ("src/steps/cache_aside.rs", include_str!("cache_aside.rs")),
    ("src/steps/client_window.rs", include_str!("client_window.rs")),
    ("src/steps/clients.rs", include_str!("clients.rs")),
    ("src/steps/cluster.rs", include_str!("cluster.rs")),
    ("src/steps/conversation.rs", include_str!("conversation.rs")),
    ("src/steps/cluster_failure.rs", include_str!("cluster_failure.rs")),
    ("src/steps/data.rs", include_str!("data.rs")),
    ("src/steps/election.rs", include_str!("election.rs")),
    ("src/steps/faults.rs", include_str!("faults.rs")),
    ("src/steps/files.rs", include_str!("files.rs")),
    ("src/steps/logs.rs", include_str!("logs.rs")),
    ("src/steps/meaning.rs", include_str!("meaning.rs")),
    ("src/steps/nature.rs", include_str!("nature.rs")),
    ("src/steps/observables.rs", include_str!("observables.rs")),
    ("src/steps/operations.rs", include_str!("operations.rs")),
    ("src/steps/own.rs", include_str!("own.rs")),
    ("src/steps/params.rs", include_str!("params.rs")),
    ("src/steps/replication.rs", include_str!("replication.rs")),
    ("src/steps/resharding.rs", include_str!("resharding.rs")),
    ("src/steps/restart.rs", include_str!("restart.rs")),
    ("src/steps/roles.rs", include_str!("roles.rs")),
    ("src/steps/sentinel.rs", include_str!("sentinel.rs")),
    ("src/steps/sentinel_clients.rs", include_str!("sentinel_clients.rs")),
    ("src/steps/sentinel_config.rs", include_str!("sentinel_config.rs")),
    ("src/steps/server.rs", include_str!("server.rs")),
    ("src/steps/service.rs", include_str!("service.rs")),
    ("src/steps/stream.rs", include_str!("stream.rs")),
    ("src/steps/slots.rs", include_str!("slots.rs")),
    ("src/steps/topology.rs", include_str!("topology.rs")),
    ("src/steps/waiting.rs", include_str!("waiting.rs")),
    ("src/steps/wire.rs", include_str!("wire.rs")),
    ("src/steps/workload.rs", include_str!("workload.rs")),
];
