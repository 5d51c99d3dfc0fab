//! Places on this host that are taken in turns, whoever asks: scenarios of one run, of two runs, or of nextest's many processes.
//!
//! A place is a file and whoever holds its lock has it, so a process that dies gives back what it had. You are in the right place when scenarios wait for nothing, or when a machine
//! is given more than it can carry.

use super::{Look, within};
use crate::runtime_folder;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who waits longer goes on without a place: the limit is there to spare the machine, not to stop anybody for ever.
const LIMIT: Duration = Duration::from_secs(3600);

/// So many places of one name.
#[derive(Debug, Clone)]
pub struct Slots {
    folder: PathBuf,
    name: &'static str,
    number: usize,
}

/// Places that are taken until this is dropped.
#[derive(Debug, Default)]
pub struct Slot {
    /// The files whose locks say so.
    _held: Vec<File>,
}

/// The folder of the places that all processes of this user share.
pub fn host() -> PathBuf {
    runtime_folder::locks().unwrap_or_else(|_| std::env::temp_dir())
}

impl Slots {
    /// Places that all processes of this user share.
    pub fn of_this_host(name: &'static str, number: usize) -> Slots {
        Slots::below(&host(), name, number)
    }

    /// Places that all share who name this folder.
    pub fn below(folder: &Path, name: &'static str, number: usize) -> Slots {
        Slots { folder: folder.to_owned(), name, number: number.max(1) }
    }

    /// Takes one place.
    pub async fn take(&self) -> Slot {
        self.take_all_of(1).await
    }

    /// Takes every place: nobody else has one then.
    pub async fn take_every(&self) -> Slot {
        self.take_all_of(self.number).await
    }

    async fn take_all_of(&self, wanted: usize) -> Slot {
        let (mut gate, mut held) = (None, Vec::new());
        let what = format!("{wanted} of {} places to {} on this host", self.number, self.name);
        // Whoever is at the gate is next: so one that wants every place gets them, while others take none of those that are given back.
        let asked = async || {
            if gate.is_none() {
                gate = self.lock("gate");
            }
            let mut taken = 0;
            if gate.is_some() {
                for number in 0..self.number {
                    if held.len() == wanted {
                        break;
                    }
                    match self.lock(&number.to_string()) {
                        Some(file) => held.push(file),
                        None => taken += 1,
                    }
                }
            }
            let next = if gate.is_some() { "" } else { ", somebody else is next" };
            if held.len() >= wanted { Look::Done(()) } else { Look::NotYet(format!("{taken} taken by others{next}")) }
        };
        drop(within(&what, LIMIT, asked).await);
        Slot { _held: held }
    }

    /// The lock of one file, unless somebody has it.
    fn lock(&self, which: &str) -> Option<File> {
        let path = self.folder.join(format!("{}-{which}.slot", self.name));
        let file = runtime_folder::open(&path).ok()?;
        file.try_lock().ok().map(|()| file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What could be taken within a tenth of a second: of the machine's time, since a program that another test starts has our files open until it really begins.
    async fn soon(future: impl Future<Output = Slot>) -> Option<Slot> {
        tokio::time::timeout(Duration::from_millis(100), future).await.ok()
    }

    #[tokio::test]
    async fn there_are_as_many_as_there_are() {
        let folder = tempfile::tempdir().unwrap();
        // Two of them, as two processes would have: locks belong to open files, not to processes.
        let (mine, yours) = (Slots::below(folder.path(), "start", 2), Slots::below(folder.path(), "start", 2));
        let first = mine.take().await;
        let second = yours.take().await;
        assert!(soon(mine.take()).await.is_none(), "both are taken");
        drop(second);
        assert!(soon(mine.take()).await.is_some());
        drop(first);
    }

    #[tokio::test]
    async fn who_wants_all_waits_for_all_and_is_not_overtaken() {
        let folder = tempfile::tempdir().unwrap();
        let slots = Slots::below(folder.path(), "play", 2);
        let first = slots.take().await;
        let mut every = Box::pin(slots.take_every());
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut every).await.is_err(), "one place is still taken");
        assert!(soon(slots.take()).await.is_none(), "who came later does not get the one that was free");
        let mut other = Box::pin(slots.take_every());
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut other).await.is_err());
        drop(first);
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut other).await.is_err(), "two that want all do not each take a part");
        let all = soon(every).await.expect("the first of them gets all");
        drop(other);
        assert!(soon(slots.take()).await.is_none());
        drop(all);
        assert!(soon(slots.take()).await.is_some());
    }
}
