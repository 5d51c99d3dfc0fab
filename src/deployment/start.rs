//! A deployment's beginning and end. You are in the right place for the order in which things start, and for what happens when one of them
//! does not.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use futures::future::join_all;
use tokio::sync::OnceCell;

use super::{
    binary::Binary,
    clean,
    engine::Engine,
    error::EngineError,
    images::PreparedImage,
    labels,
    life::Ends,
    lock::host_id,
    network::{self, Networks},
    node::{Node, Sandbox},
    pool::{self, Parked},
    shell::Shell,
};
use crate::systems::Part;
use crate::topology::{NodeSpec, Topology};

/// How to deploy.
#[derive(Debug, Clone)]
pub struct Options {
    /// Run id; its `RunLock` should be held, else a prune takes the deployment for a dead one.
    pub run: String,
    /// For people who look with `docker ps`.
    pub scenario: String,
    /// Whether nodes under test start with the library that moves their clock.
    pub preload: bool,
    pub server_image: PreparedImage,
    pub helper: PreparedImage,
    /// A server executable of this host, put over the image's own.
    pub binary: Option<Binary>,
    /// A file that keeps the deployment from being pruned for as long as it names the run: nobody lives who could hold its lock.
    pub hand: Option<PathBuf>,
}

/// A topology running in containers. Dropping it removes nothing: call `remove`, or `remove_run` at the end of the run.
#[derive(Debug)]
pub struct Deployment {
    /// The data network's prefix: `198.18.7`.
    pub net: String,
    pub(super) engine: Engine,
    pub(super) options: Options,
    pub(super) networks: Networks,
    pub(super) nodes: BTreeMap<String, Node>,
    /// Servers that ended although nobody asked.
    pub(super) ends: Arc<Ends>,
    /// Parked sandboxes that no node of this topology wanted.
    pub(super) spare: Vec<Sandbox>,
    /// A container alone in the data network, started when first needed, and the connection to it.
    pub(super) observer: tokio::sync::Mutex<Option<String>>,
    pub(super) observing: OnceCell<Shell>,
    pub(super) topology: Topology,
}

impl Deployment {
    /// Starts every node of the topology that `make` returns for the /24 prefix it is called with. Nothing stays behind when it fails.
    ///
    /// A server that exits at once is not a failure here: look at `state`. Masters start before the others, so that a replica's first
    /// attempt to connect finds somebody and does not have to be repeated a second later. Sentinels wait for `start_server`: one that comes
    /// before the replicas are attached learns of them only 10 s later.
    pub async fn start(engine: &Engine, options: Options, make: impl Fn(&str) -> Result<Topology, String>) -> Result<Deployment, EngineError> {
        if let Some((parked, topology)) = pool::take(&options, &make) {
            match Self::start_in(engine, options.clone(), &parked.networks, (parked.sandboxes, parked.observer), topology).await {
                Ok(deployment) => return Ok(deployment),
                // An engine that was restarted has ended them; then all of it is made anew.
                Err(_) => drop(remove(engine, &parked.networks).await),
            }
        }
        let host = host_id().map_err(|e| EngineError::host("the folder of run locks", e))?;
        let networks = network::create(engine, &options, &host).await?;
        let started = match make(&networks.prefix) {
            Ok(topology) => Self::start_in(engine, options, &networks, (Vec::new(), None), topology).await,
            Err(message) => Err(EngineError::Topology { message }),
        };
        if started.is_err() {
            // The cause matters more than a failing clean-up, which the next prune repeats.
            let _ = remove(engine, &networks).await;
        }
        started
    }

    async fn start_in(
        engine: &Engine,
        options: Options,
        networks: &Networks,
        (sandboxes, observer): (Vec<Sandbox>, Option<String>),
        topology: Topology,
    ) -> Result<Deployment, EngineError> {
        let (fitting, others): (Vec<Sandbox>, Vec<Sandbox>) =
            sandboxes.into_iter().partition(|sandbox| topology.nodes.iter().any(|node| sandbox.suits(node)));
        // One that publishes another port stands in the way of a node with its address; the rest waits for a later topology.
        let (in_the_way, spare): (Vec<Sandbox>, Vec<Sandbox>) =
            others.into_iter().partition(|sandbox| topology.nodes.iter().any(|node| node.address == sandbox.address));
        // Those in its namespace first: they would be left without a network.
        let houses = in_the_way.iter().flat_map(|sandbox| sandbox.houses.iter().map(|house| house.id.clone()));
        all(houses.map(|id| clean::remove_container(engine, id))).await?;
        all(in_the_way.into_iter().map(|sandbox| clean::remove_container(engine, sandbox.id))).await?;

        let ends = Arc::<Ends>::default();
        let start = async |spec: &NodeSpec| {
            let sandbox = match fitting.iter().find(|sandbox| sandbox.suits(spec)) {
                Some(sandbox) => sandbox.clone(),
                None => Sandbox::start(engine, networks, &options, spec).await?,
            };
            let node = Node::new(engine, networks, &options, spec.clone(), sandbox, &ends).await?;
            // Whoever copies it finds it there.
            if spec.kind.role.part == Part::Primary {
                node.start_first(engine, &options).await?;
            }
            Ok(node)
        };
        let nodes = all(topology.nodes.iter().map(start)).await?;
        let others = nodes.iter().filter(|node| !matches!(node.spec.kind.role.part, Part::Primary | Part::Observer));
        all(others.map(|node| node.start_first(engine, &options))).await?;
        let deployment = Deployment {
            net: networks.prefix.clone(),
            engine: engine.clone(),
            options,
            networks: networks.clone(),
            nodes: nodes.into_iter().map(|node| (node.spec.name.clone(), node)).collect(),
            spare,
            ends,
            observer: tokio::sync::Mutex::new(observer),
            observing: OnceCell::new(),
            topology,
        };
        // The witness of faults stands before the first of them: made when it is needed, it would delay the moment from which a scenario counts.
        deployment.witness().await?;
        Ok(deployment)
    }

    /// The topology with this deployment's addresses.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// The node's client port on 127.0.0.1: the same for the life of the deployment, whatever happens to the server.
    pub fn published(&self, node: &str) -> Option<u16> {
        self.nodes.get(node).and_then(|node| node.sandbox.published(node.spec.port))
    }

    /// Removes all containers at once, then the networks.
    pub async fn remove(self) -> Result<(), EngineError> {
        remove(&self.engine, &self.networks).await
    }

    /// Ends all servers and keeps what is as new for the next deployment of this run in this process, which then starts at once. At the end of
    /// the run `remove_run` removes what is kept.
    pub async fn park(self) -> Result<(), EngineError> {
        let vacated = join_all(self.nodes.iter().map(|(name, node)| self.vacated(name, node))).await;
        let observer = self.observer.into_inner();
        let sandboxes: Vec<Sandbox> = vacated.into_iter().flatten().chain(self.spare).collect();
        let houses = sandboxes.iter().flat_map(|sandbox| sandbox.houses.iter().map(|house| &house.id));
        let keep: Vec<&str> = sandboxes.iter().map(|sandbox| &sandbox.id).chain(houses).chain(&observer).map(String::as_str).collect();
        if let Err(error) = clean::remove_containers(&self.engine, &of_deployment(&self.networks), &keep).await {
            let _ = remove(&self.engine, &self.networks).await;
            return Err(error);
        }
        pool::put(Parked { run: self.options.run, helper: self.options.helper.reference, networks: self.networks, sandboxes, observer });
        Ok(())
    }

    /// Names its containers after its nodes, for somebody who is going to look into it, and answers the deployment's name: `remove_run` can be
    /// told to spare it.
    pub async fn keep(&self) -> Result<String, EngineError> {
        for (name, node) in &self.nodes {
            self.engine.rename(&node.house.id, &container_name(&self.networks.deployment, name)).await?;
        }
        Ok(self.networks.deployment.clone())
    }

    pub(super) fn node(&self, name: &str) -> Result<&Node, EngineError> {
        self.nodes.get(name).ok_or_else(|| EngineError::NoSuchNode { node: name.to_string() })
    }
}

/// What the container of a node's server is called in a deployment that was kept.
pub fn container_name(deployment: &str, node: &str) -> String {
    format!("rehearsal-{deployment}-{node}")
}

async fn remove(engine: &Engine, networks: &Networks) -> Result<(), EngineError> {
    clean::remove_labelled(engine, &of_deployment(networks)).await.map(|_| ())
}

/// What everything of a deployment carries, so that also containers whose start was never answered are found; the host tells deployments of
/// equally named runs apart.
fn of_deployment(networks: &Networks) -> [(&str, &str); 2] {
    [labels::DEPLOYMENT, labels::HOST].map(|key| (key, networks.labels.get(key).map_or("", String::as_str)))
}

/// Waits for all of them, also when one fails: a call given up half-way would go on in the engine, behind the clean-up.
async fn all<T>(calls: impl Iterator<Item = impl Future<Output = Result<T, EngineError>>>) -> Result<Vec<T>, EngineError> {
    join_all(calls).await.into_iter().collect()
}
