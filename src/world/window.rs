//! The window that `Then`s look at.
//!
//! Its limits count from the moment the last `When` was verified: "within 5 seconds" ends 5 s after it, and "for 5 seconds" holds until then. States (roles,
//! observables) are looked at from that moment on. Events are looked at from the start of the block of `When`s, since an event may well come while a fault
//! is still being verified.

use crate::wait::Instant;
use std::time::Duration;

/// Milliseconds on the scenario's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// When the block of `When`s began.
    pub began_ms: u64,
    /// When its last `When` was verified.
    pub verified_ms: u64,
    /// Whether a `When`, or a `Then` without one, has begun.
    pub open: bool,
    /// Whether a `When` of its block acts on the servers; and whether one of an earlier block does.
    pub acts: bool,
    pub acted_before: bool,
    /// Whether a `Then` has been played since: the next `When` begins a new window.
    pub seen_then: bool,
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
