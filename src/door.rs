//! Ports of servers that tests bring themselves: whoever connects to one is in the same process, and no socket lies between. You are in the right place when a test needs a server.
//!
//! A clock that stands still until everybody waits takes a question that is under way through the kernel for such a wait, and goes on. Here the runtime sees the bytes move.

use std::{
    collections::BTreeMap,
    io,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, DuplexStream};

/// No process of a user listens at one of these, so no socket is taken for a door.
const PORTS: Range<u16> = 2..1024;

/// What becomes of whoever comes in.
type Enters = Arc<dyn Fn(DuplexStream) -> io::Result<()> + Send + Sync>;

static DOORS: Mutex<BTreeMap<u16, Enters>> = Mutex::new(BTreeMap::new());

/// A port at which somebody is let in; shut when this is dropped.
pub(crate) struct Door {
    pub port: u16,
}

impl Door {
    /// At this port, or at one that is free. `enters` is called on the runtime of whoever connects.
    pub fn open(port: Option<u16>, enters: impl Fn(DuplexStream) -> io::Result<()> + Send + Sync + 'static) -> Door {
        let mut doors = DOORS.lock().unwrap_or_else(PoisonError::into_inner);
        let port = port.or_else(|| PORTS.rev().find(|port| !doors.contains_key(port))).expect("a port that is free");
        doors.insert(port, Arc::new(enters));
        Door { port }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        DOORS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.port);
    }
}

/// A connection to this port, refused if nobody is there; `None` for a port that is the system's.
pub(crate) fn connect(port: u16) -> Option<io::Result<DuplexStream>> {
    let enters = DOORS.lock().unwrap_or_else(PoisonError::into_inner).get(&port).cloned();
    PORTS.contains(&port).then(|| {
        let enters = enters.ok_or(io::ErrorKind::ConnectionRefused)?;
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        enters(theirs).map(|()| ours)
    })
}

/// The words of the next command of a Redis client: an array of strings. `None` when the client has gone.
pub(crate) async fn command(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Vec<String>> {
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
        words.push(String::from_utf8_lossy(&word[..bytes]).into_owned());
    }
    Some(words)
}

/// Method and path of the next HTTP request, which has no body. `None` when the client has gone.
pub(crate) async fn request(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line);
    }
    Some(lines.first()?.split(' ').take(2).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_is_open_as_long_as_its_door() {
        let door = Door::open(None, |_| Ok(()));
        let port = door.port;
        assert!(connect(port).unwrap().is_ok());
        drop(door);
        assert_eq!(connect(port).unwrap().unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        assert!(connect(6379).is_none(), "that one is a socket");
    }
}
