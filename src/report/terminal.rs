//! The end of a run for a person at a terminal: what went wrong, what took long, the numbers.
//!
//! You are in the right place to change the last screen of `rehearsal run`. The most important lines stand last, where the eye is when the prompt returns.

use super::paint::Paint;
use super::{Report, Run, failure, format, summary};
use crate::printable::printable;
use crate::record::{Control, ScenarioRecord, Verdict};
use std::fmt::Write as _;

/// The closing summary.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    pub colours: bool,
}

/// How many of the slowest scenarios are named, and from how many scenarios on.
const SLOWEST: usize = 3;
const SLOWEST_FROM: usize = 6;

impl Report for Terminal {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn extension(&self) -> &'static str {
        "txt"
    }

    fn render(&self, run: &Run<'_>) -> Vec<u8> {
        let paint = Paint { colours: self.colours };
        let mut out = String::new();
        not_applicable(&mut out, run, paint);
        slowest(&mut out, run, paint);
        for verdict in [Verdict::Unknown, Verdict::Failed] {
            for scenario in summary::with(run.record, verdict) {
                out.push('\n');
                out.push_str(&failure::draw(run, scenario, paint));
            }
        }
        second_looks(&mut out, run, paint);
        repeated(&mut out, run, paint);
        closing(&mut out, run, paint);
        out.into_bytes()
    }
}

/// Scenarios that do not speak about a server, by reason: they are no passes, so they are not passed over.
fn not_applicable(out: &mut String, run: &Run<'_>, paint: Paint) {
    let mut reasons: Vec<(&str, &str, usize)> = Vec::new();
    for scenario in summary::with(run.record, Verdict::NotApplicable) {
        let reason = scenario.reason.as_deref().unwrap_or("no reason given");
        match reasons.iter_mut().find(|(server, r, _)| *server == scenario.server && *r == reason) {
            Some((_, _, number)) => *number += 1,
            None => reasons.push((&scenario.server, reason, 1)),
        }
    }
    if reasons.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.strong("not applicable"));
    for (server, reason, number) in reasons {
        let _ = writeln!(out, "  {:<14} {}: {}", format::count(number, "scenario"), printable(server), printable(reason));
    }
}

fn slowest(out: &mut String, run: &Run<'_>, paint: Paint) {
    if run.record.scenarios.len() < SLOWEST_FROM {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.strong("slowest"));
    for scenario in summary::slowest(run.record, SLOWEST) {
        let overhead = paint.faint(&format!("({} overhead)", format::duration(scenario.overhead_ms)));
        let _ = writeln!(
            out,
            "  {:>10}  {}  {}  {overhead}",
            format::duration(scenario.duration_ms),
            printable(&format::test_name(scenario)),
            printable(&scenario.server)
        );
    }
}

/// Passes that deserve no trust yet: flaky ones, scenarios that pass without their fault, and scenarios whose controls could not be played.
fn second_looks(out: &mut String, run: &Run<'_>, paint: Paint) {
    let missed = run.record.scenarios.iter().filter(|s| s.control == Control::Missed);
    let missed = missed.map(|s| (s, "missed ", s.passes_without()));
    let uncontrolled = run.record.scenarios.iter().filter_map(|s| Some((s, "unknown", printable(&s.without_control()?))));
    let flaky = run.record.scenarios.iter().filter(|s| s.is_flaky());
    let flaky = flaky.map(|s| (s, "flaky  ", format!("passed at attempt {}{}", s.attempts, before(s, run.folder))));
    for (index, (scenario, label, why)) in flaky.chain(missed).chain(uncontrolled).enumerate() {
        if index == 0 {
            out.push('\n');
        }
        let _ = writeln!(
            out,
            "{} {}  {}  {}",
            paint.warning(label),
            printable(&format::test_name(scenario)),
            printable(&scenario.server),
            printable(&why)
        );
    }
}

/// What went wrong the time before, and where that can be looked at.
fn before(scenario: &ScenarioRecord, folder: &str) -> String {
    let Some(last) = scenario.earlier.last() else { return String::new() };
    let what = last.failure.as_ref().map_or(String::new(), |(line, text)| format!(" line {line}: {}", printable(text)));
    format!("; before: {}{what}  {folder}/{}", last.verdict, last.evidence)
}

/// How often repeated scenarios passed: the ones that did not always, each; the others in one line.
fn repeated(out: &mut String, run: &Run<'_>, paint: Paint) {
    let repeated: Vec<_> = run.record.scenarios.iter().filter_map(|s| Some((s, s.stress?))).collect();
    if repeated.is_empty() {
        return;
    }
    let (always, not_always): (Vec<_>, Vec<_>) = repeated.into_iter().partition(|(_, stress)| stress.passed == stress.played);
    let _ = writeln!(out, "\n{}", paint.strong("repeated"));
    for (scenario, stress) in not_always {
        let rate = paint.warning(&format!("{} of {} passed", stress.passed, stress.played));
        let _ = writeln!(out, "  {rate}  {}  {}", printable(&format::test_name(scenario)), printable(&scenario.server));
    }
    if let Some(most) = always.iter().map(|(_, stress)| stress.played).max() {
        let _ = writeln!(out, "  {} passed every time, {most} of {most}", format::count(always.len(), "scenario"));
    }
}

fn closing(out: &mut String, run: &Run<'_>, paint: Paint) {
    let record = run.record;
    let counts: Vec<String> = summary::counts(record).iter().map(|(verdict, text)| paint.verdict(*verdict, text)).collect();
    let scenarios = format::count(record.scenarios.len(), "scenario");
    let _ = writeln!(out, "\n{}: {}{}", paint.strong(&scenarios), counts.join(", "), summary::setting(record));
    for line in summary::circumstances(record) {
        let line = if line.starts_with("interrupted") { paint.warning(&line) } else { line };
        let _ = writeln!(out, "{line}");
    }
    if record.count(Verdict::Failed) + summary::with(record, Verdict::Unknown).len() > 0 {
        let _ = writeln!(out, "{}", paint.faint("play what did not pass again with `rehearsal run --failed`"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_run_with_everything_in_it() {
        let (record, evidence) = sample::run();
        let run = Run { record: &record, evidence: &evidence, sources: &sample::source, folder: "target/rehearsal/latest" };
        let plain = String::from_utf8(Terminal { colours: false }.render(&run)).unwrap();
        insta::assert_snapshot!(plain);
        let coloured = String::from_utf8(Terminal { colours: true }.render(&run)).unwrap();
        assert_ne!(coloured, plain);
        assert_eq!(console::strip_ansi_codes(&coloured), plain, "colours change nothing else");
    }

    #[test]
    fn a_run_in_which_all_passed_is_short() {
        let (mut record, _) = sample::run();
        record.scenarios.retain(|s| s.verdict == Verdict::Passed && !s.is_flaky());
        record.scenarios[0].control = Control::Caught;
        record.interrupted = None;
        record.planned.clear();
        record.servers.truncate(1);
        let run = Run { record: &record, evidence: &[], sources: &|_| None, folder: "x" };
        insta::assert_snapshot!(String::from_utf8(Terminal { colours: false }.render(&run)).unwrap());
    }
}
