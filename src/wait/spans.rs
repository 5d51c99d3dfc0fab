//! Spans of time as people write them, "1.5 seconds": in sentences, in `rehearsal.toml`, on the command line.

use std::time::Duration;

/// Units a span may have, as they are written.
pub const UNITS: &[&str] = &["milliseconds", "seconds", "minutes", "hours", "millisecond", "second", "minute", "hour"];

/// Longer than any run; beyond it numbers stop being times.
const LONGEST: f64 = 365.0 * 24.0 * 3600.0;

/// Reads a span: a number, a space, a unit written out.
///
/// # Errors
/// What is wrong with it, a fragment.
pub fn parse(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.trim().split_once(' ').ok_or("a duration is a number and a unit")?;
    let number: f64 = number.parse().map_err(|_| format!("\"{number}\" is no number"))?;
    let unit = unit.trim();
    let seconds = match UNITS.iter().find(|known| **known == unit).map_or(unit, |known| known.trim_end_matches('s')) {
        "millisecond" => number / 1000.0,
        "second" => number,
        "minute" => number * 60.0,
        "hour" => number * 3600.0,
        other => return Err(format!("\"{other}\" is no unit of time")),
    };
    if (0.0..=LONGEST).contains(&seconds) { Ok(Duration::from_secs_f64(seconds)) } else { Err(format!("{text} is no time to wait")) }
}

/// Writes a span the way [`parse`] reads it: `90 seconds`, `2 minutes`, `1 hour`.
pub fn written(span: Duration) -> String {
    let ms = span.as_millis();
    let (number, unit) = match ms {
        ms if ms >= 3_600_000 && ms.is_multiple_of(3_600_000) => (ms / 3_600_000, "hour"),
        ms if ms >= 60_000 && ms.is_multiple_of(60_000) => (ms / 60_000, "minute"),
        ms if ms.is_multiple_of(1_000) => (ms / 1_000, "second"),
        ms => (ms, "millisecond"),
    };
    if number == 1 { format!("{number} {unit}") } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in ["500 milliseconds", "1 second", "90 seconds", "2 minutes", "1 hour"] {
            assert_eq!(written(parse(text).unwrap()), text);
        }
        assert_eq!(parse("1.5 seconds"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn what_is_no_span_is_refused() {
        assert_eq!(parse("60"), Err("a duration is a number and a unit".to_owned()));
        assert_eq!(parse("many seconds"), Err("\"many\" is no number".to_owned()));
        assert_eq!(parse("3 fortnights"), Err("\"fortnights\" is no unit of time".to_owned()));
        for text in ["-1 seconds", "NaN seconds", "1e300 hours"] {
            assert_eq!(parse(text), Err(format!("{text} is no time to wait")));
        }
    }
}
