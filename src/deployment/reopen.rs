//! A deployment that outlives the process that started it, for people who play with it by hand: written down, opened again by another process,
//! found, removed. You are in the right place when one is pruned that should not be, or stays that should not.
//!
//! Such a deployment has no living process to hold its run's lock. A file speaks for it instead: its containers carry the file's path as a
//! label, and they are spared for as long as the file is there and names their run. Whoever deletes the file gives them up.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::{
    binary::Binary,
    clean::{self, Pruned},
    container,
    engine::{Engine, Wanted},
    error::EngineError,
    images::PreparedImage,
    labels,
    life::Life,
    lock::host_id,
    network::Networks,
    node::{House, Kind, Node, Sandbox},
    shell::Shell,
    start::{Deployment, Options},
};
use crate::confined;
use crate::topology::{NodeSpec, Topology};

/// What another process has to know to open a deployment again; its topology is the caller's to keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    pub run: String,
    /// `198.18.7`
    pub prefix: String,
    deployment: String,
    data: String,
    control: String,
    labels: HashMap<String, String>,
    scenario: String,
    pub preload: bool,
    pub image: PreparedImage,
    pub helper: PreparedImage,
    binary: Option<Binary>,
    hand: Option<PathBuf>,
    nodes: BTreeMap<String, Place>,
}

/// Where a node lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Place {
    sandbox: String,
    /// Ports inside that are published.
    ports: Vec<u16>,
    house: String,
    memory: u64,
    image: String,
    mark: String,
    started: bool,
}

/// A deployment that was started by hand, as its containers tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    pub run: String,
    /// The file that speaks for it.
    pub state: PathBuf,
    /// Whether that file is there and names this run; else it is pruned.
    pub stated: bool,
}

impl Deployment {
    /// All that `open` needs.
    pub fn standing(&self) -> Standing {
        let place = |node: &Node| Place {
            sandbox: node.sandbox.id.clone(),
            ports: node.sandbox.published.iter().map(|(inside, _)| *inside).collect(),
            house: node.house.id.clone(),
            memory: node.house.kind.memory,
            image: node.house.kind.image.clone(),
            mark: node.mark.clone(),
            started: node.has_started(),
        };
        let Networks { prefix, deployment, data, control, labels } = self.networks.clone();
        let Options { run, scenario, preload, server_image, helper, binary, hand } = self.options.clone();
        let nodes = self.nodes.iter().map(|(name, node)| (name.clone(), place(node))).collect();
        Standing { run, prefix, deployment, data, control, labels, scenario, preload, image: server_image, helper, binary, hand, nodes }
    }

    /// Opens a deployment that another process started. Its servers are as that process, or whoever came between, left them.
    ///
    /// # Errors
    /// [`EngineError::Gone`] when a container does not run any more.
    pub async fn open(engine: &Engine, standing: &Standing, topology: Topology) -> Result<Deployment, EngineError> {
        let Standing { run, prefix, deployment, data, control, labels, scenario, preload, image, helper, binary, hand, nodes: places } =
            standing.clone();
        let networks = Networks { prefix, deployment, data, control, labels };
        let options = Options { run, scenario, preload, server_image: image, helper, binary, hand };
        let open = |spec: &NodeSpec| {
            let place = places.get(&spec.name).cloned().ok_or_else(|| EngineError::NoSuchNode { node: spec.name.clone() });
            let (spec, binary) = (spec.clone(), options.binary.clone());
            let run = options.run.as_str();
            async move { Node::open(engine, run, spec, place?, binary).await }
        };
        let nodes = try_join_all(topology.nodes.iter().map(open)).await?;
        let nodes = nodes.into_iter().map(|node| (node.spec.name.clone(), node)).collect();
        let observer = observer(engine, &networks).await?;
        Ok(Deployment {
            net: networks.prefix.clone(),
            engine: engine.clone(),
            options,
            networks,
            nodes,
            spare: Vec::new(),
            ends: Arc::default(),
            observer: tokio::sync::Mutex::new(observer),
            observing: OnceCell::new(),
            topology,
        })
    }
}

impl Node {
    async fn open(engine: &Engine, run: &str, spec: NodeSpec, place: Place, binary: Option<Binary>) -> Result<Node, EngineError> {
        let Place { sandbox, ports, house, memory, image, mark, started } = place;
        let (sandbox_lives, house_lives) = tokio::try_join!(lives(engine, &sandbox, run), lives(engine, &house, run))?;
        if !(sandbox_lives && house_lives) {
            return Err(EngineError::Gone { what: format!("the container of {}", spec.name) });
        }
        let published = container::published_ports(engine, &sandbox, &ports).await?;
        let sandbox = Sandbox { id: sandbox, address: spec.address, published, houses: Vec::new() };
        let house = House {
            id: house,
            kind: Kind { image, memory, disk: spec.disk, binary: binary.filter(|_| spec.under_test).map(|binary| binary.sha256) },
        };
        let shell = Shell::attach(engine, &spec.name, &house.id).await?;
        let [clock_moved, touched, names_changed] = [true, true, false].map(AtomicBool::new);
        let started = AtomicBool::new(started);
        // People who play by hand look themselves.
        let life = Life::new(&spec.name, &Arc::default());
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
}

/// Whether a container of that run stands. One of somebody else's is not touched, whatever a file says.
async fn lives(engine: &Engine, id: &str, run: &str) -> Result<bool, EngineError> {
    match engine.inspect(id).await {
        Ok(seen) => Ok(seen.running && seen.labels.get(labels::RUN).is_some_and(|of| of == run)),
        Err(error) if error.is_status(404) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The observer, which whoever needed it first has made.
async fn observer(engine: &Engine, networks: &Networks) -> Result<Option<String>, EngineError> {
    let wanted = Wanted::labelled(&[(labels::DEPLOYMENT, &networks.deployment), (labels::NODE, "observer")]);
    Ok(engine.containers(wanted).await?.into_iter().find(|container| container.running).map(|container| container.id))
}

/// Whether the file speaks for that run. One that cannot be read is taken to: what somebody may still want is not removed by a guess.
pub(super) fn is_stated(file: &Path, run: &str) -> bool {
    #[derive(Deserialize)]
    struct Stated {
        run: String,
    }
    match confined::read(confined::above(file), file, confined::RECORDED) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_or(true, |stated: Stated| stated.run == run),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound && error.kind() != std::io::ErrorKind::NotADirectory,
    }
}

/// Everything on this host that was started by hand, whoever's project it is of.
pub async fn by_hand(engine: &Engine) -> Result<Vec<ByHand>, EngineError> {
    let host = host_id().map_err(|e| EngineError::host("the folder of run locks", e))?;
    let runs = clean::runs_of(engine, &host).await?;
    let hand = |(run, state): (String, Option<PathBuf>)| state.map(|state| ByHand { stated: is_stated(&state, &run), run, state });
    Ok(runs.into_iter().filter_map(hand).collect())
}

/// Removes what was started by hand and is spoken for by that file, in whatever state either is.
pub async fn remove_by_hand(engine: &Engine, state: &Path) -> Result<Pruned, EngineError> {
    let host = host_id().map_err(|e| EngineError::host("the folder of run locks", e))?;
    clean::remove_labelled(engine, &[(labels::HAND, state.to_str().unwrap_or_default()), (labels::HOST, &host)]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_speaks_for_its_own_run_and_for_nobody_when_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("default.json");
        assert!(!is_stated(&file, "hand-1"), "nobody wrote it: the start was killed, or it was deleted");
        std::fs::write(&file, r#"{"schema": 1, "run": "hand-1"}"#).unwrap();
        assert!(is_stated(&file, "hand-1"));
        assert!(!is_stated(&file, "hand-2"), "a start of the same name that was killed");
        std::fs::write(&file, "half a fi").unwrap();
        assert!(is_stated(&file, "hand-1"), "nothing is removed by a guess");
        assert!(!is_stated(&file.join("below"), "hand-1"));
    }
}
