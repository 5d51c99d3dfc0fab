//! The features as played: backgrounds prepended, outlines unfolded, every scenario with its slug, tags, claims and text hash.

use super::meant::Meant;
use super::outline;
use crate::record::hash;
use cucumber::gherkin;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// One feature file.
#[derive(Debug, Clone)]
pub struct Feature {
    /// From the project's root: `features/sentinel/quorum.feature`.
    pub path: String,
    /// `sentinel/quorum`
    pub key: String,
    pub name: String,
    pub prose: String,
    pub rules: Vec<Rule>,
    /// The file as read, for checks that need its lines.
    pub text: Arc<str>,
}

/// One promise; scenarios outside any rule stand in one without a name.
#[derive(Debug, Clone)]
pub struct Rule {
    pub name: Option<String>,
    pub prose: String,
    pub line: usize,
    pub scenarios: Vec<Scenario>,
}

/// One scenario, ready to be played.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Path of its feature.
    pub feature: String,
    pub rule: Option<String>,
    pub name: String,
    pub prose: String,
    pub slug: String,
    pub line: usize,
    /// The line it begins in, its tags included; an outline's rows all begin with the outline.
    pub head: usize,
    /// Of the feature, the rule and itself, without `@`.
    pub tags: Vec<String>,
    /// Background steps first.
    pub steps: Vec<gherkin::Step>,
    /// What each of `steps` means.
    pub meant: Vec<Meant>,
    /// How many of `steps` come from backgrounds.
    pub background: usize,
    /// Columns of its examples, when it is a row of an outline.
    pub columns: Option<Vec<String>>,
    /// Name of the topology it asks for, if it does.
    pub topology: Option<String>,
    pub text_hash: String,
}

impl Scenario {
    /// Values of its tags of one kind: `claim` gives the ids of `@claim:ID`.
    pub fn tagged<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.tags.iter().filter_map(move |tag| tag.strip_prefix(kind)?.strip_prefix(':'))
    }

    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|t| t == tag)
    }

    pub fn claims(&self) -> Vec<String> {
        self.tagged("claim").map(str::to_owned).collect()
    }

    /// `sentinel/quorum#a-minority-elects-nobody`
    pub fn id(&self) -> String {
        format!("{}#{}", hash::feature_key(&self.feature), self.slug)
    }

    /// `sentinel::quorum::a_minority_elects_nobody`
    pub fn test_name(&self) -> String {
        format!("{}::{}", hash::feature_key(&self.feature).replace('/', "::"), self.slug).replace('-', "_")
    }

    /// How many of its steps inject a fault.
    pub fn faults(&self) -> usize {
        self.injections().count()
    }

    /// Its steps that inject a fault, in their order.
    pub fn injections(&self) -> impl Iterator<Item = &gherkin::Step> {
        self.meanings().filter(|(step, meant)| step.ty == gherkin::StepType::When && meant.fault().is_some()).map(|(step, _)| step)
    }

    /// Time its sentences say it takes at least: what passes between its `When`s, and the longest span its `Then`s hold something for.
    pub fn stated(&self) -> Duration {
        let of = |phase| self.meanings().filter(move |(step, _)| step.ty == phase).filter_map(|(_, meant)| meant.lasts());
        of(gherkin::StepType::When).sum::<Duration>() + of(gherkin::StepType::Then).max().unwrap_or_default()
    }

    /// Its steps that set the stage, of which a scenario has one.
    pub fn stages(&self) -> impl Iterator<Item = &gherkin::Step> {
        self.meanings().filter(|(_, meant)| meant.stage().is_some()).map(|(step, _)| step)
    }

    /// Its steps, each with what it means.
    pub fn meanings(&self) -> impl Iterator<Item = (&gherkin::Step, &Meant)> {
        self.steps.iter().zip(&self.meant)
    }

    /// Whether a step moves a clock, cuts the power or slows a disk.
    pub fn needs_preload(&self) -> bool {
        self.meant.iter().any(Meant::needs_preload)
    }
}

impl Feature {
    pub fn scenarios(&self) -> impl Iterator<Item = &Scenario> {
        self.rules.iter().flat_map(|rule| &rule.scenarios)
    }

    /// Arranges a parsed file. `topology_source` gives the text of a topology file, part of the text hash.
    pub fn arrange(path: &str, text: &str, parsed: gherkin::Feature, topology_source: &dyn Fn(&str) -> Option<String>) -> Feature {
        let lines: Vec<&str> = text.lines().collect();
        let arrange = Arrange { path, lines: &lines, topology_source, feature_tags: &parsed.tags };
        let outer = parsed.background.as_ref();
        let mut rules = Vec::new();
        if !parsed.scenarios.is_empty() {
            rules.push(Rule {
                name: None,
                prose: String::new(),
                line: parsed.position.line,
                scenarios: arrange.scenarios(&parsed.scenarios, None, &[], &[outer]),
            });
        }
        for rule in &parsed.rules {
            rules.push(Rule {
                name: Some(rule.name.clone()),
                prose: prose(rule.description.as_deref()),
                line: rule.position.line,
                scenarios: arrange.scenarios(&rule.scenarios, Some(&rule.name), &rule.tags, &[outer, rule.background.as_ref()]),
            });
        }
        Feature {
            path: path.to_owned(),
            key: hash::feature_key(path),
            name: parsed.name.clone(),
            prose: prose(parsed.description.as_deref()),
            rules,
            text: text.into(),
        }
    }
}

struct Arrange<'a> {
    path: &'a str,
    lines: &'a [&'a str],
    topology_source: &'a dyn Fn(&str) -> Option<String>,
    feature_tags: &'a [String],
}

impl Arrange<'_> {
    fn scenarios(
        &self,
        list: &[gherkin::Scenario],
        rule: Option<&str>,
        rule_tags: &[String],
        grounds: &[Option<&gherkin::Background>],
    ) -> Vec<Scenario> {
        let background: Vec<gherkin::Step> = grounds.iter().flatten().flat_map(|b| b.steps.iter().cloned()).collect();
        let tags = |own: &[String]| -> Vec<String> {
            let mut all: Vec<String> = Vec::new();
            for tag in self.feature_tags.iter().chain(rule_tags).chain(own) {
                let tag = tag.trim_start_matches('@').to_owned();
                if !all.contains(&tag) {
                    all.push(tag);
                }
            }
            all
        };
        let unfolded = list.iter().flat_map(|scenario| unfold(scenario, self.head(scenario.position.line)));
        unfolded.map(|unfolded| self.scenario(unfolded, rule, &background, tags)).collect()
    }

    fn scenario(
        &self,
        Unfolded { scenario, head, columns, row }: Unfolded,
        rule: Option<&str>,
        background: &[gherkin::Step],
        tags: impl Fn(&[String]) -> Vec<String>,
    ) -> Scenario {
        let tags = tags(&scenario.tags);
        let mut slug = tags.iter().find_map(|t| t.strip_prefix("id:")).map_or_else(|| hash::slug(&scenario.name), str::to_owned);
        if let Some(row) = &row {
            slug = format!("{slug}-{}", hash::slug(row));
        }
        let steps: Vec<gherkin::Step> = background.iter().cloned().chain(scenario.steps).collect();
        let meant: Vec<Meant> = steps.iter().map(Meant::of).collect();
        let topology = meant.iter().find_map(Meant::stage).map(str::to_owned);
        let source = topology.as_deref().and_then(self.topology_source).unwrap_or_default();
        let text_hash = text_hash(&steps, row.as_deref(), &source);
        Scenario {
            feature: self.path.to_owned(),
            rule: rule.map(str::to_owned),
            name: scenario.name,
            prose: prose(scenario.description.as_deref()),
            slug,
            line: scenario.position.line,
            head,
            columns,
            tags,
            background: background.len(),
            meant,
            steps,
            topology,
            text_hash,
        }
    }
}

impl Arrange<'_> {
    /// The first of the lines with tags and comments above a keyword.
    fn head(&self, keyword: usize) -> usize {
        let above = self.lines.iter().take(keyword.saturating_sub(1)).rev();
        keyword - above.take_while(|line| line.trim_start().starts_with(['@', '#'])).count()
    }
}

fn text_hash(steps: &[gherkin::Step], row: Option<&str>, topology: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for step in steps {
        parts.push(format!("{:?} {}", step.ty, step.value));
        parts.extend(step.table.iter().flat_map(|table| &table.rows).map(|row| row.join("|")));
        parts.extend(step.docstring.clone());
    }
    parts.extend(row.map(str::to_owned));
    parts.push(without_modeline(topology).to_owned());
    hash::text_hash(parts.iter().map(String::as_str))
}

/// A topology file without the line that tells editors its schema: it decides nothing.
fn without_modeline(topology: &str) -> &str {
    topology.strip_prefix("# yaml-language-server:").and_then(|rest| rest.split_once('\n')).map_or(topology, |(_, rest)| rest)
}

/// A scenario as written, or a row of an outline.
struct Unfolded {
    scenario: gherkin::Scenario,
    /// The first of the lines with tags and comments above its keyword.
    head: usize,
    columns: Option<Vec<String>>,
    /// First cell of the row.
    row: Option<String>,
}

/// One scenario a row of its examples; a scenario without examples is itself.
fn unfold(scenario: &gherkin::Scenario, head: usize) -> Vec<Unfolded> {
    if scenario.examples.is_empty() {
        return vec![Unfolded { scenario: scenario.clone(), head, columns: None, row: None }];
    }
    let mut unfolded = Vec::new();
    // Without the rows of all others, of which each would have a copy.
    let bare = gherkin::Scenario { examples: Vec::new(), ..scenario.clone() };
    for examples in &scenario.examples {
        let Some((columns, rows)) = examples.table.as_ref().and_then(|table| table.rows.split_first()) else { continue };
        for (n, row) in rows.iter().enumerate() {
            let cells: HashMap<&str, &str> = columns.iter().map(String::as_str).zip(row.iter().map(String::as_str)).collect();
            let fill = |text: &str| outline::filled(text, &cells);
            let mut one = bare.clone();
            one.name = fill(&one.name);
            one.tags.extend(examples.tags.iter().cloned());
            // The head stands in the line behind `Examples:`, the rows below it.
            one.position.line = examples.position.line + 2 + n;
            for step in &mut one.steps {
                step.value = fill(&step.value);
                step.docstring = step.docstring.as_deref().map(fill);
                if let Some(table) = &mut step.table {
                    table.rows.iter_mut().flatten().for_each(|cell| *cell = fill(cell));
                }
            }
            unfolded.push(Unfolded { scenario: one, head, columns: Some(columns.clone()), row: row.first().cloned() });
        }
    }
    unfolded
}

/// A description with its common indentation removed.
fn prose(description: Option<&str>) -> String {
    let text = description.unwrap_or_default();
    let indent = text.lines().filter(|l| !l.trim().is_empty()).map(|l| l.len() - l.trim_start().len()).min().unwrap_or(0);
    text.lines().map(|l| l.get(indent..).unwrap_or("").trim_end()).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Feature {
        let parsed = gherkin::Feature::parse(text, gherkin::GherkinEnv::default()).unwrap();
        Feature::arrange("features/a/b.feature", text, parsed, &|name| Some(format!("topology {name}")))
    }

    const TEXT: &str = "@x\nFeature: F\n  Prose.\n\n  Rule: R\n    Background:\n      Given the \"sentinel\" topology\n\n    @id:one @claim:C\n    Scenario: A name\n      When a\n      Then b\n\n    Scenario Outline: Of <n>\n      When <n> is\n\n      Examples:\n        | n  |\n        | 7  |\n        | 80 |\n";

    #[test]
    fn arranges_rules_backgrounds_and_outlines() {
        let feature = parse(TEXT);
        let all: Vec<_> = feature.scenarios().map(|s| (s.slug.as_str(), s.line, s.steps.len())).collect();
        assert_eq!(all, [("one", 10, 3), ("of-7-7", 19, 2), ("of-80-80", 20, 2)]);
        let one = feature.scenarios().next().unwrap();
        assert_eq!((one.id(), one.test_name()), ("a/b#one".into(), "a::b::one".into()));
        assert_eq!((one.claims(), one.topology.as_deref(), one.tags.len()), (vec!["C".to_owned()], Some("sentinel"), 3));
        assert_eq!(feature.prose, "Prose.");
    }

    #[test]
    fn a_scenario_takes_as_long_as_it_says() {
        let text = "Feature: F\n  Scenario: S\n    When \"a\" is paused for 3 seconds\n    And 4 seconds pass\n    Then for 2 seconds no replica becomes master\n    And for 6 seconds no Sentinel reports \"x\"\n";
        assert_eq!(parse(text).scenarios().next().unwrap().stated(), Duration::from_secs(13));
    }

    #[test]
    fn what_is_said_to_editors_decides_nothing() {
        assert_eq!(without_modeline("# yaml-language-server: $schema=x\nname: a\n"), "name: a\n");
        assert_eq!(without_modeline("# a comment\nname: a\n"), "# a comment\nname: a\n");
    }

    #[test]
    fn the_hash_covers_steps_and_topology_but_not_prose_tags_or_lines() {
        let hash = |text: &str| parse(text).scenarios().next().unwrap().text_hash.clone();
        assert_eq!(hash(TEXT), hash(&TEXT.replace("Prose.", "Other\n\n  prose.").replace("@claim:C", "@claim:D")));
        assert_ne!(hash(TEXT), hash(&TEXT.replace("When a", "When c")));
        assert_ne!(hash(TEXT), hash(&TEXT.replace("\"sentinel\"", "\"cluster\"")));
    }
}
