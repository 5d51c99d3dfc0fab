//! Scenarios: every step means something, in the right phase, about nodes and directives that the topology has.

use super::{snippet, waits, windows};
use crate::run::catalogue::{Feature, Scenario};
use crate::run::meant::Meant;
use crate::run::registry::{Found, NotFound, Registry, phase};
use crate::steps::params::{self, Nodes, Who};
use crate::topology::Topology;
use crate::topology::located::{MOST, Problem, nearest};
use crate::topology::settings::Settings;
use cucumber::gherkin::{self, StepType};
use std::collections::BTreeMap;

type Topologies = BTreeMap<String, Topology>;

pub(super) fn check(feature: &Feature, registry: &Registry, topologies: &Topologies, problems: &mut Vec<Problem>) {
    let most = problems.len() + MOST;
    for scenario in feature.scenarios() {
        if problems.len() >= most {
            return;
        }
        if !scenario.steps.iter().any(|step| step.ty == StepType::Then) {
            let message = format!("\"{}\" has no Then: it states nothing that could be false", scenario.name);
            problems.push(Problem::error(&feature.path, scenario.line, message));
        }
        stage(feature, scenario, problems);
        placeholders(feature, scenario, problems);
        windows::check(feature, scenario, registry, problems);
        let topology = topology(feature, scenario, topologies, problems);
        for (step, meant) in scenario.meanings() {
            check_step(feature, (step, meant), registry, topology, problems);
        }
        if let Some(topology) = topology {
            waits::check(feature, scenario, topology, problems);
        }
    }
}

fn check_step(
    feature: &Feature,
    (step, meant): (&gherkin::Step, &Meant),
    registry: &Registry,
    topology: Option<&Topology>,
    problems: &mut Vec<Problem>,
) {
    let at = |message: String| Problem::error(&feature.path, step.position.line, message).column(step.position.col);
    match registry.find(step) {
        Ok(found) => {
            let line = step.position.line;
            let wrong = parameters(&found, topology);
            problems.extend(wrong.into_iter().map(|(message, word)| at(message).column(column(feature, line, &word))));
            let below = [("table", step.table.is_some()), ("text", step.docstring.is_some())].into_iter().find(|(_, there)| *there);
            if let (Some((below, _)), Some(false)) = (below, found.definition.map(|definition| definition.reads_below)) {
                problems.push(
                    at(format!("this step reads no {below}: what stands below it would not count"))
                        .advice("`rehearsal steps` tells what each step reads"),
                );
            }
            if meant.stage().is_some() && step.value.ends_with(" with") && step.table.is_none() {
                problems
                    .push(at("behind `with` comes a table of directives".to_owned()).advice("leave `with` out, or write rows below: | quorum | 1 |"));
            }
        }
        Err(NotFound::Undefined(near)) => {
            let problem = at(format!("no {} step matches: {}", phase(step.ty), step.value));
            let near = unit(&step.value).or_else(|| near.map(|near| format!("did you mean: {near}")));
            problems.push(problem.advice(match near {
                Some(near) => format!("{near}\n          `rehearsal steps` lists what there is"),
                None => format!("`rehearsal steps` lists what there is; {}", snippet::snippet(step, topology)),
            }));
        }
        Err(NotFound::Ambiguous(places)) => {
            let problem = at(format!("{} steps match: {}", places.len(), step.value));
            problems.push(problem.advice(format!("reword one of them: {}", places.join(", "))));
        }
    }
}

/// A number followed by what is nearly a unit of time.
fn unit(sentence: &str) -> Option<String> {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let (number, word) = words.windows(2).map(|pair| (pair[0], pair[1])).find(|(number, word)| {
        let counted = number.parse::<f64>().is_ok() || NUMBERS.contains(number);
        counted && (params::UNITS.contains(word) || nearest(word, params::UNITS.iter().copied()).is_some() || SHORT.contains(word))
    })?;
    if params::UNITS.contains(&word) {
        return NUMBERS.contains(&number).then(|| format!("write \"{number}\" in digits"));
    }
    let near = nearest(word, params::UNITS.iter().copied());
    Some(near.map_or_else(|| format!("write the unit out: {}", params::UNITS.join(", ")), |near| format!("did you mean `{number} {near}`?")))
}

/// Numbers and units that people write and a duration does not take.
const NUMBERS: &[&str] = &["a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const SHORT: &[&str] = &["s", "ms", "sec", "secs", "msec", "min", "mins", "h"];

/// Every scenario stands on one topology.
fn stage(feature: &Feature, scenario: &Scenario, problems: &mut Vec<Problem>) {
    let mut asked = scenario.stages();
    if asked.next().is_none() {
        let problem = Problem::error(&feature.path, scenario.line, format!("\"{}\" asks for no topology: nothing would run", scenario.name));
        problems.push(problem.advice("begin with `Given the \"sentinel\" topology`; `rehearsal topologies` lists them"));
    }
    for step in asked {
        let problem = Problem::error(&feature.path, step.position.line, "a scenario stands on one topology; this is another one");
        problems.push(problem.column(step.position.col).advice("leave one of them out, in the background or here"));
    }
}

/// What is left in angle brackets of an outline names no column.
fn placeholders(feature: &Feature, scenario: &Scenario, problems: &mut Vec<Problem>) {
    let Some(columns) = &scenario.columns else { return };
    // What a cell says is not looked at again, so a column that is still named stood in one.
    if let Some(name) = columns.iter().find(|name| scenario.name.contains(&format!("<{name}>"))) {
        let problem = Problem::error(&feature.path, scenario.line, format!("a cell says `<{name}>`, and cells are not filled in"));
        problems.push(problem.advice("write into the cell what is to stand there"));
        return;
    }
    let mut told: Vec<&str> = Vec::new();
    for step in &scenario.steps[scenario.background..] {
        let cells = step.table.iter().flat_map(|table| table.rows.iter().flatten());
        for text in std::iter::once(&step.value).chain(cells).chain(&step.docstring) {
            let names = text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(name, _)| name);
            for name in names.filter(|name| name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '))) {
                if !name.is_empty() && !told.contains(&name) {
                    told.push(name);
                    let problem = Problem::error(&feature.path, step.position.line, format!("`<{name}>` names no column of the examples"));
                    problems.push(problem.column(step.position.col).did_you_mean(name, columns.iter().map(String::as_str)));
                }
            }
        }
    }
}

/// The topology a scenario asks for, with its directives checked.
fn topology<'t>(feature: &Feature, scenario: &Scenario, topologies: &'t Topologies, problems: &mut Vec<Problem>) -> Option<&'t Topology> {
    let name = scenario.topology.as_deref()?;
    let step = scenario.stages().next()?;
    let Some(topology) = topologies.get(name) else {
        // When the files could not be read at all, that is told once and is enough.
        if !topologies.is_empty() {
            let problem = Problem::error(&feature.path, step.position.line, format!("no topology \"{name}\" in compose/"));
            problems.push(problem.column(step.position.col).did_you_mean(name, topologies.keys().map(String::as_str)));
        }
        return None;
    };
    if let Some(table) = &step.table {
        for (n, row) in table.rows.iter().enumerate() {
            let line = table.position.line + n;
            let [key, value] = row.as_slice() else {
                problems.push(Problem::error(&feature.path, line, format!("a directive is a name and a value, this row has {} cells", row.len())));
                continue;
            };
            if let Err(message) = Settings::parse(&[(key.clone(), value.clone())], topology) {
                problems.push(Problem::error(&feature.path, line, message).column(column(feature, line, key)));
            }
        }
    }
    Some(topology)
}

/// What is wrong with the words a step was given, each with the word as it stands in the line.
fn parameters(found: &Found<'_>, topology: Option<&Topology>) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for (name, text) in found.words() {
        if let Err(message) = params::check(&name, &text) {
            wrong.push((message, text));
        } else if name == "nodes"
            && let Some(topology) = topology
        {
            wrong.extend(unknown_nodes(&text, topology));
        }
    }
    wrong
}

fn unknown_nodes(text: &str, topology: &Topology) -> Vec<(String, String)> {
    let Ok(Nodes { who: Who::Named(names), .. }) = text.parse::<Nodes>() else { return Vec::new() };
    let known: Vec<&str> = topology.nodes.iter().map(|node| node.name.as_str()).collect();
    let unknown = names.iter().filter(|name| !known.contains(&name.as_str()));
    unknown
        .map(|name| {
            let near = nearest(name, known.iter().copied())
                .map_or_else(|| format!(": it has {}", known.join(", ")), |near| format!(", did you mean \"{near}\"?"));
            (format!("no node \"{name}\" in the \"{}\" topology{near}", topology.name), format!("\"{name}\""))
        })
        .collect()
}

/// Column of a word in a line of a feature, counted in characters from 1; that of the line's text when the word is not in it as written.
fn column(feature: &Feature, line: usize, word: &str) -> usize {
    let text = feature.text.lines().nth(line - 1).unwrap_or_default();
    let at = text.find(word).filter(|_| !word.is_empty()).unwrap_or(text.len() - text.trim_start().len());
    text[..at].chars().count() + 1
}
