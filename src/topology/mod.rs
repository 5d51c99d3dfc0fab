//! Where it happens, as declared in `compose/`: nodes, their roles, their configuration, and the servers they can run.
//!
//! Everything here is pure: text in, typed values or located errors out. Nothing here knows Docker or Redis' protocol.

pub mod broken;
pub mod built_in;
pub mod compose;
pub mod directives;
pub mod grammar;
pub mod keys;
pub mod located;
pub mod position;
mod reading;
pub mod schema;
mod sentinel_conf;
mod server_line;
pub mod servers;
mod service;
pub mod settings;
pub mod told;
pub mod variables;
pub mod version;
pub mod words;

pub use located::{Problem, Severity};
pub use servers::{Catalogue, Server};
pub use settings::Settings;
pub use variables::Variables;

use std::fmt;

/// A declared topology, as read from one compose file.
#[derive(Debug, Clone, PartialEq)]
pub struct Topology {
    /// File name without its ending: `sentinel`.
    pub name: String,
    /// One sentence from `x-rehearsal.about`.
    pub about: String,
    pub formation: Formation,
    /// How many nodes of a Cluster become masters, where the file says so.
    pub masters: Option<usize>,
    /// In the file's order.
    pub nodes: Vec<NodeSpec>,
    /// The file's text before variables were filled in: part of a scenario's text hash.
    pub source: String,
}

/// What the nodes have to become before a scenario starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formation {
    /// Nothing: every node stands alone.
    None,
    /// One master and its replicas.
    Replication,
    /// A replication group watched by Sentinels.
    Sentinel,
    /// A Redis Cluster with every slot served.
    Cluster,
}

/// What a node is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Master,
    Replica,
    Sentinel,
    /// A cluster node; master or replica is decided when the cluster forms.
    Node,
    /// A proxy, an application: no Redis server.
    Other,
}

/// One node: a service of the compose file.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeSpec {
    pub name: String,
    pub role: Role,
    /// Image reference after variables were filled in.
    pub image: String,
    /// Whether the file says `${REHEARSAL_IMAGE...}`: the node runs the server under test.
    pub under_test: bool,
    /// Whole command line, program first; empty means the image's own.
    pub command: Vec<String>,
    /// Address in the data network, after variables were filled in.
    pub address: std::net::Ipv4Addr,
    /// Port clients use.
    pub port: u16,
    /// Files put into the container before it starts.
    pub files: Vec<FileSpec>,
    pub environment: Vec<(String, String)>,
    /// Limit in bytes; a default applies when the file has none.
    pub memory: Option<u64>,
    /// Bytes of the small disk its data lies on; without it there is as much room as the engine has.
    pub disk: Option<u64>,
}

/// A file a node starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSpec {
    pub target: String,
    pub content: String,
    pub mode: u32,
}

impl Topology {
    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<&NodeSpec> {
        self.nodes.iter().find(|n| n.name == name)
    }

    /// How many nodes of a Cluster become masters: the first ones.
    pub fn cluster_masters(&self) -> usize {
        self.masters.unwrap_or_else(|| self.nodes.iter().filter(|n| n.role == Role::Node).count().div_ceil(2))
    }

    /// Names of the nodes with that role, in the file's order.
    pub fn names(&self, role: Role) -> Vec<&str> {
        self.nodes.iter().filter(|n| n.role == role).map(|n| n.name.as_str()).collect()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Role::Master => "master",
            Role::Replica => "replica",
            Role::Sentinel => "sentinel",
            Role::Node => "node",
            Role::Other => "other",
        })
    }
}

impl fmt::Display for Formation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Formation::None => "none",
            Formation::Replication => "replication",
            Formation::Sentinel => "sentinel",
            Formation::Cluster => "cluster",
        })
    }
}
