//! Pages beside the book: the evidence of servers other than the default, one static page a server and feature.
//!
//! They are outside the sidebar and the search on purpose: six versions of every scenario would drown both. The chapters' badges and the matrix lead there.

use super::escape::{html, inline, path_part};
use super::library::{FeatureText, Library};
use super::links::{Links, evidence_page, relative};
use super::render_feature::Context;
use super::render_scenario::{Place, card};
use std::fmt::Write;

/// The styles of the book's own scenarios, which the pages share.
pub const STYLE: &str = include_str!("../../book/theme/rehearsal.css");

/// Where the pages' copy of the styles lies.
pub const STYLE_PATH: &str = "evidence/rehearsal.css";

/// Every page with its path in the book.
pub fn pages(library: &Library, links: &Links) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    for server in library.shown_servers().into_iter().filter(|s| *s != library.default_server()) {
        for feature in &library.features {
            let played = feature.rules.iter().flat_map(|r| &r.scenarios).any(|s| library.standing(feature, s, server).is_shown());
            if played {
                let path = evidence_page(&feature.key, server);
                pages.push((path.clone(), page(feature, Context { library, links, page: &path, server })));
            }
        }
    }
    pages
}

fn page(feature: &FeatureText, context: Context<'_>) -> String {
    let title = format!("{} on {}", feature.name, context.server);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\" class=\"rh-page\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\
         <title>{}</title><link rel=\"stylesheet\" href=\"{}\"></head><body><main>",
        html(&title),
        relative(context.page, STYLE_PATH)
    );
    let _ = writeln!(out, "<h1>{}</h1>", html(&title));
    let first = feature.rules.iter().find_map(|rule| context.links.rule(context.page, feature, rule));
    if let Some(link) = first {
        let _ = writeln!(
            out,
            r#"<p class="rh-note"><a href="{}">Back to the chapter</a>, which shows {}.</p>"#,
            html(&link),
            html(context.library.default_server())
        );
    }
    for rule in &feature.rules {
        if let Some(name) = &rule.name {
            let _ = writeln!(out, r#"<h2 id="{}">{}</h2>"#, path_part(&context.links.rule_anchor(feature, rule)), html(name));
        }
        for scenario in &rule.scenarios {
            let anchor = context.links.anchor(feature, scenario);
            let _ = writeln!(out, r#"<h3 class="rh-name" id="{}">{}</h3>"#, html(&anchor), html(&scenario.name));
            paragraph(&mut out, &scenario.prose);
            out.push_str(&card(Place { feature, rule, scenario, drawn: true, anchor: &anchor }, context));
        }
    }
    out.push_str("</main></body></html>\n");
    out
}

/// Prose without mdBook: only `code` is known here.
fn paragraph(out: &mut String, prose: &str) {
    for text in prose.trim().split("\n\n").filter(|t| !t.is_empty()) {
        let _ = writeln!(out, "<p>{}</p>", inline(text));
    }
}
