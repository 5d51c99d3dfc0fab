//! The directives in a chapter's text, such as `\{{#feature sentinel/quorum}}`, each with the line it stands on.
//!
//! Come here to add a kind of directive. Finding them is pure and knows no library, so `check` uses it on the raw files; whether what they name exists is
//! decided in [`super::resolve`]. Code (fenced, indented, in backticks), comments and `\{{#` are left alone.

use std::collections::HashMap;
use std::ops::Range;

/// One directive in a chapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    pub kind: Kind,
    /// Line in the chapter, from 1.
    pub line: usize,
    /// Bytes in the chapter, braces included.
    pub range: Range<usize>,
}

/// What a directive asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `feature KEY`
    Feature(String),
    /// `scenario KEY#SLUG`
    Scenario { key: String, slug: String },
    /// `see KEY#SLUG WORDS`: a link with the verdict's mark, in the middle of a sentence; without words the scenario's name
    See { key: String, slug: String, words: String },
    /// `cure KEY#SLUG WORDS`: the same for a scenario that is tagged `@cure`, in the row that says what to do
    Cure { key: String, slug: String, words: String },
    /// `cures`: how many rows of the page's charts have a cure that was played, and which have none
    Cures,
    /// `saw KEY#SLUG WORDS`: what the step with these words saw, in the middle of a sentence
    Saw { key: String, slug: String, words: String },
    /// `claims SYSTEM`, or `claims all`
    Claims(String),
    /// `ledger SYSTEM`: its claims one by one, each with an address, and a filter; `ledger` alone: how many of each kind there are, with links
    Ledger(Option<String>),
    /// `sizing NAME`: a calculator's worked table and its form
    Sizing(String),
    /// `matrix`
    Matrix,
    /// `difference KEY#SLUG`: the rule of that scenario, which servers keep differently
    Difference { key: String, slug: String },
    /// `upgrade FROM TO`, two servers: what changes
    Upgrade { from: String, to: String },
    /// `broken`: the servers broken on purpose, and what caught them
    Broken,
    /// `controls`: what became of the scenarios without their faults
    Controls,
    /// `chart NAME`
    Chart(String),
    /// A word that neither we nor mdBook know, or an argument too many or too few; as written between the braces.
    Malformed(String),
}

/// Our words, for "did you mean".
pub const WORDS: &[&str] = &[
    "feature",
    "scenario",
    "see",
    "cure",
    "cures",
    "saw",
    "claims",
    "ledger",
    "sizing",
    "matrix",
    "difference",
    "upgrade",
    "broken",
    "controls",
    "chart",
];

/// mdBook's own words: what its `links` preprocessor takes.
const THEIRS: &[&str] = &["include", "rustdoc_include", "playground", "playpen", "title"];

impl Kind {
    /// Whether it is a part of a sentence or a table's cell, and not a block of its own.
    pub fn is_inline(&self) -> bool {
        matches!(self, Kind::See { .. } | Kind::Cure { .. } | Kind::Saw { .. })
    }
}

/// All directives of a chapter, in order.
pub fn directives(text: &str) -> Vec<Directive> {
    let mut place = Place::of(text);
    let mut found = Vec::new();
    let (mut from, mut line_end) = (0, 0);
    while let Some(start) = text[from..].find("{{#").map(|at| from + at) {
        // A directive stands on one line; an opening without an end is text, and so are all others of its line.
        if line_end < start + 3 {
            line_end = text[start + 3..].find('\n').map_or(text.len(), |at| start + 3 + at);
        }
        let line = &text[start + 3..line_end];
        let Some(length) = line.find("}}") else {
            from = start + 3 + line.len();
            continue;
        };
        let end = start + 3 + length + 2;
        from = end;
        let (line_number, is_code) = place.at(start);
        if is_code || text[..start].ends_with('\\') {
            continue;
        }
        if let Some(kind) = kind(&line[..length]) {
            found.push(Directive { kind, line: line_number, range: start..end });
        }
    }
    found
}

fn kind(inner: &str) -> Option<Kind> {
    let words: Vec<&str> = inner.split_whitespace().collect();
    let malformed = || Some(Kind::Malformed(inner.trim().to_owned()));
    match words.as_slice() {
        [word, ..] if THEIRS.contains(word) => None,
        ["feature", key] => Some(Kind::Feature((*key).to_owned())),
        [word @ ("scenario" | "difference"), id] => match id.split_once('#').map(|(key, slug)| (key.to_owned(), slug.to_owned())) {
            Some((key, slug)) if *word == "scenario" => Some(Kind::Scenario { key, slug }),
            Some((key, slug)) => Some(Kind::Difference { key, slug }),
            None => malformed(),
        },
        [word @ ("see" | "cure"), id, rest @ ..] => match id.split_once('#').map(|(key, slug)| (key.to_owned(), slug.to_owned(), rest.join(" "))) {
            Some((key, slug, words)) if *word == "see" => Some(Kind::See { key, slug, words }),
            Some((key, slug, words)) => Some(Kind::Cure { key, slug, words }),
            None => malformed(),
        },
        ["cures"] => Some(Kind::Cures),
        ["saw", id, rest @ ..] => match id.split_once('#').filter(|_| !rest.is_empty()) {
            Some((key, slug)) => Some(Kind::Saw { key: key.to_owned(), slug: slug.to_owned(), words: rest.join(" ") }),
            None => malformed(),
        },
        ["ledger"] => Some(Kind::Ledger(None)),
        ["ledger", system] => Some(Kind::Ledger(Some((*system).to_owned()))),
        ["sizing", name] => Some(Kind::Sizing((*name).to_owned())),
        ["upgrade", from, to] => Some(Kind::Upgrade { from: (*from).to_owned(), to: (*to).to_owned() }),
        ["claims", system] => Some(Kind::Claims((*system).to_owned())),
        ["matrix"] => Some(Kind::Matrix),
        ["broken"] => Some(Kind::Broken),
        ["controls"] => Some(Kind::Controls),
        ["chart", name] => Some(Kind::Chart((*name).to_owned())),
        _ => malformed(),
    }
}

/// Line and word of everything in a chapter that mdBook's `links` preprocessor would take for its own. It looks into code as well; who builds without it need not.
pub fn theirs(text: &str) -> Vec<(usize, &'static str)> {
    let mut place = Place::of(text);
    let mut found = Vec::new();
    for (start, _) in text.match_indices("{{") {
        // A word that is none of these may have no end.
        let rest = text[start + 2..].trim_start();
        let Some(known) = rest.strip_prefix('#').and_then(|rest| {
            let ends = |word: &str| !rest[word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            THEIRS.iter().find(|word| rest.starts_with(**word) && ends(word))
        }) else {
            continue;
        };
        let (line, is_code) = place.at(start);
        if !is_code && !text[..start].ends_with('\\') {
            found.push((line, *known));
        }
    }
    found
}

/// Where bytes of a chapter are, asked in their order: each part of the text is looked at once.
struct Place<'t> {
    text: &'t str,
    hidden: Vec<Range<usize>>,
    /// Of the ranges, how many end before the byte that was asked last.
    passed: usize,
    at: usize,
    line: usize,
}

impl<'t> Place<'t> {
    fn of(text: &'t str) -> Place<'t> {
        let mut hidden = hidden(text);
        hidden.sort_by_key(|range| range.start);
        Place { text, hidden, passed: 0, at: 0, line: 1 }
    }

    /// Line of a byte, and whether nothing is a directive there.
    fn at(&mut self, at: usize) -> (usize, bool) {
        self.line += self.text[self.at..at].matches('\n').count();
        self.at = at;
        while self.hidden.get(self.passed).is_some_and(|range| range.end <= at) {
            self.passed += 1;
        }
        // A comment may begin in code that ends before it does.
        (self.line, self.hidden[self.passed..].iter().take_while(|range| range.start <= at).any(|range| range.contains(&at)))
    }
}

/// Ranges in which nothing is a directive: fenced and indented code, code in backticks, HTML comments.
fn hidden(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut comment = false;
    let mut after_blank = true;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let whole = at..at + line.len();
        at = whole.end;
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if comment {
            comment = !line.contains("-->");
            ranges.push(whole);
            continue;
        }
        let run = |c: char| trimmed.chars().take_while(|x| *x == c).count();
        match fence {
            Some((mark, length)) => {
                if indent < 4 && run(mark) >= length && trimmed.trim_end().trim_matches(mark).is_empty() {
                    fence = None;
                }
                ranges.push(whole);
                continue;
            }
            None => {
                if let Some(mark) = ['`', '~'].into_iter().find(|c| indent < 4 && run(*c) >= 3) {
                    fence = Some((mark, run(mark)));
                    ranges.push(whole);
                    continue;
                }
            }
        }
        let indented = after_blank && (indent >= 4 || line.starts_with('\t')) && !trimmed.trim().is_empty();
        after_blank = trimmed.trim().is_empty() || indented;
        if indented {
            ranges.push(whole);
            continue;
        }
        ranges.extend(spans(line).into_iter().map(|r| whole.start + r.start..whole.start + r.end));
        if let Some(open) = line.rfind("<!--") {
            comment = !line[open..].contains("-->");
            ranges.push(whole.start + open..whole.end);
        }
    }
    ranges
}

/// Code in backticks on one line.
fn spans(line: &str) -> Vec<Range<usize>> {
    // Where backticks begin, how many there are, and which of the later ones are as many.
    let mut runs: Vec<(usize, usize, Option<usize>)> = Vec::new();
    let bytes = line.as_bytes();
    let mut at = 0;
    while let Some(start) = line[at..].find('`').map(|i| at + i) {
        let ticks = bytes[start..].iter().take_while(|byte| **byte == b'`').count();
        runs.push((start, ticks, None));
        at = start + ticks;
    }
    let mut later: HashMap<usize, usize> = HashMap::new();
    for (n, run) in runs.iter_mut().enumerate().rev() {
        run.2 = later.insert(run.1, n);
    }
    let mut spans = Vec::new();
    let mut n = 0;
    while let Some((start, ticks, close)) = runs.get(n).copied() {
        if let Some(close) = close {
            spans.push(start..runs[close].0 + ticks);
        }
        n = close.unwrap_or(n) + 1;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, Kind)> {
        directives(text).into_iter().map(|d| (d.line, d.kind)).collect()
    }

    #[test]
    fn every_kind_is_found_with_its_line() {
        let text = "# T\n\n{{#feature sentinel/quorum}}\n{{#scenario a/b#c-d}}\n{{#claims all}} {{#matrix}}\n{{#chart x}}";
        assert_eq!(
            found(text),
            [
                (3, Kind::Feature("sentinel/quorum".into())),
                (4, Kind::Scenario { key: "a/b".into(), slug: "c-d".into() }),
                (5, Kind::Claims("all".into())),
                (5, Kind::Matrix),
                (6, Kind::Chart("x".into())),
            ]
        );
    }

    #[test]
    fn what_stands_in_a_sentence_keeps_its_words() {
        let (key, slug) = ("a/b".to_owned(), "c".to_owned());
        assert_eq!(found("x {{#see a/b#c}}"), [(1, Kind::See { key: key.clone(), slug: slug.clone(), words: String::new() })]);
        assert_eq!(
            found("| {{#see a/b#c yes,  at once}} |"),
            [(1, Kind::See { key: key.clone(), slug: slug.clone(), words: "yes, at once".into() })]
        );
        assert_eq!(found("{{#cure a/b#c start it}}"), [(1, Kind::Cure { key: key.clone(), slug: slug.clone(), words: "start it".into() })]);
        assert_eq!(found("{{#saw a/b#c at least}}"), [(1, Kind::Saw { key, slug, words: "at least".into() })]);
        assert_eq!(found("{{#saw a/b#c}} {{#see a/b}}"), [(1, Kind::Malformed("saw a/b#c".into())), (1, Kind::Malformed("see a/b".into()))]);
        assert_eq!(found("{{#ledger}} {{#ledger cap}} {{#sizing x}}").len(), 3);
    }

    #[test]
    fn code_comments_and_escapes_are_left_alone() {
        let text = "```md\n{{#matrix}}\n```\n~~~~\n```\n{{#matrix}}\n~~~~\n`{{#matrix}}` and ``a ` {{#matrix}}``\n\\{{#matrix}}\n<!--\n{{#matrix}}\n-->\n\n    {{#matrix}}\n\n<!-- {{#matrix}} -->\n";
        assert_eq!(found(text), []);
    }

    #[test]
    fn mdbook_keeps_its_own_and_unknown_words_are_kept_as_errors() {
        assert_eq!(found("{{#include x.md}} {{#title y}}"), []);
        assert_eq!(found("{{#featrue a}}"), [(1, Kind::Malformed("featrue a".into()))]);
        assert_eq!(found("{{#scenario a/b}}"), [(1, Kind::Malformed("scenario a/b".into()))]);
        assert_eq!(found("{{#feature a\nb}} `{{#x"), []);
    }
}
