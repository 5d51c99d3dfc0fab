//! Sessions as drafts: what was seen comes out as sentences that exist, and `check` has nothing to say.

use super::*;
use crate::hand::journal::{Deed, Line};
use crate::run::check;
use crate::run::project::Project;
use crate::topology::{Variables, built_in};
use std::collections::BTreeMap;

fn topology(name: &str) -> Topology {
    built_in::carried(name, &Variables::default()).unwrap()
}

fn up(name: &str, rows: &[(&str, &str)]) -> Line {
    let rows = rows.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Line { began: 0, ended: 3_000, deed: Deed::Up { topology: name.to_owned(), rows, server: "redis-7.0".to_owned() } }
}

fn inject(at: i64, fault: &str, node: &str, said: &str) -> Line {
    let deed = Deed::Inject { fault: fault.to_owned(), nodes: vec![node.to_owned()], said: said.to_owned(), millis: 0, span: None };
    Line { began: at, ended: at + 100, deed }
}

fn heal(at: i64, fault: &str, node: &str) -> Line {
    Line { began: at, ended: at + 100, deed: Deed::Heal { node: node.to_owned(), fault: fault.to_owned(), millis: 0 } }
}

fn command(at: i64, line: &str, reply: &str, error: bool) -> Line {
    let words = crate::topology::words::split(line).unwrap();
    let deed = Deed::Command { node: "master".to_owned(), said: "\"master\"".to_owned(), words, reply: Some(reply.to_owned()), error };
    Line { began: at, ended: at + 10, deed }
}

fn look(at: i64, roles: &[(&str, &str)]) -> Line {
    let roles: BTreeMap<String, String> = roles.iter().map(|(node, role)| ((*node).to_owned(), (*role).to_owned())).collect();
    Line { began: at, ended: at, deed: Deed::Look { roles } }
}

fn event(at: i64, name: &str, text: &str) -> Event {
    Event { at, node: "sentinel-1".to_owned(), name: name.to_owned(), text: text.to_owned() }
}

/// The draft, after `check` found no error in it.
fn checked(lines: &[Line], events: &[Event], topology: &Topology, now: i64) -> String {
    let text = feature(lines, events, topology, now, "hand");
    let root = tempfile::tempdir().unwrap();
    let project = Project::at(root.path().to_owned());
    std::fs::create_dir_all(project.features().join("hand")).unwrap();
    std::fs::write(project.features().join("hand/draft.feature"), &text).unwrap();
    let problems = check::project(&project).problems;
    assert!(problems.is_empty(), "{text}\n{}", problems[0]);
    text
}

#[test]
fn a_failover_and_the_return_of_the_old_master() {
    let topology = topology("sentinel");
    let new = topology.node("replica-2").unwrap().address;
    let lines = [
        up("sentinel", &[("down-after-milliseconds", "1000"), ("sentinel-1.down-after-milliseconds", "2000")]),
        look(9_900, &[("master", "master"), ("replica-1", "replica"), ("replica-2", "replica")]),
        inject(10_000, "killed", "master", "the master"),
        look(14_000, &[("master", "silent"), ("replica-1", "replica"), ("replica-2", "master")]),
        heal(30_000, "killed", "master"),
        look(45_000, &[("master", "replica"), ("replica-1", "replica"), ("replica-2", "master")]),
    ];
    let events = [
        event(11_000, "+sdown", "master mymaster 198.18.0.11 6379"),
        event(11_100, "+odown", "master mymaster 198.18.0.11 6379 #quorum 2/2"),
        event(11_500, "+elected-leader", "master mymaster 198.18.0.11 6379"),
        event(13_000, "+switch-master", &format!("mymaster 198.18.0.11 6379 {new} 6379")),
        event(14_500, "+sdown", "slave 198.18.0.11:6379 198.18.0.11 6379 @ mymaster"),
        event(31_000, "-sdown", "slave 198.18.0.11:6379 198.18.0.11 6379 @ mymaster"),
        event(41_000, "+convert-to-slave", "slave 198.18.0.11:6379 198.18.0.11 6379 @ mymaster"),
    ];
    insta::assert_snapshot!(checked(&lines, &events, &topology, 46_000));
}

#[test]
fn commands_their_replies_and_time() {
    let lines = [
        up("replication", &[]),
        command(4_000, "SET greeting \"hello world\"", "OK", false),
        command(4_500, "GET greeting", "hello world", false),
        command(5_000, "INFO", "# Server", false),
        command(500_000, "SET \"it's both\" x", "OK", false),
        command(501_000, "FOO", "ERR unknown command 'FOO'", true),
    ];
    insta::assert_snapshot!(checked(&lines, &[], &topology("replication"), 510_000));
}

#[test]
fn whoever_has_seen_nothing_is_told_to_say_something() {
    let lines = [up("replication", &[]), inject(3_500, "isolated", "replica-1", "\"replica-1\""), heal(9_000, "isolated", "replica-1")];
    let text = checked(&lines, &[], &topology("replication"), 20_000);
    assert!(text.contains("# nothing was seen to change") && text.contains("Then within 10 seconds \"replica-1\" accepts connections"), "{text}");
    assert!(text.contains("And 6 seconds pass"), "{text}");
    assert!(checked(&lines[..1], &[], &topology("replication"), 20_000).contains("Say here what you expect"));
}

#[test]
fn a_clock_that_jumped_was_wrong_until_it_was_healed() {
    let jump =
        Deed::Inject { fault: CLOCK.to_owned(), nodes: vec!["sentinel-1".to_owned()], said: "\"sentinel-1\"".to_owned(), millis: -2_000, span: None };
    let mut lines = vec![up("sentinel", &[]), Line { began: 5_000, ended: 5_100, deed: jump }];
    assert_eq!(wrong_clocks(&lines, "sentinel-1", 9_000), [(5_000, 9_000, -2_000)]);
    lines.push(Line { began: 7_000, ended: 7_100, deed: Deed::Heal { node: "sentinel-1".to_owned(), fault: CLOCK.to_owned(), millis: -2_000 } });
    assert_eq!(wrong_clocks(&lines, "sentinel-1", 9_000), [(5_000, 7_100, -2_000)]);
    assert!(wrong_clocks(&lines, "sentinel-2", 9_000).is_empty());
    let text = checked(&lines, &[event(6_000, "+tilt", "#tilt mode entered")], &topology("sentinel"), 20_000);
    assert!(text.contains("When the clock of \"sentinel-1\" jumps 2 seconds back") && text.contains("| +tilt |"), "{text}");
}

#[test]
fn what_a_second_sentinel_says_of_the_same_thing_is_not_said_twice() {
    let lines = [up("sentinel", &[]), inject(10_000, "killed", "replica-1", "\"replica-1\""), inject(13_500, "paused", "replica-2", "\"replica-2\"")];
    let of = |replica: &str| format!("slave {replica}:6379 {replica} 6379 @ mymaster 198.18.0.11 6379");
    let other = Event { node: "sentinel-2".to_owned(), ..event(13_900, "+sdown", &of("198.18.0.12")) };
    let events = [event(13_000, "+sdown", &of("198.18.0.12")), other, event(16_000, "+sdown", &of("198.18.0.13"))];
    let count = |events: &[Event]| checked(&lines, events, &topology("sentinel"), 20_000).matches("| +sdown |").count();
    assert_eq!((count(&events), count(&events[..2])), (2, 1));
}
