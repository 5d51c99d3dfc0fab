//! Which of two runs is the newer: a number that each gets when its folder begins, one more than the highest there is.
//!
//! You are in the right place when an old run is taken for the newest. The clock does not decide: a run made while it stood in the future would hide every later run. A folder without a number
//! (of an earlier version of this program, or unpacked from elsewhere) is older than all that have one; among equals the id decides, which begins with a time.

use crate::confined;
use std::fs;
use std::io;
use std::path::Path;

/// The file in a run's folder.
const NUMBER: &str = "order";
/// Held while a number is given, so that two runs that begin at once get two.
const LOCK: &str = "order.lock";

/// The number of the run in this folder; 0 without one.
pub fn of(folder: &Path) -> u64 {
    confined::read_text(folder, &folder.join(NUMBER)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Gives the run `name` below `root/runs` a number, unless it has one: that of the newest run it is made of, where it is made of runs of this store, else the next.
///
/// # Errors
/// The store cannot be written.
pub(super) fn give(root: &Path, name: &str, made_of: Option<u64>) -> io::Result<()> {
    let lock = confined::append(root, &root.join(LOCK))?;
    lock.lock()?;
    let runs = root.join("runs");
    if runs.join(name).join(NUMBER).exists() {
        return Ok(());
    }
    let known = || fs::read_dir(&runs).into_iter().flatten().flatten().map(|entry| of(&entry.path()));
    let number = made_of.unwrap_or_else(|| known().max().unwrap_or(0).saturating_add(1));
    confined::write(root, &runs.join(name).join(NUMBER), format!("{number}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::store::Store;
    use std::collections::BTreeSet;

    #[test]
    fn a_run_of_the_future_does_not_hide_a_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        for run in ["20991019T000000-1", "20260101T000000-2", "20260102T000000-3"] {
            store.begin(run, None).unwrap();
        }
        std::fs::create_dir(folder.path().join("runs/20980101T000000-unpacked")).unwrap();
        std::fs::create_dir(folder.path().join("runs/20250101T000000-unpacked")).unwrap();
        let order = ["20250101T000000-unpacked", "20980101T000000-unpacked", "20991019T000000-1", "20260101T000000-2", "20260102T000000-3"];
        assert_eq!(store.runs(), order);
        store.begin("20260101T000000-4", Some(super::of(&store.folder("20991019T000000-1")))).unwrap();
        assert_eq!(store.runs()[2..4], ["20260101T000000-4", "20991019T000000-1"], "what is made of runs is as old as they are");
    }

    #[test]
    fn runs_that_begin_at_once_get_different_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        std::thread::scope(|scope| {
            for n in 0..16 {
                let store = &store;
                scope.spawn(move || store.begin(&format!("20260101T000000-{n}"), None).unwrap());
            }
        });
        let numbers: BTreeSet<u64> = store.runs().iter().map(|run| super::of(&store.folder(run))).collect();
        assert_eq!(numbers, (1..=16).collect());
    }
}
