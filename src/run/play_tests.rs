//! Limits, windows and faults of one scenario, as they are met while it is played. Time is a test's, so nothing here waits for it.

use super::*;
use crate::deployment::fake::{Fake, Said};
use crate::run::stall::Watchman;
use crate::run::theatre::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const PONG: &str = "Then within 1 second \"master\" answers \"PING\" with \"PONG\"";

#[test]
fn a_sentence_states_its_time() {
    assert_eq!(stated("within 5 seconds the offset of the master is 3"), Duration::from_secs(5));
    assert_eq!(stated("2 minutes pass"), Duration::from_secs(120));
    assert_eq!(stated("the master is killed"), Duration::ZERO);
}

#[test]
fn what_is_cut_short_is_unknown() {
    Watch::here().forget();
    let error = overtime("the step did not end within its limit of 1 second");
    assert_eq!((error.cause, error.cause.verdict()), (Cause::Engine, Verdict::Unknown));
}

/// Verdict and message of a scenario with these steps.
fn plays(theatre: &mut Theatre, steps: &[&str]) -> (Verdict, String) {
    let outcome = theatre.play(&[scenario("s", steps)]);
    (of(&outcome, "s").verdict, message(&outcome, "s"))
}

#[test]
fn the_limit_of_a_step_is_beyond_what_its_sentence_states() {
    // A step may take 20 seconds here.
    assert_eq!(plays(&mut Theatre::new(Fake::new()), &["When 2 minutes pass", PONG]), (Verdict::Passed, String::new()));
}

#[test]
fn a_scenario_ends_at_its_limit() {
    let mut theatre = Theatre::new(Fake::new());
    theatre.options.config.limits.scenario = Duration::from_secs(60);
    let (verdict, message) = plays(&mut theatre, &["When 50 seconds pass", "And 50 seconds pass", PONG]);
    assert_eq!(verdict, Verdict::Unknown);
    assert!(message.starts_with("the scenario did not end within its limit of 1 minute"), "{message}");
}

#[test]
fn the_limit_of_a_line_counts_from_the_last_when_before_it() {
    let steps = ["When 10 seconds pass", "And 10 seconds pass", PONG, "When 10 seconds pass", PONG];
    assert_eq!(plays(&mut Theatre::new(Fake::new()), &steps), (Verdict::Passed, String::new()));
}

#[test]
fn a_line_that_denies_something_does_not_stand_over_time_in_which_nobody_looked() {
    let steps = ["When 1 second passes", "Then for 6 seconds no replica becomes master"];
    let calm: fn() -> std::io::Result<Watchman> = || Ok(Watchman::scripted(Vec::new()));
    let stalled: fn() -> std::io::Result<Watchman> =
        || Ok(Watchman::scripted(vec![(Instant::now() + Duration::from_secs(3), Duration::from_secs(2))]));
    for (watchman, expected) in [(calm, Verdict::Passed), (stalled, Verdict::Unknown)] {
        let mut theatre = Theatre::new(
            Fake::new()
                .answering(|asked| (asked.words[0] == "INFO" && asked.node == 12).then(|| Said::Text("# Replication\r\nrole:slave\r\n".to_owned()))),
        );
        theatre.watchman = watchman;
        pair(&theatre, "master", "replica");
        let outcome = theatre.play(&[scenario("s", &steps).replace("standalone", "pair")]);
        assert_eq!(of(&outcome, "s").verdict, expected, "{}", message(&outcome, "s"));
    }
}

#[test]
fn whoever_asks_a_server_that_ends_waits_no_longer() {
    let fake = Fake::new();
    let ends = fake.clone();
    let mut theatre = Theatre::new(fake.answering(move |asked| {
        key(asked)?;
        // The one that is asked stays, and is silent.
        ends.end(12, 139);
        Some(Said::Silence)
    }));
    pair(&theatre, "master", "master");
    let outcome =
        theatre.play(&[scenario("s", &["When a client sends \"GET x\" to \"one\"", "Then the reply is \"42\""]).replace("standalone", "pair")]);
    let record = of(&outcome, "s");
    assert_eq!(record.verdict, Verdict::Failed, "{}", message(&outcome, "s"));
    assert!(record.duration_ms < 5000, "it was over after {} ms, and an answer may take 10 s", record.duration_ms);
}

/// A server that answers no PING once it was asked for the key `mark`.
fn falls_silent() -> Fake {
    let marked = AtomicBool::new(false);
    Fake::new().answering(move |asked| match (asked.words[0].as_str(), marked.load(Ordering::SeqCst)) {
        ("GET", _) => {
            marked.store(true, Ordering::SeqCst);
            None
        }
        ("PING", true) => Some(Said::Error("LOADING".to_owned())),
        _ => None,
    })
}

#[test]
fn a_fault_that_does_not_heal_at_the_end_spoils_a_pass_and_nothing_else() {
    let steps = |last: &'static str| ["When a client sends \"GET mark\" to \"master\"", "And \"master\" is killed", last];
    let (verdict, message) = plays(&mut Theatre::new(falls_silent()), &steps("Then within 3 seconds \"master\" refuses connections"));
    assert_eq!(verdict, Verdict::Unknown);
    assert!(message.starts_with("killed of master did not heal: "), "{message}");
    let (verdict, message) = plays(&mut Theatre::new(falls_silent()), &steps("Then within 3 seconds \"master\" answers \"GET k\" with \"v\""));
    assert_eq!(verdict, Verdict::Failed, "{message}");
}

#[test]
fn faults_are_healed_newest_first() {
    let pinged: Arc<Mutex<Vec<u8>>> = Arc::default();
    let heard = pinged.clone();
    let mut theatre = Theatre::new(Fake::new().answering(move |asked| {
        if asked.words[0] == "PING" {
            heard.lock().unwrap().push(asked.node);
        }
        None
    }));
    pair(&theatre, "master", "master");
    let steps = ["When \"one\" is killed", "And \"two\" is killed", "Then within 1 second \"one\" refuses connections"];
    let outcome = theatre.play(&[scenario("s", &steps).replace("standalone", "pair")]);
    assert_eq!(of(&outcome, "s").verdict, Verdict::Passed, "{}", message(&outcome, "s"));
    let pinged = pinged.lock().unwrap();
    assert_eq!(pinged[pinged.len() - 2..], [12, 11]);
}

#[test]
fn a_fault_is_injected_once_and_undone_by_its_own_cure() {
    let twice = plays(&mut Theatre::new(Fake::new()), &["When \"master\" is paused", "And \"master\" is paused", PONG]);
    assert_eq!(twice, (Verdict::Unknown, "master is paused already: one such fault at a time, it has to be healed first".to_owned()));
    let other = plays(&mut Theatre::new(Fake::new()), &["When \"master\" is killed", "And \"master\" is healed", PONG]);
    assert_eq!(other, (Verdict::Unknown, "master has no fault that is undone by \"healed\"".to_owned()));
}

#[test]
fn a_fault_that_half_succeeded_is_healed_as_well() {
    let mut theatre = Theatre::new(Fake::new());
    theatre.fake.refuse("freeze", "but it is frozen");
    let (verdict, message) = plays(&mut theatre, &["When \"master\" is paused", PONG]);
    assert_eq!(verdict, Verdict::Unknown, "{message}");
    assert_eq!(theatre.fake.unhealed(), 0);
}

#[test]
fn a_scenario_that_takes_longer_than_is_usual_is_slow() {
    let mut theatre = Theatre::new(Fake::new());
    theatre.options.config.slow = Duration::from_secs(5);
    let outcome = theatre.play(&[scenario("long", &["When 9 seconds pass", PONG]), scenario("short", &["When 1 second passes", PONG])]);
    assert_eq!((of(&outcome, "long").slow, of(&outcome, "short").slow), (true, false));
}

#[test]
fn growth_counts_from_before_the_first_when() {
    let asked = AtomicBool::new(false);
    let grows = move |asked_: &crate::deployment::fake::Asked<'_>| match asked_.words[0].as_str() {
        "GET" => {
            asked.store(true, Ordering::SeqCst);
            None
        }
        "INFO" => Some(Said::Text(format!("# Replication\r\nrole:master\r\nsync_full:{}\r\n", if asked.load(Ordering::SeqCst) { 5 } else { 3 }))),
        _ => None,
    };
    let steps = ["When a client sends \"GET k\" to \"master\"", "Then within 3 seconds the full synchronisations of \"master\" have grown by 2"];
    assert_eq!(plays(&mut Theatre::new(Fake::new().answering(grows)), &steps), (Verdict::Passed, String::new()));
}
