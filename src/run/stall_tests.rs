//! Made-up stalls: what is noticed, what it does to a verdict, and what it never does.

use super::*;
use crate::topology::{Settings, Variables};
use std::path::Path;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn stall(at_ms: u64, lasted_ms: u64) -> Stall {
    Stall { at_ms, lasted_ms }
}

#[test]
fn only_a_late_wake_up_is_a_stall() {
    let start = Instant::now();
    let mut log = Log::new(start);
    // In time, a little late as schedulers are, a second late, in time again.
    for at in [10, 25, 1035, 1045] {
        log.beat(start + MS(at));
    }
    assert_eq!(log.since(start), [stall(35, 1000)]);
}

#[test]
fn a_scenario_has_only_its_own_part_of_a_stall() {
    let start = Instant::now();
    let mut log = Log::new(start);
    log.beat(start + MS(1010));
    assert_eq!(log.since(start + MS(510)), [stall(0, 500)], "it began in the middle");
    assert_eq!(log.since(start + MS(1010)), [], "it began afterwards");
}

#[test]
fn a_long_stall_takes_a_failure_back() {
    let error = || StepError::assertion("no replica became master");
    let judged = judge(error(), &[stall(3000, 300)], 2000, MS(125));
    assert_eq!(judged.cause, Cause::Stall);
    assert_eq!(judged.cause.verdict(), Verdict::Unknown);
    assert_eq!(
        judged.message,
        "no replica became master; but this program stood still for 300 ms at 3.00 s, more than the 125 ms a failure can bear here, so it says nothing"
    );
    assert_eq!(judged.seen, ["this program stood still for 300 ms at 3.00 s"]);
}

#[test]
fn a_short_stall_or_one_before_the_window_does_not() {
    let error = || StepError::new(Cause::Limit, "no answer");
    let short = judge(error(), &[stall(3000, 125)], 2000, MS(125));
    assert_eq!((short.cause, short.message.as_str(), short.seen.len()), (Cause::Limit, "no answer", 1), "but it is told");
    assert_eq!(judge(error(), &[stall(500, 1500)], 2000, MS(125)), error());
    assert_eq!(judge(error(), &[stall(500, 1501)], 2000, MS(125)).cause, Cause::Stall, "one that reaches into the window counts");
}

#[test]
fn many_stalls_are_summed_up() {
    let stalls: Vec<Stall> = (1..=6).map(|n| stall(1000 * n, 50 + n)).collect();
    let judged = judge(StepError::assertion("no"), &stalls, 0, MS(125));
    assert_eq!(judged.seen.len(), TOLD + 1);
    assert_eq!(
        (judged.seen[0].as_str(), judged.seen[3].as_str()),
        ("this program stood still for 56 ms at 6.00 s", "and 3 times more, for at most 53 ms")
    );
}

#[test]
fn what_is_unknown_keeps_its_cause() {
    let error = StepError::new(Cause::Fault, "it did not bite");
    assert_eq!(judge(error, &[stall(0, 9000)], 0, MS(125)).cause, Cause::Fault);
}

#[test]
fn the_smallest_timer_of_the_servers_counts() {
    let load = |name: &str, rows: &[(&str, &str)]| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("compose").join(format!("{name}.yml"));
        let topology = Topology::load(&path, &Variables::default()).unwrap();
        let rows: Vec<(String, String)> = rows.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Settings::parse(&rows, &topology).unwrap().apply(topology)
    };
    assert_eq!(tolerated(None), MS(500));
    assert_eq!(tolerated(Some(&load("replication", &[("repl-timeout", "1")]))), MS(250), "in seconds");
    assert_eq!(tolerated(Some(&load("cluster", &[("cluster-node-timeout", "1000")]))), MS(250));
    let sentinel = load("sentinel", &[("down-after-milliseconds", "400"), ("sentinel-2.down-after-milliseconds", "300")]);
    assert_eq!(tolerated(Some(&sentinel)), MS(75));
    assert_eq!(tolerated(Some(&load("sentinel", &[("down-after-milliseconds", "30000")]))), MS(500), "tilt knows no setting");
    assert_eq!(tolerated(Some(&load("sentinel", &[("down-after-milliseconds", "100")]))), NOTICED, "less is never noticed");
}

#[tokio::test]
async fn a_judge_waits_for_the_witness() {
    let watchman = Watchman::start().unwrap();
    let clock = Instant::now();
    let before = clock.elapsed();
    let stalls = watchman.witness.stalls(clock).await;
    assert!(watchman.witness.lock().last >= clock + before, "it has woken up since");
    assert!(stalls.iter().all(|stall| stall.lasted_ms < 2000), "{stalls:?}");
}

#[test]
fn a_line_that_denies_something_is_not_believed_over_a_long_stall() {
    let hides = hides(None);
    assert_eq!(hides, MS(500));
    assert_eq!(doubt(&[stall(3000, 6000)], 2000, 14_000, hides).unwrap_err().cause.verdict(), Verdict::Unknown);
    assert!(doubt(&[stall(3000, 400)], 2000, 14_000, hides).is_ok(), "a short one hides nothing that servers do and undo");
    assert!(doubt(&[stall(500, 1400)], 2000, 14_000, hides).is_ok(), "it ended before");
    assert!(doubt(&[stall(14_000, 6000)], 2000, 14_000, hides).is_ok(), "it began afterwards");
    assert!(doubt(&[stall(1000, 6000)], 2000, 14_000, hides).is_err(), "it reaches into it");
}
