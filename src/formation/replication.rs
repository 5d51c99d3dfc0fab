//! One master and its replicas, or a chain of them: every replica's link is up, and the node it copies counts it.

use super::misformed;
use crate::error::Step;
use crate::wait::{self, Look};
use crate::world::World;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(15);

/// Waits until every replica follows its master.
pub(super) async fn form(world: &mut World) -> Step {
    let (masters, replicas) = (world.declared("master")?, world.declared("replica")?);
    for node in masters.iter().chain(&replicas) {
        world.answers(node).await?;
    }
    let formed = wait::within("every replica to follow its master", LIMIT, async || {
        for replica in &replicas {
            match world.info(replica).await {
                Ok(info) if info.get("master_link_status") == Some("up") => {}
                Ok(info) => return Look::NotYet(format!("the link of {replica} is {}", info.get("master_link_status").unwrap_or("none"))),
                Err(error) => return Look::NotYet(error.message),
            }
        }
        // A replica is online when it has acknowledged the stream. In a chain it is another replica that counts it.
        let mut counted = 0;
        for node in masters.iter().chain(&replicas) {
            match world.info(node).await {
                Ok(info) => counted += online(&info),
                Err(error) => return Look::NotYet(error.message),
            }
        }
        if counted == replicas.len() { Look::Done(()) } else { Look::NotYet(format!("{counted} of {} replicas are online", replicas.len())) }
    })
    .await;
    match formed {
        Ok(()) => Ok(()),
        Err(gave_up) => Err(misformed(world, gave_up).await),
    }
}

fn online(info: &crate::systems::redis_server::Info) -> usize {
    (0..).map_while(|n| info.get(&format!("slave{n}"))).filter(|line| line.contains("state=online")).count()
}
