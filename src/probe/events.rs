//! What nodes publish over Pub/Sub: every message with its channel, as it arrives.

use super::dial;
use futures::StreamExt as _;

/// Listens to all channels that match a pattern and hands each message to `heard` as (channel, text), until the connection ends.
///
/// # Errors
/// The connection could not be made; a connection that ends later is `Ok`.
pub async fn listen(port: u16, pattern: &str, ready: impl FnOnce(), heard: impl Fn(&str, &str)) -> Result<(), redis::RedisError> {
    let mut subscription = dial::subscription(port).await?;
    subscription.psubscribe(pattern).await?;
    ready();
    let mut stream = subscription.on_message();
    while let Some(message) = stream.next().await {
        heard(message.get_channel_name(), &String::from_utf8_lossy(message.get_payload_bytes()));
    }
    Ok(())
}
