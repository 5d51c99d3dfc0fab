//! `redis-cli --cluster` over a cluster that serves: adding and removing nodes, moving slots, checking. Creating one stands in `cluster.rs`.

use super::cluster::CLI_LIMIT;
use super::params::{Nodes, Span};
use crate::error::{Step, StepError};
use crate::probe::slot::{SLOTS, slot};
use crate::systems::cluster::nodes as cluster;
use crate::wait;
use crate::world::World;
use cucumber::{gherkin, given, then, when};

/// Keys are made by a script on the node itself: so many, with a value that no compression makes shorter.
const FILL: &str = "for i = 1, tonumber(ARGV[1]) do redis.call('SET', KEYS[1] .. i, ARGV[2]) end return tonumber(ARGV[1])";

/// `redis-cli --cluster create` over these nodes with `--cluster-replicas`, answering yes.
#[given(expr = "redis-cli creates a cluster of {nodes} with {int} replica(s) for each master")]
#[when(expr = "redis-cli creates a cluster of {nodes} with {int} replica(s) for each master")]
async fn cli_creates_replicated(world: &mut World, nodes: Nodes, replicas: u32) -> Step {
    let names = world.names(&nodes)?;
    let addresses = names.iter().map(|name| world.address(name)).collect::<Result<Vec<_>, _>>()?;
    let replicas = replicas.to_string();
    let mut command = vec!["redis-cli", "--cluster", "create"];
    command.extend(addresses.iter().map(String::as_str));
    command.extend(["--cluster-replicas", &replicas, "--cluster-yes"]);
    world.run_cli(&names[0], &command).await
}

/// `redis-cli --cluster add-node` with `--cluster-slave`: a new node comes as the replica of a master.
#[given(expr = "redis-cli adds {nodes} as a replica of {nodes}")]
#[when(expr = "redis-cli adds {nodes} as a replica of {nodes}")]
async fn cli_adds_replica(world: &mut World, nodes: Nodes, master: Nodes) -> Step {
    let master = world.name(&master)?;
    let (new, old) = (world.address(&world.name(&nodes)?)?, world.address(&master)?);
    let id = world.cluster_id(&master).await?;
    world.run_cli(&master, &["redis-cli", "--cluster", "add-node", &new, &old, "--cluster-slave", "--cluster-master-id", &id]).await
}

/// `redis-cli --cluster reshard`: so many slots, the lowest first, go from a master to another, keys included.
#[given(expr = "redis-cli moves {int} slot(s) from {nodes} to {nodes}")]
#[when(expr = "redis-cli moves {int} slot(s) from {nodes} to {nodes}")]
async fn cli_moves(world: &mut World, count: u16, from: Nodes, to: Nodes) -> Step {
    let (from, to) = (world.name(&from)?, world.name(&to)?);
    let (source, target) = (world.cluster_id(&from).await?, world.cluster_id(&to).await?);
    let (address, count) = (world.address(&from)?, count.to_string());
    let command = ["redis-cli", "--cluster", "reshard", &address, "--cluster-from", &source, "--cluster-to", &target, "--cluster-slots", &count];
    world.run_cli(&from, &[command.as_slice(), &["--cluster-yes"]].concat()).await
}

/// The lowest slots that a node serves get the same number of keys each, all with values of the same length; the values do not compress.
#[given(expr = "each of the first {int} slots of {nodes} holds {int} key(s) of {int} bytes")]
async fn slots_hold(world: &mut World, count: usize, nodes: Nodes, keys: u64, bytes: usize) -> Step {
    let node = world.name(&nodes)?;
    let slots: Vec<u16> = world.own_slots(&node).await?.into_iter().take(count).collect();
    if slots.len() < count {
        return Err(StepError::scenario(format!("{node} serves {} slots, fewer than {count}", slots.len())));
    }
    if bytes > 64 << 20 {
        return Err(StepError::scenario(format!("a value of {bytes} bytes is too much: 64 MiB at most")));
    }
    let (value, keys_each) = (noise(bytes), keys.to_string());
    if keys > 0 {
        for (slot, tag) in tags(&slots) {
            let key = format!("{{{tag}}}:");
            let made = world.command(&node, &["EVAL", FILL, "1", &key, &keys_each, &value]).await.map_err(|mut error| {
                // The command has the value in it, which may be long.
                error.message = format!("{node} did not fill slot {slot} with {keys} keys");
                error
            })?;
            let made = made.to_string();
            if made != keys_each {
                return Err(StepError::scenario(format!("{node} made {made} keys in slot {slot}, not {keys_each}")));
            }
        }
    }
    world.observe(format!("{} keys in {count} slots of {node}", keys * count as u64));
    Ok(())
}

/// A node says that it serves so many slots, and counts so many keys in each of them.
#[then(expr = "{nodes} serves {int} slot(s) with {int} key(s) each")]
async fn serves_with_keys(world: &mut World, nodes: Nodes, count: usize, keys: u64) -> Step {
    let node = world.name(&nodes)?;
    let slots = world.own_slots(&node).await?;
    if slots.len() != count {
        return Err(StepError::assertion(format!("{node} serves {} slots", slots.len())).expected(count.to_string(), slots.len().to_string()));
    }
    let wanted = keys.to_string();
    for slot in slots {
        let seen = world.command(&node, &["CLUSTER", "COUNTKEYSINSLOT", &slot.to_string()]).await?.to_string();
        if seen != wanted {
            return Err(StepError::assertion(format!("{node} counts {seen} keys in slot {slot}")).expected(wanted, seen));
        }
    }
    world.observe(format!("{node}: {count} slots, {keys} keys in each"));
    Ok(())
}

/// `redis-cli --cluster rebalance` with `--cluster-use-empty-masters`: every master gets slots by its weight, which is 1 but for the one that is named (`--cluster-weight`).
#[when(expr = "redis-cli rebalances the cluster of {nodes}, empty masters included, with a weight of {float} for {nodes}")]
async fn cli_rebalances(world: &mut World, nodes: Nodes, weight: f64, light: Nodes) -> Step {
    let (node, light) = (world.name(&nodes)?, world.name(&light)?);
    let (address, weight) = (world.address(&node)?, format!("{}={weight}", world.cluster_id(&light).await?));
    let options = ["--cluster-use-empty-masters", "--cluster-weight", &weight, "--cluster-pipeline", "100"];
    world.run_cli(&node, &[&["redis-cli", "--cluster", "rebalance", &address], options.as_slice()].concat()).await
}

/// `redis-cli --cluster del-node`.
#[when(expr = "redis-cli removes {nodes} from the cluster of {nodes}")]
async fn cli_removes(world: &mut World, nodes: Nodes, of: Nodes) -> Step {
    let (node, of) = (world.name(&nodes)?, world.name(&of)?);
    let (id, address) = (world.cluster_id(&node).await?, world.address(&of)?);
    world.run_cli(&of, &["redis-cli", "--cluster", "del-node", &address, &id]).await
}

/// `redis-cli --cluster create` over these nodes, ended from outside, as by Ctrl-C, if it has not ended by itself after this time.
#[when(expr = "redis-cli is given {duration} to create a cluster of {nodes}")]
async fn cli_is_interrupted(world: &mut World, span: Span, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    let addresses = names.iter().map(|name| world.address(name)).collect::<Result<Vec<_>, _>>()?;
    let mut command = vec!["redis-cli", "--cluster", "create"];
    command.extend(addresses.iter().map(String::as_str));
    command.push("--cluster-yes");
    let limit = span.0 + CLI_LIMIT;
    let output = wait::on("redis-cli to end", limit, world.deployment()?.exec_interrupted(&names[0], &command, span.0, limit)).await?;
    world.observe_cli(output);
    Ok(())
}

/// `redis-cli --cluster fix`, answering yes: slots left open are closed, and slots that no node serves are given to one.
#[when(expr = "redis-cli fixes the cluster of {nodes}")]
async fn cli_fixes(world: &mut World, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    let address = world.address(&node)?;
    // `--cluster-yes` does not answer for it: it asks before it covers slots.
    let command = ["redis-cli", "--cluster", "fix", &address];
    let output = wait::on("redis-cli to end", CLI_LIMIT, world.deployment()?.exec_answering(&node, &command, "yes", CLI_LIMIT)).await?;
    world.observe_cli(output);
    Ok(())
}

/// `redis-cli --cluster check`.
#[when(expr = "redis-cli checks the cluster of {nodes}")]
async fn cli_checks(world: &mut World, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    let address = world.address(&node)?;
    world.run_cli(&node, &["redis-cli", "--cluster", "check", &address]).await
}

/// redis-cli says PING in the clients' protocol to the port on which the nodes speak to each other, the client port plus 10000.
#[when(expr = "redis-cli says PING to the cluster bus of {nodes}")]
async fn pings_bus(world: &mut World, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    let address = world.address(&node)?;
    let (ip, port) = address.split_once(':').unwrap_or((&address, "6379"));
    let bus = port.parse::<u16>().ok().and_then(|port| port.checked_add(10_000));
    let bus = bus.ok_or_else(|| StepError::scenario(format!("{address} leaves no room for a bus port: cluster nodes have ports up to 55535")))?;
    world.run_cli(&node, &["redis-cli", "-h", ip, "-p", &bus.to_string(), "PING"]).await
}

/// redis-cli has printed lines with these texts in them, in this order, with others between; `<node-1>` stands for a node's address.
#[then(expr = "redis-cli prints, in order")]
async fn cli_prints(world: &mut World, step: &gherkin::Step) -> Step {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table, one text a row"))?;
    let output = world.output()?;
    let printed = format!("{}{}", output.stdout, output.stderr);
    let mut lines = printed.lines();
    let mut told = Vec::new();
    for row in &table.rows {
        let [text] = row.as_slice() else { return Err(StepError::scenario("a row is one text")) };
        let wanted = world.fill(text).await?;
        match lines.find(|line| line.contains(&wanted)) {
            // Its progress bars are a page of crosses.
            Some(line) => told.push(line.trim().trim_matches('#').trim_end().to_owned()),
            None => {
                let after = told.last().map_or(String::new(), |last| format!(" after \"{last}\""));
                let message = format!("redis-cli did not print \"{wanted}\"{after}");
                return Err(StepError::assertion(message).expected(wanted, printed.clone()));
            }
        }
    }
    world.observe(told.join("\n"));
    Ok(())
}

/// For each of these slots a text that lies in it, to be used as a tag.
fn tags(slots: &[u16]) -> Vec<(u16, String)> {
    let mut missing = vec![false; usize::from(SLOTS)];
    slots.iter().for_each(|slot| missing[usize::from(*slot)] = true);
    let found = (0_u64..).map(|n| n.to_string()).filter_map(|tag| {
        let at = slot(&tag);
        std::mem::take(&mut missing[usize::from(at)]).then_some((at, tag))
    });
    found.take(slots.len()).collect()
}

/// A printable text of so many bytes without a pattern, always the same: servers compress what they send of a value, and equal bytes would go for nothing.
fn noise(bytes: usize) -> String {
    let states = std::iter::successors(Some(1_u32), |state| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)));
    states.map(|state| char::from(b'!' + (state >> 16) as u8 % 90)).take(bytes).collect()
}

impl World {
    /// The slots that a node serves itself, the lowest first.
    async fn own_slots(&self, node: &str) -> Result<Vec<u16>, StepError> {
        let seen = cluster::nodes(&self.command(node, &["CLUSTER", "NODES"]).await?.to_string());
        let own = seen.iter().find(|node| node.has_flag("myself"));
        let mut slots: Vec<u16> = own.into_iter().flat_map(|node| &node.slots).flat_map(|(from, to)| *from..=*to).collect();
        slots.sort_unstable();
        Ok(slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_lies_in_its_slot() {
        let found = tags(&[0, 7, 100, 16383]);
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|(at, tag)| slot(tag) == *at && slot(&format!("{{{tag}}}:1")) == *at), "{found:?}");
    }

    #[test]
    fn a_value_has_no_pattern() {
        let value = noise(400);
        assert_eq!(value.len(), 400);
        let pairs: std::collections::BTreeSet<&[u8]> = value.as_bytes().windows(3).collect();
        assert!(pairs.len() > 390, "{} of 398", pairs.len());
    }
}
