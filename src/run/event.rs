//! What a run tells while it goes on: the only border between playing and showing.

use crate::record::{Evidence, RunRecord, ScenarioRecord};

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
    /// A scenario (or one of its repetitions) ended.
    Finished { play: usize, scenario: &'a ScenarioRecord, evidence: Option<&'a Evidence> },
    /// A control ended.
    Controlled { play: usize, scenario: &'a ScenarioRecord },
    /// More plays were added: controls of what has passed.
    Added { plays: usize },
    /// Someone asked the run to end.
    Interrupted(&'a str),
    /// The run is over.
    Ended { record: &'a RunRecord, folder: &'a std::path::Path },
}

/// Whoever shows a run.
pub trait View {
    fn event(&mut self, event: &Event<'_>);
}
