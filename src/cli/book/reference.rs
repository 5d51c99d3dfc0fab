//! The reference pages of the book: rows from the registries that run, links to the chapters that show the features.

use crate::book::reference::{self, FaultRow, HelpRow, NatureRow, ObservableRow, ServerRow, SettingRow, StepRow, SystemRow, TopologyRow, UseRow};
use crate::book::{self, Kind};
use crate::cli::exit;
use crate::cli::steps::EXAMPLES;
use crate::confined;
use crate::faults;
use crate::record::hash;
use crate::run::catalogue::Feature;
use crate::run::project::Project;
use crate::run::registry::{Registry, StepDefinition};
use crate::steps::nature;
use crate::systems::{self, After, Part, System};
use crate::topology::located::Problem;
use crate::wait::spans;
use clap::CommandFactory as _;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// Writes the generated pages of the book and returns their paths from the root; a page that is as it should be is not touched.
///
/// # Errors
/// What is wrong was told; this is the exit code.
pub fn write(project: &Project, features: &[Feature]) -> Result<Vec<String>, ExitCode> {
    let pages = pages(project, features).map_err(|problems| exit::problems(&problems))?;
    let folder = project.book().join("src").join("reference");
    let cannot = |path: &Path, e: std::io::Error| exit::usage(&format!("{}: {e}", path.display()));
    for (path, text) in &pages {
        let path = folder.join(path);
        let real = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        if !real || confined::read_text(&project.root, &path).ok().as_deref() != Some(text.as_str()) {
            confined::write(&project.root, &path, text.as_bytes()).map_err(|e| cannot(&path, e))?;
        }
    }
    Ok(pages.into_iter().map(|(path, _)| format!("book/src/reference/{path}")).collect())
}

/// File name and text of every generated page.
///
/// # Errors
/// What is wrong with the files they come from.
pub(super) fn pages(project: &Project, features: &[Feature]) -> Result<Vec<(&'static str, String)>, Vec<Problem>> {
    let (catalogue, topologies) = (project.servers()?, project.topologies()?);
    let mut registry = Registry::collect();
    registry.count_uses(features.iter().flat_map(Feature::scenarios));
    let chapters = chapters(project);
    let steps: Vec<StepRow> = registry
        .steps
        .iter()
        .map(|s| StepRow {
            examples: s.examples(EXAMPLES).iter().map(|e| e.text.clone()).collect(),
            uses: uses(s, &chapters),
            keyword: capital(s.keyword),
            pattern: s.pattern.clone(),
            doc: s.doc.clone(),
            file: s.file.clone(),
            line: s.line as usize,
            used: s.used,
        })
        .collect();
    let faults: Vec<FaultRow> =
        faults::ALL.iter().map(|f| FaultRow { name: f.name.into(), doc: f.doc.into(), verified_by: f.verified_by.into() }).collect();
    let observables: Vec<ObservableRow> = systems::observables()
        .iter()
        .map(|o| ObservableRow { name: o.name.into(), unit: o.unit.into(), probe: format!("INFO, field {}", o.source), doc: o.doc.into() })
        .collect();
    let topologies: Vec<TopologyRow> = topologies
        .into_iter()
        .map(|t| TopologyRow {
            nodes: t.nodes.iter().map(|n| (n.name.clone(), n.kind.to_string(), format!("{}:{}", n.address, n.port))).collect(),
            name: t.name,
            about: t.about,
            formation: t.formation.name.to_owned(),
            source: t.source,
        })
        .collect();
    let row = |s: &crate::topology::servers::Server| ServerRow {
        name: s.name.clone(),
        image: s.image.clone(),
        debian: s.debian.clone(),
        append: s.append.clone(),
    };
    let servers: Vec<ServerRow> = catalogue.servers().iter().map(row).collect();
    Ok(vec![
        ("steps.md", reference::steps_page(&steps)),
        ("watching.md", reference::natures_page(&natures())),
        ("faults.md", reference::faults_page(&faults)),
        ("observables.md", reference::observables_page(&observables)),
        ("topologies.md", reference::topologies_page(&topologies)),
        ("systems.md", reference::systems_page(&systems())),
        ("servers.md", reference::servers_page(&servers)),
        ("settings.md", reference::settings_page(&settings())),
        ("cli.md", reference::cli_page(&help())),
    ])
}

/// The sentences that observe, by what they rest on.
fn natures() -> Vec<NatureRow> {
    let sentences = |kind: usize| nature::OF.iter().filter(move |(_, of)| of.kind() == kind);
    let row = |(number, kind): (usize, &nature::Kind)| NatureRow {
        title: kind.title.into(),
        about: kind.about.into(),
        becomes: [kind.dies, kind.stalls, kind.late].map(str::to_owned),
        sentences: sentences(number).map(|(pattern, of)| ((*pattern).to_owned(), of.watcher().map(str::to_owned))).collect(),
    };
    nature::KINDS.iter().enumerate().map(row).collect()
}

fn systems() -> Vec<SystemRow> {
    let part = |part: Part| match part {
        Part::Primary => "takes writes",
        Part::Secondary => "copies a node that takes writes",
        Part::Member => "one or the other, which is decided while the group forms",
        Part::Observer => "watches the others and holds no data",
        Part::Apart => "stands apart; waited for last",
    };
    let row = |system: &'static dyn System| {
        let roles = system.roles().iter().map(|role| (role.word.to_owned(), part(role.part).to_owned())).collect();
        let needs = |formation: &systems::Formation| formation.needs.iter().map(|need| need.told).collect::<Vec<_>>().join(", ");
        let formations = system.formations().iter().map(|formation| (formation.name.to_owned(), needs(formation))).collect();
        let timer = |timer: &systems::Timer| {
            let times = if timer.times > 1 { format!(", {} times", timer.times) } else { String::new() };
            format!(
                "{}{times} unless it is set{}",
                spans::written(timer.unit * timer.default),
                if timer.set_by.is_some() { ", at run time only" } else { "" }
            )
        };
        let timers = system.timers().iter().map(|own| (own.name.to_owned(), timer(own))).collect();
        let bounded = |timer: &systems::EventTimer| match timer.below {
            Some((most, _)) => format!("{}, at most {},", timer.name, spans::written(most)),
            None => timer.name.to_owned(),
        };
        let before = |event: &systems::Event| match event.after {
            After::Own(timers) => format!("not before {}", timers.iter().map(bounded).collect::<Vec<_>>().join(" and ").trim_end_matches(',')),
            After::Failover => "in a failover".to_owned(),
            After::Anything => String::new(),
        };
        let events = system.events().iter().map(|event| (event.name.to_owned(), before(event))).collect();
        let parts = vec![("role", roles), ("formation", formations), ("timer", timers), ("event", events)];
        SystemRow { name: system.name().to_owned(), about: system.about().to_owned(), parts }
    };
    systems::all().map(row).collect()
}

fn settings() -> Vec<SettingRow> {
    let row = |key: &crate::config::Key| SettingRow { name: key.name.into(), default: key.default.into(), doc: key.doc.into() };
    crate::config::KEYS.iter().map(row).collect()
}

/// Help of every subcommand, at a fixed width.
fn help() -> Vec<HelpRow> {
    let mut whole = crate::cli::Cli::command().term_width(84);
    whole.build();
    let visible: Vec<String> =
        whole.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help").map(|c| c.get_name().to_owned()).collect();
    let mut rows = vec![HelpRow { command: "rehearsal".into(), help: whole.render_long_help().to_string() }];
    for name in visible {
        if let Some(sub) = whole.find_subcommand_mut(&name) {
            rows.push(HelpRow { command: format!("rehearsal {name}"), help: sub.render_long_help().to_string() });
        }
    }
    rows
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Feature key -> the chapter that shows it, or part of it, as a page of `reference/` links it.
fn chapters(project: &Project) -> BTreeMap<String, String> {
    let source = project.book().join("src");
    let mut pages = confined::walk(&project.root, &source).files;
    pages.retain(|page| page.extension().is_some_and(|ending| ending == "md"));
    let mut chapters = BTreeMap::new();
    for page in pages {
        let text = confined::read_text(&project.root, &page).unwrap_or_default();
        let link = format!("../{}", page.strip_prefix(&source).unwrap_or(&page).to_string_lossy().replace('\\', "/"));
        for directive in book::directives(&text) {
            match directive.kind {
                // A whole feature wins over a single scenario quoted elsewhere.
                Kind::Feature(key) => drop(chapters.insert(key, link.clone())),
                Kind::Scenario { key, .. } => drop(chapters.entry(key).or_insert_with(|| link.clone())),
                _ => {}
            }
        }
    }
    chapters
}

/// The features a step is used in.
fn uses(step: &StepDefinition, chapters: &BTreeMap<String, String>) -> Vec<UseRow> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for place in &step.uses {
        *count.entry(hash::feature_key(&place.feature)).or_default() += 1;
    }
    count.into_iter().map(|(feature, scenarios)| UseRow { page: chapters.get(&feature).cloned(), feature, scenarios }).collect()
}
