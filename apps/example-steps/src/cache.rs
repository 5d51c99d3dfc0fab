//! What the application promises of its cache: it is filled from the master, and serves what it has while Redis is away.

use rehearsal::steps::params::{Nodes, Span};
use rehearsal::wait::{self, Look};
use rehearsal::{Step, StepError, World, then, when};

rehearsal::step_file!("cache.rs");

/// The application reads a key from the master and keeps its value in its cache.
#[when(expr = "the application caches {string} in {nodes}")]
async fn caches(world: &mut World, key: String, nodes: Nodes) -> Step {
    let value = world.command("master", &["GET", &key]).await?.to_string();
    for cache in world.names(&nodes)? {
        world.command(&cache, &["SET", &key, &value]).await?;
        world.observe(format!("{cache} keeps {key}={value}"));
    }
    Ok(())
}

/// A user who asks the cache for a key gets this value (`(nil)` for none), whatever has become of the master.
#[then(expr = "within {duration} {nodes} serve(s) {string} as {string}")]
async fn serves(world: &mut World, span: Span, nodes: Nodes, key: String, value: String) -> Step {
    let deadline = world.deadline(span.0);
    for cache in world.names(&nodes)? {
        let what = format!("{cache} to serve {key}");
        let served = wait::until(&what, deadline, async || match world.ask(&cache, &["GET", &key]).await {
            Ok(reply) if reply.to_string() == value => Look::Done(()),
            Ok(other) => Look::NotYet(other.to_string()),
            Err(error) => Look::NotYet(error.message),
        });
        // Another value is what the scenario denies: an assertion that failed, rather than a limit that was missed.
        served.await.map_err(|gave_up| {
            let got = gave_up.last().to_owned();
            StepError::missed(&gave_up, format!("{cache} serves {got}")).expected(value.clone(), got)
        })?;
        world.observe(format!("{cache} serves {value}"));
    }
    Ok(())
}
