//! Processes and their files: started empty, with another configuration, from somebody else's snapshot.

use super::params::Nodes;
use crate::deployment::NodeState;
use crate::error::{Step, StepError};
use crate::step_means;
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{given, then, when};
use std::time::Duration;

/// How long a server may take to give up: over its configuration at once, over data that it has to be sent first later.
const EXIT_LIMIT: Duration = Duration::from_secs(10);

/// A new server without any data takes the node's place, with the same address and configuration.
#[when(expr = "{nodes} starts again with empty data")]
async fn starts_empty(world: &mut World, nodes: Nodes) -> Step {
    let node = world.name(&nodes)?;
    world.deployment()?.wipe(&node).await?;
    world.forget_faults(&node);
    let seen = world.answers(&node).await?;
    world.observe(seen);
    Ok(())
}

/// The server is killed and started anew with one more line in its configuration file.
#[when(expr = "{nodes} restarts with the line {string} in its configuration")]
async fn restarts_with_line(world: &mut World, nodes: Nodes, line: String) -> Step {
    let node = world.name(&nodes)?;
    world.restart_with_line(&node, &line).await
}

step_means!("{nodes} exits with status {int}", ends: true);

/// The process ended by itself, with this exit status.
#[then(expr = "{nodes} exits with status {int}")]
async fn exits(world: &mut World, nodes: Nodes, status: i64) -> Step {
    let node = world.name(&nodes)?;
    let what = format!("{node} to exit");
    let ended = wait::within(&what, EXIT_LIMIT, async || match world.deployment_state(&node).await {
        Ok(NodeState::Exited(status)) => Look::Done(status),
        Ok(state) => Look::NotYet(state.to_string()),
        Err(error) => Look::NotYet(error.message),
    })
    .await
    .map_err(|gave_up| StepError::missed(&gave_up, format!("{node} is {}", gave_up.last())).expected(format!("exited ({status})"), gave_up.last()))?;
    if ended != status {
        return Err(StepError::assertion(format!("{node} exited with status {ended}")).expected(status.to_string(), ended.to_string()));
    }
    world.observe(format!("{node} exited with status {ended}"));
    Ok(())
}

/// The node starts anew with a copy of another node's RDB file as its own, as from a volume that was used before.
#[given(expr = "{nodes} starts from the snapshot of {nodes}")]
async fn starts_from_snapshot(world: &mut World, nodes: Nodes, of: Nodes) -> Step {
    let (node, of) = (world.name(&nodes)?, world.name(&of)?);
    world.command(&of, &["SAVE"]).await?;
    let deployment = world.deployment()?;
    let snapshot = deployment.get_file(&of, "/data/dump.rdb").await?;
    deployment.kill(&node).await?;
    deployment.put_file(&node, "/data/dump.rdb", &snapshot, 0o644).await?;
    deployment.start_server(&node).await?;
    let seen = world.answers(&node).await?;
    world.observe(seen);
    Ok(())
}

impl World {
    pub(super) async fn deployment_state(&self, node: &str) -> Result<NodeState, StepError> {
        Ok(self.deployment()?.state(node).await?)
    }

    async fn restart_with_line(&mut self, node: &str, line: &str) -> Step {
        let deployment = self.deployment()?;
        let spec = deployment.topology().node(node);
        let file = spec.and_then(|spec| spec.files.first()).ok_or_else(|| StepError::scenario(format!("{node} has no configuration file")))?;
        let (path, mode) = (file.target.clone(), file.mode);
        deployment.kill(node).await?;
        let mut content = deployment.get_file(node, &path).await?;
        content.extend_from_slice(format!("\n{line}\n").as_bytes());
        deployment.put_file(node, &path, &content, mode).await?;
        deployment.start_server(node).await?;
        self.observe(format!("{path} ends with: {line}"));
        Ok(())
    }

    /// Starts nodes anew with a wall clock that is off by this much from their first moment on.
    pub(crate) async fn restart_with_clock(&mut self, nodes: &[String], millis: i64) -> Step {
        let mut told = Vec::new();
        for node in nodes {
            let deployment = self.deployment()?;
            deployment.kill(node).await?;
            deployment.set_clock_offset(node, millis).await?;
            deployment.start_server(node).await?;
            self.answers(node).await?;
            let offset = self.clock_offset(node).await?;
            if (offset - millis).abs() > 500 {
                let message = format!("the clock of {node} should be {millis} ms off but is {offset} ms off");
                return Err(StepError::new(crate::error::Cause::Fault, message));
            }
            told.push(format!("the clock of {node} is {:+.1} s off", offset as f64 / 1000.0));
        }
        self.observe(told.join(", "));
        Ok(())
    }
}
