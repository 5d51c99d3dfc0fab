//! Where things stand in the finished book: which chapter holds a feature, the anchor of a scenario, the page with another server's evidence.
//!
//! Come here when a link is wrong. All addresses are relative, so the book can be opened from a folder.

use super::directives::{Kind, directives};
use super::escape::path_part;
use super::library::{FeatureText, Library, RuleText, ScenarioText};
use crate::record::hash;
use mdbook_preprocessor::book::Book;
use std::collections::{BTreeMap, BTreeSet};

/// Addresses inside one book.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// Feature key or scenario id -> chapter, as `sentinel/quorum.html`.
    chapters: BTreeMap<String, String>,
    /// Slugs that more than one feature uses: their anchors carry the feature's key.
    shared_slugs: BTreeSet<String>,
    /// Whether pages with other servers' evidence are written; without them badges are no links.
    evidence_pages: bool,
    /// Anchor of a rule that servers keep differently -> the page that tells about it.
    differences: BTreeMap<String, String>,
    /// The chapter with the whole ledger, and the claims that stand in it.
    ledger: Option<String>,
    claims: BTreeSet<String>,
}

impl Links {
    /// Reads from a book which chapter embeds what.
    pub fn of(book: &Book, library: &Library, evidence_pages: bool) -> Links {
        let mut links = Links {
            evidence_pages,
            shared_slugs: shared_slugs(library),
            claims: library.claims.iter().map(|c| c.id.clone()).collect(),
            ..Links::default()
        };
        for chapter in book.chapters() {
            let Some(path) = &chapter.path else { continue };
            let page = path.with_extension("html").to_string_lossy().replace('\\', "/");
            // mdBook turns README.md into the folder's index.
            let page = page.strip_suffix("README.html").map_or(page.clone(), |folder| format!("{folder}index.html"));
            for directive in directives(&chapter.content) {
                match directive.kind {
                    // A whole feature wins over a single scenario quoted elsewhere.
                    Kind::Feature(key) => drop(links.chapters.insert(key, page.clone())),
                    Kind::Scenario { key, slug } => drop(links.chapters.entry(format!("{key}#{slug}")).or_insert(page.clone())),
                    Kind::Difference { key, slug } => {
                        let rule = library.scenario(&key, &slug).map(|(feature, rule, _)| links.rule_anchor(feature, rule));
                        links.differences.extend(rule.map(|rule| (rule, page.clone())));
                    }
                    Kind::Claims(system) if system == "all" => links.ledger = Some(page.clone()),
                    _ => {}
                }
            }
        }
        links
    }

    /// The element id of a scenario's heading.
    pub fn anchor(&self, feature: &FeatureText, scenario: &ScenarioText) -> String {
        let slug = path_part(&scenario.slug);
        if self.shared_slugs.contains(&scenario.slug) { format!("{}-{slug}", id_of(&feature.key)) } else { slug }
    }

    /// The element id of a card on a page that only quotes it: its own anchor belongs to the chapter with the whole feature, and mdBook's print page holds both.
    pub fn quote(&self, page: &str, feature: &FeatureText, scenario: &ScenarioText) -> Option<String> {
        let alone = self.chapters.get(&format!("{}#{}", feature.key, scenario.slug)).map(String::as_str);
        let is_home = !self.chapters.contains_key(&feature.key) && alone == Some(page);
        (!is_home).then(|| format!("{}-{}", id_of(page.trim_end_matches(".html")), self.anchor(feature, scenario)))
    }

    /// The element id of a rule's heading; a rule without a name has none, there its first scenario's is meant.
    pub fn rule_anchor(&self, feature: &FeatureText, rule: &RuleText) -> String {
        match (&rule.name, rule.scenarios.first()) {
            (Some(name), _) => format!("{}-{}", id_of(&feature.key), hash::slug(name)),
            (None, Some(first)) => self.anchor(feature, first),
            (None, None) => id_of(&feature.key),
        }
    }

    /// Address of a scenario's card, seen from a page; none when no chapter embeds it.
    pub fn scenario(&self, from: &str, feature: &FeatureText, scenario: &ScenarioText) -> Option<String> {
        let page = self.chapters.get(&feature.key).or_else(|| self.chapters.get(&format!("{}#{}", feature.key, scenario.slug)))?;
        Some(format!("{}#{}", relative(from, page), self.anchor(feature, scenario)))
    }

    /// Address of a rule's heading, seen from a page.
    pub fn rule(&self, from: &str, feature: &FeatureText, rule: &RuleText) -> Option<String> {
        let page = self.chapters.get(&feature.key)?;
        Some(format!("{}#{}", relative(from, page), self.rule_anchor(feature, rule)))
    }

    /// Address of the page about what differs in a rule, seen from a page; none when no page tells about it.
    pub fn difference(&self, from: &str, feature: &FeatureText, rule: &RuleText) -> Option<String> {
        self.differences.get(&self.rule_anchor(feature, rule)).map(|page| relative(from, page))
    }

    /// Address of a claim's row, seen from a page; none for a claim the ledger does not know.
    pub fn claim(&self, from: &str, id: &str) -> Option<String> {
        self.ledger.as_ref().filter(|_| self.claims.contains(id)).map(|page| format!("{}#{}", relative(from, page), path_part(id)))
    }

    /// Address of the page with another server's evidence, seen from a page.
    pub fn evidence(&self, from: &str, feature: &FeatureText, server: &str, anchor: &str) -> Option<String> {
        self.evidence_pages.then(|| format!("{}#{anchor}", relative(from, &evidence_page(&feature.key, server))))
    }
}

/// `evidence/redis-8.0/sentinel/quorum.html`
pub fn evidence_page(key: &str, server: &str) -> String {
    let parts: Vec<String> = key.split('/').map(path_part).collect();
    format!("evidence/{}/{}.html", path_part(server), parts.join("/"))
}

/// The way from one page to another, both from the book's top.
pub fn relative(from: &str, to: &str) -> String {
    if from == to {
        return String::new();
    }
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let common = from.iter().zip(&to).take(from.len().min(to.len()) - 1).take_while(|(a, b)| a == b).count();
    let mut way = vec![".."; from.len() - 1 - common];
    way.extend(&to[common..]);
    way.join("/")
}

fn id_of(key: &str) -> String {
    key.split('/').map(path_part).collect::<Vec<_>>().join("-")
}

fn shared_slugs(library: &Library) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let slugs = library.features.iter().flat_map(|f| &f.rules).flat_map(|r| &r.scenarios).map(|s| s.slug.clone());
    slugs.filter(|slug| !seen.insert(slug.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_between_pages() {
        assert_eq!(relative("a/b.html", "a/c.html"), "c.html");
        assert_eq!(relative("a/b.html", "x/y/c.html"), "../x/y/c.html");
        assert_eq!(relative("index.html", "evidence/r/c.html"), "evidence/r/c.html");
        assert_eq!(relative("a/b.html", "a/b.html"), "");
        assert_eq!(evidence_page("a/../b", "re dis"), "evidence/re-dis/a//b.html");
    }
}
