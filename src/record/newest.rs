//! Which evidence counts: the newest of every text on every server, if it was made with the build that the catalogue means.
//!
//! You are in the right place when a page says "not run" of something that was played, or shows what was played on another server of that name. Evidence belongs to an image, what was
//! appended to its configuration, and an executable; a name alone is not enough.

use super::server::Catalogue;
use super::store::Store;
use super::{ClientRecord, Evidence, Host, RunRecord, SCHEMA, ScenarioRecord, ServerRecord, numbers, portable};
use crate::confined;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The kind of an error that is none of reading: evidence that says something else than the index.
const DISPUTED: io::ErrorKind = io::ErrorKind::Other;

/// What all runs together have kept.
#[derive(Debug, Default)]
pub struct Kept {
    /// Evidence by text hash and server.
    pub newest: BTreeMap<(String, String), Evidence>,
    /// Files of evidence that would count but are taken as absent, each with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
    /// Servers whose newest evidence does not count, because another build is meant now, each with the reason.
    pub outdated: BTreeMap<String, String>,
    /// The machines, by run.
    pub hosts: BTreeMap<String, Host>,
    /// The place of each run in their order, the oldest first.
    pub order: BTreeMap<String, usize>,
}

/// The images that count of each server: those that the newest run of that name has identified. Several, where that run is joined of several machines'.
#[derive(Default)]
struct Images(BTreeMap<String, BTreeSet<String>>);

impl Images {
    /// Takes in a run, from the newest to the oldest; answers the servers of which it is the newest.
    fn identified(&mut self, record: &RunRecord) -> BTreeSet<String> {
        let fresh: Vec<&ServerRecord> =
            record.servers.iter().filter(|server| !server.image_id.is_empty() && !self.0.contains_key(&server.name)).collect();
        for server in &fresh {
            self.0.entry(server.name.clone()).or_default().insert(server.image_id.clone());
        }
        fresh.into_iter().map(|server| server.name.clone()).collect()
    }

    fn contradict(&self, played: &ServerRecord) -> Option<String> {
        let known = self.0.get(&played.name).filter(|known| !played.image_id.is_empty() && !known.contains(&played.image_id))?;
        let (was, now) = (&played.image_id, known.iter().next()?);
        Some(format!("its image was {was}, and the newest run of that name found {now}"))
    }
}

impl Store {
    /// The newest build of every server that a run has identified and the catalogue still means.
    pub fn builds(&self, catalogue: &Catalogue) -> BTreeMap<String, ServerRecord> {
        let mut builds = BTreeMap::new();
        for record in self.runs().iter().rev().filter_map(|run| self.record(run).ok()) {
            for server in record.servers {
                builds.entry(server.name.clone()).or_insert(server);
            }
        }
        builds.retain(|name, server| catalogue.get(name).is_none_or(|meant| meant.contradicts(server).is_none()));
        builds
    }

    /// Scenarios, each with its server, of which a run's index says something else than the evidence it names: neither counts.
    pub fn disputed(&self, record: &RunRecord) -> BTreeSet<(String, String)> {
        let folder = self.folder(&record.run);
        let is_disputed = |s: &&ScenarioRecord| matches!(read(self.bounds(), &folder, s), Some((_, Err(error))) if error.kind() == DISPUTED);
        record.scenarios.iter().filter(is_disputed).map(|s| (s.id(), s.server.clone())).collect()
    }

    /// What the clients of a scenario on a server came away with in every kept run of the same text on the same build, the newest first: for what is a chance and has a spread.
    pub fn clients(&self, of: &Evidence) -> Vec<ClientRecord> {
        let same = |s: &ScenarioRecord| s.text_hash == of.scenario.text_hash && s.server == of.scenario.server;
        let mut clients = Vec::new();
        for run in self.runs().iter().rev() {
            let Ok(record) = self.record(run) else { continue };
            let found = record.scenarios.iter().filter(|s| same(s)).filter_map(|s| read(self.bounds(), &self.folder(run), s)?.1.ok());
            clients.extend(found.filter(|found| found.server_build.is_same_build(&of.server_build)).filter_map(|found| found.client));
        }
        clients
    }

    /// From the newest run to the oldest, reading only what no newer run has: many runs are kept, and most of their evidence is old.
    ///
    /// What cannot be read (cut short by a kill, of a newer schema, or other than the index says) counts as absent; a scenario that was interrupted leaves no evidence.
    pub fn kept(&self, catalogue: &Catalogue) -> Kept {
        let mut kept = Kept::default();
        let mut images = Images::default();
        for (age, run) in self.runs().iter().enumerate().rev() {
            kept.order.insert(run.clone(), age);
            let folder = self.folder(run);
            let Ok(record) = self.record(run) else {
                let files = json_files(&folder.join("scenarios")).into_iter().map(|file| (evidence(self.bounds(), &file), file));
                files.for_each(|(found, file)| kept.take(file, found, catalogue, &images));
                continue;
            };
            let fresh = images.identified(&record);
            // What is known of the whole run need not be read off each of its files.
            let joined = !record.joined.is_empty();
            let old: BTreeSet<&String> =
                record.servers.iter().filter(|s| !joined && kept.is_outdated(s, catalogue, &images)).map(|s| &s.name).collect();
            for scenario in record.scenarios.iter().filter(|s| !old.contains(&s.server)) {
                if kept.newest.contains_key(&(scenario.text_hash.clone(), scenario.server.clone())) {
                    continue;
                }
                let Some((file, found)) = read(self.bounds(), &folder, scenario) else { continue };
                if let (true, Ok(found)) = (joined && fresh.contains(&scenario.server), &found) {
                    images.0.entry(scenario.server.clone()).or_default().insert(found.server_build.image_id.clone());
                }
                kept.take(file, found, catalogue, &images);
            }
            kept.hosts.insert(run.clone(), record.host);
        }
        kept
    }
}

impl Kept {
    fn take(&mut self, file: PathBuf, found: io::Result<Evidence>, catalogue: &Catalogue, images: &Images) {
        match found {
            Ok(found) if self.is_outdated(&found.server_build, catalogue, images) => {}
            Ok(found) => {
                self.newest.entry((found.scenario.text_hash.clone(), found.scenario.server.clone())).or_insert(found);
            }
            Err(error) => self.unreadable.push((file, error.to_string())),
        }
    }

    /// Whether another build is meant by the name of what was played. It is told where nothing newer of that name counts.
    fn is_outdated(&mut self, played: &ServerRecord, catalogue: &Catalogue, images: &Images) -> bool {
        let meant = catalogue.get(&played.name).and_then(|meant| meant.contradicts(played));
        let Some(reason) = meant.or_else(|| images.contradict(played)) else { return false };
        if !self.newest.keys().any(|(_, server)| *server == played.name) {
            self.outdated.entry(played.name.clone()).or_insert(reason);
        }
        true
    }
}

/// The evidence that a run's index names, if it names one; the folder may come from anywhere, and decides about no path outside it.
fn read(within: &Path, folder: &Path, scenario: &ScenarioRecord) -> Option<(PathBuf, io::Result<Evidence>)> {
    let path = scenario.evidence.as_deref().filter(|path| portable::is_inside(path, "scenarios"))?;
    let file = folder.join(path);
    let found = evidence(within, &file).and_then(|found| match portable::disagreement(scenario, &found) {
        None => Ok(found),
        Some(reason) => Err(io::Error::new(DISPUTED, reason)),
    });
    Some((file, found))
}

/// For a run whose index cannot be read.
fn json_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(dir) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = dir.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|x| x == "json")).collect();
    files.sort();
    files
}

/// One file of evidence.
fn evidence(within: &Path, file: &Path) -> io::Result<Evidence> {
    let bytes = confined::read(within, file, confined::RECORDED)?;
    let evidence: Evidence = numbers::read(&bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
    if evidence.schema > SCHEMA {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("schema {} is newer than {SCHEMA}", evidence.schema)));
    }
    Ok(evidence)
}

#[cfg(test)]
#[path = "newest_tests.rs"]
mod tests;
