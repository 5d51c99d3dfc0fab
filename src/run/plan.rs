//! What a run would take, pull, build and start here, as far as files of the project decide it: to be read before it happens.
//!
//! You are in the right place when something was started that nobody had announced. Servers and topologies that are built into the program are not the project's, and neither is a copy of one.

use super::project::Project;
use crate::topology::servers::{Catalogue, Server};
use crate::topology::{Problem, Topology, Variables, built_in, words};
use std::fmt;

/// One thing that a run would do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Item {
    /// The file that says so, from the project's root.
    pub file: String,
    /// The server, or topology and node.
    pub name: String,
    pub does: String,
    /// Whether the project decides it: the program carries nothing that says the same.
    pub own: bool,
}

/// Everything a run of the whole project could do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub items: Vec<Item>,
}

impl Plan {
    /// What the project's files come to.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn of(project: &Project) -> Result<Plan, Vec<Problem>> {
        let carried = Catalogue::parse(built_in::SERVERS, "compose/servers.toml (built in)")?;
        let mut items: Vec<Item> = project.servers()?.servers().iter().map(|one| server(one, "compose/servers.toml", &carried)).collect();
        // Directives alone make no other program.
        let broken = project.broken()?.into_iter().map(|broken| broken.server).filter(|server| server.binary.is_some());
        items.extend(broken.map(|one| server(&one, "compose/broken.toml", &carried)));
        for topology in project.topologies()? {
            let same = built_in::carried(&topology.name, &Variables::default()).is_ok_and(|carried| carried.source == topology.source);
            items.extend(nodes(&topology, !same));
        }
        Ok(Plan { items })
    }

    /// What only this project's files say.
    pub fn own(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.own)
    }
}

fn server(server: &Server, file: &str, carried: &Catalogue) -> Item {
    let own = !carried.servers().iter().any(|known| known.image == server.image && known.debian == server.debian && server.binary.is_none());
    let built = server.debian.as_ref().map_or(String::new(), |suite| format!(", or else built from {} of Debian's {suite}", server.package));
    let binary = server.binary.as_ref().map_or(String::new(), |path| format!("; runs {} of this project in it", path.display()));
    let does = format!("takes the image {}, which is pulled if it is not here{built}{binary}", server.image);
    Item { file: file.to_owned(), name: server.name.clone(), does, own }
}

/// Nodes whose image the topology names itself.
fn nodes(topology: &Topology, own: bool) -> impl Iterator<Item = Item> {
    topology.nodes.iter().filter(|node| !node.under_test).map(move |node| {
        let command = if node.command.is_empty() {
            "its own program".to_owned()
        } else {
            node.command.iter().map(|word| words::quote(word)).collect::<Vec<_>>().join(" ")
        };
        Item {
            file: format!("compose/{}.yml", topology.name),
            name: format!("{}/{}", topology.name, node.name),
            does: format!("takes the image {}, which is pulled if it is not here, and starts {command} in it", node.image),
            own,
        }
    })
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.name, self.file, self.does)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_the_program_carries_is_not_the_projects() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("compose")).unwrap();
        let project = Project::at(dir.path());
        assert_eq!(Plan::of(&project).unwrap().own().count(), 0);
        // A copy of what is built in, as `init` writes it, is nothing new.
        fs::write(project.servers_file(), built_in::SERVERS).unwrap();
        assert_eq!(Plan::of(&project).unwrap().own().count(), 0);
        fs::write(
            project.servers_file(),
            "mine-7.0 = { image = \"registry.example/x:7.0\", debian = \"bookworm\", binary = \"bin/x\", package = \"redis\" }\n",
        )
        .unwrap();
        let plan = Plan::of(&project).unwrap();
        let own: Vec<String> = plan.own().map(Item::to_string).collect();
        assert_eq!(
            own,
            [
                "mine-7.0 (compose/servers.toml): takes the image registry.example/x:7.0, which is pulled if it is not here, or else built from redis of Debian's bookworm; runs bin/x of this project in it"
            ]
        );
    }
}
