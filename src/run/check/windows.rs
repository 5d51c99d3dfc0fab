//! Windows that show nothing: a sentence about the last block of `When`s where what acts stands in an earlier one, a span of no time, and a question that is first asked when its limit has
//! ended, because the lines above it have taken that long.

use crate::run::catalogue::{Feature, Scenario};
use crate::run::registry::Registry;
use crate::steps;
use crate::steps::nature::{self, Nature};
use crate::topology::located::Problem;
use crate::wait::spans;
use cucumber::gherkin::StepType;
use std::time::Duration;

pub(super) fn check(feature: &Feature, scenario: &Scenario, registry: &Registry, problems: &mut Vec<Problem>) {
    asked_late(feature, scenario, registry, problems);
    // As the runner opens windows: a `When` after a `Then` begins a new block.
    let (mut acts, mut acted_before, mut seen_then) = (false, false, false);
    for (step, meant) in scenario.meanings() {
        let at = |message: &str| Problem::error(&feature.path, step.position.line, message).column(step.position.col);
        match step.ty {
            StepType::Given => {}
            StepType::When => {
                if std::mem::take(&mut seen_then) {
                    acted_before |= std::mem::take(&mut acts);
                }
                acts |= meant.acts();
            }
            StepType::Then => {
                seen_then = true;
                if meant.meaning.of_block && acted_before && !acts {
                    problems.push(at(steps::ACTED_BEFORE));
                }
            }
        }
        if step.ty == StepType::Then && meant.lasts() == Some(Duration::ZERO) {
            problems.push(at("a span of no time shows nothing").advice("write how long it has to hold: for 5 seconds"));
        }
    }
}

/// All limits of a block of `Then`s count from the same moment, and its lines are played one after the other.
fn asked_late(feature: &Feature, scenario: &Scenario, registry: &Registry, problems: &mut Vec<Problem>) {
    // What the lines above may take, and what they take in any case.
    let (mut may, mut will) = (Duration::ZERO, Duration::ZERO);
    for (step, meant) in scenario.meanings() {
        if step.ty != StepType::Then {
            (may, will) = (Duration::ZERO, Duration::ZERO);
            continue;
        }
        let asked = || {
            let found = registry.find(step).ok()?;
            let pattern = &found.definition?.pattern;
            nature::OF.iter().find(|(known, _)| known == pattern).map(|(_, nature)| *nature == Nature::Asked)
        };
        if let Some(limit) = meant.limit() {
            let at = |problem: fn(&str, usize, String) -> Problem, verb: &str, above: Duration| {
                let above = spans::written(above);
                let message = format!("the lines above {verb} {above}: this is first asked when its limit has ended, and is unknown then");
                problem(&feature.path, step.position.line, message)
                    .column(step.position.col)
                    .advice("put it above them, or give it longer than they take")
            };
            if !will.is_zero() && limit <= will && asked() == Some(true) {
                problems.push(at(Problem::error, "take", will));
            } else if limit < may && asked() == Some(true) {
                problems.push(at(Problem::warning, "may take", may));
            }
            may = may.max(limit);
        }
        will = will.max(meant.lasts().unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cucumber::gherkin::{self, GherkinEnv};

    /// Which lines of this scenario are found, counted from 1.
    fn found(steps: &str) -> Vec<usize> {
        let steps: String = steps.lines().map(|line| format!("    {}\n", line.trim())).collect();
        let text = format!("Feature: A\n  Prose.\n\n  Scenario: B\n{steps}");
        let parsed = gherkin::Feature::parse(&text, GherkinEnv::default()).unwrap();
        let feature = Feature::arrange("features/a/b.feature", &text, parsed, &|_| None);
        let mut problems = Vec::new();
        feature.scenarios().for_each(|scenario| check(&feature, scenario, &Registry::collect(), &mut problems));
        problems.iter().map(|problem| problem.line - 4).collect()
    }

    #[test]
    fn a_window_that_begins_after_what_acts_is_found() {
        let apart = "Given a client writes every 10 milliseconds through the Sentinels
                     When the master is killed
                     Then within 30 seconds every Sentinel reports \"+switch-master\"
                     When 1 second passes
                     And the client stops
                     Then writes were refused for less than 1 second
                     And no read was stale";
        assert_eq!(found(apart), [6, 7]);
        let one_block = "Given a client writes every 10 milliseconds through the Sentinels
                         When the master is killed
                         And within 30 seconds every Sentinel reports \"+switch-master\"
                         And the client stops
                         Then writes were refused for less than 1 second";
        assert_eq!(found(one_block), Vec::<usize>::new());
        let nothing_acts = "Given a client writes every 10 milliseconds through the Sentinels
                            When 3 seconds pass
                            And the client stops
                            Then writes were refused for less than 1 second";
        assert_eq!(found(nothing_acts), Vec::<usize>::new(), "a client that nothing disturbs");
    }

    #[test]
    fn a_question_that_comes_when_its_limit_has_ended_is_found() {
        let late = "When the master is killed
                    Then for 5 seconds no replica becomes master
                    And within 5 seconds \"replica-1\" accepts a write
                    And within 6 seconds \"replica-1\" accepts a write
                    And within 2 seconds \"replica-1\" becomes master
                    When 1 second passes
                    Then within 9 seconds \"replica-1\" becomes master
                    And within 8 seconds \"replica-1\" accepts a write
                    And within 9 seconds \"replica-1\" accepts a write";
        assert_eq!(found(late), [3, 8], "what is read off a record may be looked up later");
        let two_sided = "When the master is killed
                         Then for 5 seconds no replica becomes master
                         And between 3 and 5 seconds later \"replica-1\" accepts a write
                         And between 3 and 5 seconds later \"replica-1\" becomes master";
        assert_eq!(found(two_sided), [3]);
    }

    #[test]
    fn a_span_of_no_time_is_found() {
        assert_eq!(found("When the master is killed\nThen for 0 seconds no replica becomes master\nAnd for 1 second no replica becomes master"), [2]);
    }
}
