//! What Sentinels publish: every event with its text, as it arrives.

use super::dial;
use futures::StreamExt as _;

/// Listens to all events of a Sentinel and hands each to `heard` as (name, text), until the connection ends.
///
/// The `__sentinel__:hello` channel is left out: it carries announcements, not events.
///
/// # Errors
/// The connection could not be made; a connection that ends later is `Ok`.
pub async fn listen(port: u16, ready: impl FnOnce(), heard: impl Fn(&str, &str)) -> Result<(), redis::RedisError> {
    let mut subscription = dial::subscription(port).await?;
    subscription.psubscribe("*").await?;
    ready();
    let mut stream = subscription.on_message();
    while let Some(message) = stream.next().await {
        let name = message.get_channel_name().to_owned();
        if name != "__sentinel__:hello" {
            heard(&name, &String::from_utf8_lossy(message.get_payload_bytes()));
        }
    }
    Ok(())
}
