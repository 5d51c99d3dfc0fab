//! The stall witness: notices when this program itself was not scheduled, because then nobody knows what the servers did meanwhile.
//!
//! You are in the right place when a failure, or a line about what does not happen, became unknown "because the machine stalled". A thread wakes up every few milliseconds; when it wakes
//! up late, the machine (or whoever stopped us) was busy with something else, and servers on the same machine may have missed their timers for no fault of theirs. A long stall turns a
//! *failure* in its window into *unknown*. It also takes back what passed because nothing was seen: while this program stood still it saw nothing.

use crate::error::{Cause, StepError};
use crate::record::{Stall, Verdict};
use crate::topology::Topology;
use crate::wait::{self, Instant, Look};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the witness wakes up.
const PACE: Duration = Duration::from_millis(10);
/// Being late by less is how schedulers are.
const NOTICED: Duration = Duration::from_millis(50);
/// What a scenario without a smaller timer counts with: a Sentinel that stalls for longer goes into tilt, whatever it is configured to.
const TIMER: Duration = Duration::from_secs(2);
/// How often the recorder asks for everything a node tells.
const SEEN: Duration = Duration::from_millis(250);
/// The witness wakes up again after a stall at about the time everybody else does; a judge waits for it this long.
const CATCH_UP: Duration = Duration::from_secs(2);

/// So many stalls are told of one by one, the longest first; a busy machine has many. The evidence has them all.
const TOLD: usize = 3;

/// Timers of servers by their directive, with the milliseconds of their unit.
const TIMERS: [(&str, u64); 5] = [
    ("down-after-milliseconds", 1),
    ("cluster-node-timeout", 1),
    ("repl-timeout", 1000),
    ("min-replicas-max-lag", 1000),
    ("min-slaves-max-lag", 1000),
];

/// When the witness woke up, and how often too late.
#[derive(Debug)]
struct Log {
    last: Instant,
    /// When each began, and how long it was.
    stalls: Vec<(Instant, Duration)>,
}

impl Log {
    fn new(now: Instant) -> Log {
        Log { last: now, stalls: Vec::new() }
    }

    /// The witness woke up.
    fn beat(&mut self, now: Instant) {
        let late = now.saturating_duration_since(self.last + PACE);
        if late >= NOTICED {
            self.stalls.push((self.last + PACE, late));
        }
        self.last = now;
    }

    /// Stalls on a scenario's clock.
    fn since(&self, clock: Instant) -> Vec<Stall> {
        let late = self.stalls.iter().filter(|(began, lasted)| *began + *lasted > clock);
        late.map(|(began, lasted)| {
            let before = clock.saturating_duration_since(*began);
            Stall { at_ms: began.saturating_duration_since(clock).as_millis() as u64, lasted_ms: lasted.saturating_sub(before).as_millis() as u64 }
        })
        .collect()
    }
}

/// What every play of a run asks; cheap to clone.
#[derive(Debug, Clone)]
pub struct Witness(Arc<Mutex<Log>>);

/// Keeps the witness awake; dropped at the end of the run.
pub struct Watchman {
    pub witness: Witness,
    over: Arc<AtomicBool>,
}

impl Watchman {
    /// Starts the witness on a thread of its own: on a scenario's thread it would be late because of that scenario.
    pub fn start() -> std::io::Result<Watchman> {
        let witness = Witness(Arc::new(Mutex::new(Log::new(Instant::now()))));
        let over = Arc::new(AtomicBool::new(false));
        let (log, ended) = (witness.clone(), over.clone());
        let watch = move || {
            while !ended.load(Ordering::Relaxed) {
                wait::idle(PACE);
                log.lock().beat(Instant::now());
            }
        };
        std::thread::Builder::new().name("stall-witness".to_owned()).spawn(watch)?;
        Ok(Watchman { witness, over })
    }

    /// One that has seen nothing but these stalls, for a clock that is not the machine's.
    #[cfg(test)]
    pub fn scripted(stalls: Vec<(Instant, Duration)>) -> Watchman {
        let last = Instant::now() + Duration::from_secs(1 << 30);
        Watchman { witness: Witness(Arc::new(Mutex::new(Log { last, stalls }))), over: Arc::default() }
    }
}

impl Drop for Watchman {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl Witness {
    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stalls since a scenario's clock began, up to now. After a stall its thread may well run before the witness does, so it waits for the witness first.
    pub async fn stalls(&self, clock: Instant) -> Vec<Stall> {
        let now = Instant::now();
        let seen = wait::within("the stall witness to wake up", CATCH_UP, async || {
            if self.lock().last >= now { Look::Done(()) } else { Look::NotYet("it sleeps".to_owned()) }
        });
        let mut stalls = if let Err(gave_up) = seen.await {
            // Still asleep after that long: the stall goes on for the witness alone, which is one all the same.
            vec![Stall { at_ms: clock.elapsed().saturating_sub(gave_up.waited).as_millis() as u64, lasted_ms: gave_up.waited.as_millis() as u64 }]
        } else {
            Vec::new()
        };
        stalls.splice(..0, self.lock().since(clock));
        stalls
    }
}

/// From how long on a stall spoils a failure: a quarter of the smallest timer that the servers of this deployment have.
pub fn tolerated(topology: Option<&Topology>) -> Duration {
    let timer = topology.and_then(smallest_timer).map_or(TIMER, |timer| timer.min(TIMER));
    (timer / 4).max(NOTICED)
}

/// From how long on a stall hides what a line denies: what servers do and undo takes them longer than a failure can bear, and this program looks only every quarter of a second anyway.
pub fn hides(topology: Option<&Topology>) -> Duration {
    tolerated(topology).max(SEEN)
}

/// A line that states what was, or was not, all through a time: a stall in it that is long enough takes that back.
///
/// # Errors
/// There was one.
pub fn doubt(stalls: &[Stall], from_ms: u64, to_ms: u64, hides: Duration) -> Result<(), StepError> {
    let inside = stalls.iter().filter(|stall| stall.at_ms < to_ms && stall.at_ms + stall.lasted_ms > from_ms);
    match inside.max_by_key(|stall| stall.lasted_ms) {
        Some(longest) if u128::from(longest.lasted_ms) > hides.as_millis() => {
            let message = format!("nothing was seen that contradicts it; but {longest}, so much may have happened unseen");
            Err(StepError::new(Cause::Stall, message))
        }
        _ => Ok(()),
    }
}

/// From the command lines and Sentinel files as the scenario's settings have left them.
fn smallest_timer(topology: &Topology) -> Option<Duration> {
    let texts = topology.nodes.iter().flat_map(|node| {
        let mut last_of = std::collections::BTreeMap::new();
        // The last one of a directive counts, for a server as for us.
        for words in node.command.windows(2) {
            if let Some(directive) = words[0].strip_prefix("--") {
                last_of.insert(directive.to_owned(), words[1].clone());
            }
        }
        for line in node.files.iter().flat_map(|file| file.content.lines()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let directive = if words.first() == Some(&"sentinel") { words.get(1) } else { words.first() };
            if let (Some(directive), Some(value)) = (directive, words.last()) {
                last_of.insert((*directive).to_owned(), (*value).to_owned());
            }
        }
        last_of
    });
    let timers = texts.filter_map(|(directive, value)| {
        let (_, unit) = TIMERS.iter().find(|(name, _)| *name == directive)?;
        Some(Duration::from_millis(value.parse::<u64>().ok().filter(|n| *n > 0)? * unit))
    });
    timers.min()
}

/// What becomes of an error when there were stalls: a failure in whose window (from this moment on the scenario's clock) one was too long says nothing about
/// the server. Every stall of the window is told.
pub fn judge(mut error: StepError, stalls: &[Stall], window_ms: u64, tolerated: Duration) -> StepError {
    let mut inside: Vec<&Stall> = stalls.iter().filter(|stall| stall.at_ms + stall.lasted_ms > window_ms).collect();
    inside.sort_by_key(|stall| std::cmp::Reverse(stall.lasted_ms));
    error.seen.extend(inside.iter().take(TOLD).map(|stall| stall.to_string()));
    if let Some(most) = inside.iter().skip(TOLD).map(|stall| stall.lasted_ms).max() {
        error.seen.push(format!("and {} times more, for at most {most} ms", inside.len() - TOLD));
    }
    let Some(longest) = inside.first() else { return error };
    if error.cause.verdict() == Verdict::Failed && u128::from(longest.lasted_ms) > tolerated.as_millis() {
        let least = tolerated.as_millis();
        error.message = format!("{}; but {longest}, more than the {least} ms a failure can bear here, so it says nothing", error.message);
        error.cause = Cause::Stall;
    }
    error
}

#[cfg(test)]
#[path = "stall_tests.rs"]
mod tests;
