//! Starting one container through testcontainers. You are in the right place for what all our containers have in common: labels, no
//! privileges, limits, and that nothing but our own clean-up removes them.

use std::collections::HashMap;

use testcontainers::{
    CopyTargetOptions, GenericImage, ImageExt,
    bollard::{
        models::{ContainerInspectResponse, PortBinding},
        query_parameters::InspectContainerOptions,
    },
    core::IntoContainerPort,
    runners::AsyncRunner,
};

use super::{
    engine::{CALL_LIMIT, Engine, limited},
    error::EngineError,
    labels::Labels,
};

/// A file in a container: absolute path, mode, content.
pub(super) type ContainerFile = (String, u32, Vec<u8>);

/// A container to start.
#[derive(Debug, Clone, Default)]
pub(super) struct Blueprint {
    pub name: String,
    pub image: String,
    pub labels: Labels,
    /// Program first; empty means the image's own.
    pub command: Vec<String>,
    /// A network's id, or `container:<id>` to live in that one's namespace.
    pub network: String,
    /// `shareable`, or `container:<id>` to share that one's /dev/shm; `None` for a /dev/shm of its own.
    pub ipc: Option<String>,
    /// Port inside, published on 127.0.0.1 under a free port.
    pub published: Option<u16>,
    /// Bytes.
    pub memory: u64,
    pub processes: i64,
    /// What is given back after all capabilities are dropped.
    pub capabilities: &'static [&'static str],
    pub environment: Vec<(String, String)>,
    pub files: Vec<ContainerFile>,
}

/// Creates the container, copies its files in and starts it; answers its id.
///
/// On an error something may be left half made: whoever started a deployment removes it by label.
pub(super) async fn start(blueprint: Blueprint) -> Result<String, EngineError> {
    let call = format!("start {}", blueprint.name);
    let Blueprint { name, image, labels, command, network, ipc, published, memory, processes, capabilities, environment, files } = blueprint;
    let (repository, tag) = split_reference(&image);
    let mut image = GenericImage::new(repository, tag);
    let mut words = command.into_iter();
    if let Some(program) = words.next() {
        // The program becomes the entry point: official images have a script there, which changes owners and users; ours have none.
        image = image.with_entrypoint(&program);
    }
    if let Some(port) = published {
        // The engine publishes only what is exposed as well.
        image = image.with_exposed_port(port.tcp());
    }
    let mut request = image.with_container_name(name).with_labels(labels).with_cmd(words);
    for (key, value) in environment {
        request = request.with_env_var(key, value);
    }
    for (path, mode, content) in files {
        request = request.with_copy_to(CopyTargetOptions::new(path).with_mode(mode), content);
    }
    let request = request.with_host_config_modifier(move |host| {
        host.network_mode = Some(network.clone());
        host.ipc_mode = ipc.clone();
        // testcontainers would publish everything on all addresses.
        host.publish_all_ports = Some(false);
        host.port_bindings = published.map(|port| {
            let local = PortBinding { host_ip: Some("127.0.0.1".into()), host_port: Some(String::new()) };
            HashMap::from([(format!("{port}/tcp"), Some(vec![local]))])
        });
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

/// The container as the engine sees it.
pub(super) async fn inspect(engine: &Engine, id: &str) -> Result<ContainerInspectResponse, EngineError> {
    engine.call("inspect container", engine.docker().inspect_container(id, None::<InspectContainerOptions>)).await
}

/// The host's port of a published one.
pub(super) async fn published_port(engine: &Engine, id: &str, port: u16) -> Result<u16, EngineError> {
    let inspected = inspect(engine, id).await?;
    let bindings = inspected.network_settings.and_then(|n| n.ports).and_then(|mut ports| ports.remove(&format!("{port}/tcp")).flatten());
    let found = bindings.into_iter().flatten().find_map(|binding| binding.host_port?.parse().ok());
    found.ok_or_else(|| EngineError::Api { call: "inspect container".into(), message: format!("port {port} is not published"), status: None })
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
