//! Tables of the project's topologies, and what becomes of the nodes.

use super::*;
use crate::topology::Variables;
use crate::topology::servers::Catalogue;

fn topology(name: &str) -> Topology {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("compose/{name}.yml"));
    Topology::load(&path, &Variables::default()).unwrap()
}

fn parse(name: &str, rows: &[(&str, &str)]) -> Result<Settings, String> {
    let rows: Vec<_> = rows.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    Settings::parse(&rows, &topology(name))
}

fn applied(name: &str, rows: &[(&str, &str)]) -> Topology {
    parse(name, rows).unwrap().apply(topology(name))
}

fn command(topology: &Topology, node: &str) -> String {
    topology.node(node).unwrap().command.join(" ")
}

#[test]
fn a_servers_directive_goes_to_all_servers_and_no_sentinel() {
    let topology = applied("sentinel", &[("min-replicas-to-write", "1")]);
    for node in ["master", "replica-1", "replica-2"] {
        assert!(command(&topology, node).ends_with("--min-replicas-to-write 1"), "{node}");
    }
    assert_eq!(topology.node("sentinel-1").unwrap(), self::topology("sentinel").node("sentinel-1").unwrap());
}

#[test]
fn a_sentinels_setting_goes_to_all_sentinels() {
    let topology = applied("sentinel", &[("quorum", "1"), ("down-after-milliseconds", "500"), ("failover-timeout", "2000")]);
    for node in ["sentinel-1", "sentinel-3"] {
        let content = &topology.node(node).unwrap().files[0].content;
        assert!(content.contains("sentinel monitor mymaster 198.18.0.11 6379 1\n"));
        assert!(content.contains("sentinel down-after-milliseconds mymaster 500\n"));
        assert!(content.contains("sentinel failover-timeout mymaster 2000\n"));
    }
    assert_eq!(command(&topology, "master"), command(&self::topology("sentinel"), "master"));
}

#[test]
fn the_narrowest_wins_wherever_it_stands() {
    let topology = applied("replication", &[("replica-1.replica-priority", "10"), ("replica.replica-priority", "50"), ("replica-priority", "90")]);
    assert!(command(&topology, "replica-1").ends_with("--replica-priority 90 --replica-priority 50 --replica-priority 10"));
    assert!(command(&topology, "replica-2").ends_with("--replica-priority 90 --replica-priority 50"));
    assert!(command(&topology, "master").ends_with("--replica-priority 90"));
}

#[test]
fn a_sentinel_gets_a_shared_directive_when_asked_for() {
    let topology = applied("sentinel", &[("sentinel-2.loglevel", "debug")]);
    assert!(topology.node("sentinel-2").unwrap().files[0].content.ends_with("loglevel debug\n"));
}

#[test]
fn values_are_words() {
    let topology = applied("standalone", &[("save", "900 1"), ("requirepass", "\"two words\""), ("appendfilename", "")]);
    let command = &topology.node("master").unwrap().command;
    assert_eq!(command[command.len() - 7..], ["--save", "900", "1", "--requirepass", "two words", "--appendfilename", ""]);
}

#[test]
fn what_is_wrong_is_said_with_the_nearest_right_word() {
    let error = |name, key, value| parse(name, &[(key, value)]).unwrap_err();
    assert_eq!(
        error("sentinel", "down-after-millisecond", "1"),
        "unknown directive `down-after-millisecond`; did you mean `down-after-milliseconds`?"
    );
    assert_eq!(error("sentinel", "apendonly", "yes"), "unknown directive `apendonly`; did you mean `appendonly`?");
    assert_eq!(
        error("sentinel", "replca-1.appendonly", "yes"),
        "the \"sentinel\" topology has no node or role `replca-1`; did you mean `replica-1`?"
    );
    assert_eq!(error("replication", "quorum", "1"), "`quorum` is for a Sentinel, and the \"replication\" topology has none");
    assert_eq!(error("sentinel", "master.quorum", "1"), "`quorum` is a Sentinel's setting, and `master` is a server");
    assert_eq!(error("sentinel", "quorum", "two"), "`quorum` is a number of Sentinels, not `two`");
    assert_eq!(error("sentinel", "port", "7000"), "`port` is decided by the topology and cannot be set");
    assert_eq!(error("standalone", "save", "\"900 1"), "a quote in the value of `save` is not closed");
}

#[test]
fn a_server_that_does_not_know_a_directive_says_so() {
    let catalogue = Catalogue::parse(include_str!("../../compose/servers.toml"), "compose/servers.toml").unwrap();
    let settings = parse("replication", &[("dual-channel-replication-enabled", "yes")]).unwrap();
    assert_eq!(settings.known_to(catalogue.get("valkey-8.1").unwrap()), Ok(()));
    let refused = settings.known_to(catalogue.default_server());
    assert_eq!(refused, Err("redis 7.0.15 does not know the directive `dual-channel-replication-enabled`".to_owned()));
}

#[test]
fn what_a_server_appends_may_go_to_some() {
    let append = ["replica-1.appendonly yes", "replica.maxmemory 1mb", "sentinel-2.quorum 9", "node-3.appendonly yes"].map(str::to_owned);
    let topology = apply_append(&append, topology("sentinel"));
    assert!(command(&topology, "replica-1").ends_with("--appendonly yes --maxmemory 1mb"));
    assert!(command(&topology, "replica-2").ends_with("--maxmemory 1mb") && !command(&topology, "replica-2").contains("--appendonly yes"));
    assert!(!command(&topology, "master").contains("maxmemory 1mb"));
    let quorum = |node: &str| topology.node(node).unwrap().files[0].content.contains("6379 9\n");
    assert!(quorum("sentinel-2") && !quorum("sentinel-1"));
}

#[test]
fn what_a_server_appends_comes_last() {
    let topology = applied("sentinel", &[("appendonly", "yes"), ("quorum", "1")]);
    let append = ["appendonly no".to_owned(), "sentinel quorum 3".to_owned(), "sentinel failover-timeout 60000".to_owned()];
    let topology = apply_append(&append, topology);
    assert!(command(&topology, "replica-1").ends_with("--appendonly yes --appendonly no"));
    let content = &topology.node("sentinel-1").unwrap().files[0].content;
    assert!(content.contains("sentinel monitor mymaster 198.18.0.11 6379 3\n") && content.contains("sentinel failover-timeout mymaster 60000\n"));
}

#[test]
fn a_gate_that_a_server_does_not_have_is_open() {
    let catalogue = Catalogue::parse(include_str!("../../compose/servers.toml"), "compose/servers.toml").unwrap();
    let settings = parse("standalone", &[("enable-debug-command", "yes"), ("appendonly", "yes")]).unwrap();
    let on = |server: &str| {
        let topology = settings.clone().for_server(catalogue.get(server).unwrap()).apply(topology("standalone"));
        command(&topology, "master")
    };
    assert!(on("redis-7.0").ends_with("--enable-debug-command yes --appendonly yes"));
    assert!(on("redis-6.0").ends_with("--appendonly yes") && !on("redis-6.0").contains("enable-debug-command"));
    assert_eq!(settings.known_to(catalogue.get("redis-6.0").unwrap()), Ok(()));
}
