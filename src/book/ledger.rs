//! The ledger of claims, claim by claim: each a heading with an address, so that search finds it and links lead to it. A filter by verdict and status works by the style sheet alone.
//!
//! The compact table inside chapters is [`super::claims`].

use super::claims::{scenarios, title};
use super::escape::{html, inline, markdown, path_part};
use super::library::ClaimRow;
use super::render_feature::Context;
use std::fmt::Write;

/// Statuses and verdicts in the order in which they are told.
const STATUSES: &[&str] = &["proved", "corrected", "differs", "failing", "unplayed", "untested", "advice"];
const VERDICTS: &[&str] = &["correct", "imprecise", "wrong", "version-dependent", "opinion"];

/// All claims about a system.
pub fn entries(system: &str, context: Context<'_>) -> String {
    let rows: Vec<&ClaimRow> = context.library.claims.iter().filter(|c| c.system == system).collect();
    let mut out = String::new();
    if rows.iter().all(|row| row.scenarios.is_empty()) {
        out.push_str("No scenario speaks about these yet. What stands here is reading, and no server was asked.\n\n");
    }
    let _ = writeln!(out, "<div class=\"rh-ledger-page\">");
    filter(&mut out, "judged", system, VERDICTS, &rows, |row| &row.verdict);
    filter(&mut out, "status", system, STATUSES, &rows, |row| &row.status);
    out.push('\n');
    for row in &rows {
        entry(&mut out, row, context);
    }
    out.push_str("</div>\n");
    out
}

/// Radio buttons: those of the kinds that occur, and one for all.
fn filter(out: &mut String, label: &str, system: &str, kinds: &[&str], rows: &[&ClaimRow], kind: impl Fn(&ClaimRow) -> &String) {
    let name = format!("rh-{label}-{}", path_part(system));
    let _ = write!(
        out,
        r#"<fieldset class="rh-filter"><legend>{label}</legend><label><input type="radio" name="{name}" value="all" checked> all <small>{}</small></label>"#,
        rows.len()
    );
    for value in kinds {
        let count = rows.iter().filter(|row| kind(row) == value).count();
        if count > 0 {
            let _ = write!(out, r#"<label><input type="radio" name="{name}" value="{value}"> {value} <small>{count}</small></label>"#);
        }
    }
    out.push_str("</fieldset>\n");
}

fn entry(out: &mut String, row: &ClaimRow, context: Context<'_>) {
    let (verdict, status) = (path_part(&row.verdict), path_part(&row.status));
    let _ = write!(
        out,
        "<section class=\"rh-claim rh-judged-{verdict} rh-is-{status}\">\n\n### {} {{#{} .rh-statement}}\n\n",
        heading(&row.claim),
        path_part(&row.id)
    );
    let _ = write!(
        out,
        r#"<p class="rh-judgement"><code class="rh-id">{}</code> judged <b>{}</b> <span class="rh-badge rh-small rh-status-{status}">{}</span></p>"#,
        html(&row.id),
        html(&row.verdict),
        html(&row.status)
    );
    if let Some(truth) = &row.truth {
        let _ = write!(out, r#"<p class="rh-truth">{}</p>"#, inline(truth));
    }
    if let Some(reason) = &row.untested {
        let _ = write!(out, r#"<p class="rh-shown">not played: {}</p>"#, inline(reason));
    }
    scenarios(out, row, context);
    out.push_str("\n</section>\n\n");
}

/// A claim as a heading: plain words and code.
fn heading(claim: &str) -> String {
    let parts: Vec<&str> = claim.trim_end_matches('.').split('`').collect();
    let balanced = parts.len() % 2 == 1;
    let part = |(i, text): (usize, &&str)| {
        if balanced && i % 2 == 1 { format!("<code>{}</code>", html(text)) } else { markdown(text).replace("--", "&#45;&#45;") }
    };
    parts.iter().enumerate().map(part).collect::<Vec<_>>().join(if balanced { "" } else { "&#96;" })
}

/// How many claims of each status every system has.
pub fn tally(context: Context<'_>) -> String {
    let mut systems: Vec<&str> = Vec::new();
    for claim in &context.library.claims {
        if !systems.contains(&claim.system.as_str()) {
            systems.push(&claim.system);
        }
    }
    let mut out =
        String::from("<div class=\"rh-scroll\"><table class=\"rh-tally\"><thead><tr><th scope=\"col\">About</th><th scope=\"col\">Claims</th>");
    for status in STATUSES {
        let _ = write!(out, "<th scope=\"col\">{status}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for system in &systems {
        let name = match context.links.ledger(context.page, system) {
            Some((way, chapter)) => format!(r#"<a href="{}">{}</a>"#, html(&way), html(chapter)),
            None => title(system),
        };
        let rows: Vec<&ClaimRow> = context.library.claims.iter().filter(|c| c.system == *system).collect();
        row(&mut out, &name, &rows);
    }
    row(&mut out, "All", &context.library.claims.iter().collect::<Vec<_>>());
    out.push_str("</tbody></table></div>\n");
    out
}

fn row(out: &mut String, name: &str, rows: &[&ClaimRow]) {
    let _ = write!(out, r#"<tr><th scope="row">{name}</th><td>{}</td>"#, rows.len());
    for status in STATUSES {
        let count = rows.iter().filter(|row| row.status == *status).count();
        let _ = if count == 0 { write!(out, "<td></td>") } else { write!(out, "<td>{count}</td>") };
    }
    out.push_str("</tr>\n");
}
