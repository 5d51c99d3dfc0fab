//! What stands inside a scenario of the HTML page: its steps, its failure, what the nodes said, its timeline.

use super::html::text;
use super::paint::Paint;
use super::{Run, failure, format, moments};
use crate::record::{Entry, Evidence, Kind, NodeSnapshot, ScenarioRecord, StepRecord, Verdict};
use std::fmt::Write as _;

/// Everything below a scenario's own line.
pub(super) fn inside(out: &mut String, run: &Run<'_>, scenario: &ScenarioRecord) {
    let place = format!("{}:{}", scenario.feature, scenario.line);
    let rule = scenario.rule.as_ref().map(|rule| format!("{} &middot; ", text(rule))).unwrap_or_default();
    let claims: Vec<String> = scenario.claims.iter().map(|claim| text(claim)).collect();
    let claims = if claims.is_empty() { String::new() } else { format!(" &middot; {}", claims.join(", ")) };
    let _ = writeln!(out, "<p class=\"faint\">{rule}<code>{}</code>{claims}</p>", text(&place));
    match scenario.verdict {
        Verdict::Failed | Verdict::Unknown => {
            let drawn = failure::draw(run, scenario, Paint { colours: false });
            let _ = writeln!(out, "<pre>{}</pre>", text(drawn.trim_end()));
        }
        Verdict::NotApplicable => {
            let _ = writeln!(out, "<p>{}</p>", text(scenario.reason.as_deref().unwrap_or("no reason given")));
        }
        Verdict::Passed => {}
    }
    let Some(evidence) = run.evidence_of(scenario) else { return };
    steps(out, evidence);
    snapshots(out, &evidence.snapshots);
    timeline(out, evidence);
}

fn steps(out: &mut String, evidence: &Evidence) {
    if evidence.steps.is_empty() {
        return;
    }
    out.push_str("<table>\n");
    evidence.steps.iter().for_each(|step| row(out, step));
    out.push_str("</table>\n");
}

fn row(out: &mut String, step: &StepRecord) {
    let _ = write!(out, "<tr><td class=\"word {}\"><span class=\"verdict\">{}</span></td>", step.status, step.status.to_string().replace('-', " "));
    let _ = write!(out, "<td><b>{}</b> {}", text(&step.keyword), text(&step.text));
    if !step.table.is_empty() {
        out.push_str("<table>");
        for row in &step.table {
            let cells: String = row.iter().map(|cell| format!("<td>{}</td>", text(cell))).collect();
            let _ = write!(out, "<tr>{cells}</tr>");
        }
        out.push_str("</table>");
    }
    if let Some(docstring) = &step.docstring {
        let _ = write!(out, "<pre>{}</pre>", text(docstring));
    }
    let seen = step.observation.as_deref().or_else(|| step.error.as_ref().map(|error| error.message.as_str()));
    if let Some(seen) = seen {
        let _ = write!(out, "<div class=\"seen\">{}</div>", text(seen));
    }
    let _ = writeln!(out, "</td><td class=\"time\">{}</td></tr>", format::duration(step.duration_ms));
}

/// What every node said of itself when the scenario failed.
fn snapshots(out: &mut String, snapshots: &[NodeSnapshot]) {
    if snapshots.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details class=\"fold\"><summary>{} when it failed</summary>", format::count(snapshots.len(), "node"));
    for snapshot in snapshots {
        let log = snapshot.log.as_ref().map(|log| format!(", log <code>{}</code>", text(log))).unwrap_or_default();
        let _ = writeln!(out, "<p><b>{}</b> {}{log}</p>", text(&snapshot.node), text(&snapshot.state));
        for (question, answer) in &snapshot.answers {
            let _ = writeln!(out, "<details class=\"fold\"><summary>{}</summary><pre>{}</pre></details>", text(question), text(answer.trim_end()));
        }
    }
    out.push_str("</details>\n");
}

fn timeline(out: &mut String, evidence: &Evidence) {
    if evidence.timeline.is_empty() {
        return;
    }
    let number = format::count(evidence.timeline.len(), "change");
    let _ = writeln!(out, "<details class=\"fold\"><summary>timeline: {number}</summary>\n<table>");
    out.push_str("<tr><th class=\"time\">first</th><th class=\"time\">last</th><th>node</th><th>what</th><th>value</th></tr>\n");
    let zero = moments::zero(evidence);
    for Entry { node, kind, name, value, first_ms, last_ms, .. } in &evidence.timeline {
        let last = if first_ms == last_ms { String::new() } else { moments::at(*last_ms, zero) };
        let what = if *kind == Kind::Fault { format!("fault: {name}") } else { name.clone() };
        let _ = writeln!(
            out,
            "<tr><td class=\"time\">{}</td><td class=\"time\">{last}</td><td>{}</td><td>{}</td><td class=\"value\">{}</td></tr>",
            moments::at(*first_ms, zero),
            text(node.as_deref().unwrap_or_default()),
            text(&what),
            text(value),
        );
    }
    out.push_str("</table></details>\n");
}
