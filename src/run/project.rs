//! The project's folder: where features, topologies, claims and records lie.

use crate::claims::Claims;
use crate::config::Config;
use crate::record::store::Store;
use crate::topology::servers::Catalogue;
use crate::topology::variables::Variables;
use crate::topology::{Problem, Topology, compose};
use std::path::{Path, PathBuf};

/// A folder with `features/` and `compose/` in it.
#[derive(Debug, Clone)]
pub struct Project {
    pub root: PathBuf,
}

impl Project {
    /// The nearest folder at or above `from` that holds `features/` and `compose/`.
    pub fn find(from: &Path) -> Option<Project> {
        let here = from.canonicalize().ok()?;
        here.ancestors().find(|dir| dir.join("features").is_dir() && dir.join("compose").is_dir()).map(|dir| Project { root: dir.to_owned() })
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

    /// The catalogue of servers.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub fn servers(&self) -> Result<Catalogue, Vec<Problem>> {
        Catalogue::load(&self.servers_file()).map_err(|problems| self.placed(problems))
    }

    /// The ledger of claims.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub fn claims(&self) -> Result<Claims, Vec<Problem>> {
        Claims::load(&self.claims_file()).map_err(|problems| self.placed(problems))
    }

    /// Every topology of `compose/`.
    ///
    /// # Errors
    /// All that is wrong with the files.
    pub fn topologies(&self) -> Result<Vec<Topology>, Vec<Problem>> {
        compose::load_all(&self.compose(), &Variables::default()).map_err(|problems| self.placed(problems))
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
        Store::at(self.root.join("target").join("rehearsal"))
    }

    /// A path as people write it: from the root, with forward slashes.
    pub fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}
