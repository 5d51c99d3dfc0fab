//! What one command leaves for the next: `target/rehearsal/hand/NAME.json`, and what lies beside it.
//!
//! You are in the right place when a command says that nothing is up, or too much. The state file is written as the last act of `up` and removed as the last
//! act of `down`: as long as it is there, nobody prunes the containers (see `deployment/reopen.rs`).

use super::trouble::Trouble;
use crate::confined;
use crate::deployment::Standing;
use crate::faults::{self, ClockJumped, Entry, Fault};
use crate::run::project::Project;
use crate::topology::located::nearest;
use crate::topology::settings::{self, Settings};
use crate::topology::variables::Variables;
use crate::topology::{Problem, Topology};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

/// How a deployment is called that was given no name.
pub const DEFAULT: &str = "default";
const SCHEMA: u32 = 1;

/// A deployment that is up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    schema: u32,
    pub name: String,
    /// Under this name the deployment looks for it: see `Standing`.
    pub run: String,
    /// RFC 3339.
    pub began: String,
    pub topology: String,
    /// The text of its file when it was started: what is up does not change with the file.
    source: String,
    pub rows: Vec<(String, String)>,
    pub server: String,
    append: Vec<String>,
    /// Oldest first.
    pub faults: Vec<OpenFault>,
    /// Who was seen as master last, for "the master" when nobody is.
    pub master: Option<String>,
    pub standing: Standing,
}

/// A fault that was injected and not healed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenFault {
    pub fault: String,
    pub node: String,
    /// How far a clock jumped, in milliseconds; 0 for other faults.
    pub millis: i64,
}

impl OpenFault {
    /// The fault itself.
    pub fn fault(&self) -> Option<Rc<dyn Fault>> {
        faults::find(&self.fault).or_else(|| (self.fault == CLOCK).then(|| Rc::new(ClockJumped { millis: self.millis }) as Rc<dyn Fault>))
    }
}

/// Faults that a session can inject. Those that need more said than their name, and remember what they did, are left to scenarios: another process
/// could not undo them.
pub fn by_hand() -> impl Iterator<Item = &'static Entry> {
    faults::ALL.iter().filter(|entry| !entry.own_step || entry.name == CLOCK)
}

/// The fault that is made with a distance.
pub const CLOCK: &str = "clock jumped";

impl State {
    pub fn new(name: &str, topology: &Topology, rows: &[(String, String)], server: &crate::topology::servers::Server, standing: Standing) -> State {
        State {
            schema: SCHEMA,
            name: name.to_owned(),
            run: standing.run.clone(),
            began: jiff::Timestamp::now().to_string(),
            topology: topology.name.clone(),
            source: topology.source.clone(),
            rows: rows.to_vec(),
            server: server.name.clone(),
            append: server.append.clone(),
            faults: Vec::new(),
            master: topology.primaries().first().map(|name| (*name).to_owned()),
            standing,
        }
    }

    /// The topology as it was started, with this deployment's addresses.
    pub fn topology(&self) -> Result<Topology, Trouble> {
        let variables = Variables { image: Some(self.standing.image.reference.clone()), net: Some(self.standing.prefix.clone()) };
        let first = |problems: Vec<Problem>| Trouble::File(problems.first().map_or(String::new(), ToString::to_string));
        let topology = Topology::parse(&self.source, &format!("compose/{}.yml", self.topology), &variables).map_err(first)?;
        let topology = Settings::parse(&self.rows, &topology).map_err(Trouble::Usage)?.apply(topology);
        Ok(settings::apply_append(&self.append, topology))
    }
}

/// The folder of a project in which all of this lies.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    /// Nothing leads out of it.
    root: PathBuf,
}

impl Folder {
    pub fn of(project: &Project) -> Folder {
        Folder { path: project.store().root().join("hand"), root: project.root.clone() }
    }

    pub fn state(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.json"))
    }

    pub fn journal(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.journal.ndjson"))
    }

    /// Where `down` leaves what was played.
    pub fn last_draft(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.feature"))
    }

    /// Names of all that is up, in order.
    pub fn names(&self) -> Vec<String> {
        let files = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let mut names: Vec<String> = files.filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".json")?.to_owned())).collect();
        names.sort();
        names
    }

    /// The one that is meant: by its name, or the only one.
    ///
    /// # Errors
    /// Nothing is up, nothing of that name, or several and no name.
    pub fn meant(&self, name: Option<&str>) -> Result<String, Trouble> {
        let names = self.names();
        match (name, names.as_slice()) {
            (_, []) => Err(Trouble::usage(
                "nothing is up in this project",
                "`rehearsal up sentinel` starts something; `rehearsal topologies` lists what there is",
            )),
            (Some(name), _) if names.iter().any(|known| known == name) => Ok(name.to_owned()),
            (Some(name), _) => {
                let near = nearest(name, names.iter().map(String::as_str))
                    .map_or_else(|| format!("up are: {}", names.join(", ")), |near| format!("did you mean {near}?"));
                Err(Trouble::usage(format!("nothing called \"{name}\" is up"), near))
            }
            (None, [only]) => Ok(only.clone()),
            (None, _) => {
                Err(Trouble::usage(format!("{} deployments are up", names.len()), format!("say which one: --name {}", names.join(" or --name "))))
            }
        }
    }

    /// What was written down of one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn load(&self, name: &str) -> Result<State, Trouble> {
        let path = self.state(name);
        let bytes = confined::read(&self.root, &path, confined::RECORDED).map_err(|error| Trouble::file(&path, error))?;
        let spoilt = |error: String| {
            Trouble::usage(format!("{}: {error}", path.display()), format!("`rehearsal down --name {name}` removes what it stands for"))
        };
        let state: State = serde_json::from_slice(&bytes).map_err(|error| spoilt(error.to_string()))?;
        if state.schema == SCHEMA { Ok(state) } else { Err(spoilt(format!("written by another version of this program (schema {})", state.schema))) }
    }

    /// Writes it down; a reader sees the old file or the new one, never half of one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, state: &State) -> Result<(), Trouble> {
        let path = self.state(&state.name);
        let write = || confined::write(&self.root, &path, &serde_json::to_vec_pretty(state)?);
        write().map_err(|error: io::Error| Trouble::file(&path, error))
    }

    /// Waits until no other command changes this deployment, and keeps others from it until the answer is dropped.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn lock(&self, name: &str) -> Result<File, Trouble> {
        let path = self.path.join(format!("{name}.lock"));
        let take = || -> io::Result<File> {
            let file = confined::append(&self.root, &path)?;
            file.lock()?;
            Ok(file)
        };
        take().map_err(|error| Trouble::file(&path, error))
    }

    /// Removes what speaks for the deployment.
    pub fn forget(&self, name: &str) {
        // Not the lock: somebody may be waiting for it, and would then hold one that nobody else sees.
        for path in [self.state(name), self.journal(name)] {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_is_meant_is_named_or_the_only_one() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder { path: dir.path().join("hand"), root: dir.path().to_owned() };
        let wrong = |name: Option<&str>| folder.meant(name).unwrap_err().to_string();
        assert!(wrong(None).contains("nothing is up"));
        fs::create_dir_all(&folder.path).unwrap();
        fs::write(folder.state("default"), "{}").unwrap();
        fs::write(folder.journal("default"), "").unwrap();
        assert_eq!(folder.meant(None).unwrap(), "default");
        assert!(wrong(Some("defalt")).contains("did you mean default?"));
        fs::write(folder.state("other"), "{}").unwrap();
        assert!(wrong(None).contains("--name default or --name other"));
        assert_eq!(folder.meant(Some("other")).unwrap(), "other");
        assert!(folder.load("other").unwrap_err().to_string().contains("rehearsal down --name other"));
        folder.forget("default");
        assert_eq!(folder.meant(None).unwrap(), "other");
    }

    #[test]
    fn every_fault_by_hand_can_be_taken_up_again() {
        assert!(by_hand().count() > 4);
        for entry in by_hand() {
            let open = OpenFault { fault: entry.name.to_owned(), node: "master".to_owned(), millis: 60_000 };
            assert_eq!(open.fault().unwrap().name(), entry.name);
        }
    }
}
