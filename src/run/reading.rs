//! Feature files from disk: parsed, arranged, and everything in them that looks like a step but is none.

use super::catalogue::Feature;
use super::project::Project;
use crate::topology::located::{Problem, nearest};
use cucumber::gherkin::{self, GherkinEnv};
use std::fs;
use std::path::{Path, PathBuf};

/// Words that begin a step.
const KEYWORDS: &[&str] = &["Given", "When", "Then", "And", "But"];

/// English words a letter away from a keyword, with which prose may well begin.
const WORDS: &[&str] = &["the", "them", "they", "any", "an", "hen", "wheel", "buy", "bus", "bit", "giver"];

/// All features below `features/`, in order of their paths, and what is wrong with the files.
pub fn read(project: &Project) -> (Vec<Feature>, Vec<Problem>) {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    collect(&project.features(), &mut files);
    files.sort();
    let topology_source = |name: &str| fs::read_to_string(project.compose().join(format!("{name}.yml"))).ok();
    let mut features = Vec::new();
    for file in files {
        let path = project.relative(&file);
        if file.extension().is_none_or(|ending| ending != "feature") {
            if path.to_lowercase().contains(".feature") {
                problems.push(Problem::error(&path, 1, "looks like a feature but is not collected").advice("let its name end in `.feature`"));
            }
            continue;
        }
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => {
                problems.push(Problem::error(&path, 1, format!("cannot be read: {error}")));
                continue;
            }
        };
        match gherkin::Feature::parse(&text, GherkinEnv::default()) {
            Ok(parsed) => {
                near_keywords(&path, &text, &parsed, &mut problems);
                features.push(Feature::arrange(&path, &text, parsed, &topology_source));
            }
            Err(_) => problems.push(parse_problem(&path, &text)),
        }
    }
    (features, problems)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The parser tells only that a file is not Gherkin, so the place is searched for: the line after the longest beginning that is.
fn parse_problem(path: &str, text: &str) -> Problem {
    let lines: Vec<&str> = text.lines().collect();
    let parses = |n: &usize| gherkin::Feature::parse(lines[..*n].join("\n") + "\n", GherkinEnv::default()).is_ok();
    let at = (0..lines.len()).rev().find(parses).unwrap_or(0);
    let line = (at..lines.len()).find(|n| !lines[*n].trim().is_empty()).unwrap_or(at) + 1;
    let shown = lines.get(line - 1).map_or("", |l| l.trim());
    let problem = Problem::error(path, line, format!("no Gherkin: \"{shown}\" is not understood here"));
    if shown.starts_with('|') && shown.contains('\\') {
        return problem.advice("in a table a backslash is written \\\\, a bar \\| and a new line \\n");
    }
    let first = shown.split_whitespace().next().unwrap_or_default().trim_end_matches(':');
    let known = ["Feature", "Rule", "Background", "Scenario", "Examples"].into_iter().chain(KEYWORDS.iter().copied());
    match nearest(first, known) {
        Some(near) if near != first => problem.advice(format!("did you mean `{near}`?")),
        _ => problem.advice("a file is one Feature with Rules, Backgrounds and Scenarios; steps begin with Given, When, Then, And, But"),
    }
}

/// Gherkin takes any line below a heading for prose, so a misspelt `Givenn` would vanish without a word.
fn near_keywords(path: &str, text: &str, parsed: &gherkin::Feature, problems: &mut Vec<Problem>) {
    let backgrounds = parsed.background.iter().chain(parsed.rules.iter().filter_map(|r| r.background.as_ref()));
    let scenarios = parsed.scenarios.iter().chain(parsed.rules.iter().flat_map(|r| &r.scenarios));
    let described = backgrounds.map(|b| (b.position.line, &b.description)).chain(scenarios.map(|s| (s.position.line, &s.description)));
    for (head, description) in described {
        let Some(description) = description else { continue };
        for wanted in description.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let first = wanted.split_whitespace().next().unwrap_or_default();
            if WORDS.contains(&first.to_lowercase().as_str()) {
                continue;
            }
            let near = KEYWORDS.iter().find(|k| strsim::damerau_levenshtein(&first.to_lowercase(), &k.to_lowercase()) <= 1);
            let Some(near) = near else { continue };
            let line = text.lines().enumerate().skip(head).find(|(_, l)| l.trim() == wanted).map_or(head, |(n, _)| n + 1);
            let message = format!("\"{wanted}\" is prose, not a step: `{first}` is no keyword");
            problems.push(Problem::error(path, line, message).advice(format!("did you mean `{near}`?")));
        }
    }
}
