//! The container engine as the rest of this program sees it: what can be asked of one, in our own words, and the time limit every call has. You are in the right place to
//! add a call. Docker itself is in `docker.rs`; tests have an engine of their own (`fake/`) that keeps the same promises (`run/conformance.rs`).

use std::{collections::HashMap, fmt::Debug, fs::File, net::Ipv4Addr, pin::Pin, sync::Arc, time::Duration};

use futures::{Stream, future::BoxFuture};
use tokio::io::AsyncWrite;

use super::{container::Blueprint, docker::Docker, error::EngineError, labels::Labels};

/// How long an ordinary call may take. A healthy engine needs well under a second; a busy one on two cores a few.
pub(super) const CALL_LIMIT: Duration = Duration::from_secs(20);

/// A container engine. Cheap to clone and to connect: every request opens a connection of its own, so one engine a runtime is free.
#[derive(Debug, Clone)]
pub struct Engine {
    api: Arc<dyn Api>,
}

/// Where engines come from: whoever plays on a runtime of its own needs an engine of its own.
#[derive(Debug, Clone)]
pub struct Engines(Arc<dyn Connect>);

/// What the engine says about itself and its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineVersion {
    /// `20.10.24+dfsg1`
    pub version: String,
    /// `1.41`
    pub api: String,
    /// `Debian GNU/Linux 12 (bookworm) (x86_64)`
    pub os: String,
    pub cpus: u64,
    pub memory_mib: u64,
}

/// A container, network or volume in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Listed {
    /// What a call names it by: the id, of a volume the name.
    pub id: String,
    pub labels: Labels,
    /// Of a container: whether it runs.
    pub running: bool,
    /// Of a network: its subnets in CIDR notation.
    pub subnets: Vec<String>,
}

/// What is asked for in a list.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// Everything.
    All,
    /// What carries all of these labels with these values.
    Labelled(Vec<(String, String)>),
    /// Containers that are connected to the network of this id.
    In(String),
}

/// A container as the engine sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Inspected {
    pub running: bool,
    pub labels: Labels,
    /// Ports inside, each with its port on 127.0.0.1.
    pub published: Vec<(u16, u16)>,
}

/// A network to make.
#[derive(Debug, Clone)]
pub(super) struct NetworkPlan {
    pub name: String,
    /// In CIDR notation.
    pub subnet: String,
    /// Without a way out.
    pub internal: bool,
    /// Whether its containers reach each other over it.
    pub between: bool,
    pub labels: Labels,
}

/// An image that is on the engine's host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ImageSeen {
    /// `sha256:...`
    pub id: String,
    /// Its entry point and the words behind it.
    pub command: Vec<String>,
}

/// An image in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImageListed {
    pub id: String,
    pub references: Vec<String>,
    pub bytes: u64,
}

/// An image to build from a Dockerfile and what lies beside it.
#[derive(Debug)]
pub(super) struct ImageBuild {
    pub reference: String,
    pub labels: Labels,
    /// A tar archive with the Dockerfile in it.
    pub context: Vec<u8>,
}

/// An image to make of a root file system.
#[derive(Debug)]
pub(super) struct ImageImport {
    pub repository: String,
    pub tag: String,
    /// Instructions as a Dockerfile has them.
    pub changes: Vec<String>,
    /// A tar archive, read from where it stands.
    pub archive: File,
}

/// The standard streams of a container's first process: its input, and its standard error in pieces. The output ends when either side does.
pub(super) struct Attached {
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    pub output: Pin<Box<dyn Stream<Item = Vec<u8>> + Send>>,
}

/// The answer to a call that is still to come.
pub(super) type Answer<'a, T> = BoxFuture<'a, Result<T, EngineError>>;

/// What an engine has to be able to do. Calls have their limit from [`Engine`]; those on images, which take minutes, have one of their own.
pub(super) trait Api: Debug + Send + Sync {
    fn ping(&self) -> Answer<'_, ()>;
    fn version(&self) -> Answer<'_, EngineVersion>;

    /// Creates a container, copies its files in and starts its first process; its id. What is half made by a failure is found by its labels.
    fn start(&self, blueprint: Blueprint) -> Answer<'_, String>;
    /// Creates a container that never runs, which fills the volume with what the image has at that place; its id.
    fn fill(&self, volume: String, at: &'static str, image: String, labels: Labels) -> Answer<'_, String>;
    fn inspect<'a>(&'a self, container: &'a str) -> Answer<'a, Inspected>;
    fn attach<'a>(&'a self, container: &'a str) -> Answer<'a, Attached>;
    /// Standard output of the container, from its beginning on.
    fn log<'a>(&'a self, container: &'a str) -> Answer<'a, Vec<u8>>;
    fn rename<'a>(&'a self, container: &'a str, name: &'a str) -> Answer<'a, ()>;
    /// Kills and removes it with its anonymous volumes.
    fn remove_container<'a>(&'a self, container: &'a str) -> Answer<'a, ()>;
    /// Those that do not run included.
    fn containers(&self, wanted: Wanted) -> Answer<'_, Vec<Listed>>;

    fn create_network(&self, plan: NetworkPlan) -> Answer<'_, String>;
    /// Gives a container a fixed address in a network.
    fn connect<'a>(&'a self, network: &'a str, container: &'a str, address: Ipv4Addr) -> Answer<'a, ()>;
    /// Refused (403) while something is connected.
    fn remove_network<'a>(&'a self, network: &'a str) -> Answer<'a, ()>;
    fn networks(&self, wanted: Wanted) -> Answer<'_, Vec<Listed>>;

    fn create_volume(&self, name: String, labels: Labels) -> Answer<'_, ()>;
    fn remove_volume<'a>(&'a self, name: &'a str) -> Answer<'a, ()>;
    fn volumes(&self, wanted: Wanted) -> Answer<'_, Vec<Listed>>;

    /// An image that is here; not found (404) else.
    fn image<'a>(&'a self, reference: &'a str) -> Answer<'a, ImageSeen>;
    /// Those whose name fits the pattern, `rehearsal/*`.
    fn images<'a>(&'a self, pattern: &'a str) -> Answer<'a, Vec<ImageListed>>;
    fn remove_image<'a>(&'a self, reference: &'a str) -> Answer<'a, ()>;
    fn pull<'a>(&'a self, reference: &'a str) -> Answer<'a, ()>;
    fn build(&self, build: ImageBuild) -> Answer<'_, ()>;
    fn import(&self, import: ImageImport) -> Answer<'_, ()>;
}

/// Makes engines.
pub(super) trait Connect: Debug + Send + Sync {
    fn connect(&self) -> Answer<'_, Engine>;
}

impl Engines {
    /// The Docker engine of this host, found as testcontainers finds it: `DOCKER_HOST`, a `.testcontainers.properties`, the usual sockets.
    pub fn docker() -> Engines {
        Engines::of(Docker::here())
    }

    pub(super) fn of(connect: impl Connect + 'static) -> Engines {
        Engines(Arc::new(connect))
    }

    /// An engine for the runtime this is called on, asked for a sign of life.
    ///
    /// # Errors
    /// There is none, or it does not answer.
    pub async fn connect(&self) -> Result<Engine, EngineError> {
        let engine = self.0.connect().await?;
        engine.ping().await?;
        Ok(engine)
    }
}

impl Engine {
    /// The Docker engine of this host.
    ///
    /// # Errors
    /// There is none, or it does not answer.
    pub async fn connect() -> Result<Engine, EngineError> {
        Engines::docker().connect().await
    }

    pub(super) fn of(api: impl Api + 'static) -> Engine {
        Engine { api: Arc::new(api) }
    }

    /// Asks for a sign of life.
    pub async fn ping(&self) -> Result<(), EngineError> {
        self.call("ping", self.api.ping()).await
    }

    /// Version and size of the engine's host.
    pub async fn version(&self) -> Result<EngineVersion, EngineError> {
        self.call("version", self.api.version()).await
    }

    pub(super) async fn start(&self, blueprint: Blueprint) -> Result<String, EngineError> {
        let name = format!("start {}", blueprint.name);
        self.call(&name, self.api.start(blueprint)).await
    }

    pub(super) async fn fill(&self, volume: String, at: &'static str, image: String, labels: Labels) -> Result<String, EngineError> {
        self.call("fill volume", self.api.fill(volume, at, image, labels)).await
    }

    pub(super) async fn inspect(&self, container: &str) -> Result<Inspected, EngineError> {
        self.call("inspect container", self.api.inspect(container)).await
    }

    /// `whose` stands in an error.
    pub(super) async fn attach(&self, whose: &str, container: &str) -> Result<Attached, EngineError> {
        self.call(&format!("attach to {whose}"), self.api.attach(container)).await
    }

    pub(super) async fn log(&self, container: &str) -> Result<Vec<u8>, EngineError> {
        self.call("logs", self.api.log(container)).await
    }

    pub(super) async fn rename(&self, container: &str, name: &str) -> Result<(), EngineError> {
        self.call("rename container", self.api.rename(container, name)).await
    }

    pub(super) async fn remove_container(&self, container: &str) -> Result<(), EngineError> {
        self.call("remove container", self.api.remove_container(container)).await
    }

    pub(super) async fn containers(&self, wanted: Wanted) -> Result<Vec<Listed>, EngineError> {
        self.call("list containers", self.api.containers(wanted)).await
    }

    pub(super) async fn create_network(&self, plan: NetworkPlan) -> Result<String, EngineError> {
        self.call("create network", self.api.create_network(plan)).await
    }

    pub(super) async fn connect_to(&self, network: &str, container: &str, address: Ipv4Addr) -> Result<(), EngineError> {
        self.call("connect network", self.api.connect(network, container, address)).await
    }

    pub(super) async fn remove_network(&self, network: &str) -> Result<(), EngineError> {
        self.call("remove network", self.api.remove_network(network)).await
    }

    pub(super) async fn networks(&self, wanted: Wanted) -> Result<Vec<Listed>, EngineError> {
        self.call("list networks", self.api.networks(wanted)).await
    }

    pub(super) async fn create_volume(&self, name: String, labels: Labels) -> Result<(), EngineError> {
        self.call("create volume", self.api.create_volume(name, labels)).await
    }

    pub(super) async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.call("remove volume", self.api.remove_volume(name)).await
    }

    pub(super) async fn volumes(&self, wanted: Wanted) -> Result<Vec<Listed>, EngineError> {
        self.call("list volumes", self.api.volumes(wanted)).await
    }

    pub(super) async fn image(&self, reference: &str) -> Result<ImageSeen, EngineError> {
        self.call("inspect image", self.api.image(reference)).await
    }

    pub(super) async fn images(&self, pattern: &str) -> Result<Vec<ImageListed>, EngineError> {
        self.call("list images", self.api.images(pattern)).await
    }

    pub(super) async fn remove_image(&self, reference: &str) -> Result<(), EngineError> {
        self.call("remove image", self.api.remove_image(reference)).await
    }

    /// Takes as long as the registry goes on talking.
    pub(super) async fn pull(&self, reference: &str) -> Result<(), EngineError> {
        self.api.pull(reference).await
    }

    pub(super) async fn build(&self, build: ImageBuild, within: Duration) -> Result<(), EngineError> {
        limited("build image", within, self.api.build(build)).await
    }

    pub(super) async fn import(&self, import: ImageImport, within: Duration) -> Result<(), EngineError> {
        limited("import image", within, self.api.import(import)).await
    }

    /// One call with the usual limit; `name` says in an error what was attempted.
    async fn call<T>(&self, name: &str, answer: Answer<'_, T>) -> Result<T, EngineError> {
        limited(name, CALL_LIMIT, answer).await
    }
}

impl Wanted {
    /// What carries all of these labels.
    pub fn labelled(labels: &[(&str, &str)]) -> Wanted {
        Wanted::Labelled(labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    /// The filter that the engine's list calls take.
    pub fn filter(&self) -> HashMap<String, Vec<String>> {
        match self {
            Wanted::All => HashMap::new(),
            Wanted::Labelled(labels) => HashMap::from([("label".to_owned(), labels.iter().map(|(key, value)| format!("{key}={value}")).collect())]),
            Wanted::In(network) => HashMap::from([("network".to_owned(), vec![network.clone()])]),
        }
    }
}

/// Bounds anything that already speaks our errors.
pub(super) async fn limited<T>(name: &str, after: Duration, call: impl Future<Output = Result<T, EngineError>>) -> Result<T, EngineError> {
    match tokio::time::timeout(after, call).await {
        Ok(answer) => answer,
        Err(_) => Err(EngineError::Limit { call: name.to_string(), after }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_asks_for_every_label_with_its_value() {
        let wanted = Wanted::labelled(&[("org.rehearsal.run", "r1"), ("org.rehearsal.host", "h")]);
        assert_eq!(wanted.filter()["label"], ["org.rehearsal.run=r1", "org.rehearsal.host=h"]);
    }
}
