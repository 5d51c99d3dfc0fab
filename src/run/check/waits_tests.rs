//! What is said of limits below the servers' timers, and that nothing is said of limits that are only tight.

use super::*;
use crate::run::registry::Registry;
use crate::topology::Variables;
use crate::topology::located::Severity;
use cucumber::gherkin::{self, GherkinEnv};

fn topology(name: &str) -> Topology {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("compose").join(format!("{name}.yml"));
    let text = std::fs::read_to_string(path).unwrap();
    Topology::parse(&text, &format!("compose/{name}.yml"), &Variables::default()).unwrap()
}

/// Line, severity and message of every finding; the `Given` is line 3, its table begins in line 4.
fn findings(on: &str, table: &[(&str, &str)], steps: &[&str]) -> Vec<(usize, Severity, String)> {
    let rows: String = table.iter().map(|(key, value)| format!("        | {key} | {value} |\n")).collect();
    let with = if rows.is_empty() { "" } else { " with" };
    let steps: String = steps.iter().map(|step| format!("      {step}\n")).collect();
    let text = format!("Feature: F\n  Scenario: S\n      Given the \"{on}\" topology{with}\n{rows}{steps}");
    let parsed = gherkin::Feature::parse(&text, GherkinEnv::default()).unwrap();
    let feature = Feature::arrange("features/a/b.feature", &text, parsed, &|_| None);
    let mut problems = Vec::new();
    for scenario in feature.scenarios() {
        let registry = Registry::collect();
        let undefined = scenario.steps.iter().find(|step| registry.find(step).is_err());
        assert!(undefined.is_none(), "no step of ours: {}", undefined.unwrap().value);
        check(&feature, scenario, &topology(on), &mut problems);
    }
    problems.into_iter().map(|p| (p.line, p.severity, p.message)).collect()
}

fn messages(on: &str, table: &[(&str, &str)], steps: &[&str]) -> String {
    findings(on, table, steps).into_iter().map(|(_, severity, message)| format!("{severity:?}: {message}")).collect::<Vec<_>>().join("\n")
}

const KILLED: &str = "When the master is killed";

#[test]
fn the_value_comes_from_the_table_the_file_or_the_server() {
    let then = ["Then within 1 second \"sentinel-1\" reports \"+sdown\""];
    let said = |table: &[(&str, &str)]| messages("sentinel", table, &[KILLED, then[0]]);
    let file = said(&[]);
    let line = topology("sentinel").source.lines().position(|line| line.contains("sentinel down-after-milliseconds mymaster")).unwrap() + 1;
    assert_eq!(
        file,
        format!("Error: this cannot be seen within 1 second: down-after-milliseconds of sentinel-1 is 2000 (compose/sentinel.yml:{line})")
    );
    assert_eq!(
        said(&[("quorum", "1"), ("down-after-milliseconds", "3000")]),
        "Error: this cannot be seen within 1 second: down-after-milliseconds of sentinel-1 is 3000 (features/a/b.feature:5)"
    );
    assert_eq!(said(&[("down-after-milliseconds", "500")]), "");
    assert_eq!(said(&[("down-after-milliseconds", "5000"), ("sentinel-1.down-after-milliseconds", "500")]), "", "the narrower row wins");
    let silent = ["When \"replica-1\" is isolated", "Then within 10 seconds the link to the master of \"replica-1\" is \"down\""];
    assert_eq!(
        messages("replication", &[], &silent),
        "Error: this cannot be seen within 10 seconds: repl-timeout of replica-1 is 60 (the default: nothing sets it)"
    );
    assert_eq!(messages("replication", &[("repl-timeout", "5")], &silent), "");
    assert_eq!(messages("replication", &[], &["When the master is killed", silent[1]]), "", "a killed master closes the connection");
    assert_eq!(messages("sentinel", &[], &silent), "", "a failover may move the link");
}

#[test]
fn a_failover_needs_somebody_who_noticed() {
    let slow = [("down-after-milliseconds", "5000"), ("failover-timeout", "4000")];
    for then in [
        "Then within 2 seconds a replica becomes master",
        "Then between 1 and 2 seconds later a replica becomes master",
        "Then within 2 seconds \"sentinel-1\" reports \"+odown\" between 1 and 2 seconds after \"+sdown\"",
        "Then within 2 seconds every Sentinel reports \"+switch-master\"",
        "Then within 2 seconds the new master accepts a write",
        "Then within 8 seconds \"sentinel-1\" reports \"-failover-abort-not-elected\"",
    ] {
        assert_eq!(findings("sentinel", &slow, &[KILLED, then]).len(), 1, "{then}");
    }
    assert_eq!(
        findings("sentinel", &slow, &[KILLED, "Then within 2 seconds the Sentinels report, in order", "| +odown |", "| +switch-master |"]).len(),
        1
    );
    assert!(
        messages(
            "sentinel",
            &[("failover-timeout", "20000")],
            &[KILLED, "Then within 9 seconds \"sentinel-1\" reports \"-failover-abort-not-elected\""]
        )
        .is_empty()
    );
    let one_is_quick = [("down-after-milliseconds", "5000"), ("sentinel-2.down-after-milliseconds", "1000")];
    assert!(findings("sentinel", &one_is_quick, &[KILLED, "Then within 2 seconds a replica becomes master"]).is_empty());
    let cluster = |then| messages("cluster", &[], &["When \"node-3\" is killed", then]);
    assert!(
        cluster("Then within 1 second \"node-6\" becomes master")
            .starts_with("Error: this cannot be seen within 1 second: cluster-node-timeout of node-1 is 2000 (compose/cluster.yml:")
    );
    assert!(cluster("Then within 1 second the cluster state of \"node-1\" is \"fail\"").starts_with("Error"));
    assert_eq!(cluster("Then within 1 second \"node-1\" becomes master"), "", "it is one from the start");
    assert_eq!(cluster("Then within 1 second the cluster state of \"node-1\" is \"ok\""), "");
}

#[test]
fn a_negative_is_held_for_twice_the_detection() {
    let said = |seconds: &str| findings("sentinel", &[], &[KILLED, &format!("Then for {seconds} no replica becomes master")]);
    assert!(
        matches!(said("1 second").as_slice(), [(5, Severity::Error, message)] if message.starts_with("nothing could go wrong for 1 second: down-after"))
    );
    assert!(matches!(said("3 seconds").as_slice(), [(5, Severity::Warning, message)] if message.contains("less than twice")));
    assert!(said("4 seconds").is_empty());
    assert!(matches!(findings("sentinel", &[], &[KILLED, "Then for 1 second no Sentinel reports \"+odown\""]).as_slice(), [(_, Severity::Error, _)]));
    assert!(findings("sentinel", &[], &[KILLED, "Then for 1 second no Sentinel reports \"+tilt\""]).is_empty(), "no timer of ours");
}

#[test]
fn what_may_have_begun_before_or_otherwise_is_left_alone() {
    let then = "Then within 1 second \"sentinel-1\" reports \"+sdown\"";
    for steps in [
        &[KILLED, "And 2 seconds pass", then][..],
        &["When \"sentinel-2\" is paused for 3 seconds", "And the master is killed", then],
        &["When \"replica-1\" is killed", "Then \"replica-2\" is a replica", KILLED, then],
        &["When a client sends \"SENTINEL FAILOVER mymaster\" to \"sentinel-1\"", "And the master is killed", then],
        &["And a client sends \"SENTINEL SET mymaster down-after-milliseconds 100\" to every Sentinel", KILLED, then],
        &["When the clock of \"sentinel-1\" jumps 60 seconds ahead", "And the master is killed", then],
        &["When \"replica-2\" stops replicating", "Then within 1 second \"replica-2\" becomes master"],
    ] {
        assert!(findings("sentinel", &[], steps).is_empty(), "{steps:?}");
    }
}

#[test]
fn tilt_mode_takes_its_period() {
    let paused = "When \"sentinel-1\" is paused for 3 seconds";
    let then = "Then within 8 seconds \"sentinel-1\" reports \"-tilt\"";
    assert_eq!(
        messages("lone-master", &[], &[paused, then]),
        "Error: this cannot be seen within 8 seconds: tilt-period of sentinel-1 is 30000 (the default: nothing sets it)"
    );
    assert!(findings("lone-master", &[], &["And the Sentinel timers", "| tilt-period | 2000 |", paused, then]).is_empty());
}
