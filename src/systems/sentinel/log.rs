//! A Sentinel's log, in which every event is a line, too.
//!
//! Lines look alike on redis 6.2 to 8.0 and on valkey 8.1: `1:X 22 Nov 2026 01:40:03.123 # +sdown master mymaster 198.18.7.11 6379`, in UTC unless the image says otherwise.

use crate::systems::Logged;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Every event, in the log's order.
pub(super) fn told(log: &str) -> impl Iterator<Item = Logged<'_>> {
    log.lines().filter_map(event)
}

fn event(line: &str) -> Option<Logged<'_>> {
    let words: Vec<&str> = line.splitn(8, ' ').collect();
    let [process, day, month, year, time, mark, name, ..] = words.as_slice() else { return None };
    if !process.ends_with(":X") || mark.len() != 1 || !name.starts_with(['+', '-']) || name.len() < 3 {
        return None;
    }
    let when = DateTime::strptime("%d %b %Y %H:%M:%S%.f", format!("{day} {month} {year} {time}")).ok()?;
    let at_ms = when.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
    Some(Logged { at_ms, name, text: words.get(7).copied().unwrap_or_default() })
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
        let events: Vec<Logged<'_>> = told(LOG).collect();
        let told: Vec<(&str, &str)> = events.iter().map(|event| (event.name, event.text)).collect();
        assert_eq!(told, [("+sdown", "master mymaster 198.18.7.11 6379"), ("+tilt", "#tilt mode entered")]);
        assert_eq!(events[0].at_ms, "2026-11-22T01:40:03.123Z".parse::<jiff::Timestamp>().unwrap().as_millisecond());
    }
}
