//! `rehearsal steps [WORD ...]`: the sentences a scenario can be made of, with examples out of the scenarios that use them.
//!
//! You are in the right place for what is shown and how it is searched; where sentences, doc comments and uses come from stands in `run/registry.rs`.

use super::exit;
use super::registries::{Format, OutputFormat, json};
use crate::record::hash;
use crate::run::catalogue::Feature;
use crate::run::project::Project;
use crate::run::reading;
use crate::run::registry::{Registry, StepDefinition};
use crate::topology::located::nearest;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

/// Examples that are shown of one step.
pub const EXAMPLES: usize = 2;

/// Which sentences to show.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only sentences with these words in their pattern, their explanation or the scenarios' own sentences
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// Only sentences that this many scenarios use: 0 finds what nobody uses, 1 what may have been worded anew without need
    #[arg(long, value_name = "N")]
    used: Option<usize>,
    #[command(flatten)]
    format: Format,
}

/// Lists steps.
pub fn steps(project: &Project, args: &Args) -> ExitCode {
    let (features, problems) = reading::read(project);
    if !problems.is_empty() {
        return exit::problems(&problems);
    }
    let mut registry = Registry::collect();
    registry.count_uses(features.iter().flat_map(Feature::scenarios));
    let words: Vec<String> = args.words.iter().map(|word| word.to_lowercase()).collect();
    let wanted = |step: &&StepDefinition| words.iter().all(|word| text(step).contains(word)) && args.used.is_none_or(|used| step.used == used);
    let shown: Vec<&StepDefinition> = registry.steps.iter().filter(wanted).collect();
    if shown.is_empty() {
        eprintln!("error: nothing selected: no step has {}{}", criteria(args), meant(&words, &registry));
        return ExitCode::from(exit::NOTHING_CODE);
    }
    if args.format.format == OutputFormat::Json {
        json(&shown);
        return exit::PASSED;
    }
    let mut file = "";
    for step in &shown {
        if file != step.file {
            println!("{}# {}\n", if file.is_empty() { "" } else { "\n" }, step.file);
            file = &step.file;
        }
        print!("{}", paragraph(step, &words));
    }
    eprintln!("{} of {} steps", shown.len(), registry.steps.len());
    exit::PASSED
}

/// One step as people read it.
fn paragraph(step: &StepDefinition, words: &[String]) -> String {
    let mut out = format!("{:<5} {}\n", step.keyword, step.pattern);
    for line in wrapped(&step.doc, 100) {
        out += &format!("      {line}\n");
    }
    // Those with the words that were searched for come first.
    let mut examples = step.examples(usize::MAX);
    examples.sort_by_key(|example| !words.iter().all(|word| example.text.to_lowercase().contains(word)));
    for example in examples.into_iter().take(EXAMPLES) {
        out += &format!("      > {}    {}:{}\n", example.text, example.feature, example.line);
    }
    let used = match step.used {
        0 => "used by no scenario".to_owned(),
        1 => format!("used by 1 scenario: {}", features(step)),
        n => format!("used by {n} scenarios: {}", features(step)),
    };
    out += &format!("      {used}; {}:{}\n\n", step.file, step.line);
    out
}

/// `sentinel/quorum (3), sentinel/tilt`
fn features(step: &StepDefinition) -> String {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for place in &step.uses {
        *count.entry(hash::feature_key(&place.feature)).or_default() += 1;
    }
    let told = count.into_iter().map(|(key, n)| if n == 1 { key } else { format!("{key} ({n})") });
    told.collect::<Vec<_>>().join(", ")
}

/// All that is searched, in lower case.
fn text(step: &StepDefinition) -> String {
    let uses: String = step.uses.iter().map(|place| format!("\n{}", place.text)).collect();
    format!("{}\n{}\n{}\n{}{uses}", step.keyword, step.pattern, step.doc, step.file).to_lowercase()
}

fn criteria(args: &Args) -> String {
    let words = if args.words.is_empty() { String::new() } else { format!("\"{}\"", args.words.join("\" and \"")) };
    let used = args.used.map(|n| format!("{n} uses")).unwrap_or_default();
    [words, used].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" and ")
}

/// A word of the sentences that was probably meant.
fn meant(words: &[String], registry: &Registry) -> String {
    let all: String = registry.steps.iter().map(text).collect();
    let known: BTreeSet<&str> = all.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| word.len() > 2).collect();
    let near = words.iter().filter(|word| !all.contains(*word)).find_map(|word| nearest(word, known.iter().copied()));
    near.map_or_else(|| "\n  = help: `rehearsal steps` without a word shows all".to_owned(), |near| format!("\n  = help: did you mean {near}?"))
}

/// Lines of at most so many characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => *line += &format!(" {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
