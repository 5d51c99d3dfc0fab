//! Builds the book in process: mdBook with our preprocessor, then the pages beside it.
//!
//! `rehearsal book` calls this; no mdbook binary has to be installed.

use super::library::Library;
use super::links::Links;
use super::pages;
use super::preprocess::Rehearsal;
use mdbook_driver::MDBook;
use mdbook_preprocessor::errors::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A book that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The folder with its `index.html`.
    pub folder: PathBuf,
    pub chapters: usize,
    /// Pages with the evidence of other servers.
    pub evidence_pages: usize,
}

/// Builds the book at `root` (the folder of `book.toml`) into `folder`, which is emptied first.
pub fn build(root: &Path, folder: &Path, library: Arc<Library>) -> Result<Built> {
    let mut book = MDBook::load(root)?;
    book.config.build.build_dir = std::path::absolute(folder)?;
    let links = Links::of(&book.book, &library, true);
    // The same name as in book.toml: takes the place of the command there, and with it its place in the order.
    book.with_preprocessor(Rehearsal { library: Arc::clone(&library), evidence_pages: true });
    book.build()?;
    let pages = pages::pages(&library, &links);
    for (path, text) in pages.iter().map(|(p, t)| (p.as_str(), t.as_str())).chain([(pages::STYLE_PATH, pages::STYLE)]) {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|e| Error::msg(format!("failed to write {}: {e}", path.display())))?;
    }
    Ok(Built { folder: folder.to_owned(), chapters: book.book.chapters().count(), evidence_pages: pages.len() })
}
