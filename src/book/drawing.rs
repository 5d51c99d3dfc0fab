//! A timeline as inline SVG: lanes, bands, hatched faults, labelled events, an axis in seconds.
//!
//! Come here to change how a drawing looks. It needs no JavaScript, takes its colours from the theme through classes and stays readable in print; its text
//! alternative tells the same story. Ids carry the scenario's anchor, since mdBook's print page holds all chapters at once.

use super::client;
use super::escape::html;
use super::failover;
use super::lanes::{Band, Lane, Picture};
use crate::systems::{self, Part};
use std::cmp::Ordering;
use std::fmt::Write;

/// Widths and heights in the drawing's own units, about one CSS pixel each.
const WIDTH: f64 = 760.0;
const GUTTER: f64 = 92.0;
/// Room at the right for half of the last second's label.
const MARGIN: f64 = 18.0;
const BAND: f64 = 14.0;
/// A Sentinel never has another role, so its band needs no name and little height.
const THIN: f64 = 7.0;
/// A row of labels above a band.
const ROW: f64 = 13.0;
const GAP: f64 = 9.0;
const AXIS: f64 = 30.0;
/// Rows of labels above a band; a label that fits in none is left to the mark's tooltip.
const ROWS: usize = 7;
/// Mean width of a character at the label's size.
const CHARACTER: f64 = 6.7;
const LONGEST_LABEL: usize = 46;

/// A drawing of one scenario. `anchor` makes its ids unique, `name` is the scenario's.
pub fn svg(picture: &Picture, anchor: &str, name: &str) -> String {
    let scale = Scale { from: picture.from_ms as f64, per_ms: (WIDTH - GUTTER - MARGIN) / (picture.to_ms - picture.from_ms).max(1) as f64 };
    let mut body = String::new();
    let mut y = 6.0;
    for lane in &picture.lanes {
        y = draw_lane(&mut body, lane, &scale, anchor, y);
    }
    let x = |ms: u64| scale.x(ms);
    let place = |top| client::Place { from_ms: picture.from_ms, to_ms: picture.to_ms, x: &x, top, gutter: GUTTER, right: WIDTH - MARGIN };
    if let Some(moments) = &picture.failover {
        y = failover::draw(&mut body, moments, &place(y));
    }
    if let Some(client) = &picture.client {
        y = client::draw(&mut body, client, &place(y));
    }
    let height = y + AXIS;
    let mut out = String::new();
    let _ = write!(
        out,
        r#"<svg class="rh-drawing" role="img" viewBox="0 0 {WIDTH} {height:.0}" width="{WIDTH}" height="{height:.0}" aria-labelledby="{anchor}-t {anchor}-d"><title id="{anchor}-t">{}</title><desc id="{anchor}-d">{}</desc>"#,
        html(&format!("What happened, node by node: {name}")),
        html(&told(picture)),
    );
    let _ = write!(
        out,
        r#"<defs><pattern id="{anchor}-h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="rh-hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>"#
    );
    if picture.has_window {
        let x = scale.x(picture.zero_ms);
        let _ = write!(out, r#"<rect class="rh-window" x="{x:.1}" y="0" width="{:.1}" height="{y:.1}"/>"#, WIDTH - MARGIN - x);
    }
    axis(&mut out, picture, &scale, y);
    out.push_str(&body);
    out.push_str("</svg>");
    out
}

struct Scale {
    from: f64,
    per_ms: f64,
}

impl Scale {
    fn x(&self, ms: u64) -> f64 {
        GUTTER + (ms as f64 - self.from) * self.per_ms
    }
}

fn draw_lane(out: &mut String, lane: &Lane, scale: &Scale, anchor: &str, top: f64) -> f64 {
    let labels = place(lane, scale);
    let rows = labels.iter().map(|l| l.row + 1).max().unwrap_or(0);
    let y = top + rows as f64 * ROW + 2.0;
    let height = height(lane);
    let middle = y + height / 2.0;
    // Marks sit on a band's edge, so that they hide no role; without bands on the rail.
    let marks_y = if lane.bands.is_empty() { middle } else { y };
    let node = short(&lane.node, 15);
    let _ = write!(
        out,
        r#"<text class="rh-node" x="{:.0}" y="{:.1}"{}>{}</text>"#,
        GUTTER - 8.0,
        middle + 4.0,
        fitted(&node, 7.4, GUTTER - 12.0),
        html(&node)
    );
    let _ = write!(out, r#"<line class="rh-rail" x1="{GUTTER}" x2="{}" y1="{middle:.1}" y2="{middle:.1}"/>"#, WIDTH - MARGIN);
    for band in &lane.bands {
        draw_band(out, band, scale, y, height);
    }
    for fault in &lane.faults {
        let (x, width) = (scale.x(fault.from_ms), (scale.x(fault.to_ms) - scale.x(fault.from_ms)).max(2.0));
        let title = html(&fault.name);
        let _ = write!(
            out,
            r#"<rect class="rh-fault" fill="url(#{anchor}-h)" x="{x:.1}" y="{:.1}" width="{width:.1}" height="{}"><title>{title}</title></rect>"#,
            y - 1.0,
            height + 2.0
        );
    }
    if height >= BAND {
        for band in &lane.bands {
            name_band(out, band, scale, y);
        }
    }
    draw_ticks(out, &lane.ticks, scale, y + height);
    for label in &labels {
        let base = y - 4.0 - label.row as f64 * ROW;
        let (x, side) = if label.leftwards { (label.x + label.width, r#" text-anchor="end""#) } else { (label.x, "") };
        let _ = write!(out, r#"<path class="rh-leader" d="M{:.1} {:.1}V{marks_y:.1}"/>"#, label.at, base + 2.0);
        let _ = write!(out, r#"<text class="{}"{side} x="{x:.1}" y="{base:.1}">{}</text>"#, label.class, html(&label.text));
    }
    for mark in &lane.marks {
        let times = if mark.count > 1 { format!(" ({} times)", mark.count) } else { String::new() };
        let _ = write!(
            out,
            r#"<circle class="rh-event" cx="{:.1}" cy="{marks_y:.1}" r="3"><title>{}</title></circle>"#,
            scale.x(mark.at_ms),
            html(&short(format!("{}{times} {}", mark.name, mark.detail).trim_end(), 120))
        );
    }
    y + height + GAP
}

/// The attributes that make a text fit into a width, whatever letters the reader's machine has; nothing where it fits with wide ones.
pub fn fitted(text: &str, character: f64, width: f64) -> String {
    let natural = text.chars().count() as f64 * character;
    if natural <= width { String::new() } else { format!(r#" textLength="{width:.0}" lengthAdjust="spacingAndGlyphs""#) }
}

fn height(lane: &Lane) -> f64 {
    let observes = |role: &str| systems::role(role).is_some_and(|kind| kind.role.part == Part::Observer);
    let observer = lane.bands.iter().any(|b| observes(&b.role)) && lane.bands.iter().all(|b| b.role == "silent" || observes(&b.role));
    if observer { THIN } else { BAND }
}

/// What happened beside the named marks, hanging from the band's lower edge.
fn draw_ticks(out: &mut String, ticks: &[u64], scale: &Scale, y: f64) {
    if ticks.is_empty() {
        return;
    }
    let path: String = ticks.iter().map(|at| format!("M{:.1} {y:.1}v4", scale.x(*at))).collect();
    let _ = write!(out, r#"<path class="rh-small-event" d="{path}"><title>further events; the table below names them</title></path>"#);
}

fn draw_band(out: &mut String, band: &Band, scale: &Scale, y: f64, height: f64) {
    let (x, width, class) = (scale.x(band.from_ms), scale.x(band.to_ms) - scale.x(band.from_ms), band_class(&band.role));
    let title = html(&band.role);
    let _ = write!(out, r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height}" rx="2"><title>{title}</title></rect>"#);
}

/// The role in words, above any hatching, where there is room for it.
fn name_band(out: &mut String, band: &Band, scale: &Scale, y: f64) {
    let (x, width, class) = (scale.x(band.from_ms), scale.x(band.to_ms) - scale.x(band.from_ms), band_class(&band.role));
    if width > band.role.chars().count() as f64 * CHARACTER + 12.0 {
        let _ = write!(out, r#"<text class="rh-role {class}" x="{:.1}" y="{:.1}">{}</text>"#, x + 6.0, y + BAND - 3.5, html(&band.role));
    }
}

pub(super) fn band_class(role: &str) -> &'static str {
    match role {
        "silent" => "rh-silent",
        role if systems::is_primary(role) => "rh-master",
        role if systems::holds_data(role) => "rh-replica",
        _ => "rh-other",
    }
}

/// A label with its place: rows count upwards from the band.
#[derive(Debug, Clone)]
struct Label {
    /// Faults come first, silences last.
    rank: u8,
    at: f64,
    x: f64,
    width: f64,
    row: usize,
    text: String,
    class: &'static str,
    /// Grows to the left of its leader, for want of room at the right.
    leftwards: bool,
}

/// Which label is put down first: later ones find less room.
type Order = fn(&Label) -> (bool, f64);
/// Whether a label may grow to the left, in order of preference.
type Ways = fn(&Label) -> &'static [bool];

/// The labels of a lane, each in the lowest row where it neither touches another nor is cut by a leader. What fits nowhere has only its tooltip.
///
/// How many fit depends on who comes first: from right to left a crowd becomes a staircase that ends at the right, from left to right one that grows to the
/// left. Both are tried, pure and mixed; the one with the most labels in the fewest rows is taken.
fn place(lane: &Lane, scale: &Scale) -> Vec<Label> {
    let wanted = wanted(lane, scale);
    // Those at the right edge first, or in order of time.
    let orders: [Order; 4] =
        [|label| (has_room(label), -label.at), |label| (has_room(label), label.at), |label| (true, -label.at), |label| (true, label.at)];
    let ways: [Ways; 3] =
        [|label| if has_room(label) { &[false] } else { &[true] }, |label| if has_room(label) { &[false, true] } else { &[true] }, |_| &[true]];
    let tries = ways.into_iter().flat_map(|way| orders.into_iter().map(move |order| (way, order)));
    let placed = tries.map(|(way, order)| {
        let mut sorted = wanted.clone();
        sorted.sort_by(|a, b| {
            let ((first_a, at_a), (first_b, at_b)) = (order(a), order(b));
            a.rank.cmp(&b.rank).then(first_a.cmp(&first_b)).then(at_a.total_cmp(&at_b))
        });
        arrange(sorted, way)
    });
    let merit = |labels: &Vec<Label>| (labels.len(), std::cmp::Reverse(labels.iter().map(|l| l.row).max().unwrap_or(0)));
    // The first of equals: `max_by_key` would take the last.
    placed.reduce(|best, next| if merit(&next) > merit(&best) { next } else { best }).unwrap_or_default()
}

fn wanted(lane: &Lane, scale: &Scale) -> Vec<Label> {
    let label = |rank, at_ms, text: String, class| {
        let width = text.chars().count() as f64 * CHARACTER;
        Label { at: scale.x(at_ms), x: 0.0, width, row: 0, rank, text, class, leftwards: false }
    };
    let faults = lane.faults.iter().map(|f| label(0, f.from_ms, short(&f.name, LONGEST_LABEL), "rh-label rh-label-fault"));
    let marks = lane.marks.iter().map(|m| {
        let times = if m.count > 1 { format!(" \u{d7}{}", m.count) } else { String::new() };
        label(1, m.at_ms, format!("{}{times}", short(&m.name, LONGEST_LABEL)), "rh-label")
    });
    // A thin band has no room for a word; of a silence that no fault explains it is said above.
    let unexplained = |b: &&Band| b.role == "silent" && !lane.faults.iter().any(|f| f.from_ms < b.to_ms && f.to_ms > b.from_ms);
    let silences = lane.bands.iter().filter(|_| height(lane) < BAND).filter(unexplained);
    faults.chain(marks).chain(silences.map(|b| label(2, b.from_ms, b.role.clone(), "rh-label rh-label-role"))).collect()
}

/// Whether a label ends within the drawing when it grows to the right.
fn has_room(label: &Label) -> bool {
    label.at + label.width <= WIDTH - 8.0
}

/// Puts labels down one after the other; `ways` says in which directions each may grow.
fn arrange(labels: Vec<Label>, ways: Ways) -> Vec<Label> {
    let mut placed: Vec<Label> = Vec::new();
    for label in labels {
        let placements = (0..ROWS).flat_map(|row| ways(&label).iter().map(move |leftwards| (row, *leftwards)));
        let mut free = placements.map(|(row, leftwards)| Label {
            row,
            leftwards,
            x: if leftwards { label.at + 0.5 - label.width } else { label.at - 0.5 },
            ..label.clone()
        });
        if let Some(label) = free.find(|l| l.x > if l.leftwards { GUTTER } else { 2.0 } && is_free(l, &placed)) {
            placed.push(label);
        }
    }
    placed
}

fn is_free(label: &Label, placed: &[Label]) -> bool {
    let (left, right) = (label.x, label.x + label.width);
    let cuts = |at: f64, left: f64, right: f64| at > left + 1.5 && at < right - 1.0;
    placed.iter().all(|other| match other.row.cmp(&label.row) {
        Ordering::Equal => left > other.x + other.width + 5.0 || right < other.x - 5.0,
        // Our leader passes the rows below, theirs passes ours.
        Ordering::Less => !cuts(label.at, other.x, other.x + other.width),
        Ordering::Greater => !cuts(other.at, left, right),
    })
}

fn axis(out: &mut String, picture: &Picture, scale: &Scale, y: f64) {
    let step = tick((picture.to_ms - picture.from_ms) as f64 / 1000.0);
    let zero = picture.zero_ms as f64 / 1000.0;
    let mut second = ((picture.from_ms as f64 / 1000.0 - zero) / step).ceil() * step;
    while (second + zero) * 1000.0 <= picture.to_ms as f64 {
        let x = scale.x(((second + zero) * 1000.0).round() as u64);
        let label = if step < 1.0 { format!("{second:.1}") } else { format!("{second:.0}") };
        let label = if label == "-0" || label == "-0.0" { label[1..].to_owned() } else { label.replace('-', "\u{2212}") };
        let class = if second.abs() < step / 100.0 { "rh-tick rh-zero" } else { "rh-tick" };
        let _ = write!(
            out,
            r#"<path class="{class}" d="M{x:.1} 0V{:.1}"/><text class="rh-second" x="{x:.1}" y="{:.1}">{label} s</text>"#,
            y + 4.0,
            y + 17.0
        );
        second += step;
    }
}

/// A step of 1, 2 or 5 that gives four to nine ticks.
pub(super) fn tick(seconds: f64) -> f64 {
    let raw = (seconds / 8.0).max(0.01);
    let power = 10f64.powf(raw.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= raw).unwrap_or(raw).max(0.1)
}

pub(super) fn short(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest { text.to_owned() } else { text.chars().take(longest - 1).chain(['\u{2026}']).collect() }
}

/// The drawing in words.
fn told(picture: &Picture) -> String {
    let at = |ms: u64| format!("{:.1} s", (ms as f64 - picture.zero_ms as f64) / 1000.0);
    let mut sentences = Vec::new();
    for lane in &picture.lanes {
        let mut parts: Vec<String> = lane.bands.iter().map(|b| format!("{} from {}", b.role, at(b.from_ms))).collect();
        parts.extend(lane.faults.iter().map(|f| format!("{} from {} to {}", f.name, at(f.from_ms), at(f.to_ms))));
        parts.extend(lane.marks.iter().take(6).map(|m| format!("{} at {}", short(&m.name, LONGEST_LABEL), at(m.at_ms))));
        sentences.push(format!("{}: {}.", lane.node, parts.join(", ")));
    }
    sentences.extend(picture.failover.as_ref().map(failover::told));
    sentences.extend(picture.client.as_ref().map(client::told));
    sentences.join(" ")
}
