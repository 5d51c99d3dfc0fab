//! A client that keeps the slot map, follows redirections and refreshes: the redis crate's own, as an application would use it.

use crate::error::{Cause, StepError};
use redis::cluster::NodeAddress;
use redis::cluster_async::ClusterConnection;
use std::fmt;
use std::time::Duration;

/// Limit for one command, its retries and redirections included.
const COMMAND_LIMIT: Duration = Duration::from_secs(2);

/// A connected cluster client.
#[derive(Clone)]
pub struct ClusterClient {
    connection: ClusterConnection,
}

impl fmt::Debug for ClusterClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterClient")
    }
}

impl ClusterClient {
    /// Connects, knowing at first only the nodes named as seeds.
    ///
    /// `nodes` are all nodes as (name, address in the data network, published port): servers tell addresses of the data network, which are reached through
    /// the published ports.
    ///
    /// # Errors
    /// No seed answers with a slot map.
    pub async fn connect(nodes: Vec<(String, String, u16)>, seeds: &[String]) -> Result<ClusterClient, StepError> {
        let refused = |error: redis::RedisError| StepError::new(cause(&error), format!("the cluster client could not connect: {error}"));
        let known = |name: &&String| nodes.iter().find(|(n, _, _)| n == *name);
        let initial: Vec<String> = seeds.iter().filter_map(|s| known(&s)).map(|(_, address, _)| format!("redis://{address}/")).collect();
        let map = nodes.iter().filter_map(|(_, address, port)| {
            let (ip, inner) = address.split_once(':')?;
            Some((NodeAddress::new(ip, inner.parse().ok()?), NodeAddress::new("127.0.0.1", *port)))
        });
        let client = redis::cluster::ClusterClientBuilder::new(initial)
            .node_address_map(map.collect())
            .connection_timeout(Duration::from_millis(500))
            .response_timeout(Duration::from_millis(500))
            // Without this the limit of one attempt is that of all together, and no attempt follows one that was not answered.
            .overall_response_timeout(None)
            .retries(8)
            // Its own pauses of 1.28 s and more would leave room for a single further attempt.
            .min_retry_wait(50)
            .max_retry_wait(400)
            .build()
            .map_err(refused)?;
        Ok(ClusterClient { connection: client.get_async_connection().await.map_err(refused)? })
    }

    /// SET.
    ///
    /// # Errors
    /// The client's last error, after its own retries and redirections.
    pub async fn set(&self, key: &str, value: &str) -> Result<(), String> {
        let mut connection = self.connection.clone();
        let command = redis::cmd("SET").arg(key).arg(value).to_owned();
        within(command.query_async(&mut connection)).await
    }

    /// GET.
    ///
    /// # Errors
    /// As [`ClusterClient::set`].
    pub async fn get(&self, key: &str) -> Result<Option<String>, String> {
        let mut connection = self.connection.clone();
        let command = redis::cmd("GET").arg(key).to_owned();
        within(command.query_async(&mut connection)).await
    }

    /// The whole list.
    ///
    /// # Errors
    /// The cluster says no, or does not answer within the client's limits, which no sentence states.
    pub async fn list(&self, key: &str) -> Result<Vec<String>, StepError> {
        let mut connection = self.connection.clone();
        let command = redis::cmd("LRANGE").arg(key).arg(0).arg(-1).to_owned();
        match tokio::time::timeout(COMMAND_LIMIT, command.query_async(&mut connection)).await {
            Ok(answer) => answer.map_err(|error: redis::RedisError| StepError::new(cause(&error), format!("LRANGE {key}: {error}"))),
            Err(_) => Err(StepError::new(Cause::Overtime, format!("LRANGE {key}: {}", silent()))),
        }
    }
}

/// A limit of the client's own says nothing about the servers.
fn cause(error: &redis::RedisError) -> Cause {
    if error.is_timeout() { Cause::Overtime } else { Cause::Refused }
}

async fn within<T>(query: impl Future<Output = redis::RedisResult<T>>) -> Result<T, String> {
    match tokio::time::timeout(COMMAND_LIMIT, query).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err(silent()),
    }
}

fn silent() -> String {
    format!("no answer within {COMMAND_LIMIT:?}")
}
