//! The beginning and the end of a deployment that is played with by hand.
//!
//! While it starts, this process holds its run's lock as any run does; the state file is the last thing that is written. So whatever ends `up` before, nothing
//! stays for longer than until the next start.

use super::journal::{self, Deed};
use super::state::{Folder, State};
use super::trouble::Trouble;
use crate::deployment::{self, Binary, Engine, Pruned, RunLock};
use crate::formation;
use crate::run::project::Project;
use crate::run::schedule::STARTS;
use crate::run::signals;
use crate::topology::located::nearest;
use crate::topology::servers::Server;
use crate::topology::settings::Settings;
use crate::wait::slots::Slots;
use crate::world::{Leave, Stage, World};
use std::fs;
use std::path::PathBuf;

/// What to start.
#[derive(Debug)]
pub struct Wanted {
    pub name: String,
    pub topology: String,
    pub server: Server,
    /// As in the table of a `Given`.
    pub rows: Vec<(String, String)>,
}

/// Everything that can be wrong without an engine.
///
/// # Errors
/// An unknown topology, a setting it does not take, something that is up already.
pub fn check(project: &Project, wanted: &Wanted) -> Result<(), Trouble> {
    let Wanted { name, topology, server, rows } = wanted;
    if crate::record::hash::slug(name) != *name || name.is_empty() {
        return Err(Trouble::usage(format!("--name: \"{name}\" is no name"), "lower-case words joined by dashes"));
    }
    let topologies =
        project.topologies().map_err(|problems| Trouble::Usage(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")))?;
    let Some(found) = topologies.iter().find(|known| known.name == *topology) else {
        let names = || topologies.iter().map(|topology| topology.name.as_str());
        let near = nearest(topology, names())
            .map_or_else(|| format!("there are {}", names().collect::<Vec<_>>().join(", ")), |near| format!("did you mean {near}?"));
        return Err(Trouble::usage(format!("no topology \"{topology}\""), near));
    };
    let settings = Settings::parse(rows, found).map_err(|message| Trouble::Usage(format!("--set: {message}")))?;
    settings.known_to(server).map_err(|message| Trouble::Usage(format!("--set: {message}")))?;
    if let Some(binary) = server.binary.as_ref().filter(|path| project.executable(path).is_none()) {
        return Err(Trouble::usage(
            format!("{}: there is no executable {}", server.name, binary.display()),
            "build it and put it there (`binary` in compose/servers.toml)",
        ));
    }
    Ok(())
}

/// Refuses to start what is up already.
fn free(folder: &Folder, name: &str) -> Result<(), Trouble> {
    if !folder.state(name).exists() {
        return Ok(());
    }
    let what = folder
        .load(name)
        .map_or_else(|_| String::new(), |state| format!(": the \"{}\" topology on {}, since {}", state.topology, state.server, state.began));
    Err(Trouble::usage(
        format!("\"{name}\" is up already{what}"),
        format!("`rehearsal down --name {name}` ends it; `up --name ANOTHER` starts a second one beside it"),
    ))
}

/// Starts a topology, forms it and leaves it up.
///
/// # Errors
/// Nothing is left behind then.
pub async fn up(project: &Project, wanted: &Wanted, say: &dyn Fn(&str)) -> Result<State, Trouble> {
    check(project, wanted)?;
    let folder = Folder::of(project);
    free(&folder, &wanted.name)?;
    let _mine = folder.lock(&wanted.name)?;
    // Somebody else may have been faster while the lock was waited for.
    free(&folder, &wanted.name)?;
    let run = format!("hand-{}-{}-{}", wanted.name, jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S"), std::process::id());
    let lock = RunLock::take(&run).map_err(|error| Trouble::File(format!("the run's lock: {error}")))?;
    let engine = Engine::connect().await?;
    let began = journal::now();
    let stood = tokio::select! {
        stood = start(project, wanted, &engine, &run, folder.state(&wanted.name), say) => stood,
        code = interrupted() => Err(Trouble::Interrupted(code)),
    };
    let done = stood.and_then(|state| {
        let journal = folder.journal(&wanted.name);
        let _ = fs::remove_file(&journal);
        let Wanted { topology, rows, server, .. } = wanted;
        journal::note(&journal, began, Deed::Up { topology: topology.clone(), rows: rows.clone(), server: server.name.clone() })?;
        folder.save(&state)?;
        Ok(state)
    });
    if done.is_err() {
        // The cause matters more than a failing clean-up, which the next start repeats.
        let _ = deployment::remove_run(&engine, &run, &[]).await;
    }
    // Only now: from here on the state file speaks for the containers.
    drop(lock);
    done
}

async fn start(project: &Project, wanted: &Wanted, engine: &Engine, run: &str, state: PathBuf, say: &dyn Fn(&str)) -> Result<State, Trouble> {
    if state.to_str().is_none() {
        return Err(Trouble::usage("the path of this project is no UTF-8", "a label of the containers has to name it: move the project"));
    }
    let pruned = deployment::prune(engine).await?;
    if !pruned.is_nothing() {
        say(&format!("an earlier run left something behind: {pruned}"));
    }
    let helper = deployment::prepare_helper(engine, say).await?;
    let image = deployment::prepare_server(engine, &wanted.server, say).await?;
    let binary = wanted.server.binary.as_ref().map(|path| Binary::read(&project.root, path)).transpose()?;
    let stage = Stage {
        engine: engine.clone(),
        root: project.root.clone(),
        run: run.to_owned(),
        scenario: format!("by hand: {}@{}", wanted.topology, wanted.server.name),
        server: wanted.server.clone(),
        image,
        binary,
        helper,
        // A clock may be moved at any time later.
        preload: deployment::can_move_clocks(),
        leave: Leave::Nothing,
        hand: Some(state),
    };
    let turn = Slots::of_this_host("start", STARTS).take().await;
    let mut world = World::on(stage, crate::world::Permit::Start(turn));
    formation::raise(&mut world, &wanted.topology, &wanted.rows).await?;
    world.recorder = None;
    let deployment = world.deployment()?;
    // For people who look with `docker ps`.
    deployment.keep().await?;
    Ok(State::new(&wanted.name, deployment.topology(), &wanted.rows, &wanted.server, deployment.standing()))
}

/// Back when somebody wants the process to end, with the exit code for that.
pub async fn interrupted() -> u8 {
    match signals::listen(|| ()) {
        Ok(mut listening) => signals::code(listening.heard.end().await),
        Err(_) => std::future::pending().await,
    }
}

/// Removes the deployment and what speaks for it, in whatever state both are.
///
/// # Errors
/// The engine refused: then it is still up, as far as anybody knows.
pub async fn down(project: &Project, name: &str) -> Result<Pruned, Trouble> {
    let folder = Folder::of(project);
    let _mine = folder.lock(name)?;
    let engine = Engine::connect().await?;
    let removed = deployment::remove_by_hand(&engine, &folder.state(name)).await?;
    folder.forget(name);
    Ok(removed)
}
