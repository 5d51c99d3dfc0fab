//! What differs from one server to the next: which promises do, what their pages show, and what changes at an upgrade.
//!
//! You are in the right place when a rule is called different and is not, or the other way round. A rule differs in two cases:
//!
//! - it has scenarios that speak about some servers of the catalogue only, by `@since:` or `@until:`: somebody knew, and wrote down both sides;
//! - the same scenario passed on one server and failed on another: nobody knew.
//!
//! What a build lacks (`@needs:`) is no difference: it is a tool of the scenario, not what the rule is about.

use super::escape::html;
use super::library::{FeatureText, Library, RuleText, ScenarioText, Standing};
use super::links::Links;
use super::matrix;
use super::render_feature::Context;
use super::render_scenario::look;
use crate::record::Verdict;
use crate::topology::version::Bound;
use std::fmt::Write;

/// Whether servers keep this promise in different ways.
pub fn differs(feature: &FeatureText, rule: &RuleText, library: &Library) -> bool {
    is_versioned(feature, rule, library) || disagree(feature, rule, library, |standing| standing.verdict())
}

/// Some of its scenarios speak about some of the servers only.
fn is_versioned(feature: &FeatureText, rule: &RuleText, library: &Library) -> bool {
    let spoken = |scenario: &ScenarioText| {
        let id = format!("{}#{}", feature.key, scenario.slug);
        library.servers.iter().filter(|server| !library.not_applicable.contains_key(&(id.clone(), (*server).clone()))).count()
    };
    rule.scenarios.iter().any(|s| is_bounded(s) && (1..library.servers.len()).contains(&spoken(s)))
}

fn is_bounded(scenario: &ScenarioText) -> bool {
    scenario.tags.iter().any(|tag| matches!(Bound::parse(tag), Some(Ok(_))))
}

fn disagree<'a>(feature: &FeatureText, rule: &RuleText, library: &'a Library, verdict: impl Fn(Standing<'a>) -> Option<Verdict>) -> bool {
    rule.scenarios.iter().any(|scenario| {
        let verdicts: Vec<Verdict> = library.servers.iter().filter_map(|s| verdict(library.standing(feature, scenario, s))).collect();
        verdicts.contains(&Verdict::Passed) && verdicts.contains(&Verdict::Failed)
    })
}

/// Rules that differ and that no page tells about, each with the scenario a directive may name. What one machine happened to see does not count here: only
/// the texts and the kept record, which are the same for everybody.
pub fn untold<'a>(library: &'a Library, links: &Links) -> Vec<(&'a FeatureText, &'a RuleText, &'a ScenarioText)> {
    let kept = |standing: Standing<'_>| if let Standing::Kept(kept) = standing { Some(kept.scenario.verdict) } else { None };
    let rules = library.features.iter().flat_map(|f| f.rules.iter().map(move |r| (f, r)));
    rules
        .filter(|(f, r)| links.difference("", f, r).is_none() && (is_versioned(f, r, library) || disagree(f, r, library, kept)))
        .filter_map(|(f, r)| Some((f, r, r.scenarios.iter().find(|s| is_bounded(s)).or(r.scenarios.first())?)))
        .collect()
}

/// One difference on its page: the row of the matrix, and what each scenario says about which servers.
pub fn block(feature: &FeatureText, rule: &RuleText, context: Context<'_>) -> String {
    let servers = context.library.shown_servers();
    let mut out = String::new();
    matrix::head(&mut out, rule.name.as_deref().unwrap_or("Verdicts"), &servers, context);
    matrix::row(&mut out, feature, rule, &servers, context);
    for scenario in &rule.scenarios {
        scenario_row(&mut out, feature, scenario, &servers, context);
    }
    out.push_str("</tbody></table></div>\n");
    out
}

fn scenario_row(out: &mut String, feature: &FeatureText, scenario: &ScenarioText, servers: &[&str], context: Context<'_>) {
    let bounds: Vec<String> = scenario.tags.iter().filter_map(|tag| Bound::parse(tag)?.ok()).map(|bound| bound.plain()).collect();
    let bounds = if bounds.is_empty() { String::new() } else { format!(r#" <span class="rh-note">{}</span>"#, html(&bounds.join(", "))) };
    let _ = write!(out, r#"<tr><th scope="row" class="rh-one">{}{bounds}</th>"#, name(feature, scenario, context));
    for server in servers {
        let standing = context.library.standing(feature, scenario, server);
        let (class, mark, word) = look(standing.verdict());
        let shown = format!(r#"<span role="img" aria-label="{word}">{mark}</span>"#);
        let link = match *server == context.library.default_server() {
            true => context.links.scenario(context.page, feature, scenario),
            false => context.links.evidence(context.page, feature, server, &context.links.anchor(feature, scenario)),
        };
        let shown = link.filter(|_| standing.is_shown()).map_or(shown.clone(), |link| format!(r#"<a href="{}">{shown}</a>"#, html(&link)));
        let _ = write!(out, r#"<td class="{class}">{shown}</td>"#);
    }
    out.push_str("</tr>\n");
}

fn name(feature: &FeatureText, scenario: &ScenarioText, context: Context<'_>) -> String {
    let name = html(&scenario.name);
    context.links.scenario(context.page, feature, scenario).map_or(name.clone(), |link| format!(r#"<a href="{}">{name}</a>"#, html(&link)))
}

/// What changes for somebody who goes from one server to another: every rule that is kept differently, what held, and what holds then.
pub fn upgrade(from: &str, to: &str, context: Context<'_>) -> String {
    let mut rows = String::new();
    let mut number = 0;
    for feature in &context.library.features {
        for rule in &feature.rules {
            let (before, after) = sides(feature, rule, from, to, context);
            if before.is_empty() && after.is_empty() {
                continue;
            }
            number += 1;
            let title = html(rule.name.as_deref().unwrap_or(&feature.name));
            let title =
                context.links.rule(context.page, feature, rule).map_or(title.clone(), |link| format!(r#"<a href="{}">{title}</a>"#, html(&link)));
            let more = context.links.difference(context.page, feature, rule).filter(|link| !link.is_empty());
            let more = more.map_or_else(String::new, |link| format!(r#" <a class="rh-note" href="{}">what to do</a>"#, html(&link)));
            let cell = |side: &[String]| if side.is_empty() { "\u{2013}".to_owned() } else { side.join("<br>") };
            let _ = writeln!(rows, r#"<tr><th scope="row">{title}{more}</th><td>{}</td><td>{}</td></tr>"#, cell(&before), cell(&after));
        }
    }
    let (from, to) = (html(from), html(to));
    if number == 0 {
        return format!("No promise of this book is known to differ between {from} and {to}.\n");
    }
    let played = |server: &str| context.library.scenarios().filter(|(f, s)| context.library.standing(f, s, server).is_shown()).count();
    format!(
        "Promises kept differently on {from} and {to}: {number}, of {} scenarios that were played on the one and {} on the other. A dash: no scenario of that promise speaks about that server; \
         the other side says what is special there.\n\n<div class=\"rh-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"What changes from {from} to {to}\">\
         <table class=\"rh-matrix rh-upgrade\"><thead><tr><th scope=\"col\">Promise</th><th scope=\"col\">{from}</th><th scope=\"col\">{to}</th></tr></thead><tbody>\n{rows}</tbody></table></div>\n",
        played(&from),
        played(&to)
    )
}

/// What a rule says about either server alone.
fn sides(feature: &FeatureText, rule: &RuleText, from: &str, to: &str, context: Context<'_>) -> (Vec<String>, Vec<String>) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for scenario in &rule.scenarios {
        let verdict = |server: &str| context.library.standing(feature, scenario, server).verdict();
        let (old, new) = (verdict(from), verdict(to));
        let speaks = |verdict: Option<Verdict>| verdict != Some(Verdict::NotApplicable);
        let bounded = is_bounded(scenario) && speaks(old) != speaks(new);
        let opposed = matches!((old, new), (Some(Verdict::Passed), Some(Verdict::Failed)) | (Some(Verdict::Failed), Some(Verdict::Passed)));
        if !bounded && !opposed {
            continue;
        }
        let told = |verdict: Option<Verdict>| {
            let (class, mark, word) = look(verdict);
            format!(
                r#"<span class="rh-shown {class}"><span class="rh-mark" role="img" aria-label="{word}">{mark}</span> {}</span>"#,
                name(feature, scenario, context)
            )
        };
        before.extend(speaks(old).then(|| told(old)));
        after.extend(speaks(new).then(|| told(new)));
    }
    (before, after)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use mdbook_preprocessor::book::{Book, BookItem, Chapter};

    fn links(text: &str, library: &Library) -> Links {
        let chapter = |path: &str, text: &str| BookItem::Chapter(Chapter::new("Chapter", text.to_owned(), path, Vec::new()));
        let book = Book::new_with_items(vec![chapter("sentinel.md", "{{#feature sentinel/quorum}}"), chapter("versions/one.md", text)]);
        Links::of(&book, library, true)
    }

    fn context<'a>(library: &'a Library, links: &'a Links) -> Context<'a> {
        Context { library, links, page: "versions/one.html", server: library.default_server() }
    }

    /// The minority speaks about Redis since 7.0 only.
    fn versioned() -> Library {
        let mut library = sample::library();
        library.features[0].rules[0].scenarios[0].tags.push("@since:redis-7.0".into());
        library.not_applicable = [(("sentinel/quorum#a-minority-elects-nobody".into(), "redis-6.2".into()), "holds since redis 7.0".into())].into();
        library
    }

    #[test]
    fn a_rule_differs_by_its_bounds_or_by_its_verdicts() {
        let library = sample::library();
        let (quorum, failover) = (&library.features[0], &library.features[1]);
        assert!(differs(quorum, &quorum.rules[0], &library), "passed on 7.0, failed on 8.0");
        assert!(!differs(failover, &failover.rules[0], &library));
        let library = Library { evidence: Default::default(), ..versioned() };
        let quorum = &library.features[0];
        assert!(differs(quorum, &quorum.rules[0], &library) && !differs(quorum, &quorum.rules[1], &library));
    }

    #[test]
    fn what_differs_and_has_no_page_is_told() {
        let library = Library { evidence: Default::default(), ..versioned() };
        let told = |text: &str| untold(&library, &links(text, &library)).into_iter().map(|(_, _, s)| s.slug.clone()).collect::<Vec<_>>();
        assert_eq!(told("nothing"), ["a-minority-elects-nobody"]);
        assert!(told("{{#difference sentinel/quorum#a-majority-elects}}").is_empty(), "any scenario of the rule names it");
        // What this machine alone saw is nobody else's business.
        assert!(untold(&sample::library(), &links("nothing", &sample::library())).is_empty());
    }

    #[test]
    fn an_upgrade_shows_both_sides() {
        let library = versioned();
        let links = links("{{#difference sentinel/quorum#a-minority-elects-nobody}}", &library);
        insta::assert_snapshot!("upgrade", upgrade("redis-6.2", "redis-7.0", context(&library, &links)));
        assert!(upgrade("redis-7.0", "redis-7.0", context(&library, &links)).starts_with("No promise"));
        let (feature, rule) = (&library.features[0], &library.features[0].rules[0]);
        insta::assert_snapshot!("difference", block(feature, rule, context(&library, &links)));
    }
}
