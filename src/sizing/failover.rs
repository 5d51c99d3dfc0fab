//! How long nobody accepts a write when a master dies: from the timers, between a lower bound and the sum of what usually comes on top.
//!
//! What it is in fact is measured (`measure/`); the numbers here say whether a measured one is in order, and what a changed timer would do.

use super::{Calculator, Input, Output, Unit, nothing};

/// Milliseconds from `+sdown` to `REPLICAOF NO ONE` at the least: four runs of a Sentinel's timer at its fastest, with a quorum of two or more (`measure/plan.rs` names them).
const STEPS: f64 = 208.0;
/// It asks the master, and its peers about the master, and the promoted replica, once a second each.
const ASKED_EVERY: f64 = 1000.0;
/// The same with a timer at its slowest, every 100 ms.
const STEPS_AT_MOST: f64 = 400.0;
/// What the replica of a Cluster waits so that FAIL reaches everybody, and what it may wait on top by chance.
const DELAY: f64 = 500.0;
const BY_CHANCE: f64 = 500.0;
/// For each replica of the same master that has more of its data.
const A_RANK: f64 = 1000.0;
/// The servers' own timers of a Cluster run ten times a second.
const TICK: f64 = 100.0;

/// Under Sentinel.
pub const SENTINEL: Calculator = Calculator {
    name: "sentinel-failover",
    title: "Time of a failover, Sentinel",
    about: "A master is killed. After how long does its successor accept a write?",
    inputs: &[
        Input { name: "down-after", unit: Unit::Milliseconds, default: 30_000.0, least: 1.0, most: 3_600_000.0, help: "down-after-milliseconds" },
        Input { name: "failover-timeout", unit: Unit::Milliseconds, default: 180_000.0, least: 1.0, most: 3_600_000.0, help: "failover-timeout" },
    ],
    outputs: &[
        Output { name: "at least", unit: Unit::Seconds, how: "down-after, and four runs of a Sentinel's timer: 0.2 s" },
        Output {
            name: "usually at most",
            unit: Unit::Seconds,
            how: "down-after, a second each until the unanswered PING, until the others are asked, and until the promoted replica says so, and 0.4 s of steps; and what your client adds",
        },
        Output {
            name: "for each vote that is split",
            unit: Unit::Seconds,
            how: "twice the failover-timeout, from the attempt that failed to the next",
        },
        Output { name: "an attempt gives up after", unit: Unit::Seconds, how: "10 s, or the failover-timeout if that is less, and up to a second" },
    ],
    compute: |inputs| {
        let (down_after, timeout) = (inputs[0], inputs[1]);
        let elected = timeout.min(10_000.0) + 1000.0;
        vec![(down_after + STEPS) / 1000.0, (down_after + 3.0 * ASKED_EVERY + STEPS_AT_MOST) / 1000.0, 2.0 * timeout / 1000.0, elected / 1000.0]
    },
    refuses: nothing,
    examples: &[&[1000.0, 4000.0], &[2000.0, 4000.0], &[5000.0, 10_000.0], &[5000.0, 60_000.0], &[30_000.0, 180_000.0]],
    shown: &[
        "sentinel/failover#a-dead-master-is-replaced",
        "sentinel/clients#asks-again-2000",
        "sentinel/clients#asks-again-6000",
        "sentinel/election#the-next-attempt",
    ],
};

/// In a Cluster.
pub const CLUSTER: Calculator = Calculator {
    name: "cluster-failover",
    title: "Time of a failover, Cluster",
    about: "A master of a Cluster is killed. After how long does its replica accept writes of its slots?",
    inputs: &[
        Input { name: "node-timeout", unit: Unit::Milliseconds, default: 15_000.0, least: 100.0, most: 3_600_000.0, help: "cluster-node-timeout" },
        Input {
            name: "rank",
            unit: Unit::Count,
            default: 0.0,
            least: 0.0,
            most: 100.0,
            help: "Replicas of the same master that have more of its data and do not stand",
        },
    ],
    outputs: &[
        Output { name: "at least", unit: Unit::Seconds, how: "the node timeout, and 0.5 s that a replica waits; a second more for each rank" },
        Output {
            name: "usually at most",
            unit: Unit::Seconds,
            how: "twice the node timeout (half of it until the ping, half until the others have heard), 1 s of waiting, 0.3 s of ticks; a second more for each rank",
        },
    ],
    compute: |inputs| {
        let (timeout, ranks) = (inputs[0], inputs[1] * A_RANK);
        vec![(timeout + DELAY + ranks) / 1000.0, (2.0 * timeout + DELAY + BY_CHANCE + 3.0 * TICK + ranks) / 1000.0]
    },
    refuses: nothing,
    examples: &[&[1000.0, 0.0], &[2000.0, 0.0], &[5000.0, 0.0], &[5000.0, 1.0], &[15_000.0, 0.0]],
    shown: &["cluster/election#the-delay-is-about-a-second", "cluster/election#a-replica-takes-over", "cluster/coverage#ok-down-ok"],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn between(calculator: Calculator, inputs: &[f64], seen: f64) {
        let answers = calculator.answer(inputs).expect("makes sense");
        assert!((answers[0]..=answers[1]).contains(&seen), "{} {inputs:?}: {seen} s is not within {answers:?}", calculator.name);
    }

    /// Tenth percentile, median and ninetieth of twenty runs each, redis 7.0.15, in containers.
    #[test]
    fn measured_failovers_of_sentinel_are_within_the_estimate() {
        for (down_after, seen) in [(1000.0, [2.23, 2.29, 2.39]), (2000.0, [3.22, 3.29, 3.36]), (5000.0, [6.23, 6.30, 6.36])] {
            seen.into_iter().for_each(|seconds| between(SENTINEL, &[down_after, 4000.0], seconds));
        }
    }

    /// Single failovers of redis 7.0.15: processes on one host, and containers.
    #[test]
    fn measured_failovers_of_a_cluster_are_within_the_estimate() {
        for (timeout, seen) in [(500.0, 1.4), (1000.0, 2.4), (1000.0, 3.0), (2000.0, 3.4), (2000.0, 4.8), (5000.0, 7.4), (5000.0, 8.7)] {
            between(CLUSTER, &[timeout, 0.0], seen);
        }
    }

    /// `-failover-abort-not-elected` came 11.0 s after `+odown` with the default, 2.5 s with a failover-timeout of two seconds.
    #[test]
    fn an_attempt_gives_up() {
        let after = |timeout: f64| SENTINEL.answer(&[2000.0, timeout]).expect("makes sense")[3];
        assert_eq!(after(180_000.0), 11.0);
        assert!((2.0..=3.0).contains(&after(2000.0)));
    }

    #[test]
    fn a_rank_costs_a_second() {
        let of = |rank: f64| CLUSTER.answer(&[5000.0, rank]).expect("makes sense");
        assert_eq!(of(1.0)[0] - of(0.0)[0], 1.0);
    }
}
