//! Who stood where: the nodes before the first change, when the last one was verified, and in the end, as small pictures side by side.
//!
//! Come here to change what such a picture shows. Every node keeps its place, so that what is different is what changed: a colour, an arrow, a cross. Nothing in it is taken from what
//! was meant to happen: roles, replication ids, links and the Sentinels' own events are, as they were recorded.

use super::drawing::{band_class, fitted, short};
use super::escape::html;
use super::lanes::Picture;
use crate::record::evidence::NodeRecord;
use crate::record::{Entry, Evidence, Kind};
use crate::systems::{self, Part};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A node's box, and the room it has.
const BOX: (f64, f64) = (62.0, 24.0);
const PITCH: (f64, f64) = (70.0, 62.0);
const MARGIN: f64 = 10.0;
/// How far above a row the bow between two of its boxes aims.
const BOW: f64 = 22.0;
/// Characters of a name that fit into a box.
const LONGEST: usize = 11;

/// How things stood at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing<'a> {
    nodes: Vec<Node<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Node<'a> {
    name: &'a str,
    role: &'a str,
    /// The master whose stream it holds, and whether its link is up.
    follows: Option<(&'a str, bool)>,
    /// The master a Sentinel looks after.
    watches: Option<&'a str>,
    fault: Option<&'a str>,
}

/// The pictures; nothing when all stood the same throughout but for who is down, which the timeline shows. `anchor` makes their ids unique.
pub fn panels(evidence: &Evidence, picture: &Picture, anchor: &str, name: &str) -> String {
    if evidence.nodes.len() < 2 {
        return String::new();
    }
    let (before, meanwhile, after) =
        (Standing::at(evidence, picture.from_ms), Standing::at(evidence, picture.zero_ms), Standing::at(evidence, picture.to_ms));
    let mut moments = vec![("before", &before)];
    if picture.has_window && meanwhile != before && meanwhile != after {
        moments.push(("after the last When", &meanwhile));
    }
    if after != before {
        moments.push(("in the end", &after));
    }
    if moments.len() < 2 || !moments.windows(2).any(|pair| pair[0].1.differs(pair[1].1)) {
        return String::new();
    }
    let places = places(&before);
    let mut out = String::from("<figure class=\"rh-standings\">");
    for (number, (when, standing)) in moments.iter().enumerate() {
        out.push_str(&panel(standing, &places, &format!("{anchor}-n{number}"), when, name));
    }
    out.push_str("<figcaption>An arrow leads to the master whose stream a replica holds, dashed while its link is down; a dotted line from a Sentinel to the master it watches; a cross marks a fault.</figcaption></figure>\n");
    out
}

impl<'a> Standing<'a> {
    fn at(evidence: &'a Evidence, ms: u64) -> Standing<'a> {
        let role = |name: &str| value(evidence, name, Kind::Role, None, ms).unwrap_or("");
        let id = |name: &str| value(evidence, name, Kind::Value, Some("replication id"), ms);
        // A living master of that stream; if there is none, the one that is silent now and was it.
        let was = |name: &str| role(name) == "silent" && spoken_role(evidence, name, ms).is_some_and(systems::is_primary);
        let with = |wanted: &str, is_it: &dyn Fn(&str) -> bool| evidence.nodes.iter().find(|n| is_it(&n.name) && id(&n.name) == Some(wanted));
        let master_with = |wanted: &str| with(wanted, &|name| systems::is_primary(role(name))).or_else(|| with(wanted, &was));
        let node = |node: &'a NodeRecord| {
            let own = role(&node.name);
            let up = value(evidence, &node.name, Kind::Value, Some("link to the master"), ms) == Some("up");
            let follows = id(&node.name)
                .filter(|_| systems::holds_data(own) && !systems::is_primary(own))
                .and_then(master_with)
                .map(|master| (master.name.as_str(), up));
            let watches = (part(&node.role) == Some(Part::Observer) && own != "silent").then(|| watched(evidence, &node.name, ms)).flatten();
            Node { name: &node.name, role: if own.is_empty() { &node.role } else { own }, follows, watches, fault: fault(evidence, &node.name, ms) }
        };
        Standing { nodes: evidence.nodes.iter().map(node).collect() }
    }

    /// Whether anybody who was there at both moments has another role, another master, another link.
    fn differs(&self, other: &Standing<'_>) -> bool {
        let alive = |node: &Node<'_>| node.role != "silent";
        self.nodes.iter().zip(&other.nodes).any(|(a, b)| alive(a) && alive(b) && (a.role, a.follows, a.watches) != (b.role, b.follows, b.watches))
    }

    fn told(&self) -> String {
        let node = |node: &Node<'_>| {
            let mut parts = vec![node.role.to_owned()];
            parts.extend(node.follows.map(|(master, up)| format!("of {master}{}", if up { "" } else { ", link down" })));
            parts.extend(node.watches.map(|master| format!("watches {master}")));
            parts.extend(node.fault.map(str::to_owned));
            format!("{}: {}", node.name, parts.join(" "))
        };
        self.nodes.iter().map(node).collect::<Vec<_>>().join("; ") + "."
    }
}

/// What a node was last seen with at a moment; before it was ever seen, what it was seen with first.
fn value<'a>(evidence: &'a Evidence, node: &str, kind: Kind, name: Option<&str>, ms: u64) -> Option<&'a str> {
    let own = || evidence.timeline.iter().filter(|e| e.kind == kind && e.node.as_deref() == Some(node) && name.is_none_or(|name| e.name == name));
    let last = own().filter(|e| e.first_ms <= ms).max_by_key(|e| e.first_ms);
    last.or_else(|| own().min_by_key(|e| e.first_ms)).map(|e| e.value.as_str())
}

/// The last role a node told of itself.
fn spoken_role<'a>(evidence: &'a Evidence, node: &str, ms: u64) -> Option<&'a str> {
    let own = |e: &&Entry| e.kind == Kind::Role && e.node.as_deref() == Some(node) && e.value != "silent" && e.first_ms <= ms;
    evidence.timeline.iter().filter(own).max_by_key(|e| e.first_ms).map(|e| e.value.as_str())
}

fn part(role: &str) -> Option<Part> {
    systems::role(role).map(|kind| kind.role.part)
}

/// The open fault of a node. One that nobody ended lasts until the scenario ends.
fn fault<'a>(evidence: &'a Evidence, node: &str, ms: u64) -> Option<&'a str> {
    let open =
        |e: &&Entry| e.kind == Kind::Fault && e.node.as_deref() == Some(node) && e.first_ms <= ms && (e.last_ms <= e.first_ms || e.last_ms > ms);
    evidence.timeline.iter().rfind(open).map(|e| e.name.as_str())
}

/// An observer looks after the primary that its last event named; before, after the one the topology begins with, if there is but one.
fn watched<'a>(evidence: &'a Evidence, observer: &str, ms: u64) -> Option<&'a str> {
    let own = |e: &&Entry| e.kind == Kind::Event && e.node.as_deref() == Some(observer) && e.first_ms <= ms;
    let switched = |e: &Entry| Some((e.first_ms, systems::promoted(&e.name, &e.value)?));
    if let Some((_, address)) = evidence.timeline.iter().filter(own).filter_map(switched).max_by_key(|(at, _)| *at) {
        return evidence.nodes.iter().find(|n| n.address == address).map(|n| n.name.as_str());
    }
    let mut masters = evidence.nodes.iter().filter(|n| systems::is_primary(&n.role));
    masters.next().filter(|_| masters.next().is_none()).map(|n| n.name.as_str())
}

/// Where each node stands: masters in the first row, under each its replicas, then whatever else, then Sentinels.
fn places<'a>(first: &Standing<'a>) -> BTreeMap<&'a str, (f64, f64)> {
    let mut places = BTreeMap::new();
    let is_data = |node: &&Node<'_>| !matches!(part(node.role), Some(Part::Observer | Part::Apart)) && node.watches.is_none();
    let masters: Vec<&Node<'a>> = first.nodes.iter().filter(is_data).filter(|n| n.follows.is_none()).collect();
    let mut column = 0.0;
    for master in masters {
        let replicas: Vec<&Node<'a>> = first.nodes.iter().filter(|n| n.follows.is_some_and(|(of, _)| of == master.name)).collect();
        let width = replicas.len().max(1) as f64;
        places.insert(master.name, (column + (width - 1.0) / 2.0, 0.0));
        for (n, replica) in replicas.iter().enumerate() {
            places.insert(replica.name, (column + n as f64, 1.0));
        }
        column += width;
    }
    let below = if places.values().any(|(_, row)| *row > 0.0) { 2.0 } else { 1.0 };
    let others: Vec<&Node<'a>> = first.nodes.iter().filter(|n| !places.contains_key(n.name)).collect();
    let left = ((column - others.len() as f64) / 2.0).max(0.0);
    for (n, node) in others.iter().enumerate() {
        places.insert(node.name, (left + n as f64, below));
    }
    places
}

fn panel(standing: &Standing<'_>, places: &BTreeMap<&str, (f64, f64)>, id: &str, when: &str, name: &str) -> String {
    let last = |of: fn(&(f64, f64)) -> f64| places.values().map(of).fold(0.0, f64::max);
    let width = last(|p| p.0) * PITCH.0 + BOX.0 + 2.0 * MARGIN;
    let top = MARGIN + if bows_at_the_top(standing, places) { BOW / 2.0 } else { 0.0 };
    let height = last(|p| p.1) * PITCH.1 + BOX.1 + top + MARGIN + 12.0;
    let at = |node: &str| places.get(node).map(|(column, row)| (MARGIN + column * PITCH.0, top + row * PITCH.1));
    let mut out = String::new();
    let _ = write!(
        out,
        r#"<div class="rh-standing"><p aria-hidden="true">{when}</p><svg class="rh-drawing rh-nodes" role="img" viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>"#,
        html(&format!("Who stood where {when}: {name}")),
        html(&standing.told())
    );
    for node in &standing.nodes {
        let Some(from) = at(node.name) else { continue };
        if let Some(to) = node.watches.and_then(at) {
            let _ = write!(out, r#"<path class="rh-watch" d="{}"/>"#, line(from, to));
        }
        if let Some((to, up)) = node.follows.and_then(|(master, up)| Some((at(master)?, up))) {
            let _ = write!(out, r#"<path class="rh-follow{}" d="{}"/>"#, if up { "" } else { " rh-down" }, arrow(from, to));
        }
    }
    for node in &standing.nodes {
        if let Some(place) = at(node.name) {
            draw(&mut out, node, place);
        }
    }
    out.push_str("</svg></div>");
    out
}

/// Whether an arrow leads from one box of the uppermost row to another, above both.
fn bows_at_the_top(standing: &Standing<'_>, places: &BTreeMap<&str, (f64, f64)>) -> bool {
    let at_the_top = |node: &str| places.get(node).is_some_and(|(_, row)| *row == 0.0);
    standing.nodes.iter().any(|node| at_the_top(node.name) && node.follows.is_some_and(|(master, _)| at_the_top(master)))
}

fn draw(out: &mut String, node: &Node<'_>, (x, y): (f64, f64)) {
    let class = band_class(node.role);
    let (width, height) = BOX;
    let _ = write!(out, r#"<rect class="{class}" x="{x:.0}" y="{y:.0}" width="{width}" height="{height}" rx="4"/>"#);
    let name = short(node.name, LONGEST);
    let _ = write!(
        out,
        r#"<text class="rh-role {class}" text-anchor="middle" x="{:.1}" y="{:.1}"{}>{}</text>"#,
        x + width / 2.0,
        y + height / 2.0 + 4.0,
        fitted(&name, 7.0, width - 4.0),
        html(&name)
    );
    if let Some(fault) = node.fault {
        let (cx, cy) = (x + width - 2.0, y + 1.0);
        let _ = write!(
            out,
            r#"<circle class="rh-cross" cx="{cx:.0}" cy="{cy:.0}" r="6.5"/><path class="rh-cross" d="M{:.0} {:.0}l6 6m0 -6l-6 6"/>"#,
            cx - 3.0,
            cy - 3.0
        );
        let _ = write!(
            out,
            r#"<text class="rh-label rh-label-fault" text-anchor="middle" x="{:.1}" y="{:.1}">{}</text>"#,
            x + width / 2.0,
            y + height + 11.0,
            html(&short(fault, LONGEST + 1))
        );
    }
}

/// From one box to another, as a line or, within a row, as a bow below both.
fn line(from: (f64, f64), to: (f64, f64)) -> String {
    let ends = ends(from, to);
    format!("M{:.0} {:.0}L{:.0} {:.0}", ends.0.0, ends.0.1, ends.1.0, ends.1.1)
}

fn ends(from: (f64, f64), to: (f64, f64)) -> ((f64, f64), (f64, f64)) {
    let half = BOX.0 / 2.0;
    match from.1.total_cmp(&to.1) {
        std::cmp::Ordering::Greater => ((from.0 + half, from.1), (to.0 + half, to.1 + BOX.1)),
        std::cmp::Ordering::Less => ((from.0 + half, from.1 + BOX.1), (to.0 + half, to.1)),
        std::cmp::Ordering::Equal => ((from.0 + half, from.1), (to.0 + half, to.1)),
    }
}

/// With a head of its own: markers would need ids, and do not follow the colour in every browser.
fn arrow(from: (f64, f64), to: (f64, f64)) -> String {
    let (start, end) = ends(from, to);
    if start.1 == end.1 {
        // A bow above the row; it comes down on the box.
        let top = start.1 - BOW;
        let lean = (end.0 - start.0).signum() * 10.0;
        return format!(
            "M{:.0} {:.0}C{:.0} {top:.0} {:.0} {top:.0} {:.0} {:.0}m-4 -6l4 6l4 -6",
            start.0,
            start.1,
            start.0 + lean,
            end.0 - lean,
            end.0,
            end.1
        );
    }
    let (dx, dy) = (end.0 - start.0, end.1 - start.1);
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length * 6.0, dy / length * 6.0);
    let head = |side: f64| (end.0 - ux - side * uy * 0.6, end.1 - uy + side * ux * 0.6);
    let ((ax, ay), (bx, by)) = (head(1.0), head(-1.0));
    format!("M{:.0} {:.0}L{:.1} {:.1}M{ax:.1} {ay:.1}L{:.1} {:.1}L{bx:.1} {by:.1}", start.0, start.1, end.0, end.1, end.0, end.1)
}

#[cfg(test)]
mod tests {
    use super::super::lanes;
    use super::super::sample_evidence::{entry, failover_passed};
    use super::*;

    fn failover() -> Evidence {
        let mut evidence = failover_passed("redis-7.0", "7.0.15");
        for (node, id, from, to) in [
            ("master", "a", 0, 2000),
            ("replica-1", "a", 0, 5000),
            ("replica-2", "a", 0, 3800),
            ("replica-2", "b", 3810, 14_600),
            ("replica-1", "b", 5200, 14_600),
            ("master", "b", 14_000, 14_600),
        ] {
            evidence.timeline.push(entry(node, Kind::Value, "replication id", id, from, to));
        }
        for (node, from) in [("replica-1", 0), ("master", 14_000)] {
            evidence.timeline.push(entry(node, Kind::Value, "link to the master", "up", from, 14_600));
        }
        evidence
    }

    #[test]
    fn arrows_follow_the_stream_and_the_sentinels_their_own_word() {
        let evidence = failover();
        let before = Standing::at(&evidence, 0);
        assert!(
            before.told().starts_with(
                "master: master; replica-1: replica of master; replica-2: replica of master, link down; sentinel-1: sentinel watches master"
            ),
            "{}",
            before.told()
        );
        let after = Standing::at(&evidence, 14_600);
        assert!(
            after
                .told()
                .contains("master: replica of replica-2; replica-1: replica of replica-2; replica-2: master; sentinel-1: sentinel watches replica-2"),
            "{}",
            after.told()
        );
    }

    #[test]
    fn a_failover_has_three_small_pictures_with_ids_of_their_own() {
        let evidence = failover();
        let picture = lanes::picture(&evidence).expect("something happened");
        let panels = panels(&evidence, &picture, "slug-1", "Name <b>");
        assert!(panels.len() < 9000 && !panels.contains("<b>") && !panels.contains("\n\n"), "{}", panels.len());
        assert!(panels.split(" id=\"").skip(1).all(|id| id.starts_with("slug-1-n")));
        assert_eq!(panels.matches("<svg").count(), 3);
        // The link that is down, and the bow between two that stand side by side.
        assert!(panels.contains("class=\"rh-follow rh-down\"") && panels.contains("m-4 -6l4 6l4 -6"), "{panels}");
    }

    #[test]
    fn where_nothing_changed_nothing_is_drawn() {
        let mut evidence = failover();
        let picture = lanes::picture(&evidence).expect("something happened");
        evidence.timeline.retain(|e| e.first_ms == 0);
        assert_eq!(panels(&evidence, &picture, "a", "n"), "");
    }
}
