//! Cures: the column of a chart that says what to do, and the scenarios (`@cure`) in which that was done.
//!
//! Come here when a row is refused, or when the count below a chart is not what you expect. A row is a line of a Markdown table that has the column [`COLUMN`]; its cell there
//! cites a cure, or says after [`NOT_PLAYED`] why none can be.

use super::directives::{Directive, Kind, directives};
use super::library::{FeatureText, Library, ScenarioText};
use super::render_feature::Context;
use super::resolve::Unresolved;
use crate::record::Verdict;
use std::fmt::Write;

/// The head of the column.
pub const COLUMN: &str = "do, and do not";
/// What stands before the reason, up to a line break or a directive.
pub const NOT_PLAYED: &str = "Not played:";

/// One row of a chart.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    /// Line in the chapter, from 1.
    line: usize,
    /// The first cell, in Markdown.
    name: String,
    /// Key and slug of each cure that it cites.
    cures: Vec<(String, String)>,
    /// Why it cites none.
    reason: Option<String>,
}

/// Whether a scenario plays a cure.
pub fn is_cure(scenario: &ScenarioText) -> bool {
    scenario.tags.iter().any(|tag| tag == "cure")
}

/// Every scenario that plays one.
pub fn of(library: &Library) -> impl Iterator<Item = (&FeatureText, &ScenarioText)> {
    library.scenarios().filter(|(_, scenario)| is_cure(scenario))
}

/// Rows that say what to do without a cure that was played, and without a reason.
pub fn untold(chapter: &str, file: &str) -> Vec<Unresolved> {
    let silent = |row: &Row| row.cures.is_empty() && row.reason.is_none();
    let said = |row: Row| Unresolved {
        file: file.to_owned(),
        line: row.line,
        message: format!("the row {} cites no cure; add {{{{#cure FEATURE#SLUG words}}}}, or \"{NOT_PLAYED}\" and the reason", row.name),
        nearest: None,
    };
    rows(chapter).into_iter().filter(silent).map(said).collect()
}

/// Scenarios with the tag that no chapter cites: their tag promises a row that is not there.
pub fn uncited<'a>(directives: impl IntoIterator<Item = &'a Directive>, library: &Library) -> Vec<Unresolved> {
    let cited: Vec<(&str, &str)> = directives.into_iter().filter_map(|directive| cited(&directive.kind)).collect();
    let missing = of(library).filter(|(feature, scenario)| !cited.contains(&(feature.key.as_str(), scenario.slug.as_str())));
    let said = |(feature, scenario): (&FeatureText, &ScenarioText)| Unresolved {
        file: feature.path.clone(),
        line: scenario.line,
        message: format!("it is tagged @cure, and no row cites it; add {{{{#cure {}#{} words}}}} to one", feature.key, scenario.slug),
        nearest: None,
    };
    missing.map(said).collect()
}

/// How many rows of a chapter's charts have a cure that was played, and the others by name, each with its reason. Markdown.
pub fn tally(chapter: &str, context: Context<'_>) -> String {
    let rows = rows(chapter);
    let played = rows.iter().filter(|row| !row.cures.is_empty() && row.cures.iter().all(|(key, slug)| passed(key, slug, context))).count();
    let mut out = format!("Of the {} rows above, {played} cite a cure that passed when it was last played.", rows.len());
    let waiting: Vec<&str> =
        rows.iter().filter(|row| row.cures.iter().any(|(key, slug)| !passed(key, slug, context))).map(|row| row.name.as_str()).collect();
    if !waiting.is_empty() {
        let _ = write!(out, " The cures of these have not passed on this book's server, or were not run: {}.", waiting.join("; "));
    }
    let without: Vec<&Row> = rows.iter().filter(|row| row.cures.is_empty()).collect();
    if !without.is_empty() {
        out.push_str(" These have none, for the reason that is given:\n");
        for row in without {
            let _ = write!(out, "\n- {}: {}", row.name, row.reason.as_deref().unwrap_or("no reason is given"));
        }
    }
    out
}

fn passed(key: &str, slug: &str, context: Context<'_>) -> bool {
    let library = context.library;
    library.scenario(key, slug).is_some_and(|(feature, _, scenario)| {
        let server = library.shown_on(feature, scenario, context.server);
        library.standing(feature, scenario, server).verdict() == Some(Verdict::Passed)
    })
}

fn cited(kind: &Kind) -> Option<(&str, &str)> {
    match kind {
        Kind::Cure { key, slug, .. } => Some((key, slug)),
        _ => None,
    }
}

/// The rows of all charts of a chapter.
fn rows(chapter: &str) -> Vec<Row> {
    let mut found = Vec::new();
    // The column's place in the table that the line before belongs to.
    let mut column = None;
    let mut before: Option<Vec<&str>> = None;
    for (number, line) in chapter.lines().enumerate() {
        let Some(cells) = cells(line) else {
            (column, before) = (None, None);
            continue;
        };
        let is_rule = cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| "-:".contains(c)));
        match column {
            _ if is_rule => column = before.as_ref().and_then(|head| head.iter().position(|cell| *cell == COLUMN)),
            Some(column) => found.push(row(number + 1, &cells, column)),
            None => {}
        }
        before = Some(cells);
    }
    found
}

fn row(line: usize, cells: &[&str], column: usize) -> Row {
    let text = cells.get(column).copied().unwrap_or_default();
    let cures = directives(text).iter().filter_map(|directive| cited(&directive.kind)).map(|(key, slug)| (key.to_owned(), slug.to_owned())).collect();
    let reason = text.split_once(NOT_PLAYED).map(|(_, rest)| rest.split("<br>").next().unwrap_or(rest).split("{{#").next().unwrap_or(rest).trim());
    let name = cells.first().copied().unwrap_or_default();
    // An anchor in front is for links, and is there once.
    let name = name.rsplit_once("</a>").map_or(name, |(_, name)| name);
    Row { line, name: name.to_owned(), cures, reason: reason.filter(|reason| !reason.is_empty()).map(str::to_owned) }
}

/// The cells of a line of a table; none of any other line. `\|` is a character of a cell.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let mut cells = Vec::new();
    let mut start = 0;
    for (at, _) in inner.match_indices('|').filter(|(at, _)| !inner[..*at].ends_with('\\')) {
        cells.push(inner[start..at].trim());
        start = at + 1;
    }
    cells.push(inner[start..].trim());
    Some(cells)
}

#[cfg(test)]
mod tests {
    use super::super::links::Links;
    use super::super::sample;
    use super::*;

    const CHART: &str = "| you see | do, and do not | shown |\n|---|---|---|\n\
        | <a id=\"x\"></a>`a \\| b` | start it: {{#cure sentinel/failover#the-old-master-comes-back-as-a-replica yes}} | |\n\
        | two | wait. Not played: it takes an hour<br>more | {{#cure a/b#c elsewhere}} |\n\
        | three | wait | {{#see a/b#c}} |\n\
        | four | Not played: {{#see a/b#c}} | |\n\n\
        | you see | shown |\n|---|---|\n| another table | x |\n";

    /// The sample, with this scenario as a cure.
    fn library(slug: &str) -> Library {
        let mut library = sample::library();
        let scenarios = library.features.iter_mut().flat_map(|f| &mut f.rules).flat_map(|r| &mut r.scenarios);
        scenarios.filter(|s| s.slug == slug).for_each(|s| s.tags.push("cure".into()));
        library
    }

    fn tallied(library: &Library) -> String {
        let links = Links::of(&mdbook_preprocessor::book::Book::new(), library, false);
        tally(CHART, Context { library, links: &links, page: "night.html", server: library.default_server() })
    }

    #[test]
    fn a_row_cites_a_cure_in_its_cell_or_gives_a_reason() {
        let messages: Vec<(usize, String)> = untold(CHART, "night.md").into_iter().map(|u| (u.line, u.message)).collect();
        assert_eq!(messages.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [5, 6]);
        assert!(messages[0].1.starts_with("the row three cites no cure; add {{#cure FEATURE#SLUG words}}"), "{messages:?}");
        assert_eq!(untold("| do, and do not |\n\ntext\n", "night.md"), []);
    }

    #[test]
    fn rows_with_a_cure_that_passed_are_counted_and_the_others_named() {
        let told = tallied(&library("the-old-master-comes-back-as-a-replica"));
        assert!(told.starts_with("Of the 4 rows above, 1 cite"), "{told}");
        assert!(told.contains("\n- two: it takes an hour\n- three: no reason is given\n"), "{told}");
        let mut unplayed = library("the-old-master-comes-back-as-a-replica");
        unplayed.evidence.clear();
        let told = tallied(&unplayed);
        assert!(told.starts_with("Of the 4 rows above, 0 cite") && told.contains("were not run: `a \\| b`."), "{told}");
    }

    #[test]
    fn a_cure_that_no_row_cites_is_told() {
        let cited = directives(CHART);
        assert_eq!(uncited(&cited, &library("the-old-master-comes-back-as-a-replica")), []);
        let told = uncited(&cited, &library("a-majority-elects"));
        assert!(told.len() == 1 && told[0].message.contains("{{#cure sentinel/quorum#a-majority-elects words}}"), "{told:?}");
    }
}
