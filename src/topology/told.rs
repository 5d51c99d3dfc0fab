//! What a reader of a scenario has to know of its topology: the settings of the file that the scenario's own table leaves as they are.
//!
//! Come here when a card of the book says too much, or too little, below `Given the "sentinel" topology`.

use super::{NodeSpec, Topology};

/// What every topology sets so that servers work in a container, or so that nothing happens unasked; the page of the topologies has the reasons.
const PLUMBING: [&str; 10] = [
    "dir",
    "protected-mode",
    "save",
    "repl-diskless-sync-delay",
    "cluster-enabled",
    "cluster-config-file",
    "replicaof",
    "sentinel",
    "notification-script",
    "client-reconfig-script",
];

/// Directives and values, each once, in the order in which the nodes have them. `rows` is the scenario's table: what it sets for every node that had it is left out.
pub fn settings(topology: &Topology, rows: &[Vec<String>]) -> Vec<(String, String)> {
    let mut told: Vec<(String, String)> = Vec::new();
    for node in &topology.nodes {
        let own = node.kind.system.settings().map(|syntax| syntax.told(&node.command, &node.files));
        for setting in own.into_iter().flatten() {
            if !PLUMBING.contains(&setting.0.as_str()) && !overridden(&setting.0, node, rows) && !told.contains(&setting) {
                told.push(setting);
            }
        }
    }
    told
}

fn overridden(directive: &str, node: &NodeSpec, rows: &[Vec<String>]) -> bool {
    rows.iter().filter_map(|row| row.first()).any(|key| match key.split_once('.') {
        Some((target, own)) => own == directive && (target == node.name || target == node.kind.role.word),
        None => key == directive,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{Variables, built_in};
    use std::path::Path;

    fn told(topology: &str, keys: &[&str]) -> String {
        let all = built_in::topologies(Path::new("/nonexistent"), &Variables::default()).unwrap();
        let rows: Vec<Vec<String>> = keys.iter().map(|key| vec![(*key).to_owned(), "1".to_owned()]).collect();
        let settings = settings(all.iter().find(|t| t.name == topology).unwrap(), &rows);
        settings.iter().map(|(key, value)| format!("{key} {value}")).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn what_the_file_sets_is_told_once() {
        assert_eq!(told("cluster", &[]), "cluster-node-timeout 2000");
        assert_eq!(told("sentinel", &[]), "quorum 2, down-after-milliseconds 2000, failover-timeout 5000, parallel-syncs 1");
        assert_eq!(told("as-shipped", &[]), "");
    }

    #[test]
    fn what_the_scenario_sets_for_all_of_them_is_not() {
        assert_eq!(told("cluster", &["cluster-node-timeout"]), "");
        assert_eq!(told("cluster", &["node-1.cluster-node-timeout"]), "cluster-node-timeout 2000");
        let each = ["sentinel-1.quorum", "sentinel-2.quorum", "sentinel-3.quorum", "sentinel.parallel-syncs", "failover-timeout"];
        assert_eq!(told("sentinel", &each), "down-after-milliseconds 2000");
        assert_eq!(told("sentinel", &each[..2]), "down-after-milliseconds 2000, failover-timeout 5000, parallel-syncs 1, quorum 2");
    }
}
