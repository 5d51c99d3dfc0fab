//! Parts that were really played, joined: what comes out is what one machine would have said.

use super::*;
use crate::record::{ScenarioRecord, Verdict};
use crate::run::session::Outcome;
use crate::run::shard::Shard;
use crate::run::theatre::{Theatre, answering, asks, text, wrong_at_first};
use std::collections::BTreeMap;

/// Six scenarios, of which some fail, one is not for this server, and one is left open.
fn features() -> Vec<String> {
    let other = asks("other").replace("@id:other", "@id:other @until:redis-6.2");
    vec![asks("a"), asks("wrong"), other, asks("open"), asks("b"), asks("c")]
}

/// A machine that plays a part of them.
fn machine(shard: Option<Shard>) -> (Theatre, Outcome) {
    let mut theatre = Theatre::new(answering(|name, _| match name {
        "wrong" => text("41"),
        "open" => Some(crate::deployment::fake::Said::Silence),
        _ => text("42"),
    }));
    theatre.options.config.limits.step = std::time::Duration::from_secs(5);
    theatre.shard = shard;
    let outcome = theatre.play(&features());
    (theatre, outcome)
}

fn shard(number: usize) -> Option<Shard> {
    Some(Shard { number, of: 2 })
}

/// What a run says of each scenario.
fn verdicts(record: &RunRecord) -> BTreeMap<&str, (Verdict, Option<&str>)> {
    record.scenarios.iter().map(|one| (one.slug.as_str(), (one.verdict, one.reason.as_deref()))).collect()
}

/// Joins the folders of these runs in a project of its own: the joined record, where it lies, and the code.
fn joined(outcomes: &[&Outcome]) -> (tempfile::TempDir, RunRecord, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let project = Project::at(folder.path());
    let runs = outcomes.iter().map(|outcome| outcome.folder.display().to_string()).collect();
    let code = merge(&project, &Args { runs, report: Vec::new() });
    let run = project.store().runs().pop().expect("a joined run");
    let record = project.store().record(&run).unwrap();
    let place = project.store().folder(&run);
    (folder, record, place, format!("{code:?}"))
}

fn code(code: u8) -> String {
    format!("{:?}", ExitCode::from(code))
}

fn of<'a>(record: &'a RunRecord, slug: &str) -> &'a ScenarioRecord {
    record.scenarios.iter().find(|one| one.slug == slug).unwrap_or_else(|| panic!("no {slug} in {record:?}"))
}

fn evidence(place: &std::path::Path, record: &RunRecord, slug: &str) -> Evidence {
    let path = of(record, slug).evidence.as_ref().unwrap_or_else(|| panic!("{slug} has no evidence"));
    serde_json::from_slice(&std::fs::read(place.join(path)).unwrap()).unwrap()
}

#[test]
fn two_parts_joined_say_what_the_whole_says() {
    let (_a, whole) = machine(None);
    let (_b, first) = machine(shard(1));
    let (_c, second) = machine(shard(2));
    for part in [&first, &second] {
        assert!(!part.record.scenarios.is_empty() && part.record.scenarios.len() < 6, "{:?}", part.record.scenarios);
    }
    assert_eq!(first.record.scenarios.len() + second.record.scenarios.len(), 6, "each is played once");
    let (_d, record, place, exit) = joined(&[&second, &first]);
    assert_eq!(verdicts(&record), verdicts(&whole.record));
    assert_eq!(exit, code(exit::FAILED_CODE));
    assert_eq!(record.planned.iter().map(|planned| planned.scenarios.len()).sum::<usize>(), 6);
    for scenario in whole.record.scenarios.iter().filter(|one| one.evidence.is_some()) {
        assert_eq!(evidence(&place, &record, &scenario.slug).scenario.verdict, scenario.verdict, "{}", scenario.slug);
    }
}

#[test]
fn a_part_that_is_missing_is_told() {
    let mut theatre = Theatre::new(answering(|_, _| text("42")));
    theatre.shard = shard(1);
    let part = theatre.play(&[asks("a"), asks("b")]);
    let (_d, record, _, exit) = joined(&[&part]);
    assert_eq!((record.scenarios.len(), exit), (1, code(exit::UNKNOWN_CODE)), "all that was played passed, and it is not all");
}

#[test]
fn what_passed_at_the_second_attempt_on_one_machine_is_as_flaky_in_the_whole() {
    let part = |number, fake| {
        let mut theatre = Theatre::new(fake);
        theatre.options.config.retry = 1;
        theatre.shard = shard(number);
        let outcome = theatre.play(&[asks("a"), asks("b")]);
        (theatre, outcome)
    };
    let (_a, first) = part(1, wrong_at_first(1));
    let (_b, second) = part(2, answering(|_, _| text("42")));
    let flaky = first.record.scenarios[0].slug.clone();
    let (_d, record, place, exit) = joined(&[&first, &second]);
    assert_eq!(exit, code(0));
    assert_eq!(record.scenarios.iter().filter(|one| one.is_flaky()).map(|one| &one.slug).collect::<Vec<_>>(), [&flaky]);
    let earlier = &of(&record, &flaky).earlier;
    assert_eq!((of(&record, &flaky).attempts, earlier.len()), (2, 1));
    assert!(evidence(&place, &record, &flaky).scenario.is_flaky());
}

#[test]
fn of_two_verdicts_on_one_scenario_the_worse_counts_with_its_evidence() {
    let play = |answer: &'static str| {
        let mut theatre = Theatre::new(answering(move |_, _| text(answer)));
        let outcome = theatre.play(&[asks("a")]);
        (theatre, outcome)
    };
    let ((_a, passes), (_b, fails)) = (play("42"), play("41"));
    for parts in [[&passes, &fails], [&fails, &passes]] {
        let (_d, record, place, exit) = joined(&parts);
        assert_eq!((record.scenarios.len(), of(&record, "a").verdict, exit), (1, Verdict::Failed, code(exit::FAILED_CODE)));
        let evidence = evidence(&place, &record, "a");
        assert_eq!(evidence.run, fails.record.run, "the evidence is that of the verdict");
        assert!(place.join(evidence.snapshots[0].log.as_ref().unwrap()).is_file(), "its logs came along");
    }
}
