//! `rehearsal measure reshard`: plays reshards, takes a slot's time and a key's from them, keeps the numbers for the book.
//!
//! What is played and what the numbers mean stands in `measure/reshard.rs`; how a measurement is played at all in `cli/measure.rs`.

use super::{Played, calls_of, evidence_of};
use crate::measure::reshard::{self, EVERY_MS, NAME, Reshard, SCHEMA, SLOTS};
use crate::measure::reshard::{Group, Run, Slope};
use crate::measure::{Incomplete, Summary};
use crate::run::project::Project;
use std::fmt::Write as _;

/// What to fill slots with.
pub(super) struct Filling {
    /// Keys in each slot, smallest first, each once.
    pub keys: Vec<u64>,
    pub bytes: u64,
}

/// Plays the runs and takes them apart; with the code to end with.
pub(super) fn measured(project: &Project, args: &super::Args, filling: &Filling) -> Result<(Reshard, u8), u8> {
    let runs = usize::from(args.runs);
    let told = format!("{NAME}: {runs} runs each with {} keys a slot", super::listed(&filling.keys));
    let play = super::Play {
        name: NAME,
        text: reshard::feature(&filling.keys, filling.bytes, runs),
        told,
        patience_s: 120,
        // The time is redis-cli's and the servers' own: whoever shares the processors with them is measured as well.
        jobs: args.jobs.map_or(Some(1), |jobs| Some(usize::from(jobs))),
    };
    let played = super::play(project, args, &play)?;
    let groups: Vec<Group> = filling.keys.iter().map(|keys| group(&played, *keys, runs)).collect();
    let record = &played.outcome.record;
    let reshard = Reshard {
        schema: SCHEMA,
        name: NAME.to_owned(),
        run: record.run.clone(),
        measured: record.started.clone(),
        rehearsal: record.rehearsal.clone(),
        server: record.servers.first().cloned().unwrap_or_default(),
        host: record.host.clone(),
        jobs: played.jobs,
        slots: SLOTS,
        value_bytes: filling.bytes,
        every_ms: EVERY_MS,
        interrupted: record.interrupted.clone(),
        key: Slope::through(&groups),
        groups,
    };
    let code = super::code(&played.outcome, reshard.groups.iter().any(|group| !group.incomplete.is_empty()));
    Ok((reshard, code))
}

/// All runs with so many keys a slot that were played; what a signal kept from being played is in neither list.
fn group(played: &Played, keys: u64, asked: usize) -> Group {
    let (mut complete, mut incomplete) = (Vec::new(), Vec::new());
    for scenario in played.feature.scenarios() {
        let Some((_, run)) = reshard::of_slug(&scenario.slug).filter(|(of, _)| *of == keys) else { continue };
        let Some(seen) = played.outcome.record.scenarios.iter().find(|s| s.slug == scenario.slug && !s.interrupted) else { continue };
        let taken = evidence_of(&played.outcome.folder, seen)
            .and_then(|evidence| calls_of(&played.outcome.folder, &evidence).and_then(|calls| Run::of(run, &evidence, &calls)));
        match taken {
            Ok(run) => complete.push(run),
            Err(reason) => incomplete.push(Incomplete { run, verdict: seen.verdict.to_string(), reason }),
        }
    }
    Group::of(keys, asked, complete, incomplete)
}

/// The table for people.
pub(super) fn text(reshard: &Reshard) -> String {
    let mut out = String::new();
    let server = &reshard.server;
    let _ = writeln!(
        out,
        "{} on {} {}: {} slots, values of {} bytes; median (p10 to p90)\n",
        reshard.name, server.name, server.version, reshard.slots, reshard.value_bytes
    );
    let _ = writeln!(out, "{:>9} {:>9}  {:>24}  {:>26}  {:>24}", "keys/slot", "runs", "a slot, ms", "the first slot, ms", "slowest write, ms");
    for group in &reshard.groups {
        let runs = format!("{} of {}", group.runs.len(), group.asked);
        let cell = |summary: Option<Summary>, digits: usize| {
            summary.map_or_else(|| "-".to_owned(), |s| format!("{:.digits$} ({:.digits$} to {:.digits$})", s.median, s.p10, s.p90))
        };
        let _ = writeln!(
            out,
            "{:>9} {runs:>9}  {:>24}  {:>26}  {:>24}",
            group.keys,
            cell(group.slot_ms, 2),
            cell(group.first_ms, 0),
            cell(group.slowest_ms, 0)
        );
    }
    if let Some(slope) = &reshard.key {
        let key = &slope.key_us;
        let _ = writeln!(
            out,
            "\na slot costs {:.2} ms, and each key in it {:.0} microseconds ({:.0} to {:.0} over {} pairs of runs)",
            slope.slot_ms, key.median, key.p10, key.p90, key.count
        );
    }
    for group in &reshard.groups {
        if let Some((runs, longest)) = group.stalled() {
            let _ = writeln!(
                out,
                "{} keys: this program was not scheduled for a while in {runs} runs, up to {longest} ms in one: what it saw then it saw late",
                group.keys
            );
        }
        for lost in &group.incomplete {
            let _ = writeln!(out, "not in the numbers: {} keys, run {}: {}: {}", group.keys, lost.run, lost.verdict, lost.reason);
        }
    }
    out
}
