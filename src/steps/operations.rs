//! What an operator does before and beside failures: sizes a backlog, loads a module, measures how long a replica takes to confirm.

use super::meaning::Acts;
use super::params::{Nodes, Span};
use crate::error::{Cause, Step, StepError};
use crate::sizing::replication;
use crate::step_means;
use crate::systems::Reply;
use crate::wait::{self, Instant};
use crate::world::World;
use cucumber::{given, then, when};
use std::time::Duration;

/// The rule of thumb takes this many times the bytes of the outage.
const MARGIN: u64 = 2;
/// What WAIT may take on the server, in milliseconds.
const CONFIRM: &str = "1000";

/// Sets `repl-backlog-size` by the rule of thumb: twice what is written at this rate, in bytes of the stream, during an outage of this length.
#[given(expr = "the backlog of {nodes} is sized for an outage of {duration} at {int} bytes per second")]
async fn sized(world: &mut World, nodes: Nodes, outage: Span, rate: u64) -> Step {
    let bytes = replication::backlog_bytes(outage.0, rate, MARGIN);
    for node in world.names(&nodes)? {
        world.command(&node, &["CONFIG", "SET", "repl-backlog-size", &bytes.to_string()]).await?;
    }
    world.observe(format!("{MARGIN} x {} x {rate} bytes/s = {bytes} bytes", wait::seconds(outage.0)));
    Ok(())
}

step_means!("a client writes {int} bytes per second to {nodes} for {duration}", acts: Acts::Data, lasts: true);

/// One client writes keys of a kilobyte, at a rate at which the stream to the replicas grows by this much, all through the span.
#[when(expr = "a client writes {int} bytes per second to {nodes} for {duration}")]
async fn writes_at_rate(world: &mut World, rate: u64, nodes: Nodes, span: Span) -> Step {
    if !(10_000..=1_000_000).contains(&rate) {
        return Err(StepError::scenario(
            "a client writes 10000 to 1000000 bytes per second here: less are single keys, more keeps this machine busy",
        ));
    }
    let node = world.name(&nodes)?;
    let client = world.client(&node)?;
    let before = world.offset(&node).await?;
    world.workload.write_at_rate(&client, &node, rate, span.0).await?;
    let grown = world.offset(&node).await?.saturating_sub(before);
    world.observe(format!("the stream grew by {grown} bytes in {}", wait::seconds(span.0)));
    Ok(())
}

/// These nodes load a module with a data type of its own: `STAMP.SET key number`, `STAMP.GET key`. Their configuration must have `enable-module-command yes`.
#[given(expr = "{nodes} load(s) a module with a data type")]
#[when(expr = "{nodes} load(s) a module with a data type")]
async fn loads_module(world: &mut World, nodes: Nodes) -> Step {
    for node in world.names(&nodes)? {
        let path = world.deployment()?.put_module(&node).await?;
        match world.ask(&node, &["MODULE", "LOAD", path]).await? {
            Reply::Error(line) if line.contains("enable-module-command") => {
                let advice = format!("{node} may not load modules: write `| enable-module-command | yes |` below the topology");
                return Err(StepError::scenario(advice));
            }
            Reply::Error(line) => return Err(StepError::new(Cause::Refused, format!("{node} did not load the module")).expected("OK", line)),
            reply => world.observe(format!("{node}: {reply}")),
        }
    }
    Ok(())
}

step_means!("a client writes {int} keys to {nodes}, each confirmed by {int} replica(s)", acts: Acts::Data);

/// One client writes this many keys to a node, and after each waits until so many replicas have confirmed it (WAIT).
#[when(expr = "a client writes {int} keys to {nodes}, each confirmed by {int} replica(s)")]
async fn writes_confirmed(world: &mut World, count: usize, nodes: Nodes, replicas: i64) -> Step {
    let node = world.name(&nodes)?;
    let client = world.fresh_client(&node)?;
    let wanted = replicas.to_string();
    let mut took = Vec::new();
    for _ in 0..count {
        world.workload.write(&client, &node, 1, 8).await?;
        let began = Instant::now();
        let reply = client.ask(&["WAIT", &wanted, CONFIRM]).await.map_err(|error| StepError::no_answer(&node, "WAIT", &error))?;
        if !matches!(reply, Reply::Int(confirmed) if confirmed >= replicas) {
            // The limit is ours: a replica on a busy machine may take longer than any sentence says.
            return Err(StepError::new(Cause::Overtime, format!("WAIT {wanted} {CONFIRM}")).expected(wanted, reply.to_string()));
        }
        took.push(began.elapsed());
    }
    took.sort_unstable();
    world.workload.confirmed = took;
    let told = format!("a tenth took at most {}, half at most {}", millis(world.confirmed(10)?), millis(world.confirmed(2)?));
    world.observe(told);
    Ok(())
}

/// Of the last client's writes, the tenth that was confirmed first took less than this. Not the half: a busy machine delays many, but hardly all.
#[then(expr = "the quickest tenth of the confirmations took less than {duration}")]
async fn confirmed_sooner(world: &mut World, span: Span) -> Step {
    let took = world.confirmed(10)?;
    world.judge_confirmed(took, &format!("less than {}", millis(span.0)), took < span.0)
}

/// Half of the last client's writes were confirmed after this time or later.
#[then(expr = "half of the confirmations took at least {duration}")]
async fn confirmed_later(world: &mut World, span: Span) -> Step {
    let took = world.confirmed(2)?;
    world.judge_confirmed(took, &format!("at least {}", millis(span.0)), took >= span.0)
}

impl World {
    async fn offset(&self, node: &str) -> Result<u64, StepError> {
        let info = self.info(node).await?;
        let offset = info.get("master_repl_offset").and_then(|text| text.parse().ok());
        offset.ok_or_else(|| StepError::scenario(format!("{node} has no replication offset")))
    }

    /// What one in so many of the last confirmations took at most.
    fn confirmed(&self, one_in: usize) -> Result<Duration, StepError> {
        let took = &self.workload.confirmed;
        let missing = || StepError::scenario("nothing was confirmed: `When a client writes 50 keys to ..., each confirmed by 1 replica` comes first");
        took.get(took.len() / one_in).copied().ok_or_else(missing)
    }

    fn judge_confirmed(&mut self, took: Duration, expected: &str, right: bool) -> Step {
        let told = millis(took);
        if !right {
            return Err(StepError::assertion(format!("the confirmations took {told}")).expected(expected, told));
        }
        self.observe(told);
        Ok(())
    }
}

fn millis(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1000.0)
}
