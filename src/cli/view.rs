//! A run while it goes on: a progress display on a terminal, one line a scenario elsewhere.

use crate::record::Verdict;
use crate::report::{line, paint};
use crate::run::event::{Event, View};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::time::Duration;

/// Whether colours are wanted: NO_COLOR and CLICOLOR_FORCE are respected, and a pipe gets none.
pub fn colours() -> bool {
    paint::wanted()
}

/// The same for what is printed to stdout.
pub fn colours_of_stdout() -> bool {
    paint::wanted_on(console::colors_enabled())
}

/// The display that fits where stderr goes.
pub fn choose() -> Box<dyn View> {
    if std::io::stderr().is_terminal() && std::env::var_os("CI").is_none() { Box::new(Live::new()) } else { Box::new(Lines::default()) }
}

/// One line a scenario, as it ends.
#[derive(Default)]
struct Lines {
    done: usize,
    plays: usize,
}

impl View for Lines {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Begun { plays, .. } | Event::Added { plays } = event {
            self.plays += plays;
        }
        if let Event::Finished { .. } | Event::Controlled { .. } = event {
            self.done += 1;
        }
        if let Some(text) = told(event) {
            let counter = if matches!(event, Event::Finished { .. } | Event::Controlled { .. }) {
                format!("[{}/{}] ", self.done, self.plays)
            } else {
                String::new()
            };
            eprintln!("{counter}{text}");
        }
    }
}

/// What an event is worth saying in words, on any display.
fn told(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Note(text) => Some((*text).to_owned()),
        Event::Begun { run, plays, jobs } => Some(format!("run {run}: {plays} to play, {jobs} side by side")),
        Event::Finished { scenario, .. } => Some(line::line(scenario, colours())),
        Event::Controlled { scenario, .. } => Some(format!("control  {} {} {}", scenario.control, scenario.id(), scenario.server)),
        Event::Interrupted(signal) => {
            Some(format!("{signal}: ending the run, removing its containers (once more to leave at once; the next run cleans up)"))
        }
        Event::Started { .. } | Event::Step { .. } | Event::Added { .. } | Event::Ended { .. } => None,
    }
}

/// A bar for the whole, a line for each scenario that is being played, and finished ones scrolling past above.
struct Live {
    screen: MultiProgress,
    whole: Option<ProgressBar>,
    running: HashMap<usize, (String, ProgressBar)>,
    counts: [usize; 3],
}

impl Live {
    fn new() -> Live {
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        Live { screen, whole: None, running: HashMap::new(), counts: [0; 3] }
    }

    fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.counts[0] += 1,
            Verdict::Failed => self.counts[1] += 1,
            Verdict::Unknown => self.counts[2] += 1,
            Verdict::NotApplicable => {}
        }
        if let Some(whole) = &self.whole {
            whole.set_message(format!("{} passed, {} failed, {} unknown", self.counts[0], self.counts[1], self.counts[2]));
        }
    }

    fn end(&mut self, play: usize) {
        if let Some((_, bar)) = self.running.remove(&play) {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
        if let Some(whole) = &self.whole {
            whole.inc(1);
        }
    }
}

impl View for Live {
    fn event(&mut self, event: &Event<'_>) {
        if let Some(text) = told(event) {
            let _ = self.screen.println(text);
        }
        match event {
            Event::Begun { plays, .. } => {
                let bar = self.screen.add(ProgressBar::new(*plays as u64));
                let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {elapsed} elapsed, about {eta} left  {msg}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                bar.enable_steady_tick(Duration::from_millis(200));
                self.whole = Some(bar);
            }
            Event::Added { plays } => {
                if let Some(whole) = &self.whole {
                    whole.inc_length(*plays as u64);
                }
            }
            Event::Started { play, what } => {
                let bar = self.screen.add(ProgressBar::new_spinner());
                let style = ProgressStyle::with_template("  {elapsed:>4}  {wide_msg}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                bar.enable_steady_tick(Duration::from_millis(200));
                bar.set_message((*what).to_owned());
                self.running.insert(*play, ((*what).to_owned(), bar));
            }
            Event::Step { play, text } => {
                if let Some((what, bar)) = self.running.get(play) {
                    bar.set_message(format!("{what}: {text}"));
                }
            }
            Event::Finished { play, scenario, .. } => {
                self.count(scenario.verdict);
                self.end(*play);
            }
            Event::Controlled { play, .. } => self.end(*play),
            Event::Ended { .. } => {
                if let Some(whole) = self.whole.take() {
                    whole.finish_and_clear();
                }
            }
            Event::Note(_) | Event::Interrupted(_) => {}
        }
    }
}
