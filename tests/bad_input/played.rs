//! A record of one scenario in which every field says something: what is made strange in it is up to the tests.

use rehearsal::record::Timings;
use serde_json::{Value, json};

fn scenario() -> Value {
    json!({"feature": "features/a/a.feature", "line": 9, "rule": "A rule", "name": "A", "slug": "one", "server": "redis-7.0", "verdict": "failed",
        "reason": "why", "control": "missed", "unnoticed": ["the master is killed"], "control_reason": "x", "attempts": 2,
        "earlier": [{"verdict": "failed", "duration_ms": 5, "failure": [9, "x"], "evidence": "attempts/a.a.one@redis-7.0.1.json"}],
        "text_hash": "aa", "duration_ms": 9000, "overhead_ms": 100, "timings": Timings::default(), "slow": true, "tags": ["a"], "claims": ["SENT-MAJORITY"],
        "stress": {"passed": 1, "played": 2}, "evidence": "scenarios/a.a.one@redis-7.0.json", "failure": [12, "it did not"]})
}

fn server() -> Value {
    json!({"name": "redis-7.0", "image": "redis:7.0.15", "image_id": "sha256:ab", "route": "local", "version": "7.0.15", "build_id": "ab", "capabilities": ["x"],
        "append": ["maxmemory 1"], "asked": {"image": "redis:7.0.15", "debian": "bookworm", "package": "redis"},
        "executable": {"binary": {"path": "a/b", "sha256": "ab"}}})
}

/// The index of a run.
pub fn record() -> Value {
    json!({"schema": 1, "run": "20260102T030405-1", "started": "2026-01-02T03:04:05Z", "finished": "2026-01-02T03:05:05Z", "rehearsal": "0.1.0",
        "host": {"os": "linux", "cpus": 2, "memory_mib": 4096, "engine": "20"}, "preparation_ms": 7, "servers": [server()], "scenarios": [scenario()],
        "planned": [{"server": "redis-7.0", "scenarios": ["a/a#one", "a/a#two"]}], "interrupted": "SIGINT", "shuffle": 5, "shard": "1/2", "joined": ["x"],
        "flaky_fails": true})
}

/// Evidence with everything in it.
pub fn evidence() -> Value {
    let step = |keyword: &str, phase: &str, status: &str, at: u64| {
        json!({"keyword": keyword, "phase": phase, "text": "the master is killed", "line": 12, "table": [["a", "b"], ["c", "d"]], "docstring": "x\ny", "status": status,
            "started_ms": at, "duration_ms": 500, "observation": "after 0.6 s", "source": "src/steps/roles.rs:31"})
    };
    let mut failed = step("Then", "then", "failed", 4000);
    failed["error"] = json!({"message": "it did not", "kind": "limit", "expected": "a", "actual": "b", "seen": ["a 0.1 s", "b 0.2 s"]});
    let entry = |node: &str, kind: &str, name: &str, value: &str, first: u64, last: u64| json!({"node": node, "kind": kind, "name": name, "value": value, "first_ms": first, "last_ms": last, "count": 3});
    let node = |name: &str, role: &str, n: u64| json!({"name": name, "role": role, "address": format!("198.18.0.1{n}:6379")});
    let mut whole = scenario();
    let more = json!({"schema": 1, "run": "20260102T030405-1", "started": "2026-01-02T03:04:05Z", "server_build": server(), "topology": "sentinel",
        "nodes": [node("master", "master", 1), node("replica-1", "replica", 2), node("sentinel-1", "sentinel", 3)],
        "steps": [step("Given", "given", "passed", 0), step("When", "when", "passed", 3000), failed, step("And", "then", "skipped", 5000)],
        "window_ms": [3000, 3100],
        "timeline": [entry("master", "role", "role", "master", 0, 3000), entry("master", "fault", "killed", "SIGKILL", 3010, 8000),
            entry("master", "role", "role", "silent", 3050, 8000), entry("replica-1", "role", "role", "replica", 0, 5000), entry("replica-1", "role", "role", "master", 5050, 9000),
            entry("sentinel-1", "event", "+sdown", "master mymaster 198.18.0.11 6379", 3500, 3500),
            entry("sentinel-1", "event", "+odown", "master mymaster 198.18.0.11 6379 #quorum 1/1", 3600, 3600),
            entry("sentinel-1", "event", "+elected-leader", "master mymaster 198.18.0.11 6379", 4000, 4000),
            entry("sentinel-1", "event", "+switch-master", "mymaster 198.18.0.11 6379 198.18.0.12 6379", 5100, 5100),
            entry("replica-1", "value", "offset", "17", 0, 9000)],
        "stalls": [{"at_ms": 100, "lasted_ms": 900}],
        "client": {"through": "the Sentinels", "every_ms": 10, "started_ms": 1000, "stopped_ms": 9000, "counted_from_ms": 3000, "writes": 800, "acknowledged": 600, "refused": 100,
            "unanswered": 100, "reads": 50, "stale": 2, "first_acknowledged_ms": 1001, "last_acknowledged_ms": 8999, "longest_gap_ms": [3000, 5100], "gap_shard": "node-1",
            "errors": [["READONLY", 20]], "late_ms": 3, "found": {"on": "replica-1", "lost": 3, "lost_ms": [2990, 3000], "duplicated": 0, "unacknowledged": 1},
            "slice_ms": 1000, "slices": [[100, 0], [100, 0], [0, 100], [50, 50]], "calls": "logs/calls.ndjson"},
        "exchanges": [{"at_us": 3000000, "from": "replica-1", "to": "master", "text": "PSYNC ? -1", "count": 1, "connection": 1},
            {"at_us": 3000500, "from": "master", "to": "replica-1", "text": "(snapshot, 175 bytes)", "count": 2, "connection": 1}],
        "snapshots": [{"node": "master", "state": "exited (137)", "answers": [["ROLE", "x"]], "log": "logs/a.log"}]});
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    whole
}
