//! A folder brought to the state of another: files that changed are written, those that are gone removed, the rest is not touched.
//!
//! So a book that is built again while somebody reads it never is half there, and whoever copies it elsewhere copies only what is new.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Every file below a folder, relative to it, in order. Names that begin with a dot are nobody's pages: a folder may well be a work tree of its own.
pub fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if entry.file_type()?.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a file unless it holds these bytes already.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, bytes).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// Copies every file of `from` to `to`, each as `change` makes it; tells their paths.
pub fn copy(from: &Path, to: &Path, change: impl for<'b> Fn(&Path, &'b [u8]) -> Cow<'b, [u8]>) -> io::Result<BTreeSet<PathBuf>> {
    let files = files(from)?;
    for path in &files {
        write(&to.join(path), &change(path, &fs::read(from.join(path))?))?;
    }
    Ok(files.into_iter().collect())
}

/// Removes what is in a folder and not among these; folders that became empty go as well.
pub fn keep_only(root: &Path, wanted: &BTreeSet<PathBuf>) -> io::Result<()> {
    for path in files(root)?.into_iter().filter(|path| !wanted.contains(path)) {
        fs::remove_file(root.join(&path))?;
        // A folder that is not empty refuses, which is what is wanted.
        path.ancestors()
            .skip(1)
            .filter(|folder| !folder.as_os_str().is_empty())
            .take_while(|folder| fs::remove_dir(root.join(folder)).is_ok())
            .for_each(drop);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_becomes_as_the_other() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (root, path, text) in [
            (&from, "a/b.html", "new"),
            (&from, "c", "same"),
            (&to, "a/b.html", "old"),
            (&to, "c", "same"),
            (&to, "x/y/z", "gone"),
            (&to, ".git", ""),
        ] {
            write(&root.path().join(path), text.as_bytes()).unwrap();
        }
        let before = fs::metadata(to.path().join("c")).unwrap().modified().unwrap();
        let copied = copy(from.path(), to.path(), |_, bytes| Cow::Owned(bytes.to_ascii_uppercase())).unwrap();
        assert_eq!(fs::read(to.path().join("a/b.html")).unwrap(), b"NEW");
        keep_only(to.path(), &copied).unwrap();
        assert_eq!(files(to.path()).unwrap(), [PathBuf::from("a/b.html"), PathBuf::from("c")]);
        assert!(to.path().join(".git").exists() && !to.path().join("x").exists());
        copy(to.path(), to.path(), |_, bytes| Cow::Borrowed(bytes)).unwrap();
        write(&to.path().join("c"), b"SAME").unwrap();
        assert!(fs::metadata(to.path().join("c")).unwrap().modified().unwrap() >= before);
    }
}
