//! The track record: servers broken on purpose, and what the scenarios that had to notice said.

use super::escape::{day, html, inline};
use super::library::BrokenRow;
use super::render_feature::Context;
use std::fmt::Write;

/// One row a scenario that has to fail, the server's cells spanning its rows.
pub fn table(context: Context<'_>) -> String {
    let rows = &context.library.broken;
    let caught = rows.iter().filter(|row| row.outcome == "caught").count();
    let played = rows.iter().filter(|row| matches!(row.outcome.as_str(), "caught" | "otherwise" | "missed")).count();
    let mut out = format!("{} scenarios have to fail on {} broken servers. ", rows.len(), servers(rows).len());
    let _ = match played {
        0 => write!(out, "None of them was played as it stands now, so nothing is shown here: `rehearsal broken` plays them.\n\n"),
        _ => write!(out, "{played} were played{}; {caught} of these did fail, and said why.\n\n", days(rows)),
    };
    out.push_str("<div class=\"rh-scroll\"><table class=\"rh-broken\"><thead><tr><th scope=\"col\">Broken on purpose</th>");
    out.push_str("<th scope=\"col\">Has to fail</th><th scope=\"col\">Outcome</th></tr></thead><tbody>\n");
    for server in servers(rows) {
        let own: Vec<&BrokenRow> = rows.iter().filter(|row| row.server == server).collect();
        for (n, row) in own.iter().enumerate() {
            out.push_str("<tr>");
            if n == 0 {
                let how: Vec<String> = row.how.iter().map(|line| format!("<code>{}</code>", html(line))).collect();
                let _ = write!(out, r#"<th scope="rowgroup" rowspan="{}">{}<br>{}</th>"#, own.len(), inline(&row.what), how.join("<br>"));
            }
            let _ = writeln!(out, "<td>{}</td><td>{}</td></tr>", scenario(row, context), outcome(row));
        }
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// From the first to the last day on which one was played.
fn days(rows: &[BrokenRow]) -> String {
    let days = || rows.iter().map(|row| row.started.as_str()).filter(|started| !started.is_empty()).map(day);
    match (days().min(), days().max()) {
        (Some(first), Some(last)) if first != last => format!(", from {first} to {last}"),
        (Some(day), _) => format!(" on {day}"),
        _ => String::new(),
    }
}

/// Their names, in order.
fn servers(rows: &[BrokenRow]) -> Vec<&str> {
    let mut names: Vec<&str> = rows.iter().map(|row| row.server.as_str()).collect();
    names.dedup();
    names
}

fn scenario(row: &BrokenRow, context: Context<'_>) -> String {
    let found = row.scenario.split_once('#').and_then(|(key, slug)| context.library.scenario(key, slug));
    let Some((feature, _, scenario)) = found else { return html(&row.scenario) };
    let name = html(&scenario.name);
    context.links.scenario(context.page, feature, scenario).map_or(name.clone(), |link| format!(r#"<a href="{}">{name}</a>"#, html(&link)))
}

fn outcome(row: &BrokenRow) -> String {
    match row.outcome.as_str() {
        "caught" => format!("caught: {}", html(&row.message)),
        "otherwise" => format!("<strong>failed for another reason</strong>: {}", html(&row.message)),
        "missed" => "<strong>missed</strong>: it passed".to_owned(),
        _ => "not played".to_owned(),
    }
}
