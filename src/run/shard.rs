//! One part of several: `--shard 2/5` is what the second of five machines plays.
//!
//! The machines share a checkout and a command line, and nothing else. So the parts follow from the features alone: how long a scenario takes is read off its
//! sentences ("for 6 seconds"), not off a record, which every machine has another one of. Each scenario goes to the part that has least to do so far, the
//! longest first. You are in the right place when one machine works much longer than the others.

use super::catalogue::Scenario;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What a scenario costs besides the time its sentences state: its deployment, its formation, a failover.
const BESIDES: Duration = Duration::from_secs(3);

/// Part `number` of `of`, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    pub number: usize,
    pub of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) && of <= 1000 => Ok(Shard { number, of }),
            Some((_, of)) if (1..=1000).contains(&of) => Err(format!("of {of} parts the first is 1/{of} and the last {of}/{of}")),
            _ => Err("write I/N: 2/5 is the second of five parts".to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// The scenarios of this part, in the order they came.
    pub fn of(self, scenarios: Vec<&Scenario>) -> Vec<&Scenario> {
        let weights: Vec<(String, Duration)> = scenarios.iter().map(|s| (s.id(), s.stated() + BESIDES)).collect();
        let parts = divide(&weights, self.of);
        scenarios.into_iter().zip(parts).filter(|(_, part)| *part == self.number).map(|(scenario, _)| scenario).collect()
    }
}

/// The part of each, counted from one.
fn divide(weights: &[(String, Duration)], of: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|n| (std::cmp::Reverse(weights[*n].1), &weights[*n].0));
    let mut loads = vec![Duration::ZERO; of];
    let mut parts = vec![0; weights.len()];
    for n in order {
        let lightest = (0..of).min_by_key(|part| (loads[*part], *part)).unwrap_or_default();
        loads[lightest] += weights[n].1;
        parts[n] = lightest + 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> Vec<(String, Duration)> {
        (0..23_u64).map(|n| (format!("feature#{n}"), Duration::from_secs(3 + n * 7 % 11))).collect()
    }

    #[test]
    fn every_scenario_is_in_one_part_and_the_parts_weigh_the_same() {
        let weights = weights();
        let parts = divide(&weights, 4);
        assert!(parts.iter().all(|part| (1..=4).contains(part)));
        let load = |part: usize| weights.iter().zip(&parts).filter(|(_, p)| **p == part).map(|((_, w), _)| w.as_secs()).sum::<u64>();
        let loads: Vec<u64> = (1..=4).map(load).collect();
        let longest = weights.iter().map(|(_, w)| w.as_secs()).max().unwrap();
        assert!(loads.iter().max().unwrap() - loads.iter().min().unwrap() <= longest, "{loads:?}");
    }

    #[test]
    fn the_longest_is_dealt_out_first() {
        let weights: Vec<(String, Duration)> =
            [("a", 2), ("b", 2), ("c", 2), ("d", 6)].map(|(id, s)| (id.to_owned(), Duration::from_secs(s))).to_vec();
        assert_eq!(divide(&weights, 2), [2, 2, 2, 1]);
    }

    #[test]
    fn the_order_of_reading_decides_nothing() {
        let forwards = weights();
        let mut backwards = weights();
        backwards.reverse();
        let mut parts = divide(&backwards, 3);
        parts.reverse();
        assert_eq!(parts, divide(&forwards, 3));
    }

    #[test]
    fn a_part_is_counted_from_one() {
        assert_eq!("2/5".parse(), Ok(Shard { number: 2, of: 5 }));
        for bad in ["0/5", "6/5", "1/0", "1", "a/b", "-1/2", "1/2/3", ""] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }
}
