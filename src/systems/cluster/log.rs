//! What a Cluster's nodes tell only in their logs: that one misses another, that it is given up, elections and votes, each with the time the node gave it.
//!
//! Servers differ in wording around these phrases (Valkey names nodes, levels changed), so a phrase is looked for anywhere in a line.

use crate::record::timeline::log;
use crate::systems::Logged;

/// Phrases and the events they stand for; the first that a line holds counts.
const PHRASES: &[(&str, &str)] = &[
    ("possibly failing", log::PFAIL),
    ("as failing (quorum reached)", log::FAIL),
    ("FAIL message received from", log::FAIL),
    ("Start of election delayed", log::DELAY),
    ("Starting a failover election", log::ELECTION),
    ("Failover auth granted to", log::VOTE),
    ("Failover election won", log::WON),
    ("Cluster state changed: ok", log::OK),
    ("Cluster state changed: fail", log::DOWN),
];

/// Everything a log tells, in its order.
pub fn told(log: &str) -> impl Iterator<Item = Logged<'_>> {
    log.lines().filter_map(|line| {
        let (_, name) = PHRASES.iter().find(|(phrase, _)| line.contains(phrase))?;
        let (at_ms, text) = taken_apart(line)?;
        Some(Logged { at_ms, name, text })
    })
}

/// When a line was written, in milliseconds since the epoch by the node's clock; none for what has no date.
pub fn written_at(line: &str) -> Option<i64> {
    taken_apart(line).map(|(at_ms, _)| at_ms)
}

/// `12:M 22 Nov 2026 04:29:40.123 # Text`: process and role, day, month, year, time, level, text.
fn taken_apart(line: &str) -> Option<(i64, &str)> {
    let (_, rest) = line.split_once(' ')?;
    let words: Vec<&str> = rest.splitn(6, ' ').collect();
    let [day, month, year, time, _level, text] = words.as_slice() else { return None };
    let written = format!("{day} {month} {year} {time}");
    let time = jiff::civil::DateTime::strptime("%d %b %Y %H:%M:%S%.f", &written).ok()?;
    Some((time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_tell_of_elections_with_their_time() {
        let log = "7:M 22 Nov 2026 04:29:40.123 . *** NODE 1f possibly failing\n\
                   7:M 22 Nov 2026 04:29:40.200 # Marking node 1f (node-3) as failing (quorum reached).\n\
                   7:S 01 Dec 2026 00:00:00.001 * Failover election won: I'm the new primary.\n\
                   7:S 01 Dec 2026 00:00:00.002 * Ready to accept connections\n\
                   possibly failing, but no line of a log\n";
        let told: Vec<Logged<'_>> = told(log).collect();
        let names: Vec<(&str, &str)> = told.iter().map(|t| (t.name, t.text)).collect();
        assert_eq!(
            names,
            [
                (log::PFAIL, "*** NODE 1f possibly failing"),
                (log::FAIL, "Marking node 1f (node-3) as failing (quorum reached)."),
                (log::WON, "Failover election won: I'm the new primary.")
            ]
        );
        assert_eq!((told[1].at_ms - told[0].at_ms, told[0].at_ms), (77, 1_795_321_780_123));
    }
}
