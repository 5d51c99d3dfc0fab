//! The claims ledger as a table: what somebody wrote about Redis, what is true, and the scenarios that show it.

use super::escape::{html, inline, path_part};
use super::library::ClaimRow;
use super::render_feature::Context;
use std::fmt::Write;

/// Rows of one system, or of all systems with a heading each.
pub fn table(system: Option<&str>, context: Context<'_>) -> String {
    let mut systems: Vec<&str> = Vec::new();
    for claim in &context.library.claims {
        if system.is_none_or(|s| s == claim.system) && !systems.contains(&claim.system.as_str()) {
            systems.push(&claim.system);
        }
    }
    let mut out = String::new();
    for name in systems {
        let rows: Vec<&ClaimRow> = context.library.claims.iter().filter(|c| c.system == name).collect();
        if system.is_none() {
            let _ = write!(out, "## {} {{#claims-{}}}\n\n", title(name), path_part(name));
        }
        let _ = write!(out, "{}\n\n", summary(&rows));
        // Anchors belong to the whole ledger; a table inside a chapter only points there.
        rows_of(&mut out, &rows, system.is_none(), context);
        out.push('\n');
    }
    out
}

pub fn title(system: &str) -> String {
    let mut characters = system.chars();
    characters.next().map_or_else(String::new, |c| super::escape::markdown(&(c.to_uppercase().collect::<String>() + characters.as_str())))
}

/// "42 claims: 20 proved, 3 failing".
fn summary(rows: &[&ClaimRow]) -> String {
    const ORDER: &[&str] = &["proved", "corrected", "differs", "failing", "unplayed", "untested", "advice"];
    let counts = ORDER.iter().map(|s| (*s, rows.iter().filter(|r| r.status == **s).count())).filter(|(_, n)| *n > 0);
    let counts: Vec<String> = counts.map(|(status, n)| format!("{n} {status}")).collect();
    let noun = if rows.len() == 1 { "claim" } else { "claims" };
    format!("{} {noun}: {}.", rows.len(), counts.join(", "))
}

fn rows_of(out: &mut String, rows: &[&ClaimRow], anchors: bool, context: Context<'_>) {
    out.push_str("<div class=\"rh-scroll\"><table class=\"rh-ledger\"><thead><tr><th>Claim</th><th>Judged</th><th>Status</th></tr></thead><tbody>\n");
    for row in rows {
        let id = if anchors { format!(" id=\"{}\"", path_part(&row.id)) } else { String::new() };
        let _ = write!(out, r#"<tr{id}><td><code class="rh-id">{}</code> {}"#, html(&row.id), inline(&row.claim));
        if let Some(truth) = &row.truth {
            let _ = write!(out, r#"<span class="rh-truth">{}</span>"#, inline(truth));
        }
        if let Some(reason) = &row.untested {
            let _ = write!(out, r#"<span class="rh-shown">not played: {}</span>"#, inline(reason));
        }
        scenarios(out, row, context);
        let _ = writeln!(
            out,
            r#"</td><td>{}</td><td><span class="rh-badge rh-small rh-status-{}">{}</span></td></tr>"#,
            html(&row.verdict),
            path_part(&row.status),
            html(&row.status)
        );
    }
    out.push_str("</tbody></table></div>\n");
}

pub fn scenarios(out: &mut String, row: &ClaimRow, context: Context<'_>) {
    for id in &row.scenarios {
        let found = id.split_once('#').and_then(|(key, slug)| context.library.scenario(key, slug));
        let Some((feature, _, scenario)) = found else { continue };
        let standing = context.library.standing(feature, scenario, context.server);
        let (class, mark, word) = super::render_scenario::look(standing.verdict());
        let name = html(&scenario.name);
        let _ = write!(out, r#"<span class="rh-shown {class}"><span class="rh-mark" role="img" aria-label="{word}">{mark}</span> "#);
        match context.links.scenario(context.page, feature, scenario) {
            Some(link) => drop(write!(out, r#"<a href="{}">{name}</a></span>"#, html(&link))),
            None => drop(write!(out, "{name}</span>")),
        }
    }
}
