//! The folder of records, `target/rehearsal`: writing a run as it goes, finding it again. Which evidence counts is decided in `newest.rs`.
//!
//! ```text
//! runs/<id>/record.json  runs/<id>/order  runs/<id>/scenarios/*.json  runs/<id>/attempts/*.json  runs/<id>/journal.ndjson  runs/<id>/logs/  latest -> runs/<id>
//! ```

use super::{Evidence, RunRecord, SCHEMA, numbers, order};
use crate::confined;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Lies in the folder of a run whose deployment was kept.
const KEPT: &str = "kept";
const JOURNAL: &str = "journal.ndjson";

/// The folder that holds all kept runs.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    /// Nothing leads out of this folder.
    within: PathBuf,
}

/// A run being written.
#[derive(Debug)]
pub struct RunFolder {
    within: PathBuf,
    root: PathBuf,
    path: PathBuf,
    journal: fs::File,
}

impl Store {
    /// The store below a project's `target` folder.
    pub fn at(root: impl Into<PathBuf>) -> Store {
        let root = root.into();
        Store { within: root.clone(), root }
    }

    /// The store in a folder of a project, out of which no link leads.
    pub fn within(project: &Path, root: PathBuf) -> Store {
        Store { within: project.to_owned(), root }
    }

    /// The folder out of which nothing leads: the project's, or that of records made elsewhere.
    pub fn bounds(&self) -> &Path {
        &self.within
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Makes the folder of a new run and points `latest` at it. It is the newest, unless it is made of runs of this store: `made_of` is the highest number of those.
    pub fn begin(&self, run: &str, made_of: Option<u64>) -> io::Result<RunFolder> {
        let path = self.root.join("runs").join(run);
        for folder in ["scenarios", "logs"] {
            told(&path.join(folder), confined::folder(&self.within, &path.join(folder)))?;
        }
        told(&path, order::give(&self.root, run, made_of))?;
        let file = path.join(JOURNAL);
        let journal = told(&file, confined::append(&self.within, &file))?;
        let folder = RunFolder { within: self.within.clone(), root: self.root.clone(), path, journal };
        folder.point_latest()?;
        Ok(folder)
    }

    /// Runs that left a deployment up on purpose; asked when it is removed, and then forgotten.
    pub fn take_kept(&self) -> Vec<String> {
        let mark = |run: &str| self.root.join("runs").join(run).join(KEPT);
        let inside = |run: &String| confined::real(&self.within, &mark(run)).is_ok();
        self.runs().into_iter().filter(|run| inside(run) && fs::remove_file(mark(run)).is_ok()).collect()
    }

    /// Ids of the kept runs, oldest first: by their number, and by their id where they have none.
    pub fn runs(&self) -> Vec<String> {
        let Ok(dir) = fs::read_dir(self.root.join("runs")) else { return Vec::new() };
        let mut runs: Vec<String> = dir.flatten().filter_map(|e| e.file_name().into_string().ok()).collect();
        runs.sort_by_cached_key(|run| (order::of(&self.folder(run)), run.clone()));
        runs
    }

    /// The run that is meant: its id, a part of it that no other has, or `latest`.
    ///
    /// # Errors
    /// Every run that may be meant; none if there is no such part.
    pub fn find(&self, text: &str) -> Result<String, Vec<String>> {
        let runs = self.runs();
        if text == "latest" {
            let linked = fs::read_link(self.root.join("latest")).ok();
            let name = linked.and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
            return name.filter(|name| runs.contains(name)).ok_or_else(Vec::new);
        }
        if runs.iter().any(|run| run == text) {
            return Ok(text.to_owned());
        }
        let begins: Vec<String> = runs.iter().filter(|run| run.starts_with(text)).cloned().collect();
        let meant = if begins.is_empty() { runs.into_iter().filter(|run| run.contains(text)).collect() } else { begins };
        match <[String; 1]>::try_from(meant) {
            Ok([run]) => Ok(run),
            Err(several) => Err(several),
        }
    }

    /// Folder of a run, whether it is there or not.
    pub fn folder(&self, run: &str) -> PathBuf {
        self.root.join("runs").join(run)
    }

    /// The index of a run; `latest` is a valid id.
    pub fn record(&self, run: &str) -> io::Result<RunRecord> {
        let path = if run == "latest" { self.root.join("latest") } else { self.root.join("runs").join(run) };
        let bytes = confined::read(&self.within, &path.join("record.json"), confined::RECORDED)?;
        let record: RunRecord = numbers::read(&bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        if record.schema > SCHEMA {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("schema {} is newer than {SCHEMA}", record.schema)));
        }
        Ok(record)
    }
}

impl RunFolder {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Points `latest` at this run: when it begins, and once more when it ends, for another may have begun meanwhile.
    pub fn point_latest(&self) -> io::Result<()> {
        let run = self.path.file_name().unwrap_or_default();
        let fresh = self.root.join(format!(".latest-{}", run.to_string_lossy()));
        let _ = fs::remove_file(&fresh);
        told(&fresh, std::os::unix::fs::symlink(Path::new("runs").join(run), &fresh).and_then(|()| fs::rename(&fresh, self.root.join("latest"))))
    }

    /// Notes that a deployment of this run stays up, for a person to look at.
    pub fn mark_kept(&self) -> io::Result<()> {
        self.write_whole(KEPT, b"")
    }

    /// Appends one line to the journal.
    pub fn journal(&mut self, event: &serde_json::Value) -> io::Result<()> {
        // In one piece: of a line that does not fit any more, none shall stay half written among those of other processes.
        told(&self.path.join(JOURNAL), self.journal.write_all(format!("{event}\n").as_bytes()))
    }

    /// Writes the index, replacing the last one as a whole.
    pub fn write_record(&self, record: &RunRecord) -> io::Result<()> {
        self.write_whole("record.json", &serde_json::to_vec_pretty(record)?)
    }

    /// Writes a scenario's evidence once; returns its path relative to the run's folder.
    pub fn write_attempt(&self, evidence: &Evidence, attempt: u32) -> io::Result<String> {
        let path = attempt_path(evidence, attempt);
        self.write_whole(&path, &serde_json::to_vec_pretty(evidence)?)?;
        Ok(path)
    }

    /// Writes the log of a node; `path` is relative to the run's folder.
    pub fn write_log(&self, path: &str, log: &str) -> io::Result<()> {
        self.write_whole(path, log.as_bytes())
    }

    /// Writes the evidence of a scenario.
    pub fn write_evidence(&self, evidence: &Evidence) -> io::Result<()> {
        self.write_whole(&evidence_path(evidence), &serde_json::to_vec_pretty(evidence)?)
    }

    /// A reader sees the old file or the new one, never half of one: on a full disk the old one stays.
    fn write_whole(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path.join(path);
        told(&path, confined::write(&self.within, &path, bytes))
    }
}

/// `attempts/sentinel.quorum.a-minority-elects-nobody@redis-7.0.1.json`: beside the scenarios, where nobody takes it for the newest evidence.
pub fn attempt_path(evidence: &Evidence, attempt: u32) -> String {
    format!("attempts/{}.{attempt}.json", evidence_stem(evidence))
}

/// `scenarios/sentinel.quorum.a-minority-elects-nobody@redis-7.0.json`
pub fn evidence_path(evidence: &Evidence) -> String {
    format!("scenarios/{}.json", evidence_stem(evidence))
}

/// `sentinel.quorum.a-minority-elects-nobody@redis-7.0`
pub fn evidence_stem(evidence: &Evidence) -> String {
    let s = &evidence.scenario;
    format!("{}.{}@{}", super::hash::feature_key(&s.feature).replace('/', "."), s.slug, s.server)
}

/// An error that names the file: whoever hears that no space is left has to know where.
fn told<T>(path: &Path, done: io::Result<T>) -> io::Result<T> {
    done.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
