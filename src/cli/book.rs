//! `rehearsal book [build|serve]` and `rehearsal mdbook`: features and evidence -> the book's library -> pages.

use super::consent::Consent;
use super::{exit, run};
use crate::book::{self, Built, Library, Sources};
use crate::confined;
use crate::record::newest::Kept;
use crate::run::catalogue::Feature;
use crate::run::project::Project;
use crate::run::reading;
use crate::run::selection::Selection;
use crate::topology::located::Problem;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

mod keep;
pub mod library;
pub mod reference;
mod serve;
mod watch;

/// What to build and from what.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Play nothing: build from the evidence that is kept
    #[arg(long, global = true)]
    no_run: bool,
    /// Build from records made elsewhere: a copy of another project's target/rehearsal. Plays nothing
    #[arg(long, value_name = "FOLDER", global = true)]
    from: Option<PathBuf>,
    /// Server to play on; more than once for several, `all` for every one
    #[arg(long, value_name = "NAME", global = true)]
    server: Vec<String>,
    /// Play the controls as well
    #[arg(long, global = true)]
    control: bool,
    /// Do not ask before a project that was never run here takes, builds or starts something of its own
    #[arg(long, global = true)]
    yes: bool,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum What {
    /// Build the book into book/html (what happens without a subcommand)
    Build,
    /// Keep the verdicts (those of controls and broken servers too) and measurements this machine has in book/record, for books that are built elsewhere
    Keep,
    /// Build it, serve it on 127.0.0.1, and build again whatever is changed
    Serve {
        /// Port to serve on
        #[arg(long, short, default_value_t = 3000)]
        port: u16,
    },
}

/// mdBook's protocol.
#[derive(Debug, clap::Args)]
pub struct ProtocolArgs {
    #[command(subcommand)]
    what: Option<ProtocolQuestion>,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum ProtocolQuestion {
    /// Whether a renderer can be served: exit code 0 or 1
    Supports { renderer: String },
}

impl Args {
    /// What was said to the question before a run, if anything is played before the book is built.
    pub fn consent(&self) -> Option<Consent> {
        let plays = !self.no_run && self.from.is_none() && !matches!(self.what, Some(What::Keep));
        plays.then_some(Consent { yes: self.yes })
    }
}

/// Plays (unless told not to), builds, perhaps serves.
pub fn book(project: &Project, args: &Args) -> ExitCode {
    // A port in use is told before minutes are spent on playing.
    let listener = match &args.what {
        Some(What::Serve { port }) => match serve::listen(*port) {
            Ok(listener) => Some(listener),
            Err(message) => return exit::usage(&message),
        },
        _ => None,
    };
    if !project.book().join("book.toml").is_file() {
        return exit::usage("there is no book/book.toml in this project, so no book to build");
    }
    if matches!(args.what, Some(What::Keep)) {
        return keep::keep(project, &args.server);
    }
    let elsewhere = match args.from.as_deref().map(records).transpose() {
        Ok(folder) => folder.map(|folder| project.with_records(folder)),
        Err(message) => return exit::usage(&message),
    };
    let played = if args.no_run || elsewhere.is_some() { Ok(0) } else { play(project, args) };
    let project = elsewhere.as_ref().unwrap_or(project);
    let played = match played {
        // What did not pass belongs into the book.
        Ok(played @ (0 | exit::FAILED_CODE | exit::UNKNOWN_CODE)) => played,
        // A run that could not begin, or was ended, leaves the book as it was.
        Ok(code) | Err(code) => return ExitCode::from(code),
    };
    let book = match build(project) {
        Ok(book) => book,
        Err(code) => return code,
    };
    println!("{}", book.built.folder.join("index.html").display());
    if let Some(listener) = listener {
        let folder = book.built.folder.clone();
        watch::begin(project.clone(), book);
        return serve::serve(listener, &folder);
    }
    ExitCode::from(played)
}

/// Records made elsewhere, as `target/rehearsal` holds them.
fn records(folder: &Path) -> Result<PathBuf, String> {
    if folder.join("runs").is_dir() {
        return std::path::absolute(folder).map_err(|error| format!("{}: {error}", folder.display()));
    }
    let help = if folder.join("record.json").is_file() {
        "that is a single run: put it into a folder runs/, and name the folder above that"
    } else {
        "it is a copy of target/rehearsal, with runs/ in it"
    };
    Err(format!("{} holds no runs\n  = help: {help}", folder.display()))
}

fn play(project: &Project, args: &Args) -> Result<u8, u8> {
    let control = args.control.then_some(run::ControlArg::All);
    let run_args = run::Args { server: args.server.clone(), control, stress: 1, ..Default::default() };
    let done = run::play(project, &run_args, &Selection::default(), &[])?;
    Ok(exit::of(&done.record))
}

/// A book with what it was built from, so that the next build can keep what did not change.
struct Book {
    library: Arc<Library>,
    built: Built,
}

/// Reads everything anew.
fn build(project: &Project) -> Result<Book, ExitCode> {
    let began = Instant::now();
    let (features, problems) = reading::read(project);
    if !problems.is_empty() {
        return Err(exit::problems(&problems));
    }
    let kept = project.seen();
    tell_unreadable(project, &kept);
    let library = library::of(project, &features, kept).map_err(|problems| exit::problems(&problems))?;
    reference::write(project, &features)?;
    typeset(project, Arc::new(library), None, began)
}

/// Chapters and library -> pages.
fn typeset(project: &Project, library: Arc<Library>, before: Option<&Built>, began: Instant) -> Result<Book, ExitCode> {
    let sources = sources(project).map_err(|problems| exit::problems(&problems))?;
    match book::build(&sources, &project.book().join("html"), Arc::clone(&library), before) {
        Ok(built) => {
            let took = began.elapsed().as_secs_f64();
            eprintln!("book: {} chapters and {} evidence pages in {took:.1} s", built.chapters, built.evidence_pages);
            Ok(Book { library, built })
        }
        Err(error) => Err(exit::problems(&[unloadable(project, &error)])),
    }
}

/// The files of a project's book, as far as they may be read.
fn sources(project: &Project) -> Result<Sources, Vec<Problem>> {
    match confined::real(&project.root, &project.book()) {
        Ok(_) => Sources::at(&project.book(), "book"),
        Err(error) => Err(vec![Problem::error("book/book.toml", 1, format!("cannot be read: {error}"))]),
    }
}

/// Says once which files of evidence cannot be read; they count as not there.
pub fn tell_unreadable(project: &Project, kept: &Kept) {
    let bad: Vec<_> = kept.unreadable.iter().cloned().chain(project.kept().unreadable).collect();
    if let Some((file, reason)) = bad.first() {
        let more = if bad.len() > 1 { format!(" and {} more", bad.len() - 1) } else { String::new() };
        eprintln!("warning: evidence that cannot be read counts as not there: {}{more} ({reason})", project.relative(file));
        eprintln!("  = help: remove it, and play the scenario again");
    }
    for (server, reason) in &kept.outdated {
        eprintln!("warning: what was played on {server} does not count: {reason}");
        eprintln!("  = help: play it again: `rehearsal run --server {server}`");
    }
}

/// Serves mdBook's preprocessor protocol on stdin and stdout.
pub fn protocol(project: &Project, args: &ProtocolArgs) -> ExitCode {
    if let Some(ProtocolQuestion::Supports { renderer }) = &args.what {
        return if book::protocol::supports(renderer) { exit::PASSED } else { ExitCode::from(1) };
    }
    let (features, problems) = reading::read(project);
    if !problems.is_empty() {
        return exit::problems(&problems);
    }
    let library = match library::of(project, &features, project.seen()) {
        Ok(library) => library,
        Err(problems) => return exit::problems(&problems),
    };
    match book::protocol::serve(std::io::stdin(), std::io::stdout(), &library) {
        Ok(()) => exit::PASSED,
        Err(error) => exit::usage(&format!("{error:#}; mdbook calls this, people call `rehearsal book`")),
    }
}

/// What is wrong with the book: directives that resolve to nothing, features no page shows, stale reference pages.
pub fn problems(project: &Project, features: &[Feature]) -> Vec<Problem> {
    // A project need not have a book.
    if !project.book().is_dir() {
        return Vec::new();
    }
    // What cannot be read is told by the check of those files; a page cannot be compared with it.
    let (Ok(library), Ok(pages)) = (library::of(project, features, project.seen()), reference::pages(project, features)) else {
        return Vec::new();
    };
    if !project.book().join("book.toml").is_file() {
        return vec![Problem::error("book/book.toml", 1, "there is no such file: the book would lose its settings")];
    }
    let sources = match sources(project) {
        Ok(sources) => sources,
        Err(problems) => return problems,
    };
    let mut problems = match book::check(&sources, &library) {
        Ok(found) => found.into_iter().map(|unresolved| problem(&unresolved)).collect(),
        Err(error) => vec![unloadable(project, &error)],
    };
    for (path, text) in pages {
        let file = format!("book/src/reference/{path}");
        if confined::read_text(&project.root, &project.root.join(&file)).ok().as_deref() != Some(text.as_str()) {
            problems.push(Problem::warning(&file, 1, "this page is stale").advice("`rehearsal book --no-run` writes it anew"));
        }
    }
    problems
}

/// Why mdBook cannot load or build a book, placed where a person has to look.
fn unloadable(project: &Project, error: &mdbook_preprocessor::errors::Error) -> Problem {
    let text = format!("{error:#}");
    let message = format!("the book cannot be built: {}", text.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" "));
    let quoted = text.split('`').nth(1).unwrap_or_default();
    if text.contains("read chapter") {
        let summary = confined::read_text(&project.root, &project.book().join("src/SUMMARY.md")).unwrap_or_default();
        let line = summary.lines().position(|line| line.contains(quoted)).map_or(1, |n| n + 1);
        return Problem::error("book/src/SUMMARY.md", line, message).advice("write that chapter, or take it out of the summary");
    }
    if text.contains("SUMMARY.md") {
        return Problem::error("book/src/SUMMARY.md", 1, message).advice("it lists the chapters: `- [Introduction](introduction.md)`");
    }
    let number = |word: &str| text.split_once(word).and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    let problem = Problem::error("book/book.toml", number("at line ").unwrap_or(1), message);
    number(", column ").map_or(problem.clone(), |column| problem.column(column))
}

fn problem(unresolved: &book::Unresolved) -> Problem {
    let file = if unresolved.file.starts_with("features/") { unresolved.file.clone() } else { format!("book/src/{}", unresolved.file) };
    // A feature that no page shows yet can be played all the same.
    let unread = unresolved.file.starts_with("features/");
    let make = if unread { Problem::warning } else { Problem::error };
    let problem = make(&file, unresolved.line, unresolved.message.clone());
    match &unresolved.nearest {
        Some(near) => problem.advice(format!("did you mean {near}?")),
        None => problem,
    }
}

/// Whether the built book is where it should be; for tests.
pub fn is_built(project: &Project) -> bool {
    Path::new(&project.book()).join("html").join("index.html").is_file()
}
