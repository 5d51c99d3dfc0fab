//! What a sentence about a span rests on: that somebody watched all through it, and that this program was there to hear it.
//!
//! "stays", "no ...", "does not ..." are statements about what was *not* seen. They hold where a watcher was watching; over a gap they are unknown. A step that makes such a statement
//! calls [`World::watched`] for each node it speaks of, or [`World::rests_on`] where something else kept the record (a capture, a log, a client's journal).

use super::World;
use crate::error::{Cause, Step, StepError};
use crate::probe::coverage::Gap;
use crate::probe::recorder::Watching;
use crate::wait::{self, Instant};
use std::time::Duration;

/// A node that the scenario itself had ended or frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// It did nothing meanwhile, so that what is denied has not happened.
    DidNothing,
    /// It answered nothing meanwhile, so that what is stated was not seen.
    WasNotSeen,
}

impl World {
    /// Milliseconds on the scenario's clock at which a span of this length ends that began when the last `When` was verified.
    pub fn ends_ms(&self, span: Duration) -> u64 {
        self.window.verified_ms + span.as_millis() as u64
    }

    /// The step that is being played states what was, or was not, all through this time: a stall of this program in it takes the statement back.
    pub fn rests_on(&mut self, from_ms: u64, to_ms: u64) {
        let (from, to) = self.rested_on.map_or((from_ms, to_ms), |(from, to)| (from.min(from_ms), to.max(to_ms)));
        self.rested_on = Some((from, to));
    }

    /// The time on which the step that has just ended rests, if it stated something about a span.
    pub(crate) fn take_rested_on(&mut self) -> Option<(u64, u64)> {
        self.rested_on.take()
    }

    /// The node was watched all through this time.
    ///
    /// # Errors
    /// It was not: whatever happened in the gap was seen by nobody, so that the sentence is unknown. An empty span cannot show anything.
    pub fn watched(&mut self, node: &str, watching: Watching, from_ms: u64, to_ms: u64, away: Away) -> Step {
        if to_ms <= from_ms {
            return Err(StepError::scenario("a span of no time shows nothing"));
        }
        self.rests_on(from_ms, to_ms);
        let excused = if away == Away::DidNothing { self.rests_of(node) } else { Vec::new() };
        let recorder = self.recorder.as_ref().ok_or_else(|| StepError::scenario("no topology yet"))?;
        let coverage = recorder.coverage(node, watching).ok_or_else(|| StepError::scenario(format!("{node} tells nothing that could be watched")))?;
        match coverage.gaps(from_ms, to_ms, &excused).first() {
            None => Ok(()),
            Some(gap) => Err(self.unwatched(&format!("{node} {}", not_seen(watching)), *gap)),
        }
    }

    /// The error for time in which nothing was seen: `what` is a clause, "node-1 gave no answer".
    pub fn unwatched(&self, what: &str, gap: Gap) -> StepError {
        let at = |ms: u64| wait::seconds(self.window.after(ms));
        let lasted = wait::seconds(Duration::from_millis(gap.to_ms - gap.from_ms));
        StepError::new(
            Cause::Unwatched,
            format!("{what} for {lasted} ({} to {}): what happened meanwhile was not seen", at(gap.from_ms), at(gap.to_ms)),
        )
    }

    /// Times in which this scenario had the node's server ended or frozen: by a fault, or by a step that starts it anew.
    pub fn rests_of(&self, node: &str) -> Vec<Gap> {
        let ms = |at: Instant| at.saturating_duration_since(self.clock).as_millis() as u64;
        let rests = self.deployment.as_ref().map_or_else(Vec::new, |deployment| deployment.rests(node));
        rests.into_iter().map(|(from, to)| Gap { from_ms: ms(from), to_ms: to.map_or(u64::MAX, ms) }).collect()
    }
}

fn not_seen(watching: Watching) -> &'static str {
    match watching {
        Watching::Role => "gave no answer",
        Watching::Values => "told none of its values",
        Watching::Events => "was not heard: its subscription had broken",
    }
}
