//! How long a master that is cut off goes on acknowledging what will be lost, and how much that is.

use super::{Calculator, Input, Output, Unit, nothing};

/// Seconds after the cut at which a master with `min-replicas-max-lag` stops, the earliest and the latest.
///
/// It counts in whole seconds since a replica's last acknowledgement and looks once a second; that acknowledgement may be a second old when the cut comes (replicationCron in redis 7.0).
pub fn stops_within(max_lag: f64) -> (f64, f64) {
    ((max_lag - 1.0).max(0.0), max_lag + 2.0)
}

/// Under a fuse.
pub const MIN_REPLICAS: Calculator = Calculator {
    name: "loss",
    title: "Writes lost with min-replicas-to-write",
    about: "A master is cut off from all its replicas, with clients on its side, and a replica is promoted on the other. How many acknowledged writes are lost?",
    inputs: &[
        Input {
            name: "writes",
            unit: Unit::PerSecond,
            default: 100.0,
            least: 0.0,
            most: 1e9,
            help: "Writes a second through the master that is cut off",
        },
        Input {
            name: "max-lag",
            unit: Unit::Seconds,
            default: 10.0,
            least: 1.0,
            most: 86_400.0,
            help: "min-replicas-max-lag, with min-replicas-to-write above 0 (0 would switch both off)",
        },
        Input { name: "cut", unit: Unit::Seconds, default: 60.0, least: 0.0, most: 604_800.0, help: "How long it is cut off" },
    ],
    outputs: &[
        Output { name: "stops after at least", unit: Unit::Seconds, how: "max-lag, less a second that the last acknowledgement may be old" },
        Output { name: "and at most", unit: Unit::Seconds, how: "max-lag, a second it is not yet counted, a second until it is looked at" },
        Output { name: "lost at least", unit: Unit::Count, how: "writes a second x the first, or x the cut if that is shorter" },
        Output { name: "lost at most", unit: Unit::Count, how: "writes a second x the second, or x the cut if that is shorter" },
        Output {
            name: "lost without it",
            unit: Unit::Count,
            how: "writes a second x the cut; under Sentinel the 10 to 12 s until the returned master is demoted come on top",
        },
    ],
    compute: |inputs| {
        let [writes, max_lag, cut] = [inputs[0], inputs[1], inputs[2]];
        let (earliest, latest) = stops_within(max_lag);
        vec![earliest, latest, writes * earliest.min(cut), writes * latest.min(cut), writes * cut]
    },
    refuses: nothing,
    examples: &[&[100.0, 2.0, 7.0], &[100.0, 10.0, 60.0], &[1000.0, 10.0, 60.0], &[1000.0, 1.0, 60.0]],
    shown: &[
        "replication/lost-writes#min-replicas-bounds-the-loss",
        "replication/lost-writes#without-min-replicas-everything-is-lost",
        "sentinel/split-brain#min-replicas-under-sentinel",
    ],
};

/// In a Cluster.
pub const MINORITY: Calculator = Calculator {
    name: "minority",
    title: "Writes lost by a minority master of a Cluster",
    about: "A master of a Cluster is cut off from the majority, with clients on its side. How long does it go on, and how many acknowledged writes are lost?",
    inputs: &[
        Input { name: "writes", unit: Unit::PerSecond, default: 100.0, least: 0.0, most: 1e9, help: "Writes a second through that master" },
        Input { name: "node-timeout", unit: Unit::Milliseconds, default: 15_000.0, least: 100.0, most: 3_600_000.0, help: "cluster-node-timeout" },
    ],
    outputs: &[
        Output { name: "stops after at least", unit: Unit::Seconds, how: "the node timeout: a ping that stays unanswered is no older than the cut" },
        Output {
            name: "and at most",
            unit: Unit::Seconds,
            how: "1.5 x the node timeout, since the ping may be sent half of it after the cut, and 0.2 s until it looks",
        },
        Output { name: "lost at least", unit: Unit::Count, how: "writes a second x the first, if a replica was promoted" },
        Output { name: "lost at most", unit: Unit::Count, how: "writes a second x the second" },
    ],
    compute: |inputs| {
        let (writes, timeout) = (inputs[0], inputs[1] / 1000.0);
        let (earliest, latest) = (timeout, timeout * 1.5 + 0.2);
        vec![earliest, latest, writes * earliest, writes * latest]
    },
    refuses: nothing,
    examples: &[&[100.0, 2000.0], &[100.0, 5000.0], &[100.0, 15_000.0], &[1000.0, 15_000.0]],
    shown: &["cluster/partitions#a-minority-loses", "cluster/partitions#a-minority-stops", "cluster/partitions#a-short-partition"],
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The scenario `min-replicas-bounds-the-loss`: a write every 10 ms, a lag of 2, cut off for 7 s; it demands between 50 and 450.
    #[test]
    fn the_scenarios_bounds_hold_the_estimate() {
        let answers = MIN_REPLICAS.answer(&[100.0, 2.0, 7.0]).expect("within bounds");
        assert_eq!(answers, [1.0, 4.0, 100.0, 400.0, 700.0]);
        assert!(answers[2] >= 50.0 && answers[3] <= 450.0);
    }

    #[test]
    fn a_short_cut_loses_no_more_than_was_written_in_it() {
        assert_eq!(MIN_REPLICAS.answer(&[100.0, 10.0, 3.0]).expect("within bounds")[2..], [300.0, 300.0, 300.0]);
        assert_eq!(stops_within(0.5).0, 0.0);
    }

    /// 2.6 s were measured at a node timeout of 2 s.
    #[test]
    fn a_minority_stops_between_one_and_one_and_a_half_node_timeouts() {
        let answers = MINORITY.answer(&[100.0, 2000.0]).expect("within bounds");
        assert!((answers[0]..=answers[1]).contains(&2.6), "{answers:?}");
        assert_eq!(answers[2], 200.0);
    }
}
