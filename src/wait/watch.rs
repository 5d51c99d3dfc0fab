//! What a thread waits for right now, for others to look at: a heartbeat, a key pressed by an impatient person, the message of a limit that ran out.
//!
//! You are in the right place when a run seems to hang and does not say on what. A scenario has a thread of its own, so what its thread waits for is what it waits for.

use super::Instant;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A window on one thread's waiting; cheap to clone and to hand to another thread.
#[derive(Debug, Clone, Default)]
pub struct Watch(Arc<Mutex<Option<Waiting>>>);

/// A wait that is going on.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// A fragment that fits "waiting for ...".
    pub what: String,
    pub since: Instant,
    pub deadline: Instant,
    /// The value seen last; `None` as long as nothing was seen.
    pub last: Option<String>,
}

thread_local! {
    static HERE: Watch = Watch::default();
}

impl Watch {
    /// The window on the calling thread.
    pub fn here() -> Watch {
        HERE.with(Clone::clone)
    }

    /// What the thread waits for, if it waits.
    pub fn look(&self) -> Option<Waiting> {
        self.lock().clone()
    }

    /// The thread begins something else: what a wait that was broken off left here is not of it.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    pub(super) fn begin(&self, what: &str, since: Instant, deadline: Instant) {
        *self.lock() = Some(Waiting { what: what.to_owned(), since, deadline, last: None });
    }

    pub(super) fn see(&self, text: &str) {
        if let Some(waiting) = self.lock().as_mut() {
            waiting.last = Some(text.to_owned());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waiting>> {
        // Whoever panicked while holding it has left either the old value or the new one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::{Look, within};
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn another_thread_sees_what_is_waited_for() {
        let watch = Watch::here();
        let mut told = Vec::new();
        let done = within("a third look", Duration::from_secs(5), async || {
            let there = watch.clone();
            let seen = std::thread::spawn(move || there.look()).join().unwrap().unwrap();
            assert_eq!(seen.what, "a third look");
            told.push(seen.last);
            if told.len() == 3 { Look::Done(()) } else { Look::NotYet(format!("look {}", told.len())) }
        });
        done.await.unwrap();
        assert_eq!(told, [None, Some("look 1".to_owned()), Some("look 2".to_owned())]);
        assert_eq!(watch.look(), None, "a wait that is over is not shown");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_was_broken_off_can_still_be_read() {
        let never = within("what never comes", Duration::from_secs(60), async || Look::<()>::NotYet("nothing".to_owned()));
        assert!(tokio::time::timeout(Duration::from_millis(30), never).await.is_err());
        assert_eq!(Watch::here().look().unwrap().last.as_deref(), Some("nothing"));
        Watch::here().forget();
        assert_eq!(Watch::here().look(), None);
    }
}
