//! A deployment that another process has started, opened again: its containers, its open faults, and who has which role now.

use super::journal::{self, Deed};
use super::state::{Folder, OpenFault, State};
use super::trouble::Trouble;
use crate::deployment::{Deployment, Engine};
use crate::error::{Cause, StepError};
use crate::formation;
use crate::record::Kind;
use crate::run::project::Project;
use crate::systems::System;
use crate::topology::servers::Server;
use crate::wait::slots::Slot;
use crate::wait::{self, Look};
use crate::world::{Leave, Stage, World};
use std::collections::BTreeMap;
use std::fs::File;
use std::time::Duration;

/// The recorder asks every node within a quarter of a second, a silent one included.
const LOOK_LIMIT: Duration = Duration::from_secs(5);

/// What is up, for the time of one command.
#[derive(Debug)]
pub struct Session {
    pub folder: Folder,
    pub state: State,
    pub world: World,
    /// Milliseconds since 1970 at which the world's clock began.
    pub zero: i64,
    _alone: Option<File>,
}

impl Session {
    /// Opens it to look at it.
    ///
    /// # Errors
    /// Nothing is up, or its containers are gone.
    pub async fn look(project: &Project, name: Option<&str>) -> Result<Session, Trouble> {
        let folder = Folder::of(project);
        let name = folder.meant(name)?;
        Session::open(project, folder, &name, None).await
    }

    /// Opens it to change it; other commands that do wait meanwhile.
    ///
    /// # Errors
    /// As [`Session::look`].
    pub async fn change(project: &Project, name: Option<&str>) -> Result<Session, Trouble> {
        let folder = Folder::of(project);
        let name = folder.meant(name)?;
        let alone = folder.lock(&name)?;
        Session::open(project, folder, &name, Some(alone)).await
    }

    async fn open(project: &Project, folder: Folder, name: &str, alone: Option<File>) -> Result<Session, Trouble> {
        let state = folder.load(name)?;
        let topology = state.topology()?;
        let engine = Engine::connect().await?;
        let deployment = Deployment::open(&engine, &state.standing, topology).await?;
        let server =
            Server { name: state.server.clone(), image: String::new(), debian: None, package: String::new(), append: Vec::new(), binary: None };
        let stage = Stage {
            engine,
            root: project.root.clone(),
            run: state.run.clone(),
            scenario: format!("by hand: {name}"),
            server,
            image: state.standing.image.clone(),
            // The deployment stands, and knows its own.
            binary: None,
            helper: state.standing.helper.clone(),
            preload: state.standing.preload,
            leave: Leave::Nothing,
            hand: Some(folder.state(name)),
        };
        let mut world = World::on(stage, crate::world::Permit::Start(Slot::default()));
        let zero = journal::now();
        world.deployment = Some(deployment);
        for open in &state.faults {
            if let Some(fault) = open.fault() {
                world.take_over(fault, &open.node);
            }
        }
        if let Some(master) = &state.master {
            // Who was master last counts as long as nobody is.
            let role = world.deployment()?.topology().node(master).map_or("master", |node| node.kind.system.primary());
            world.timeline.borrow_mut().push(Some(master), Kind::Role, "role", role, 0);
        }
        formation::record(&mut world).await?;
        let session = Session { folder, state, world, zero, _alone: alone };
        session.everybody_asked().await?;
        Ok(session)
    }

    async fn everybody_asked(&self) -> Result<(), Trouble> {
        let nodes = self.world.taking_part()?;
        let Some(recorder) = &self.world.recorder else { return Ok(()) };
        let asked = async || match nodes.iter().find(|node| recorder.rounds(node) == 0) {
            None => Look::Done(()),
            Some(node) => Look::NotYet(format!("{node} was not asked yet")),
        };
        let waited = wait::within("every node to be asked for its role", LOOK_LIMIT, asked).await;
        waited.map_err(|gave_up| StepError::new(Cause::Engine, gave_up.to_string()).into())
    }

    /// Everybody's role now, in the words of its system, or `silent`.
    pub fn roles(&self) -> BTreeMap<String, String> {
        let timeline = self.world.timeline.borrow();
        let of_roles = timeline.entries().iter().filter(|entry| entry.kind == Kind::Role);
        of_roles.filter_map(|entry| Some((entry.node.clone()?, entry.value.clone()))).collect()
    }

    /// Writes down who has which role, and who is master.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn note_roles(&mut self) -> Result<(), Trouble> {
        let roles = self.roles();
        if let [master] = self.world.primaries_now().as_slice() {
            self.state.master = Some(master.clone());
        }
        self.note(journal::now(), Deed::Look { roles })
    }

    /// Appends what was done since `began` to the journal.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn note(&self, began: i64, deed: Deed) -> Result<(), Trouble> {
        journal::note(&self.folder.journal(&self.state.name), began, deed)
    }

    /// Writes the state down with the faults that are open now.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&mut self) -> Result<(), Trouble> {
        let open = self.world.open_faults();
        let known = |fault: &OpenFault| open.iter().any(|(name, node)| *name == fault.fault && *node == fault.node);
        self.state.faults.retain(known);
        self.folder.save(&self.state)
    }

    /// What everybody has logged who tells events, by name.
    ///
    /// # Errors
    /// The engine refused.
    pub async fn logs(&self) -> Result<Vec<(String, &'static dyn System, String)>, Trouble> {
        let deployment = self.world.deployment()?;
        let mut logs = Vec::new();
        for node in deployment.topology().nodes.iter().filter(|node| !node.kind.system.events().is_empty()) {
            logs.push((node.name.clone(), node.kind.system, deployment.log(&node.name).await?));
        }
        Ok(logs)
    }
}
