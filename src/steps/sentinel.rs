//! Sentinels: their timers, and the events they publish.

use super::bounds::{Delay, Watcher, Within};
use super::meaning::{Acts, Looks};
use super::params::{Nodes, Span};
use crate::error::{Step, StepError};
use crate::probe::recorder::Watching;
use crate::record::Kind;
use crate::step_means;
use crate::wait::{self, Look};
use crate::world::{Away, World};
use cucumber::{gherkin, given, then, when};
use std::time::Duration;

/// Sets timers of all Sentinels at run time with SENTINEL DEBUG (7.0+), in milliseconds: `tilt-period`, `info-period`, `publish-period` and others.
#[given(expr = "the Sentinel timers")]
async fn timers(world: &mut World, step: &gherkin::Step) -> Step {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of timer and milliseconds"))?;
    let mut command = vec!["SENTINEL", "DEBUG"];
    command.extend(table.rows.iter().flatten().map(String::as_str));
    for sentinel in world.sentinels()? {
        world.command(&sentinel, &command).await?;
    }
    Ok(())
}

step_means!("{window} {nodes} report(s) {string}", looks: Some(Looks::Event));

/// Every one of these Sentinels (or, with "a Sentinel", one of them) publishes the event in the window, and not before a lower bound.
#[then(expr = "{window} {nodes} report(s) {string}")]
async fn reports(world: &mut World, window: Within, nodes: Nodes, event: String) -> Step {
    heard(world, window, &nodes, &event, "").await
}

step_means!("within {duration} {nodes} report(s) {string}", acts: Acts::Nobody);

/// Waits until every one of these Sentinels has published the event: for a stage in the middle of a scenario.
#[when(expr = "within {duration} {nodes} report(s) {string}")]
async fn waits_for_report(world: &mut World, span: Span, nodes: Nodes, event: String) -> Step {
    if world.leaves_out_waits() {
        return Ok(());
    }
    heard(world, Within { from: Duration::ZERO, to: span.0 }, &nodes, &event, "").await
}

step_means!("{window} {nodes} report(s) {string} with {string}", looks: Some(Looks::Event));

/// The same of an event with this in its text.
#[then(expr = "{window} {nodes} report(s) {string} with {string}")]
async fn reports_with(world: &mut World, window: Within, nodes: Nodes, event: String, text: String) -> Step {
    heard(world, window, &nodes, &event, &text).await
}

step_means!("within {duration} {nodes} report(s), in order", looks: Some(Looks::Events));

/// These Sentinels, taken together on one clock, publish the events of the table in this order; others may lie between.
#[then(expr = "within {duration} {nodes} report(s), in order")]
async fn reports_in_order(world: &mut World, span: Span, nodes: Nodes, step: &gherkin::Step) -> Step {
    let names = world.names(&nodes)?;
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of events"))?;
    let expected: Vec<&str> = table.rows.iter().filter_map(|row| row.first()).map(String::as_str).collect();
    let (deadline, to_ms) = (world.deadline(span.0), world.ends_ms(span.0));
    let what = format!("{} in order", expected.join(", "));
    let seen = wait::until(&what, deadline, async || {
        let events = world.events_of(&names, to_ms);
        match in_order(&expected, &events) {
            Ok(seen) => Look::Done(seen),
            Err(missing) => Look::NotYet(format!("no {missing} after the ones before it")),
        }
    })
    .await
    .map_err(|gave_up| {
        let all = world
            .events_of(&names, u64::MAX)
            .iter()
            .map(|(at, node, name, text)| format!("{:.2} s {node} {name} {text}", *at as f64 / 1000.0))
            .collect();
        StepError::missed(&gave_up, gave_up.last().to_owned()).expected(expected.join(", "), gave_up.last()).seen(all)
    })?;
    let told: Vec<_> = seen.iter().map(|(at, node, name)| format!("{name} by {node} after {}", wait::seconds(world.window.after(*at)))).collect();
    world.observe(told.join(", "));
    Ok(())
}

step_means!("within {duration} {nodes} report(s) {string} {delay} after {string}", looks: Some(Looks::Event));

/// Each of these Sentinels (or, with "a Sentinel", one of them) publishes the first event so long after it has published the event named last for the first time.
#[then(expr = "within {duration} {nodes} report(s) {string} {delay} after {string}")]
async fn reports_after(world: &mut World, span: Span, nodes: Nodes, event: String, delay: Delay, before: String) -> Step {
    world.apart(span, &nodes, &before, &event, &delay).await
}

step_means!("within {duration} {nodes} report(s) {string} again, {delay} later", looks: Some(Looks::Event));

/// Each of these Sentinels (or, with "a Sentinel", one of them) publishes the event twice in the window, the second time so long after the first.
#[then(expr = "within {duration} {nodes} report(s) {string} again, {delay} later")]
async fn reports_again(world: &mut World, span: Span, nodes: Nodes, event: String, delay: Delay) -> Step {
    world.apart(span, &nodes, &event, &event, &delay).await
}

step_means!("for {duration} {nodes} do/does not report {string}", looks: Some(Looks::Event), lasts: true);

/// All through the span, from the start of the last `When`, none of these Sentinels publishes the event.
#[then(expr = "for {duration} {nodes} do/does not report {string}")]
async fn does_not_report(world: &mut World, span: Span, nodes: Nodes, event: String) -> Step {
    let names = world.names(&nodes)?;
    silent_about(world, span, &names, &event).await
}

step_means!("for {duration} no Sentinel reports {string}", looks: Some(Looks::Event), lasts: true);

/// All through the span, from the start of the last `When`, no Sentinel publishes the event.
#[then(expr = "for {duration} no Sentinel reports {string}")]
async fn nobody_reports(world: &mut World, span: Span, event: String) -> Step {
    let names = world.sentinels()?;
    silent_about(world, span, &names, &event).await
}

async fn silent_about(world: &mut World, span: Span, names: &[String], event: &str) -> Step {
    wait::moment(world.window.verified_at(world.clock) + span.0).await;
    let (verified_ms, to_ms) = (world.window.verified_ms, world.ends_ms(span.0));
    // An event that came later than the span is no harm, however long the steps before took.
    if let Some((at, node, _, text)) = world.events_of(names, to_ms).into_iter().find(|(_, _, name, _)| name == event) {
        let after = wait::seconds(world.window.after(at));
        return Err(StepError::assertion(format!("{node} reported {event} after {after}: {text}")));
    }
    for name in names {
        world.watched(name, Watching::Events, verified_ms, to_ms, Away::DidNothing)?;
        // A Sentinel that is frozen keeps its subscribers and tells them nothing.
        world.watched(name, Watching::Role, verified_ms, to_ms, Away::DidNothing)?;
    }
    world.observe(format!("no {event} for {}", wait::seconds(span.0)));
    Ok(())
}

async fn heard(world: &mut World, window: Within, nodes: &Nodes, event: &str, text: &str) -> Step {
    let mut told = Vec::new();
    for names in world.each_or_any(nodes)? {
        let (deadline, to_ms) = (world.deadline(window.to), world.ends_ms(window.to));
        let who = names.join(", ");
        let what = format!("{event} of {who}");
        let (at, by, said) = wait::until(&what, deadline, async || {
            let events = world.events_of(&names, to_ms);
            let found = events.iter().find(|(_, _, n, t)| n == event && t.contains(text));
            match found {
                Some((at, by, _, said)) => Look::Done((*at, by.clone(), said.clone())),
                None => {
                    let others: Vec<String> = events.iter().map(|(_, _, n, t)| if n == event { format!("{n} {t}") } else { n.clone() }).collect();
                    Look::NotYet(if others.is_empty() { "no event at all".to_owned() } else { others.join(", ") })
                }
            }
        })
        .await
        .map_err(|gave_up| {
            let expected = if text.is_empty() { event.to_owned() } else { format!("{event} with {text}") };
            StepError::missed(&gave_up, format!("{who} reported {}", gave_up.last())).expected(expected, gave_up.last())
        })?;
        world.not_before(window, at, &format!("{by} reported {event}"), &Watcher::Recorder(&names, Watching::Events))?;
        told.push(format!("{by}: {event} after {}{}", wait::seconds(world.window.after(at)), detail(&said)));
    }
    world.observe(told.join(", "));
    Ok(())
}

/// The remark at the end of an event's text, `#quorum 2/2`; the rest names the master and is the same everywhere.
fn detail(text: &str) -> String {
    text.split_once('#').map_or(String::new(), |(_, remark)| format!(", #{remark}"))
}

/// The first events that match the expected names in order, or the name that is missing.
fn in_order<'a>(expected: &[&'a str], events: &[(u64, String, String, String)]) -> Result<Vec<(u64, String, &'a str)>, &'a str> {
    let mut rest = events.iter();
    expected.iter().map(|name| rest.find(|(_, _, n, _)| n == name).map(|(at, node, _, _)| (*at, node.clone(), *name)).ok_or(*name)).collect()
}

impl World {
    fn sentinels(&self) -> Result<Vec<String>, StepError> {
        let names: Vec<String> = self.declared("sentinel")?;
        if names.is_empty() { Err(StepError::scenario("this topology has no Sentinels")) } else { Ok(names) }
    }

    /// Those of whom a sentence has to hold: each by itself, or all of them together when one is enough.
    fn each_or_any(&self, nodes: &Nodes) -> Result<Vec<Vec<String>>, StepError> {
        let names = self.names(nodes)?;
        Ok(if nodes.any { vec![names] } else { names.into_iter().map(|name| vec![name]).collect() })
    }

    /// How long after its first `before` a Sentinel has published `event`: waits for both until `span` after the last `When` was verified.
    async fn apart(&mut self, span: Span, nodes: &Nodes, before: &str, event: &str, delay: &Delay) -> Step {
        let mut told = Vec::new();
        for names in self.each_or_any(nodes)? {
            let (deadline, to_ms) = (self.deadline(span.0), self.ends_ms(span.0));
            let who = names.join(", ");
            let what = format!("{event} of {who} after {before}");
            let expected = [before, event];
            let seen = wait::until(&what, deadline, async || {
                let of = |name: &String| in_order(&expected, &self.events_of(std::slice::from_ref(name), to_ms));
                match names.iter().map(of).reduce(Result::or) {
                    Some(Ok(seen)) => Look::Done(seen),
                    Some(Err(missing)) => Look::NotYet(format!("no {missing}")),
                    None => Look::NotYet("no Sentinel".to_owned()),
                }
            })
            .await
            .map_err(|gave_up| {
                StepError::missed(&gave_up, format!("{who}: {}", gave_up.last())).expected(format!("{before}, then {event}"), gave_up.last())
            })?;
            let [(from_ms, by, _), (at_ms, ..)] = seen.as_slice() else { return Err(StepError::scenario("two events are two")) };
            let lasted = Duration::from_millis(at_ms.saturating_sub(*from_ms));
            let again = if before == event { String::new() } else { format!(" after {before}") };
            delay.judge(&format!("{by} reported {event}{again} by"), lasted)?;
            if delay.least.is_some() && at_ms > from_ms {
                // One that was published meanwhile would have been the first.
                self.watched(by, Watching::Events, *from_ms, *at_ms, Away::DidNothing)?;
            }
            told.push(format!("{by}: {event} {}{again}", wait::seconds(lasted)));
        }
        self.observe(told.join(", "));
        Ok(())
    }

    /// Events of these Sentinels from the beginning of the last `When` up to a moment: (milliseconds, node, name, text), in order of time.
    fn events_of(&self, names: &[String], to_ms: u64) -> Vec<(u64, String, String, String)> {
        let timeline = self.timeline.borrow();
        let of_these = |e: &&crate::record::Entry| {
            e.kind == Kind::Event && (self.window.began_ms..=to_ms).contains(&e.first_ms) && e.node.as_ref().is_some_and(|node| names.contains(node))
        };
        timeline
            .entries()
            .iter()
            .filter(of_these)
            .map(|e| (e.first_ms, e.node.clone().unwrap_or_default(), e.name.clone(), e.value.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_counts() {
        let events: Vec<_> = ["+sdown", "+odown", "+switch-master"].iter().map(|n| (0, "s".to_owned(), (*n).to_owned(), String::new())).collect();
        assert!(in_order(&["+sdown", "+switch-master"], &events).is_ok());
        assert_eq!(in_order(&["+odown", "+sdown"], &events), Err("+sdown"));
    }
}
