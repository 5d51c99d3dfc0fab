//! Which scenarios are meant: by place, tag expression, name, claim.

use super::catalogue::{Feature, Scenario};
use cucumber::gherkin::tagexpr::TagOperation;
use cucumber::tag::Ext as _;
use regex::Regex;

/// What a person asked for; empty means everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub paths: Vec<Place>,
    pub tags: Option<TagOperation>,
    pub name: Option<Regex>,
    pub claims: Vec<String>,
    /// Test names that are the only ones wanted.
    pub exact: Vec<String>,
    /// Parts of test names, one of which is wanted.
    pub containing: Vec<String>,
    /// Parts of test names that are not wanted.
    pub skip: Vec<String>,
}

/// A file, a folder, or a line of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub path: String,
    pub line: Option<usize>,
}

impl Place {
    /// `features/sentinel/quorum.feature:24`; a trailing slash falls away.
    pub fn parse(text: &str) -> Place {
        let (path, line) = match text.rsplit_once(':') {
            Some((path, line)) => match line.parse() {
                Ok(line) => (path, Some(line)),
                Err(_) => (text, None),
            },
            None => (text, None),
        };
        Place { path: path.trim_start_matches("./").trim_end_matches('/').to_owned(), line }
    }

    fn holds(&self, feature: &Feature, scenario: &Scenario) -> bool {
        let inside =
            self.path.is_empty() || feature.path == self.path || feature.path.strip_prefix(&self.path).is_some_and(|rest| rest.starts_with('/'));
        inside && self.line.is_none_or(|line| means(feature, line, scenario))
    }
}

/// A line means the scenario around it; the line of a row, that row of the outline; a line of a heading and its prose, all below that heading.
fn means(feature: &Feature, line: usize, scenario: &Scenario) -> bool {
    if feature.scenarios().any(|s| s.line == line) {
        return scenario.line == line;
    }
    let begun = |head: usize| Some(head).filter(|head| *head <= line);
    let scenario_head = feature.scenarios().filter_map(|s| begun(s.head)).max();
    let rule_head = feature.rules.iter().filter(|r| r.name.is_some()).filter_map(|r| begun(r.line)).max();
    match (scenario_head, rule_head) {
        (None, None) => true,
        (scenario_head, Some(rule)) if scenario_head.is_none_or(|head| head < rule) => {
            feature.rules.iter().any(|r| r.line == rule && r.name.is_some() && r.scenarios.iter().any(|s| s.line == scenario.line))
        }
        (scenario_head, _) => scenario_head == Some(scenario.head),
    }
}

impl Selection {
    /// The scenarios that every given criterion admits.
    pub fn pick<'f>(&self, features: &'f [Feature]) -> Vec<&'f Scenario> {
        let all = features.iter().flat_map(|feature| feature.scenarios().map(move |scenario| (feature, scenario)));
        all.filter(|(feature, scenario)| self.admits(feature, scenario)).map(|(_, scenario)| scenario).collect()
    }

    fn admits(&self, feature: &Feature, scenario: &Scenario) -> bool {
        let test = scenario.test_name();
        (self.paths.is_empty() || self.paths.iter().any(|place| place.holds(feature, scenario)))
            && self.tags.as_ref().is_none_or(|tags| tags.eval(scenario.tags.iter()))
            && self.name.as_ref().is_none_or(|name| name.is_match(&scenario.name))
            && (self.claims.is_empty() || scenario.claims().iter().any(|claim| self.claims.contains(claim)))
            && (self.exact.is_empty() || self.exact.contains(&test))
            && (self.containing.is_empty() || self.containing.iter().any(|part| test.contains(part.as_str())))
            && !self.skip.iter().any(|part| test.contains(part.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slugs that are picked of three.
    fn picked(selection: &Selection) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("features")).unwrap();
        let scenarios =
            ["one", "two", "twofold"].map(|name| format!("  @id:{name} @claim:{name}\n  Scenario: {name}\n    Given the \"standalone\" topology\n"));
        std::fs::write(folder.path().join("features/f.feature"), format!("Feature: f\n{}", scenarios.concat())).unwrap();
        let (features, _) = crate::run::reading::read(&crate::run::project::Project::at(folder.path()));
        selection.pick(&features).into_iter().map(|scenario| scenario.slug.clone()).collect()
    }

    #[test]
    fn every_criterion_has_to_admit_a_scenario() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let all = Selection::default();
        assert_eq!(picked(&all), ["one", "two", "twofold"]);
        assert_eq!(picked(&Selection { containing: words(&["two"]), ..all.clone() }), ["two", "twofold"]);
        assert_eq!(picked(&Selection { containing: words(&["two"]), skip: words(&["fold"]), ..all.clone() }), ["two"]);
        assert_eq!(picked(&Selection { exact: words(&["f::two"]), ..all.clone() }), ["two"], "not what only begins so");
        assert_eq!(picked(&Selection { claims: words(&["one"]), ..all.clone() }), ["one"]);
        assert_eq!(picked(&Selection { claims: words(&["one"]), containing: words(&["two"]), ..all.clone() }), Vec::<String>::new());
        assert_eq!(
            picked(&Selection { name: Some(Regex::new("^two").unwrap()), paths: vec![Place::parse("features/f.feature:2")], ..all }),
            Vec::<String>::new()
        );
    }

    #[test]
    fn places_have_lines() {
        assert_eq!(Place::parse("./features/a.feature:12"), Place { path: "features/a.feature".into(), line: Some(12) });
        assert_eq!(Place::parse("features/sentinel/"), Place { path: "features/sentinel".into(), line: None });
    }
}
