//! `rehearsal measure failover`: plays failovers, takes every one apart into phases, keeps the numbers for the book.
//!
//! What is played stands in `measure/plan.rs`, what the numbers mean in `measure/phases.rs` and `measure/result.rs`; how a measurement is played at all in `cli/measure.rs`.

use super::{Play, Played, calls_of, code, evidence_of, listed};
use crate::measure::phases::{PHASES, RECONFIGURE};
use crate::measure::result::{OUTAGE, SCHEMA};
use crate::measure::{Group, Incomplete, Measure, Moments, Run, Setup, plan};
use crate::record::ScenarioRecord;
use crate::run::project::Project;
use crate::topology::version;
use std::fmt::Write as _;
use std::path::Path;

/// Plays the runs and takes them apart; with the code to end with.
pub(super) fn measured(project: &Project, args: &super::Args, setup: Setup, timers: &[u64]) -> Result<(Measure, u8), u8> {
    let runs = usize::from(args.runs);
    let played = super::play(
        project,
        args,
        &Play {
            name: &setup.name(),
            text: setup.feature(timers, runs),
            told: format!("{}: {runs} runs each with {} {}", setup.name(), setup.timer(), listed(timers)),
            patience_s: timers.iter().map(|timer| setup.patience_s(*timer)).max().unwrap_or_default(),
            jobs: args.jobs.map(usize::from),
        },
    )?;
    let groups: Vec<Group> = timers.iter().map(|timer| group(&played, setup, *timer, runs)).collect();
    let record = &played.outcome.record;
    let measure = Measure {
        schema: SCHEMA,
        name: setup.name(),
        topology: setup.topology().to_owned(),
        timer: setup.timer().to_owned(),
        run: record.run.clone(),
        measured: record.started.clone(),
        rehearsal: record.rehearsal.clone(),
        server: record.servers.first().cloned().unwrap_or_default(),
        host: record.host.clone(),
        jobs: Some(played.jobs),
        every_ms: setup.every_ms(),
        interrupted: record.interrupted.clone(),
        groups,
    };
    let code = code(&played.outcome, measure.groups.iter().any(|group| !group.incomplete.is_empty()));
    Ok((measure, code))
}

/// All runs of one timer that were played; what a signal kept from being played is in neither list.
fn group(played: &Played, setup: Setup, timer: u64, asked: usize) -> Group {
    let (mut complete, mut incomplete) = (Vec::new(), Vec::new());
    for scenario in played.feature.scenarios() {
        let Some((_, run)) = plan::of_slug(&scenario.slug).filter(|(of, _)| *of == timer) else { continue };
        let Some(seen) = played.outcome.record.scenarios.iter().find(|s| s.slug == scenario.slug && !s.interrupted) else { continue };
        match taken_apart(&played.outcome.folder, seen, run) {
            Ok(run) => complete.push(run),
            Err(reason) => incomplete.push(Incomplete { run, verdict: seen.verdict.to_string(), reason }),
        }
    }
    let bound = setup.lower_bound_ms(timer, |tags| version::applies(tags, &played.server).is_ok());
    Group::of(timer, bound, asked, complete, incomplete)
}

fn taken_apart(folder: &Path, played: &ScenarioRecord, run: usize) -> Result<Run, String> {
    let evidence = evidence_of(folder, played)?;
    let moments = Moments::of(&evidence, &calls_of(folder, &evidence)?).ok_or("nobody recorded how the master was replaced")?;
    Run::of(run, moments).map(|run| run.stalled(&evidence.stalls))
}

/// The table for people; milliseconds.
pub(super) fn text(measure: &Measure) -> String {
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
