//! Sentinels that know the master, all its replicas and each other.

use crate::error::Step;
use crate::probe::Reply;
use crate::topology::Role;
use crate::wait::{self, Look};
use crate::world::World;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(15);

/// Starts the Sentinels and waits until each knows everybody.
///
/// They start after the replicas are attached: a Sentinel asks a master for its replicas at once and then only every 10 s, so one that came too early would
/// learn of them 10 s later. They learn of each other from the hello messages, one every 2 s. Where the build lets us (`SENTINEL DEBUG`, 7.0 and later) both
/// come often until everybody is known; then the timers are what they were, so a scenario meets none but its own.
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
    let mut timers = Vec::new();
    for sentinel in &sentinels {
        timers.push(hurry(world, sentinel).await);
    }
    everybody_is_known(world, &sentinels, replicas).await?;
    for (sentinel, before) in sentinels.iter().zip(timers) {
        if let Some(before) = before {
            let words: Vec<&str> = ["SENTINEL", "DEBUG"].into_iter().chain(before.iter().map(String::as_str)).collect();
            world.command(sentinel, &words).await?;
        }
    }
    Ok(())
}

/// Timers that decide how soon Sentinels know each other, and what they are until then, in milliseconds.
const HURRIED: [(&str, &str); 2] = [("info-period", "200"), ("publish-period", "100")];

/// Makes the Sentinel's timers short; answers names and values as they were, or nothing where it has no `SENTINEL DEBUG`.
async fn hurry(world: &World, sentinel: &str) -> Option<Vec<String>> {
    let Reply::List(all) = world.ask(sentinel, &["SENTINEL", "DEBUG"]).await.ok()? else { return None };
    let all: Vec<String> = all.iter().flat_map(Reply::texts).collect();
    let before = |name: &str| all.chunks(2).find(|pair| pair[0].eq_ignore_ascii_case(name)).map(|pair| pair[1].clone());
    let before: Option<Vec<String>> =
        HURRIED.iter().map(|(name, _)| Some([(*name).to_owned(), before(name)?])).collect::<Option<Vec<_>>>().map(|v| v.concat());
    let before = before?;
    let words: Vec<&str> = ["SENTINEL", "DEBUG"].into_iter().chain(HURRIED.iter().flat_map(|(name, short)| [*name, *short])).collect();
    matches!(world.ask(sentinel, &words).await, Ok(Reply::Text(_))).then_some(before)
}

async fn everybody_is_known(world: &World, sentinels: &[String], replicas: usize) -> Step {
    let others = sentinels.len() - 1;
    wait::within("every Sentinel to know the master, its replicas and the other Sentinels", LIMIT, async || {
        for sentinel in sentinels {
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

/// Flags of the masters, their replicas together, and the other Sentinels, as one Sentinel knows them. Where masters differ, the worse is told.
async fn known(world: &World, sentinel: &str) -> Option<(String, usize, usize)> {
    let masters = world.ask(sentinel, &["SENTINEL", "MASTERS"]).await.ok()?;
    let Reply::List(masters) = masters else { return None };
    let (mut flags, mut replicas, mut others) = ("master".to_owned(), 0, usize::MAX);
    for master in &masters {
        let fields = master.texts();
        let field = |name: &str| fields.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1].clone());
        let said = field("flags")?;
        if said != "master" {
            flags = said;
        }
        replicas += field("num-slaves")?.parse::<usize>().ok()?;
        others = others.min(field("num-other-sentinels")?.parse().ok()?);
    }
    (!masters.is_empty()).then_some((flags, replicas, others))
}
