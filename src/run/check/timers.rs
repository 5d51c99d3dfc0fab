//! The servers' own timers as a scenario has them: the value, and the place that decides it.
//!
//! You are in the right place when `check` quotes a wrong value of a timer, or a wrong place. A row of the `Given`'s table wins over the topology's file,
//! and that over the server's default.

use crate::run::catalogue::{Feature, Scenario};
use crate::systems::settings::Found;
use crate::topology::position::{self, Seg};
use crate::topology::settings::Settings;
use crate::topology::{NodeSpec, Topology};
use cucumber::gherkin;
use std::fmt;
use std::time::Duration;

/// A timer's value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timer {
    pub value: Duration,
    times: u32,
    name: &'static str,
    node: String,
    /// As written, in the directive's own unit.
    written: String,
    place: String,
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = if self.times > 1 { format!("{} times ", self.times) } else { String::new() };
        write!(f, "{times}{} of {} is {} ({})", self.name, self.node, self.written, self.place)
    }
}

/// The topology as a scenario's first step sets it up.
pub(super) struct Stage<'s> {
    feature: &'s Feature,
    scenario: &'s Scenario,
    given: &'s gherkin::Step,
    pub topology: Topology,
}

impl<'s> Stage<'s> {
    /// None when the first step has mistakes, which are told elsewhere.
    pub fn of(feature: &'s Feature, scenario: &'s Scenario, topology: &Topology) -> Option<Stage<'s>> {
        let given = scenario.stages().next()?;
        let rows = given.table.iter().flat_map(|table| &table.rows);
        let rows: Option<Vec<(String, String)>> = rows.map(|row| <&[String; 2]>::try_from(row.as_slice()).ok().cloned().map(Into::into)).collect();
        let topology = Settings::parse(&rows?, topology).ok()?.apply(topology.clone());
        Some(Stage { feature, scenario, given, topology })
    }

    /// A node's timer; none when something else in the scenario speaks of it, since then its value at a later moment is not known.
    pub fn timer(&self, node: &NodeSpec, name: &'static str) -> Option<Timer> {
        let known = node.kind.system.timers().iter().find(|known| known.name == name)?;
        let (written, place) = match known.set_by {
            Some(sentence) => self.set_by(sentence, name),
            None if self.spoken_of_later(name) => return None,
            None => self.configured(node, name),
        }
        .unwrap_or_else(|| (known.default.to_string(), "the default: nothing sets it".to_owned()));
        let number: u32 = written.parse().ok()?;
        Some(Timer { value: known.unit * number * known.times, times: known.times, name, node: node.name.clone(), written, place })
    }

    /// Whether another step than the first names a directive: in a command, say.
    pub fn spoken_of_later(&self, name: &str) -> bool {
        let others = self.scenario.steps.iter().filter(|step| !std::ptr::eq(*step, self.given));
        let has = |text: &str| text.to_lowercase().contains(name);
        others.into_iter().any(|step| has(&step.value) || step.table.iter().flat_map(|t| t.rows.iter().flatten()).any(|cell| has(cell)))
    }

    /// From the table of a sentence.
    fn set_by(&self, sentence: &str, name: &str) -> Option<(String, String)> {
        let tables = self.scenario.steps.iter().filter(|step| step.value == sentence).filter_map(|step| step.table.as_ref());
        let mut rows = tables.flat_map(|table| table.rows.iter().enumerate().map(|(n, row)| (table.position.line + n, row)));
        let (line, row) = rows.rfind(|(_, row)| row.first().is_some_and(|cell| cell == name))?;
        Some((row.get(1)?.clone(), format!("{}:{line}", self.feature.path)))
    }

    /// From what a node starts with; the last mention counts, for a server as here.
    fn configured(&self, node: &NodeSpec, name: &str) -> Option<(String, String)> {
        let Found { value, in_command, mention } = node.kind.system.settings()?.value(&node.command, &node.files, name)?;
        let way = if in_command { vec!["services", &node.name, "command"] } else { vec!["configs"] };
        let way: Vec<Seg> = way.into_iter().map(|key| Seg::Key(key.to_owned())).collect();
        let place = self.row(node, name).map_or_else(
            || format!("compose/{}.yml:{}", self.topology.name, position::locate_within(&self.topology.source, &way, &mention).0),
            |line| format!("{}:{line}", self.feature.path),
        );
        Some((value, place))
    }

    /// Line of the narrowest row that sets a directive of a node.
    fn row(&self, node: &NodeSpec, name: &str) -> Option<usize> {
        let table = self.given.table.as_ref()?;
        let keys = [format!("{}.{name}", node.name), format!("{}.{name}", node.kind), name.to_owned()];
        keys.iter().find_map(|key| {
            let n = table.rows.iter().rposition(|row| row.first().is_some_and(|cell| cell.trim() == key))?;
            Some(table.position.line + n)
        })
    }
}
