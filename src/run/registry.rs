//! Every compiled-in step: its sentence, its doc comment, its place, and what it matches.

use super::meant;
use crate::steps::own;
use crate::steps::params::{Nodes, Span};
use crate::topology::located::nearest;
use crate::world::World;
use cucumber::World as _;
use cucumber::codegen::{StepConstructor, WorldInventory};
use cucumber::gherkin;

/// A step definition, as the reference page and `rehearsal steps` show it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StepDefinition {
    /// `given`, `when` or `then`.
    pub keyword: &'static str,
    /// The sentence, with its parameters in braces.
    pub pattern: String,
    pub doc: String,
    /// Name of the crate it comes from; empty when its file does not say that it is there.
    #[serde(rename = "crate")]
    pub krate: String,
    pub file: String,
    pub line: u32,
    /// Whether its function is given the whole step, with the table or the text below it. Without its source nobody knows.
    #[serde(skip)]
    pub reads_below: bool,
    /// Scenarios that use it.
    pub used: usize,
    /// Where each of them uses it first.
    pub uses: Vec<Use>,
}

/// A sentence of a scenario.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Use {
    pub feature: String,
    pub line: usize,
    /// `feature#slug`
    pub scenario: String,
    /// With its keyword: `When the master is killed`.
    pub text: String,
}

impl StepDefinition {
    /// Sentences that differ, each with the first place it stands at.
    pub fn examples(&self, most: usize) -> Vec<&Use> {
        let mut examples: Vec<&Use> = Vec::new();
        for place in &self.uses {
            if examples.len() < most && !examples.iter().any(|other| other.text == place.text) {
                examples.push(place);
            }
        }
        examples
    }
}

/// A sentence, as one that reads lines has it.
pub struct Pattern {
    /// `given`, `when` or `then`.
    pub keyword: &'static str,
    /// With its parameters in braces.
    pub text: String,
    pub regex: regex::Regex,
}

/// Every sentence that is linked into this program.
pub fn patterns() -> Vec<Pattern> {
    let mut all = Vec::new();
    regexes::<<World as WorldInventory>::Given>("given", &mut all);
    regexes::<<World as WorldInventory>::When>("when", &mut all);
    regexes::<<World as WorldInventory>::Then>("then", &mut all);
    all
}

fn regexes<T: inventory::Collect + StepConstructor<World> + 'static>(keyword: &'static str, all: &mut Vec<Pattern>) {
    for constructor in inventory::iter::<T> {
        let (location, regex, _) = constructor.inner();
        let text = own::source(location.path).map(|(_, text)| describe(text, location.line as usize).1).unwrap_or_default();
        all.push(Pattern { keyword, text, regex: regex() });
    }
}

/// Names of a sentence's parameters, in order.
pub fn parameter_names(pattern: &str) -> Vec<&str> {
    pattern.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// All steps, found once.
pub struct Registry {
    collection: cucumber::step::Collection<World>,
    pub steps: Vec<StepDefinition>,
}

/// A step of a scenario with the function behind it.
pub struct Found<'a> {
    pub run: &'a cucumber::Step<World>,
    pub context: cucumber::step::Context,
    /// `src/steps/roles.rs:31`
    pub source: String,
    pub definition: Option<&'a StepDefinition>,
}

/// Why a step has no function.
#[derive(Debug, Clone, PartialEq)]
pub enum NotFound {
    /// With the nearest sentence, if any is near.
    Undefined(Option<String>),
    /// The places of all that match.
    Ambiguous(Vec<String>),
}

impl Found<'_> {
    /// Name and text of each of its parameters, in order.
    pub fn words(&self) -> Vec<(String, String)> {
        let Some(definition) = self.definition else { return Vec::new() };
        let captured: Vec<&str> = self.context.matches.iter().skip(1).map(|(_, text)| text.as_str()).collect();
        meant::words(&parameter_names(&definition.pattern), &captured)
    }
}

impl Registry {
    /// Collects what is linked into this program.
    pub fn collect() -> Registry {
        let mut steps = Vec::new();
        definitions::<<World as WorldInventory>::Given>("given", &mut steps);
        definitions::<<World as WorldInventory>::When>("when", &mut steps);
        definitions::<<World as WorldInventory>::Then>("then", &mut steps);
        steps.sort_by(|a, b| (&a.file, a.line, a.keyword).cmp(&(&b.file, b.line, b.keyword)));
        Registry { collection: World::collection(), steps }
    }

    /// The function of a step.
    ///
    /// # Errors
    /// None or several match.
    pub fn find(&self, step: &gherkin::Step) -> Result<Found<'_>, NotFound> {
        match self.collection.find(step) {
            Ok(Some((run, _, location, context))) => {
                let source = location.map_or(String::new(), |l| format!("{}:{}", l.path, l.line));
                let definition = self.steps.iter().find(|s| Some((s.file.as_str(), s.line)) == location.map(|l| (l.path, l.line)));
                Ok(Found { run, context, source, definition })
            }
            Ok(None) => {
                let wanted = blank(&roles_blanked(&step.value));
                let phase = phase(step.ty);
                let known: Vec<(String, &str)> =
                    self.steps.iter().filter(|s| s.keyword == phase).map(|s| (blank(&s.pattern), s.pattern.as_str())).collect();
                let near = nearest(&wanted, known.iter().map(|(blank, _)| blank.as_str()));
                Err(NotFound::Undefined(
                    near.and_then(|near| known.iter().find(|(blank, _)| blank == near)).map(|(_, pattern)| (*pattern).to_owned()),
                ))
            }
            Err(ambiguous) => Err(NotFound::Ambiguous(
                ambiguous.possible_matches.iter().map(|(_, l)| l.map_or(String::new(), |l| format!("{}:{}", l.path, l.line))).collect(),
            )),
        }
    }

    /// Notes which scenarios use each step.
    pub fn count_uses<'s>(&mut self, scenarios: impl Iterator<Item = &'s super::catalogue::Scenario>) {
        for scenario in scenarios {
            let id = scenario.id();
            for step in &scenario.steps {
                let Ok(Some((_, _, Some(location), _))) = self.collection.find(step) else { continue };
                let Some(definition) = self.steps.iter_mut().find(|s| s.file == location.path && s.line == location.line) else { continue };
                if definition.uses.last().is_none_or(|last| last.scenario != id) {
                    let mut keyword = phase(step.ty).to_owned();
                    keyword[..1].make_ascii_uppercase();
                    let text = format!("{keyword} {}", step.value);
                    definition.uses.push(Use { feature: scenario.feature.clone(), line: step.position.line, scenario: id.clone(), text });
                }
            }
        }
        self.steps.iter_mut().for_each(|step| step.used = step.uses.len());
    }
}

/// `given`, `when` or `then`, after `And` and `But` are resolved.
pub fn phase(ty: gherkin::StepType) -> &'static str {
    match ty {
        gherkin::StepType::Given => "given",
        gherkin::StepType::When => "when",
        gherkin::StepType::Then => "then",
    }
}

/// A sentence in which nodes named by their role stand as a blank, as the ones named in quotes do.
fn roles_blanked(text: &str) -> String {
    let nodes = <Nodes as cucumber::Parameter>::REGEX;
    let spans = <Span as cucumber::Parameter>::REGEX;
    // "the reply" has the shape of a role, and is none.
    let blanked = |found: &regex::Captures<'_>| {
        if found[0].parse::<Nodes>().is_ok() || found[0].parse::<Span>().is_ok() { "\"\"".to_owned() } else { found[0].to_owned() }
    };
    regex::Regex::new(&format!("{nodes}|{spans}")).map_or_else(|_| text.to_owned(), |varies| varies.replace_all(text, blanked).into_owned())
}

/// A sentence without what varies, so that two are near when their words are.
fn blank(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '{']) {
        out.push_str(&rest[..at]);
        let close = if rest.as_bytes()[at] == b'"' { '"' } else { '}' };
        rest = rest[at + 1..].find(close).map_or("", |end| &rest[at + 1 + end + 1..]);
        out.push('_');
    }
    out.push_str(rest);
    // "(s)" and "is/are" are one word each in a sentence.
    out.replace("(s)", "").replace("is/are", "is").chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn definitions<T: inventory::Collect + StepConstructor<World> + 'static>(keyword: &'static str, steps: &mut Vec<StepDefinition>) {
    for constructor in inventory::iter::<T> {
        let (location, regex, _) = constructor.inner();
        // Where a file does not say that it is there, its source may lie where it was compiled.
        let source = own::source(location.path).map(|(krate, text)| (krate, text.to_owned()));
        let (krate, text) = source.unwrap_or_else(|| ("", std::fs::read_to_string(location.path).unwrap_or_default()));
        let (doc, pattern) = describe(&text, location.line as usize);
        let pattern = if pattern.is_empty() { regex().as_str().to_owned() } else { pattern };
        let (krate, file) = (krate.to_owned(), location.path.to_owned());
        let reads_below = reads_below(&text, location.line as usize);
        steps.push(StepDefinition { keyword, pattern, doc, krate, file, line: location.line, reads_below, used: 0, uses: Vec::new() });
    }
}

/// Whether the function behind the attribute on this line, counted from 1, takes the step itself: read off its signature, which cucumber's macro does not keep.
fn reads_below(source: &str, line: usize) -> bool {
    let behind: Vec<&str> = source.lines().skip(line.saturating_sub(1)).skip_while(|l| !l.contains("fn ")).collect();
    let signature = behind.join(" ").split('{').next().unwrap_or_default().to_owned();
    !signature.contains("fn ") || signature.contains("gherkin::Step") || signature.contains("&Step") || signature.contains("Table")
}

/// Doc comment and sentence of the step whose attribute stands on this line, counted from 1.
fn describe(source: &str, line: usize) -> (String, String) {
    let lines: Vec<&str> = source.lines().collect();
    let attribute = lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
    let pattern =
        attribute.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map_or(String::new(), |(pattern, _)| pattern.replace("\\\"", "\""));
    // A file that is not there, or is no longer the one that was compiled, may be shorter.
    let above = lines
        .get(..line.saturating_sub(1))
        .unwrap_or_default()
        .iter()
        .rev()
        .map(|l| l.trim())
        .take_while(|l| l.starts_with("///") || l.starts_with("#["));
    let mut doc: Vec<&str> = above.filter_map(|l| l.strip_prefix("///")).map(str::trim).collect();
    doc.reverse();
    (doc.join(" "), pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_sentence_and_a_doc() {
        let registry = Registry::collect();
        assert!(registry.steps.len() > 30, "only {} steps are linked", registry.steps.len());
        for step in &registry.steps {
            assert!(!step.doc.is_empty(), "{}:{} has no doc comment", step.file, step.line);
            assert!(!step.pattern.contains("(?:"), "{}:{}: the sentence was not found", step.file, step.line);
        }
    }

    #[test]
    fn a_step_is_described_by_the_lines_above_it_if_they_are_there() {
        let source = "use x;\n\n/// One.\n/// Two.\n#[given(expr = \"a\")]\n#[when(expr = \"a {int}\")]\nasync fn a() {}\n";
        assert_eq!(describe(source, 6), ("One. Two.".to_owned(), "a {int}".to_owned()));
        assert_eq!((describe("", 6), describe(source, 99)), Default::default());
        assert!(!reads_below(source, 6));
        assert!(reads_below("#[given(expr = \"a\")]\nasync fn a(world: &mut World, step: &gherkin::Step) -> Step {", 1));
        assert!(reads_below("", 6), "nobody knows");
    }

    #[test]
    fn what_varies_does_not_count() {
        assert_eq!(blank("within 5 seconds \"a\" reports \"+odown\""), "within  seconds _ reports _");
    }
}
