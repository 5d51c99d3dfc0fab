//! Which servers a scenario speaks about: families, versions, and the tags `@since:` and `@until:`.
//!
//! You are in the right place when a scenario is not applicable to a server and should be, or the other way round. The rules:
//!
//! - `@since:redis-7.0` holds for Redis 7.0 and later, `@until:redis-7.4` for Redis up to and including every 7.4.x.
//! - Valkey was forked from Redis 7.2.4. A bound on Redis takes a Valkey server as Redis 7.2, as long as no bound on Valkey stands beside it;
//!   with one, only that one counts.
//! - `@since:valkey-8.0` without a bound on Redis is about something Redis does not have: no Redis server can show it. `@until:valkey-8.0` alone says
//!   nothing about Redis.

use super::servers::Server;
use std::fmt;

/// Who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    Redis,
    Valkey,
}

/// A version, as many numbers as were written: `7.0.15` is `[7, 0, 15]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Version(Vec<u32>);

/// A tag that limits a scenario to some servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    kind: Kind,
    family: Family,
    version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Since,
    Until,
}

impl Version {
    /// The numbers a text starts with: `7.0.15-bookworm` is 7.0.15. `None` when it starts with none.
    pub fn parse(text: &str) -> Option<Version> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let numbers: Option<Vec<u32>> = text[..end].trim_end_matches('.').split('.').map(|n| n.parse().ok()).collect();
        numbers.map(Version)
    }

    /// Compares as many numbers as the other one says: 7.4.2 equals 7.4.
    fn compare(&self, other: &Version) -> std::cmp::Ordering {
        let mut own = self.0.clone();
        own.resize(other.0.len(), 0);
        own.cmp(&other.0)
    }

    /// Whether this version is that one or later, at the precision of the other.
    pub fn at_least(&self, other: &Version) -> bool {
        self.compare(other).is_ge()
    }
}

impl Bound {
    /// Reads a tag, with or without its `@`. `None` for a tag of another kind.
    pub fn parse(tag: &str) -> Option<Result<Bound, String>> {
        let tag = tag.trim_start_matches('@');
        let (kind, rest) = tag.split_once(':')?;
        let kind = match kind {
            "since" => Kind::Since,
            "until" => Kind::Until,
            _ => return None,
        };
        let bound = rest.split_once('-').and_then(|(family, version)| {
            let family = match family {
                "redis" => Family::Redis,
                "valkey" => Family::Valkey,
                _ => return None,
            };
            let whole = version.chars().all(|c| c.is_ascii_digit() || c == '.');
            Some(Bound { kind, family, version: Version::parse(version).filter(|_| whole)? })
        });
        Some(bound.ok_or_else(|| format!("`@{tag}` is not a version: write `@since:redis-7.0` or `@until:valkey-8.0`")))
    }

    /// For people: `since redis 7.0`.
    pub fn plain(&self) -> String {
        self.to_string().trim_start_matches("holds ").to_owned()
    }

    fn holds(&self, version: &Version) -> bool {
        let order = version.compare(&self.version);
        match self.kind {
            Kind::Since => order.is_ge(),
            Kind::Until => order.is_le(),
        }
    }
}

/// Whether a scenario with these tags speaks about a server; otherwise the reason, as a sentence fragment. A tag that cannot be read excludes
/// every server, so that `check` has to be asked.
pub fn applies<T: AsRef<str>>(tags: &[T], server: &Server) -> Result<(), String> {
    let bounds: Vec<Bound> = tags.iter().filter_map(|t| Bound::parse(t.as_ref())).collect::<Result<_, _>>()?;
    let (family, version) = (server.family(), &server.version());
    let of = |family: Family| bounds.iter().filter(move |b| b.family == family);
    if of(family).next().is_some() {
        return of(family).find(|b| !b.holds(version)).map_or(Ok(()), |b| Err(format!("{b}; this is {family} {version}")));
    }
    match family {
        Family::Valkey => {
            let fork = Version(vec![7, 2]);
            let broken = of(Family::Redis).find(|b| !b.holds(&fork));
            broken.map_or(Ok(()), |b| Err(format!("{b}; {family} {version} was forked from redis 7.2")))
        }
        Family::Redis => {
            let broken = of(Family::Valkey).find(|b| b.kind == Kind::Since);
            broken.map_or(Ok(()), |b| Err(format!("{b}; this is {family} {version}")))
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Family::Redis => "redis",
            Family::Valkey => "valkey",
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.pad(&numbers.join("."))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Since => "since",
            Kind::Until => "until",
        };
        write!(f, "holds {kind} {} {}", self.family, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::servers::Catalogue;

    fn judge(image: &str, tags: &[&str]) -> Result<(), String> {
        let catalogue = Catalogue::parse(&format!("x = {{ image = \"{image}\" }}"), "servers.toml").unwrap();
        applies(tags, catalogue.default_server())
    }

    #[test]
    fn redis_is_judged_by_its_version() {
        assert_eq!(judge("redis:7.0.15", &["@since:redis-7.0", "@sentinel"]), Ok(()));
        assert_eq!(judge("redis:7.4.3", &["until:redis-7.4"]), Ok(()));
        assert_eq!(judge("redis:7.0.15", &["@since:redis-7.2"]), Err("holds since redis 7.2; this is redis 7.0.15".to_owned()));
        assert_eq!(judge("redis:8.0.2", &["@until:redis-7.4"]), Err("holds until redis 7.4; this is redis 8.0.2".to_owned()));
    }

    #[test]
    fn valkey_counts_as_redis_7_2_until_a_bound_names_it() {
        assert_eq!(judge("valkey/valkey:8.1.1", &["@since:redis-7.0"]), Ok(()));
        assert_eq!(judge("valkey/valkey:8.1.1", &["@until:redis-7.4"]), Ok(()));
        assert_eq!(
            judge("valkey/valkey:8.1.1", &["@since:redis-8.0"]),
            Err("holds since redis 8.0; valkey 8.1.1 was forked from redis 7.2".to_owned())
        );
        assert_eq!(judge("valkey/valkey:8.1.1", &["@since:redis-8.0", "@since:valkey-8.0"]), Ok(()));
    }

    #[test]
    fn what_only_valkey_has_does_not_apply_to_redis() {
        assert!(judge("redis:8.0.2", &["@since:valkey-8.0"]).is_err());
        assert_eq!(judge("redis:8.0.2", &["@until:valkey-8.0"]), Ok(()));
    }

    #[test]
    fn a_bound_that_cannot_be_read_says_so() {
        assert!(judge("redis:7.0.15", &["@since:7.0"]).unwrap_err().contains("@since:redis-7.0"));
        assert!(Bound::parse("@needs:waitaof").is_none());
        assert!(Bound::parse("@since:redis-7.x").unwrap().is_err());
    }
}
