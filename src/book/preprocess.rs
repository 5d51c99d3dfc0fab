//! The preprocessor proper: a book with directives in, the same book with renderings in their place out.
//!
//! It reads evidence and never plays anything; a library without any evidence gives a book that says "not run" everywhere.
//!
//! It runs *before* mdBook's `links`: there the text is still the author's own, so a line number in an error is the line in the file, and `\{{#` still has its
//! backslash (which `links` takes away). The price is that `links` sees our output, which is why every brace in it is an entity.

use super::broken;
use super::chart;
use super::claims;
use super::difference;
use super::directives::directives;
use super::library::Library;
use super::links::Links;
use super::matrix;
use super::render_feature::{self, Context};
use super::resolve::{Target, Unresolved, resolve};
use mdbook_preprocessor::book::{Book, Chapter};
use mdbook_preprocessor::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::fmt;
use std::sync::Arc;

/// Every directive of a book that names nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolvable(pub Vec<Unresolved>);

impl fmt::Display for Unresolvable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Unresolved::to_string).collect();
        write!(f, "directives that name nothing:\n  {}", lines.join("\n  "))
    }
}

impl std::error::Error for Unresolvable {}

/// Replaces every directive. All that resolve to nothing are told at once.
pub fn run(mut book: Book, library: &Library, evidence_pages: bool) -> Result<Book, Unresolvable> {
    let links = Links::of(&book, library, evidence_pages);
    let mut unresolved = Vec::new();
    book.for_each_chapter_mut(|chapter| match rendered(chapter, library, &links) {
        Ok(content) => chapter.content = content,
        Err(errors) => unresolved.extend(errors),
    });
    if unresolved.is_empty() { Ok(book) } else { Err(Unresolvable(unresolved)) }
}

fn rendered(chapter: &Chapter, library: &Library, links: &Links) -> Result<String, Vec<Unresolved>> {
    let found = directives(&chapter.content);
    let file = chapter.source_path.as_ref().map_or_else(|| chapter.name.clone(), |p| p.to_string_lossy().replace('\\', "/"));
    let path = chapter.path.as_deref().unwrap_or(std::path::Path::new(""));
    let page = path.with_extension("html").to_string_lossy().replace('\\', "/");
    let page = page.strip_suffix("README.html").map_or(page.clone(), |folder| format!("{folder}index.html"));
    let context = Context { library, links, page: &page, server: library.default_server() };
    let mut out = String::with_capacity(chapter.content.len());
    let mut errors = Vec::new();
    let mut from = 0;
    for directive in &found {
        out.push_str(&chapter.content[from..directive.range.start]);
        from = directive.range.end;
        let block = match resolve(directive, &file, library) {
            Ok(Target::Feature(feature)) => render_feature::feature(feature, context),
            Ok(Target::Scenario(feature, rule, scenario)) => render_feature::single(feature, rule, scenario, context),
            Ok(Target::Claims(system)) => claims::table(system, context),
            Ok(Target::Matrix) => matrix::table(context),
            Ok(Target::Difference(feature, rule)) => difference::block(feature, rule, context),
            Ok(Target::Upgrade(from, to)) => difference::upgrade(from, to, context),
            Ok(Target::Broken) => broken::table(context),
            Ok(Target::Chart(name)) => chart::chart(name, context),
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        // A block of its own wherever the directive stands.
        out.push_str("\n\n");
        out.push_str(&block);
        out.push_str("\n\n");
    }
    out.push_str(&chapter.content[from..]);
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

/// mdBook's view of us.
pub struct Rehearsal {
    pub library: Arc<Library>,
    /// Whether [`super::pages`] are written beside the book, so that links to them lead somewhere.
    pub evidence_pages: bool,
}

impl Preprocessor for Rehearsal {
    fn name(&self) -> &str {
        "rehearsal"
    }

    fn run(&self, _: &PreprocessorContext, book: Book) -> Result<Book> {
        Ok(run(book, &self.library, self.evidence_pages)?)
    }

    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        Ok(super::protocol::supports(renderer))
    }
}
