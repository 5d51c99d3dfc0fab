//! What a project keeps of its runs in its own repository: one file a server, one line a scenario, so that a book built elsewhere has more to say than what that machine played.
//!
//! You are in the right place for the lines of `book/record/*.ndjson`. A kept line is a verdict and where it comes from, no evidence: steps, timelines and
//! captures stay in the folder of the run. Like evidence it belongs to a text by its hash.
//!
//! ```text
//! {"run":{"run":"20260101T120000-1","started":"...","server":{...},"host":{...},"rehearsal":"0.1.0"}}
//! {"scenario":{"id":"sentinel/quorum#a-minority","hash":"0123456789abcdef","verdict":"passed","ms":2100}}
//! ```

use super::{Control, Evidence, Host, SCHEMA, ServerRecord, Verdict, numbers};
use crate::confined;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of the files, below that of the book.
pub const FOLDER: &str = "record";

/// A run that lines come from: who was played, when, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptRun {
    pub schema: u32,
    pub run: String,
    /// RFC 3339, UTC: when its first kept scenario began.
    pub started: String,
    pub server: ServerRecord,
    pub host: Host,
    /// Version of this program.
    pub rehearsal: String,
}

/// One scenario on the file's server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptScenario {
    /// `sentinel/quorum#a-minority-elects-nobody`
    pub id: String,
    /// The hash of the text that was played.
    pub hash: String,
    pub verdict: Verdict,
    /// How long it took, in milliseconds.
    pub ms: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    pub control: Control,
    /// Of a missed control, the faults whose absence nothing noticed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unnoticed: Vec<String>,
    /// Why the control is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_reason: Option<String>,
    /// When its control was played, RFC 3339, where that was in an earlier run than the line's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controlled: Option<String>,
    /// What a failure said, or why the verdict is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The run it comes from, where that is not the first of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_none(control: &Control) -> bool {
    *control == Control::None
}

/// A kept scenario with its run.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub scenario: KeptScenario,
    pub run: Arc<KeptRun>,
}

/// One line of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    /// Much larger than the other, and rare.
    Run(Box<KeptRun>),
    Scenario(KeptScenario),
}

/// Everything that is kept below a folder.
#[derive(Debug, Default)]
pub struct KeptRecord {
    /// By text hash and server.
    pub kept: BTreeMap<(String, String), Kept>,
    /// Files that cannot be read, each with the reason: what was in them counts as not kept.
    pub unreadable: Vec<(PathBuf, String)>,
}

impl Kept {
    /// What is kept of evidence; `host` is that of its run.
    pub fn of(evidence: &Evidence, host: &Host, rehearsal: &str) -> Kept {
        let scenario = &evidence.scenario;
        let failure = scenario.failure.as_ref().map(|(line, message)| format!("line {line}: {message}"));
        Kept {
            scenario: KeptScenario {
                id: scenario.id(),
                hash: scenario.text_hash.clone(),
                verdict: scenario.verdict,
                ms: scenario.duration_ms,
                control: scenario.control,
                unnoticed: scenario.unnoticed.clone(),
                control_reason: scenario.control_reason.clone(),
                controlled: None,
                said: failure.or_else(|| scenario.reason.clone()),
                run: None,
            },
            run: Arc::new(KeptRun {
                schema: SCHEMA,
                run: evidence.run.clone(),
                started: evidence.started.clone(),
                server: evidence.server_build.clone(),
                host: host.clone(),
                rehearsal: rehearsal.to_owned(),
            }),
        }
    }

    /// Takes over what an older line of the same text says of its control, if this one's run played none, or could not.
    #[must_use]
    pub fn with_control_of(mut self, older: &Kept) -> Kept {
        if !self.scenario.control.is_known() && older.scenario.control.is_known() {
            self.scenario.control = older.scenario.control;
            self.scenario.control_reason = None;
            self.scenario.unnoticed.clone_from(&older.scenario.unnoticed);
            self.scenario.controlled = Some(older.scenario.controlled.clone().unwrap_or_else(|| older.run.started.clone()));
        }
        self
    }
}

/// Reads every file of the folder, which lies in `root`; none is no error.
pub fn read(root: &Path, folder: &Path) -> KeptRecord {
    let mut record = KeptRecord::default();
    let Ok(dir) = fs::read_dir(folder) else { return record };
    let mut files: Vec<PathBuf> = dir.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|x| x == "ndjson")).collect();
    files.sort();
    for file in files {
        match text_of(root, &file).map_err(|error| error.to_string()).and_then(|text| parse(&text)) {
            Ok(lines) => record.kept.extend(lines.into_iter().map(|kept| ((kept.scenario.hash.clone(), kept.run.server.name.clone()), kept))),
            Err(reason) => record.unreadable.push((file, reason)),
        }
    }
    record
}

fn text_of(root: &Path, file: &Path) -> io::Result<String> {
    let bytes = confined::read(root, file, confined::RECORDED)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error().to_string()))
}

/// The lines of one file.
///
/// # Errors
/// The first line that is none, with its number.
pub fn parse(text: &str) -> Result<Vec<Kept>, String> {
    let mut first: Option<Arc<KeptRun>> = None;
    let mut runs: BTreeMap<String, Arc<KeptRun>> = BTreeMap::new();
    let mut kept = Vec::new();
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let at = |reason: String| format!("line {}: {reason}", n + 1);
        match numbers::read(line.as_bytes()).map_err(|error| at(error.to_string()))? {
            Line::Run(run) if run.schema > SCHEMA => return Err(at(format!("schema {} is newer than {SCHEMA}", run.schema))),
            Line::Run(run) => {
                let run: Arc<KeptRun> = Arc::from(run);
                first.get_or_insert_with(|| Arc::clone(&run));
                runs.entry(run.run.clone()).or_insert(run);
            }
            Line::Scenario(scenario) => {
                let run = match &scenario.run {
                    None => first.as_ref(),
                    Some(id) => runs.get(id),
                };
                let run = run.ok_or_else(|| at("it names a run that no line before it describes".to_owned()))?;
                kept.push(Kept { run: Arc::clone(run), scenario });
            }
        }
    }
    Ok(kept)
}

/// The text of one server's file, from lines in the order they are to stand in. The newest run is the first, so that most lines need not name theirs.
pub fn text(lines: &[Kept]) -> String {
    let mut runs: BTreeMap<&str, KeptRun> = BTreeMap::new();
    for kept in lines {
        let run = runs.entry(&kept.run.run).or_insert_with(|| (*kept.run).clone());
        if kept.run.started < run.started {
            run.started.clone_from(&kept.run.started);
        }
    }
    let newest = runs.keys().next_back().map(|run| (*run).to_owned());
    let heads = runs.values().rev().map(|run| Line::Run(Box::new(run.clone())));
    let scenarios = lines.iter().map(|kept| {
        let run = Some(&kept.run.run).filter(|run| newest.as_ref() != Some(*run)).cloned();
        Line::Scenario(KeptScenario { run, ..kept.scenario.clone() })
    });
    heads.chain(scenarios).filter_map(|line| serde_json::to_string(&line).ok()).map(|line| line + "\n").collect()
}

/// Writes one server's file as a whole; answers its path. Without a line there is no file. Nothing leads out of `root`.
pub fn write(root: &Path, folder: &Path, server: &str, lines: &[Kept]) -> io::Result<PathBuf> {
    let file = folder.join(format!("{server}.ndjson"));
    if lines.is_empty() {
        return if confined::real(root, &file).is_ok() { fs::remove_file(&file).map(|()| file) } else { Ok(file) };
    }
    confined::write(root, &file, text(lines).as_bytes())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(slug: &str, run: &str) -> Kept {
        let server = ServerRecord { name: "redis-6.0".into(), version: "6.0.16".into(), ..ServerRecord::default() };
        let run = KeptRun { schema: 1, run: run.into(), started: run.into(), server, host: Host::default(), rehearsal: "0.1.0".into() };
        let scenario = KeptScenario {
            id: format!("sentinel/quorum#{slug}"),
            hash: format!("hash-{slug}"),
            verdict: Verdict::Passed,
            ms: 1,
            control: Control::None,
            unnoticed: Vec::new(),
            control_reason: None,
            controlled: None,
            said: None,
            run: None,
        };
        Kept { scenario, run: Arc::new(run) }
    }

    #[test]
    fn what_is_written_is_read_with_the_run_of_every_line() {
        let folder = tempfile::tempdir().unwrap();
        let lines = [kept("a", "20260101"), kept("b", "20260202")];
        write(folder.path(), folder.path(), "redis-6.0", &lines).unwrap();
        let record = read(folder.path(), folder.path());
        assert!(record.unreadable.is_empty());
        let run = |slug: &str| record.kept[&(format!("hash-{slug}"), "redis-6.0".to_owned())].run.run.clone();
        assert_eq!((run("a"), run("b")), ("20260101".to_owned(), "20260202".to_owned()));
        assert_eq!(
            text(&record.kept.into_values().map(|k| Kept { scenario: KeptScenario { run: None, ..k.scenario }, ..k }).collect::<Vec<_>>()),
            text(&lines)
        );
        write(folder.path(), folder.path(), "redis-6.0", &[]).unwrap();
        assert!(read(folder.path(), folder.path()).kept.is_empty());
    }

    #[test]
    fn a_run_without_controls_does_not_take_back_what_an_earlier_one_has_shown() {
        let mut older = kept("a", "20260101");
        older.scenario.control = Control::Missed;
        older.scenario.unnoticed = vec!["the fault".into()];
        let newer = kept("a", "20260202").with_control_of(&older);
        assert_eq!((newer.scenario.control, newer.scenario.controlled.as_deref()), (Control::Missed, Some("20260101")));
        let newest = kept("a", "20260303").with_control_of(&newer);
        assert_eq!((newest.scenario.unnoticed.len(), newest.scenario.controlled.as_deref()), (1, Some("20260101")));
        let mut broken = kept("a", "20260404");
        (broken.scenario.control, broken.scenario.control_reason) = (Control::Unknown, Some("the engine is gone".into()));
        let shown = broken.clone().with_control_of(&newest).scenario;
        assert_eq!((shown.control, shown.control_reason), (Control::Missed, None), "a control that could not be played takes nothing back either");
        assert_eq!(broken.clone().with_control_of(&kept("a", "20260101")), broken);
        let mut played = kept("a", "20260404");
        played.scenario.control = Control::Caught;
        assert_eq!(played.clone().with_control_of(&newest), played);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let written = write(folder.path(), folder.path(), "redis-6.0", &[kept("a", "20260101")]).unwrap();
        let good = fs::read_to_string(&written).unwrap();
        for (bad, reason) in [
            (format!("{good}{{\"scenario\":{{\"id\":\"x\""), "line 3: "),
            (good.replace("\"schema\":1", "\"schema\":9"), "line 1: schema 9 is newer than 1"),
            (good.lines().nth(1).unwrap().to_owned(), "line 1: it names a run that no line before it describes"),
        ] {
            fs::write(&written, bad).unwrap();
            let record = read(folder.path(), folder.path());
            assert!(record.kept.is_empty());
            assert!(record.unreadable[0].1.starts_with(reason), "{}", record.unreadable[0].1);
        }
    }
}
