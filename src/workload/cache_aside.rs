//! An application that keeps its records in a database and copies of them in Redis, by the pattern called *cache-aside*: it writes the database first and the
//! copy after it; it reads the copy, and on a miss the database, and puts the copy back.
//!
//! The database is a map in this process: it loses nothing, which is what the pattern asks of one. The Redis servers are real ones. What can be said
//! of a round of reads is counted in [`Round`].

use crate::error::{Cause, StepError};
use crate::probe::{Client, ProbeError};
use crate::systems::Reply;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

/// The application. It knows one Redis to write copies to, and is told for each round of reads which one to read from.
#[derive(Debug)]
pub struct CacheAside {
    /// Records by name, as committed last.
    database: BTreeMap<String, String>,
    /// How often records were changed; part of their values.
    version: u32,
    cache: Cache,
    /// How long a copy lives; for ever if not told.
    lives: Option<Duration>,
    /// The last round of reads.
    pub round: Option<Round>,
}

/// A Redis server as the application knows it.
#[derive(Debug, Clone)]
pub struct Cache {
    pub node: String,
    pub client: Rc<Client>,
}

/// What a round of reads came away with: every record read once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Reads that the one Redis asked had a copy for.
    pub hits: usize,
    /// Reads that had to go to the database.
    pub misses: usize,
    /// Of the hits, those that differ from what the database holds.
    pub old: usize,
    /// Of the misses, those whose copy was put back.
    pub refilled: usize,
}

/// What became of a round of writes. The database has all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    pub acknowledged: usize,
    /// What was said of the copies that were not, each once.
    pub failures: Vec<String>,
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from the cache, {} of them old; {} from the database, {} put back", self.hits, self.old, self.misses, self.refilled)
    }
}

impl CacheAside {
    /// An application with an empty database.
    pub fn new(cache: Cache, lives: Option<Duration>) -> CacheAside {
        CacheAside { database: BTreeMap::new(), version: 0, cache, lives, round: None }
    }

    /// From now on copies are written to another server.
    pub fn move_to(&mut self, cache: Cache) {
        self.cache = cache;
    }

    /// Saves so many new records: each in the database, then its copy.
    pub async fn save(&mut self, count: usize) -> Copied {
        let first = self.database.len();
        let names: Vec<String> = (first..first + count).map(|n| format!("record:{n}")).collect();
        self.write(&names).await
    }

    /// Changes every record there is: in the database, then its copy.
    ///
    /// # Errors
    /// There is none.
    pub async fn change_all(&mut self) -> Result<Copied, StepError> {
        let names: Vec<String> = self.database.keys().cloned().collect();
        if names.is_empty() {
            return Err(no_records());
        }
        Ok(self.write(&names).await)
    }

    /// Reads every record once: from this server, and on a miss from the database, never from another server. A copy is put back where copies are written.
    ///
    /// # Errors
    /// There is no record, or the server gave no answer or an error: neither a hit nor a miss.
    pub async fn read_all(&mut self, from: &Cache) -> Result<&Round, StepError> {
        if self.database.is_empty() {
            return Err(no_records());
        }
        let mut round = Round::default();
        for (name, committed) in &self.database {
            match from.client.ask(&["GET", name]).await {
                Ok(Reply::Text(copy)) => {
                    round.hits += 1;
                    round.old += usize::from(copy != *committed);
                }
                Ok(Reply::Nil) => {
                    round.misses += 1;
                    round.refilled += usize::from(put(&self.cache, name, committed, self.lives).await.is_ok());
                }
                Ok(other) => return Err(StepError::new(Cause::Refused, format!("{} refused GET {name}: {other}", from.node))),
                Err(error) => return Err(StepError::no_answer(&from.node, &format!("GET {name}"), &error)),
            }
        }
        Ok(self.round.insert(round))
    }

    async fn write(&mut self, names: &[String]) -> Copied {
        self.version += 1;
        let mut copied = Copied::default();
        for name in names {
            let value = format!("{name}, version {}", self.version);
            self.database.insert(name.clone(), value.clone());
            match put(&self.cache, name, &value, self.lives).await {
                Ok(()) => copied.acknowledged += 1,
                Err(said) if copied.failures.contains(&said) => {}
                Err(said) => copied.failures.push(said),
            }
        }
        copied
    }
}

/// Writes a copy; what was said if it is not acknowledged.
async fn put(cache: &Cache, name: &str, value: &str, lives: Option<Duration>) -> Result<(), String> {
    let millis = lives.map(|span| span.as_millis().to_string());
    let mut command = vec!["SET", name, value];
    if let Some(millis) = &millis {
        command.extend(["PX", millis]);
    }
    said(cache.client.ask(&command).await)
}

fn said(answer: Result<Reply, ProbeError>) -> Result<(), String> {
    match answer {
        Ok(Reply::Text(text)) if text == "OK" => Ok(()),
        Ok(other) => Err(other.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn no_records() -> StepError {
    StepError::scenario("the application has no records yet: `When the application saves 20 records` comes first")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ok_is_an_acknowledgement() {
        assert_eq!(said(Ok(Reply::Text("OK".into()))), Ok(()));
        assert_eq!(said(Ok(Reply::Error("READONLY no".into()))), Err("READONLY no".into()));
        assert_eq!(said(Ok(Reply::Nil)), Err("(nil)".into()));
    }

    #[tokio::test]
    async fn the_database_has_what_no_cache_took() {
        // Nobody listens on port 1: the copy fails, the record stays.
        let nobody = Cache { node: "nobody".into(), client: Rc::new(Client::new(1)) };
        let mut application = CacheAside::new(nobody.clone(), None);
        assert!(application.change_all().await.is_err() && application.read_all(&nobody).await.is_err());
        let copied = application.save(2).await;
        assert_eq!((copied.acknowledged, copied.failures.len()), (0, 1));
        assert_eq!(application.database["record:1"], "record:1, version 1");
        assert!(application.change_all().await.is_ok());
        assert_eq!(application.database["record:1"], "record:1, version 2");
    }
}
