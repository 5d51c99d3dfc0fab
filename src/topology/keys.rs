//! The keys of the compose format that Rehearsal reads, and the ones it refuses with a reason.
//!
//! You are in the right place to see or extend what a topology file may say: the reader checks files against this list and the reference page of the
//! book is generated from it. `*` stands for a name of the author's choice, `[]` for each item of a list.

/// One accepted key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub path: &'static str,
    pub meaning: &'static str,
}

const fn key(path: &'static str, meaning: &'static str) -> Key {
    Key { path, meaning }
}

/// Every key a topology file may have.
pub const KEYS: &[Key] = &[
    key("name", "Project name for `docker compose`; a deployment of ours has a name of its own."),
    key("x-rehearsal.about", "What the topology is, in one sentence."),
    key("x-rehearsal.formation", "What the nodes become before a scenario starts: `none`, `replication`, `sentinel` or `cluster`."),
    key(
        "x-rehearsal.masters",
        "Of a Cluster, how many of its nodes become masters: the first ones. Half of them when not given; the others become their replicas in turn.",
    ),
    key("services.*.image", "Image of the node. `${REHEARSAL_IMAGE:-...}` makes it a server under test."),
    key("services.*.command", "Whole command line, program first, as a list or as one line. Without it the image's own."),
    key("services.*.configs.[].source", "Name of a file under the top-level `configs`."),
    key("services.*.configs.[].target", "Absolute path of the file in the container."),
    key("services.*.configs.[].mode", "Mode of the file, octal, 0444 when not given."),
    key("services.*.networks.*.ipv4_address", "Fixed address of the node in the data network."),
    key("services.*.environment", "Environment variables, as a mapping or as a list of `NAME=value`."),
    key("services.*.mem_limit", "Memory limit, such as `64m`."),
    key("services.*.depends_on", "Accepted for `docker compose`; nodes are started side by side."),
    key("services.*.x-rehearsal.role", "What the node is meant to be: `master`, `replica`, `sentinel`, `node` (of a cluster) or `other`."),
    key("services.*.x-rehearsal.system", "The system whose role that is, for readers; a role belongs to one system, so it need not be said."),
    key("services.*.x-rehearsal.port", "Port clients use: 6379 when not given, 26379 for a Sentinel; needed for `other`."),
    key(
        "services.*.x-rehearsal.disk",
        "Size of a small disk that holds `/data`, such as `16m`: one that can be filled. It lies in the node's memory.",
    ),
    key("configs.*.content", "The file's text, copied into every container that names it."),
    key("networks.*.internal", "Accepted for `docker compose`; the data network is always internal."),
    key("networks.*.ipam.config.[].subnet", "Subnet of the data network; the addresses of all nodes lie in it."),
];

/// Keys of the compose format that would let a file touch the host, or take a decision that is the deployment's. Pattern and advice.
const REFUSED: &[(&str, &str)] = &[
    ("services.*.volumes", TOUCHES),
    ("volumes", TOUCHES),
    ("services.*.devices", TOUCHES),
    ("services.*.env_file", TOUCHES),
    ("services.*.privileged", TOUCHES),
    ("services.*.cap_add", TOUCHES),
    ("services.*.pid", TOUCHES),
    ("services.*.ipc", TOUCHES),
    ("services.*.secrets", TOUCHES),
    ("secrets", TOUCHES),
    ("configs.*.file", TOUCHES),
    ("services.*.build", "images are built from compose/images, see `rehearsal images`"),
    ("services.*.network_mode", "every node is in the data network, with an address of its own under `networks`"),
    ("services.*.ports", "ports are published on 127.0.0.1 by the deployment itself; say the port with `x-rehearsal.port`"),
    ("services.*.container_name", "containers are named by the deployment, so that two runs do not meet"),
    ("services.*.deploy", "a node is one service; write a second one"),
    ("services.*.scale", "a node is one service; write a second one"),
    ("services.*.restart", "a killed node stays down until the scenario starts it"),
];

const TOUCHES: &str = "nothing a scenario file says may touch the host; put files in through `configs` with `content`";

/// Why a key is refused, if it is.
pub fn refused(path: &str) -> Option<&'static str> {
    REFUSED.iter().find(|(refused, _)| *refused == path).map(|(_, advice)| *advice)
}

/// The keys that may stand directly under a path (empty for the root); none when the value there is read as a whole.
pub fn children(parent: &str) -> Vec<&'static str> {
    let mut children: Vec<&'static str> = Vec::new();
    for key in KEYS {
        let below = if parent.is_empty() { Some(key.path) } else { key.path.strip_prefix(parent).and_then(|p| p.strip_prefix('.')) };
        let Some(child) = below.and_then(|p| p.split('.').next()) else { continue };
        if !children.contains(&child) {
            children.push(child);
        }
    }
    children
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_a_tree() {
        assert_eq!(children(""), ["name", "x-rehearsal", "services", "configs", "networks"]);
        assert_eq!(children("services"), ["*"]);
        assert_eq!(children("services.*.configs"), ["[]"]);
        assert!(children("services.*.command").is_empty());
    }
}
