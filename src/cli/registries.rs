//! `rehearsal list | claims | servers | topologies | faults`: the registries, as text or JSON.

use super::book::library::not_applicable;
use super::exit;
use super::selecting;
use crate::claims::{Claims, Status, status};
use crate::deployment::{Engine, list_images};
use crate::faults;
use crate::record::Verdict;
use crate::record::newest::Kept;
use crate::run::catalogue::{Feature, Scenario};
use crate::run::project::Project;
use crate::run::reading;
use crate::run::shard::Shard;
use crate::topology::built_in::Origin;
use crate::topology::servers::Catalogue;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::process::ExitCode;

/// Text or JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OutputFormat {
    Text,
    Json,
}

/// The option every registry has.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Format {
    /// Text for people, JSON for programs
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub format: OutputFormat,
}

/// Which scenarios to list.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub format: Format,
    /// Feature files or folders; FILE:LINE means the scenario around that line
    #[arg(value_name = "PATH[:LINE]")]
    pub paths: Vec<String>,
    /// Scenarios whose tags match
    #[arg(long, value_name = "EXPR")]
    pub tags: Option<String>,
    /// Scenarios whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub name: Option<String>,
    /// Scenarios that show this claim; may be given more than once
    #[arg(long, value_name = "ID")]
    pub claim: Vec<String>,
    /// The I-th of N parts of them, such as 2/5
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

/// Which claims to list.
#[derive(Debug, clap::Args)]
pub struct ClaimsArgs {
    #[command(flatten)]
    pub format: Format,
    /// Only this system: standalone, replication, sentinel, cluster, ...
    #[arg(long)]
    pub system: Option<String>,
    /// Only this status: proved, corrected, differs, advice, failing, unplayed, untested
    #[arg(long)]
    pub status: Option<String>,
}

/// Prints a value as JSON on stdout.
pub fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("error: {error}"),
    }
}

fn features(project: &Project) -> Result<Vec<Feature>, ExitCode> {
    let (features, problems) = reading::read(project);
    if problems.is_empty() { Ok(features) } else { Err(exit::problems(&problems)) }
}

/// Lists scenarios.
pub fn list(project: &Project, args: &ListArgs) -> ExitCode {
    let features = match features(project) {
        Ok(features) => features,
        Err(code) => return code,
    };
    let criteria = super::run::Args {
        paths: args.paths.clone(),
        tags: args.tags.clone(),
        name: args.name.clone(),
        claim: args.claim.clone(),
        ..Default::default()
    };
    let selection = match selecting::selection(project, &criteria) {
        Ok(selection) => selection,
        Err(message) => return exit::usage(&message),
    };
    let picked = selection.pick(&features);
    let (all, picked) = (picked.len(), args.shard.map_or(picked.clone(), |shard| shard.of(picked)));
    if args.format.format == OutputFormat::Json {
        let row = |s: &&Scenario| json!({"feature": s.feature, "line": s.line, "rule": s.rule, "name": s.name, "slug": s.slug, "tags": s.tags, "claims": s.claims(), "test": s.test_name(), "text_hash": s.text_hash});
        json(&picked.iter().map(row).collect::<Vec<_>>());
    } else {
        for scenario in &picked {
            println!("{}:{}\t{}", scenario.feature, scenario.line, scenario.name);
        }
        eprintln!("{} scenarios", picked.len());
    }
    if let (Some(shard), true) = (args.shard, all > 0 && picked.is_empty()) {
        eprintln!("error: {}", selecting::empty_shard(shard, all));
        return ExitCode::from(exit::NOTHING_CODE);
    }
    if picked.is_empty() {
        eprintln!("error: {}", selecting::nothing(project, &criteria, &selection, &features));
        return ExitCode::from(exit::NOTHING_CODE);
    }
    exit::PASSED
}

/// A claim with what has become of it.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimRow {
    pub id: String,
    pub system: String,
    pub claim: String,
    pub verdict: crate::claims::Ledger,
    pub truth: Option<String>,
    pub status: Status,
    /// Why no scenario shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
    /// `feature#slug`
    pub scenarios: Vec<String>,
    pub named_by_user: bool,
}

/// Every claim joined with its scenarios and their newest evidence. What was seen on a server of which a scenario no longer speaks does not count.
pub fn claim_rows(project: &Project, claims: &Claims, features: &[Feature], catalogue: &Catalogue, kept: &Kept) -> Vec<ClaimRow> {
    let lines = project.kept().kept;
    let silent = not_applicable(features, catalogue, kept, &lines);
    let mut newest: HashMap<&(String, String), Verdict> = lines.iter().map(|(key, line)| (key, line.scenario.verdict)).collect();
    // What this machine saw counts before what is kept of others.
    newest.extend(kept.newest.iter().map(|(key, evidence)| (key, evidence.scenario.verdict)));
    let mut verdicts: HashMap<&str, Vec<(&str, Verdict)>> = HashMap::new();
    for ((hash, server), verdict) in newest {
        verdicts.entry(hash).or_default().push((server, verdict));
    }
    let seen = |scenario: &Scenario| {
        let all = verdicts.get(scenario.text_hash.as_str()).map_or(&[][..], Vec::as_slice);
        let speaks = |server: &str| !silent.contains_key(&(scenario.id(), server.to_owned()));
        all.iter().filter(|(server, _)| speaks(server)).map(|(_, verdict)| *verdict).collect::<Vec<Verdict>>()
    };
    let mut by_claim: HashMap<String, Vec<&Scenario>> = HashMap::new();
    for scenario in features.iter().flat_map(Feature::scenarios) {
        for claim in scenario.claims() {
            by_claim.entry(claim).or_default().push(scenario);
        }
    }
    let row = |claim: &crate::claims::Claim| {
        let scenarios = by_claim.get(&claim.id).map_or(&[][..], Vec::as_slice);
        let seen: Vec<Vec<Verdict>> = scenarios.iter().map(|scenario| seen(scenario)).collect();
        ClaimRow {
            id: claim.id.clone(),
            system: claim.system.clone(),
            claim: claim.claim.clone(),
            verdict: claim.verdict,
            truth: claim.truth.clone(),
            status: status(claim.verdict, &seen),
            untested: claim.untested.clone().filter(|_| scenarios.is_empty()),
            scenarios: scenarios.iter().map(|s| s.id()).collect(),
            named_by_user: claim.named_by_user,
        }
    };
    claims.all().iter().map(row).collect()
}

/// Lists claims.
pub fn claims(project: &Project, args: &ClaimsArgs) -> ExitCode {
    let features = match features(project) {
        Ok(features) => features,
        Err(code) => return code,
    };
    let claims = match project.claims() {
        Ok(claims) => claims,
        Err(problems) => return exit::problems(&problems),
    };
    let catalogue = match project.servers() {
        Ok(catalogue) => catalogue,
        Err(problems) => return exit::problems(&problems),
    };
    let kept = project.seen();
    let mut rows = claim_rows(project, &claims, &features, &catalogue, &kept);
    super::book::tell_unreadable(project, &kept);
    if let Some(status) = &args.status
        && !Status::ALL.iter().any(|known| known.to_string() == *status)
    {
        let known: Vec<String> = Status::ALL.iter().map(ToString::to_string).collect();
        return exit::usage(&format!("no status \"{status}\"\n  = help: there are {}", known.join(", ")));
    }
    if let Some(system) = &args.system
        && !rows.iter().any(|row| row.system == *system)
    {
        let known: BTreeSet<&str> = rows.iter().map(|row| row.system.as_str()).collect();
        return exit::usage(&format!("no system \"{system}\"\n  = help: there are {}", known.into_iter().collect::<Vec<_>>().join(", ")));
    }
    rows.retain(|row| args.system.as_ref().is_none_or(|system| row.system == *system));
    rows.retain(|row| args.status.as_ref().is_none_or(|status| row.status.to_string() == *status));
    if rows.is_empty() {
        eprintln!("error: nothing selected: no claim of that system has that status");
        return ExitCode::from(exit::NOTHING_CODE);
    }
    if args.format.format == OutputFormat::Json {
        json(&rows);
        return exit::PASSED;
    }
    for row in &rows {
        println!("{:<10} {:<26} {}", row.status.to_string(), row.id, row.claim);
        if let Some(reason) = &row.untested {
            println!("{:<37} {reason}", "");
        }
    }
    let counts: Vec<String> = Status::ALL
        .iter()
        .map(|status| (status, rows.iter().filter(|row| row.status == *status).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(status, n)| format!("{n} {status}"))
        .collect();
    eprintln!("{} claims: {}", rows.len(), counts.join(", "));
    exit::PASSED
}

/// Lists servers; whether an image is here is only known when the engine answers.
pub fn servers(project: &Project, format: Format) -> ExitCode {
    let catalogue = match project.servers() {
        Ok(catalogue) => catalogue,
        Err(problems) => return exit::problems(&problems),
    };
    let origin = project.servers_origin();
    let (here, unreachable) = match images_here() {
        Ok(here) => (Some(here), None),
        Err(error) => (None, Some(error)),
    };
    let rows: Vec<_> = catalogue
        .servers()
        .iter()
        .map(|s| {
            let available = here.as_ref().map(|here| here.iter().any(|r| *r == s.image || r.starts_with(&format!("rehearsal/{}:", s.line()))));
            json!({"name": s.name, "version": s.version().to_string(), "image": s.image, "debian": s.debian, "append": s.append, "available": available, "origin": origin})
        })
        .collect();
    if format.format == OutputFormat::Json {
        json(&rows);
    } else {
        for row in &rows {
            let available = match row["available"].as_bool() {
                Some(true) => "image is here",
                Some(false) => "image comes with the first run",
                None => "engine out of reach",
            };
            println!("{:<14} {:<24} {available}", row["name"].as_str().unwrap_or_default(), row["image"].as_str().unwrap_or_default());
        }
        match origin {
            Origin::Project => eprintln!("{} servers of compose/servers.toml", rows.len()),
            Origin::BuiltIn => eprintln!("{} built-in servers; a compose/servers.toml of the project takes their place", rows.len()),
        }
    }
    match unreachable {
        None => exit::PASSED,
        // The catalogue is told all the same; whether its images are here stays unknown.
        Some(error) => {
            eprintln!("error: {error}");
            ExitCode::from(exit::UNKNOWN_CODE)
        }
    }
}

/// References of local images.
fn images_here() -> Result<Vec<String>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let engine = Engine::connect().await.map_err(|e| e.to_string())?;
        let images = list_images(&engine).await.map_err(|e| e.to_string())?;
        Ok(images.into_iter().map(|image| image.reference).collect())
    })
}

/// Lists topologies.
pub fn topologies(project: &Project, format: Format) -> ExitCode {
    let all = match project.topologies() {
        Ok(all) => all,
        Err(problems) => return exit::problems(&problems),
    };
    if format.format == OutputFormat::Json {
        let nodes = |t: &crate::topology::Topology| -> Vec<_> {
            t.nodes.iter().map(|n| json!({"name": n.name, "role": n.kind.role.word, "address": n.address, "port": n.port})).collect()
        };
        let row = |t: &crate::topology::Topology| json!({"name": t.name, "about": t.about, "formation": t.formation.name, "nodes": nodes(t), "origin": project.topology_origin(&t.name)});
        json(&all.iter().map(row).collect::<Vec<_>>());
    } else {
        for topology in &all {
            let nodes: Vec<&str> = topology.nodes.iter().map(|n| n.name.as_str()).collect();
            let origin = match project.topology_origin(&topology.name) {
                Origin::Project => format!("compose/{}.yml", topology.name),
                Origin::BuiltIn => "built in".to_owned(),
            };
            println!("{:<14} {}\n               {} ({origin})\n", topology.name, topology.about, nodes.join(", "));
        }
    }
    exit::PASSED
}

/// Lists faults.
pub fn faults(format: Format) -> ExitCode {
    if format.format == OutputFormat::Json {
        let row = |f: &faults::Entry| json!({"name": f.name, "doc": f.doc, "inject": f.example.0, "heal": f.example.1, "verified_by": f.verified_by});
        json(&faults::ALL.iter().map(row).collect::<Vec<_>>());
    } else {
        for fault in faults::ALL {
            println!("{}\n  {}\n  {}\n  {}\n  verified: {}\n", fault.name, fault.doc, fault.example.0, fault.example.1, fault.verified_by);
        }
    }
    exit::PASSED
}
