//! Tables for a terminal: columns as wide as what is in them, and none that is empty for everybody.

use crate::hand::overview::Row;
use crate::hand::{Session, Trouble};
use console::measure_text_width;

/// Lines of a table, the heading first.
pub(super) fn lines(heading: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let all: Vec<Vec<String>> = std::iter::once(heading.iter().map(|word| (*word).to_owned()).collect()).chain(rows.iter().cloned()).collect();
    let used: Vec<usize> = (0..heading.len()).filter(|column| *column == 0 || rows.iter().any(|row| !row[*column].is_empty())).collect();
    let width = |column: usize| all.iter().map(|row| measure_text_width(&row[column])).max().unwrap_or_default();
    let line = |row: &Vec<String>| {
        let cell = |column: &usize| format!("{}{}", row[*column], " ".repeat(width(*column) - measure_text_width(&row[*column])));
        used.iter().map(cell).collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all.iter().map(line).collect()
}

/// Where everybody is.
///
/// # Errors
/// Nothing is up.
pub(super) fn places(session: &Session) -> Result<String, Trouble> {
    let deployment = session.world.deployment()?;
    let row = |node: &crate::topology::NodeSpec| {
        let here = deployment.published(&node.name).map_or(String::new(), |port| format!("127.0.0.1:{port}"));
        let role = session.roles().remove(&node.name).unwrap_or_else(|| node.kind.to_string());
        vec![node.name.clone(), role, format!("{}:{}", node.address, node.port), here]
    };
    let rows: Vec<Vec<String>> = deployment.topology().nodes.iter().map(row).collect();
    Ok(lines(&["NODE", "ROLE", "TO ITS PEERS", "FROM HERE"], &rows).join("\n") + "\n")
}

/// How everybody is.
pub(super) fn overview(rows: &[Row]) -> Vec<String> {
    let number = |value: Option<u64>| value.map_or(String::new(), |value| value.to_string());
    let cells = |row: &Row| {
        vec![
            row.node.clone(),
            row.role.clone(),
            row.link.clone().unwrap_or_default(),
            number(row.offset),
            number(row.lag),
            number(row.keys),
            number(row.epoch),
            row.tilt.filter(|tilt| *tilt).map_or(String::new(), |_| "tilt".to_owned()),
            number(row.slots),
            row.state.clone().unwrap_or_default(),
            row.faults.join(", "),
            row.event.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    lines(&["NODE", "ROLE", "LINK", "OFFSET", "LAG", "KEYS", "EPOCH", "TILT", "SLOTS", "STATE", "FAULT", "LAST EVENT"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_columns_are_left_out_and_the_others_line_up() {
        let row = |node: &str, role: &str, lag: Option<u64>, faults: &[&str]| Row {
            node: node.to_owned(),
            role: role.to_owned(),
            lag,
            faults: faults.iter().map(|fault| (*fault).to_owned()).collect(),
            ..Row::default()
        };
        let rows = [row("master", "silent", None, &["isolated", "killed"]), row("replica-1", "replica", Some(12), &[])];
        insta::assert_snapshot!(overview(&rows).join("\n"), @r"
        NODE       ROLE     LAG  FAULT
        master     silent        isolated, killed
        replica-1  replica  12
        ");
    }
}
