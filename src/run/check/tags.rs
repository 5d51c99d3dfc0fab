//! Tags: known ones only, claims that exist, versions that somebody has, mirrors that are there.

use crate::claims::Claims;
use crate::run::catalogue::{Feature, Rule, Scenario};
use crate::topology::located::Problem;
use crate::topology::servers::Catalogue;

/// Tags without a value, besides the name of the feature's folder.
const PLAIN: &[&str] = &["serial"];
/// Tags with a value.
const KINDS: &[&str] = &["id", "claim", "mirror", "since", "until", "needs"];

pub(super) fn check(feature: &Feature, claims: Option<&Claims>, catalogue: Option<&Catalogue>, problems: &mut Vec<Problem>) {
    for rule in &feature.rules {
        for scenario in &rule.scenarios {
            for tag in &scenario.tags {
                if let Some(problem) = tag_problem(feature, scenario, tag, claims) {
                    problems.push(problem);
                }
            }
            mirror(feature, rule, scenario, problems);
            if let Some(catalogue) = catalogue
                && !super::shown_by_somebody(&scenario.tags, catalogue)
            {
                let message = format!("no server of compose/servers.toml can show \"{}\"", scenario.name);
                problems.push(Problem::warning(&feature.path, scenario.line, message).advice("add a server of that version, one line"));
            }
        }
    }
    slugs(feature, problems);
}

fn tag_problem(feature: &Feature, scenario: &Scenario, tag: &str, claims: Option<&Claims>) -> Option<Problem> {
    let at = |message: String| Problem::error(&feature.path, line_of(feature, scenario, tag), message);
    let Some((kind, value)) = tag.split_once(':') else {
        let area = feature.key.split('/').next().unwrap_or_default();
        let known = PLAIN.iter().copied().chain([area]);
        return if known.clone().any(|k| k == tag) {
            None
        } else {
            Some(at(format!("unknown tag @{tag}")).did_you_mean(tag, known.chain(KINDS.iter().copied())))
        };
    };
    match kind {
        "id" | "mirror" if crate::record::hash::slug(value) != value => Some(at(format!("@{tag}: a slug is lower-case words joined by dashes"))),
        "id" | "mirror" => None,
        "claim" => {
            let claims = claims?;
            if claims.get(value).is_some() {
                return None;
            }
            Some(at(format!("no claim {value} in claims.yaml")).did_you_mean(value, claims.nearest(value)))
        }
        "needs" if super::capabilities().any(|c| c == value) => None,
        "needs" => Some(at(format!("unknown capability @{tag}")).did_you_mean(value, super::capabilities())),
        "since" | "until" => super::version_tag(tag).and_then(Result::err).map(at),
        _ => Some(at(format!("unknown tag @{tag}")).did_you_mean(kind, KINDS.iter().copied())),
    }
}

/// A mirror is another scenario of the same rule that has a fault or shows the harm.
fn mirror(feature: &Feature, rule: &Rule, scenario: &Scenario, problems: &mut Vec<Problem>) {
    for slug in scenario.tagged("mirror") {
        let line = line_of(feature, scenario, &format!("mirror:{slug}"));
        let others: Vec<&str> = rule.scenarios.iter().filter(|s| s.slug != scenario.slug).map(|s| s.slug.as_str()).collect();
        if !others.contains(&slug) {
            let message = format!("@mirror:{slug} is no other scenario of this rule");
            problems.push(Problem::error(&feature.path, line, message).did_you_mean(slug, others));
        }
    }
}

fn slugs(feature: &Feature, problems: &mut Vec<Problem>) {
    let all: Vec<&Scenario> = feature.scenarios().collect();
    for (n, scenario) in all.iter().enumerate() {
        if let Some(first) = all[..n].iter().find(|other| other.slug == scenario.slug) {
            let message = format!("slug \"{}\" is taken by the scenario in line {}", scenario.slug, first.line);
            problems.push(Problem::error(&feature.path, scenario.line, message).advice("give one of them an @id:SLUG tag, or another name"));
        }
    }
}

/// The nearest line at or above the scenario on which the tag stands.
fn line_of(feature: &Feature, scenario: &Scenario, tag: &str) -> usize {
    let wanted = format!("@{tag}");
    let lines: Vec<&str> = feature.text.lines().take(scenario.line).collect();
    lines.iter().rposition(|line| line.split_whitespace().any(|word| word == wanted)).map_or(scenario.line, |n| n + 1)
}
