//! A small library with everything a page has to cope with: for tests, and for looking at the book without playing anything.

use super::library::{BrokenRow, ClaimRow, FeatureText, Library, RuleText, ScenarioText, StepText};
use super::sample_evidence::{evidence, failover_passed, minority_failed, minority_passed, steps};
use crate::record::{StepStatus, Verdict};

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
    given.topology_sets = vec![("failover-timeout".into(), "5000".into()), ("parallel-syncs".into(), "<1>".into())];
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

/// A whole failover, after which the old master comes back.
pub fn failover() -> ScenarioText {
    let mut text = scenario(
        "the-old-master-comes-back-as-a-replica",
        "The old master comes back as a replica of the one that took its place",
        vec![
            step("Given", "the \"sentinel\" topology"),
            step("When", "the master is killed"),
            step("And", "within 10 seconds a replica becomes master"),
            step("And", "\"master\" is started again"),
            step("Then", "within 20 seconds \"master\" becomes a replica"),
        ],
    );
    text.claims = vec!["SENT-OLD-MASTER".into()];
    text
}

/// Three features: the usual one, a whole failover, and one that was never played.
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
            path: "features/sentinel/failover.feature".into(),
            key: "sentinel/failover".into(),
            name: "Failover".into(),
            rules: vec![RuleText {
                name: Some("A master that returns does not take its place back".into()),
                scenarios: vec![failover()],
                ..RuleText::default()
            }],
            ..FeatureText::default()
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
    let all = [
        minority_passed("redis-7.0", "7.0.15"),
        minority_failed("redis-8.0", "8.0.2"),
        nasty_evidence,
        absent,
        changed,
        failover_passed("redis-7.0", "7.0.15"),
        failover_passed("valkey-8.1", "8.1.1"),
    ];
    let claim = |id: &str, claim: &str, verdict: &str, truth: Option<&str>, status: &str, scenarios: &[&str]| ClaimRow {
        id: id.into(),
        system: "sentinel".into(),
        claim: claim.into(),
        verdict: verdict.into(),
        truth: truth.map(str::to_owned),
        status: status.into(),
        untested: None,
        scenarios: scenarios.iter().map(|s| (*s).to_owned()).collect(),
    };
    Library {
        features,
        evidence: all.into_iter().map(|e| ((e.scenario.text_hash.clone(), e.scenario.server.clone()), e)).collect(),
        hosts: Default::default(),
        order: Default::default(),
        clients: Default::default(),
        kept: Default::default(),
        not_applicable: Default::default(),
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
        measures: Vec::new(),
        reshards: Vec::new(),
        broken: vec![
            broken("majority", "a-minority-elects-nobody", "caught", "sentinel-1 reports +elected-leader"),
            broken("majority", "a-majority-elects", "otherwise", "<b>{{#not}}</b> reached"),
            broken("quorum", "a-minority-elects-nobody", "missed", ""),
            broken("timers", "nobody", "unknown", ""),
        ],
        repository: None,
    }
}

fn broken(server: &str, slug: &str, outcome: &str, message: &str) -> BrokenRow {
    BrokenRow {
        server: server.into(),
        what: format!("`{server}` <broken>"),
        how: vec![format!("sentinel {server} 9")],
        scenario: format!("sentinel/quorum#{slug}"),
        outcome: outcome.into(),
        message: message.into(),
        started: if outcome == "unknown" { String::new() } else { "2026-01-02T03:04:05Z".into() },
    }
}
