//! One page that holds a whole run, to be sent or kept: summary, every scenario with its steps, failures, what the nodes said, timelines to fold out.
//!
//! You are in the right place for `--report html=FILE`. The page loads nothing, runs no script (the filter is a style), and fits the light and the dark. Whatever a server or a
//! feature said is escaped. `html.css` beside this file is its look, `html_parts.rs` what stands inside a scenario.

use super::html_parts;
use super::{Report, Run, format, summary};
use crate::printable::printable;
use crate::record::hash::feature_key;
use crate::record::{Control, ScenarioRecord, Verdict};
use std::fmt::Write as _;

/// The page.
#[derive(Debug, Clone, Copy)]
pub struct Html;

const STYLE: &str = include_str!("html.css");

const VERDICTS: [Verdict; 4] = [Verdict::Failed, Verdict::Unknown, Verdict::Passed, Verdict::NotApplicable];

impl Report for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn render(&self, run: &Run<'_>) -> Vec<u8> {
        let record = run.record;
        let counts: Vec<String> = summary::counts(record).into_iter().map(|(_, text)| text).collect();
        let mut out = String::new();
        let _ = write!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
             <title>Rehearsal: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
            text(&counts.join(", "))
        );
        head(&mut out, run, &counts.join(", "));
        filter(&mut out, run);
        let mut features: Vec<&str> = record.scenarios.iter().map(|s| s.feature.as_str()).collect();
        let mut seen = std::collections::BTreeSet::new();
        features.retain(|feature| seen.insert(*feature));
        for feature in features {
            let _ = writeln!(out, "<section>\n<h2>{}</h2>", text(&feature_key(feature)));
            record.scenarios.iter().filter(|s| s.feature == feature).for_each(|s| scenario(&mut out, run, s));
            out.push_str("</section>\n");
        }
        out.push_str("</body>\n</html>\n");
        out.into_bytes()
    }
}

fn head(out: &mut String, run: &Run<'_>, counts: &str) {
    let record = run.record;
    let scenarios = format::count(record.scenarios.len(), "scenario");
    let _ = writeln!(out, "<h1>{}</h1>", text(counts));
    let _ = writeln!(out, "<p>{scenarios}{}, run <code>{}</code>, {}</p>", text(&summary::setting(record)), text(&record.run), text(&record.started));
    for server in &record.servers {
        let image = if server.image.is_empty() { String::new() } else { format!(", {} ({})", server.image, server.route) };
        let _ = writeln!(out, "<p class=\"faint\">{}: {}{}</p>", text(&server.name), text(&server.version), text(&image));
    }
    for line in summary::circumstances(record) {
        let _ = writeln!(out, "<p>{}</p>", text(&line));
    }
}

/// The bar of verdicts, and the buttons that leave only one of them.
fn filter(out: &mut String, run: &Run<'_>) {
    let all = run.record.scenarios.len();
    if all == 0 {
        return;
    }
    let there: Vec<(Verdict, usize)> = VERDICTS.into_iter().map(|v| (v, run.record.count(v))).filter(|(_, n)| *n > 0).collect();
    out.push_str("<div class=\"bar\">");
    for (verdict, number) in &there {
        let _ = write!(out, "<span class=\"{verdict} fill\" style=\"flex: {number}\"></span>");
    }
    out.push_str("</div>\n<div class=\"filter\">\n");
    let _ = writeln!(out, "<input type=\"radio\" name=\"f\" id=\"f-all\" checked><label for=\"f-all\">all {all}</label>");
    for (verdict, number) in there {
        let word = verdict.to_string().replace('-', " ");
        let _ = writeln!(
            out,
            "<input type=\"radio\" name=\"f\" id=\"f-{verdict}\"><label for=\"f-{verdict}\" class=\"{verdict} verdict\">{word} {number}</label>"
        );
    }
    out.push_str("</div>\n");
}

fn scenario(out: &mut String, run: &Run<'_>, scenario: &ScenarioRecord) {
    let open = if matches!(scenario.verdict, Verdict::Failed | Verdict::Unknown) { " open" } else { "" };
    let mut verdict = scenario.verdict.to_string().replace('-', " ");
    if scenario.is_flaky() {
        verdict.push_str(&format!(", flaky (attempt {})", scenario.attempts));
    }
    if scenario.control != Control::None {
        verdict.push_str(&format!(", control {}", scenario.control));
        verdict.extend(scenario.control_reason.as_ref().map(|reason| format!(" ({})", text(&printable(reason)))));
    }
    if let Some(stress) = scenario.stress {
        verdict.push_str(&format!(", {} of {}", stress.passed, stress.played));
    }
    let _ = writeln!(
        out,
        "<details class=\"s {}\" id=\"{}\"{open}><summary><span class=\"verdict\">{verdict}</span><span class=\"name\">{}</span>\
         <span class=\"faint\">{}</span><span class=\"time\">{}</span></summary>\n<div>",
        scenario.verdict,
        text(&format!("{}@{}", scenario.id(), scenario.server)),
        text(&scenario.name),
        text(&scenario.server),
        format::duration(scenario.duration_ms),
    );
    html_parts::inside(out, run, scenario);
    out.push_str("</div></details>\n");
}

/// A text as it has to stand in HTML, in an attribute as well.
pub(super) fn text(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_run_with_everything_in_it() {
        let (record, evidence) = sample::run();
        let run = Run { record: &record, evidence: &evidence, sources: &sample::source, folder: "target/rehearsal/latest" };
        let page = String::from_utf8(Html.render(&run)).unwrap();
        insta::assert_snapshot!(page.replace(STYLE, "[the style]\n"));
    }

    #[test]
    fn it_loads_nothing_and_runs_nothing() {
        let (record, evidence) = sample::run();
        let page = String::from_utf8(Html.render(&Run { record: &record, evidence: &evidence, sources: &|_| None, folder: "x" })).unwrap();
        for word in ["<script", "http:", "https:", "<link", "@import", "url(", "<img"] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn a_server_cannot_write_markup() {
        let (mut record, mut evidence) = sample::run();
        let evil = "\"><script>alert(1)</script>";
        for scenario in &mut record.scenarios {
            scenario.name = evil.to_owned();
            scenario.slug = format!("{evil}{}", scenario.slug);
            scenario.server = evil.to_owned();
            scenario.reason = Some(evil.to_owned());
            scenario.claims = vec![evil.to_owned()];
            scenario.failure = Some((1, evil.to_owned()));
        }
        for (evidence, scenario) in evidence.iter_mut().zip(&record.scenarios) {
            evidence.scenario = scenario.clone();
            for entry in &mut evidence.timeline {
                (entry.node, entry.name, entry.value) = (Some(evil.to_owned()), evil.to_owned(), evil.to_owned());
            }
            for snapshot in &mut evidence.snapshots {
                (snapshot.node, snapshot.state) = (evil.to_owned(), evil.to_owned());
                snapshot.answers = vec![(evil.to_owned(), evil.to_owned())];
            }
            for step in &mut evidence.steps {
                (step.text, step.table, step.observation) = (evil.to_owned(), vec![vec![evil.to_owned()]], Some(evil.to_owned()));
                (step.docstring, step.keyword, step.source) = (Some(evil.to_owned()), evil.to_owned(), Some(evil.to_owned()));
            }
        }
        record.servers[0].name = evil.to_owned();
        record.interrupted = Some(evil.to_owned());
        let page = String::from_utf8(Html.render(&Run { record: &record, evidence: &evidence, sources: &|_| None, folder: evil })).unwrap();
        assert!(!page.contains("<script") && page.contains("&lt;script"), "{page}");
    }
}
