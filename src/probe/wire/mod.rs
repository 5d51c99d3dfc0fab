//! What nodes say to each other, read off the data network: packets become streams, streams become commands and replies in words.
//!
//! You are in the right place when a captured exchange is decoded wrongly. It is pure: bytes of a capture in, [`Exchange`]s out; who captures stands in
//! `world/captures.rs`. From the outside in: `packets` reads the file, `streams` puts segments in order, `resp` finds commands in bytes, `conversation` says who said what.

mod conversation;
mod packets;
mod resp;
mod streams;

#[cfg(test)]
mod tests;

pub use conversation::{exchanges, fold, limit};

use std::net::SocketAddrV4;

/// A capture that is being made.
#[derive(Debug, Clone)]
pub struct Capture {
    /// In whose sandbox.
    pub node: String,
    /// Whose traffic with it.
    pub peer: String,
    /// Where the file lies there.
    pub path: String,
    /// Microseconds since 1970 at which the scenario's clock stood at zero.
    pub zero_us: u64,
    /// Both of them, by the address they serve at.
    pub servers: Vec<(SocketAddrV4, String)>,
}
