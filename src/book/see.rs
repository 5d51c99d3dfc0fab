//! Scenarios in the middle of a sentence: a link that carries the verdict, and what a step saw, in its own words.
//!
//! Prose that gives a number should not give it itself: `saw` takes it from the newest evidence, and says "not run" where there is none.

use super::escape::html;
use super::library::{FeatureText, ScenarioText, StepText};
use super::render_feature::Context;
use super::render_scenario::look;

/// A link with the verdict's mark; these words, or the scenario's name.
pub fn link(feature: &FeatureText, scenario: &ScenarioText, words: &str, context: Context<'_>) -> String {
    let text = if words.is_empty() { scenario.name.as_str() } else { words };
    let server = context.library.shown_on(feature, scenario, context.server);
    let (class, mark, word) = look(context.library.standing(feature, scenario, server).verdict());
    let name = cell(text);
    let title = if words.is_empty() { String::new() } else { format!(r#" title="{}""#, cell(&scenario.name)) };
    let linked = match context.links.scenario(context.page, feature, scenario) {
        Some(way) => format!(r#"<a href="{}"{title}>{name}</a>"#, html(&way)),
        None => name,
    };
    format!(r#"<span class="rh-see {class}"><span class="rh-mark" role="img" aria-label="{word}">{mark}</span>&nbsp;{linked}</span>"#)
}

/// What a step saw when its scenario was last played.
pub fn observation(feature: &FeatureText, scenario: &ScenarioText, step: &StepText, context: Context<'_>) -> String {
    let server = context.library.shown_on(feature, scenario, context.server);
    let evidence = context.library.standing(feature, scenario, server).evidence();
    let seen = evidence.and_then(|e| e.steps.iter().find(|s| s.text == step.text)).and_then(|s| s.observation.as_deref());
    let text = match (seen, evidence) {
        (Some(seen), _) => format!("<q>{}</q>", cell(&seen.lines().collect::<Vec<_>>().join("; "))),
        (None, Some(_)) => "(nothing was noted)".to_owned(),
        (None, None) => "(not run)".to_owned(),
    };
    match context.links.scenario(context.page, feature, scenario) {
        Some(way) => format!(r#"<a class="rh-saw" href="{}" title="{}">{text}</a>"#, html(&way), cell(&scenario.name)),
        None => format!(r#"<span class="rh-saw">{text}</span>"#),
    }
}

/// For HTML that may stand in a cell of a Markdown table, and whose text no Markdown may take for its own.
pub fn cell(text: &str) -> String {
    let mut out = html(text);
    for (plain, entity) in [
        ("|", "&#124;"),
        ("*", "&#42;"),
        ("_", "&#95;"),
        ("`", "&#96;"),
        ("[", "&#91;"),
        ("]", "&#93;"),
        ("\\", "&#92;"),
        ("~", "&#126;"),
        ("$", "&#36;"),
    ] {
        out = out.replace(plain, entity);
    }
    out
}
