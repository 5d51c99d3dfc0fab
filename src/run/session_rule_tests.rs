//! What a run decides: which pairs are played, what has a control, what an attempt leaves to the next, whose containers are used again.

use super::*;
use crate::deployment::fake::Asked;
use crate::run::reading;
use crate::world::Leave;
use std::collections::BTreeSet;

const PING: &str = "Then within 1 second \"master\" answers \"PING\" with \"PONG\"";

#[test]
fn only_the_pairs_that_are_wanted_are_planned_and_played() {
    let mut theatre = Theatre::new(answering(|_, _| text("42")));
    theatre.options.only = Some(BTreeSet::from([("f#b".to_owned(), "redis-7.0".to_owned())]));
    let outcome = theatre.play(&[asks("a"), asks("b")]);
    assert_eq!(outcome.record.scenarios.iter().map(|one| one.slug.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(outcome.record.planned[0].scenarios, ["f#b"]);
}

#[test]
fn what_a_server_cannot_do_is_not_played_on_it() {
    let mut theatre = Theatre::new(answering(|_, _| text("42")));
    let outcome = theatre.play(&[asks("a").replace("@id:a", "@id:a @needs:magic"), asks("b")]);
    assert_eq!(["a", "b"].map(|slug| of(&outcome, slug).verdict), [Verdict::NotApplicable, Verdict::Passed]);
    assert_eq!(message(&outcome, "a"), "redis-7.0 7.0.15 has no magic");
}

#[test]
fn what_is_mirrored_or_played_for_its_rate_has_no_control() {
    let mirrored = killed("mirrored", SEES_NOTHING).replace("@id:mirrored", "@id:mirrored @mirror:other");
    for (stress, scenario) in [(1, mirrored), (2, killed("rate", SEES_NOTHING))] {
        let mut theatre = Theatre::new(Fake::new());
        theatre.options.controls = Controls::All;
        theatre.options.stress = stress;
        let outcome = theatre.play(&[scenario]);
        assert_eq!((outcome.record.scenarios[0].verdict, theatre.told("controlled")), (Verdict::Passed, 0), "{:?}", theatre.notes.0);
    }
}

#[test]
fn of_several_faults_the_one_that_nothing_noticed_is_named() {
    let steps = [
        "And a client sends \"SET k v\" to \"master\"",
        "When \"master\" is killed",
        "And \"master\" is started again",
        "And \"master\" is paused for 1 second",
        NOTICES,
    ];
    let mut theatre = Theatre::new(Fake::new());
    theatre.options.controls = Controls::Each;
    let outcome = theatre.play(&[scenario("two", &steps)]);
    let record = of(&outcome, "two");
    assert_eq!((record.verdict, record.control), (Verdict::Passed, Control::Missed), "{:?}", theatre.notes.0);
    assert_eq!(record.unnoticed, ["\"master\" is paused for 1 second"]);
    assert_eq!(theatre.told("controlled"), 2);
}

#[test]
fn a_control_waits_in_vain_for_what_its_fault_would_have_brought_about() {
    let fake = || {
        Fake::new()
            .answering(|asked| (asked.words[0] == "INFO" && asked.running > 1).then(|| Said::Text("# Replication\r\nrole:slave\r\n".to_owned())))
    };
    let mut theatre = Theatre::new(fake());
    theatre.options.controls = Controls::All;
    pair(&theatre, "master", "replica");
    // Without the fault "two" never becomes master, and the reply is the one that the `Then` wants all the same.
    let steps =
        ["When \"one\" is killed", "And within 3 seconds \"two\" becomes master", "Then within 1 second \"two\" answers \"PING\" with \"PONG\""];
    let outcome = theatre.play(&[scenario("vain", &steps).replace("standalone", "pair")]);
    let record = of(&outcome, "vain");
    assert_eq!((record.verdict, record.control), (Verdict::Passed, Control::Missed), "{} {:?}", message(&outcome, "vain"), record.control_reason);
}

#[test]
fn an_attempt_that_cannot_be_played_leaves_the_verdict_to_the_one_before() {
    /// Takes the engine away, or ends the run, once a scenario is to be tried again.
    struct Spoils(Box<dyn FnMut()>);
    impl View for Spoils {
        fn event(&mut self, event: &Event<'_>) {
            if let Event::Again { .. } = event {
                (self.0)();
            }
        }
    }
    let (fake, mut theatre) = (answering(|_, _| text("41")), Theatre::new(Fake::new()));
    theatre.fake = fake.clone();
    theatre.options.config.retry = 1;
    let outcome = theatre.run_before(&[asks("wrong")], &mut Spoils(Box::new(move || fake.lose()))).unwrap_or_else(|error| panic!("{error}"));
    let record = of(&outcome, "wrong");
    assert_eq!((record.verdict, record.attempts), (Verdict::Failed, 1), "{}", message(&outcome, "wrong"));
    assert_eq!(evidence(&outcome, "wrong").scenario.verdict, Verdict::Failed);
}

/// How many containers these scenarios cost.
fn containers(fake: Fake, scenarios: &[String]) -> usize {
    let mut theatre = Theatre::new(fake);
    theatre.play(scenarios);
    theatre.fake.started()
}

#[test]
fn containers_serve_the_next_scenario_unless_something_went_wrong_in_them() {
    let fake = || answering(|name, _| text(if name == "wrong" { "41" } else { "42" }));
    let one = containers(fake(), &[asks("a")]);
    assert_eq!(containers(fake(), &[asks("a"), asks("b")]), one, "the second has those of the first");
    assert_eq!(containers(fake(), &[asks("wrong"), asks("b")]), one + 3, "of one that failed neither sandbox nor house nor observer");
    let dirty = fake();
    dirty.refuse("reset", "files of its image have changed");
    assert_eq!(containers(dirty, &[asks("a"), asks("b")]), one + 1, "not the house that could not be emptied");
}

#[test]
fn a_run_that_is_to_end_does_not_wait_its_turn() {
    struct Ends(watch::Sender<Option<&'static str>>);
    impl View for Ends {
        fn event(&mut self, event: &Event<'_>) {
            if let Event::Begun { .. } = event {
                self.0.send_replace(Some("SIGINT"));
            }
        }
    }
    let mut theatre = Theatre::new(answering(|_, _| text("42")));
    theatre.runtime = schedule::runtime;
    let slots = theatre.folder.path().join("slots");
    std::fs::create_dir_all(&slots).unwrap();
    // Another run has every place of this host.
    let runtime = schedule::runtime().unwrap();
    let taken = runtime.block_on(Slots::below(&slots, "play", 100).take_every());
    let mut view = Ends(theatre.signal.clone());
    let outcome = theatre.run_before(&[asks("a")], &mut view).unwrap_or_else(|error| panic!("{error}"));
    drop(taken);
    assert_eq!(outcome.record.interrupted.as_deref(), Some("SIGINT"));
    assert_eq!(theatre.fake.left(), (0, 0, 0));
}

#[test]
fn a_server_that_ends_is_noticed_by_a_step_that_does_not_ask_it() {
    let fake = Fake::new();
    let crashes = fake.clone();
    let mut theatre = Theatre::new(fake.answering(move |asked: &Asked<'_>| {
        key(asked).filter(|_| asked.node == 11)?;
        crashes.end(12, 139);
        text("42")
    }));
    pair(&theatre, "master", "master");
    let steps = ["When a client sends \"GET x\" to \"one\"", "Then the reply is \"42\""];
    let outcome = theatre.play(&[scenario("other", &steps).replace("standalone", "pair")]);
    assert_eq!(of(&outcome, "other").verdict, Verdict::Failed);
    assert!(message(&outcome, "other").contains("the server of two exited with status 139"), "{}", message(&outcome, "other"));
}

/// A pair of which the second takes over when the first is gone.
fn takes_over() -> Theatre {
    let replica = || Some(Said::Text("# Replication\r\nrole:slave\r\n".to_owned()));
    let theatre = Theatre::new(
        Fake::new().answering(move |asked| if asked.words[0] == "INFO" && asked.node == 12 && asked.running > 1 { replica() } else { None }),
    );
    pair(&theatre, "master", "replica");
    theatre
}

#[test]
fn what_a_control_waits_for_in_vain_is_for_the_then_to_notice() {
    let mut theatre = takes_over();
    theatre.options.controls = Controls::Each;
    // Without the kill, the wait behind the pause is in vain; and then "one" accepts connections.
    let steps = [
        "When \"one\" is killed",
        "And \"two\" is paused for 1 second",
        "And within 3 seconds \"two\" becomes master",
        "Then within 1 second \"one\" refuses connections",
    ];
    let outcome = theatre.play(&[scenario("vain", &steps).replace("standalone", "pair")]);
    let record = of(&outcome, "vain");
    assert_eq!((record.verdict, record.control), (Verdict::Passed, Control::Missed), "{}", message(&outcome, "vain"));
    assert_eq!(record.unnoticed, ["\"two\" is paused for 1 second"]);
}

#[test]
fn a_control_whose_other_fault_does_not_bite_has_shown_nothing() {
    /// Servers survive SIGKILL from the moment on when controls are to be played.
    struct Spoils(Fake);
    impl View for Spoils {
        fn event(&mut self, event: &Event<'_>) {
            if let Event::Added { .. } = event {
                drop(self.0.clone().immortal());
            }
        }
    }
    let mut theatre = Theatre::new(Fake::new());
    theatre.options.controls = Controls::Each;
    pair(&theatre, "master", "master");
    let steps = ["When \"one\" is killed", "And \"two\" is killed", "Then within 1 second \"two\" refuses connections"];
    let mut view = Spoils(theatre.fake.clone());
    let outcome = theatre.run_before(&[scenario("bites", &steps).replace("standalone", "pair")], &mut view).unwrap_or_else(|error| panic!("{error}"));
    let record = of(&outcome, "bites");
    assert_eq!((record.verdict, record.control), (Verdict::Passed, Control::Unknown));
    assert!(record.control_reason.as_deref().is_some_and(|reason| reason.contains("should be gone but is running")), "{:?}", record.control_reason);
}

#[test]
fn a_scenario_is_caught_once_each_of_its_faults_is_on_this_very_build() {
    let steps = [
        "When \"master\" is killed",
        "And \"master\" is started again",
        "And \"master\" is killed",
        "Then within 1 second \"master\" answers \"GET k\" with \"v\"",
    ];
    let mut theatre = Theatre::new(Fake::new());
    let outcome = theatre.play(&[scenario("twice", &steps)]);
    // A `Then` that failed by assertion is what a control that catches looks like.
    let mut caught = evidence(&outcome, "twice");
    caught.steps.iter_mut().filter_map(|step| step.error.as_mut()).for_each(|error| error.kind = "assertion".to_owned());
    let project = Project::at(theatre.folder.path());
    let (features, _) = reading::read(&project);
    let (played, server) = (features[0].scenarios().next().unwrap(), &outcome.record.servers[0]);
    let cache = Cache::of(&project);
    assert!(cache.put(played, server, Leave::Nth(0), &caught).unwrap());
    assert_eq!(cache.verdict(played, server), Control::None, "of the second nothing is known");
    cache.put(played, server, Leave::Nth(1), &caught).unwrap();
    assert_eq!(cache.verdict(played, server), Control::Caught);
    let other = ServerRecord { image_id: "sha256:other".to_owned(), ..server.clone() };
    assert_eq!(cache.verdict(played, &other), Control::None);
}

#[test]
fn what_took_long_in_an_earlier_run_is_played_first_in_the_next() {
    let asked = AtomicUsize::new(0);
    let mut theatre = Theatre::new(answering(move |name, _| match name {
        // Two hundred questions are four seconds.
        "late" if asked.fetch_add(1, Ordering::SeqCst) < 200 => text("41"),
        _ => text("42"),
    }));
    let scenarios = [
        scenario("late", &["When 1 second passes", "Then within 9 seconds \"master\" answers \"GET late\" with \"42\""]),
        scenario("even", &["When 2 seconds pass", PING]),
    ];
    let order = |theatre: &Theatre| -> Vec<String> {
        theatre.notes.0.iter().filter_map(|line| Some(line.strip_prefix("finished ")?.split(':').next()?.to_owned())).collect()
    };
    theatre.play(&scenarios);
    assert_eq!(order(&theatre), ["even", "late"], "by what their sentences state");
    theatre.notes.0.clear();
    theatre.play(&scenarios);
    assert_eq!(order(&theatre), ["late", "even"]);
}
