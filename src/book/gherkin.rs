//! The colours of a step: quoted names and numbers. The book's own highlighter has no Gherkin, so steps are coloured here.

use super::escape;
use std::fmt::Write;

/// A step's text as HTML: quoted strings, numbers and the unit after them marked.
pub fn step(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut word_before = false;
    while let Some(c) = rest.chars().next() {
        let (length, class) = match c {
            '"' => match rest[1..].find('"') {
                Some(end) => (end + 2, Some("rh-string")),
                None => (1, None),
            },
            c if c.is_ascii_digit() && !word_before => (number(rest), Some("rh-number")),
            c => (c.len_utf8(), None),
        };
        let piece = escape::html(&rest[..length]);
        match class {
            Some(class) => {
                let _ = write!(out, r#"<span class="{class}">{piece}</span>"#);
            }
            None => out.push_str(&piece),
        }
        word_before = class.is_none() && (c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        rest = &rest[length..];
    }
    out
}

/// Bytes of the number at the start of `text`, with its unit when a unit of time or size follows.
fn number(text: &str) -> usize {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(text.len());
    let digits = text[..digits].trim_end_matches(['.', ',']).len();
    let unit = text[digits..].strip_prefix(' ').map(|t| t.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default());
    match unit {
        Some(unit) if UNITS.contains(&unit) => digits + 1 + unit.len(),
        _ => digits,
    }
}

const UNITS: &[&str] = &["second", "seconds", "millisecond", "milliseconds", "ms", "s", "minute", "minutes", "kB", "MB", "bytes", "KiB", "MiB"];

#[cfg(test)]
mod tests {
    #[test]
    fn strings_and_numbers_are_marked() {
        assert_eq!(
            super::step(r#"within 3 seconds "sentinel-1" reports "{{#x}}" on redis-7.0"#),
            "within <span class=\"rh-number\">3 seconds</span> <span class=\"rh-string\">&quot;sentinel-1&quot;</span> reports \
             <span class=\"rh-string\">&quot;&#123;&#123;#x&#125;&#125;&quot;</span> on redis-7.0"
        );
        assert_eq!(super::step("an open \" quote, 10."), "an open &quot; quote, <span class=\"rh-number\">10</span>.");
    }
}
