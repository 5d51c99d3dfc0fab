//! What to say when a deployment was left up with `--keep`: how to look into it, how to get rid of it.
//!
//! You are in the right place when somebody stands before a kept deployment and does not know what to do with it.

use crate::deployment::container_name;
use crate::record::Evidence;

/// A few lines of commands that can be copied as they are.
pub fn told(evidence: &Evidence, deployment: &str) -> String {
    let mut lines = vec![format!("kept: {} on {}", evidence.scenario.id(), evidence.scenario.server)];
    lines.push(format!("  what is up:  docker ps --filter label=org.rehearsal.deployment={deployment}"));
    // One that answered when it failed; any, if none did.
    let alive = evidence.snapshots.iter().find(|s| s.state == "running").map(|s| s.node.as_str());
    let node = evidence.nodes.iter().find(|node| alive == Some(&node.name)).or(evidence.nodes.first());
    if let Some(node) = node {
        let port = node.address.rsplit_once(':').map_or("6379", |(_, port)| port);
        let container = container_name(deployment, &node.name);
        lines.push(format!("  look into {}:  docker exec -it {container} redis-cli -p {port}", node.name));
        // On standard error our own shell speaks.
        lines.push(format!("  its log:  docker logs {container} 2>/dev/null"));
    }
    lines.push("  remove it:  rehearsal prune   (the next run does so too)".to_owned());
    lines.join("\n")
}
