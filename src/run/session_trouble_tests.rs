//! Runs that meet trouble that is not the servers': faults that do not bite, limits of ours, an engine that is gone or refuses, what dead runs left.

use super::*;

#[test]
fn a_fault_that_did_not_bite_says_nothing_about_the_servers() {
    let mut theatre = Theatre::new(Fake::new().immortal());
    let outcome = theatre.play(&[killed("survives", SEES_NOTHING)]);
    assert_eq!(of(&outcome, "survives").verdict, Verdict::Unknown);
    assert_eq!(message(&outcome, "survives"), "master should be gone but is running");
}

#[test]
fn a_server_that_ends_by_itself_has_crashed() {
    let mut theatre = Theatre::new(Fake::new());
    let fake = Fake::new();
    let crashes = fake.clone();
    theatre.fake = fake.answering(move |asked| {
        key(asked).map(|_| {
            crashes.end(11, 139);
            Said::Silence
        })
    });
    let outcome = theatre.play(&[asks("crashes")]);
    assert_eq!(of(&outcome, "crashes").verdict, Verdict::Failed);
    assert!(message(&outcome, "crashes").contains("139"), "{}", message(&outcome, "crashes"));
}

#[test]
fn a_limit_of_ours_leaves_the_verdict_open() {
    let mut theatre = Theatre::new(answering(|name, _| if name == "hangs" { Some(Said::Silence) } else { text("42") }));
    theatre.options.config.limits.step = Duration::from_secs(5);
    let outcome = theatre.play(&[asks("hangs"), asks("goes-on")]);
    assert_eq!(["hangs", "goes-on"].map(|slug| of(&outcome, slug).verdict), [Verdict::Unknown, Verdict::Passed]);
    assert!(message(&outcome, "hangs").starts_with("the step did not end within its limit"), "{}", message(&outcome, "hangs"));
}

#[test]
fn a_run_ends_at_its_limit_and_says_what_was_not_played() {
    let mut theatre = Theatre::new(answering(|_, _| Some(Said::Silence)));
    theatre.runtime = schedule::runtime;
    theatre.options.config.limits.run = Duration::from_millis(1);
    let outcome = theatre.play(&[asks("hangs"), asks("never-began")]);
    assert!(message(&outcome, "never-began").contains("before this was played"), "{}", message(&outcome, "never-began"));
    assert!(outcome.record.interrupted.is_some());
    assert_eq!(of(&outcome, "never-began").verdict, Verdict::Unknown);
}

#[test]
fn an_engine_that_is_gone_for_a_while_costs_what_was_being_played() {
    let fake = Fake::new();
    let (lost, asked) = (fake.clone(), AtomicUsize::new(0));
    let fake = fake.answering(move |question| {
        key(question)?;
        if asked.fetch_add(1, Ordering::SeqCst) == 0 {
            lost.lose_for(5);
            return Some(Said::Silence);
        }
        text("42")
    });
    let mut theatre = Theatre::new(fake);
    let outcome = theatre.play(&[asks("a"), asks("b")]);
    assert_eq!(["a", "b"].map(|slug| of(&outcome, slug).verdict), [Verdict::Unknown, Verdict::Passed], "{:?}", theatre.notes.0);
    assert_eq!(theatre.told("the engine answers again"), 1);
}

#[test]
fn an_engine_that_refuses_leaves_the_verdict_open_and_nothing_behind() {
    let fake = answering(|_, _| text("42"));
    let mut theatre = Theatre::new(fake.clone());
    // The first two are those that identify the server.
    fake.refuse_after("create network", 2, "no room");
    let outcome = theatre.play(&[asks("a"), asks("b")]);
    let verdicts: Vec<Verdict> = ["a", "b"].map(|slug| of(&outcome, slug).verdict).to_vec();
    assert!(!verdicts.contains(&Verdict::Failed), "{verdicts:?}");
}

#[test]
fn what_a_dead_run_left_is_removed_by_the_next() {
    let mut theatre = Theatre::new(answering(|_, _| text("41")));
    theatre.options.keep = true;
    theatre.run(&[asks("wrong")]).unwrap_or_else(|error| panic!("{error}"));
    assert_ne!(theatre.fake.left(), (0, 0, 0));
    theatre.options.keep = false;
    theatre.play(&[asks("wrong")]);
    assert_eq!(theatre.told("an earlier run left something behind"), 1);
}

#[test]
fn a_server_that_cannot_be_prepared_ends_the_run_with_its_words() {
    let mut theatre = Theatre::new(Fake::new());
    theatre.fake.refuse("start", "no such image");
    let error = theatre.run(&[asks("a")]).err().expect("nothing can be played");
    let store = Project::at(theatre.folder.path()).store();
    assert_eq!(store.record(&store.runs()[0]).unwrap().finished, None, "it did not come to its end");
    assert!(error.to_string().contains("no such image"), "{error}");
    assert_eq!(theatre.fake.left(), (0, 0, 0));
}

#[test]
fn a_failure_while_this_program_stood_still_says_nothing() {
    let long = || Ok(Watchman::scripted(vec![(Instant::now(), Duration::from_secs(3600))]));
    for (watchman, verdict) in [(long as fn() -> _, Verdict::Unknown), (|| Ok(Watchman::scripted(Vec::new())), Verdict::Failed)] {
        let mut theatre = Theatre::new(answering(|_, _| text("41")));
        theatre.watchman = watchman;
        let outcome = theatre.play(&[asks("wrong")]);
        assert_eq!(of(&outcome, "wrong").verdict, verdict, "{}", message(&outcome, "wrong"));
    }
}

#[test]
fn an_engine_that_never_comes_back_is_waited_for_once() {
    let fake = Fake::new();
    let lost = fake.clone();
    let mut theatre = Theatre::new(fake.answering(move |question| {
        key(question)?;
        lost.lose();
        Some(Said::Silence)
    }));
    let outcome = theatre.run(&[asks("a"), asks("b"), asks("c")]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(["a", "b", "c"].map(|slug| of(&outcome, slug).verdict), [Verdict::Unknown; 3], "{:?}", theatre.notes.0);
    assert_eq!(theatre.told("the engine does not answer any more"), 1, "{:?}", theatre.notes.0);
    // One wait of a minute, with a question every 20 ms.
    assert!(theatre.fake.calls_in_vain() < 2 * 60 * 50, "{} calls", theatre.fake.calls_in_vain());
}
