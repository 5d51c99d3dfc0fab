//! The meaning of each line of a scenario, with the words that its sentence was given: parsed once, when the feature is read.

use super::registry::{Pattern, parameter_names, patterns, phase};
use crate::faults;
use crate::steps::bounds::Within;
use crate::steps::meaning::{Acts, Declared, Injects, Meaning};
use crate::steps::params::{Change, Span};
use cucumber::gherkin;
use std::sync::OnceLock;
use std::time::Duration;

/// A line and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant {
    pub meaning: Meaning,
    /// Name and text of each parameter, in order; of a sentence of which nothing has to be known, none.
    pub words: Vec<(String, String)>,
    /// Whether its `{duration}` is a limit: it begins with "within".
    within: bool,
}

/// A sentence whose meaning was declared.
struct Known {
    pattern: Pattern,
    names: Vec<String>,
    /// Words that a line has to have: to look for them is cheaper than to match.
    literals: Vec<String>,
    meaning: Meaning,
}

impl Meant {
    /// What a step means. One whose sentence nobody declared, or nobody has, means the plain thing.
    pub fn of(step: &gherkin::Step) -> Meant {
        let phase = phase(step.ty);
        let may_be = |known: &&Known| known.pattern.keyword == phase && known.literals.iter().all(|literal| step.value.contains(literal.as_str()));
        let found = known().iter().filter(may_be).find_map(|known| {
            let found = known.pattern.regex.captures(&step.value)?;
            let captured: Vec<&str> = found.iter().skip(1).map(|group| group.map_or("", |group| group.as_str())).collect();
            let within = known.pattern.text.starts_with("within {duration}");
            Some(Meant { meaning: known.meaning, words: words(&known.names, &captured), within })
        });
        found.unwrap_or(Meant { meaning: Meaning::PLAIN, words: Vec::new(), within: false })
    }

    /// The text of the first parameter of that name.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.words.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// The fault that it injects.
    pub fn fault(&self) -> Option<&'static str> {
        match self.meaning.injects {
            Injects::Nothing => None,
            Injects::Fault(name) => Some(name),
            Injects::Change => match self.word("change")?.parse().ok()? {
                Change::Fault { fault, .. } => Some(fault.name()),
                Change::Cure(_) => None,
            },
        }
    }

    /// Whether it needs the preload library.
    pub fn needs_preload(&self) -> bool {
        let of_fault = |name: &str| faults::ALL.iter().any(|entry| entry.name == name && entry.preload);
        self.meaning.preload || self.fault().is_some_and(of_fault)
    }

    /// How long it takes in any case: its span, or that of the change that it makes for a while.
    pub fn lasts(&self) -> Option<Duration> {
        match self.word("change").map(str::parse) {
            Some(Ok(Change::Fault { span, .. })) => span,
            _ if self.meaning.lasts => self.word("duration")?.parse().ok().map(|span: Span| span.0),
            _ => None,
        }
    }

    /// All spans that it names, added up: how much time may have passed before it has ended.
    pub fn spans(&self) -> Duration {
        let durations = self.words.iter().filter(|(name, _)| name == "duration").filter_map(|(_, text)| text.parse::<Span>().ok());
        let of_change = self.lasts().filter(|_| self.word("change").is_some());
        durations.map(|span| span.0).sum::<Duration>() + of_change.unwrap_or_default()
    }

    /// The topology that it names, if it sets the stage.
    pub fn stage(&self) -> Option<&str> {
        self.word("string").filter(|_| self.meaning.stage)
    }

    /// Until when what it looks for may come.
    pub fn limit(&self) -> Option<Duration> {
        let window = self.word("window").and_then(|text| text.parse::<Within>().ok()).map(|window| window.to);
        window.or_else(|| self.word("duration").filter(|_| self.within)?.parse().ok().map(|span: Span| span.0))
    }

    /// Of a `When`: whether it does something to the servers or their data.
    pub fn acts(&self) -> bool {
        self.meaning.acts != Acts::Nobody
    }
}

/// Texts by the names of their parameters: `{string}` captures twice, once a kind of quote.
pub fn words(names: &[impl AsRef<str>], captured: &[&str]) -> Vec<(String, String)> {
    let mut rest = captured.iter();
    let mut words = Vec::new();
    for name in names {
        let (name, Some(first)) = (name.as_ref(), rest.next()) else { break };
        let text = if name == "string" && names.len() < captured.len() {
            let second = rest.next();
            if first.is_empty() { second.unwrap_or(first) } else { first }
        } else {
            first
        };
        words.push((name.to_owned(), (*text).to_owned()));
    }
    words
}

/// The words of a sentence that stand in every line of it: none that is optional or one of two.
fn literals(pattern: &str) -> Vec<&str> {
    let outside = pattern.split('{').flat_map(|part| part.rsplit_once('}').map_or(Some(part), |(_, rest)| Some(rest)));
    // Behind an opening parenthesis nothing has to stand, up to the closing one.
    let certain = outside
        .flat_map(|part| part.split('(').enumerate().map(|(n, rest)| if n == 0 { rest } else { rest.split_once(')').map_or("", |(_, rest)| rest) }));
    certain.flat_map(|part| part.split(' ')).filter(|word| word.len() > 2 && !word.contains('/')).collect()
}

/// Every declared sentence, compiled once.
fn known() -> &'static [Known] {
    static KNOWN: OnceLock<Vec<Known>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut all = Vec::new();
        for pattern in patterns() {
            let declared = inventory::iter::<Declared>().find(|declared| declared.pattern == pattern.text).map(|declared| declared.meaning);
            let limited = ["within {duration}", "{window}"].iter().any(|start| pattern.text.starts_with(start));
            if let Some(meaning) = declared.or_else(|| limited.then_some(Meaning::PLAIN)) {
                let of = |list: fn(&str) -> Vec<&str>| list(&pattern.text).into_iter().map(str::to_owned).collect();
                all.push(Known { names: of(parameter_names), literals: of(literals), meaning, pattern });
            }
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(keyword: &str, text: &str) -> Meant {
        let feature = format!("Feature: f\n  Scenario: s\n    {keyword} {text}\n");
        let parsed = gherkin::Feature::parse(&feature, gherkin::GherkinEnv::default()).unwrap();
        Meant::of(&parsed.scenarios[0].steps[0])
    }

    #[test]
    fn every_declared_sentence_is_that_of_a_step() {
        let texts: Vec<String> = patterns().into_iter().map(|pattern| pattern.text).collect();
        let stray: Vec<&str> =
            inventory::iter::<Declared>().map(|declared| declared.pattern).filter(|pattern| !texts.iter().any(|text| text == pattern)).collect();
        assert_eq!(stray, [""; 0]);
    }

    #[test]
    fn a_fault_is_known_by_its_sentence_however_it_is_worded() {
        let fault = |text: &str| meant("When", text).fault();
        assert_eq!(fault("the master is killed"), Some("killed"));
        assert_eq!(fault("\"a\" is paused for 3 seconds"), Some("paused"));
        assert_eq!(fault("the master is started again"), None);
        assert_eq!(fault("the master loses power"), Some("power cut"));
        assert_eq!(fault("the file \"dump.rdb\" of the master is damaged at byte 20"), Some("damaged"));
        assert_eq!(fault("the file \"a.aof\" of the master gets 4096 zero bytes at its end"), Some("damaged"));
        assert_eq!(fault("the file \"dump.rdb\" of the master is restored"), None);
        assert_eq!(fault("\"a\" and \"b\" are cut off from \"c\""), Some("cut off"));
        assert_eq!(fault("\"a\" cannot send to \"c\""), Some("mute"));
        assert_eq!(fault("\"a\" loses 30 percent of its packets"), Some("losing packets"));
        assert_eq!(fault("the disk of the master takes 3 seconds to sync"), Some("slow disk"));
        assert_eq!(meant("Given", "the clock of \"sentinel-1\" is 1 hour ahead").fault(), None);
        assert!(
            meant("Given", "the clock of \"sentinel-1\" is 1 hour ahead").needs_preload() && !meant("When", "the master is killed").needs_preload()
        );
    }

    #[test]
    fn time_is_what_passes_and_not_a_limit() {
        let lasts = |keyword: &str, text: &str| meant(keyword, text).lasts().map(|span| span.as_secs());
        assert_eq!(lasts("When", "3 seconds pass"), Some(3));
        assert_eq!(lasts("When", "\"a\" is paused for 4 seconds"), Some(4));
        assert_eq!(lasts("When", "a client writes 1000 bytes per second to the master for 5 seconds"), Some(5));
        assert_eq!(lasts("Then", "for 6 seconds no replica becomes master"), Some(6));
        assert_eq!(lasts("When", "within 30 seconds every Sentinel reports \"+switch-master\""), None);
        let limit = |text: &str| meant("Then", text).limit().map(|span| span.as_secs());
        assert_eq!(limit("within 5 seconds \"replica-1\" becomes master"), Some(5));
        assert_eq!(limit("between 3 and 6 seconds later \"replica-1\" becomes master"), Some(6));
        assert_eq!(limit("for 6 seconds no replica becomes master"), None);
        assert!(!meant("When", "within 30 seconds every Sentinel reports \"+switch-master\"").acts() && meant("When", "a").acts());
    }

    #[test]
    fn what_every_line_has_is_no_word_of_a_choice() {
        assert_eq!(literals("{nodes} lose(s) {int} percent of its/their packets"), ["lose", "percent", "packets"]);
        assert_eq!(literals("the {string} topology( with)"), ["the", "topology"]);
        assert_eq!(literals("{nodes} is/are {change}"), [""; 0]);
    }

    #[test]
    fn quotes_of_either_kind_are_a_string() {
        assert_eq!(words(&["string", "nodes"], &["", "x y", "the master"]), [("string".into(), "x y".into()), ("nodes".into(), "the master".into())]);
    }
}
