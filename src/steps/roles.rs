//! Who is master, who is replica, and who becomes what.

use super::bounds::{Watcher, Within};
use super::meaning::Looks;
use super::params::{Nodes, RoleName, Span};
use crate::error::{Step, StepError};
use crate::probe::recorder::Watching;
use crate::record::Kind;
use crate::step_means;
use crate::wait::{self, Look};
use crate::world::{Away, World};
use cucumber::then;

step_means!("{window} {nodes} become(s) {role}", looks: Some(Looks::Role));

/// A node (or, with "a replica", one of them) has this role at some moment of the window, and not before a lower bound.
#[then(expr = "{window} {nodes} become(s) {role}")]
async fn become_role(world: &mut World, window: Within, nodes: Nodes, role: RoleName) -> Step {
    let names = world.names(&nodes)?;
    let deadline = world.deadline(window.to);
    let (from_ms, to_ms) = (world.window.verified_ms, world.ends_ms(window.to));
    let what = format!("{} to become {}", nodes.text, role.0);
    let seen = wait::until(&what, deadline, async || {
        let found: Vec<_> = names.iter().filter_map(|name| world.first_in_role(name, role.0, from_ms, to_ms)).collect();
        let enough = if nodes.any { !found.is_empty() } else { found.len() == names.len() };
        if enough { Look::Done(found) } else { Look::NotYet(world.roles(&names)) }
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("{} did not become {}: {}", nodes.text, role.0, gave_up.last())))?;
    for (name, at) in &seen {
        world.not_before(window, *at, &format!("{name} became {}", role.0), &Watcher::Recorder(&names, Watching::Role))?;
    }
    let told: Vec<_> = seen.iter().map(|(name, at)| format!("{name} {} after {}", role.0, wait::seconds(world.window.after(*at)))).collect();
    world.observe(told.join(", "));
    Ok(())
}

/// A node has this role now.
#[then(expr = "{nodes} is/are {role}")]
async fn is_role(world: &mut World, nodes: Nodes, role: RoleName) -> Step {
    let names = world.names(&nodes)?;
    let mut told = Vec::new();
    for name in &names {
        let now = world.told(name).await?.role.unwrap_or("silent");
        if now != role.0 {
            return Err(StepError::assertion(format!("{name} is {now}")).expected(role.0, now));
        }
        told.push(format!("{name} {now}"));
    }
    world.observe(told.join(", "));
    Ok(())
}

step_means!("for {duration} no replica becomes master", looks: Some(Looks::Role), lasts: true);

/// All through the span, from the moment the last `When` was verified, no node that was a replica at the start is seen as master.
#[then(expr = "for {duration} no replica becomes master")]
async fn nobody_becomes_master(world: &mut World, span: Span) -> Step {
    let replicas = world.declared("replica")?;
    if replicas.is_empty() {
        return Err(StepError::scenario("this topology has no replica that could become master"));
    }
    wait::moment(world.window.verified_at(world.clock) + span.0).await;
    let (began_ms, verified_ms, to_ms) = (world.window.began_ms, world.window.verified_ms, world.ends_ms(span.0));
    for name in &replicas {
        if let Some((_, at)) = world.first_in_role(name, "master", began_ms, to_ms) {
            let after = wait::seconds(world.window.after(at));
            return Err(StepError::assertion(format!("{name} became master after {after}")).seen(world.role_history(name)));
        }
        if world.first_in_role(name, "replica", verified_ms, to_ms).is_none() {
            return Err(StepError::assertion(format!("{name} was never seen as replica")).seen(world.role_history(name)));
        }
    }
    for name in &replicas {
        let history = world.role_history(name);
        world.watched(name, Watching::Role, verified_ms, to_ms, Away::DidNothing).map_err(|error| error.seen(history))?;
    }
    let told = world.roles(&replicas);
    world.observe(told);
    Ok(())
}

impl World {
    /// When a node was first seen in a role between these moments.
    fn first_in_role(&self, node: &str, role: &str, from_ms: u64, to_ms: u64) -> Option<(String, u64)> {
        let timeline = self.timeline.borrow();
        let entry = timeline.during(node, Kind::Role, from_ms, to_ms).find(|e| e.value == role)?;
        Some((node.to_owned(), entry.first_ms.max(from_ms)))
    }

    /// The newest role of each node, as one line.
    fn roles(&self, names: &[String]) -> String {
        let timeline = self.timeline.borrow();
        let newest = |name: &String| {
            let entry = timeline.entries().iter().rev().find(|e| e.kind == Kind::Role && e.node.as_ref() == Some(name));
            format!("{name} {}", entry.map_or("unseen", |e| e.value.as_str()))
        };
        names.iter().map(newest).collect::<Vec<_>>().join(", ")
    }

    /// Every role of a node with its times, as lines for a report.
    pub(super) fn role_history(&self, node: &str) -> Vec<String> {
        let timeline = self.timeline.borrow();
        let line = |e: &crate::record::Entry| {
            let at = |ms: u64| ms as i64 - self.window.verified_ms as i64;
            format!("{node} role={} {:.1} s ... {:.1} s", e.value, at(e.first_ms) as f64 / 1000.0, at(e.last_ms) as f64 / 1000.0)
        };
        timeline.during(node, Kind::Role, 0, u64::MAX).map(line).collect()
    }
}
