//! Everything that can be wrong without Docker, each finding with its file, line and a way out.

mod linked;
mod scenarios;
mod snippet;
mod tags;
mod timers;
mod waits;
mod windows;

use super::capability;
use super::catalogue::{Feature, Scenario};
use super::control::Cache;
use super::project::Project;
use super::reading;
use super::registry::Registry;
use crate::claims::Claims;
use crate::confined;
use crate::record::Control;
use crate::topology::Topology;
use crate::topology::located::{MOST, Problem, Severity, nearest};
use crate::topology::servers::Catalogue;
use crate::topology::version::{self, Bound};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// All that the project declares, as far as it could be read, and what is wrong with it.
pub struct Findings {
    pub problems: Vec<Problem>,
    pub features: Vec<Feature>,
    /// Number of steps by the crate they come from.
    pub steps: BTreeMap<String, usize>,
    /// Sentences that a single scenario uses.
    pub used_once: usize,
}

/// Checks the whole project but the book.
pub fn project(project: &Project) -> Findings {
    let (features, problems) = reading::read(project);
    let mut registry = Registry::collect();
    registry.count_uses(features.iter().flat_map(Feature::scenarios));
    let mut problems = before(project, &features, problems, &registry);
    let cache = Cache::of(project);
    let builds = project.store().builds(&project.meant());
    let catalogue = project.servers().ok();
    for scenario in features.iter().flat_map(Feature::scenarios).filter(|_| cache.has_any()) {
        for server in catalogue.iter().flat_map(Catalogue::servers) {
            let Some(build) = builds.get(&server.name) else { continue };
            if cache.verdict(scenario, build) == Control::Missed {
                let without = cache.unnoticed(scenario, build).join("; ");
                let message = format!("\"{}\" passed on {} without its fault: {without}", scenario.name, server.name);
                problems.push(Problem::error(&scenario.feature, scenario.line, message).advice(
                    "assert something that only the fault brings about, or tag it @mirror:SLUG of the scenario of its rule where the harm happens",
                ));
            }
        }
    }
    problems.sort();
    problems.dedup();
    let used_once = registry.steps.iter().filter(|step| step.used == 1).count();
    Findings { problems, features, steps: linked::by_crate(&registry), used_once }
}

/// What has to be right before anything is played: the same checks, errors only.
pub fn before_a_run(project: &Project, features: &[Feature], problems: Vec<Problem>) -> Vec<Problem> {
    let mut problems = before(project, features, problems, &Registry::collect());
    problems.retain(|problem| problem.severity == Severity::Error);
    problems.sort();
    problems.dedup();
    problems
}

fn before(project: &Project, features: &[Feature], mut problems: Vec<Problem>, registry: &Registry) -> Vec<Problem> {
    if registry.steps.is_empty() {
        let advice = "a library nobody names is not linked: write `use my_steps as _;` in the program";
        problems.push(Problem::error("Cargo.toml", 1, "no step is linked into this program").advice(advice));
    }
    linked::check(project, registry, &mut problems);
    problems.extend(project.config().err().unwrap_or_default());
    let topologies = topologies(project, &mut problems);
    let catalogue = project.servers().map_err(|found| problems.extend(found)).ok();
    if let Some(catalogue) = &catalogue {
        binaries(project, catalogue, &mut problems);
    }
    if catalogue.is_some() {
        broken(project, features, &mut problems);
    }
    let claims = project.claims().map_err(|found| problems.extend(found)).ok();
    if features.is_empty() && problems.is_empty() {
        problems.push(Problem::error("features", 1, "no feature here").advice("a feature is a file below features/ whose name ends in `.feature`"));
    }
    let shown = shown(features);
    for claim in claims.iter().flat_map(Claims::all).filter(|claim| claim.untested.is_some()) {
        if let Some(scenario) = shown.get(claim.id.as_str()) {
            let message = format!("claim `{}` says why no scenario shows it, and {} does", claim.id, scenario.id());
            problems
                .push(Problem::error("claims.yaml", claim.line, message).advice("take `untested` out of the claim, or `@claim` off the scenario"));
        }
    }
    for feature in features {
        if problems.len() >= MOST {
            break;
        }
        scenarios::check(feature, registry, &topologies, &mut problems);
        tags::check(feature, claims.as_ref(), catalogue.as_ref(), &mut problems);
    }
    problems
}

/// The first scenario that shows each claim.
fn shown(features: &[Feature]) -> HashMap<&str, &Scenario> {
    let mut shown = HashMap::new();
    for scenario in features.iter().flat_map(Feature::scenarios) {
        for claim in scenario.tagged("claim") {
            shown.entry(claim).or_insert(scenario);
        }
    }
    shown
}

/// A server of one's own build may well not be built on every machine, so its absence only spoils the runs that want it.
fn binaries(project: &Project, catalogue: &Catalogue, problems: &mut Vec<Problem>) {
    let text = confined::read_text(&project.root, &project.servers_file()).unwrap_or_default();
    let most = problems.len() + MOST;
    for server in catalogue.servers() {
        if problems.len() >= most {
            return;
        }
        let Some(binary) = server.binary.as_ref().filter(|path| project.executable(path).is_none()) else { continue };
        let line = text.lines().position(|line| line.contains(&*binary.to_string_lossy())).map_or(1, |n| n + 1);
        let outside =
            confined::real(&project.root, &project.root.join(binary)).err().filter(|error| error.kind() == std::io::ErrorKind::InvalidInput);
        if let Some(error) = outside {
            let problem = Problem::error("compose/servers.toml", line, format!("{}: {}: {error}", server.name, binary.display()));
            problems.push(problem.advice("copy the executable to target/"));
            continue;
        }
        let message = format!("{}: there is no executable {}", server.name, binary.display());
        problems.push(Problem::warning("compose/servers.toml", line, message).advice("build it and put it there, or take the line out"));
    }
}

/// A scenario that has to fail on a broken server has to exist.
fn broken(project: &Project, features: &[Feature], problems: &mut Vec<Problem>) {
    let all = project.broken().map_err(|found| problems.extend(found)).unwrap_or_default();
    let ids: BTreeSet<String> = features.iter().flat_map(Feature::scenarios).map(Scenario::id).collect();
    for fails in all.iter().flat_map(|broken| &broken.fails).filter(|fails| !ids.contains(&fails.scenario)).take(MOST) {
        let problem = Problem::error("compose/broken.toml", fails.line, format!("there is no scenario {}", fails.scenario));
        problems.push(match nearest(&fails.scenario, ids.iter().map(String::as_str)) {
            Some(near) => problem.advice(format!("did you mean {near}?")),
            None => problem.advice("FEATURE#ID, as `rehearsal list --format json` has them"),
        });
    }
}

fn topologies(project: &Project, problems: &mut Vec<Problem>) -> BTreeMap<String, Topology> {
    match project.topologies() {
        Ok(all) => all.into_iter().map(|topology| (topology.name.clone(), topology)).collect(),
        Err(found) => {
            problems.extend(found);
            BTreeMap::new()
        }
    }
}

/// Whether any server of the catalogue can show a scenario with these tags.
fn shown_by_somebody(tags: &[String], catalogue: &Catalogue) -> bool {
    catalogue.servers().iter().any(|server| version::applies(tags, server).is_ok())
}

/// Whether a tag speaks of versions, and what is wrong with it.
fn version_tag(tag: &str) -> Option<Result<(), String>> {
    Bound::parse(tag).map(|bound| bound.map(drop))
}

fn capabilities() -> impl Iterator<Item = &'static str> {
    capability::ALL.iter().map(|c| c.name)
}
