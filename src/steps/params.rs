//! The words that vary inside a sentence: nodes, durations, roles, observables, changes.
//!
//! Their regular expressions stay ordinary strings, since editors read them to complete steps.

use super::bounds::{Count, Delay, Within};
use crate::faults;
use crate::systems::{self, Observable, Part, observable};
use crate::topology::located::nearest;
use crate::wait::spans;
use cucumber::Parameter;
use std::rc::Rc;
use std::str::FromStr;
use std::time::Duration;

/// Nodes: quoted names joined by commas and "and", or a role in the words of the systems ("the master", "every Sentinel"). A run id is random: "the replica with the smallest run id" is told by what the replicas say of themselves.
#[derive(Debug, Clone, PartialEq, Parameter)]
#[param(
    name = "nodes",
    regex = "\"[^\"]+\"(?:(?:, | and )\"[^\"]+\")*|the replica with the (?:smallest|largest) run id|the (?:old |new )?[A-Za-z]+|(?:every|a) [A-Za-z]+"
)]
pub struct Nodes {
    /// As written.
    pub text: String,
    pub who: Who,
    /// "a replica", "a Sentinel": one of them is enough.
    pub any: bool,
}

/// Whom [`Nodes`] mean. A role is told by its word.
#[derive(Debug, Clone, PartialEq)]
pub enum Who {
    Named(Vec<String>),
    /// The one that has the role now: "the master".
    Now(&'static str),
    /// All that have it now, of a role that takes writes: "every master".
    AllNow(&'static str),
    /// Those that had it when the topology was formed: "the old master".
    Old(&'static str),
    /// Those that have it now, and had not when the topology was formed: "the new master".
    New(&'static str),
    /// Those that are declared to have it, of a role that takes no writes: "the replicas", "every Sentinel".
    Declared(&'static str),
    /// Of the replicas, the one whose run id before the first `When` sorts first.
    SmallestRunId,
    /// Of these, the one whose run id before the first `When` sorts last.
    LargestRunId,
    Everything,
}

impl FromStr for Nodes {
    type Err = String;

    fn from_str(text: &str) -> Result<Nodes, String> {
        let who = match text {
            "the replica with the smallest run id" => Who::SmallestRunId,
            "the replica with the largest run id" => Who::LargestRunId,
            "every node" => Who::Everything,
            quoted if quoted.starts_with('"') => Who::Named(quoted.split('"').skip(1).step_by(2).map(str::to_owned).collect()),
            role => Who::by_role(role).ok_or_else(|| unnamed(role))?,
        };
        Ok(Nodes { text: text.to_owned(), who, any: text.starts_with("a ") })
    }
}

impl Who {
    fn by_role(text: &str) -> Option<Who> {
        let (article, noun) = text.split_once(' ')?;
        let (age, noun) = noun.split_once(' ').map_or(("", noun), |(age, noun)| (age, noun));
        let plural = article == "the" && systems::role_called(noun).is_none();
        let kind = systems::role_called(if plural { noun.strip_suffix('s')? } else { noun })?;
        let (word, primary) = (kind.role.word, kind.role.part == Part::Primary);
        Some(match (article, age) {
            ("the", "old") if primary => Who::Old(word),
            ("the", "new") if primary => Who::New(word),
            ("the", "") if primary && !plural => Who::Now(word),
            ("the", "") | ("every", "") if primary => Who::AllNow(word),
            ("a" | "every", "") => Who::Declared(word),
            ("the", "") if plural => Who::Declared(word),
            _ => return None,
        })
    }
}

fn unnamed(text: &str) -> String {
    let known = || systems::all().flat_map(|system| system.roles()).map(|role| role.noun);
    let noun = text.rsplit(' ').next().unwrap_or_default();
    match nearest(noun, known()).filter(|near| *near != noun) {
        Some(near) => format!("\"{text}\" names no nodes, did you mean \"{}{near}\"?", text.strip_suffix(noun).unwrap_or_default()),
        None => format!("\"{text}\" names no nodes: write \"replica-1\", the master, every replica, every Sentinel"),
    }
}

/// A span of time, written out: "500 milliseconds", "1.5 seconds", "2 minutes".
#[derive(Debug, Clone, Copy, PartialEq, Parameter)]
#[param(name = "duration", regex = "\\d+(?:\\.\\d+)? (?:milliseconds?|seconds?|minutes?|hours?)")]
pub struct Span(pub Duration);

/// Units a duration may have, as they are written.
pub use crate::wait::spans::UNITS;

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Span, String> {
        spans::parse(text).map(Span)
    }
}

/// A role as nodes report it. Any noun may be one; a participle ("acknowledged") is none.
#[derive(Debug, Clone, Copy, PartialEq, Parameter)]
#[param(name = "role", regex = "(?:a )?[a-z]*(?:[a-z][a-ce-z]|[a-df-z]d)")]
pub struct RoleName(pub &'static str);

impl FromStr for RoleName {
    type Err = String;

    fn from_str(text: &str) -> Result<RoleName, String> {
        let word = text.trim_start_matches("a ");
        let found = systems::role(word).or_else(|| systems::role(word.strip_suffix('s')?)).filter(|kind| kind.role.part.is_reported());
        found.map(|kind| RoleName(kind.role.word)).ok_or_else(|| {
            let known = systems::all().flat_map(|system| system.roles()).filter(|role| role.part.is_reported()).map(|role| role.word);
            format!(
                "\"{word}\" is no role that a node reports{}",
                nearest(word, known).map_or(String::new(), |near| format!(", did you mean \"{near}\"?"))
            )
        })
    }
}

/// The name of an observable; `rehearsal list` of them stands in the reference.
#[derive(Debug, Clone, Copy, PartialEq, Parameter)]
#[param(name = "observable", regex = "[a-zA-Z][a-zA-Z -]*?")]
pub struct Observed(pub &'static Observable);

impl FromStr for Observed {
    type Err = String;

    fn from_str(text: &str) -> Result<Observed, String> {
        observable::find(text).map(Observed).ok_or_else(|| {
            let near = nearest(text, systems::observables().into_iter().map(|o| o.name));
            format!("no observable \"{text}\"{}", near.map_or(String::new(), |near| format!(", did you mean \"{near}\"?")))
        })
    }
}

/// A value to compare with: a number, two numbers between which it lies ("between 3 and 5"), or a text in quotes.
#[derive(Debug, Clone, PartialEq, Parameter)]
#[param(name = "value", regex = "\\d+|between \\d+ and \\d+|\"[^\"]*\"")]
pub struct Value {
    /// As written, without quotes.
    pub text: String,
    between: Option<Count>,
}

impl FromStr for Value {
    type Err = String;

    fn from_str(text: &str) -> Result<Value, String> {
        let between = if text.starts_with("between ") { Some(text.parse()?) } else { None };
        Ok(Value { text: text.trim_matches('"').to_owned(), between })
    }
}

impl Value {
    pub fn is(&self, seen: &str) -> bool {
        self.between.as_ref().map_or(seen == self.text, |count| seen.parse().is_ok_and(|seen| count.holds(seen)))
    }
}

/// What is done to nodes: a fault by its participle, perhaps for a span, or a cure.
#[derive(Clone, Parameter)]
#[param(name = "change", regex = "[a-z][a-z0-9. ]*")]
pub enum Change {
    Fault { fault: Rc<dyn faults::Fault>, span: Option<Duration> },
    Cure(&'static str),
}

/// Cures that sentences know.
const CURES: &[&str] = &["started again", "healed"];

impl FromStr for Change {
    type Err = String;

    fn from_str(text: &str) -> Result<Change, String> {
        if let Some(cure) = CURES.iter().find(|cure| **cure == text) {
            return Ok(Change::Cure(cure));
        }
        let (name, span) = match text.split_once(" for ") {
            Some((name, span)) => (name, Some(span.parse::<Span>()?.0)),
            None => (text, None),
        };
        match faults::find(name) {
            Some(fault) => Ok(Change::Fault { fault, span }),
            None => {
                let known = faults::ALL.iter().filter(|entry| !entry.own_step).map(|entry| entry.name).chain(CURES.iter().copied());
                let near = nearest(name, known).map_or(String::new(), |near| format!(", did you mean \"{near}\"?"));
                Err(format!("no fault is called \"{name}\"{near} `rehearsal faults` lists them"))
            }
        }
    }
}

/// Which way a clock jumps.
#[derive(Debug, Clone, Copy, PartialEq, Parameter)]
#[param(name = "direction", regex = "ahead|back")]
pub enum Direction {
    Ahead,
    Back,
}

impl FromStr for Direction {
    type Err = String;

    fn from_str(text: &str) -> Result<Direction, String> {
        match text {
            "ahead" => Ok(Direction::Ahead),
            "back" => Ok(Direction::Back),
            other => Err(format!("a clock jumps ahead or back, not \"{other}\"")),
        }
    }
}

impl Direction {
    /// The offset in milliseconds.
    pub fn millis(self, span: Duration) -> i64 {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        match self {
            Direction::Ahead => millis,
            Direction::Back => -millis,
        }
    }
}

/// Which way a client's calls go: to a node, or to whom the Sentinels or the slot map name.
#[derive(Debug, Clone, PartialEq, Parameter)]
#[param(
    name = "route",
    regex = "the master|whichever node is [a-z]+|the Sentinels(?:, asked once)?|(?:one connection of )?the redis crate's Sentinel client|the cluster|\"[^\"]+\""
)]
pub enum Route {
    Node(Nodes),
    /// Whichever node says that it has this role, asked anew after every error.
    Holder(&'static str),
    Sentinels,
    /// The address that the Sentinels named first, for ever.
    SentinelsOnce,
    /// The redis crate's own client, asked for a connection after every error.
    Library,
    /// The same, asked for a connection once.
    LibraryOnce,
    Cluster,
}

impl FromStr for Route {
    type Err = String;

    fn from_str(text: &str) -> Result<Route, String> {
        Ok(match text {
            "the Sentinels" => Route::Sentinels,
            "the Sentinels, asked once" => Route::SentinelsOnce,
            "the redis crate's Sentinel client" => Route::Library,
            "one connection of the redis crate's Sentinel client" => Route::LibraryOnce,
            "the cluster" => Route::Cluster,
            node => match node.strip_prefix("whichever node is ") {
                Some(role) => Route::Holder(role.parse::<RoleName>()?.0),
                None => Route::Node(node.parse()?),
            },
        })
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Route::Holder(role) => return write!(f, "whichever node is {role}"),
            Route::Node(nodes) => nodes.text.trim_matches('"'),
            Route::Sentinels => "the Sentinels",
            Route::SentinelsOnce => "the Sentinels, asked once",
            Route::Library => "the redis crate's Sentinel client",
            Route::LibraryOnce => "one connection of the redis crate's Sentinel client",
            Route::Cluster => "the cluster",
        })
    }
}

/// Checks a captured word against the type its name stands for, without a deployment: what `check` does.
///
/// # Errors
/// The message a person reads.
pub fn check(parameter: &str, text: &str) -> Result<(), String> {
    match parameter {
        "nodes" => text.parse::<Nodes>().map(drop),
        "duration" => text.parse::<Span>().map(drop),
        "window" => text.parse::<Within>().map(drop),
        "delay" => text.parse::<Delay>().map(drop),
        "count" => text.parse::<Count>().map(drop),
        "value" => text.parse::<Value>().map(drop),
        "observable" => text.parse::<Observed>().map(drop),
        "role" => text.parse::<RoleName>().map(drop),
        "route" => text.parse::<Route>().map(drop),
        "change" => text.parse::<Change>().map(drop),
        "direction" => text.parse::<Direction>().map(drop),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_names_or_a_role() {
        let nodes: Nodes = "\"a\", \"b\" and \"c\"".parse().unwrap();
        assert_eq!(nodes.who, Who::Named(vec!["a".into(), "b".into(), "c".into()]));
        assert!("a replica".parse::<Nodes>().unwrap().any);
        assert_eq!("the replica with the smallest run id".parse::<Nodes>().unwrap().who, Who::SmallestRunId);
        assert!("the moon".parse::<Nodes>().is_err());
    }

    #[test]
    fn durations_are_written_out() {
        assert_eq!("1.5 seconds".parse::<Span>().unwrap().0, Duration::from_millis(1500));
        assert_eq!("1 hour".parse::<Span>().unwrap().0, Duration::from_secs(3600));
        assert!("5 parsecs".parse::<Span>().is_err());
    }

    #[test]
    fn a_value_is_a_text_or_lies_between_two_numbers() {
        let value: Value = "between 3 and 5".parse().unwrap();
        assert_eq!(["2", "3", "5", "6", "ok"].map(|seen| value.is(seen)), [false, true, true, false, false]);
        let quoted: Value = "\"between 3 and 5\"".parse().unwrap();
        assert!(quoted.is("between 3 and 5") && !quoted.is("4"));
        assert!("between 5 and 3".parse::<Value>().is_err());
    }

    #[test]
    fn an_unknown_fault_is_answered_with_the_nearest() {
        let error = "killd".parse::<Change>().err().unwrap();
        assert!(error.contains("did you mean \"killed\""), "{error}");
        assert!(matches!("paused for 3 seconds".parse::<Change>(), Ok(Change::Fault { span: Some(_), .. })));
    }
}
