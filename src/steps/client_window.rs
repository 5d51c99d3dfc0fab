//! What a steady client saw in the last block of `When`s, from its beginning until the client stopped: how long writes were refused, and which reads were stale.
//!
//! The block has to hold what acts. Over one that begins afterwards, or in which the client hardly wrote, such a sentence would hold of nothing: that is an error, and `check` finds the first
//! without playing.

use super::bounds::Delay;
use super::workload::no_client;
use crate::error::{Step, StepError};
use crate::record::ClientRecord;
use crate::step_means;
use crate::wait;
use crate::world::World;
use cucumber::then;
use std::time::Duration;

/// So many writes without an answer may be under way when the client stops.
const TAIL: u64 = 20;

step_means!("writes were refused for {delay}", of_block: true);

/// The longest time without a successful write, within the last block of `When`s; where it has an upper bound, it was over when the client stopped. Through a Cluster it is that of the shard which was worst off.
#[then(expr = "writes were refused for {delay}")]
async fn refused_for(world: &mut World, delay: Delay) -> Step {
    let record = world.client_of_window()?;
    let (from, to) = record.longest_gap_ms.unwrap_or_default();
    let gap = Duration::from_millis(to - from);
    let open = delay.most.is_some() && to >= record.stopped_ms && gap > Duration::from_millis(record.every_ms * TAIL);
    if open || !delay.holds(gap) {
        let open = if open { ", and no write was acknowledged after it" } else { "" };
        return Err(StepError::assertion(format!("no write was acknowledged{} for {}{open}", of_shard(&record), wait::seconds(gap)))
            .expected(delay.text, wait::seconds(gap))
            .seen(record.told()));
    }
    world.observe(format!("no write was acknowledged{} for {}", of_shard(&record), wait::seconds(gap)));
    Ok(())
}

/// Whose keys a gap is about.
fn of_shard(record: &ClientRecord) -> String {
    record.gap_shard.as_ref().map_or(String::new(), |node| format!(" to the keys of {node}"))
}

step_means!("some reads were stale", of_block: true);

/// At least one read did not show a write that had been acknowledged before the read was sent.
#[then(expr = "some reads were stale")]
async fn some_stale(world: &mut World) -> Step {
    world.judge_reads("some stale reads", |stale| stale > 0)
}

step_means!("no read was stale", of_block: true);

/// Every read of the last block of `When`s showed the newest write that had been acknowledged before the read was sent, and reads were answered all the while.
#[then(expr = "no read was stale")]
async fn none_stale(world: &mut World) -> Step {
    world.judge_reads("no stale read", |stale| stale == 0)?;
    let record = world.stopped_client()?;
    let reads = world.workload.steady.as_ref().ok_or_else(no_client)?.reads();
    match reads.gaps(record.counted_from_ms, record.stopped_ms, &[]).first() {
        None => Ok(()),
        Some(gap) => Err(world.unwatched("no read was answered", *gap)),
    }
}

/// What is wrong with such a block in which nothing acts.
pub const ACTED_BEFORE: &str = "it looks at the last block of `When`s, in which nothing acts any more: what acted stands in a block before, so that the time it is about is not looked at. Write `the client stops` into the block of what acts";

impl World {
    /// The client's numbers for a sentence about the last block of `When`s.
    ///
    /// # Errors
    /// As [`World::stopped_client`]; the client hardly wrote in that block; or what acts stands in an earlier one.
    fn client_of_window(&mut self) -> Result<ClientRecord, StepError> {
        let record = self.stopped_client()?;
        if self.window.acted_before && !self.window.acts {
            return Err(StepError::scenario(ACTED_BEFORE));
        }
        let lasted = record.stopped_ms.saturating_sub(record.counted_from_ms);
        if lasted <= record.every_ms * TAIL {
            let lasted = wait::seconds(Duration::from_millis(lasted));
            return Err(StepError::scenario(format!(
                "the client wrote for {lasted} in the last block of `When`s: too short a time to see anything in"
            )));
        }
        self.rests_on(record.counted_from_ms, record.stopped_ms);
        Ok(record)
    }

    fn judge_reads(&mut self, expected: &str, judge: impl Fn(u32) -> bool) -> Step {
        let record = self.client_of_window()?;
        let told = format!("{} of {} reads stale", record.stale, record.reads);
        if record.reads == 0 {
            return Err(StepError::assertion("no read was answered").seen(record.told()));
        }
        if !judge(record.stale) {
            return Err(StepError::assertion(told.clone()).expected(expected, told).seen(record.told()));
        }
        self.observe(told);
        Ok(())
    }
}
