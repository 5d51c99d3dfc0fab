//! Runs from beginning to end on an engine in memory: scenarios that are meant to fail, to flake, to hang, to miss their control, to be interrupted, to lose their engine.
//!
//! You are in the right place when a run does something that nobody would see in a scenario that passes.

use super::*;
use crate::deployment::fake::{Fake, Said};
use crate::record::Control;
use crate::run::theatre::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn what_fails_is_failed_and_what_passes_beside_it_is_passed() {
    let mut theatre = Theatre::new(answering(|name, _| text(if name == "wrong" { "41" } else { "42" })));
    let outcome = theatre.play(&[asks("right"), asks("wrong"), asks("late")]);
    assert_eq!(["right", "wrong", "late"].map(|slug| of(&outcome, slug).verdict), [Verdict::Passed, Verdict::Failed, Verdict::Passed]);
    assert_eq!(of(&outcome, "wrong").failure.as_ref().map(|(line, _)| *line), Some(11));
    let evidence = evidence(&outcome, "wrong");
    assert_eq!(evidence.snapshots.len(), 1, "what its node said when it failed is kept");
    assert!(outcome.folder.join(evidence.snapshots[0].log.as_ref().unwrap()).is_file());
    assert!(outcome.record.finished.is_some() && outcome.record.interrupted.is_none());
}

#[test]
fn what_fails_is_tried_as_often_as_was_asked_for_and_no_oftener() {
    let mut theatre = Theatre::new(wrong_at_first(2));
    theatre.options.config.retry = 2;
    let outcome = theatre.play(&[asks("flaky")]);
    let record = of(&outcome, "flaky");
    assert_eq!((record.verdict, record.attempts, record.earlier.len()), (Verdict::Passed, 3, 2));
    let attempts = std::fs::read_dir(outcome.folder.join("attempts")).unwrap().count();
    assert_eq!(attempts, 2, "each attempt that did not count is kept beside");

    let mut theatre = Theatre::new(wrong_at_first(2));
    theatre.options.config.retry = 1;
    let outcome = theatre.play(&[asks("flaky")]);
    assert_eq!((of(&outcome, "flaky").verdict, theatre.told("again")), (Verdict::Failed, 1));
}

#[test]
fn nothing_is_tried_again_once_the_run_is_to_end() {
    let mut theatre = Theatre::new(Fake::new());
    let signal = theatre.signal.clone();
    theatre.fake = answering(move |_, _| {
        signal.send_replace(Some("SIGINT"));
        text("41")
    });
    theatre.options.config.retry = 5;
    let outcome = theatre.play(&[asks("flaky")]);
    assert_eq!((theatre.told("started"), theatre.told("again")), (1, 0));
    assert_eq!(outcome.record.interrupted.as_deref(), Some("SIGINT"));
}

#[test]
fn an_interrupted_scenario_is_unknown_and_no_evidence() {
    let mut theatre = Theatre::new(Fake::new());
    theatre.runtime = schedule::runtime;
    let signal = theatre.signal.clone();
    theatre.fake = answering(move |_, _| {
        signal.send_replace(Some("SIGTERM"));
        Some(Said::Silence)
    });
    let outcome = theatre.play(&[asks("waits")]);
    let record = of(&outcome, "waits");
    assert_eq!((record.verdict, record.interrupted, record.evidence.is_some()), (Verdict::Unknown, true, false));
    assert_eq!(message(&outcome, "waits"), "the run was interrupted");
}

#[test]
fn with_fail_fast_nothing_begins_after_a_failure() {
    let mut theatre = Theatre::new(wrong_at_first(1));
    theatre.options.fail_fast = true;
    let outcome = theatre.play(&[asks("a"), asks("b"), asks("c")]);
    assert_eq!((theatre.told("started"), outcome.record.scenarios.len()), (1, 1));

    let mut theatre = Theatre::new(wrong_at_first(1));
    let outcome = theatre.play(&[asks("a"), asks("b"), asks("c")]);
    assert_eq!((theatre.told("started"), outcome.record.scenarios.len()), (3, 3));
}

#[test]
fn what_takes_longest_is_played_first() {
    let mut theatre = Theatre::new(answering(|_, _| text("42")));
    let waits = |name: &str, time: &str| {
        scenario(name, &[&format!("When {time} pass"), "And a client sends \"GET x\" to \"master\"", "Then the reply is \"42\""])
    };
    theatre.play(&[waits("short", "1 second"), waits("long", "9 seconds"), waits("middle", "5 seconds")]);
    let order: Vec<&str> = theatre.notes.0.iter().filter_map(|line| line.strip_prefix("finished ")?.split(':').next()).collect();
    assert_eq!(order, ["long", "middle", "short"]);
}

#[test]
fn a_serial_scenario_is_alone() {
    let seen: Arc<Mutex<Vec<(String, usize)>>> = Arc::default();
    let see = seen.clone();
    // The first two meet: neither is answered before the other has asked.
    let meeting = std::sync::Barrier::new(2);
    let mut theatre = Theatre::new(answering(move |name, asked| {
        see.lock().unwrap().push((name.to_owned(), asked.running));
        if name.starts_with("meets") {
            meeting.wait();
        }
        text("42")
    }));
    theatre.options.config.jobs = Some(3);
    let alone = asks("alone").replace("@id:alone", "@id:alone @serial");
    let outcome = theatre.play(&[asks("meets-a"), asks("meets-b"), alone, asks("c"), asks("d")]);
    assert!(outcome.record.scenarios.iter().all(|scenario| scenario.verdict == Verdict::Passed));
    let running = seen.lock().unwrap().iter().find(|(asked, _)| asked == "alone").map(|(_, running)| *running);
    assert_eq!(running, Some(1));
    // What began before it has ended before it, and what comes next is its end.
    let mut open = 0_i32;
    let plays = theatre.notes.0.iter().filter(|note| note.starts_with("started ") || note.starts_with("finished "));
    let most = plays.map(|note| {
        open += if note.starts_with("started ") { 1 } else { -1 };
        (open, note.contains("alone"))
    });
    let (alone, others): (Vec<_>, Vec<_>) = most.partition(|(_, alone)| *alone);
    assert_eq!(alone, [(1, true), (0, true)], "{:?}", theatre.notes.0);
    assert!(others.iter().any(|(open, _)| *open > 1), "the others are played side by side: {:?}", theatre.notes.0);
}

#[test]
fn a_deployment_is_kept_once_whatever_the_number_of_attempts() {
    let most = Arc::<AtomicUsize>::default();
    let see = most.clone();
    let mut theatre = Theatre::new(answering(move |_, asked| {
        see.fetch_max(asked.running, Ordering::SeqCst);
        text("41")
    }));
    theatre.options.config.retry = 2;
    theatre.options.keep = true;
    let outcome = theatre.run(&[asks("wrong")]).unwrap_or_else(|error| panic!("{error}"));
    let (_, networks, _) = theatre.fake.left();
    assert_eq!((theatre.told("started"), networks), (3, 2), "the two networks of one deployment");
    assert_eq!(of(&outcome, "wrong").verdict, Verdict::Failed);
    assert_eq!(most.load(Ordering::SeqCst), 1, "an attempt finds no server of the one before");

    let mut theatre = Theatre::new(answering(|_, _| text("42")));
    theatre.options.keep = true;
    theatre.play(&[asks("right")]);
}

#[test]
fn of_several_rounds_the_worst_is_kept() {
    let asked = AtomicUsize::new(0);
    let mut theatre = Theatre::new(answering(move |_, _| text(if asked.fetch_add(1, Ordering::SeqCst) == 1 { "41" } else { "42" })));
    theatre.options.stress = 3;
    theatre.options.config.retry = 3;
    let outcome = theatre.play(&[asks("now-and-then")]);
    let record = of(&outcome, "now-and-then");
    let stress = record.stress.unwrap();
    assert_eq!((record.verdict, stress.passed, stress.played), (Verdict::Failed, 2, 3));
    assert_eq!(theatre.told("again"), 0, "a round that fails is what was asked for, not to be tried again");
    assert_eq!(evidence(&outcome, "now-and-then").scenario.verdict, Verdict::Failed);
}

/// A fault, and a `Then` that can or cannot notice when it is missing.
fn killed(name: &str, then: &str) -> String {
    scenario(name, &["And a client sends \"SET k v\" to \"master\"", "When \"master\" is killed", "And \"master\" is started again", then])
}

const NOTICES: &str = "Then within 3 seconds \"master\" answers \"GET k\" with \"(nil)\"";
const SEES_NOTHING: &str = "Then within 3 seconds \"master\" answers \"PING\" with \"PONG\"";

#[test]
fn a_control_catches_or_is_missed_and_is_played_once() {
    let mut theatre = Theatre::new(Fake::new());
    theatre.options.controls = Controls::All;
    let scenarios = [killed("notices", NOTICES), killed("sees-nothing", SEES_NOTHING)];
    let outcome = theatre.play(&scenarios);
    assert_eq!(["notices", "sees-nothing"].map(|slug| of(&outcome, slug).verdict), [Verdict::Passed; 2]);
    assert_eq!(["notices", "sees-nothing"].map(|slug| of(&outcome, slug).control), [Control::Caught, Control::Missed]);
    assert_eq!(of(&outcome, "sees-nothing").unnoticed, ["\"master\" is killed"]);
    assert_eq!(evidence(&outcome, "sees-nothing").scenario.control, Control::Missed, "the evidence says so too");
    assert_eq!(evidence(&outcome, "notices").scenario.verdict, Verdict::Passed, "a control is never evidence");
    assert_eq!(theatre.told("controlled"), 2);

    theatre.notes.0.clear();
    let outcome = theatre.play(&scenarios);
    assert_eq!(theatre.told("controlled"), 0, "what is known is not played again: {:?}", theatre.notes.0);
    assert_eq!(["notices", "sees-nothing"].map(|slug| of(&outcome, slug).control), [Control::Caught, Control::Missed]);
}

#[test]
fn a_control_whose_stage_fails_has_shown_nothing() {
    // In the second life of the scenario the server does not take the key: that is not what a missing fault is noticed by.
    let sets = AtomicUsize::new(0);
    let mut theatre = Theatre::new(Fake::new().answering(move |asked| {
        let refused = asked.words[0] == "SET" && sets.fetch_add(1, Ordering::SeqCst) > 0;
        refused.then(|| Said::Error("ERR not today".to_owned()))
    }));
    theatre.options.controls = Controls::All;
    let outcome = theatre.play(&[killed("notices", NOTICES)]);
    assert_eq!(of(&outcome, "notices").verdict, Verdict::Passed);
    assert_ne!(of(&outcome, "notices").control, Control::Caught);
}

#[test]
fn what_failed_has_no_control() {
    let mut theatre = Theatre::new(answering(|_, _| text("41")));
    theatre.options.controls = Controls::Each;
    let outcome = theatre.play(&[killed("wrong", "Then within 1 second \"master\" answers \"GET k\" with \"42\"")]);
    assert_eq!((of(&outcome, "wrong").verdict, of(&outcome, "wrong").control), (Verdict::Failed, Control::None));
    assert_eq!(theatre.told("controlled"), 0);
}

#[test]
fn the_master_is_the_one_that_is_master_now() {
    let mut theatre = Theatre::new(Fake::new());
    // The second takes over when the first is gone.
    theatre.fake = Fake::new().answering(|asked| match (asked.words[0].as_str(), asked.node) {
        ("INFO", 12) if asked.running > 1 => text("# Replication\r\nrole:slave\r\nmaster_link_status:up\r\n"),
        ("GET", node) => Some(Said::Text(node.to_string())),
        _ => None,
    });
    pair(&theatre, "master", "replica");
    let steps = [
        "When \"one\" is killed",
        "Then within 3 seconds \"two\" becomes master",
        "And within 1 second the new master answers \"GET who\" with \"12\"",
        "When a client sends \"GET who\" to the master",
        "Then the reply is \"12\"",
    ];
    let outcome = theatre.play(&[scenario("who", &steps).replace("standalone", "pair")]);
    assert_eq!(of(&outcome, "who").verdict, Verdict::Passed, "{}", message(&outcome, "who"));
}

#[test]
fn a_node_of_a_cluster_is_asked_about_its_cluster() {
    let mut theatre = Theatre::new(Fake::new().answering(|asked| match asked.words {
        [cluster, info] if cluster == "CLUSTER" && info == "INFO" => text("cluster_state:ok\r\n"),
        _ => None,
    }));
    pair(&theatre, "node", "node");
    let steps = ["When 100 milliseconds pass", "Then within 3 seconds the cluster state of \"one\" is \"ok\""];
    let outcome = theatre.play(&[scenario("state", &steps).replace("standalone", "pair")]);
    assert_eq!(of(&outcome, "state").verdict, Verdict::Passed, "{}", message(&outcome, "state"));
}

#[path = "session_trouble_tests.rs"]
mod trouble;

#[path = "session_signal_tests.rs"]
mod signal;

#[path = "session_rule_tests.rs"]
mod rule;
