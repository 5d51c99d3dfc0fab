//! A session by hand as a feature: what was done becomes `When`s, what was seen becomes `Then`s, and what passed in between becomes time.
//!
//! Pure: a journal and events in, text out. You are in the right place for what is proposed. Only sentences that exist are used, and only what comes again on
//! every play: an election's winner does not, so "a replica becomes master", and of the Sentinels' events only those of a failover or of tilt mode. A limit is
//! three times what was seen, at least 10 seconds.

mod proposals;
mod sentences;

use super::journal::{Deed, Line};
use super::seen::{Event, Wrong};
use super::state::CLOCK;
use crate::systems;
use crate::topology::Topology;
use crate::wait::spans;
use proposals::Proposals;
use std::time::Duration;

/// Longer waits of a person are cut: nobody wants to play them.
const LONGEST: Duration = Duration::from_secs(30);
/// What passes between two commands, in less than which nothing was waited for.
const SHORTEST: i64 = 1000;

/// A feature that `check` accepts; `area` is the folder it is for, which is its tag as well.
pub fn feature(lines: &[Line], events: &[Event], topology: &Topology, now: i64, area: &str) -> String {
    let mut steps = Vec::new();
    let mut given = true;
    let deeds: Vec<&Line> = lines.iter().filter(|line| is_deed(&line.deed)).collect();
    for (n, line) in deeds.iter().enumerate() {
        if given && matches!(line.deed, Deed::Up { .. }) {
            steps.extend(sentences::stage(&line.deed));
            given = false;
            continue;
        }
        let until = deeds.get(n + 1).map_or(now, |next| next.began);
        steps.extend(sentences::done(&line.deed, elected(&deeds[..n], &line.deed, topology)));
        let seen = Proposals::of(line, until, lines, events, topology);
        steps.extend(seen.sentences);
        // What is looked for is waited for already.
        let rest = until - seen.last.unwrap_or(line.ended);
        if n + 1 < deeds.len() && rest >= SHORTEST {
            steps.extend(passes(rest));
        }
    }
    // What was done last has to come to something, too.
    if steps.iter().rev().find(|step| !step.keyword.is_empty()).is_none_or(|step| step.keyword != "Then") {
        steps.extend(proposals::at_last(&deeds, lines, topology));
    }
    write(&steps, area, &topology.name)
}

/// Times in which a node's clock was wrong, from the journal.
pub fn wrong_clocks(lines: &[Line], node: &str, now: i64) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let Deed::Inject { fault, nodes, millis, span, .. } = &line.deed else { continue };
        if fault != CLOCK || !nodes.iter().any(|name| name == node) {
            continue;
        }
        let cured = |later: &&Line| matches!(&later.deed, Deed::Heal { node: healed, fault, .. } if healed == node && fault == CLOCK);
        let until = span.map_or_else(|| lines[n..].iter().find(cured).map_or(now, |later| later.ended), |_| line.ended);
        wrong.push((line.began, until, *millis));
    }
    wrong
}

fn is_deed(deed: &Deed) -> bool {
    match deed {
        Deed::Look { .. } | Deed::Became { .. } => false,
        // Whoever only asked how things are has changed nothing, and began nothing.
        Deed::Command { words, error, .. } => *error || !sentences::only_asks(words),
        _ => true,
    }
}

/// Whether what is healed is a node that was master by election when it was harmed.
fn elected(before: &[&Line], deed: &Deed, topology: &Topology) -> bool {
    let Deed::Heal { node: healed, .. } = deed else { return false };
    let harmed = |line: &&&Line| matches!(&line.deed, Deed::Inject { nodes, .. } if nodes.contains(healed));
    let said = before.iter().rev().find(harmed).map(|line| &line.deed);
    let by_role = matches!(said, Some(Deed::Inject { said, .. }) if said.rsplit(' ').next().is_some_and(systems::is_primary));
    by_role && topology.secondaries().contains(&healed.as_str())
}

/// A line of a scenario: the kind of step it is, without And, and what stands below it.
#[derive(Debug, Clone, PartialEq)]
struct Sentence {
    keyword: &'static str,
    text: String,
    table: Vec<Vec<String>>,
    /// Stands above it.
    comment: Option<String>,
}

impl Sentence {
    fn new(keyword: &'static str, text: impl Into<String>) -> Sentence {
        Sentence { keyword, text: text.into(), table: Vec::new(), comment: None }
    }

    fn comment(mut self, text: impl Into<String>) -> Sentence {
        self.comment = Some(text.into());
        self
    }
}

/// Time that somebody let pass.
fn passes(millis: i64) -> Vec<Sentence> {
    let span = Duration::from_secs((millis.max(0) as u64).div_ceil(1000));
    let cut = span > LONGEST;
    let written = spans::written(span.min(LONGEST));
    let verb = if written.starts_with("1 ") { "passes" } else { "pass" };
    let sentence = Sentence::new("When", format!("{written} {verb}"));
    vec![if cut { sentence.comment(format!("{} passed; change this if that was waited for", spans::written(span))) } else { sentence }]
}

fn write(steps: &[Sentence], area: &str, topology: &str) -> String {
    let mut out = format!(
        "@{area}\nFeature: A session by hand\n  A draft of what was done by hand on the \"{topology}\" topology. Say here what a reader learns.\n\n  \
         Rule: What was promised\n    Source: say where the promise stands, as in https://redis.io/docs/latest/\n\n    @id:by-hand\n    \
         Scenario: What happened by hand happens again\n"
    );
    let mut last = "";
    for step in steps {
        if let Some(comment) = &step.comment {
            out += &format!("      # {comment}\n");
        }
        // A comment may stand alone.
        if step.keyword.is_empty() {
            continue;
        }
        let keyword = if step.keyword == last { "And" } else { step.keyword };
        last = step.keyword;
        out += &format!("      {keyword} {}\n", step.text);
        let width = |column: usize| step.table.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default();
        for row in &step.table {
            let cells: Vec<String> = row.iter().enumerate().map(|(n, cell)| format!("{cell:<width$}", width = width(n))).collect();
            out += &format!("        | {} |\n", cells.join(" | "));
        }
    }
    out
}

#[cfg(test)]
#[path = "draft/tests.rs"]
mod tests;
