//! A function to begin with, for a sentence that has none: ready to be pasted into a file of steps.

use crate::run::registry::phase;
use crate::steps::params::{Nodes, Span};
use crate::topology::Topology;
use cucumber::gherkin;
use regex::Regex;

/// Longest name that is made of a sentence's words.
const NAME: usize = 4;

/// Where to put it, and the function. Quoted words that the topology has as nodes become nodes, others texts.
pub(super) fn snippet(step: &gherkin::Step, topology: Option<&Topology>) -> String {
    let nodes = <Nodes as cucumber::Parameter>::REGEX;
    let spans = <Span as cucumber::Parameter>::REGEX;
    let Ok(varies) = Regex::new(&format!("(?P<nodes>{nodes})|(?P<text>\"[^\"]*\")|(?P<span>{spans})|(?P<number>\\b\\d+\\b)")) else {
        return String::new();
    };
    let is_node = |quoted: &str| topology.is_some_and(|t| quoted.split('"').skip(1).step_by(2).all(|name| t.node(name).is_some()));
    let mut sentence = String::new();
    let mut arguments: Vec<(&str, &str)> = Vec::new();
    let mut plain = String::new();
    let mut last = 0;
    for found in varies.captures_iter(&step.value) {
        let Some(whole) = found.get(0) else { continue };
        // "the moon" has the shape of a role, and is none.
        if found.name("nodes").is_some_and(|nodes| !nodes.as_str().starts_with('"') && nodes.as_str().parse::<Nodes>().is_err()) {
            continue;
        }
        let between = &step.value[last..whole.start()];
        last = whole.end();
        let (parameter, name, kind) = if found.name("nodes").is_some_and(|nodes| !nodes.as_str().starts_with('"') || is_node(nodes.as_str())) {
            ("{nodes}", "nodes", "Nodes")
        } else if found.name("span").is_some() {
            ("{duration}", "span", "Span")
        } else if found.name("number").is_some() {
            ("{int}", "count", "u64")
        } else {
            ("{string}", "text", "String")
        };
        sentence += &(escape(between) + parameter);
        plain += between;
        arguments.push((name, kind));
    }
    sentence += &escape(&step.value[last..]);
    plain += &step.value[last..];
    let imports: Vec<&str> = ["Nodes", "Span"].into_iter().filter(|kind| arguments.iter().any(|(_, used)| used == kind)).collect();
    let imports = if imports.is_empty() { String::new() } else { format!("use super::params::{{{}}};\n", imports.join(", ")) };
    let numbered = |(n, (name, kind)): (usize, &(&str, &str))| {
        let twice = arguments.iter().filter(|(other, _)| other == name).count() > 1;
        let number = 1 + arguments[..n].iter().filter(|(other, _)| other == name).count();
        if twice { format!(", {name}_{number}: {kind}") } else { format!(", {name}: {kind}") }
    };
    let table = if step.table.is_some() || step.docstring.is_some() { ", step: &gherkin::Step" } else { "" };
    let phase = phase(step.ty);
    let macros = if table.is_empty() { phase.to_owned() } else { format!("{{gherkin, {phase}}}") };
    format!(
        "a new one goes into the file of its concept in src/steps/:\n\n{imports}use crate::error::{{Step, StepError}};\nuse crate::world::World;\nuse cucumber::{macros};\n\n\
         /// What it does, in a sentence: `rehearsal steps` and the book show this line.\n#[{phase}(expr = \"{sentence}\")]\n\
         async fn {}(world: &mut World{}{table}) -> Step {{\n    Err(StepError::scenario(\"this step is not written yet\"))\n}}",
        name(&plain),
        arguments.iter().enumerate().map(numbered).collect::<String>()
    )
}

/// What means something of its own in a cucumber expression, and in a Rust string.
fn escape(text: &str) -> String {
    let escaped: String = text.chars().flat_map(|c| "(){}/\\".contains(c).then_some('\\').into_iter().chain([c])).collect();
    escaped.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A function's name from the first words of a sentence.
fn name(sentence: &str) -> String {
    let words = sentence.split(|c: char| !c.is_ascii_alphabetic()).map(str::to_lowercase).filter(|word| !word.is_empty());
    let name = words.filter(|word| !["the", "of", "a", "is", "are"].contains(&word.as_str())).take(NAME).collect::<Vec<_>>().join("_");
    if name.is_empty() || syn_keyword(&name) { "name_it".to_owned() } else { name }
}

/// Words that cannot name a function.
fn syn_keyword(word: &str) -> bool {
    ["as", "async", "await", "break", "for", "if", "in", "let", "loop", "match", "move", "ref", "return", "use", "where", "while", "with", "yield"]
        .contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let text = format!("Feature: F\n  Scenario: S\n    When {text}\n");
        let feature = gherkin::Feature::parse(text, gherkin::GherkinEnv::default()).unwrap();
        snippet(&feature.scenarios[0].steps[0], None)
    }

    #[test]
    fn what_varies_becomes_a_parameter_of_ours() {
        let snippet = of("the master gives \"a/b\" to every replica (twice) within 5 seconds, 3 times");
        assert!(
            snippet.contains("#[when(expr = \"{nodes} gives {string} to {nodes} \\\\(twice\\\\) within {duration}, {int} times\")]"),
            "{snippet}"
        );
        assert!(
            snippet.contains(
                "fn gives_to_twice_within(world: &mut World, nodes_1: Nodes, text: String, nodes_2: Nodes, span: Span, count: u64) -> Step"
            ),
            "{snippet}"
        );
        assert!(snippet.contains("use super::params::{Nodes, Span};"), "{snippet}");
    }

    #[test]
    fn a_table_comes_with_the_step() {
        assert!(of("things\n      | a |").contains("fn things(world: &mut World, step: &gherkin::Step)"));
    }
}
