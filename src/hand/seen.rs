//! What was told while no command was running, out of the logs: every event of a Sentinel, say, is a line there too.
//!
//! Its time is that of the container's wall clock, which is wrong while the clock is made to be.

use crate::systems::System;

/// An event of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Milliseconds since 1970.
    pub at: i64,
    pub node: String,
    /// `+sdown`
    pub name: String,
    pub text: String,
}

/// A time in which a node's clock was wrong: from, until, by how much, in milliseconds.
pub type Wrong = (i64, i64, i64);

/// All events in a node's log, with the times of this host.
pub fn events(node: &str, system: &dyn System, log: &str, wrong: &[Wrong]) -> Vec<Event> {
    let right = |at: i64| wrong.iter().find(|(from, until, by)| (*from..*until).contains(&(at - by))).map_or(at, |(_, _, by)| at - by);
    let event = |name: &str, text: &str, at| Event { at: right(at), node: node.to_owned(), name: name.to_owned(), text: text.to_owned() };
    system.logged(log).into_iter().map(|told| event(told.name, told.text, told.at_ms)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::sentinel::Sentinel;

    const LOG: &str = "\
1:X 22 Nov 2026 01:40:01.500 * Running mode=sentinel, port=26379.
1:X 22 Nov 2026 01:40:03.123 # +sdown master mymaster 198.18.7.11 6379
1:X 22 Nov 2026 01:40:04.000 # +tilt #tilt mode entered
1:X 22 Nov 2026 01:40:05.000 # - a remark
18:C 22 Nov 2026 01:40:05.000 # +sdown of another process
half a line";

    #[test]
    fn a_clock_that_was_wrong_is_put_right() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let wrong = [(at("2026-11-22T01:39:03Z"), at("2026-11-22T01:39:03.500Z"), 60_000)];
        let times: Vec<i64> = events("sentinel-1", &Sentinel, LOG, &wrong).iter().map(|event| event.at).collect();
        assert_eq!(times, [at("2026-11-22T01:39:03.123Z"), at("2026-11-22T01:40:04Z")]);
    }
}
