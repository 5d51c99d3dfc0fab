//! `rehearsal measure`: plays a failover again and again, takes every one apart into phases, keeps the numbers for the book.
//!
//! The runs are scenarios like any others (`measure/plan.rs` writes them), with records of their own beside those of ordinary runs: nobody takes them for evidence.

use super::registries::OutputFormat;
use super::{broken, exit, run, view};
use crate::measure::phases::{PHASES, RECONFIGURE};
use crate::measure::result::{OUTAGE, SCHEMA};
use crate::measure::{Call, Group, Incomplete, Measure, Moments, Run, Setup, plan};
use crate::record::{Evidence, ScenarioRecord, Verdict};
use crate::run::catalogue::{Feature, Scenario};
use crate::run::order;
use crate::run::project::Project;
use crate::run::reading;
use crate::run::session::{self, Options, Outcome};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Where the records of these runs lie, below `target/rehearsal`.
pub const ASIDE: &str = "measure";
/// Where results are kept, below `target/rehearsal`.
const RESULTS: &str = "measures";
/// Somebody who asks for a thousand runs means them all.
const RUN_LIMIT: Duration = Duration::from_secs(7 * 24 * 3600);

/// What to measure, where, how often.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to measure: `failover`, from the death of a master to the first write its successor acknowledges
    #[arg(value_enum)]
    what: What,
    /// Whose failover: three Sentinels', or a Cluster of three masters with one replica each
    #[arg(long, value_enum, default_value_t = Where::Sentinel)]
    topology: Where,
    /// How often, for each value of the timer
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: u16,
    /// With Sentinel: values of down-after-milliseconds [default: 1000,2000,5000]
    #[arg(long, value_name = "MS,...", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(500..=60_000))]
    down_after: Vec<u64>,
    /// With Cluster: values of cluster-node-timeout, in milliseconds [default: 2000,5000]
    #[arg(long, value_name = "MS,...", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(500..=60_000))]
    node_timeout: Vec<u64>,
    /// Server of the catalogue [default: its first]; each has a result of its own
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// Runs side by side; 1 measures on the quietest machine [default: as in rehearsal.toml, else what this machine carries]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// A table for people, or the whole result as JSON for programs
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    Failover,
}

/// Where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Where {
    Sentinel,
    Cluster,
}

impl Args {
    fn setup(&self) -> Setup {
        match (self.what, self.topology) {
            (What::Failover, Where::Sentinel) => Setup::Sentinel,
            (What::Failover, Where::Cluster) => Setup::Cluster,
        }
    }

    /// Values of the timer, smallest first, each once.
    fn timers(&self) -> Result<Vec<u64>, String> {
        let setup = self.setup();
        let (own, other, given) = match setup {
            Setup::Sentinel => (&self.down_after, &self.node_timeout, Setup::Cluster),
            Setup::Cluster => (&self.node_timeout, &self.down_after, Setup::Sentinel),
        };
        if !other.is_empty() {
            return Err(format!(
                "{} is no timer of the `{}` topology\n  = help: {} varies {}; {} goes with --topology {}",
                given.option(),
                setup.topology(),
                setup.option(),
                setup.timer(),
                given.option(),
                given.topology()
            ));
        }
        let mut timers = if own.is_empty() { setup.usual().to_vec() } else { own.clone() };
        timers.sort_unstable();
        timers.dedup();
        Ok(timers)
    }
}

/// Plays, counts, keeps, tells.
pub fn measure(project: &Project, args: &Args) -> ExitCode {
    let timers = match args.timers() {
        Ok(timers) => timers,
        Err(message) => return exit::usage(&message),
    };
    match measured(project, args, &timers) {
        Ok((measure, code)) => {
            match args.format {
                OutputFormat::Text => print!("{}", text(&measure)),
                OutputFormat::Json => println!("{}", serde_json::to_string_pretty(&measure).unwrap_or_default()),
            }
            if measure.groups.iter().all(|group| group.runs.is_empty()) {
                eprintln!("no run was complete: nothing is kept, an earlier result stays as it was");
                return ExitCode::from(code.max(exit::FAILED_CODE));
            }
            match keep(project, &measure) {
                Ok(file) => {
                    eprintln!("kept: {} (`rehearsal book --no-run` draws it)", project.relative(&file));
                    ExitCode::from(code)
                }
                Err(error) => {
                    eprintln!("error: the result could not be kept: {error}");
                    exit::UNKNOWN_CODE.into()
                }
            }
        }
        Err(code) => code.into(),
    }
}

fn measured(project: &Project, args: &Args, timers: &[u64]) -> Result<(Measure, u8), u8> {
    let (setup, runs) = (args.setup(), usize::from(args.runs));
    let told = |problems: Vec<crate::topology::Problem>| {
        exit::problems(&problems);
        exit::USAGE_CODE
    };
    let said = |message: String| {
        exit::usage(&message);
        exit::USAGE_CODE
    };
    let catalogue = project.servers().map_err(told)?;
    let servers = run::servers(&catalogue, args.server.as_slice()).map_err(said)?;
    if servers.len() != 1 {
        return Err(said("--server: one server is measured at a time".to_owned()));
    }
    let path = format!("measure/{}.feature", setup.name());
    let feature = reading::arranged(project, &path, &setup.feature(timers, runs)).map_err(said)?;
    let mut config = project.config().map_err(told)?;
    config.jobs = args.jobs.map(usize::from).or(config.jobs);
    config.retry = 0;
    config.limits.run = RUN_LIMIT;
    let patience = timers.iter().map(|timer| setup.patience_s(*timer)).max().unwrap_or_default();
    config.limits.scenario = config.limits.scenario.max(Duration::from_secs(patience * 3));
    let scenarios: Vec<&Scenario> = feature.scenarios().collect();
    eprintln!("{}: {runs} runs each with {} {}", setup.name(), setup.timer(), listed(timers));
    let mut view = view::choose(&config);
    let jobs = config.jobs;
    // Runs of all timers are mixed: an hour in which the machine was busy spoils no single bar, and an end before its time leaves some of each.
    let options = Options { config, shuffle: Some(order::seed()), leave: view::restore_terminal, ..Options::default() };
    let outcome = session::run(&project.aside(ASIDE), &scenarios, &servers, &options, view.as_mut()).map_err(|error| {
        eprintln!("error: {error}");
        exit::UNKNOWN_CODE
    })?;
    drop(view);
    let jobs = jobs.unwrap_or_else(|| session::jobs(&outcome.record.host)).min(scenarios.len());
    let groups = timers.iter().map(|timer| group(setup, *timer, runs, &feature, &outcome)).collect();
    let record = &outcome.record;
    let measure = Measure {
        schema: SCHEMA,
        name: setup.name().to_owned(),
        topology: setup.topology().to_owned(),
        timer: setup.timer().to_owned(),
        run: record.run.clone(),
        measured: record.started.clone(),
        rehearsal: record.rehearsal.clone(),
        server: record.servers.first().cloned().unwrap_or_default(),
        host: record.host.clone(),
        jobs: Some(jobs),
        every_ms: setup.every_ms(),
        interrupted: record.interrupted.clone(),
        groups,
    };
    let code = code(&outcome, &measure);
    Ok((measure, code))
}

/// A run that is not in the numbers although it passed is as unknown as one that could not be played.
fn code(outcome: &Outcome, measure: &Measure) -> u8 {
    match exit::of(&outcome.record) {
        0 if measure.groups.iter().any(|group| !group.incomplete.is_empty()) => exit::UNKNOWN_CODE,
        code => code,
    }
}

fn listed(timers: &[u64]) -> String {
    timers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// All runs of one timer that were played; what a signal kept from being played is in neither list.
fn group(setup: Setup, timer: u64, asked: usize, feature: &Feature, outcome: &Outcome) -> Group {
    let (mut complete, mut incomplete) = (Vec::new(), Vec::new());
    for scenario in feature.scenarios() {
        let Some((_, run)) = plan::of_slug(&scenario.slug).filter(|(of, _)| *of == timer) else { continue };
        let Some(played) = outcome.record.scenarios.iter().find(|s| s.slug == scenario.slug && !s.interrupted) else { continue };
        match taken_apart(&outcome.folder, played, run) {
            Ok(run) => complete.push(run),
            Err(reason) => incomplete.push(Incomplete { run, verdict: played.verdict.to_string(), reason }),
        }
    }
    Group::of(setup, timer, asked, complete, incomplete)
}

fn taken_apart(folder: &Path, played: &ScenarioRecord, run: usize) -> Result<Run, String> {
    if played.verdict != Verdict::Passed {
        return Err(broken::message(played));
    }
    let path = played.evidence.as_ref().ok_or("it left no evidence")?;
    let text = fs::read(folder.join(path)).map_err(|error| format!("its evidence cannot be read: {error}"))?;
    let evidence: Evidence = serde_json::from_slice(&text).map_err(|error| format!("its evidence cannot be read: {error}"))?;
    let calls = evidence.client.as_ref().and_then(|client| client.calls.as_ref()).ok_or("its client left no journal")?;
    let calls = fs::read_to_string(folder.join(calls)).map_err(|error| format!("its client's journal cannot be read: {error}"))?;
    let moments = Moments::of(&evidence, &Call::read(&calls)).ok_or("nobody recorded how the master was replaced")?;
    Run::of(run, moments).map(|run| run.stalled(&evidence.stalls))
}

/// Writes the result under a name that the next measurement of the same kind on the same server takes over.
fn keep(project: &Project, measure: &Measure) -> std::io::Result<PathBuf> {
    let folder = project.store().root().join(RESULTS);
    fs::create_dir_all(&folder)?;
    let file = folder.join(measure.file_name());
    fs::write(&file, serde_json::to_string_pretty(measure)? + "\n")?;
    Ok(file)
}

/// Every kept result; one that cannot be read is told and counts as not measured.
pub fn kept(project: &Project) -> Vec<Measure> {
    let mut measures: Vec<Measure> = Vec::new();
    let files = [project.store().root().join(RESULTS), kept_folder(project)].map(|folder| reading::files_below(&folder));
    for file in files.into_iter().flatten() {
        let read = fs::read_to_string(&file).map_err(|error| error.to_string()).and_then(|text| Measure::read(&text));
        match read {
            // This machine's own came first.
            Ok(measure) if measures.iter().any(|own| (&own.name, &own.server.name) == (&measure.name, &measure.server.name)) => {}
            Ok(measure) => measures.push(measure),
            Err(reason) => eprintln!("warning: a measurement that cannot be read counts as not made: {} ({reason})", project.relative(&file)),
        }
    }
    measures
}

/// Where the repository keeps results.
fn kept_folder(project: &Project) -> PathBuf {
    project.book().join(crate::record::kept::FOLDER).join(RESULTS)
}

/// Copies this machine's results to where the repository keeps them; answers the files.
pub fn keep_all(project: &Project) -> std::io::Result<Vec<PathBuf>> {
    let from = project.store().root().join(RESULTS);
    let mut files = Vec::new();
    for file in reading::files_below(&from) {
        let Ok(name) = file.strip_prefix(&from) else { continue };
        let to = kept_folder(project).join(name);
        fs::create_dir_all(to.parent().unwrap_or(&to))?;
        fs::copy(&file, &to)?;
        files.push(to);
    }
    Ok(files)
}

/// The table for people; milliseconds.
fn text(measure: &Measure) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} on {} {}, milliseconds: median (p10 to p90)\n", measure.name, measure.server.name, measure.server.version);
    let columns = PHASES.into_iter().chain([OUTAGE, RECONFIGURE]);
    let shown = |name: &str| if name == OUTAGE { "first write".to_owned() } else { name.to_owned() };
    let _ = write!(out, "{:>8} {:>9}", "timer", "runs");
    for name in columns.clone() {
        let _ = write!(out, "  {:>22}", shown(name));
    }
    let _ = writeln!(out, "  {:>6}  {:>18}", "bound", "times the bound");
    for group in &measure.groups {
        let _ = write!(out, "{:>8} {:>9}", group.timer_ms, format!("{} of {}", group.runs.len(), group.asked));
        for name in columns.clone() {
            let cell = group.summary_of(name).map_or_else(|| "-".to_owned(), |s| format!("{:.0} ({:.0} to {:.0})", s.median, s.p10, s.p90));
            let _ = write!(out, "  {cell:>22}");
        }
        let ratio = group.ratio.map_or_else(|| "-".to_owned(), |r| format!("{:.2} ({:.2} to {:.2})", r.median, r.p10, r.p90));
        let _ = writeln!(out, "  {:>6}  {ratio:>18}", group.lower_bound_ms);
    }
    for group in &measure.groups {
        if let Some((runs, longest)) = group.stalled() {
            let _ = writeln!(
                out,
                "{} ms: this program was not scheduled for a while in {runs} runs, up to {longest} ms in one: what it saw then it saw late",
                group.timer_ms
            );
        }
        for lost in &group.incomplete {
            let _ = writeln!(out, "not in the numbers: {} ms, run {}: {}: {}", group.timer_ms, lost.run, lost.verdict, lost.reason);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &str) -> Args {
        Line::try_parse_from(std::iter::once("measure").chain(line.split(' '))).map_or_else(|error| panic!("{error}"), |line| line.args)
    }

    #[test]
    fn a_timer_belongs_to_a_topology() {
        assert_eq!(args("failover --down-after 2000,1000,2000").timers(), Ok(vec![1000, 2000]));
        assert_eq!(args("failover --topology cluster").timers(), Ok(vec![2000, 5000]));
        let error = args("failover --topology cluster --down-after 1000").timers().unwrap_err();
        assert!(error.contains("--node-timeout varies cluster-node-timeout") && error.contains("--topology sentinel"), "{error}");
    }
}
