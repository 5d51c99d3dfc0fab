//! Runs from beginning to end on an engine in memory: scenarios that are meant to fail, to flake, to hang, to miss their control, to be interrupted, to lose their engine.
//!
//! You are in the right place when a run does something that nobody would see in a scenario that passes.

use super::*;
use crate::config::Limits;
use crate::deployment::fake::{Asked, Fake, Said};
use crate::record::{Control, Evidence, ScenarioRecord};
use crate::run::reading;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A project, an engine, and somebody who watches.
struct Theatre {
    folder: tempfile::TempDir,
    fake: Fake,
    options: Options,
    /// Sends a signal to the run.
    signal: watch::Sender<Option<&'static str>>,
    heard: Heard,
    notes: Notes,
}

/// What a view was told, in words.
#[derive(Default)]
struct Notes(Vec<String>);

impl View for Notes {
    fn event(&mut self, event: &Event<'_>) {
        let line = match event {
            Event::Note(note) => (*note).to_owned(),
            Event::Started { what, .. } => format!("started {what}"),
            Event::Finished { scenario, .. } => format!("finished {}: {}", scenario.slug, scenario.verdict),
            Event::Again { scenario, attempt, .. } => format!("again {}: attempt {attempt}", scenario.slug),
            Event::Controlled { scenario, .. } => format!("controlled {}: {:?}", scenario.slug, scenario.control),
            Event::Added { plays } => format!("added {plays}"),
            Event::Interrupted(why) => format!("interrupted: {why}"),
            _ => return,
        };
        self.0.push(line);
    }
}

/// Steps of a scenario on one server, under a name that is its slug.
fn scenario(name: &str, steps: &[&str]) -> String {
    let lines: String = steps.iter().map(|step| format!("    {step}\n")).collect();
    format!("  @id:{name}\n  Scenario: {name}\n    Given the \"standalone\" topology\n{lines}")
}

/// It asks for a key of its own name and wants to hear 42.
fn asks(name: &str) -> String {
    scenario(name, &[&format!("When a client sends \"GET {name}\" to \"master\""), "Then the reply is \"42\""])
}

/// The key that is asked for, if that is the question.
fn key<'a>(asked: &'a Asked<'_>) -> Option<&'a str> {
    match asked.words {
        [get, key] if get == "GET" => Some(key),
        _ => None,
    }
}

/// Servers that answer with this to whoever asks for a key.
fn answering(answer: impl Fn(&str, &Asked<'_>) -> Option<Said> + Send + Sync + 'static) -> Fake {
    Fake::new().answering(move |asked| key(asked).and_then(|name| answer(name, asked)))
}

fn text(text: &str) -> Option<Said> {
    Some(Said::Text(text.to_owned()))
}

impl Theatre {
    fn new(fake: Fake) -> Theatre {
        let (signal, heard) = Heard::scripted();
        let limits = Limits { step: Duration::from_secs(20), ..Config::default().limits };
        let config = Config { jobs: Some(1), limits, ..Config::default() };
        let folder = tempfile::tempdir().unwrap();
        Theatre { folder, fake, options: Options { config, ..Options::default() }, signal, heard, notes: Notes::default() }
    }

    /// Plays what this feature holds, and looks that nothing is left on the engine.
    fn play(&mut self, scenarios: &[String]) -> Outcome {
        let outcome = self.run(scenarios).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(self.fake.left(), (0, 0, 0), "something is left: {:?}", self.notes.0);
        outcome
    }

    fn run(&mut self, scenarios: &[String]) -> Result<Outcome, SessionError> {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let features = self.folder.path().join("features");
        std::fs::create_dir_all(&features).unwrap();
        std::fs::write(features.join("f.feature"), format!("Feature: f\n{}", scenarios.concat())).unwrap();
        let project = Project::at(self.folder.path());
        let (read, problems) = reading::read(&project);
        assert!(problems.is_empty(), "{problems:?}");
        let scenarios: Vec<&Scenario> = read.iter().flat_map(|feature| feature.scenarios()).collect();
        let server = project.servers().unwrap().default_server().clone();
        let slots = self.folder.path().join("slots");
        std::fs::create_dir_all(&slots).unwrap();
        let surroundings = Surroundings {
            run: format!("test-{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::SeqCst)),
            engines: self.fake.engines(),
            heard: self.heard.clone(),
            slots,
            runtime: schedule::runtime,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        run_in(&runtime, surroundings, &project, &scenarios, &[server], &self.options, &mut self.notes)
    }

    /// How often a line of this kind was told.
    fn told(&self, beginning: &str) -> usize {
        self.notes.0.iter().filter(|line| line.starts_with(beginning)).count()
    }
}

/// The record of one scenario.
fn of<'a>(outcome: &'a Outcome, slug: &str) -> &'a ScenarioRecord {
    let found = outcome.record.scenarios.iter().find(|scenario| scenario.slug == slug);
    found.unwrap_or_else(|| panic!("no {slug} in {:?}", outcome.record.scenarios))
}

fn evidence(outcome: &Outcome, slug: &str) -> Evidence {
    let path = outcome.folder.join(of(outcome, slug).evidence.as_ref().unwrap_or_else(|| panic!("{slug} has no evidence")));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn message(outcome: &Outcome, slug: &str) -> String {
    let record = of(outcome, slug);
    record.failure.as_ref().map(|(_, message)| message.clone()).or(record.reason.clone()).unwrap_or_default()
}

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

/// Wrong for the first so many who ask.
fn wrong_at_first(times: usize) -> Fake {
    let asked = AtomicUsize::new(0);
    answering(move |_, _| text(if asked.fetch_add(1, Ordering::SeqCst) < times { "41" } else { "42" }))
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
    let outcome = theatre.play(&[asks("flaky"), asks("next")]);
    assert_eq!((theatre.told("started"), theatre.told("again")), (1, 0));
    assert_eq!(outcome.record.interrupted.as_deref(), Some("SIGINT"));
    assert!(outcome.record.scenarios.iter().all(|scenario| scenario.slug == "flaky"), "what was not begun has no verdict");
}

#[test]
fn an_interrupted_scenario_is_unknown_and_no_evidence() {
    let mut theatre = Theatre::new(Fake::new());
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
    theatre.play(&[waits("short", "100 milliseconds"), waits("long", "900 milliseconds"), waits("middle", "500 milliseconds")]);
    let order: Vec<&str> = theatre.notes.0.iter().filter_map(|line| line.strip_prefix("finished ")?.split(':').next()).collect();
    assert_eq!(order, ["long", "middle", "short"]);
}

#[test]
fn a_serial_scenario_is_alone() {
    let seen: Arc<Mutex<Vec<(String, usize)>>> = Arc::default();
    let see = seen.clone();
    let mut theatre = Theatre::new(answering(move |name, asked| {
        see.lock().unwrap().push((name.to_owned(), asked.running));
        text("42")
    }));
    theatre.options.config.jobs = Some(3);
    let slow = |name: &str| {
        scenario(name, &["When 400 milliseconds pass", &format!("And a client sends \"GET {name}\" to \"master\""), "Then the reply is \"42\""])
    };
    let alone = slow("alone").replace("@id:alone", "@id:alone @serial");
    let outcome = theatre.play(&[slow("a"), slow("b"), alone, slow("c"), slow("d")]);
    assert!(outcome.record.scenarios.iter().all(|scenario| scenario.verdict == Verdict::Passed));
    let seen = seen.lock().unwrap();
    let running = |name: &str| seen.iter().find(|(asked, _)| asked == name).unwrap().1;
    assert_eq!(running("alone"), 1);
    assert!(["a", "b", "c", "d"].iter().any(|name| running(name) > 1), "the others are played side by side: {seen:?}");
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

/// A topology of this project's own, of which nothing is expected before it is used.
fn pair(theatre: &Theatre, role_of_first: &str, role_of_second: &str) {
    let folder = theatre.folder.path().join("compose");
    std::fs::create_dir_all(&folder).unwrap();
    let node = |name: &str, last: u8, role: &str| {
        format!(
            "  {name}:\n    image: ${{REHEARSAL_IMAGE:-redis:7.0.15}}\n    command: redis-server\n    networks:\n      data:\n        \
             ipv4_address: ${{REHEARSAL_NET:-198.18.0}}.{last}\n    x-rehearsal:\n      role: {role}\n"
        )
    };
    let text = format!(
        "name: rehearsal-pair\nx-rehearsal:\n  about: Two.\n  formation: none\nservices:\n{}{}networks:\n  data:\n    internal: true\n    \
         ipam:\n      config:\n        - subnet: ${{REHEARSAL_NET:-198.18.0}}.0/24\n",
        node("one", 11, role_of_first),
        node("two", 12, role_of_second)
    );
    std::fs::write(folder.join("pair.yml"), text).unwrap();
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
