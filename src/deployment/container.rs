//! What all our containers have in common: labels, no privileges, limits, and that nothing but our own clean-up removes them. You are in the right place for what a container
//! begins as; how an engine makes one of it is in `docker.rs`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::sync::OnceCell;

use super::{
    engine::Engine,
    error::EngineError,
    labels::{self, Labels},
    node::lock,
    shell::SCRIPT,
    walls,
};

/// Where the helper image has its busybox; other containers mount the volume of the run there.
pub(super) const TOOLS: &str = "/rehearsal";
pub(super) const BUSYBOX: &str = "/rehearsal/busybox";

/// A file in a container: absolute path, mode, content.
pub(super) type ContainerFile = (String, u32, Vec<u8>);

/// A container to start.
#[derive(Debug, Clone)]
pub(super) struct Blueprint {
    pub name: String,
    pub image: String,
    pub labels: Labels,
    /// Volume with the busybox that runs the shell, where the image has none.
    pub tools: Option<String>,
    /// A network's id, or `container:<id>` to live in that one's namespace.
    pub network: String,
    /// `shareable`, or `container:<id>` to share that one's /dev/shm; `None` for a /dev/shm of its own.
    pub ipc: Option<String>,
    /// Ports inside, each published on 127.0.0.1 under a free port.
    pub published: Vec<u16>,
    /// Whether it calls nobody outside its data network.
    pub walled: bool,
    /// Bytes.
    pub memory: u64,
    /// Bytes of a disk in memory for the data folder, in place of a volume of the engine's.
    pub disk: Option<u64>,
    pub processes: i64,
    /// What is given back after all capabilities are dropped.
    pub capabilities: &'static [&'static str],
    pub files: Vec<ContainerFile>,
}

impl Blueprint {
    /// The words behind the busybox that is its first process: our shell, which obeys the lines it reads.
    pub fn command(&self) -> Vec<String> {
        // The shell's notes are in memory, under a name of their own: a sandbox shares its /dev/shm with the servers in it.
        let notes = format!("/dev/shm/{}", self.name);
        let script = if self.walled { format!("{}{SCRIPT}", walls::SCRIPT) } else { SCRIPT.to_owned() };
        ["sh", "-c", &script, "shell", BUSYBOX, &notes].map(String::from).to_vec()
    }
}

/// The program of an image that is started without a command: its entry point and its words.
pub(super) async fn own_command(engine: &Engine, image: &str) -> Result<Vec<String>, EngineError> {
    let words = engine.image(image).await?.command;
    if words.is_empty() {
        return Err(EngineError::Topology { message: format!("{image} says not what to run: give the service a `command`") });
    }
    Ok(words)
}

/// The volume of the run that holds the busybox of the helper image; made once a process.
///
/// The engine fills a new volume with what the image has at its place, when a container is created that mounts it: that one need not start.
pub(super) async fn tools(engine: &Engine, helper: &str, labels: &Labels) -> Result<String, EngineError> {
    static VOLUMES: Mutex<BTreeMap<String, Arc<OnceCell<String>>>> = Mutex::new(BTreeMap::new());
    let run = labels.get(labels::RUN).cloned().unwrap_or_default();
    // No run waits for the volume of another.
    let volume = lock(&VOLUMES).entry(run.clone()).or_default().clone();
    volume.get_or_try_init(|| fill_volume(engine, helper, labels, &run)).await.cloned()
}

async fn fill_volume(engine: &Engine, helper: &str, labels: &Labels, run: &str) -> Result<String, EngineError> {
    let name = format!("rehearsal-{}-tools-{}", labels::name_part(run), std::process::id());
    let labels: Labels = labels
        .iter()
        .filter(|(key, _)| [labels::RUN, labels::HOST, labels::HAND].contains(&key.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    engine.create_volume(name.clone(), labels.clone()).await?;
    let filler = engine.fill(name.clone(), TOOLS, helper.to_owned(), labels).await?;
    super::clean::remove_container(engine, filler).await?;
    Ok(name)
}

/// Published ports, each with the host's.
pub(super) async fn published_ports(engine: &Engine, id: &str, ports: &[u16]) -> Result<Vec<(u16, u16)>, EngineError> {
    let published = engine.inspect(id).await?.published;
    let of = |port: &u16| {
        let found = published.iter().copied().find(|(inside, _)| inside == port);
        let missing = || EngineError::Api { call: "inspect container".into(), message: format!("port {port} is not published"), status: None };
        found.ok_or_else(missing)
    };
    ports.iter().map(of).collect()
}
