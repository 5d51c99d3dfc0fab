//! A failover of one scenario as a band of phases below the nodes' lanes, and as a small table.
//!
//! When each phase ends is found in `measure/phases.rs`; here is how it looks.

use super::client::Place;
use super::escape::html;
use crate::measure::Moments;
use crate::measure::phases::{PHASES, RECONFIGURE, Span};
use std::fmt::Write;

const BAND: f64 = 14.0;
/// What goes on beside the last phase stands below it.
const STRIP: f64 = 4.0;
/// Mean width of a character of a name in the band.
const CHARACTER: f64 = 6.1;

/// What ends a phase, in words for Sentinel and Cluster alike.
pub fn until(phase: &str) -> &'static str {
    match phase {
        "detect" => "somebody misses the master: +sdown, PFAIL",
        "agree" => "enough agree that it is down: +odown, FAIL",
        "elect" => "the one to act is found: +elected-leader; in a Cluster, a replica asks for votes",
        "promote" => "a replica is master",
        "write" => "the new master acknowledges the first write",
        _ => "everybody has been told: the last +switch-master, the last cluster state that is ok",
    }
}

/// The class that gives a phase its colour; of several in one, the last, which ends it.
pub fn class(name: &str) -> &'static str {
    match PHASES.iter().position(|phase| name.ends_with(phase)) {
        Some(0) => "rh-phase-1",
        Some(1) => "rh-phase-2",
        Some(2) => "rh-phase-3",
        Some(3) => "rh-phase-4",
        Some(_) => "rh-phase-5",
        None => "rh-phase-6",
    }
}

/// Draws the band; returns where the next lane may begin.
pub fn draw(out: &mut String, moments: &Moments, place: &Place<'_>) -> f64 {
    let y = place.top + 2.0;
    let _ = write!(out, r#"<text class="rh-node" x="{:.0}" y="{:.1}">failover</text>"#, place.gutter - 8.0, y + BAND / 2.0 + 4.0);
    let _ = write!(out, r#"<line class="rh-rail" x1="{}" x2="{}" y1="{2:.1}" y2="{2:.1}"/>"#, place.gutter, place.right, y + BAND / 2.0);
    let x = |ms: u64| (place.x)(ms.clamp(place.from_ms, place.to_ms));
    for span in moments.spans() {
        let (from, to) = (x(span.from_ms), x(span.to_ms));
        let _ = write!(
            out,
            r#"<rect class="{}" x="{from:.1}" y="{y:.1}" width="{:.1}" height="{BAND}"><title>{}</title></rect>"#,
            class(&span.name),
            (to - from).max(0.5),
            html(&told_span(&span))
        );
        if to - from > span.name.chars().count() as f64 * CHARACTER + 8.0 {
            let _ = write!(out, r#"<text class="rh-phase" x="{:.1}" y="{:.1}">{}</text>"#, from + 4.0, y + BAND - 3.5, html(&span.name));
        }
    }
    if let Some(span) = moments.reconfiguration() {
        let (from, to) = (x(span.from_ms), x(span.to_ms));
        let _ = write!(
            out,
            r#"<rect class="{}" x="{from:.1}" y="{:.1}" width="{:.1}" height="{STRIP}"><title>{}</title></rect>"#,
            class(RECONFIGURE),
            y + BAND + 1.0,
            (to - from).max(0.5),
            html(&told_span(&span))
        );
    }
    y + BAND + STRIP + 8.0
}

fn told_span(span: &Span) -> String {
    format!("{}: {}", span.name, took(span))
}

fn took(span: &Span) -> String {
    format!("{:.2} s", span.to_ms.saturating_sub(span.from_ms) as f64 / 1000.0)
}

/// The band in words.
pub fn told(moments: &Moments) -> String {
    let spans: Vec<String> = moments.spans().iter().chain(&moments.reconfiguration()).map(told_span).collect();
    format!("failover: {}.", spans.join(", "))
}

/// The phases as a table, counted from the old master's last sign of life.
pub fn table(moments: &Moments) -> String {
    let mut out = String::from(
        "<div class=\"rh-scroll\"><table class=\"rh-phases\"><thead><tr><th scope=\"col\">Phase</th><th scope=\"col\">took</th><th scope=\"col\">over after</th><th scope=\"col\">when</th></tr></thead><tbody>",
    );
    for span in moments.spans().iter().chain(&moments.reconfiguration()) {
        let after = span.to_ms.saturating_sub(moments.killed_ms) as f64 / 1000.0;
        let last = span.name.rsplit(", ").next().unwrap_or_default();
        let _ = write!(
            out,
            r#"<tr><th scope="row"><span class="rh-swatch {}"></span>{}</th><td class="rh-number">{}</td><td class="rh-number">{after:.2} s</td><td>{}</td></tr>"#,
            class(&span.name),
            html(&span.name),
            took(span),
            html(until(last))
        );
    }
    out.push_str("</tbody></table></div>\n");
    out
}
