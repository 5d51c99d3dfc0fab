//! The one way to the files of a project: no path leads out of its folder, only regular files are read, up to a limit, and what is written takes the place of what was there.
//!
//! You are in the right place when a file is refused for where it lies or what it is. A project may come from anybody: a link in it may lead anywhere, and a file may be a pipe, a device, or
//! without an end. Every function takes the folder that nothing may lead out of; links inside it are followed.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Most bytes of a file that people write: features, topologies, catalogues, settings, claims, chapters.
pub const WRITTEN: u64 = 8 << 20;
/// Most bytes of a topology: every scenario that names it has its text in its hash.
pub const TOPOLOGY: u64 = 256 << 10;
/// Most bytes of a file of a record: an index, evidence, a journal, a log.
pub const RECORDED: u64 = 64 << 20;
/// Most bytes of a server executable: it is held in memory.
pub const EXECUTABLE: u64 = 256 << 20;
/// Most files and folders below one that is read as a whole.
pub const ENTRIES: usize = 100_000;

/// Reads a file.
///
/// # Errors
/// It is not there, leads out of `root`, is no regular file, or is larger than `limit`.
pub fn read(root: &Path, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let real = real(root, path)?;
    let found = fs::metadata(&real)?;
    if !found.is_file() {
        return Err(refused("it is no regular file"));
    }
    if found.len() > limit {
        return Err(too_large(limit));
    }
    let mut bytes = Vec::with_capacity(found.len() as usize);
    // Some files of the kernel are empty to whoever asks for their length, and have no end.
    File::open(&real)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) }
}

/// Reads a file that people write, as text.
///
/// # Errors
/// As [`read`], or it is no UTF-8.
pub fn read_text(root: &Path, path: &Path) -> io::Result<String> {
    read_text_up_to(root, path, WRITTEN)
}

/// Reads text of at most so many bytes.
///
/// # Errors
/// As [`read_text`].
pub fn read_text_up_to(root: &Path, path: &Path, limit: u64) -> io::Result<String> {
    let bytes = read(root, path, limit)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("it is not UTF-8: {}", error.utf8_error())))
}

/// Writes a file by making a new one and giving it the name: a reader sees the old text or the new one, and a link that has the name is replaced, never written through. Folders are made.
///
/// # Errors
/// The folder leads out of `root`, or something cannot be written; what was there before is then as it was.
pub fn write(root: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (folder, name) = (folder(root, above(path))?, name(path)?);
    static FILES: AtomicU64 = AtomicU64::new(0);
    sweep(&folder);
    let fresh = folder.join(format!(".{}.{}-{}.tmp", name.to_string_lossy(), std::process::id(), FILES.fetch_add(1, Ordering::Relaxed)));
    // The lock tells `sweep` that somebody writes; where there are no locks, the number of the process has to do.
    let written = new_file(&fresh).and_then(|mut file| {
        let _ = file.try_lock();
        file.write_all(bytes)?;
        fs::rename(&fresh, folder.join(name))
    });
    written.inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// Removes what processes that were killed left half written in a folder; looked for once a process and folder.
fn sweep(folder: &Path) {
    static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    if !SWEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned()) {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let Some((process, file)) = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?.1.split_once('-'))
        else {
            continue;
        };
        let ours = number(process) && number(file) && entry.file_type().is_ok_and(|kind| kind.is_file());
        // A living process may be one that is not seen from here, as in another container: then it holds the lock.
        if ours && !Path::new("/proc").join(process).exists() && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes a file that is not there yet.
///
/// # Errors
/// As [`write`], or there is something of that name, a link that leads nowhere included.
pub fn write_new(root: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (folder, name) = (folder(root, above(path))?, name(path)?);
    new_file(&folder.join(name))?.write_all(bytes)
}

/// Opens a file to write behind its end; made if it is missing.
///
/// # Errors
/// It leads out of `root`, is no regular file, or cannot be opened.
pub fn append(root: &Path, path: &Path) -> io::Result<File> {
    let place = folder(root, above(path))?.join(name(path)?);
    match fs::symlink_metadata(&place) {
        Ok(found) if !found.is_file() => Err(refused("it is no regular file")),
        _ => OpenOptions::new().create(true).append(true).open(place),
    }
}

/// Makes a folder with those above it, and tells where it really lies.
///
/// # Errors
/// It leads out of `root`, or cannot be made.
pub fn folder(root: &Path, path: &Path) -> io::Result<PathBuf> {
    // The way to what is there decides: what is made below it is no link.
    fs::create_dir_all(root)?;
    let there = path.ancestors().find(|folder| fs::symlink_metadata(folder).is_ok()).unwrap_or(root);
    let missing = path.strip_prefix(there).unwrap_or(Path::new(""));
    if missing.components().any(|part| part == Component::ParentDir) {
        return Err(refused("its way leads up and down again"));
    }
    let whole = real(root, there)?.join(missing);
    fs::create_dir_all(&whole)?;
    Ok(whole)
}

/// Where a path really lies, links resolved.
///
/// # Errors
/// It is not there, or leads out of `root`.
pub fn real(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let (root, real) = (root.canonicalize()?, path.canonicalize()?);
    if real.starts_with(&root) { Ok(real) } else { Err(refused(&format!("it leads out of {}, to {}", root.display(), real.display()))) }
}

/// What lies below a folder.
#[derive(Debug, Default)]
pub struct Walk {
    /// Every file, by path; whether it may be read is seen when it is.
    pub files: Vec<PathBuf>,
    /// What was not walked into, and why.
    pub refused: Vec<(PathBuf, String)>,
    /// Every link that was met, whatever became of it.
    pub links: Vec<PathBuf>,
}

/// Everything below a folder of a project. A folder is met once: a link to one that lies below is left to its own way, so the time is that of what is there, however the links multiply it.
pub fn walk(root: &Path, folder: &Path) -> Walk {
    let mut walk = Walk::default();
    let Ok(top) = folder.canonicalize() else { return walk };
    let mut met = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    let mut entries = 0;
    while let Some(folder) = folders.pop() {
        match real(root, &folder) {
            Ok(real) if met.insert(real.clone()) => {}
            Ok(_) => continue,
            Err(error) => {
                walk.refused.push((folder, error.to_string()));
                continue;
            }
        }
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            entries += 1;
            if entries > ENTRIES {
                walk.refused.push((folder, format!("there are more than {ENTRIES} files and folders")));
                walk.files.sort();
                return walk;
            }
            let path = entry.path();
            let linked = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if linked {
                walk.links.push(path.clone());
            }
            match path.is_dir() {
                true if linked && path.canonicalize().is_ok_and(|real| real.starts_with(&top) || top.starts_with(&real)) => {}
                true => folders.push(path),
                false => walk.files.push(path),
            }
        }
    }
    walk.files.sort();
    walk.refused.sort();
    walk.links.sort();
    walk
}

/// The folder above a file.
pub fn above(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

fn name(path: &Path) -> io::Result<&std::ffi::OsStr> {
    path.file_name().ok_or_else(|| refused("it names no file"))
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

fn too_large(limit: u64) -> io::Error {
    let most = if limit >> 20 == 0 { format!("{} KiB", limit >> 10) } else { format!("{} MiB", limit >> 20) };
    refused(&format!("it is larger than {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A project with a link out of it, and what lies outside.
    fn place() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let (root, outside) = (dir.path().join("project"), dir.path().join("outside"));
        fs::create_dir_all(root.join("real")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("secret"), "secret").unwrap();
        fs::write(root.join("real/file"), "ours").unwrap();
        symlink(&outside, root.join("out")).unwrap();
        symlink("real", root.join("in")).unwrap();
        symlink(outside.join("secret"), root.join("link")).unwrap();
        (dir, root, outside)
    }

    #[test]
    fn no_link_leads_a_reader_out() {
        let (_dir, root, _) = place();
        assert_eq!(read(&root, &root.join("in/file"), 10).unwrap(), b"ours");
        for path in ["link", "out/secret", "real/../../outside/secret"] {
            let error = read(&root, &root.join(path), 10).unwrap_err();
            assert!(error.kind() == io::ErrorKind::InvalidInput && error.to_string().starts_with("it leads out of "), "{path}: {error}");
        }
        assert_eq!(read(&root, &root.join("nothing"), 10).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn links_that_multiply_are_walked_once() {
        let (_dir, root, _) = place();
        for depth in 0..25 {
            fs::create_dir_all(root.join(format!("deep/{depth}"))).unwrap();
            for link in ["a", "b"] {
                symlink(root.join(format!("deep/{}", depth + 1)), root.join(format!("deep/{depth}/{link}"))).unwrap();
            }
        }
        fs::create_dir_all(root.join("deep/25")).unwrap();
        fs::write(root.join("deep/25/file"), "").unwrap();
        let below = walk(&root, &root);
        assert_eq!(below.files, ["deep/25/file", "link", "real/file"].map(|file| root.join(file)));
        assert_eq!(below.refused.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>(), [root.join("out")]);
        // From outside the folder that is walked, a link is the only way.
        fs::create_dir_all(root.join("other")).unwrap();
        symlink("../real", root.join("other/real")).unwrap();
        assert_eq!(walk(&root, &root.join("other")).files, [root.join("other/real/file")]);
    }

    #[test]
    fn what_has_no_end_is_not_read() {
        let (_dir, root, _) = place();
        assert_eq!(read(&root, &root.join("real/file"), 3).unwrap_err().to_string(), "it is larger than 0 KiB");
        assert_eq!(read(&root, &root.join("real"), 10).unwrap_err().to_string(), "it is no regular file");
        assert_eq!(read(Path::new("/"), Path::new("/dev/zero"), 10).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn what_a_killed_process_left_half_written_is_removed() {
        let (_dir, root, _) = place();
        // No process has a number as high.
        for name in [".x.4194305-7.tmp", ".theirs.tmp", ".x.4194305.tmp", ".x.1-7.tmp"] {
            fs::write(root.join(name), "half").unwrap();
        }
        write(&root, &root.join("x"), b"whole").unwrap();
        let mut left: Vec<_> = fs::read_dir(&root).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap()).collect();
        left.retain(|name| name.ends_with(".tmp"));
        left.sort();
        assert_eq!(left, [".theirs.tmp", ".x.1-7.tmp", ".x.4194305.tmp"]);
    }

    #[test]
    fn a_link_is_replaced_and_never_written_through() {
        let (_dir, root, outside) = place();
        write(&root, &root.join("link"), b"new").unwrap();
        assert_eq!((fs::read(root.join("link")).unwrap(), fs::read(outside.join("secret")).unwrap()), (b"new".to_vec(), b"secret".to_vec()));
        write(&root, &root.join("in/a/b"), b"x").unwrap();
        assert_eq!(fs::read(root.join("real/a/b")).unwrap(), b"x");
        for path in ["out/new", "out/a/b", "real/../../outside/new"] {
            assert!(write(&root, &root.join(path), b"x").is_err(), "{path}");
            assert!(append(&root, &root.join(path)).is_err() && folder(&root, &root.join(path)).is_err());
        }
        symlink("nowhere", root.join("dangling")).unwrap();
        assert!(write_new(&root, &root.join("dangling"), b"x").is_err() && append(&root, &root.join("dangling")).is_err());
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
        assert_eq!(fs::read_dir(&root).unwrap().flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(".tmp")).count(), 0);
    }
}
