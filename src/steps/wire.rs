//! What two nodes say to each other over the data network, captured and decoded.

use super::bounds::Delay;
use super::params::{Nodes, Span};
use crate::error::{Step, StepError};
use crate::probe::recorder::Watching;
use crate::probe::wire;
use crate::record::Exchange;
use crate::step_means;
use crate::wait::{self, Look};
use crate::world::{Away, World};
use cucumber::{gherkin, given, then};
use regex::Regex;
use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::time::Duration;

/// From now on, what goes between these two over the data network is captured. It is decoded, and drawn in the book with its real values.
#[given(expr = "the traffic between {nodes} and {nodes} is captured")]
async fn captured(world: &mut World, one: Nodes, other: Nodes) -> Step {
    let (one, other) = (world.name(&one)?, world.name(&other)?);
    world.capture(&one, &other).await?;
    world.observe(format!("tcpdump listens on {one}"));
    Ok(())
}

/// At some moment of the window the two have said all this, in this order; other things may lie between. A row is who says it (a node, or "the master") and how it begins, or a regular expression between slashes.
#[then(expr = "within {duration} {nodes} and {nodes} exchange, in order")]
async fn exchange(world: &mut World, span: Span, one: Nodes, other: Nodes, step: &gherkin::Step) -> Step {
    let (one, other) = (world.name(&one)?, world.name(&other)?);
    let wanted = wanted(world, step, &[&one, &other])?;
    let deadline = world.deadline(span.0);
    let (from_us, to_us) = (world.window.began_ms * 1000, world.ends_ms(span.0) * 1000);
    let what = format!("{one} and {other} to exchange all of it");
    // A capture that could not be read at the end says nothing about the servers: it is told as what it is.
    let unread = RefCell::new(None);
    let found = wait::until(&what, deadline, async || match world.said(&one, &other).await {
        Ok(said) => {
            unread.take();
            match in_order(&wanted, &said, from_us..=to_us) {
                Ok(found) => Look::Done(found),
                Err(missing) => Look::NotYet(missing),
            }
        }
        Err(error) => {
            let told = error.message.clone();
            unread.replace(Some(error));
            Look::NotYet(told)
        }
    })
    .await;
    if let Some(error) = unread.take() {
        return Err(error);
    }
    match found {
        Ok(found) => {
            world.observe(found.iter().map(told).collect::<Vec<_>>().join("\n"));
            Ok(())
        }
        Err(gave_up) => {
            let last = world.said(&one, &other).await.map(|said| said.into_iter().filter(|e| e.at_us >= from_us).collect()).unwrap_or_default();
            let said = wire::limit(wire::fold(last)).iter().map(told).collect();
            Err(StepError::missed(&gave_up, gave_up.last().to_owned()).seen(said))
        }
    }
}

/// Since the last block of `When`s began, the first has said nothing to the second that begins like this.
#[then(expr = "{nodes} does not send {string} to {nodes}")]
async fn does_not_send(world: &mut World, from: Nodes, text: String, to: Nodes) -> Step {
    let (from, to) = (world.name(&from)?, world.name(&to)?);
    let wanted = Wanted { from: from.clone(), what: pattern(&text)?, text: text.clone() };
    let from_us = world.window.began_ms * 1000;
    let said = world.said(&from, &to).await?;
    let said: Vec<&Exchange> = said.iter().filter(|e| e.at_us >= from_us).collect();
    if let Some(found) = said.iter().find(|e| wanted.is(e)) {
        return Err(StepError::assertion(format!("{from} sends {}", found.text)).expected(format!("nothing like {text}"), told(found)));
    }
    let observed = format!("none of {} lines", said.len());
    world.captured_throughout(&from, &to).await?;
    let (began_ms, now_ms) = (world.window.began_ms, world.now_ms());
    world.watched(&from, Watching::Role, began_ms, now_ms, Away::DidNothing)?;
    world.observe(observed);
    Ok(())
}

step_means!("for {duration} {nodes} send(s) {string} to {nodes} {int} to {int} times", lasts: true);

/// All through the span, from the moment the last `When` was verified, the first has said to the second what begins like this so many times, no fewer and no more. What is counted are whole commands or replies.
#[then(expr = "for {duration} {nodes} send(s) {string} to {nodes} {int} to {int} times")]
async fn sends_times(world: &mut World, span: Span, from: Nodes, text: String, to: Nodes, least: usize, most: usize) -> Step {
    let (from, to) = (world.name(&from)?, world.name(&to)?);
    let wanted = Wanted { from: from.clone(), what: pattern(&text)?, text };
    wait::moment(world.window.verified_at(world.clock) + span.0).await;
    let from_us = world.window.verified_ms * 1000;
    let until_us = from_us + span.0.as_micros() as u64;
    let said = world.said(&from, &to).await?;
    world.captured_throughout(&from, &to).await?;
    let times = said.iter().filter(|e| (from_us..until_us).contains(&e.at_us) && wanted.is(e)).map(|e| e.count as usize).sum::<usize>();
    let told = format!("{times} times in {}", wait::seconds(span.0));
    if !(least..=most).contains(&times) {
        return Err(StepError::assertion(format!("{from} sends {} to {to} {told}", wanted.text)).expected(format!("{least} to {most} times"), told));
    }
    let (verified_ms, to_ms) = (world.window.verified_ms, world.ends_ms(span.0));
    world.watched(&from, Watching::Role, verified_ms, to_ms, Away::DidNothing)?;
    world.observe(format!("{}: {told}", wanted.text));
    Ok(())
}

/// By some moment of the window each of the last so many whole commands or replies of the first to the second that begin like this lies so far behind the one before, by the times of the packets.
#[then(expr = "within {duration} {nodes} send(s) {string} to {nodes} {int} times, {delay} apart")]
async fn sends_apart(world: &mut World, span: Span, from: Nodes, text: String, to: Nodes, times: usize, apart: Delay) -> Step {
    let (from, to) = (world.name(&from)?, world.name(&to)?);
    let wanted = Wanted { from: from.clone(), what: pattern(&text)?, text };
    if times < 2 {
        return Err(StepError::scenario("a rhythm needs two of them at least"));
    }
    let (from_us, to_us) = (world.window.verified_ms * 1000, world.ends_ms(span.0) * 1000);
    let what = format!("{from} to send {} to {to} {times} times, {} apart", wanted.text, apart.text);
    let gaps = wait::until(&what, world.deadline(span.0), async || match world.said(&from, &to).await {
        Ok(said) => {
            let sent: Vec<u64> = said.iter().filter(|e| (from_us..=to_us).contains(&e.at_us) && wanted.is(e)).map(|e| e.at_us).collect();
            match rhythm(&sent, times, &apart) {
                Ok(gaps) => Look::Done(gaps),
                Err(why) => Look::NotYet(why),
            }
        }
        Err(error) => Look::NotYet(error.message),
    })
    .await
    .map_err(|gave_up| {
        StepError::missed(&gave_up, format!("{from} sends {} to {to} otherwise: {}", wanted.text, gave_up.last()))
            .expected(&apart.text, gave_up.last())
    })?;
    world.captured_throughout(&from, &to).await?;
    world.observe(format!("{}: {} apart", wanted.text, gaps.iter().map(|gap| wait::seconds(*gap)).collect::<Vec<_>>().join(", ")));
    Ok(())
}

/// How far the last so many of these moments lie apart, in microseconds, if it is as far as told.
///
/// # Errors
/// In what way they do not, in a few words.
fn rhythm(sent_us: &[u64], times: usize, apart: &Delay) -> Result<Vec<Duration>, String> {
    let last = sent_us.len().checked_sub(times).map(|from| &sent_us[from..]).ok_or_else(|| format!("{} times", sent_us.len()))?;
    let gaps: Vec<Duration> = last.windows(2).map(|pair| Duration::from_micros(pair[1].saturating_sub(pair[0]))).collect();
    match gaps.iter().find(|gap| !apart.holds(**gap)) {
        None => Ok(gaps),
        Some(gap) => Err(format!("{} times, two of the last {times} {} apart", sent_us.len(), wait::seconds(*gap))),
    }
}

/// A row of the table.
struct Wanted {
    from: String,
    what: Regex,
    /// As written.
    text: String,
}

impl Wanted {
    fn is(&self, exchange: &Exchange) -> bool {
        exchange.from == self.from && self.what.is_match(&exchange.text)
    }
}

fn wanted(world: &World, step: &gherkin::Step, both: &[&str]) -> Result<Vec<Wanted>, StepError> {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table: who says it, and what"))?;
    let row = |row: &Vec<String>| {
        let [who, what] = row.as_slice() else { return Err(StepError::scenario("a row is who says it and what")) };
        let quoted = if who.starts_with("the ") || who.starts_with('"') { who.clone() } else { format!("\"{who}\"") };
        let from = world.name(&quoted.parse::<Nodes>().map_err(StepError::scenario)?)?;
        if !both.contains(&from.as_str()) {
            return Err(StepError::scenario(format!("{from} is none of the two, {}", both.join(" and "))));
        }
        Ok(Wanted { from, what: pattern(what)?, text: what.clone() })
    };
    table.rows.iter().map(row).collect()
}

/// How a line begins: as written, or by a regular expression between slashes.
fn pattern(text: &str) -> Result<Regex, StepError> {
    let inside = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|inside| !inside.is_empty());
    let regex = inside.map_or_else(|| regex::escape(text), str::to_owned);
    Regex::new(&format!("^(?:{regex})")).map_err(|error| StepError::scenario(format!("{text} is no regular expression: {error}")))
}

/// The lines that match the rows, one after the other.
///
/// # Errors
/// The first row that nothing matches, and what came instead.
fn in_order(wanted: &[Wanted], said: &[Exchange], time_us: RangeInclusive<u64>) -> Result<Vec<Exchange>, String> {
    let said: Vec<&Exchange> = said.iter().filter(|e| time_us.contains(&e.at_us)).collect();
    let (mut found, mut rest): (Vec<&Exchange>, &[&Exchange]) = (Vec::new(), &said);
    for row in wanted {
        match rest.iter().position(|e| row.is(e)) {
            Some(at) => {
                found.push(rest[at]);
                rest = &rest[at + 1..];
            }
            None => {
                let before = found.last().map_or("the beginning", |e| &e.text);
                // An answer that is another one is the first thing to know.
                let instead = rest.iter().find(|e| e.from == row.from).map_or(String::new(), |e| format!(" but {}", e.text));
                return Err(format!("after {before}, {} does not say {}{instead}", row.from, row.text));
            }
        }
    }
    Ok(found.into_iter().cloned().collect())
}

fn told(exchange: &Exchange) -> String {
    format!("{:.1} ms {}: {}", exchange.at_us as f64 / 1000.0, exchange.from, exchange.text)
        + &if exchange.count > 1 { format!(" (\u{d7}{})", exchange.count) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_have_to_keep_time() {
        let apart: Delay = "between 1.9 and 2.6 seconds".parse().unwrap();
        let sent = [0, 100_000, 2_100_000, 4_200_000];
        assert_eq!(rhythm(&sent, 3, &apart), Ok(vec![Duration::from_millis(2000), Duration::from_millis(2100)]));
        assert_eq!(rhythm(&sent, 4, &apart), Err("4 times, two of the last 4 0.10 s apart".to_owned()));
        assert_eq!(rhythm(&[0, 3_000_000, 6_000_000], 2, &apart), Err("3 times, two of the last 2 3.00 s apart".to_owned()));
        assert_eq!(rhythm(&[0], 2, &apart), Err("1 times".to_owned()));
    }
}
