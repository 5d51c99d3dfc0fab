//! A deployment becomes what its topology declares: a replication group, a Sentinel group, a Cluster.
//!
//! You are in the right place to add a formation whose nodes have to be told to become one: its file here, and its line in [`ACTS`]. One that forms by itself needs neither: it stands when every
//! node answers and reports the role that the topology gives it.
//!
//! Servers that answer and yet do not take their places have *failed*; that is a verdict about the servers, not about us. Where one gives no answer, it may only be slow, and nothing is known.

pub mod cluster;
mod declared;
mod replication;
mod sentinel;

use crate::deployment::{self, Deployment, Options};
use crate::error::{Cause, Step, StepError};
use crate::probe::client::GLANCE;
use crate::probe::recorder::{Recorder, Watched};
use crate::systems::Part;
use crate::topology::settings::{self, Settings};
use crate::topology::variables::Variables;
use crate::topology::{Topology, built_in};
use crate::wait::{self, GaveUp, Instant};
use crate::world::{Stage, World};
use futures::future::LocalBoxFuture;
use std::collections::BTreeSet;
use std::path::Path;

/// Starts the named topology with these directives, forms it, and starts recording.
///
/// # Errors
/// The engine refused, or the servers do not form.
pub async fn raise(world: &mut World, name: &str, rows: &[(String, String)]) -> Step {
    if world.deployment.is_some() {
        return Err(StepError::scenario("a scenario has one topology, this is its second"));
    }
    let stage = world.stage()?.clone();
    let folder = stage.root.join("compose");
    let make = |net: &str| -> Result<Topology, String> {
        let variables = Variables { image: Some(stage.image.reference.clone()), net: Some(net.to_owned()) };
        let topology =
            built_in::topology(&folder, name, &variables).map_err(|problems| problems.first().map_or(String::new(), ToString::to_string))?;
        let topology = Settings::parse(rows, &topology)?.for_server(&stage.server).apply(topology);
        Ok(settings::apply_append(&stage.server.append, topology))
    };
    images(&stage, &folder, name).await?;
    let options = Options {
        run: stage.run.clone(),
        scenario: stage.scenario.clone(),
        preload: stage.preload,
        server_image: stage.image.clone(),
        helper: stage.helper.clone(),
        binary: stage.binary.clone(),
        hand: stage.hand.clone(),
    };
    let began = Instant::now();
    world.deployment = Some(Deployment::start(&stage.engine, options, make).await?);
    world.timings.deployment_ms = began.elapsed().as_millis() as u64;
    // Forming is the servers' work, which is mostly waiting: the next deployment may start meanwhile.
    world.permit = None;
    let before = wait::waited();
    let formed = form(world).await;
    world.timings.formation_ms = (wait::waited().conditions - before.conditions).as_millis() as u64;
    formed?;
    record(world).await
}

/// Gets the images of services that are no servers under test: the engine's own attempt at a missing one says less about what was tried.
async fn images(stage: &Stage, folder: &Path, name: &str) -> Step {
    // What is wrong with the file is told when it is read with this deployment's addresses.
    let Ok(topology) = built_in::topology(folder, name, &Variables::default()) else { return Ok(()) };
    let images: BTreeSet<String> = topology.nodes.into_iter().filter(|node| !node.under_test).map(|node| node.image).collect();
    for image in images {
        deployment::prepare_image(&stage.engine, &image, &|_| {}).await?;
    }
    Ok(())
}

/// What is done to make a formation.
type Act = for<'w> fn(&'w mut World) -> LocalBoxFuture<'w, Step>;

/// Formations that are made, by name.
const ACTS: &[(&str, Act)] = &[
    ("none", |world| Box::pin(alone(world))),
    ("replication", |world| Box::pin(replication::form(world))),
    ("sentinel", |world| {
        Box::pin(async {
            replication::form(world).await?;
            sentinel::form(world).await
        })
    }),
    ("cluster", |world| Box::pin(cluster::form(world))),
];

async fn form(world: &mut World) -> Step {
    let topology = world.deployment()?.topology();
    let formation = topology.formation.name;
    match ACTS.iter().find(|(name, _)| *name == formation) {
        Some((_, act)) => act(world).await?,
        None => declared::form(world).await?,
    }
    // Services of the user's own come last: they may need the servers in order to start.
    for service in world.parts(Part::Apart)? {
        world.answers(&service).await?;
    }
    let nodes: Vec<String> = world.deployment()?.topology().nodes.iter().map(|n| n.name.clone()).collect();
    world.observe(format!("formed: {}", nodes.join(", ")));
    Ok(())
}

async fn alone(world: &mut World) -> Step {
    for node in world.taking_part()? {
        world.answers(&node).await?;
    }
    Ok(())
}

/// What to say of a group that has not formed in time: the limit is ours, but nodes that answer have told all the while that they are no group.
async fn misformed(world: &World, gave_up: GaveUp) -> StepError {
    let nodes = world.taking_part().unwrap_or_default();
    let answers = nodes.iter().map(async |node| match world.asker(node) {
        Ok(asker) => asker.is_there(GLANCE).await,
        Err(_) => false,
    });
    let all = futures::future::join_all(answers).await.into_iter().all(|answered| answered);
    let cause = if all { Cause::Limit } else { Cause::Overtime };
    StepError { cause, ..StepError::from(gave_up) }
}

/// Recording begins before the first `When`, and the first `When` waits for it.
///
/// # Errors
/// No topology yet.
pub async fn record(world: &mut World) -> Step {
    let deployment = world.deployment()?;
    let watched: Vec<Watched> = deployment
        .topology()
        .nodes
        .iter()
        .filter(|node| node.kind.system.watch().is_some())
        .filter_map(|node| Some(Watched { name: node.name.clone(), port: deployment.published(&node.name)?, system: node.kind.system }))
        .collect();
    world.recorder = Some(Recorder::start(&watched, &world.timeline, world.clock));
    Ok(())
}
