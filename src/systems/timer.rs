//! Timers of servers, and the events that come after them.

use std::time::Duration;

/// A timer: how it is named, how its number is meant, and what it is when nobody says it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timer {
    /// The directive, or the word of the command that changes it.
    pub name: &'static str,
    pub unit: Duration,
    /// In units, the same on every version that is played.
    pub default: u32,
    /// How many times it has to pass until it has run out: a heartbeat is missed three times, say.
    pub times: u32,
    /// Sentence whose table sets it at run time, where no directive does.
    pub set_by: Option<&'static str>,
}

/// An event that nodes tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    pub name: &'static str,
    pub after: After,
    /// Whether it changes what happens next; every other one is a tick without a name in drawings.
    pub decisive: bool,
}

/// What has to pass before an event can come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum After {
    /// These timers of the node that tells it, one after the other.
    Own(&'static [EventTimer]),
    /// A failover that somebody has begun.
    Failover,
    /// Nothing that is known.
    Anything,
}

/// A timer before an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventTimer {
    pub name: &'static str,
    /// It counts only while it is shorter than this: then something else ends the wait. The word, where a scenario speaks of it, by which that bound can be changed.
    pub below: Option<(Duration, &'static str)>,
}

impl EventTimer {
    /// A timer that always counts.
    pub const fn whole(name: &'static str) -> EventTimer {
        EventTimer { name, below: None }
    }
}

impl Event {
    /// The timers of the node that have to run out before it.
    pub fn timers(&self) -> &'static [EventTimer] {
        match self.after {
            After::Own(timers) => timers,
            After::Failover | After::Anything => &[],
        }
    }
}
