//! An engine for tests: it keeps the promises of `engine.rs` in memory, its servers answer behind doors (`door.rs`), and a test says what they answer, what fails, and when the
//! engine is gone. You are in the right place when the runner is to meet something that Docker does only now and then.
//!
//! What it promises is written down as tests that are played against Docker as well (`run/conformance.rs`).

mod host;
mod server;
mod shell;

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard},
};

use futures::{FutureExt as _, StreamExt as _};

use host::Host;
pub(crate) use server::{Asked, Said};

use super::{
    clean::runs_of,
    container::Blueprint,
    docker::Docker,
    engine::{
        Answer, Api, Attached, Connect, Engine, EngineVersion, Engines, ImageBuild, ImageImport, ImageListed, ImageSeen, Inspected, Listed,
        NetworkPlan, Wanted,
    },
    error::EngineError,
    labels::Labels,
    lock::host_id,
    node::lock,
};

/// The Docker engine of this host, at another address that leads to it.
pub(crate) fn docker_behind(address: String) -> Engines {
    Engines::of(Docker::behind(address))
}

/// Whether nothing of this host's run stands on the engine.
pub(crate) async fn is_gone(engine: &Engine, run: &str) -> bool {
    let host = host_id().expect("the folder of run locks");
    !runs_of(engine, &host).await.expect("an engine that answers").contains_key(run)
}

/// An engine in memory. Clones are the same engine.
#[derive(Clone)]
pub(crate) struct Fake {
    host: Arc<Mutex<Host>>,
}

impl Fake {
    /// An engine on which nothing stands, whose servers answer as a plain master does.
    pub fn new() -> Fake {
        Fake { host: Arc::default() }
    }

    /// What servers answer instead; `None` leaves it to the plain master.
    pub fn answering(self, answers: impl Fn(&Asked<'_>) -> Option<Said> + Send + Sync + 'static) -> Fake {
        self.host().answers = answers.into();
        self
    }

    /// Its servers survive SIGKILL.
    pub fn immortal(self) -> Fake {
        self.host().immortal = true;
        self
    }

    pub fn engines(&self) -> Engines {
        Engines::of(self.clone())
    }

    /// From now on nobody reaches it, and what was attached to it hears no more.
    pub fn lose(&self) {
        self.host().lose();
    }

    /// Lost now, and back once so many calls were made in vain, with what stood there before: containers that do not run any more.
    pub fn lose_for(&self, calls: usize) {
        self.host().lose();
        self.host().lost = Some(calls);
    }

    /// The next call of this name is refused with this message.
    pub fn refuse(&self, call: &'static str, message: &str) {
        self.refuse_after(call, 0, message);
    }

    /// The call of this name that comes after so many others of the name is refused with this message.
    pub fn refuse_after(&self, call: &'static str, others: usize, message: &str) {
        self.host().refusals.push((call, others, message.to_owned()));
    }

    /// Containers, networks and volumes that stand.
    pub fn left(&self) -> (usize, usize, usize) {
        let host = self.host();
        (host.containers.len(), host.networks.len(), host.volumes.len())
    }

    /// How many calls were made since it was lost for good.
    pub fn calls_in_vain(&self) -> usize {
        self.host().lost.map_or(0, |left| usize::MAX - left)
    }

    /// How many containers were ever started.
    pub fn started(&self) -> usize {
        self.host().started
    }

    /// How many containers were removed while their server was frozen.
    pub fn unhealed(&self) -> usize {
        self.host().unhealed
    }

    /// Whether a packet of one node arrives at another; nodes by the last part of their address.
    pub fn arrives(&self, from: u8, to: u8) -> bool {
        self.host().arrives(from, to)
    }

    /// The server of this node ends by itself, with this status.
    pub fn end(&self, node: u8, status: i64) {
        let mut host = self.host();
        shell::end_of(&mut host, node, status);
        host.changed.notify_waiters();
    }

    fn host(&self) -> MutexGuard<'_, Host> {
        lock(&self.host)
    }

    /// One call: written down, refused if it is to be, else answered at once.
    fn answer<'a, T: Send + 'a>(&'a self, name: &'static str, work: impl FnOnce(&mut Host) -> Result<T, EngineError> + Send + 'a) -> Answer<'a, T> {
        async move {
            // Whoever waits for the engine lets others run: a call that never yields is none.
            tokio::task::yield_now().await;
            let mut host = self.host();
            host.refused(name)?;
            work(&mut host)
        }
        .boxed()
    }
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

impl Connect for Fake {
    fn connect(&self) -> Answer<'_, Engine> {
        self.answer("connect", |_| Ok(Engine::of(self.clone())))
    }
}

impl Api for Fake {
    fn ping(&self) -> Answer<'_, ()> {
        self.answer("ping", |_| Ok(()))
    }

    fn version(&self) -> Answer<'_, EngineVersion> {
        let version = EngineVersion { version: "1.0".into(), api: "1.0".into(), os: "none".into(), cpus: 2, memory_mib: 16 << 10 };
        self.answer("version", move |_| Ok(version))
    }

    fn start(&self, blueprint: Blueprint) -> Answer<'_, String> {
        let servers = self.host.clone();
        self.answer("start", move |host| host.start(blueprint, servers))
    }

    fn fill(&self, volume: String, _: &'static str, _: String, labels: Labels) -> Answer<'_, String> {
        self.answer("fill", move |host| {
            let found = host.volumes.contains_key(&volume);
            if found { Ok(host.create(&labels)) } else { Err(host::missing("fill", &volume)) }
        })
    }

    fn inspect<'a>(&'a self, container: &'a str) -> Answer<'a, Inspected> {
        self.answer("inspect", move |host| {
            let found = host.container("inspect", container)?;
            Ok(Inspected { running: found.running, labels: found.labels.clone(), published: found.published() })
        })
    }

    fn attach<'a>(&'a self, container: &'a str) -> Answer<'a, Attached> {
        let servers = self.host.clone();
        self.answer("attach", move |host| {
            let (input, lines) = tokio::io::duplex(1 << 20);
            let (tell, told) = futures::channel::mpsc::unbounded();
            host.container("attach", container)?.attached.push(tell.clone());
            tokio::spawn(shell::obey_all(lines, servers, container.to_owned(), tell));
            Ok(Attached { input: Box::pin(input), output: told.boxed() })
        })
    }

    fn log<'a>(&'a self, container: &'a str) -> Answer<'a, Vec<u8>> {
        self.answer("log", move |host| Ok(host.container("log", container)?.log.clone().into_bytes()))
    }

    fn rename<'a>(&'a self, container: &'a str, name: &'a str) -> Answer<'a, ()> {
        self.answer("rename", move |host| host.container("rename", container).map(|found| found.name = name.to_owned()))
    }

    fn remove_container<'a>(&'a self, container: &'a str) -> Answer<'a, ()> {
        self.answer("remove container", move |host| host.remove_container(container))
    }

    fn containers(&self, wanted: Wanted) -> Answer<'_, Vec<Listed>> {
        self.answer("containers", move |host| Ok(host.listed(&wanted)))
    }

    fn create_network(&self, plan: NetworkPlan) -> Answer<'_, String> {
        self.answer("create network", move |host| host.create_network(plan))
    }

    fn connect<'a>(&'a self, network: &'a str, container: &'a str, address: Ipv4Addr) -> Answer<'a, ()> {
        self.answer("connect network", move |host| host.connect(network, container, address))
    }

    fn remove_network<'a>(&'a self, network: &'a str) -> Answer<'a, ()> {
        self.answer("remove network", move |host| host.remove_network(network))
    }

    fn networks(&self, wanted: Wanted) -> Answer<'_, Vec<Listed>> {
        self.answer("networks", move |host| {
            let fits = |(_, network): &(&String, &NetworkPlan)| host::carries(&network.labels, &wanted);
            let listed = |(id, network): (&String, &NetworkPlan)| Listed {
                id: id.clone(),
                labels: network.labels.clone(),
                subnets: vec![network.subnet.clone()],
                running: false,
            };
            Ok(host.networks.iter().filter(fits).map(listed).collect())
        })
    }

    fn create_volume(&self, name: String, labels: Labels) -> Answer<'_, ()> {
        self.answer("create volume", move |host| {
            host.volumes.insert(name, labels);
            Ok(())
        })
    }

    fn remove_volume<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        self.answer("remove volume", move |host| host.volumes.remove(name).map(drop).ok_or_else(|| host::missing("remove volume", name)))
    }

    fn volumes(&self, wanted: Wanted) -> Answer<'_, Vec<Listed>> {
        self.answer("volumes", move |host| {
            let fits = |(_, labels): &(&String, &Labels)| host::carries(labels, &wanted);
            Ok(host
                .volumes
                .iter()
                .filter(fits)
                .map(|(name, labels)| Listed { id: name.clone(), labels: labels.clone(), ..Listed::default() })
                .collect())
        })
    }

    /// Every image is here.
    fn image<'a>(&'a self, reference: &'a str) -> Answer<'a, ImageSeen> {
        self.answer("image", move |_| Ok(ImageSeen { id: format!("sha256:{reference}"), command: vec!["server".to_owned()] }))
    }

    fn images<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<ImageListed>> {
        self.answer("images", |_| Ok(Vec::new()))
    }

    fn remove_image<'a>(&'a self, reference: &'a str) -> Answer<'a, ()> {
        self.answer("remove image", move |_| Err(host::missing("remove image", reference)))
    }

    fn pull<'a>(&'a self, reference: &'a str) -> Answer<'a, ()> {
        self.answer("pull", move |_| Err(host::missing("pull", reference)))
    }

    fn build(&self, build: ImageBuild) -> Answer<'_, ()> {
        self.answer("build", move |_| Err(host::missing("build", &build.reference)))
    }

    fn import(&self, import: ImageImport) -> Answer<'_, ()> {
        self.answer("import", move |_| Err(host::missing("import", &import.repository)))
    }
}
