//! Prose of features, rules, scenarios and topologies: Markdown that a stranger may have written. Emphasis, lists, tables, code and links to the web are kept; everything else is shown as it is written.
//!
//! You are in the right place when something in such a text looks wrong on a page. What comes out is Markdown again, in which no HTML, no brace outside code, no script's address and no
//! directive of mdBook's is left: it is safe wherever a chapter has it, and for a plain `mdbook build` as well.

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use std::fmt::Write;
use std::ops::Range;

/// As mdBook reads chapters: what it would take for markup has to be seen here.
pub const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_DEFINITION_LIST)
    .union(Options::ENABLE_GFM);

/// How often what was escaped is read again: an escape may end one element and so begin another.
const ROUNDS: usize = 4;

/// The text as it may stand in a chapter.
pub fn prose(text: &str) -> String {
    let mut text = text.trim().to_owned();
    for _ in 0..ROUNDS {
        let next = rewritten(&text);
        if next == text {
            // What no reader shows, such as a cell that its table has no column for, mdBook looks into all the same.
            return text.replace("{{", "{&#123;");
        }
        text = next;
    }
    // Whatever that is, it is read by nobody.
    plain(&text)
}

/// The same for a cell of a table: one line, without bars.
pub fn line(text: &str) -> String {
    let one = text.split_whitespace().collect::<Vec<_>>().join(" ");
    prose(&one).replace('|', "\\|")
}

/// Every character that could begin something as an entity, line by line.
fn plain(text: &str) -> String {
    text.lines().map(super::escape::markdown).collect::<Vec<_>>().join("\n")
}

/// Each part that may not stay replaced, and all else as it is.
fn rewritten(text: &str) -> String {
    let mut parts: Vec<(Range<usize>, String)> = Vec::new();
    let mut in_code = false;
    for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        let part = &text[range.clone()];
        match event {
            Event::Html(_) | Event::InlineHtml(_) => parts.push((range, escaped(part))),
            Event::Code(_) => parts.push((range, parted(part))),
            Event::Text(_) if !in_code && part.contains(['{', '}']) => parts.push((range, braces(part))),
            Event::Start(Tag::Heading { id, classes, attrs, .. }) if id.is_some() || !classes.is_empty() || !attrs.is_empty() => {
                parts.push((range, braces(part)));
            }
            Event::Start(Tag::Link { link_type, dest_url, .. }) if !harmless(link_type, &dest_url) => parts.push((range, plain(part))),
            Event::Start(Tag::Image { .. }) => parts.push((range, plain(part))),
            Event::Start(Tag::CodeBlock(_)) => {
                in_code = true;
                parts.push((range, parted(part)));
            }
            Event::End(TagEnd::CodeBlock) => in_code = false,
            _ => {}
        }
    }
    parts.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (range, instead) in parts {
        // What lies in a part that was replaced as a whole is replaced with it.
        if range.start >= from {
            out.push_str(&text[from..range.start]);
            out.push_str(&instead);
            from = range.end;
        }
    }
    out.push_str(&text[from..]);
    out
}

/// Code in which no two braces stand side by side: an entity would be shown as it is written there, so a joiner that nobody sees stands between them.
pub fn parted(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    for c in code.chars() {
        if c == '{' && out.ends_with('{') {
            out.push('\u{2060}');
        }
        out.push(c);
    }
    out
}

/// HTML as text. Line breaks stay: a line may be one of a list or of a quotation.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '{' | '}' | '"' | '\'' => drop(write!(out, "&#{};", c as u32)),
            c => out.push(c),
        }
    }
    out
}

fn braces(text: &str) -> String {
    text.replace("\\{", "&#123;").replace('{', "&#123;").replace("\\}", "&#125;").replace('}', "&#125;")
}

/// Whether a link leads to the web or to a place in the book. Those of footnotes and the like have no address.
fn harmless(kind: LinkType, address: &str) -> bool {
    let begins = |scheme: &str| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let web = begins("https://") || begins("http://");
    // Before a colon that no slash, question or fragment precedes stands a scheme.
    let scheme = address.find(':').is_some_and(|at| !address[..at].contains(['/', '?', '#']));
    let clean = !address.chars().any(|c| c.is_control() || c.is_whitespace() || "\"'<>{}`".contains(c)) && !address.starts_with("//");
    clean && (web || (!scheme && kind != LinkType::Autolink))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a browser would get: the text as mdBook's parser reads it, of which only what is dangerous is looked at.
    fn dangers(text: &str) -> Vec<String> {
        let safe = prose(text);
        let mut found = Vec::new();
        for (event, range) in Parser::new_ext(&safe, OPTIONS).into_offset_iter() {
            match event {
                Event::Html(_) | Event::InlineHtml(_) => found.push(safe[range].to_owned()),
                Event::Start(Tag::Link { link_type, dest_url, .. }) if !harmless(link_type, &dest_url) => found.push(dest_url.into_string()),
                Event::Start(Tag::Image { dest_url, .. }) => found.push(dest_url.into_string()),
                Event::Start(Tag::Heading { attrs, .. }) if !attrs.is_empty() => found.push(format!("{attrs:?}")),
                _ => {}
            }
        }
        found.extend(safe.find("{{").map(|at| safe[at..].to_owned()));
        found
    }

    const HOSTILE: [&str; 28] = [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<svg onload=alert(1)>",
        "<div>\n\n[x](javascript:alert(1))\n\n</div>",
        "<pre><code><img src=x></code></pre>",
        "<pre><code>a</code></pre><script>x</script><pre><code>b</code></pre>",
        "[x](javascript:alert(1))",
        "[x](JaVaScript&colon;alert(1))",
        "[x](<java\nscript:alert(1)>)",
        "[x](data:text/html,x)",
        "[x](//evil.example/)",
        "[x][y]\n\n[y]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "![x](https://evil.example/x.png)",
        "![x][y]\n\n[y]: https://evil.example",
        "{{#include /etc/passwd}}",
        "{{ #include /etc/passwd }}",
        "{{\n#include /etc/passwd}}",
        "\\{{ #include /etc/passwd }}",
        "`{{ #include /etc/passwd }}`",
        "``` yaml\n{{ #include /etc/passwd }}\n```",
        "~~~{{x\na\n~~~",
        "    {{ #include /etc/passwd }}",
        "# x {#id .class onclick=alert(1)}",
        "x\n<!-- {{#include /etc/passwd}} --> <b>",
        "| a |\n|---|\n| <b onclick=x> {{#x}} |",
        "|---|\n|---|\n|x| {{ #include /x }} |",
        "<a href=\"x\n\n\">x <!--rh:held 0-->",
    ];

    #[test]
    fn nothing_in_it_is_more_than_text() {
        for text in HOSTILE {
            assert_eq!(dangers(text), Vec::<String>::new(), "{text:?} -> {:?}", prose(text));
        }
    }

    #[test]
    fn what_people_write_stays() {
        for text in [
            "*a* **b** `c` <https://redis.io/>",
            "[a](https://redis.io/x?y=1) and [b](../x.md#c)",
            "- a\n- b\n\n1. c",
            "a < b & c > d",
            "```\nSET a 1\n```",
            "a | b",
        ] {
            assert_eq!(prose(text), text);
        }
        assert_eq!(prose("keys {a}x and `{a}x`"), "keys &#123;a&#125;x and `{a}x`");
        assert_eq!(line("a | b\n c"), "a \\| b c");
    }

    /// Pieces of markup in every order; with `--ignored`, as many as there is time for.
    fn pieced(rounds: u64) {
        const PIECES: [&str; 34] = [
            "<",
            ">",
            "<a",
            "<b>",
            "</b>",
            "<!--",
            "-->",
            "{{",
            "}}",
            "#include /x",
            "[",
            "](",
            ")",
            "javascript:x",
            "`",
            "``",
            "```\n",
            "\n",
            "\n\n",
            "    ",
            "# ",
            "| ",
            "|---|\n",
            "\\",
            "&lt;",
            "&#123;",
            "*",
            "![",
            "<code>",
            "</code>",
            "<pre><code>",
            "</code></pre>",
            "\"",
            "> ",
        ];
        let mut state = 7u64;
        for round in 0..rounds {
            let mut text = String::new();
            for _ in 0..1 + round % 14 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(PIECES[(state >> 33) as usize % PIECES.len()]);
            }
            assert_eq!(dangers(&text), Vec::<String>::new(), "{text:?} -> {:?}", prose(&text));
        }
    }

    #[test]
    fn no_order_of_pieces_gets_through() {
        pieced(5_000);
    }

    #[test]
    #[ignore = "takes as long as it is asked to: a million texts"]
    fn no_order_of_pieces_gets_through_ever() {
        pieced(1_000_000);
    }
}
