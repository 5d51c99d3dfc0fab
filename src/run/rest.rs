//! How long a run will probably go on: what earlier runs measured, laid out over as many rows as are played side by side.
//!
//! You are in the right place when "about 2 min left" is far from true. The order of the queue is that of the run, so the guess is a small rehearsal of it.

use std::time::Duration;

/// A play as the guess sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    pub time: Duration,
    /// It is played by itself.
    pub alone: bool,
}

/// The rest, from what is being played (its expected time and for how long it has been played) and what waits, in order.
pub fn rest(playing: &[(Expected, Duration)], waiting: &[Expected], jobs: usize) -> Duration {
    // A play that takes longer than expected could end at any moment.
    let mut rows: Vec<Duration> = playing.iter().map(|(expected, elapsed)| expected.time.saturating_sub(*elapsed)).collect();
    rows.resize(jobs.max(rows.len()).max(1), Duration::ZERO);
    for next in waiting {
        if next.alone {
            let all_free = rows.iter().max().copied().unwrap_or_default();
            rows.fill(all_free + next.time);
        } else if let Some(first_free) = rows.iter_mut().min() {
            *first_free += next.time;
        }
    }
    rows.into_iter().max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    fn play(seconds: u64) -> Expected {
        Expected { time: S(seconds), alone: false }
    }

    #[test]
    fn rows_are_filled_as_they_become_free() {
        assert_eq!(rest(&[], &[play(4), play(3), play(2), play(1)], 2), S(5));
        assert_eq!(rest(&[(play(10), S(4)), (play(5), S(4))], &[play(3), play(3)], 2), S(7));
    }

    #[test]
    fn one_that_is_played_alone_waits_for_all() {
        assert_eq!(rest(&[(play(6), S(1))], &[Expected { time: S(3), alone: true }, play(1)], 4), S(9));
    }

    #[test]
    fn one_that_takes_too_long_adds_nothing() {
        assert_eq!(rest(&[(play(2), S(60))], &[], 1), S(0));
    }
}
