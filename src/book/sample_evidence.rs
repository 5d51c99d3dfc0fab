//! The sample library's evidence: what a runner would have recorded. For tests only.

use super::library::{ScenarioText, StepText};
use super::sample::{NASTY, failover, minority};
use crate::record::evidence::NodeRecord;
use crate::record::{Control, Entry, Evidence, Failure, Kind, NodeSnapshot, ScenarioRecord, ServerRecord, StepRecord, StepStatus, Verdict};

/// The passed evidence of [`failover`].
pub fn failover_passed(server: &str, version: &str) -> Evidence {
    use StepStatus::Passed;
    let role = |node, value, from, to| entry(node, Kind::Role, "role", value, from, to);
    let event = |node, name, value, at| entry(node, Kind::Event, name, value, at, at);
    let text = failover();
    let seen = [
        ("given", Passed, 0, 2100, Some("1 master, 2 replicas, 3 Sentinels; formed in 1.4 s")),
        ("when", Passed, 2100, 60, Some("refuses connections after 0.02 s")),
        ("when", Passed, 2160, 1700, Some("replica-2 after 1.7 s")),
        ("when", Passed, 3860, 110, Some("answers after 0.11 s")),
        ("then", Passed, 3970, 10_630, Some("replica of replica-2 after 10.6 s")),
    ];
    let mut evidence = evidence("features/sentinel/failover.feature", &text, server, version, Verdict::Passed, steps(&text.steps, &seen));
    evidence.scenario.duration_ms = 14_600;
    evidence.window_ms = Some((3860, 3970));
    evidence.timeline = vec![
        role("master", "master", 0, 2110),
        entry("master", Kind::Fault, "killed", "SIGKILL", 2120, 3900),
        role("master", "silent", 2140, 3940),
        role("master", "master", 3960, 14_500),
        role("master", "replica", 14_550, 14_600),
        role("replica-1", "replica", 0, 14_600),
        role("replica-2", "replica", 0, 3780),
        role("replica-2", "master", 3820, 14_600),
        event("sentinel-1", "+sdown", "master mymaster 198.18.0.11 6379", 2680),
        event("sentinel-1", "+odown", "master mymaster 198.18.0.11 6379 #quorum 2/2", 2790),
        event("sentinel-1", "+new-epoch", "1", 2791),
        event("sentinel-1", "+try-failover", "master mymaster 198.18.0.11 6379", 2792),
        event("sentinel-1", "+elected-leader", "master mymaster 198.18.0.11 6379", 2860),
        event("sentinel-1", "+selected-slave", "slave 198.18.0.13:6379 198.18.0.13 6379 @ mymaster 198.18.0.11 6379", 2920),
        event("sentinel-1", "+promoted-slave", "slave 198.18.0.13:6379 198.18.0.13 6379 @ mymaster 198.18.0.11 6379", 3800),
        event("sentinel-1", "+switch-master", "mymaster 198.18.0.11 6379 198.18.0.13 6379", 4900),
        event("sentinel-1", "+convert-to-slave", "slave 198.18.0.11:6379 198.18.0.11 6379 @ mymaster 198.18.0.13 6379", 14_500),
        event("sentinel-2", "+sdown", "master mymaster 198.18.0.11 6379", 2700),
        event("sentinel-2", "+vote-for-leader", "5d1e 1", 2800),
        event("sentinel-2", "+config-update-from", "sentinel 5d1e 198.18.0.14 26379 @ mymaster 198.18.0.11 6379", 4930),
        event("sentinel-2", "+switch-master", "mymaster 198.18.0.11 6379 198.18.0.13 6379", 4931),
    ];
    evidence
}

pub fn entry(node: &str, kind: Kind, name: &str, value: &str, first_ms: u64, last_ms: u64) -> Entry {
    Entry { node: Some(node.into()), kind, name: name.into(), value: value.into(), first_ms, last_ms, count: 1 }
}

fn timeline() -> Vec<Entry> {
    let role = |node, value, from, to| entry(node, Kind::Role, "role", value, from, to);
    let event = |node, name, value, at| entry(node, Kind::Event, name, value, at, at);
    vec![
        role("master", "master", 0, 3210),
        role("replica-1", "replica", 0, 10_400),
        role("replica-2", "replica", 0, 10_400),
        role("sentinel-1", "sentinel", 0, 10_400),
        role("sentinel-2", "sentinel", 0, 2900),
        role("sentinel-3", "sentinel", 0, 2950),
        entry("sentinel-2", Kind::Fault, "killed", "SIGKILL", 2930, 2930),
        entry("sentinel-3", Kind::Fault, "killed", "SIGKILL", 2980, 2980),
        role("sentinel-2", "silent", 2960, 10_400),
        role("sentinel-3", "silent", 3010, 10_400),
        entry("master", Kind::Fault, "killed", "SIGKILL", 3230, 3230),
        role("master", "silent", 3260, 10_400),
        event("sentinel-1", "+sdown", "sentinel 7f3a 198.18.0.15 26379 @ mymaster 198.18.0.11 6379", 3520),
        event("sentinel-1", "+sdown", "sentinel 91bc 198.18.0.16 26379 @ mymaster 198.18.0.11 6379", 3560),
        event("sentinel-1", "+sdown", "master mymaster 198.18.0.11 6379", 3810),
        event("sentinel-1", "+odown", "master mymaster 198.18.0.11 6379 #quorum 1/1", 3880),
        event("sentinel-1", "+new-epoch", "1", 3885),
        event("sentinel-1", "+try-failover", "master mymaster 198.18.0.11 6379", 3890),
        event("sentinel-1", "+vote-for-leader", "5d1e 1", 3900),
        event("sentinel-1", "-failover-abort-not-elected", "master mymaster 198.18.0.11 6379", 6350),
        entry("replica-1", Kind::Value, "master_link_status", "down", 3300, 10_400),
        entry("replica-2", Kind::Value, "master_link_status", "down", 3310, 10_400),
    ]
}

pub fn steps(texts: &[StepText], seen: &[(&str, StepStatus, u64, u64, Option<&str>)]) -> Vec<StepRecord> {
    let step = |(text, (phase, status, started, duration, observation)): (&StepText, &(&str, StepStatus, u64, u64, Option<&str>))| StepRecord {
        keyword: text.keyword.clone(),
        phase: (*phase).to_owned(),
        text: text.text.clone(),
        line: text.line,
        table: text.table.clone(),
        docstring: text.docstring.clone(),
        status: *status,
        started_ms: *started,
        duration_ms: *duration,
        observation: observation.map(str::to_owned),
        error: None,
        source: Some("src/steps/roles.rs:31".into()),
        words: Vec::new(),
    };
    texts.iter().zip(seen).map(step).collect()
}

/// Evidence of one scenario on one server.
pub fn evidence(feature: &str, text: &ScenarioText, server: &str, version: &str, verdict: Verdict, steps: Vec<StepRecord>) -> Evidence {
    let node = |(name, role, last): (&str, &str, u8)| NodeRecord { name: name.into(), role: role.into(), address: format!("198.18.0.{last}:6379") };
    Evidence {
        schema: 1,
        run: "20260301T120000Z-1a2b".into(),
        started: "2026-03-01T12:00:07Z".into(),
        scenario: ScenarioRecord {
            feature: feature.into(),
            line: text.line,
            rule: None,
            name: text.name.clone(),
            slug: text.slug.clone(),
            server: server.into(),
            verdict,
            reason: None,
            control: Control::Caught,
            unnoticed: Vec::new(),
            control_reason: None,
            attempts: 1,
            earlier: Vec::new(),
            text_hash: text.text_hash.clone(),
            duration_ms: 10_450,
            overhead_ms: 310,
            timings: Default::default(),
            slow: false,
            interrupted: false,
            tags: Vec::new(),
            claims: text.claims.clone(),
            stress: None,
            evidence: None,
            failure: None,
        },
        server_build: ServerRecord {
            name: server.into(),
            image: format!("{}:{version}", server.split('-').next().unwrap_or(server)),
            image_id: "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945".into(),
            route: "local".into(),
            version: version.into(),
            build_id: "a3fdef44459b3ad6".into(),
            ..ServerRecord::default()
        },
        topology: Some("sentinel".into()),
        nodes: [
            ("master", "master", 11),
            ("replica-1", "replica", 12),
            ("replica-2", "replica", 13),
            ("sentinel-1", "sentinel", 21),
            ("sentinel-2", "sentinel", 22),
            ("sentinel-3", "sentinel", 23),
        ]
        .map(node)
        .to_vec(),
        steps,
        window_ms: Some((3200, 3270)),
        timeline: timeline(),
        stalls: Vec::new(),
        client: None,
        exchanges: Vec::new(),
        snapshots: Vec::new(),
    }
}

/// The passed evidence of [`minority`].
pub fn minority_passed(server: &str, version: &str) -> Evidence {
    use StepStatus::Passed;
    let text = minority();
    let seen = [
        ("given", Passed, 0, 2400, Some("1 master, 2 replicas, 3 Sentinels; formed in 1.6 s")),
        ("when", Passed, 2900, 180, Some("both refuse connections")),
        ("when", Passed, 3200, 70, Some("refuses connections after 0.03 s")),
        ("then", Passed, 3270, 620, Some("+odown after 0.6 s, #quorum 1/1")),
        ("then", Passed, 3890, 2470, Some("-failover-abort-not-elected after 3.1 s")),
        ("then", Passed, 6360, 2910, Some("replica-1 and replica-2 stayed replicas for 6.0 s")),
    ];
    evidence("features/sentinel/quorum.feature", &text, server, version, Verdict::Passed, steps(&text.steps, &seen))
}

/// Evidence that failed, with everything a failure can carry.
pub fn minority_failed(server: &str, version: &str) -> Evidence {
    let mut failed = minority_passed(server, version);
    failed.scenario.verdict = Verdict::Failed;
    failed.steps[4].status = StepStatus::Failed;
    failed.steps[4].observation = None;
    failed.steps[4].error = Some(Failure {
        message: "replica-1 became master after 2.2 s".into(),
        kind: "assertion".into(),
        expected: Some("-failover-abort-not-elected".into()),
        actual: Some(NASTY.into()),
        seen: vec!["replica-1 role=slave 0.0 s ... 1.9 s".into(), "role=master 2.2 s".into()],
    });
    failed.steps[5].status = StepStatus::Skipped;
    failed.steps[5].observation = None;
    failed.snapshots =
        vec![NodeSnapshot { node: "replica-1".into(), state: "running".into(), answers: vec![("ROLE".into(), NASTY.repeat(200))], log: None }];
    failed
}
