//! What the book can embed, as plain values: features as they are written today, and the evidence that is kept.
//!
//! Come here to see what a caller has to bring, or how a scenario's text finds its evidence.

use crate::measure::{Measure, Reshard};
use crate::record::{ClientRecord, Control, Evidence, Host, Kept, ScenarioRecord, ServerRecord, Verdict};
use std::collections::BTreeMap;

/// Everything a chapter may refer to. Given by the caller, so that the book needs neither a Gherkin parser nor Docker.
#[derive(Debug, Clone, Default)]
pub struct Library {
    pub features: Vec<FeatureText>,
    /// Newest evidence by (text hash, server).
    pub evidence: BTreeMap<(String, String), Evidence>,
    /// What the repository keeps of runs played elsewhere, by (text hash, server); counts where there is no evidence.
    pub kept: BTreeMap<(String, String), Kept>,
    /// The machines the evidence was made on, by run.
    pub hosts: BTreeMap<String, Host>,
    /// The place of each of those runs in their order, the oldest first.
    pub order: BTreeMap<String, usize>,
    /// Of the scenarios that looked for lost writes, by (text hash, server): what their clients came away with in every kept run, the newest first.
    pub clients: BTreeMap<(String, String), Vec<ClientRecord>>,
    /// Why a scenario does not speak about a server, by (scenario's id, server): such a scenario is never played there, so no evidence could say it.
    pub not_applicable: BTreeMap<(String, String), String>,
    /// Names of the servers, the default first.
    pub servers: Vec<String>,
    pub claims: Vec<ClaimRow>,
    /// Servers broken on purpose, in their file's order.
    pub broken: Vec<BrokenRow>,
    /// What was measured, one a name and server.
    pub measures: Vec<Measure>,
    /// The reshards among it, one a server.
    pub reshards: Vec<Reshard>,
    /// Where the project's files can be read, without a slash at the end: `https://example.org/rehearsal/blob/main`. Feature lines link there.
    pub repository: Option<String>,
}

/// A feature file.
#[derive(Debug, Clone, Default)]
pub struct FeatureText {
    /// `features/sentinel/quorum.feature`
    pub path: String,
    /// `sentinel/quorum`
    pub key: String,
    pub name: String,
    /// The text below the name; Markdown.
    pub prose: String,
    /// Steps every scenario of the feature starts with.
    pub background: Vec<StepText>,
    /// In the file's order. Scenarios outside any rule come as a rule without a name.
    pub rules: Vec<RuleText>,
}

/// One promise and the scenarios that show it.
#[derive(Debug, Clone, Default)]
pub struct RuleText {
    pub name: Option<String>,
    /// Markdown, without the source lines.
    pub prose: String,
    /// Addresses that stood after `Source:`.
    pub source: Vec<String>,
    pub scenarios: Vec<ScenarioText>,
}

/// A scenario, or one row of an outline.
#[derive(Debug, Clone, Default)]
pub struct ScenarioText {
    pub name: String,
    pub slug: String,
    pub line: usize,
    pub tags: Vec<String>,
    pub claims: Vec<String>,
    /// The tie to the evidence; see [`crate::record::hash`].
    pub text_hash: String,
    pub prose: String,
    /// The scenario's own steps, without the background's.
    pub steps: Vec<StepText>,
    pub has_fault: bool,
    /// Slug of the scenario of the same rule in which the harm happens.
    pub mirror: Option<String>,
}

/// A step as written.
#[derive(Debug, Clone, Default)]
pub struct StepText {
    pub keyword: String,
    pub text: String,
    pub line: usize,
    pub table: Vec<Vec<String>>,
    /// Of the step that names a topology: what its file sets, and the table leaves as it is.
    pub topology_sets: Vec<(String, String)>,
    pub docstring: Option<String>,
}

/// A line of the claims ledger.
#[derive(Debug, Clone, Default)]
pub struct ClaimRow {
    pub id: String,
    pub system: String,
    pub claim: String,
    /// What the ledger says of the claim: `correct`, `imprecise`, `wrong`, `version-dependent`, `opinion`.
    pub verdict: String,
    /// What is true instead, where the claim is not simply correct.
    pub truth: Option<String>,
    /// `proved` `corrected` `differs` `advice` `failing` `unplayed` `untested`
    pub status: String,
    /// Why no scenario shows it.
    pub untested: Option<String>,
    /// Ids of its scenarios, `sentinel/quorum#a-minority-elects-nobody`.
    pub scenarios: Vec<String>,
}

/// A scenario that has to fail on a server which is broken on purpose.
#[derive(Debug, Clone, Default)]
pub struct BrokenRow {
    pub server: String,
    /// What is wrong with it, in words.
    pub what: String,
    /// Which lines or which executable break it.
    pub how: Vec<String>,
    /// `persistence/power-cut#always-keeps-everything`
    pub scenario: String,
    /// `caught` `otherwise` `missed` `unknown`
    pub outcome: String,
    /// What the failure said.
    pub message: String,
    /// When it was played, RFC 3339; empty if it was not.
    pub started: String,
}

/// What the book says of a scenario on one server.
#[derive(Debug, Clone, Copy)]
pub enum Standing<'a> {
    /// Its text, as it stands, was played.
    Played(&'a Evidence),
    /// Its text, as it stands, was played elsewhere: there is a verdict, and no evidence to show.
    Kept(&'a Kept),
    /// It does not speak about this server, for this reason.
    NotApplicable(&'a str),
    /// Only an older text of it was played; that verdict is not shown.
    Changed(&'a Evidence),
    /// It was never played there, or its evidence was not kept.
    NotRun,
}

/// Where a verdict comes from, whether its evidence is here or only a line of it was kept.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub run: &'a str,
    /// RFC 3339: when the scenario began, or of a kept line the first one of its run.
    pub started: &'a str,
    pub server: &'a ServerRecord,
    pub verdict: Verdict,
    /// The machine, where that is not in [`Library::hosts`].
    pub host: Option<&'a Host>,
}

/// What became of a scenario without its faults.
#[derive(Debug, Clone, Copy)]
pub struct Controlled<'a> {
    pub control: Control,
    /// Of a missed control, the faults whose absence nothing noticed.
    pub unnoticed: &'a [String],
    /// Of an unknown control, why.
    pub reason: Option<&'a str>,
    /// RFC 3339: when.
    pub started: &'a str,
}

impl Library {
    pub fn feature(&self, key: &str) -> Option<&FeatureText> {
        self.features.iter().find(|f| f.key == key)
    }

    /// The scenario of an id's two halves, with the rule it stands under.
    pub fn scenario(&self, key: &str, slug: &str) -> Option<(&FeatureText, &RuleText, &ScenarioText)> {
        let feature = self.feature(key)?;
        feature.rules.iter().find_map(|rule| rule.scenarios.iter().find(|s| s.slug == slug).map(|s| (feature, rule, s)))
    }

    /// Every scenario with the feature it stands in, in their order.
    pub fn scenarios(&self) -> impl Iterator<Item = (&FeatureText, &ScenarioText)> {
        self.features.iter().flat_map(|feature| feature.rules.iter().flat_map(|rule| &rule.scenarios).map(move |scenario| (feature, scenario)))
    }

    /// The server that stands inline.
    pub fn default_server(&self) -> &str {
        self.servers.first().map_or("", String::as_str)
    }

    /// Servers worth a column: the default, then every other one with evidence, in the catalogue's order.
    pub fn shown_servers(&self) -> Vec<&str> {
        let played = |name: &str| self.evidence.keys().chain(self.kept.keys()).any(|(_, server)| server == name);
        let known = self.servers.iter().enumerate().filter(|(i, s)| *i == 0 || played(s)).map(|(_, s)| s.as_str());
        known.collect()
    }

    /// Whether this text was played on this server. A verdict belongs to a text: after an edit the scenario counts as not run.
    pub fn standing(&self, feature: &FeatureText, scenario: &ScenarioText, server: &str) -> Standing<'_> {
        // First: it may have been played there before it was tagged.
        let id = format!("{}#{}", feature.key, scenario.slug);
        if let Some(reason) = self.not_applicable.get(&(id.clone(), server.to_owned())) {
            return Standing::NotApplicable(reason);
        }
        if let Some(evidence) = self.evidence.get(&(scenario.text_hash.clone(), server.to_owned())) {
            return Standing::Played(evidence);
        }
        if let Some(kept) = self.kept.get(&(scenario.text_hash.clone(), server.to_owned())) {
            return Standing::Kept(kept);
        }
        let older = self.evidence.values().filter(|e| e.scenario.server == server && e.scenario.id() == id);
        older.max_by_key(|e| self.age(&e.run)).map_or(Standing::NotRun, Standing::Changed)
    }

    /// Compares runs: the newer is greater. A run of another machine has no place in the order of this one's, and is older.
    pub fn age<'a>(&self, run: &'a str) -> (Option<usize>, &'a str) {
        (self.order.get(run).copied(), run)
    }

    /// What became of a text's controls on a server. A run without controls, or one that could not play them, does not take back what an earlier one has shown of the same text.
    pub fn control(&self, text_hash: &str, server: &str) -> Option<Controlled<'_>> {
        let key = (text_hash.to_owned(), server.to_owned());
        let here = self.evidence.get(&key).map(|e| {
            let ScenarioRecord { control, unnoticed, control_reason, .. } = &e.scenario;
            Controlled { control: *control, unnoticed, reason: control_reason.as_deref(), started: &e.started }
        });
        let kept = self.kept.get(&key).map(|Kept { scenario, run }| {
            let started = scenario.controlled.as_ref().unwrap_or(&run.started);
            Controlled { control: scenario.control, unnoticed: &scenario.unnoticed, reason: scenario.control_reason.as_deref(), started }
        });
        let of = |wanted: fn(Control) -> bool| here.into_iter().chain(kept).find(|one| wanted(one.control));
        of(Control::is_known).or_else(|| of(|control| control == Control::Unknown))
    }

    /// The server whose evidence a card shows on a page about `server`: that one, or where the scenario does not speak about it, the first that has some.
    pub fn shown_on<'a>(&'a self, feature: &FeatureText, scenario: &ScenarioText, server: &'a str) -> &'a str {
        let stands_in = server == self.default_server() && matches!(self.standing(feature, scenario, server), Standing::NotApplicable(_));
        let other = || self.shown_servers().into_iter().find(|s| self.standing(feature, scenario, s).is_shown());
        stands_in.then(other).flatten().unwrap_or(server)
    }
}

impl<'a> Standing<'a> {
    /// The evidence whose verdict may be shown.
    pub fn evidence(self) -> Option<&'a Evidence> {
        match self {
            Standing::Played(evidence) => Some(evidence),
            _ => None,
        }
    }

    /// Where its verdict comes from; nothing of one that was not played.
    pub fn origin(self) -> Option<Origin<'a>> {
        match self {
            Standing::Played(Evidence { run, started, server_build, scenario, .. }) => {
                Some(Origin { run, started, server: server_build, verdict: scenario.verdict, host: None })
            }
            Standing::Kept(Kept { scenario, run }) => {
                Some(Origin { run: &run.run, started: &run.started, server: &run.server, verdict: scenario.verdict, host: Some(&run.host) })
            }
            _ => None,
        }
    }

    /// Whether there is something to show of it: evidence, or a kept line.
    pub fn is_shown(self) -> bool {
        matches!(self, Standing::Played(_) | Standing::Kept(_))
    }

    /// The version the server reported of itself.
    pub fn version(self) -> Option<&'a str> {
        let version = match self {
            Standing::Played(evidence) => &evidence.server_build.version,
            Standing::Kept(kept) => &kept.run.server.version,
            _ => return None,
        };
        Some(version.as_str()).filter(|version| !version.is_empty())
    }

    pub fn verdict(self) -> Option<Verdict> {
        match self {
            Standing::NotApplicable(_) => Some(Verdict::NotApplicable),
            Standing::Kept(kept) => Some(kept.scenario.verdict),
            _ => self.evidence().map(|e| e.scenario.verdict),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::record::kept::{KeptRun, KeptScenario};
    use crate::record::{Control, Host, ServerRecord};
    use std::sync::Arc;

    /// A kept line about the sample's first scenario, whose text had this hash then.
    fn kept(hash: &str, server: &str) -> ((String, String), Kept) {
        let build = ServerRecord { name: server.into(), version: "6.2.14".into(), ..ServerRecord::default() };
        let run = KeptRun { schema: 1, run: "20260101".into(), started: "2026".into(), server: build, host: Host::default(), rehearsal: "0".into() };
        let scenario = KeptScenario {
            id: "sentinel/quorum#a-minority-elects-nobody".into(),
            hash: hash.into(),
            verdict: Verdict::Failed,
            ms: 5,
            control: Control::None,
            unnoticed: Vec::new(),
            control_reason: None,
            controlled: None,
            said: Some("line 20: <nobody>".into()),
            run: None,
        };
        ((hash.into(), server.into()), Kept { scenario, run: Arc::new(run) })
    }

    fn standing<'a>(library: &'a Library, server: &str) -> Standing<'a> {
        let (feature, _, scenario) = library.scenario("sentinel/quorum", "a-minority-elects-nobody").unwrap();
        library.standing(feature, scenario, server)
    }

    #[test]
    fn a_kept_line_counts_where_this_machine_has_no_evidence() {
        let hash = sample::minority().text_hash;
        let library = Library { kept: [kept(&hash, "redis-6.2"), kept(&hash, "redis-7.0")].into(), ..sample::library() };
        assert_eq!(standing(&library, "redis-6.2").verdict(), Some(Verdict::Failed));
        assert_eq!(standing(&library, "redis-6.2").version(), Some("6.2.14"));
        assert!(standing(&library, "redis-6.2").evidence().is_none());
        assert_eq!(standing(&library, "redis-7.0").verdict(), Some(Verdict::Passed), "evidence of this machine comes first");
        assert!(library.shown_servers().contains(&"redis-6.2"));
    }

    #[test]
    fn a_kept_line_of_another_text_says_nothing() {
        let library = Library { kept: [kept("an older text", "redis-6.2")].into(), ..sample::library() };
        assert_eq!(standing(&library, "redis-6.2").verdict(), None);
    }
}
