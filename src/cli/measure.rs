//! `rehearsal measure`: plays a failover or a reshard again and again and keeps the numbers for the book. What is particular to each is in `measure/failover.rs` and `measure/reshard.rs`.
//!
//! The runs are scenarios like any others (`measure/plan.rs` writes them), with records of their own beside those of ordinary runs: nobody takes them for evidence.

mod failover;
mod reshard;

use super::registries::OutputFormat;
use super::{broken, exit, run, view};
use crate::confined;
use crate::measure::reshard::{self as reshard_plan, USUAL_BYTES, USUAL_KEYS};
use crate::measure::{Call, Measure, Reshard, Setup};
use crate::record::{Evidence, ScenarioRecord, Verdict, numbers};
use crate::run::catalogue::{Feature, Scenario};
use crate::run::order;
use crate::run::project::Project;
use crate::run::reading;
use crate::run::session::{self, Options, Outcome};
use crate::topology::Server;
use serde::Serialize;
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
    /// What to measure: `failover`, from the death of a master to the first write its successor acknowledges; `reshard`, what it costs a Cluster to move a slot and a key
    #[arg(value_enum)]
    what: What,
    /// Whose failover: three Sentinels', or a Cluster of three masters with one replica each [default: sentinel; a reshard: cluster]
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(Setup::all().into_iter().map(Setup::topology)))]
    topology: Option<String>,
    /// How often, for each value of the timer or number of keys
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: u16,
    /// Values of the timer that decides when somebody is missed, in milliseconds; the options below are this one by the timer's name
    #[arg(long, value_name = "MS,...", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(500..=60_000))]
    timer: Vec<u64>,
    /// With Sentinel: values of down-after-milliseconds [default: 1000,2000,5000]
    #[arg(long, value_name = "MS,...", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(500..=60_000))]
    down_after: Vec<u64>,
    /// With Cluster: values of cluster-node-timeout, in milliseconds [default: 2000,5000]
    #[arg(long, value_name = "MS,...", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(500..=60_000))]
    node_timeout: Vec<u64>,
    /// With reshard: how many keys there are in each slot [default: 0,10,50,200]
    #[arg(long, value_name = "N,...", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(0..=10_000))]
    keys: Vec<u64>,
    /// With reshard: the length of a value, in bytes [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    bytes: Option<u64>,
    /// Server of the catalogue [default: its first]; each has a result of its own
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// Runs side by side; 1 measures on the quietest machine [default: as in rehearsal.toml, else what this machine carries; a reshard: 1]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// A table for people, or the whole result as JSON for programs
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
    #[command(flatten)]
    pub consent: super::consent::Consent,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    Failover,
    Reshard,
}

/// One of these words, and nothing of the other's.
enum Asked {
    Failover(Setup, Vec<u64>),
    Reshard(reshard::Filling),
}

impl Args {
    fn asked(&self) -> Result<Asked, String> {
        let timers = self.options().map(|(option, _, given)| (!given.is_empty(), option));
        let fillings = [(!self.keys.is_empty(), "--keys"), (self.bytes.is_some(), "--bytes")];
        let foreign = |given: &[(bool, &'static str)]| given.iter().find(|(given, _)| *given).map(|(_, option)| *option);
        match self.what {
            What::Failover => match foreign(&fillings) {
                Some(option) => Err(format!("{option} is not for a failover\n  = help: {option} goes with `rehearsal measure reshard`")),
                None => {
                    let setup = self.topology.as_deref().map_or_else(|| Setup::all().into_iter().next(), Setup::on);
                    let setup = setup.ok_or("nobody replaces a primary here")?;
                    self.timers(setup).map(|timers| Asked::Failover(setup, timers))
                }
            },
            What::Reshard => match (foreign(&timers), self.topology.as_deref()) {
                (Some(option), _) => Err(format!("{option} is not for a reshard\n  = help: {option} goes with `rehearsal measure failover`")),
                (None, Some(other)) if other != reshard_plan::TOPOLOGY => {
                    Err("only a Cluster has slots\n  = help: leave `--topology` out, or write `--topology cluster`".to_owned())
                }
                (None, _) => {
                    let keys = sorted(if self.keys.is_empty() { USUAL_KEYS } else { &self.keys });
                    Ok(Asked::Reshard(reshard::Filling { keys, bytes: self.bytes.unwrap_or(USUAL_BYTES) }))
                }
            },
        }
    }

    /// Options for values of a timer: the option, the timer that it names, if it names one, and what was given.
    fn options(&self) -> [(&'static str, Option<&'static str>, &Vec<u64>); 3] {
        [
            ("--timer", None, &self.timer),
            ("--down-after", Some("down-after-milliseconds"), &self.down_after),
            ("--node-timeout", Some("cluster-node-timeout"), &self.node_timeout),
        ]
    }

    /// Values of the timer, smallest first, each once.
    fn timers(&self, setup: Setup) -> Result<Vec<u64>, String> {
        let mut values = Vec::new();
        for (option, timer, given) in self.options() {
            if let Some(foreign) = timer.filter(|timer| *timer != setup.timer() && !given.is_empty()) {
                let own = Setup::all().into_iter().find(|setup| setup.timer() == foreign).map_or("another", Setup::topology);
                let right = self.options().into_iter().find(|(_, timer, _)| *timer == Some(setup.timer())).map_or("--timer", |(right, ..)| right);
                return Err(format!(
                    "{option} is no timer of the `{}` topology\n  = help: {right} varies {}; {option} goes with --topology {own}",
                    setup.topology(),
                    setup.timer()
                ));
            }
            values.extend_from_slice(given);
        }
        Ok(sorted(if values.is_empty() { setup.usual() } else { &values }))
    }
}

fn sorted(values: &[u64]) -> Vec<u64> {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    values
}

/// Plays, counts, keeps, tells.
pub fn measure(project: &Project, args: &Args) -> ExitCode {
    match args.asked() {
        Ok(Asked::Failover(setup, timers)) => failover::measured(project, args, setup, &timers).map_or_else(ExitCode::from, |(measure, code)| {
            let none = measure.groups.iter().all(|group| group.runs.is_empty());
            finish(project, args.format, &measure, &failover::text(&measure), &measure.file_name(), none, code)
        }),
        Ok(Asked::Reshard(filling)) => reshard::measured(project, args, &filling).map_or_else(ExitCode::from, |(measure, code)| {
            let none = measure.groups.iter().all(|group| group.runs.is_empty());
            finish(project, args.format, &measure, &reshard::text(&measure), &measure.file_name(), none, code)
        }),
        Err(message) => exit::usage(&message),
    }
}

/// Tells a result, and keeps it unless `none` of its runs was complete.
fn finish(project: &Project, format: OutputFormat, measure: &impl Serialize, text: &str, name: &str, none: bool, code: u8) -> ExitCode {
    match format {
        OutputFormat::Text => print!("{text}"),
        OutputFormat::Json => println!("{}", serde_json::to_string_pretty(measure).unwrap_or_default()),
    }
    if none {
        eprintln!("no run was complete: nothing is kept, an earlier result stays as it was");
        return ExitCode::from(code.max(exit::FAILED_CODE));
    }
    match keep(project, measure, name) {
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

/// What is to be played.
struct Play<'a> {
    name: &'a str,
    /// The feature.
    text: String,
    /// What is said beforehand.
    told: String,
    /// How long a run's `Then`s may wait, in seconds.
    patience_s: u64,
    jobs: Option<usize>,
}

/// What was played.
struct Played {
    feature: Feature,
    outcome: Outcome,
    jobs: usize,
    server: Server,
}

fn play(project: &Project, args: &Args, play: &Play<'_>) -> Result<Played, u8> {
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
    let [server] = servers.as_slice() else {
        return Err(said("--server: one server is measured at a time".to_owned()));
    };
    let path = format!("measure/{}.feature", play.name);
    let feature = reading::arranged(project, &path, &play.text).map_err(said)?;
    let mut config = project.config().map_err(told)?;
    config.jobs = play.jobs.or(config.jobs);
    config.retry = 0;
    config.limits.run = RUN_LIMIT;
    config.limits.scenario = config.limits.scenario.max(Duration::from_secs(play.patience_s * 3));
    let scenarios: Vec<&Scenario> = feature.scenarios().collect();
    eprintln!("{}", play.told);
    let mut view = view::choose(&config);
    let jobs = config.jobs;
    // Runs of all values are mixed: an hour in which the machine was busy spoils no single bar, and an end before its time leaves some of each.
    let options = Options { config, shuffle: Some(order::seed()), leave: view::restore_terminal, ..Options::default() };
    let outcome = session::run(&project.aside(ASIDE), &scenarios, &servers, &options, view.as_mut()).map_err(|error| {
        eprintln!("error: {error}");
        exit::UNKNOWN_CODE
    })?;
    drop(view);
    let jobs = jobs.unwrap_or_else(|| session::jobs(&outcome.record.host)).min(scenarios.len());
    Ok(Played { feature, outcome, jobs, server: server.clone() })
}

/// A run that is not in the numbers although it passed is as unknown as one that could not be played.
fn code(outcome: &Outcome, incomplete: bool) -> u8 {
    match exit::of(&outcome.record) {
        0 if incomplete => exit::UNKNOWN_CODE,
        code => code,
    }
}

fn listed(timers: &[u64]) -> String {
    timers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// The evidence of a run that passed, or why there is none.
fn evidence_of(folder: &Path, played: &ScenarioRecord) -> Result<Evidence, String> {
    if played.verdict != Verdict::Passed {
        return Err(broken::message(played));
    }
    let path = played.evidence.as_ref().ok_or("it left no evidence")?;
    let text = confined::read(folder, &folder.join(path), confined::RECORDED).map_err(|error| format!("its evidence cannot be read: {error}"))?;
    numbers::read(&text).map_err(|error| format!("its evidence cannot be read: {error}"))
}

/// The calls of its client.
fn calls_of(folder: &Path, evidence: &Evidence) -> Result<Vec<Call>, String> {
    let calls = evidence.client.as_ref().and_then(|client| client.calls.as_ref()).ok_or("its client left no journal")?;
    let calls =
        confined::read(folder, &folder.join(calls), confined::RECORDED).map_err(|error| format!("its client's journal cannot be read: {error}"))?;
    Ok(Call::read(&String::from_utf8_lossy(&calls)))
}

/// Writes the result under a name that the next measurement of the same kind on the same server takes over.
fn keep(project: &Project, measure: &impl Serialize, name: &str) -> std::io::Result<PathBuf> {
    let store = project.store();
    let file = store.root().join(RESULTS).join(name);
    confined::write(store.bounds(), &file, (serde_json::to_string_pretty(measure)? + "\n").as_bytes())?;
    Ok(file)
}

/// Every kept result; one that cannot be read is told and counts as not measured.
pub fn kept(project: &Project) -> (Vec<Measure>, Vec<Reshard>) {
    let (mut measures, mut reshards): (Vec<Measure>, Vec<Reshard>) = (Vec::new(), Vec::new());
    let store = project.store();
    let places = [(store.bounds(), store.root().join(RESULTS)), (project.root.as_path(), kept_folder(project))];
    let files = places.iter().flat_map(|(root, folder)| confined::walk(root, folder).files.into_iter().map(move |file| (root, file)));
    for (root, file) in files {
        let is_reshard = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(reshard_plan::NAME));
        let text = confined::read_text(root, &file).map_err(|error| error.to_string());
        // This machine's own came first.
        let read = match is_reshard {
            true => text.and_then(|text| Reshard::read(&text)).map(|read| {
                if !reshards.iter().any(|own| own.server.name == read.server.name) {
                    reshards.push(read);
                }
            }),
            false => text.and_then(|text| Measure::read(&text)).map(|read| {
                if !measures.iter().any(|own| (&own.name, &own.server.name) == (&read.name, &read.server.name)) {
                    measures.push(read);
                }
            }),
        };
        if let Err(reason) = read {
            eprintln!("warning: a measurement that cannot be read counts as not made: {} ({reason})", project.relative(&file));
        }
    }
    (measures, reshards)
}

/// Where the repository keeps results.
fn kept_folder(project: &Project) -> PathBuf {
    project.book().join(crate::record::kept::FOLDER).join(RESULTS)
}

/// Copies this machine's results to where the repository keeps them; answers the files.
pub fn keep_all(project: &Project) -> std::io::Result<Vec<PathBuf>> {
    let store = project.store();
    let from = store.root().join(RESULTS);
    let mut files = Vec::new();
    for file in confined::walk(store.bounds(), &from).files {
        let Ok(name) = file.strip_prefix(&from) else { continue };
        let to = kept_folder(project).join(name);
        confined::write(&project.root, &to, &confined::read(store.bounds(), &file, confined::RECORDED)?)?;
        files.push(to);
    }
    Ok(files)
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
        let timers = |line: &str| match args(line).asked() {
            Ok(Asked::Failover(_, timers)) => Ok(timers),
            Ok(Asked::Reshard(_)) => panic!("{line} is a failover"),
            Err(message) => Err(message),
        };
        assert_eq!(timers("failover --down-after 2000,1000,2000"), Ok(vec![1000, 2000]));
        assert_eq!(timers("failover --topology cluster --timer 3000 --node-timeout 1000"), Ok(vec![1000, 3000]));
        assert_eq!(timers("failover --topology cluster"), Ok(vec![2000, 5000]));
        let error = timers("failover --topology cluster --down-after 1000").unwrap_err();
        assert!(error.contains("--node-timeout varies cluster-node-timeout") && error.contains("--topology sentinel"), "{error}");
    }
    #[test]
    fn a_filling_belongs_to_a_reshard() {
        let Ok(Asked::Reshard(filling)) = args("reshard --keys 50,0,50").asked() else { panic!("it is a reshard") };
        assert_eq!((filling.keys, filling.bytes), (vec![0, 50], USUAL_BYTES));
        let refused = |line: &str| args(line).asked().err().unwrap_or_else(|| panic!("{line} is taken"));
        assert!(refused("failover --keys 5").contains("goes with `rehearsal measure reshard`"));
        assert!(refused("reshard --node-timeout 1000").contains("--node-timeout is not for a reshard"));
        assert!(refused("reshard --topology sentinel").contains("only a Cluster has slots"));
    }
}
