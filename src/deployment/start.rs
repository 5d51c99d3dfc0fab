//! A deployment's beginning and end. You are in the right place for the order in which things start, and for what happens when one of them
//! does not.

use std::{collections::BTreeMap, path::PathBuf};

use futures::future::join_all;
use tokio::sync::OnceCell;

use super::{
    clean,
    engine::Engine,
    error::EngineError,
    images::PreparedImage,
    labels,
    lock::host_id,
    network::{self, Networks},
    node::Node,
};
use crate::topology::{NodeSpec, Role, Topology};

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
    pub binary: Option<PathBuf>,
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
    /// A container alone in the data network, started when first needed.
    pub(super) observer: OnceCell<String>,
    topology: Topology,
}

impl Deployment {
    /// Starts every node of the topology that `make` returns for the /24 prefix it is called with. Nothing stays behind when it fails.
    ///
    /// A server that exits at once is not a failure here: look at `state`. Masters start before the others, so that a replica's first
    /// attempt to connect finds somebody and does not have to be repeated a second later. Sentinels wait for `start_server`: one that comes
    /// before the replicas are attached learns of them only 10 s later.
    pub async fn start(engine: &Engine, options: Options, make: impl Fn(&str) -> Result<Topology, String>) -> Result<Deployment, EngineError> {
        let host = host_id().map_err(|e| EngineError::host("the folder of run locks", e))?;
        let networks = network::create(engine, &options.run, &host, &options.scenario).await?;
        match Self::start_in(engine, options, &networks, make).await {
            Ok(deployment) => Ok(deployment),
            Err(error) => {
                // The cause matters more than a failing clean-up, which the next prune repeats.
                let _ = remove(engine, &networks).await;
                Err(error)
            }
        }
    }

    async fn start_in(
        engine: &Engine,
        options: Options,
        networks: &Networks,
        make: impl Fn(&str) -> Result<Topology, String>,
    ) -> Result<Deployment, EngineError> {
        let topology = make(&networks.prefix).map_err(|message| EngineError::Topology { message })?;
        let start = async |spec: &NodeSpec| {
            let node = Node::start(engine, networks, &options, spec).await?;
            if spec.role == Role::Master {
                node.start_server(networks, &options).await?;
            }
            Ok::<Node, EngineError>(node)
        };
        // All of them run to their end, also when one fails: a call given up half-way would go on in the engine, behind the clean-up.
        let nodes = join_all(topology.nodes.iter().map(start)).await.into_iter().collect::<Result<Vec<Node>, _>>()?;
        let others = nodes.iter().filter(|node| !matches!(node.spec.role, Role::Master | Role::Sentinel));
        join_all(others.map(|node| node.start_server(networks, &options))).await.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(Deployment {
            net: networks.prefix.clone(),
            engine: engine.clone(),
            options,
            networks: networks.clone(),
            nodes: nodes.into_iter().map(|node| (node.spec.name.clone(), node)).collect(),
            observer: OnceCell::new(),
            topology,
        })
    }

    /// The topology with this deployment's addresses.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// The node's client port on 127.0.0.1: the same for the life of the deployment, whatever happens to the server.
    pub fn published(&self, node: &str) -> Option<u16> {
        self.nodes.get(node).map(|node| node.published)
    }

    /// Removes all containers at once, then the networks.
    pub async fn remove(self) -> Result<(), EngineError> {
        self.clear().await
    }

    /// As `remove`, for somebody who still wants to read the topology.
    pub async fn clear(&self) -> Result<(), EngineError> {
        remove(&self.engine, &self.networks).await
    }

    pub(super) fn node(&self, name: &str) -> Result<&Node, EngineError> {
        self.nodes.get(name).ok_or_else(|| EngineError::NoSuchNode { node: name.to_string() })
    }
}

async fn remove(engine: &Engine, networks: &Networks) -> Result<(), EngineError> {
    // By label, so that containers whose start was never answered go too; the host tells deployments of equally named runs apart.
    let label = |key: &'static str| (key, networks.labels.get(key).map_or("", String::as_str));
    clean::remove_labelled(engine, &[label(labels::DEPLOYMENT), label(labels::HOST)]).await.map(|_| ())
}
