//! A system that is none of ours (`systems/stub.rs`), from its topology to its drawing: formed, recorded, failed over, controlled, measured.
//!
//! You are in the right place when a general part decides by which system something is.

use crate::book::{drawing, lanes};
use crate::deployment::fake::{Fake, Said};
use crate::measure::{self, Moments, Setup};
use crate::record::{Control, Entry, Kind, Verdict};
use crate::run::check;
use crate::run::control::Controls;
use crate::run::project::Project;
use crate::run::theatre::*;
use crate::topology::{Topology, Variables};
use crate::wait::Instant;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

/// What the stores have in common: their writes, and since when one of them is gone.
#[derive(Default)]
struct Stores {
    lists: BTreeMap<String, Vec<String>>,
    gone: Option<Instant>,
}

/// Two writers, at .11 and .12, and a reader at .13 that takes over when it has missed three heartbeats.
fn stores(heartbeat: Duration) -> Fake {
    let shared = Mutex::new(Stores::default());
    Fake::new().answering(move |asked| {
        let [method, path] = asked.words else { return None };
        if !path.starts_with('/') {
            return None;
        }
        let mut stores = shared.lock().unwrap();
        stores.gone = (asked.running < 3).then(|| stores.gone.unwrap_or_else(Instant::now));
        let missed = stores.gone.is_some_and(|gone| gone.elapsed() >= heartbeat * 3);
        let role = if asked.node == 13 && !missed { "reader" } else { "writer" };
        let list = path.strip_prefix("/lists/");
        Some(match (method.as_str(), path.as_str(), list) {
            (_, "/health", _) => Said::Text("ok".to_owned()),
            (_, "/status", _) => Said::Text(format!("{{\"role\":\"{role}\",\"revision\":{}}}", stores.lists.values().map(Vec::len).sum::<usize>())),
            (_, "/events", _) if asked.node == 13 && missed => Said::Lines(
                ["missed", "given up", "stood", "took over", "informed"]
                    .map(|event| format!("{{\"event\":\"{event}\",\"about\":\"writer-1\"}}"))
                    .to_vec(),
            ),
            (_, "/events", _) => Said::Lines(Vec::new()),
            ("POST", _, Some(_)) if role == "reader" => Said::Error("read only".to_owned()),
            ("POST", _, Some(list)) => {
                let (key, value) = list.split_once("?append=").unwrap();
                stores.lists.entry(key.to_owned()).or_default().push(value.to_owned());
                Said::Text("done".to_owned())
            }
            ("GET", _, Some(key)) => Said::Text(stores.lists.get(key).map_or(String::new(), |values| values.join(" "))),
            _ => Said::Error("no such path".to_owned()),
        })
    })
}

fn topology(extension: &str) -> String {
    let node = |name: &str, last: u8, role: &str| {
        format!(
            "  {name}:\n    image: ${{REHEARSAL_IMAGE:-redis:7.0.15}}\n    command: store --heartbeat=100\n    networks:\n      data:\n        \
             ipv4_address: ${{REHEARSAL_NET:-198.18.0}}.{last}\n    x-rehearsal: {{ role: {role}{extension} }}\n"
        )
    };
    format!(
        "name: rehearsal-stores\nx-rehearsal: {{ about: Stores., formation: stores }}\nservices:\n{}{}{}networks:\n  data:\n    internal: true\n    \
         ipam:\n      config:\n        - subnet: ${{REHEARSAL_NET:-198.18.0}}.0/24\n",
        node("writer-1", 11, "writer"),
        node("writer-2", 12, "writer"),
        node("reader-1", 13, "reader")
    )
}

fn theatre() -> Theatre {
    let theatre = Theatre::new(stores(Duration::from_millis(100)));
    let folder = theatre.folder.path().join("compose");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("stores.yml"), topology("")).unwrap();
    theatre
}

fn on_stores(name: &str, steps: &[&str]) -> String {
    scenario(name, steps).replace("\"standalone\"", "\"stores\"")
}

const TAKES_OVER: &[&str] = &[
    "And a client writes every 20 milliseconds through whichever node is writer",
    "When \"writer-1\" is killed",
    "And 1 second passes",
    "And the client stops",
    "Then within 5 seconds \"reader-1\" becomes writer",
    "And within 5 seconds \"reader-1\" reports \"took over\" with \"writer-1\"",
    "And every writer is a writer",
    "And the new writer is a writer",
    "And within 1 second the revision of \"reader-1\" has grown by between 40 and 70",
    "And no acknowledged write is lost",
];

#[test]
fn a_group_is_formed_recorded_and_fails_over_and_its_control_is_caught() {
    let mut theatre = theatre();
    theatre.options.controls = Controls::All;
    let outcome = theatre.play(&[on_stores("takes-over", TAKES_OVER)]);
    assert_eq!(of(&outcome, "takes-over").verdict, Verdict::Passed, "{}", message(&outcome, "takes-over"));
    assert_eq!(of(&outcome, "takes-over").control, Control::Caught);
    let evidence = evidence(&outcome, "takes-over");
    let roles: Vec<(&str, &str)> = evidence.nodes.iter().map(|node| (node.name.as_str(), node.role.as_str())).collect();
    assert_eq!(roles, [("writer-1", "writer"), ("writer-2", "writer"), ("reader-1", "reader")]);
    let seen = |node: &str, kind: Kind| -> Vec<&str> {
        let own = evidence.timeline.iter().filter(|e: &&Entry| e.kind == kind && e.node.as_deref() == Some(node));
        own.map(|e| if kind == Kind::Event { e.name.as_str() } else { e.value.as_str() }).collect()
    };
    assert_eq!(seen("reader-1", Kind::Role), ["reader", "writer"]);
    assert_eq!(seen("writer-1", Kind::Role), ["writer", "silent"]);
    assert_eq!(seen("reader-1", Kind::Event), ["missed", "given up", "stood", "took over", "informed"]);
}

#[test]
fn its_drawing_shows_who_takes_writes() {
    let mut theatre = theatre();
    let outcome = theatre.play(&[on_stores("takes-over", TAKES_OVER)]);
    let picture = lanes::picture(&evidence(&outcome, "takes-over")).expect("something happened");
    let drawing = drawing::svg(&picture, "a", "takes over");
    assert!(drawing.contains("rh-master") && drawing.contains("rh-replica") && drawing.contains("<title>writer</title>"), "{drawing}");
    assert!(drawing.contains("took over"), "a decisive event has its name: {drawing}");
}

#[test]
fn what_a_failed_scenario_keeps_of_a_node_is_its_own_answer() {
    let mut theatre = theatre();
    let outcome = theatre.play(&[on_stores("stays", &["When 1 second passes", "Then \"reader-1\" is a writer"])]);
    assert_eq!(message(&outcome, "stays"), "reader-1 is reader");
    let evidence = evidence(&outcome, "stays");
    let (question, answer) = &evidence.snapshots[2].answers[0];
    assert_eq!((question.as_str(), answer.as_str()), ("GET /status", "{\"role\":\"reader\",\"revision\":0}"));
}

#[test]
fn a_failover_is_measured_by_its_own_timer_and_milestones() {
    let setup = Setup::on("stores").unwrap();
    assert_eq!((setup.timer(), setup.lower_bound_ms(100, |_| true)), ("heartbeat", 310));
    let feature = setup.feature(&[100], 1);
    let mut theatre = theatre();
    let body = feature.split_once("\n\n").unwrap().1.to_owned();
    let outcome = theatre.play(&[body]);
    let slug = measure::plan::slug(100, 1);
    assert_eq!(of(&outcome, &slug).verdict, Verdict::Passed, "{}", message(&outcome, &slug));
    let moments = Moments::of(&evidence(&outcome, &slug), &[]).expect("a failover");
    let from = |at: Option<u64>| at.map(|at| at - moments.killed_ms);
    assert!(from(moments.promoted_ms).is_some_and(|ms| (250..500).contains(&ms)), "{moments:?}");
    assert!(
        moments.detected_ms.is_some() && moments.elected_ms.is_some() && moments.reconfigured_ms.is_some() && moments.elections == 1,
        "{moments:?}"
    );
}

#[test]
fn a_limit_that_its_timer_forbids_is_an_error() {
    let theatre = theatre();
    let features = theatre.folder.path().join("features");
    std::fs::create_dir_all(&features).unwrap();
    let with = |beats: &str, then: &str| {
        let text = format!(
            "Feature: f\n  p\n\n  Scenario: s\n    Given the \"stores\" topology with\n      | heartbeat | {beats} |\n    When \"writer-1\" is killed\n    Then {then}\n"
        );
        std::fs::write(features.join("f.feature"), text).unwrap();
        let found = check::project(&Project::at(theatre.folder.path()));
        found.problems.into_iter().map(|problem| problem.to_string()).filter(|text| text.contains("heartbeat")).collect::<Vec<_>>()
    };
    let impossible = with("1000", "within 2 seconds \"reader-1\" becomes writer");
    assert!(impossible.len() == 1 && impossible[0].contains("3 times heartbeat of reader-1 is 1000"), "{impossible:?}");
    assert_eq!(with("500", "within 2 seconds \"reader-1\" becomes writer"), [""; 0]);
    let impossible = with("1000", "within 2 seconds \"reader-1\" reports \"took over\"");
    assert!(impossible.len() == 1, "{impossible:?}");
}

#[test]
fn a_system_that_nobody_registered_is_named() {
    let read = |text: &str| Topology::parse(text, "compose/stores.yml", &Variables::default()).map_err(|problems| problems[0].to_string());
    assert!(read(&topology(", system: stub")).is_ok());
    let unknown = read(&topology(", system: stup")).unwrap_err();
    assert!(unknown.contains("unknown system `stup`") && unknown.contains("did you mean `stub`?"), "{unknown}");
    let foreign = read(&topology(", system: redis")).unwrap_err();
    assert!(foreign.contains("`writer` is no role of `redis`, but of `stub`"), "{foreign}");
    let nobody = read(&topology("").replace("role: reader", "role: observer")).unwrap_err();
    assert!(nobody.contains("unknown role `observer`"), "{nobody}");
}
