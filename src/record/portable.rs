//! A run's folder as it may come from anywhere: copied from another machine, unpacked from an archive, cut short, or no run at all.
//!
//! You are in the right place when a record is refused. What stands in such a folder decides about no path outside it: names of files are made anew from what the
//! evidence says, and a name that is none is refused.

use super::store::{self, RunFolder};
use super::{Evidence, RunRecord, SCHEMA, ScenarioRecord, numbers};
use crate::confined;
use crate::printable::is_strange;
use serde::de::DeserializeOwned;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A run with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct Part {
    pub folder: PathBuf,
    pub record: RunRecord,
    pub evidence: Vec<Evidence>,
}

/// A file that is no part of a record, and why.
#[derive(Debug)]
pub struct Unreadable {
    pub file: PathBuf,
    pub reason: String,
}

/// Reads a run's folder.
///
/// # Errors
/// The index is missing, cut short, of a newer schema, or not what it says to be.
pub fn read_index(folder: &Path) -> Result<RunRecord, Unreadable> {
    let file = folder.join("record.json");
    let record: RunRecord = parse(folder, &file)?;
    if record.schema > SCHEMA {
        return Err(newer(file, record.schema));
    }
    let bad = |reason: String| Unreadable { file: file.clone(), reason };
    if !is_word(&record.run) {
        return Err(bad(format!("\"{}\" is no id of a run", record.run)));
    }
    for scenario in &record.scenarios {
        if !is_word(&scenario.slug) || !is_word(&scenario.server) || !scenario.feature.split('/').all(is_name) {
            return Err(bad(format!("\"{}\" on \"{}\" is no scenario on a server", scenario.id(), scenario.server)));
        }
        if scenario.evidence.as_ref().is_some_and(|path| !is_inside(path, "scenarios")) {
            return Err(bad(format!("the evidence of {} lies at no place below scenarios/", scenario.id())));
        }
    }
    Ok(record)
}

/// Reads a run's folder with its evidence; whatever cannot be read of that is told beside it.
///
/// # Errors
/// As [`read_index`].
pub fn read(folder: &Path) -> Result<(Part, Vec<Unreadable>), Unreadable> {
    let record = read_index(folder)?;
    let (mut evidence, mut bad) = (Vec::new(), Vec::new());
    for scenario in &record.scenarios {
        let Some(path) = &scenario.evidence else { continue };
        let file = folder.join(path);
        let found = parse::<Evidence>(folder, &file).and_then(|found| {
            let same = found.scenario.id() == scenario.id() && found.scenario.server == scenario.server;
            let logs = found.snapshots.iter().filter_map(|snapshot| snapshot.log.as_ref());
            match found.schema {
                schema if schema > SCHEMA => Err(newer(file.clone(), schema)),
                _ if same && disagreement(scenario, &found).is_some() => {
                    Err(Unreadable { file: file.clone(), reason: disagreement(scenario, &found).unwrap_or_default() })
                }
                _ if !same => Err(Unreadable { file: file.clone(), reason: format!("it is about {}, not {}", found.scenario.id(), scenario.id()) }),
                _ if !logs.into_iter().all(|log| is_inside(log, "logs")) => {
                    Err(Unreadable { file: file.clone(), reason: "a log lies at no place below logs/".to_owned() })
                }
                _ => Ok(found),
            }
        });
        match found {
            Ok(found) => evidence.push(found),
            Err(reason) => bad.push(reason),
        }
    }
    Ok((Part { folder: folder.to_owned(), record, evidence }, bad))
}

/// What a run's index and the evidence it names say differently: then neither counts.
pub fn disagreement(scenario: &ScenarioRecord, evidence: &Evidence) -> Option<String> {
    let (id, found) = (scenario.id(), &evidence.scenario);
    if found.text_hash != scenario.text_hash {
        return Some(format!("{id} has the text {} in record.json, and this evidence is of the text {}", scenario.text_hash, found.text_hash));
    }
    (found.verdict != scenario.verdict).then(|| format!("{id} {} by record.json, and {} by this evidence", scenario.verdict, found.verdict))
}

/// Writes evidence with its logs, taken from where they lie, into another run's folder.
///
/// # Errors
/// The folder cannot be written. A log that is not there any more, or that leads out of its folder, is left out.
pub fn adopt(to: &RunFolder, from: &Path, evidence: &Evidence) -> io::Result<()> {
    let mut evidence = evidence.clone();
    for snapshot in &mut evidence.snapshots {
        let Some(log) = snapshot.log.clone() else { continue };
        match confined::read(from, &from.join(&log), confined::RECORDED) {
            Ok(text) => to.write_log(&log, &String::from_utf8_lossy(&text))?,
            // Not there, or not a file of that folder.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) => snapshot.log = None,
            Err(error) => return Err(error),
        }
    }
    evidence.scenario.evidence = Some(store::evidence_path(&evidence));
    to.write_evidence(&evidence)
}

fn parse<T: DeserializeOwned>(folder: &Path, file: &Path) -> Result<T, Unreadable> {
    let bad = |reason: String| Unreadable { file: file.to_owned(), reason };
    let bytes = confined::read(folder, file, confined::RECORDED).map_err(|error| bad(error.to_string()))?;
    numbers::read(&bytes).map_err(|error| bad(error.to_string()))
}

fn newer(file: PathBuf, schema: u32) -> Unreadable {
    Unreadable { file, reason: format!("its schema {schema} is newer than {SCHEMA}, the newest this program knows") }
}

/// A single name of a file, as it may be made part of a path.
fn is_name(text: &str) -> bool {
    let mut parts = Path::new(text).components();
    matches!(parts.next(), Some(Component::Normal(_)))
        && parts.next().is_none()
        && !text.chars().any(|c| c.is_control() || is_strange(c))
        && !text.ends_with('/')
}

/// A name that reports repeat as a part of a command, for people to copy.
fn is_word(text: &str) -> bool {
    is_name(text) && text.chars().all(|c| c.is_alphanumeric() || "-._".contains(c))
}

/// A file right below a folder, named from outside it.
pub(super) fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        assert!(is_inside("scenarios/a.b@redis-7.0.json", "scenarios"));
        for bad in
            ["scenarios/../../x", "/etc/passwd", "scenarios/a/b", "scenarios/", "../scenarios/a", "scenarios", "scenarios/..", "scenarios//etc"]
        {
            assert!(!is_inside(bad, "scenarios"), "{bad}");
        }
        assert!(!is_name("a\u{1b}[2J") && !is_word("redis$(id)") && is_word("redis-7.0"));
        assert!(is_name("redis-7.0") && !is_name("..") && !is_name("a/b") && !is_name("") && !is_name("a/"));
    }
}
