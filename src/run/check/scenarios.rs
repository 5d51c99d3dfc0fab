//! Scenarios: every step means something, in the right phase, about nodes and directives that the topology has.

use crate::run::catalogue::{Feature, Scenario};
use crate::run::registry::{Found, NotFound, Registry, phase};
use crate::steps::params::{self, Nodes, Who};
use crate::topology::Topology;
use crate::topology::located::Problem;
use crate::topology::settings::Settings;
use cucumber::gherkin::{self, StepType};
use std::collections::BTreeMap;

type Topologies = BTreeMap<String, Topology>;

pub(super) fn check(feature: &Feature, registry: &Registry, topologies: &Topologies, problems: &mut Vec<Problem>) {
    for scenario in feature.scenarios() {
        if !scenario.steps.iter().any(|step| step.ty == StepType::Then) {
            let message = format!("\"{}\" has no Then: it states nothing that could be false", scenario.name);
            problems.push(Problem::error(&feature.path, scenario.line, message));
        }
        let topology = topology(feature, scenario, topologies, problems);
        for step in &scenario.steps {
            check_step(feature, step, registry, topology, problems);
        }
    }
}

fn check_step(feature: &Feature, step: &gherkin::Step, registry: &Registry, topology: Option<&Topology>, problems: &mut Vec<Problem>) {
    let at = |message: String| Problem::error(&feature.path, step.position.line, message);
    match registry.find(step) {
        Ok(found) => problems.extend(parameters(&found, topology).into_iter().map(at)),
        Err(NotFound::Undefined(near)) => {
            let problem = at(format!("no {} step matches: {}", phase(step.ty), step.value));
            problems.push(match near {
                Some(near) => problem.advice(format!("did you mean: {near}")),
                None => problem.advice(format!("`rehearsal steps` lists them; a new one:\n\n{}", snippet(step))),
            });
        }
        Err(NotFound::Ambiguous(places)) => problems.push(at(format!("several steps match: {}", places.join(", ")))),
    }
}

/// The topology a scenario asks for, with its directives checked.
fn topology<'t>(feature: &Feature, scenario: &Scenario, topologies: &'t Topologies, problems: &mut Vec<Problem>) -> Option<&'t Topology> {
    let name = scenario.topology.as_deref()?;
    let step = scenario.steps.iter().find(|step| crate::run::catalogue::topology_name(&step.value).is_some())?;
    let Some(topology) = topologies.get(name) else {
        // When the files could not be read at all, that is told once and is enough.
        if !topologies.is_empty() {
            let problem = Problem::error(&feature.path, step.position.line, format!("no topology \"{name}\" in compose/"));
            problems.push(problem.did_you_mean(name, topologies.keys().map(String::as_str)));
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
                problems.push(Problem::error(&feature.path, line, message));
            }
        }
    }
    Some(topology)
}

/// What is wrong with the words a step was given.
fn parameters(found: &Found<'_>, topology: Option<&Topology>) -> Vec<String> {
    let Some(definition) = found.definition else { return Vec::new() };
    let names = parameter_names(&definition.pattern);
    let captured: Vec<&str> = found.context.matches.iter().skip(1).map(|(_, text)| text.as_str()).collect();
    // {string} captures twice, once a kind of quote, so captures and names only line up when no parameter is a string.
    let captured = if names.contains(&"string") { by_name(&names, &captured) } else { captured.into_iter().map(Some).collect() };
    let mut wrong = Vec::new();
    for (name, text) in names.iter().zip(captured).filter_map(|(name, text)| Some((*name, text?))) {
        if let Err(message) = params::check(name, text) {
            wrong.push(message);
        } else if name == "nodes"
            && let Some(topology) = topology
        {
            wrong.extend(unknown_nodes(text, topology));
        }
    }
    wrong
}

/// Captures in order of the parameters, where a string takes two.
fn by_name<'c>(names: &[&str], captured: &[&'c str]) -> Vec<Option<&'c str>> {
    let mut rest = captured.iter();
    names
        .iter()
        .map(|name| {
            let first = rest.next().copied();
            if *name == "string" {
                let second = rest.next().copied();
                return first.filter(|text| !text.is_empty()).or(second);
            }
            first
        })
        .collect()
}

fn parameter_names(pattern: &str) -> Vec<&str> {
    pattern.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

fn unknown_nodes(text: &str, topology: &Topology) -> Vec<String> {
    let Ok(Nodes { who: Who::Named(names), .. }) = text.parse::<Nodes>() else { return Vec::new() };
    let known: Vec<&str> = topology.nodes.iter().map(|node| node.name.as_str()).collect();
    let unknown = names.iter().filter(|name| !known.contains(&name.as_str()));
    unknown
        .map(|name| {
            let near =
                crate::topology::located::nearest(name, known.iter().copied()).map_or(String::new(), |near| format!(", did you mean \"{near}\"?"));
            format!("no node \"{name}\" in the \"{}\" topology{near}", topology.name)
        })
        .collect()
}

/// A function to begin with, for a sentence that has none.
fn snippet(step: &gherkin::Step) -> String {
    let mut sentence = String::new();
    let mut arguments = String::new();
    for (n, part) in step.value.split('"').enumerate() {
        if n % 2 == 1 {
            sentence.push_str("{string}");
            arguments.push_str(&format!(", text_{}: String", n.div_ceil(2)));
        } else {
            sentence.push_str(part);
        }
    }
    let phase = phase(step.ty);
    format!(
        "/// What it does, in a sentence.\n#[{phase}(expr = \"{sentence}\")]\nasync fn name_it(world: &mut World{arguments}) -> Step {{\n    Ok(())\n}}"
    )
}
