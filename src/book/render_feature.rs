//! A feature in a chapter: its name and prose, then rule by rule the promise, its source and the scenarios.
//!
//! Headings are Markdown, so that mdBook's page contents and its search know them.

use super::escape;
use super::lanes;
use super::library::{FeatureText, Library, RuleText, ScenarioText};
use super::links::Links;
use super::prose::prose;
use super::render_scenario::{self, Place, Shown};
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
    paragraph(&mut out, &prose(&feature.prose));
    for rule in &feature.rules {
        self::rule(&mut out, feature, rule, context);
    }
    out
}

/// One scenario embedded alone, with the chapter it comes from named.
pub fn single(feature: &FeatureText, rule: &RuleText, scenario: &ScenarioText, context: Context<'_>) -> String {
    let mut out = String::new();
    let quote = context.links.quote(context.page, feature, scenario);
    let anchor = quote.clone().unwrap_or_else(|| context.links.anchor(feature, scenario));
    heading(&mut out, 3, &anchor, scenario);
    paragraph(&mut out, &prose(&scenario.prose));
    if let Some(link) = quote.and_then(|_| context.links.scenario(context.page, feature, scenario)) {
        let _ = write!(out, "<p class=\"rh-source\">From <a href=\"{}\">{}</a>.</p>\n\n", escape::html(&link), escape::html(&feature.name));
    }
    out.push_str(&render_scenario::card(Place { feature, rule, scenario, shown: Shown::Drawn, anchor: &anchor }, context));
    out.push('\n');
    out
}

fn rule(out: &mut String, feature: &FeatureText, rule: &RuleText, context: Context<'_>) {
    if let Some(name) = &rule.name {
        let _ = write!(out, "### {} {{#{}}}\n\n", escape::markdown(name), context.links.rule_anchor(feature, rule));
    }
    paragraph(out, &prose(&rule.prose));
    sources(out, &rule.source);
    let drawn = drawn_slug(feature, rule, context);
    for scenario in &rule.scenarios {
        let anchor = context.links.anchor(feature, scenario);
        heading(out, if rule.name.is_some() { 4 } else { 3 }, &anchor, scenario);
        paragraph(out, &prose(&scenario.prose));
        let shown = if drawn == Some(scenario.slug.as_str()) { Shown::Drawn } else { Shown::Brief };
        out.push_str(&render_scenario::card(Place { feature, rule, scenario, shown, anchor: &anchor }, context));
        out.push_str("\n\n");
    }
}

/// One drawing a rule stands open: that of its first passed scenario with one, or else of the first that has any.
fn drawn_slug<'a>(feature: &FeatureText, rule: &'a RuleText, context: Context<'_>) -> Option<&'a str> {
    let shown = |s: &ScenarioText| context.library.standing(feature, s, context.library.shown_on(feature, s, context.server));
    // Not every story is one for a picture.
    let drawable: Vec<&ScenarioText> = rule.scenarios.iter().filter(|s| shown(s).evidence().is_some_and(|e| lanes::picture(e).is_some())).collect();
    let passed = drawable.iter().find(|s| shown(s).verdict() == Some(Verdict::Passed));
    passed.or(drawable.first()).map(|s| s.slug.as_str())
}

fn heading(out: &mut String, level: usize, anchor: &str, scenario: &ScenarioText) {
    let marks = "#".repeat(level);
    let _ = write!(out, "{marks} {} {{#{} .rh-name}}\n\n", escape::markdown(&scenario.name), anchor);
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
