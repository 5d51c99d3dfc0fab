//! Where the processes of one user meet on this host: locks of living runs, places that runs take in turns, folders of what is being built.
//!
//! You are in the right place when two processes should have known of each other. The folder is the same whatever the environment says: a run from cron, from CI or from a terminal has
//! another `XDG_RUNTIME_DIR`, and shares the machine all the same.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Kept over a restart of the machine, so that the next start knows what a run before it left behind. The second is for machines that lack the first.
const BASES: [&str; 2] = ["/var/tmp", "/tmp"];

/// The folder of locks; nobody else may look into it. Made if it is missing.
///
/// # Errors
/// It cannot be made, or the name is taken by somebody else.
pub fn locks() -> io::Result<PathBuf> {
    made("", 0o700)
}

/// A folder for one piece of work, such as building an image or a book, under a name that nobody can guess. It is removed when the work is done, or by the next one if its process was killed.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    /// Held as long as this process lives.
    _lock: File,
}

impl Scratch {
    /// Makes it, after what dead processes left was removed.
    ///
    /// # Errors
    /// As [`locks`].
    pub fn new() -> io::Result<Scratch> {
        let folder = works()?;
        // While it is held, no folder is half made and none half removed.
        let all = File::open(&folder)?;
        all.lock()?;
        sweep(&folder);
        let path = folder.join(random()?);
        // Not for this user alone: the program that builds images downloads as a user without rights.
        DirBuilder::new().mode(0o711).create(&path)?;
        let lock = File::open(&path)?;
        lock.lock()?;
        Ok(Scratch { path, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now, the next one removes.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The folder of all [`Scratch`]es.
fn works() -> io::Result<PathBuf> {
    made("-works", 0o711)
}

/// Removes the folders of work that a kill ended.
///
/// # Errors
/// As [`locks`].
pub fn tidy() -> io::Result<()> {
    let folder = works()?;
    let all = File::open(&folder)?;
    all.lock()?;
    sweep(&folder);
    Ok(())
}

/// Removes what no living process works in.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// A random name of this user on this host, which lives as long as the folder of locks: whoever has the same one sees the same locks.
///
/// # Errors
/// As [`locks`].
pub fn identity() -> io::Result<String> {
    let folder = locks()?;
    let file = folder.join("host");
    for _ in 0..2 {
        match fs::read_to_string(&file) {
            Ok(id) if !id.trim().is_empty() => return Ok(id.trim().to_owned()),
            Ok(_) => drop(fs::remove_file(&file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        // Whole or not at all: of two processes that make it at the same time, the first one's counts for both.
        let id = random()?;
        let fresh = folder.join(format!("host-{id}"));
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?.write_all(id.as_bytes())?;
        let linked = fs::hard_link(&fresh, &file);
        fs::remove_file(&fresh)?;
        linked.or_else(|error| if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })?;
    }
    fs::read_to_string(&file).map(|id| id.trim().to_owned())
}

/// Opens a file of one of these folders, for its lock.
///
/// # Errors
/// It cannot be opened.
pub fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)
}

/// Text that nobody can guess.
///
/// # Errors
/// The kernel gives none.
pub fn random() -> io::Result<String> {
    fs::read_to_string("/proc/sys/kernel/random/uuid").map(|id| id.trim().to_owned())
}

fn made(what: &str, mode: u32) -> io::Result<PathBuf> {
    // The owner of /proc/self is this process's user; the standard library has no other way to ask.
    let uid = fs::metadata("/proc/self")?.uid();
    let base = BASES.into_iter().find(|base| Path::new(base).is_dir()).unwrap_or("/tmp");
    let folder = Path::new(base).join(format!("rehearsal-{uid}{what}"));
    match DirBuilder::new().mode(mode).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // There anybody can make that name first; locks in a folder of somebody else would prove nothing.
    let found = fs::symlink_metadata(&folder)?;
    if !found.is_dir() || found.uid() != uid || found.mode() & 0o022 != 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{} is not a folder of this user alone; remove it", folder.display())));
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_stays() {
        let id = identity().unwrap();
        assert_eq!((id.len(), &identity().unwrap()), (36, &id));
        assert_ne!(random().unwrap(), id);
    }

    #[test]
    fn what_a_killed_process_left_is_removed_by_the_next_one() {
        let left = works().unwrap().join(random().unwrap());
        // Others on this machine sweep as well: none may while it is half made.
        let leave = || {
            let all = File::open(works().unwrap()).unwrap();
            all.lock().unwrap();
            fs::create_dir_all(left.join("root/etc")).unwrap();
        };
        leave();
        tidy().unwrap();
        assert!(!left.exists());
        leave();
        let living = Scratch::new().unwrap();
        assert!(!left.exists());
        let another = Scratch::new().unwrap();
        assert!(living.path.exists() && another.path.exists() && living.path != another.path);
        let path = living.path.clone();
        drop(living);
        assert!(!path.exists());
    }
}
