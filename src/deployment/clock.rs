//! Moving a node's wall clock, and slowing its syncs. You are in the right place for the preload library's life on this side: built by `build.rs`, carried in this
//! program, put into server containers; what it does in there is in `apps/preload`.
//!
//! The library adds an offset from a file in /dev/shm, which the sandbox shares with its server: the offset outlives kill and start, needs
//! no volume, and is written in place by the sandbox, which has a shell when the server's image has none.

use std::{sync::atomic::Ordering, time::Duration};

use super::{container::ContainerFile, error::EngineError, node::Node, start::Deployment};

/// Empty when this program was built for a system or processor the library does not know.
static LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/librehearsal_preload.so"));
const LIBRARY_PATH: &str = "/usr/local/lib/rehearsal/librehearsal_preload.so";
/// The same path stands in `apps/preload/src/lib.rs`; a test compares the two.
const OFFSET_PATH: &str = "/dev/shm/rehearsal-clock";
/// Bytes of that file at which the clock's offset and the delay of a sync stand, in nanoseconds each.
const OFFSET_AT: usize = 0;
const DELAY_AT: usize = 8;

impl Deployment {
    /// Lets every sync of the node's server wait this long, from the next one on, and after every restart. Needs `Options::preload` and a node under test.
    pub async fn set_sync_delay(&self, node: &str, delay: Duration) -> Result<(), EngineError> {
        let inner = self.with_library(node)?;
        let nanos = i64::try_from(delay.as_nanos()).unwrap_or(i64::MAX);
        inner.clock_moved.store(true, Ordering::Relaxed);
        inner.tools(&self.engine).await?.must(&write_in_place(nanos, DELAY_AT)).await.map(|_| ())
    }

    /// How long a sync of the node's server waits, as its container has it; `None` when no process there has mapped the file.
    pub async fn sync_delay(&self, node: &str) -> Result<Option<Duration>, EngineError> {
        let read =
            format!("$B grep -l {OFFSET_PATH} /proc/[0-9]*/maps >/dev/null 2>&1 && $B dd if={OFFSET_PATH} bs=8 skip=1 count=1 2>/dev/null; true");
        let bytes = self.with_library(node)?.shell.must(&read).await?.stdout;
        let nanos = <[u8; 8]>::try_from(bytes.as_slice()).ok().map(i64::from_le_bytes);
        Ok(nanos.map(|nanos| Duration::from_nanos(nanos.try_into().unwrap_or(0))))
    }

    /// A node whose server has the library.
    pub(super) fn with_library(&self, node: &str) -> Result<&Node, EngineError> {
        let inner = self.node(node)?;
        if self.options.preload && inner.spec.under_test {
            return Ok(inner);
        }
        let reason = "it was started without the preload library".to_owned();
        Err(EngineError::NoPreload { node: node.to_owned(), reason })
    }

    /// Sets the node's wall clock `millis` before (negative) or after the host's: all its programs, from their next look at it, and after
    /// every restart. The monotonic clock is never touched. Needs `Options::preload` and a node under test.
    pub async fn set_clock_offset(&self, node: &str, millis: i64) -> Result<(), EngineError> {
        let inner = self.with_library(node)?;
        let script = write_in_place(millis.saturating_mul(1_000_000), OFFSET_AT);
        inner.clock_moved.store(true, Ordering::Relaxed);
        inner.tools(&self.engine).await?.must(&script).await.map(|_| ())
    }
}

/// Whether servers can be started with clocks that can be moved: this program has the library for its system.
pub fn can_move_clocks() -> bool {
    !LIBRARY.is_empty()
}

/// The library as a file for a server container.
pub(super) fn library(node: &str) -> Result<ContainerFile, EngineError> {
    if LIBRARY.is_empty() {
        let reason = "this program was built without the preload library (it needs Linux on x86_64 or aarch64)".to_string();
        return Err(EngineError::NoPreload { node: node.to_string(), reason });
    }
    Ok((LIBRARY_PATH.to_string(), 0o755, LIBRARY.to_vec()))
}

pub(super) fn environment() -> (String, String) {
    ("LD_PRELOAD".to_string(), LIBRARY_PATH.to_string())
}

/// Eight bytes in one write at this byte, without cutting the file first: servers have it mapped.
fn write_in_place(nanos: i64, at: usize) -> String {
    let bytes: String = nanos.to_le_bytes().iter().map(|byte| format!("\\x{byte:02x}")).collect();
    format!("umask 0; printf '{bytes}' | dd of={OFFSET_PATH} bs=8 seek={} conv=notrunc 2>/dev/null", at / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_written_as_little_endian_nanoseconds() {
        assert!(write_in_place(1, OFFSET_AT).contains(r"printf '\x01\x00\x00\x00\x00\x00\x00\x00' | dd"));
        assert!(write_in_place(-1, DELAY_AT).contains(r"\xff\xff\xff\xff\xff\xff\xff\xff") && write_in_place(0, DELAY_AT).contains("seek=1 "));
    }

    #[test]
    fn both_sides_name_the_same_file() {
        let library = include_str!("../../apps/preload/src/lib.rs");
        assert!(library.contains(&format!("{OFFSET_PATH}\\0")));
    }
}
