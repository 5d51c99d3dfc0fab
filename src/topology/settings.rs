//! The table below `Given the ... topology with`: directives, and the nodes they go to.
//!
//! You are in the right place when a setting of a scenario reaches the wrong node or none. The rules:
//!
//! - `KEY` goes to every role that knows it: a server's directive to all servers, a Sentinel's setting to all Sentinels.
//! - `replica-1.KEY` (a node) or `replica.KEY`, `sentinel.KEY` (a role) narrows it, and wins over a wider one. This is also the way to give a Sentinel one
//!   of the directives it shares with servers, as in `sentinel.loglevel`.
//! - `quorum` stands for the last word of `sentinel monitor`, `master-name` for the name in it.
//! - A value is split into words as in a configuration file; an empty one is `""`.

use super::located::nearest;
use super::servers::Server;
use super::words;
use super::{NodeSpec, Topology};
use crate::systems::redis_server::directives::{self, Directives};
use crate::systems::{self, Syntax};

/// The rows of a table, each with the nodes it goes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// From the widest to the narrowest, so that the narrowest is applied last.
    rows: Vec<Setting>,
}

#[derive(Debug, Clone, PartialEq)]
struct Setting {
    /// As in the table.
    key: String,
    reach: Reach,
    directive: String,
    words: Vec<String>,
    /// Names of the nodes it goes to; not empty.
    nodes: Vec<String>,
}

/// How a row says its nodes, widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Everybody,
    Role,
    Node,
}

impl Settings {
    /// Reads the rows (directive, value) of a table for a topology. Errors: one sentence about the first row that is wrong, with the nearest right word.
    pub fn parse(rows: &[(String, String)], topology: &Topology) -> Result<Settings, String> {
        let mut rows = rows.iter().map(|(key, value)| setting(key.trim(), value.trim(), topology)).collect::<Result<Vec<Setting>, String>>()?;
        rows.sort_by_key(|row| row.reach);
        Ok(Settings { rows })
    }

    /// Whether a server knows every directive of the table; otherwise a sentence about the first it does not know.
    pub fn known_to(&self, server: &Server) -> Result<(), String> {
        let (family, version) = (server.family(), server.version());
        let known = Directives::of(family, &version);
        let any = Directives::any();
        let opening = |directive: &str| directives::OPENING.contains(&directive);
        let strange = self.rows.iter().find(|row| any.know(&row.directive) && !known.know(&row.directive) && !opening(&row.directive));
        strange.map_or(Ok(()), |row| Err(format!("{family} {version} does not know the directive `{}`", row.directive)))
    }

    /// The settings for a server that may be older than what they open: a gate it does not have is open, and its directive would only end it.
    #[must_use]
    pub fn for_server(mut self, server: &Server) -> Settings {
        let known = Directives::of(server.family(), &server.version());
        self.rows.retain(|row| known.know(&row.directive) || !directives::OPENING.contains(&row.directive.as_str()));
        self
    }

    /// The topology with the settings in its command lines and Sentinel files.
    pub fn apply(&self, mut topology: Topology) -> Topology {
        for row in &self.rows {
            for node in topology.nodes.iter_mut().filter(|n| row.nodes.contains(&n.name)) {
                set(node, &row.directive, &row.words);
            }
        }
        topology
    }
}

/// Applies a server's `append` lines to the nodes that run it, after a scenario's own settings. Lines were checked when the catalogue was read. A node or role that a
/// topology does not have is none of this topology's business: one server is played in many.
pub fn apply_append(append: &[String], mut topology: Topology) -> Topology {
    for line in append {
        let (target, line) = aimed(line);
        let Some(mut words) = words::split(line).filter(|w| !w.is_empty()) else { continue };
        // A line that begins with a system's own word is for its nodes: `sentinel quorum 9`.
        let prefix = (words.len() > 1).then(|| prefixes().find(|prefix| *prefix == words[0])).flatten();
        if prefix.is_some() {
            words.remove(0);
        }
        let directive = words.remove(0);
        let meant = |n: &&mut NodeSpec| {
            let aimed_at = target.is_none_or(|target| n.name == target || n.kind.role.word == target);
            let of_its_kind = syntax(n).is_some_and(|syntax| syntax.prefix() == prefix || (prefix.is_none() && target.is_some()));
            n.under_test && aimed_at && of_its_kind
        };
        for node in topology.nodes.iter_mut().filter(meant) {
            set(node, &directive, &words);
        }
    }
    topology
}

/// The node or role before a line of `append`, if there is one, and the line: `node-2.cluster-announce-ip 10.0.0.1`, `sentinel-3.quorum 9`. No directive has a dot in its name.
pub(super) fn aimed(line: &str) -> (Option<&str>, &str) {
    let first = line.split_whitespace().next().unwrap_or_default();
    match first.split_once('.') {
        Some((target, _)) => (Some(target), line.trim_start().split_at(target.len() + 1).1),
        None => (None, line),
    }
}

fn setting(key: &str, value: &str, topology: &Topology) -> Result<Setting, String> {
    let (reach, nodes, directive) = match key.split_once('.') {
        Some((target, directive)) => narrow(target, directive, topology)?,
        None => (Reach::Everybody, everybody(key, topology)?, key),
    };
    let of_nodes = || nodes.iter().filter_map(|node| syntax(node));
    if let Some(decided) = syntaxes().find_map(|syntax| syntax.decided(directive)) {
        return Err(decided);
    }
    let mut words = words::split(value).ok_or_else(|| format!("a quote in the value of `{key}` is not closed"))?;
    if words.is_empty() {
        words.push(String::new());
    }
    if let Some(fault) = of_nodes().find_map(|syntax| syntax.fault(directive, &words)) {
        return Err(fault);
    }
    for node in &nodes {
        reachable(node, key)?;
    }
    let nodes = nodes.into_iter().map(|n| n.name.clone()).collect();
    Ok(Setting { key: key.to_owned(), reach, directive: directive.to_owned(), words, nodes })
}

/// The nodes of every system that calls the directive its own.
fn everybody<'t>(directive: &str, topology: &'t Topology) -> Result<Vec<&'t NodeSpec>, String> {
    let owners: Vec<&dyn Syntax> = syntaxes().filter(|syntax| syntax.owns(directive)).collect();
    let Some(owner) = owners.iter().max_by_key(|owner| owner.prefix().is_some()) else {
        let known: Vec<&str> = syntaxes().flat_map(Syntax::names).collect();
        return Err(directives::unknown("directive", directive, known));
    };
    let nodes: Vec<&NodeSpec> = topology.nodes.iter().filter(|n| syntax(n).is_some_and(|syntax| syntax.owns(directive))).collect();
    if nodes.is_empty() {
        return Err(format!("`{directive}` is for a {}, and the \"{}\" topology has none", owner.noun(), topology.name));
    }
    Ok(nodes)
}

/// The nodes a `target.` means: one by name, or all of a role.
fn narrow<'t, 'k>(target: &str, directive: &'k str, topology: &'t Topology) -> Result<(Reach, Vec<&'t NodeSpec>, &'k str), String> {
    let (reach, nodes) = match topology.node(target) {
        Some(node) => (Reach::Node, vec![node]),
        None => (Reach::Role, topology.nodes.iter().filter(|n| n.kind.role.word == target).collect()),
    };
    if nodes.is_empty() {
        let roles = topology.nodes.iter().map(|n| n.kind.role.word);
        let known = topology.nodes.iter().map(|n| n.name.as_str()).chain(roles);
        let advice = nearest(target, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(format!("the \"{}\" topology has no node or role `{target}`{advice}", topology.name));
    }
    for node in &nodes {
        // A program without settings is told of where its place is looked for.
        let Some(own) = syntax(node).filter(|syntax| !syntax.takes(directive)) else { continue };
        return Err(match syntaxes().find(|other| other.owns(directive)) {
            Some(other) => format!("`{directive}` is a {}'s setting, and `{}` is a {}", other.noun(), node.name, own.noun()),
            None => directives::unknown("directive", directive, own.names()),
        });
    }
    Ok((reach, nodes, directive))
}

fn syntax(node: &NodeSpec) -> Option<&'static dyn Syntax> {
    node.kind.system.settings()
}

fn syntaxes() -> impl Iterator<Item = &'static dyn Syntax> {
    systems::all().filter_map(systems::System::settings)
}

/// Words with which lines of `append` say whose they are.
pub(super) fn prefixes() -> impl Iterator<Item = &'static str> {
    syntaxes().filter_map(Syntax::prefix)
}

/// Whether there is a place in a node's specification to write a setting to.
fn reachable(node: &NodeSpec, key: &str) -> Result<(), String> {
    let Some(syntax) = syntax(node) else {
        return Err(format!("nothing is known of the settings of `{}`: `{key}` has no meaning there", node.name));
    };
    syntax.no_place(&node.command, &node.files).map_or(Ok(()), |lacks| Err(format!("`{}` {lacks} `{key}` to", node.name)))
}

/// Writes one setting into a node's specification.
fn set(node: &mut NodeSpec, directive: &str, words: &[String]) {
    if let Some(syntax) = syntax(node) {
        syntax.set(&mut node.command, &mut node.files, directive, words);
    }
}

/// Checks a line of `append`: `directive value`, or `sentinel directive value`.
pub(super) fn check_line(known: &Directives, line: &str) -> Result<(), String> {
    let words = words::split(line).ok_or_else(|| format!("a quote in `{line}` is not closed"))?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let own = words.first().and_then(|first| syntaxes().find(|syntax| syntax.prefix() == Some(first)));
    match (own, words.as_slice()) {
        (_, []) => Err("an empty directive".to_owned()),
        (Some(syntax), [_, name, _, ..]) if syntax.owns(name) => Ok(()),
        (Some(syntax), [_, name, ..]) => {
            let own = syntax.names().into_iter().filter(|known| syntax.owns(known));
            Err(directives::unknown(&format!("{} setting", syntax.noun()), name, own))
        }
        (_, [name, ..]) if !known.know(name) => Err(directives::unknown("directive", name, known.names())),
        (_, [name]) => Err(format!("directive `{name}` has no value")),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
