//! Sandboxes that outlive their deployment, for the next one of the same run. You are in the right place when a start is slower than expected,
//! or when something of an earlier scenario seems to shine through.
//!
//! A sandbox with its two networks is most of what a start costs (the engine runs itself anew several times for each). What is kept is only
//! verified: if a helper was at work, no rule and no queue of its may be left; a moved clock is set right; the sandbox of a node that was no
//! server of ours is removed. What remains is an empty namespace with an address, in which no process but its own sleep lives. Servers are
//! never kept.

use std::{
    sync::{Mutex, atomic::Ordering},
    time::Duration,
};

use super::{
    network::Networks,
    node::{Node, Sandbox, lock},
    start::{Deployment, Options},
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

/// Says every rule and every queue that somebody added; nothing in a namespace as the engine made it. The table `nat` is the engine's: it
/// leads names to its resolver.
const TRACES: &str = "for table in filter mangle raw; do iptables -t $table -S; done | grep -v -E '^-P [A-Z]+ ACCEPT$'; \
                      tc qdisc show | grep -v noqueue; exit 0";

static PARKED: Mutex<Vec<Parked>> = Mutex::new(Vec::new());

impl Deployment {
    /// Whether the next server in the node's sandbox could not notice that there was an earlier one. When in doubt, it is not.
    pub(super) async fn is_clean(&self, name: &str, node: &Node) -> bool {
        if !node.spec.under_test {
            return false;
        }
        if node.clock_moved.load(Ordering::Relaxed) && self.set_clock_offset(name, 0).await.is_err() {
            return false;
        }
        if node.helper.get().is_none() {
            return true;
        }
        let traces = self.helper(name, &["bash", "-c", TRACES], Duration::from_secs(10)).await;
        traces.is_ok_and(|output| output.status == 0 && output.stdout.is_empty() && output.stderr.is_empty())
    }
}

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
