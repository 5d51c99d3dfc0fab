//! Where things stand in the finished book: which chapter holds a feature, the anchor of a scenario, the page with the evidence of a rule on a server.
//!
//! Come here when a link is wrong. All addresses are relative, so the book can be opened from a folder.

use super::directives::{Kind, directives};
use super::escape::path_part;
use super::glossary;
use super::library::{FeatureText, Library, RuleText, ScenarioText};
use crate::record::hash;
use mdbook_preprocessor::book::Book;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Bytes of the name of a page of evidence.
const LONGEST_NAME: usize = 30;

/// Addresses inside one book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// Feature key or scenario id -> chapter, as `sentinel/quorum.html`.
    chapters: BTreeMap<String, String>,
    /// Slugs that more than one feature uses: their anchors carry the feature's key.
    shared_slugs: BTreeSet<String>,
    /// Whether pages with other servers' evidence are written; without them badges are no links.
    evidence_pages: bool,
    /// (Feature key, anchor of a rule or of one of its scenarios) -> name of the rule's pages of evidence.
    rule_pages: BTreeMap<(String, String), String>,
    /// System, or `all` -> the chapter in which its claims have their addresses, and that chapter's name.
    ledger: BTreeMap<String, (String, String)>,
    /// Claim -> its system.
    claims: BTreeMap<String, String>,
    /// The chapter that explains the words, as `glossary.html`.
    glossary: Option<String>,
    /// Anchor of a rule that servers keep differently -> the page that tells about it.
    differences: BTreeMap<String, String>,
}

impl Links {
    /// Reads from a book which chapter embeds what.
    pub fn of(book: &Book, library: &Library, evidence_pages: bool) -> Links {
        let mut links = Links {
            evidence_pages,
            shared_slugs: shared_slugs(library),
            claims: library.claims.iter().map(|c| (c.id.clone(), c.system.clone())).collect(),
            ..Links::default()
        };
        for feature in &library.features {
            links.name_pages(feature);
        }
        for chapter in book.chapters() {
            let Some(path) = &chapter.path else { continue };
            let page = path.with_extension("html").to_string_lossy().replace('\\', "/");
            // mdBook turns README.md into the folder's index.
            let page = page.strip_suffix("README.html").map_or(page.clone(), |folder| format!("{folder}index.html"));
            if path == Path::new(glossary::FILE) {
                links.glossary = Some(page.clone());
            }
            for directive in directives(&chapter.content) {
                match directive.kind {
                    // A whole feature wins over a single scenario quoted elsewhere.
                    Kind::Feature(key) => drop(links.chapters.insert(key, page.clone())),
                    Kind::Scenario { key, slug } => drop(links.chapters.entry(format!("{key}#{slug}")).or_insert(page.clone())),
                    Kind::Claims(system) if system == "all" => drop(links.ledger.insert(system, (page.clone(), chapter.name.clone()))),
                    Kind::Ledger(Some(system)) => drop(links.ledger.insert(system, (page.clone(), chapter.name.clone()))),
                    Kind::Difference { key, slug } => {
                        let rule = library.scenario(&key, &slug).map(|(feature, rule, _)| links.rule_anchor(feature, rule));
                        links.differences.extend(rule.map(|rule| (rule, page.clone())));
                    }
                    _ => {}
                }
            }
        }
        links
    }

    /// Every rule of a feature gets a page of its own on each server, named after it.
    fn name_pages(&mut self, feature: &FeatureText) {
        let mut taken = BTreeSet::new();
        for rule in &feature.rules {
            let name = rule.name.as_deref().map_or_else(|| "scenarios".to_owned(), |name| path_part(&brief(&hash::slug(name))));
            let mut page = name.clone();
            while !taken.insert(page.clone()) {
                page = format!("{name}-{}", taken.len());
            }
            let anchors = [self.rule_anchor(feature, rule)].into_iter().chain(rule.scenarios.iter().map(|s| self.anchor(feature, s)));
            let places: Vec<_> = anchors.map(|anchor| ((feature.key.clone(), anchor), page.clone())).collect();
            self.rule_pages.extend(places);
        }
    }

    /// Path of the page with a rule's evidence on a server.
    pub fn rule_page(&self, feature: &FeatureText, rule: &RuleText, server: &str) -> String {
        evidence_page(&feature.key, server, self.rule_pages.get(&(feature.key.clone(), self.rule_anchor(feature, rule))).map_or("", String::as_str))
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
        let (page, _) = self.ledger.get(self.claims.get(id)?).or_else(|| self.ledger.get("all"))?;
        Some(format!("{}#{}", relative(from, page), path_part(id)))
    }

    /// Address of a system's claims, seen from a page, and the name of the chapter.
    pub fn ledger(&self, from: &str, system: &str) -> Option<(String, &str)> {
        self.ledger.get(system).map(|(page, name)| (relative(from, page), name.as_str()))
    }

    /// Address of the page that explains words, seen from a page; none where there is none, and on that page itself.
    pub fn glossary(&self, from: &str) -> Option<String> {
        self.glossary.as_ref().filter(|page| *page != from).map(|page| relative(from, page))
    }

    /// Address of a server's evidence for a rule or one of its scenarios, whose anchor this is, seen from a page.
    pub fn evidence(&self, from: &str, feature: &FeatureText, server: &str, anchor: &str) -> Option<String> {
        let rule = self.rule_pages.get(&(feature.key.clone(), anchor.to_owned())).filter(|_| self.evidence_pages)?;
        Some(format!("{}#{anchor}", relative(from, &evidence_page(&feature.key, server, rule))))
    }

    /// Address of the page with a server's evidence for all of a rule, seen from a page.
    pub fn rule_evidence(&self, from: &str, feature: &FeatureText, rule: &RuleText, server: &str) -> Option<String> {
        let link = self.evidence(from, feature, server, &self.rule_anchor(feature, rule))?;
        Some(link.split('#').next().unwrap_or_default().to_owned())
    }
}

/// `evidence/redis-8.0/sentinel/quorum/reaching-the-quorum-is-not.html`
fn evidence_page(key: &str, server: &str, rule: &str) -> String {
    let parts: Vec<String> = key.split('/').map(path_part).collect();
    format!("evidence/{}/{}/{rule}.html", path_part(server), parts.join("/"))
}

/// The words of a slug that fit: every card has links with it.
fn brief(slug: &str) -> String {
    let whole = |end: &usize| slug.is_char_boundary(*end) && (*end == slug.len() || slug.as_bytes()[*end] == b'-');
    let end = (1..=slug.len().min(LONGEST_NAME)).rev().find(whole);
    end.map_or(slug, |end| &slug[..end]).to_owned()
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
        assert_eq!(evidence_page("a/../b", "re dis", "rule"), "evidence/re-dis/a//b/rule.html");
    }
}
