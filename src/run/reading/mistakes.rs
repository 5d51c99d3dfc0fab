//! What is said about a feature file that is no Gherkin, or is, but not what its author meant: the parser takes a misspelt step for prose.

use crate::topology::located::{MOST, Problem, nearest};
use cucumber::gherkin::{self, GherkinEnv};
use std::path::Path;

/// Words that begin a step.
const KEYWORDS: &[&str] = &["Given", "When", "Then", "And", "But"];

/// Words that begin a part of a file, with a colon behind them.
const HEADINGS: &[&str] = &["Feature", "Rule", "Background", "Scenario", "Scenario Outline", "Examples"];

/// English words a letter away from a keyword, with which prose may well begin.
const WORDS: &[&str] = &["the", "them", "they", "any", "an", "hen", "wheel", "buy", "bus", "bit", "giver"];

/// What a file that does not parse is told when nothing better is known.
const SHAPE: &str = "a file is one Feature with Rules, Backgrounds and Scenarios; steps begin with Given, When, Then, And, But";

/// Lines that are read in search of the place of a mistake.
const LOOKED_AT: usize = 100_000;

/// A long beginning that parses: by halves, as if every shorter one did too.
fn longest(lines: usize, parses: &impl Fn(&usize) -> bool) -> Option<usize> {
    let (mut good, mut bad) = (0, lines);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if (middle..bad.min(middle + 4)).any(|n| parses(&n)) { good = middle } else { bad = middle }
    }
    (good > 0).then_some(good)
}

/// Whether a file that is not collected was probably meant to be: `x.feature.txt`, `X.Feature`, `x.featrue`.
pub(super) fn nearly_a_feature(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let ending = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    name.contains(".feature") || nearest(&ending, ["feature"]).is_some()
}

/// The parser tells only that a file is not Gherkin, so the place is searched for: the line after the longest beginning that is.
pub(super) fn no_gherkin(path: &str, text: &str) -> Problem {
    let lines: Vec<&str> = text.lines().collect();
    let says_something = |line: &str| !line.is_empty() && !line.starts_with('#');
    if !lines.iter().any(|line| says_something(line.trim())) {
        return Problem::error(path, 1, "nothing is in this file").advice("begin with `Feature:` and a name, or remove it");
    }
    let parses = |n: &usize| gherkin::Feature::parse(lines[..*n].join("\n") + "\n", GherkinEnv::default()).is_ok();
    // Each look reads the file up to there, so a long file gets fewer of them.
    let looks = (LOOKED_AT / lines.len()).max(20);
    let at = (0..lines.len()).rev().take(looks).find(parses).or_else(|| longest(lines.len(), &parses)).unwrap_or(0);
    // Tags and comments wait for what they belong to: not they are wrong, but what comes after them.
    let behind = (at..lines.len()).find(|n| says_something(lines[*n].trim()) && !lines[*n].trim().starts_with('@'));
    let line = behind.unwrap_or(at) + 1;
    let shown = lines.get(line - 1).map_or("", |l| l.trim());
    let column = lines.get(line - 1).map_or(1, |l| l.chars().take_while(|c| c.is_whitespace()).count() + 1);
    let problem = Problem::error(path, line, format!("no Gherkin: \"{shown}\" is not understood here")).column(column);
    if shown.starts_with('|') {
        return problem.advice(row_advice(shown, lines[..line - 1].last().map_or("", |l| l.trim())));
    }
    if shown.starts_with("\"\"\"") || shown.starts_with("```") {
        return problem.advice("a text in \"\"\" ends with \"\"\" on a line of its own");
    }
    if shown.starts_with("Feature:") {
        return problem.advice("a file has one Feature: put this one into a file of its own");
    }
    let first = shown.split_whitespace().next().unwrap_or_default().trim_end_matches(':');
    match nearest(first, HEADINGS.iter().chain(KEYWORDS).copied()) {
        Some(near) if near == first => problem.advice(format!("`{near}` cannot stand here; {SHAPE}")),
        Some(near) => problem.advice(format!("did you mean `{near}`?")),
        None => problem.advice(SHAPE),
    }
}

/// Why a row of a table is refused.
fn row_advice(row: &str, above: &str) -> String {
    let cells = |row: &str| row.replace("\\|", "").matches('|').count().saturating_sub(1);
    if !row.ends_with('|') {
        return "a row ends with a bar: | name | value |".to_owned();
    }
    if row.contains('\\') {
        return "in a table a backslash is written \\\\, a bar \\| and a new line \\n".to_owned();
    }
    if above.starts_with('|') && cells(row) != cells(above) {
        return format!("this row has another number of cells than the one above: {}, not {}", cells(row), cells(above));
    }
    "a table stands below a step or below `Examples:`".to_owned()
}

/// Gherkin takes any line below a heading for prose, so a misspelt `Givenn` or `Scenaro:` would vanish without a word.
pub(super) fn prose(path: &str, text: &str, parsed: &gherkin::Feature, problems: &mut Vec<Problem>) {
    let backgrounds = parsed.background.iter().chain(parsed.rules.iter().filter_map(|r| r.background.as_ref()));
    let scenarios = parsed.scenarios.iter().chain(parsed.rules.iter().flat_map(|r| &r.scenarios));
    let of_steps = backgrounds.map(|b| (b.position.line, &b.description)).chain(scenarios.map(|s| (s.position.line, &s.description)));
    let above_steps =
        std::iter::once((parsed.position.line, &parsed.description)).chain(parsed.rules.iter().map(|r| (r.position.line, &r.description)));
    let described = of_steps.map(|d| (d, true)).chain(above_steps.map(|d| (d, false)));
    let most = problems.len() + MOST;
    for ((head, description), steps) in described {
        let Some(description) = description else { continue };
        for wanted in description.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if problems.len() >= most {
                return;
            }
            let keyword = if steps { near_keyword(wanted) } else { None };
            let Some((first, near)) = keyword.or_else(|| near_heading(wanted)) else { continue };
            let place = text.lines().enumerate().skip(head).find(|(_, l)| l.trim() == wanted);
            let (line, column) = place.map_or((head, 1), |(n, l)| (n + 1, l.chars().take_while(|c| c.is_whitespace()).count() + 1));
            if format!("{first}:") == near {
                let message = format!("\"{wanted}\" is taken for prose: what stands above it has no scenario yet");
                problems.push(
                    Problem::error(path, line, message).column(column).advice("write a scenario above it, or remove the heading that has none"),
                );
                continue;
            }
            let meant = if near.ends_with(':') { "heading" } else { "step" };
            let message = format!("\"{wanted}\" is prose, not a {meant}: `{first}` is no keyword");
            problems.push(Problem::error(path, line, message).column(column).advice(format!("did you mean `{near}`?")));
        }
    }
}

/// The first word of a line and the keyword it nearly is.
fn near_keyword(line: &str) -> Option<(&str, String)> {
    let first = line.split_whitespace().next()?;
    if WORDS.contains(&first.to_lowercase().as_str()) {
        return None;
    }
    let near = KEYWORDS.iter().find(|k| strsim::damerau_levenshtein(&first.to_lowercase(), &k.to_lowercase()) <= 1)?;
    Some((first, (*near).to_owned()))
}

/// What stands before the colon of a line and the heading it nearly is.
fn near_heading(line: &str) -> Option<(&str, String)> {
    let (first, _) = line.split_once(':')?;
    let near = nearest(first, HEADINGS.iter().copied())?;
    Some((first, format!("{near}:")))
}

/// A feature, a rule or an outline in which nothing is played would pass silently.
pub(super) fn nothing_inside(path: &str, parsed: &gherkin::Feature, problems: &mut Vec<Problem>) {
    if parsed.name.trim().is_empty() {
        problems.push(
            Problem::error(path, parsed.position.line, "the feature has no name").advice("it is the title of a page: `Feature: Quorum and majority`"),
        );
    }
    if parsed.scenarios.is_empty() && parsed.rules.is_empty() {
        problems.push(Problem::error(path, parsed.position.line, "the feature has no scenario").advice("write one, or remove the file"));
    }
    for rule in parsed.rules.iter().filter(|rule| rule.scenarios.is_empty()) {
        let message = format!("the rule \"{}\" has no scenario", rule.name);
        problems.push(
            Problem::error(path, rule.position.line, message).advice("a promise without evidence is prose: write a scenario, or remove the rule"),
        );
    }
    for scenario in parsed.scenarios.iter().chain(parsed.rules.iter().flat_map(|rule| &rule.scenarios)) {
        if scenario.name.trim().is_empty() {
            let problem = Problem::error(path, scenario.position.line, "the scenario has no name");
            problems.push(problem.advice("its name is a sentence that is true: `Scenario: A minority of the Sentinels elects nobody`"));
        }
        let outline = scenario.keyword.trim_end_matches(':').contains("Outline");
        if outline && scenario.examples.is_empty() {
            let problem = Problem::error(path, scenario.position.line, "the outline has no `Examples:`");
            problems.push(problem.advice("a table below `Examples:` has a row for each scenario; without one, write `Scenario:`"));
        }
        for examples in &scenario.examples {
            if examples.table.as_ref().is_none_or(|table| table.rows.len() < 2) {
                let problem = Problem::error(path, examples.position.line, "the examples have no row: nothing would be played");
                problems.push(problem.advice("the first row names the columns, each row below it is a scenario"));
            }
        }
    }
}
