//! The criteria of a command line -> a selection, and what to say when it selects nothing.
//!
//! You are in the right place when somebody asked for something that is not there.

use super::run::Args;
use crate::confined;
use crate::record::{Control, RunRecord, Verdict};
use crate::run::catalogue::Feature;
use crate::run::project::Project;
use crate::run::selection::{Place, Selection};
use crate::run::shard::Shard;
use crate::topology::located::nearest;
use cucumber::gherkin::tagexpr::TagOperation;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// The criteria of the command line.
///
/// # Errors
/// A path that is not there, a tag expression or regular expression that does not parse.
pub fn selection(project: &Project, args: &Args) -> Result<Selection, String> {
    Ok(Selection {
        paths: args.paths.iter().map(|path| place(project, path)).collect::<Result<_, _>>()?,
        tags: args.tags.as_deref().map(tags).transpose()?,
        name: args.name.as_deref().map(regex::Regex::new).transpose().map_err(|e| format!("--name: {e}"))?,
        claims: args.claim.clone(),
        ..Selection::default()
    })
}

/// A path of the command line, seen from the project's root; it may be given from the current folder, from the root, or in full.
///
/// # Errors
/// Nothing is there, or not in the project, or the file has no such line.
pub fn place(project: &Project, text: &str) -> Result<Place, String> {
    let given = Place::parse(text);
    let here = [Path::new(&given.path).to_owned(), project.root.join(&given.path)];
    if text.is_empty() {
        return Err("an empty path names nothing\n  = help: leave it out for the whole project".to_owned());
    }
    let inside = project.root.canonicalize().unwrap_or_else(|_| project.root.clone());
    let found: Vec<PathBuf> = here.iter().filter_map(|path| path.canonicalize().ok()).collect();
    // What exists in the project is meant, whatever else has that name where one stands.
    let Some(path) = found.iter().find(|path| path.starts_with(&inside)).or(found.first()).cloned() else {
        return Err(format!("there is no {}{}", given.path, help(suggestion(project, &given.path))));
    };
    let root = project.root.canonicalize().unwrap_or_else(|_| project.root.clone());
    let Ok(inside) = path.strip_prefix(&root) else {
        return Err(format!("{} lies outside the project {}\n  = help: another project is chosen with --project DIR", given.path, root.display()));
    };
    let inside = inside.components().filter(|c| matches!(c, Component::Normal(_))).collect::<PathBuf>();
    let inside = inside.to_string_lossy().replace('\\', "/");
    if let Some(line) = given.line {
        let text = confined::read_text(&root, &path).map_err(|error| format!("{}:{line}: only a file has lines: {error}", given.path))?;
        let lines = text.lines().count();
        if line == 0 || line > lines {
            return Err(format!("{}:{line}: the file has the lines 1 to {lines}", given.path));
        }
    }
    Ok(Place { path: inside, line: given.line })
}

/// A file or folder below `features/` that was probably meant.
fn suggestion(project: &Project, wanted: &str) -> Option<String> {
    let mut known: Vec<String> = Vec::new();
    for file in confined::walk(&project.root, &project.features()).files {
        let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(project.features())).map(|folder| project.relative(folder));
        known.extend(folders.filter(|folder| !known.contains(folder)).collect::<Vec<_>>());
        known.push(project.relative(&file));
    }
    let tail = |path: &str| path.trim_start_matches("features/").trim_end_matches(".feature").to_owned();
    let meant = known.iter().find(|path| tail(path) == tail(wanted) || path.ends_with(&format!("/{wanted}.feature")));
    meant.map(String::as_str).or_else(|| nearest(wanted, known.iter().map(String::as_str))).map(str::to_owned)
}

fn help(near: Option<String>) -> String {
    near.map_or_else(|| "\n  = help: `rehearsal list` shows what there is".to_owned(), |near| format!("\n  = help: did you mean {near}?"))
}

fn tags(text: &str) -> Result<TagOperation, String> {
    text.parse().map_err(|_| {
        let bare = text.split([' ', '(', ')']).find(|word| !word.is_empty() && !word.starts_with('@') && !["and", "or", "not"].contains(word));
        let advice = match bare {
            Some("&&" | "||" | "!" | "&" | "|" | ",") => "join tags with and, or, not: \"@sentinel and not @serial\"".to_owned(),
            Some(word) if word.chars().all(|c| c.is_alphanumeric() || "-_:.".contains(c)) => format!("a tag begins with @: did you mean `@{word}`?"),
            _ => "write \"@sentinel and not @serial\"".to_owned(),
        };
        format!("--tags: \"{text}\" is no tag expression\n  = help: {advice}")
    })
}

/// Pairs of scenario and server that failed, stayed unknown, missed their control or could not play it in the newest run that played anything.
///
/// # Errors
/// Nothing was played yet, or nothing failed: the reason in words.
pub fn failed(project: &Project) -> Result<BTreeSet<(String, String)>, String> {
    let store = project.store();
    let newest = store.runs().into_iter().rev().filter_map(|run| store.record(&run).ok()).find(|record| !record.scenarios.is_empty());
    let Some(record): Option<RunRecord> = newest else {
        return Err("--failed: no run is kept yet, so nothing has failed".to_owned());
    };
    let bad = record
        .scenarios
        .iter()
        .filter(|s| matches!(s.verdict, Verdict::Failed | Verdict::Unknown) || matches!(s.control, Control::Missed | Control::Unknown));
    let mut bad: BTreeSet<(String, String)> = bad.map(|s| (s.id(), s.server.clone())).collect();
    // A pass beside evidence of a failure is none.
    bad.extend(store.disputed(&record));
    if bad.is_empty() { Err(format!("--failed: nothing failed in the last run, {}", record.run)) } else { Ok(bad) }
}

/// Says which criterion left nothing, with what was probably meant.
pub fn nothing(project: &Project, args: &Args, selection: &Selection, features: &[Feature]) -> String {
    let all: Vec<_> = features.iter().flat_map(Feature::scenarios).collect();
    let alone = |only: Selection| only.pick(features).is_empty();
    for (given, place) in args.paths.iter().zip(&selection.paths) {
        if alone(Selection { paths: vec![place.clone()], ..Selection::default() }) {
            return format!("nothing selected: there is no scenario in {given}{}", help(None));
        }
    }
    for claim in &selection.claims {
        if alone(Selection { claims: vec![claim.clone()], ..Selection::default() }) {
            let ledger = project.claims().unwrap_or_default();
            return match (ledger.get(claim), ledger.nearest(claim)) {
                (Some(_), _) => format!("nothing selected: no scenario shows the claim {claim} yet"),
                (None, Some(near)) => format!("nothing selected: no claim {claim}\n  = help: did you mean {near}?"),
                (None, None) => format!("nothing selected: no claim {claim}\n  = help: `rehearsal claims` lists them"),
            };
        }
    }
    if let Some(name) = &args.name
        && alone(Selection { name: selection.name.clone(), ..Selection::default() })
    {
        return format!("nothing selected: no scenario has a name like /{name}/{}", help(None));
    }
    if let Some(text) = &args.tags
        && alone(Selection { tags: selection.tags.clone(), ..Selection::default() })
    {
        let known: BTreeSet<&str> = all.iter().flat_map(|s| s.tags.iter().map(String::as_str)).collect();
        let words = text.split([' ', '(', ')']).filter_map(|word| word.strip_prefix('@'));
        let near = words.filter(|word| !known.contains(word)).find_map(|word| nearest(word, known.iter().copied()));
        return format!("nothing selected: no scenario has tags like {text}{}", help(near.map(|near| format!("@{near}"))));
    }
    match emptied(args, selection, features) {
        Some((before, left, criterion)) => format!(
            "nothing selected: {left} {} {}, but none is left by {criterion}\n  = help: `rehearsal list` takes the same criteria",
            if left == 1 { "scenario is" } else { "scenarios are" },
            before.join(" and "),
        ),
        None => format!("nothing selected: there are {} scenarios in {} features{}", all.len(), features.len(), help(None)),
    }
}

/// Says that there are more parts than scenarios.
pub fn empty_shard(shard: Shard, all: usize) -> String {
    let (all, meet) = (crate::report::format::count(all, "scenario"), if all == 1 { "meets" } else { "meet" });
    format!("nothing selected: {all} {meet} the other criteria, and none of them falls to shard {shard}\n  = help: make fewer parts")
}

/// Which criterion left nothing, in the order they are applied: those before it, how many they left, and itself.
fn emptied(args: &Args, selection: &Selection, features: &[Feature]) -> Option<(Vec<String>, usize, String)> {
    type Apply = fn(&mut Selection, &Selection);
    let quoted = |texts: &[String]| texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ");
    let criteria: [(bool, String, Apply); 7] = [
        (!selection.paths.is_empty(), format!("in {}", args.paths.join(" or ")), |to, from| to.paths.clone_from(&from.paths)),
        (selection.tags.is_some(), format!("--tags \"{}\"", args.tags.as_deref().unwrap_or_default()), |to, from| to.tags.clone_from(&from.tags)),
        (selection.name.is_some(), format!("--name \"{}\"", args.name.as_deref().unwrap_or_default()), |to, from| to.name.clone_from(&from.name)),
        (!selection.claims.is_empty(), format!("--claim {}", selection.claims.join(", ")), |to, from| to.claims.clone_from(&from.claims)),
        (!selection.exact.is_empty(), format!("--exact {}", quoted(&selection.exact)), |to, from| to.exact.clone_from(&from.exact)),
        (!selection.containing.is_empty(), quoted(&selection.containing), |to, from| to.containing.clone_from(&from.containing)),
        (!selection.skip.is_empty(), format!("--skip {}", quoted(&selection.skip)), |to, from| to.skip.clone_from(&from.skip)),
    ];
    let (mut so_far, mut before, mut left) = (Selection::default(), Vec::new(), features.iter().flat_map(Feature::scenarios).count());
    for (_, text, apply) in criteria.into_iter().filter(|(given, ..)| *given) {
        apply(&mut so_far, selection);
        let now = so_far.pick(features).len();
        if now == 0 {
            let before = if before.is_empty() { vec!["there".to_owned()] } else { before };
            return Some((before, left, text));
        }
        before.push(text.strip_prefix("in ").map_or_else(|| format!("selected by {text}"), |place| format!("in {place}")));
        left = now;
    }
    None
}
