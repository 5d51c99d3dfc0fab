//! A folder brought to the state of another: files that changed are written, those that are gone removed, the rest is not touched.
//!
//! So a book that is built again while somebody reads it never is half there, and whoever copies it elsewhere copies only what is new.

use crate::confined;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

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

/// Names the files that a build wrote, one a line; the next one removes what of them it does not write.
const MADE: &str = ".made-by-rehearsal";

/// The folder of a finished book.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
}

impl Tree {
    /// Makes the folder if it is missing.
    ///
    /// # Errors
    /// It leads out of the one it lies in, or cannot be made.
    pub fn at(root: &Path) -> io::Result<Tree> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", root.display()));
        confined::folder(root.parent().unwrap_or(root), root).map(|root| Tree { root }).map_err(named)
    }

    /// Writes a file, named from the folder, unless it holds these bytes already.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let whole = self.root.join(path);
        if fs::symlink_metadata(&whole).is_ok_and(|found| found.is_file() && found.len() == bytes.len() as u64)
            && confined::read(&self.root, &whole, bytes.len() as u64).is_ok_and(|old| old == bytes)
        {
            return Ok(());
        }
        confined::write(&self.root, &whole, bytes).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", whole.display())))
    }

    /// Copies every file of `from`, each as `change` makes it; tells their paths.
    pub fn copy(&self, from: &Path, mut change: impl for<'b> FnMut(&Path, &'b [u8]) -> Cow<'b, [u8]>) -> io::Result<BTreeSet<PathBuf>> {
        let files = files(from)?;
        for path in &files {
            self.write(path, &change(path, &fs::read(from.join(path))?))?;
        }
        Ok(files.into_iter().collect())
    }

    /// Removes what an earlier build wrote and this one did not; folders that became empty go as well. What nobody of us wrote stays.
    pub fn keep_only(&self, wanted: &BTreeSet<PathBuf>) -> io::Result<()> {
        let made = self.root.join(MADE);
        let before = confined::read_text(&self.root, &made).unwrap_or_default();
        let ours = |path: &&Path| path.components().all(|part| matches!(part, Component::Normal(_))) && !wanted.contains(*path);
        for path in before.lines().map(Path::new).filter(ours) {
            // A link on the way would lead to what is somebody else's.
            let Some(folder) = path.parent().and_then(|folder| confined::real(&self.root, &self.root.join(folder)).ok()) else { continue };
            let file = folder.join(path.file_name().unwrap_or_default());
            if fs::symlink_metadata(&file).is_ok_and(|found| !found.is_dir()) {
                fs::remove_file(&file)?;
            }
            // A folder that is not empty refuses, which is what is wanted.
            let above = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
            above.take_while(|folder| fs::remove_dir(self.root.join(folder)).is_ok()).for_each(drop);
        }
        let list: String = wanted.iter().map(|path| format!("{}\n", path.display())).collect();
        self.write(Path::new(MADE), list.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_becomes_as_the_other_and_what_others_put_there_stays() {
        let (from, outer) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let put = |folder: &Path, path: &str, text: &str| confined::write(folder, &folder.join(path), text.as_bytes()).unwrap();
        let to = outer.path().join("html");
        let tree = Tree::at(&to).unwrap();
        put(&to, "a/theirs", "");
        for path in ["a/b.html", "c", "x/y/z"] {
            tree.write(Path::new(path), b"old").unwrap();
        }
        tree.keep_only(&["a/b.html", "c", "x/y/z"].map(PathBuf::from).into()).unwrap();
        put(from.path(), "a/b.html", "new");
        put(from.path(), "c", "old");
        let before = fs::metadata(to.join("c")).unwrap().modified().unwrap();
        let copied =
            tree.copy(from.path(), |path, bytes| if path == Path::new("c") { Cow::Borrowed(bytes) } else { Cow::Owned(bytes.to_ascii_uppercase()) });
        tree.keep_only(&copied.unwrap()).unwrap();
        assert_eq!(fs::read(to.join("a/b.html")).unwrap(), b"NEW");
        assert_eq!(files(&to).unwrap(), ["a/b.html", "a/theirs", "c"].map(PathBuf::from));
        assert!(!to.join("x").exists());
        assert_eq!(fs::metadata(to.join("c")).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn nothing_is_written_or_removed_beside_the_folder() {
        let outer = tempfile::tempdir().unwrap();
        let (book, outside) = (outer.path().join("book"), outer.path().join("outside"));
        fs::create_dir_all(&book).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("precious"), "precious").unwrap();
        std::os::unix::fs::symlink(&outside, book.join("html")).unwrap();
        assert!(Tree::at(&book.join("html")).is_err());
        let tree = Tree::at(&book.join("pages")).unwrap();
        std::os::unix::fs::symlink(&outside, book.join("pages/out")).unwrap();
        std::os::unix::fs::symlink(outside.join("precious"), book.join("pages/index.html")).unwrap();
        assert!(tree.write(Path::new("out/new"), b"x").is_err());
        tree.write(Path::new("index.html"), b"page").unwrap();
        fs::write(book.join("pages").join(MADE), "out/precious\n../../outside/precious\n/etc/hostname\n").unwrap();
        tree.keep_only(&BTreeSet::new()).unwrap();
        assert_eq!((fs::read(outside.join("precious")).unwrap(), fs::read_dir(&outside).unwrap().count()), (b"precious".to_vec(), 1));
    }
}
