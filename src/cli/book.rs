//! `rehearsal book [build|serve]` and `rehearsal mdbook`: features and evidence -> the book's library -> pages.

use super::broken::{self, Outcome};
use super::{exit, measure, registries, run};
use crate::book::{self, BrokenRow, ClaimRow, FeatureText, Library, RuleText, ScenarioText, StepText};
use crate::record::{Evidence, Kept};
use crate::run::catalogue::{Feature, Rule, Scenario};
use crate::run::project::Project;
use crate::run::reading;
use crate::run::selection::Selection;
use crate::topology::located::Problem;
use crate::topology::servers::Catalogue;
use crate::topology::version;
use cucumber::gherkin;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

mod keep;
pub mod reference;
mod serve;

/// What to build and from what.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Play nothing: build from the evidence that is kept
    #[arg(long, global = true)]
    no_run: bool,
    /// Server to play on; more than once for several, `all` for every one
    #[arg(long, value_name = "NAME", global = true)]
    server: Vec<String>,
    /// Play the controls as well
    #[arg(long, global = true)]
    control: bool,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum What {
    /// Build the book into book/html (what happens without a subcommand)
    Build,
    /// Keep the verdicts and measurements this machine has in book/record, for books that are built elsewhere
    Keep,
    /// Build it, and serve it on 127.0.0.1
    Serve {
        /// Port to serve on
        #[arg(long, short, default_value_t = 3000)]
        port: u16,
    },
}

/// mdBook's protocol.
#[derive(Debug, clap::Args)]
pub struct ProtocolArgs {
    #[command(subcommand)]
    what: Option<ProtocolQuestion>,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum ProtocolQuestion {
    /// Whether a renderer can be served: exit code 0 or 1
    Supports { renderer: String },
}

/// Plays (unless told not to), builds, perhaps serves.
pub fn book(project: &Project, args: &Args) -> ExitCode {
    // A port in use is told before minutes are spent on playing.
    let listener = match &args.what {
        Some(What::Serve { port }) => match serve::listen(*port) {
            Ok(listener) => Some(listener),
            Err(message) => return exit::usage(&message),
        },
        _ => None,
    };
    if !project.book().join("book.toml").is_file() {
        return exit::usage("there is no book/book.toml in this project, so no book to build");
    }
    if matches!(args.what, Some(What::Keep)) {
        return keep::keep(project, &args.server);
    }
    let played = if args.no_run { Ok(0) } else { play(project, args) };
    let played = match played {
        // What did not pass belongs into the book.
        Ok(played @ (0 | exit::FAILED_CODE | exit::UNKNOWN_CODE)) => played,
        // A run that could not begin, or was ended, leaves the book as it was.
        Ok(code) | Err(code) => return ExitCode::from(code),
    };
    if let Err(code) = build(project) {
        return code;
    }
    if let Some(listener) = listener {
        return serve::serve(listener, &project.book().join("html"));
    }
    ExitCode::from(played)
}

fn play(project: &Project, args: &Args) -> Result<u8, u8> {
    let control = args.control.then_some(run::ControlArg::All);
    let run_args = run::Args { server: args.server.clone(), control, stress: 1, ..Default::default() };
    let done = run::play(project, &run_args, &Selection::default(), &[])?;
    Ok(exit::of(&done.record))
}

fn build(project: &Project) -> Result<(), ExitCode> {
    let began = Instant::now();
    let (features, problems) = reading::read(project);
    if !problems.is_empty() {
        return Err(exit::problems(&problems));
    }
    let library = library(project, &features).map_err(|problems| exit::problems(&problems))?;
    tell_unreadable(project);
    reference::write(project, &features)?;
    match book::build(&project.book(), &project.book().join("html"), Arc::new(library)) {
        Ok(built) => {
            let took = began.elapsed().as_secs_f64();
            eprintln!("book: {} chapters and {} evidence pages in {took:.1} s", built.chapters, built.evidence_pages);
            println!("{}", built.folder.join("index.html").display());
            Ok(())
        }
        Err(error) => Err(exit::problems(&[unloadable(project, &error)])),
    }
}

/// Says once which files of evidence cannot be read; they count as not there.
pub fn tell_unreadable(project: &Project) {
    let mut bad = project.store().unreadable();
    bad.extend(project.kept().unreadable);
    if let Some((file, reason)) = bad.first() {
        let more = if bad.len() > 1 { format!(" and {} more", bad.len() - 1) } else { String::new() };
        eprintln!("warning: evidence that cannot be read counts as not there: {}{more} ({reason})", project.relative(file));
        eprintln!("  = help: remove it, and play the scenario again");
    }
}

/// Serves mdBook's preprocessor protocol on stdin and stdout.
pub fn protocol(project: &Project, args: &ProtocolArgs) -> ExitCode {
    if let Some(ProtocolQuestion::Supports { renderer }) = &args.what {
        return if book::protocol::supports(renderer) { exit::PASSED } else { ExitCode::from(1) };
    }
    let (features, problems) = reading::read(project);
    if !problems.is_empty() {
        return exit::problems(&problems);
    }
    let library = match library(project, &features) {
        Ok(library) => library,
        Err(problems) => return exit::problems(&problems),
    };
    match book::protocol::serve(std::io::stdin(), std::io::stdout(), &library) {
        Ok(()) => exit::PASSED,
        Err(error) => exit::usage(&format!("{error:#}; mdbook calls this, people call `rehearsal book`")),
    }
}

/// What is wrong with the book: directives that resolve to nothing, features no page shows, stale reference pages.
pub fn problems(project: &Project, features: &[Feature]) -> Vec<Problem> {
    // A project need not have a book.
    if !project.book().is_dir() {
        return Vec::new();
    }
    // What cannot be read is told by the check of those files; a page cannot be compared with it.
    let (Ok(library), Ok(pages)) = (library(project, features), reference::pages(project, features)) else { return Vec::new() };
    if !project.book().join("book.toml").is_file() {
        return vec![Problem::error("book/book.toml", 1, "there is no such file: the book would lose its settings")];
    }
    let mut problems = match book::check(&project.book(), &library) {
        Ok(found) => found.into_iter().map(|unresolved| problem(&unresolved)).collect(),
        Err(error) => vec![unloadable(project, &error)],
    };
    for (path, text) in pages {
        let file = format!("book/src/reference/{path}");
        if std::fs::read_to_string(project.root.join(&file)).ok().as_deref() != Some(text.as_str()) {
            problems.push(Problem::warning(&file, 1, "this page is stale").advice("`rehearsal book --no-run` writes it anew"));
        }
    }
    problems
}

/// Why mdBook cannot load or build a book, placed where a person has to look.
fn unloadable(project: &Project, error: &mdbook_preprocessor::errors::Error) -> Problem {
    let text = format!("{error:#}");
    let message = format!("the book cannot be built: {}", text.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" "));
    let quoted = text.split('`').nth(1).unwrap_or_default();
    if text.contains("read chapter") {
        let summary = std::fs::read_to_string(project.book().join("src/SUMMARY.md")).unwrap_or_default();
        let line = summary.lines().position(|line| line.contains(quoted)).map_or(1, |n| n + 1);
        return Problem::error("book/src/SUMMARY.md", line, message).advice("write that chapter, or take it out of the summary");
    }
    if text.contains("SUMMARY.md") {
        return Problem::error("book/src/SUMMARY.md", 1, message).advice("it lists the chapters: `- [Introduction](introduction.md)`");
    }
    let number = |word: &str| text.split_once(word).and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    let problem = Problem::error("book/book.toml", number("at line ").unwrap_or(1), message);
    number(", column ").map_or(problem.clone(), |column| problem.column(column))
}

fn problem(unresolved: &book::Unresolved) -> Problem {
    let file = if unresolved.file.starts_with("features/") { unresolved.file.clone() } else { format!("book/src/{}", unresolved.file) };
    // A feature that no page shows yet can be played all the same.
    let unread = unresolved.file.starts_with("features/");
    let make = if unread { Problem::warning } else { Problem::error };
    let problem = make(&file, unresolved.line, unresolved.message.clone());
    match &unresolved.nearest {
        Some(near) => problem.advice(format!("did you mean {near}?")),
        None => problem,
    }
}

/// The book's view of the project.
fn library(project: &Project, features: &[Feature]) -> Result<Library, Vec<Problem>> {
    let catalogue = project.servers()?;
    let claims = project.claims()?;
    let claims = registries::claim_rows(project, &claims, features).into_iter().map(|row| ClaimRow {
        id: row.id,
        system: row.system,
        claim: row.claim,
        verdict: row.verdict.to_string(),
        truth: row.truth,
        status: row.status.to_string(),
        untested: row.untested,
        scenarios: row.scenarios,
    });
    let (evidence, kept) = (project.store().newest_evidence(), project.kept().kept);
    Ok(Library {
        features: features.iter().map(feature_text).collect(),
        not_applicable: not_applicable(features, &catalogue, &evidence, &kept),
        evidence,
        kept,
        servers: catalogue.servers().iter().map(|server| server.name.clone()).collect(),
        claims: claims.collect(),
        broken: broken_rows(project, features)?,
        measures: measure::kept(project),
        repository: None,
    })
}

/// Every scenario that has to fail on a broken server, with what became of it when its text, as it stands, was last played there.
fn broken_rows(project: &Project, features: &[Feature]) -> Result<Vec<BrokenRow>, Vec<Problem>> {
    let evidence = project.aside(broken::ASIDE).store().newest_evidence();
    let mut rows = Vec::new();
    for broken in project.broken()? {
        for fails in &broken.fails {
            let scenario = features.iter().flat_map(Feature::scenarios).find(|scenario| scenario.id() == fails.scenario);
            let seen = scenario.and_then(|scenario| evidence.get(&(scenario.text_hash.clone(), broken.server.name.clone())));
            // What was broken in another way then says nothing of this one.
            let played = seen.filter(|evidence| evidence.server_build.append == broken.server.append).map(|evidence| &evidence.scenario);
            let binary = broken.server.binary.iter().map(|path| path.display().to_string());
            rows.push(BrokenRow {
                server: broken.server.name.clone(),
                what: broken.what.clone(),
                how: broken.server.append.iter().cloned().chain(binary).collect(),
                scenario: fails.scenario.clone(),
                outcome: Outcome::of(played, &fails.says).to_string(),
                message: played.map(broken::message).unwrap_or_default(),
            });
        }
    }
    Ok(rows)
}

/// Which scenarios do not speak about which servers, and why. What a build can do is known only of those that were played.
fn not_applicable(
    features: &[Feature],
    catalogue: &Catalogue,
    evidence: &BTreeMap<(String, String), Evidence>,
    kept: &BTreeMap<(String, String), Kept>,
) -> BTreeMap<(String, String), String> {
    let mut reasons = BTreeMap::new();
    for server in catalogue.servers() {
        let played = evidence.values().filter(|e| e.scenario.server == server.name).map(|e| (&e.started, &e.server_build));
        let elsewhere = kept.values().filter(|k| k.run.server.name == server.name).map(|k| (&k.run.started, &k.run.server));
        let newest = played.max_by_key(|(at, _)| *at).or_else(|| elsewhere.max_by_key(|(at, _)| *at)).map(|(_, build)| build);
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

fn feature_text(feature: &Feature) -> FeatureText {
    FeatureText {
        path: feature.path.clone(),
        key: feature.key.clone(),
        name: feature.name.clone(),
        prose: feature.prose.clone(),
        background: Vec::new(),
        rules: feature.rules.iter().map(rule_text).collect(),
    }
}

fn rule_text(rule: &Rule) -> RuleText {
    let (sources, prose): (Vec<&str>, Vec<&str>) = rule.prose.lines().partition(|line| line.trim_start().starts_with("Source:"));
    RuleText {
        name: rule.name.clone(),
        prose: prose.join("\n").trim().to_owned(),
        source: sources.iter().flat_map(|line| line.trim_start().trim_start_matches("Source:").split_whitespace()).map(str::to_owned).collect(),
        scenarios: rule.scenarios.iter().map(scenario_text).collect(),
    }
}

fn scenario_text(scenario: &Scenario) -> ScenarioText {
    ScenarioText {
        name: scenario.name.clone(),
        slug: scenario.slug.clone(),
        line: scenario.line,
        tags: scenario.tags.clone(),
        claims: scenario.claims(),
        text_hash: scenario.text_hash.clone(),
        prose: scenario.prose.clone(),
        steps: scenario.steps.iter().map(step_text).collect(),
        has_fault: scenario.faults() > 0,
        mirror: scenario.tagged("mirror").next().map(str::to_owned),
    }
}

fn step_text(step: &gherkin::Step) -> StepText {
    StepText {
        keyword: step.keyword.trim().to_owned(),
        text: step.value.clone(),
        line: step.position.line,
        table: step.table.as_ref().map_or(Vec::new(), |table| table.rows.clone()),
        docstring: step.docstring.as_ref().map(|text| text.trim_matches('\n').to_owned()),
    }
}

/// Whether the built book is where it should be; for tests.
pub fn is_built(project: &Project) -> bool {
    Path::new(&project.book()).join("html").join("index.html").is_file()
}
