//! INFO and its relatives (`CLUSTER INFO`): lines of `field:value`. Checked against Redis 7.0, 8.0 and Valkey 8.1.

use crate::systems::Reply;
use std::collections::HashMap;

/// The fields of an INFO reply.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Info {
    fields: HashMap<String, String>,
}

impl Info {
    /// Reads `field:value` lines; section headers and empty lines fall away.
    pub fn parse(text: &str) -> Info {
        let fields = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.trim_end().split_once(':'));
        Info { fields: fields.map(|(k, v)| (k.to_owned(), v.to_owned())).collect() }
    }

    /// The fields of all replies that are texts, the later ones winning.
    pub fn of(answers: &[Reply]) -> Info {
        let mut info = Info::default();
        for text in answers.iter().filter_map(Reply::text) {
            info.extend(Info::parse(text));
        }
        info
    }

    pub fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    /// Adds the fields of another reply.
    pub fn extend(&mut self, other: Info) {
        self.fields.extend(other.fields);
    }

    /// `master`, `replica` or `sentinel`; the old word `slave` becomes `replica`.
    pub fn role(&self) -> Option<&'static str> {
        if self.get("redis_mode") == Some("sentinel") || self.get("server_mode") == Some("sentinel") {
            return Some("sentinel");
        }
        match self.get("role")? {
            "master" | "primary" => Some("master"),
            "slave" | "replica" => Some("replica"),
            _ => None,
        }
    }

    /// Keys in database 0.
    pub fn keys(&self) -> u64 {
        // db0:keys=3,expires=0,avg_ttl=0
        let keys = self.get("db0").and_then(|db| db.split(',').next()?.strip_prefix("keys=")?.parse().ok());
        keys.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_fields_and_keys() {
        let info = Info::parse("# Replication\r\nrole:slave\r\nmaster_link_status:up\r\n\r\n# Keyspace\r\ndb0:keys=12,expires=0,avg_ttl=0\r\n");
        assert_eq!(info.role(), Some("replica"));
        assert_eq!(info.get("master_link_status"), Some("up"));
        assert_eq!(info.keys(), 12);
        assert_eq!(Info::parse("").keys(), 0);
    }
}
