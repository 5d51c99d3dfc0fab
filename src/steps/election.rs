//! Votes: what a Sentinel answers to somebody who stands for election.
//!
//! A candidate asks with the same command with which Sentinels ask each other whether a master is down; what makes it a candidate is that it names a run id. A
//! Sentinel does not check whose it is, so that any client may stand, under any name.

use super::params::Nodes;
use crate::error::{Step, StepError};
use crate::systems::Reply;
use crate::world::World;
use cucumber::{then, when};

/// A client asks a Sentinel for its vote in an epoch, as a candidate does: SENTINEL is-master-down-by-addr, with the name in the place of the candidate's run id. What it answers is "the reply".
#[when(expr = "candidate {string} asks {nodes} for its vote in epoch {int}")]
async fn asks_for_vote(world: &mut World, candidate: String, nodes: Nodes, epoch: u64) -> Step {
    if candidate.is_empty() || candidate == "*" {
        return Err(StepError::scenario("a candidate has a name, any text but \"*\": that asks for an opinion and for no vote"));
    }
    let sentinel = world.name(&nodes)?;
    let masters = world.declared("master")?;
    let [master] = masters.as_slice() else { return Err(StepError::scenario("this step needs a topology with one master")) };
    let address = world.address(master)?;
    let (ip, port) = address.split_once(':').ok_or_else(|| StepError::scenario(format!("{address} is no address")))?;
    let reply = world.command(&sentinel, &["SENTINEL", "IS-MASTER-DOWN-BY-ADDR", ip, port, &epoch.to_string(), &candidate]).await?;
    let vote = Vote::of(&reply)?;
    world.observe(format!("{sentinel}: {vote}"));
    world.last_reply = Some((sentinel, reply));
    Ok(())
}

/// The Sentinel that was asked last has given its vote in this epoch to this candidate, now or before.
#[then(expr = "the vote is for {string} in epoch {int}")]
async fn vote_is_for(world: &mut World, candidate: String, epoch: u64) -> Step {
    let expected = Vote { leader: Some(candidate), epoch };
    world.check_vote(&expected)
}

/// The Sentinel that was asked last names no candidate, although it has an opinion of the epoch.
#[then(expr = "the vote is for nobody in epoch {int}")]
async fn vote_is_for_nobody(world: &mut World, epoch: u64) -> Step {
    world.check_vote(&Vote { leader: None, epoch })
}

/// A vote as it was answered.
#[derive(Debug, PartialEq)]
struct Vote {
    /// Run id of the leader it is for.
    leader: Option<String>,
    /// The epoch in which it was given.
    epoch: u64,
}

impl Vote {
    /// The second and third element of the reply; the first is whether the Sentinel finds the master down.
    fn of(reply: &Reply) -> Result<Vote, StepError> {
        let texts = reply.texts();
        let [_, leader, epoch] = texts.as_slice() else {
            return Err(StepError::assertion(format!("a vote has three elements, this is {reply}")));
        };
        let number = epoch.parse().map_err(|_| StepError::assertion(format!("{epoch} is no epoch")))?;
        Ok(Vote { leader: Some(leader.clone()).filter(|name| name != "*"), epoch: number })
    }
}

impl std::fmt::Display for Vote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.leader {
            Some(leader) => write!(f, "the vote of epoch {} is for {leader}", self.epoch),
            None => write!(f, "the vote of epoch {} is for nobody", self.epoch),
        }
    }
}

impl World {
    fn check_vote(&mut self, expected: &Vote) -> Step {
        let (_, reply) = self.last_reply.as_ref().ok_or_else(|| StepError::scenario("nobody was asked for a vote yet"))?;
        let vote = Vote::of(reply)?;
        if vote != *expected {
            return Err(StepError::assertion(vote.to_string()).expected(expected.to_string(), vote.to_string()));
        }
        self.observe(vote.to_string());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vote_is_read_from_the_reply() {
        let reply = |leader: &str| Reply::List(vec![Reply::Int(1), Reply::Text(leader.to_owned()), Reply::Int(7)]);
        assert_eq!(Vote::of(&reply("alice")).unwrap(), Vote { leader: Some("alice".to_owned()), epoch: 7 });
        assert_eq!(Vote::of(&reply("*")).unwrap(), Vote { leader: None, epoch: 7 });
        assert!(Vote::of(&Reply::Int(1)).is_err());
    }
}
