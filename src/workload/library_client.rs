//! The redis crate's own Sentinel client, as an application would use it: it asks the Sentinels for the master, connects there, and checks by `ROLE` that it is one.
//!
//! It goes to the addresses that the Sentinels tell, which are those of the data network: they are reached from here where the engine runs on this host's own kernel.

use super::journal::Outcome;
use super::route::LIMIT;
use crate::error::StepError;
use crate::probe::client::error_line;
use redis::aio::MultiplexedConnection;
use redis::sentinel::{SentinelClient, SentinelServerType};
use redis::{AsyncConnectionConfig, RedisError};
use std::cell::RefCell;
use std::fmt;
use std::time::Duration;
use tokio::sync::Mutex;

/// What all topologies call the first master.
const MASTER: &str = "mymaster";
/// What asking the Sentinels in turn, connecting and looking at the role may take together.
const ASKING: Duration = Duration::from_secs(2);

/// A client that knows the Sentinels, and the connection to the master it was given last.
pub struct LibraryClient {
    /// One call asks for all.
    sentinels: Mutex<SentinelClient>,
    connection: RefCell<Option<MultiplexedConnection>>,
    /// The first connection is kept for ever, whatever becomes of it.
    once: bool,
}

impl fmt::Debug for LibraryClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LibraryClient")
    }
}

impl LibraryClient {
    /// Knows the Sentinels by these addresses, `198.18.0.14:26379`, and nobody else.
    ///
    /// # Errors
    /// An address that is none.
    pub fn new(sentinels: &[String], once: bool) -> Result<LibraryClient, StepError> {
        let urls: Vec<String> = sentinels.iter().map(|address| format!("redis://{address}/")).collect();
        let client = SentinelClient::build(urls, MASTER.to_owned(), None, SentinelServerType::Master)
            .map_err(|error| StepError::scenario(format!("the Sentinel client does not take these addresses: {error}")))?;
        Ok(LibraryClient { sentinels: Mutex::new(client), connection: RefCell::default(), once })
    }

    /// RPUSH over the connection it has, or over a new one. After an error the connection is given back, unless it is kept for ever.
    pub(super) async fn append(&self, key: &str, value: &str) -> Outcome {
        let mut connection = match self.connection().await {
            Ok(connection) => connection,
            Err(why) => return Outcome::Unanswered(why),
        };
        let call = redis::cmd("RPUSH").arg(key).arg(value).to_owned();
        let outcome = match tokio::time::timeout(LIMIT, call.query_async::<i64>(&mut connection)).await {
            Ok(Ok(_)) => return Outcome::Acknowledged,
            Ok(Err(error)) => outcome(&error),
            Err(_) => Outcome::Unanswered(format!("no answer within {LIMIT:?}")),
        };
        if !self.once {
            self.connection.borrow_mut().take();
        }
        outcome
    }

    /// The connection it has, or one to whom the Sentinels name now. Who waits longer than a call may take gives up; who asks has more time, so that on a busy host it gets through.
    async fn connection(&self) -> Result<MultiplexedConnection, String> {
        let Ok(mut sentinels) = tokio::time::timeout(LIMIT, self.sentinels.lock()).await else {
            return Err("the Sentinels are still being asked".to_owned());
        };
        let held = self.connection.borrow().clone();
        if let Some(held) = held {
            return Ok(held);
        }
        // The limits are the application's own.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let fresh = match tokio::time::timeout(ASKING, sentinels.get_async_connection_with_config(&config)).await {
            Ok(Ok(fresh)) => fresh,
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err(format!("no connection to the master within {ASKING:?}")),
        };
        *self.connection.borrow_mut() = Some(fresh.clone());
        Ok(fresh)
    }
}

/// The server said no, or nobody said anything.
fn outcome(error: &RedisError) -> Outcome {
    error_line(error).map_or_else(|| Outcome::Unanswered(error.to_string()), Outcome::Refused)
}
