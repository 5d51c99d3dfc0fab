//! A captured exchange as inline SVG: two lifelines, an arrow a line, real values.
//!
//! Come here to change how a sequence diagram looks. What is in it was chosen before: the record holds at most some sixty lines, with what repeats folded.

use super::escape::html;
use crate::record::Exchange;
use std::fmt::Write;

const WIDTH: f64 = 760.0;
/// The two lifelines.
const LEFT: f64 = 78.0;
const RIGHT: f64 = 690.0;
const ROW: f64 = 21.0;
const HEAD: f64 = 30.0;
/// Characters that fit between the lifelines.
const LONGEST: usize = 92;

/// The diagram; none without lines. `anchor` makes its ids unique.
pub fn svg(exchanges: &[Exchange], anchor: &str, name: &str) -> Option<String> {
    let first = exchanges.first()?;
    let (left, right) = (&first.from, &first.to);
    let height = HEAD + exchanges.len() as f64 * ROW + 14.0;
    let mut out = String::new();
    let _ = write!(
        out,
        r#"<svg class="rh-drawing rh-sequence" role="img" viewBox="0 0 {WIDTH} {height:.0}" width="{WIDTH}" height="{height:.0}" aria-labelledby="{anchor}-st {anchor}-sd"><title id="{anchor}-st">{}</title><desc id="{anchor}-sd">{}</desc>"#,
        html(&format!("What {left} and {right} said to each other: {name}")),
        html(&told(exchanges)),
    );
    for (x, who) in [(LEFT, left), (RIGHT, right)] {
        let _ = write!(out, r#"<text class="rh-party" x="{x}" y="14">{}</text>"#, html(who));
        let _ = write!(out, r#"<line class="rh-rail" x1="{x}" x2="{x}" y1="22" y2="{:.0}"/>"#, height - 6.0);
    }
    let zero = first.at_us;
    for (row, exchange) in exchanges.iter().enumerate() {
        draw(&mut out, exchange, exchange.from == *left, zero, HEAD + row as f64 * ROW);
    }
    out.push_str("</svg>");
    Some(out)
}

fn draw(out: &mut String, exchange: &Exchange, rightwards: bool, zero: u64, top: f64) {
    let y = top + 16.0;
    let class = if exchange.connection > 1 { "rh-wire rh-other-connection" } else { "rh-wire" };
    let (from, to, head) = if rightwards { (LEFT, RIGHT, -6.0) } else { (RIGHT, LEFT, 6.0) };
    let _ = write!(out, r#"<text class="rh-clock" x="{:.0}" y="{:.1}">{}</text>"#, LEFT - 8.0, y + 3.0, time(exchange.at_us.saturating_sub(zero)));
    let _ = write!(
        out,
        r#"<path class="{class}" d="M{from} {y}H{to}m{head} -3.5L{to} {y}l{head} 3.5"><title>connection {}</title></path>"#,
        exchange.connection
    );
    let times = if exchange.count > 1 { format!(" \u{d7}{}", exchange.count) } else { String::new() };
    let text = format!("{}{times}", short(&exchange.text, LONGEST));
    let (x, side) = if rightwards { (LEFT + 10.0, "") } else { (RIGHT - 10.0, r#" text-anchor="end""#) };
    let _ = write!(out, r#"<text class="rh-said"{side} x="{x}" y="{:.1}">{}</text>"#, y - 3.5, html(&text));
    if exchange.connection > 1 {
        let _ = write!(out, r#"<text class="rh-second" x="{:.0}" y="{:.1}">no. {}</text>"#, RIGHT + 32.0, y + 3.0, exchange.connection);
    }
}

/// Milliseconds since the first line, or seconds when it has grown late.
fn time(us: u64) -> String {
    let ms = us as f64 / 1000.0;
    if ms < 1000.0 { format!("{ms:.1} ms") } else { format!("{:.2} s", ms / 1000.0) }
}

fn short(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest { text.to_owned() } else { text.chars().take(longest - 1).chain(['\u{2026}']).collect() }
}

/// The diagram in words: the beginning of it, which is what it is about.
fn told(exchanges: &[Exchange]) -> String {
    let line =
        |e: &Exchange| format!("{}: {}", e.from, short(&e.text, 60)) + &if e.count > 1 { format!(" ({} times)", e.count) } else { String::new() };
    let mut lines: Vec<String> = exchanges.iter().take(24).map(line).collect();
    if exchanges.len() > lines.len() {
        lines.push(format!("and {} further lines", exchanges.len() - lines.len()));
    }
    lines.join("; ") + "."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(at_us: u64, from: &str, text: &str, count: u32, connection: u32) -> Exchange {
        let to = if from == "master" { "replica-1" } else { "master" };
        Exchange { at_us, from: from.into(), to: to.into(), text: text.into(), count, connection }
    }

    #[test]
    fn a_handshake_is_drawn_line_by_line() {
        let exchanges = [
            said(2_000_000, "replica-1", "PING", 1, 1),
            said(2_000_300, "master", "+PONG", 1, 1),
            said(2_000_900, "replica-1", "PSYNC ? -1", 1, 1),
            said(2_001_200, "master", "+FULLRESYNC 0f<script>e 14", 1, 1),
            said(2_004_000, "master", "(snapshot, 175 bytes)", 1, 2),
            said(4_004_000, "replica-1", "REPLCONF ACK 14", 3, 1),
        ];
        let svg = svg(&exchanges, "slug-1", "first contact").unwrap();
        assert!(!svg.contains("<script"));
        assert!(svg.len() < 4500, "{}", svg.len());
        insta::assert_snapshot!(svg.replace("/>", "/>\n").replace("</text>", "</text>\n").replace("</path>", "</path>\n"));
    }

    #[test]
    fn nothing_said_nothing_drawn() {
        assert_eq!(svg(&[], "a", "n"), None);
    }
}
