//! A group that forms by itself: every node answers, and is what the topology says that it is.

use super::misformed;
use crate::error::Step;
use crate::systems::Part;
use crate::wait::{self, Look};
use crate::world::World;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

/// Starts the observers once everybody else is there, and waits until every node reports the role that it was declared to have.
pub(super) async fn form(world: &mut World) -> Step {
    let observers = world.parts(Part::Observer)?;
    for node in world.taking_part()?.iter().filter(|node| !observers.contains(node)) {
        world.answers(node).await?;
    }
    for observer in &observers {
        world.deployment()?.start_server(observer).await?;
    }
    for observer in &observers {
        world.answers(observer).await?;
    }
    let declared: Vec<(String, &'static str)> = {
        let nodes = world.deployment()?.topology().nodes.iter();
        // Which part a member has is decided by the group, and a node that tells nothing tells no role either.
        nodes
            .filter(|node| node.kind.system.watch().is_some() && node.kind.role.part != Part::Member)
            .map(|node| (node.name.clone(), node.kind.role.word))
            .collect()
    };
    let formed = wait::within("every node to be what the topology says", LIMIT, async || {
        for (node, role) in &declared {
            match world.told(node).await {
                Ok(told) if told.role == Some(*role) => {}
                Ok(told) => return Look::NotYet(format!("{node} is {}", told.role.unwrap_or("silent"))),
                Err(error) => return Look::NotYet(error.message),
            }
        }
        Look::Done(())
    })
    .await;
    match formed {
        Ok(()) => Ok(()),
        Err(gave_up) => Err(misformed(world, gave_up).await),
    }
}
