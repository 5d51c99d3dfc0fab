//! The only place that sleeps: a condition, a limit, the last thing seen, a sentence for giving up.
//!
//! You are in the right place when something has to be waited for. A wait that could be endless, or that forgets what it saw, cannot be written here.

pub mod slots;
pub mod spans;
mod watch;

pub use watch::{Waiting, Watch};

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

/// How often a condition is asked again.
const PACE: Duration = Duration::from_millis(20);

thread_local! {
    /// What this thread's scenario has waited so far, as opposed to worked. One scenario runs on a thread at a time.
    static WAITED: Cell<Waited> = const { Cell::new(Waited { conditions: Duration::ZERO, stated: Duration::ZERO }) };
}

/// Time spent waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited {
    /// For something to become true: the servers' own timers.
    pub conditions: Duration,
    /// For a span that somebody wrote down.
    pub stated: Duration,
}

/// What a condition found.
#[derive(Debug)]
pub enum Look<T> {
    /// It holds; this is what was seen.
    Done(T),
    /// Not yet; this is what was seen instead.
    NotYet(String),
}

/// A limit ran out.
#[derive(Debug, Clone, PartialEq)]
pub struct GaveUp {
    /// What was waited for, a fragment that fits "gave up waiting for ...".
    pub what: String,
    pub waited: Duration,
    /// Distinct values seen, oldest first, with the time since the wait began.
    pub seen: Vec<(Duration, String)>,
}

impl GaveUp {
    /// The value seen last.
    pub fn last(&self) -> &str {
        self.seen.last().map_or("nothing", |(_, text)| text)
    }

    /// The values seen, each with its time, as lines for a report.
    pub fn lines(&self) -> Vec<String> {
        self.seen.iter().map(|(at, text)| format!("{text} at {}", seconds(*at))).collect()
    }
}

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gave up waiting for {} after {}; last seen: {}", self.what, seconds(self.waited), self.last())
    }
}

impl std::error::Error for GaveUp {}

/// Asks `condition` until it is done or `deadline` has passed. It is asked at least once, and once more at the deadline.
pub async fn until<T>(what: &str, deadline: Instant, mut condition: impl AsyncFnMut() -> Look<T>) -> Result<T, GaveUp> {
    let began = Instant::now();
    let mut seen: Vec<(Duration, String)> = Vec::new();
    let watch = Watch::here();
    watch.begin(what, began, deadline);
    loop {
        let asked = Instant::now();
        match condition().await {
            Look::Done(value) => {
                watch.forget();
                count(|waited| waited.conditions += began.elapsed());
                return Ok(value);
            }
            Look::NotYet(text) => {
                if seen.last().is_none_or(|(_, last)| *last != text) {
                    watch.see(&text);
                    seen.push((asked - began, text));
                }
            }
        }
        if asked >= deadline {
            watch.forget();
            count(|waited| waited.conditions += began.elapsed());
            return Err(GaveUp { what: what.to_owned(), waited: began.elapsed(), seen });
        }
        tokio::time::sleep_until((asked + PACE).min(deadline).into()).await;
    }
}

/// As [`until`], with the limit counted from now.
pub async fn within<T>(what: &str, limit: Duration, condition: impl AsyncFnMut() -> Look<T>) -> Result<T, GaveUp> {
    until(what, Instant::now() + limit, condition).await
}

/// Lets somebody work who has a limit of his own, such as `redis-cli` with its own waits: his time is not ours.
pub async fn on<T>(what: &str, limit: Duration, work: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let watch = Watch::here();
    watch.begin(what, began, began + limit);
    let done = work.await;
    watch.forget();
    count(|waited| waited.conditions += began.elapsed());
    done
}

/// Waits for a moment; for negatives that must hold until then, and for stated spans ("paused for 3 seconds").
pub async fn moment(at: Instant) {
    let began = Instant::now();
    let watch = Watch::here();
    watch.begin("the stated time to pass", began, at);
    tokio::time::sleep_until(at.into()).await;
    watch.forget();
    count(|waited| waited.stated += began.elapsed());
}

/// The pace of a recorder that looks again and again for as long as it lives.
pub async fn pace(interval: Duration) {
    tokio::time::sleep(interval).await;
}

/// The pace of a client with a schedule of its own: back at that moment, at once when it is past.
pub async fn on_schedule(at: Instant) {
    tokio::time::sleep_until(at.into()).await;
}

/// The pace of a thread without a runtime that looks again and again for as long as it lives.
pub fn idle(interval: Duration) {
    std::thread::sleep(interval);
}

/// Time waited on this thread since [`start_counting`].
pub fn waited() -> Waited {
    WAITED.get()
}

/// A new scenario begins on this thread.
pub fn start_counting() {
    WAITED.set(Waited { conditions: Duration::ZERO, stated: Duration::ZERO });
}

fn count(add: impl FnOnce(&mut Waited)) {
    let mut waited = WAITED.get();
    add(&mut waited);
    WAITED.set(waited);
}

/// `0.64 s`, `12.3 s`: how times stand in observations.
pub fn seconds(span: Duration) -> String {
    let s = span.as_secs_f64();
    if s < 10.0 { format!("{s:.2} s") } else { format!("{s:.1} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tells_the_last_value_when_it_gives_up() {
        let mut n = 0;
        let gave_up = within("a round number", Duration::from_millis(60), async || {
            n += 1;
            Look::<()>::NotYet(format!("{}", n.min(2)))
        })
        .await
        .unwrap_err();
        assert_eq!(gave_up.last(), "2");
        assert_eq!(gave_up.seen.len(), 2, "equal values are kept once");
        assert!(gave_up.to_string().starts_with("gave up waiting for a round number after "));
    }

    #[tokio::test]
    async fn asks_at_least_once() {
        let past = Instant::now() - Duration::from_secs(1);
        assert_eq!(until("anything", past, async || Look::Done(7)).await, Ok(7));
    }
}
