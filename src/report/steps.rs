//! One scenario step by step, as it was played: every step with its time and what it saw, then the timeline.
//!
//! You are in the right place for `rehearsal replay --scenario NAME`.

use super::paint::Paint;
use super::{format, line, moments};
use crate::printable::printable;
use crate::record::{ClientRecord, Evidence, ScenarioRecord, StepStatus, Verdict};
use std::fmt::Write as _;

/// Draws one scenario; ends with a newline.
pub fn draw(scenario: &ScenarioRecord, evidence: Option<&Evidence>, colours: bool) -> String {
    let paint = Paint { colours };
    let mut out = format!("{}\n  {}\n  {}\n", line::line(scenario, colours), paint.strong(&printable(&scenario.name)), place(scenario));
    let Some(evidence) = evidence else {
        let why = scenario.reason.as_deref().unwrap_or("it left no evidence");
        let _ = writeln!(out, "  {}\n", printable(why));
        return out;
    };
    out.push('\n');
    for step in &evidence.steps {
        let (sign, verdict) = match step.status {
            StepStatus::Passed => ("ok", Verdict::Passed),
            StepStatus::Failed => ("failed", Verdict::Failed),
            StepStatus::Unknown => ("unknown", Verdict::Unknown),
            StepStatus::Skipped => ("skipped", Verdict::NotApplicable),
            StepStatus::LeftOut => ("left out", Verdict::NotApplicable),
        };
        let time = if step.status == StepStatus::Skipped { String::new() } else { format::duration(step.duration_ms) };
        let sign = paint.verdict(verdict, &format!("{sign:<8}"));
        let _ = writeln!(out, "  {sign} {time:>8}  {} {}", printable(&step.keyword), printable(&step.text));
        let width = |column: usize| step.table.iter().filter_map(|row| Some(row.get(column)?.chars().count())).max().unwrap_or_default();
        for row in &step.table {
            let cells: Vec<String> = row.iter().enumerate().map(|(n, cell)| format!("{cell:<width$}", width = width(n))).collect();
            let _ = writeln!(out, "  {:21}| {} |", "", printable(&cells.join(" | ")));
        }
        for text in step.docstring.iter().flat_map(|text| text.lines()) {
            let _ = writeln!(out, "  {:21}{}", "", printable(text));
        }
        let error = step.error.iter().flat_map(|e| std::iter::once(&e.message).chain(&e.seen));
        for seen in step.observation.iter().chain(error).flat_map(|text| text.lines()) {
            let _ = writeln!(out, "  {:21}{}", "", paint.faint(&printable(seen)));
        }
    }
    if let Some(why) = scenario.without_control() {
        let _ = writeln!(out, "  {:<20} {}", "control", printable(&why));
    }
    for (n, line) in evidence.client.iter().flat_map(ClientRecord::told).enumerate() {
        let label = if n == 0 { "client" } else { "" };
        let _ = writeln!(out, "  {label:<20} {}", printable(&line));
    }
    timeline(&mut out, evidence, paint);
    out.push('\n');
    out
}

fn place(scenario: &ScenarioRecord) -> String {
    format!("{}:{}", scenario.feature, scenario.line)
}

/// Every change; what only moves on (counters, offsets) is in the evidence.
fn timeline(out: &mut String, evidence: &Evidence, paint: Paint) {
    let lines = moments::all(evidence);
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  {}", paint.strong("timeline, counted from the moment the last `When` was verified"));
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_step_with_its_time() {
        let (record, evidence) = sample::run();
        let drawn: Vec<String> = record.scenarios.iter().map(|s| draw(s, evidence.iter().find(|e| e.scenario.slug == s.slug), false)).collect();
        insta::assert_snapshot!(drawn.join("---\n"));
    }
}
