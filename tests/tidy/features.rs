//! Rules about feature files: prose first, a source for every promise, names that are unique.
//!
//! What is about playing them (unknown steps, claims, near-keywords) is said by `rehearsal check`.

use super::tree::{File, Finding};
use cucumber::gherkin::{self, GherkinEnv};
use rehearsal::run::catalogue::Feature;
use std::collections::HashMap;

/// A line that ends the prose below a heading.
fn ends_prose(line: &str) -> bool {
    const HEADS: &[&str] =
        &["@", "Rule:", "Background:", "Scenario:", "Scenario Outline:", "Example:", "Examples:", "Given ", "When ", "Then ", "|", "\"\"\""];
    HEADS.iter().any(|head| line.trim_start().starts_with(head))
}

/// The prose below a heading line.
fn prose_below(file: &File, heading: usize) -> impl Iterator<Item = &str> {
    let below = file.lines().skip(heading).map(|(_, line)| line.trim());
    below.take_while(|line| !ends_prose(line)).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A feature opens with prose, a rule names its source.
pub fn prose_and_sources(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let headings: Vec<(usize, &str)> = file.lines().map(|(n, line)| (n, line.trim())).collect();
    match headings.iter().find(|(_, line)| line.starts_with("Feature:")) {
        None => findings.push(Finding::new(&file.path, 1, "has no `Feature:`")),
        Some((n, _)) if prose_below(file, *n).next().is_none() => {
            findings.push(Finding::new(&file.path, *n, "opens without prose; say below `Feature:` what a reader will learn"));
        }
        Some(_) => {}
    }
    for (n, line) in headings.iter().filter(|(_, line)| line.starts_with("Rule:")) {
        let sourced = prose_below(file, *n).any(|prose| prose.strip_prefix("Source:").is_some_and(|source| !source.trim().is_empty()));
        if !sourced {
            findings.push(Finding::new(&file.path, *n, format!("`{line}` has no source; add a line `Source: ADDRESS` below it")));
        }
    }
    findings
}

/// Within a feature a slug is unique, rows of outlines included.
pub fn unique_slugs(file: &File) -> Vec<Finding> {
    let parsed = match gherkin::Feature::parse(&file.text, GherkinEnv::default()) {
        Ok(parsed) => parsed,
        Err(error) => return vec![Finding::new(&file.path, 1, format!("is no Gherkin: {error}"))],
    };
    let feature = Feature::arrange(&file.path, &file.text, parsed, &|_| None);
    let mut first = HashMap::new();
    let mut findings = Vec::new();
    for scenario in feature.scenarios() {
        if let Some(line) = first.insert(scenario.slug.clone(), scenario.line) {
            findings.push(Finding::new(
                &file.path,
                scenario.line,
                format!("`{}` is also the slug of line {line}; give one of them an `@id:` of its own", scenario.slug),
            ));
        }
    }
    findings
}

#[test]
fn a_feature_without_prose_and_a_rule_without_a_source_are_found() {
    let wrong = "@x\nFeature: F\n\n  Rule: One\n    Prose, and no source.\n\n    Scenario: S\n      Source: this is the scenario's\n  Rule: Two\n    Source:\n";
    assert_eq!(prose_and_sources(&File::new("features/x.feature", wrong)).len(), 3);
    let right = "Feature: F\n  Prose.\n\n  Rule: One\n    Source: https://example.org\n\n    Scenario: S\n";
    assert!(prose_and_sources(&File::new("features/x.feature", right)).is_empty());
    assert_eq!(prose_and_sources(&File::new("features/x.feature", "Scenario: alone\n")).len(), 1);
}

#[test]
fn a_slug_that_stands_twice_is_found() {
    let scenario = |tag: &str, name: &str| format!("  {tag}\n  Scenario: {name}\n    When x\n");
    let wrong =
        format!("Feature: F\n  Prose.\n\n{}{}{}", scenario("@a", "A name"), scenario("@id:a-name", "Another"), scenario("@id:else", "A name"));
    assert_eq!(
        unique_slugs(&File::new("features/x.feature", &wrong)),
        [Finding::new("features/x.feature", 8, "`a-name` is also the slug of line 5; give one of them an `@id:` of its own")]
    );
    let rows = "Feature: F\n  Prose.\n\n  Scenario Outline: O\n    When <n>\n\n    Examples:\n      | n |\n      | 7 |\n      | 7 |\n";
    assert_eq!(unique_slugs(&File::new("features/x.feature", rows)).len(), 1);
    assert_eq!(unique_slugs(&File::new("features/x.feature", "no gherkin")).len(), 1);
}
