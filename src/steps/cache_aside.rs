//! An application with a database behind its cache: the pattern cache-aside, in which the database is written first and a miss reads it.

use super::params::{Nodes, Span};
use crate::error::{Cause, Step, StepError};
use crate::step_means;
use crate::workload::{Cache, CacheAside, Copied, Round};
use crate::world::World;
use cucumber::{given, then, when};
use std::time::Duration;

/// An application with a database of its own, which writes a copy of each record to this node after it has written the database.
#[given(expr = "an application caches its database on {nodes}")]
async fn caches(world: &mut World, nodes: Nodes) -> Step {
    world.start_application(&nodes, None)
}

step_means!("an application caches its database on {nodes} for {duration}", lasts: true);

/// The same, with copies that expire after this time.
#[given(expr = "an application caches its database on {nodes} for {duration}")]
async fn caches_for(world: &mut World, nodes: Nodes, span: Span) -> Step {
    world.start_application(&nodes, Some(span.0))
}

/// The application saves this many new records: each in its database, then as a copy in Redis, which has to be acknowledged.
#[given(expr = "the application saves {int} record(s)")]
#[when(expr = "the application saves {int} record(s)")]
async fn saves(world: &mut World, count: usize) -> Step {
    let copied = world.application()?.save(count).await;
    world.all_copied(&copied)
}

/// The application changes every record: in its database, then the copy in Redis, which has to be acknowledged.
#[when(expr = "the application changes every record")]
async fn changes(world: &mut World) -> Step {
    let copied = world.application()?.change_all().await?;
    world.all_copied(&copied)
}

/// From now on the application writes its copies to this node.
#[when(expr = "the application moves to {nodes}")]
async fn moves(world: &mut World, nodes: Nodes) -> Step {
    let cache = world.cache_on(&nodes)?;
    world.observe(format!("copies are written to {}", cache.node));
    world.application()?.move_to(cache);
    Ok(())
}

/// The application reads every record once from this node, and what it misses there from its database; it asks no other Redis. What it missed it puts back where it writes its copies.
#[when(expr = "the application reads every record from {nodes}")]
async fn reads(world: &mut World, nodes: Nodes) -> Step {
    let from = world.cache_on(&nodes)?;
    let told = world.application()?.read_all(&from).await?.to_string();
    world.observe(told);
    Ok(())
}

/// Of the last round of reads, so many were misses, and answered by the database.
#[then(expr = "{int} read(s) was/were answered by the database")]
async fn from_the_database(world: &mut World, count: usize) -> Step {
    world.judge_round(count, "answered by the database", |round| round.misses)
}

/// Of the last round of reads, so many were answered by Redis.
#[then(expr = "{int} read(s) was/were answered by the cache")]
async fn from_the_cache(world: &mut World, count: usize) -> Step {
    world.judge_round(count, "answered by the cache", |round| round.hits)
}

/// Of the last round of reads, so many returned something else than what the database holds.
#[then(expr = "{int} read(s) returned an old value")]
async fn old(world: &mut World, count: usize) -> Step {
    world.judge_round(count, "old", |round| round.old)
}

impl World {
    fn start_application(&mut self, nodes: &Nodes, lives: Option<Duration>) -> Step {
        let cache = self.cache_on(nodes)?;
        self.observe(format!("copies are written to {}", cache.node));
        self.workload.application = Some(CacheAside::new(cache, lives));
        Ok(())
    }

    fn cache_on(&self, nodes: &Nodes) -> Result<Cache, StepError> {
        let node = self.name(nodes)?;
        let client = self.client(&node)?;
        Ok(Cache { node, client })
    }

    fn application(&mut self) -> Result<&mut CacheAside, StepError> {
        let missing = || StepError::scenario("there is no application: begin with `Given an application caches its database on ...`");
        self.workload.application.as_mut().ok_or_else(missing)
    }

    fn all_copied(&mut self, copied: &Copied) -> Step {
        if let Some(said) = copied.failures.first() {
            return Err(StepError::new(Cause::Refused, "Redis did not acknowledge a copy")
                .expected("OK", said.clone())
                .seen(copied.failures.clone()));
        }
        self.observe(format!("{} in the database, and as many copies acknowledged", copied.acknowledged));
        Ok(())
    }

    fn judge_round(&mut self, wanted: usize, what: &str, count: impl Fn(&Round) -> usize) -> Step {
        let missing = || StepError::scenario("nothing was read: `When the application reads every record from ...` comes first");
        let round = self.application()?.round.clone().ok_or_else(missing)?;
        let seen = count(&round);
        if seen != wanted {
            return Err(StepError::assertion(round.to_string()).expected(format!("{wanted} {what}"), format!("{seen} {what}")));
        }
        self.observe(round.to_string());
        Ok(())
    }
}
