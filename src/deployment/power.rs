//! A power cut: the server dies, and of its files only what it had synced is left. You are in the right place for what counts as on the disk.
//!
//! SIGKILL takes nothing from the kernel's page cache, so a killed server finds every byte it ever wrote. What a lost host leaves behind is what
//! `fsync` had put on its disk. The preload library (`apps/preload`) notes the length of a file at each sync that succeeded; a power cut
//! is SIGKILL and cutting every file of the data folder back to that length, a file that was never synced to nothing.
//!
//! That is the worst disk the standard allows: nothing is on it before somebody syncs, and everything is afterwards. Names count as durable: a file that
//! was renamed or made is there under its name, with what of its bytes was synced. A change of bytes that were synced before is not taken
//! back; servers only append to such files.

use std::collections::HashMap;

use super::{error::EngineError, files::DataFile, start::Deployment};

/// The same path stands in `apps/preload/src/lib.rs`; a test compares the two.
const SYNCED_PATH: &str = "/dev/shm/rehearsal-synced";
/// Makes the notes empty, for a server that begins without files.
pub(super) const FORGET: &str = ": >/dev/shm/rehearsal-synced";
/// In place of a length: the file is gone, and another may get its number.
const GONE: u64 = u64::MAX;

/// What a power cut did to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Relative to the data folder.
    pub name: String,
    /// Bytes that were in it, and that are.
    pub before: u64,
    pub after: u64,
}

impl Deployment {
    /// Kills the node's server and takes from its files what was not synced. Needs `Options::preload` and a node under test.
    pub async fn cut_power(&self, node: &str) -> Result<Vec<Cut>, EngineError> {
        let inner = self.with_library(node)?;
        self.kill(node).await?;
        let synced = lengths(&inner.shell.must(&format!("$B cat {SYNCED_PATH}")).await?.stdout);
        let cuts = cuts(self.data_files(node).await?, &synced);
        for cut in cuts.iter().filter(|cut| cut.after < cut.before) {
            self.cut_file(node, &cut.name, cut.after).await?;
        }
        Ok(cuts)
    }
}

/// The newest synced length of every file, by inode, of notes of sixteen bytes: inode and length in native order.
fn lengths(notes: &[u8]) -> HashMap<u64, u64> {
    let number = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_ne_bytes);
    let mut lengths = HashMap::new();
    for note in notes.chunks_exact(16) {
        match (number(&note[..8]), number(&note[8..])) {
            (inode, GONE) => lengths.remove(&inode),
            (inode, length) => lengths.insert(inode, length),
        };
    }
    lengths
}

fn cuts(files: Vec<DataFile>, synced: &HashMap<u64, u64>) -> Vec<Cut> {
    let kept = |file: &DataFile| synced.get(&file.inode).map_or(0, |length| file.bytes.min(*length));
    files.into_iter().map(|file| Cut { after: kept(&file), before: file.bytes, name: file.name }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(pairs: &[(u64, u64)]) -> Vec<u8> {
        pairs.iter().flat_map(|(inode, length)| [inode.to_ne_bytes(), length.to_ne_bytes()].concat()).collect()
    }

    #[test]
    fn the_newest_sync_counts_and_a_file_that_is_gone_has_none() {
        let synced = lengths(&notes(&[(7, 10), (8, 5), (7, 30), (8, GONE)]));
        assert_eq!(synced, HashMap::from([(7, 30)]));
        // A note that is only half there was being written when its server died.
        assert_eq!(lengths(&notes(&[(7, 10)])[..12]), HashMap::new());
    }

    #[test]
    fn what_was_never_synced_is_lost_and_nothing_grows() {
        let file = |name: &str, inode, bytes| DataFile { name: name.into(), inode, bytes };
        let cut = cuts(vec![file("a", 7, 100), file("b", 8, 100), file("c", 9, 100)], &HashMap::from([(7, 30), (9, 400)]));
        assert_eq!(cut.iter().map(|cut| cut.after).collect::<Vec<_>>(), [30, 0, 100]);
    }

    #[test]
    fn both_sides_name_the_same_file() {
        assert!(include_str!("../../apps/preload/src/lib.rs").contains(&format!("{SYNCED_PATH}\\0")));
        assert!(FORGET.ends_with(SYNCED_PATH));
    }
}
