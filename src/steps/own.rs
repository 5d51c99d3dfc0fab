//! Step files of other crates: how a file says that it is there, so that its sentences have their doc comments wherever the program runs, and so that a kept
//! control is about their code as well.
//!
//! You are in the right place for what a crate with steps of its own has to say; what is done with it stands in `run/registry.rs`.

use super::SOURCES;

/// A step file of another crate, as [`step_file!`](crate::step_file) submits it.
#[derive(Debug)]
pub struct StepFile {
    /// The crate's name.
    pub krate: &'static str,
    /// As the compiler calls the file, which is also how its steps name their place.
    pub path: &'static str,
    pub text: &'static str,
}

inventory::collect!(StepFile);

/// Says that the file it stands in has steps: `rehearsal::step_file!("steps.rs");` in `steps.rs`, with the file's own name.
///
/// With it `rehearsal steps` and the book show the steps' doc comments wherever the program runs, `rehearsal check` counts them by crate, and a control that
/// was kept is played again when the file has changed. `check` tells of a file with steps that lacks it.
#[macro_export]
macro_rules! step_file {
    ($name:literal) => {
        $crate::inventory::submit! {
            $crate::steps::own::StepFile { krate: env!("CARGO_PKG_NAME"), path: file!(), text: include_str!($name) }
        }
    };
}

/// Step files of other crates, in the order of their paths: the order in which they are linked says nothing.
pub fn files() -> Vec<&'static StepFile> {
    let mut files: Vec<&StepFile> = inventory::iter::<StepFile>.into_iter().collect();
    files.sort_by_key(|file| (file.krate, file.path));
    files
}

/// Whose step a place is, and the text of its file; a crate's name is unknown when the file does not say that it is there.
pub fn source(path: &str) -> Option<(&'static str, &'static str)> {
    // This file's own path tells how the compiler calls ours: from the workspace's root, or in full when another crate depends on this one.
    let root = file!().trim_end_matches("src/steps/own.rs");
    let ours = path.strip_prefix(root).and_then(|name| SOURCES.iter().find(|(known, _)| *known == name));
    let ours = ours.map(|(_, text)| (env!("CARGO_PKG_NAME"), *text));
    ours.or_else(|| files().into_iter().find(|file| file.path == path).map(|file| (file.krate, file.text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_file_is_known_by_its_whole_path() {
        assert_eq!(source("src/steps/roles.rs").map(|(krate, _)| krate), Some("rehearsal"));
        // Another crate may have a file of the same name.
        assert_eq!(source("apps/other/src/steps/roles.rs"), None);
        assert_eq!(source("src/steps/nobody.rs"), None);
    }
}
