//! `redis-cli --cluster` over a cluster that serves: adding and removing nodes, moving slots, checking. Creating one stands in `cluster.rs`.

use super::params::Nodes;
use crate::error::{Step, StepError};
use crate::world::World;
use cucumber::{gherkin, given, then, when};

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
#[given(expr = "redis-cli moves {int} slots from {nodes} to {nodes}")]
#[when(expr = "redis-cli moves {int} slots from {nodes} to {nodes}")]
async fn cli_moves(world: &mut World, count: u16, from: Nodes, to: Nodes) -> Step {
    let (from, to) = (world.name(&from)?, world.name(&to)?);
    let (source, target) = (world.cluster_id(&from).await?, world.cluster_id(&to).await?);
    let (address, count) = (world.address(&from)?, count.to_string());
    let command = ["redis-cli", "--cluster", "reshard", &address, "--cluster-from", &source, "--cluster-to", &target, "--cluster-slots", &count];
    world.run_cli(&from, &[command.as_slice(), &["--cluster-yes"]].concat()).await
}

/// `redis-cli --cluster rebalance` with `--cluster-use-empty-masters`: every master gets the same number of slots.
#[when(expr = "redis-cli rebalances the cluster of {nodes}, empty masters included")]
async fn cli_rebalances(world: &mut World, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    let address = world.address(&node)?;
    world.run_cli(&node, &["redis-cli", "--cluster", "rebalance", &address, "--cluster-use-empty-masters", "--cluster-pipeline", "100"]).await
}

/// `redis-cli --cluster del-node`.
#[when(expr = "redis-cli removes {nodes} from the cluster of {nodes}")]
async fn cli_removes(world: &mut World, nodes: Nodes, of: Nodes) -> Step {
    let (node, of) = (world.name(&nodes)?, world.name(&of)?);
    let (id, address) = (world.cluster_id(&node).await?, world.address(&of)?);
    world.run_cli(&of, &["redis-cli", "--cluster", "del-node", &address, &id]).await
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
            Some(line) => told.push(line.trim().to_owned()),
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
