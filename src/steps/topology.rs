//! The stage: which topology, with which directives.

use crate::error::{Step, StepError};
use crate::formation;
use crate::topology::settings::Settings;
use crate::world::World;
use crate::steps::params::Span;
use crate::wait;
use cucumber::{gherkin, given, when};
use std::time::Instant;

/// Starts a topology of `compose/` and waits until it is formed. A table sets directives: each goes to every role that knows it; `replica-1.KEY` or `sentinel.KEY` narrows it; `quorum` is that of `sentinel monitor`.
#[given(expr = "the {string} topology( with)")]
async fn topology(world: &mut World, name: String, step: &gherkin::Step) -> Step {
    let rows = directives(step)?;
    formation::raise(world, &name, &rows).await
}

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

impl Settings {
    /// What a step's table says, for `check`.
    pub(crate) fn rows(table: &gherkin::Table) -> Vec<(String, String)> {
        table.rows.iter().filter_map(|row| Some((row.first()?.clone(), row.get(1)?.clone()))).collect()
    }
}
