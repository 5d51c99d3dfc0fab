//! Whom a steady client asks: a fixed node, whichever says that it takes writes, whoever the Sentinels say is master, or the cluster by its slot map.
//!
//! Every call has a connection to itself, so that one that waits delays no other: the next write is due whatever became of the last.

use super::journal::Outcome;
use super::library_client::LibraryClient;
use super::slot_map::SlotRoute;
use crate::probe::{Asker, ProbeError};
use crate::systems::{Reply, System};
use crate::wait::Instant;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// What an application gives a call before it reports an error.
pub(super) const LIMIT: Duration = Duration::from_millis(500);
/// What it gives whoever is asked for the way, a Sentinel say, before it asks the next.
const WAY_LIMIT: Duration = Duration::from_millis(200);
/// How many calls to a node may be opening a connection at a time. Without a bound, a client that is due a hundred times a second opens a hundred connections a second to a node that is slow to take
/// them, every one of which runs out of time: on a busy machine neither the node nor this program comes out of that again, long after what caused it is over.
const OPENING: usize = 8;
/// What WAIT may take on the server, in milliseconds; below [`LIMIT`], so that its answer comes.
const CONFIRM: &str = "200";

/// The way of a client's writes.
pub enum Route {
    /// Always this one.
    Node(Rc<Endpoint>),
    /// Whichever node says that it has a role, asked anew after every error.
    Holder(Holder),
    /// Whoever is master by the Sentinels, asked anew after every error.
    Sentinels(Sentinels),
    /// The redis crate's Sentinel client.
    Library(Box<LibraryClient>),
    /// By the slot map.
    Cluster(SlotRoute),
}

/// A node and the idle connections to it.
#[derive(Debug)]
pub struct Endpoint {
    pub name: String,
    port: u16,
    system: &'static dyn System,
    idle: RefCell<Vec<Asker>>,
    opening: Semaphore,
}

/// Nodes of which the first that says that it has the role is asked.
pub struct Holder {
    nodes: Vec<Rc<Endpoint>>,
    role: &'static str,
    current: RefCell<Option<Rc<Endpoint>>>,
    /// One call asks for all.
    asking: tokio::sync::Mutex<()>,
}

/// Sentinels, and where the nodes they speak of are reached from here.
pub struct Sentinels {
    sentinels: Vec<Rc<Endpoint>>,
    /// Nodes by their address as servers tell it.
    nodes: Vec<(String, Rc<Endpoint>)>,
    current: RefCell<Option<Rc<Endpoint>>>,
    /// What the Sentinels call the master; whoever answers first says it.
    name: RefCell<Option<String>>,
    /// Asked for the master once, and never again.
    once: bool,
    /// One call asks for all: a hundred at once would keep busy Sentinels from answering any in time.
    asking: tokio::sync::Mutex<()>,
}

impl Endpoint {
    /// The node whose client port is published here.
    pub fn new(name: &str, system: &'static dyn System, port: u16) -> Rc<Endpoint> {
        Rc::new(Endpoint { name: name.to_owned(), port, system, idle: RefCell::default(), opening: Semaphore::new(OPENING) })
    }

    /// Sends commands one after the other on one connection; the last reply counts. An error reply ends it.
    ///
    /// # Errors
    /// No answer to one of them.
    pub(super) async fn ask(&self, commands: &[&[&str]], limit: Duration) -> Result<Reply, ProbeError> {
        let begun = Instant::now();
        let idle = self.idle.borrow_mut().pop();
        let (client, mut turn) = match idle {
            Some(client) => (client, None),
            None => {
                let turn = tokio::time::timeout(limit, self.opening.acquire()).await.map_err(|_| ProbeError::Silent(limit))?;
                // Whoever had the turn before may have brought back what this one needs.
                let idle = self.idle.borrow_mut().pop();
                (idle.unwrap_or_else(|| Asker::new(self.system, self.port)), Some(turn))
            }
        };
        let mut last = Reply::Nil;
        for command in commands {
            let left = limit.saturating_sub(begun.elapsed());
            last = client.ask(command, left).await.map_err(|error| match error {
                // The caller gave it the whole of it, the wait for a turn included.
                ProbeError::Silent(_) => ProbeError::Silent(limit),
                other => other,
            })?;
            // An answer has come, so the connection is open: a WAIT that follows takes its time in nobody's turn.
            turn.take();
            if matches!(last, Reply::Error(_)) {
                break;
            }
        }
        self.idle.borrow_mut().push(client);
        Ok(last)
    }
}

impl Holder {
    /// Of these nodes the first that has the role when they are asked.
    pub fn new(nodes: Vec<Rc<Endpoint>>, role: &'static str) -> Holder {
        Holder { nodes, role, current: RefCell::default(), asking: tokio::sync::Mutex::default() }
    }

    /// The one the client knows, or else the first that says now that it has the role.
    async fn node(&self) -> Result<Rc<Endpoint>, String> {
        let Ok(_asking) = tokio::time::timeout(LIMIT, self.asking.lock()).await else { return Err("no node answered in time".to_owned()) };
        let known = self.current.borrow().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let has = async |node: &Rc<Endpoint>| {
            let asked = node.ask(&[node.system.watch()?.often], WAY_LIMIT).await.ok()?;
            (node.system.read(&[asked]).role == Some(self.role)).then(|| node.clone())
        };
        let found = futures::future::join_all(self.nodes.iter().map(has)).await.into_iter().flatten().next();
        let found = found.ok_or_else(|| format!("no node is {}", self.role))?;
        *self.current.borrow_mut() = Some(found.clone());
        Ok(found)
    }
}

impl Sentinels {
    /// `sentinels` are asked in this order, `once` or after every error; `nodes` by their addresses in the data network.
    pub fn new(sentinels: Vec<Rc<Endpoint>>, nodes: Vec<(String, Rc<Endpoint>)>, once: bool) -> Sentinels {
        Sentinels { sentinels, nodes, current: RefCell::default(), name: RefCell::default(), once, asking: tokio::sync::Mutex::default() }
    }

    /// Whom the client takes for the master: the one it knows, or else what the first Sentinel that answers says.
    pub(super) async fn master(&self) -> Result<Rc<Endpoint>, String> {
        let Ok(_asking) = tokio::time::timeout(LIMIT, self.asking.lock()).await else { return Err("no Sentinel answered in time".to_owned()) };
        let known = self.current.borrow().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        for sentinel in &self.sentinels {
            let Some(name) = self.name_by(sentinel).await else { continue };
            // As the client guidelines ask for it. SENTINEL MASTERS would do worse: whoever leads a failover shows the old master there for another second.
            let asked = sentinel.ask(&[&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", &name]], WAY_LIMIT).await;
            let Ok(answer @ Reply::List(_)) = asked else { continue };
            let address = answer.texts().join(":");
            let Some((_, node)) = self.nodes.iter().find(|(known, _)| *known == address) else { continue };
            *self.current.borrow_mut() = Some(node.clone());
            return Ok(node.clone());
        }
        Err("no Sentinel knows a master".to_owned())
    }

    /// What this Sentinel, or one before it, calls its first master.
    async fn name_by(&self, sentinel: &Endpoint) -> Option<String> {
        let known = self.name.borrow().clone();
        if known.is_some() {
            return known;
        }
        let Ok(Reply::List(masters)) = sentinel.ask(&[&["SENTINEL", "MASTERS"]], WAY_LIMIT).await else { return None };
        let fields = masters.first()?.texts();
        let name = fields.chunks(2).find(|pair| pair[0] == "name")?.get(1)?.clone();
        *self.name.borrow_mut() = Some(name.clone());
        Some(name)
    }

    /// Whether it holds on to the first answer, and so may take somebody for the master who is none.
    pub(super) fn asked_once(&self) -> bool {
        self.once
    }

    fn forget(&self) {
        if !self.once {
            self.current.borrow_mut().take();
        }
    }
}

impl Route {
    /// Connects to whom the first write will go, as an application does before it takes requests. Who cannot be reached in time the first write will tell.
    pub async fn connect(&self, limit: Duration) {
        let ping = async |node: &Endpoint| match node.system.readiness().asked {
            Some((question, _)) => node.ask(&[question], limit).await.is_ok(),
            None => true,
        };
        match self {
            Route::Node(node) => drop(ping(node).await),
            Route::Sentinels(sentinels) => {
                if let Ok(master) = sentinels.master().await {
                    ping(&master).await;
                }
            }
            Route::Holder(holder) => {
                if let Ok(node) = holder.node().await {
                    ping(&node).await;
                }
            }
            Route::Cluster(slots) => slots.connect(limit).await,
            Route::Library(_) => {}
        }
    }

    /// Appends a value to a list; `confirmed_by` so many replicas, or it does not count as acknowledged. Who was asked, and what became of it.
    pub(super) async fn append(&self, key: &str, value: &str, confirmed_by: Option<u32>) -> (String, Outcome) {
        let node = match self {
            Route::Cluster(slots) => return slots.append(key, value).await,
            Route::Library(client) => return (String::new(), client.append(key, value).await),
            Route::Node(node) => node.clone(),
            Route::Holder(holder) => match holder.node().await {
                Ok(node) => node,
                Err(why) => return (String::new(), Outcome::Unanswered(why)),
            },
            Route::Sentinels(sentinels) => match sentinels.master().await {
                Ok(node) => node,
                Err(why) => return (String::new(), Outcome::Unanswered(why)),
            },
        };
        let outcome = append(&node, key, value, confirmed_by).await;
        if matches!(outcome, Outcome::Refused(_) | Outcome::Unanswered(_)) {
            match self {
                Route::Sentinels(sentinels) => sentinels.forget(),
                Route::Holder(holder) => drop(holder.current.borrow_mut().take()),
                _ => {}
            }
        }
        (node.name.clone(), outcome)
    }
}

async fn append(node: &Endpoint, key: &str, value: &str, confirmed_by: Option<u32>) -> Outcome {
    let Some(lists) = node.system.lists() else { return Outcome::Refused(format!("nothing can be written to {}", node.name)) };
    let append = lists.append(key, value);
    let append: Vec<&str> = append.iter().map(String::as_str).collect();
    let number = confirmed_by.unwrap_or(0).to_string();
    let wait: &[&str] = &["WAIT", &number, CONFIRM];
    let commands = if confirmed_by.is_some() { vec![append.as_slice(), wait] } else { vec![append.as_slice()] };
    match (node.ask(&commands, LIMIT).await, confirmed_by) {
        (Ok(Reply::Int(replicas)), Some(wanted)) if replicas < i64::from(wanted) => {
            Outcome::Refused(format!("WAIT: confirmed by {replicas} of {wanted} replicas"))
        }
        (Ok(Reply::Int(_)), Some(_)) => Outcome::Acknowledged,
        (Ok(reply), None) if lists.acknowledges(&reply) => Outcome::Acknowledged,
        (Ok(other), _) => Outcome::Refused(other.to_string()),
        (Err(error), _) => Outcome::Unanswered(error.to_string()),
    }
}

/// Asks a node whether it has a value: the newest are looked at first.
pub(super) async fn has(node: &Endpoint, key: &str, value: &str) -> Outcome {
    match node.ask(&[&["LPOS", key, value, "RANK", "-1"]], LIMIT).await {
        Ok(Reply::Int(_)) => Outcome::Fresh,
        Ok(Reply::Nil) => Outcome::Stale,
        Ok(other) => Outcome::Refused(other.to_string()),
        Err(error) => Outcome::Unanswered(error.to_string()),
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Route::Node(node) => write!(f, "Node({})", node.name),
            Route::Holder(holder) => write!(f, "Holder({})", holder.role),
            Route::Sentinels(_) => f.write_str("Sentinels"),
            Route::Library(_) => f.write_str("Library"),
            Route::Cluster(_) => f.write_str("Cluster"),
        }
    }
}
