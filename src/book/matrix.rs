//! The version matrix: every promise on every server by area, and before it the promises that differ.
//!
//! You are in the right place for what a cell says and where it leads; what makes a promise differ is decided in [`super::difference`].

use super::difference;
use super::escape::html;
use super::library::{FeatureText, RuleText};
use super::render_feature::Context;
use super::render_scenario::look;
use crate::record::Verdict;
use std::fmt::Write;

/// A rule on one server: the worst of its scenarios, and how many of those that speak about the server passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    verdict: Option<Verdict>,
    passed: usize,
    of: usize,
}

/// Rules x servers: those that differ, then all.
pub fn table(context: Context<'_>) -> String {
    let servers = context.library.shown_servers();
    let rules = || context.library.features.iter().flat_map(|f| f.rules.iter().filter(|r| !r.scenarios.is_empty()).map(move |r| (f, r)));
    let differing: Vec<_> = rules().filter(|(feature, rule)| difference::differs(feature, rule, context.library)).collect();
    let mut out = String::new();
    let number = if differing.is_empty() { "none".to_owned() } else { differing.len().to_string() };
    let _ = write!(out, "{} promises, {} servers. Promises on which servers differ: {number}.\n\n", rules().count(), servers.len());
    if !differing.is_empty() {
        out.push_str("<h2 id=\"where-servers-differ\"><a class=\"header\" href=\"#where-servers-differ\">Where servers differ</a></h2>\n\n");
        head(&mut out, "Promises that differ", &servers, context);
        for (feature, rule) in &differing {
            row(&mut out, feature, rule, &servers, context);
        }
        out.push_str("</tbody></table></div>\n\n");
    }
    out.push_str("<h2 id=\"every-promise\"><a class=\"header\" href=\"#every-promise\">Every promise</a></h2>\n\n");
    let mut area = None;
    for feature in context.library.features.iter().filter(|f| f.rules.iter().any(|r| !r.scenarios.is_empty())) {
        let this = feature.key.split('/').next().unwrap_or_default();
        if area != Some(this) {
            if area.is_some() {
                out.push_str("</tbody></table></div>\n\n");
            }
            let _ = write!(out, "<h3 id=\"matrix-{0}\"><a class=\"header\" href=\"#matrix-{0}\">{1}</a></h3>\n\n", html(this), html(&title(this)));
            head(&mut out, &title(this), &servers, context);
            area = Some(this);
        }
        let span = servers.len() + 1;
        let _ = writeln!(out, r#"<tr class="rh-group"><th scope="rowgroup" colspan="{span}"><span>{}</span></th></tr>"#, html(&feature.name));
        for rule in feature.rules.iter().filter(|r| !r.scenarios.is_empty()) {
            row(&mut out, feature, rule, &servers, context);
        }
    }
    if area.is_some() {
        out.push_str("</tbody></table></div>\n");
    }
    out
}

/// `persistence` -> `Persistence`
fn title(area: &str) -> String {
    let mut letters = area.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A table is wider than a phone: it scrolls in a region of its own, by keyboard as well, while the promises stay where they are.
pub(super) fn head(out: &mut String, label: &str, servers: &[&str], context: Context<'_>) {
    let _ = write!(
        out,
        "<div class=\"rh-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"rh-matrix\"><thead><tr><th scope=\"col\">Promise</th>",
        html(label)
    );
    for server in servers {
        let version = version(server, context).map_or_else(String::new, |version| format!("<br><small>{}</small>", html(version)));
        let _ = write!(out, r#"<th scope="col">{}{version}</th>"#, html(server));
    }
    out.push_str("</tr></thead><tbody>\n");
}

/// What the server said of itself when it was last played.
fn version<'a>(server: &str, context: Context<'a>) -> Option<&'a str> {
    let library = context.library;
    let played = library.evidence.values().filter(|e| e.scenario.server == server).map(|e| (library.age(&e.run), &e.server_build.version));
    let kept = library.kept.values().filter(|k| k.run.server.name == server).map(|k| (library.age(&k.run.run), &k.run.server.version));
    played.max().or_else(|| kept.max()).map(|(_, version)| version.as_str())
}

pub(super) fn row(out: &mut String, feature: &FeatureText, rule: &RuleText, servers: &[&str], context: Context<'_>) {
    let name = html(rule.name.as_deref().unwrap_or("Scenarios outside a rule"));
    let name = context.links.rule(context.page, feature, rule).map_or(name.clone(), |link| format!(r#"<a href="{}">{name}</a>"#, html(&link)));
    let differs = difference::differs(feature, rule, context.library);
    let (class, note) = match (differs, context.links.difference(context.page, feature, rule)) {
        (false, _) => ("", String::new()),
        (true, None) => (" class=\"rh-differs\"", " <span class=\"rh-note\">differs</span>".to_owned()),
        // The page that tells about it need not lead to itself.
        (true, Some(link)) if link.is_empty() => (" class=\"rh-differs\"", String::new()),
        (true, Some(link)) => (" class=\"rh-differs\"", format!(r#" <a class="rh-note" href="{}">what differs</a>"#, html(&link))),
    };
    let _ = write!(out, r#"<tr{class}><th scope="row">{name}{note}</th>"#);
    for server in servers {
        let cell = cell(feature, rule, server, context);
        let (class, mark, word) = look(cell.verdict);
        // Only a part is worth a number.
        let count =
            if cell.passed < cell.of && cell.verdict.is_some() { format!("<small>{}/{}</small>", cell.passed, cell.of) } else { String::new() };
        // The name of the promise leads to its scenarios already, which show the default server.
        let shown =
            *server != context.library.default_server() && rule.scenarios.iter().any(|s| context.library.standing(feature, s, server).is_shown());
        let link = shown.then(|| context.links.rule_evidence(context.page, feature, rule, server)).flatten();
        // Thousands of these are on one page: nothing in them that a reader or a screen reader does not need. A check mark is read as one; the other marks are signs of ours.
        let passed = cell.verdict == Some(Verdict::Passed);
        let shown = match link {
            Some(link) if passed => format!(r#"<a href="{}">{mark}</a>{count}"#, html(&link)),
            None if passed => format!("{mark}{count}"),
            Some(link) => format!(r#"<a href="{}" aria-label="{word}">{mark}</a>{count}"#, html(&link)),
            None => format!(r#"<span role="img" aria-label="{word}">{mark}</span>{count}"#),
        };
        let class = if passed { String::new() } else { format!(r#" class="{class}""#) };
        let _ = write!(out, "<td{class}>{shown}</td>");
    }
    out.push_str("</tr>\n");
}

fn cell(feature: &FeatureText, rule: &RuleText, server: &str, context: Context<'_>) -> Cell {
    let verdicts: Vec<Option<Verdict>> = rule.scenarios.iter().map(|s| context.library.standing(feature, s, server).verdict()).collect();
    // Bad news first; a rule that was only played in part is not called passed.
    let order = [Some(Verdict::Failed), Some(Verdict::Unknown), None, Some(Verdict::Passed), Some(Verdict::NotApplicable)];
    let verdict = order.into_iter().find(|v| verdicts.contains(v)).flatten();
    let count = |verdict: Verdict| verdicts.iter().filter(|v| **v == Some(verdict)).count();
    Cell { verdict, passed: count(Verdict::Passed), of: rule.scenarios.len() - count(Verdict::NotApplicable) }
}
