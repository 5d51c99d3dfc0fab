//! The book's library: what is written (features, claims, servers) joined with what is kept (evidence, measurements, the track record).
//!
//! Come here when a page should say something of the project that it cannot say now; how it is said is `book/`'s.

use crate::book::{BrokenRow, ClaimRow, FeatureText, Library, RuleText, ScenarioText, StepText};
use crate::cli::broken::{self, Outcome};
use crate::cli::{measure, registries};
use crate::record::newest::Kept;
use crate::record::{self, Evidence, Host};
use crate::run::catalogue::{Feature, Rule, Scenario};
use crate::run::project::Project;
use crate::topology::located::Problem;
use crate::topology::servers::Catalogue;
use crate::topology::version;
use crate::topology::{Topology, told};
use cucumber::gherkin;
use std::collections::BTreeMap;

/// The book's view of the project.
///
/// # Errors
/// What is wrong with the files it is made from.
pub fn of(project: &Project, features: &[Feature], kept: Kept) -> Result<Library, Vec<Problem>> {
    let catalogue = project.servers()?;
    let topologies = project.topologies()?;
    let claims = project.claims()?;
    let claims = registries::claim_rows(project, &claims, features, &catalogue, &kept).into_iter().map(|row| ClaimRow {
        id: row.id,
        system: row.system,
        claim: row.claim,
        verdict: row.verdict.to_string(),
        truth: row.truth,
        status: row.status.to_string(),
        untested: row.untested,
        scenarios: row.scenarios,
    });
    let (measures, reshards) = measure::kept(project);
    let store = project.store();
    let found = |evidence: &&Evidence| evidence.client.as_ref().is_some_and(|client| client.found.is_some());
    let clients = kept.newest.iter().filter(|(_, evidence)| found(evidence)).map(|(key, evidence)| (key.clone(), store.clients(evidence))).collect();
    let lines = project.kept().kept;
    let not_applicable = not_applicable(features, &catalogue, &kept, &lines);
    Ok(Library {
        features: features.iter().map(|feature| feature_text(feature, &topologies)).collect(),
        not_applicable,
        evidence: kept.newest,
        kept: lines,
        hosts: kept.hosts,
        order: kept.order,
        clients,
        servers: catalogue.servers().iter().map(|server| server.name.clone()).collect(),
        claims: claims.collect(),
        broken: broken_rows(project, features)?,
        measures,
        reshards,
        repository: None,
    })
}

/// Every scenario that has to fail on a broken server, with what became of it when its text, as it stands, was last played there.
fn broken_rows(project: &Project, features: &[Feature]) -> Result<Vec<BrokenRow>, Vec<Problem>> {
    let aside = project.aside(broken::ASIDE);
    let (evidence, lines) = (aside.seen().newest, aside.kept().kept);
    let mut rows = Vec::new();
    for broken in project.broken()? {
        for fails in &broken.fails {
            let scenario = features.iter().flat_map(Feature::scenarios).find(|scenario| scenario.id() == fails.scenario);
            let played = scenario.map(|scenario| (scenario.text_hash.clone(), broken.server.name.clone())).and_then(|key| {
                let here = evidence.get(&key).map(|evidence| record::Kept::of(evidence, &Host::default(), ""));
                here.or_else(|| lines.get(&key).cloned())
            });
            let verdict = played.as_ref().map(|kept| (kept.scenario.verdict, kept.scenario.said.as_deref().unwrap_or_default()));
            let binary = broken.server.binary.iter().map(|path| path.display().to_string());
            rows.push(BrokenRow {
                server: broken.server.name.clone(),
                what: broken.what.clone(),
                how: broken.server.append.iter().cloned().chain(binary).collect(),
                scenario: fails.scenario.clone(),
                outcome: Outcome::of(verdict, &fails.says).to_string(),
                message: verdict.map_or_else(String::new, |(_, said)| said.to_owned()),
                started: played.map_or_else(String::new, |kept| kept.run.started.clone()),
            });
        }
    }
    Ok(rows)
}

/// Which scenarios do not speak about which servers, and why. What a build can do is known only of those that were played.
pub fn not_applicable(
    features: &[Feature],
    catalogue: &Catalogue,
    seen: &Kept,
    kept: &BTreeMap<(String, String), record::Kept>,
) -> BTreeMap<(String, String), String> {
    let mut reasons = BTreeMap::new();
    for server in catalogue.servers() {
        let age = |run: &str| seen.order.get(run).copied();
        let played = seen.newest.values().filter(|e| e.scenario.server == server.name).map(|e| (age(&e.run), &e.server_build));
        let elsewhere = kept.values().filter(|k| k.run.server.name == server.name).map(|k| (&k.run.run, &k.run.server));
        let newest =
            played.max_by_key(|(age, _)| *age).map(|(_, build)| build).or_else(|| elsewhere.max_by_key(|(run, _)| *run).map(|(_, build)| build));
        for (feature, scenario) in features.iter().flat_map(|f| f.scenarios().map(move |s| (f, s))) {
            let lacks = newest.and_then(|build| scenario.tagged("needs").find(|need| !build.capabilities.iter().any(|has| has == need)));
            let reason = version::applies(&scenario.tags, server).err().or_else(|| lacks.map(|need| format!("{} has no {need}", server.name)));
            if let Some(reason) = reason {
                reasons.insert((format!("{}#{}", feature.key, scenario.slug), server.name.clone()), reason);
            }
        }
    }
    reasons
}

fn feature_text(feature: &Feature, topologies: &[Topology]) -> FeatureText {
    FeatureText {
        path: feature.path.clone(),
        key: feature.key.clone(),
        name: feature.name.clone(),
        prose: feature.prose.clone(),
        background: Vec::new(),
        rules: feature.rules.iter().map(|rule| rule_text(rule, topologies)).collect(),
    }
}

fn rule_text(rule: &Rule, topologies: &[Topology]) -> RuleText {
    let (sources, prose): (Vec<&str>, Vec<&str>) = rule.prose.lines().partition(|line| line.trim_start().starts_with("Source:"));
    RuleText {
        name: rule.name.clone(),
        prose: prose.join("\n").trim().to_owned(),
        source: sources.iter().flat_map(|line| line.trim_start().trim_start_matches("Source:").split_whitespace()).map(str::to_owned).collect(),
        scenarios: rule.scenarios.iter().map(|scenario| scenario_text(scenario, topologies)).collect(),
    }
}

fn scenario_text(scenario: &Scenario, topologies: &[Topology]) -> ScenarioText {
    let topology = scenario.topology.as_ref().and_then(|name| topologies.iter().find(|topology| topology.name == *name));
    ScenarioText {
        name: scenario.name.clone(),
        slug: scenario.slug.clone(),
        line: scenario.line,
        tags: scenario.tags.clone(),
        claims: scenario.claims(),
        text_hash: scenario.text_hash.clone(),
        prose: scenario.prose.clone(),
        steps: scenario.meanings().map(|(step, meant)| step_text(step, topology.filter(|_| meant.stage().is_some()))).collect(),
        has_fault: scenario.faults() > 0,
        mirror: scenario.tagged("mirror").next().map(str::to_owned),
    }
}

/// A step; with the topology that it names, if it names one.
fn step_text(step: &gherkin::Step, topology: Option<&Topology>) -> StepText {
    let table = step.table.as_ref().map_or(Vec::new(), |table| table.rows.clone());
    StepText {
        keyword: step.keyword.trim().to_owned(),
        text: step.value.clone(),
        line: step.position.line,
        topology_sets: topology.map_or(Vec::new(), |topology| told::settings(topology, &table)),
        table,
        docstring: step.docstring.as_ref().map(|text| text.trim_matches('\n').to_owned()),
    }
}
