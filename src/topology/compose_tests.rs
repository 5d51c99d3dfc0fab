//! Compose files that are wrong in one way each, and what is said about them; the project's own files, which are right.

use super::*;

const GOOD: &str = include_str!("../../compose/sentinel.yml");

fn problems(text: &str) -> String {
    match Topology::parse(text, "compose/x.yml", &Variables::default()) {
        Ok(topology) => format!("no problem: {topology:?}"),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

/// The project's Sentinel topology with one text replaced.
fn broken(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from} is not in the file any more");
    problems(&GOOD.replacen(from, to, 1))
}

#[test]
fn every_topology_of_the_project_is_read() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("compose");
    let topologies = load_all(&dir, &Variables::default()).unwrap();
    let seen: Vec<String> = topologies.iter().map(|t| format!("{} {} {}", t.name, t.formation.name, t.nodes.len())).collect();
    for known in ["cluster cluster 6", "replication replication 3", "sentinel sentinel 6", "standalone none 1"] {
        assert!(seen.iter().any(|topology| topology == known), "{known}: {seen:?}");
    }
    assert_eq!(seen.len(), std::fs::read_dir(&dir).unwrap().flatten().filter(|file| file.path().extension().is_some_and(|e| e == "yml")).count());
    let disk = |name: &str| topologies.iter().find(|t| t.name == name).unwrap().nodes[0].disk;
    assert_eq!((disk("small-disk"), disk("standalone")), (Some(16 << 20), None));
    for topology in &topologies {
        assert!(!topology.about.is_empty(), "{} says nothing about itself", topology.name);
        assert!(topology.nodes.iter().all(|n| n.under_test && n.image == "redis:7.0.15"));
    }
}

#[test]
fn variables_reach_images_addresses_commands_and_files() {
    let variables = Variables { image: Some("valkey/valkey:8.1.1".to_owned()), net: Some("198.18.9".to_owned()) };
    let topology = Topology::parse(GOOD, "compose/sentinel.yml", &variables).unwrap();
    assert_eq!(topology.node("master").unwrap().address.to_string(), "198.18.9.11");
    assert_eq!(topology.node("replica-1").unwrap().image, "valkey/valkey:8.1.1");
    assert!(topology.node("replica-1").unwrap().command.join(" ").contains("--replicaof 198.18.9.11 6379"));
    let sentinel = topology.node("sentinel-1").unwrap();
    assert_eq!(sentinel.port, 26379);
    assert_eq!((sentinel.files[0].target.as_str(), sentinel.files[0].mode), ("/data/sentinel.conf", 0o666));
    assert!(sentinel.files[0].content.contains("sentinel monitor mymaster 198.18.9.11 6379 2"));
    assert!(topology.source.contains("${REHEARSAL_NET:-198.18.0}"));
}

#[test]
fn unknown_keys_have_a_place_and_a_neighbour() {
    insta::assert_snapshot!(broken("    image:", "    imge:"), @r"
    error: service `master` has no image
     --> compose/x.yml:20:3
      = help: `image: ${REHEARSAL_IMAGE:-redis:7.0.15}` takes the server under test
    error: unknown key `imge`
     --> compose/x.yml:21:5
      = help: did you mean `image`?
    ");
}

#[test]
fn nothing_touches_the_host() {
    insta::assert_snapshot!(broken("    networks:\n", "    volumes: [/etc:/etc]\n    networks:\n"), @r"
    error: `volumes` is not accepted in a topology
     --> compose/x.yml:23:5
      = help: nothing a scenario file says may touch the host; put files in through `configs` with `content`
    ");
}

#[test]
fn addresses_are_checked() {
    insta::assert_snapshot!(broken("}.12\n", "}.11\n"), @r"
    error: address 198.18.0.11 is already that of `master`
     --> compose/x.yml:34:9
      = help: every node needs an address of its own
    ");
    insta::assert_snapshot!(broken("ipv4_address: ${REHEARSAL_NET:-198.18.0}.12", "ipv4_address: 10.0.0.12"), @r"
    error: address 10.0.0.12 lies outside the network 198.18.0.0/24
     --> compose/x.yml:34:9
      = help: write it with `${REHEARSAL_NET:-198.18.0}`
    ");
}

#[test]
fn roles_and_formations_are_checked() {
    insta::assert_snapshot!(broken("role: replica", "role: repica"), @r"
    error: unknown role `repica`
     --> compose/x.yml:36:7
      = help: did you mean `replica`?
    ");
    insta::assert_snapshot!(broken("formation: sentinel", "formation: centinel"), @r"
    error: unknown formation `centinel`
     --> compose/x.yml:17:3
      = help: did you mean `sentinel`?
    ");
    insta::assert_snapshot!(broken("formation: sentinel", "formation: cluster"), @r"
    error: formation `cluster` needs at least three nodes with the role `node`, it has 0
     --> compose/x.yml:17:3
    ");
}

#[test]
fn files_and_variables_are_checked() {
    insta::assert_snapshot!(broken("source: sentinel", "source: sentinal"), @r"
    error: config `sentinal` is not declared
     --> compose/x.yml:51:9
      = help: did you mean `sentinel`?
    ");
    insta::assert_snapshot!(broken("monitor mymaster ${REHEARSAL_NET:-198.18.0}", "monitor mymaster ${HOST:-198.18.0}"), @r"
    error: unknown variable `HOST`
     --> compose/x.yml:94:33
      = help: only ${REHEARSAL_IMAGE:-redis:7.0.15} and ${REHEARSAL_NET:-198.18.0} are filled in; write $$ for a dollar sign
    ");
}

#[test]
fn broken_syntax_has_a_place() {
    insta::assert_snapshot!(problems("name: x\nservices:\n  a: [1\n  b: 2\n"), @r"
    error: not valid YAML: did not find expected ',' or ']'
     --> compose/x.yml:4:4
    ");
    insta::assert_snapshot!(problems("name: x\nname: y\n"), @r#"
    error: not valid YAML: duplicate entry with key "name"
     --> compose/x.yml:2:1
    "#);
    insta::assert_snapshot!(problems("[]"), @r"
    error: expected a mapping here, found a list
     --> compose/x.yml:1:1
    ");
}

#[test]
fn an_anchor_says_a_thing_once() {
    let text = "x-rehearsal: { formation: none }
services:
  a: &server
    image: ${REHEARSAL_IMAGE:-redis:7.0.15}
    networks: { data: { ipv4_address: \"${REHEARSAL_NET:-198.18.0}.11\" } }
    x-rehearsal: { role: master }
  b:
    <<: *server
    mem_limit: 64m
    networks: { data: { ipv4_address: \"${REHEARSAL_NET:-198.18.0}.12\" } }
networks:
  data: { ipam: { config: [{ subnet: \"${REHEARSAL_NET:-198.18.0}.0/24\" }] } }
";
    let topology = Topology::parse(text, "x.yml", &Variables::default()).unwrap();
    let b = topology.node("b").unwrap();
    assert_eq!((b.kind.role.word, b.under_test, b.memory, b.address.to_string().as_str()), ("master", true, Some(64 << 20), "198.18.0.12"));
    let twice = problems(&text.replace(".12", ".11"));
    assert!(twice.contains("address 198.18.0.11 is already that of `a`\n --> compose/x.yml:10:25"), "{twice}");
}
