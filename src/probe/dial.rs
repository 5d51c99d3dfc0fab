//! Connections to published ports of 127.0.0.1: as the Redis client library has them, and as plain bytes.

use redis::aio::{MultiplexedConnection, PubSub};
use redis::{AsyncConnectionConfig, RedisResult};
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Bytes that go both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// For commands and their replies.
pub(super) async fn commands(port: u16) -> RedisResult<MultiplexedConnection> {
    // The limit is the caller's; the library's own would answer with a different error.
    let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
    #[cfg(test)]
    if let Some(stream) = crate::door::connect(port) {
        let (connection, driver) = MultiplexedConnection::new_with_config(&Default::default(), stream?, config).await?;
        tokio::spawn(driver);
        return Ok(connection);
    }
    open(port)?.get_multiplexed_async_connection_with_config(&config).await
}

/// For what is published.
pub(super) async fn subscription(port: u16) -> RedisResult<PubSub> {
    #[cfg(test)]
    if let Some(stream) = crate::door::connect(port) {
        return PubSub::new(&Default::default(), stream?).await;
    }
    open(port)?.get_async_pubsub().await
}

/// For whatever is spoken there.
pub(super) async fn bytes(port: u16) -> io::Result<Box<dyn Stream>> {
    #[cfg(test)]
    if let Some(stream) = crate::door::connect(port) {
        return Ok(Box::new(stream?));
    }
    Ok(Box::new(TcpStream::connect(("127.0.0.1", port)).await?))
}

fn open(port: u16) -> RedisResult<redis::Client> {
    redis::Client::open(format!("redis://127.0.0.1:{port}/"))
}
