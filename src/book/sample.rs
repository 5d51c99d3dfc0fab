//! A small library with everything a page has to cope with: for tests, and for looking at the book without playing anything.

use super::library::{ClaimRow, FeatureText, Library, RuleText, ScenarioText, StepText};
use crate::record::evidence::NodeRecord;
use crate::record::{Control, Entry, Evidence, Failure, Kind, NodeSnapshot, ScenarioRecord, ServerRecord, StepRecord, StepStatus, Verdict};

/// Text nobody should trust.
pub const NASTY: &str = "<script>alert(1)</script>\n\n\n{{#include /etc/passwd}} & \"ünïcode\" 漢字 `x`";

pub fn step(keyword: &str, text: &str) -> StepText {
    StepText { keyword: keyword.into(), text: text.into(), ..StepText::default() }
}

fn rows(rows: &[[&str; 2]]) -> Vec<Vec<String>> {
    rows.iter().map(|r| r.iter().map(|c| (*c).to_owned()).collect()).collect()
}

fn scenario(slug: &str, name: &str, steps: Vec<StepText>) -> ScenarioText {
    ScenarioText {
        name: name.into(),
        slug: slug.into(),
        line: 17,
        claims: vec!["SENT-QUORUM-IS-AUTH".into(), "SENT-MAJORITY".into()],
        text_hash: format!("hash-{slug}"),
        steps,
        has_fault: true,
        ..ScenarioText::default()
    }
}

/// The minority that declares a master down and elects nobody.
pub fn minority() -> ScenarioText {
    let mut given = step("Given", "the \"sentinel\" topology with");
    given.table = rows(&[["quorum", "1"], ["down-after-milliseconds", "500"], ["failover-timeout", "2000"]]);
    scenario(
        "a-minority-elects-nobody",
        "A minority of the Sentinels declares the master down but elects nobody",
        vec![
            given,
            step("When", "\"sentinel-2\" and \"sentinel-3\" are killed"),
            step("And", "the master is killed"),
            step("Then", "within 3 seconds \"sentinel-1\" reports \"+odown\" with \"#quorum 1/1\""),
            step("And", "within 6 seconds \"sentinel-1\" reports \"-failover-abort-not-elected\""),
            step("And", "for 6 seconds no replica becomes master"),
        ],
    )
}

/// A scenario with text that would break a careless page.
pub fn nasty() -> ScenarioText {
    let mut given = step("Given", "a node that answers");
    given.docstring = Some(NASTY.into());
    let mut scenario =
        scenario("nasty", "A <b>name</b> with {{#matrix}} and *stars*", vec![given, step("Then", "\"{{#title x}}\" is 10 seconds <i>late</i>")]);
    scenario.prose = "Prose with `code` and {{#include /etc/passwd}}.".into();
    scenario
}

/// Two features: the usual one and one that was never played.
pub fn features() -> Vec<FeatureText> {
    let majority = scenario(
        "a-majority-elects",
        "A majority of the Sentinels elects a leader, which promotes a replica",
        vec![
            step("Given", "the \"sentinel\" topology"),
            step("When", "the master is killed"),
            step("Then", "within 10 seconds a replica becomes master"),
        ],
    );
    let rule = |name: &str, scenarios| RuleText {
        name: Some(name.into()),
        prose: "The quorum *declares*, the majority **decides**.".into(),
        source: vec!["https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/".into(), "javascript:alert(1)".into()],
        scenarios,
    };
    let unplayed = scenario("never", "Never played", vec![step("Given", "the \"cluster\" topology"), step("Then", "nothing")]);
    vec![
        FeatureText {
            path: "features/sentinel/quorum.feature".into(),
            key: "sentinel/quorum".into(),
            name: "Quorum and majority".into(),
            prose: "Two numbers decide a failover, and they are not the same number.".into(),
            background: Vec::new(),
            rules: vec![
                rule("Reaching the quorum is not enough to fail over", vec![minority(), majority]),
                rule("Text <of> servers is {{shown}} as text", vec![nasty()]),
            ],
        },
        FeatureText {
            path: "features/cluster/moved.feature".into(),
            key: "cluster/moved".into(),
            name: "Redirection".into(),
            rules: vec![RuleText { scenarios: vec![unplayed], ..RuleText::default() }],
            ..FeatureText::default()
        },
    ]
}

fn entry(node: &str, kind: Kind, name: &str, value: &str, first_ms: u64, last_ms: u64) -> Entry {
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
        event("sentinel-1", "+sdown", "sentinel 7f3a 198.18.0.22 26379 @ mymaster 198.18.0.11 6379", 3520),
        event("sentinel-1", "+sdown", "sentinel 91bc 198.18.0.23 26379 @ mymaster 198.18.0.11 6379", 3560),
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

fn steps(texts: &[StepText], seen: &[(&str, StepStatus, u64, u64, Option<&str>)]) -> Vec<StepRecord> {
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
            attempts: 1,
            text_hash: text.text_hash.clone(),
            duration_ms: 10_450,
            overhead_ms: 310,
            tags: Vec::new(),
            claims: text.claims.clone(),
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

/// The whole library: played, failed, unknown, not applicable, changed, never played.
pub fn library() -> Library {
    let features = features();
    let mut nasty_evidence = evidence("features/sentinel/quorum.feature", &nasty(), "redis-7.0", "7.0.15", Verdict::Unknown, {
        let text = nasty();
        steps(&text.steps, &[("given", StepStatus::Passed, 0, 20, Some(NASTY)), ("then", StepStatus::Unknown, 30, 70_000, None)])
    });
    nasty_evidence.scenario.reason = Some("the host did not schedule us for 900 ms".into());
    nasty_evidence.window_ms = None;
    let mut absent = minority_passed("valkey-8.1", "8.1.1");
    absent.scenario.verdict = Verdict::NotApplicable;
    absent.scenario.reason = Some("needs redis-7.0 or later".into());
    let mut changed = minority_passed("redis-7.0", "7.0.15");
    changed.scenario.slug = "a-majority-elects".into();
    changed.scenario.text_hash = "an older text".into();
    let all = [minority_passed("redis-7.0", "7.0.15"), minority_failed("redis-8.0", "8.0.2"), nasty_evidence, absent, changed];
    let claim = |id: &str, claim: &str, verdict: &str, truth: Option<&str>, status: &str, scenarios: &[&str]| ClaimRow {
        id: id.into(),
        system: "sentinel".into(),
        claim: claim.into(),
        verdict: verdict.into(),
        truth: truth.map(str::to_owned),
        status: status.into(),
        scenarios: scenarios.iter().map(|s| (*s).to_owned()).collect(),
    };
    Library {
        features,
        evidence: all.into_iter().map(|e| ((e.scenario.text_hash.clone(), e.scenario.server.clone()), e)).collect(),
        servers: ["redis-7.0", "redis-6.2", "redis-8.0", "valkey-8.1"].map(str::to_owned).to_vec(),
        claims: vec![
            claim(
                "SENT-QUORUM-IS-AUTH",
                "quorum N is the number that must agree to carry out the failover.",
                "imprecise",
                Some("Quorum only declares ODOWN; the leader needs max(`quorum`, majority) votes."),
                "corrected",
                &["sentinel/quorum#a-minority-elects-nobody", "gone/away#x"],
            ),
            claim(
                "SENT-MAJORITY",
                "The leader needs at least half plus one.",
                "correct",
                None,
                "proved",
                &["sentinel/quorum#a-minority-elects-nobody"],
            ),
            claim("SENT-ODD", "<b>An odd count</b> {{#saves}} a node", "correct", None, "untested", &[]),
        ],
        repository: None,
    }
}
