//! The stage: which topology, with which directives.

use super::meaning::Acts;
use crate::error::{Step, StepError};
use crate::formation;
use crate::step_means;
use crate::steps::params::Span;
use crate::wait::{self, Instant};
use crate::world::World;
use cucumber::{gherkin, given, when};

step_means!("the {string} topology( with)", stage: true);

/// Starts a topology of `compose/` and waits until it is formed. A table sets directives: each goes to every role that knows it; `replica-1.KEY` or `sentinel.KEY` narrows it; `quorum` and `master-name` are those of `sentinel monitor`.
#[given(expr = "the {string} topology( with)")]
async fn topology(world: &mut World, name: String, step: &gherkin::Step) -> Step {
    let rows = directives(step)?;
    formation::raise(world, &name, &rows).await
}

step_means!("{duration} pass(es)", lasts: true, acts: Acts::Nobody);

/// Lets time go by, for what only time brings: a timeout of the servers, say.
#[when(expr = "{duration} pass(es)")]
async fn time_passes(_world: &mut World, span: Span) -> Step {
    wait::moment(Instant::now() + span.0).await;
    Ok(())
}

/// The rows of a `with` table as (directive, value).
fn directives(step: &gherkin::Step) -> Result<Vec<(String, String)>, StepError> {
    let Some(table) = &step.table else { return Ok(Vec::new()) };
    table
        .rows
        .iter()
        .map(|row| match row.as_slice() {
            [key, value] => Ok((key.clone(), value.clone())),
            other => Err(StepError::scenario(format!("a row of directives has two cells, this one has {}: {}", other.len(), other.join(" | ")))),
        })
        .collect()
}
