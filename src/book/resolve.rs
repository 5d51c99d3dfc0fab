//! Whether what a directive names exists, and what comes closest when it does not.
//!
//! `check` uses the same functions as the build, so a book that passes `check` builds.

use super::cures;
use super::directives::{Directive, Kind, WORDS};
use super::library::{FeatureText, Library, RuleText, ScenarioText, StepText};
use super::losses;
use crate::measure::{Setup, reshard};
use crate::sizing::{self, Calculator};
use std::fmt;

/// Charts a chapter may embed: each measurement, whether it was made or not, and what the clients of the scenarios lost.
pub fn charts() -> impl Iterator<Item = String> {
    Setup::all().into_iter().map(Setup::name).chain([reshard::NAME, losses::NAME].map(str::to_owned))
}

/// What a directive stands for.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    Feature(&'a FeatureText),
    Scenario(&'a FeatureText, &'a RuleText, &'a ScenarioText),
    /// A link; the words, or none for the scenario's name.
    See(&'a FeatureText, &'a ScenarioText, &'a str),
    /// How many rows of the page say what to do, and how many of these cures were played.
    Cures,
    /// What this step of the scenario saw.
    Saw(&'a FeatureText, &'a ScenarioText, &'a StepText),
    /// Rows of one system, or of all.
    Claims(Option<&'a str>),
    /// A system's claims one by one, or the table of all systems.
    Ledger(Option<&'a str>),
    Sizing(&'static Calculator),
    Matrix,
    /// A rule that servers keep differently.
    Difference(&'a FeatureText, &'a RuleText),
    /// From one server to another.
    Upgrade(&'a str, &'a str),
    Broken,
    Controls,
    /// The measurement's name.
    Chart(&'a str),
}

/// A directive that names nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The chapter, relative to the book's `src`.
    pub file: String,
    pub line: usize,
    /// A lower-case fragment: "no feature sentinel/quorm".
    pub message: String,
    /// The nearest name that exists.
    pub nearest: Option<String>,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)?;
        match &self.nearest {
            Some(name) => write!(f, "; did you mean {name}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Unresolved {}

/// Looks a directive up.
pub fn resolve<'a>(directive: &'a Directive, file: &str, library: &'a Library) -> Result<Target<'a>, Unresolved> {
    let missing = |message: String, name: &str, candidates: &mut dyn Iterator<Item = String>| {
        Err(Unresolved { file: file.to_owned(), line: directive.line, message, nearest: nearest(name, candidates) })
    };
    match &directive.kind {
        Kind::Feature(key) => match library.feature(key) {
            Some(feature) => Ok(Target::Feature(feature)),
            None => missing(format!("no feature {key}"), key, &mut library.features.iter().map(|f| f.key.clone())),
        },
        Kind::Scenario { key, slug } => match library.scenario(key, slug) {
            Some((feature, rule, scenario)) => Ok(Target::Scenario(feature, rule, scenario)),
            None => missing(format!("no scenario {key}#{slug}"), &format!("{key}#{slug}"), &mut scenario_ids(library)),
        },
        Kind::See { key, slug, words } => match library.scenario(key, slug) {
            Some((feature, _, scenario)) => Ok(Target::See(feature, scenario, words)),
            None => missing(format!("no scenario {key}#{slug}"), &format!("{key}#{slug}"), &mut scenario_ids(library)),
        },
        Kind::Cure { key, slug, words } => match library.scenario(key, slug) {
            Some((feature, _, scenario)) if cures::is_cure(scenario) => Ok(Target::See(feature, scenario, words)),
            Some(_) => missing(
                format!("{key}#{slug} is no cure: give that scenario the tag @cure, or write see"),
                &format!("{key}#{slug}"),
                &mut cures::of(library).map(|(f, s)| format!("{}#{}", f.key, s.slug)),
            ),
            None => missing(format!("no scenario {key}#{slug}"), &format!("{key}#{slug}"), &mut scenario_ids(library)),
        },
        Kind::Cures => Ok(Target::Cures),
        Kind::Saw { key, slug, words } => match library.scenario(key, slug) {
            Some((feature, _, scenario)) => match scenario.steps.iter().find(|step| step.text.contains(words.as_str())) {
                Some(step) => Ok(Target::Saw(feature, scenario, step)),
                None => missing(format!("no step of {key}#{slug} has the words: {words}"), words, &mut scenario.steps.iter().map(|s| s.text.clone())),
            },
            None => missing(format!("no scenario {key}#{slug}"), &format!("{key}#{slug}"), &mut scenario_ids(library)),
        },
        Kind::Ledger(None) => Ok(Target::Ledger(None)),
        Kind::Ledger(Some(system)) if library.claims.iter().any(|c| c.system == *system) => Ok(Target::Ledger(Some(system))),
        Kind::Sizing(name) => match sizing::named(name) {
            Some(calculator) => Ok(Target::Sizing(calculator)),
            None => missing(format!("no calculator {name}"), name, &mut sizing::ALL.iter().map(|c| c.name.to_owned())),
        },
        Kind::Difference { key, slug } => match library.scenario(key, slug) {
            Some((feature, rule, _)) => Ok(Target::Difference(feature, rule)),
            None => missing(format!("no scenario {key}#{slug}"), &format!("{key}#{slug}"), &mut scenario_ids(library)),
        },
        Kind::Upgrade { from, to } => match [from, to].into_iter().find(|name| !library.servers.contains(name)) {
            None => Ok(Target::Upgrade(from, to)),
            Some(name) => missing(format!("no server {name}"), name, &mut library.servers.iter().cloned()),
        },
        Kind::Claims(system) if system == "all" => Ok(Target::Claims(None)),
        Kind::Claims(system) if library.claims.iter().any(|c| c.system == *system) => Ok(Target::Claims(Some(system))),
        Kind::Claims(system) | Kind::Ledger(Some(system)) => {
            let systems = library.claims.iter().map(|c| c.system.clone()).chain(["all".to_owned()]);
            missing(format!("no claims about {system}"), system, &mut { systems })
        }
        Kind::Matrix => Ok(Target::Matrix),
        Kind::Broken => Ok(Target::Broken),
        Kind::Controls => Ok(Target::Controls),
        Kind::Chart(name) if charts().any(|chart| chart == *name) => Ok(Target::Chart(name)),
        Kind::Chart(name) => missing(format!("no chart {name}"), name, &mut charts()),
        Kind::Malformed(text) => {
            let word = text.split_whitespace().next().unwrap_or_default();
            let known = WORDS.contains(&word);
            let message = if known { format!("{word} with a wrong argument: {text}") } else { format!("no directive {word}") };
            missing(message, if known { "" } else { word }, &mut WORDS.iter().map(|w| (*w).to_owned()))
        }
    }
}

/// Keys of features that none of these directives shows, whole or in part: nobody would ever read them.
pub fn unembedded<'a>(directives: impl IntoIterator<Item = &'a Directive>, library: &Library) -> Vec<String> {
    let mut shown = Vec::new();
    for directive in directives {
        match &directive.kind {
            Kind::Feature(key) | Kind::Scenario { key, .. } => shown.push(key.as_str()),
            _ => {}
        }
    }
    library.features.iter().map(|f| f.key.clone()).filter(|key| !shown.contains(&key.as_str())).collect()
}

fn scenario_ids(library: &Library) -> impl Iterator<Item = String> + '_ {
    let rules = library.features.iter().flat_map(|f| f.rules.iter().map(move |r| (f, r)));
    rules.flat_map(|(f, r)| r.scenarios.iter().map(move |s| format!("{}#{}", f.key, s.slug)))
}

fn nearest(name: &str, candidates: &mut dyn Iterator<Item = String>) -> Option<String> {
    let best = candidates.map(|c| (strsim::normalized_damerau_levenshtein(name, &c), c)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(score, _)| *score > 0.4).map(|(_, c)| c)
}
