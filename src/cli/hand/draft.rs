//! `rehearsal draft [FILE]`: the session so far as a feature, for stdout or for a file.

use super::{Name, out, perform};
use crate::cli::exit;
use crate::confined;
use crate::hand::state::Folder;
use crate::hand::{Session, Trouble, draft, journal, seen};
use crate::run::project::Project;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where to.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write to this file, as in features/hand/failover.feature; it must not be there yet [default: stdout]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    name: Name,
}

/// Writes it.
pub fn draft(project: &Project, args: &Args) -> ExitCode {
    perform(async || {
        let folder = Folder::of(project);
        let text = match folder.meant(args.name.get()) {
            Ok(name) => {
                let mut session = Session::look(project, Some(&name)).await?;
                text(&mut session, args.file.as_ref().map(|path| area(project, path))).await?
            }
            Err(nothing) => kept(&folder, args.name.get()).ok_or(nothing)?,
        };
        match &args.file {
            Some(path) => write(project, path, &text)?,
            None => out(&text),
        }
        Ok(exit::PASSED)
    })
}

/// What `down` has left of a session that has ended.
fn kept(folder: &Folder, name: Option<&str>) -> Option<String> {
    let path = folder.last_draft(name.unwrap_or(crate::hand::state::DEFAULT));
    let text = confined::read_text(confined::above(&path), &path).ok().filter(|_| folder.names().is_empty())?;
    eprintln!("note: nothing is up; this is the last session, from {}", path.display());
    Some(text)
}

/// The feature, with a last look at how everybody is.
///
/// # Errors
/// The engine does not answer.
pub(super) async fn text(session: &mut Session, area: Option<String>) -> Result<String, Trouble> {
    session.note_roles()?;
    let now = journal::now();
    let lines = journal::read(&session.folder.journal(&session.state.name));
    let mut events = Vec::new();
    for (node, system, log) in session.logs().await? {
        events.extend(seen::events(&node, system, &log, &draft::wrong_clocks(&lines, &node, now)));
    }
    events.sort_by_key(|event| event.at);
    let topology = session.world.deployment()?.topology();
    Ok(draft::feature(&lines, &events, topology, now, area.as_deref().unwrap_or("hand")))
}

/// The folder below `features/` that a file is for, which has to be its tag.
pub(super) fn area(project: &Project, path: &Path) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let below = whole.strip_prefix(project.features()).unwrap_or(Path::new(""));
    let folder = below.parent().and_then(|folder| folder.iter().next()).map(|folder| folder.to_string_lossy().into_owned());
    folder.unwrap_or_else(|| "hand".to_owned())
}

/// Writes a new file, and says what to do with it.
///
/// # Errors
/// It is there already, or cannot be written.
pub(super) fn write(project: &Project, path: &Path, text: &str) -> Result<(), Trouble> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Trouble::usage(format!("{} is there already, and is not overwritten", path.display()), "choose another name, or remove it first")
        }
        _ => Trouble::File(format!("{}: {error}", path.display())),
    };
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // Only who calls the program decides about places outside the project.
    let inside = whole.starts_with(std::path::absolute(&project.root).unwrap_or_else(|_| project.root.clone()));
    let root = if inside { project.root.as_path() } else { Path::new("/") };
    confined::write_new(root, &whole, text.as_bytes()).map_err(failed)?;
    eprintln!("written: {}", path.display());
    if whole.starts_with(project.features()) && path.extension().is_some_and(|ending| ending == "feature") {
        let shown = project.relative(&whole);
        eprintln!("  read it, and say what it shows\n  rehearsal check {shown}\n  rehearsal run {shown}");
    } else {
        eprintln!("  to play it, put it below features/ under a name that ends in .feature");
    }
    Ok(())
}
