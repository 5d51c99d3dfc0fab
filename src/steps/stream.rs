//! The stream of writes and the backlog: asked for at a place of one's choice, and how near two nodes are.

use super::params::Nodes;
use crate::error::{Step, StepError};
use crate::world::World;
use cucumber::{Parameter, then, when};
use std::str::FromStr;

/// A place in the stream, told from the ends of the backlog.
#[derive(Debug, Clone, Copy, PartialEq, Parameter)]
#[param(name = "place", regex = "the first byte in|the byte before|the next byte after|the second byte after")]
pub enum Place {
    FirstIn,
    Before,
    NextAfter,
    SecondAfter,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        match text {
            "the first byte in" => Ok(Place::FirstIn),
            "the byte before" => Ok(Place::Before),
            "the next byte after" => Ok(Place::NextAfter),
            "the second byte after" => Ok(Place::SecondAfter),
            other => Err(format!("\"{other}\" is no place: the first byte in, the byte before, the next byte after, the second byte after")),
        }
    }
}

impl Place {
    /// The offset that a PSYNC for it names, of a backlog with this first byte and this length.
    fn offset(self, first: i64, length: i64) -> i64 {
        match self {
            Place::FirstIn => first,
            Place::Before => first - 1,
            Place::NextAfter => first + length,
            Place::SecondAfter => first + length + 1,
        }
    }
}

/// Asks a node, as a replica would, to go on with its own history at this place: PSYNC with its replication id and an offset. The
/// connection ends after the answer, which is "the reply".
#[when(expr = "a client asks {nodes} to continue at {place} its backlog")]
async fn asks_to_continue(world: &mut World, nodes: Nodes, place: Place) -> Step {
    let node = world.name(&nodes)?;
    let info = world.info(&node).await?;
    let number = |field: &str| info.get(field).and_then(|value| value.parse::<i64>().ok());
    let (Some(first), Some(length), Some(id), Some("1")) =
        (number("repl_backlog_first_byte_offset"), number("repl_backlog_histlen"), info.get("master_replid"), info.get("repl_backlog_active"))
    else {
        return Err(StepError::scenario(format!("{node} has no backlog: it gets one with its first replica")));
    };
    let offset = place.offset(first, length).to_string();
    // The server takes the connection for a replica's from now on.
    let client = world.fresh_client(&node)?;
    let reply = client.ask(&["PSYNC", id, &offset]).await.map_err(|error| StepError::no_answer(&node, "PSYNC", &error))?;
    world.observe(format!("backlog from {first}, {length} bytes; asked for {offset}: {reply}"));
    world.last_reply = Some((node, reply));
    Ok(())
}

/// One node's value differs from another's by no more than this many percent of it.
#[then(expr = "the {observable} of {nodes} is within {int} percent of that of {nodes}")]
async fn is_near(world: &mut World, observed: super::params::Observed, nodes: Nodes, percent: u64, other: Nodes) -> Step {
    let other = world.name(&other)?;
    let expected = world.number(observed, &other).await?;
    let mut seen = vec![format!("{other}: {expected}")];
    for name in world.names(&nodes)? {
        let value = world.number(observed, &name).await?;
        if value.abs_diff(expected) * 100 > expected * percent {
            let wanted = format!("{expected} ({other}), {percent} % more or less");
            return Err(StepError::assertion(format!("the {} of {name} is {value}", observed.0.name)).expected(wanted, value.to_string()));
        }
        seen.push(format!("{name}: {value}"));
    }
    world.observe(seen.join(", "));
    Ok(())
}

impl World {
    async fn number(&self, observed: super::params::Observed, node: &str) -> Result<u64, StepError> {
        let told = self.told(node).await?;
        let value = told.value(observed.0);
        value
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| StepError::scenario(format!("the {} of {node} is no number: {}", observed.0.name, value.unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_from_the_ends_of_the_backlog() {
        let offsets = ["the byte before", "the first byte in", "the next byte after", "the second byte after"]
            .map(|place| place.parse::<Place>().unwrap().offset(101, 50));
        assert_eq!(offsets, [100, 101, 151, 152]);
        assert!("somewhere".parse::<Place>().is_err());
    }
}
