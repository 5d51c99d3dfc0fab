//! The live view: a bar for the whole, a row for each scenario that is being played, and finished ones scrolling past above.

use super::keys::Keys;
use super::status::{self, Slow};
use super::told;
use crate::config::Config;
use crate::print;
use crate::printable::printable;
use crate::record::Verdict;
use crate::report::format;
use crate::run::event::{Event, Playing, View};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::time::{Duration, Instant};

pub(super) struct Live {
    screen: MultiProgress,
    whole: Option<(ProgressBar, Instant)>,
    rows: HashMap<usize, ProgressBar>,
    /// Passed, failed, unknown.
    counts: [usize; 3],
    slow: Slow,
    /// Heard only while a run plays, so that a password asked for elsewhere is nobody's business.
    keys: Option<Keys>,
}

impl Live {
    pub fn new(config: &Config) -> Live {
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        Live { screen, whole: None, rows: HashMap::new(), counts: [0; 3], slow: Slow::new(config.slow), keys: None }
    }

    fn say(&self, text: &str) {
        let _ = self.screen.println(print::shown(format_args!("{text}"), console::colors_enabled_stderr()));
    }

    fn begin(&mut self, plays: usize) {
        let bar = self.screen.add(ProgressBar::new(plays as u64));
        bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.whole = Some((bar, Instant::now()));
        self.keys = Keys::listen();
    }

    fn pulse(&mut self, playing: &[Playing<'_>], rest: Duration) {
        if self.keys.as_ref().is_some_and(Keys::asked) {
            self.say(&status::status(playing, rest));
        }
        for line in self.slow.lines(playing) {
            self.say(&line);
        }
        for one in playing {
            if let Some(row) = self.rows.get(&one.play) {
                row.set_message(printable(&row_text(one)));
            }
        }
        if let Some((whole, began)) = &self.whole {
            let [passed, failed, unknown] = self.counts;
            let hint = if self.keys.is_some() { "  (s: what is it doing?)" } else { "" };
            let [elapsed, rest] = [began.elapsed(), rest].map(whole_seconds);
            whole.set_message(format!("{passed} passed, {failed} failed, {unknown} unknown  {elapsed}, about {rest} left{hint}"));
        }
    }

    fn end(&mut self, play: usize, counts: bool) {
        if let Some(row) = self.rows.remove(&play) {
            row.finish_and_clear();
            self.screen.remove(&row);
        }
        if let Some((whole, _)) = self.whole.as_ref().filter(|_| counts) {
            whole.inc(1);
        }
    }
}

/// `14 s`, `2 min 14 s`: a guess has no tenths.
fn whole_seconds(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format::duration(seconds * 1000) }
}

/// `  12.3 s  sentinel::quorum::x@redis-7.0: Then within 5 seconds ... (2.1 s)`
fn row_text(one: &Playing<'_>) -> String {
    let time = |span: Duration| format!("{}.{} s", span.as_secs(), span.subsec_millis() / 100);
    let step = one.step.map_or(String::new(), |(text, elapsed)| format!(": {} {text}", time(elapsed)));
    format!("{:>8}  {}{step}", time(one.elapsed), one.what)
}

impl View for Live {
    fn event(&mut self, event: &Event<'_>) {
        if let Some(text) = told(event) {
            self.say(&text);
        }
        match event {
            Event::Begun { plays, .. } => self.begin(*plays),
            Event::Added { plays } => {
                if let Some((whole, _)) = &self.whole {
                    whole.inc_length(*plays as u64);
                }
            }
            Event::Started { play, what } => {
                let row = self.screen.add(ProgressBar::new_spinner());
                row.set_style(ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
                row.set_message(format!("{:>8}  {what}", ""));
                self.rows.insert(*play, row);
            }
            Event::Pulse { playing, rest } => self.pulse(playing, *rest),
            Event::Finished { play, scenario, .. } => {
                match scenario.verdict {
                    Verdict::Passed => self.counts[0] += 1,
                    Verdict::Failed => self.counts[1] += 1,
                    Verdict::Unknown => self.counts[2] += 1,
                    Verdict::NotApplicable => {}
                }
                self.end(*play, true);
            }
            Event::Controlled { play, .. } => self.end(*play, true),
            Event::Again { play, .. } => self.end(*play, false),
            Event::Ended { .. } => {
                self.keys = None;
                if let Some((whole, _)) = self.whole.take() {
                    whole.finish_and_clear();
                }
            }
            Event::Step { .. } | Event::Note(_) | Event::Asked { .. } | Event::Interrupted(_) => {}
        }
    }
}
