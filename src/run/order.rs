//! The order of plays when nobody wants the usual one: shuffled, and the same again for the same seed.
//!
//! You are in the right place when scenarios seem to depend on what was played before them.

use super::schedule::Play;
use crate::record::hash;

/// Puts plays into the order of a seed. A play's place follows from the seed and its own name only, so two plays keep their order when others come or go.
pub fn shuffle(seed: u64, plays: &mut [Play]) {
    plays.sort_by_cached_key(|play| place(seed, &play.scenario.id(), &play.server.server.name, play.number));
}

fn place(seed: u64, scenario: &str, server: &str, round: usize) -> String {
    hash::text_hash([seed.to_string().as_str(), scenario, server, round.to_string().as_str()])
}

/// A seed for somebody who named none; short enough to be typed again.
pub fn seed() -> u64 {
    let now = jiff::Timestamp::now().as_nanosecond().to_string();
    let hash = hash::text_hash([now.as_str(), std::process::id().to_string().as_str()]);
    u64::from_str_radix(&hash[..5], 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(seed: u64, names: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort_by_key(|name| place(seed, name, "redis-7.0", 0));
        names
    }

    #[test]
    fn the_same_seed_gives_the_same_order_and_another_one_another() {
        let names = ["a#1", "a#2", "b#1", "b#2", "c#1", "c#2"];
        assert_eq!(order(1, &names), order(1, &names));
        assert!((2..10).any(|seed| order(seed, &names) != order(1, &names)));
        let fewer: Vec<String> = order(1, &names).into_iter().filter(|name| name != "b#1").collect();
        assert_eq!(order(1, &["c#2", "a#1", "a#2", "b#2", "c#1"]), fewer, "what is left out moves nothing else");
    }
}
