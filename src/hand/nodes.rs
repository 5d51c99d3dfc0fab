//! Nodes as people name them on a command line: `replica-1`, `"the master"`, `master`, `"every Sentinel"`.
//!
//! You are in the right place when a word is not understood. What a role means at this moment is the world's business (`world/naming.rs`); the name of a node
//! comes before a role of the same word.

use super::trouble::Trouble;
use crate::steps::params::{Nodes, Who};
use crate::systems::{self, Part};
use crate::topology::Topology;
use crate::topology::located::nearest;

/// Roles as sentences have them; "the" may be left out.
fn roles() -> Vec<String> {
    let mut words = Vec::new();
    for role in systems::all().flat_map(|system| system.roles()) {
        let noun = role.noun;
        match role.part {
            Part::Primary => words.extend([format!("the {noun}"), format!("the old {noun}"), format!("the new {noun}"), format!("every {noun}")]),
            Part::Secondary => words.extend([format!("a {noun}"), format!("every {noun}"), format!("the {noun}s")]),
            Part::Observer => words.extend([format!("every {noun}"), format!("the {noun}s")]),
            Part::Member | Part::Apart => {}
        }
    }
    words.push("every node".to_owned());
    words
}

/// What a word means in this topology.
///
/// # Errors
/// Neither a node nor a role: the nearest of them, or all nodes.
pub fn meant(word: &str, topology: &Topology) -> Result<Nodes, Trouble> {
    let word = word.trim().trim_matches('"');
    if topology.node(word).is_some() {
        return Ok(named(&[word.to_owned()]));
    }
    let lower = word.to_lowercase();
    let roles = roles();
    let same = |role: &&String| {
        role.to_lowercase() == lower || role.split_once(' ').is_some_and(|(_, rest)| rest.to_lowercase() == lower && !rest.ends_with('s'))
    };
    if let Some(nodes) = roles.iter().find(same).and_then(|role| role.parse().ok()) {
        return Ok(nodes);
    }
    let names = || topology.nodes.iter().map(|node| node.name.as_str());
    let near = nearest(word, names().chain(roles.iter().map(String::as_str)));
    let help = near.map_or_else(
        || format!("it has {}; roles as in \"the master\", \"a replica\" work too", names().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean \"{near}\"?"),
    );
    Err(Trouble::usage(format!("no node \"{word}\" in the \"{}\" topology", topology.name), help))
}

/// Nodes by their names, as a sentence has them.
pub fn named(names: &[String]) -> Nodes {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let text = match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    };
    Nodes { text, who: Who::Named(names.to_vec()), any: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{Variables, built_in};

    #[test]
    fn names_come_before_roles_and_what_is_neither_has_a_neighbour() {
        let of = |name: &str| built_in::carried(name, &Variables::default()).unwrap();
        let (sentinel, cluster) = (of("sentinel"), of("cluster"));
        assert_eq!(meant("master", &sentinel).unwrap().text, "\"master\"");
        assert_eq!(meant("The Master", &sentinel).unwrap().who, Who::Now("master"));
        assert_eq!(meant("master", &cluster).unwrap().who, Who::Now("master"));
        assert_eq!(meant("old master", &sentinel).unwrap().who, Who::Old("master"));
        assert_eq!(meant("every sentinel", &sentinel).unwrap().who, Who::Declared("sentinel"));
        assert!(meant("replica", &sentinel).unwrap().any);
        assert!(meant("replica-l", &sentinel).unwrap_err().to_string().contains("did you mean \"replica-1\"?"));
        assert!(meant("elephant", &sentinel).unwrap_err().to_string().contains("it has master, replica-1"));
        assert_eq!(named(&["a".into(), "b".into(), "c".into()]).text, "\"a\", \"b\" and \"c\"");
    }
}
