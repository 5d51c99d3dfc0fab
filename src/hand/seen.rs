//! What the Sentinels published while no command was running, out of their logs: every event is a line there too.
//!
//! Lines look alike on redis 6.2 to 8.0 and on valkey 8.1: `1:X 22 Nov 2026 01:40:03.123 # +sdown master mymaster 198.18.7.11 6379`, in the time of the
//! container's wall clock, which is UTC unless its image says otherwise, and wrong while its clock is made to be.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// An event of one Sentinel.
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

/// All events in a Sentinel's log, with the times of this host.
pub fn events(node: &str, log: &str, wrong: &[Wrong]) -> Vec<Event> {
    let right = |at: i64| wrong.iter().find(|(from, until, by)| (*from..*until).contains(&(at - by))).map_or(at, |(_, _, by)| at - by);
    log.lines().filter_map(|line| event(node, line)).map(|event| Event { at: right(event.at), ..event }).collect()
}

fn event(node: &str, line: &str) -> Option<Event> {
    let words: Vec<&str> = line.splitn(8, ' ').collect();
    let [process, day, month, year, time, mark, name, ..] = words.as_slice() else { return None };
    if !process.ends_with(":X") || mark.len() != 1 || !name.starts_with(['+', '-']) || name.len() < 3 {
        return None;
    }
    let when = DateTime::strptime("%d %b %Y %H:%M:%S%.f", format!("{day} {month} {year} {time}")).ok()?;
    let at = when.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
    Some(Event { at, node: node.to_owned(), name: (*name).to_owned(), text: words.get(7).map_or(String::new(), |text| (*text).to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
1:X 22 Nov 2026 01:40:01.500 * Running mode=sentinel, port=26379.
1:X 22 Nov 2026 01:40:03.123 # +sdown master mymaster 198.18.7.11 6379
1:X 22 Nov 2026 01:40:04.000 # +tilt #tilt mode entered
1:X 22 Nov 2026 01:40:05.000 # - a remark
18:C 22 Nov 2026 01:40:05.000 # +sdown of another process
half a line";

    #[test]
    fn events_are_told_from_other_lines() {
        let events = events("sentinel-1", LOG, &[]);
        let told: Vec<(&str, &str)> = events.iter().map(|event| (event.name.as_str(), event.text.as_str())).collect();
        assert_eq!(told, [("+sdown", "master mymaster 198.18.7.11 6379"), ("+tilt", "#tilt mode entered")]);
        assert_eq!(events[0].at, "2026-11-22T01:40:03.123Z".parse::<jiff::Timestamp>().unwrap().as_millisecond());
    }

    #[test]
    fn a_clock_that_was_wrong_is_put_right() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let wrong = [(at("2026-11-22T01:39:03Z"), at("2026-11-22T01:39:03.500Z"), 60_000)];
        let times: Vec<i64> = events("sentinel-1", LOG, &wrong).iter().map(|event| event.at).collect();
        assert_eq!(times, [at("2026-11-22T01:39:03.123Z"), at("2026-11-22T01:40:04Z")]);
    }
}
