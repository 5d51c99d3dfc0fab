//! What follows `sentinel` in a Sentinel's configuration file; the same for every version seen so far.

use crate::systems::redis_server::directives::lines;

const LIST: &str = include_str!("directives.txt");

/// Words for the parts of `sentinel monitor` that have no directive of their own.
pub const ALIASES: [&str; 2] = ["quorum", "master-name"];

/// A setting of Sentinels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directive {
    pub name: &'static str,
    /// Whether the master's name stands between the directive and its value.
    pub per_master: bool,
}

/// The setting of that name.
pub fn find(name: &str) -> Option<Directive> {
    let line = lines(LIST).find(|l| l.split(' ').next().is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
    Some(Directive { name: line.trim_end_matches(" *"), per_master: line.ends_with('*') })
}

/// Every setting, the aliases included.
pub fn names() -> impl Iterator<Item = &'static str> {
    lines(LIST).map(|l| l.trim_end_matches(" *")).chain(ALIASES)
}

/// Whether it is one of them.
pub fn is_known(name: &str) -> bool {
    ALIASES.contains(&name) || find(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_master_settings_are_marked() {
        assert_eq!(find("resolve-hostnames").map(|d| d.per_master), Some(false));
        assert_eq!(find("failover-timeout"), Some(Directive { name: "failover-timeout", per_master: true }));
    }
}
