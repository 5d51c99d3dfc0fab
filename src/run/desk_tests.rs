//! What becomes of plays that could not be played, and of a run that ends before its time.

use super::*;
use crate::deployment::{EngineError, PreparedImage, Route};
use crate::record::{Control, SCHEMA, ServerRecord};
use crate::run::control::Controls;
use crate::run::project::Project;
use crate::run::reading;
use crate::run::schedule::Prepared;
use crate::topology::servers::Server;

struct Blind;

impl View for Blind {
    fn event(&mut self, _: &Event<'_>) {}
}

const FEATURE: &str = r#"Feature: f
  @id:a
  Scenario: a
    Given the "standalone" topology
    When the master is killed
    Then within 3 seconds the master refuses connections
"#;

/// A project with one scenario that has one fault.
fn project() -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("features")).unwrap();
    std::fs::write(folder.path().join("features/a.feature"), FEATURE).unwrap();
    let project = Project::at(folder.path());
    (folder, project)
}

/// The project's scenario, to be played.
fn play(project: &Project) -> Play {
    let (features, problems) = reading::read(project);
    assert!(problems.is_empty(), "{problems:?}");
    let server =
        Server { name: "redis-7.0".into(), image: "redis:7.0.15".into(), debian: None, package: "redis".into(), append: Vec::new(), binary: None };
    let image = PreparedImage { reference: server.image.clone(), id: "sha256:1".into(), route: Route::Local };
    let record = ServerRecord { name: server.name.clone(), image: server.image.clone(), image_id: image.id.clone(), ..ServerRecord::default() };
    Play {
        number: 0,
        scenario: Arc::new(features[0].scenarios().next().unwrap().clone()),
        server: Arc::new(Prepared { server, image, binary: None, record }),
        leave: Leave::Nothing,
        attempt: 1,
        expected: Expected { time: Duration::from_secs(1), alone: false },
    }
}

/// How a play came out; `line` is where it did not pass.
fn played(play: &Play, verdict: Verdict, message: &str) -> Box<Played> {
    let scenario = ScenarioRecord {
        attempts: 1,
        failure: (verdict != Verdict::Passed).then(|| (5, message.to_owned())),
        ..played::unplayed(&play.scenario, &play.server.server.name, verdict, String::new())
    };
    let evidence = Evidence {
        schema: SCHEMA,
        run: "r".to_owned(),
        started: "2026-01-02T03:04:05Z".to_owned(),
        scenario,
        server_build: play.server.record.clone(),
        topology: None,
        nodes: Vec::new(),
        steps: Vec::new(),
        window_ms: None,
        timeline: Vec::new(),
        stalls: Vec::new(),
        client: None,
        exchanges: Vec::new(),
        snapshots: Vec::new(),
    };
    Box::new(Played { evidence, logs: Vec::new(), calls: None, faults: 1, kept: None })
}

fn broken() -> EngineError {
    EngineError::Unreachable { reason: "the socket is gone".to_owned() }
}

/// Plays the scenario, which passes, and then its control as `end` says; answers the scenario's record.
fn with_control(end: impl FnOnce(&mut Desk<'_>, Play)) -> (ScenarioRecord, Evidence) {
    let (_folder, project) = project();
    let options = Options { controls: Controls::All, ..Options::default() };
    let mut view = Blind;
    let folder = project.store().begin("20260102T030405-6", None).unwrap();
    let mut desk = Desk::new(&options, folder, RunRecord::empty("20260102T030405-6"), &mut view, Cache::of(&project));
    desk.add(play(&project));
    let real = desk.queue.clear().remove(0);
    let passed = played(&real, Verdict::Passed, "");
    desk.hear(Told::Finished(real, passed)).unwrap();
    assert_eq!(desk.queue.expected().len(), 1, "what passed is followed by its control");
    let control = desk.queue.clear().remove(0);
    desk.queue.push(control.clone());
    end(&mut desk, control);
    let scenario = desk.record.scenarios[0].clone();
    let file = std::fs::read(desk.folder.path().join(scenario.evidence.as_ref().unwrap())).unwrap();
    (scenario, serde_json::from_slice(&file).unwrap())
}

#[test]
fn a_control_that_could_not_be_played_says_why() {
    for (reason, (scenario, evidence)) in [
        ("the socket is gone", with_control(|desk, control| desk.hear(Told::Broken(control, broken())).unwrap())),
        (
            "line 5: create container: 500",
            with_control(|desk, control| {
                let ended = played(&control, Verdict::Unknown, "create container: 500\nin detail");
                desk.hear(Told::Finished(control, ended)).unwrap();
            }),
        ),
        ("the run ended before this control was played", with_control(|desk, _| desk.interrupt("SIGINT", None).unwrap())),
        (
            "the run ended at its limit",
            with_control(|desk, _| desk.interrupt("its limit", Some("the run ended at its limit before this was played")).unwrap()),
        ),
    ] {
        assert_eq!((scenario.verdict, scenario.control), (Verdict::Passed, Control::Unknown), "{reason}");
        let said = scenario.control_reason.clone().unwrap();
        assert!(said.contains(reason) && !said.contains('\n'), "{said}");
        assert_eq!((evidence.scenario.control, evidence.scenario.control_reason), (scenario.control, scenario.control_reason));
    }
}

#[test]
fn a_control_of_what_passes_while_the_run_ends_is_unknown_too() {
    let (_folder, project) = project();
    let options = Options { controls: Controls::All, ..Options::default() };
    let mut view = Blind;
    let folder = project.store().begin("20260102T030405-6", None).unwrap();
    let mut desk = Desk::new(&options, folder, RunRecord::empty("20260102T030405-6"), &mut view, Cache::of(&project));
    desk.add(play(&project));
    let real = desk.queue.clear().remove(0);
    desk.interrupt("SIGINT", None).unwrap();
    let passed = played(&real, Verdict::Passed, "");
    desk.hear(Told::Finished(real, passed)).unwrap();
    assert!(desk.queue.expected().is_empty());
    assert_eq!(desk.record.scenarios[0].control, Control::Unknown);
}

#[test]
fn what_an_earlier_run_caught_does_not_stand_in_for_what_could_not_be_played() {
    let (_folder, project) = project();
    let cache = Cache::of(&project);
    let play = play(&project);
    let mut record = played(&play, Verdict::Passed, "").evidence.scenario;
    let mut missed = played(&play, Verdict::Passed, "").evidence;
    cache.put(&play.scenario, &play.server.record, Leave::All, &missed).unwrap();
    cache.mark(&mut record, &play.scenario, &play.server.record, Some("the engine is gone"));
    assert_eq!((record.control, &record.control_reason), (Control::Missed, &None), "a fault that nothing missed is one all the same");
    let error = crate::record::Failure { message: "it answers".into(), kind: "assertion".into(), expected: None, actual: None, seen: Vec::new() };
    missed.steps.push(crate::record::StepRecord {
        keyword: "Then".into(),
        phase: "then".into(),
        text: "it refuses".into(),
        line: 6,
        table: Vec::new(),
        docstring: None,
        status: crate::record::StepStatus::Failed,
        started_ms: 0,
        duration_ms: 1,
        observation: None,
        error: Some(error),
        source: None,
        words: Vec::new(),
    });
    cache.put(&play.scenario, &play.server.record, Leave::All, &missed).unwrap();
    cache.mark(&mut record, &play.scenario, &play.server.record, None);
    assert_eq!(record.control, Control::Caught);
    let other = ServerRecord { image_id: "sha256:2".into(), ..play.server.record.clone() };
    assert_eq!(cache.verdict(&play.scenario, &other), Control::None, "what was caught on one build is not known of another");
    cache.mark(&mut record, &play.scenario, &play.server.record, Some("the engine is gone"));
    assert_eq!((record.control, record.control_reason.as_deref()), (Control::Unknown, Some("the engine is gone")));
}

#[test]
fn a_run_that_could_not_be_recorded_does_not_say_that_it_ended() {
    let (_folder, project) = project();
    let options = Options::default();
    let mut view = Blind;
    let folder = project.store().begin("20260102T030405-6", None).unwrap();
    let mut desk = Desk::new(&options, folder, RunRecord::empty("20260102T030405-6"), &mut view, Cache::of(&project));
    desk.finish(false).unwrap();
    assert_eq!(project.store().record("20260102T030405-6").unwrap().finished, None);
    desk.open().unwrap();
    // A folder where the new index has to go fails as a full disk does; what was written before is laid aside meanwhile.
    let (index, aside) = (desk.folder.path().join("record.json"), desk.folder.path().join("aside"));
    std::fs::rename(&index, &aside).unwrap();
    std::fs::create_dir_all(index.join("x")).unwrap();
    assert!(desk.finish(true).is_err());
    std::fs::remove_dir_all(&index).unwrap();
    std::fs::rename(&aside, &index).unwrap();
    assert_eq!(project.store().record("20260102T030405-6").unwrap().finished, None);
}

#[test]
fn of_several_reasons_why_controls_were_not_played_the_first_is_told() {
    let (scenario, _) = with_control(|desk, control| {
        desk.add(control.clone());
        desk.hear(Told::Broken(control.clone(), broken())).unwrap();
        desk.hear(Told::Broken(control, EngineError::Unreachable { reason: "and it stays so".to_owned() })).unwrap();
    });
    assert!(scenario.control_reason.as_deref().is_some_and(|reason| reason.contains("the socket is gone")), "{:?}", scenario.control_reason);
}

#[test]
fn a_failure_that_was_to_be_tried_again_counts_when_the_run_ends_before() {
    let (_folder, project) = project();
    let mut options = Options::default();
    options.config.retry = 1;
    let mut view = Blind;
    let folder = project.store().begin("20260102T030405-6", None).unwrap();
    let mut desk = Desk::new(&options, folder, RunRecord::empty("20260102T030405-6"), &mut view, Cache::of(&project));
    desk.add(play(&project));
    let first = desk.queue.clear().remove(0);
    let failed = played(&first, Verdict::Failed, "the reply is 41");
    desk.hear(Told::Finished(first, failed)).unwrap();
    assert_eq!((desk.queue.expected().len(), desk.record.scenarios.len()), (1, 0), "it is to be played again");
    desk.interrupt("SIGINT", None).unwrap();
    assert!(!desk.is_open());
    let record = &desk.record.scenarios[0];
    assert_eq!((record.verdict, record.attempts, record.evidence.is_some()), (Verdict::Failed, 1, true));
}
