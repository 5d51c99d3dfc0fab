//! The table below `Given the ... topology with`: directives, and the nodes they go to.
//!
//! You are in the right place when a setting of a scenario reaches the wrong node or none. The rules:
//!
//! - `KEY` goes to every role that knows it: a server's directive to all servers, a Sentinel's setting to all Sentinels.
//! - `replica-1.KEY` (a node) or `replica.KEY`, `sentinel.KEY` (a role) narrows it, and wins over a wider one. This is also the way to give a Sentinel one
//!   of the directives it shares with servers, as in `sentinel.loglevel`.
//! - `quorum` stands for the last word of `sentinel monitor`, `master-name` for the name in it.
//! - A value is split into words as in a configuration file; an empty one is `""`.

use super::directives::{self, Directives};
use super::located::nearest;
use super::servers::Server;
use super::words;
use super::{NodeSpec, Role, Topology};

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
        let to_sentinels = words.len() > 1 && words[0] == "sentinel";
        if to_sentinels {
            words.remove(0);
        }
        let directive = words.remove(0);
        let meant = |n: &&mut NodeSpec| {
            let aimed_at = target.is_none_or(|target| n.name == target || n.role.to_string() == target);
            let of_its_kind = if to_sentinels { n.role == Role::Sentinel } else { is_server(n) || (target.is_some() && n.role == Role::Sentinel) };
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
    if let Some(decided) = directives::decided(directive) {
        return Err(decided);
    }
    let mut words = words::split(value).ok_or_else(|| format!("a quote in the value of `{key}` is not closed"))?;
    if words.is_empty() {
        words.push(String::new());
    }
    if directive == "quorum" && value.parse::<u32>().is_err() {
        return Err(format!("`quorum` is a number of Sentinels, not `{value}`"));
    }
    if directive == "master-name" && words.len() != 1 {
        return Err(format!("`master-name` is one word, not `{value}`"));
    }
    for node in &nodes {
        reachable(node, key)?;
    }
    let nodes = nodes.into_iter().map(|n| n.name.clone()).collect();
    Ok(Setting { key: key.to_owned(), reach, directive: directive.to_owned(), words, nodes })
}

/// The nodes of every role that knows the directive.
fn everybody<'t>(directive: &str, topology: &'t Topology) -> Result<Vec<&'t NodeSpec>, String> {
    let servers = Directives::any();
    let for_sentinels = is_sentinel_setting(directive);
    let for_servers = servers.know(directive);
    if !for_servers && !for_sentinels {
        let known = servers.names().chain(directives::sentinel_names());
        return Err(directives::unknown("directive", directive, known));
    }
    let nodes = topology.nodes.iter().filter(|n| (for_servers && is_server(n)) || (for_sentinels && n.role == Role::Sentinel));
    let nodes: Vec<&NodeSpec> = nodes.collect();
    if nodes.is_empty() {
        let who = if for_sentinels { "Sentinel" } else { "server" };
        return Err(format!("`{directive}` is for a {who}, and the \"{}\" topology has none", topology.name));
    }
    Ok(nodes)
}

/// The nodes a `target.` means: one by name, or all of a role.
fn narrow<'t, 'k>(target: &str, directive: &'k str, topology: &'t Topology) -> Result<(Reach, Vec<&'t NodeSpec>, &'k str), String> {
    let (reach, nodes) = match topology.node(target) {
        Some(node) => (Reach::Node, vec![node]),
        None => (Reach::Role, topology.nodes.iter().filter(|n| n.role.to_string() == target).collect()),
    };
    if nodes.is_empty() {
        let roles: Vec<String> = topology.nodes.iter().map(|n| n.role.to_string()).collect();
        let known = topology.nodes.iter().map(|n| n.name.as_str()).chain(roles.iter().map(String::as_str));
        let advice = nearest(target, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(format!("the \"{}\" topology has no node or role `{target}`{advice}", topology.name));
    }
    let servers = Directives::any();
    for node in &nodes {
        let sentinel = node.role == Role::Sentinel;
        let known = servers.know(directive) || (sentinel && is_sentinel_setting(directive));
        if !known {
            if is_sentinel_setting(directive) {
                return Err(format!("`{directive}` is a Sentinel's setting, and `{}` is a server", node.name));
            }
            let extra: Vec<&str> = if sentinel { directives::sentinel_names().collect() } else { Vec::new() };
            return Err(directives::unknown("directive", directive, servers.names().chain(extra)));
        }
    }
    Ok((reach, nodes, directive))
}

fn is_sentinel_setting(directive: &str) -> bool {
    directives::ALIASES.contains(&directive) || directives::sentinel(directive).is_some()
}

fn is_server(node: &NodeSpec) -> bool {
    matches!(node.role, Role::Master | Role::Replica | Role::Node)
}

/// Whether there is a place in a node's specification to write a setting to.
fn reachable(node: &NodeSpec, key: &str) -> Result<(), String> {
    match node.role {
        Role::Other => Err(format!("`{}` is no Redis server: `{key}` has no meaning there", node.name)),
        Role::Sentinel if sentinel_file(node).is_none() => {
            Err(format!("`{}` has no file with a `sentinel monitor` line to write `{key}` to", node.name))
        }
        Role::Sentinel => Ok(()),
        _ if node.command.is_empty() => Err(format!("`{}` has no command line to append `{key}` to", node.name)),
        _ => Ok(()),
    }
}

fn sentinel_file(node: &NodeSpec) -> Option<usize> {
    node.files.iter().position(|f| f.content.lines().any(|l| l.trim_start().starts_with("sentinel monitor ")))
}

/// Writes one setting into a node's specification.
fn set(node: &mut NodeSpec, directive: &str, words: &[String]) {
    if node.role == Role::Sentinel {
        if let Some(index) = sentinel_file(node) {
            let content = &mut node.files[index].content;
            *content = super::sentinel_conf::set(content, directive, words);
        }
    } else if !node.command.is_empty() {
        // The last one of a directive counts, for a server as for us.
        node.command.push(format!("--{directive}"));
        node.command.extend_from_slice(words);
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
