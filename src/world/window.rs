//! The window that `Then`s look at.
//!
//! It opens when the last `When` begins and its limits count from the moment that `When` was verified: "within 5 seconds" ends 5 s after it, and "for 5
//! seconds" holds until then. What happened between the two moments (an event that came while the fault was still being verified) is inside.

use std::time::{Duration, Instant};

/// Milliseconds on the scenario's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    pub began_ms: u64,
    pub verified_ms: u64,
    /// Whether a `When` has begun.
    pub open: bool,
    /// Feature line of the step being played.
    pub line: Option<usize>,
}

impl Window {
    /// The moment its limits count from.
    pub fn verified_at(&self, clock: Instant) -> Instant {
        clock + Duration::from_millis(self.verified_ms)
    }

    /// How long after the `When` was verified something was seen; what came before counts as zero.
    pub fn after(&self, at_ms: u64) -> Duration {
        Duration::from_millis(at_ms.saturating_sub(self.verified_ms))
    }
}
