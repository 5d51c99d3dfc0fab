//! The summary of a CI job: a table a feature, failures to fold out.
//!
//! You are in the right place for `--report markdown`. Pages that show it render Markdown and some HTML, so whatever a server or a feature says is escaped.

use super::paint::Paint;
use super::{Report, Run, failure, format, summary};
use crate::printable::printable;
use crate::record::hash::feature_key;
use crate::record::{Control, ScenarioRecord, Verdict};
use std::fmt::Write as _;

/// The summary.
#[derive(Debug, Clone, Copy)]
pub struct Markdown;

impl Report for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn extension(&self) -> &'static str {
        "md"
    }

    fn render(&self, run: &Run<'_>) -> Vec<u8> {
        let record = run.record;
        let mut out = String::new();
        let counts: Vec<String> = summary::counts(record).into_iter().map(|(_, text)| text).collect();
        let scenarios = format::count(record.scenarios.len(), "scenario");
        let _ = writeln!(out, "## Rehearsal: {}\n", counts.join(", "));
        let _ = writeln!(out, "{scenarios}{}, run `{}`.", summary::setting(record), record.run);
        for line in summary::circumstances(record) {
            let _ = writeln!(out, "\n{}.", text(&line));
        }
        for verdict in [Verdict::Failed, Verdict::Unknown] {
            for scenario in summary::with(record, verdict) {
                details(&mut out, run, scenario);
            }
        }
        missed(&mut out, run);
        uncontrolled(&mut out, run);
        for feature in features(run) {
            table(&mut out, run, feature);
        }
        out.into_bytes()
    }
}

/// One failure, folded. Blank lines around the inner HTML would end the block, and so would one inside: there is none, lines are kept by `&#10;`.
fn details(out: &mut String, run: &Run<'_>, scenario: &ScenarioRecord) {
    let drawn = failure::draw(run, scenario, Paint { colours: false });
    let drawn = html(drawn.trim_end()).replace('\n', "&#10;");
    let (verdict, server) = (scenario.verdict, html(&printable(&scenario.server)));
    let name = html(&printable(&scenario.name));
    let _ = writeln!(out, "\n<details><summary><b>{verdict}</b> {name} ({server})</summary>\n<pre>{drawn}</pre>\n</details>");
}

/// Scenarios that prove nothing, because they pass without their fault too.
fn missed(out: &mut String, run: &Run<'_>) {
    let missed: Vec<&ScenarioRecord> = run.record.scenarios.iter().filter(|s| s.control == Control::Missed).collect();
    if missed.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n**Passed without a fault too:**\n");
    for scenario in missed {
        let _ = writeln!(out, "- {} ({}): {}", text(&scenario.name), text(&scenario.server), text(&scenario.passes_without()));
    }
}

/// Scenarios whose controls could not be played.
fn uncontrolled(out: &mut String, run: &Run<'_>) {
    let mut lines = run.record.scenarios.iter().filter_map(|s| Some((s, s.without_control()?))).peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n**Controls that are unknown:**\n");
    for (scenario, why) in lines {
        let _ = writeln!(out, "- {} ({}): {}", text(&scenario.name), text(&scenario.server), text(&why));
    }
}

/// The features in the order of their first scenario.
fn features<'a>(run: &Run<'a>) -> Vec<&'a str> {
    let mut features: Vec<&str> = Vec::new();
    for scenario in &run.record.scenarios {
        if !features.contains(&scenario.feature.as_str()) {
            features.push(&scenario.feature);
        }
    }
    features
}

fn table(out: &mut String, run: &Run<'_>, feature: &str) {
    let _ = writeln!(out, "\n### {}\n", text(&feature_key(feature)));
    let _ = writeln!(out, "| scenario | server | verdict | time |\n|---|---|---|---:|");
    for s in run.record.scenarios.iter().filter(|s| s.feature == feature) {
        let mut verdict = s.verdict.to_string();
        if s.verdict == Verdict::Failed || s.verdict == Verdict::Unknown {
            verdict = format!("**{verdict}**");
        }
        if s.is_flaky() {
            verdict.push_str(&format!(" (flaky, attempt {})", s.attempts));
        }
        if s.slow {
            verdict.push_str(" (slow)");
        }
        if let (Verdict::NotApplicable | Verdict::Unknown, Some(reason)) = (s.verdict, &s.reason) {
            verdict.push_str(&format!(": {}", text(reason)));
        }
        let _ = writeln!(out, "| {} | {} | {verdict} | {} |", text(&s.name), text(&s.server), format::duration(s.duration_ms));
    }
}

/// A text as it has to stand in HTML.
fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text as it has to stand in a line or a table's cell of Markdown.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in html(&printable(text)).chars() {
        match c {
            '\n' => out.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' => out.extend(['\\', c]),
            '@' => out.push_str("&#64;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_run_with_everything_in_it() {
        let (record, evidence) = sample::run();
        let run = Run { record: &record, evidence: &evidence, sources: &sample::source, folder: "target/rehearsal/latest" };
        insta::assert_snapshot!(String::from_utf8(Markdown.render(&run)).unwrap());
    }

    #[test]
    fn a_server_cannot_write_markup() {
        assert_eq!(text("a|b <img src=x> `c`\n@d"), "a\\|b &lt;img src=x&gt; \\`c\\` &#64;d");
        let (mut record, _) = sample::run();
        record.scenarios.truncate(1);
        record.scenarios[0].failure = Some((24, "</pre><script>\n\n# heading".to_owned()));
        let run = Run { record: &record, evidence: &[], sources: &|_| None, folder: "x" };
        let page = String::from_utf8(Markdown.render(&run)).unwrap();
        assert!(!page.contains("<script>") && !page.contains("\n# heading"), "{page}");
    }
}
