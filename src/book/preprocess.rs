//! The preprocessor proper: a book with directives in, the same book with renderings in their place out.
//!
//! It reads evidence and never plays anything; a library without any evidence gives a book that says "not run" everywhere.
//!
//! It runs *before* mdBook's `links`: there the text is still the author's own, so a line number in an error is the line in the file, and `\{{#` still has its
//! backslash (which `links` takes away). The price is that `links` sees our output, which is why every brace in it is an entity.

use super::broken;
use super::chart;
use super::claims;
use super::cures;
use super::difference;
use super::directives::directives;
use super::footer;
use super::glossary::Glossary;
use super::ledger;
use super::library::Library;
use super::links::Links;
use super::losses;
use super::matrix;
use super::render_feature::{self, Context};
use super::reshard_chart;
use super::resolve::{Target, Unresolved, resolve};
use super::see;
use super::sizing;
use super::slots::{self, Slots};
use crate::measure::reshard;
use mdbook_preprocessor::book::{Book, Chapter};
use mdbook_preprocessor::errors::Result;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

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

/// Replaces every directive; what mdBook need not read is marked as [`slots`] says. All that resolve to nothing are told at once.
pub fn run(mut book: Book, library: &Library, evidence_pages: bool) -> Result<Book, Unresolvable> {
    let links = Links::of(&book, library, evidence_pages);
    let glossary = Glossary::of(&book);
    let mut unresolved = Vec::new();
    book.for_each_chapter_mut(|chapter| match rendered(chapter, library, &links, &glossary) {
        Ok(content) => chapter.content = content,
        Err(errors) => unresolved.extend(errors),
    });
    if unresolved.is_empty() { Ok(book) } else { Err(Unresolvable(unresolved)) }
}

fn rendered(chapter: &Chapter, library: &Library, links: &Links, glossary: &Glossary) -> Result<String, Vec<Unresolved>> {
    let file = chapter.source_path.as_ref().map_or_else(|| chapter.name.clone(), |p| p.to_string_lossy().replace('\\', "/"));
    let path = chapter.path.as_deref().unwrap_or(std::path::Path::new(""));
    let page = path.with_extension("html").to_string_lossy().replace('\\', "/");
    let page = page.strip_suffix("README.html").map_or(page.clone(), |folder| format!("{folder}index.html"));
    // The author's prose only: what directives stand for comes later. No line is added, so errors still name the author's own.
    let content = links.glossary(&page).map_or_else(|| chapter.content.clone(), |way| glossary.linked(&chapter.content, &way));
    let found = directives(&content);
    let context = Context { library, links, page: &page, server: library.default_server() };
    let mut out = String::with_capacity(content.len());
    let mut errors = Vec::new();
    let mut from = 0;
    for directive in &found {
        out.push_str(&content[from..directive.range.start]);
        from = directive.range.end;
        let block = match resolve(directive, &file, library) {
            Ok(Target::Feature(feature)) => render_feature::feature(feature, context),
            Ok(Target::Scenario(feature, rule, scenario)) => render_feature::single(feature, rule, scenario, context),
            Ok(Target::See(feature, scenario, words)) => see::link(feature, scenario, words, context),
            Ok(Target::Saw(feature, scenario, step)) => see::observation(feature, scenario, step, context),
            Ok(Target::Cures) => cures::tally(&chapter.content, context),
            Ok(Target::Claims(system)) => claims::table(system, context),
            Ok(Target::Ledger(Some(system))) => ledger::entries(system, context),
            Ok(Target::Ledger(None)) => ledger::tally(context),
            Ok(Target::Sizing(calculator)) => sizing::page(calculator, context),
            Ok(Target::Matrix) => matrix::table(context),
            Ok(Target::Difference(feature, rule)) => difference::block(feature, rule, context),
            Ok(Target::Upgrade(from, to)) => difference::upgrade(from, to, context),
            Ok(Target::Broken) => broken::table(context),
            Ok(Target::Chart(reshard::NAME)) => reshard_chart::chart(context),
            Ok(Target::Controls) => footer::controls(context),
            Ok(Target::Chart(losses::NAME)) => losses::chart(context),
            Ok(Target::Chart(name)) => chart::chart(name, context),
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        if directive.kind.is_inline() {
            out.push_str(&block);
            continue;
        }
        // A block of its own wherever the directive stands.
        out.push_str("\n\n");
        out.push_str(&block);
        out.push_str("\n\n");
    }
    out.push_str(&content[from..]);
    let foot = footer::of_chapter(&found, context);
    if !foot.is_empty() {
        out.push_str("\n\n");
        out.push_str(&slots::everywhere(foot.trim_end()));
        out.push('\n');
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

/// For who renders the book alone: everything where it belongs.
pub fn in_place(book: &mut Book) {
    book.for_each_chapter_mut(|chapter| chapter.content = slots::in_place(&chapter.content));
}

/// mdBook's view of us.
pub struct Rehearsal {
    pub library: Arc<Library>,
    /// Whether [`super::pages`] are written beside the book, so that links to them lead somewhere.
    pub evidence_pages: bool,
    /// Where to put what mdBook need not read; without, it stays in its place.
    pub slots: Option<Arc<Mutex<Slots>>>,
}

impl Preprocessor for Rehearsal {
    fn name(&self) -> &str {
        "rehearsal"
    }

    fn run(&self, _: &PreprocessorContext, book: Book) -> Result<Book> {
        let mut book = run(book, &self.library, self.evidence_pages)?;
        match &self.slots {
            Some(slots) => {
                let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
                // What mdBook's `links` does last: directives that are shown lose their backslash.
                book.for_each_chapter_mut(|chapter| chapter.content = slots.cut(&chapter.content).replace("\\{{#", "{{#"));
            }
            None => in_place(&mut book),
        }
        Ok(book)
    }

    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        Ok(super::protocol::supports(renderer))
    }
}
