//! Removing what runs left behind, by label. You are in the right place when something of ours stays on a machine.
//!
//! Order matters: containers first, networks after (the engine refuses to remove a network in use).

use std::{collections::BTreeMap, path::PathBuf};

use futures::StreamExt as _;

use super::{
    engine::{Engine, Listed, Wanted},
    error::EngineError,
    labels,
    lock::{RunLock, host_id},
    pool, reopen,
};
use crate::runtime_folder;

/// Removals that the engine works on at a time.
const AT_ONCE: usize = 6;

/// How many things were removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    pub containers: usize,
    pub networks: usize,
    pub volumes: usize,
    /// Networks that the engine does not give up although no container is in them: engines now and then lose track of an endpoint, until
    /// they are restarted. The next clean-up tries again.
    pub networks_left: usize,
}

impl Pruned {
    pub fn is_nothing(&self) -> bool {
        *self == Pruned::default()
    }
}

impl std::fmt::Display for Pruned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "removed {} containers, {} networks, {} volumes", self.containers, self.networks, self.volumes)?;
        match self.networks_left {
            0 => Ok(()),
            n => write!(f, "; {n} networks stay, which the engine holds for no container: they go once it is restarted"),
        }
    }
}

impl std::ops::AddAssign for Pruned {
    fn add_assign(&mut self, other: Pruned) {
        self.containers += other.containers;
        self.networks += other.networks;
        self.volumes += other.volumes;
        self.networks_left += other.networks_left;
    }
}

/// Removes everything that dead runs of this host left: runs whose lock nobody holds. Runs of other hosts and living runs, this process's
/// own included, are not touched, nor is what was started by hand and not ended yet.
pub async fn prune(engine: &Engine) -> Result<Pruned, EngineError> {
    let host = host_id().map_err(|e| EngineError::host("the folder of run locks", e))?;
    runtime_folder::tidy().map_err(|e| EngineError::host("the folder of what is being built", e))?;
    let mut pruned = Pruned::default();
    for (run, hand) in runs_of(engine, &host).await? {
        let dead = RunLock::of_the_dead(&run).map_err(|e| EngineError::host(format!("the lock of run {run}"), e))?;
        // Looked at under the lock: whoever starts one by hand writes the file first and lets go of the lock afterwards.
        if dead.is_some() && !hand.is_some_and(|file| reopen::is_stated(&file, &run)) {
            pruned += remove_labelled(engine, &[(labels::RUN, &run), (labels::HOST, &host)]).await?;
        }
    }
    Ok(pruned)
}

/// Removes everything of one run, alive or not; for the owner of the run when it ends. Under nextest several processes share a run id:
/// there each removes only its own deployments.
///
/// `kept` names deployments that stay, with what they need, until a prune.
pub async fn remove_run(engine: &Engine, run: &str, kept: &[String]) -> Result<Pruned, EngineError> {
    pool::forget(run);
    let host = host_id().map_err(|e| EngineError::host("the folder of run locks", e))?;
    remove_all_but(engine, &[(labels::RUN, run), (labels::HOST, &host)], kept).await
}

/// Removes containers, then networks and volumes, that carry all of these labels. Something that vanished meanwhile is not an error.
pub(super) async fn remove_labelled(engine: &Engine, wanted: &[(&str, &str)]) -> Result<Pruned, EngineError> {
    remove_all_but(engine, wanted, &[]).await
}

async fn remove_all_but(engine: &Engine, wanted: &[(&str, &str)], kept: &[String]) -> Result<Pruned, EngineError> {
    let goes = |found: &Listed| !found.labels.get(labels::DEPLOYMENT).is_some_and(|deployment| kept.contains(deployment));
    let wanted = Wanted::labelled(wanted);
    let found = engine.containers(wanted.clone()).await?.into_iter().filter(goes);
    let containers = count(few(found.map(|container| remove_container(engine, container.id))).await)?;

    let found = engine.networks(wanted.clone()).await?.into_iter().filter(goes);
    let removals = few(found.map(|network| remove_network(engine, network.id))).await;
    let removals = removals.into_iter().collect::<Result<Vec<Removal>, _>>()?;
    let of = |wanted: Removal| removals.iter().filter(|removal| **removal == wanted).count();
    let (networks, networks_left) = (of(Removal::Done), of(Removal::Held));

    // What is kept needs the tools of its run.
    let found = engine.volumes(wanted).await?.into_iter().filter(|_| kept.is_empty());
    let volumes = count(few(found.map(async |volume| gone_is_fine(engine.remove_volume(&volume.id).await))).await)?;
    Ok(Pruned { containers, networks, volumes, networks_left })
}

#[derive(PartialEq, Eq)]
enum Removal {
    Done,
    /// Somebody else was faster.
    Gone,
    /// The engine keeps it for nobody.
    Held,
}

async fn remove_network(engine: &Engine, id: String) -> Result<Removal, EngineError> {
    match gone_is_fine(engine.remove_network(&id).await) {
        Ok(true) => Ok(Removal::Done),
        Ok(false) => Ok(Removal::Gone),
        // "has active endpoints": true where a container is in it, and then that is an error of ours.
        Err(error) if error.is_status(403) => {
            let inside = engine.containers(Wanted::In(id)).await?;
            if inside.is_empty() { Ok(Removal::Held) } else { Err(error) }
        }
        Err(error) => Err(error),
    }
}

/// Removes the containers that carry all of these labels, except those to keep.
pub(super) async fn remove_containers(engine: &Engine, wanted: &[(&str, &str)], keep: &[&str]) -> Result<usize, EngineError> {
    let found = engine.containers(Wanted::labelled(wanted)).await?.into_iter().map(|container| container.id);
    let removals = found.filter(|id| !keep.contains(&id.as_str())).map(|id| remove_container(engine, id));
    count(few(removals).await)
}

/// All of them, a few at a time: an engine that is asked for a hundred removals at once answers each of them late.
async fn few<T>(calls: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures::stream::iter(calls).buffer_unordered(AT_ONCE).collect().await
}

/// Kills and removes a container with its anonymous volumes (the official images declare one for /data).
pub(super) async fn remove_container(engine: &Engine, id: String) -> Result<bool, EngineError> {
    gone_is_fine(engine.remove_container(&id).await)
}

/// Every run that has something here, with the file that speaks for it if it was started by hand.
pub(super) async fn runs_of(engine: &Engine, host: &str) -> Result<BTreeMap<String, Option<PathBuf>>, EngineError> {
    let wanted = || Wanted::labelled(&[(labels::HOST, host)]);
    let (containers, networks, volumes) = tokio::join!(engine.containers(wanted()), engine.networks(wanted()), engine.volumes(wanted()));
    let all = [containers?, networks?, volumes?].into_iter().flatten().map(|found| found.labels);
    let mut runs = BTreeMap::new();
    for mut labels in all {
        let Some(run) = labels.remove(labels::RUN) else { continue };
        let hand: &mut Option<PathBuf> = runs.entry(run).or_default();
        *hand = hand.take().or_else(|| labels.remove(labels::HAND).map(PathBuf::from));
    }
    Ok(runs)
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
