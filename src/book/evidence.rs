//! What folds out below a scenario: where the verdict comes from, how to repeat it, and the timeline as a table.
//!
//! Come here when a reader should be able to check something they cannot check now.

use super::escape::{date, duration, html};
use super::render_feature::Context;
use super::render_scenario::Place;
use super::story;
use crate::record::{Attempt, Control, Entry, Evidence, Executable, Kind, StepRecord, passes_without};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Rows of the timeline's table; the evidence file has all of them.
const ROWS: usize = 120;

/// In a chapter: what the verdict rests on in a few lines, and the way to the rest.
pub fn brief(place: Place<'_>, evidence: &Evidence, context: Context<'_>) -> String {
    let scenario = &evidence.scenario;
    let mut facts = vec![("Control", control(place, evidence, context))];
    facts.extend(run(evidence));
    facts.push(("Text hash", format!("<code>{}</code>", html(&scenario.text_hash))));
    facts.push(again(place, evidence, context));
    let anchor = context.links.anchor(place.feature, place.scenario);
    if let Some(link) = context.links.evidence(context.page, place.feature, &scenario.server, &anchor) {
        facts.push(("All of it", format!(r#"<a href="{}">drawing, timeline, nodes, build</a>"#, html(&link))));
    }
    let mut out = String::from("<details class=\"rh-evidence\"><summary>Evidence");
    let _ = write!(
        out,
        r#" <span class="rh-hint">{} {}, {}</span></summary>"#,
        html(&scenario.server),
        html(&evidence.server_build.version),
        date(&evidence.started)
    );
    list(&mut out, &facts);
    out.push_str("</details>\n");
    out
}

/// On a page of its own: everything there is.
pub fn whole(place: Place<'_>, evidence: &Evidence, context: Context<'_>) -> String {
    let mut out = String::from("<div class=\"rh-evidence\">");
    facts(&mut out, place, evidence, context);
    timeline(&mut out, evidence);
    snapshots(&mut out, evidence);
    out.push_str("</div>\n");
    out
}

fn list(out: &mut String, facts: &[(&str, String)]) {
    out.push_str("<dl class=\"rh-facts\">");
    for (name, value) in facts {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    out.push_str("</dl>\n");
}

fn again(place: Place<'_>, evidence: &Evidence, context: Context<'_>) -> (&'static str, String) {
    let name = &evidence.scenario.server;
    let server = if name == context.library.default_server() { String::new() } else { format!(" --server {name}") };
    ("Play it again", format!("<code>rehearsal run {}:{}{}</code>", html(&place.feature.path), place.scenario.line, html(&server)))
}

/// When it was played, how long it took, how often it had to be tried.
fn run(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let scenario = &evidence.scenario;
    let times = format!("{}, of it {} overhead", duration(scenario.duration_ms), duration(scenario.overhead_ms));
    let attempts = if scenario.attempts > 1 { format!(", of {} attempts", scenario.attempts) } else { String::new() };
    let mut facts = vec![("Run", format!("{} on {}, {times}{attempts}", html(&evidence.run), date(&evidence.started)))];
    if !scenario.earlier.is_empty() {
        let what = |one: &Attempt| one.failure.as_ref().map_or(String::new(), |(line, text)| format!(", line {line}: {}", html(text)));
        let attempts: Vec<String> = scenario.earlier.iter().map(|one| format!("{}{}", one.verdict, what(one))).collect();
        facts.push(("Other attempts", attempts.join("; ")));
    }
    if !evidence.stalls.is_empty() {
        let stalls: Vec<String> = evidence.stalls.iter().map(ToString::to_string).collect();
        facts.push(("Stalls", html(&stalls.join("; "))));
    }
    facts
}

fn facts(out: &mut String, place: Place<'_>, evidence: &Evidence, context: Context<'_>) {
    let (scenario, build) = (&evidence.scenario, &evidence.server_build);
    let mut facts: Vec<(&str, String)> = Vec::new();
    let id = if build.build_id.is_empty() { String::new() } else { format!(", build {}", html(&build.build_id)) };
    facts.push(("Server", format!("{} {}{id}", html(&build.name), html(&build.version))));
    let image_id: String = build.image_id.trim_start_matches("sha256:").chars().take(12).collect();
    facts.push(("Image", format!("<code>{}</code> {} ({})", html(&build.image), html(&image_id), html(&build.route))));
    if !build.append.is_empty() {
        facts.push(("Appended on purpose", format!("<code>{}</code>", html(&build.append.join("; ")))));
    }
    if let Some(Executable::Binary { path, sha256 }) = &build.executable {
        facts.push(("Executable", format!("<code>{}</code> in place of the image's own; SHA-256 <code>{}</code>", html(path), html(sha256))));
    }
    if let Some(topology) = &evidence.topology {
        let nodes = evidence.nodes.iter().map(|n| format!("{} {}", html(&n.name), html(&n.address))).collect::<Vec<_>>().join(", ");
        facts.push(("Topology", format!("{}: {nodes}", html(topology))));
    }
    facts.push(("Control", control(place, evidence, context)));
    facts.extend(run(evidence));
    if let Some(client) = &evidence.client {
        facts.push(("Client", html(&client.told().join("; "))));
    }
    facts.push(("Text hash", format!("<code>{}</code>", html(&scenario.text_hash))));
    facts.push(again(place, evidence, context));
    if let Some(repository) = &context.library.repository {
        let path = format!("{}:{}", place.feature.path, place.scenario.line);
        let href = format!("{}/{}#L{}", repository.trim_end_matches('/'), place.feature.path, place.scenario.line);
        facts.push(("Written in", format!(r#"<a href="{}">{}</a>"#, html(&href), html(&path))));
    }
    list(out, &facts);
}

fn control(place: Place<'_>, evidence: &Evidence, context: Context<'_>) -> String {
    let known = context.library.control(&evidence.scenario.text_hash, &evidence.scenario.server);
    let earlier =
        known.filter(|known| known.started != evidence.started).map_or_else(String::new, |known| format!(" (played {})", date(known.started)));
    match known.map_or(Control::None, |known| known.control) {
        Control::Caught => format!("<strong>caught</strong>: with the fault left out, a Then fails{earlier}"),
        Control::Missed => format!("<strong>missed</strong>: {}{earlier}", html(&passes_without(known.map_or(&[], |known| known.unnoticed)))),
        Control::Mirrored => match &place.scenario.mirror {
            Some(slug) => format!("mirrored: the harm is shown by <em>{}</em>", html(slug)),
            None => "mirrored".to_owned(),
        },
        Control::Unknown => {
            format!(
                "<strong>unknown</strong>: it could not be played: {}{earlier}",
                html(known.and_then(|known| known.reason).unwrap_or("no reason was recorded"))
            )
        }
        Control::None if place.scenario.has_fault => "not played".to_owned(),
        Control::None => "none needed: the scenario has no fault".to_owned(),
    }
}

fn timeline(out: &mut String, evidence: &Evidence) {
    let entries = told(evidence);
    if entries.is_empty() {
        return;
    }
    let zero = evidence.window_ms.map_or(0, |(_, verified)| verified);
    let at = |ms: u64| format!("{:+.2}", (ms as f64 - zero as f64) / 1000.0).replace('-', "\u{2212}");
    out.push_str("<div class=\"rh-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"timeline as a table\"><table class=\"rh-timeline\"><thead><tr><th>s<th>node<th>what<th>value<th>until</thead><tbody>");
    for entry in entries.iter().take(ROWS) {
        // The end tags of cells and rows may be left out, and there are many of them.
        let kind = match entry.kind {
            Kind::Event => " class=\"rh-kind-event\"",
            Kind::Fault => " class=\"rh-kind-fault\"",
            Kind::Role | Kind::Value | Kind::Mark => "",
        };
        let until = if entry.last_ms > entry.first_ms { at(entry.last_ms) } else { String::new() };
        let node = entry.node.as_deref().unwrap_or("");
        let _ = writeln!(out, "<tr{kind}><td>{}<td>{}<td>{}<td>{}<td>{until}", at(entry.first_ms), html(node), html(&entry.name), html(&entry.value));
    }
    out.push_str("</tbody></table></div>\n");
    let from = if evidence.window_ms.is_some() {
        "Seconds count from the moment the last When was verified."
    } else {
        "Seconds count from the scenario's start."
    };
    let left = entries.len().saturating_sub(ROWS);
    let more = if left > 0 { format!(" {left} later entries are in the record.") } else { String::new() };
    let _ = writeln!(out, r#"<p class="rh-note">Roles, faults, events, and values that changed. {from}{more}</p>"#);
}

/// What belongs into the table: not the first sight of some eighteen values on every node, nor what moves with every write.
fn told(evidence: &Evidence) -> Vec<&Entry> {
    let mut last: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let mut told: Vec<&Entry> = Vec::new();
    let mut sorted: Vec<&Entry> = evidence.timeline.iter().collect();
    sorted.sort_by_key(|e| e.first_ms);
    for entry in sorted {
        let before = last.insert((entry.node.as_deref().unwrap_or(""), &entry.name), &entry.value);
        let is_told = match entry.kind {
            // Marks without a node are the runner's own.
            Kind::Mark => false,
            Kind::Role | Kind::Fault | Kind::Event => true,
            Kind::Value => before.is_some_and(|before| before != entry.value) && !story::is_restless(&entry.name),
        };
        if is_told {
            told.push(entry);
        }
    }
    told
}

fn snapshots(out: &mut String, evidence: &Evidence) {
    for snapshot in &evidence.snapshots {
        let _ =
            write!(out, r#"<details class="rh-snapshot"><summary>{} was {} when it failed</summary>"#, html(&snapshot.node), html(&snapshot.state));
        for (question, answer) in &snapshot.answers {
            let _ = write!(out, r#"<p class="rh-note">{}</p><pre class="rh-docstring">{}</pre>"#, html(question), html(answer.trim_end()));
        }
        out.push_str("</details>\n");
    }
}

/// Why a step did not pass: what was expected, what came instead, what was seen on the way.
pub fn failure(out: &mut String, step: &StepRecord) {
    let Some(error) = &step.error else { return };
    let _ = write!(out, r#"<div class="rh-error"><strong>{}</strong>"#, html(&error.message));
    let mut line = |name: &str, value: &str| {
        let _ = write!(out, r#"<span class="rh-why"><i>{name}</i> {}</span>"#, html(value));
    };
    line("kind", &error.kind);
    if let Some(expected) = &error.expected {
        line("expected", expected);
    }
    if let Some(actual) = &error.actual {
        line("actual", actual);
    }
    for seen in error.seen.iter().rev().take(8).rev() {
        line("seen", seen);
    }
    if let Some(source) = &step.source {
        line("step", source);
    }
    out.push_str("</div>");
}
