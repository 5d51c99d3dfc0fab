//! Servers started in other ways than by a cure: with other directives, or though they may not be able to start.

use super::params::Nodes;
use crate::deployment::NodeState;
use crate::error::{Step, StepError};
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{gherkin, when};
use std::time::Duration;

/// How long a server may take to end, and to answer or give up.
const LIMIT: Duration = Duration::from_secs(10);

/// A server that has ended is started with the data that is there, whether it can come up with them or not; what becomes of it, a `Then` says.
#[when(expr = "{nodes} tries/try to start")]
async fn tries_to_start(world: &mut World, nodes: Nodes) -> Step {
    for name in world.names(&nodes)? {
        world.deployment()?.let_go(&name, true);
        world.deployment()?.start_server(&name).await?;
        world.restarted(&name);
        world.up_or_ended(&name).await?;
    }
    Ok(())
}

/// The server is shut down in order (SIGTERM) and started with the data that is there and these directives besides its own, for this once. It need not come up: what becomes of it, a `Then` says.
#[when(expr = "{nodes} restarts/restart with")]
async fn restarts_with(world: &mut World, nodes: Nodes, step: &gherkin::Step) -> Step {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of directives"))?;
    let mut more = Vec::new();
    for row in &table.rows {
        let [key, value] = row.as_slice() else { return Err(StepError::scenario("a row of directives has two cells")) };
        let words = crate::topology::words::split(value).ok_or_else(|| StepError::scenario(format!("a quote in {value} is not closed")))?;
        more.push(format!("--{key}"));
        more.extend(if words.is_empty() { vec![String::new()] } else { words });
    }
    for name in world.names(&nodes)? {
        world.shut_down(&name).await?;
        world.deployment()?.let_go(&name, true);
        world.deployment()?.start_server_with(&name, &more).await?;
        world.up_or_ended(&name).await?;
    }
    Ok(())
}

impl World {
    async fn shut_down(&self, node: &str) -> Step {
        let deployment = self.deployment()?;
        deployment.terminate(node).await?;
        let what = format!("{node} to shut down");
        wait::within(&what, LIMIT, async || match deployment.state(node).await {
            Ok(NodeState::Exited(_)) => Look::Done(()),
            Ok(state) => Look::NotYet(state.to_string()),
            Err(error) => Look::NotYet(error.to_string()),
        })
        .await?;
        Ok(())
    }

    /// Waits until a server that was started answers in any way, or has given up. From its first PONG on, its end would be a surprise again.
    async fn up_or_ended(&mut self, node: &str) -> Step {
        let client = self.fresh_client(node)?;
        let what = format!("{node} to answer or to end");
        let told = wait::within(&what, LIMIT, async || {
            if let Ok(reply) = client.ask_within(&["PING"], Duration::from_secs(1)).await {
                // One that still loads its data may give up yet.
                let loaded = reply.text() == Some("PONG");
                return Look::Done((loaded, format!("{node} answers {reply}")));
            }
            match self.deployment_state(node).await {
                Ok(state @ NodeState::Exited(_)) => Look::Done((false, format!("{node} {state}"))),
                Ok(state) => Look::NotYet(state.to_string()),
                Err(error) => Look::NotYet(error.message),
            }
        })
        .await?;
        let (loaded, told) = told;
        self.deployment()?.let_go(node, !loaded);
        self.observe(told);
        Ok(())
    }
}
