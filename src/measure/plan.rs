//! What is played for a measurement: a scenario for every timer and run, in the same sentences as any other, so that faults are verified and deployments reused as ever.

use crate::systems::{self, Failover, Measured};
use std::fmt::Write;

/// A failover that is measured: which timer is varied, where, and what is played.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    failover: &'static Failover,
}

/// What a failover may take beyond its timer before a run is given up: three votes that are split.
const PATIENCE_S: u64 = 40;

impl PartialEq for Setup {
    fn eq(&self, other: &Setup) -> bool {
        self.topology() == other.topology()
    }
}

impl Setup {
    /// Every failover that can be measured; the first is measured unless another is asked for.
    pub fn all() -> Vec<Setup> {
        systems::failovers().map(|failover| Setup { failover }).collect()
    }

    /// The measurement of a name, `failover-sentinel`.
    pub fn named(name: &str) -> Option<Setup> {
        Setup::all().into_iter().find(|setup| setup.name() == name)
    }

    /// The measurement on a topology.
    pub fn on(topology: &str) -> Option<Setup> {
        Setup::all().into_iter().find(|setup| setup.topology() == topology)
    }

    fn measured(self) -> &'static Measured {
        &self.failover.measured
    }

    pub fn name(self) -> String {
        format!("failover-{}", self.topology())
    }

    /// Name of the topology, and what `--topology` says.
    pub fn topology(self) -> &'static str {
        self.measured().topology
    }

    /// The directive that is varied; in milliseconds.
    pub fn timer(self) -> &'static str {
        self.failover.timer
    }

    /// How many times the timer has to pass until somebody is missed.
    fn times(self) -> u32 {
        let timers = systems::role(self.failover.role).map(|kind| kind.system.timers()).unwrap_or_default();
        timers.iter().find(|timer| timer.name == self.timer()).map_or(1, |timer| timer.times)
    }

    /// Values that are measured unless others are given.
    pub fn usual(self) -> &'static [u64] {
        self.measured().usual_ms
    }

    /// What the protocol adds to its timer at the least, in milliseconds, on a server of which `applies` knows what speaks about it.
    pub fn own_ms(self, applies: impl Fn(&[&str]) -> bool) -> u64 {
        self.measured().floors.iter().filter(|floor| floor.on.is_empty() || applies(floor.on)).map(|floor| floor.ms).sum()
    }

    /// The sooner of what it may take: no failover is faster than its timer and the protocol's own delays.
    pub fn lower_bound_ms(self, timer_ms: u64, applies: impl Fn(&[&str]) -> bool) -> u64 {
        timer_ms * u64::from(self.times()) + self.own_ms(applies)
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
        let Measured { rows, route, victim, awaited, .. } = self.measured();
        let pause = pause_ms(run);
        let _ = writeln!(out, "  @id:{}\n  Scenario: A failover with {directive} {timer}, run {run}", slug(timer, run));
        let _ = writeln!(out, "    Given the \"{topology}\" topology with\n      | {directive} | {timer} |");
        for (key, value) in *rows {
            let _ = writeln!(out, "      | {key} | {value} |");
        }
        let _ = writeln!(out, "    And a client writes every {every} milliseconds through {route}");
        let _ = writeln!(out, "    When {pause} milliseconds pass\n    And {victim} is killed");
        for (n, awaited) in awaited.iter().chain(&["the client's writes are acknowledged again"]).enumerate() {
            let _ = writeln!(out, "    {} within {within} seconds {awaited}", if n == 0 { "Then" } else { "And" });
        }
        let _ = writeln!(out, "    When the client stops\n");
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
        let text = Setup::on("sentinel").unwrap().feature(&[1000, 2000], 2);
        assert_eq!(text.matches("Scenario:").count(), 4);
        assert!(text.contains("@id:2000-ms-run-2\n") && text.contains("| down-after-milliseconds | 2000 |"), "{text}");
        assert_eq!(of_slug(&slug(2000, 2)), Some((2000, 2)));
        assert_eq!(of_slug("some-scenario"), None);
        let pauses: std::collections::BTreeSet<usize> = (1..=20).map(pause_ms).collect();
        assert!(pauses.len() == 20 && pauses.iter().all(|ms| (1500..2500).contains(ms)), "{pauses:?}");
        assert!(text.contains("When 1870 milliseconds pass\n    And the master is killed"), "{text}");
        assert!(Setup::on("cluster").unwrap().feature(&[2000], 1).contains("| loglevel | debug |"));
    }

    #[test]
    fn every_name_is_a_measurement_and_says_how_to_make_it() {
        let names: Vec<String> = Setup::all().into_iter().map(Setup::name).collect();
        assert_eq!(names[..2], ["failover-sentinel", "failover-cluster"]);
        for setup in Setup::all() {
            assert_eq!(Setup::named(&setup.name()), Some(setup));
            assert_eq!(command(&setup.name()), format!("rehearsal measure failover --topology {}", setup.topology()));
        }
        let bound = |topology: &str, old: bool| Setup::on(topology).unwrap().lower_bound_ms(2000, |_| old);
        assert_eq!((bound("cluster", true), bound("cluster", false)), (2500, 2000));
        assert_eq!((bound("sentinel", true), bound("sentinel", false)), (2208, 2208));
    }
}
