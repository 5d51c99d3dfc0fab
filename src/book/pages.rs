//! Pages beside the book: the whole evidence, one static page a server and rule.
//!
//! They are outside the sidebar and the search on purpose: seven versions of every scenario would drown both. The chapters' badges and fold-outs and the matrix lead there. A page a rule
//! keeps each of them light, and is what a cell of the matrix means.

use super::escape::{html, inline, path_part};
use super::library::{FeatureText, Library, RuleText};
use super::links::{Links, relative};
use super::render_feature::Context;
use super::render_scenario::{Place, Shown, card};
use super::{footer, guard, slots, style};
use std::fmt::Write;

/// What one page is about.
#[derive(Debug, Clone, Copy)]
pub struct RulePage<'a> {
    feature: &'a FeatureText,
    rule: &'a RuleText,
    server: &'a str,
}

/// Every page there is: of a rule on a server, if one of its scenarios was played there.
pub fn places(library: &Library) -> Vec<RulePage<'_>> {
    let rules = || library.features.iter().flat_map(|feature| feature.rules.iter().map(move |rule| (feature, rule)));
    let all = library.shown_servers().into_iter().flat_map(|server| rules().map(move |(feature, rule)| RulePage { feature, rule, server }));
    all.filter(|page| page.rule.scenarios.iter().any(|s| library.standing(page.feature, s, page.server).is_shown())).collect()
}

impl RulePage<'_> {
    /// Its path in the book, and its text.
    pub fn page(&self, library: &Library, links: &Links) -> (String, String) {
        let path = links.rule_page(self.feature, self.rule, self.server);
        let context = Context { library, links, page: &path, server: self.server };
        let text = slots::in_place(&self.text(context));
        (path, text)
    }

    fn text(&self, context: Context<'_>) -> String {
        let (feature, rule) = (self.feature, self.rule);
        let title = format!("{} on {}", rule.name.as_deref().unwrap_or(&feature.name), context.server);
        let mut out = String::new();
        let _ = writeln!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\" class=\"rh-page\"><head><meta charset=\"utf-8\">{}<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\
             <title>{}</title><link rel=\"stylesheet\" href=\"{}\"><link rel=\"stylesheet\" href=\"{}\" media=\"(prefers-color-scheme: dark)\"></head><body><main>",
            guard::element(),
            html(&title),
            relative(context.page, style::PATH),
            relative(context.page, style::DARK_PATH)
        );
        let _ = writeln!(out, r#"<h1 id="{}">{}</h1>"#, path_part(&context.links.rule_anchor(feature, rule)), html(&title));
        if let Some(link) = context.links.rule(context.page, feature, rule) {
            let _ = writeln!(
                out,
                r#"<p class="rh-note">{}: <a href="{}">the chapter</a>, which shows {}.</p>"#,
                html(&feature.name),
                html(&link),
                html(context.library.default_server())
            );
        }
        for scenario in &rule.scenarios {
            let anchor = context.links.anchor(feature, scenario);
            // A rule without a name borrows its first scenario's id, which stands above already.
            let id = if anchor == context.links.rule_anchor(feature, rule) { String::new() } else { format!(r#" id="{}""#, html(&anchor)) };
            let _ = writeln!(out, r#"<h2 class="rh-name"{id}>{}</h2>"#, html(&scenario.name));
            paragraph(&mut out, &scenario.prose);
            out.push_str(&card(Place { feature, rule, scenario, shown: Shown::Whole, anchor: &anchor }, context));
        }
        let own: Vec<_> = rule.scenarios.iter().map(|scenario| (feature, scenario)).collect();
        let again = format!(
            "{}{}",
            feature.path,
            rule.scenarios.first().filter(|_| rule.scenarios.len() == 1).map_or(String::new(), |s| format!(":{}", s.line))
        );
        out.push_str(&footer::of_scenarios(&own, &[again], context));
        out.push_str("</main></body></html>\n");
        out
    }
}

/// Prose without mdBook: only `code` is known here.
fn paragraph(out: &mut String, prose: &str) {
    for text in prose.trim().split("\n\n").filter(|t| !t.is_empty()) {
        let _ = writeln!(out, "<p>{}</p>", inline(text));
    }
}
