//! Several runs become one: the shards of several machines, or the same scenarios on several servers.
//!
//! What two runs say of the same scenario on the same server is decided here, and told: the worse verdict counts, of equal ones the newer. Two texts of one scenario,
//! or two versions of one server, are not joined at all. You are in the right place when a joined record says something else than its parts.

use super::{Control, Host, Planned, RunRecord, SCHEMA, ScenarioRecord, ServerRecord, Stress, Verdict};
use std::collections::{BTreeSet, HashMap};

/// A joined run, and where its evidence comes from.
#[derive(Debug)]
pub struct Joined {
    pub record: RunRecord,
    /// For each scenario of the record, the number of the part it was taken from.
    pub from: Vec<usize>,
    /// What was decided where the parts disagreed, as sentences.
    pub notes: Vec<String>,
    /// Parts of a division that nobody handed in: `2/3`.
    pub missing: Vec<String>,
}

/// Joins runs; each comes with its number in the order of the runs, 0 where it has none that can be compared.
///
/// # Errors
/// They are not about the same texts, or not about the same servers.
pub fn join(run: String, parts: &[(&RunRecord, u64)]) -> Result<Joined, String> {
    let records: Vec<&RunRecord> = parts.iter().map(|(record, _)| *record).collect();
    let mut notes = Vec::new();
    let servers = servers(&records, &mut notes)?;
    let mut scenarios: Vec<(ScenarioRecord, usize)> = Vec::new();
    let mut places: HashMap<(String, &str), usize> = HashMap::new();
    for (number, record) in records.iter().enumerate() {
        for scenario in &record.scenarios {
            let place = *places.entry((scenario.id(), &scenario.server)).or_insert(scenarios.len());
            match scenarios.get_mut(place) {
                None => scenarios.push((scenario.clone(), number)),
                Some((known, from)) => {
                    if known.text_hash != scenario.text_hash {
                        let (a, b) = (&records[*from].run, &record.run);
                        return Err(format!("{} has another text in {b} than in {a}: only runs of the same features can be joined", scenario.id()));
                    }
                    let newer = (parts[number].1, &record.run) > (parts[*from].1, &records[*from].run);
                    // A pass that needed a second attempt is no better for another that did not.
                    let counts = (badness(scenario.verdict), scenario.is_flaky(), newer) > (badness(known.verdict), known.is_flaky(), false);
                    let told = (known.verdict, *from);
                    let both = both(known, scenario);
                    let control_reason = [&known.control_reason, &scenario.control_reason].into_iter().flatten().next().cloned();
                    let unnoticed = [&known.unnoticed, &scenario.unnoticed].into_iter().find(|faults| !faults.is_empty()).cloned();
                    if counts {
                        (*known, *from) = (scenario.clone(), number);
                    }
                    let other = if counts { told } else { (scenario.verdict, number) };
                    (known.control, known.stress) = both;
                    known.control_reason = control_reason.filter(|_| known.control == Control::Unknown);
                    known.unnoticed = unnoticed.unwrap_or_default();
                    notes.push(format!(
                        "{} on {} was played by two: {} in {} counts, {} in {} does not",
                        known.id(),
                        known.server,
                        known.verdict,
                        records[*from].run,
                        other.0,
                        records[other.1].run
                    ));
                }
            }
        }
    }
    scenarios.sort_by(|(a, _), (b, _)| (&a.server, &a.feature, a.line, &a.slug).cmp(&(&b.server, &b.feature, b.line, &b.slug)));
    let (scenarios, from) = scenarios.into_iter().unzip();
    for record in &records {
        notes.extend(unfinished(record));
    }
    let same = |of: fn(&RunRecord) -> Option<u64>| of(records.first()?).filter(|first| records.iter().all(|r| of(r) == Some(*first)));
    let record = RunRecord {
        schema: SCHEMA,
        run,
        started: records.iter().map(|r| r.started.clone()).min().unwrap_or_default(),
        finished: records
            .iter()
            .map(|r| r.finished.clone().filter(|_| unfinished(r).is_none()))
            .collect::<Option<Vec<_>>>()
            .and_then(|all| all.into_iter().max()),
        rehearsal: distinct(records.iter().map(|r| r.rehearsal.as_str())),
        host: hosts(&records),
        preparation_ms: records.iter().map(|r| r.preparation_ms).sum(),
        servers,
        scenarios,
        planned: planned(&records),
        interrupted: records.iter().find_map(|r| r.interrupted.clone()),
        flaky_fails: records.iter().any(|r| r.flaky_fails),
        shuffle: same(|record| record.shuffle),
        shard: None,
        joined: records.iter().map(|r| r.run.clone()).collect(),
    };
    Ok(Joined { record, from, notes, missing: missing(&records) })
}

/// Why a part is not whole, as a sentence.
fn unfinished(record: &RunRecord) -> Option<String> {
    let left = match record.unplayed().len() {
        0 => String::new(),
        n => format!(", and {n} of the scenarios it was to play have no verdict"),
    };
    match (&record.finished, &record.interrupted) {
        (None, _) => Some(format!("{} did not come to its end: what it had not played yet is not in here{left}", record.run)),
        (Some(_), Some(why)) => Some(format!("{} was interrupted by {why}{left}", record.run)),
        (Some(_), None) if record.scenarios.is_empty() => Some(format!("{} played nothing{left}", record.run)),
        (Some(_), None) => None,
    }
}

/// What any of them was to play, by server.
fn planned(records: &[&RunRecord]) -> Vec<Planned> {
    let mut all: Vec<Planned> = Vec::new();
    for plan in records.iter().flat_map(|record| &record.planned) {
        match all.iter_mut().find(|known| known.server == plan.server) {
            None => all.push(plan.clone()),
            Some(known) => {
                let have: BTreeSet<String> = known.scenarios.iter().cloned().collect();
                known.scenarios.extend(plan.scenarios.iter().filter(|id| !have.contains(*id)).cloned());
            }
        }
    }
    all
}

/// The servers of all, each once.
fn servers(records: &[&RunRecord], notes: &mut Vec<String>) -> Result<Vec<ServerRecord>, String> {
    let mut servers: Vec<(ServerRecord, &str)> = Vec::new();
    for record in records {
        for server in &record.servers {
            match servers.iter_mut().find(|(known, _)| known.name == server.name) {
                None => servers.push((server.clone(), &record.run)),
                Some((known, run)) => {
                    let other = matches!((&known.executable, &server.executable), (Some(one), Some(other)) if one != other);
                    if known.version != server.version || known.append != server.append || other {
                        return Err(format!(
                            "{} is {} in {run} and {} in {}{}: these are two servers",
                            server.name,
                            known.version,
                            server.version,
                            record.run,
                            match (known.append == server.append, other) {
                                (false, _) => ", with other directives",
                                (true, true) => ", another executable",
                                (true, false) => "",
                            },
                        ));
                    }
                    if known.build_id != server.build_id || known.image_id != server.image_id {
                        notes.push(format!(
                            "{} {} was another build in {} than in {run}; the evidence says which",
                            server.name, known.version, record.run
                        ));
                    }
                    let more = server.capabilities.iter().filter(|c| !known.capabilities.contains(c)).cloned().collect::<Vec<_>>();
                    known.capabilities.extend(more);
                }
            }
        }
    }
    Ok(servers.into_iter().map(|(server, _)| server).collect())
}

/// What both say of its control and of its repetitions counts, whichever verdict does: a missed control stays missed, and one that could not be played in one of them unknown.
fn both(a: &ScenarioRecord, b: &ScenarioRecord) -> (Control, Option<Stress>) {
    let control = [Control::Missed, Control::Unknown, Control::Caught, Control::Mirrored].into_iter().find(|c| a.control == *c || b.control == *c);
    let stress = match (a.stress, b.stress) {
        (Some(a), Some(b)) => Some(Stress { passed: a.passed + b.passed, played: a.played + b.played }),
        (one, other) => one.or(other),
    };
    (control.unwrap_or(Control::None), stress)
}

/// Badness as within a run of several repetitions.
pub fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable => 0,
        Verdict::Passed => 1,
        Verdict::Unknown => 2,
        Verdict::Failed => 3,
    }
}

fn distinct<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    texts.for_each(|text| {
        if !seen.contains(&text) {
            seen.push(text);
        }
    });
    seen.join(" and ")
}

fn hosts(records: &[&RunRecord]) -> Host {
    Host {
        os: distinct(records.iter().map(|r| r.host.os.as_str())),
        cpus: records.iter().map(|r| r.host.cpus).sum(),
        memory_mib: records.iter().map(|r| r.host.memory_mib).sum(),
        engine: distinct(records.iter().map(|r| r.host.engine.as_str())),
    }
}

/// Shards without a record: of every division that is there in part.
fn missing(records: &[&RunRecord]) -> Vec<String> {
    let shards: BTreeSet<(usize, usize)> = records
        .iter()
        .filter_map(|r| r.shard.as_ref()?.split_once('/'))
        .filter_map(|(number, of)| Some((of.parse().ok()?, number.parse().ok()?)))
        .collect();
    let divisions: BTreeSet<usize> = shards.iter().map(|(of, _)| *of).filter(|of| *of <= 1000).collect();
    let all = divisions.into_iter().flat_map(|of| (1..=of).map(move |number| (of, number)));
    all.filter(|shard| !shards.contains(shard)).map(|(of, number)| format!("{number}/{of}")).collect()
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
