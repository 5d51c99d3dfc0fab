//! A server of Redis or Valkey that stands alone, or in a replication group: a master and its replicas.

pub mod directives;
mod info;
pub mod observables;
pub mod options;

pub use info::Info;

use super::{
    Formation, Lists, Need, Observable, Part, Protocol, Question, Readiness, Reply, Role, Standing, Story, Syntax, System, Timer, Told, ValueWait,
    Watch,
};
use std::time::Duration;

/// The system of plain servers.
pub struct Redis;

/// When a server of Redis' protocol is there.
pub const ANSWERS_PING: Readiness = Readiness { asked: Some((&["PING"], "PONG")), limit: Duration::from_secs(10) };

/// The port of clients that every server has unless it is told another.
pub const PORT: u16 = 6379;

/// What a node of Redis' own protocol is called that takes writes, whatever decides that.
pub const MASTER: &str = "master";

/// How long a replica and its master wait for one another's bytes.
pub const REPL_TIMEOUT: Timer = Timer { name: "repl-timeout", unit: Duration::from_secs(1), default: 60, times: 1, set_by: None };

impl System for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn about(&self) -> &'static str {
        "A server of Redis or Valkey, alone or in a replication group: one master and the replicas that copy it."
    }

    fn roles(&self) -> &'static [Role] {
        &[Role { word: "master", noun: "master", part: Part::Primary }, Role { word: "replica", noun: "replica", part: Part::Secondary }]
    }

    fn formations(&self) -> &'static [Formation] {
        static REPLICATION: [Formation; 1] = [Formation {
            name: "replication",
            needs: &[
                Need { role: "master", least: 1, most: 1, told: "exactly one master" },
                Need { role: "replica", least: 1, most: usize::MAX, told: "at least one replica" },
            ],
            spread: false,
            failover: None,
            // With Sentinels or in a Cluster a failover moves the link sooner.
            waits: &[ValueWait { observable: "link to the master", value: "down", timer: "repl-timeout", in_silence: true }],
            story: Some(A_REPLICA_COMES_BACK),
        }];
        &REPLICATION
    }

    fn protocol(&self) -> Protocol {
        Protocol::Resp
    }

    fn port(&self) -> Option<u16> {
        Some(PORT)
    }

    fn readiness(&self) -> Readiness {
        ANSWERS_PING
    }

    fn watch(&self) -> Option<Watch> {
        Some(Watch { often: &["INFO", "replication"], whole: &[&["INFO"]], listens: None })
    }

    fn read(&self, answers: &[Reply]) -> Told {
        let info = Info::of(answers);
        Told { role: info.role(), values: observables::read(&info) }
    }

    fn on_failure(&self) -> &'static [&'static str] {
        &["ROLE", "INFO replication", "INFO stats"]
    }

    fn settings(&self) -> Option<&'static dyn Syntax> {
        Some(&options::Options)
    }

    fn lists(&self) -> Option<&'static dyn Lists> {
        Some(&RedisLists)
    }

    fn timers(&self) -> &'static [Timer] {
        &[REPL_TIMEOUT]
    }

    fn observables(&self) -> &'static [Observable] {
        observables::ALL
    }

    fn glance(&self) -> &'static [Question] {
        &[&["INFO"]]
    }

    fn standing(&self, answers: &[Option<Reply>]) -> Option<Standing> {
        let info = Info::parse(answers.first()?.as_ref()?.text()?);
        Some(standing(&info))
    }
}

/// What a server says of itself in INFO.
pub fn standing(info: &Info) -> Standing {
    let role = info.role();
    let link = match role {
        Some("master") => info.get("connected_slaves").map(|n| if n == "1" { "1 replica".to_owned() } else { format!("{n} replicas") }),
        _ => info
            .get("master_link_status")
            .map(|status| if info.get("master_sync_in_progress") == Some("1") { "syncing".to_owned() } else { status.to_owned() }),
    };
    let offset = info.get("master_repl_offset").and_then(|offset| offset.parse().ok());
    Standing { role, link, offset, keys: Some(info.keys()), ..Standing::default() }
}

/// Lists of Redis.
pub struct RedisLists;

impl Lists for RedisLists {
    fn append(&self, key: &str, value: &str) -> Vec<String> {
        ["RPUSH", key, value].map(str::to_owned).to_vec()
    }

    fn acknowledges(&self, answer: &Reply) -> bool {
        matches!(answer, Reply::Int(_))
    }

    fn all(&self, key: &str) -> Vec<String> {
        ["LRANGE", key, "0", "-1"].map(str::to_owned).to_vec()
    }

    fn values(&self, answer: &Reply) -> Option<Vec<String>> {
        matches!(answer, Reply::List(_)).then(|| answer.texts())
    }
}

/// For a group of a master and its replicas, watched or not.
pub const A_REPLICA_COMES_BACK: Story = Story {
    prose: "What it costs when a replica goes away for a moment and comes back: nothing that was written in the meantime is missing in the end.",
    rule: "A replica that comes back catches up by itself",
    source: "https://redis.io/docs/latest/operate/oss_and_stack/management/replication/",
    scenario: "A replica that was killed and started again holds what was written while it was away",
    rows: &[],
    steps: "When {SECONDARY} is killed\nAnd a client writes 100 keys to the master\nAnd {SECONDARY} is started again\n\
            Then within 10 seconds {SECONDARY} holds every key that was written\nAnd the run id of {SECONDARY} has changed\n",
};
