//! Builds the book in process: mdBook with our preprocessor, then what mdBook need not read, then the pages beside it.
//!
//! `rehearsal book` calls this; no mdbook binary has to be installed. The same input gives the same bytes, in any folder: no date of the build, no path of the machine, no order of a hash
//! map goes into a page.

use super::library::Library;
use super::links::Links;
use super::preprocess::Rehearsal;
use super::slots::Slots;
use super::sources::Sources;
use super::{guard, pages, style, tree, wide};
use crate::runtime_folder::Scratch;
use mdbook_preprocessor::errors::{Error, Result};
use std::borrow::Cow;
use std::collections::BTreeSet;
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

/// Builds a book into `folder`, in which nothing else is left of what an earlier build wrote.
///
/// `before` is what was built there from the same library: pages with evidence that cannot have changed since are left as they are.
///
/// # Errors
/// A chapter cannot be read or rendered; the folder is then as it was. Or it cannot be written, or leads out of the folder it lies in.
pub fn build(sources: &Sources, folder: &Path, library: Arc<Library>, before: Option<&Built>) -> Result<Built> {
    let folder = std::path::absolute(folder)?;
    // Where mdBook writes; nothing is left of it on any path.
    let scratch = Scratch::new()?;
    let mut book = sources.load_into(scratch.path())?;
    let links = Links::of(&book.book, &library, true);
    let slots = Arc::new(Mutex::new(Slots::default()));
    // The same name as in book.toml: takes the place of the command there, and with it its place in the order.
    book.with_preprocessor(Rehearsal { library: Arc::clone(&library), evidence_pages: true, slots: Some(Arc::clone(&slots)) });
    book.build()?;
    let slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
    let told = |error: std::io::Error| Error::msg(format!("failed to write the book: {error}"));
    let tree = tree::Tree::at(&folder).map_err(told)?;
    let mut scripts = guard::Scripts::default();
    let mut wanted = tree.copy(&book.config.build.build_dir, |path, bytes| finished(&slots, &mut scripts, path, bytes)).map_err(told)?;
    for (path, text) in scripts.files() {
        tree.write(Path::new(path), text.as_bytes()).map_err(told)?;
        wanted.insert(path.into());
    }
    let unchanged = before.filter(|before| Arc::ptr_eq(&before.library, &library) && before.links == links);
    let beside = match unchanged {
        Some(before) => before.beside.clone(),
        None => write_beside(&tree, &library, &links).map_err(told)?,
    };
    wanted.extend(beside.iter().cloned());
    tree.keep_only(&wanted).map_err(told)?;
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
fn finished<'a>(slots: &Slots, scripts: &mut guard::Scripts, path: &Path, bytes: &'a [u8]) -> Cow<'a, [u8]> {
    let text = std::str::from_utf8(bytes).ok().filter(|_| path.extension().is_some_and(|x| x == "html"));
    let Some(text) = text else { return Cow::Borrowed(bytes) };
    let guarded = scripts.guarded(path, text);
    let filled = slots.fill(&guarded, path == Path::new("print.html"));
    Cow::Owned(wide::label(&filled).unwrap_or_else(|| filled.into_owned()).into_bytes())
}

fn write_beside(tree: &tree::Tree, library: &Library, links: &Links) -> std::io::Result<BTreeSet<PathBuf>> {
    let mut written = BTreeSet::new();
    for (path, text) in [(style::PATH, style::TEXT.to_owned()), (style::DARK_PATH, style::dark())] {
        tree.write(Path::new(path), text.as_bytes())?;
        written.insert(path.into());
    }
    for place in pages::places(library) {
        let (path, text) = place.page(library, links);
        tree.write(Path::new(&path), text.as_bytes())?;
        written.insert(path.into());
    }
    Ok(written)
}
