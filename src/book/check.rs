//! What is wrong with a book before anything is built: directives that name nothing, features that nobody can read.

use super::cures;
use super::difference;
use super::directives::directives;
use super::glossary;
use super::library::Library;
use super::links::Links;
use super::resolve::{Unresolved, resolve, unembedded};
use super::sources::Sources;
use mdbook_preprocessor::errors::Result;

/// Everything to say about a book; nothing is written. The error is for a book that cannot be loaded: a chapter in SUMMARY.md without a file.
pub fn check(sources: &Sources, library: &Library) -> Result<Vec<Unresolved>> {
    let book = sources.load()?.book;
    let mut findings = glossary::problems(&book);
    let mut all = Vec::new();
    for chapter in book.chapters() {
        let file = chapter.source_path.as_ref().map_or_else(|| chapter.name.clone(), |p| p.to_string_lossy().replace('\\', "/"));
        let found = directives(&chapter.content);
        findings.extend(found.iter().filter_map(|d| resolve(d, &file, library).err()));
        findings.extend(cures::untold(&chapter.content, &file));
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
    findings.extend(cures::uncited(&all, library));
    for (feature, rule, scenario) in difference::untold(library, &Links::of(&book, library, false)) {
        findings.push(Unresolved {
            file: feature.path.clone(),
            line: scenario.line,
            message: format!(
                "servers differ in \"{}\", and no page says what changed; add {{{{#difference {}#{}}}}} to one below book/src/versions/",
                rule.name.as_deref().unwrap_or(&feature.name),
                feature.key,
                scenario.slug
            ),
            nearest: None,
        });
    }
    Ok(findings)
}
