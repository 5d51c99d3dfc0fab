//! Failovers taken apart: by Sentinel, by Cluster, with and without a client.

use super::*;
use crate::record::ClientRecord;
use crate::record::timeline::log;

fn entry(node: &str, kind: Kind, name: &str, value: &str, first_ms: u64, last_ms: u64) -> Entry {
    Entry { node: Some(node.into()), kind, name: name.into(), value: value.into(), first_ms, last_ms, count: 1 }
}

fn event(node: &str, name: &str, value: &str, at: u64) -> Entry {
    entry(node, Kind::Event, name, value, at, at)
}

fn sentinel() -> Evidence {
    let role = |node, value, from, to| entry(node, Kind::Role, "role", value, from, to);
    evidence(vec![
        role("master", "master", 0, 2110),
        entry("master", Kind::Fault, "killed", "", 2100, 2100),
        role("master", "silent", 2140, 9000),
        role("replica-1", "replica", 0, 4650),
        role("replica-1", "master", 4700, 9000),
        event("sentinel-1", "+sdown", "sentinel 7f3a", 1500),
        event("sentinel-2", "+sdown", "master mymaster", 4130),
        event("sentinel-1", "+sdown", "master mymaster", 4140),
        event("sentinel-1", "+odown", "master mymaster #quorum 2/2", 4200),
        event("sentinel-1", "+new-epoch", "1", 4201),
        event("sentinel-1", "+try-failover", "master mymaster", 4201),
        event("sentinel-2", "+new-epoch", "1", 4210),
        event("sentinel-1", "+elected-leader", "master mymaster", 4260),
        event("sentinel-1", "+promoted-slave", "slave x", 5100),
        event("sentinel-2", "+switch-master", "mymaster", 5300),
        event("sentinel-1", "+switch-master", "mymaster", 6100),
    ])
}

fn evidence(timeline: Vec<Entry>) -> Evidence {
    let text = r#"{"schema":1,"run":"r","started":"2026-01-01T00:00:00Z","feature":"f","line":1,"name":"n","slug":"s","server":"x","verdict":"passed","control":"none","attempts":1,"text_hash":"h","duration_ms":1,"overhead_ms":0,"tags":[],"claims":[],"server_build":{"name":"x","image":"","image_id":"","route":"","version":"","build_id":""},"topology":null,"nodes":[],"steps":[],"window_ms":null,"timeline":[]}"#;
    let mut evidence: Evidence = serde_json::from_str(text).expect("a small evidence");
    evidence.timeline = timeline;
    evidence
}

fn call(key: &str, sent_ms: u64, ended_ms: u64, acknowledged: bool) -> Call {
    let outcome = if acknowledged { serde_json::json!("acknowledged") } else { serde_json::json!({"refused": "no"}) };
    Call { kind: "append".into(), key: key.into(), sent_ms, ended_ms, outcome }
}

fn told(moments: &Moments) -> Vec<(String, u64)> {
    moments.spans().into_iter().map(|span| (span.name, span.to_ms - span.from_ms)).collect()
}

#[test]
fn a_failover_by_sentinel_without_a_client() {
    let moments = Moments::of(&sentinel(), &[]).unwrap();
    assert_eq!((moments.killed_ms, moments.elections), (2110, 1), "the last sign of life counts");
    let phases = told(&moments);
    assert_eq!(phases, [("detect".into(), 2020), ("agree".into(), 70), ("elect".into(), 60), ("promote".into(), 440)]);
    assert_eq!(moments.reconfiguration().map(|s| (s.from_ms, s.to_ms)), Some((4700, 6100)), "until the last Sentinel was told");
    assert_eq!(moments.outage_ms(), None);
}

#[test]
fn a_client_bounds_the_outage() {
    let mut with_gap = sentinel();
    with_gap.client = Some(ClientRecord {
        longest_gap_ms: Some((2118, 5200)),
        last_acknowledged_ms: Some(8000),
        through: "the Sentinels".into(),
        ..Default::default()
    });
    let moments = Moments::of(&with_gap, &[]).unwrap();
    assert_eq!((moments.killed_ms, moments.written_ms, moments.outage_ms()), (2118, Some(5200), Some(3082)));
    let calls = [call("a", 2090, 2095, true), call("a", 2100, 2122, true), call("a", 3000, 3001, false), call("a", 5240, 5250, true)];
    let moments = Moments::of(&with_gap, &calls).unwrap();
    assert_eq!((moments.killed_ms, moments.written_ms), (2122, Some(5250)), "single calls tell more than the gap");
}

#[test]
fn a_failover_of_a_cluster_waits_only_for_the_dead_masters_keys() {
    let timeline = vec![
        entry("node-3", Kind::Role, "role", "master", 0, 1990),
        entry("node-3", Kind::Fault, "killed", "", 2000, 2000),
        event("node-1", log::PFAIL, "", 4010),
        event("node-1", log::FAIL, "", 4300),
        event("node-6", log::ELECTION, "", 4900),
        event("node-6", log::WON, "", 4905),
        event("node-6", log::OK, "", 4906),
        event("node-1", log::OK, "", 5010),
    ];
    let calls = [
        call("dead", 1995, 2004, true),
        call("dead", 2100, 4100, false),
        call("other", 3100, 3101, true),
        call("other", 4950, 4951, true),
        call("dead", 4000, 5060, true),
    ];
    let moments = Moments::of(&evidence(timeline.clone()), &calls).unwrap();
    assert_eq!((moments.killed_ms, moments.reconfigured_ms, moments.outage_ms()), (2004, Some(5010), Some(3056)));
    let without_debug: Vec<Entry> = timeline.into_iter().filter(|e| e.name != log::PFAIL).collect();
    let moments = Moments::of(&evidence(without_debug), &[]).unwrap();
    assert_eq!(told(&moments)[0], ("detect, agree".into(), 2300), "a moment that nobody recorded joins two phases");
}

#[test]
fn what_is_no_failover_is_not_taken_apart() {
    let mut by_hand = sentinel();
    by_hand.timeline.retain(|e| e.name != "+odown");
    assert_eq!(Moments::of(&by_hand, &[]), None);
    let mut of_a_replica = sentinel();
    of_a_replica.timeline.iter_mut().filter(|e| e.kind == Kind::Fault).for_each(|e| e.node = Some("replica-2".into()));
    assert_eq!(Moments::of(&of_a_replica, &[]), None);
}

#[test]
fn a_poll_that_misses_its_answer_when_the_fault_begins_hides_nothing() {
    let mut evidence = sentinel();
    evidence.timeline[2].first_ms = 2100;
    assert!(Moments::of(&evidence, &[]).is_some());
    evidence.timeline.insert(1, entry("master", Kind::Fault, "paused", "", 1000, 1000));
    evidence.timeline[1].last_ms = 5000;
    assert_eq!(Moments::of(&evidence, &[]).map(|m| m.killed_ms), Some(2000), "the first fault is the one that counts");
}

#[test]
fn a_journal_is_read_line_by_line() {
    let calls = Call::read(
        "{\"kind\":\"append\",\"number\":0,\"key\":\"written:0\",\"value\":\"0\",\"node\":\"\",\"scheduled_ms\":1,\"sent_ms\":1,\"ended_ms\":3,\"outcome\":\"acknowledged\"}\nno line\n",
    );
    assert_eq!(calls.len(), 1);
    assert!(calls[0].is_acknowledged_write());
}
