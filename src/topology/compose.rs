//! A compose file becomes a [`Topology`]: the files of a folder, one file, one text.
//!
//! You are in the right place for what a topology as a whole has to be: a formation its roles can take, addresses that are each other's own. How one
//! service is read stands in `service.rs`, the list of keys in `keys.rs`.

use super::grammar;
use super::located::{MOST, Problem};
use super::position::Path as ValuePath;
use super::reading::{Field, Reading};
use super::service::{self, Configs};
use super::variables::Variables;
use super::{NodeSpec, Topology};
use crate::confined;
use crate::systems::{self, Formation, Part};
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// Most services of a topology.
const SERVICES: usize = 100;

impl Topology {
    /// Reads a topology from the text of a compose file. `file` is used in messages, and its stem is the topology's name.
    ///
    /// Errors: everything that is wrong with the file, in the file's order.
    pub fn parse(text: &str, file: &str, variables: &Variables) -> Result<Topology, Vec<Problem>> {
        let mut reading = Reading::new(file, text);
        let mut root = reading.parse().map_err(|problem| vec![problem])?;
        reading.check_keys(&root, &ValuePath::new(), "");
        if !root.is_mapping() || reading.problems.len() >= MOST {
            return Err(reading.problems);
        }
        let under_test = service::under_test(&root);
        reading.fill(&mut root, &ValuePath::new(), variables);
        let topology = read(&mut reading, &Field::root(&root), &under_test);
        match topology {
            Some(topology) if reading.problems.is_empty() => Ok(topology),
            _ => {
                reading.problems.sort_by_key(|p| (p.line, p.column));
                reading.problems.dedup();
                Err(reading.problems)
            }
        }
    }

    /// Reads a topology from a file.
    pub fn load(path: &Path, variables: &Variables) -> Result<Topology, Vec<Problem>> {
        let file = path.display().to_string();
        let text = confined::read_text_up_to(confined::above(confined::above(path)), path, confined::TOPOLOGY)
            .map_err(|e| vec![Problem::error(&file, 1, format!("cannot be read: {e}"))])?;
        Topology::parse(&text, &file, variables)
    }
}

/// Reads every `*.yml` of a folder, by name; the problems of all files together.
pub fn load_all(dir: &Path, variables: &Variables) -> Result<Vec<Topology>, Vec<Problem>> {
    let shown = dir.display().to_string();
    let entries = std::fs::read_dir(dir).map_err(|e| vec![Problem::error(&shown, 1, format!("cannot be read: {e}"))])?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|x| x == "yml" || x == "yaml")).collect();
    files.sort();
    let mut topologies = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        if !grammar::is_name(&name) {
            let problem = Problem::error(&file.display().to_string(), 1, format!("`{}` is no name of a topology", name.escape_debug()));
            problems.push(problem.advice(grammar::NAME));
            continue;
        }
        match Topology::load(&file, variables) {
            Ok(topology) => topologies.push(topology),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(topologies) } else { Err(problems) }
}

fn read(reading: &mut Reading<'_>, root: &Field<'_>, under_test: &[String]) -> Option<Topology> {
    let extension = root.get("x-rehearsal");
    let about = extension.as_ref().and_then(|x| x.get("about")).and_then(|f| reading.text(&f)).unwrap_or_default();
    let formation = match extension.as_ref().and_then(|x| x.get("formation")) {
        Some(field) => formation(reading, &field),
        None => {
            let problem = reading.error(&root.path, "the topology says no formation");
            let names: Vec<&str> = systems::formations().map(|formation| formation.name).collect();
            reading.problems.push(problem.advice(format!("write `x-rehearsal: {{ formation: {} }}`, or {}", names[0], names[1..].join(", "))));
            None
        }
    };
    let configs = configs(reading, root);
    let subnets = service::subnets(reading, root);
    let services = root.get("services").map(|s| s.entries()).unwrap_or_default();
    if services.is_empty() {
        let problem = reading.error(&root.path, "the topology has no services");
        reading.problems.push(problem);
    }
    if services.len() > SERVICES {
        let problem = reading.error(&root.path, format!("the topology has more than {SERVICES} services"));
        reading.problems.push(problem.advice("a machine does not carry them: write a smaller one"));
        return None;
    }
    let mut nodes = Vec::new();
    for (name, field) in &services {
        nodes.extend(service::read(reading, name, field, &configs, &subnets, under_test.contains(name)));
    }
    check_addresses(reading, &services, &nodes);
    let formation = formation?;
    if nodes.len() == services.len() {
        check_roles(reading, root, formation, &nodes);
    }
    let name = Path::new(reading.file).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let masters = extension.as_ref().and_then(|x| x.get("masters")).and_then(|field| masters(reading, &field, &nodes));
    Some(Topology { name, about, formation, masters, nodes, source: reading.text.to_owned() })
}

fn formation(reading: &mut Reading<'_>, field: &Field<'_>) -> Option<&'static Formation> {
    let word = reading.text(field)?;
    let found = systems::formations().find(|formation| formation.name == word);
    if found.is_none() {
        let names = systems::formations().map(|formation| formation.name);
        let problem = reading.error(&field.path, format!("unknown formation `{word}`")).did_you_mean(&word, names);
        reading.problems.push(problem);
    }
    found
}

/// How many of the nodes whose part is decided while the group forms become primaries; fewer than three cannot agree that one of them has failed.
fn masters(reading: &mut Reading<'_>, field: &Field<'_>, nodes: &[NodeSpec]) -> Option<usize> {
    let word = reading.text(field)?;
    let members = nodes.iter().filter(|node| node.kind.role.part == Part::Member).count();
    let count = word.parse().ok().filter(|count| (3..=members).contains(count));
    if count.is_none() {
        let problem = reading.error(&field.path, format!("`masters: {word}` is not possible here"));
        reading.problems.push(problem.advice("a number of masters from 3 to the number of nodes, for the formation `cluster`"));
    }
    count
}

/// The files nodes can name, and their text.
fn configs(reading: &mut Reading<'_>, root: &Field<'_>) -> Configs {
    let mut configs = Configs::new();
    for (name, field) in root.get("configs").map(|c| c.entries()).unwrap_or_default() {
        match field.get("content") {
            Some(content) => {
                let text = reading.text(&content).unwrap_or_default();
                configs.insert(name, text);
            }
            None => {
                let problem = reading.error(&field.path, format!("config `{name}` has no content"));
                reading.problems.push(problem.advice("write the file's text under `content: |`"));
                // Known all the same, so that the services that name it are not reported as well.
                configs.insert(name, String::new());
            }
        }
    }
    configs
}

fn check_addresses(reading: &mut Reading<'_>, services: &[(String, Field<'_>)], nodes: &[NodeSpec]) {
    let mut owners: HashMap<Ipv4Addr, &str> = HashMap::new();
    for node in nodes {
        if let Some(owner) = owners.insert(node.address, &node.name)
            && let Some((_, field)) = services.iter().find(|(name, _)| *name == node.name)
        {
            let place = service::address_field(field).map_or(field.path.clone(), |f| f.path);
            let problem = reading.error(&place, format!("address {} is already that of `{owner}`", node.address));
            reading.problems.push(problem.advice("every node needs an address of its own"));
        }
    }
}

/// Whether the roles can become the formation at all.
fn check_roles(reading: &mut Reading<'_>, root: &Field<'_>, formation: &Formation, nodes: &[NodeSpec]) {
    if let Some(wanted) = formation.lacks(|role| nodes.iter().filter(|node| node.kind.role.word == role).count()) {
        let place = root.get("x-rehearsal").and_then(|x| x.get("formation")).map_or(ValuePath::new(), |f| f.path);
        let problem = reading.error(&place, format!("formation `{}` needs {wanted}", formation.name));
        reading.problems.push(problem);
    }
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
