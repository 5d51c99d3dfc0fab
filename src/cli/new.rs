//! `rehearsal new feature PATH | topology NAME`: a starting point that passes `check` at once, and what to do next.
//!
//! You are in the right place for what is written where, and for what is refused; the texts of the features stand in `new/feature.rs`. A new topology is
//! one of our own with another name, so it has been played.

mod feature;

use super::exit;
use crate::confined;
use crate::record::hash;
use crate::run::project::Project;
use crate::systems::FORMATIONLESS;
use crate::topology::Topology;
use crate::topology::located::nearest;
use std::path::Path;
use std::process::ExitCode;

/// What to write.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Write a feature with one scenario that passes as it is
    ///
    /// It has everything a feature has: prose, a rule with its source, a scenario with a fault that is caught when the fault is left out. Play it first, then
    /// change it sentence by sentence. Nothing that is there already is overwritten.
    Feature {
        /// Where: AREA/NAME, such as replication/restart; the area is the folder below features/ and the feature's tag
        #[arg(value_name = "AREA/NAME")]
        path: String,
        /// The topology its scenario stands on [default: the one called as the area, else the first]
        #[arg(long, value_name = "NAME")]
        topology: Option<String>,
    },
    /// Write a topology, a compose file that `docker compose up` accepts too
    ///
    /// It is a copy of one that scenarios of the book stand on: change nodes, addresses and settings, and keep `rehearsal check` at your side. Nothing that is
    /// there already is overwritten.
    Topology {
        /// Its name: compose/NAME.yml
        name: String,
        /// What the nodes become before a scenario starts
        #[arg(long, value_enum, default_value_t = FormationArg::Replication)]
        formation: FormationArg,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum FormationArg {
    /// Nothing: one server alone
    None,
    /// A master and two replicas
    Replication,
    /// The same, watched by three Sentinels
    Sentinel,
    /// Three masters with one replica each
    Cluster,
}

impl FormationArg {
    /// A topology of ours with that formation.
    fn source(self) -> &'static str {
        match self {
            FormationArg::None => include_str!("../../compose/standalone.yml"),
            FormationArg::Replication => include_str!("../../compose/replication.yml"),
            FormationArg::Sentinel => include_str!("../../compose/sentinel.yml"),
            FormationArg::Cluster => include_str!("../../compose/cluster.yml"),
        }
    }
}

/// Writes what was asked for.
pub fn new(project: &Project, args: &Args) -> ExitCode {
    let done = match &args.what {
        What::Feature { path, topology } => new_feature(project, path, topology.as_deref()),
        What::Topology { name, formation } => new_topology(project, name, *formation),
    };
    match done {
        Ok(()) => exit::PASSED,
        Err(message) => exit::usage(&message),
    }
}

fn new_feature(project: &Project, path: &str, topology: Option<&str>) -> Result<(), String> {
    let key = path.trim_start_matches("./").trim_start_matches("features/").trim_end_matches(".feature");
    let Some((area, name)) = key.split_once('/').filter(|(_, name)| !name.contains('/')) else {
        return Err(format!(
            "a feature lies in an area: AREA/NAME, not \"{path}\"\n  = help: `rehearsal new feature replication/{}`",
            slug(key, "restart")
        ));
    };
    for word in [area, name] {
        named(word)?;
    }
    let topologies = project.topologies().map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))?;
    let topology = chosen(&topologies, area, topology)?;
    let file = project.features().join(area).join(format!("{name}.feature"));
    let text = feature::text(area, name, topology);
    write(project, &file, &text)?;
    let shown = project.relative(&file);
    let line = text.lines().position(|line| line.trim_start().starts_with("Scenario:")).map_or(1, |n| n + 1);
    eprintln!("\nplay it:          rehearsal run {shown}");
    eprintln!("prove it:         rehearsal run {shown}:{line} --control     (without its fault it has to fail)");
    if project.book().is_dir() {
        eprintln!("show it:          {{{{#feature {area}/{name}}}}} on a line of its own in a chapter below book/src/, then rehearsal book --no-run");
    }
    eprintln!("more sentences:   rehearsal steps");
    println!("{shown}");
    Ok(())
}

/// The topology a scenario stands on.
fn chosen<'t>(topologies: &'t [Topology], area: &str, wanted: Option<&str>) -> Result<&'t Topology, String> {
    let find = |name: &str| topologies.iter().find(|topology| topology.name == name);
    let Some(wanted) = wanted else {
        // With an area of its own name, what people mean is clear; `none` promises the least and comes last.
        let first = topologies.iter().min_by_key(|topology| *topology.formation == FORMATIONLESS);
        return find(area).or(first).ok_or_else(|| "there is no topology in compose/\n  = help: `rehearsal new topology NAME` writes one".to_owned());
    };
    find(wanted).ok_or_else(|| {
        let names = || topologies.iter().map(|topology| topology.name.as_str());
        let near = nearest(wanted, names())
            .map_or_else(|| format!("there are {}", names().collect::<Vec<_>>().join(", ")), |near| format!("did you mean {near}?"));
        format!("--topology: there is no topology \"{wanted}\"\n  = help: {near}")
    })
}

fn new_topology(project: &Project, name: &str, formation: FormationArg) -> Result<(), String> {
    named(name)?;
    let file = project.compose().join(format!("{name}.yml"));
    write(project, &file, &topology_text(project, name, formation))?;
    let shown = project.relative(&file);
    eprintln!("\nchange it:        nodes, addresses, settings; the comments say what differs from a server's defaults, and why");
    eprintln!("look at it:       docker compose --file {shown} up");
    eprintln!("write about it:   rehearsal new feature AREA/NAME --topology {name}");
    println!("{shown}");
    Ok(())
}

fn topology_text(project: &Project, name: &str, formation: FormationArg) -> String {
    let has_schema = project.root.join("schemas").join("topology.schema.json").is_file();
    let line = |line: &str| -> Option<String> {
        if line.starts_with("# yaml-language-server:") && !has_schema {
            return None;
        }
        Some(if line.starts_with("name: rehearsal-") { format!("name: rehearsal-{name}") } else { line.to_owned() })
    };
    formation.source().lines().filter_map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// Whether a word can name an area, a feature or a topology.
fn named(word: &str) -> Result<(), String> {
    if !word.is_empty() && hash::slug(word) == word {
        return Ok(());
    }
    Err(format!("\"{word}\" is no name: lower-case words joined by dashes\n  = help: write {}", slug(word, "restart")))
}

fn slug(word: &str, otherwise: &str) -> String {
    let slug = hash::slug(word);
    if slug.is_empty() { otherwise.to_owned() } else { slug }
}

/// Writes a file that is not there yet.
fn write(project: &Project, file: &Path, text: &str) -> Result<(), String> {
    let shown = project.relative(file);
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            format!("{shown} is there already, and is not overwritten\n  = help: choose another name, or remove it first")
        }
        _ => format!("{shown} cannot be written: {error}"),
    };
    confined::write_new(&project.root, file, text.as_bytes()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::Variables;
    use std::fs;

    #[test]
    fn every_formation_gives_a_topology_and_a_feature_without_a_finding() {
        for formation in [FormationArg::None, FormationArg::Replication, FormationArg::Sentinel, FormationArg::Cluster] {
            let root = tempfile::tempdir().unwrap();
            let project = Project::at(root.path().to_owned());
            fs::create_dir_all(project.compose()).unwrap();
            fs::write(project.servers_file(), "redis-7.0 = { image = \"redis:7.0.15\" }\n").unwrap();
            fs::write(project.claims_file(), "[]\n").unwrap();
            new_topology(&project, "mine", formation).unwrap();
            let text = fs::read_to_string(project.compose().join("mine.yml")).unwrap();
            assert!(text.contains("\nname: rehearsal-mine\n") && !text.contains("$schema"));
            assert!(Topology::parse(&text, "compose/mine.yml", &Variables::default()).is_ok());
            new_feature(&project, "features/area/some-name.feature", None).unwrap();
            let findings = crate::run::check::project(&project);
            assert!(findings.problems.is_empty(), "{formation:?}: {}", findings.problems[0]);
            assert!(findings.features[0].scenarios().all(|scenario| scenario.faults() > 0 && scenario.rule.is_some()));
        }
    }
}
