//! A run while it goes on: a live view on a terminal, one line a scenario elsewhere.
//!
//! `view/live.rs` and `view/lines.rs` are the two, `view/status.rs` says what is going on in words, and `view/keys.rs` listens to the keyboard. All they know comes as
//! events of the run.

mod keys;
mod lines;
mod live;
mod status;

pub use keys::{Keys, restore as restore_terminal};

use crate::config::Config;
use crate::report::{line, paint};
use crate::run::event::{Event, View};
use std::io::IsTerminal as _;

/// Whether colours are wanted: NO_COLOR and CLICOLOR_FORCE are respected, and a pipe gets none.
pub fn colours() -> bool {
    paint::wanted()
}

/// The same for what is printed to stdout.
pub fn colours_of_stdout() -> bool {
    paint::wanted_on(console::colors_enabled())
}

/// The display that fits where stderr goes.
pub fn choose(config: &Config) -> Box<dyn View> {
    let terminal = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
    if terminal { Box::new(live::Live::new(config)) } else { Box::new(lines::Lines::new(config)) }
}

/// What an event is worth saying in words, on any display.
fn told(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Note(text) => Some((*text).to_owned()),
        Event::Begun { run, plays, jobs } => Some(format!("run {run}: {plays} to play, {jobs} side by side")),
        Event::Finished { scenario, .. } => Some(line::line(scenario, colours())),
        Event::Again { scenario, attempt, .. } => Some(format!("{}  to be played again, attempt {attempt}", line::line(scenario, colours()))),
        Event::Controlled { scenario, .. } => Some(line::control(scenario)),
        Event::Interrupted(why) => Some(format!(
            "{why}: ending the run, removing its containers (Ctrl-C, once more after the first, leaves at once; the next run cleans up)"
        )),
        Event::Asked { playing, rest } => Some(status::status(playing, *rest)),
        Event::Pulse { .. } | Event::Started { .. } | Event::Step { .. } | Event::Added { .. } | Event::Ended { .. } => None,
    }
}
