//! What is wrong with a book before anything is built: directives that name nothing, features that nobody can read.

use super::directives::directives;
use super::glossary;
use super::library::Library;
use super::resolve::{Unresolved, resolve, unembedded};
use mdbook_driver::MDBook;
use mdbook_preprocessor::errors::Result;
use std::path::Path;

/// Everything to say about the book at `root`. The error is for a book that cannot be loaded: no `book.toml`, a chapter in SUMMARY.md without a file.
pub fn check(root: &Path, library: &Library) -> Result<Vec<Unresolved>> {
    let book = MDBook::load(root)?.book;
    let mut findings = glossary::problems(&book);
    let mut all = Vec::new();
    for chapter in book.chapters() {
        let file = chapter.source_path.as_ref().map_or_else(|| chapter.name.clone(), |p| p.to_string_lossy().replace('\\', "/"));
        let found = directives(&chapter.content);
        findings.extend(found.iter().filter_map(|d| resolve(d, &file, library).err()));
        all.extend(found);
    }
    for key in unembedded(&all, library) {
        let file = library.feature(&key).map_or_else(|| key.clone(), |f| f.path.clone());
        findings.push(Unresolved {
            file,
            line: 1,
            message: format!("no chapter of the book shows it; add {{{{#feature {key}}}}} to one"),
            nearest: None,
        });
    }
    Ok(findings)
}
