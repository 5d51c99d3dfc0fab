//! Redis Cluster: clients that know the slot map, and `redis-cli --cluster` as people use it.

use super::meaning::Acts;
use super::params::Nodes;
use crate::error::{Step, StepError};
use crate::formation;
use crate::step_means;
use crate::systems::cluster::nodes::{self as cluster, LAST_SLOT};
use crate::wait::{self, Look};
use crate::workload::cluster_client::ClusterClient;
use crate::world::World;
use cucumber::{gherkin, given, then, when};
use std::time::Duration;

/// Creating a cluster takes redis-cli about 2 s, and up to 2 s more for long node timeouts; moving a thousand slots, a quarter of a minute where nobody else writes to the disk.
pub(super) const CLI_LIMIT: Duration = Duration::from_secs(90);
/// Gossip introduces two nodes within a second.
const MEET_LIMIT: Duration = Duration::from_secs(5);

step_means!("a cluster client that knows only {nodes} writes {int} keys", acts: Acts::Data);

/// A client that keeps the slot map, given only these nodes to begin with, writes keys all over the cluster.
#[given(expr = "a cluster client that knows only {nodes} writes {int} keys")]
#[when(expr = "a cluster client that knows only {nodes} writes {int} keys")]
async fn cluster_client_writes(world: &mut World, nodes: Nodes, count: usize) -> Step {
    let seeds = world.names(&nodes)?;
    let client = ClusterClient::connect(world.published_map()?, &seeds).await?;
    world.workload.write_through(client, count).await?;
    let told = world.workload.summary();
    world.observe(told);
    Ok(())
}

step_means!("a plain client sends {int} writes to {nodes}", acts: Acts::Data);

/// A plain client sends writes for keys all over the slots to one node, and follows nothing.
#[when(expr = "a plain client sends {int} writes to {nodes}")]
async fn plain_client_writes(world: &mut World, count: usize, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    let client = world.client(&node)?;
    world.workload.try_writes(&client, &node, count).await?;
    let told = world.workload.summary();
    world.observe(told);
    Ok(())
}

/// Every write of the last workload was acknowledged.
#[then(expr = "every write is acknowledged")]
async fn all_acknowledged(world: &mut World) -> Step {
    let (acknowledged, refused) = world.workload.outcome();
    if acknowledged == 0 || refused > 0 {
        return Err(StepError::assertion(world.workload.summary()).expected("every write acknowledged", world.workload.summary()));
    }
    let told = world.workload.summary();
    world.observe(told);
    Ok(())
}

/// Some writes of the last workload were acknowledged and some refused, and every refusal begins with this.
#[then(expr = "some writes are refused, all of them with {string}")]
async fn some_refused(world: &mut World, error: String) -> Step {
    let (acknowledged, refused) = world.workload.outcome();
    let others = world.workload.refusals().into_iter().find(|line| !line.starts_with(&error));
    if acknowledged == 0 || refused == 0 || others.is_some() {
        let actual = format!("{}{}", world.workload.summary(), others.map_or(String::new(), |line| format!(", one with {line}")));
        return Err(StepError::assertion(actual.clone()).expected(format!("some acknowledged, the others refused with {error}"), actual));
    }
    let told = world.workload.summary();
    world.observe(told);
    Ok(())
}

/// The same cluster client, with the slot map it learned before, reads back every key it wrote.
#[then(expr = "within {duration} the cluster client reads every key it wrote")]
async fn cluster_client_reads(world: &mut World, span: super::params::Span) -> Step {
    let deadline = world.deadline(span.0);
    world.workload.something_written()?;
    let count = wait::until("the cluster client to read every key", deadline, async || match world.workload.read_through().await {
        Ok(count) => Look::Done(count),
        Err(why) => Look::NotYet(why),
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("the cluster client: {}", gave_up.last())))?;
    let after = wait::seconds(world.window.after(world.now_ms()));
    world.observe(format!("{count} keys read after {after}"));
    Ok(())
}

/// Each of these nodes holds at least one key.
#[then(expr = "each of {nodes} holds some of the keys")]
async fn each_holds_some(world: &mut World, nodes: Nodes) -> Step {
    let mut told = Vec::new();
    for name in world.names(&nodes)? {
        let keys = world.info(&name).await?.keys();
        if keys == 0 {
            return Err(StepError::assertion(format!("{name} holds no key")));
        }
        told.push(format!("{name} {keys}"));
    }
    world.observe(told.join(", "));
    Ok(())
}

/// Two cluster nodes get to know each other, by CLUSTER MEET.
#[given(expr = "{nodes} has met {nodes}")]
#[when(expr = "{nodes} meets {nodes}")]
async fn has_met(world: &mut World, nodes: Nodes, other: Nodes) -> Step {
    let (node, other) = (world.name(&nodes)?, world.name(&other)?);
    let address = world.address(&other)?;
    let (ip, port) = address.split_once(':').unwrap_or((&address, "6379"));
    world.command(&node, &["CLUSTER", "MEET", ip, port]).await?;
    let what = format!("{node} to know {other}");
    wait::within(&what, MEET_LIMIT, async || match world.command(&node, &["CLUSTER", "NODES"]).await {
        Ok(reply) => {
            let nodes = cluster::nodes(&reply.to_string());
            let known = nodes.iter().any(|n| n.address == address && !n.has_flag("handshake"));
            if known { Look::Done(()) } else { Look::NotYet(format!("{} nodes known", nodes.len())) }
        }
        Err(error) => Look::NotYet(error.message),
    })
    .await?;
    world.observe(format!("{node} knows {other}"));
    Ok(())
}

/// A cluster node takes all 16384 slots and serves them alone, as a Cluster of one.
#[given(expr = "{nodes} serves every slot alone")]
async fn serves_alone(world: &mut World, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    formation::cluster::take_slots(world, &node, 0..=LAST_SLOT).await?;
    world.says_ok(&node).await?;
    world.observe(format!("{node} serves 16384 slots"));
    Ok(())
}

/// `redis-cli --cluster create` over these nodes, without replicas, answering yes; every node reports the cluster as ok, which redis-cli does not wait for.
#[given(expr = "redis-cli creates a cluster of {nodes}")]
async fn cli_has_created(world: &mut World, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.create_cluster(&names).await?;
    cli_succeeds(world).await?;
    for name in &names {
        world.says_ok(name).await?;
    }
    Ok(())
}

/// `redis-cli --cluster create` over these nodes, without replicas, answering yes.
#[when(expr = "redis-cli creates a cluster of {nodes}")]
async fn cli_creates(world: &mut World, nodes: Nodes) -> Step {
    let names = world.names(&nodes)?;
    world.create_cluster(&names).await
}

/// `redis-cli --cluster add-node` of a new node to the cluster another node is in; every node has heard of it, and it of every slot.
#[given(expr = "redis-cli adds {nodes} to the cluster of {nodes}")]
async fn cli_has_added(world: &mut World, nodes: Nodes, to: Nodes) -> Step {
    let (new, to) = (world.name(&nodes)?, world.name(&to)?);
    world.add_node(&new, &to).await?;
    cli_succeeds(world).await?;
    let what = format!("every node to know {new}");
    wait::within(&what, MEET_LIMIT, async || match world.unsettled(&new, &to).await {
        Ok(None) => Look::Done(()),
        Ok(Some(odd)) => Look::NotYet(odd),
        Err(error) => Look::NotYet(error.message),
    })
    .await?;
    Ok(())
}

/// `redis-cli --cluster add-node` of a new node to the cluster another node is in.
#[when(expr = "redis-cli adds {nodes} to the cluster of {nodes}")]
async fn cli_adds(world: &mut World, nodes: Nodes, to: Nodes) -> Step {
    let (new, to) = (world.name(&nodes)?, world.name(&to)?);
    world.add_node(&new, &to).await
}

/// redis-cli ended with status 0.
#[given(expr = "redis-cli succeeds")]
#[then(expr = "redis-cli succeeds")]
async fn cli_succeeds(world: &mut World) -> Step {
    let output = world.output()?;
    let last = last_line(&output.stdout);
    if output.status != 0 {
        let status = output.status;
        return Err(StepError::assertion(format!("redis-cli ended with status {status}: {last}")).expected("status 0", format!("status {status}")));
    }
    world.observe(last);
    Ok(())
}

/// redis-cli ended with this status and printed this, where `<NODE>` stands for a node's address.
#[then(expr = "redis-cli ends with status {int} and prints")]
async fn cli_ends(world: &mut World, status: i64, step: &gherkin::Step) -> Step {
    let expected = step.docstring.as_deref().ok_or_else(|| StepError::scenario("this step needs the expected text as a docstring"))?.trim();
    let expected = world.fill(expected).await?;
    let output = world.output()?;
    let printed = format!("{}{}", output.stdout, output.stderr);
    if output.status != status {
        let actual = format!(
            "status {}
{printed}",
            output.status
        );
        return Err(StepError::assertion(format!("redis-cli ended with status {}", output.status)).expected(format!("status {status}"), actual));
    }
    if !printed.contains(&expected) {
        return Err(StepError::assertion(format!("redis-cli printed: {}", last_line(&printed))).expected(expected, printed));
    }
    world.observe(format!("status {status}: {expected}"));
    Ok(())
}

/// At most as much of it as fits in two lines of a terminal: a rebalance prints a mark for every slot.
fn last_line(text: &str) -> String {
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("nothing").chars().take(160).collect()
}

impl World {
    async fn create_cluster(&mut self, names: &[String]) -> Step {
        let addresses = names.iter().map(|name| self.address(name)).collect::<Result<Vec<_>, _>>()?;
        let mut command = vec!["redis-cli", "--cluster", "create"];
        command.extend(addresses.iter().map(String::as_str));
        command.push("--cluster-yes");
        self.run_cli(&names[0], &command).await
    }

    /// Waits until a node reports its cluster as ok: a master with slots does not within its first 2 s.
    async fn says_ok(&self, node: &str) -> Step {
        let what = format!("{node} to report its cluster as ok");
        wait::within(&what, MEET_LIMIT, async || match self.info(node).await {
            Ok(info) if info.get("cluster_state") == Some("ok") => Look::Done(()),
            Ok(info) => Look::NotYet(format!("cluster_state:{}", info.get("cluster_state").unwrap_or("none"))),
            Err(error) => Look::NotYet(error.message),
        })
        .await?;
        Ok(())
    }

    async fn add_node(&mut self, new: &str, to: &str) -> Step {
        let (new, old) = (self.address(new)?, self.address(to)?);
        self.run_cli(to, &["redis-cli", "--cluster", "add-node", &new, &old]).await
    }

    /// A node of the cluster that has not yet heard of every member or every slot, and what it has heard of.
    async fn unsettled(&self, new: &str, to: &str) -> Result<Option<String>, StepError> {
        let mut members = vec![new.to_owned()];
        let known = cluster::nodes(&self.command(to, &["CLUSTER", "NODES"]).await?.to_string());
        members.extend(known.iter().filter_map(|node| self.node_at(&node.address)).filter(|name| name != new));
        for name in &members {
            let seen = cluster::nodes(&self.command(name, &["CLUSTER", "NODES"]).await?.to_string());
            let settled = seen.iter().filter(|node| !node.has_flag("handshake")).count();
            let slots: usize = seen.iter().flat_map(|node| &node.slots).map(|(from, to)| usize::from(to - from) + 1).sum();
            if settled != members.len() || slots <= usize::from(LAST_SLOT) {
                return Ok(Some(format!("{name} knows {settled} nodes and the masters of {slots} slots")));
            }
            // A node that has just heard of all the slots calls the cluster down for a moment yet, and refuses what redis-cli moves to it.
            if !self.command(name, &["CLUSTER", "INFO"]).await?.to_string().contains("cluster_state:ok") {
                return Ok(Some(format!("{name} takes the cluster for down")));
            }
        }
        Ok(None)
    }

    pub(super) async fn run_cli(&mut self, on: &str, command: &[&str]) -> Step {
        let output = wait::on("redis-cli to end", CLI_LIMIT, self.deployment()?.exec(on, command, CLI_LIMIT)).await?;
        self.observe_cli(output);
        Ok(())
    }

    pub(super) fn observe_cli(&mut self, output: crate::deployment::Output) {
        let printed = format!("{}{}", output.stdout, output.stderr);
        self.observe(format!("status {}: {}", output.status, last_line(&printed)));
        self.last_output = Some(output);
    }

    pub(super) fn output(&self) -> Result<&crate::deployment::Output, StepError> {
        self.last_output.as_ref().ok_or_else(|| StepError::scenario("redis-cli was not run yet"))
    }

    /// Address in the data network -> published port, for clients that learn addresses from servers.
    pub(super) fn published_map(&self) -> Result<Vec<(String, String, u16)>, StepError> {
        let deployment = self.deployment()?;
        let nodes = deployment.topology().nodes.iter();
        Ok(nodes.filter_map(|n| Some((n.name.clone(), format!("{}:{}", n.address, n.port), deployment.published(&n.name)?))).collect())
    }
}
