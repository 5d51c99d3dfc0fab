//! Removing what runs left behind, by label. You are in the right place when something of ours stays on a machine.
//!
//! Order matters: containers first, networks after (the engine refuses to remove a network in use).

use std::collections::BTreeSet;

use futures::future::join_all;
use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder, RemoveVolumeOptions,
};

use super::{
    engine::Engine,
    error::EngineError,
    labels,
    lock::{RunLock, host_id},
    pool,
};

/// How many things were removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    pub containers: usize,
    pub networks: usize,
    pub volumes: usize,
}

impl std::ops::AddAssign for Pruned {
    fn add_assign(&mut self, other: Pruned) {
        self.containers += other.containers;
        self.networks += other.networks;
        self.volumes += other.volumes;
    }
}

/// Removes everything that dead runs of this host left: runs whose lock nobody holds. Runs of other hosts and living runs, this process's
/// own included, are not touched.
pub async fn prune(engine: &Engine) -> Result<Pruned, EngineError> {
    let host = host_id().map_err(|e| EngineError::host("the folder of run locks", e))?;
    let mut pruned = Pruned::default();
    for run in runs_of(engine, &host).await? {
        if let Some(_lock) = RunLock::of_the_dead(&run).map_err(|e| EngineError::host(format!("the lock of run {run}"), e))? {
            pruned += remove_labelled(engine, &[(labels::RUN, &run), (labels::HOST, &host)]).await?;
        }
    }
    Ok(pruned)
}

/// Removes everything of one run, alive or not; for the owner of the run when it ends. Under nextest several processes share a run id:
/// there each removes only its own deployments.
pub async fn remove_run(engine: &Engine, run: &str) -> Result<Pruned, EngineError> {
    pool::forget(run);
    let host = host_id().map_err(|e| EngineError::host("the folder of run locks", e))?;
    remove_labelled(engine, &[(labels::RUN, run), (labels::HOST, &host)]).await
}

/// Removes containers, then networks and volumes, that carry all of these labels. Something that vanished meanwhile is not an error.
pub(super) async fn remove_labelled(engine: &Engine, wanted: &[(&str, &str)]) -> Result<Pruned, EngineError> {
    let containers = remove_containers(engine, wanted, &[]).await?;
    let filter = labels::filter(wanted);
    let docker = engine.docker();

    let options = ListNetworksOptionsBuilder::new().filters(&filter).build();
    let networks = engine.call("list networks", docker.list_networks(Some(options))).await?;
    let removals = networks
        .into_iter()
        .filter_map(|n| n.id)
        .map(|id| async move { held_is_left(gone_is_fine(engine.call("remove network", docker.remove_network(&id)).await)) });
    let networks = count(join_all(removals).await)?;

    let options = ListVolumesOptionsBuilder::new().filters(&filter).build();
    let volumes = engine.call("list volumes", docker.list_volumes(Some(options))).await?.volumes.unwrap_or_default();
    let removals = volumes
        .into_iter()
        .map(|v| async move { gone_is_fine(engine.call("remove volume", docker.remove_volume(&v.name, None::<RemoveVolumeOptions>)).await) });
    let volumes = count(join_all(removals).await)?;
    Ok(Pruned { containers, networks, volumes })
}

/// Engines now and then keep an endpoint on a network whose containers are all gone, and refuse (403) to remove it until they are restarted. That is no
/// reason to end a run: the network stays for a later prune to try again.
fn held_is_left(removed: Result<bool, EngineError>) -> Result<bool, EngineError> {
    match removed {
        Err(error) if error.is_status(403) => Ok(false),
        other => other,
    }
}

/// Removes the containers that carry all of these labels, except those to keep.
pub(super) async fn remove_containers(engine: &Engine, wanted: &[(&str, &str)], keep: &[&str]) -> Result<usize, EngineError> {
    let options = ListContainersOptionsBuilder::new().all(true).filters(&labels::filter(wanted)).build();
    let found = engine.call("list containers", engine.docker().list_containers(Some(options))).await?;
    let removals = found.into_iter().filter_map(|c| c.id).filter(|id| !keep.contains(&id.as_str())).map(|id| remove_container(engine, id));
    count(join_all(removals).await)
}

/// Kills and removes a container with its anonymous volumes (the official images declare one for /data).
pub(super) async fn remove_container(engine: &Engine, id: String) -> Result<bool, EngineError> {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    gone_is_fine(engine.call("remove container", engine.docker().remove_container(&id, Some(options))).await)
}

async fn runs_of(engine: &Engine, host: &str) -> Result<BTreeSet<String>, EngineError> {
    let filter = labels::filter(&[(labels::HOST, host)]);
    let docker = engine.docker();
    let (containers, networks, volumes) = tokio::join!(
        engine.call("list containers", docker.list_containers(Some(ListContainersOptionsBuilder::new().all(true).filters(&filter).build()))),
        engine.call("list networks", docker.list_networks(Some(ListNetworksOptionsBuilder::new().filters(&filter).build()))),
        engine.call("list volumes", docker.list_volumes(Some(ListVolumesOptionsBuilder::new().filters(&filter).build()))),
    );
    let all = (containers?.into_iter().filter_map(|c| c.labels))
        .chain(networks?.into_iter().filter_map(|n| n.labels))
        .chain(volumes?.volumes.unwrap_or_default().into_iter().map(|v| v.labels));
    Ok(all.filter_map(|mut labels| labels.remove(labels::RUN)).collect())
}

/// Another clean-up may be faster (404), or be at it right now (409 "removal is already in progress").
fn gone_is_fine(answer: Result<(), EngineError>) -> Result<bool, EngineError> {
    match answer {
        Ok(()) => Ok(true),
        Err(e) if e.is_status(404) => Ok(false),
        Err(EngineError::Api { message, .. }) if message.contains("already in progress") => Ok(false),
        Err(e) => Err(e),
    }
}

/// All removals were attempted; the first error is told after them.
fn count(answers: Vec<Result<bool, EngineError>>) -> Result<usize, EngineError> {
    answers.into_iter().try_fold(0, |sum, answer| answer.map(|removed| sum + usize::from(removed)))
}
