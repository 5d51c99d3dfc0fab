//! Slots: which key lies in which, which node serves which, and one on its way from a node to another.

use super::params::{Nodes, Span};
use crate::error::{Cause, Step, StepError};
use crate::probe::slot::{hashed, slot};
use crate::systems::Reply;
use crate::systems::cluster::nodes as cluster;
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{gherkin, given, then, when};

/// CLUSTER KEYSLOT of a node and CRC16 as this program computes it agree on these slots; a row is a key and its slot.
#[then(expr = "{nodes} and CRC16 agree on the slots")]
async fn agree_on_table(world: &mut World, nodes: Nodes, step: &gherkin::Step) -> Step {
    let node = world.name(&nodes)?;
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of keys and slots"))?;
    let mut told = Vec::new();
    for row in &table.rows {
        let [key, wanted] = row.as_slice() else { return Err(StepError::scenario("a row is a key and a slot")) };
        let served = world.key_slot(&node, key).await?;
        let ours = slot(key).to_string();
        if *wanted != served || *wanted != ours {
            let message = format!("{key} lies in slot {served} for {node}, and in {ours} by CRC16 of \"{}\"", hashed(key));
            return Err(StepError::assertion(message).expected(wanted, served));
        }
        told.push(format!("{key} {served}"));
    }
    world.observe(told.join(", "));
    Ok(())
}

/// The same for so many generated keys.
#[then(expr = "{nodes} and CRC16 agree on the slots of {int} other keys")]
async fn agree_on_many(world: &mut World, nodes: Nodes, count: usize) -> Step {
    let node = world.name(&nodes)?;
    for n in 0..count {
        let key = format!("user:{n}:{}", "x".repeat(n % 50));
        let (served, ours) = (world.key_slot(&node, &key).await?, slot(&key).to_string());
        if served != ours {
            return Err(StepError::assertion(format!("{key} lies in slot {served} for {node}, and in {ours} by CRC16")).expected(ours, served));
        }
    }
    world.observe(format!("{count} keys, the same slot for each"));
    Ok(())
}

/// At some moment of the window every node that the first of these knows tells the same map: a row is a master and its slots, as ranges with spaces between (`0-5460`, `0-99 101`).
#[then(expr = "within {duration} every node tells the slots")]
async fn tells_slots(world: &mut World, span: Span, step: &gherkin::Step) -> Step {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of nodes and slots"))?;
    let mut wanted = Vec::new();
    for row in &table.rows {
        let [node, slots] = row.as_slice() else { return Err(StepError::scenario("a row is a node and its slots")) };
        wanted.push((world.name(&format!("\"{node}\"").parse::<Nodes>().map_err(StepError::scenario)?)?, slots.clone()));
    }
    wanted.sort();
    let (first, _) = wanted.first().ok_or_else(|| StepError::scenario("the table has no row"))?;
    let deadline = world.deadline(span.0);
    let asked = wait::until("every node to tell the same slots", deadline, async || match world.odd_map(first, &wanted).await {
        Ok(Ok(asked)) => Look::Done(asked),
        Ok(Err(odd)) => Look::NotYet(odd),
        Err(error) => Look::NotYet(error.message),
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, gave_up.last().to_owned()).expected(listed(&wanted), gave_up.last()))?;
    world.observe(format!("{asked} nodes say: {}", listed(&wanted)));
    Ok(())
}

/// Each of these nodes says that it serves this many slots itself.
#[then(expr = "{nodes} serve(s) {int} slots( each)")]
async fn serve_each(world: &mut World, nodes: Nodes, count: usize) -> Step {
    let mut told = Vec::new();
    for name in world.names(&nodes)? {
        let seen = cluster::nodes(&world.command(&name, &["CLUSTER", "NODES"]).await?.to_string());
        let own = seen.iter().find(|node| node.has_flag("myself"));
        let slots: usize = own.map_or(0, |node| node.slots.iter().map(|(from, to)| usize::from(to - from) + 1).sum());
        if slots != count {
            return Err(StepError::assertion(format!("{name} serves {slots} slots")).expected(count.to_string(), slots.to_string()));
        }
        told.push(format!("{name} {slots}"));
    }
    world.observe(told.join(", "));
    Ok(())
}

/// The move of a slot has begun: the one node is told that it leaves, the other that it comes. No key has moved yet.
#[given(expr = "slot {int} is on its way from {nodes} to {nodes}")]
async fn on_its_way(world: &mut World, slot: u16, from: Nodes, to: Nodes) -> Step {
    let (from, to) = (world.name(&from)?, world.name(&to)?);
    let (source, target) = (world.cluster_id(&from).await?, world.cluster_id(&to).await?);
    let slot = slot.to_string();
    world.command(&to, &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &source]).await?;
    world.command(&from, &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &target]).await?;
    world.observe(format!("{from} is migrating slot {slot}, {to} is importing it"));
    Ok(())
}

/// MIGRATE: a key goes from a node to another, whoever has its slot.
#[given(expr = "the key {string} moves from {nodes} to {nodes}")]
#[when(expr = "the key {string} moves from {nodes} to {nodes}")]
async fn key_moves(world: &mut World, key: String, from: Nodes, to: Nodes) -> Step {
    let from = world.name(&from)?;
    let address = world.address(&world.name(&to)?)?;
    let (ip, port) = address.split_once(':').unwrap_or((&address, "6379"));
    match world.command(&from, &["MIGRATE", ip, port, &key, "0", "1000"]).await?.to_string().as_str() {
        "OK" => world.observe(format!("{key} has moved to {address}")),
        other => return Err(StepError::new(Cause::Refused, format!("{from} has not moved {key}")).expected("OK", other)),
    }
    Ok(())
}

/// The node with the most keys has at most so many percent more than the one with the fewest.
#[then(expr = "{nodes} hold equally many keys to within {int} percent")]
async fn equally_many(world: &mut World, nodes: Nodes, percent: u64) -> Step {
    let counts = world.key_counts(&nodes).await?;
    let keys = || counts.iter().map(|(_, keys)| *keys);
    let (most, fewest) = (keys().max().unwrap_or(0), keys().min().unwrap_or(0));
    if fewest == 0 || most * 100 > fewest * (100 + percent) {
        return Err(StepError::assertion(shares(&counts)).expected(format!("at most {percent} percent between them"), shares(&counts)));
    }
    world.observe(shares(&counts));
    Ok(())
}

/// What these nodes hold adds up to so many keys, and none of them holds all.
#[then(expr = "{nodes} hold {int} keys together, each a part of them")]
async fn hold_together(world: &mut World, nodes: Nodes, count: u64) -> Step {
    let counts = world.key_counts(&nodes).await?;
    let sum: u64 = counts.iter().map(|(_, keys)| keys).sum();
    if sum != count || counts.iter().any(|(_, keys)| *keys == 0 || *keys == count) {
        return Err(StepError::assertion(shares(&counts)).expected(format!("{count} together, each a part"), format!("{sum}: {}", shares(&counts))));
    }
    world.observe(shares(&counts));
    Ok(())
}

fn shares(counts: &[(String, u64)]) -> String {
    counts.iter().map(|(name, keys)| format!("{name} {keys}")).collect::<Vec<_>>().join(", ")
}

fn listed(wanted: &[(String, String)]) -> String {
    wanted.iter().map(|(node, slots)| format!("{node} {slots}")).collect::<Vec<_>>().join(", ")
}

impl World {
    async fn key_slot(&self, node: &str, key: &str) -> Result<String, StepError> {
        Ok(self.command(node, &["CLUSTER", "KEYSLOT", key]).await?.to_string())
    }

    async fn key_counts(&self, nodes: &Nodes) -> Result<Vec<(String, u64)>, StepError> {
        let mut counts = Vec::new();
        for name in self.names(nodes)? {
            let keys = match self.command(&name, &["DBSIZE"]).await? {
                Reply::Int(keys) => u64::try_from(keys).unwrap_or(0),
                other => return Err(StepError::new(Cause::Refused, format!("{name} answers DBSIZE with {other}"))),
            };
            counts.push((name, keys));
        }
        Ok(counts)
    }

    /// How many nodes tell exactly this map, or one that tells another.
    async fn odd_map(&self, first: &str, wanted: &[(String, String)]) -> Result<Result<usize, String>, StepError> {
        let known = cluster::nodes(&self.command(first, &["CLUSTER", "NODES"]).await?.to_string());
        let names: Vec<String> = known.iter().filter_map(|node| self.node_at(&node.address)).collect();
        for name in &names {
            let seen = cluster::nodes(&self.command(name, &["CLUSTER", "NODES"]).await?.to_string());
            let mut told: Vec<(String, String)> = seen
                .iter()
                .filter(|node| !node.slots.is_empty())
                .map(|node| (self.node_at(&node.address).unwrap_or_else(|| node.address.clone()), node.ranges()))
                .collect();
            told.sort();
            if told != wanted {
                return Ok(Err(format!("{name} tells {}", listed(&told))));
            }
        }
        Ok(Ok(names.len()))
    }
}
