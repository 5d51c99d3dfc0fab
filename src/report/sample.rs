//! A run with every verdict in it, for the tests of the reports.
//!
//! You are in the right place when a report has to be shown something that no test has shown it yet.

use crate::record::{
    Attempt, Control, Entry, Evidence, Failure, Host, Kind, NodeSnapshot, Planned, RunRecord, SCHEMA, ScenarioRecord, ServerRecord, StepRecord,
    StepStatus, Verdict,
};

/// The text of the features the sample speaks of.
pub fn source(path: &str) -> Option<String> {
    let line = |number: usize, text: &str| format!("{}{text}\n", "\n".repeat(number - 1));
    match path {
        "features/sentinel/quorum.feature" => Some(line(24, "      And for 6 seconds no replica becomes master")),
        "features/cluster/slots.feature" => Some(line(104, "      Then \"node-1\" describes the slots")),
        _ => None,
    }
}

/// The index, and the evidence of the scenarios that did not pass.
pub fn run() -> (RunRecord, Vec<Evidence>) {
    let mut minority =
        scenario("sentinel/quorum", 17, "a minority of the Sentinels declares the master down but elects nobody", "a-minority-elects-nobody");
    minority.verdict = Verdict::Failed;
    minority.control = Control::Caught;
    minority.duration_ms = 9_120;
    minority.failure = Some((24, "replica-1 became master after 2.2 s".to_owned()));
    minority.evidence = Some("scenarios/sentinel.quorum.a-minority-elects-nobody@redis-7.0.json".to_owned());
    let mut majority = scenario("sentinel/quorum", 31, "a majority elects one leader", "a-majority-elects-one-leader");
    majority.duration_ms = 4_210;
    majority.control = Control::Missed;
    majority.unnoticed = vec!["\"sentinel-3\" is killed".to_owned()];
    let mut flaky = scenario("sentinel/quorum", 40, "the loser of an election waits", "the-loser-waits");
    flaky.attempts = 2;
    flaky.earlier = vec![Attempt {
        verdict: Verdict::Failed,
        duration_ms: 2_000,
        failure: Some((44, "no replica became master".to_owned())),
        evidence: "attempts/sentinel.quorum.the-loser-waits@redis-7.0.1.json".to_owned(),
    }];
    flaky.slow = true;
    let mut uncontrolled = scenario("sentinel/quorum", 50, "a term has one leader", "one-leader-a-term");
    uncontrolled.control = Control::Unknown;
    uncontrolled.control_reason = Some("create container: the engine is ending".to_owned());
    let mut ended = scenario("cluster/slots", 130, "a move takes its time", "a-move-takes-time");
    ended.verdict = Verdict::Unknown;
    ended.interrupted = true;
    ended.reason = Some("the run was interrupted".to_owned());
    let mut slots = scenario("cluster/slots", 99, "all 16384 slots are served | by three masters", "slots-are-served");
    slots.verdict = Verdict::Failed;
    slots.server = "redis-8.0".to_owned();
    slots.failure = Some((104, "the reply is not the expected one".to_owned()));
    let mut cut = scenario("cluster/slots", 120, "a cut link is noticed", "a-cut-is-noticed");
    cut.verdict = Verdict::Unknown;
    cut.failure = Some((125, "the fault `isolated` did not bite: node-2 still answers node-1".to_owned()));
    let mut waitaof = scenario("persistence/waitaof", 7, "WAITAOF waits for the disk", "waitaof-waits");
    waitaof.verdict = Verdict::NotApplicable;
    waitaof.reason = Some("holds since redis 7.2; this is redis 7.0.15".to_owned());
    waitaof.duration_ms = 0;

    let mut seen = failure("assertion", "replica-1 became master after 2.2 s");
    seen.seen = vec!["replica-1 role=slave 0.0 s ... 1.9 s, role=master 2.2 s".to_owned(), "replica-2 role=slave 0.0 s ... 6.0 s".to_owned()];
    let mut differs = failure("assertion", "the reply is not the expected one");
    differs.expected = Some("0-5460 node-1\n5461-10922 node-2\n10923-16383 node-3".to_owned());
    differs.actual = Some("0-5460 node-1\n5461-10922 node-4 <b>\n10923-16383 node-3".to_owned());
    let bite = failure("fault", "the fault `isolated` did not bite: node-2 still answers node-1");
    let mut evidence = vec![
        evidence(&minority, 24, "And", "for 6 seconds no replica becomes master", seen, Some("src/steps/roles.rs:31")),
        evidence(&slots, 104, "Then", "\"node-1\" describes the slots", differs, Some("src/steps/cluster.rs:12")),
        evidence(&cut, 125, "When", "\"node-2\" is isolated", bite, None),
    ];
    let told = &mut evidence[0];
    told.window_ms = Some((1_800, 2_000));
    told.steps.splice(0..0, stage());
    told.timeline = timeline();
    told.snapshots = vec![snapshot("master", "exited (137)", "ROLE", "refused"), snapshot("replica-1", "running", "ROLE", "master <1>")];
    let record = RunRecord {
        schema: SCHEMA,
        run: "20260102T030405Z-1".to_owned(),
        started: "2026-01-02T03:04:05Z".to_owned(),
        finished: Some("2026-01-02T03:05:37Z".to_owned()),
        rehearsal: "0.1.0".to_owned(),
        preparation_ms: 0,
        host: Host { os: "linux".to_owned(), cpus: 2, memory_mib: 4096, engine: "20.10.24".to_owned() },
        servers: vec![server("redis-7.0", "7.0.15"), server("redis-8.0", "8.0.2")],
        scenarios: vec![minority, majority, flaky, uncontrolled, slots, cut, ended, waitaof],
        planned: vec![Planned {
            server: "redis-8.0".to_owned(),
            scenarios: std::iter::once("cluster/slots#slots-are-served".to_owned())
                .chain((1..=12).map(|n| format!("cluster/slots#left-{n}")))
                .collect(),
        }],
        interrupted: Some("SIGINT".to_owned()),
        shuffle: Some(4711),
        shard: Some("1/2".to_owned()),
        joined: Vec::new(),
        flaky_fails: false,
    };
    (record, evidence)
}

/// What came before the step that failed.
fn stage() -> [StepRecord; 2] {
    let step = |keyword: &str, phase: &str, text: &str, line: usize| StepRecord {
        keyword: keyword.to_owned(),
        phase: phase.to_owned(),
        text: text.to_owned(),
        line,
        table: Vec::new(),
        docstring: None,
        status: StepStatus::Passed,
        started_ms: 1_800,
        duration_ms: 200,
        observation: None,
        error: None,
        source: None,
        words: Vec::new(),
    };
    let mut given = step("Given", "given", "the \"sentinel\" topology with", 18);
    given.table = vec![vec!["quorum".to_owned(), "1".to_owned()]];
    let mut when = step("When", "when", "the master is killed", 22);
    when.observation = Some("master refuses connections after 0.1 s".to_owned());
    [given, when]
}

fn timeline() -> Vec<Entry> {
    let entry = |node: &str, kind: Kind, name: &str, value: &str, first_ms: u64, last_ms: u64| Entry {
        node: Some(node.to_owned()),
        kind,
        name: name.to_owned(),
        value: value.to_owned(),
        first_ms,
        last_ms,
        count: 2,
    };
    vec![
        entry("replica-1", Kind::Role, "role", "replica", 1_700, 3_900),
        entry("replica-1", Kind::Value, "replication offset", "579", 1_700, 3_900),
        entry("master", Kind::Fault, "killed", "", 1_850, 1_850),
        entry("sentinel-1", Kind::Event, "+odown", "master mymaster 198.18.0.11 6379 #quorum 1/1", 3_600, 3_600),
        entry("replica-1", Kind::Role, "role", "master", 4_200, 5_200),
    ]
}

fn snapshot(node: &str, state: &str, question: &str, answer: &str) -> NodeSnapshot {
    let log = Some(format!("logs/sentinel.quorum.a-minority-elects-nobody@redis-7.0.{node}.log"));
    NodeSnapshot { node: node.to_owned(), state: state.to_owned(), answers: vec![(question.to_owned(), answer.to_owned())], log }
}

fn server(name: &str, version: &str) -> ServerRecord {
    ServerRecord { name: name.to_owned(), image: format!("redis:{version}"), version: version.to_owned(), ..ServerRecord::default() }
}

fn scenario(feature: &str, line: usize, name: &str, slug: &str) -> ScenarioRecord {
    ScenarioRecord {
        feature: format!("features/{feature}.feature"),
        line,
        rule: None,
        name: name.to_owned(),
        slug: slug.to_owned(),
        server: "redis-7.0".to_owned(),
        verdict: Verdict::Passed,
        reason: None,
        control: Control::None,
        unnoticed: Vec::new(),
        control_reason: None,
        attempts: 1,
        earlier: Vec::new(),
        text_hash: "0123456789abcdef".to_owned(),
        duration_ms: 1_730,
        overhead_ms: 310,
        timings: Default::default(),
        slow: false,
        interrupted: false,
        tags: Vec::new(),
        claims: Vec::new(),
        stress: None,
        evidence: None,
        failure: None,
    }
}

fn failure(kind: &str, message: &str) -> Failure {
    Failure { message: message.to_owned(), kind: kind.to_owned(), expected: None, actual: None, seen: Vec::new() }
}

fn evidence(scenario: &ScenarioRecord, line: usize, keyword: &str, text: &str, error: Failure, source: Option<&str>) -> Evidence {
    let step = StepRecord {
        keyword: keyword.to_owned(),
        phase: "then".to_owned(),
        text: text.to_owned(),
        line,
        table: Vec::new(),
        docstring: None,
        status: StepStatus::Failed,
        started_ms: 3_000,
        duration_ms: 2_200,
        observation: None,
        error: Some(error),
        source: source.map(str::to_owned),
        words: Vec::new(),
    };
    Evidence {
        schema: SCHEMA,
        run: "20260102T030405Z-1".to_owned(),
        started: "2026-01-02T03:04:06Z".to_owned(),
        scenario: scenario.clone(),
        server_build: ServerRecord::default(),
        topology: Some("sentinel".to_owned()),
        nodes: Vec::new(),
        steps: vec![step],
        window_ms: None,
        timeline: Vec::new(),
        stalls: Vec::new(),
        client: None,
        exchanges: Vec::new(),
        snapshots: Vec::new(),
    }
}
