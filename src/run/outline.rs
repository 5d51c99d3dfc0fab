//! What a row of an outline makes of a text, and how much all rows together may come to.
//!
//! You are in the right place when `<name>` was not replaced, or an outline was refused for its size.

use crate::topology::located::Problem;
use cucumber::gherkin;
use std::collections::HashMap;

/// Longest name of a column, in bytes.
const NAME: usize = 200;
/// Most bytes that the rows of one feature's outlines may come to, and what each of its scenarios has from its background and the tags above it.
pub const TEXT: usize = 16 << 20;
/// Most scenarios of a feature, rows of outlines counted.
pub const SCENARIOS: usize = 10_000;

/// The text with every `<name>` of a column replaced by its cell. What a cell says is not looked at again: it may well say `<name>` itself.
pub fn filled(text: &str, cells: &HashMap<&str, &str>) -> String {
    let mut out = String::with_capacity(text.len());
    parts(text, |part| match part {
        Part::Name(name) if cells.contains_key(name) => out.push_str(cells[name]),
        Part::Name(name) => {
            out.push('<');
            out.push_str(name);
            out.push('>');
        }
        Part::Text(text) => out.push_str(text),
    });
    out
}

enum Part<'t> {
    Text(&'t str),
    /// Between a pointed bracket and the next one that closes; it need not be a column's.
    Name(&'t str),
}

fn parts<'t>(text: &'t str, mut with: impl FnMut(Part<'t>)) {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        with(Part::Text(&rest[..at]));
        rest = &rest[at..];
        // A bracket inside begins anew: `a < <b>` has the column `b`.
        let end = rest.as_bytes()[1..].iter().take(NAME + 1).position(|byte| matches!(byte, b'<' | b'>')).map(|end| end + 1);
        match end {
            Some(end) if rest.as_bytes()[end] == b'>' => {
                with(Part::Name(&rest[1..end]));
                rest = &rest[end + 1..];
            }
            _ => {
                with(Part::Text(&rest[..1]));
                rest = &rest[1..];
            }
        }
    }
    with(Part::Text(rest));
}

/// Most steps of a scenario or a background, and most rows of the table of a step: each is held against the others.
pub const STEPS: usize = 500;

/// Most tags of a heading: each is held against the others.
const TAGS: usize = 100;

/// What a step is beside its text.
const STEP: usize = 200;

/// A heading with more tags than anybody reads.
fn too_many_tags(path: &str, parsed: &gherkin::Feature) -> Option<Problem> {
    let scenarios = parsed.scenarios.iter().chain(parsed.rules.iter().flat_map(|rule| &rule.scenarios));
    let examples = scenarios.clone().flat_map(|scenario| scenario.examples.iter().map(|examples| (examples.position.line, &examples.tags)));
    let headings = [(parsed.position.line, &parsed.tags)].into_iter().chain(parsed.rules.iter().map(|rule| (rule.position.line, &rule.tags)));
    let mut all = headings.chain(scenarios.map(|scenario| (scenario.position.line, &scenario.tags))).chain(examples);
    let (line, _) = all.find(|(_, tags)| tags.len() > TAGS)?;
    Some(Problem::error(path, line, format!("this has more than {TAGS} tags")).advice("write fewer"))
}

/// Bytes of what every scenario below a heading has from there.
fn inherited(background: Option<&gherkin::Background>, tags: &[String]) -> usize {
    let cells = |step: &gherkin::Step| step.table.iter().flat_map(|table| table.rows.iter().flatten()).map(String::len).sum::<usize>();
    let step = |step: &gherkin::Step| STEP + step.value.len() + step.docstring.as_ref().map_or(0, String::len) + cells(step);
    background.iter().flat_map(|background| &background.steps).map(step).sum::<usize>() + tags.iter().map(String::len).sum::<usize>()
}

/// Steps or rows of a table that nobody reads.
fn too_long(path: &str, parsed: &gherkin::Feature) -> Option<Problem> {
    let backgrounds = parsed.background.iter().chain(parsed.rules.iter().filter_map(|rule| rule.background.as_ref()));
    let scenarios = parsed.scenarios.iter().chain(parsed.rules.iter().flat_map(|rule| &rule.scenarios));
    let all = backgrounds.map(|one| (one.position.line, &one.steps)).chain(scenarios.map(|one| (one.position.line, &one.steps)));
    for (line, steps) in all {
        if steps.len() > STEPS {
            return Some(Problem::error(path, line, format!("this has more than {STEPS} steps")).advice("write several scenarios"));
        }
        if let Some(step) = steps.iter().find(|step| step.table.as_ref().is_some_and(|table| table.rows.len() > STEPS)) {
            return Some(
                Problem::error(path, step.position.line, format!("the table of this step has more than {STEPS} rows")).advice("write fewer"),
            );
        }
    }
    None
}

/// What a feature comes to, if that is more than anybody reads: told before any row of an outline is unfolded.
pub fn too_much(path: &str, parsed: &gherkin::Feature) -> Option<Problem> {
    if let Some(problem) = too_long(path, parsed).or_else(|| too_many_tags(path, parsed)) {
        return Some(problem);
    }
    let (mut bytes, mut scenarios) = (0_usize, 0_usize);
    let outer = inherited(parsed.background.as_ref(), &parsed.tags);
    let alone = parsed.scenarios.iter().map(|scenario| (scenario, outer));
    let ruled = parsed.rules.iter().flat_map(|rule| {
        let all = outer + inherited(rule.background.as_ref(), &rule.tags);
        rule.scenarios.iter().map(move |scenario| (scenario, all))
    });
    for (scenario, inherited) in alone.chain(ruled) {
        if scenario.examples.is_empty() {
            scenarios += 1;
            bytes = bytes.saturating_add(inherited);
            if bytes > TEXT {
                let message =
                    format!("what the scenarios have from their background and the tags above comes to more than {} MiB of text", TEXT >> 20);
                return Some(Problem::error(path, scenario.position.line, message).advice("write several features"));
            }
        }
        let texts = texts(scenario);
        let written: usize = texts.iter().map(|text| text.len()).sum::<usize>() + scenario.tags.iter().map(String::len).sum::<usize>();
        for examples in &scenario.examples {
            let Some((columns, rows)) = examples.table.as_ref().and_then(|table| table.rows.split_first()) else { continue };
            let mut uses: HashMap<&str, usize> = columns.iter().map(|name| (name.as_str(), 0)).collect();
            texts.iter().for_each(|text| {
                parts(text, |part| {
                    if let Part::Name(name) = part
                        && let Some(count) = uses.get_mut(name)
                    {
                        *count += 1;
                    }
                });
            });
            let head = inherited + written + columns.iter().map(String::len).sum::<usize>() + examples.tags.iter().map(String::len).sum::<usize>();
            scenarios += rows.len();
            for row in rows {
                let cells = columns.iter().zip(row).map(|(name, cell)| cell.len().saturating_mul(uses[name.as_str()]));
                bytes = cells.fold(bytes.saturating_add(head), usize::saturating_add);
            }
            let line = examples.position.line;
            if bytes > TEXT {
                let problem = Problem::error(path, line, format!("the rows of the outlines come to more than {} MiB of text", TEXT >> 20));
                return Some(problem.advice("write fewer rows, or shorter cells"));
            }
            if scenarios > SCENARIOS {
                let problem = Problem::error(path, line, format!("this feature has more than {SCENARIOS} scenarios, rows of outlines counted"));
                return Some(problem.advice("write fewer rows, or several features"));
            }
        }
    }
    None
}

/// Every text of an outline that is copied for a row.
fn texts(scenario: &gherkin::Scenario) -> Vec<&str> {
    let steps = scenario.steps.iter().flat_map(|step| {
        let cells = step.table.iter().flat_map(|table| table.rows.iter().flatten()).map(String::as_str);
        [Some(step.value.as_str()), step.docstring.as_deref()].into_iter().flatten().chain(cells)
    });
    [Some(scenario.name.as_str()), scenario.description.as_deref()].into_iter().flatten().chain(steps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_not_looked_at_again() {
        let cells: HashMap<&str, &str> = [("a", "<b><b>"), ("b", "<a>"), ("long name", "x")].into();
        assert_eq!(filled("<a> <b> <c> <long name> < a> a < <b> <", &cells), "<b><b> <a> <c> x < a> a < <a> <");
        assert_eq!(filled("é<a>é", &[("a", "ü")].into()), "éüé");
        assert_eq!(filled(&"<".repeat(100_000), &cells).len(), 100_000);
    }
}
