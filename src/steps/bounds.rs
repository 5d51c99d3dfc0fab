//! Numbers with two sides: when something comes first, how long after something else, how many. A promise that is a number is stated with bounds that lie close together,
//! so that a server with another number fails it.
//!
//! A lower bound of time states two things: the thing was not there before, and somebody watched for it. [`World::not_before`] holds a sentence to both.

use super::params::Span;
use crate::error::{Step, StepError};
use crate::probe::coverage::{Coverage, Gap};
use crate::probe::recorder::Watching;
use crate::wait::{self, spans};
use crate::world::{Away, World};
use cucumber::Parameter;
use std::cell::RefCell;
use std::str::FromStr;
use std::time::Duration;

/// When something is there for the first time, counted from the moment the last `When` was verified: "within 10 seconds", or "between 5 and 7 seconds later".
#[derive(Debug, Clone, Copy, PartialEq, Parameter)]
#[param(
    name = "window",
    regex = "within \\d+(?:\\.\\d+)? (?:milliseconds?|seconds?|minutes?|hours?)|between \\d+(?:\\.\\d+)?(?: (?:milliseconds?|seconds?|minutes?|hours?))? and \\d+(?:\\.\\d+)? (?:milliseconds?|seconds?|minutes?|hours?) later"
)]
pub struct Within {
    /// Zero without a lower bound.
    pub from: Duration,
    pub to: Duration,
}

impl FromStr for Within {
    type Err = String;

    fn from_str(text: &str) -> Result<Within, String> {
        if let Some(span) = text.strip_prefix("within ") {
            return Ok(Within { from: Duration::ZERO, to: spans::parse(span)? });
        }
        let bounds =
            text.strip_suffix(" later").ok_or_else(|| format!("\"{text}\": write `within 10 seconds` or `between 5 and 7 seconds later`"))?;
        let (from, to) = between(bounds)?;
        Ok(Within { from, to })
    }
}

/// How long something takes: "at least 2 seconds", "at most 2 seconds", "less than 2 seconds", "between 2 and 3 seconds".
#[derive(Debug, Clone, PartialEq, Parameter)]
#[param(
    name = "delay",
    regex = "(?:at least|at most|less than) \\d+(?:\\.\\d+)? (?:milliseconds?|seconds?|minutes?|hours?)|between \\d+(?:\\.\\d+)?(?: (?:milliseconds?|seconds?|minutes?|hours?))? and \\d+(?:\\.\\d+)? (?:milliseconds?|seconds?|minutes?|hours?)"
)]
pub struct Delay {
    /// As written.
    pub text: String,
    pub least: Option<Duration>,
    /// Whether the last of it counts too.
    pub most: Option<(Duration, bool)>,
}

impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Delay, String> {
        let span = |text: &str| text.parse::<Span>().map(|span| span.0);
        let (least, most) = if let Some(rest) = text.strip_prefix("at least ") {
            (Some(span(rest)?), None)
        } else if let Some(rest) = text.strip_prefix("at most ") {
            (None, Some((span(rest)?, true)))
        } else if let Some(rest) = text.strip_prefix("less than ") {
            (None, Some((span(rest)?, false)))
        } else {
            let (least, most) = between(text)?;
            (Some(least), Some((most, true)))
        };
        Ok(Delay { text: text.to_owned(), least, most })
    }
}

impl Delay {
    pub fn holds(&self, lasted: Duration) -> bool {
        let long_enough = self.least.is_none_or(|least| lasted >= least);
        long_enough && self.most.is_none_or(|(most, included)| lasted < most || included && lasted == most)
    }

    /// # Errors
    /// It took another time; `what` is a clause that the time fits behind.
    pub fn judge(&self, what: &str, lasted: Duration) -> Step {
        let told = wait::seconds(lasted);
        if self.holds(lasted) { Ok(()) } else { Err(StepError::assertion(format!("{what} {told}")).expected(&self.text, told)) }
    }
}

/// How many: "5", "at least 5", "at most 5", "between 5 and 7"; both ends count.
#[derive(Debug, Clone, PartialEq, Parameter)]
#[param(name = "count", regex = "\\d+|(?:at least|at most) \\d+|between \\d+ and \\d+")]
pub struct Count {
    /// As written.
    pub text: String,
    pub least: i64,
    pub most: i64,
}

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Count, String> {
        let number = |text: &str| text.parse::<i64>().map_err(|_| format!("\"{text}\" is no count"));
        let (least, most) = if let Some(rest) = text.strip_prefix("at least ") {
            (number(rest)?, i64::MAX)
        } else if let Some(rest) = text.strip_prefix("at most ") {
            (0, number(rest)?)
        } else if let Some((least, most)) = text.strip_prefix("between ").and_then(|rest| rest.split_once(" and ")) {
            (number(least)?, number(most)?)
        } else {
            (number(text)?, number(text)?)
        };
        if least > most {
            return Err(format!("\"{text}\": the first number is the smaller one"));
        }
        Ok(Count { text: text.to_owned(), least, most })
    }
}

impl Count {
    pub fn holds(&self, count: i64) -> bool {
        (self.least..=self.most).contains(&count)
    }
}

/// "between 5 and 7 seconds", "between 500 milliseconds and 2 seconds".
fn between(text: &str) -> Result<(Duration, Duration), String> {
    let (least, most) = text
        .strip_prefix("between ")
        .and_then(|rest| rest.split_once(" and "))
        .ok_or_else(|| format!("\"{text}\" has no two bounds: write `between 5 and 7 seconds`"))?;
    let unit = most.split_once(' ').map_or("", |(_, unit)| unit);
    let least = if least.contains(' ') { spans::parse(least)? } else { spans::parse(&format!("{least} {unit}"))? };
    let most = spans::parse(most)?;
    if least.is_zero() || least >= most {
        return Err(format!("\"{text}\": the first bound is more than nothing and less than the second"));
    }
    Ok((least, most))
}

/// When a question was answered, for a sentence that asks again and again.
#[derive(Debug, Default)]
pub struct Answers(RefCell<Coverage>);

impl Answers {
    pub fn note(&self, at_ms: u64) {
        self.0.borrow_mut().sight(at_ms);
    }
}

/// What saw the time before a lower bound.
pub enum Watcher<'a> {
    /// The sentence itself, by the answers to its question.
    Asked(&'a Answers),
    /// The recorder, which watched these nodes.
    Recorder(&'a [String], Watching),
    /// A record without gaps, such as a log.
    Whole,
}

impl World {
    /// What a sentence waited for was there first at this moment: not before the lower bound of its window, up to which somebody watched.
    ///
    /// # Errors
    /// It came too early; or nobody can say, since nobody watched. `what` names it, for the beginning of a sentence.
    pub(super) fn not_before(&mut self, window: Within, at_ms: u64, what: &str, watcher: &Watcher<'_>) -> Step {
        if window.from.is_zero() {
            return Ok(());
        }
        let (verified_ms, from_ms) = (self.window.verified_ms, self.ends_ms(window.from));
        if at_ms < from_ms {
            let after = wait::seconds(self.window.after(at_ms));
            let wanted = format!("between {} and {}", wait::seconds(window.from), wait::seconds(window.to));
            return Err(StepError::assertion(format!("{what} already after {after}")).expected(wanted, after));
        }
        match watcher {
            Watcher::Whole => Ok(()),
            Watcher::Asked(answers) => match gap_of(&answers.0.borrow(), verified_ms, from_ms) {
                Some(gap) => Err(self.unwatched("no answer was had", gap)),
                None => {
                    self.rests_on(verified_ms, from_ms);
                    Ok(())
                }
            },
            Watcher::Recorder(names, watching) => {
                for name in *names {
                    self.watched(name, *watching, verified_ms, from_ms, Away::DidNothing)?;
                }
                Ok(())
            }
        }
    }
}

/// Time before a lower bound in which a question was not answered.
fn gap_of(answers: &Coverage, verified_ms: u64, from_ms: u64) -> Option<Gap> {
    answers.gaps(verified_ms, from_ms, &[]).first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_window_has_one_side_or_two() {
        assert_eq!("within 10 seconds".parse(), Ok(Within { from: Duration::ZERO, to: seconds(10) }));
        assert_eq!("between 5 and 7 seconds later".parse(), Ok(Within { from: seconds(5), to: seconds(7) }));
        assert_eq!("between 500 milliseconds and 2 seconds later".parse(), Ok(Within { from: Duration::from_millis(500), to: seconds(2) }));
        for wrong in ["between 7 and 5 seconds later", "between 0 and 5 seconds later", "between 5 and 5 seconds later", "between 5 and 7 seconds"] {
            assert!(wrong.parse::<Within>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_delay_is_too_short_too_long_or_right() {
        let delay: Delay = "between 10 and 12 seconds".parse().unwrap();
        assert_eq!([9, 10, 12, 13].map(|n| delay.holds(seconds(n))), [false, true, true, false]);
        let error = delay.judge("a came after b by", seconds(2)).unwrap_err();
        assert_eq!(error.message, "a came after b by 2.00 s");
        let holds = |text: &str, n: u64| text.parse::<Delay>().unwrap().holds(seconds(n));
        assert!(holds("at most 5 seconds", 5) && !holds("at most 5 seconds", 6));
        assert!(!holds("less than 5 seconds", 5) && holds("less than 5 seconds", 4));
        assert!(holds("at least 5 seconds", 5) && !holds("at least 5 seconds", 4));
        assert!("5 seconds".parse::<Delay>().is_err());
    }

    #[test]
    fn a_count_is_too_small_too_large_or_right() {
        let holds = |text: &str, n: i64| text.parse::<Count>().unwrap().holds(n);
        assert_eq!([2, 3, 5, 6].map(|n| holds("between 3 and 5", n)), [false, true, true, false]);
        assert!(holds("4", 4) && !holds("4", 3) && !holds("4", 5));
        assert!(holds("at most 4", 4) && !holds("at most 4", 5) && holds("at least 4", 9) && !holds("at least 4", 3));
        assert!("between 5 and 3".parse::<Count>().is_err());
    }

    /// Answers every tenth of a second from one moment to another.
    fn answers(from_ms: u64, to_ms: u64) -> Answers {
        let answers = Answers::default();
        (from_ms..=to_ms).step_by(100).for_each(|at| answers.note(at));
        answers
    }

    /// A `When` was verified one second after the beginning.
    fn world() -> World {
        let mut world = futures::executor::block_on(<World as cucumber::World>::new()).unwrap();
        world.window.verified_ms = 1000;
        world
    }

    const LATER: Within = Within { from: seconds(5), to: seconds(7) };

    #[test]
    fn what_comes_before_the_lower_bound_fails() {
        let mut world = world();
        let asked = answers(1000, 6000);
        let error = world.not_before(LATER, 5900, "node-1 is master", &Watcher::Asked(&asked)).unwrap_err();
        assert_eq!(error.message, "node-1 is master already after 4.90 s");
        assert_eq!(error.cause.verdict(), crate::record::Verdict::Failed);
        assert!(world.not_before(LATER, 6000, "node-1 is master", &Watcher::Asked(&asked)).is_ok());
        assert!(world.not_before(Within { from: Duration::ZERO, ..LATER }, 1000, "it", &Watcher::Asked(&Answers::default())).is_ok());
    }

    #[test]
    fn what_nobody_watched_before_the_lower_bound_is_unknown() {
        let mut world = world();
        for asked in [answers(6000, 6500), answers(1000, 3000)] {
            let error = world.not_before(LATER, 6200, "node-1 is master", &Watcher::Asked(&asked)).unwrap_err();
            assert_eq!(error.cause.verdict(), crate::record::Verdict::Unknown, "{}", error.message);
        }
        assert!(world.not_before(LATER, 6200, "it", &Watcher::Whole).is_ok());
    }
}
