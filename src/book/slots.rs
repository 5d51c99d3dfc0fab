//! What mdBook need not read: drawings, results, evidence. They are cut out of a chapter before it is rendered and put into the finished page.
//!
//! mdBook parses every chapter into a tree, indexes its words and writes it a second time into the print page. Of a scenario only its name and its sentences are worth that: so
//! the search finds prose and promises, not addresses and offsets, and a build takes a fraction of the time. Renderers say which part is which with [`page`] and [`everywhere`]; whoever
//! builds the book [cuts](Slots::cut) and [fills](Slots::fill). A plain `mdbook build` knows no second step and gets everything in its place ([`in_place`]).

use std::borrow::Cow;
use std::fmt::Write;

/// Text of servers cannot hold these: its `<` is an entity.
const PAGE: &str = "<!--rh:page-->";
const EVERYWHERE: &str = "<!--rh:everywhere-->";
const END: &str = "<!--rh:end-->";
/// Stands for a piece that was cut out, before its number.
const HELD: &str = "<!--rh:held ";
const CLOSE: &str = "-->";

/// For pages alone: links that mdBook would have to rewrite for the page that holds all chapters, and what is too much for paper.
pub fn page(html: &str) -> String {
    format!("{PAGE}{html}{END}")
}

/// For pages and print.
pub fn everywhere(html: &str) -> String {
    format!("{EVERYWHERE}{html}{END}")
}

/// The pieces of one book.
#[derive(Debug, Default)]
pub struct Slots {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    html: String,
    in_print: bool,
}

impl Slots {
    /// The text with numbers in place of its pieces, which are kept here.
    pub fn cut(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() / 2);
        for part in parts(text) {
            match part {
                Part::Read(text) => out.push_str(text),
                Part::Held { html, in_print } => {
                    let _ = write!(out, "{HELD}{}{CLOSE}", self.pieces.len());
                    self.pieces.push(Piece { html: html.to_owned(), in_print });
                }
            }
        }
        out
    }

    /// A finished page with the pieces in their places; the print page without what is not for it.
    pub fn fill<'a>(&self, page: &'a str, is_print: bool) -> Cow<'a, str> {
        let Some(first) = page.find(HELD) else { return Cow::Borrowed(page) };
        let mut out = String::with_capacity(page.len() * 2);
        out.push_str(&page[..first]);
        let mut rest = &page[first..];
        while let Some(at) = rest.find(HELD) {
            out.push_str(&rest[..at]);
            let after = &rest[at + HELD.len()..];
            let number = after.split_once(CLOSE).and_then(|(number, tail)| Some((number.parse::<usize>().ok()?, tail)));
            match number.and_then(|(number, tail)| Some((self.pieces.get(number)?, tail))) {
                Some((piece, tail)) => {
                    if piece.in_print || !is_print {
                        out.push_str(&piece.html);
                    }
                    rest = tail;
                }
                // Somebody wrote a comment that looks like ours.
                None => {
                    out.push_str(HELD);
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

/// The text with every piece where it belongs, without the marks.
pub fn in_place(text: &str) -> String {
    let whole = parts(text).into_iter().map(|part| match part {
        Part::Read(text) | Part::Held { html: text, .. } => text,
    });
    whole.collect()
}

enum Part<'a> {
    Read(&'a str),
    Held { html: &'a str, in_print: bool },
}

/// A mark without an end is text.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let next = [(PAGE, false), (EVERYWHERE, true)].into_iter().filter_map(|(mark, in_print)| Some((rest.find(mark)?, mark, in_print))).min();
        let found = next.and_then(|(at, mark, in_print)| {
            let inner = &rest[at + mark.len()..];
            inner.find(END).map(|end| (at, &inner[..end], in_print, &inner[end + END.len()..]))
        });
        let Some((at, html, in_print, tail)) = found else { break };
        parts.push(Part::Read(&rest[..at]));
        parts.push(Part::Held { html, in_print });
        rest = tail;
    }
    parts.push(Part::Read(rest));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_comes_back_where_it_was() {
        let text = format!("a{}b{}c <!--rh:page-->open", page("<i>1</i>"), everywhere("<b>2</b>"));
        let mut slots = Slots::default();
        let before = slots.cut("earlier chapter");
        let cut = slots.cut(&text);
        assert_eq!((before.as_str(), cut.as_str()), ("earlier chapter", "a<!--rh:held 0-->b<!--rh:held 1-->c <!--rh:page-->open"));
        assert_eq!(slots.fill(&cut, false), "a<i>1</i>b<b>2</b>c <!--rh:page-->open");
        assert_eq!(slots.fill(&cut, true), "ab<b>2</b>c <!--rh:page-->open");
        assert_eq!(in_place(&text), "a<i>1</i>b<b>2</b>c <!--rh:page-->open");
    }

    #[test]
    fn a_comment_that_looks_like_ours_is_left_alone() {
        let slots = Slots::default();
        for text in ["x<!--rh:held 7-->y", "<!--rh:held", "<!--rh:held x--> <!--rh:held "] {
            assert_eq!(slots.fill(text, false), text);
        }
    }
}
