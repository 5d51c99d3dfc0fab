//! Commands of a client as a server reads them, for tests that bring a server of their own.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;

/// The words of the next command, in capitals: an array of strings. `None` when the client has gone.
pub async fn next(stream: &mut BufReader<TcpStream>) -> Option<Vec<String>> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let count: usize = line.trim().strip_prefix('*')?.parse().ok()?;
    let mut words = Vec::new();
    for _ in 0..count {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        let bytes: usize = line.trim().strip_prefix('$')?.parse().ok()?;
        let mut word = vec![0; bytes + 2];
        stream.read_exact(&mut word).await.ok()?;
        words.push(String::from_utf8_lossy(&word[..bytes]).to_uppercase());
    }
    Some(words)
}
