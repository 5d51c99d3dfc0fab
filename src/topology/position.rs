//! Where a value stands in a YAML text.
//!
//! The YAML library gives positions for broken syntax only; once a file is a tree of values they are gone. So the place of a path such as
//! `services.master.image` is looked up in the text: block style by indentation, flow style (`{...}`, `[...]`) by the first mention of the key. A value
//! that came in through an anchor is placed at its nearest parent. You are in the right place when a message points at a wrong line of a YAML file.

/// A step from a value to one inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seg {
    Key(String),
    Index(usize),
}

/// The way from the root to a value.
pub type Path = Vec<Seg>;

/// One line that says something: comments and blank lines are left out.
#[derive(Debug, Clone, Copy)]
struct Line<'t> {
    number: usize,
    /// Characters before the text; a dash that was stepped into counts as one.
    indent: usize,
    text: &'t str,
}

/// Line and column (from 1) of a path: of the key for a mapping's entry, of the value for a list's. As deep as it can be followed; `(1, 1)` for nothing.
pub fn locate(text: &str, path: &[Seg]) -> (usize, usize) {
    follow(text, path).0
}

/// Line and column of the first mention of `snippet` in the value at `path`; the value itself when it is not mentioned.
pub fn locate_within(text: &str, path: &[Seg], snippet: &str) -> (usize, usize) {
    let (start, last) = follow(text, path);
    for (index, line) in text.lines().enumerate().skip(start.0 - 1).take(last + 1 - start.0) {
        if let Some(at) = line.find(snippet) {
            return (index + 1, line[..at].chars().count() + 1);
        }
    }
    start
}

/// Position of the second mention of a key in the block mapping that begins at a line and column.
pub fn second(text: &str, line: usize, column: usize, key: &str) -> Option<(usize, usize)> {
    let inside = significant(text).into_iter().skip_while(|l| l.number < line).take_while(|l| l.indent + 1 >= column || l.number == line);
    let mut mentions = inside.filter(|l| block_key(l.text.trim_start_matches("- ")).is_some_and(|(k, _)| k == key));
    mentions.nth(1).map(|l| (l.number, l.indent + 1))
}

/// The position of a path and the last line that belongs to it.
fn follow(text: &str, path: &[Seg]) -> ((usize, usize), usize) {
    let mut lines = significant(text);
    let mut at = (1, 1);
    for seg in path {
        let Some(first) = lines.first().copied() else { break };
        let found = match seg {
            Seg::Key(key) => enter_key(&lines, first.indent, key),
            Seg::Index(index) => enter_item(&lines, first.indent, *index),
        };
        match found {
            Some((position, inner)) => (at, lines) = (position, inner),
            None => {
                // Flow style, or a value from elsewhere: the first mention of the key is the best there is.
                if let Seg::Key(key) = seg
                    && let Some(line) = lines.iter().find(|l| key_in_flow(l.text, key).is_some())
                    && let Some(offset) = key_in_flow(line.text, key)
                {
                    at = (line.number, line.indent + line.text[..offset].chars().count() + 1);
                }
            }
        }
    }
    let last = lines.last().map_or(at.0, |l| l.number).max(at.0);
    (at, last)
}

fn significant(text: &str) -> Vec<Line<'_>> {
    let all = text.lines().enumerate().map(|(index, raw)| {
        let text = raw.trim_start();
        Line { number: index + 1, indent: raw.len() - text.len(), text }
    });
    all.filter(|l| !l.text.is_empty() && !l.text.starts_with('#') && l.text != "---").collect()
}

/// Position of a block-style key among lines of the same depth, and the lines of its value (the rest of its own line first).
fn enter_key<'t>(lines: &[Line<'t>], indent: usize, key: &str) -> Option<((usize, usize), Vec<Line<'t>>)> {
    let index = lines.iter().position(|l| l.indent == indent && block_key(l.text).is_some_and(|(k, _)| k == key))?;
    let line = lines[index];
    let (_, rest) = block_key(line.text)?;
    let inside = lines[index + 1..].iter().copied().take_while(|l| l.indent > indent || (l.indent == indent && l.text.starts_with('-')));
    let mut inner: Vec<Line<'t>> = inside.collect();
    let rest_is_flow = rest.starts_with(['{', '[']);
    if rest_is_flow || inner.is_empty() {
        let column = indent + line.text[..line.text.len() - rest.len()].chars().count();
        inner.insert(0, Line { number: line.number, indent: column, text: rest });
    }
    Some(((line.number, indent + 1), inner))
}

/// Position of a list's item, and its lines with the dash taken as indentation.
fn enter_item<'t>(lines: &[Line<'t>], indent: usize, item: usize) -> Option<((usize, usize), Vec<Line<'t>>)> {
    let starts = |l: &Line<'_>| l.indent == indent && l.text.starts_with('-');
    let index = lines.iter().enumerate().filter(|(_, l)| starts(l)).nth(item)?.0;
    let line = lines[index];
    let text = line.text[1..].trim_start();
    let first = Line { number: line.number, indent: indent + line.text.len() - text.len(), text };
    let inner = std::iter::once(first).chain(lines[index + 1..].iter().copied().take_while(|l| l.indent > indent));
    Some(((line.number, first.indent + 1), inner.collect()))
}

/// `"image": redis` -> (`image`, `redis`).
fn block_key(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = match text.chars().next()? {
        quote @ ('"' | '\'') => {
            let (key, rest) = text[1..].split_once(quote)?;
            (key, rest.trim_start().strip_prefix(':')?)
        }
        _ => text.split_once(": ").or_else(|| text.strip_suffix(':').map(|k| (k, "")))?,
    };
    Some((key.trim_end(), rest.trim_start()))
}

/// Offset of `key:` in a flow-style text, as a whole word.
fn key_in_flow(text: &str, key: &str) -> Option<usize> {
    let word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(key).map(|(at, _)| at).find(|&at| {
        let after = text[at + key.len()..].trim_start_matches(['"', '\'']).trim_start();
        !text[..at].ends_with(word) && after.starts_with(':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# a comment\nname: x\nservices:\n  a:\n    image: one\n    'configs':\n    - source: c\n      target: /t\n    - { source: d, trget: /u }\n  b:\n    image: two\n    networks: { data: { ipv4_address: 1.2.3.4 } }\nconfigs:\n  c:\n    content: |\n      services:\n      quorum ${X}\n";

    fn at(path: &str) -> (usize, usize) {
        let segs = path.split('.').map(|s| s.parse().map_or_else(|_| Seg::Key(s.to_owned()), Seg::Index));
        locate(TEXT, &segs.collect::<Path>())
    }

    #[test]
    fn block_style_is_followed_by_indentation() {
        assert_eq!(at("services"), (3, 1));
        assert_eq!(at("services.b.image"), (11, 5));
        assert_eq!(at("services.a.configs.0.target"), (8, 7));
        assert_eq!(at("services.a.configs.0.source"), (7, 7));
        assert_eq!(at("configs.c.content"), (15, 5));
    }

    #[test]
    fn flow_style_is_found_by_the_first_mention() {
        assert_eq!(at("services.a.configs.1.trget"), (9, 20));
        assert_eq!(at("services.b.networks.data.ipv4_address"), (12, 25));
    }

    #[test]
    fn what_is_not_there_is_placed_at_its_parent() {
        assert_eq!(at("services.b.command"), (10, 3));
    }

    #[test]
    fn a_snippet_is_found_inside_a_block_scalar() {
        let path = ["configs", "c", "content"].map(|s| Seg::Key(s.to_owned()));
        assert_eq!(locate_within(TEXT, &path, "${X}"), (17, 14));
    }
}
