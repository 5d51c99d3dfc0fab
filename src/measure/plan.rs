//! What is played for a measurement: a scenario for every timer and run, in the same sentences as any other, so that faults are verified and deployments reused as ever.

use std::fmt::Write;

/// Where a failover is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    Sentinel,
    Cluster,
}

/// Charts that a chapter may embed, by the name of the measurement they show.
pub const NAMES: &[&str] = &["failover-sentinel", "failover-cluster"];
/// A vote that is split costs twice this before the next.
pub const FAILOVER_TIMEOUT_MS: u64 = 4000;
/// The shortest pause between two runs of a Sentinel's timer: 19 Hz, in whole milliseconds.
const SENTINEL_TICK_MS: u64 = 1000 / 19;
/// The servers whose Cluster makes every replica wait before it asks for votes, as tags of a scenario: those of `cluster/election#the-delay-is-about-a-second`.
pub const A_REPLICA_WAITS: &[&str] = &["@until:valkey-8.1"];
/// What a failover may take beyond its timer before a run is given up: three votes that are split.
const PATIENCE_S: u64 = 40;

impl Setup {
    pub const ALL: [Setup; 2] = [Setup::Sentinel, Setup::Cluster];

    /// The measurement of a name, `failover-sentinel`.
    pub fn named(name: &str) -> Option<Setup> {
        Setup::ALL.into_iter().find(|setup| setup.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Setup::Sentinel => NAMES[0],
            Setup::Cluster => NAMES[1],
        }
    }

    /// Name of the topology, and what `--topology` says.
    pub fn topology(self) -> &'static str {
        match self {
            Setup::Sentinel => "sentinel",
            Setup::Cluster => "cluster",
        }
    }

    /// The directive that is varied; in milliseconds.
    pub fn timer(self) -> &'static str {
        match self {
            Setup::Sentinel => "down-after-milliseconds",
            Setup::Cluster => "cluster-node-timeout",
        }
    }

    /// The option that gives its values.
    pub fn option(self) -> &'static str {
        match self {
            Setup::Sentinel => "--down-after",
            Setup::Cluster => "--node-timeout",
        }
    }

    /// Values that are measured unless others are given.
    pub fn usual(self) -> &'static [u64] {
        match self {
            Setup::Sentinel => &[1000, 2000, 5000],
            Setup::Cluster => &[2000, 5000],
        }
    }

    /// What the protocol adds to its timer at the least, in milliseconds.
    ///
    /// A Sentinel acts only when its timer runs, which is every 52 to 100 ms (`sentinelTimer` varies it between 10 and 19 Hz), and makes one step at a time. Behind the run in which it
    /// misses the master there are four more: it has the answer of another and stands for election; it has the vote of another; it has chosen a replica; it sends REPLICAOF NO ONE.
    /// A Cluster's replica waits 500 ms, so that FAIL reaches everybody, before it asks for votes (`clusterHandleSlaveFailover`); on servers that do not apply to [`A_REPLICA_WAITS`]
    /// the best one need not wait at all.
    pub fn own_ms(self, a_replica_waits: bool) -> u64 {
        match self {
            Setup::Sentinel => 4 * SENTINEL_TICK_MS,
            Setup::Cluster if a_replica_waits => 500,
            Setup::Cluster => 0,
        }
    }

    /// The sooner of what it may take: no failover is faster than its timer and the protocol's own delays.
    pub fn lower_bound_ms(self, timer_ms: u64, a_replica_waits: bool) -> u64 {
        timer_ms + self.own_ms(a_replica_waits)
    }

    /// A write is due every so many milliseconds: what bounds the precision of the outage.
    pub fn every_ms(self) -> u64 {
        10
    }

    /// How long a run's `Then`s wait, in seconds.
    pub fn patience_s(self, timer_ms: u64) -> u64 {
        timer_ms.div_ceil(1000) * 2 + PATIENCE_S
    }

    /// The feature that is played.
    pub fn feature(self, timers: &[u64], runs: usize) -> String {
        let mut text = String::from("Feature: Measured\n  A failover, again and again.\n\n");
        for run in 1..=runs {
            for timer in timers {
                self.scenario(&mut text, *timer, run);
            }
        }
        text
    }

    fn scenario(self, out: &mut String, timer: u64, run: usize) {
        let (topology, directive, within, every) = (self.topology(), self.timer(), self.patience_s(timer), self.every_ms());
        let pause = pause_ms(run);
        let _ = writeln!(out, "  @id:{}\n  Scenario: A failover with {directive} {timer}, run {run}", slug(timer, run));
        let _ = writeln!(out, "    Given the \"{topology}\" topology with\n      | {directive} | {timer} |");
        match self {
            Setup::Sentinel => {
                let _ = writeln!(
                    out,
                    "      | failover-timeout | {FAILOVER_TIMEOUT_MS} |\n    And a client writes every {every} milliseconds through the Sentinels\n    \
                     When {pause} milliseconds pass\n    And the master is killed\n    Then within {within} seconds a replica becomes master\n    \
                     And within {within} seconds every Sentinel reports \"+switch-master\"\n    \
                     And within {within} seconds the client's writes are acknowledged again\n    When the client stops\n"
                );
            }
            // The node that is killed is one of three masters: the others' keys are written all the while, or refused with CLUSTERDOWN.
            Setup::Cluster => {
                let _ = writeln!(
                    out,
                    "      | loglevel | debug |\n    And a client writes every {every} milliseconds through the cluster\n    \
                     When {pause} milliseconds pass\n    And \"node-3\" is killed\n    Then within {within} seconds \"node-6\" becomes master\n    \
                     And within {within} seconds the cluster state of \"node-1\" is \"ok\"\n    And within {within} seconds the cluster state of \"node-6\" is \"ok\"\n    \
                     And within {within} seconds the client's writes are acknowledged again\n    When the client stops\n"
                );
            }
        }
    }
}

/// A run's name within its measurement: `2000-ms-run-3`.
pub fn slug(timer: u64, run: usize) -> String {
    format!("{timer}-ms-run-{run}")
}

/// How long a run's client writes before the kill, in milliseconds.
///
/// A Sentinel connects to an instance at most once a second (`sentinelReconnectInstance`): one whose master dies within a second after it connected misses it up to a second later. That is
/// a property of deployments that were just formed and not of failovers, so it is waited for. On top come 0 to 1 s, evenly spread over the runs: what the servers do once a second is met at any point of its second.
pub fn pause_ms(run: usize) -> usize {
    1500 + run * 370 % 1000
}

/// Timer and number of a run, from its name.
pub fn of_slug(slug: &str) -> Option<(u64, usize)> {
    let (timer, run) = slug.split_once("-ms-run-")?;
    Some((timer.parse().ok()?, run.parse().ok()?))
}

/// The command that makes a chart's numbers.
pub fn command(name: &str) -> String {
    let (what, topology) = name.split_once('-').unwrap_or((name, ""));
    format!("rehearsal measure {what} --topology {topology}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_a_scenario_of_its_own() {
        let text = Setup::Sentinel.feature(&[1000, 2000], 2);
        assert_eq!(text.matches("Scenario:").count(), 4);
        assert!(text.contains("@id:2000-ms-run-2\n") && text.contains("| down-after-milliseconds | 2000 |"), "{text}");
        assert_eq!(of_slug(&slug(2000, 2)), Some((2000, 2)));
        assert_eq!(of_slug("some-scenario"), None);
        let pauses: std::collections::BTreeSet<usize> = (1..=20).map(pause_ms).collect();
        assert!(pauses.len() == 20 && pauses.iter().all(|ms| (1500..2500).contains(ms)), "{pauses:?}");
        assert!(text.contains("When 1870 milliseconds pass\n    And the master is killed"), "{text}");
        assert!(Setup::Cluster.feature(&[2000], 1).contains("| loglevel | debug |"));
    }

    #[test]
    fn every_name_is_a_measurement_and_says_how_to_make_it() {
        for (name, setup) in NAMES.iter().zip(Setup::ALL) {
            assert_eq!(Setup::named(name), Some(setup));
            assert_eq!(command(name), format!("rehearsal measure failover --topology {}", setup.topology()));
        }
        assert_eq!((Setup::Cluster.lower_bound_ms(2000, true), Setup::Cluster.lower_bound_ms(2000, false)), (2500, 2000));
        assert_eq!(Setup::Sentinel.lower_bound_ms(2000, true), 2208);
    }
}
