//! What stands on the host of the engine in memory: containers, networks, volumes, and who can reach whom.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use futures::channel::mpsc::UnboundedSender;
use tokio::sync::Notify;

use super::{
    super::{
        container::Blueprint,
        engine::{Listed, NetworkPlan, Wanted},
        error::EngineError,
        labels::Labels,
    },
    server::{Answers, Port, Server, State},
};

/// The engine's host.
#[derive(Default)]
pub(super) struct Host {
    pub containers: BTreeMap<String, Container>,
    pub networks: BTreeMap<String, NetworkPlan>,
    pub volumes: BTreeMap<String, Labels>,
    /// Nobody reaches the engine, until so many calls were made in vain.
    pub lost: Option<usize>,
    /// Told when it is lost.
    pub gone: Arc<Notify>,
    /// Calls that are to be refused, once each: by name, after how many others of the name, with what message.
    pub refusals: Vec<(&'static str, usize, String)>,
    pub answers: Answers,
    pub immortal: bool,
    /// How many containers were removed while their server was frozen: a fault that nobody healed.
    pub unhealed: usize,
    /// How many containers were ever started.
    pub started: usize,
    /// Told when a server may have gone on or ended.
    pub changed: Arc<Notify>,
}

/// One container: a sandbox has addresses, ports and rules, a house a server.
#[derive(Default)]
pub(super) struct Container {
    pub name: String,
    pub labels: Labels,
    pub running: bool,
    /// The container whose network namespace it lives in, if that is another one.
    pub lives_in: Option<String>,
    /// Networks it is connected to, by id.
    pub networks: BTreeSet<String>,
    pub address: Option<Ipv4Addr>,
    pub ports: Vec<Port>,
    /// Rules by the chain they are in: what is dropped, `None` for everything, and whether that is only what goes out.
    pub rules: BTreeMap<String, Vec<Rule>>,
    pub files: BTreeMap<String, Vec<u8>>,
    pub server: Server,
    pub log: String,
    /// Who hears what its shell says.
    pub attached: Vec<UnboundedSender<Vec<u8>>>,
}

/// One rule of a firewall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    All,
    To(Ipv4Addr),
    From(Ipv4Addr),
}

/// How somebody is answered who tries to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    Open,
    Refused,
    Silent,
}

/// Nothing of that name.
pub(super) fn missing(call: &str, what: &str) -> EngineError {
    EngineError::Api { call: call.to_owned(), message: format!("no such thing: {what}"), status: Some(404) }
}

/// Whether labels are those that are asked for.
pub(super) fn carries(labels: &Labels, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::All => true,
        Wanted::Labelled(asked) => asked.iter().all(|(key, value)| labels.get(key) == Some(value)),
        Wanted::In(_) => false,
    }
}

fn new_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("c{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Host {
    /// The error of a call that is not to succeed.
    pub fn refused(&mut self, call: &str) -> Result<(), EngineError> {
        if let Some(calls) = self.lost {
            self.lost = calls.checked_sub(1).filter(|left| *left > 0);
            return Err(EngineError::Unreachable { reason: "it is not there".to_owned() });
        }
        let Some(found) = self.refusals.iter().position(|(name, ..)| *name == call) else { return Ok(()) };
        match &mut self.refusals[found].1 {
            0 => Err(EngineError::Api { call: call.to_owned(), message: self.refusals.remove(found).2, status: Some(500) }),
            others => {
                *others -= 1;
                Ok(())
            }
        }
    }

    pub fn lose(&mut self) {
        self.lost = Some(usize::MAX);
        self.gone.notify_waiters();
        self.changed.notify_waiters();
        for container in self.containers.values_mut() {
            container.running = false;
            container.server = Server::default();
            container.attached.clear();
        }
    }

    pub fn container(&mut self, call: &str, id: &str) -> Result<&mut Container, EngineError> {
        self.containers.get_mut(id).ok_or_else(|| missing(call, id))
    }

    /// A container that does not run.
    pub fn create(&mut self, labels: &Labels) -> String {
        let id = new_id();
        self.containers.insert(id.clone(), Container { labels: labels.clone(), ..Container::default() });
        id
    }

    pub fn start(&mut self, blueprint: Blueprint, host: Arc<Mutex<Host>>) -> Result<String, EngineError> {
        let lives_in = blueprint.network.strip_prefix("container:").map(str::to_owned);
        match &lives_in {
            Some(sandbox) => drop(self.container("start", sandbox)?),
            None if self.networks.contains_key(&blueprint.network) => {}
            None => return Err(missing("start", &blueprint.network)),
        }
        let id = self.create(&blueprint.labels);
        let ports = blueprint.published.iter().map(|port| Port::publish(*port, &id, host.clone())).collect();
        self.started += 1;
        let files = blueprint.files.into_iter().map(|(path, _, content)| (path, content)).collect();
        let networks = if lives_in.is_none() { BTreeSet::from([blueprint.network]) } else { BTreeSet::new() };
        let container =
            Container { name: blueprint.name, labels: blueprint.labels, running: true, lives_in, networks, ports, files, ..Container::default() };
        self.containers.insert(id.clone(), container);
        Ok(id)
    }

    pub fn remove_container(&mut self, id: &str) -> Result<(), EngineError> {
        self.changed.notify_waiters();
        let removed = self.containers.remove(id).ok_or_else(|| missing("remove container", id))?;
        self.unhealed += usize::from(removed.server.state == State::Frozen);
        Ok(())
    }

    pub fn listed(&self, wanted: &Wanted) -> Vec<Listed> {
        let fits = |container: &Container| match wanted {
            Wanted::In(network) => container.networks.contains(network),
            other => carries(&container.labels, other),
        };
        let found = self.containers.iter().filter(|(_, container)| fits(container));
        found.map(|(id, one)| Listed { id: id.clone(), labels: one.labels.clone(), running: one.running, subnets: Vec::new() }).collect()
    }

    pub fn create_network(&mut self, plan: NetworkPlan) -> Result<String, EngineError> {
        if self.networks.values().any(|network| network.subnet == plan.subnet) {
            let message = "Pool overlaps with other one on this address space".to_owned();
            return Err(EngineError::Api { call: "create network".to_owned(), message, status: Some(403) });
        }
        let id = new_id();
        self.networks.insert(id.clone(), plan);
        Ok(id)
    }

    pub fn connect(&mut self, network: &str, container: &str, address: Ipv4Addr) -> Result<(), EngineError> {
        if !self.networks.contains_key(network) {
            return Err(missing("connect network", network));
        }
        let found = self.container("connect network", container)?;
        found.networks.insert(network.to_owned());
        found.address = Some(address);
        Ok(())
    }

    pub fn remove_network(&mut self, network: &str) -> Result<(), EngineError> {
        if self.containers.values().any(|container| container.networks.contains(network)) {
            let message = "it has active endpoints".to_owned();
            return Err(EngineError::Api { call: "remove network".to_owned(), message, status: Some(403) });
        }
        self.networks.remove(network).map(drop).ok_or_else(|| missing("remove network", network))
    }

    /// The container whose network namespace this one lives in.
    pub fn namespace<'a>(&'a self, id: &'a str) -> &'a str {
        self.containers.get(id).and_then(|container| container.lives_in.as_deref()).unwrap_or(id)
    }

    /// The server that lives in this namespace.
    pub fn server_in(&self, sandbox: &str) -> Option<&Container> {
        self.containers.values().find(|container| container.lives_in.as_deref() == Some(sandbox) && container.server.is_there())
    }

    /// The same, to be asked something.
    pub fn server_of(&mut self, sandbox: &str) -> Option<&mut Server> {
        let found = self.containers.values_mut().find(|container| container.lives_in.as_deref() == Some(sandbox) && container.server.is_there());
        found.map(|container| &mut container.server)
    }

    /// How an address of a network answers somebody in it.
    pub fn reach(&self, from: &str, address: Ipv4Addr) -> Reached {
        let (from, here) = (self.namespace(from), |id: &String| self.containers.get(id).is_some_and(|one| one.address == Some(address)));
        let Some(sandbox) = self.containers.keys().find(|id| here(id)) else { return Reached::Silent };
        let Some(sender) = self.containers.get(from) else { return Reached::Silent };
        if !self.passes(sender, &self.containers[sandbox]) || !self.passes(&self.containers[sandbox], sender) {
            return Reached::Silent;
        }
        if self.server_in(sandbox).is_some() { Reached::Open } else { Reached::Refused }
    }

    /// Whether a packet of one arrives at the other; both by the last part of their address.
    pub fn arrives(&self, from: u8, to: u8) -> bool {
        let at = |last: u8| self.containers.values().find(|one| one.address.is_some_and(|address| address.octets()[3] == last));
        at(from).zip(at(to)).is_some_and(|(from, to)| self.passes(from, to))
    }

    /// Whether a packet of one arrives at the other, rules of both asked.
    fn passes(&self, from: &Container, to: &Container) -> bool {
        let dropped = |rules: &[Rule], rule: Option<Rule>| rules.iter().any(|one| *one == Rule::All || Some(*one) == rule);
        let out = from.rules.values().any(|rules| dropped(rules, to.address.map(Rule::To)));
        let into = to.rules.values().any(|rules| dropped(rules, from.address.map(Rule::From)));
        !out && !into
    }

    /// Whether a packet of one leaves it, whatever becomes of it afterwards.
    pub fn sends(&self, from: &str, to: Ipv4Addr) -> bool {
        let Some(sender) = self.containers.get(self.namespace(from)) else { return false };
        !sender.rules.values().flatten().any(|rule| matches!(rule, Rule::All) || *rule == Rule::To(to))
    }

    /// How many servers run.
    pub fn running(&self) -> usize {
        self.containers.values().filter(|container| container.server.is_there()).count()
    }
}

impl Container {
    /// Ports inside, each with its port on 127.0.0.1.
    pub fn published(&self) -> Vec<(u16, u16)> {
        self.ports.iter().map(|port| (port.inside, port.outside())).collect()
    }

    /// Tells everybody who listens.
    pub fn say(&self, line: &str) {
        for listener in &self.attached {
            let _ = listener.unbounded_send(format!("{line}\n").into_bytes());
        }
    }
}
