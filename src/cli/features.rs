//! The features as a test target: libtest's dialect in, scenarios out.
//!
//! `cargo test` passes its own arguments to every test target, so what libtest knows has to be understood here too; what `rehearsal run` knows may be used as
//! well (`cargo test --test features -- --tags @sentinel`).

use super::{exit, reporting, run, selecting};
use crate::run::catalogue::{Feature, Scenario};
use crate::run::project::Project;
use crate::run::reading;
use crate::run::selection::Selection;
use crate::run::shard::Shard;
use clap::Parser;
use std::path::Path;
use std::process::ExitCode;

/// Exit code cargo expects of a test target that failed.
const TESTS_FAILED: u8 = 101;

/// Plays the features as tests
#[derive(Debug, Parser)]
#[command(name = "features", max_term_width = 110)]
struct Args {
    /// Parts of test names: a scenario is played when its name contains one of them
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// List the scenarios as tests
    #[arg(long)]
    list: bool,
    /// `terse` or `pretty`; one line a test either way
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Filters are whole names
    #[arg(long)]
    exact: bool,
    /// Leave out what contains this
    #[arg(long, value_name = "FILTER")]
    skip: Vec<String>,
    /// Only ignored tests: there are none
    #[arg(long)]
    ignored: bool,
    /// Ignored tests too: there are none
    #[arg(long)]
    include_ignored: bool,
    /// Accepted for libtest's sake: output is never captured
    #[arg(long)]
    nocapture: bool,
    /// Accepted for libtest's sake
    #[arg(long)]
    no_capture: bool,
    /// Accepted for libtest's sake
    #[arg(long, short)]
    quiet: bool,
    /// Accepted for libtest's sake
    #[arg(long)]
    show_output: bool,
    /// Accepted for libtest's sake
    #[arg(long, value_name = "auto|always|never")]
    color: Option<String>,
    /// Scenarios side by side
    #[arg(long, value_name = "N")]
    test_threads: Option<u16>,
    #[command(flatten)]
    run: RunArgs,
}

/// What `rehearsal run` has besides.
#[derive(Debug, clap::Args)]
struct RunArgs {
    /// Scenarios whose tags match, such as "@sentinel and not @serial"
    #[arg(long, value_name = "EXPR")]
    tags: Option<String>,
    /// Scenarios whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    name: Option<String>,
    /// Scenarios that show this claim
    #[arg(long, value_name = "ID")]
    claim: Vec<String>,
    /// Server to play on; more than once for several, `all` for every one
    #[arg(long, value_name = "NAME")]
    server: Vec<String>,
    /// The I-th of N parts of the scenarios, such as 2/5
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Play in a random order; the seed that is told repeats it
    #[arg(long, value_name = "SEED", num_args = 0..=1, require_equals = true)]
    shuffle: Option<Option<u64>>,
    /// Only what failed or stayed unknown in the last run
    #[arg(long)]
    failed: bool,
    /// End at the first scenario that does not pass
    #[arg(long)]
    fail_fast: bool,
    /// Leave the deployment of a scenario that did not pass up
    #[arg(long)]
    keep: bool,
    /// Write a report, as `rehearsal run` does
    #[arg(long, value_name = "FORMAT[=FILE]")]
    report: Vec<String>,
}

/// The test target of `tests/features.rs`, for this crate and for those with steps of their own.
pub fn features_main() -> ExitCode {
    super::quiet_scenario_panics();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(exit::USAGE_CODE) } else { exit::PASSED };
        }
    };
    let root = std::env::var_os("CARGO_MANIFEST_DIR");
    let project = match exit::project(root.as_deref().map(Path::new)) {
        Ok(project) => project,
        Err(code) => return code,
    };
    let selection = match selection(&project, &args) {
        Ok(selection) => selection,
        Err(message) => return exit::usage(&message),
    };
    if args.list { list(&project, &args, &selection) } else { play(&project, &args, &selection) }
}

fn selection(project: &Project, args: &Args) -> Result<Selection, String> {
    let mut selection = selecting::selection(project, &run_args(args))?;
    if args.exact {
        selection.exact.clone_from(&args.filters);
    } else {
        selection.containing.clone_from(&args.filters);
    }
    selection.skip.clone_from(&args.skip);
    Ok(selection)
}

/// The same wishes, as `rehearsal run` has them.
fn run_args(args: &Args) -> run::Args {
    let RunArgs { tags, name, claim, server, shard, shuffle, failed, fail_fast, keep, report } = &args.run;
    run::Args {
        tags: tags.clone(),
        name: name.clone(),
        claim: claim.clone(),
        server: server.clone(),
        jobs: args.test_threads,
        shard: *shard,
        shuffle: *shuffle,
        failed: *failed,
        fail_fast: *fail_fast,
        keep: *keep,
        report: report.clone(),
        stress: 1,
        ..Default::default()
    }
}

/// What is selected, and of that the part of this machine.
fn picked<'f>(args: &Args, selection: &Selection, features: &'f [Feature]) -> Vec<&'f Scenario> {
    let picked = selection.pick(features);
    args.run.shard.map_or(picked.clone(), |shard| shard.of(picked))
}

fn list(project: &Project, args: &Args, selection: &Selection) -> ExitCode {
    let (features, problems) = reading::read(project);
    if !problems.is_empty() {
        return exit::problems(&problems);
    }
    if !args.ignored {
        picked(args, selection, &features).iter().for_each(|scenario| println!("{}: test", scenario.test_name()));
    }
    exit::PASSED
}

fn play(project: &Project, args: &Args, selection: &Selection) -> ExitCode {
    let (features, problems) = reading::read(project);
    let chosen = args.run.tags.is_some() || args.run.name.is_some() || !args.run.claim.is_empty() || args.run.shard.is_some();
    let picked = picked(args, selection, &features).len();
    let filtered = features.iter().flat_map(Feature::scenarios).count() - picked;
    // `cargo test some_unit_test` asks every target; that this one has none of the name is no failure.
    if args.ignored || (problems.is_empty() && !chosen && picked == 0) {
        println!("\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; {filtered} filtered out");
        return exit::PASSED;
    }
    let wanted = match reporting::wanted(&args.run.report) {
        Ok(wanted) => wanted,
        Err(message) => return exit::usage(&message),
    };
    match run::play(project, &run_args(args), selection, &wanted) {
        Ok(done) => {
            if let Err(message) = run::report(project, &done, &wanted) {
                return exit::usage(&message);
            }
            use crate::record::Verdict;
            let count = |verdict| done.record.count(verdict);
            let bad = count(Verdict::Failed) + count(Verdict::Unknown);
            let word = if bad == 0 && done.record.interrupted.is_none() { "ok" } else { "FAILED" };
            let (passed, skipped) = (count(Verdict::Passed), count(Verdict::NotApplicable));
            println!("\ntest result: {word}. {passed} passed; {bad} failed; {skipped} ignored; 0 measured; {filtered} filtered out");
            match exit::of(&done.record) {
                0 => exit::PASSED,
                exit::FAILED_CODE | exit::UNKNOWN_CODE => ExitCode::from(TESTS_FAILED),
                code => ExitCode::from(code),
            }
        }
        Err(code) => ExitCode::from(code),
    }
}
