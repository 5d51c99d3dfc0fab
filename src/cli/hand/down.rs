//! `rehearsal down`: writes the draft of the session, then removes the deployment and what speaks for it.

use super::{Name, draft, perform};
use crate::cli::exit;
use crate::confined;
use crate::hand::state::Folder;
use crate::hand::{Session, Trouble, up};
use crate::run::project::Project;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to end.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    name: Name,
    /// End all that are up in this project
    #[arg(long, conflicts_with_all = ["name", "draft"])]
    all: bool,
    /// Write the session as a feature to this file first; it must not be there yet
    #[arg(long, value_name = "FILE")]
    draft: Option<PathBuf>,
}

/// Ends it.
pub fn down(project: &Project, args: &Args) -> ExitCode {
    perform(async || {
        let folder = Folder::of(project);
        let names = if args.all { folder.names() } else { vec![folder.meant(args.name.get())?] };
        if names.is_empty() {
            folder.meant(None)?;
        }
        for name in names {
            end(project, &folder, &name, args.draft.as_ref()).await?;
        }
        Ok(exit::PASSED)
    })
}

async fn end(project: &Project, folder: &Folder, name: &str, wanted: Option<&PathBuf>) -> Result<(), Trouble> {
    let text = match Session::change(project, Some(name)).await {
        Ok(mut session) => draft::text(&mut session, wanted.map(|path| draft::area(project, path))).await,
        Err(trouble) => Err(trouble),
    };
    match (text, wanted) {
        (Ok(text), Some(path)) => draft::write(project, path, &text)?,
        (Ok(text), None) => {
            let path = folder.last_draft(name);
            confined::write(&project.root, &path, text.as_bytes()).map_err(|error| Trouble::File(format!("{}: {error}", path.display())))?;
            eprintln!("what was played: {}", project.relative(&path));
        }
        // Whoever wants the draft keeps what it is made of.
        (Err(trouble), Some(_)) => return Err(trouble),
        // What is broken can be removed all the same.
        (Err(trouble), None) => eprintln!("note: no draft of what was played: {trouble}"),
    }
    let removed = up::down(project, name).await?;
    eprintln!("{name}: {removed}");
    Ok(())
}
