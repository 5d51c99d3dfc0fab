//! What is going on, in words: for a key or a signal that asks, for heartbeats, for scenarios that take long.

use super::colours;
use crate::report::format;
use crate::report::paint::Paint;
use crate::run::event::Playing;
use std::collections::HashMap;
use std::time::Duration;

/// Everything that is being played, with what it waits for.
pub(super) fn status(playing: &[Playing<'_>], rest: Duration) -> String {
    let mut lines = vec![format!("playing {}, about {} left", format::count(playing.len(), "scenario"), time(rest))];
    for one in playing {
        lines.push(format!("  {:>8}  {}", time(one.elapsed), one.what));
        let Some((step, elapsed)) = one.step else {
            lines.push("            not begun yet".to_owned());
            continue;
        };
        lines.push(format!("  {:>8}  {step}", time(elapsed)));
        lines.push(format!("            {}", waits(one)));
    }
    lines.join("\n")
}

/// `still waiting (30.0 s): sentinel::quorum::...: Then within 60 seconds ...; last seen ...`
fn heartbeat(one: &Playing<'_>, step: &str, elapsed: Duration) -> String {
    format!("still waiting ({}): {}: {step}; {}", time(elapsed), one.what, waits(one))
}

fn waits(one: &Playing<'_>) -> String {
    match &one.waiting {
        Some(waiting) => format!("waiting for {}; last seen: {}", waiting.what, waiting.last.as_deref().unwrap_or("nothing")),
        None => "working: it waits for nothing that it could tell of".to_owned(),
    }
}

fn time(span: Duration) -> String {
    format::duration(span.as_millis() as u64)
}

/// Tells once of each scenario that it has become slow.
pub(super) struct Slow {
    after: Duration,
    told: Vec<usize>,
}

impl Slow {
    pub fn new(after: Duration) -> Slow {
        Slow { after, told: Vec::new() }
    }

    /// Lines for those that have become slow since the last call.
    pub fn lines(&mut self, playing: &[Playing<'_>]) -> Vec<String> {
        let new: Vec<&Playing<'_>> = playing.iter().filter(|one| one.elapsed > self.after && !self.told.contains(&one.play)).collect();
        self.told.extend(new.iter().map(|one| one.play));
        let mark = Paint { colours: colours() }.warning("SLOW   ");
        let at = |one: &Playing<'_>| one.step.map_or(String::new(), |(step, _)| format!(": {step}"));
        new.into_iter().map(|one| format!("{mark}  {}  more than {}{}", one.what, time(self.after), at(one))).collect()
    }
}

/// Tells of steps that take long, each time another interval has gone by.
pub(super) struct Heartbeat {
    every: Duration,
    /// How often it was told of a play's step.
    told: HashMap<usize, u128>,
}

impl Heartbeat {
    pub fn new(every: Duration) -> Heartbeat {
        Heartbeat { every, told: HashMap::new() }
    }

    /// Another step, or the end: it counts anew.
    pub fn forget(&mut self, play: usize) {
        self.told.remove(&play);
    }

    /// Lines for the steps whose time has come.
    pub fn lines(&mut self, playing: &[Playing<'_>]) -> Vec<String> {
        let mut lines = Vec::new();
        for one in playing {
            let Some((step, elapsed)) = one.step else { continue };
            let due = elapsed.as_millis() / self.every.as_millis().max(1);
            let told = self.told.entry(one.play).or_default();
            if due > *told {
                *told = due;
                lines.push(heartbeat(one, step, elapsed));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::{Instant, Waiting};

    fn playing(elapsed: u64, step: u64) -> Playing<'static> {
        let now = Instant::now();
        let waiting = Waiting { what: "a master".to_owned(), since: now, deadline: now, last: Some("replica-1 slave".to_owned()) };
        let step = Some(("Then within 60 seconds a replica becomes master", Duration::from_secs(step)));
        Playing { play: 3, what: "sentinel::quorum::x@redis-7.0", elapsed: Duration::from_secs(elapsed), step, waiting: Some(waiting) }
    }

    #[test]
    fn whoever_asks_is_told_what_is_waited_for() {
        let begun = Playing { play: 4, what: "y@redis-7.0", elapsed: Duration::ZERO, step: None, waiting: None };
        insta::assert_snapshot!(status(&[playing(42, 31), begun], Duration::from_secs(80)), @r"
        playing 2 scenarios, about 1 min 20 s left
            42.0 s  sentinel::quorum::x@redis-7.0
            31.0 s  Then within 60 seconds a replica becomes master
                    waiting for a master; last seen: replica-1 slave
              0 ms  y@redis-7.0
                    not begun yet
        ");
    }

    #[test]
    fn a_heartbeat_comes_once_an_interval() {
        let mut beat = Heartbeat::new(Duration::from_secs(30));
        let told: Vec<usize> = [29, 31, 32, 61, 95].map(|at| beat.lines(&[playing(at, at)]).len()).to_vec();
        assert_eq!(told, [0, 1, 0, 1, 1]);
        beat.forget(3);
        insta::assert_snapshot!(beat.lines(&[playing(40, 31)]).join("\n"), @"still waiting (31.0 s): sentinel::quorum::x@redis-7.0: Then within 60 seconds a replica becomes master; waiting for a master; last seen: replica-1 slave");
    }

    #[test]
    fn slow_is_said_once() {
        let mut slow = Slow::new(Duration::from_secs(60));
        let told: Vec<usize> = [60, 61, 62].map(|at| slow.lines(&[playing(at, 1)]).len()).to_vec();
        assert_eq!(told, [0, 1, 0]);
    }
}
