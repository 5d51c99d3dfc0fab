//! Where it happens, as declared in `compose/`: nodes, their roles, their configuration, and the servers they can run.
//!
//! Everything here is pure: text in, typed values or located errors out. Nothing here knows Docker or Redis' protocol.

pub mod broken;
pub mod built_in;
pub mod compose;
pub mod grammar;
pub mod keys;
pub mod located;
pub mod position;
mod reading;
pub mod schema;
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

use crate::systems::{FileSpec, Formation, Kind, Part, Protocol};

/// A declared topology, as read from one compose file.
#[derive(Debug, Clone, PartialEq)]
pub struct Topology {
    /// File name without its ending: `sentinel`.
    pub name: String,
    /// One sentence from `x-rehearsal.about`.
    pub about: String,
    /// What the nodes become before a scenario starts.
    pub formation: &'static Formation,
    /// How many of the nodes whose part is decided while the group forms become primaries, where the file says so.
    pub masters: Option<usize>,
    /// In the file's order.
    pub nodes: Vec<NodeSpec>,
    /// The file's text before variables were filled in: part of a scenario's text hash.
    pub source: String,
}

/// One node: a service of the compose file.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeSpec {
    pub name: String,
    /// What it is meant to be.
    pub kind: Kind,
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

impl Topology {
    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<&NodeSpec> {
        self.nodes.iter().find(|n| n.name == name)
    }

    /// Names of the nodes with the role of that word, in the file's order.
    pub fn names(&self, role: &str) -> Vec<&str> {
        self.nodes.iter().filter(|n| n.kind.role.word == role).map(|n| n.name.as_str()).collect()
    }

    /// Names of the nodes that are for this, in the file's order.
    pub fn parts(&self, part: Part) -> Vec<&str> {
        self.nodes.iter().filter(|n| n.kind.role.part == part).map(|n| n.name.as_str()).collect()
    }

    /// Names of the nodes that are primaries when the group has formed: those declared so, and the first of those whose part is decided then.
    pub fn primaries(&self) -> Vec<&str> {
        let members = self.parts(Part::Member);
        self.parts(Part::Primary).into_iter().chain(members.into_iter().take(self.primaries_of_members())).collect()
    }

    /// Names of the nodes that copy others when the group has formed.
    pub fn secondaries(&self) -> Vec<&str> {
        let members = self.parts(Part::Member);
        self.parts(Part::Secondary).into_iter().chain(members.into_iter().skip(self.primaries_of_members())).collect()
    }

    /// How many of the nodes whose part is decided while the group forms become primaries: the first ones, half of all unless the file says how many.
    pub fn primaries_of_members(&self) -> usize {
        self.masters.unwrap_or_else(|| self.parts(Part::Member).len().div_ceil(2))
    }

    /// Names of the nodes that speak this, in the file's order.
    pub fn speaking(&self, protocol: Protocol) -> Vec<&str> {
        self.nodes.iter().filter(|n| n.kind.system.protocol() == protocol).map(|n| n.name.as_str()).collect()
    }
}
