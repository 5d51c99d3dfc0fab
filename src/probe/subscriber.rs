//! One client's subscription: every message of a channel, or of all channels that match a pattern, as it arrives.

use super::dial;
use futures::StreamExt as _;

/// Listens until the connection ends; hands each message to `heard` as "channel payload".
///
/// # Errors
/// The connection could not be made or the subscription was refused; a connection that ends later is `Ok`.
pub async fn listen(port: u16, channel: &str, pattern: bool, ready: impl FnOnce(), heard: impl Fn(String)) -> Result<(), redis::RedisError> {
    let mut subscription = dial::subscription(port).await?;
    if pattern {
        subscription.psubscribe(channel).await?;
    } else {
        subscription.subscribe(channel).await?;
    }
    ready();
    let mut stream = subscription.on_message();
    while let Some(message) = stream.next().await {
        heard(format!("{} {}", message.get_channel_name(), String::from_utf8_lossy(message.get_payload_bytes())));
    }
    Ok(())
}
