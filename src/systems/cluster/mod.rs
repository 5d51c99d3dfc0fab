//! Redis Cluster: nodes that share the slots out among them, watch one another, and elect a replica of a master that is gone.

pub mod log;
pub mod nodes;

use super::redis_server::{self, Info, observables, options};
use super::{
    After, Event, Failover, Floor, Formation, Lists, Logged, Measured, Milestones, Need, Observable, Part, Promoted, Protocol, Question, Readiness,
    Reply, Role, Standing, Story, Syntax, System, Timer, Told, ValueWait, Watch,
};
use crate::record::timeline::log as told;
use std::time::Duration;

/// The system of Cluster nodes.
pub struct Cluster;

const NODE_TIMEOUT: &str = "cluster-node-timeout";

const fn event(name: &'static str, decisive: bool) -> Event {
    Event { name, after: After::Anything, decisive }
}

impl System for Cluster {
    fn name(&self) -> &'static str {
        "cluster"
    }

    fn about(&self) -> &'static str {
        "Nodes of a Redis Cluster, which share the slots out among them and elect a replica of a master that is gone."
    }

    fn roles(&self) -> &'static [Role] {
        &[Role { word: "node", noun: "node", part: Part::Member }]
    }

    fn formations(&self) -> &'static [Formation] {
        static CLUSTER: [Formation; 1] = [Formation {
            name: "cluster",
            needs: &[Need { role: "node", least: 3, most: usize::MAX, told: "at least three nodes with the role `node`" }],
            spread: true,
            // A master that is shut down in order may hand over before anybody misses it (valkey 9.0).
            failover: Some(Failover {
                role: "node",
                timer: NODE_TIMEOUT,
                handed_over_by: &["stopped"],
                milestones: Milestones {
                    detected: (told::PFAIL, ""),
                    agreed: (told::FAIL, ""),
                    begun: told::ELECTION,
                    elected: told::ELECTION,
                    promoted: Promoted::Event(told::WON),
                    reconfigured: told::OK,
                },
                measured: Measured {
                    topology: "cluster",
                    usual_ms: &[2000, 5000],
                    // A replica waits 500 ms, so that FAIL reaches everybody, before it asks for votes (`clusterHandleSlaveFailover`); on later servers the best one need not wait at all:
                    // `cluster/election#the-delay-is-about-a-second`.
                    floors: &[Floor { ms: 500, on: &["@until:valkey-8.1"] }],
                    rows: &[("loglevel", "debug")],
                    route: "the cluster",
                    // One of three masters: the others' keys are written all the while, or refused with CLUSTERDOWN.
                    victim: "\"node-3\"",
                    awaited: &["\"node-6\" becomes master", "the cluster state of \"node-1\" is \"ok\"", "the cluster state of \"node-6\" is \"ok\""],
                },
            }),
            waits: &[ValueWait { observable: "cluster state", value: "fail", timer: NODE_TIMEOUT, in_silence: false }],
            story: Some(Story {
                prose: "What a Cluster does when one of its masters is gone: the other masters agree on it, and its replica takes the slots over.",
                rule: "A master that died is replaced by its replica",
                source: "https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/",
                scenario: "The replica of a killed master becomes master, and the Cluster serves every slot again",
                rows: &[(NODE_TIMEOUT, "1000")],
                steps: "When {PRIMARY} is killed\nThen within 15 seconds {SECONDARY} becomes master\nAnd within 15 seconds the cluster state of {SECONDARY} is \"ok\"\n",
            }),
        }];
        &CLUSTER
    }

    fn protocol(&self) -> Protocol {
        Protocol::Resp
    }

    fn port(&self) -> Option<u16> {
        Some(redis_server::PORT)
    }

    fn readiness(&self) -> Readiness {
        redis_server::ANSWERS_PING
    }

    fn watch(&self) -> Option<Watch> {
        Some(Watch { often: &["INFO", "replication"], whole: &[&["INFO"], &["CLUSTER", "INFO"]], listens: None })
    }

    fn read(&self, answers: &[Reply]) -> Told {
        let info = Info::of(answers);
        Told { role: info.role(), values: observables::read(&info) }
    }

    fn on_failure(&self) -> &'static [&'static str] {
        &["ROLE", "INFO replication", "CLUSTER INFO", "CLUSTER NODES"]
    }

    fn logged<'l>(&self, text: &'l str) -> Vec<Logged<'l>> {
        log::told(text).collect()
    }

    fn settings(&self) -> Option<&'static dyn Syntax> {
        Some(&options::Options)
    }

    fn lists(&self) -> Option<&'static dyn Lists> {
        Some(&redis_server::RedisLists)
    }

    fn timers(&self) -> &'static [Timer] {
        const TIMERS: [Timer; 2] =
            [Timer { name: NODE_TIMEOUT, unit: Duration::from_millis(1), default: 15_000, times: 1, set_by: None }, redis_server::REPL_TIMEOUT];
        &TIMERS
    }

    fn events(&self) -> &'static [Event] {
        const EVENTS: [Event; 8] = [
            event(told::PFAIL, false),
            event(told::FAIL, true),
            event(told::DELAY, false),
            event(told::ELECTION, true),
            event(told::VOTE, false),
            event(told::WON, true),
            event(told::OK, false),
            event(told::DOWN, false),
        ];
        &EVENTS
    }

    fn observables(&self) -> &'static [Observable] {
        observables::ALL
    }

    fn glance(&self) -> &'static [Question] {
        &[&["INFO"], &["CLUSTER", "INFO"], &["CLUSTER", "NODES"]]
    }

    fn standing(&self, answers: &[Option<Reply>]) -> Option<Standing> {
        let text = |n: usize| answers.get(n).and_then(Option::as_ref).and_then(Reply::text);
        let own = text(1).map(Info::parse).unwrap_or_default();
        let seen = text(2).map(nodes::nodes).unwrap_or_default();
        let slots = |node: &nodes::ClusterNode| node.slots.iter().map(|(from, to)| u64::from(to - from) + 1).sum();
        Some(Standing {
            state: own.get("cluster_state").map(str::to_owned),
            epoch: own.get("cluster_my_epoch").and_then(|epoch| epoch.parse().ok()),
            slots: seen.iter().find(|node| node.has_flag("myself")).map(slots),
            ..redis_server::standing(&Info::parse(text(0)?))
        })
    }
}
