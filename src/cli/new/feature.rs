//! The text of a new feature: what a reader learns, one promise with its source, one scenario that passes and is caught without its fault.

use crate::topology::{Formation, NodeSpec, Role, Topology};

/// What a scenario on some formation shows.
struct Story {
    prose: &'static str,
    rule: &'static str,
    source: &'static str,
    scenario: &'static str,
    /// Behind the `Given`, one a line.
    steps: String,
}

/// The feature, about a topology whatever its nodes are called.
pub(super) fn text(area: &str, name: &str, topology: &Topology) -> String {
    let title = capital(&name.replace('-', " "));
    let Story { prose, rule, source, scenario, steps } = story(topology);
    let given = if topology.formation == Formation::Cluster {
        format!("Given the \"{}\" topology with\n        | cluster-node-timeout | 1000 |\n", topology.name)
    } else {
        format!("Given the \"{}\" topology\n", topology.name)
    };
    let steps: String = steps.lines().map(|step| format!("      {step}\n")).collect();
    format!(
        "@{area}\nFeature: {title}\n  {prose}\n\n  Rule: {rule}\n    Source: {source}\n\n    @id:{name}-begins\n    Scenario: {scenario}\n      {given}{steps}"
    )
}

fn story(topology: &Topology) -> Story {
    let of = |role: Role| -> Vec<&NodeSpec> { topology.nodes.iter().filter(|node| node.role == role).collect() };
    let (nodes, replicas) = (of(Role::Node), of(Role::Replica));
    match topology.formation {
        Formation::Cluster => {
            // The first half of a Cluster's nodes are masters, the n-th of the others is the replica of the n-th.
            let replica = nodes.get(nodes.len().div_ceil(2)).map_or("", |node| &node.name);
            let master = nodes.first().map_or("", |node| &node.name);
            Story {
                prose: "What a Cluster does when one of its masters is gone: the other masters agree on it, and its replica takes the slots over.",
                rule: "A master that died is replaced by its replica",
                source: "https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/",
                scenario: "The replica of a killed master becomes master, and the Cluster serves every slot again",
                steps: format!(
                    "When \"{master}\" is killed\nThen within 15 seconds \"{replica}\" becomes master\nAnd within 15 seconds the cluster state of \"{replica}\" is \"ok\"\n"
                ),
            }
        }
        Formation::Replication | Formation::Sentinel if !replicas.is_empty() => {
            let replica = &replicas[0].name;
            Story {
                prose: "What it costs when a replica goes away for a moment and comes back: nothing that was written in the meantime is missing in the end.",
                rule: "A replica that comes back catches up by itself",
                source: "https://redis.io/docs/latest/operate/oss_and_stack/management/replication/",
                scenario: "A replica that was killed and started again holds what was written while it was away",
                steps: format!(
                    "When \"{replica}\" is killed\nAnd a client writes 100 keys to the master\nAnd \"{replica}\" is started again\n\
                     Then within 10 seconds \"{replica}\" holds every key that was written\nAnd the run id of \"{replica}\" has changed\n"
                ),
            }
        }
        _ => {
            let server = topology.nodes.iter().find(|node| matches!(node.role, Role::Master | Role::Node)).map_or("", |node| &node.name);
            Story {
                prose: "What a single server is after a crash: another process, which has to be started by somebody.",
                rule: "A server that is started again is another run of the same node",
                source: "https://redis.io/docs/latest/commands/info/",
                scenario: "A server that was killed and started again answers, under another run id",
                steps: format!("When \"{server}\" is killed\nAnd \"{server}\" is started again\nThen the run id of \"{server}\" has changed\n"),
            }
        }
    }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
