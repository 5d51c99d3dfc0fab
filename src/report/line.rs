//! One line a finished scenario, for output that is not a terminal: logs of CI jobs, files.
//!
//! You are in the right place to change what scrolls by while a run is going on. On a terminal a progress display takes its place.

use super::format;
use super::paint::Paint;
use crate::printable::printable;
use crate::record::{ScenarioRecord, Verdict};

/// `passed   sentinel::quorum::a_minority_elects_nobody  redis-7.0  6.4 s`, and why when it did not pass. Without a newline.
pub fn line(scenario: &ScenarioRecord, colours: bool) -> String {
    let paint = Paint { colours };
    let verdict = paint.verdict(scenario.verdict, &format!("{:<7}", scenario.verdict.to_string()));
    let time = format::duration(scenario.duration_ms);
    let mut line = format!("{verdict}  {}  {}  {time}", printable(&format::test_name(scenario)), printable(&scenario.server));
    if scenario.is_flaky() {
        line.push_str(&format!("  {}", paint.warning(&format!("flaky, attempt {}", scenario.attempts))));
    }
    if scenario.slow {
        line.push_str(&format!("  {}", paint.warning("SLOW")));
    }
    if scenario.verdict != Verdict::Passed {
        let failure = scenario.failure.as_ref().map(|(at, message)| format!("line {at}: {}", message.lines().next().unwrap_or_default()));
        if let Some(why) = failure.or_else(|| scenario.reason.clone()) {
            line.push_str(&format!("  {}", printable(&why).replace('\n', " ")));
        }
    }
    line
}

/// `control  caught sentinel/quorum#a-minority-elects-nobody redis-7.0`, and why when it is unknown. Without a newline.
pub fn control(scenario: &ScenarioRecord) -> String {
    let why = scenario.control_reason.as_ref().map_or(String::new(), |reason| format!("  {}", printable(reason).replace('\n', " ")));
    format!("control  {} {} {}{why}", scenario.control, printable(&scenario.id()), printable(&scenario.server))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_verdict_has_its_line() {
        let (record, _) = sample::run();
        let lines: Vec<String> = record.scenarios.iter().map(|s| line(s, false)).collect();
        insta::assert_snapshot!(lines.join("\n"));
        let control = record.scenarios.iter().find(|s| s.control == crate::record::Control::Unknown).map(control);
        insta::assert_snapshot!(control.unwrap_or_default(), @"control  unknown sentinel/quorum#one-leader-a-term redis-7.0  create container: the engine is ending");
    }
}
