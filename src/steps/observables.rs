//! Observables in sentences: "the full synchronisations of the master have grown by 1".
//!
//! Values are looked up on the timeline from the moment the last `When` was verified, so that a value that came and went is found as well.

use super::bounds::{Count, Watcher, Within};
use super::meaning::{Acts, Looks};
use super::params::{Nodes, Observed, Span, Value};
use crate::error::{Step, StepError};
use crate::probe::recorder::Watching;
use crate::record::Kind;
use crate::step_means;
use crate::systems::Observable;
use crate::wait::{self, Look};
use crate::world::{Away, World};
use cucumber::{then, when};
use std::time::Duration;

step_means!("within {duration} the {observable} of {nodes} is/are {value}", acts: Acts::Nobody);

/// Waits until an observable has this value: for a stage in the middle of a scenario.
#[when(expr = "within {duration} the {observable} of {nodes} is/are {value}")]
async fn reaches(world: &mut World, span: Span, observed: Observed, nodes: Nodes, value: Value) -> Step {
    if world.leaves_out_waits() {
        return Ok(());
    }
    let window = Within { from: Duration::ZERO, to: span.0 };
    world.see(observed.0, &nodes, window, &format!("is {}", value.text), |_, now| value.is(now)).await
}

step_means!("{window} the {observable} of {nodes} is/are {value}", looks: Some(Looks::Value));

/// The observable has this value at some moment of the window, and not before a lower bound.
#[then(expr = "{window} the {observable} of {nodes} is/are {value}")]
async fn comes_to(world: &mut World, window: Within, observed: Observed, nodes: Nodes, value: Value) -> Step {
    world.see(observed.0, &nodes, window, &format!("is {}", value.text), |_, now| value.is(now)).await
}

/// The observable has this value now.
#[then(expr = "the {observable} of {nodes} is/are {value}")]
async fn is(world: &mut World, observed: Observed, nodes: Nodes, value: Value) -> Step {
    world.compare(observed.0, &nodes, &format!("is {}", value.text), |_, now| value.is(now)).await
}

/// The value is a number above this one now.
#[then(expr = "the {observable} of {nodes} is/are more than {int}")]
async fn is_more(world: &mut World, observed: Observed, nodes: Nodes, least: i64) -> Step {
    world.compare(observed.0, &nodes, &format!("is more than {least}"), |_, now| now.parse::<i64>().is_ok_and(|now| now > least)).await
}

/// The value is a number below this one now.
#[then(expr = "the {observable} of {nodes} is/are less than {int}")]
async fn is_less(world: &mut World, observed: Observed, nodes: Nodes, most: i64) -> Step {
    world.compare(observed.0, &nodes, &format!("is less than {most}"), |_, now| now.parse::<i64>().is_ok_and(|now| now < most)).await
}

/// A count is higher by this much than just before the first `When`, at some moment of the window, and not before a lower bound.
#[then(expr = "{window} the {observable} of {nodes} has/have grown by {count}")]
async fn grows(world: &mut World, window: Within, observed: Observed, nodes: Nodes, by: Count) -> Step {
    let expected = format!("has grown by {}", by.text);
    world.see(observed.0, &nodes, window, &expected, |before, now| growth(before, now).is_some_and(|grown| by.holds(grown))).await
}

/// A count is higher by this much than just before the first `When`.
#[then(expr = "the {observable} of {nodes} has/have grown by {count}")]
async fn has_grown(world: &mut World, observed: Observed, nodes: Nodes, by: Count) -> Step {
    let expected = format!("has grown by {}", by.text);
    world.compare(observed.0, &nodes, &expected, |before, now| growth(before, now).is_some_and(|grown| by.holds(grown))).await
}

/// The value is what it was just before the first `When`.
#[then(expr = "the {observable} of {nodes} has/have not changed")]
async fn has_not_changed(world: &mut World, observed: Observed, nodes: Nodes) -> Step {
    world.compare(observed.0, &nodes, "is as before", |before, now| before == Some(now)).await
}

/// The value differs from what it was just before the first `When`.
#[then(expr = "the {observable} of {nodes} has/have changed")]
async fn has_changed(world: &mut World, observed: Observed, nodes: Nodes) -> Step {
    world.compare(observed.0, &nodes, "differs from before", |before, now| before.is_some_and(|b| b != now)).await
}

step_means!("for {duration} the {observable} of {nodes} stays/stay {value}", lasts: true);

/// The value has been this all through the span, from the moment the last `When` was verified, as far as the node told it a few times a second; a node that told none for longer than a second was not seen.
#[then(expr = "for {duration} the {observable} of {nodes} stays/stay {value}")]
async fn stays(world: &mut World, span: Span, observed: Observed, nodes: Nodes, value: Value) -> Step {
    let names = world.names(&nodes)?;
    wait::moment(world.window.verified_at(world.clock) + span.0).await;
    let (from_ms, to_ms) = (world.window.verified_ms, world.ends_ms(span.0));
    let timeline = world.timeline.clone();
    for name in &names {
        let timeline = timeline.borrow();
        let mut seen = timeline.during(name, Kind::Value, from_ms, to_ms).filter(|e| e.name == observed.0.name).peekable();
        if seen.peek().is_none() {
            return Err(StepError::assertion(format!("{name} told no {} for {}", observed.0.name, wait::seconds(span.0))));
        }
        if let Some(other) = seen.find(|e| !value.is(&e.value)) {
            let after = wait::seconds(world.window.after(other.first_ms));
            return Err(StepError::assertion(format!("the {} of {name} became {} after {after}", observed.0.name, other.value)));
        }
    }
    for name in &names {
        let history = world.role_history(name);
        world.watched(name, Watching::Values, from_ms, to_ms, Away::WasNotSeen).map_err(|error| error.seen(history))?;
    }
    world.observe(format!("{} for {}", value.text, wait::seconds(span.0)));
    Ok(())
}

/// One node's value equals another's.
#[then(expr = "the {observable} of {nodes} equals the {observable} of {nodes}")]
async fn equals(world: &mut World, left: Observed, of: Nodes, right: Observed, other: Nodes) -> Step {
    let other = world.name(&other)?;
    let expected = world.value_now(right.0, &other).await?;
    world.compare(left.0, &of, &format!("equals that of {other}, {expected}"), |_, now| now == expected).await
}

/// One node's value equals what another's was just before the first `When`.
#[then(expr = "the {observable} of {nodes} equals the {observable} that {nodes} had before")]
async fn equals_former(world: &mut World, left: Observed, of: Nodes, right: Observed, other: Nodes) -> Step {
    let other = world.name(&other)?;
    let former = world.baseline.get(&(other.clone(), right.0.name)).cloned();
    let former = former.ok_or_else(|| StepError::scenario(format!("{other} told no {} before the first When", right.0.name)))?;
    world.compare(left.0, &of, &format!("equals the former one of {other}, {former}"), |_, now| now == former).await
}

fn growth(before: Option<&str>, now: &str) -> Option<i64> {
    Some(now.parse::<i64>().ok()? - before?.parse::<i64>().ok()?)
}

impl World {
    /// A fresh look at an observable.
    async fn value_now(&self, observable: &'static Observable, node: &str) -> Result<String, StepError> {
        let told = self.told(node).await?;
        told.value(observable).map(str::to_owned).ok_or_else(|| StepError::assertion(format!("{node} does not tell its {}", observable.name)))
    }

    /// A fresh look at an observable of every node, each judged by (value before the first `When`, value now).
    async fn compare(&mut self, observable: &'static Observable, nodes: &Nodes, expected: &str, judge: impl Fn(Option<&str>, &str) -> bool) -> Step {
        let mut seen = Vec::new();
        for name in self.names(nodes)? {
            let now = self.value_now(observable, &name).await?;
            let before = self.baseline.get(&(name.clone(), observable.name)).map(String::as_str);
            let told = match before.filter(|before| *before != now) {
                Some(before) => format!("{before}, now {now}"),
                None => now.clone(),
            };
            if !judge(before, &now) {
                return Err(StepError::assertion(format!("the {} of {name}: {told}", observable.name)).expected(expected, told));
            }
            seen.push(format!("{name}: {told}"));
        }
        self.observe(seen.join(", "));
        Ok(())
    }

    /// Waits for a value on the timeline, from the moment the last `When` was verified until the window ends.
    async fn see(
        &mut self,
        observable: &'static Observable,
        nodes: &Nodes,
        window: Within,
        expected: &str,
        judge: impl Fn(Option<&str>, &str) -> bool,
    ) -> Step {
        let mut seen = Vec::new();
        for name in self.names(nodes)? {
            let before = self.baseline.get(&(name.clone(), observable.name)).map(String::as_str);
            let what = format!("the {} of {name} that {expected}", observable.name);
            let (deadline, to_ms) = (self.deadline(window.to), self.ends_ms(window.to));
            let (value, at) =
                wait::until(&what, deadline, async || self.look(observable, &name, to_ms, |now| judge(before, now))).await.map_err(|gave_up| {
                    StepError::missed(&gave_up, format!("the {} of {name}: {}", observable.name, gave_up.last())).expected(expected, gave_up.last())
                })?;
            let told = format!("the {} of {name} is {value}", observable.name);
            self.not_before(window, at, &told, &Watcher::Recorder(std::slice::from_ref(&name), Watching::Values))?;
            seen.push(format!("{name}: {value} after {}", wait::seconds(self.window.after(at))));
        }
        self.observe(seen.join(", "));
        Ok(())
    }

    /// What the timeline has of it up to this moment: what came later came too late, whenever it is looked up.
    fn look(&self, observable: &'static Observable, node: &str, to_ms: u64, judge: impl Fn(&str) -> bool) -> Look<(String, u64)> {
        let timeline = self.timeline.borrow();
        let entries = timeline.during(node, Kind::Value, self.window.verified_ms, to_ms).filter(|e| e.name == observable.name);
        let mut last = "not told".to_owned();
        for entry in entries {
            if judge(&entry.value) {
                return Look::Done((entry.value.clone(), entry.first_ms.max(self.window.verified_ms)));
            }
            last.clone_from(&entry.value);
        }
        Look::NotYet(last)
    }
}
