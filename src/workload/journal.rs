//! What the clients of a scenario wrote and what became of it.

use super::cluster_client::ClusterClient;
use crate::error::{Cause, StepError};
use crate::probe::{Client, Reply};
use std::collections::BTreeMap;
use std::fmt;

/// Everything the clients of a scenario have done.
#[derive(Debug, Default)]
pub struct Workload {
    /// Acknowledged writes: key and value.
    acknowledged: BTreeMap<String, String>,
    /// Outcome of the last batch.
    last_acknowledged: usize,
    last_refusals: Vec<String>,
    batches: usize,
    cluster_client: Option<ClusterClient>,
    /// Words of the last command a client sent by hand.
    pub last_command: Vec<String>,
}

/// How a node's data differs from what was acknowledged.
#[derive(Debug, Default, PartialEq)]
pub struct Difference {
    missing: Vec<String>,
    extra: i64,
}

impl Difference {
    pub fn is_none(&self) -> bool {
        *self == Difference::default()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.missing.first(), self.extra) {
            (None, 0) => f.write_str("nothing is missing"),
            (None, extra) => write!(f, "{extra} keys that nobody wrote"),
            (Some(first), _) => write!(f, "{} acknowledged keys missing or different, the first is {first}", self.missing.len()),
        }
    }
}

impl Workload {
    /// Writes `count` keys with values of `bytes` characters, each acknowledged before the next.
    ///
    /// # Errors
    /// The first write that is not acknowledged.
    pub async fn write(&mut self, client: &Client, node: &str, count: usize, bytes: usize) -> Result<(), StepError> {
        self.try_writes_of(client, node, count, bytes).await?;
        match self.last_refusals.first() {
            None => Ok(()),
            Some(line) => Err(StepError::new(Cause::Refused, format!("{node} refused a write")).expected("OK", line.clone())),
        }
    }

    /// Writes `count` keys and notes which are acknowledged and which refused.
    ///
    /// # Errors
    /// No answer at all.
    pub async fn try_writes(&mut self, client: &Client, node: &str, count: usize) -> Result<(), StepError> {
        self.try_writes_of(client, node, count, 8).await
    }

    async fn try_writes_of(&mut self, client: &Client, node: &str, count: usize, bytes: usize) -> Result<(), StepError> {
        self.begin();
        for n in 0..count {
            let (key, value) = self.pair(n, bytes);
            match client.ask(&["SET", &key, &value]).await {
                Ok(Reply::Text(text)) if text == "OK" => self.acknowledge(key, value),
                Ok(other) => self.last_refusals.push(other.to_string()),
                Err(error) => return Err(StepError::new(Cause::Limit, format!("{node} did not answer SET {key}: {error}"))),
            }
        }
        Ok(())
    }

    /// Writes `count` keys through a cluster client and keeps the client, slot map included.
    ///
    /// # Errors
    /// A write that even a client with the slot map cannot place.
    pub async fn write_through(&mut self, client: ClusterClient, count: usize) -> Result<(), StepError> {
        self.begin();
        for n in 0..count {
            let (key, value) = self.pair(n, 8);
            match client.set(&key, &value).await {
                Ok(()) => self.acknowledge(key, value),
                Err(why) => self.last_refusals.push(why),
            }
        }
        self.cluster_client = Some(client);
        Ok(())
    }

    /// Reads every acknowledged key through the kept cluster client; returns how many.
    ///
    /// # Errors
    /// What kept it from reading, or the first value that differs.
    pub async fn read_through(&self) -> Result<usize, String> {
        let client = self.cluster_client.as_ref().ok_or("no cluster client has written yet")?;
        for (key, value) in &self.acknowledged {
            let read = client.get(key).await?;
            if read.as_deref() != Some(value) {
                return Err(format!("{key} is {}", read.unwrap_or_else(|| "missing".to_owned())));
            }
        }
        Ok(self.acknowledged.len())
    }

    /// How the node's data differs from what was acknowledged.
    ///
    /// # Errors
    /// No answer, or an error reply.
    pub async fn missing(&self, client: &Client) -> Result<Difference, StepError> {
        let keys: Vec<&String> = self.acknowledged.keys().collect();
        let mut missing = Vec::new();
        for chunk in keys.chunks(200) {
            let command: Vec<&str> = std::iter::once("MGET").chain(chunk.iter().map(|k| k.as_str())).collect();
            let reply = client.ask(&command).await.map_err(|e| StepError::new(Cause::Limit, e.to_string()))?;
            let Reply::List(values) = reply else { return Err(StepError::new(Cause::Refused, reply.to_string())) };
            let differs = |(key, value): (&&String, &Reply)| value.text() != self.acknowledged.get(*key).map(String::as_str);
            missing.extend(chunk.iter().zip(&values).filter(|(k, v)| differs((k, v))).map(|(k, _)| (*k).clone()));
        }
        let size = match client.ask(&["DBSIZE"]).await {
            Ok(Reply::Int(size)) => size,
            other => return Err(StepError::new(Cause::Refused, format!("{other:?}"))),
        };
        let extra = size - keys.len() as i64 + missing.len() as i64;
        Ok(Difference { extra: if missing.is_empty() { extra } else { 0 }, missing })
    }

    /// Keys acknowledged so far.
    pub fn written(&self) -> usize {
        self.acknowledged.len()
    }

    /// Of the last batch: acknowledged and refused writes.
    pub fn outcome(&self) -> (usize, usize) {
        (self.last_acknowledged, self.last_refusals.len())
    }

    /// Error lines of the last batch.
    pub fn refusals(&self) -> impl Iterator<Item = &String> {
        self.last_refusals.iter()
    }

    /// The last batch in words.
    pub fn summary(&self) -> String {
        match self.last_refusals.first() {
            None => format!("{} acknowledged", self.last_acknowledged),
            Some(first) => format!("{} acknowledged, {} refused, the first with {first}", self.last_acknowledged, self.last_refusals.len()),
        }
    }

    fn begin(&mut self) {
        self.batches += 1;
        self.last_acknowledged = 0;
        self.last_refusals.clear();
    }

    fn pair(&self, n: usize, bytes: usize) -> (String, String) {
        let value = format!("{}-{n}", self.batches);
        (format!("key:{}:{n}", self.batches), format!("{value:->bytes$}"))
    }

    fn acknowledge(&mut self, key: String, value: String) {
        self.last_acknowledged += 1;
        self.acknowledged.insert(key, value);
    }
}
