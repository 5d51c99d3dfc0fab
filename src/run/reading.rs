//! Feature files from disk: parsed, arranged, and everything in them that looks like a step but is none.
//!
//! You are in the right place for which files are features and how they are read; what is said about a file that is wrong stands in `mistakes.rs`.

mod mistakes;

use super::catalogue::Feature;
use super::outline;
use super::project::Project;
use crate::confined;
use crate::topology::built_in;
use crate::topology::located::Problem;
use cucumber::gherkin::{self, GherkinEnv};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Most lines of a feature.
const LINES: usize = 20_000;

/// All features below `features/`, in order of their paths, and what is wrong with the files.
pub fn read(project: &Project) -> (Vec<Feature>, Vec<Problem>) {
    let walk = confined::walk(&project.root, &project.features());
    let told = |(path, why): (PathBuf, String)| Problem::error(&project.relative(&path), 1, format!("cannot be read: {why}"));
    let mut problems: Vec<Problem> = walk.refused.into_iter().map(told).collect();
    // Each is part of the hash of every scenario that names it.
    let sources = RefCell::new(HashMap::new());
    let topology_source =
        |name: &str| sources.borrow_mut().entry(name.to_owned()).or_insert_with(|| built_in::source(&project.compose(), name)).clone();
    let mut features = Vec::new();
    for file in walk.files {
        let path = project.relative(&file);
        if file.extension().is_none_or(|ending| ending != "feature") {
            if mistakes::nearly_a_feature(&file) {
                problems.push(Problem::error(&path, 1, "looks like a feature but is not collected").advice("let its name end in `.feature`"));
            }
            continue;
        }
        let text = match text_of(&project.root, &path, &file) {
            Ok(text) => text,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        features.extend(feature(&path, &text, &topology_source, &mut problems));
    }
    (features, problems)
}

/// The feature of a file's text, and what is wrong with it.
pub fn feature(path: &str, text: &str, topology_source: &dyn Fn(&str) -> Option<String>, problems: &mut Vec<Problem>) -> Option<Feature> {
    if text.lines().nth(LINES).is_some() {
        let problem = Problem::error(path, LINES, format!("a feature has at most {LINES} lines"));
        problems.push(problem.advice("write several features"));
        return None;
    }
    let Ok(parsed) = gherkin::Feature::parse(text, GherkinEnv::default()) else {
        problems.push(mistakes::no_gherkin(path, text));
        return None;
    };
    if let Some(problem) = outline::too_much(path, &parsed) {
        problems.push(problem);
        return None;
    }
    mistakes::prose(path, text, &parsed, problems);
    mistakes::nothing_inside(path, &parsed, problems);
    Some(Feature::arrange(path, text, parsed, topology_source))
}

/// A feature that lies in no file, but was made as a text.
///
/// # Errors
/// It is no Gherkin.
pub fn arranged(project: &Project, path: &str, text: &str) -> Result<Feature, String> {
    let parsed = gherkin::Feature::parse(text, GherkinEnv::default()).map_err(|error| format!("{path}: {error}"))?;
    Ok(Feature::arrange(path, text, parsed, &|name| built_in::source(&project.compose(), name)))
}

/// The text of a file, without the byte order mark that some editors put first.
fn text_of(root: &Path, path: &str, file: &Path) -> Result<String, Problem> {
    let bytes = confined::read(root, file, confined::WRITTEN).map_err(|error| Problem::error(path, 1, format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = String::from_utf8_lossy(before).lines().last().filter(|_| before.last() != Some(&b'\n')).map_or(0, |l| l.chars().count()) + 1;
        Problem::error(path, line, "this byte is not UTF-8").column(column).advice("save the file as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
