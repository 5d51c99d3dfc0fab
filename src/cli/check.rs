//! `rehearsal check`: findings to stderr as text, or to stdout as JSON; exit code 2 when one of them is an error, with `--strict` also for a warning.

use super::{book, exit, selecting};
use crate::run::check;
use crate::run::plan::Plan;
use crate::run::project::Project;
use crate::topology::located::{Problem, Severity};
use std::process::ExitCode;

/// How findings are told.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only what concerns these files or folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Text for people, JSON for programs
    #[arg(long, value_enum, default_value_t = super::registries::OutputFormat::Text)]
    pub format: super::registries::OutputFormat,
    /// Warnings count as errors: exit code 2
    #[arg(long)]
    pub strict: bool,
    /// List what a run would take, pull, build and start, and which of it the project's own files decide; checks nothing else
    #[arg(long)]
    pub plan: bool,
}

/// Checks features, steps, topologies, servers, claims and the book.
pub fn check(project: &Project, args: &Args) -> ExitCode {
    if args.plan {
        return plan(project, args.format);
    }
    let places: Result<Vec<_>, _> = args.paths.iter().map(|path| selecting::place(project, path)).collect();
    let places = match places {
        Ok(places) => places,
        Err(message) => return exit::usage(&message),
    };
    let findings = check::project(project);
    let mut problems = findings.problems;
    problems.extend(book::problems(project, &findings.features));
    let inside = |file: &str, path: &str| path.is_empty() || file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let wanted = |problem: &Problem| places.is_empty() || places.iter().any(|place| inside(&problem.file, &place.path));
    problems.retain(wanted);
    problems.sort();
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    match args.format {
        super::registries::OutputFormat::Json => super::registries::json(&problems),
        super::registries::OutputFormat::Text => {
            for problem in &problems {
                eprintln!("{problem}\n");
            }
            let scenarios: usize = findings.features.iter().map(|f| f.scenarios().count()).sum();
            let steps: Vec<String> = findings.steps.iter().map(|(from, n)| format!("{n} steps of {from}")).collect();
            let warnings = problems.len() - errors;
            eprintln!("{} features, {scenarios} scenarios, {}: {errors} errors, {warnings} warnings", findings.features.len(), steps.join(", "));
            if findings.used_once > 0 && places.is_empty() {
                let (steps, are) = if findings.used_once == 1 { ("step", "is") } else { ("steps", "are") };
                eprintln!(
                    "{} {steps} {are} used by one scenario only; a sentence is worded once and reused: `rehearsal steps --used 1`",
                    findings.used_once
                );
            }
        }
    }
    if errors > 0 || (args.strict && !problems.is_empty()) { ExitCode::from(exit::USAGE_CODE) } else { exit::PASSED }
}

/// To stdout: it is what was asked for.
fn plan(project: &Project, format: super::registries::OutputFormat) -> ExitCode {
    let plan = match Plan::of(project) {
        Ok(plan) => plan,
        Err(problems) => return exit::problems(&problems),
    };
    match format {
        super::registries::OutputFormat::Json => super::registries::json(&plan.items),
        super::registries::OutputFormat::Text => {
            for item in &plan.items {
                println!("{} {item}", if item.own { "project " } else { "built in" });
            }
            eprintln!("{} of {} come from files of this project; the others are built into this program", plan.own().count(), plan.items.len());
        }
    }
    exit::PASSED
}
