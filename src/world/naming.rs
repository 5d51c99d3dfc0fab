//! Which nodes a sentence means: names as in the topology, or a role.

use super::World;
use crate::error::StepError;
use crate::record::Kind;
use crate::steps::params::{Nodes, Who};
use crate::topology::located::nearest;
use crate::topology::{Formation, Role};

impl World {
    /// Names of the nodes a sentence means, never none.
    ///
    /// # Errors
    /// An unknown name (with the nearest known one), or a role that nobody or more than one has.
    pub fn names(&self, nodes: &Nodes) -> Result<Vec<String>, StepError> {
        let topology = self.deployment()?.topology();
        let with_role = |role: Role| topology.names(role).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let names = match &nodes.who {
            Who::Named(names) => {
                for name in names {
                    if topology.node(name).is_none() {
                        return Err(self.unknown_node(name));
                    }
                }
                names.clone()
            }
            Who::Master => vec![self.master()?],
            Who::OldMaster => with_role(Role::Master),
            Who::NewMaster => {
                let old = with_role(Role::Master);
                self.now_in_role("master").into_iter().filter(|name| !old.contains(name)).collect()
            }
            Who::Replicas => with_role(Role::Replica),
            Who::SmallestRunId => vec![self.by_run_id()?.remove(0)],
            Who::LargestRunId => self.by_run_id()?.pop().into_iter().collect(),
            Who::Sentinels => with_role(Role::Sentinel),
            Who::Everything => topology.nodes.iter().map(|n| n.name.clone()).collect(),
        };
        if names.is_empty() {
            return Err(StepError::scenario(format!("{} is nobody in the \"{}\" topology", nodes.text, topology.name)));
        }
        Ok(names)
    }

    /// The one node a sentence means.
    ///
    /// # Errors
    /// As [`World::names`], or more than one.
    pub fn name(&self, nodes: &Nodes) -> Result<String, StepError> {
        let mut names = self.names(nodes)?;
        match names.len() {
            1 => Ok(names.remove(0)),
            n => Err(StepError::scenario(format!("{} are {n} nodes, this step takes one", nodes.text))),
        }
    }

    /// The node that is master now; when no node is (it was just killed), the one that was last.
    fn master(&self) -> Result<String, StepError> {
        let topology = self.deployment()?.topology();
        if topology.formation == Formation::Cluster {
            return Err(StepError::scenario("a cluster has several masters: name the node"));
        }
        let mut now = self.now_in_role("master");
        match now.len() {
            1 => Ok(now.remove(0)),
            0 => {
                let timeline = self.timeline.borrow();
                let last = timeline.entries().iter().rev().find(|e| e.kind == Kind::Role && e.value == "master").and_then(|e| e.node.clone());
                last.or_else(|| topology.names(Role::Master).first().map(|name| (*name).to_owned()))
                    .ok_or_else(|| StepError::scenario("no node has ever been master"))
            }
            _ => Err(StepError::scenario(format!(
                "{} all say that they are master: write \"the old master\", \"the new master\" or a name",
                now.join(", ")
            ))),
        }
    }

    /// Nodes whose newest entry on the timeline has this role.
    pub fn now_in_role(&self, role: &str) -> Vec<String> {
        let timeline = self.timeline.borrow();
        let newest = |name: &str| {
            timeline.entries().iter().rev().find(|e| e.kind == Kind::Role && e.node.as_deref() == Some(name)).is_some_and(|e| e.value == role)
        };
        let Some(deployment) = &self.deployment else { return Vec::new() };
        deployment.topology().nodes.iter().filter(|n| newest(&n.name)).map(|n| n.name.clone()).collect()
    }

    /// The replicas of the topology, sorted by the run id each had before the first `When`: a later life of the process has another one.
    ///
    /// # Errors
    /// No replica in the topology, or one that has told none yet.
    fn by_run_id(&self) -> Result<Vec<String>, StepError> {
        let topology = self.deployment()?.topology();
        let told = |name: &str| self.baseline.get(&(name.to_owned(), "run id")).cloned();
        let mut ids = Vec::new();
        for name in topology.names(Role::Replica) {
            let id =
                told(name).ok_or_else(|| StepError::scenario(format!("{name} has told no run id yet: run ids are known from the first When on")))?;
            ids.push((id, name.to_owned()));
        }
        if ids.is_empty() {
            return Err(StepError::scenario(format!("no replica in the \"{}\" topology", topology.name)));
        }
        ids.sort();
        Ok(ids.into_iter().map(|(_, name)| name).collect())
    }

    /// Every node that speaks Redis' protocol, Sentinels included.
    pub(crate) fn redis_nodes(&self) -> Result<Vec<String>, StepError> {
        Ok(self.deployment()?.topology().nodes.iter().filter(|n| n.role != Role::Other).map(|n| n.name.clone()).collect())
    }

    pub(super) fn unknown_node(&self, name: &str) -> StepError {
        let Some(deployment) = &self.deployment else { return StepError::scenario("no topology yet") };
        let topology = deployment.topology();
        let known: Vec<&str> = topology.nodes.iter().map(|n| n.name.as_str()).collect();
        let hint = nearest(name, known.iter().copied()).map_or(String::new(), |near| format!(", did you mean \"{near}\"?"));
        StepError::scenario(format!("no node \"{name}\" in the \"{}\" topology{hint} It has {}", topology.name, known.join(", ")))
    }

    /// Address and port by which its peers know a node.
    ///
    /// # Errors
    /// No such node.
    pub fn address(&self, node: &str) -> Result<String, StepError> {
        let spec = self.deployment()?.topology().node(node).ok_or_else(|| self.unknown_node(node))?;
        Ok(format!("{}:{}", spec.address, spec.port))
    }

    /// The node behind an address as servers print it.
    pub fn node_at(&self, address: &str) -> Option<String> {
        let topology = self.deployment.as_ref()?.topology();
        topology.nodes.iter().find(|n| format!("{}:{}", n.address, n.port) == address).map(|n| n.name.clone())
    }
}
