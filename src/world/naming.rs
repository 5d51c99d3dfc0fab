//! Which nodes a sentence means: names as in the topology, or a role.

use super::World;
use crate::error::StepError;
use crate::record::Kind;
use crate::steps::params::{Nodes, Who};
use crate::systems::{Part, Protocol, is_primary};
use crate::topology::located::nearest;

impl World {
    /// Names of the nodes a sentence means, never none.
    ///
    /// # Errors
    /// An unknown name (with the nearest known one), or a role that nobody or more than one has.
    pub fn names(&self, nodes: &Nodes) -> Result<Vec<String>, StepError> {
        let topology = self.deployment()?.topology();
        let names = match &nodes.who {
            Who::Named(names) => {
                for name in names {
                    if topology.node(name).is_none() {
                        return Err(self.unknown_node(name));
                    }
                }
                names.clone()
            }
            Who::Now(role) => vec![self.holder(role)?],
            Who::AllNow(role) => self.now_in_role(role),
            Who::Old(role) => self.declared(role)?,
            Who::New(role) => {
                let old = self.declared(role)?;
                self.now_in_role(role).into_iter().filter(|name| !old.contains(name)).collect()
            }
            Who::Declared(role) => self.declared(role)?,
            Who::SmallestRunId => vec![self.by_run_id()?.remove(0)],
            Who::LargestRunId => self.by_run_id()?.pop().into_iter().collect(),
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

    /// The one node that has a role now; when no node has (it was just killed), the one that had it last.
    fn holder(&self, role: &str) -> Result<String, StepError> {
        let mut now = self.now_in_role(role);
        match now.len() {
            1 => Ok(now.remove(0)),
            0 => {
                let timeline = self.timeline.borrow();
                let last = timeline.entries().iter().rev().find(|e| e.kind == Kind::Role && e.value == role).and_then(|e| e.node.clone());
                last.or_else(|| self.declared(role).ok()?.into_iter().next())
                    .ok_or_else(|| StepError::scenario(format!("no node has ever been {role}")))
            }
            _ => Err(StepError::scenario(format!(
                "{} all say that they are {role}: write \"the old {role}\", \"the new {role}\", \"every {role}\" or a name",
                now.join(", ")
            ))),
        }
    }

    /// Names of the nodes that the topology declares to have a role, in its order.
    ///
    /// # Errors
    /// No topology yet.
    pub fn declared(&self, role: &str) -> Result<Vec<String>, StepError> {
        Ok(self.deployment()?.topology().names(role).into_iter().map(str::to_owned).collect())
    }

    /// Names of the nodes that are for this, in the topology's order.
    ///
    /// # Errors
    /// No topology yet.
    pub fn parts(&self, part: Part) -> Result<Vec<String>, StepError> {
        Ok(self.deployment()?.topology().parts(part).into_iter().map(str::to_owned).collect())
    }

    /// Nodes whose newest entry on the timeline is a role that takes writes.
    pub fn primaries_now(&self) -> Vec<String> {
        let timeline = self.timeline.borrow();
        let Some(deployment) = &self.deployment else { return Vec::new() };
        let newest = |name: &str| timeline.entries().iter().rev().find(|e| e.kind == Kind::Role && e.node.as_deref() == Some(name));
        let names = deployment.topology().nodes.iter().map(|node| node.name.clone());
        names.filter(|name| newest(name).is_some_and(|entry| is_primary(&entry.value))).collect()
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
        for name in topology.names("replica") {
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

    /// Every node that takes part in what the topology is about: all but services of the user's own, in its order.
    pub(crate) fn taking_part(&self) -> Result<Vec<String>, StepError> {
        let nodes = self.deployment()?.topology().nodes.iter();
        Ok(nodes.filter(|n| n.kind.role.part != Part::Apart).map(|n| n.name.clone()).collect())
    }

    /// Every node that speaks Redis' protocol, Sentinels included.
    pub(crate) fn redis_nodes(&self) -> Result<Vec<String>, StepError> {
        Ok(self.deployment()?.topology().speaking(Protocol::Resp).into_iter().map(str::to_owned).collect())
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
