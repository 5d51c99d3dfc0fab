//! Rules about pages that answer a reader at a glance: a row or a cell that nobody has shown must not look as if somebody had.

use super::tree::{File, Finding};

/// Body rows of Markdown tables inside blocks of the class `rh-wide`, with their line and cells.
fn rows(page: &File) -> Vec<(usize, Vec<&str>)> {
    let mut inside = false;
    let mut rows = Vec::new();
    let mut before = 0;
    for (number, line) in page.lines() {
        inside = (inside || line.contains("<div class=\"rh-wide\">")) && !line.starts_with("</div>");
        if !inside || !line.starts_with('|') {
            before = 0;
            continue;
        }
        before += 1;
        // The head, and the line below it.
        if before > 2 {
            rows.push((number, line.trim_matches('|').split(" | ").map(str::trim).collect()));
        }
    }
    rows
}

fn is_shown(text: &str) -> bool {
    text.contains("{{#see ") || text.contains("{{#saw ")
}

/// Every row of the night chart ends in a scenario.
pub fn rows_lead_to_scenarios(page: &File) -> Vec<Finding> {
    let rows = rows(page);
    let mut findings: Vec<Finding> = Vec::new();
    if rows.is_empty() {
        findings.push(Finding::new(&page.path, 1, "has no table in a block of the class rh-wide; put one there"));
    }
    let bare = rows.iter().filter(|(_, cells)| !cells.last().is_some_and(|cell| is_shown(cell)));
    findings.extend(bare.map(|(line, _)| Finding::new(&page.path, *line, "this row ends in no scenario; give it a {{#see ...}}")));
    findings
}

/// Every cell of the first comparison has a scenario, or says that nobody has shown it.
pub fn cells_are_shown(page: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let rows = rows(page);
    if rows.is_empty() {
        findings.push(Finding::new(&page.path, 1, "has no table in a block of the class rh-wide; put one there"));
    }
    // Tables are told apart by the lines between them; the first is the comparison.
    let first = rows.iter().zip(0..).take_while(|((line, _), n)| *line == rows[0].0 + n).map(|(row, _)| row);
    for (line, cells) in first {
        for cell in cells.iter().skip(1).filter(|cell| !is_shown(cell) && !cell.contains("not shown")) {
            findings.push(Finding::new(&page.path, *line, format!("`{cell}` is shown by nobody; link a scenario, or write `not shown`")));
        }
    }
    findings
}

#[test]
fn a_row_without_a_scenario_is_found() {
    let page = |row: &str| {
        File::new(
            "book/src/night.md",
            &format!("# N\n\n<div class=\"rh-wide\">\n\n| a | b |\n|---|---|\n{row}\n\n</div>\n\n| c | d |\n|---|---|\n| 1 | 2 |\n"),
        )
    };
    assert!(rows_lead_to_scenarios(&page("| x | {{#see a/b#c}} |")).is_empty());
    assert_eq!(rows_lead_to_scenarios(&page("| {{#see a/b#c}} | x |")).len(), 1);
    assert_eq!(rows_lead_to_scenarios(&File::new("book/src/night.md", "# N\n")).len(), 1, "a chart without rows is no chart");
}

#[test]
fn a_cell_without_a_scenario_is_found() {
    let page = |row: &str| {
        File::new(
            "book/src/choosing.md",
            &format!("<div class=\"rh-wide\">\n\n| a | b | c |\n|---|---|---|\n| x | {{{{#saw a/b#c d}}}} | not shown |\n{row}\n\n</div>\n"),
        )
    };
    assert!(cells_are_shown(&page("| y | {{#see a/b#c yes}} | not shown: none |")).is_empty());
    assert_eq!(cells_are_shown(&page("| y | yes | {{#see a/b#c yes}} |")).len(), 1);
}
