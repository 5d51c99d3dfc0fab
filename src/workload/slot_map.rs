//! A steady client's way through a cluster: it keeps the slot map, follows MOVED and ASK, and asks for the map again after every error.
//!
//! Made for calls that are due all the while: each has a connection to itself, and none is repeated by itself, so that what the journal has is what servers said. The redis crate's own
//! cluster client (`cluster_client.rs`) shares one task among all calls; as of 1.8.1 that task can stop for ever while many calls fail at once. As its source reads, a call that has used up what tokio lets a task do
//! in one go (128 operations) is left holding the lock of the slot map, and the refresh, which waits for that lock, keeps the call from going on. Seen on a busy machine at a write every
//! 10 ms, in four of eleven failovers: not one byte was sent again in a minute.

use super::journal::Outcome;
use super::route::{Endpoint, LIMIT};
use crate::probe::slot::slot;
use crate::systems::Reply;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// How often a call is sent on before it counts as refused: what moves meanwhile moves slower.
const HOPS: usize = 5;
/// What a call may take together, asking for the map and being sent on included.
const CALL_LIMIT: Duration = Duration::from_secs(2);
/// What a node has to tell the map before another is asked.
const MAP_LIMIT: Duration = Duration::from_millis(200);

/// Ranges of slots with their masters.
type Map = Vec<(u16, u16, Rc<Endpoint>)>;

/// The nodes, and what the client takes for the slots' owners.
#[derive(Debug)]
pub struct SlotRoute {
    /// By the address that servers tell, `198.18.0.11:6379`.
    nodes: Vec<(String, Rc<Endpoint>)>,
    map: RefCell<Map>,
    /// How many errors said that the map is old; it begins as one that is not there.
    errors: Cell<u64>,
    /// How many of them there were when the map was asked for. A call may be given up at any moment, and must not leave an old map for a new one.
    mapped: Cell<u64>,
    /// The node that is asked for the map next: another after one that was silent.
    next: Cell<usize>,
    /// One call asks for all.
    asking: tokio::sync::Mutex<()>,
}

/// Where an error reply sends a client.
#[derive(Debug, PartialEq, Eq)]
enum Redirection<'r> {
    Moved(&'r str),
    Ask(&'r str),
}

impl SlotRoute {
    /// Nodes by the addresses that servers tell, and how each is reached from here.
    pub fn new(nodes: Vec<(String, Rc<Endpoint>)>) -> SlotRoute {
        SlotRoute {
            nodes,
            map: RefCell::default(),
            errors: Cell::new(1),
            mapped: Cell::new(0),
            next: Cell::new(0),
            asking: tokio::sync::Mutex::default(),
        }
    }

    /// Learns the map, and connects to every master in it.
    pub(super) async fn connect(&self, limit: Duration) {
        self.refresh().await;
        let masters: Vec<Rc<Endpoint>> = self.map.borrow().iter().map(|(_, _, node)| node.clone()).collect();
        futures::future::join_all(masters.iter().map(|node| node.ask(&[&["PING"]], limit))).await;
    }

    /// RPUSH to whoever has the key's slot. Who was asked last, and what became of it.
    pub(super) async fn append(&self, key: &str, value: &str) -> (String, Outcome) {
        let sent = tokio::time::timeout(CALL_LIMIT, self.sent(key, value)).await;
        sent.unwrap_or_else(|_| (String::new(), Outcome::Unanswered(format!("no answer within {CALL_LIMIT:?}"))))
    }

    async fn sent(&self, key: &str, value: &str) -> (String, Outcome) {
        self.refresh().await;
        let Some(mut node) = self.owner(slot(key)) else {
            return (String::new(), Outcome::Unanswered("no node tells a master of the slot".to_owned()));
        };
        let push: &[&str] = &["RPUSH", key, value];
        let mut asking = false;
        for _ in 0..HOPS {
            let commands = if asking { vec![&["ASKING"] as &[&str], push] } else { vec![push] };
            let reply = node.ask(&commands, LIMIT).await;
            let line = match reply {
                Ok(Reply::Int(_)) => return (node.name.clone(), Outcome::Acknowledged),
                Ok(Reply::Error(line)) => line,
                Ok(other) => return (node.name.clone(), Outcome::Refused(other.to_string())),
                Err(error) => {
                    self.is_old();
                    return (node.name.clone(), Outcome::Unanswered(error.to_string()));
                }
            };
            let (to, ask) = match redirection(&line) {
                Some(Redirection::Moved(address)) => (self.node_at(address), false),
                Some(Redirection::Ask(address)) => (self.node_at(address), true),
                None => (None, false),
            };
            // One key is elsewhere while its slot moves; anything else means that the map is old, or the cluster is in trouble.
            if !ask {
                self.is_old();
            }
            match to {
                Some(to) => (node, asking) = (to, ask),
                None => return (node.name.clone(), Outcome::Refused(line)),
            }
        }
        (node.name.clone(), Outcome::Refused(format!("sent on {HOPS} times")))
    }

    fn owner(&self, slot: u16) -> Option<Rc<Endpoint>> {
        let map = self.map.borrow();
        map.iter().find(|(from, to, _)| (*from..=*to).contains(&slot)).map(|(_, _, node)| node.clone())
    }

    fn node_at(&self, address: &str) -> Option<Rc<Endpoint>> {
        self.nodes.iter().find(|(known, _)| known == address).map(|(_, node)| node.clone())
    }

    /// Asks the nodes in turn for the slot map, if it is stale. Until one tells it the old map counts.
    async fn refresh(&self) {
        let Ok(_asking) = tokio::time::timeout(LIMIT, self.asking.lock()).await else { return };
        let errors = self.errors.get();
        if self.mapped.get() == errors {
            return;
        }
        for _ in 0..self.nodes.len() {
            let (_, node) = &self.nodes[self.next.get() % self.nodes.len()];
            let told = node.ask(&[&["CLUSTER", "SLOTS"]], MAP_LIMIT).await.ok().and_then(|reply| self.parsed(&reply));
            match told {
                Some(map) => {
                    self.map.replace(map);
                    self.mapped.set(errors);
                    return;
                }
                None => self.next.set(self.next.get() + 1),
            }
        }
    }

    fn is_old(&self) {
        self.errors.set(self.errors.get() + 1);
    }

    /// The masters in a CLUSTER SLOTS reply; none of one that has no slot, as a node has that is in no cluster yet. Checked against Redis 7.0, 8.0 and Valkey 8.1.
    fn parsed(&self, reply: &Reply) -> Option<Map> {
        let Reply::List(ranges) = reply else { return None };
        let range = |range: &Reply| {
            let Reply::List(fields) = range else { return None };
            let [Reply::Int(from), Reply::Int(to), Reply::List(master), ..] = fields.as_slice() else { return None };
            let [Reply::Text(ip), Reply::Int(port), ..] = master.as_slice() else { return None };
            Some((u16::try_from(*from).ok()?, u16::try_from(*to).ok()?, self.node_at(&format!("{ip}:{port}"))?))
        };
        let map: Map = ranges.iter().filter_map(range).collect();
        (!map.is_empty()).then_some(map)
    }
}

fn redirection(line: &str) -> Option<Redirection<'_>> {
    let mut words = line.split(' ');
    let (code, _slot, address) = (words.next()?, words.next()?, words.next()?);
    match code {
        "MOVED" => Some(Redirection::Moved(address)),
        "ASK" => Some(Redirection::Ask(address)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route() -> SlotRoute {
        let node = |n: u16| (format!("198.18.0.1{n}:6379"), Endpoint::new(&format!("node-{n}"), &crate::systems::cluster::Cluster, 7000 + n));
        SlotRoute::new(vec![node(1), node(2)])
    }

    fn range(from: i64, to: i64, ip: &str) -> Reply {
        let master = vec![Reply::Text(ip.into()), Reply::Int(6379), Reply::Text("id".into())];
        Reply::List(vec![Reply::Int(from), Reply::Int(to), Reply::List(master)])
    }

    #[test]
    fn a_map_is_ranges_with_their_masters() {
        let route = route();
        let map = route.parsed(&Reply::List(vec![range(0, 99, "198.18.0.12"), range(100, 16383, "198.18.0.11")])).expect("a map");
        route.map.replace(map);
        let owner = |slot| route.owner(slot).map(|node| node.name.clone());
        assert_eq!((owner(99).as_deref(), owner(100).as_deref()), (Some("node-2"), Some("node-1")));
        assert!(route.parsed(&Reply::List(Vec::new())).is_none(), "a node without a cluster tells no map");
        assert!(route.parsed(&Reply::Error("ERR This instance has cluster support disabled".into())).is_none());
    }

    #[test]
    fn an_error_may_say_where_to_go() {
        assert_eq!(redirection("MOVED 12182 198.18.0.13:6379"), Some(Redirection::Moved("198.18.0.13:6379")));
        assert_eq!(redirection("ASK 1 198.18.0.13:6379"), Some(Redirection::Ask("198.18.0.13:6379")));
        assert_eq!(redirection("CLUSTERDOWN The cluster is down"), None);
    }
}
