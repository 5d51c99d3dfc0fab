//! Who is alive on this host: a file lock per run, held until its process ends, however it ends. You are in the right place for anything
//! that must be true across processes.
//!
//! A run may be several processes (one a scenario under nextest), so a living process holds the lock *shared*; only a clean-up takes it
//! *exclusively*, and only for as long as it removes things.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::labels::name_part;
use crate::runtime_folder;

/// A living process of a run. As long as one exists, nobody prunes the run's containers.
#[derive(Debug)]
pub struct RunLock {
    pub run: String,
    path: PathBuf,
    file: File,
}

impl RunLock {
    /// Announces that this process plays the run. Waits for the moment a clean-up needs if one is looking at the same run.
    pub fn take(run: &str) -> io::Result<RunLock> {
        let folder = runtime_folder::locks()?;
        sweep(&folder);
        let path = run_path(&folder, run);
        let file = open_current(&path, File::lock_shared)?;
        Ok(RunLock { run: run.to_string(), path, file })
    }

    /// The lock of a run that no living process holds; `None` while one does.
    pub(super) fn of_the_dead(run: &str) -> io::Result<Option<RunLock>> {
        let path = run_path(&runtime_folder::locks()?, run);
        match open_current(&path, |file| file.try_lock().map_err(io::Error::from)) {
            Ok(file) => Ok(Some(RunLock { run: run.to_string(), path, file })),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(e),
        }
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // The last one out removes the file. Locking a shared lock exclusively fails while another process of the run lives.
        if self.file.try_lock().is_ok() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The file whose lock a process holds while it builds one image, so that two processes never build the same one.
pub(super) fn image_lock_file(name: &str) -> io::Result<File> {
    let path = runtime_folder::locks()?.join(format!("image-{}.lock", name_part(name)));
    runtime_folder::open(&path)
}

/// Whose locks decide about a run: those who share this folder of locks. Somebody who shares only the engine has another value.
pub(super) fn host_id() -> io::Result<String> {
    let hash = Sha256::digest(runtime_folder::identity()?);
    Ok(hash.iter().take(6).map(|b| format!("{b:02x}")).collect())
}

fn run_path(folder: &Path, run: &str) -> PathBuf {
    folder.join(format!("run-{}.lock", name_part(run)))
}

/// Removes the files of runs that nobody plays any more: those that were killed before they had made anything that a clean-up would find.
fn sweep(folder: &Path) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("run-") && File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Opens and locks the file that the path names *now*: between opening and locking, its last owner may have removed it.
fn open_current(path: &Path, lock: impl Fn(&File) -> io::Result<()>) -> io::Result<File> {
    for _ in 0..100 {
        let file = runtime_folder::open(path)?;
        lock(&file)?;
        match fs::metadata(path) {
            Ok(now) if now.ino() == file.metadata()?.ino() => return Ok(file),
            _ => continue,
        }
    }
    Err(io::Error::other(format!("{} keeps being removed", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_run_is_never_taken_and_a_dead_one_leaves_no_file() {
        let run = format!("test-{}-living", std::process::id());
        let first = RunLock::take(&run).unwrap();
        let second = RunLock::take(&run).unwrap();
        assert!(RunLock::of_the_dead(&run).unwrap().is_none());
        let path = first.path.clone();
        drop(first);
        assert!(path.exists(), "the second process still lives");
        assert!(RunLock::of_the_dead(&run).unwrap().is_none());
        drop(second);
        assert!(!path.exists());
        let dead = RunLock::of_the_dead(&run).unwrap();
        assert!(dead.is_some());
        drop(dead);
        assert!(!path.exists());
    }

    #[test]
    fn the_host_id_is_stable() {
        assert_eq!(host_id().unwrap(), host_id().unwrap());
        assert_eq!(host_id().unwrap().len(), 12);
    }

    #[test]
    fn an_image_is_built_by_one_at_a_time() {
        let name = format!("test-{}", std::process::id());
        let (first, second) = (image_lock_file(&name).unwrap(), image_lock_file(&name).unwrap());
        first.try_lock().unwrap();
        assert!(second.try_lock().is_err());
        drop(first);
        second.try_lock().unwrap();
        let _ = fs::remove_file(runtime_folder::locks().unwrap().join(format!("image-{name}.lock")));
    }
}
