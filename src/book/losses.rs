//! How many acknowledged writes were lost, scenario by scenario, as bars with their spread over all kept runs.
//!
//! Come here to change how the chart looks; what was lost is counted in `workload/`. A scenario that never looked for its writes has no bar.

use super::escape::html;
use super::library::{FeatureText, ScenarioText};
use super::render_feature::Context;
use crate::measure::Summary;
use crate::record::ClientRecord;
use std::fmt::Write;

/// The directive's word for this chart.
pub const NAME: &str = "lost-writes";

const WIDTH: f64 = 760.0;
const LEFT: f64 = 8.0;
const RIGHT: f64 = 660.0;
const BAR: f64 = 14.0;
const ROW: f64 = 46.0;

/// A scenario on a server, with its clients of all runs.
struct Row<'a> {
    feature: &'a FeatureText,
    scenario: &'a ScenarioText,
    server: &'a str,
    acknowledged: Summary,
    lost: Summary,
    runs: usize,
}

/// The chart and its numbers.
pub fn chart(context: Context<'_>) -> String {
    let mut rows = rows(context);
    if rows.is_empty() {
        return "<p class=\"rh-unmeasured\">Not played: <code>rehearsal run features/replication/lost-writes.feature</code>, then build the book again.</p>\n".to_owned();
    }
    // The most is what a reader looks for; names settle what is equal.
    rows.sort_by(|a, b| share(b).total_cmp(&share(a)).then_with(|| a.scenario.name.cmp(&b.scenario.name)));
    let mut out =
        String::from("<figure class=\"rh-chart\"><div class=\"rh-figure\" tabindex=\"0\" role=\"region\" aria-label=\"chart of lost writes\">");
    out.push_str(&svg(&rows));
    out.push_str("</div>\n");
    table(&mut out, &rows, context);
    out.push_str("</figure>\n");
    out
}

fn rows<'a>(context: Context<'a>) -> Vec<Row<'a>> {
    let library = context.library;
    let scenarios = library.features.iter().flat_map(|f| f.rules.iter().flat_map(|r| &r.scenarios).map(move |s| (f, s)));
    let server = library.default_server();
    let row = |(feature, scenario): (&'a FeatureText, &'a ScenarioText)| {
        let clients = library.clients.get(&(scenario.text_hash.clone(), server.to_owned()))?;
        let counted: Vec<(&ClientRecord, u32)> = clients.iter().filter_map(|c| Some((c, c.found.as_ref()?.lost))).collect();
        let acknowledged = Summary::of(counted.iter().map(|(client, _)| f64::from(client.acknowledged)))?;
        let lost = Summary::of(counted.iter().map(|(_, lost)| f64::from(*lost)))?;
        Some(Row { feature, scenario, server, acknowledged, lost, runs: counted.len() })
    };
    scenarios.filter_map(row).collect()
}

/// The part of what was acknowledged that was lost.
fn share(row: &Row<'_>) -> f64 {
    if row.acknowledged.median > 0.0 { row.lost.median / row.acknowledged.median } else { 0.0 }
}

fn svg(rows: &[Row<'_>]) -> String {
    let height = rows.len() as f64 * ROW + 24.0;
    let mut out = String::new();
    let _ = write!(
        out,
        r#"<svg class="rh-drawing" role="img" viewBox="0 0 {WIDTH} {height:.0}" width="{WIDTH}" height="{height:.0}" aria-labelledby="chart-{NAME}-t chart-{NAME}-d"><title id="chart-{NAME}-t">Acknowledged writes that were lost</title><desc id="chart-{NAME}-d">{}</desc>"#,
        html(&rows.iter().map(told).collect::<Vec<_>>().join(" "))
    );
    for (n, row) in rows.iter().enumerate() {
        bar(&mut out, row, 4.0 + n as f64 * ROW);
    }
    let y = height - 6.0;
    let _ = write!(
        out,
        r#"<rect class="rh-failed-write" x="{LEFT}" y="{0:.1}" width="10" height="10"/><text x="{1}" y="{y:.1}">acknowledged and lost (median)</text><rect class="rh-written" x="220" y="{0:.1}" width="10" height="10"/><text x="235" y="{y:.1}">acknowledged and kept</text><path class="rh-whisker" d="M400 {2:.1}v8M420 {2:.1}v8M400 {3:.1}h20"/><text x="426" y="{y:.1}">smallest to largest</text></svg>"#,
        y - 9.0,
        LEFT + 14.0,
        y - 8.0,
        y - 4.0
    );
    out
}

/// All bars are as long: what counts is the part. The numbers stand beside.
fn bar(out: &mut String, row: &Row<'_>, y: f64) {
    let top = y + 17.0;
    let x = |part: f64| LEFT + (RIGHT - LEFT) * part.clamp(0.0, 1.0);
    let part = |lost: f64| if row.acknowledged.median > 0.0 { lost / row.acknowledged.median } else { 0.0 };
    let _ = write!(out, r#"<text x="{LEFT}" y="{:.1}">{}</text>"#, y + 12.0, html(&row.scenario.name));
    let _ = write!(out, r#"<rect class="rh-written" x="{LEFT}" y="{top:.1}" width="{:.1}" height="{BAR}"/>"#, RIGHT - LEFT);
    let _ = write!(out, r#"<rect class="rh-failed-write" x="{LEFT}" y="{top:.1}" width="{:.1}" height="{BAR}"/>"#, x(share(row)) - LEFT);
    if row.runs > 1 {
        let (low, high, middle) = (x(part(row.lost.min)), x(part(row.lost.max)), top + BAR / 2.0);
        let _ = write!(out, r#"<path class="rh-whisker" d="M{low:.1} {0:.1}v8M{high:.1} {0:.1}v8M{low:.1} {middle:.1}H{high:.1}"/>"#, middle - 4.0);
    }
    let _ = write!(
        out,
        r#"<text class="rh-heading" x="{:.0}" y="{:.1}">{:.0} of {:.0}</text>"#,
        RIGHT + 8.0,
        top + BAR - 3.0,
        row.lost.median,
        row.acknowledged.median
    );
}

fn told(row: &Row<'_>) -> String {
    format!(
        "{}: {:.0} of {:.0} acknowledged writes lost, {:.0} to {:.0} in {} runs.",
        row.scenario.name, row.lost.median, row.acknowledged.median, row.lost.min, row.lost.max, row.runs
    )
}

fn table(out: &mut String, rows: &[Row<'_>], context: Context<'_>) {
    let server = rows.first().map_or("", |row| row.server);
    let _ = write!(
        out,
        "<div class=\"rh-scroll\"><table class=\"rh-measured\"><caption>On {}: median (smallest to largest) over the kept runs.</caption><thead><tr><th scope=\"col\">Scenario</th><th scope=\"col\">runs</th><th scope=\"col\">acknowledged</th><th scope=\"col\">lost</th></tr></thead><tbody>",
        html(server)
    );
    let spread = |s: &Summary| format!("{:.0} <small>({:.0} to {:.0})</small>", s.median, s.min, s.max);
    for row in rows {
        let name = html(&row.scenario.name);
        let name = context
            .links
            .scenario(context.page, row.feature, row.scenario)
            .map_or(name.clone(), |link| format!(r#"<a href="{}">{name}</a>"#, html(&link)));
        let _ = write!(
            out,
            r#"<tr><th scope="row">{name}</th><td class="rh-number">{}</td><td class="rh-number">{}</td><td class="rh-number">{}</td></tr>"#,
            row.runs,
            spread(&row.acknowledged),
            spread(&row.lost)
        );
    }
    out.push_str("</tbody></table></div>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::{preprocess, sample, slots};
    use crate::record::Found;
    use mdbook_preprocessor::book::{Book, BookItem, Chapter};

    fn page(clients: Vec<ClientRecord>) -> String {
        let mut library = sample::library();
        if !clients.is_empty() {
            library.clients.insert(("hash-a-minority-elects-nobody".into(), "redis-7.0".into()), clients);
        }
        let chapter = Chapter::new("Lost", "{{#chart lost-writes}}".to_owned(), "lost.md", Vec::new());
        let book = preprocess::run(Book::new_with_items(vec![BookItem::Chapter(chapter)]), &library, true).expect("the directive resolves");
        slots::in_place(&book.chapters().next().expect("a chapter").content)
    }

    #[test]
    fn a_bar_has_the_spread_of_all_runs() {
        let client = |acknowledged, lost| ClientRecord { acknowledged, found: Some(Found { lost, ..Found::default() }), ..ClientRecord::default() };
        let page = page(vec![client(400, 100), client(400, 200), client(400, 120), ClientRecord::default()]);
        assert!(page.contains(": 120 of 400 acknowledged writes lost, 100 to 200 in 3 runs."), "{page}");
        assert!(page.contains("120 <small>(100 to 200)</small>") && !page.trim().contains("\n\n"));
    }

    #[test]
    fn without_evidence_there_is_the_command() {
        assert!(page(Vec::new()).contains("Not played: <code>rehearsal run"));
    }
}
