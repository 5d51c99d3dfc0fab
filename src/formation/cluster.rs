//! A Redis Cluster with every slot served: the first nodes are masters, half of all or as many as the topology says; the others replicate them in turn.
//!
//! Formed with CLUSTER MEET, ADDSLOTS and REPLICATE rather than by redis-cli, which takes longer at long node timeouts and pairs by host.

use super::misformed;
use crate::error::{Step, StepError};
use crate::systems::Reply;
use crate::systems::cluster::nodes::{self as view, LAST_SLOT};
use crate::wait::{self, Look};
use crate::world::World;
use std::ops::RangeInclusive;
use std::time::Duration;

/// A master with slots does not report `ok` before 2 s have passed.
const LIMIT: Duration = Duration::from_secs(20);
/// How many working replicas a master keeps before it spares one.
const BARRIER: &str = "cluster-migration-barrier";
/// Identities of shards come with the next ping or two.
const SETTLING: Duration = Duration::from_secs(5);

/// Joins the nodes, shares out the slots, attaches the replicas and waits until every node sees a whole cluster.
pub(super) async fn form(world: &mut World) -> Step {
    let nodes = world.declared("node")?;
    for node in &nodes {
        world.answers(node).await?;
    }
    let masters = world.deployment()?.topology().primaries_of_members();
    let ids = share_slots(world, &nodes[..masters]).await?;
    let first = world.address(&nodes[0])?;
    let (ip, port) = first.split_once(':').ok_or_else(|| StepError::scenario(format!("{first} is no address")))?;
    for node in &nodes[1..] {
        world.command(node, &["CLUSTER", "MEET", ip, port]).await?;
    }
    let barriers = stay(world, &nodes, masters).await?;
    let mut pairs = Vec::new();
    for (replica, (master, id)) in nodes[masters..].iter().zip(nodes.iter().zip(&ids).cycle()) {
        attach(world, replica, master, id).await?;
        pairs.push((world.address(replica)?, id.clone()));
    }
    let whole = wait::within("every node to see a whole cluster", LIMIT, async || {
        for node in &nodes {
            if let Some(lacking) = lacking(world, node, nodes.len(), masters, &pairs).await {
                return Look::NotYet(lacking);
            }
        }
        Look::Done(())
    })
    .await;
    if let Err(gave_up) = whole {
        return Err(misformed(world, gave_up).await);
    }
    for (node, barrier) in &barriers {
        world.command(node, &["CONFIG", "SET", BARRIER, barrier]).await?;
    }
    settle(world, &nodes, masters).await
}

/// Keeps spare replicas where they are put: one that has not heard yet of the only replica of another master would move there after five seconds. Answers what each node's barrier
/// was; where no master has a spare one nothing is done.
async fn stay(world: &World, nodes: &[String], masters: usize) -> Result<Vec<(String, String)>, StepError> {
    let mut before = Vec::new();
    if nodes.len() <= 2 * masters {
        return Ok(before);
    }
    for node in nodes {
        if let Reply::List(pair) = world.command(node, &["CONFIG", "GET", BARRIER]).await?
            && let Some(barrier) = pair.get(1)
        {
            before.push((node.clone(), barrier.to_string()));
            world.command(node, &["CONFIG", "SET", BARRIER, "1000"]).await?;
        }
    }
    Ok(before)
}

/// Since 7.2 shards have identities, which spread by gossip after everything else. A node that is killed before they have settled may keep a `nodes.conf` from
/// which it does not start (valkey#774), so each saves its own once they have. One that never settles is left as it is: a server may be like that.
async fn settle(world: &World, nodes: &[String], masters: usize) -> Step {
    let settled = async || {
        for node in nodes {
            match world.ask(node, &["CLUSTER", "SHARDS"]).await {
                // Before 7.0 there is no such command, and no identity.
                Ok(Reply::Error(_)) => return Look::Done(()),
                Ok(Reply::List(shards)) if shards.len() == masters => {}
                Ok(Reply::List(shards)) => return Look::NotYet(format!("{node} sees {} shards", shards.len())),
                Ok(other) => return Look::NotYet(other.to_string()),
                Err(error) => return Look::NotYet(error.message),
            }
        }
        Look::Done(())
    };
    if wait::within("every node to see one shard for each master", SETTLING, settled).await.is_err() {
        return Ok(());
    }
    for node in nodes {
        // It syncs the file, which may take a busy disk a while.
        wait::within(&format!("{node} to save its nodes.conf"), LIMIT, async || match world.command(node, &["CLUSTER", "SAVECONFIG"]).await {
            Ok(_) => Look::Done(()),
            Err(error) => Look::NotYet(error.message),
        })
        .await?;
    }
    Ok(())
}

/// Shares all slots out in equal ranges, the first ranges one longer, as redis-cli does; returns the masters' ids.
async fn share_slots(world: &World, masters: &[String]) -> Result<Vec<String>, StepError> {
    let share = f64::from(LAST_SLOT + 1) / masters.len() as f64;
    let mut ids = Vec::new();
    let mut from = 0;
    for (n, master) in masters.iter().enumerate() {
        let last = if n + 1 == masters.len() { LAST_SLOT } else { (share * (n + 1) as f64 - 1.0).round() as u16 };
        take_slots(world, master, from..=last).await?;
        // Without epochs of their own two masters may begin with the same one, and settle it by a collision.
        world.command(master, &["CLUSTER", "SET-CONFIG-EPOCH", &(n + 1).to_string()]).await?;
        ids.push(world.command(master, &["CLUSTER", "MYID"]).await?.to_string());
        from = last + 1;
    }
    Ok(ids)
}

/// Gives a node slots, each by its number: ADDSLOTSRANGE, which is shorter, came with 7.0.
///
/// # Errors
/// The node refuses one of them.
pub async fn take_slots(world: &World, node: &str, slots: RangeInclusive<u16>) -> Step {
    let slots: Vec<String> = slots.map(|slot| slot.to_string()).collect();
    let command: Vec<&str> = ["CLUSTER", "ADDSLOTS"].into_iter().chain(slots.iter().map(String::as_str)).collect();
    world.command(node, &command).await.map(drop)
}

/// Makes a node the replica of a master as soon as it knows that master.
async fn attach(world: &World, replica: &str, master: &str, id: &str) -> Step {
    let what = format!("{replica} to know {master}");
    let attached = wait::within(&what, LIMIT, async || match world.ask(replica, &["CLUSTER", "REPLICATE", id]).await {
        Ok(Reply::Text(text)) if text == "OK" => Look::Done(()),
        Ok(other) => Look::NotYet(other.to_string()),
        Err(error) => Look::NotYet(error.message),
    });
    match attached.await {
        Ok(()) => Ok(()),
        Err(gave_up) => Err(misformed(world, gave_up).await),
    }
}

/// What this node still lacks to see the cluster whole; `pairs` are the replicas' addresses with the ids of their masters.
async fn lacking(world: &World, node: &str, all: usize, masters: usize, pairs: &[(String, String)]) -> Option<String> {
    let Ok(info) = world.info(node).await else { return Some(format!("{node} does not answer")) };
    if info.get("cluster_state") != Some("ok") {
        return Some(format!("{node} sees cluster_state:{}", info.get("cluster_state").unwrap_or("?")));
    }
    if info.role() == Some("replica") && info.get("master_link_status") != Some("up") {
        return Some(format!("the link of {node} to its master is down"));
    }
    let Ok(reply) = world.ask(node, &["CLUSTER", "NODES"]).await else { return Some(format!("{node} does not answer")) };
    let seen = view::nodes(&reply.to_string());
    let settled = seen.iter().filter(|n| !n.has_flag("handshake")).count();
    let with_slots = seen.iter().filter(|n| !n.slots.is_empty()).count();
    let replicas = seen.iter().filter(|n| n.master.is_some()).count();
    if (settled, with_slots, replicas) != (all, masters, all - masters) {
        return Some(format!("{node} sees {settled} nodes, {with_slots} with slots, {replicas} replicas"));
    }
    let follows = |address: &str| seen.iter().find(|n| n.address == address).and_then(|n| n.master.as_ref());
    if let Some((address, _)) = pairs.iter().find(|(address, id)| follows(address) != Some(id)) {
        return Some(format!("{node} sees {address} replicate another master than it was told to"));
    }
    None
}
