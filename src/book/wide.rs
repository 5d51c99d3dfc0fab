//! Wide tables: on a phone each row is a card, cell below cell, and there is no head above them. So every cell says which column it is of.
//!
//! Come here when a card on a phone does not say what its lines are. How they look is in `book/theme/reading.css`.

use std::fmt::Write;

const WIDE: &str = "<div class=\"rh-wide";

/// A finished page with the names of the columns in the cells of its wide tables; nothing of one that has none.
pub fn label(page: &str) -> Option<String> {
    let mut at = page.find(WIDE)?;
    let mut out = String::with_capacity(page.len() + page.len() / 20);
    let mut rest = page;
    loop {
        out.push_str(&rest[..at]);
        let end = rest[at..].find("</table>").map_or(rest.len(), |end| at + end);
        table(&mut out, &rest[at..end]);
        rest = &rest[end..];
        let Some(next) = rest.find(WIDE) else { break };
        at = next;
    }
    out.push_str(rest);
    Some(out)
}

/// One table up to its end: the head as it is, the body with labels. The first cell of a row is its name and needs none.
fn table(out: &mut String, table: &str) {
    let Some((head, body)) = table.split_once("</thead>") else { return out.push_str(table) };
    let columns: Vec<String> = head
        .split("<th")
        .filter(|cell| cell.starts_with(['>', ' ']))
        .filter_map(|cell| Some(plain(cell.split_once('>')?.1.split("</th>").next()?)))
        .collect();
    out.push_str(head);
    out.push_str("</thead>");
    let mut column = 0;
    let mut rest = body;
    while let Some(at) = rest.find("<t") {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let mut taken = 2;
        if tag.starts_with("<tr") {
            column = 0;
        } else if tag.starts_with("<td") {
            out.push_str("<td");
            taken = 3;
            if column > 0
                && let Some(name) = columns.get(column).filter(|name| !name.is_empty())
            {
                let _ = write!(out, r#" data-label="{name}""#);
            }
            column += 1;
        }
        if taken == 2 {
            out.push_str("<t");
        }
        rest = &tag[taken..];
    }
    out.push_str(rest);
}

/// The text of a cell without its tags; what is escaped stays so.
fn plain(cell: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in cell.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            '"' => out.push_str("&quot;"),
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = "<div class=\"rh-wide rh-long\">";

    #[test]
    fn every_cell_but_the_first_knows_its_column() {
        let head = r#"<table><thead><tr><th></th><th style="x">one <em>server</em></th><th></th><th>&lt;d&gt;</th></tr></thead>"#;
        let page = format!(
            "<td>before</td>{OPEN}{head}<tbody><tr><td>a</td><td>b</td><td class=\"c\">c</td><td>d</td></tr><tr><td>e</td><td>f</td></tr></tbody></table></div><td>after</td>"
        );
        let labelled = label(&page).unwrap();
        let body = r#"<tbody><tr><td>a</td><td data-label="one server">b</td><td class="c">c</td><td data-label="&lt;d&gt;">d</td></tr><tr><td>e</td><td data-label="one server">f</td></tr></tbody></table></div><td>after</td>"#;
        assert_eq!(labelled, format!("<td>before</td>{OPEN}{head}{body}"));
    }

    #[test]
    fn a_page_without_one_is_left_alone() {
        assert_eq!(label("<table><td>a</td></table>"), None);
        assert_eq!(label(&format!("{OPEN}<p>no table")).as_deref(), Some(format!("{OPEN}<p>no table").as_str()));
    }
}
