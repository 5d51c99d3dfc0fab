//! Quorum and majority: how many have to be left, and which failures that survives.

use super::{Calculator, Input, Output, Unit, nothing};

/// More than half.
pub fn majority(of: f64) -> f64 {
    (of / 2.0).floor() + 1.0
}

/// Votes a candidate needs: a majority of all that are known, or the quorum where that is larger.
pub fn needed(sentinels: f64, quorum: f64) -> f64 {
    majority(sentinels).max(quorum)
}

fn yes(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

/// How many Sentinels.
pub const SENTINELS: Calculator = Calculator {
    name: "sentinels",
    title: "Sentinels, quorum and majority",
    about: "How many of so many Sentinels may be lost before nobody declares the master down, and before nobody is elected to replace it?",
    inputs: &[
        Input {
            name: "sentinels",
            unit: Unit::Count,
            default: 3.0,
            least: 1.0,
            most: 99.0,
            help: "All that are known for this master, dead ones included",
        },
        Input { name: "quorum", unit: Unit::Count, default: 2.0, least: 1.0, most: 99.0, help: "The last number of `sentinel monitor`" },
    ],
    outputs: &[
        Output { name: "majority", unit: Unit::Count, how: "more than half of all known, the dead included" },
        Output { name: "votes needed", unit: Unit::Count, how: "the majority, or the quorum where it is larger" },
        Output { name: "may be lost, still declared", unit: Unit::Count, how: "Sentinels - quorum" },
        Output { name: "may be lost, still replaced", unit: Unit::Count, how: "Sentinels - votes needed" },
    ],
    compute: |inputs| {
        let (sentinels, quorum) = (inputs[0], inputs[1]);
        let votes = needed(sentinels, quorum);
        vec![majority(sentinels), votes, sentinels - quorum, sentinels - votes]
    },
    refuses: |inputs| {
        (inputs[1] > inputs[0]).then_some("the quorum is larger than the number of Sentinels: nobody could ever declare the master down")
    },
    examples: &[
        &[1.0, 1.0],
        &[2.0, 1.0],
        &[3.0, 1.0],
        &[3.0, 2.0],
        &[3.0, 3.0],
        &[4.0, 2.0],
        &[4.0, 3.0],
        &[5.0, 2.0],
        &[5.0, 3.0],
        &[5.0, 4.0],
        &[7.0, 4.0],
    ],
    shown: &[
        "sentinel/quorum#a-minority-elects-nobody",
        "sentinel/quorum#a-majority-elects",
        "sentinel/quorum#no-quorum-no-failover",
        "sentinel/several-masters#one-of-two",
        "sentinel/several-masters#two-of-two",
        "sentinel/several-masters#three-of-four",
        "sentinel/several-masters#two-of-four",
    ],
};

/// Where the Sentinels stand.
pub const SITES: Calculator = Calculator {
    name: "sites",
    title: "Sentinels on several sites",
    about: "Sentinels stand on up to three sites. Whose loss still leaves enough of them to replace the master?",
    inputs: &[
        Input { name: "first", unit: Unit::Count, default: 1.0, least: 0.0, most: 33.0, help: "Sentinels on the first site" },
        Input { name: "second", unit: Unit::Count, default: 1.0, least: 0.0, most: 33.0, help: "Sentinels on the second site" },
        Input { name: "third", unit: Unit::Count, default: 1.0, least: 0.0, most: 33.0, help: "Sentinels on the third site (0: there is none)" },
        Input { name: "quorum", unit: Unit::Count, default: 2.0, least: 1.0, most: 99.0, help: "The last number of `sentinel monitor`" },
    ],
    outputs: &[
        Output { name: "votes needed", unit: Unit::Count, how: "the majority of all, or the quorum where it is larger" },
        Output { name: "without the first", unit: Unit::YesNo, how: "those on the other sites reach it" },
        Output { name: "without the second", unit: Unit::YesNo, how: "the same" },
        Output { name: "without the third", unit: Unit::YesNo, how: "the same" },
    ],
    compute: |inputs| {
        let sites = &inputs[..3];
        let all: f64 = sites.iter().sum();
        let votes = needed(all, inputs[3]);
        let mut answers = vec![votes];
        answers.extend(sites.iter().map(|lost| yes(all - lost >= votes)));
        answers
    },
    refuses: |inputs| {
        let all = inputs[0] + inputs[1] + inputs[2];
        if all < 1.0 {
            return Some("there is no Sentinel on any site");
        }
        (inputs[3] > all).then_some("the quorum is larger than the number of Sentinels: nobody could ever declare the master down")
    },
    examples: &[
        &[1.0, 1.0, 0.0, 1.0],
        &[2.0, 1.0, 0.0, 2.0],
        &[1.0, 1.0, 1.0, 2.0],
        &[2.0, 2.0, 0.0, 2.0],
        &[2.0, 2.0, 1.0, 3.0],
        &[3.0, 2.0, 0.0, 3.0],
    ],
    shown: &["sentinel/quorum#a-minority-elects-nobody", "sentinel/several-masters#one-of-two", "sentinel/several-masters#two-of-four"],
};

/// How many masters.
pub const CLUSTER: Calculator = Calculator {
    name: "cluster",
    title: "Masters and replicas of a Cluster",
    about: "How many masters may die at the same time, and how many nodes in the worst order, before a Cluster stops?",
    inputs: &[
        Input { name: "masters", unit: Unit::Count, default: 3.0, least: 1.0, most: 1000.0, help: "Masters with slots: only they vote" },
        Input { name: "replicas", unit: Unit::Count, default: 1.0, least: 0.0, most: 100.0, help: "Replicas of each" },
    ],
    outputs: &[
        Output { name: "nodes", unit: Unit::Count, how: "masters x (1 + replicas)" },
        Output { name: "majority", unit: Unit::Count, how: "more than half of the masters" },
        Output { name: "masters lost at once", unit: Unit::Count, how: "masters - majority, if each of them has a replica; else 0" },
        Output {
            name: "nodes lost in the worst case",
            unit: Unit::Count,
            how: "the smaller of that and the replicas of one master: all nodes of a shard is one too many",
        },
    ],
    compute: |inputs| {
        let (masters, replicas) = (inputs[0], inputs[1]);
        let spare = masters - majority(masters);
        let at_once = if replicas > 0.0 { spare } else { 0.0 };
        vec![masters * (1.0 + replicas), majority(masters), at_once, at_once.min(replicas)]
    },
    refuses: nothing,
    examples: &[&[1.0, 1.0], &[2.0, 1.0], &[3.0, 0.0], &[3.0, 1.0], &[3.0, 2.0], &[4.0, 1.0], &[5.0, 1.0], &[5.0, 2.0]],
    shown: &[
        "cluster/coverage#majority-down",
        "cluster/coverage#two-masters-in-turn",
        "cluster/coverage#one-master-without-a-replica",
        "cluster/coverage#master-and-replica",
        "cluster/failure-detection#both-halves-of-five",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn of(calculator: Calculator, inputs: &[f64]) -> Vec<f64> {
        calculator.answer(inputs).expect("makes sense")
    }

    #[test]
    fn more_than_half() {
        assert_eq!([1.0, 2.0, 3.0, 4.0, 5.0, 7.0].map(majority), [1.0, 2.0, 2.0, 3.0, 3.0, 4.0]);
    }

    /// Each row is a scenario of the book.
    #[test]
    fn what_the_scenarios_show() {
        // a-minority-elects-nobody, a-majority-elects: three, quorum 1.
        assert_eq!(of(SENTINELS, &[3.0, 1.0]), [2.0, 2.0, 2.0, 1.0]);
        // no-quorum-no-failover: three, quorum 3; with one gone nobody declares.
        assert_eq!(of(SENTINELS, &[3.0, 3.0])[2..], [0.0, 0.0]);
        // one-of-two, two-of-two.
        assert_eq!(of(SENTINELS, &[2.0, 1.0])[3], 0.0);
        // three-of-four, two-of-four: the fourth buys nothing.
        assert_eq!(of(SENTINELS, &[4.0, 2.0])[3], of(SENTINELS, &[3.0, 2.0])[3]);
        // A quorum above the majority raises what is needed.
        assert_eq!(of(SENTINELS, &[5.0, 4.0])[1], 4.0);
    }

    #[test]
    fn two_sites_never_survive_the_loss_of_either() {
        for (first, second) in (0..6).flat_map(|a| (0..6).map(move |b| (a, b))).filter(|(a, b)| a + b > 0) {
            let answers = of(SITES, &[f64::from(first), f64::from(second), 0.0, 1.0]);
            assert!(answers[1] + answers[2] < 2.0, "{first} and {second}");
        }
        assert_eq!(of(SITES, &[1.0, 1.0, 1.0, 2.0]), [2.0, 1.0, 1.0, 1.0]);
        assert_eq!(of(SITES, &[2.0, 1.0, 0.0, 2.0]), [2.0, 0.0, 1.0, 1.0]);
        assert!(SITES.answer(&[0.0, 0.0, 0.0, 1.0]).is_err());
    }

    #[test]
    fn a_cluster_lives_on_a_majority_and_whole_shards() {
        // majority-down: two of three at once are too many.
        assert_eq!(of(CLUSTER, &[3.0, 1.0]), [6.0, 2.0, 1.0, 1.0]);
        // both-halves-of-five.
        assert_eq!(of(CLUSTER, &[5.0, 1.0]), [10.0, 3.0, 2.0, 1.0]);
        // one-master-without-a-replica.
        assert_eq!(of(CLUSTER, &[5.0, 0.0])[2..], [0.0, 0.0]);
        assert_eq!(of(CLUSTER, &[5.0, 2.0])[3], 2.0);
    }
}
