//! What this program carries, so that it works in any folder: the topologies of compose/ and the catalogue of servers.
//!
//! You are in the right place for the rule which file counts: the project's own, if it has one of that name, else the one built in.

use super::Topology;
use super::compose;
use super::grammar;
use super::located::Problem;
use super::servers::Catalogue;
use super::variables::Variables;
use crate::confined;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Name and text of every built-in topology, by name; `build.rs` makes the list.
const TOPOLOGIES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/topologies.rs"));

/// The built-in catalogue of servers.
pub const SERVERS: &str = include_str!("../../compose/servers.toml");

/// Whose a topology or a catalogue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A file of the project.
    Project,
    /// Part of this program.
    BuiltIn,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Origin::Project => "of the project",
            Origin::BuiltIn => "built in",
        })
    }
}

/// Whose topology of that name counts for a project with this folder; `None` when there is none.
pub fn origin(folder: &Path, name: &str) -> Option<Origin> {
    if own(folder, name).is_file() { Some(Origin::Project) } else { built_in(name).map(|_| Origin::BuiltIn) }
}

/// The text of a topology, part of its scenarios' text hash: the same text is the same hash, whoever has the file.
pub fn source(folder: &Path, name: &str) -> Option<String> {
    let own = Some(own(folder, name)).filter(|_| grammar::is_name(name));
    own.and_then(|file| confined::read_text_up_to(confined::above(folder), &file, confined::TOPOLOGY).ok())
        .or_else(|| built_in(name).map(str::to_owned))
}

/// Reads the topology of that name.
///
/// # Errors
/// There is none, or all that is wrong with it.
pub fn topology(folder: &Path, name: &str, variables: &Variables) -> Result<Topology, Vec<Problem>> {
    match (own(folder, name), built_in(name)) {
        (file, Some(text)) if !is_there(&file) => Topology::parse(text, &place(name), variables),
        (file, _) => Topology::load(&file, variables),
    }
}

/// Reads the built-in topology of that name, whatever the project has.
///
/// # Errors
/// There is none.
pub fn carried(name: &str, variables: &Variables) -> Result<Topology, Vec<Problem>> {
    let missing = || vec![Problem::error(&place(name), 1, "no topology of this name is built in")];
    Topology::parse(built_in(name).ok_or_else(missing)?, &place(name), variables)
}

/// Every topology a project can name, by name: its own, and the built-in ones of which it has no version of its own.
///
/// # Errors
/// All that is wrong with the project's files.
pub fn topologies(folder: &Path, variables: &Variables) -> Result<Vec<Topology>, Vec<Problem>> {
    let own = if folder.is_dir() { compose::load_all(folder, variables)? } else { Vec::new() };
    let mut all: BTreeMap<String, Topology> = own.into_iter().map(|topology| (topology.name.clone(), topology)).collect();
    for (name, text) in TOPOLOGIES {
        if !all.contains_key(*name) {
            all.insert((*name).to_owned(), Topology::parse(text, &place(name), variables)?);
        }
    }
    Ok(all.into_values().collect())
}

/// The catalogue of servers of a project whose file would be this one.
///
/// # Errors
/// All that is wrong with the project's file.
pub fn servers(file: &Path) -> Result<Catalogue, Vec<Problem>> {
    if is_there(file) { Catalogue::load(file) } else { Catalogue::parse(SERVERS, "compose/servers.toml (built in)") }
}

fn own(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.yml"))
}

fn built_in(name: &str) -> Option<&'static str> {
    TOPOLOGIES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// How messages name a file that is nobody's.
fn place(name: &str) -> String {
    format!("compose/{name}.yml (built in)")
}

/// Whether a project has a file of its own there: a link that leads nowhere is one, and shall be told rather than replaced by what is built in.
pub fn is_there(file: &Path) -> bool {
    std::fs::symlink_metadata(file).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOWHERE: &str = "/dev/null/compose";

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("compose")
    }

    #[test]
    fn every_file_of_compose_is_carried_and_right() {
        let there = compose::load_all(&folder(), &Variables::default()).unwrap();
        let carried = topologies(Path::new(NOWHERE), &Variables::default()).unwrap();
        assert!(there.len() > 3);
        assert_eq!(carried, there, "the same topologies with the same texts, and so with the same hashes");
        assert!(servers(Path::new(NOWHERE)).is_ok_and(|catalogue| !catalogue.servers().is_empty()));
    }

    #[test]
    fn a_file_of_the_project_wins() {
        let dir = tempfile::tempdir().unwrap();
        let text = built_in("standalone").unwrap().replace("One server alone.", "Ours.");
        std::fs::write(dir.path().join("standalone.yml"), &text).unwrap();
        let about = |name: &str| topology(dir.path(), name, &Variables::default()).map(|t| t.about).unwrap();
        assert_eq!((about("standalone").as_str(), origin(dir.path(), "standalone")), ("Ours.", Some(Origin::Project)));
        assert_eq!((about("sentinel").is_empty(), origin(dir.path(), "sentinel")), (false, Some(Origin::BuiltIn)));
        assert_eq!((source(dir.path(), "standalone"), origin(dir.path(), "nobody")), (Some(text), None));
        assert_ne!(carried("standalone", &Variables::default()).unwrap().about, "Ours.");
        let all = topologies(dir.path(), &Variables::default()).unwrap();
        assert_eq!(all.iter().filter(|t| t.name == "standalone").count(), 1);
    }

    #[test]
    fn a_bad_file_of_the_project_is_no_reason_to_take_another() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("standalone.yml"), "name: [").unwrap();
        assert!(topology(dir.path(), "standalone", &Variables::default()).is_err());
        assert!(topologies(dir.path(), &Variables::default()).is_err());
    }
}
