//! A client that writes so many keys and is done, and the comparison of a node's data with what was acknowledged.

use super::cache_aside::CacheAside;
use super::cluster_client::ClusterClient;
use super::journal::{Journal, Kind, Outcome};
use super::steady::Steady;
use crate::error::{Cause, StepError};
use crate::probe::Client;
use crate::systems::Reply;
use crate::wait::{self, Instant};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

/// Bytes of the stream that a write of [`VALUE`] characters is: value, key and the command around them. To the nearest ten.
/// Most bytes of a value: this process holds all that it writes.
const LONGEST: usize = 64 << 20;
/// Most bytes that one step writes.
const MOST: usize = 1 << 30;
const PIECE: u32 = 1000;
const VALUE: usize = 956;

/// Everything the clients of a scenario have done.
#[derive(Debug)]
pub struct Workload {
    journal: Rc<RefCell<Journal>>,
    /// Where the last batch begins in the journal.
    batch: usize,
    batches: usize,
    cluster_client: Option<ClusterClient>,
    /// The client that writes at a steady rate, if there is one.
    pub steady: Option<Steady>,
    /// The application with a database behind its cache, if there is one.
    pub application: Option<CacheAside>,
    /// How long replicas took to confirm the writes of the last client that waited for that, shortest first.
    pub confirmed: Vec<Duration>,
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
    /// No client has done anything yet; times count from `clock`.
    pub fn on(clock: Instant) -> Workload {
        let journal = Rc::new(RefCell::new(Journal::on(clock)));
        Workload {
            journal,
            batch: 0,
            batches: 0,
            cluster_client: None,
            steady: None,
            application: None,
            confirmed: Vec::new(),
            last_command: Vec::new(),
        }
    }

    /// The journal that all clients of the scenario write into.
    pub fn journal(&self) -> Rc<RefCell<Journal>> {
        self.journal.clone()
    }

    /// Writes `count` keys with values of `bytes` characters, each acknowledged before the next.
    ///
    /// # Errors
    /// The first write that is not acknowledged.
    pub async fn write(&mut self, client: &Client, node: &str, count: usize, bytes: usize) -> Result<(), StepError> {
        bearable(count, bytes)?;
        self.try_writes_of(client, node, count, bytes).await?;
        match self.refusals().first() {
            None => Ok(()),
            Some(line) => Err(StepError::new(Cause::Refused, format!("{node} refused a write")).expected("OK", line.clone())),
        }
    }

    /// Writes keys of a kilobyte for so long, each due at its time: so many bytes of the stream a second, whatever a write takes.
    ///
    /// # Errors
    /// The first write that is not acknowledged.
    pub async fn write_at_rate(&mut self, client: &Client, node: &str, rate: u64, span: Duration) -> Result<(), StepError> {
        let count = (span.as_millis() * u128::from(rate) / 1000 / u128::from(PIECE)) as u32;
        let began = Instant::now();
        let batches = 10.min(count.max(1));
        for batch in 0..batches {
            wait::on_schedule(began + span * batch / batches).await;
            let due = (count * (batch + 1) / batches - count * batch / batches) as usize;
            self.write(client, node, due, VALUE).await?;
        }
        wait::on_schedule(began + span).await;
        Ok(())
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
            let place = self.journal.borrow_mut().begin(Kind::Set, 0, &key, &value, None);
            let reply = client.ask(&["SET", &key, &value]).await;
            let outcome = match &reply {
                Ok(Reply::Text(text)) if text == "OK" => Outcome::Acknowledged,
                Ok(other) => Outcome::Refused(other.to_string()),
                Err(error) => Outcome::Unanswered(error.to_string()),
            };
            self.journal.borrow_mut().end(place, node, outcome);
            if let Err(error) = reply {
                return Err(StepError::no_answer(node, &format!("SET {key}"), &error));
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
            let place = self.journal.borrow_mut().begin(Kind::Set, 0, &key, &value, None);
            let outcome = client.set(&key, &value).await.map_or_else(Outcome::Refused, |()| Outcome::Acknowledged);
            self.journal.borrow_mut().end(place, "", outcome);
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
        let acknowledged = self.acknowledged();
        for (key, value) in &acknowledged {
            let read = client.get(key).await?;
            if read.as_ref() != Some(value) {
                return Err(format!("{key} is {}", read.unwrap_or_else(|| "missing".to_owned())));
            }
        }
        Ok(acknowledged.len())
    }

    /// How the node's data differs from what was acknowledged.
    ///
    /// # Errors
    /// No key was written, so that there is nothing to compare; no answer, an error reply, or one with fewer values than keys that were asked for.
    pub async fn missing(&self, client: &Client) -> Result<Difference, StepError> {
        let acknowledged = self.acknowledged();
        self.something_written()?;
        let mut missing = Vec::new();
        for chunk in acknowledged.chunks(200) {
            let command: Vec<&str> = std::iter::once("MGET").chain(chunk.iter().map(|(key, _)| key.as_str())).collect();
            let reply = client.ask(&command).await.map_err(|error| StepError::no_answer("the node", "MGET", &error))?;
            let Reply::List(values) = reply else { return Err(StepError::new(Cause::Refused, reply.to_string())) };
            if values.len() != chunk.len() {
                let message = format!("MGET of {} keys is answered with {} values", chunk.len(), values.len());
                return Err(StepError::new(Cause::Refused, message));
            }
            let differs = |((_, wanted), value): &(&(String, String), &Reply)| value.text() != Some(wanted);
            missing.extend(chunk.iter().zip(&values).filter(differs).map(|((key, _), _)| key.clone()));
        }
        // The lists of a steady client are keys too.
        let lists: Vec<String> = self.journal.borrow().lists().into_iter().map(str::to_owned).collect();
        let steady = if lists.is_empty() {
            0
        } else {
            count(client, &std::iter::once("EXISTS").chain(lists.iter().map(String::as_str)).collect::<Vec<_>>()).await?
        };
        let size = count(client, &["DBSIZE"]).await?;
        let extra = size - steady - acknowledged.len() as i64 + missing.len() as i64;
        Ok(Difference { extra: if missing.is_empty() { extra } else { 0 }, missing })
    }

    /// A sentence about every key that was written says nothing where none was.
    ///
    /// # Errors
    /// No key was written and acknowledged.
    pub fn something_written(&self) -> Result<(), StepError> {
        let nothing = || StepError::scenario("no key was written and acknowledged: `a client writes 100 keys to ...` comes first");
        if self.written() == 0 { Err(nothing()) } else { Ok(()) }
    }

    /// Keys acknowledged so far.
    pub fn written(&self) -> usize {
        self.journal.borrow().pairs().len()
    }

    /// Of the last batch: acknowledged and refused writes.
    pub fn outcome(&self) -> (usize, usize) {
        let journal = self.journal.borrow();
        let acknowledged = journal.calls()[self.batch..].iter().filter(|call| call.kind == Kind::Set && call.outcome == Outcome::Acknowledged);
        (acknowledged.count(), self.refusals().len())
    }

    /// Error lines of the last batch.
    pub fn refusals(&self) -> Vec<String> {
        let journal = self.journal.borrow();
        let refusal = |outcome: &Outcome| if let Outcome::Refused(line) = outcome { Some(line.clone()) } else { None };
        journal.calls()[self.batch..].iter().filter(|call| call.kind == Kind::Set).filter_map(|call| refusal(&call.outcome)).collect()
    }

    /// The last batch in words.
    pub fn summary(&self) -> String {
        let (acknowledged, refused) = self.outcome();
        match self.refusals().first() {
            None => format!("{acknowledged} acknowledged"),
            Some(first) => format!("{acknowledged} acknowledged, {refused} refused, the first with {first}"),
        }
    }

    fn acknowledged(&self) -> Vec<(String, String)> {
        self.journal.borrow().pairs().into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn begin(&mut self) {
        self.batches += 1;
        self.batch = self.journal.borrow().calls().len();
    }

    fn pair(&self, n: usize, bytes: usize) -> (String, String) {
        let value = format!("{}-{n}", self.batches);
        // No width of a format: that ends at 65535.
        let filling = "-".repeat(bytes.saturating_sub(value.len()));
        (format!("key:{}:{n}", self.batches), filling + &value)
    }
}

/// The number a node answers with.
async fn count(client: &Client, command: &[&str]) -> Result<i64, StepError> {
    match client.ask(command).await {
        Ok(Reply::Int(number)) => Ok(number),
        other => Err(StepError::new(Cause::Refused, format!("{other:?}"))),
    }
}

/// Whether this program can hold such values: it makes each of them.
fn bearable(count: usize, bytes: usize) -> Result<(), StepError> {
    if bytes > LONGEST || count.saturating_mul(bytes) > MOST {
        let message =
            format!("{count} keys of {bytes} bytes are too much: a value has at most {} MiB, all of them {} MiB", LONGEST >> 20, MOST >> 20);
        return Err(StepError::scenario(message));
    }
    Ok(())
}

#[cfg(test)]
#[path = "once_tests.rs"]
mod tests;
