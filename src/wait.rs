//! The only place that sleeps: a condition, a limit, the last thing seen, a sentence for giving up.
//!
//! You are in the right place when something has to be waited for. A wait that could be endless, or that forgets what it saw, cannot be written here.
//! An answer counts by when it was given: a question that is still open when the limit ends has not been answered, and neither has one that was first asked afterwards.

pub mod slots;
pub mod spans;
mod watch;

/// The clock of everything that is waited for and recorded. On the runtime of a test it may stand still until somebody waits, so that no limit is waited for in real time.
pub use tokio::time::Instant;
pub use watch::{Waiting, Watch};

use std::cell::Cell;
use std::fmt;
use std::task::Poll;
use std::time::Duration;

/// How often a condition is asked again.
const PACE: Duration = Duration::from_millis(20);

/// A question that is asked this shortly before its limit could hardly be answered.
const HARDLY: Duration = Duration::from_millis(250);

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
    /// How long the limit had ended when the question was first asked; then nothing is known of the time before.
    pub asked_late: Option<Duration>,
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
        match self.asked_late {
            None => write!(f, "gave up waiting for {} after {}; last seen: {}", self.what, seconds(self.waited), self.last()),
            Some(late) => {
                write!(f, "{} was first asked about {} after the limit, so nothing is known of the time within it", self.what, seconds(late))
            }
        }
    }
}

impl std::error::Error for GaveUp {}

/// Asks `condition` until it is done or `deadline` has passed. It is asked at least once, and once more at the deadline.
///
/// What it answers without waiting (read off the timeline, say) counts whenever it is read, so it has to look at its own times. What it has to wait for counts only if it comes before the deadline.
///
/// # Errors
/// [`GaveUp`]: the deadline passed first.
pub async fn until<T>(what: &str, deadline: Instant, mut condition: impl AsyncFnMut() -> Look<T>) -> Result<T, GaveUp> {
    let began = Instant::now();
    let mut seen: Vec<(Duration, String)> = Vec::new();
    let watch = Watch::here();
    watch.begin(what, began, deadline);
    let asked_late = loop {
        let asked = Instant::now();
        let look = match answer(condition(), deadline).await {
            Answer::Read(look) | Answer::InTime(look) => look,
            Answer::Late => Look::NotYet(format!("what was waited for came only after {}", seconds(began.elapsed()))),
            Answer::Open if asked > deadline && seen.is_empty() => break Some(asked - deadline),
            // Asked with no time left to answer in: what was seen before it says more.
            Answer::Open if asked + HARDLY > deadline && !seen.is_empty() => break None,
            Answer::Open => Look::NotYet("no answer to this question before the limit".to_owned()),
        };
        match look {
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
        if Instant::now() >= deadline && asked >= deadline {
            break None;
        }
        tokio::time::sleep_until((asked + PACE).min(deadline)).await;
    };
    watch.forget();
    count(|waited| waited.conditions += began.elapsed());
    Err(GaveUp { what: what.to_owned(), waited: began.elapsed(), seen, asked_late })
}

/// What became of one question.
enum Answer<T> {
    /// It needed no waiting.
    Read(Look<T>),
    /// It came before the deadline.
    InTime(Look<T>),
    /// It came and was the right one, and when this thread got to look the deadline had passed.
    Late,
    /// It had not come when the deadline passed.
    Open,
}

/// Asks once, and waits for the answer until the deadline and no longer.
async fn answer<T>(question: impl Future<Output = Look<T>>, deadline: Instant) -> Answer<T> {
    let mut question = std::pin::pin!(question);
    if let Poll::Ready(look) = futures::poll!(question.as_mut()) {
        return Answer::Read(look);
    }
    match tokio::time::timeout_at(deadline, question).await {
        Err(_) => Answer::Open,
        // A thread that was not scheduled hears of both at once, the answer and the end of its limit.
        Ok(Look::Done(_)) if Instant::now() > deadline => Answer::Late,
        Ok(look) => Answer::InTime(look),
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
    tokio::time::sleep_until(at).await;
    watch.forget();
    count(|waited| waited.stated += began.elapsed());
}

/// The pace of a recorder that looks again and again for as long as it lives.
pub async fn pace(interval: Duration) {
    tokio::time::sleep(interval).await;
}

/// The pace of a client with a schedule of its own: back at that moment, at once when it is past.
pub async fn on_schedule(at: Instant) {
    tokio::time::sleep_until(at).await;
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

    #[tokio::test(start_paused = true)]
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

    #[tokio::test(start_paused = true)]
    async fn asks_at_least_once() {
        let past = Instant::now() - Duration::from_secs(1);
        assert_eq!(until("anything", past, async || Look::Done(7)).await, Ok(7));
    }

    /// A server that answers after this long.
    async fn slow(span: Duration) -> Look<()> {
        tokio::time::sleep(span).await;
        Look::Done(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_that_is_open_at_the_limit_has_not_been_answered() {
        let limit = Duration::from_millis(50);
        let began = Instant::now();
        let gave_up = within("an answer", limit, async || slow(Duration::from_millis(400)).await).await.unwrap_err();
        assert!(began.elapsed() < Duration::from_millis(300), "nobody waits for it beyond the limit");
        assert_eq!((gave_up.last(), gave_up.asked_late), ("no answer to this question before the limit", None));
        assert_eq!(within("an answer", Duration::from_secs(5), async || slow(Duration::from_millis(20)).await).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_read_after_a_question_that_was_open_at_the_limit_counts() {
        let mut asked = 0;
        let read = within("an answer", Duration::from_millis(50), async || {
            asked += 1;
            if asked == 1 { slow(Duration::from_millis(400)).await } else { Look::Done(()) }
        });
        assert_eq!(read.await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_question_does_not_hide_what_was_seen_before_it() {
        let gave_up = within("an answer", Duration::from_millis(100), async || {
            tokio::time::sleep(Duration::from_millis(15)).await;
            Look::<()>::NotYet("three keys".to_owned())
        });
        assert_eq!(gave_up.await.unwrap_err().last(), "three keys");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_was_there_while_this_thread_stood_still_is_late() {
        let limit = Duration::from_millis(50);
        // The answer takes 20 ms, but this thread is not scheduled before 120 ms have passed.
        let stalled = async || {
            let mut answered = Box::pin(slow(Duration::from_millis(20)));
            assert!(futures::poll!(answered.as_mut()).is_pending(), "the question is under way");
            tokio::time::advance(Duration::from_millis(120)).await;
            answered.await
        };
        let gave_up = within("an answer", limit, stalled).await.unwrap_err();
        assert!(gave_up.last().starts_with("what was waited for came only after "), "{gave_up}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_first_asked_after_its_limit_says_so() {
        let past = Instant::now() - Duration::from_secs(1);
        let gave_up = until("an answer", past, async || slow(Duration::from_millis(5)).await).await.unwrap_err();
        assert!(gave_up.asked_late.is_some_and(|late| late >= Duration::from_secs(1)));
        assert!(gave_up.to_string().contains("nothing is known of the time within it"), "{gave_up}");
    }
}
