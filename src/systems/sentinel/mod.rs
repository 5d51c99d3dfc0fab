//! Sentinels: they watch the masters of replication groups, agree that one is gone, and promote a replica of it.

mod conf;
pub mod directives;
mod log;

use super::redis_server::{self, Info, observables};
use super::{
    After, Event, EventTimer, Failover, Floor, Formation, Logged, Measured, Milestones, Need, Observable, Part, Promoted, Protocol, Question,
    Readiness, Reply, Role, Standing, Syntax, System, Timer, Told, Watch,
};
use std::time::Duration;

/// The system of Sentinels.
pub struct Sentinel;

const MILLISECOND: Duration = Duration::from_millis(1);
/// After this a Sentinel misses an instance.
const DOWN_AFTER: &str = "down-after-milliseconds";
const FAILOVER_TIMEOUT: &str = "failover-timeout";
/// The shortest pause between two runs of a Sentinel's timer: 19 Hz, in whole milliseconds.
const TICK_MS: u64 = 1000 / 19;
const TILT_PERIOD: &str = "tilt-period";
/// An election ends after failover-timeout, or after this if that is less (redis 6.2 to 8.0, valkey 8.1).
const ELECTION: Duration = Duration::from_secs(10);

/// What the masters of a SENTINEL MASTERS reply are called: a name is a setting.
pub fn names(masters: &[Reply]) -> Vec<String> {
    let name = |master: &Reply| master.texts().chunks(2).find(|pair| pair[0] == "name").and_then(|pair| pair.get(1).cloned());
    masters.iter().filter_map(name).collect()
}

/// Where they announce themselves to one another: no event.
const HELLO: &str = "__sentinel__:hello";

const fn event(name: &'static str, after: After, decisive: bool) -> Event {
    Event { name, after, decisive }
}

/// It has missed somebody itself.
const NOTICED: After = After::Own(&[EventTimer::whole(DOWN_AFTER)]);

impl System for Sentinel {
    fn name(&self) -> &'static str {
        "sentinel"
    }

    fn about(&self) -> &'static str {
        "Sentinels, which watch the masters of replication groups, agree that one is gone, and promote one of its replicas."
    }

    fn roles(&self) -> &'static [Role] {
        &[Role { word: "sentinel", noun: "Sentinel", part: Part::Observer }]
    }

    fn formations(&self) -> &'static [Formation] {
        static WATCHED: [Formation; 1] = [Formation {
            name: "sentinel",
            needs: &[
                // One set of Sentinels may watch several.
                Need { role: "master", least: 1, most: usize::MAX, told: "at least one master" },
                Need { role: "sentinel", least: 1, most: usize::MAX, told: "at least one sentinel" },
            ],
            spread: false,
            failover: Some(Failover {
                role: "sentinel",
                timer: DOWN_AFTER,
                handed_over_by: &[],
                milestones: Milestones {
                    detected: ("+sdown", "master "),
                    agreed: ("+odown", "master "),
                    // Each vote has an epoch of its own, which Sentinels tell once each, and in which several may stand.
                    begun: "+new-epoch",
                    elected: "+elected-leader",
                    // The leader may hear of it before the recorder's next question does.
                    promoted: Promoted::Role("+promoted-slave"),
                    reconfigured: "+switch-master",
                },
                measured: Measured {
                    topology: "sentinel",
                    usual_ms: &[1000, 2000, 5000],
                    // A Sentinel acts only when its timer runs, which is every 52 to 100 ms (`sentinelTimer` varies it between 10 and 19 Hz), and makes one step at a time. Behind the
                    // run in which it misses the master there are four more: it has the answer of another and stands for election; it has the vote of another; it has chosen a
                    // replica; it sends REPLICAOF NO ONE.
                    floors: &[Floor { ms: 4 * TICK_MS, on: &[] }],
                    // A vote that is split costs twice this before the next.
                    rows: &[(FAILOVER_TIMEOUT, "4000")],
                    route: "the Sentinels",
                    victim: "the master",
                    awaited: &["a replica becomes master", "every Sentinel reports \"+switch-master\""],
                },
            }),
            waits: &[],
            story: Some(redis_server::A_REPLICA_COMES_BACK),
        }];
        &WATCHED
    }

    fn protocol(&self) -> Protocol {
        Protocol::Resp
    }

    fn port(&self) -> Option<u16> {
        Some(26379)
    }

    fn readiness(&self) -> Readiness {
        redis_server::ANSWERS_PING
    }

    fn watch(&self) -> Option<Watch> {
        Some(Watch { often: &["INFO", "sentinel"], whole: &[&["INFO"]], listens: Some("*") })
    }

    fn read(&self, answers: &[Reply]) -> Told {
        Told { role: Some("sentinel"), values: observables::read(&Info::of(answers)) }
    }

    fn heard(&self, channel: &str, text: &str) -> Option<(String, String)> {
        (channel != HELLO).then(|| (channel.to_owned(), text.to_owned()))
    }

    fn on_failure(&self) -> &'static [&'static str] {
        &["INFO sentinel", "SENTINEL MASTERS"]
    }

    fn on_failure_too(&self, question: &str, answer: &Reply) -> Vec<String> {
        let (true, Reply::List(masters)) = (question == "SENTINEL MASTERS", answer) else { return Vec::new() };
        names(masters).into_iter().map(|name| format!("SENTINEL CKQUORUM {name}")).collect()
    }

    fn logged<'l>(&self, text: &'l str) -> Vec<Logged<'l>> {
        log::told(text).collect()
    }

    fn subject<'t>(&self, event: &str, text: &'t str) -> Option<&'t str> {
        // `+sdown slave ...`: down who?
        if event.ends_with("sdown") { text.split(' ').next() } else { None }
    }

    fn promoted(&self, event: &str, text: &str) -> Option<String> {
        // mymaster 198.18.7.11 6379 198.18.7.13 6379: the last two are the new master's.
        let words: Vec<&str> = text.split(' ').collect();
        (event == "+switch-master").then(|| Some(format!("{}:{}", words.get(3)?, words.get(4)?)))?
    }

    fn settings(&self) -> Option<&'static dyn Syntax> {
        Some(&conf::Conf)
    }

    fn timers(&self) -> &'static [Timer] {
        &[
            Timer { name: DOWN_AFTER, unit: MILLISECOND, default: 30_000, times: 1, set_by: None },
            Timer { name: FAILOVER_TIMEOUT, unit: MILLISECOND, default: 180_000, times: 1, set_by: None },
            // No directive: a constant that only SENTINEL DEBUG changes.
            Timer { name: TILT_PERIOD, unit: MILLISECOND, default: 30_000, times: 1, set_by: Some("the Sentinel timers") },
        ]
    }

    fn events(&self) -> &'static [Event] {
        const NOT_ELECTED: After =
            After::Own(&[EventTimer::whole(DOWN_AFTER), EventTimer { name: FAILOVER_TIMEOUT, below: Some((ELECTION, "election-timeout")) }]);
        const TILT: After = After::Own(&[EventTimer::whole(TILT_PERIOD)]);
        const EVENTS: [Event; 16] = [
            event("+sdown", NOTICED, false),
            event("+odown", NOTICED, true),
            event("+try-failover", NOTICED, true),
            event("-failover-abort-not-elected", NOT_ELECTED, true),
            event("+elected-leader", After::Failover, true),
            event("+selected-slave", After::Failover, true),
            event("+promoted-slave", After::Failover, true),
            event("+failover-end", After::Failover, false),
            event("-failover-abort-no-good-slave", After::Failover, true),
            event("-failover-abort-slave-timeout", After::Anything, true),
            event("-failover-abort-x-sdown", After::Anything, true),
            event("+switch-master", After::Failover, true),
            event("+config-update-from", After::Failover, false),
            event("+convert-to-slave", After::Anything, true),
            event("+tilt", After::Anything, true),
            event("-tilt", TILT, true),
        ];
        &EVENTS
    }

    fn observables(&self) -> &'static [Observable] {
        observables::ALL
    }

    fn glance(&self) -> &'static [Question] {
        &[&["INFO"], &["SENTINEL", "MASTERS"]]
    }

    fn standing(&self, answers: &[Option<Reply>]) -> Option<Standing> {
        let info = Info::parse(answers.first()?.as_ref()?.text()?);
        let row = Standing { role: Some("sentinel"), tilt: Some(info.get("sentinel_tilt") == Some("1")), ..Standing::default() };
        let Some(Some(Reply::List(masters))) = answers.get(1) else { return Some(row) };
        // Of the first master that it watches.
        let fields = masters.first().map(Reply::texts).unwrap_or_default();
        let field = |name: &str| fields.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1].clone());
        Some(Standing {
            link: field("flags").map(|flags| flags.replace(',', " ")),
            epoch: field("config-epoch").and_then(|epoch| epoch.parse().ok()),
            ..row
        })
    }
}
