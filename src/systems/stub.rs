//! A system that is none of ours, as a user might bring it: stores that agree over HTTP who may write. Several do at once.
//!
//! It is registered in tests only, by the line at the end, and everything that the general parts do with a system is tried with it in `run/session_system_tests.rs`.

use super::settings::Found;
use super::{
    After, Event, EventTimer, Failover, FileSpec, Floor, Formation, Lists, Measured, Milestones, Nature, Need, Observable, Part, Promoted, Protocol,
    Question, Readiness, Registered, Reply, Role, Standing, Story, Syntax, System, Timer, Told, Watch,
};
use std::time::Duration;

struct Stub;

const HEARTBEAT: &str = "heartbeat";

static OBSERVABLES: [Observable; 1] =
    [Observable { name: "revision", unit: "count", source: "revision", nature: Nature::Counter, doc: "Writes that a store has taken." }];

/// What a store answers to `GET /status`.
#[derive(serde::Deserialize)]
struct Status {
    role: String,
    revision: u64,
}

/// A line of `GET /events`.
#[derive(serde::Deserialize)]
struct Line {
    event: String,
    #[serde(default)]
    about: String,
}

impl Status {
    fn of(answers: &[Reply]) -> Option<Status> {
        serde_json::from_str(answers.first()?.text()?).ok()
    }

    fn role(&self) -> Option<&'static str> {
        Stub.roles().iter().find(|role| role.word == self.role).map(|role| role.word)
    }
}

impl System for Stub {
    fn name(&self) -> &'static str {
        "stub"
    }

    fn about(&self) -> &'static str {
        "Stores that agree over HTTP who may write."
    }

    fn roles(&self) -> &'static [Role] {
        &[Role { word: "writer", noun: "writer", part: Part::Primary }, Role { word: "reader", noun: "reader", part: Part::Secondary }]
    }

    fn formations(&self) -> &'static [Formation] {
        static STORES: [Formation; 1] = [Formation {
            name: "stores",
            needs: &[Need { role: "writer", least: 1, most: usize::MAX, told: "at least one writer" }],
            spread: false,
            failover: Some(Failover {
                role: "reader",
                timer: HEARTBEAT,
                handed_over_by: &[],
                milestones: Milestones {
                    detected: ("missed", ""),
                    agreed: ("given up", ""),
                    begun: "stood",
                    elected: "stood",
                    promoted: Promoted::Role("took over"),
                    reconfigured: "informed",
                },
                measured: Measured {
                    topology: "stores",
                    usual_ms: &[100, 200],
                    floors: &[Floor { ms: 10, on: &[] }],
                    rows: &[],
                    route: "whichever node is writer",
                    victim: "\"writer-1\"",
                    awaited: &["\"reader-1\" becomes writer", "\"reader-1\" reports \"informed\""],
                },
            }),
            waits: &[],
            story: Some(Story {
                prose: "p",
                rule: "r",
                source: "https://example.org/",
                scenario: "A reader takes over",
                rows: &[],
                steps: "When {PRIMARY} is killed\nThen within 5 seconds {SECONDARY} becomes writer\n",
            }),
        }];
        &STORES
    }

    fn protocol(&self) -> Protocol {
        Protocol::Http
    }

    fn port(&self) -> Option<u16> {
        Some(8080)
    }

    fn readiness(&self) -> Readiness {
        Readiness { asked: Some((&["GET", "/health"], "ok")), limit: Duration::from_secs(10) }
    }

    fn watch(&self) -> Option<Watch> {
        const STATUS: Question = &["GET", "/status"];
        Some(Watch { often: STATUS, whole: &[STATUS], listens: Some("/events") })
    }

    fn read(&self, answers: &[Reply]) -> Told {
        let Some(status) = Status::of(answers) else { return Told::default() };
        Told { role: status.role(), values: vec![(&OBSERVABLES[0], status.revision.to_string())] }
    }

    fn heard(&self, _channel: &str, text: &str) -> Option<(String, String)> {
        let line: Line = serde_json::from_str(text).ok()?;
        Some((line.event, line.about))
    }

    fn on_failure(&self) -> &'static [&'static str] {
        &["GET /status"]
    }

    fn settings(&self) -> Option<&'static dyn Syntax> {
        Some(&Options)
    }

    fn lists(&self) -> Option<&'static dyn Lists> {
        Some(&Options)
    }

    fn timers(&self) -> &'static [Timer] {
        const TIMERS: [Timer; 1] = [Timer { name: HEARTBEAT, unit: Duration::from_millis(1), default: 1000, times: 3, set_by: None }];
        &TIMERS
    }

    fn events(&self) -> &'static [Event] {
        const MISSED: After = After::Own(&[EventTimer::whole(HEARTBEAT)]);
        const EVENTS: [Event; 5] = [
            Event { name: "missed", after: MISSED, decisive: false },
            Event { name: "given up", after: MISSED, decisive: true },
            Event { name: "stood", after: After::Failover, decisive: true },
            Event { name: "took over", after: After::Failover, decisive: true },
            Event { name: "informed", after: After::Failover, decisive: false },
        ];
        &EVENTS
    }

    fn observables(&self) -> &'static [Observable] {
        &OBSERVABLES
    }

    fn glance(&self) -> &'static [Question] {
        &[&["GET", "/status"]]
    }

    fn standing(&self, answers: &[Option<Reply>]) -> Option<Standing> {
        let status = Status::of(&[answers.first()?.clone()?])?;
        Some(Standing { role: status.role(), keys: Some(status.revision), ..Standing::default() })
    }
}

/// `--name=value` on the command line; lists below `/lists`.
struct Options;

impl Syntax for Options {
    fn noun(&self) -> &'static str {
        "store"
    }

    fn owns(&self, directive: &str) -> bool {
        directive == HEARTBEAT
    }

    fn names(&self) -> Vec<&'static str> {
        vec![HEARTBEAT]
    }

    fn no_place(&self, _command: &[String], _files: &[FileSpec]) -> Option<&'static str> {
        None
    }

    fn set(&self, command: &mut Vec<String>, _files: &mut [FileSpec], directive: &str, words: &[String]) {
        command.push(format!("--{directive}={}", words.join(" ")));
    }

    fn told(&self, command: &[String], _files: &[FileSpec]) -> Vec<(String, String)> {
        let option = |word: &String| word.strip_prefix("--")?.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        command.iter().filter_map(option).collect()
    }

    fn value(&self, command: &[String], files: &[FileSpec], directive: &str) -> Option<Found> {
        let (_, value) = self.told(command, files).into_iter().rfind(|(name, _)| name == directive)?;
        Some(Found { value, in_command: true, mention: format!("--{directive}=") })
    }
}

impl Lists for Options {
    fn append(&self, key: &str, value: &str) -> Vec<String> {
        vec!["POST".to_owned(), format!("/lists/{key}?append={value}")]
    }

    fn acknowledges(&self, answer: &Reply) -> bool {
        matches!(answer, Reply::Text(_))
    }

    fn all(&self, key: &str) -> Vec<String> {
        vec!["GET".to_owned(), format!("/lists/{key}")]
    }

    fn values(&self, answer: &Reply) -> Option<Vec<String>> {
        Some(answer.text()?.split_whitespace().map(str::to_owned).collect())
    }
}

inventory::submit! { Registered(&Stub) }
