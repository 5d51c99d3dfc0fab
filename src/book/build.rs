//! Builds the book in process: mdBook with our preprocessor, then what mdBook need not read, then the pages beside it.
//!
//! `rehearsal book` calls this; no mdbook binary has to be installed. The same input gives the same bytes, in any folder: no date of the build, no path of the machine, no order of a hash
//! map goes into a page.

use super::library::Library;
use super::links::Links;
use super::preprocess::Rehearsal;
use super::slots::Slots;
use super::{pages, style, tree, wide};
use mdbook_driver::MDBook;
use mdbook_preprocessor::errors::{Error, Result};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A book that was built.
#[derive(Debug, Clone)]
pub struct Built {
    /// The folder with its `index.html`.
    pub folder: PathBuf,
    pub chapters: usize,
    /// Pages with the evidence, beside the chapters.
    pub evidence_pages: usize,
    library: Arc<Library>,
    links: Links,
    beside: BTreeSet<PathBuf>,
}

/// Builds the book at `root` (the folder of `book.toml`) into `folder`, in which nothing else is left.
///
/// `before` is what was built there from the same library: pages with evidence that cannot have changed since are left as they are.
///
/// # Errors
/// A chapter cannot be read or rendered; the folder is then as it was. Or it cannot be written.
pub fn build(root: &Path, folder: &Path, library: Arc<Library>, before: Option<&Built>) -> Result<Built> {
    let folder = std::path::absolute(folder)?;
    let scratch = Scratch::beside(&folder);
    let mut book = MDBook::load(root)?;
    book.config.build.build_dir.clone_from(&scratch.0);
    let links = Links::of(&book.book, &library, true);
    let slots = Arc::new(Mutex::new(Slots::default()));
    // The same name as in book.toml: takes the place of the command there, and with it its place in the order.
    book.with_preprocessor(Rehearsal { library: Arc::clone(&library), evidence_pages: true, slots: Some(Arc::clone(&slots)) });
    book.build()?;
    let slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
    let told = |error: std::io::Error| Error::msg(format!("failed to write the book: {error}"));
    let mut wanted = tree::copy(&scratch.0, &folder, |path, bytes| finished(&slots, path, bytes)).map_err(told)?;
    let unchanged = before.filter(|before| Arc::ptr_eq(&before.library, &library) && before.links == links);
    let beside = match unchanged {
        Some(before) => before.beside.clone(),
        None => write_beside(&folder, &library, &links).map_err(told)?,
    };
    wanted.extend(beside.iter().cloned());
    tree::keep_only(&folder, &wanted).map_err(told)?;
    Ok(Built {
        folder,
        chapters: book.book.chapters().count(),
        evidence_pages: beside.iter().filter(|path| path.extension().is_some_and(|x| x == "html")).count(),
        library,
        links,
        beside,
    })
}

/// A file as it leaves the house.
fn finished<'a>(slots: &Slots, path: &Path, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    let text = std::str::from_utf8(bytes).ok().filter(|_| path.extension().is_some_and(|x| x == "html"));
    let Some(text) = text else { return Cow::Borrowed(bytes) };
    let filled = slots.fill(text, path == Path::new("print.html"));
    match (wide::label(&filled), filled) {
        (Some(text), _) | (None, Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
        (None, Cow::Borrowed(_)) => Cow::Borrowed(bytes),
    }
}

fn write_beside(folder: &Path, library: &Library, links: &Links) -> std::io::Result<BTreeSet<PathBuf>> {
    let mut written = BTreeSet::new();
    for (path, text) in [(style::PATH, style::TEXT.to_owned()), (style::DARK_PATH, style::dark())] {
        tree::write(&folder.join(path), text.as_bytes())?;
        written.insert(path.into());
    }
    for place in pages::places(library) {
        let (path, text) = place.page(library, links);
        tree::write(&folder.join(&path), text.as_bytes())?;
        written.insert(path.into());
    }
    Ok(written)
}

/// Where mdBook writes; nothing is left of it on any path.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(folder: &Path) -> Scratch {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        Scratch(folder.with_file_name(format!(".{name}.{}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // If it cannot be removed, the next build of this process does.
        let _ = fs::remove_dir_all(&self.0);
    }
}
