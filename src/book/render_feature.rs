//! A feature in a chapter: its name and prose, then rule by rule the promise, its source and the scenarios.
//!
//! Headings are Markdown, so that mdBook's page contents and its search know them.

use super::escape;
use super::library::{FeatureText, Library, RuleText, ScenarioText};
use super::links::Links;
use super::render_scenario::{self, Place};
use crate::record::Verdict;
use std::fmt::Write;

/// What rendering needs besides the thing rendered.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub library: &'a Library,
    pub links: &'a Links,
    /// The page being written, from the book's top: `sentinel/quorum.html`.
    pub page: &'a str,
    /// The server whose evidence stands on this page.
    pub server: &'a str,
}

/// A whole feature as Markdown.
pub fn feature(feature: &FeatureText, context: Context<'_>) -> String {
    let mut out = String::new();
    let _ = write!(out, "## {}\n\n", escape::markdown(&feature.name));
    paragraph(&mut out, &escape::prose(&feature.prose));
    for rule in &feature.rules {
        self::rule(&mut out, feature, rule, context);
    }
    out
}

/// One scenario embedded alone, with the promise it belongs to named.
pub fn single(feature: &FeatureText, rule: &RuleText, scenario: &ScenarioText, context: Context<'_>) -> String {
    let mut out = String::new();
    heading(&mut out, 3, feature, scenario, context);
    paragraph(&mut out, &escape::prose(&scenario.prose));
    out.push_str(&render_scenario::card(Place { feature, rule, scenario, drawn: true }, context));
    out.push('\n');
    out
}

fn rule(out: &mut String, feature: &FeatureText, rule: &RuleText, context: Context<'_>) {
    if let Some(name) = &rule.name {
        let _ = write!(out, "### {} {{#{}}}\n\n", escape::markdown(name), context.links.rule_anchor(feature, rule));
    }
    paragraph(out, &escape::prose(&rule.prose));
    sources(out, &rule.source);
    let drawn = drawn_slug(feature, rule, context);
    for scenario in &rule.scenarios {
        heading(out, if rule.name.is_some() { 4 } else { 3 }, feature, scenario, context);
        paragraph(out, &escape::prose(&scenario.prose));
        out.push_str(&render_scenario::card(Place { feature, rule, scenario, drawn: drawn == Some(scenario.slug.as_str()) }, context));
        out.push_str("\n\n");
    }
}

/// One drawing a rule stands open: that of its first passed scenario, or else of the first one played.
fn drawn_slug<'a>(feature: &FeatureText, rule: &'a RuleText, context: Context<'_>) -> Option<&'a str> {
    let verdict = |s: &ScenarioText| context.library.standing(feature, s, context.server).verdict();
    let passed = rule.scenarios.iter().find(|s| verdict(s) == Some(Verdict::Passed));
    passed.or_else(|| rule.scenarios.iter().find(|s| verdict(s).is_some())).map(|s| s.slug.as_str())
}

fn heading(out: &mut String, level: usize, feature: &FeatureText, scenario: &ScenarioText, context: Context<'_>) {
    let marks = "#".repeat(level);
    let _ = write!(out, "{marks} {} {{#{} .rh-name}}\n\n", escape::markdown(&scenario.name), context.links.anchor(feature, scenario));
}

fn sources(out: &mut String, sources: &[String]) {
    let links: Vec<String> =
        sources.iter().filter_map(|url| escape::address(url).map(|href| format!(r#"<a href="{href}">{}</a>"#, escape::html(short(url))))).collect();
    if !links.is_empty() {
        let _ = write!(out, "<p class=\"rh-source\">Source: {}</p>\n\n", links.join(", "));
    }
}

/// An address as a reader wants it: without the protocol and the closing slash.
fn short(url: &str) -> &str {
    url.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/')
}

fn paragraph(out: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = write!(out, "{text}\n\n");
    }
}
