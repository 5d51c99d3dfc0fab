//! One scenario that did not pass, drawn the way a compiler draws an error: the line of the feature, what was seen, where the evidence lies.
//!
//! You are in the right place to change what a failure looks like, on the terminal and (without colours) in other reports.
//!
//! ```text
//! failed  a minority of the Sentinels declares the master down but elects nobody     redis-7.0
//!   --> features/sentinel/quorum.feature:24
//!    |
//! 24 |       And for 6 seconds no replica becomes master
//!    |       ^ replica-1 became master after 2.2 s
//!    |
//!    = seen      replica-1 role=slave 0.0 s ... 1.9 s, role=master 2.2 s
//! ```

use super::diff;
use super::paint::Paint;
use super::{Run, format, moments};
use crate::printable::printable;
use crate::record::{Evidence, Failure, NodeSnapshot, ScenarioRecord, StepRecord};
use std::fmt::Write as _;

/// Width of a name on the first line, so that the servers of several failures stand below each other.
const NAME_WIDTH: usize = 73;

/// What is known of the step that ended a scenario.
struct Cause<'a> {
    line: usize,
    /// The line of the feature, or the step as it was played.
    quoted: String,
    message: String,
    failure: Option<&'a Failure>,
    step: Option<&'a StepRecord>,
}

/// Draws one scenario; ends with a newline.
pub fn draw(run: &Run<'_>, scenario: &ScenarioRecord, paint: Paint) -> String {
    let mut out = String::new();
    let verdict = paint.verdict(scenario.verdict, &format!("{:<7}", scenario.verdict.to_string()));
    let name = format!("{:<NAME_WIDTH$}", printable(&scenario.name));
    let _ = writeln!(out, "{verdict} {}  {}", paint.strong(&name), printable(&scenario.server));
    let Some(cause) = cause(run, scenario) else {
        let _ = writeln!(out, "  {} {}:{}", paint.frame("-->"), printable(&scenario.feature), scenario.line);
        if let Some(reason) = &scenario.reason {
            let _ = writeln!(out, "   {} {}", paint.frame("="), printable(reason));
        }
        return out;
    };
    let number = cause.line.to_string();
    let gutter = " ".repeat(number.len());
    let bar = paint.frame("|");
    let _ = writeln!(out, "{gutter}{} {}:{}", paint.frame("-->"), printable(&scenario.feature), cause.line);
    let _ = writeln!(out, "{gutter} {bar}");
    let _ = writeln!(out, "{} {bar} {}", paint.frame(&number), printable(&cause.quoted));
    let indent = " ".repeat(cause.quoted.len() - cause.quoted.trim_start().len());
    for (index, line) in cause.message.lines().enumerate() {
        let sign = if index == 0 { "^" } else { " " };
        let _ = writeln!(out, "{gutter} {bar} {indent}{}", paint.verdict(scenario.verdict, &format!("{sign} {line}")));
    }
    let _ = writeln!(out, "{gutter} {bar}");
    let equals = paint.frame("=");
    for (label, lines) in facts(run, scenario, &cause, paint) {
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let sign = if index == 0 { equals.as_str() } else { " " };
            let _ = writeln!(out, "{gutter} {sign} {label:<9} {line}");
        }
    }
    out
}

/// The step with the error and its place; else what the index says; `None` when neither knows.
fn cause<'a>(run: &Run<'a>, scenario: &ScenarioRecord) -> Option<Cause<'a>> {
    let step = run.evidence_of(scenario).and_then(|e| e.steps.iter().find(|s| s.error.is_some()));
    let failure = step.and_then(|s| s.error.as_ref());
    let (line, message) = match (step, failure) {
        (Some(step), Some(failure)) => (step.line, failure.message.clone()),
        _ => scenario.failure.clone()?,
    };
    let text = (run.sources)(&scenario.feature);
    let written = text.as_deref().and_then(|text| text.lines().nth(line.checked_sub(1)?)).map(|l| l.trim_end().to_owned());
    // A file that was edited since shows another line: then the step as it was played is the better quotation.
    let stale = |line: &String| step.is_some_and(|s| !line.contains(&s.text));
    let played = || step.map(|s| format!("      {} {}", s.keyword.trim(), s.text));
    let quoted = written.filter(|l| !stale(l)).or_else(played).unwrap_or_default();
    Some(Cause { line, quoted, message: printable(&message), failure, step })
}

/// The labelled lines below the drawing.
fn facts(run: &Run<'_>, scenario: &ScenarioRecord, cause: &Cause<'_>, paint: Paint) -> Vec<(&'static str, Vec<String>)> {
    let mut facts: Vec<(&'static str, Vec<String>)> = Vec::new();
    if let Some(failure) = cause.failure {
        match (&failure.expected, &failure.actual) {
            (Some(expected), Some(actual)) if expected.contains('\n') || actual.contains('\n') => {
                let mut lines = vec!["< expected, > actual".to_owned()];
                lines.extend(diff::lines(expected, actual, paint.colours));
                facts.push(("differ", lines));
            }
            (expected, actual) => {
                facts.extend(expected.as_ref().map(|text| ("expected", vec![printable(text)])));
                facts.extend(actual.as_ref().map(|text| ("actual", printable(text).lines().map(str::to_owned).collect())));
            }
        }
        if !failure.seen.is_empty() {
            facts.push(("seen", failure.seen.iter().map(|s| printable(s)).collect()));
        }
        if failure.kind != "assertion" {
            facts.push(("kind", vec![failure.kind.clone()]));
        }
    }
    // The reason of what is unknown is mostly the message itself.
    let reason = scenario.reason.as_ref().filter(|reason| printable(reason) != cause.message);
    facts.extend(reason.map(|reason| ("reason", vec![printable(reason)])));
    if let (Some(evidence), Some(step)) = (run.evidence_of(scenario), cause.step) {
        facts.push(("timeline", moments::around(evidence, step.started_ms + step.duration_ms)));
        facts.extend(evidence.client.as_ref().map(|client| ("client", client.told().iter().map(|line| printable(line)).collect())));
        facts.push(("nodes", evidence.snapshots.iter().map(node).collect()));
        facts.extend(logs(run, evidence).map(|logs| ("logs", vec![logs])));
        facts.retain(|(_, lines)| !lines.is_empty());
    }
    facts.extend(cause.step.and_then(|s| s.source.clone()).map(|source| ("step", vec![source])));
    let earlier = scenario.earlier.iter().map(|one| {
        let what = one.failure.as_ref().map_or(String::new(), |(line, text)| format!(" line {line}: {}", printable(text)));
        format!("{}{what}  {}/{}", one.verdict, run.folder, one.evidence)
    });
    let earlier: Vec<String> = earlier.collect();
    if !earlier.is_empty() {
        facts.push(("as well", earlier));
    }
    facts.extend(scenario.evidence.as_ref().map(|file| ("evidence", vec![format!("{}/{file}", run.folder)])));
    facts.push(("again", vec![format::again(run.record, scenario)]));
    facts
}

/// A node in one line: its state, and what it was asked; the answers are in the evidence.
fn node(snapshot: &NodeSnapshot) -> String {
    let questions: Vec<&str> = snapshot.answers.iter().map(|(question, _)| question.as_str()).collect();
    // The client's refusal is the same for every question to a dead server.
    let asked = if snapshot.state == "running" && !questions.is_empty() { format!(", {}", questions.join(", ")) } else { String::new() };
    printable(&format!("{:<12} {}{asked}", snapshot.node, snapshot.state)).trim_end().to_owned()
}

/// Where the logs lie: one path for all of a scenario.
fn logs(run: &Run<'_>, evidence: &Evidence) -> Option<String> {
    let logs: Vec<&str> = evidence.snapshots.iter().filter_map(|snapshot| snapshot.log.as_deref()).collect();
    let first = logs.first()?;
    let node = &evidence.snapshots.iter().find(|snapshot| snapshot.log.as_deref() == Some(first))?.node;
    let all = first.strip_suffix(&format!(".{node}.log")).filter(|_| logs.len() > 1).map(|stem| format!("{stem}.*.log"));
    Some(format!("{}/{}", run.folder, all.as_deref().unwrap_or(first)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn drawn(slug: &str, sources: super::super::Sources<'_>) -> String {
        let (record, evidence) = sample::run();
        let scenario = record.scenarios.iter().find(|s| s.slug == slug).unwrap();
        let run = Run { record: &record, evidence: &evidence, sources, folder: "target/rehearsal/latest" };
        draw(&run, scenario, Paint { colours: false })
    }

    #[test]
    fn an_assertion_points_at_its_line() {
        insta::assert_snapshot!(drawn("a-minority-elects-nobody", &sample::source));
    }

    #[test]
    fn longer_texts_are_compared_line_by_line() {
        insta::assert_snapshot!(drawn("slots-are-served", &sample::source));
    }

    #[test]
    fn what_could_not_be_judged_says_why() {
        insta::assert_snapshot!(drawn("a-cut-is-noticed", &sample::source));
    }

    #[test]
    fn without_the_feature_file_the_step_is_quoted_as_it_was_played() {
        let with = drawn("a-minority-elects-nobody", &sample::source);
        assert_eq!(drawn("a-minority-elects-nobody", &|_| None), with);
        assert_eq!(drawn("a-minority-elects-nobody", &|_| Some("edited\n".repeat(40))), with);
    }
}
