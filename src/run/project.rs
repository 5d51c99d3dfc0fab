//! The project's folder: where features, topologies, claims and records lie.

use crate::claims::{self, Claims};
use crate::config::Config;
use crate::confined;
use crate::deployment::Binary;
use crate::record::kept::{self, KeptRecord};
use crate::record::newest::Kept;
use crate::record::server::{self, Meant};
use crate::record::store::Store;
use crate::topology::broken::{self, Broken};
use crate::topology::built_in::{self, Origin};
use crate::topology::servers::{Catalogue, Server};
use crate::topology::variables::Variables;
use crate::topology::{Problem, Topology};
use std::path::{Path, PathBuf};

/// What makes a folder a project, in order: either is enough.
pub const MARKS: [&str; 2] = ["rehearsal.toml", "features"];

/// A folder with `features/` in it. What else it lacks is built in: topologies, servers, claims.
#[derive(Debug, Clone)]
pub struct Project {
    pub root: PathBuf,
    /// Records of this project that are no evidence about its servers lie here, below the others: see [`Project::aside`].
    aside: Option<&'static str>,
    /// Where its records lie, if they were made elsewhere.
    records: Option<PathBuf>,
}

impl Project {
    /// The project in this folder.
    pub fn at(root: impl Into<PathBuf>) -> Project {
        Project { root: root.into(), aside: None, records: None }
    }

    /// The same project with records of its own, which nobody takes for evidence about the servers of the catalogue.
    pub fn aside(&self, name: &'static str) -> Project {
        Project { aside: Some(name), ..self.clone() }
    }

    /// The same project with records that were made elsewhere: a copy of another one's `target/rehearsal`.
    pub fn with_records(&self, folder: PathBuf) -> Project {
        Project { records: Some(folder), ..self.clone() }
    }

    /// The nearest folder at or above `from` that holds `rehearsal.toml` or `features/`.
    pub fn find(from: &Path) -> Option<Project> {
        let here = from.canonicalize().ok()?;
        let marked = |dir: &&Path| dir.join(MARKS[0]).is_file() || dir.join(MARKS[1]).is_dir();
        here.ancestors().find(marked).map(Project::at)
    }

    /// A project of which only what is built in is known, for questions that can be answered anywhere. Nothing can lie below its root, so that a folder
    /// which happens to be called `compose` is not taken for ours.
    pub fn nowhere() -> Project {
        Project::at("/dev/null")
    }

    pub fn features(&self) -> PathBuf {
        self.root.join("features")
    }

    pub fn compose(&self) -> PathBuf {
        self.root.join("compose")
    }

    pub fn servers_file(&self) -> PathBuf {
        self.compose().join("servers.toml")
    }

    pub fn claims_file(&self) -> PathBuf {
        self.root.join("claims.yaml")
    }

    /// How the project wants its runs.
    ///
    /// # Errors
    /// All that is wrong with `rehearsal.toml`; here as below, placed by its path from the root.
    pub fn config(&self) -> Result<Config, Vec<Problem>> {
        Config::load(&self.root.join("rehearsal.toml")).map_err(|problems| self.placed(problems))
    }

    /// The catalogue of servers: the project's own, else the built-in one.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub fn servers(&self) -> Result<Catalogue, Vec<Problem>> {
        built_in::servers(&self.servers_file()).map_err(|problems| self.placed(problems))
    }

    /// Whose catalogue [`Project::servers`] reads.
    pub fn servers_origin(&self) -> Origin {
        if built_in::is_there(&self.servers_file()) { Origin::Project } else { Origin::BuiltIn }
    }

    /// The servers that are broken on purpose, of `compose/broken.toml`; none without the file.
    ///
    /// # Errors
    /// All that is wrong with the file, or with the catalogue it builds on.
    pub fn broken(&self) -> Result<Vec<Broken>, Vec<Problem>> {
        let catalogue = self.servers()?;
        broken::load(&self.compose().join("broken.toml"), &catalogue).map_err(|problems| self.placed(problems))
    }

    /// The ledger of claims: the project's own, else the built-in one.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub fn claims(&self) -> Result<Claims, Vec<Problem>> {
        let file = self.claims_file();
        let claims = if built_in::is_there(&file) { Claims::load(&file) } else { Claims::parse(claims::BUILT_IN, "claims.yaml (built in)") };
        claims.map_err(|problems| self.placed(problems))
    }

    /// Every topology of `compose/`, and the built-in ones of which it has none.
    ///
    /// # Errors
    /// All that is wrong with the files.
    pub fn topologies(&self) -> Result<Vec<Topology>, Vec<Problem>> {
        built_in::topologies(&self.compose(), &Variables::default()).map_err(|problems| self.placed(problems))
    }

    /// Whose topology of that name [`Project::topologies`] reads.
    pub fn topology_origin(&self, name: &str) -> Origin {
        built_in::origin(&self.compose(), name).unwrap_or(Origin::Project)
    }

    /// A server executable of the project, named from its root, if it is there and lies inside.
    pub fn executable(&self, path: &Path) -> Option<PathBuf> {
        confined::real(&self.root, &self.root.join(path)).ok().filter(|real| real.is_file())
    }

    fn placed(&self, mut problems: Vec<Problem>) -> Vec<Problem> {
        problems.iter_mut().for_each(|problem| problem.file = self.relative(Path::new(&problem.file)));
        problems
    }

    pub fn book(&self) -> PathBuf {
        self.root.join("book")
    }

    /// Where records are kept.
    pub fn store(&self) -> Store {
        let folder = self.records.clone().unwrap_or_else(|| self.root.join("target").join("rehearsal"));
        let within = self.records.as_ref().unwrap_or(&self.root);
        Store::within(within, self.aside.map_or(folder.clone(), |name| folder.join(name)))
    }

    /// The folder of the repository for what is kept of runs; that of a project aside lies below the others, as its records do.
    pub fn kept_folder(&self) -> PathBuf {
        let folder = self.book().join(kept::FOLDER);
        self.aside.map_or(folder.clone(), |name| folder.join(name))
    }

    /// What the repository keeps of runs, as far as it is about the servers that are meant now.
    pub fn kept(&self) -> KeptRecord {
        let mut record = kept::read(&self.root, &self.kept_folder());
        let meant = self.meant();
        record.kept.retain(|_, kept| meant.get(&kept.run.server.name).is_none_or(|meant| meant.contradicts(&kept.run.server).is_none()));
        record
    }

    /// What was seen on this machine, as far as it is about the servers that are meant now.
    pub fn seen(&self) -> Kept {
        self.store().kept(&self.meant())
    }

    /// What the catalogue means by its names, and of a project aside, the servers broken on purpose by theirs. Empty where it cannot be read, which is told elsewhere.
    pub fn meant(&self) -> server::Catalogue {
        let catalogue = self.servers().map_or(Vec::new(), |catalogue| catalogue.servers().to_vec());
        let broken = if self.aside.is_some() { self.broken().unwrap_or_default() } else { Vec::new() };
        let all = catalogue.into_iter().chain(broken.into_iter().map(|broken| broken.server));
        all.map(|server| (server.name.clone(), self.means(&server))).collect()
    }

    fn means(&self, server: &Server) -> Meant {
        let sha256 = |path: &PathBuf| Binary::read(&self.root, path).ok().map(|binary| binary.sha256);
        Meant {
            asked: server.asked(),
            append: server.append.clone(),
            binary: server.binary.as_ref().map(|path| (path.display().to_string(), sha256(path))),
        }
    }

    /// A path as people write it: from the root, with forward slashes.
    pub fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}
