//! What a run tells while it goes on: the only border between playing and showing.

use crate::record::{Evidence, RunRecord, ScenarioRecord};
use crate::wait::Waiting;
use std::time::Duration;

/// One thing that happened.
pub enum Event<'a> {
    /// Preparation, in words: an image is being built, left-overs were removed.
    Note(&'a str),
    /// Servers are ready; so many plays lie ahead.
    Begun { run: &'a str, plays: usize, jobs: usize },
    /// A scenario begins; `what` says which, on which server, and whether it is a control.
    Started { play: usize, what: &'a str },
    /// Its next step begins.
    Step { play: usize, text: &'a str },
    /// What is going on, several times a second; `rest` is how long it will probably take.
    Pulse { playing: &'a [Playing<'a>], rest: Duration },
    /// As a pulse, because somebody asked for it with a signal.
    Asked { playing: &'a [Playing<'a>], rest: Duration },
    /// A scenario (or one of its repetitions) ended.
    Finished { play: usize, scenario: &'a ScenarioRecord, evidence: Option<&'a Evidence> },
    /// An attempt that did not pass ended; the scenario will be played again, as this attempt.
    Again { play: usize, scenario: &'a ScenarioRecord, attempt: u32 },
    /// A control ended.
    Controlled { play: usize, scenario: &'a ScenarioRecord },
    /// More plays were added: controls of what has passed.
    Added { plays: usize },
    /// The run is to end before its time: the signal that asked for it, or its own limit.
    Interrupted(&'a str),
    /// The run is over.
    Ended { record: &'a RunRecord, folder: &'a std::path::Path },
}

/// A scenario that is being played.
#[derive(Debug, Clone)]
pub struct Playing<'a> {
    pub play: usize,
    /// As in [`Event::Started`].
    pub what: &'a str,
    pub elapsed: Duration,
    /// The step it is at, and for how long.
    pub step: Option<(&'a str, Duration)>,
    /// What that step waits for and saw last, when it waits.
    pub waiting: Option<Waiting>,
}

/// Whoever shows a run.
pub trait View {
    fn event(&mut self, event: &Event<'_>);
}
