//! The stream of writes and the backlog: asked for at a place of one's choice, and what the log says of it, by its own dates.

use super::params::{Nodes, Span};
use crate::error::{Step, StepError};
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{Parameter, then, when};
use regex::Regex;
use std::str::FromStr;
use std::time::Duration;

/// A place in the stream, told from the ends of the backlog.
#[derive(Debug, Clone, Copy, PartialEq, Parameter)]
#[param(name = "place", regex = "the first byte in|the byte before|the next byte after|the second byte after")]
pub enum Place {
    FirstIn,
    Before,
    NextAfter,
    SecondAfter,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        match text {
            "the first byte in" => Ok(Place::FirstIn),
            "the byte before" => Ok(Place::Before),
            "the next byte after" => Ok(Place::NextAfter),
            "the second byte after" => Ok(Place::SecondAfter),
            other => Err(format!("\"{other}\" is no place: the first byte in, the byte before, the next byte after, the second byte after")),
        }
    }
}

impl Place {
    /// The offset that a PSYNC for it names, of a backlog with this first byte and this length.
    fn offset(self, first: i64, length: i64) -> i64 {
        match self {
            Place::FirstIn => first,
            Place::Before => first - 1,
            Place::NextAfter => first + length,
            Place::SecondAfter => first + length + 1,
        }
    }
}

/// Asks a node, as a replica would, to go on with its own history at this place: PSYNC with its replication id and an offset. The
/// connection ends after the answer, which is "the reply".
#[when(expr = "a client asks {nodes} to continue at {place} its backlog")]
async fn asks_to_continue(world: &mut World, nodes: Nodes, place: Place) -> Step {
    let node = world.name(&nodes)?;
    let info = world.info(&node).await?;
    let number = |field: &str| info.get(field).and_then(|value| value.parse::<i64>().ok());
    let (Some(first), Some(length), Some(id), Some("1")) =
        (number("repl_backlog_first_byte_offset"), number("repl_backlog_histlen"), info.get("master_replid"), info.get("repl_backlog_active"))
    else {
        return Err(StepError::scenario(format!("{node} has no backlog: it gets one with its first replica")));
    };
    let offset = place.offset(first, length).to_string();
    // The server takes the connection for a replica's from now on.
    let client = world.fresh_client(&node)?;
    let reply = client.ask(&["PSYNC", id, &offset]).await.map_err(|error| StepError::no_answer(&node, "PSYNC", &error))?;
    world.observe(format!("backlog from {first}, {length} bytes; asked for {offset}: {reply}"));
    world.last_reply = Some((node, reply));
    Ok(())
}

/// By some moment of the window the last so many lines of a node's log that match the regular expression lie about this far apart,
/// half of it more or less, by the log's own dates.
#[then(expr = "within {duration} the log of {nodes} shows {string} {int} times, about {duration} apart")]
async fn log_shows_rhythm(world: &mut World, span: Span, nodes: Nodes, pattern: String, times: usize, apart: Span) -> Step {
    let node = world.name(&nodes)?;
    let regex = Regex::new(&pattern).map_err(|error| StepError::scenario(format!("{pattern} is no regular expression: {error}")))?;
    if times < 2 {
        return Err(StepError::scenario("a rhythm needs two lines at least: use `the log of ... shows` for one"));
    }
    let deadline = world.deadline(span.0);
    let what = format!("{times} lines of {node}'s log that match {pattern}, about {} apart", wait::seconds(apart.0));
    let lines = wait::until(&what, deadline, async || match world.lines_of_log(&node, &regex).await {
        Ok(lines) => match rhythm(&lines, times, apart.0) {
            Ok(last) => Look::Done(last.to_vec()),
            Err(why) => Look::NotYet(why),
        },
        Err(error) => Look::NotYet(error.message),
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("the log of {node}: {}", gave_up.last())).expected(&what, gave_up.last()))?;
    world.observe(lines.join("\n"));
    Ok(())
}

/// One node's value differs from another's by no more than this many percent of it.
#[then(expr = "the {observable} of {nodes} is within {int} percent of that of {nodes}")]
async fn is_near(world: &mut World, observed: super::params::Observed, nodes: Nodes, percent: u64, other: Nodes) -> Step {
    let other = world.name(&other)?;
    let expected = world.number(observed, &other).await?;
    let mut seen = vec![format!("{other}: {expected}")];
    for name in world.names(&nodes)? {
        let value = world.number(observed, &name).await?;
        if value.abs_diff(expected) * 100 > expected * percent {
            let wanted = format!("{expected} ({other}), {percent} % more or less");
            return Err(StepError::assertion(format!("the {} of {name} is {value}", observed.0.name)).expected(wanted, value.to_string()));
        }
        seen.push(format!("{name}: {value}"));
    }
    world.observe(seen.join(", "));
    Ok(())
}

impl World {
    async fn lines_of_log(&self, node: &str, regex: &Regex) -> Result<Vec<String>, StepError> {
        let log = self.deployment()?.log(node).await?;
        Ok(log.lines().filter(|line| regex.is_match(line)).map(str::to_owned).collect())
    }

    async fn number(&self, observed: super::params::Observed, node: &str) -> Result<u64, StepError> {
        let info = self.info(node).await?;
        let value = observed.0.read(&info);
        value
            .as_deref()
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| StepError::scenario(format!("the {} of {node} is no number: {}", observed.0.name, value.unwrap_or_default())))
    }
}

/// The last so many of these lines, if each is about this far behind the one before.
///
/// # Errors
/// In what way they are not, in a few words.
fn rhythm(lines: &[String], times: usize, apart: Duration) -> Result<&[String], String> {
    let last = lines.len().checked_sub(times).map(|from| &lines[from..]).ok_or_else(|| format!("{} such lines", lines.len()))?;
    for pair in last.windows(2) {
        let (before, after) = millis_of_day(&pair[0]).zip(millis_of_day(&pair[1])).ok_or_else(|| format!("no time of day in: {}", pair[1]))?;
        let gap = gap(before, after);
        if gap < apart / 2 || gap > apart * 3 / 2 {
            return Err(format!("{} such lines, two of the last {times} are {} apart", lines.len(), wait::seconds(gap)));
        }
    }
    Ok(last)
}

/// The time of day in a log line ("1:S 22 Nov 2026 03:30:15.123 * ..."), in milliseconds.
fn millis_of_day(line: &str) -> Option<u64> {
    let clock = line.split_whitespace().find(|word| word.matches(':').count() == 2 && word.contains('.'))?;
    let (whole, millis) = clock.split_once('.')?;
    let seconds = whole.split(':').try_fold(0, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?))?;
    Some(seconds * 1000 + millis.parse::<u64>().ok()?)
}

/// From one time of day to the next, over midnight where need be.
fn gap(before: u64, after: u64) -> Duration {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    Duration::from_millis((after + DAY - before) % DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_its_time_of_day() {
        assert_eq!(millis_of_day("1:S 22 Nov 2026 01:02:03.004 * Connecting to MASTER 198.18.0.11:6379"), Some(3_723_004));
        assert_eq!(millis_of_day("no date here"), None);
    }

    #[test]
    fn only_the_last_lines_have_to_keep_time() {
        let lines = ["0.000", "0.100", "1.200", "2.100"].map(|at| format!("1:S 22 Nov 2026 01:02:0{at} * Connecting"));
        assert_eq!(rhythm(&lines, 3, Duration::from_secs(1)), Ok(&lines[1..]));
        assert_eq!(rhythm(&lines, 4, Duration::from_secs(1)), Err("4 such lines, two of the last 4 are 0.10 s apart".to_owned()));
        assert_eq!(rhythm(&lines, 5, Duration::from_secs(1)), Err("4 such lines".to_owned()));
    }

    #[test]
    fn a_gap_may_span_midnight() {
        assert_eq!(gap(86_399_500, 500), Duration::from_secs(1));
        assert_eq!(gap(1000, 2500), Duration::from_millis(1500));
    }

    #[test]
    fn places_are_told_from_the_ends_of_the_backlog() {
        let offsets = ["the byte before", "the first byte in", "the next byte after", "the second byte after"]
            .map(|place| place.parse::<Place>().unwrap().offset(101, 50));
        assert_eq!(offsets, [100, 101, 151, 152]);
        assert!("somewhere".parse::<Place>().is_err());
    }
}
