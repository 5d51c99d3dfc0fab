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
        let inside = feature.path == self.path || feature.path.strip_prefix(&self.path).is_some_and(|rest| rest.starts_with('/'));
        let Some(line) = self.line else { return inside };
        // A line means the scenario around it: the last one that begins at or before it, tags included.
        let at = feature.scenarios().filter(|s| s.line.saturating_sub(1) <= line).map(|s| s.line).max();
        inside && at == Some(scenario.line)
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

    #[test]
    fn places_have_lines() {
        assert_eq!(Place::parse("./features/a.feature:12"), Place { path: "features/a.feature".into(), line: Some(12) });
        assert_eq!(Place::parse("features/sentinel/"), Place { path: "features/sentinel".into(), line: None });
    }
}
