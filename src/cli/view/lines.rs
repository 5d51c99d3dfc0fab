//! One line a scenario, as it ends, and a heartbeat for steps that take long: for pipes, files and CI jobs.

use super::status::{Heartbeat, Slow};
use super::told;
use crate::config::Config;
use crate::run::event::{Event, View};

pub(super) struct Lines {
    done: usize,
    plays: usize,
    slow: Slow,
    heartbeat: Heartbeat,
}

impl Lines {
    pub fn new(config: &Config) -> Lines {
        Lines { done: 0, plays: 0, slow: Slow::new(config.slow), heartbeat: Heartbeat::new(config.heartbeat) }
    }
}

impl View for Lines {
    fn event(&mut self, event: &Event<'_>) {
        let ended = matches!(event, Event::Finished { .. } | Event::Controlled { .. });
        match event {
            Event::Begun { plays, .. } | Event::Added { plays } => self.plays += plays,
            Event::Finished { play, .. } | Event::Controlled { play, .. } => {
                self.done += 1;
                self.heartbeat.forget(*play);
            }
            Event::Step { play, .. } => self.heartbeat.forget(*play),
            Event::Pulse { playing, .. } => {
                self.slow.lines(playing).iter().chain(&self.heartbeat.lines(playing)).for_each(|line| eprintln!("{line}"));
            }
            _ => {}
        }
        if let Some(text) = told(event) {
            let counter = if ended { format!("[{}/{}] ", self.done, self.plays) } else { String::new() };
            eprintln!("{counter}{text}");
        }
    }
}
