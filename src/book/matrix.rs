//! The version matrix: every promise on every server, with the rows on which servers disagree marked.

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

/// Rules x servers.
pub fn table(context: Context<'_>) -> String {
    let servers = context.library.shown_servers();
    let mut rows = String::new();
    let (mut rules, mut differing) = (0, 0);
    for feature in context.library.features.iter().filter(|f| f.rules.iter().any(|r| !r.scenarios.is_empty())) {
        let span = servers.len() + 1;
        let _ = writeln!(rows, r#"<tr class="rh-group"><th scope="rowgroup" colspan="{span}">{}</th></tr>"#, html(&feature.name));
        for rule in feature.rules.iter().filter(|r| !r.scenarios.is_empty()) {
            let cells: Vec<Cell> = servers.iter().map(|s| cell(feature, rule, s, context)).collect();
            let differs = differ(feature, rule, &servers, context);
            rules += 1;
            differing += usize::from(differs);
            row(&mut rows, feature, rule, &servers, &cells, differs, context);
        }
    }
    let mut out = String::new();
    let differing = if differing == 0 { "none".to_owned() } else { differing.to_string() };
    let _ = write!(out, "{rules} promises, {} servers. Promises on which servers disagree: {differing}.\n\n", servers.len());
    out.push_str("<div class=\"rh-scroll\"><table class=\"rh-matrix\"><thead><tr><th scope=\"col\">Promise</th>");
    for server in &servers {
        let version = context.library.evidence.values().filter(|e| e.scenario.server == *server).max_by(|a, b| a.started.cmp(&b.started));
        let version = version.map_or_else(String::new, |e| format!("<br><small>{}</small>", html(&e.server_build.version)));
        let _ = write!(out, r#"<th scope="col">{}{version}</th>"#, html(server));
    }
    let _ = write!(out, "</tr></thead><tbody>\n{rows}</tbody></table></div>\n");
    out
}

fn row(out: &mut String, feature: &FeatureText, rule: &RuleText, servers: &[&str], cells: &[Cell], differs: bool, context: Context<'_>) {
    let name = html(rule.name.as_deref().unwrap_or("Scenarios outside a rule"));
    let name = context.links.rule(context.page, feature, rule).map_or(name.clone(), |link| format!(r#"<a href="{}">{name}</a>"#, html(&link)));
    let limited = rule
        .scenarios
        .iter()
        .filter(|s| servers.iter().any(|server| context.library.standing(feature, s, server).verdict() == Some(Verdict::NotApplicable)));
    let (class, note) = match (differs, limited.count()) {
        (true, _) => (" class=\"rh-differs\"", " <span class=\"rh-note\">differs</span>".to_owned()),
        (false, 0) => ("", String::new()),
        (false, n) => ("", format!(" <span class=\"rh-note\">{n} of its scenarios not for every version</span>")),
    };
    let _ = write!(out, r#"<tr{class}><th scope="row">{name}{note}</th>"#);
    for (server, cell) in servers.iter().zip(cells) {
        let (class, mark, word) = look(cell.verdict);
        let count = if cell.of > 0 && (cell.verdict.is_some() || cell.passed > 0) {
            format!(" <small>{}/{}</small>", cell.passed, cell.of)
        } else {
            String::new()
        };
        let shown = format!(r#"<span class="rh-mark" role="img" aria-label="{word}">{mark}</span>{count}"#);
        let link = if *server == context.library.default_server() {
            context.links.rule(context.page, feature, rule)
        } else {
            cell.verdict
                .filter(|_| cell.of > 0)
                .and_then(|_| context.links.evidence(context.page, feature, server, &context.links.rule_anchor(feature, rule)))
        };
        let shown = link.map_or(shown.clone(), |link| format!(r#"<a href="{}">{shown}</a>"#, html(&link)));
        let _ = write!(out, r#"<td class="{class}" title="{word}">{shown}</td>"#);
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

/// Servers differ when the same scenario passed on one and failed on another. What does not apply to a server is no disagreement.
fn differ(feature: &FeatureText, rule: &RuleText, servers: &[&str], context: Context<'_>) -> bool {
    rule.scenarios.iter().any(|scenario| {
        let verdicts: Vec<_> = servers.iter().filter_map(|s| context.library.standing(feature, scenario, s).verdict()).collect();
        verdicts.contains(&Verdict::Passed) && verdicts.contains(&Verdict::Failed)
    })
}
