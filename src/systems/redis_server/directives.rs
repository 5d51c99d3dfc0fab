//! The directives servers know, one list a server version under `directives/`.
//!
//! You are in the right place to add the list of a new server version: a text file with the names it answers to `CONFIG GET *`, and a line in [`LISTS`].
//! A directive is judged by the newest list of the server's family that is not newer than the server, so a patch release needs no list of its own.

use crate::topology::located::nearest;
use crate::topology::version::{Family, Version};
use std::sync::OnceLock;

/// Family, first version the list holds for, and its text.
const LISTS: [(Family, &str, &str); 7] = [
    (Family::Redis, "6.0", include_str!("directives/redis-6.0.txt")),
    (Family::Redis, "7.0", include_str!("directives/redis-7.0.txt")),
    (Family::Redis, "8.0", include_str!("directives/redis-8.0.txt")),
    (Family::Redis, "8.6", include_str!("directives/redis-8.6.txt")),
    (Family::Valkey, "8.0", include_str!("directives/valkey-8.0.txt")),
    (Family::Valkey, "8.1", include_str!("directives/valkey-8.1.txt")),
    (Family::Valkey, "9.1", include_str!("directives/valkey-9.1.txt")),
];

/// What the topology or the deployment has decided; a scenario that changed it would lose its node.
const DECIDED: [&str; 3] = ["port", "daemonize", "supervised"];

/// Directives that open what is closed by default since 7.0. Older servers do not know them, since nothing was closed.
pub const OPENING: [&str; 3] = ["enable-debug-command", "enable-module-command", "enable-protected-configs"];

/// The directives of one server, or of all of them.
#[derive(Debug, Clone)]
pub struct Directives {
    names: Vec<&'static str>,
}

impl Directives {
    /// The directives of a server version.
    pub fn of(family: Family, version: &Version) -> Directives {
        let lists = || LISTS.iter().filter(move |(f, _, _)| *f == family);
        let not_newer = lists().rfind(|(_, since, _)| Version::parse(since).is_some_and(|since| version.at_least(&since)));
        let list = not_newer.or_else(|| lists().next());
        Directives { names: list.map(|(_, _, text)| lines(text).collect()).unwrap_or_default() }
    }

    /// The directives any server knows.
    pub fn any() -> &'static Directives {
        static ANY: OnceLock<Directives> = OnceLock::new();
        ANY.get_or_init(|| {
            let mut names: Vec<&str> = LISTS.iter().flat_map(|(_, _, text)| lines(text)).collect();
            names.sort_unstable();
            names.dedup();
            Directives { names }
        })
    }

    pub fn know(&self, name: &str) -> bool {
        self.names.iter().any(|n| n.eq_ignore_ascii_case(name))
    }
}

/// Why a scenario may not set a directive, if it may not.
pub fn decided(name: &str) -> Option<String> {
    DECIDED.contains(&name).then(|| format!("`{name}` is decided by the topology and cannot be set"))
}

/// The sentence for a name nobody knows, with the nearest one there is.
pub fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`?"),
        None => format!("unknown {what} `{name}`"),
    }
}

impl Directives {
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }
}

pub(in crate::systems) fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|l| !l.is_empty() && !l.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(family: Family, version: &str) -> Directives {
        Directives::of(family, &Version::parse(version).unwrap())
    }

    #[test]
    fn the_newest_list_that_is_not_newer_counts() {
        assert!(of(Family::Redis, "7.4.2").know("io-threads-do-reads"));
        assert!(!of(Family::Redis, "7.4.2").know("replica-full-sync-buffer-limit"));
        assert!(of(Family::Redis, "8.6.0").know("replica-full-sync-buffer-limit"));
        assert!(of(Family::Redis, "6.2").know("appendonly"));
        assert!(of(Family::Valkey, "8.1.1").know("dual-channel-replication-enabled"));
    }
}
