//! One node of a deployment: its sandbox, its server container and what is started for it on demand. You are in the right place for what is
//! remembered about a node; what can be done to it is in `process`, `files`, `firewall`, `clock`.

use std::{
    net::Ipv4Addr,
    sync::{Mutex, atomic::AtomicBool},
};

use tokio::sync::OnceCell;

use super::{
    clock,
    container::{self, Blueprint, ContainerFile},
    engine::Engine,
    error::EngineError,
    labels,
    network::{self, Networks},
    start::Options,
};
use crate::topology::NodeSpec;

/// Bytes a server may use unless its topology says otherwise.
const SERVER_MEMORY: u64 = 256 << 20;
/// A sandbox only sleeps, and now and then runs a small tool.
const SANDBOX_MEMORY: u64 = 64 << 20;
/// What an image that starts as root needs to change owners and users; nothing that reaches outside.
const SERVER_CAPABILITIES: &[&str] = &["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID", "KILL"];

/// The container that holds a node's network namespace. It outlives every server in it.
#[derive(Debug, Clone)]
pub(super) struct Sandbox {
    pub id: String,
    /// Address in the data network.
    pub address: Ipv4Addr,
    /// Port inside that is published.
    pub port: u16,
    /// Port on 127.0.0.1.
    pub published: u16,
}

#[derive(Debug)]
pub(super) struct Node {
    pub spec: NodeSpec,
    pub sandbox: Sandbox,
    /// Whether its wall clock was ever moved.
    pub clock_moved: AtomicBool,
    /// Id of the server container; a wipe puts another one in its place.
    pub server: Mutex<String>,
    /// What wiped server containers had said.
    pub earlier_log: Mutex<String>,
    /// Helper container, started when first needed.
    pub helper: OnceCell<String>,
    /// Name of the data interface, looked up when first needed.
    pub interface: OnceCell<String>,
}

impl Sandbox {
    /// Starts a sandbox with both networks.
    pub async fn start(engine: &Engine, networks: &Networks, options: &Options, spec: &NodeSpec) -> Result<Sandbox, EngineError> {
        // Named and labelled by address and not by node or scenario: it may serve several.
        let host = spec.address.octets()[3];
        let mut sandbox = Blueprint {
            image: options.helper.reference.clone(),
            command: ["sleep", "infinity"].map(String::from).into(),
            network: networks.control.clone(),
            ipc: Some("shareable".into()),
            published: Some(spec.port),
            memory: SANDBOX_MEMORY,
            processes: 32,
            ..blueprint(networks, "sandbox", &host.to_string())
        };
        sandbox.labels.remove(labels::SCENARIO);
        let id = container::start(sandbox).await?;
        let (connected, published) =
            tokio::join!(network::connect(engine, &networks.data, &id, spec.address), container::published_port(engine, &id, spec.port));
        connected?;
        Ok(Sandbox { id, address: spec.address, port: spec.port, published: published? })
    }

    /// Whether the node could live in it.
    pub fn suits(&self, spec: &NodeSpec) -> bool {
        self.address == spec.address && self.port == spec.port
    }
}

impl Node {
    /// A node without a server yet; that comes apart, so that masters can come first.
    pub fn new(spec: NodeSpec, sandbox: Sandbox) -> Node {
        Node {
            spec,
            sandbox,
            clock_moved: AtomicBool::new(false),
            server: Mutex::default(),
            earlier_log: Mutex::default(),
            helper: OnceCell::new(),
            interface: OnceCell::new(),
        }
    }

    /// Starts a new server container, with empty data, in the sandbox.
    pub async fn start_server(&self, networks: &Networks, options: &Options) -> Result<(), EngineError> {
        let spec = &self.spec;
        let mut files: Vec<ContainerFile> =
            spec.files.iter().map(|file| (file.target.clone(), file.mode, file.content.clone().into_bytes())).collect();
        let mut environment = spec.environment.clone();
        if spec.under_test {
            if let Some(path) = &options.binary {
                let binary = std::fs::read(path).map_err(|e| EngineError::host(path.display().to_string(), e))?;
                // Before the image's own on the PATH, under every name a topology may use.
                let names = ["redis-server", "redis-sentinel", "valkey-server", "valkey-sentinel"];
                files.extend(names.map(|name| (format!("/usr/local/bin/{name}"), 0o755, binary.clone())));
            }
            if options.preload {
                files.push(clock::library(&spec.name)?);
                environment.push(clock::environment());
            }
        }
        let image = if spec.under_test { &options.server_image.reference } else { &spec.image };
        let server = Blueprint {
            image: image.clone(),
            command: spec.command.clone(),
            network: format!("container:{}", self.sandbox.id),
            ipc: Some(format!("container:{}", self.sandbox.id)),
            memory: spec.memory.unwrap_or(SERVER_MEMORY),
            processes: 256,
            capabilities: SERVER_CAPABILITIES,
            environment,
            files,
            ..blueprint(networks, &spec.name, "")
        };
        let id = container::start(server).await?;
        *lock(&self.server) = id;
        Ok(())
    }

    pub fn server_id(&self) -> String {
        lock(&self.server).clone()
    }
}

/// What all containers of a node share: a name that tells people where it belongs, and the labels.
pub(super) fn blueprint(networks: &Networks, node: &str, part: &str) -> Blueprint {
    let mut labels = networks.labels.clone();
    labels.insert(labels::NODE.to_string(), node.to_string());
    let dash = if part.is_empty() { "" } else { "-" };
    Blueprint { name: format!("rehearsal-{}-{node}{dash}{part}", networks.deployment), labels, ..Blueprint::default() }
}

/// A panic elsewhere while the lock was held leaves a value that is still whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
