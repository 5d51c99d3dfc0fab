//! Sandboxes that outlive their deployment, for the next one of the same run. You are in the right place when a start is slower than expected,
//! or when something of an earlier scenario seems to shine through.
//!
//! Containers with their two networks are most of what a start costs (the engine runs itself anew several times for each). What is kept is
//! verified first: no process is left but the shells, no file but those of the image, no rule and no queue in the network, and the clock goes
//! right. What does not pass is removed. Servers are never kept: the next one is a new process with empty data.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
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
    /// The container that looks at the data network from outside, if there is one.
    pub observer: Option<String>,
}

/// Says every program that was left running, every rule and every queue that somebody added; nothing in a sandbox as the engine and its walls made it. The table `nat` is the engine's: it
/// leads names to its resolver.
const TRACES: &str = "for process in /proc/[0-9]*; do program=$(readlink $process/exe) || continue; \
                      case ${program##*/} in busybox | bash | timeout) ;; *) echo $program ;; esac; done; \
                      for table in filter mangle raw; do iptables -t $table -S; done | grep -v -E '^-P [A-Z]+ ACCEPT$| rehearsal-walls( |$)'; \
                      tc qdisc show | grep -v noqueue; exit 0";

static PARKED: Mutex<Vec<Parked>> = Mutex::new(Vec::new());

impl Deployment {
    /// The node's place as new, for another node: its sandbox, with the house if that is as new too. `None` when somebody could notice that
    /// there was an earlier node, and when in doubt.
    pub(super) async fn vacated(&self, name: &str, node: &Node) -> Option<Sandbox> {
        node.life.asked_to_end();
        let empty = node.spec.under_test && node.shell.reset().await.is_ok();
        let right = !node.clock_moved.load(Ordering::Relaxed)
            || (self.set_clock_offset(name, 0).await.is_ok() && self.set_sync_delay(name, Duration::ZERO).await.is_ok());
        let traces = async || {
            let traces = self.tool(name, &["bash", "-c", TRACES], Duration::from_secs(10)).await;
            traces.is_ok_and(|output| output.status == 0 && output.stdout.is_empty() && output.stderr.is_empty())
        };
        let clean = !node.touched.load(Ordering::Relaxed) || traces().await;
        let mut sandbox = node.sandbox.clone();
        if empty {
            sandbox.houses.push(node.house.clone());
        }
        let named = node.names_changed.load(Ordering::Relaxed);
        (right && clean && !named).then_some(sandbox)
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
        // A house of the right image counts more than a sandbox alone.
        let image = &options.server_image.reference;
        let worth = |sandbox: &Sandbox| 1 + usize::from(sandbox.houses.iter().any(|house| house.kind.image == *image));
        let found = topology.nodes.iter().filter_map(|node| parked.sandboxes.iter().find(|sandbox| sandbox.suits(node)));
        Some((found.map(worth).sum::<usize>(), index, topology))
    });
    let (_, index, topology) = best.max_by_key(|(worth, index, _)| (*worth, *index))?;
    Some((all.swap_remove(index), topology))
}

/// Containers that stand already, promised to somebody whose deployment is about to start; given back when dropped.
#[derive(Debug)]
pub struct Claim(());

static CLAIMS: AtomicUsize = AtomicUsize::new(0);

/// Claims a parked set of the run, if there is one that nobody has claimed.
pub fn claim(run: &str) -> Option<Claim> {
    let all = lock(&PARKED);
    let parked = all.iter().filter(|parked| parked.run == run && !parked.sandboxes.is_empty()).count();
    (CLAIMS.load(Ordering::Relaxed) < parked).then(|| {
        CLAIMS.fetch_add(1, Ordering::Relaxed);
        Claim(())
    })
}

impl Drop for Claim {
    fn drop(&mut self) {
        CLAIMS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Forgets what is parked of a run, because it is being removed.
pub(super) fn forget(run: &str) {
    lock(&PARKED).retain(|parked| parked.run != run);
}
