//! A stage for whole runs: a project in a folder of its own, an engine in memory whose servers answer what a test says, and notes of what a view was told.
//!
//! You are in the right place when a test plays scenarios. Time goes on when nobody can do anything else, so no limit is waited for; where another thread is waited for, a test asks for the machine's clock.

use super::catalogue::Scenario;
use super::event::{Event, View};
use super::project::Project;
use super::reading;
use super::session::{Options, Outcome, SessionError, Surroundings, run_in};
use super::shard::Shard;
use super::signals::{self, Heard};
use super::stall::Watchman;
use crate::config::{Config, Limits};
use crate::deployment::fake::{Asked, Fake, Said};
use crate::record::{Evidence, ScenarioRecord};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// A project, an engine, and somebody who watches.
pub(crate) struct Theatre {
    pub folder: tempfile::TempDir,
    pub fake: Fake,
    pub options: Options,
    /// Sends a signal to the run.
    pub signal: watch::Sender<Option<&'static str>>,
    pub heard: Heard,
    pub notes: Notes,
    /// The clock of scenarios: one that goes on when nobody can do anything else, or the machine's, where another thread is waited for.
    pub runtime: fn() -> std::io::Result<Runtime>,
    /// Which part of what is there is played.
    pub shard: Option<Shard>,
    /// Whether real signals are heard, and what is done before one ends the process.
    pub listens: Option<fn()>,
    /// When this program is said to have stood still.
    pub watchman: fn() -> std::io::Result<Watchman>,
}

/// Whatever is waited for comes at once, or its limit does.
pub(crate) fn paused() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()
}

/// What a view was told, in words.
#[derive(Default)]
pub(crate) struct Notes(pub Vec<String>);

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
pub(crate) fn scenario(name: &str, steps: &[&str]) -> String {
    let lines: String = steps.iter().map(|step| format!("    {step}\n")).collect();
    format!("  @id:{name}\n  Scenario: {name}\n    Given the \"standalone\" topology\n{lines}")
}

/// It asks for a key of its own name and wants to hear 42.
pub(crate) fn asks(name: &str) -> String {
    scenario(name, &[&format!("When a client sends \"GET {name}\" to \"master\""), "Then the reply is \"42\""])
}

/// The key that is asked for, if that is the question.
pub(crate) fn key<'a>(asked: &'a Asked<'_>) -> Option<&'a str> {
    match asked.words {
        [get, key] if get == "GET" => Some(key),
        _ => None,
    }
}

/// Servers that answer with this to whoever asks for a key.
pub(crate) fn answering(answer: impl Fn(&str, &Asked<'_>) -> Option<Said> + Send + Sync + 'static) -> Fake {
    Fake::new().answering(move |asked| key(asked).and_then(|name| answer(name, asked)))
}

pub(crate) fn text(text: &str) -> Option<Said> {
    Some(Said::Text(text.to_owned()))
}

impl Theatre {
    pub fn new(fake: Fake) -> Theatre {
        let (signal, heard) = Heard::scripted();
        let limits = Limits { step: Duration::from_secs(20), ..Config::default().limits };
        let config = Config { jobs: Some(1), limits, ..Config::default() };
        let folder = tempfile::tempdir().unwrap();
        Theatre {
            folder,
            fake,
            options: Options { config, ..Options::default() },
            signal,
            heard,
            notes: Notes::default(),
            runtime: paused,
            shard: None,
            listens: None,
            watchman: || Ok(Watchman::scripted(Vec::new())),
        }
    }

    /// Plays what this feature holds, and looks that nothing is left on the engine.
    pub fn play(&mut self, scenarios: &[String]) -> Outcome {
        let outcome = self.run(scenarios).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(self.fake.left(), (0, 0, 0), "something is left: {:?}", self.notes.0);
        outcome
    }

    pub fn run(&mut self, scenarios: &[String]) -> Result<Outcome, SessionError> {
        let mut notes = std::mem::take(&mut self.notes);
        let outcome = self.run_before(scenarios, &mut notes);
        self.notes = notes;
        outcome
    }

    /// Plays what this feature holds before somebody who may do something while watching.
    pub fn run_before(&mut self, scenarios: &[String], view: &mut dyn View) -> Result<Outcome, SessionError> {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let features = self.folder.path().join("features");
        std::fs::create_dir_all(&features).unwrap();
        std::fs::write(features.join("f.feature"), format!("Feature: f\n{}", scenarios.concat())).unwrap();
        let project = Project::at(self.folder.path());
        let (read, problems) = reading::read(&project);
        assert!(problems.is_empty(), "{problems:?}");
        let scenarios: Vec<&Scenario> = read.iter().flat_map(|feature| feature.scenarios()).collect();
        let scenarios = self.shard.map_or(scenarios.clone(), |shard| shard.of(scenarios));
        self.options.shard = self.shard.map(|shard| shard.to_string());
        let server = project.servers().unwrap().default_server().clone();
        let slots = self.folder.path().join("slots");
        std::fs::create_dir_all(&slots).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listening = self.listens.map(|leave| signals::listen(leave).unwrap());
        let heard = listening.as_ref().map_or_else(|| self.heard.clone(), |listening| listening.heard.clone());
        let surroundings = Surroundings {
            run: format!("test-{}-{}", std::process::id(), RUNS.fetch_add(1, Ordering::SeqCst)),
            engines: self.fake.engines(),
            heard,
            slots,
            runtime: self.runtime,
            watchman: self.watchman,
        };
        run_in(&runtime, surroundings, &project, &scenarios, &[server], &self.options, view)
    }

    /// How often a line of this kind was told.
    pub fn told(&self, beginning: &str) -> usize {
        self.notes.0.iter().filter(|line| line.starts_with(beginning)).count()
    }
}

/// The record of one scenario.
pub(crate) fn of<'a>(outcome: &'a Outcome, slug: &str) -> &'a ScenarioRecord {
    let found = outcome.record.scenarios.iter().find(|scenario| scenario.slug == slug);
    found.unwrap_or_else(|| panic!("no {slug} in {:?}", outcome.record.scenarios))
}

pub(crate) fn evidence(outcome: &Outcome, slug: &str) -> Evidence {
    let path = outcome.folder.join(of(outcome, slug).evidence.as_ref().unwrap_or_else(|| panic!("{slug} has no evidence")));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn message(outcome: &Outcome, slug: &str) -> String {
    let record = of(outcome, slug);
    record.failure.as_ref().map(|(_, message)| message.clone()).or(record.reason.clone()).unwrap_or_default()
}

/// Wrong for the first so many who ask.
pub(crate) fn wrong_at_first(times: usize) -> Fake {
    let asked = AtomicUsize::new(0);
    answering(move |_, _| text(if asked.fetch_add(1, Ordering::SeqCst) < times { "41" } else { "42" }))
}

/// A topology of this project's own, of which nothing is expected before it is used.
pub(crate) fn pair(theatre: &Theatre, role_of_first: &str, role_of_second: &str) {
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
