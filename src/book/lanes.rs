//! A timeline sorted for drawing: one lane a node, with bands of roles, spans of faults and marks of events, noise merged.
//!
//! Come here to change *what* is drawn; how it looks is in [`super::drawing`].

use crate::record::{Entry, Evidence, Kind};

/// Everything a drawing shows, in milliseconds on the scenario's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub from_ms: u64,
    pub to_ms: u64,
    /// Zero of the axis: the moment the last `When` was verified, from which every `Then` counts.
    pub zero_ms: u64,
    /// Whether there was such a moment.
    pub has_window: bool,
    pub lanes: Vec<Lane>,
}

/// A node's lane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lane {
    pub node: String,
    pub bands: Vec<Band>,
    pub faults: Vec<Fault>,
    pub marks: Vec<Mark>,
}

/// A stretch of time in one role.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// `master`, `replica`, `silent`, or whatever else the record says.
    pub role: String,
    pub from_ms: u64,
    pub to_ms: u64,
}

/// A fault from injection to heal.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub name: String,
    pub from_ms: u64,
    pub to_ms: u64,
}

/// Something that happened at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub at_ms: u64,
    pub name: String,
    pub detail: String,
    /// How many of the same kind were merged into this one.
    pub count: u32,
    /// Labelled only where there is room left.
    pub minor: bool,
}

/// Marks of one name on one node closer than this part of the picture become one.
const MERGE_PART: u64 = 40;
/// Events that say how a decision was reached, not what it was.
const MINOR: &[&str] = &["+new-epoch", "+vote-for-leader", "+try-failover", "+monitor", "+set", "+slave", "+sentinel", "+fix-slave-config"];
/// Values that change more often than this are noise in a picture (offsets, counters).
const CHANGES_SHOWN: usize = 4;
/// Marks of one lane; later ones are left to the table.
const MARKS_A_LANE: usize = 14;

/// The picture of one scenario; none when there is nothing to compare: no node, or no time passed.
pub fn picture(evidence: &Evidence) -> Option<Picture> {
    let (from_ms, to_ms) = stretch(evidence)?;
    let mut lanes: Vec<Lane> = evidence.nodes.iter().map(|n| lane(&n.name, evidence, from_ms, to_ms)).collect();
    lanes.retain(|lane| !lane.bands.is_empty() || !lane.faults.is_empty() || !lane.marks.is_empty());
    if lanes.is_empty() {
        return None;
    }
    let zero_ms = evidence.window_ms.map_or(from_ms, |(_, verified)| verified.clamp(from_ms, to_ms));
    Some(Picture { from_ms, to_ms, zero_ms, has_window: evidence.window_ms.is_some(), lanes })
}

/// From just before the first `When` to the end: how the nodes were formed is not part of the story.
fn stretch(evidence: &Evidence) -> Option<(u64, u64)> {
    let ends = evidence.timeline.iter().map(|e| e.last_ms).chain(evidence.steps.iter().map(|s| s.started_ms + s.duration_ms));
    let to_ms = ends.max()?;
    let whens = evidence.steps.iter().filter(|s| s.phase == "when").map(|s| s.started_ms);
    let faults = evidence.timeline.iter().filter(|e| e.kind == Kind::Fault).map(|e| e.first_ms);
    let begin = whens.chain(faults).chain(evidence.window_ms.map(|(began, _)| began)).min().unwrap_or(0);
    let lead = (to_ms.saturating_sub(begin) / 12).max(100);
    let from_ms = begin.saturating_sub(lead);
    (to_ms > from_ms).then_some((from_ms, to_ms))
}

fn lane(node: &str, evidence: &Evidence, from_ms: u64, to_ms: u64) -> Lane {
    let own: Vec<&Entry> = evidence.timeline.iter().filter(|e| e.node.as_deref() == Some(node)).collect();
    let roles: Vec<&&Entry> = own.iter().filter(|e| e.kind == Kind::Role).collect();
    let bands = roles.iter().enumerate().map(|(i, entry)| Band {
        role: entry.value.clone(),
        from_ms: entry.first_ms.max(from_ms),
        // A role holds until the next one was seen: polls are at most 50 ms apart.
        to_ms: roles.get(i + 1).map_or(to_ms, |next| next.first_ms).min(to_ms),
    });
    let faults = own.iter().filter(|e| e.kind == Kind::Fault).map(|entry| Fault {
        name: entry.name.clone(),
        from_ms: entry.first_ms.max(from_ms),
        // A fault that nobody ended lasts until the scenario ends.
        to_ms: if entry.last_ms > entry.first_ms { entry.last_ms.min(to_ms) } else { to_ms },
    });
    let mut marks: Vec<Mark> = Vec::new();
    for entry in &own {
        let shown = match entry.kind {
            Kind::Event => true,
            Kind::Value => own.iter().filter(|e| e.kind == Kind::Value && e.name == entry.name).count() <= CHANGES_SHOWN,
            _ => false,
        };
        if shown && (from_ms..=to_ms).contains(&entry.first_ms) {
            let mark = Mark {
                at_ms: entry.first_ms,
                name: name(entry),
                detail: entry.value.clone(),
                count: entry.count.max(1),
                minor: is_minor(&entry.name),
            };
            add(&mut marks, mark, (to_ms - from_ms) / MERGE_PART);
        }
    }
    marks.sort_by_key(|m| m.at_ms);
    marks.truncate(MARKS_A_LANE);
    Lane { node: node.to_owned(), bands: bands.filter(|b| b.to_ms > b.from_ms).collect(), faults: faults.collect(), marks }
}

/// What a mark is called. Of a Sentinel's opinion the first word of its text belongs to the name: down *who*?
fn name(entry: &Entry) -> String {
    match (entry.kind, entry.value.split(' ').next()) {
        (Kind::Value, _) => format!("{} {}", entry.name, entry.value),
        (_, Some(who @ ("master" | "slave" | "replica" | "sentinel"))) if entry.name.ends_with("sdown") => format!("{} {who}", entry.name),
        _ => entry.name.clone(),
    }
}

fn is_minor(name: &str) -> bool {
    MINOR.contains(&name) || name.starts_with("+failover-state") || name.starts_with("+slave-reconf")
}

fn add(marks: &mut Vec<Mark>, mark: Mark, near_ms: u64) {
    match marks.iter_mut().rev().find(|m| m.name == mark.name && mark.at_ms.abs_diff(m.at_ms) <= near_ms) {
        Some(same) => same.count += mark.count,
        None => marks.push(mark),
    }
}
