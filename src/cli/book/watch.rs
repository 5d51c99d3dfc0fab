//! While the book is served: what is changed is built again, as little of it as will do.
//!
//! A chapter or the theme asks only for the chapters; a feature, a topology, the ledger or a new run for everything. A change that cannot be built is told, and the pages stay as they were.

use super::{Book, build, typeset};
use crate::confined;
use crate::run::project::Project;
use crate::wait;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// How often is looked.
const EVERY: Duration = Duration::from_millis(150);

/// Looks from now on until the program ends.
pub fn begin(project: Project, book: Book) {
    std::thread::spawn(move || watch(&project, book));
}

fn watch(project: &Project, mut book: Book) {
    let mut seen = Seen::of(project);
    loop {
        wait::idle(EVERY);
        let now = Seen::of(project);
        if now == seen {
            continue;
        }
        let again =
            if now.sources == seen.sources { typeset(project, Arc::clone(&book.library), Some(&book.built), Instant::now()) } else { build(project) };
        // What is wrong has been told already.
        if let Ok(again) = again {
            book = again;
        }
        // A build writes the reference pages, which are chapters.
        seen = if now.sources == seen.sources { now } else { Seen { chapters: Seen::of(project).chapters, ..now } };
    }
}

/// What a book is made of, by when it was changed last.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// Chapters and theme.
    chapters: Vec<(PathBuf, SystemTime)>,
    /// Features, topologies, claims, settings, runs.
    sources: Vec<(PathBuf, SystemTime)>,
}

impl Seen {
    fn of(project: &Project) -> Seen {
        let (mut chapters, mut sources) = (Vec::new(), Vec::new());
        let book = project.book();
        for path in [book.join("src"), book.join("theme"), book.join("book.toml")] {
            look(&path, &mut chapters);
        }
        for path in [project.features(), project.compose(), project.claims_file(), project.root.join("rehearsal.toml")] {
            look(&path, &mut sources);
        }
        // A run is one file that is written as it goes on; its thousands of others are not looked at.
        let store = project.store();
        for run in store.runs() {
            look(&store.folder(&run).join("record.json"), &mut sources);
        }
        Seen { chapters, sources }
    }
}

fn look(path: &Path, into: &mut Vec<(PathBuf, SystemTime)>) {
    let Ok(about) = fs::metadata(path) else { return };
    if !about.is_dir() {
        into.push((path.to_owned(), about.modified().unwrap_or(SystemTime::UNIX_EPOCH)));
        return;
    }
    // A link out of it is refused when the book is built; nothing there has to be looked at.
    confined::walk(path, path).files.iter().for_each(|file| look(file, into));
}
