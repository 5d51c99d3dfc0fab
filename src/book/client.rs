//! The lane of the client that wrote all the while: acknowledged writes as a band as dense as they were, failed ones below it, the longest gap and the lost writes named.
//!
//! Come here for what of a client is drawn below the nodes' lanes; its numbers are counted in `workload/tally.rs`.

use super::escape::html;
use crate::record::ClientRecord;
use std::fmt::Write;

/// Height of the band, and of the strip of failures below it.
const BAND: f64 = 14.0;
const STRIP: f64 = 4.0;
/// Room for a row of labels.
const ROW: f64 = 13.0;
/// Shades of the band: of the writes that were due, none, few, many, nearly all.
const SHADES: [f64; 4] = [0.0, 0.35, 0.65, 1.0];
/// A gap shorter than this is how clients and servers breathe.
const SHORTEST_GAP_MS: u64 = 200;
/// Mean width of a character of a label.
const CHARACTER: f64 = 6.1;

/// A stretch of time in which it went alike.
#[derive(Debug, Clone, PartialEq)]
struct Run {
    from_ms: u64,
    to_ms: u64,
    /// An index into [`SHADES`].
    shade: usize,
    failed: bool,
}

/// The place of a lane in a drawing.
pub struct Place<'a> {
    pub from_ms: u64,
    pub to_ms: u64,
    /// Where a moment is.
    pub x: &'a dyn Fn(u64) -> f64,
    pub top: f64,
    /// Right edge of the text at the left, and of the drawing.
    pub gutter: f64,
    pub right: f64,
}

/// Draws the lane; returns where the next one may begin.
pub fn draw(out: &mut String, client: &ClientRecord, place: &Place<'_>) -> f64 {
    let labels = labels(client, place);
    let y = place.top + labels.len() as f64 * ROW + 2.0;
    let _ = write!(out, r#"<text class="rh-node" x="{:.0}" y="{:.1}">client</text>"#, place.gutter - 8.0, y + BAND / 2.0 + 4.0);
    let _ = write!(out, r#"<line class="rh-rail" x1="{}" x2="{}" y1="{2:.1}" y2="{2:.1}"/>"#, place.gutter, place.right, y + BAND / 2.0);
    let clip = |ms: u64| ms.clamp(place.from_ms, place.to_ms);
    for run in runs(client) {
        let (from, to) = ((place.x)(clip(run.from_ms)), (place.x)(clip(run.to_ms)));
        if to - from < 0.1 {
            continue;
        }
        if run.shade > 0 {
            let _ = write!(
                out,
                r#"<rect class="rh-written" x="{from:.1}" y="{y:.1}" width="{:.1}" height="{BAND}" fill-opacity="{}"/>"#,
                to - from,
                SHADES[run.shade]
            );
        }
        if run.failed {
            let _ =
                write!(out, r#"<rect class="rh-failed-write" x="{from:.1}" y="{:.1}" width="{:.1}" height="{STRIP}"/>"#, y + BAND + 1.0, to - from);
        }
    }
    for (row, (from, to, text, class)) in labels.iter().enumerate() {
        let base = y - 4.0 - (labels.len() - 1 - row) as f64 * ROW;
        let (x1, x2) = ((place.x)(clip(*from)), (place.x)(clip(*to)));
        let width = text.chars().count() as f64 * CHARACTER;
        let x = x1.min(place.right - width).max(place.gutter);
        let _ = write!(out, r#"<path class="rh-leader" d="M{x1:.1} {:.1}V{y:.1}M{x2:.1} {y:.1}v-3M{x1:.1} {y:.1}H{x2:.1}"/>"#, base + 2.0);
        let _ = write!(out, r#"<text class="{class}" x="{x:.1}" y="{base:.1}">{}</text>"#, html(text));
    }
    y + BAND + STRIP + 8.0
}

/// The lane in words, for who does not see it.
pub fn told(client: &ClientRecord) -> String {
    format!("client: {}.", client.told().join("; "))
}

/// What gets a label: from, to, text, class.
fn labels(client: &ClientRecord, place: &Place<'_>) -> Vec<(u64, u64, String, &'static str)> {
    let mut labels = Vec::new();
    if let Some((from, to)) = client.longest_gap_ms.filter(|(from, to)| to.saturating_sub(*from) >= SHORTEST_GAP_MS.max(client.every_ms * 5)) {
        labels.push((from, to, format!("{:.2} s without a successful write", to.saturating_sub(from) as f64 / 1000.0), "rh-label rh-label-fault"));
    }
    if let Some((lost, (from, to))) = client.found.as_ref().and_then(|found| Some((found.lost, found.lost_ms?))) {
        labels.push((from, to, format!("{lost} acknowledged here are lost"), "rh-label rh-label-fault"));
    }
    labels.retain(|(from, to, ..)| *from <= place.to_ms && *to >= place.from_ms);
    labels
}

/// Slices that went alike become one.
fn runs(client: &ClientRecord) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (n, (acknowledged, failed)) in client.slices.iter().enumerate() {
        let from_ms = client.started_ms + n as u64 * client.slice_ms;
        let to_ms = (from_ms + client.slice_ms).min(client.stopped_ms.max(from_ms));
        // The last slice may be shorter than the others: what counts is the part of what was due.
        let due = u64::from(*acknowledged) + u64::from(*failed);
        let shade = match (u64::from(*acknowledged) * 100).checked_div(due) {
            None | Some(0) => 0,
            Some(1..=33) => 1,
            Some(34..=89) => 2,
            Some(_) => 3,
        };
        match runs.last_mut() {
            Some(last) if last.shade == shade && last.failed == (*failed > 0) => last.to_ms = to_ms,
            _ => runs.push(Run { from_ms, to_ms, shade, failed: *failed > 0 }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Found;

    fn outage() -> ClientRecord {
        let mut slices = vec![(10, 0); 40];
        slices[20..30].fill((0, 10));
        slices[30] = (5, 5);
        ClientRecord {
            through: "the Sentinels".into(),
            every_ms: 10,
            started_ms: 1000,
            stopped_ms: 5000,
            counted_from_ms: 2000,
            writes: 400,
            acknowledged: 295,
            unanswered: 105,
            longest_gap_ms: Some((3000, 4050)),
            errors: vec![("no connection (<refused>)".into(), 105)],
            found: Some(Found { on: "replica-1".into(), lost: 3, lost_ms: Some((2970, 2990)), ..Found::default() }),
            slice_ms: 100,
            slices,
            ..ClientRecord::default()
        }
    }

    #[test]
    fn an_outage_is_a_gap_in_the_band() {
        let runs = runs(&outage());
        let told: Vec<_> = runs.iter().map(|r| (r.from_ms, r.to_ms, r.shade, r.failed)).collect();
        assert_eq!(told, [(1000, 3000, 3, false), (3000, 4000, 0, true), (4000, 4100, 2, true), (4100, 5000, 3, false)]);
    }

    #[test]
    fn a_lane_is_small_and_says_what_it_shows() {
        let x = |ms: u64| 92.0 + (ms as f64 - 1500.0) * 0.15;
        let mut out = String::new();
        let place = Place { from_ms: 1500, to_ms: 5500, x: &x, top: 10.0, gutter: 92.0, right: 742.0 };
        let next = draw(&mut out, &outage(), &place);
        assert!(next > place.top && out.len() < 3000, "{}", out.len());
        insta::assert_snapshot!(format!("{}\n{}", out.replace("/>", "/>\n").replace("</text>", "</text>\n"), told(&outage())));
    }
}
