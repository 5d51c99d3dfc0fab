//! What a node's log says, and when by the log's own dates: those are the server's, however busy this program is. The dates of a node whose clock was moved tell that clock's time.

use super::bounds::{Delay, Watcher, Within};
use super::params::{Nodes, Span};
use crate::error::{Step, StepError};
use crate::probe::recorder::Watching;
use crate::systems::cluster::log as cluster_log;
use crate::wait::{self, Look};
use crate::world::{Away, World};
use cucumber::then;
use regex::Regex;
use std::time::Duration;

/// At some moment of the window a line of these nodes' logs matches this regular expression; what was logged before counts as well. With a lower bound it is the first such line since the last block of `When`s began, by its own date.
#[then(expr = "{window} the log of {nodes} shows {string}")]
async fn log_comes_to_show(world: &mut World, window: Within, nodes: Nodes, pattern: String) -> Step {
    let names = world.names(&nodes)?;
    let regex = expression(&pattern)?;
    let deadline = world.deadline(window.to);
    // With a lower bound the date counts, and so only lines of this window.
    let since = if window.from.is_zero() { None } else { Some(world.epoch_ms(world.window.began_ms)) };
    let what = format!("the log of {} to show {pattern}", nodes.text);
    let found = wait::until(&what, deadline, async || {
        let mut found = Vec::new();
        for name in &names {
            let log = match world.log_of(name).await {
                Ok(log) => log,
                Err(error) => return Look::NotYet(error.message),
            };
            match log.lines().find(|line| regex.is_match(line) && since.is_none_or(|since| cluster_log::written_at(line) >= Some(since))) {
                Some(line) => found.push((name.clone(), line.to_owned())),
                None => return Look::NotYet(format!("the last line of {name} is: {}", log.lines().last().unwrap_or("nothing"))),
            }
        }
        Look::Done(found)
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("no line of the log of {} matches {pattern}", nodes.text)))?;
    if since.is_some() {
        for (name, line) in &found {
            let at_ms = world.clock_ms(cluster_log::written_at(line).unwrap_or_default());
            if at_ms > world.ends_ms(window.to) {
                let after = wait::seconds(world.window.after(at_ms));
                return Err(StepError::assertion(format!("the log of {name} shows {pattern} only after {after}: {line}")));
            }
            world.not_before(window, at_ms, &format!("the log of {name} shows {pattern}"), &Watcher::Whole)?;
        }
    }
    world.observe(found.iter().map(|(name, line)| format!("{name}: {line}")).collect::<Vec<_>>().join("\n"));
    Ok(())
}

/// In the window a line of the node's log matches the first regular expression, so long after the first line since the last block of `When`s began that matches the second one, by the log's own dates.
#[then(expr = "within {duration} the log of {nodes} shows {string} {delay} after {string}")]
async fn log_shows_after(world: &mut World, span: Span, nodes: Nodes, after: String, delay: Delay, before: String) -> Step {
    let node = world.name(&nodes)?;
    let (first, second) = (expression(&before)?, expression(&after)?);
    let (deadline, since) = (world.deadline(span.0), world.epoch_ms(world.window.began_ms));
    let what = format!("the log of {node} to show {before}, then {after}");
    let (from, to, lasted) = wait::until(&what, deadline, async || match world.log_of(&node).await {
        Ok(log) => match apart(&log, since, &first, &second) {
            Ok(found) => Look::Done(found),
            Err(missing) => Look::NotYet(missing),
        },
        Err(error) => Look::NotYet(error.message),
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("the log of {node}: {}", gave_up.last())).expected(&what, gave_up.last()))?;
    delay.judge(&format!("{node} logged {after} after {before} by"), lasted)?;
    world.observe(format!("{from}\n{to}\n{} later", wait::seconds(lasted)));
    Ok(())
}

/// By some moment of the window each of the last so many lines of a node's log that match the regular expression lies so far behind the one before, by the log's own dates.
#[then(expr = "within {duration} the log of {nodes} shows {string} {int} times, {delay} apart")]
async fn log_shows_rhythm(world: &mut World, span: Span, nodes: Nodes, pattern: String, times: usize, apart: Delay) -> Step {
    let node = world.name(&nodes)?;
    let regex = expression(&pattern)?;
    if times < 2 {
        return Err(StepError::scenario("a rhythm needs two lines at least: use `the log of ... shows` for one"));
    }
    let deadline = world.deadline(span.0);
    let what = format!("{times} lines of {node}'s log that match {pattern}, {} apart", apart.text);
    let lines = wait::until(&what, deadline, async || match world.log_of(&node).await {
        Ok(log) => {
            let lines: Vec<&str> = log.lines().filter(|line| regex.is_match(line)).collect();
            match rhythm(&lines, times, &apart) {
                Ok(last) => Look::Done(last.join("\n")),
                Err(why) => Look::NotYet(why),
            }
        }
        Err(error) => Look::NotYet(error.message),
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("the log of {node}: {}", gave_up.last())).expected(&what, gave_up.last()))?;
    world.observe(lines);
    Ok(())
}

/// No line of these nodes' logs matches this regular expression, and the nodes have answered since the last block of `When`s began.
#[then(expr = "the log of {nodes} does not show {string}")]
async fn log_does_not_show(world: &mut World, nodes: Nodes, pattern: String) -> Step {
    let regex = expression(&pattern)?;
    let (began_ms, now_ms) = (world.window.began_ms, world.now_ms());
    for name in world.names(&nodes)? {
        if let Some(line) = world.log_of(&name).await?.lines().find(|line| regex.is_match(line)) {
            return Err(StepError::assertion(format!("the log of {name} shows: {line}")).expected(format!("no {pattern}"), line));
        }
        world.watched(&name, Watching::Role, began_ms, now_ms, Away::DidNothing)?;
    }
    world.observe(format!("no line with {pattern}"));
    Ok(())
}

fn expression(pattern: &str) -> Result<Regex, StepError> {
    Regex::new(pattern).map_err(|error| StepError::scenario(format!("{pattern} is no regular expression: {error}")))
}

impl World {
    async fn log_of(&self, node: &str) -> Result<String, StepError> {
        Ok(self.deployment()?.log(node).await?)
    }

    /// Milliseconds since the epoch for a moment of the scenario, as an unmoved clock tells them.
    fn epoch_ms(&self, at_ms: u64) -> i64 {
        jiff::Timestamp::now().as_millisecond() - (self.now_ms() as i64 - at_ms as i64)
    }

    /// The other way round; what lies before the scenario is its beginning.
    fn clock_ms(&self, epoch_ms: i64) -> u64 {
        u64::try_from(epoch_ms - self.epoch_ms(0)).unwrap_or_default()
    }
}

/// The first line since this time that matches one expression, the first line from there on that matches another, and how far they lie apart.
///
/// # Errors
/// What is missing.
fn apart(log: &str, since: i64, first: &Regex, second: &Regex) -> Result<(String, String, Duration), String> {
    let mut dated = log.lines().filter_map(|line| Some((cluster_log::written_at(line)?, line))).filter(|(at, _)| *at >= since);
    let (from_ms, from) = dated.find(|(_, line)| first.is_match(line)).ok_or_else(|| format!("no {first}"))?;
    let (to_ms, to) = dated.find(|(_, line)| second.is_match(line)).ok_or_else(|| format!("no {second} after {from}"))?;
    Ok((from.to_owned(), to.to_owned(), Duration::from_millis(u64::try_from(to_ms - from_ms).unwrap_or_default())))
}

/// The last so many of these lines, if each is so far behind the one before.
///
/// # Errors
/// In what way they are not, in a few words.
fn rhythm<'l>(lines: &'l [&'l str], times: usize, apart: &Delay) -> Result<&'l [&'l str], String> {
    let last = lines.len().checked_sub(times).map(|from| &lines[from..]).ok_or_else(|| format!("{} such lines", lines.len()))?;
    for pair in last.windows(2) {
        let (before, after) =
            cluster_log::written_at(pair[0]).zip(cluster_log::written_at(pair[1])).ok_or_else(|| format!("no date in: {}", pair[1]))?;
        let gap = Duration::from_millis(u64::try_from(after - before).unwrap_or_default());
        if !apart.holds(gap) {
            return Err(format!("{} such lines, two of the last {times} are {} apart", lines.len(), wait::seconds(gap)));
        }
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_have_to_keep_time() {
        let lines = ["0.000", "0.100", "1.200"].map(|at| format!("1:S 22 Nov 2026 01:02:0{at} * Connecting"));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let apart: Delay = "between 900 and 1200 milliseconds".parse().unwrap();
        assert_eq!(rhythm(&lines, 2, &apart), Ok(&lines[1..]));
        assert_eq!(rhythm(&lines, 3, &apart), Err("3 such lines, two of the last 3 are 0.10 s apart".to_owned()));
        assert_eq!(rhythm(&lines, 5, &apart), Err("3 such lines".to_owned()));
        assert!(rhythm(&["no date", "none"], 2, &apart).is_err());
    }

    const LOG: &str = "1:X 30 Nov 2026 23:59:50.000 # +sdown\n1:X 30 Nov 2026 23:59:55.000 # +slave-reconf-sent a\n\
                       1:X 30 Nov 2026 23:59:58.000 # +slave-reconf-sent a\nan undated line with -timeout\n1:X 01 Dec 2026 00:00:08.500 # -timeout a\n";

    fn lasted(since: &str, first: &str, second: &str) -> Result<Duration, String> {
        let since = cluster_log::written_at(&format!("1:X {since} # x")).unwrap();
        apart(LOG, since, &Regex::new(first).unwrap(), &Regex::new(second).unwrap()).map(|(_, _, lasted)| lasted)
    }

    #[test]
    fn two_lines_lie_as_far_apart_as_their_dates() {
        let began = "30 Nov 2026 23:59:56.000";
        assert_eq!(
            lasted(began, "-sent", "-timeout"),
            Ok(Duration::from_millis(10_500)),
            "midnight lies between, and the line before is of another window"
        );
        assert_eq!(lasted("30 Nov 2026 23:59:50.000", "-sent", "-timeout"), Ok(Duration::from_millis(13_500)));
        assert_eq!(lasted(began, "-timeout", "-sent"), Err("no -sent after 1:X 01 Dec 2026 00:00:08.500 # -timeout a".to_owned()));
        assert_eq!(lasted(began, "[+]sdown", "-sent"), Err("no [+]sdown".to_owned()));
    }
}
