//! Starting one container through testcontainers. You are in the right place for what all our containers have in common: labels, no
//! privileges, limits, and that nothing but our own clean-up removes them.

use std::collections::BTreeMap;

use testcontainers::{
    CopyTargetOptions, GenericImage, ImageExt,
    bollard::{
        models::{ContainerCreateBody, ContainerInspectResponse, HostConfig, PortBinding, VolumeCreateRequest},
        query_parameters::{CreateContainerOptions, InspectContainerOptions},
    },
    core::IntoContainerPort,
    runners::AsyncRunner,
};

use super::{
    engine::{CALL_LIMIT, Engine, limited},
    error::EngineError,
    files::DATA,
    labels::{self, Labels},
    shell::SCRIPT,
    walls,
};

/// Where the helper image has its busybox; other containers mount the volume of the run there.
const TOOLS: &str = "/rehearsal";
const BUSYBOX: &str = "/rehearsal/busybox";

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

/// Creates the container, copies its files in and starts its shell; answers its id.
///
/// On an error something may be left half made: whoever started a deployment removes it by label.
pub(super) async fn start(blueprint: Blueprint) -> Result<String, EngineError> {
    let call = format!("start {}", blueprint.name);
    let Blueprint { name, image, labels, tools, network, ipc, published, walled, memory, disk, processes, capabilities, files } = blueprint;
    let (repository, tag) = split_reference(&image);
    // Official images have a script as entry point, which changes owners and users; ours have none. A server is started by our shell alone.
    let mut image = GenericImage::new(repository, tag).with_entrypoint(BUSYBOX);
    for port in &published {
        // The engine publishes only what is exposed as well.
        image = image.with_exposed_port(port.tcp());
    }
    // The shell's notes are in memory, under a name of their own: a sandbox shares its /dev/shm with the servers in it.
    let notes = format!("/dev/shm/{name}");
    let script = if walled { format!("{}{SCRIPT}", walls::SCRIPT) } else { SCRIPT.to_owned() };
    let command = ["sh", "-c", &script, "shell", BUSYBOX, &notes].map(String::from);
    let mut request = image.with_container_name(name).with_labels(labels).with_open_stdin(true).with_cmd(command);
    for (path, mode, content) in files {
        request = request.with_copy_to(CopyTargetOptions::new(path).with_mode(mode), content);
    }
    let request = request.with_host_config_modifier(move |host| {
        host.network_mode = Some(network.clone());
        host.ipc_mode = ipc.clone();
        // testcontainers would publish everything on all addresses.
        host.publish_all_ports = Some(false);
        let local = || vec![PortBinding { host_ip: Some("127.0.0.1".into()), host_port: Some(String::new()) }];
        host.port_bindings = Some(published.iter().map(|port| (format!("{port}/tcp"), Some(local()))).collect());
        host.binds = tools.clone().map(|volume| vec![format!("{volume}:{TOOLS}:ro")]);
        host.tmpfs = disk.map(|bytes| [(DATA.to_owned(), format!("size={bytes},mode=1777"))].into());
        host.memory = Some(memory as i64);
        // The same number is "no swap": a server that swaps answers late, and late is what scenarios measure.
        host.memory_swap = Some(memory as i64);
        host.pids_limit = Some(processes);
        host.cap_drop = Some(vec!["ALL".into()]);
        host.cap_add = Some(capabilities.iter().map(|c| c.to_string()).collect());
        host.security_opt = Some(vec!["no-new-privileges".into()]);
    });
    let container = limited(&call, CALL_LIMIT, async { request.start().await.map_err(|e| EngineError::from_testcontainers(&call, e)) }).await?;
    let id = container.id().to_string();
    // Its drop would remove the container behind our back, on a runtime that may be ending; removal is ours (`clean`), by label.
    std::mem::forget(container);
    Ok(id)
}

/// The program of an image that is started without a command: its entry point and its words.
pub(super) async fn own_command(engine: &Engine, image: &str) -> Result<Vec<String>, EngineError> {
    let config = engine.call("inspect image", engine.docker().inspect_image(image)).await?.config.unwrap_or_default();
    let words: Vec<String> = config.entrypoint.into_iter().flatten().chain(config.cmd.into_iter().flatten()).collect();
    if words.is_empty() {
        return Err(EngineError::Topology { message: format!("{image} says not what to run: give the service a `command`") });
    }
    Ok(words)
}

/// The volume of the run that holds the busybox of the helper image; made once a process.
///
/// The engine fills a new volume with what the image has at its place, when a container is created that mounts it: that one need not start.
pub(super) async fn tools(engine: &Engine, helper: &str, labels: &Labels) -> Result<String, EngineError> {
    static VOLUMES: tokio::sync::Mutex<BTreeMap<String, String>> = tokio::sync::Mutex::const_new(BTreeMap::new());
    let mut volumes = VOLUMES.lock().await;
    let run = labels.get(labels::RUN).cloned().unwrap_or_default();
    if let Some(volume) = volumes.get(&run) {
        return Ok(volume.clone());
    }
    let name = format!("rehearsal-{}-tools-{}", labels::name_part(&run), std::process::id());
    let labels: Labels = labels
        .iter()
        .filter(|(key, _)| [labels::RUN, labels::HOST, labels::HAND].contains(&key.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let volume = VolumeCreateRequest { name: Some(name.clone()), labels: Some(labels.clone()), ..Default::default() };
    engine.call("create volume", engine.docker().create_volume(volume)).await?;
    let host = HostConfig { binds: Some(vec![format!("{name}:{TOOLS}")]), ..Default::default() };
    let filler = ContainerCreateBody { image: Some(helper.to_owned()), labels: Some(labels), host_config: Some(host), ..Default::default() };
    let filler = engine.call("fill volume", engine.docker().create_container(None::<CreateContainerOptions>, filler)).await?;
    super::clean::remove_container(engine, filler.id).await?;
    volumes.insert(run, name.clone());
    Ok(name)
}

/// The container as the engine sees it.
pub(super) async fn inspect(engine: &Engine, id: &str) -> Result<ContainerInspectResponse, EngineError> {
    engine.call("inspect container", engine.docker().inspect_container(id, None::<InspectContainerOptions>)).await
}

/// Published ports, each with the host's.
pub(super) async fn published_ports(engine: &Engine, id: &str, ports: &[u16]) -> Result<Vec<(u16, u16)>, EngineError> {
    let bindings = inspect(engine, id).await?.network_settings.and_then(|n| n.ports).unwrap_or_default();
    let of = |port: &u16| {
        let found = bindings.get(&format!("{port}/tcp")).into_iter().flatten().flatten().find_map(|b| b.host_port.as_ref()?.parse().ok());
        let missing = || EngineError::Api { call: "inspect container".into(), message: format!("port {port} is not published"), status: None };
        found.map(|outside| (*port, outside)).ok_or_else(missing)
    };
    ports.iter().map(of).collect()
}

/// `registry:5000/redis:7.0.15` is image `registry:5000/redis` with tag `7.0.15`.
fn split_reference(reference: &str) -> (&str, &str) {
    match reference.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (reference, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_split_at_the_tag_and_not_at_a_port() {
        assert_eq!(split_reference("redis:7.0.15"), ("redis", "7.0.15"));
        assert_eq!(split_reference("localhost:5000/redis"), ("localhost:5000/redis", "latest"));
        assert_eq!(split_reference("rehearsal/redis-7.0:abc"), ("rehearsal/redis-7.0", "abc"));
    }
}
