//! Failures of a Redis Cluster: who is suspected, who is failed, who follows whom, and who stays what it is.

use super::bounds::{Answers, Watcher, Within};
use super::meaning::Acts;
use super::params::{Nodes, RoleName, Span};
use crate::error::{Step, StepError};
use crate::probe::recorder::Watching;
use crate::record::Kind;
use crate::step_means;
use crate::systems;
use crate::systems::cluster::nodes as cluster;
use crate::wait::{self, Look};
use crate::world::{Away, World};
use cucumber::{then, when};
use std::time::Duration;

/// In place of flags, for a node that another does not show.
const UNKNOWN: &str = "unknown";

/// At some moment of the window, and not before a lower bound, CLUSTER NODES of each of the first nodes shows each of the second with this flag: `fail?` (PFAIL), `fail` (FAIL), `slave`, `nofailover`.
#[then(expr = "{window} {nodes} flag(s) {nodes} as {string}")]
async fn flags(world: &mut World, window: Within, nodes: Nodes, others: Nodes, flag: String) -> Step {
    world.wait_for_flag(window, &nodes, &others, &flag, true).await
}

step_means!("within {duration} {nodes} flag(s) {nodes} as {string}", acts: Acts::Nobody);

/// The same, for a stage in the middle of a scenario.
#[when(expr = "within {duration} {nodes} flag(s) {nodes} as {string}")]
async fn flags_in_between(world: &mut World, span: Span, nodes: Nodes, others: Nodes, flag: String) -> Step {
    if world.leaves_out_waits() {
        return Ok(());
    }
    world.wait_for_flag(Within { from: Duration::ZERO, to: span.0 }, &nodes, &others, &flag, true).await
}

/// At some moment of the window, and not before a lower bound, CLUSTER NODES of each of the first nodes shows each of the second without this flag.
#[then(expr = "{window} {nodes} no longer flag(s) {nodes} as {string}")]
async fn flags_no_longer(world: &mut World, window: Within, nodes: Nodes, others: Nodes, flag: String) -> Step {
    world.wait_for_flag(window, &nodes, &others, &flag, false).await
}

/// At some moment of the window, and not before a lower bound, these nodes are replicas of this one.
#[then(expr = "{window} {nodes} replicate(s) {nodes}")]
async fn replicate(world: &mut World, window: Within, nodes: Nodes, master: Nodes) -> Step {
    world.wait_for_master(window, &nodes, &master).await
}

step_means!("within {duration} {nodes} replicate(s) {nodes}", acts: Acts::Nobody);

/// The same, for a stage in the middle of a scenario.
#[when(expr = "within {duration} {nodes} replicate(s) {nodes}")]
async fn replicate_in_between(world: &mut World, span: Span, nodes: Nodes, master: Nodes) -> Step {
    if world.leaves_out_waits() {
        return Ok(());
    }
    world.wait_for_master(Within { from: Duration::ZERO, to: span.0 }, &nodes, &master).await
}

step_means!("within {duration} {nodes} become(s) {role}", acts: Acts::Nobody);

/// The same as `within {duration} {nodes} become(s) {role}`, for a stage in the middle of a scenario: asked now, not read off the timeline.
#[when(expr = "within {duration} {nodes} become(s) {role}")]
async fn become_in_between(world: &mut World, span: Span, nodes: Nodes, role: RoleName) -> Step {
    if world.leaves_out_waits() {
        return Ok(());
    }
    let names = world.names(&nodes)?;
    let deadline = world.deadline(span.0);
    let what = format!("{} to become {}", nodes.text, role.0);
    wait::until(&what, deadline, async || {
        for name in &names {
            match world.told(name).await {
                Ok(told) if told.role == Some(role.0) => {}
                Ok(told) => return Look::NotYet(format!("{name} {}", told.role.unwrap_or("silent"))),
                Err(error) => return Look::NotYet(error.message),
            }
        }
        Look::Done(())
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("{what}: {}", gave_up.last())))?;
    world.observe(format!("{} {}", names.join(", "), role.0));
    Ok(())
}

step_means!("for {duration} {nodes} stay(s) {role}", lasts: true);

/// All through the span, from the beginning of the last block of `When`s, these nodes are seen in this role and in no other. A node that gives no answer for longer than a second was not seen.
#[then(expr = "for {duration} {nodes} stay(s) {role}")]
async fn stay(world: &mut World, span: Span, nodes: Nodes, role: RoleName) -> Step {
    let names = world.names(&nodes)?;
    wait::moment(world.window.verified_at(world.clock) + span.0).await;
    let (began_ms, verified_ms, to_ms) = (world.window.began_ms, world.window.verified_ms, world.ends_ms(span.0));
    let timeline = world.timeline.clone();
    for name in &names {
        let timeline = timeline.borrow();
        let mut seen = timeline.during(name, Kind::Role, began_ms, to_ms).filter(|entry| systems::holds_data(&entry.value));
        if let Some(other) = seen.find(|entry| entry.value != role.0) {
            let after = wait::seconds(world.window.after(other.first_ms));
            return Err(StepError::assertion(format!("{name} became {} after {after}", other.value)).expected(role.0, &other.value));
        }
    }
    for name in &names {
        let history = world.role_history(name);
        world.watched(name, Watching::Role, verified_ms, to_ms, Away::WasNotSeen).map_err(|error| error.seen(history))?;
    }
    world.observe(format!("{} {} for {}", names.join(", "), role.0, wait::seconds(span.0)));
    Ok(())
}

impl World {
    async fn wait_for_flag(&mut self, window: Within, nodes: &Nodes, others: &Nodes, flag: &str, wanted: bool) -> Step {
        let (names, others) = (self.names(nodes)?, self.names(others)?);
        let (deadline, answers) = (self.deadline(window.to), Answers::default());
        let without = if wanted { "with" } else { "without" };
        let what = format!("{} to show {} {without} the flag {flag}", names.join(", "), others.join(", "));
        let at = wait::until(&what, deadline, async || {
            for name in &names {
                for other in others.iter().filter(|other| *other != name) {
                    match self.flags_of(name, other).await {
                        // A node that is not shown at all is shown neither with nor without it.
                        Ok(flags) if flags.iter().any(|seen| seen == flag) == wanted && flags != [UNKNOWN] => {}
                        Ok(flags) => {
                            answers.note(self.now_ms());
                            return Look::NotYet(format!("{name} shows {other} as {}", flags.join(",")));
                        }
                        Err(error) => return Look::NotYet(error.message),
                    }
                }
            }
            Look::Done(self.now_ms())
        })
        .await
        .map_err(|gave_up| {
            let expected = format!("{without} {flag}");
            StepError::missed(&gave_up, format!("{what}: {}", gave_up.last())).expected(expected, gave_up.last())
        })?;
        let told = format!("{} showed {} {without} {flag}", names.join(", "), others.join(", "));
        self.not_before(window, at, &told, &Watcher::Asked(&answers))?;
        let after = wait::seconds(self.window.after(at));
        self.observe(format!("{} show {} {without} {flag} after {after}", names.join(", "), others.join(", ")));
        Ok(())
    }

    /// The flags with which a cluster node shows another.
    async fn flags_of(&self, node: &str, other: &str) -> Result<Vec<String>, StepError> {
        let address = self.address(other)?;
        let seen = cluster::nodes(&self.command(node, &["CLUSTER", "NODES"]).await?.to_string());
        Ok(seen.into_iter().find(|seen| seen.address == address).map_or_else(|| vec![UNKNOWN.to_owned()], |seen| seen.flags))
    }

    async fn wait_for_master(&mut self, window: Within, nodes: &Nodes, master: &Nodes) -> Step {
        let (names, master) = (self.names(nodes)?, self.name(master)?);
        let address = self.address(&master)?;
        let (deadline, answers) = (self.deadline(window.to), Answers::default());
        let what = format!("{} to replicate {master}", names.join(", "));
        let at = wait::until(&what, deadline, async || {
            for name in &names {
                match self.info(name).await {
                    Ok(info) => {
                        let told = info.get("master_host").zip(info.get("master_port")).map(|(host, port)| format!("{host}:{port}"));
                        if told.as_ref() != Some(&address) {
                            answers.note(self.now_ms());
                            let whom = told.map_or_else(|| "nobody".to_owned(), |told| self.node_at(&told).unwrap_or(told));
                            return Look::NotYet(format!("{name} replicates {whom}"));
                        }
                    }
                    Err(error) => return Look::NotYet(error.message),
                }
            }
            Look::Done(self.now_ms())
        })
        .await
        .map_err(|gave_up| StepError::missed(&gave_up, format!("{what}: {}", gave_up.last())).expected(&master, gave_up.last()))?;
        self.not_before(window, at, &format!("{} replicated {master}", names.join(", ")), &Watcher::Asked(&answers))?;
        let after = wait::seconds(self.window.after(at));
        self.observe(format!("{} replicate {master} after {after}", names.join(", ")));
        Ok(())
    }
}
