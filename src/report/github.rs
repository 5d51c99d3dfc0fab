//! Annotations of GitHub: each scenario that did not pass is shown at its line of the change under review.
//!
//! You are in the right place for `--report github`, which a run on GitHub's machines takes by itself. The lines are commands to the machine that runs the job, so
//! whatever a server or a feature says is escaped as those demand; otherwise a reply could give commands of its own.

use super::{Report, Run, format};
use crate::printable::printable;
use crate::record::{Control, ScenarioRecord, Verdict};
use std::fmt::Write as _;

/// One command a scenario that deserves a look.
#[derive(Debug, Clone, Copy)]
pub struct Github;

impl Report for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn extension(&self) -> &'static str {
        "txt"
    }

    fn render(&self, run: &Run<'_>) -> Vec<u8> {
        let mut out = String::new();
        for scenario in &run.record.scenarios {
            let (line, message) = scenario.failure.clone().unwrap_or((scenario.line, scenario.reason.clone().unwrap_or_default()));
            match scenario.verdict {
                Verdict::Failed => say(&mut out, run, "error", scenario, line, &message),
                Verdict::Unknown => say(&mut out, run, "warning", scenario, line, &format!("unknown: {message}")),
                Verdict::Passed if scenario.control == Control::Missed => {
                    say(&mut out, run, "error", scenario, scenario.line, &scenario.passes_without());
                }
                Verdict::Passed if scenario.control == Control::Unknown => {
                    say(&mut out, run, "warning", scenario, scenario.line, &scenario.without_control().unwrap_or_default());
                }
                Verdict::Passed if scenario.is_flaky() => {
                    say(&mut out, run, "warning", scenario, scenario.line, &format!("flaky: passed at attempt {}", scenario.attempts));
                }
                Verdict::Passed | Verdict::NotApplicable => {}
            }
        }
        out.into_bytes()
    }
}

fn say(out: &mut String, run: &Run<'_>, level: &str, scenario: &ScenarioRecord, line: usize, message: &str) {
    let title = property(&printable(&format!("{} ({})", scenario.name, scenario.server)));
    let message = data(&format!("{}\nagain: {}", printable(message), format::again(run.record, scenario)));
    let _ = writeln!(out, "::{level} file={},line={line},title={title}::{message}", property(&scenario.feature));
}

/// What stands behind the second pair of colons.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value between the pairs of colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_run_with_everything_in_it() {
        let (record, evidence) = sample::run();
        let run = Run { record: &record, evidence: &evidence, sources: &sample::source, folder: "x" };
        insta::assert_snapshot!(String::from_utf8(Github.render(&run)).unwrap());
    }

    #[test]
    fn a_server_cannot_give_commands() {
        let (mut record, _) = sample::run();
        record.scenarios.truncate(1);
        record.scenarios[0].name = "a::b,c".to_owned();
        record.scenarios[0].failure = Some((24, "100%\r\n::stop-commands::x".to_owned()));
        let run = Run { record: &record, evidence: &[], sources: &|_| None, folder: "x" };
        let text = String::from_utf8(Github.render(&run)).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("title=a%3A%3Ab%2Cc (redis-7.0)::100%25"), "{text}");
    }
}
