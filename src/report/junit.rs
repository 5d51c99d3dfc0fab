//! JUnit's XML, which every CI system reads: one suite a feature and server, one case a scenario.
//!
//! You are in the right place for `--report junit=FILE`. It is written anew whenever a scenario ends, so a run that was killed leaves a whole file of what it had
//! played by then. A pass after a retry carries `flakyFailure`; *unknown* is an error, since nothing was learned about the server; *not applicable* is skipped.

use super::paint::Paint;
use super::{Report, Run, failure, format};
use crate::record::hash::feature_key;
use crate::record::{Control, ScenarioRecord, Verdict};
use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestRerun, TestSuite};
use std::collections::HashMap;
use std::time::Duration;

/// Most attempts of a scenario that are told one by one: a record may say any number.
const RERUNS: u32 = 100;

/// The file.
#[derive(Debug, Clone, Copy)]
pub struct Junit;

impl Report for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn extension(&self) -> &'static str {
        "xml"
    }

    fn grows(&self) -> bool {
        true
    }

    fn render(&self, run: &Run<'_>) -> Vec<u8> {
        let record = run.record;
        let mut report = quick_junit::Report::new("rehearsal");
        if let Some(time) = format::run_time(record) {
            report.set_time(Duration::from_millis(time));
        }
        // In the order in which they come first.
        let mut suites: Vec<Vec<&ScenarioRecord>> = Vec::new();
        let mut places: HashMap<(&str, &str), usize> = HashMap::new();
        for scenario in &record.scenarios {
            let place = *places.entry((&scenario.feature, &scenario.server)).or_insert(suites.len());
            match suites.get_mut(place) {
                Some(suite) => suite.push(scenario),
                None => suites.push(vec![scenario]),
            }
        }
        for inside in suites {
            let [ScenarioRecord { feature, server, .. }, ..] = inside[..] else { continue };
            let mut suite = TestSuite::new(format!("{}@{server}", classname(feature)));
            suite.set_time(Duration::from_millis(inside.iter().map(|s| s.duration_ms).sum()));
            suite.add_property(("run", record.run.as_str())).add_property(("server", server.as_str()));
            if let Some(build) = record.servers.iter().find(|s| s.name == *server) {
                suite.add_property(("version", build.version.as_str())).add_property(("image", build.image.as_str()));
            }
            suite.add_test_cases(inside.into_iter().map(|scenario| case(run, scenario)));
            report.add_test_suite(suite);
        }
        // What cannot stand in XML was left out of the texts when they were taken in; what remains can be written.
        let mut bytes = Vec::new();
        match report.serialize(&mut bytes) {
            Ok(()) => bytes,
            Err(error) => format!("<!-- {} -->\n", error.to_string().replace("--", "- -")).into_bytes(),
        }
    }
}

/// `sentinel::quorum`
fn classname(feature: &str) -> String {
    feature_key(feature).replace('/', "::").replace('-', "_")
}

fn case(run: &Run<'_>, scenario: &ScenarioRecord) -> TestCase {
    // The last part of the test's name; the server is part of it, so that a matrix has no two cases of one name.
    let name = format!("{}@{}", scenario.slug.replace('-', "_"), scenario.server);
    let mut case = TestCase::new(name, status(run, scenario));
    case.set_classname(classname(&scenario.feature)).set_time(Duration::from_millis(scenario.duration_ms));
    case.extra.insert("file".into(), scenario.feature.as_str().into());
    case.extra.insert("line".into(), scenario.line.to_string().into());
    let mut property = |name: &str, value: &str| {
        case.add_property(Property::new(name, value));
    };
    property("scenario", &scenario.name);
    property("server", &scenario.server);
    if let Some(rule) = &scenario.rule {
        property("rule", rule);
    }
    scenario.claims.iter().for_each(|claim| property("claim", claim));
    if scenario.control != Control::None {
        property("control", &scenario.control.to_string());
    }
    if let Some(stress) = scenario.stress {
        property("stress", &format!("{} of {} passed", stress.passed, stress.played));
    }
    if let Some(evidence) = &scenario.evidence {
        property("evidence", &format!("{}/{evidence}", run.folder));
    }
    case
}

fn status(run: &Run<'_>, scenario: &ScenarioRecord) -> TestCaseStatus {
    let (kind, ty) = match scenario.verdict {
        // The exit code counts a missed control as a failure; a case that is green in CI would hide it.
        Verdict::Passed if scenario.control == Control::Missed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("missed").set_message(scenario.passes_without());
            return status;
        }
        // Nor may one be green whose control has shown nothing.
        Verdict::Passed if scenario.control == Control::Unknown => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("control-unknown").set_message(scenario.without_control().unwrap_or_default());
            return status;
        }
        Verdict::Passed => {
            let mut status = TestCaseStatus::success();
            for attempt in 1..scenario.attempts.min(RERUNS) {
                let mut rerun = TestRerun::new(NonSuccessKind::Failure);
                rerun.set_type("flaky").set_message(format!("attempt {attempt} did not pass"));
                status.add_rerun(rerun);
            }
            return status;
        }
        Verdict::NotApplicable => {
            let mut status = TestCaseStatus::skipped();
            status.set_type("not-applicable").set_message(scenario.reason.as_deref().unwrap_or("no reason given"));
            return status;
        }
        Verdict::Failed => (NonSuccessKind::Failure, "failed"),
        Verdict::Unknown => (NonSuccessKind::Error, "unknown"),
    };
    let mut status = TestCaseStatus::non_success(kind);
    let message = scenario.failure.as_ref().map(|(_, message)| message.as_str()).or(scenario.reason.as_deref());
    status.set_type(ty).set_message(message.unwrap_or("no message"));
    status.set_description(failure::draw(run, scenario, Paint { colours: false }));
    for attempt in 1..scenario.attempts.min(RERUNS) {
        let mut rerun = TestRerun::new(kind);
        rerun.set_type(ty).set_message(format!("attempt {attempt} did not pass"));
        status.add_rerun(rerun);
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn rendered(change: impl Fn(&mut crate::record::RunRecord)) -> String {
        let (mut record, evidence) = sample::run();
        change(&mut record);
        let run = Run { record: &record, evidence: &evidence, sources: &sample::source, folder: "target/rehearsal/latest" };
        String::from_utf8(Junit.render(&run)).unwrap()
    }

    #[test]
    fn a_run_with_everything_in_it() {
        insta::assert_snapshot!(rendered(|_| ()));
    }

    #[test]
    fn a_server_cannot_write_markup() {
        let page = rendered(|record| record.scenarios[0].failure = Some((24, "</failure><x> ]]> \u{1b}[2J\u{0} & \"'".to_owned())));
        assert!(!page.contains("<x>") && !page.contains('\u{1b}') && !page.contains('\u{0}') && !page.contains("]]>"), "{page}");
    }

    #[test]
    fn an_empty_run_is_a_file_too() {
        assert!(rendered(|record| record.scenarios.clear()).contains("<testsuites name=\"rehearsal\" tests=\"0\""));
    }
}
