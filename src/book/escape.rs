//! Text of servers and feature files made harmless: for HTML, for Markdown, and for mdBook's own braces.
//!
//! Whatever a server says may contain `<script>`, `{{#include ...}}` or a blank line; every string that reaches a page passes through here.

use std::fmt::Write;

/// Longest text from a server that is printed in one place, in characters.
const LONGEST: usize = 4000;

/// For HTML content and attribute values. Braces become entities, so that no other preprocessor sees a directive; line breaks too, so that a block of HTML
/// never holds a blank line (which would end it in Markdown).
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut characters = text.chars();
    for c in characters.by_ref().take(LONGEST) {
        match c {
            // Two of them would become a dash in Markdown, in the middle of an option.
            '-' if out.ends_with('-') => out.push_str("&#45;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '{' => out.push_str("&#123;"),
            '}' => out.push_str("&#125;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => {}
            // Other control characters are not allowed in HTML; show that one was there.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    let left = characters.count();
    if left > 0 {
        let _ = write!(out, "&#8230; ({left} more characters)");
    }
    out
}

/// Plain text with `code` in backticks.
pub fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let balanced = parts.len() % 2 == 1;
    let code = |i: usize| balanced && i % 2 == 1;
    parts
        .iter()
        .enumerate()
        .map(|(i, part)| if code(i) { format!("<code>{}</code>", html(part)) } else { html(part) })
        .collect::<Vec<_>>()
        .join(if balanced { "" } else { "`" })
}

/// For one line of Markdown text that has to be read as it is written: a heading, a link's text.
///
/// Entities never take part in Markdown's structure, backslashes would.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '&' | '<' | '>' | '{' | '}' | '[' | ']' | '*' | '_' | '`' | '#' | '\\' | '|' | '~' | '!' | '$' | '"' | '\'' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// `2026-03-01` of an RFC 3339 time. Whatever else stands there is no day, and is not shown: it may be anything.
pub fn day(time: &str) -> &str {
    let is_day = |day: &&str| day.bytes().enumerate().all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    time.get(..10).filter(is_day).unwrap_or("an unknown day")
}

/// `2026-03-01 12:00 UTC` of an RFC 3339 time.
pub fn date(time: &str) -> String {
    let is_clock = |clock: &&str| clock.bytes().enumerate().all(|(at, byte)| if at == 2 { byte == b':' } else { byte.is_ascii_digit() });
    match time.get(11..16).filter(is_clock) {
        Some(clock) => format!("{} {clock} UTC", day(time)),
        None => day(time).to_owned(),
    }
}

/// For an address in `href`: only what cannot run a script.
pub fn address(url: &str) -> Option<String> {
    let safe = url.starts_with("https://") || url.starts_with("http://");
    safe.then(|| html(url))
}

/// A name as a part of a path or of an element's id: letters, digits, dashes, dots inside.
pub fn path_part(name: &str) -> String {
    let kept: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' }).collect();
    kept.trim_matches('.').to_owned()
}

/// `340 ms`, `4.2 s`, `1 min 12 s`: as precise as a reader can use.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{:.1} s", ms as f64 / 1000.0),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_server_says_is_markup() {
        assert_eq!(html("<b>{{#x}}\n\n\"'&\u{7}"), "&lt;b&gt;&#123;&#123;#x&#125;&#125;&#10;&#10;&quot;&#39;&amp;\u{fffd}");
        assert_eq!(markdown("a *b* {{#x}}"), "a &#42;b&#42; &#123;&#123;&#35;x&#125;&#125;");
        assert!(html(&"x".repeat(5000)).ends_with("(1000 more characters)"));
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(address("javascript:alert(1)"), None);
        assert_eq!(address("https://redis.io/?a=1&b"), Some("https://redis.io/?a=1&amp;b".into()));
        assert_eq!(path_part("../redis 8"), "-redis-8");
    }

    #[test]
    fn what_is_no_time_is_not_shown() {
        assert_eq!((day("2026-03-01T12:00:07Z"), date("2026-03-01T12:00:07Z").as_str()), ("2026-03-01", "2026-03-01 12:00 UTC"));
        for bad in ["", "2026", "<img src=x", "123456789\u{e9}<script>", "2026-03-0<T12:00"] {
            assert_eq!(day(bad), "an unknown day");
        }
        assert_eq!(date("2026-03-01T<b>:x onerror"), "2026-03-01");
    }

    #[test]
    fn durations_are_short() {
        let shown: Vec<_> = [0, 340, 4200, 12_345, 72_000].map(duration).to_vec();
        assert_eq!(shown, ["0 ms", "340 ms", "4.2 s", "12.3 s", "1 min 12 s"]);
    }
}
