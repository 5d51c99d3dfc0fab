//! What folds out below a scenario: where the verdict comes from, how to repeat it, and the timeline as a table.
//!
//! Come here when a reader should be able to check something they cannot check now.

use super::escape::{duration, html};
use super::render_feature::Context;
use super::render_scenario::{Place, date};
use crate::record::{Attempt, Control, Entry, Evidence, Kind, StepRecord};
use std::fmt::Write;

/// Rows of the timeline's table; the evidence file has all of them.
const ROWS: usize = 60;

/// The `<details>` block.
pub fn fold(out: &mut String, place: Place<'_>, evidence: &Evidence, drawing: Option<&str>, context: Context<'_>) {
    let scenario = &evidence.scenario;
    let _ = writeln!(
        out,
        r#"<details class="rh-evidence"><summary>Evidence <span class="rh-hint">{} {}, {}</span></summary>"#,
        html(&scenario.server),
        html(&evidence.server_build.version),
        date(&evidence.started)
    );
    out.push_str(drawing.unwrap_or_default());
    facts(out, place, evidence, context);
    timeline(out, evidence);
    snapshots(out, evidence);
    out.push_str("</details>\n");
}

fn facts(out: &mut String, place: Place<'_>, evidence: &Evidence, context: Context<'_>) {
    let (scenario, build) = (&evidence.scenario, &evidence.server_build);
    let path = format!("{}:{}", place.feature.path, place.scenario.line);
    let mut facts: Vec<(&str, String)> = Vec::new();
    let id = if build.build_id.is_empty() { String::new() } else { format!(", build {}", html(&build.build_id)) };
    facts.push(("Server", format!("{} {}{id}", html(&build.name), html(&build.version))));
    let image_id: String = build.image_id.trim_start_matches("sha256:").chars().take(12).collect();
    facts.push(("Image", format!("<code>{}</code> {} ({})", html(&build.image), html(&image_id), html(&build.route))));
    if !build.append.is_empty() {
        facts.push(("Appended on purpose", format!("<code>{}</code>", html(&build.append.join("; ")))));
    }
    if let Some(topology) = &evidence.topology {
        let nodes = evidence.nodes.iter().map(|n| format!("{} {}", html(&n.name), html(&n.address))).collect::<Vec<_>>().join(", ");
        facts.push(("Topology", format!("{}: {nodes}", html(topology))));
    }
    facts.push(("Control", control(place, scenario.control)));
    let times = format!("{}, of it {} overhead", duration(scenario.duration_ms), duration(scenario.overhead_ms));
    let attempts = if scenario.attempts > 1 { format!(", of {} attempts", scenario.attempts) } else { String::new() };
    facts.push(("Run", format!("{} on {}, {times}{attempts}", html(&evidence.run), date(&evidence.started))));
    if !scenario.earlier.is_empty() {
        let what = |one: &Attempt| one.failure.as_ref().map_or(String::new(), |(line, text)| format!(", line {line}: {}", html(text)));
        let attempts: Vec<String> = scenario.earlier.iter().map(|one| format!("{}{}", one.verdict, what(one))).collect();
        facts.push(("Other attempts", attempts.join("; ")));
    }
    if !evidence.stalls.is_empty() {
        let stalls: Vec<String> = evidence.stalls.iter().map(ToString::to_string).collect();
        facts.push(("Stalls", html(&stalls.join("; "))));
    }
    if let Some(client) = &evidence.client {
        facts.push(("Client", html(&client.told().join("; "))));
    }
    facts.push(("Text hash", format!("<code>{}</code>", html(&scenario.text_hash))));
    let server = if scenario.server == context.library.default_server() { String::new() } else { format!(" --server {}", scenario.server) };
    facts.push(("Play it again", format!("<code>rehearsal run {}{}</code>", html(&path), html(&server))));
    if let Some(repository) = &context.library.repository {
        let href = format!("{}/{}#L{}", repository.trim_end_matches('/'), place.feature.path, place.scenario.line);
        facts.push(("Written in", format!(r#"<a href="{}">{}</a>"#, html(&href), html(&path))));
    }
    out.push_str("<dl class=\"rh-facts\">");
    for (name, value) in facts {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    out.push_str("</dl>\n");
}

fn control(place: Place<'_>, control: Control) -> String {
    match control {
        Control::Caught => "<strong>caught</strong>: with the fault left out, a Then fails".to_owned(),
        Control::Missed => "<strong>missed</strong>: with the fault left out, everything still passes; the scenario proves nothing".to_owned(),
        Control::Mirrored => match &place.scenario.mirror {
            Some(slug) => format!("mirrored: the harm is shown by <em>{}</em>", html(slug)),
            None => "mirrored".to_owned(),
        },
        Control::None if place.scenario.has_fault => "not played".to_owned(),
        Control::None => "none needed: the scenario has no fault".to_owned(),
    }
}

fn timeline(out: &mut String, evidence: &Evidence) {
    // Marks without a node are the runner's own.
    let mut entries: Vec<&Entry> = evidence.timeline.iter().filter(|e| e.kind != Kind::Mark).collect();
    entries.sort_by_key(|e| e.first_ms);
    if entries.is_empty() {
        return;
    }
    let zero = evidence.window_ms.map_or(0, |(_, verified)| verified);
    let at = |ms: u64| format!("{:+.2}", (ms as f64 - zero as f64) / 1000.0).replace('-', "\u{2212}");
    out.push_str("<div class=\"rh-scroll\"><table class=\"rh-timeline\"><thead><tr><th>s</th><th>node</th><th>what</th><th>value</th><th>until</th></tr></thead><tbody>");
    for entry in entries.iter().take(ROWS) {
        let kind = match entry.kind {
            Kind::Role => "rh-kind-role",
            Kind::Value => "rh-kind-value",
            Kind::Event => "rh-kind-event",
            Kind::Fault => "rh-kind-fault",
            Kind::Mark => "rh-kind-mark",
        };
        let until = if entry.last_ms > entry.first_ms { at(entry.last_ms) } else { String::new() };
        let _ = write!(
            out,
            r#"<tr class="{kind}"><td class="rh-number">{}</td><td>{}</td><td>{}</td><td>{}</td><td class="rh-number">{until}</td></tr>"#,
            at(entry.first_ms),
            html(entry.node.as_deref().unwrap_or("")),
            html(&entry.name),
            html(&entry.value),
        );
    }
    out.push_str("</tbody></table></div>\n");
    let from = if evidence.window_ms.is_some() {
        "Seconds count from the moment the last When was verified."
    } else {
        "Seconds count from the scenario's start."
    };
    let left = entries.len().saturating_sub(ROWS);
    let more = if left > 0 { format!(" {left} later entries are in the record.") } else { String::new() };
    let _ = writeln!(out, r#"<p class="rh-note">{from}{more}</p>"#);
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
