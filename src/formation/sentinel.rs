//! Sentinels that know the master, all its replicas and each other.

use super::misformed;
use crate::error::Step;
use crate::systems::Reply;
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
    let sentinels = world.declared("sentinel")?;
    let replicas = world.declared("replica")?.len();
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
    let known = wait::within("every Sentinel to know the master, its replicas and the other Sentinels", LIMIT, async || {
        let mut all = Vec::new();
        for sentinel in sentinels {
            let Some(known) = known(world, sentinel).await else { return Look::NotYet(format!("{sentinel} does not answer")) };
            all.push((sentinel, known));
        }
        // They find each other by the name: with different ones they never will, and no count says why.
        if let [(first, one), ..] = all.as_slice()
            && let Some((second, other)) = all.iter().find(|(_, known)| known.names != one.names)
        {
            let (one, other) = (&one.names, &other.names);
            return Look::NotYet(format!("{first} monitors {one}, {second} monitors {other}: no Sentinel listens to hellos of another name"));
        }
        match all.iter().find(|(_, k)| k.flags != "master" || k.replicas != replicas || k.others != others) {
            None => Look::Done(()),
            Some((sentinel, Known { flags, replicas, others, .. })) => {
                Look::NotYet(format!("{sentinel} sees {flags} with {replicas} replicas and {others} other Sentinels"))
            }
        }
    })
    .await;
    match known {
        Ok(()) => Ok(()),
        Err(gave_up) => Err(misformed(world, gave_up).await),
    }
}

/// What a Sentinel knows of all its masters together.
struct Known {
    /// In the alphabet's order.
    names: String,
    /// Where masters differ, the worse is told.
    flags: String,
    replicas: usize,
    others: usize,
}

async fn known(world: &World, sentinel: &str) -> Option<Known> {
    let masters = world.ask(sentinel, &["SENTINEL", "MASTERS"]).await.ok()?;
    let Reply::List(masters) = masters else { return None };
    let (mut names, mut flags, mut replicas, mut others) = (Vec::new(), "master".to_owned(), 0, usize::MAX);
    for master in &masters {
        let fields = master.texts();
        let field = |name: &str| fields.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1].clone());
        names.push(field("name")?);
        let said = field("flags")?;
        if said != "master" {
            flags = said;
        }
        replicas += field("num-slaves")?.parse::<usize>().ok()?;
        others = others.min(field("num-other-sentinels")?.parse().ok()?);
    }
    names.sort_unstable();
    (!masters.is_empty()).then(|| Known { names: names.join(" and "), flags, replicas, others })
}
