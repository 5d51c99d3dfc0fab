//! Sentinels that know the master, all its replicas and each other.

use crate::error::Step;
use crate::topology::Role;
use crate::wait::{self, Look};
use crate::world::World;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(15);

/// Starts the Sentinels and waits until each knows everybody.
///
/// They start after the replicas are attached: a Sentinel asks a master for its replicas at once and then only every 10 s, so one that came too early would
/// learn of them 10 s later. They learn of each other from the hello messages, one every 2 s.
pub(super) async fn form(world: &mut World) -> Step {
    let topology = world.deployment()?.topology();
    let sentinels: Vec<String> = topology.names(Role::Sentinel).into_iter().map(str::to_owned).collect();
    let replicas = topology.names(Role::Replica).len();
    for sentinel in &sentinels {
        world.deployment()?.start_server(sentinel).await?;
    }
    for sentinel in &sentinels {
        world.answers(sentinel).await?;
    }
    let others = sentinels.len() - 1;
    wait::within("every Sentinel to know the master, its replicas and the other Sentinels", LIMIT, async || {
        for sentinel in &sentinels {
            match known(world, sentinel).await {
                Some((flags, r, s)) if flags == "master" && r == replicas && s == others => {}
                Some((flags, r, s)) => return Look::NotYet(format!("{sentinel} sees {flags} with {r} replicas and {s} other Sentinels")),
                None => return Look::NotYet(format!("{sentinel} does not answer")),
            }
        }
        Look::Done(())
    })
    .await?;
    Ok(())
}

/// Flags of the master, replicas and other Sentinels, as one Sentinel knows them.
async fn known(world: &World, sentinel: &str) -> Option<(String, usize, usize)> {
    let masters = world.ask(sentinel, &["SENTINEL", "MASTERS"]).await.ok()?;
    let crate::probe::Reply::List(masters) = masters else { return None };
    let fields = masters.first()?.texts();
    let field = |name: &str| fields.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1].clone());
    Some((field("flags")?, field("num-slaves")?.parse().ok()?, field("num-other-sentinels")?.parse().ok()?))
}
