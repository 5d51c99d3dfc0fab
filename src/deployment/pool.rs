//! Sandboxes that outlive their deployment, for the next one of the same run. You are in the right place when a start is slower than expected,
//! or when something of an earlier scenario seems to shine through.
//!
//! A sandbox with its two networks is most of what a start costs (the engine runs itself anew several times for each). What is kept is only
//! what nothing was done to: a sandbox that had a helper, whose clock was moved, or whose node was no server of ours is removed. The rest is
//! an empty namespace with an address, in which no process but its own sleep is left. Servers are never kept.

use std::sync::Mutex;

use super::{
    network::Networks,
    node::{Sandbox, lock},
    start::Options,
};
use crate::topology::Topology;

/// Networks and clean sandboxes between two deployments.
#[derive(Debug)]
pub(super) struct Parked {
    pub run: String,
    /// Image of the sandboxes.
    pub helper: String,
    pub networks: Networks,
    pub sandboxes: Vec<Sandbox>,
}

static PARKED: Mutex<Vec<Parked>> = Mutex::new(Vec::new());

pub(super) fn put(parked: Parked) {
    lock(&PARKED).push(parked);
}

/// The parked set of this run that fits best, with the topology made for it; it may fit not at all and still save two networks.
pub(super) fn take(options: &Options, make: &impl Fn(&str) -> Result<Topology, String>) -> Option<(Parked, Topology)> {
    let mut all = lock(&PARKED);
    let fits = |parked: &Parked| parked.run == options.run && parked.helper == options.helper.reference;
    let best = all.iter().enumerate().filter(|(_, parked)| fits(parked)).filter_map(|(index, parked)| {
        let topology = make(&parked.networks.prefix).ok()?;
        let matches = topology.nodes.iter().filter(|node| parked.sandboxes.iter().any(|sandbox| sandbox.suits(node))).count();
        Some((matches, index, topology))
    });
    let (_, index, topology) = best.max_by_key(|(matches, index, _)| (*matches, *index))?;
    Some((all.swap_remove(index), topology))
}

/// Forgets what is parked of a run, because it is being removed.
pub(super) fn forget(run: &str) {
    lock(&PARKED).retain(|parked| parked.run != run);
}
