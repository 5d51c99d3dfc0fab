//! One node of a deployment: its sandbox, the container its server lives in, and the shells of both. You are in the right place for what is
//! remembered about a node; what can be done to it is in `process`, `files`, `firewall`, `clock`.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use tokio::sync::OnceCell;

use super::{
    clock,
    container::{self, Blueprint},
    engine::Engine,
    error::EngineError,
    labels,
    life::{Ends, Life},
    network::{self, Networks},
    power,
    shell::{Shell, quote, words},
    start::Options,
};
use crate::topology::NodeSpec;

/// Bytes a server may use unless its topology says otherwise.
const SERVER_MEMORY: u64 = 256 << 20;
/// A sandbox sleeps, and now and then runs a small tool.
const SANDBOX_MEMORY: u64 = 64 << 20;
/// What an image that starts as root needs to change owners and users; nothing that reaches outside.
const SERVER_CAPABILITIES: &[&str] = &["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID", "KILL"];
/// What changes the network of the sandbox and looks at it, and the two with which tcpdump changes to the user it was told.
const SANDBOX_CAPABILITIES: &[&str] = &["NET_ADMIN", "NET_RAW", "SETGID", "SETUID"];
/// What servers and Sentinels listen on: every sandbox publishes both, so that a Sentinel can live where a server did.
const USUAL_PORTS: [u16; 2] = [6379, 26379];

/// The container that holds a node's network namespace and the tools that change it. It outlives every server in it.
#[derive(Debug, Clone)]
pub(super) struct Sandbox {
    pub id: String,
    /// Address in the data network.
    pub address: Ipv4Addr,
    /// Ports inside, each with its port on 127.0.0.1.
    pub published: Vec<(u16, u16)>,
    /// Containers in its namespace in which nothing runs but their shell.
    pub houses: Vec<House>,
}

/// A container for a node's server: its shell starts and ends servers, so it serves many. What makes two of them alike is in `kind`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct House {
    pub id: String,
    pub kind: Kind,
}

/// What cannot be changed without another container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    pub image: String,
    pub memory: u64,
    /// SHA-256 of the executable of this host that is put over the image's own.
    pub binary: Option<String>,
    /// Bytes of a disk in memory that holds the data folder; without it the engine's own disk does.
    pub disk: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Node {
    pub spec: NodeSpec,
    pub sandbox: Sandbox,
    /// The sandbox's shell, connected when first needed.
    pub tools: OnceCell<Shell>,
    pub house: House,
    pub shell: Shell,
    /// Name of the data interface, looked up when first needed.
    pub interface: OnceCell<String>,
    /// Whether its wall clock was ever moved.
    pub clock_moved: AtomicBool,
    /// Whether a tool was ever run in its sandbox.
    pub touched: AtomicBool,
    /// A line in the container's log after which this deployment's begins.
    pub mark: String,
    /// Whether a name was given another address: such a place is not used again.
    pub names_changed: AtomicBool,
    /// Whether a server was ever started: those that wait for their turn have none yet.
    pub started: AtomicBool,
    /// When its server was ended or frozen, and whether an end would be a surprise.
    pub life: Arc<Life>,
}

impl Sandbox {
    /// Starts a sandbox with both networks.
    pub async fn start(engine: &Engine, networks: &Networks, options: &Options, spec: &NodeSpec) -> Result<Sandbox, EngineError> {
        let mut ports = USUAL_PORTS.to_vec();
        if !ports.contains(&spec.port) {
            ports.push(spec.port);
        }
        let sandbox = Blueprint {
            image: options.helper.reference.clone(),
            network: networks.control.clone(),
            ipc: Some("shareable".into()),
            published: ports.clone(),
            walled: true,
            capabilities: SANDBOX_CAPABILITIES,
            ..blueprint(networks, Some(spec.address), "sandbox")
        };
        let id = engine.start(sandbox).await?;
        let (connected, published) =
            tokio::join!(engine.connect_to(&networks.data, &id, spec.address), container::published_ports(engine, &id, &ports));
        connected?;
        Shell::attach(engine, "sandbox", &id).await?.must("answer_names").await?;
        Ok(Sandbox { id, address: spec.address, published: published?, houses: Vec::new() })
    }

    /// Whether the node could live in it.
    pub fn suits(&self, spec: &NodeSpec) -> bool {
        self.address == spec.address && self.published(spec.port).is_some()
    }

    /// The port on 127.0.0.1 under which one inside is reached.
    pub fn published(&self, port: u16) -> Option<u16> {
        self.published.iter().find(|(inside, _)| *inside == port).map(|(_, outside)| *outside)
    }
}

impl House {
    async fn start(engine: &Engine, networks: &Networks, options: &Options, sandbox: &Sandbox, kind: Kind) -> Result<House, EngineError> {
        let binary = options.binary.as_ref().filter(|_| kind.binary.is_some());
        // Numbered, since there may be several at one address.
        static HOUSES: AtomicU64 = AtomicU64::new(0);
        let part = format!("server-{}", HOUSES.fetch_add(1, Ordering::Relaxed));
        let house = Blueprint {
            image: kind.image.clone(),
            tools: Some(container::tools(engine, &options.helper.reference, &networks.labels).await?),
            network: format!("container:{}", sandbox.id),
            ipc: Some(format!("container:{}", sandbox.id)),
            memory: kind.memory,
            disk: kind.disk,
            processes: 256,
            capabilities: SERVER_CAPABILITIES,
            files: binary.iter().map(|binary| binary.file()).collect(),
            ..blueprint(networks, Some(sandbox.address), &part)
        };
        let id = engine.start(house).await?;
        let shell = Shell::attach(engine, "server", &id).await?;
        network::verify(&shell, sandbox.address).await?;
        if let Some(binary) = binary {
            binary.put_over(&shell).await?;
        }
        shell.must("born").await?;
        Ok(House { id, kind })
    }
}

impl Node {
    /// A node without a server yet; that comes apart, so that masters can come first.
    pub async fn new(
        engine: &Engine,
        networks: &Networks,
        options: &Options,
        spec: NodeSpec,
        mut sandbox: Sandbox,
        ends: &Arc<Ends>,
    ) -> Result<Node, EngineError> {
        let kind = Kind {
            image: if spec.under_test { options.server_image.reference.clone() } else { spec.image.clone() },
            memory: spec.memory.unwrap_or(SERVER_MEMORY),
            binary: options.binary.as_ref().filter(|_| spec.under_test).map(|binary| binary.sha256.clone()),
            disk: spec.disk,
        };
        let house = match sandbox.houses.iter().position(|house| house.kind == kind) {
            Some(found) => sandbox.houses.swap_remove(found),
            None => House::start(engine, networks, options, &sandbox, kind).await?,
        };
        let life = Life::new(&spec.name, ends);
        let lives = life.clone();
        let shell = Shell::attach_to(engine, &spec.name, &house.id, move |status| lives.ended(status)).await?;
        static MARKS: AtomicU64 = AtomicU64::new(0);
        let mark = format!("--- rehearsal: {} {}-{}", spec.name, std::process::id(), MARKS.fetch_add(1, Ordering::Relaxed));
        let [clock_moved, touched, names_changed, started] = Default::default();
        Ok(Node {
            spec,
            sandbox,
            tools: OnceCell::new(),
            interface: OnceCell::new(),
            house,
            shell,
            clock_moved,
            touched,
            mark,
            names_changed,
            started,
            life,
        })
    }

    /// Lays out the node's files and starts its server. Data that is there stays.
    pub async fn start_first(&self, engine: &Engine, options: &Options) -> Result<(), EngineError> {
        for file in &self.spec.files {
            self.shell.put(&file.target, file.mode, file.content.as_bytes()).await?;
        }
        if options.preload && self.spec.under_test {
            let (path, mode, content) = clock::library(&self.spec.name)?;
            self.shell.put(&path, mode, &content).await?;
            // What an earlier server in this place had synced says nothing about the files of this one.
            self.shell.must(power::FORGET).await?;
        }
        self.start_again(engine, options).await?;
        self.started.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Starts the server with the files and the data that are there.
    pub async fn start_again(&self, engine: &Engine, options: &Options) -> Result<(), EngineError> {
        self.start_with(engine, options, &[]).await
    }

    /// As `start_again`, with more words behind the command line, for this once.
    pub async fn start_with(&self, engine: &Engine, options: &Options, more: &[String]) -> Result<(), EngineError> {
        let mut command = match &self.spec.command[..] {
            [] => container::own_command(engine, &self.house.kind.image).await?,
            command => command.to_vec(),
        };
        command.extend_from_slice(more);
        let mark = if self.has_started() { String::new() } else { format!("echo {} >&3; ", quote(&self.mark)) };
        self.life.starts();
        self.shell.must(&format!("{mark}start {}", self.in_environment(options, &command))).await?;
        self.life.goes_on();
        self.runs_what_was_given(options.binary.as_ref()).await
    }

    /// A command as words for the shell, with the node's environment before it. Logs are read by their dates, which an image may be set up to write in another zone.
    pub fn in_environment<S: AsRef<str>>(&self, options: &Options, command: &[S]) -> String {
        let preload = (options.preload && self.spec.under_test).then(clock::environment);
        let zone = ("TZ".to_owned(), "UTC".to_owned());
        let environment = std::iter::once(zone).chain(self.spec.environment.iter().cloned()).chain(preload);
        let environment: Vec<String> = environment.map(|(key, value)| format!("{key}={value}")).collect();
        format!("\"$B\" env {} {}", words(&environment), words(command))
    }

    pub fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// The sandbox's shell.
    pub async fn tools(&self, engine: &Engine) -> Result<&Shell, EngineError> {
        self.touched.store(true, Ordering::Relaxed);
        let name = &self.spec.name;
        self.tools.get_or_try_init(|| Shell::attach(engine, name, &self.sandbox.id)).await
    }
}

/// What a container at an address begins as: a name that tells people where it belongs, and the labels. Neither names the node or the scenario,
/// since it may serve several, one after the other.
pub(super) fn blueprint(networks: &Networks, address: Option<Ipv4Addr>, part: &str) -> Blueprint {
    let mut labels = networks.labels.clone();
    labels.remove(labels::SCENARIO);
    let host = address.map_or(String::new(), |address| format!("{}-", address.octets()[3]));
    let place = format!("{host}{part}");
    labels.insert(labels::NODE.to_string(), place.clone());
    Blueprint {
        name: format!("rehearsal-{}-{place}", networks.deployment),
        image: String::new(),
        labels,
        tools: None,
        network: String::new(),
        ipc: None,
        published: Vec::new(),
        walled: false,
        memory: SANDBOX_MEMORY,
        disk: None,
        processes: 64,
        capabilities: &[],
        files: Vec::new(),
    }
}

/// A panic elsewhere while the lock was held leaves a value that is still whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
