//! A timeline sorted for drawing: one lane a node, with bands of roles, spans of faults and marks of events, noise merged.
//!
//! Come here to change *when* and *where* things are drawn; which of them are worth a name is decided in [`super::story`], how they look in [`super::drawing`].

use super::story::Story;
use crate::measure::Moments;
use crate::record::{ClientRecord, Entry, Evidence, Kind, StepStatus};
use crate::systems;

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
    /// What the client that wrote all the while has to tell.
    pub client: Option<ClientRecord>,
    /// A master that was replaced, taken apart.
    pub failover: Option<Moments>,
}

/// A node's lane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lane {
    pub node: String,
    pub bands: Vec<Band>,
    pub faults: Vec<Fault>,
    /// What gets a name.
    pub marks: Vec<Mark>,
    /// Moments of everything else that happened, close ones merged.
    pub ticks: Vec<u64>,
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

/// Something that happened at a moment and gets a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub at_ms: u64,
    /// `+odown`, or several that happened at once: `+odown, +try-failover`.
    pub name: String,
    pub detail: String,
    /// How many of the same kind were merged into this one.
    pub count: u32,
}

/// Marks of one name on one node closer than this part of the picture become one.
const MERGE_PART: u64 = 40;
/// Marks and ticks closer than this part of the picture stand in the same place.
const SAME_PART: u64 = 180;
/// Bytes of names that share a place.
const LONGEST_SHARED: usize = 40;
/// Named marks of one lane; later ones become ticks.
const MARKS_A_LANE: usize = 14;
/// Ticks of one lane stand at least this part of the picture apart.
const TICK_PART: u64 = 120;

/// The picture of one scenario; none when nothing happened that a picture could show: no fault, no event, no change of a role.
pub fn picture(evidence: &Evidence) -> Option<Picture> {
    let (begin_ms, from_ms, to_ms) = stretch(evidence)?;
    let story = Story::of(evidence, begin_ms, to_ms);
    let mut lanes: Vec<Lane> = evidence.nodes.iter().map(|n| lane(&n.name, evidence, &story, from_ms, to_ms)).collect();
    let within = |e: &&Entry| e.kind == Kind::Event && (from_ms..=to_ms).contains(&e.first_ms);
    let events = evidence.timeline.iter().any(|e| within(&e));
    if !events && lanes.iter().all(|lane| lane.faults.is_empty() && !changes_role(&lane.node, evidence, begin_ms, to_ms)) {
        return None;
    }
    lanes.retain(|lane| !lane.bands.is_empty() || !lane.faults.is_empty() || !lane.marks.is_empty());
    if lanes.is_empty() {
        return None;
    }
    tell_once(&mut lanes, to_ms - from_ms);
    for lane in &mut lanes {
        crowd(lane, to_ms - from_ms);
    }
    let zero_ms = evidence.window_ms.map_or(from_ms, |(_, verified)| verified.clamp(from_ms, to_ms));
    let failover = Moments::of(evidence, &[]).filter(|moments| (from_ms..=to_ms).contains(&moments.killed_ms));
    Some(Picture { from_ms, to_ms, zero_ms, has_window: evidence.window_ms.is_some(), lanes, client: evidence.client.clone(), failover })
}

/// Whether a node was seen in one role and then in another, both within the story. A node that just came back from its preparation was not.
fn changes_role(node: &str, evidence: &Evidence, begin_ms: u64, to_ms: u64) -> bool {
    let roles: Vec<&Entry> = evidence.timeline.iter().filter(|e| e.kind == Kind::Role && e.node.as_deref() == Some(node)).collect();
    roles.windows(2).any(|pair| {
        pair[0].value != pair[1].value && pair[0].last_ms >= begin_ms && pair[1].first_ms <= to_ms && pair[1].count.saturating_add(pair[0].count) > 2
    })
}

/// From just before the first `When` to the end of the last step: how nodes are formed and cleaned up is not part of the story.
///
/// Where the story begins, where the picture does, where both end.
fn stretch(evidence: &Evidence) -> Option<(u64, u64, u64)> {
    let played = evidence.steps.iter().filter(|s| !matches!(s.status, StepStatus::Skipped | StepStatus::LeftOut));
    let to_ms = played.map(|s| s.started_ms + s.duration_ms).max().or_else(|| evidence.timeline.iter().map(|e| e.last_ms).max())?;
    let whens = evidence.steps.iter().filter(|s| s.phase == "when").map(|s| s.started_ms);
    let faults = evidence.timeline.iter().filter(|e| e.kind == Kind::Fault).map(|e| e.first_ms);
    let begin = whens.chain(faults).chain(evidence.window_ms.map(|(began, _)| began)).min().unwrap_or(0);
    let lead = (to_ms.saturating_sub(begin) / 12).max(100);
    let from_ms = begin.saturating_sub(lead);
    (to_ms > from_ms).then_some((begin, from_ms, to_ms))
}

fn lane(node: &str, evidence: &Evidence, story: &Story<'_>, from_ms: u64, to_ms: u64) -> Lane {
    let own: Vec<&Entry> = evidence.timeline.iter().filter(|e| e.node.as_deref() == Some(node)).collect();
    let faults: Vec<Fault> = own.iter().filter(|e| e.kind == Kind::Fault && e.first_ms < to_ms).map(|e| fault(e, from_ms, to_ms)).collect();
    let mut lane = Lane { node: node.to_owned(), bands: bands(&own, &faults, from_ms, to_ms), faults, ..Lane::default() };
    let mut marks: Vec<Mark> = Vec::new();
    let mark = |at_ms, name: String, detail: &str, count: u32| Mark { at_ms, name, detail: detail.to_owned(), count: count.max(1) };
    for event in own.iter().filter(|e| e.kind == Kind::Event && (from_ms..=to_ms).contains(&e.first_ms)) {
        if story.is_decisive(event) {
            add(&mut marks, mark(event.first_ms, name(event), &event.value, event.count), (to_ms - from_ms) / MERGE_PART);
        } else {
            lane.ticks.push(event.first_ms);
        }
    }
    for change in story.changes(node, from_ms, to_ms) {
        marks.push(mark(change.at_ms, change.label(), "", 1));
    }
    marks.sort_by_key(|m| m.at_ms);
    lane.marks = marks;
    lane
}

/// Brings the marks of a lane down to what has room.
fn crowd(lane: &mut Lane, length_ms: u64) {
    lane.ticks.extend(lane.marks.iter().skip(MARKS_A_LANE).map(|m| m.at_ms));
    lane.marks.truncate(MARKS_A_LANE);
    lane.marks = share(std::mem::take(&mut lane.marks), length_ms / SAME_PART);
    lane.ticks.sort_unstable();
    lane.ticks.dedup_by(|later, earlier| later.abs_diff(*earlier) < (length_ms / TICK_PART).max(1));
}

/// A fault that nobody ended lasts until the scenario ends.
fn fault(entry: &Entry, from_ms: u64, to_ms: u64) -> Fault {
    let end = if entry.last_ms > entry.first_ms { entry.last_ms.min(to_ms) } else { to_ms };
    Fault { name: entry.name.clone(), from_ms: entry.first_ms.max(from_ms), to_ms: end }
}

fn bands(own: &[&Entry], faults: &[Fault], from_ms: u64, to_ms: u64) -> Vec<Band> {
    let hurt = |e: &Entry| faults.iter().any(|f| e.first_ms >= f.from_ms && e.first_ms <= f.to_ms);
    // One poll without an answer, on a node that nobody touched, is the host's hiccup and no part of the story.
    let told = |e: &&&Entry| e.kind == Kind::Role && !(e.value == "silent" && e.count == 1 && !hurt(e));
    let roles: Vec<&&Entry> = own.iter().filter(told).collect();
    let mut bands: Vec<Band> = Vec::new();
    for (i, entry) in roles.iter().enumerate() {
        // A role holds until the next one was seen: polls are at most 50 ms apart. The first one holds from the left edge: the nodes were formed with it.
        let begin = if i == 0 { from_ms } else { entry.first_ms.max(from_ms) };
        let end = roles.get(i + 1).map_or(to_ms, |next| next.first_ms).min(to_ms);
        match bands.last_mut() {
            Some(last) if last.role == entry.value => last.to_ms = last.to_ms.max(end),
            _ if end > begin => bands.push(Band { role: entry.value.clone(), from_ms: begin, to_ms: end }),
            _ => {}
        }
    }
    bands
}

/// What an event is called. Of an opinion whom it is about belongs to the name, unless it is whoever takes the writes: down *who*?
fn name(entry: &Entry) -> String {
    match systems::subject(&entry.name, &entry.value).filter(|who| !systems::is_primary(who)) {
        Some(who) => format!("{} {who}", entry.name),
        None => entry.name.clone(),
    }
}

fn add(marks: &mut Vec<Mark>, mark: Mark, near_ms: u64) {
    match marks.iter_mut().rev().find(|m| m.name == mark.name && mark.at_ms.abs_diff(m.at_ms) <= near_ms) {
        Some(same) => same.count = same.count.saturating_add(mark.count),
        None => marks.push(mark),
    }
}

/// Marks in the same place share one label, as long as it stays short.
fn share(marks: Vec<Mark>, near_ms: u64) -> Vec<Mark> {
    let mut shared: Vec<Mark> = Vec::new();
    for mark in marks {
        match shared.last_mut() {
            Some(place)
                if place.count == 1
                    && mark.count == 1
                    && mark.at_ms.abs_diff(place.at_ms) <= near_ms
                    && place.name.len() + mark.name.len() < LONGEST_SHARED =>
            {
                place.name = format!("{}, {}", place.name, mark.name);
            }
            _ => shared.push(mark),
        }
    }
    shared
}

/// A value that changes on many nodes alike is named on the first of them and a tick on the others.
fn tell_once(lanes: &mut [Lane], length_ms: u64) {
    let mut told: Vec<(String, u64)> = Vec::new();
    for lane in lanes {
        let (values, mut marks): (Vec<Mark>, Vec<Mark>) = std::mem::take(&mut lane.marks).into_iter().partition(|m| !m.name.starts_with(['+', '-']));
        for mark in values {
            if told.iter().any(|(name, at)| *name == mark.name && mark.at_ms.abs_diff(*at) <= length_ms / 20) {
                lane.ticks.push(mark.at_ms);
            } else {
                told.push((mark.name.clone(), mark.at_ms));
                marks.push(mark);
            }
        }
        marks.sort_by_key(|m| m.at_ms);
        lane.marks = marks;
    }
}
