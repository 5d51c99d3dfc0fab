//! The files a book is built from, looked at before mdBook reads any of them: settings, summary, chapters, theme.
//!
//! You are in the right place when a book is refused for what one of its files is or where it lies. What comes out is a book that mdBook can load without looking outside its folder.

use super::directives::{directives, theirs};
use super::settings;
use crate::confined;
use crate::topology::located::Problem;
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use mdbook_preprocessor::errors::Result;
use pulldown_cmark::{Event, Options, Parser, Tag};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What of the theme is this program's own, whatever the project has: a template is a program, and so is a script.
const OWN: [(&str, &str); 2] =
    [("theme/head.hbs", include_str!("../../book/theme/head.hbs")), (settings::SCRIPT, include_str!("../../book/theme/sizing.js"))];

/// Endings of what a theme may hold: style sheets, pictures, fonts.
const LOOKS: [&str; 9] = ["css", "svg", "png", "ico", "woff2", "woff", "ttf", "otf", "txt"];

/// Endings of what may lie beside chapters besides: chapters, more pictures, and data. All of it is copied as it is; a page or a script would run beside the pages, under no policy.
const BESIDE: [&str; 7] = ["md", "jpg", "jpeg", "gif", "webp", "csv", "json"];

/// Most chapters of a book: mdBook makes a list of all of them for each.
const CHAPTERS: usize = 1_000;

/// Most headings of a chapter, and most of its directives: mdBook tries one address after the other until one is free, and each directive may bring headings of its own.
const HEADINGS: usize = 1_000;

/// Files whose place and kind are right, below the folder of `book.toml`.
#[derive(Debug)]
pub struct Sources {
    root: PathBuf,
    config: Config,
    theme: Vec<PathBuf>,
}

impl Sources {
    /// Looks at the book in `root`; `shown` is that folder in messages.
    ///
    /// # Errors
    /// All that is wrong with its settings, and every file that is no regular one, leads out of the folder, is too large, or would run in a page.
    pub fn at(root: &Path, shown: &str) -> Result<Sources, Vec<Problem>> {
        let place = |path: &Path| format!("{shown}/{}", path.strip_prefix(root).unwrap_or(path).display());
        let unread = |file: &str, error: &dyn std::fmt::Display| Problem::error(file, 1, format!("cannot be read: {error}"));
        let mut problems = Vec::new();
        let file = root.join("book.toml");
        let config = match confined::read_text(root, &file) {
            Ok(text) => settings::parse(&text, &place(&file)).unwrap_or_else(|found| {
                problems.extend(found);
                Config::default()
            }),
            Err(error) => return Err(vec![unread(&place(&file), &error)]),
        };
        let (source, theme) = (confined::walk(root, &root.join("src")), confined::walk(root, &root.join("theme")));
        for (path, reason) in source.refused.iter().chain(&theme.refused) {
            problems.push(unread(&place(path), reason));
        }
        for path in source.links.iter().chain(&theme.links) {
            problems.push(unread(&place(path), &"it is a link").advice("put what it leads to into the book"));
        }
        let real = |path: &&PathBuf| !source.links.contains(path) && !theme.links.contains(path);
        for path in source.files.iter().chain(&theme.files).filter(real) {
            match readable(path) {
                Err(error) => problems.push(unread(&place(path), &error)),
                Ok(()) if path.extension().is_some_and(|ending| ending == "md") => problems.extend(chapter(root, path, &place(path))),
                Ok(()) => {}
            }
        }
        for path in source.files.iter().filter(|path| !is_hidden(root, path)) {
            if !LOOKS.iter().chain(&BESIDE).any(|known| *known == ending(path)) {
                let problem =
                    Problem::error(&place(path), 1, "only chapters, pictures, fonts, style sheets and data (txt, csv, json) of a book are taken");
                problems
                    .push(problem.advice("remove it: a page or a script of its own would run beside the pages; `mdbook build book` takes others"));
            }
        }
        for path in source.files.iter().chain(&theme.files).filter(real).filter(|path| !is_hidden(root, path)) {
            // mdBook writes the names of chapters into a script.
            let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
            if !name.chars().all(|c| c.is_alphanumeric() || "-._/ ".contains(c)) {
                let problem = Problem::error(&place(path), 1, "this name has a character that names of pages do not have");
                problems.push(problem.advice("letters, digits, dashes, dots, underscores and spaces"));
            }
            if ending(path) == "svg" && confined::read(root, path, confined::RECORDED).is_ok_and(|picture| runs_something(&picture)) {
                let problem = Problem::error(&place(path), 1, "this picture could run something when it is opened by itself");
                problems.push(problem.advice("draw it without scripts, events, entities, foreign objects and style sheets of their own"));
            }
        }
        for path in &theme.files {
            let name = path.strip_prefix(root).unwrap_or(path);
            let own = OWN.iter().find(|(own, _)| Path::new(own) == name);
            let same = own.is_some_and(|(_, text)| confined::read_text(root, path).is_ok_and(|found| found == **text));
            if !same && !LOOKS.contains(&ending(path)) {
                let problem = Problem::error(&place(path), 1, "only style sheets, pictures and fonts of a theme are taken");
                problems.push(problem.advice("remove it: templates and scripts are this program's own; `mdbook build book` takes others"));
            }
        }
        problems.extend(summary(root, &place(&root.join("src/SUMMARY.md"))));
        if problems.is_empty() { Ok(Sources { root: root.to_owned(), config, theme: theme.files }) } else { Err(problems) }
    }

    /// The book as it is written; nothing is written, and the theme is not looked at.
    ///
    /// # Errors
    /// A chapter in SUMMARY.md has no file.
    pub fn load(&self) -> Result<MDBook> {
        MDBook::load_with_config(&self.root, own_preprocessor(self.config.clone())?)
    }

    /// The book with everything that mdBook needs in `scratch`, to be built into the folder `html` there.
    ///
    /// # Errors
    /// As [`Sources::load`], or `scratch` cannot be written.
    pub fn load_into(&self, scratch: &Path) -> Result<MDBook> {
        let mut config = self.config.clone();
        // What the operator of this program says, such as where the book is published.
        config.update_from_env()?;
        config.book.src = fs::canonicalize(self.root.join("src"))?;
        config.build.build_dir = scratch.join("html");
        for path in &self.theme {
            let name = path.strip_prefix(&self.root)?;
            confined::write(scratch, &scratch.join(name), &confined::read(&self.root, path, confined::RECORDED)?)?;
        }
        for (name, text) in OWN {
            confined::write(scratch, &scratch.join(name), text.as_bytes())?;
        }
        MDBook::load_with_config(scratch, own_preprocessor(config)?)
    }
}

/// Ours alone, and that which makes `index.html` of `README.md`: mdBook's `links` reads any file of the machine that a chapter names.
fn own_preprocessor(mut config: Config) -> Result<Config> {
    config.build.use_default_preprocessors = false;
    config.set("preprocessor", serde_json::json!({ "index": {}, "rehearsal": { "before": ["index"] } }))?;
    Ok(config)
}

/// Whether mdBook may read a file: it reads all of it.
fn readable(path: &Path) -> std::io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    let wrong = |why: &str| Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, why.to_owned()));
    let limit = if path.extension().is_some_and(|ending| ending == "md") { confined::WRITTEN } else { confined::RECORDED };
    match found.is_file() {
        false => wrong("it is no regular file"),
        true if found.len() > limit => wrong(&format!("it is larger than {} MiB", limit >> 20)),
        true => Ok(()),
    }
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

/// What a build does not copy.
fn is_hidden(root: &Path, path: &Path) -> bool {
    let mut parts = path.strip_prefix(root).unwrap_or(path).components();
    parts.any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
}

/// Whether an SVG is more than a picture: in the page that has it, nothing of it runs, but it may be opened by itself, from a server that knows no policy.
fn runs_something(picture: &[u8]) -> bool {
    // In another encoding, none of these words would be found.
    let Ok(text) = std::str::from_utf8(picture) else { return true };
    let text = text.to_ascii_lowercase();
    let words = ["script", "foreignobject", "<!", "&#", "<?xml-stylesheet", "iframe", "<handler", "<listener"];
    // Comments are text; everything else that begins so declares entities.
    let declared = |word: &str| if word == "<!" { text.replace("<!--", "").contains(word) } else { text.contains(word) };
    let event = |(at, _): (usize, &str)| {
        let before = text[..at].chars().next_back();
        let name = text[at + 2..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        before.is_some_and(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '/')) && name.trim_start().starts_with('=')
    };
    words.into_iter().any(declared) || text.match_indices("on").any(event)
}

/// Directives of mdBook's in a chapter: it would read any file of this machine that they name. And more of anything than can be given an address.
fn chapter(root: &Path, path: &Path, shown: &str) -> Vec<Problem> {
    let Ok(text) = confined::read_text(root, path) else { return Vec::new() };
    let told = |(line, word)| {
        let problem = Problem::error(shown, line, format!("`rehearsal book` knows no {{{{#{word}}}}}: a chapter is what stands in its file"));
        problem.advice("write the text itself, or a backslash before the braces to show them; `mdbook build book` includes files")
    };
    let mut problems: Vec<Problem> = theirs(&text).into_iter().map(told).collect();
    if headings(&text) > HEADINGS {
        problems.push(Problem::error(shown, 1, format!("this chapter has more than {HEADINGS} headings")).advice("write several chapters"));
    }
    if directives(&text).len() > HEADINGS {
        problems.push(Problem::error(shown, 1, format!("this chapter has more than {HEADINGS} directives")).advice("write several chapters"));
    }
    problems
}

/// How many things of a chapter get an address: headings and what is defined, written as Markdown or as HTML.
fn headings(text: &str) -> usize {
    let of = |event| match event {
        Event::Start(Tag::Heading { .. } | Tag::DefinitionListTitle) => 1,
        Event::Html(html) | Event::InlineHtml(html) => {
            let html = html.to_ascii_lowercase();
            html.matches("<h").count() + html.matches("<dt").count()
        }
        _ => 0,
    };
    Parser::new_ext(text, Options::ENABLE_DEFINITION_LIST).map(of).sum()
}

/// Chapters of the summary that lie outside its folder: mdBook would read them there, and write their pages beside the book.
fn summary(root: &Path, shown: &str) -> Vec<Problem> {
    let Ok(text) = confined::read_text(root, &root.join("src/SUMMARY.md")) else { return Vec::new() };
    let mut problems = Vec::new();
    let mut chapters = 0;
    for (event, range) in Parser::new(&text).into_offset_iter() {
        let Event::Start(Tag::Link { dest_url, .. }) = event else { continue };
        chapters += 1;
        if chapters > CHAPTERS {
            let problem = Problem::at_byte(shown, &text, range.start, format!("a book has at most {CHAPTERS} chapters"));
            problems.push(problem.advice("make two books of it, or longer chapters"));
            break;
        }
        let path = percent_decoded(&dest_url);
        if !Path::new(&path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            let problem = Problem::at_byte(shown, &text, range.start, format!("`{}` lies outside book/src", path.escape_debug()));
            problems.push(problem.advice("name a file below book/src, without `..`"));
        }
    }
    problems
}

/// `%2e%2e` is `..`, whoever reads it.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok())).flatten();
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_picture() {
        let ours = include_bytes!("../../book/theme/favicon.svg");
        assert!(!runs_something(ours));
        assert!(!runs_something(b"<?xml version=\"1.0\"?><!-- once --><svg><text content=\"x\" font-size=\"3\">Only one</text></svg>"));
        for bad in [
            "<svg><script>own()</script></svg>",
            "<svg><x:SCRIPT xmlns:x=\"http://www.w3.org/2000/svg\">own()</x:SCRIPT></svg>",
            "<svg onload=\"own()\"/>",
            "<svg width='1'onload = 'own()'/>",
            "<svg/onload=own()>",
            "<svg><a href=\"javascript:own()\"/></svg>",
            "<svg><a href=\"&#106;ava&#115;cript:own()\"/></svg>",
            "<!DOCTYPE svg [<!ENTITY x \"y\">]><svg>&x;</svg>",
            "<svg><foreignObject/></svg>",
            "<?xml-stylesheet href=\"x.xsl\"?><svg/>",
        ] {
            assert!(runs_something(bad.as_bytes()), "{bad}");
        }
        let wide: Vec<u8> = "<svg><script>own()</script></svg>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(runs_something(&[&[0xff, 0xfe][..], &wide].concat()));
    }
}
