//! Tags: known ones only, claims that exist, versions that somebody has, mirrors that are there.

use crate::claims::Claims;
use crate::run::catalogue::{Feature, Rule, Scenario};
use crate::topology::located::{MOST, Problem, nearest};
use crate::topology::servers::Catalogue;
use std::collections::HashMap;

/// Tags without a value, besides the name of the feature's folder.
const PLAIN: &[&str] = &["serial", "cure"];
/// Tags with a value.
const KINDS: &[&str] = &["id", "claim", "mirror", "since", "until", "needs"];

pub(super) fn check(feature: &Feature, claims: Option<&Claims>, catalogue: Option<&Catalogue>, problems: &mut Vec<Problem>) {
    for rule in &feature.rules {
        for scenario in &rule.scenarios {
            if problems.len() >= MOST {
                return;
            }
            for tag in &scenario.tags {
                if problems.len() >= MOST {
                    return;
                }
                if let Some(problem) = tag_problem(feature, scenario, tag, claims) {
                    problems.push(problem);
                }
            }
            if let Some(second) = scenario.tagged("id").nth(1) {
                let (line, column) = place(feature, scenario, &format!("id:{second}"));
                let problem = Problem::error(&feature.path, line, "a second @id: only one of them would count").column(column);
                problems.push(problem.advice("leave one of them out, here or above"));
            }
            mirror(feature, rule, scenario, problems);
            let versions = scenario.tags.iter().filter_map(|tag| super::version_tag(tag)).all(|bound| bound.is_ok());
            if let Some(catalogue) = catalogue
                && versions
                && !super::shown_by_somebody(&scenario.tags, catalogue)
            {
                let message = format!("no server of compose/servers.toml can show \"{}\"", scenario.name);
                problems.push(Problem::warning(&feature.path, scenario.line, message).advice("add a server of that version, one line"));
            }
        }
    }
    sources(feature, problems);
    slugs(feature, problems);
}

/// A promise says who made it.
fn sources(feature: &Feature, problems: &mut Vec<Problem>) {
    for rule in feature.rules.iter().filter(|rule| rule.name.is_some()) {
        if !rule.prose.lines().any(|line| line.trim().strip_prefix("Source:").is_some_and(|rest| !rest.trim().is_empty())) {
            let message = format!("the rule \"{}\" names no source", rule.name.as_deref().unwrap_or_default());
            let advice = "write below it where the promise stands: `Source: https://redis.io/docs/...`";
            problems.push(Problem::warning(&feature.path, rule.line, message).advice(advice));
        }
    }
}

fn tag_problem(feature: &Feature, scenario: &Scenario, tag: &str, claims: Option<&Claims>) -> Option<Problem> {
    // Looked for only if there is something to tell: it is a walk through the file.
    let at = |message: String| {
        let (line, column) = place(feature, scenario, tag);
        Problem::error(&feature.path, line, message).column(column)
    };
    let area = feature.key.split('/').next().unwrap_or_default();
    let plain = || PLAIN.iter().copied().chain([area]);
    let Some((kind, value)) = tag.split_once(':') else {
        return if plain().any(|known| known == tag) { None } else { Some(unknown(at(format!("unknown tag @{tag}")), tag, plain())) };
    };
    if !KINDS.contains(&kind) {
        return Some(unknown(at(format!("unknown tag @{tag}")), kind, plain()));
    }
    if value.is_empty() {
        return Some(at(format!("@{kind}: wants a value behind the colon")).advice(example(kind)));
    }
    match kind {
        "id" | "mirror" if crate::record::hash::slug(value) != value => Some(
            at(format!("@{tag}: a slug is lower-case words joined by dashes")).advice(format!("write @{kind}:{}", crate::record::hash::slug(value))),
        ),
        "claim" => {
            let claims = claims?;
            if claims.get(value).is_some() {
                return None;
            }
            let problem = at(format!("no claim {value} in claims.yaml"));
            Some(match claims.nearest(value) {
                Some(near) => problem.advice(format!("did you mean `{near}`?")),
                None => problem.advice("`rehearsal claims` lists them"),
            })
        }
        "needs" if super::capabilities().any(|c| c == value) => None,
        "needs" => Some(at(format!("unknown capability @{tag}")).did_you_mean(value, super::capabilities())),
        "since" | "until" => super::version_tag(tag).and_then(Result::err).map(at),
        _ => None,
    }
}

/// An unknown tag, with the one that was probably meant.
fn unknown<'t>(problem: Problem, word: &str, plain: impl Iterator<Item = &'t str>) -> Problem {
    let known: Vec<&str> = plain.chain(KINDS.iter().copied()).collect();
    let written = |tag: &str| if KINDS.contains(&tag) { example(tag) } else { format!("@{tag}") };
    match nearest(word, known.iter().copied()) {
        Some(near) if near == word => problem.advice(format!("it has a value: {}", written(near))),
        Some(near) => problem.advice(format!("did you mean {}?", written(near))),
        None => problem.advice(format!("known: {}", known.iter().map(|tag| written(tag)).collect::<Vec<_>>().join(", "))),
    }
}

/// How a tag with a value is written.
fn example(kind: &str) -> String {
    let value = match kind {
        "claim" => "ID",
        "since" | "until" => "redis-7.0",
        "needs" => "CAPABILITY",
        _ => "SLUG",
    };
    format!("@{kind}:{value}")
}

/// A mirror is another scenario of the same rule that has a fault or shows the harm.
fn mirror(feature: &Feature, rule: &Rule, scenario: &Scenario, problems: &mut Vec<Problem>) {
    for slug in scenario.tagged("mirror") {
        let others: Vec<&str> = rule.scenarios.iter().filter(|s| s.slug != scenario.slug).map(|s| s.slug.as_str()).collect();
        if !others.contains(&slug) {
            let (line, column) = place(feature, scenario, &format!("mirror:{slug}"));
            let message = format!("@mirror:{slug} is no other scenario of this rule");
            let problem = Problem::error(&feature.path, line, message).column(column);
            problems.push(if others.is_empty() {
                problem.advice("it is alone in its rule: write the scenario in which the harm happens")
            } else {
                problem.did_you_mean(slug, others)
            });
        }
    }
}

fn slugs(feature: &Feature, problems: &mut Vec<Problem>) {
    let mut taken: HashMap<&str, usize> = HashMap::new();
    for scenario in feature.scenarios() {
        if let Some(first) = taken.get(scenario.slug.as_str()) {
            let message = format!("slug \"{}\" is taken by the scenario in line {first}", scenario.slug);
            problems.push(Problem::error(&feature.path, scenario.line, message).advice("give one of them an @id:SLUG tag, or another name"));
        } else {
            taken.insert(&scenario.slug, scenario.line);
        }
    }
}

/// Line and column of the tag: the nearest place at or above the scenario.
fn place(feature: &Feature, scenario: &Scenario, tag: &str) -> (usize, usize) {
    let wanted = format!("@{tag}");
    let column = |line: &str| {
        let at = line.match_indices(&wanted).find(|(at, _)| !line[at + wanted.len()..].starts_with(|c: char| !c.is_whitespace()))?.0;
        Some(line[..at].chars().count() + 1)
    };
    let lines: Vec<&str> = feature.text.lines().take(scenario.line).collect();
    lines.iter().enumerate().rev().find_map(|(n, line)| Some((n + 1, column(line)?))).unwrap_or((scenario.line, 1))
}
