//! Signals that end a run, as a shell or a terminal sends them: one is heard and the run ends tidily, a second ends it at once.
//!
//! A signal is for a whole process and a second one ends it, so each of these runs has a process of its own: this very program, told to play one test.

use super::*;
use rustix::process::{Signal, getpid, kill_process};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc;

/// What the process of one run is told: the signal, how often, and the folder for its project.
const TOLD: &str = "REHEARSAL_TEST_SIGNAL";

const SIGNALS: [(&str, Signal, i32); 3] = [("SIGINT", Signal::INT, 130), ("SIGTERM", Signal::TERM, 143), ("SIGHUP", Signal::HUP, 129)];

const PUT_RIGHT: &str = "the terminal is put right";

/// Sends a second signal when the first was heard, and waits for the end that it brings.
struct Impatient(Signal);

impl View for Impatient {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Interrupted(_) = event {
            kill_process(getpid(), self.0).unwrap();
            // Who holds the run up here sees that it is ended from elsewhere; if not, it goes on to a tidy end, which is what the test then finds.
            let (_tell, never) = mpsc::channel::<()>();
            let _ = never.recv_timeout(Duration::from_secs(10));
        }
    }
}

#[test]
#[ignore = "played by the tests below, in a process of its own"]
fn a_run_that_hears_a_signal() {
    let told = std::env::var(TOLD).expect("told by one of the tests below");
    let [name, times, folder] = told.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{told}") };
    let (_, signal, _) = SIGNALS.into_iter().find(|(known, ..)| *known == name).unwrap();
    let mut theatre = Theatre::new(answering(move |_, _| {
        kill_process(getpid(), signal).unwrap();
        Some(Said::Silence)
    }));
    theatre.folder = tempfile::tempdir_in(folder).unwrap();
    theatre.runtime = schedule::runtime;
    theatre.listens = Some(|| eprintln!("{PUT_RIGHT}"));
    pair(&theatre, "master", "master");
    let waits = scenario("waits", &["When \"one\" is paused", "And a client sends \"GET x\" to \"two\"", "Then the reply is \"42\""]);
    let scenarios = [waits.replace("standalone", "pair"), asks("next")];
    if times == "twice" {
        drop(theatre.run_before(&scenarios, &mut Impatient(signal)));
        panic!("the run goes on to its end");
    }
    let outcome = theatre.play(&scenarios);
    assert_eq!(outcome.record.interrupted.as_deref(), Some(name));
    let on_disk: RunRecord = serde_json::from_slice(&std::fs::read(outcome.folder.join("record.json")).unwrap()).unwrap();
    assert_eq!(on_disk, outcome.record);
    assert!(on_disk.finished.is_some(), "it came to its end");
    let told: Vec<_> = on_disk.scenarios.iter().map(|one| (one.slug.as_str(), one.verdict, one.interrupted)).collect();
    assert_eq!(told, [("waits", Verdict::Unknown, true)]);
    assert_eq!(on_disk.planned.iter().map(|planned| planned.scenarios.len()).sum::<usize>(), 2, "what was not begun has its name there");
    assert_eq!(theatre.fake.unhealed(), 0, "the pause is over before the container is removed");
}

fn played(signal: &str, times: &str, folder: &Path) -> Output {
    let path = module_path!().split_once("::").unwrap().1;
    let mut run = Command::new(std::env::current_exe().unwrap());
    run.args(["--ignored", "--exact", "--nocapture", &format!("{path}::a_run_that_hears_a_signal")]);
    run.env(TOLD, format!("{signal} {times} {}", folder.display())).output().unwrap()
}

#[test]
fn one_signal_ends_a_run_tidily() {
    for (name, ..) in SIGNALS {
        let folder = tempfile::tempdir().unwrap();
        let output = played(name, "once", folder.path());
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{name}: {said}{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (name, _, code) in SIGNALS {
        let folder = tempfile::tempdir().unwrap();
        let output = played(name, "twice", folder.path());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.status.signal()), (Some(code), None), "{name}: {said}");
        assert!(said.contains(PUT_RIGHT), "{name}: {said}");
        let project = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let store = Project::at(project).store();
        let record = store.record(&store.runs()[0]).unwrap();
        assert!(record.finished.is_none() && record.scenarios.is_empty(), "{name}: {record:?}");
        assert_eq!(record.planned.len(), 1, "what was to be played is known from the beginning on");
    }
}
