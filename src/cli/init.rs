//! `rehearsal init`: a project to begin with, in a folder of somebody's own: a feature that plays and passes, a topology with a place for their service.
//!
//! You are in the right place for what is written and what is said about it; the files themselves lie in `init/`, to be read as they are.

use super::{book, exit};
use crate::confined;
use crate::run::project::{MARKS, Project};
use crate::run::reading;
use crate::topology::built_in;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where to begin, and with what.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder to begin in, made if it is not there; this one unless given
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Begin a book as well: chapters that show the scenarios with what was seen
    #[arg(long)]
    book: bool,
}

/// Path and text of a file.
type Template = (&'static str, &'static str);

/// What every project begins with.
const FILES: &[Template] = &[
    ("features/application.feature", include_str!("init/application.feature")),
    ("compose/application.yml", include_str!("init/application.yml")),
    ("compose/servers.toml", built_in::SERVERS),
];

/// What a book begins with; its reference pages are written by the program.
const BOOK: &[Template] = &[
    ("book/book.toml", include_str!("init/book.toml")),
    ("book/src/SUMMARY.md", include_str!("init/SUMMARY.md")),
    ("book/src/introduction.md", include_str!("init/introduction.md")),
    ("book/src/application.md", include_str!("init/application.md")),
    ("book/src/matrix.md", include_str!("init/matrix.md")),
    ("book/theme/head.hbs", include_str!("../../book/theme/head.hbs")),
    ("book/theme/rehearsal.css", include_str!("../../book/theme/rehearsal.css")),
    ("book/theme/reading.css", include_str!("../../book/theme/reading.css")),
    ("book/theme/sizing.js", include_str!("../../book/theme/sizing.js")),
];

/// What a repository may well have already: then it is left as it is.
const COMMON: &[Template] = &[("README.md", include_str!("init/README.md")), (".gitignore", include_str!("init/gitignore"))];

/// Writes a project; nothing that is there is touched, and nothing is written if anything is in the way.
pub fn init(project: Option<&Path>, args: &Args) -> ExitCode {
    let root = args.dir.as_deref().or(project).unwrap_or(Path::new("."));
    let files: Vec<Template> = FILES.iter().chain(if args.book { BOOK } else { &[] }).copied().collect();
    if let Some(message) = in_the_way(root, &files) {
        return exit::usage(&message);
    }
    let (common, kept): (Vec<Template>, Vec<Template>) = COMMON.iter().partition(|(path, _)| !root.join(path).exists());
    for (path, text) in files.iter().chain(&common) {
        if let Err(error) = confined::write_new(root, &root.join(path), text.as_bytes()) {
            return exit::usage(&format!("{path} could not be written: {error}"));
        }
        println!("{path}");
    }
    if args.book {
        let Some(begun) = Project::find(root) else { return exit::usage("the folder that was just written is no project") };
        match book::reference::write(&begun, &reading::read(&begun).0) {
            Ok(pages) => pages.iter().for_each(|page| println!("{page}")),
            Err(code) => return code,
        }
    }
    tell(root, args.book, &kept);
    exit::PASSED
}

/// What keeps a project from being begun here, with the way out.
fn in_the_way(root: &Path, files: &[Template]) -> Option<String> {
    let mark = MARKS.iter().find(|mark| root.join(mark).exists());
    let there: Vec<&str> = mark.copied().into_iter().chain(files.iter().map(|(path, _)| *path).filter(|path| root.join(path).exists())).collect();
    if there.is_empty() {
        return None;
    }
    let advice = "nothing was written, for nothing is ever overwritten: name an empty folder (`rehearsal init DIR`), or move that away";
    let place = if root == Path::new(".") { "here".to_owned() } else { format!("in {}", root.display()) };
    Some(format!("there is already {} {place}\n  = help: {advice}", there.join(", ")))
}

/// What to do next, for people.
fn tell(root: &Path, book: bool, kept: &[Template]) {
    for (path, _) in kept {
        let advice = if *path == ".gitignore" { ": let it have the line /target/rehearsal" } else { "" };
        eprintln!("{path} was there before and is as it was{advice}");
    }
    if root != Path::new(".") {
        eprintln!("next, in {}:", root.display());
    } else {
        eprintln!("next:");
    }
    eprintln!("  rehearsal check            what can be wrong without Docker");
    eprintln!("  rehearsal run --control    plays the scenario, and once more without its fault");
    eprintln!("  rehearsal steps            every sentence a scenario can be made of");
    eprintln!("  rehearsal topologies       where it can happen: compose/application.yml is yours, the others are built in");
    if book {
        eprintln!("  rehearsal book             plays everything and builds book/html/index.html");
    }
}
