//! A measured chart: failovers as stacked bars by the value of a timer, with their spread and their lower bound, and the numbers in a table below.
//!
//! Come here to change how a chart looks; what its numbers mean is decided in `measure/`. What was not measured says so, and how to measure it.

use super::drawing::tick;
use super::escape::html;
use super::failover::{class, until};
use super::render_feature::Context;
use crate::measure::phases::{PHASES, RECONFIGURE};
use crate::measure::result::OUTAGE;
use crate::measure::{Group, Measure, Summary, plan};
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const GUTTER: f64 = 92.0;
const MARGIN: f64 = 24.0;
const BAR: f64 = 18.0;
/// The strip below a bar in which nodes are told.
const STRIP: f64 = 5.0;
const ROW: f64 = 38.0;
const HEADING: f64 = 22.0;
const AXIS: f64 = 26.0;
const LEGEND: f64 = 22.0;
/// Mean width of a character.
const CHARACTER: f64 = 6.3;

/// The chart of a name, of every server it was measured on, the default first.
pub fn chart(name: &str, context: Context<'_>) -> String {
    let of = |server: &String| context.library.measures.iter().find(move |m| m.name == name && m.server.name == *server);
    let measures: Vec<&Measure> = context.library.servers.iter().filter_map(of).filter(|m| m.groups.iter().any(|g| !g.runs.is_empty())).collect();
    if measures.is_empty() {
        return format!("<p class=\"rh-unmeasured\">Not measured: <code>{}</code>, then build the book again.</p>\n", html(&plan::command(name)));
    }
    let mut out = format!(
        "<figure class=\"rh-chart\"><div class=\"rh-figure\" tabindex=\"0\" role=\"region\" aria-label=\"chart {0}\">{1}</div>\n",
        html(name),
        svg(name, &measures)
    );
    for measure in &measures {
        table(&mut out, measure);
    }
    out.push_str("</figure>\n");
    out
}

fn svg(name: &str, measures: &[&Measure]) -> String {
    let groups = || measures.iter().flat_map(|m| &m.groups).filter(|g| !g.runs.is_empty());
    let longest = groups().map(reach).fold(1000.0, f64::max);
    let per_ms = (WIDTH - GUTTER - MARGIN) / (longest * 1.03);
    let x = |ms: f64| GUTTER + ms * per_ms;
    let (mut body, mut y) = (String::new(), 4.0);
    for measure in measures {
        let heading = format!("{} ({}), {}", measure.server.name, measure.server.version, measure.timer);
        let _ = write!(body, r#"<text class="rh-heading" x="{GUTTER}" y="{:.1}">{}</text>"#, y + 13.0, html(&heading));
        y += HEADING;
        for group in measure.groups.iter().filter(|g| !g.runs.is_empty()) {
            bar(&mut body, group, &x, y);
            y += ROW;
        }
    }
    let mut out = String::new();
    let height = y + AXIS + LEGEND;
    let title = format!("Failover, phase by phase: {name}");
    let _ = write!(
        out,
        r#"<svg class="rh-drawing" role="img" viewBox="0 0 {WIDTH} {height:.0}" width="{WIDTH}" height="{height:.0}" aria-labelledby="chart-{name}-t chart-{name}-d"><title id="chart-{name}-t">{}</title><desc id="chart-{name}-d">{}</desc>"#,
        html(&title),
        html(&told(measures))
    );
    let step = tick(longest / 1000.0);
    let mut second = 0.0;
    while second * 1000.0 <= longest * 1.03 {
        let label = if step < 1.0 { format!("{second:.1}") } else { format!("{second:.0}") };
        let at = x(second * 1000.0);
        let _ = write!(
            out,
            r#"<path class="rh-tick" d="M{at:.1} 0V{:.1}"/><text class="rh-second" x="{at:.1}" y="{:.1}">{label} s</text>"#,
            y + 4.0,
            y + 17.0
        );
        second += step;
    }
    out.push_str(&body);
    legend(&mut out, y + AXIS + 12.0);
    out.push_str("</svg>");
    out
}

/// How far to the right a row needs room, in milliseconds.
fn reach(group: &Group) -> f64 {
    let median = |name: &str| group.summary_of(name).map_or(0.0, |s| s.median);
    let stacked: f64 = PHASES.iter().map(|name| median(name)).sum();
    let told = stacked - median("write") + median(RECONFIGURE);
    let spread = group.summary_of(OUTAGE).map_or(0.0, |s| s.p90);
    [stacked, told, spread, group.lower_bound_ms as f64].into_iter().fold(0.0, f64::max)
}

fn bar(out: &mut String, group: &Group, x: &dyn Fn(f64) -> f64, y: f64) {
    let _ = write!(out, r#"<text class="rh-node" x="{:.0}" y="{:.1}">{} ms</text>"#, GUTTER - 8.0, y + BAR / 2.0 + 4.0, group.timer_ms);
    let mut from = 0.0;
    for name in PHASES {
        let Some(summary) = group.summary_of(name) else { continue };
        if name == "write"
            && let Some(told) = group.summary_of(RECONFIGURE)
        {
            piece(out, RECONFIGURE, told, (x(from), x(from + told.median)), (y + BAR + 1.0, STRIP));
        }
        piece(out, name, summary, (x(from), x(from + summary.median)), (y, BAR));
        from += summary.median;
    }
    let bound = x(group.lower_bound_ms as f64);
    let _ = write!(
        out,
        r#"<path class="rh-bound" d="M{bound:.1} {:.1}V{:.1}"><title>lower bound {}</title></path>"#,
        y - 4.0,
        y + BAR + STRIP + 3.0,
        seconds(group.lower_bound_ms as f64)
    );
    if let Some(outage) = group.summary_of(OUTAGE) {
        let middle = y + BAR / 2.0;
        let (low, high, at) = (x(outage.p10), x(outage.p90), x(outage.median));
        let _ = write!(
            out,
            r#"<path class="rh-whisker" d="M{low:.1} {0:.1}v8M{high:.1} {0:.1}v8M{low:.1} {middle:.1}H{high:.1}"/><circle class="rh-event" cx="{at:.1}" cy="{middle:.1}" r="3.2"><title>{1}</title></circle>"#,
            middle - 4.0,
            html(&format!("first write after {}", spread(outage)))
        );
    }
}

fn piece(out: &mut String, name: &str, summary: &Summary, (from, to): (f64, f64), (y, height): (f64, f64)) {
    let title = html(&format!("{name}: {}", spread(summary)));
    let _ = write!(
        out,
        r#"<rect class="{}" x="{from:.1}" y="{y:.1}" width="{:.1}" height="{height}"><title>{title}</title></rect>"#,
        class(name),
        (to - from).max(0.0)
    );
}

fn legend(out: &mut String, y: f64) {
    let mut x = GUTTER;
    for name in PHASES.into_iter().chain([RECONFIGURE]) {
        let _ = write!(out, r#"<rect class="{}" x="{x:.1}" y="{:.1}" width="10" height="10"/>"#, class(name), y - 9.0);
        let _ = write!(out, r#"<text x="{:.1}" y="{y:.1}">{name}</text>"#, x + 14.0);
        x += 26.0 + name.len() as f64 * CHARACTER;
    }
    let _ = write!(out, r#"<path class="rh-bound" d="M{:.1} {:.1}v14"/><text x="{:.1}" y="{y:.1}">lower bound</text>"#, x + 3.0, y - 11.0, x + 10.0);
    x += 22.0 + 11.0 * CHARACTER;
    let _ = write!(
        out,
        r#"<path class="rh-whisker" d="M{x:.1} {0:.1}v8M{1:.1} {0:.1}v8M{x:.1} {2:.1}h20"/><text x="{3:.1}" y="{y:.1}">p10 to p90</text>"#,
        y - 8.0,
        x + 20.0,
        y - 4.0,
        x + 26.0
    );
}

/// The chart in words.
fn told(measures: &[&Measure]) -> String {
    let mut sentences = Vec::new();
    for measure in measures {
        for group in measure.groups.iter().filter(|g| !g.runs.is_empty()) {
            let phases: Vec<String> = PHASES.iter().filter_map(|name| Some(format!("{name} {}", seconds(group.summary_of(name)?.median)))).collect();
            let outage = group.summary_of(OUTAGE).map_or_else(String::new, spread);
            sentences.push(format!(
                "{}, {} {} ms: first write after {outage}; lower bound {}; medians of the phases: {}.",
                measure.server.name,
                measure.timer,
                group.timer_ms,
                seconds(group.lower_bound_ms as f64),
                phases.join(", ")
            ));
        }
    }
    sentences.join(" ")
}

fn seconds(ms: f64) -> String {
    format!("{:.2} s", ms / 1000.0)
}

/// `2.31 s (2.20 to 3.40)`
fn spread(summary: &Summary) -> String {
    format!("{:.2} s ({:.2} to {:.2})", summary.median / 1000.0, summary.p10 / 1000.0, summary.p90 / 1000.0)
}

fn table(out: &mut String, measure: &Measure) {
    let _ = write!(
        out,
        "<div class=\"rh-scroll\"><table class=\"rh-measured\"><caption>{}</caption><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">runs</th>",
        html(&caption(measure)),
        html(&measure.timer)
    );
    let columns = PHASES.into_iter().map(|name| (name, name)).chain([(OUTAGE, "first write"), (RECONFIGURE, RECONFIGURE)]);
    for (name, shown) in columns.clone() {
        let title = if name == OUTAGE { "from the old master's last sign of life to the first write the new one acknowledges" } else { until(name) };
        let _ = write!(out, r#"<th scope="col" title="{}">{shown}</th>"#, html(title));
    }
    out.push_str("<th scope=\"col\">lower bound</th><th scope=\"col\">times the bound</th></tr></thead><tbody>");
    for group in &measure.groups {
        let _ = write!(out, r#"<tr><th scope="row">{} ms</th><td class="rh-number">{} of {}</td>"#, group.timer_ms, group.runs.len(), group.asked);
        for (name, _) in columns.clone() {
            let cell = group.summary_of(name).map_or_else(String::new, |s| {
                let ends = if name == OUTAGE { format!("; {:.2} to {:.2}", s.min / 1000.0, s.max / 1000.0) } else { String::new() };
                format!("{:.2} <small>({:.2} to {:.2}{ends})</small>", s.median / 1000.0, s.p10 / 1000.0, s.p90 / 1000.0)
            });
            let _ = write!(out, r#"<td class="rh-number">{cell}</td>"#);
        }
        let ratio = group
            .ratio
            .map_or_else(String::new, |r| format!("{:.2} <small>({:.2} to {:.2}; {:.2} to {:.2})</small>", r.median, r.p10, r.p90, r.min, r.max));
        let _ = write!(out, r#"<td class="rh-number">{:.2}</td><td class="rh-number">{ratio}</td></tr>"#, group.lower_bound_ms as f64 / 1000.0);
    }
    out.push_str("</tbody></table></div>\n");
    notes(out, measure);
}

fn caption(measure: &Measure) -> String {
    let date = measure.measured.get(..10).unwrap_or(&measure.measured);
    let host = &measure.host;
    let side = measure.jobs.map_or_else(String::new, |jobs| format!(", {jobs} side by side"));
    format!(
        "{} {} ({}), {date}, {} processors, {} MiB of memory{side}. Seconds: median (p10 to p90; smallest to largest).",
        measure.server.name, measure.server.version, measure.server.image, host.cpus, host.memory_mib
    )
}

/// What the numbers do not show: runs that are not in them, votes that were split, an end before its time.
fn notes(out: &mut String, measure: &Measure) {
    let mut notes = Vec::new();
    if let Some(why) = &measure.interrupted {
        notes.push(format!("It was ended before its time ({why})."));
    }
    for group in &measure.groups {
        let repeated = group.further_votes();
        if repeated > 0 {
            notes.push(format!("With {} ms, {} runs took {} elections.", group.timer_ms, group.runs.len(), group.runs.len() + repeated as usize));
        }
        if let Some((runs, longest)) = group.stalled() {
            notes.push(format!(
                "With {} ms, in {runs} runs the machine was too busy for the program that measures: it stood still for up to {longest} ms, and saw late what happened then.",
                group.timer_ms
            ));
        }
        for lost in &group.incomplete {
            notes.push(format!(
                "With {} ms, run {} is not in the numbers ({}): {}.",
                group.timer_ms,
                lost.run,
                lost.verdict,
                lost.reason.trim_end_matches('.')
            ));
        }
    }
    if !notes.is_empty() {
        let _ = writeln!(out, "<p class=\"rh-notes\">{}</p>", html(&notes.join(" ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::{preprocess, sample};
    use crate::measure::{Incomplete, Moments, Run};
    use crate::record::{Host, ServerRecord};
    use mdbook_preprocessor::book::{Book, BookItem, Chapter};

    fn run(run: usize, timer: u64, late: u64) -> Run {
        let end = 1000 + timer + late;
        let moments = Moments {
            killed_ms: 1000,
            detected_ms: Some(1000 + timer),
            agreed_ms: Some(end),
            elected_ms: Some(end + 80),
            promoted_ms: Some(end + 300),
            written_ms: Some(end + 400),
            reconfigured_ms: Some(end + 1300),
            elections: 1 + run as u32 / 2,
        };
        Run::of(run, moments).expect("complete")
    }

    fn measure() -> Measure {
        let group = |timer| {
            let lost = Incomplete { run: 3, verdict: "failed".into(), reason: "no replica became master <soon>".into() };
            Group::of(timer, timer + 208, 3, vec![run(1, timer, 100), run(2, timer, 300)], vec![lost])
        };
        Measure {
            schema: 1,
            name: "failover-sentinel".into(),
            topology: "sentinel".into(),
            timer: "down-after-milliseconds".into(),
            run: "r".into(),
            measured: "2026-03-01T12:00:00Z".into(),
            rehearsal: "0.1.0".into(),
            server: ServerRecord { name: "redis-7.0".into(), version: "7.0.15".into(), image: "redis:7.0.15".into(), ..ServerRecord::default() },
            host: Host { os: "Linux".into(), cpus: 2, memory_mib: 4096, engine: "29".into() },
            jobs: Some(2),
            every_ms: 10,
            interrupted: None,
            groups: vec![group(1000), group(2000)],
        }
    }

    fn page(measures: Vec<Measure>) -> String {
        let mut library = sample::library();
        library.measures = measures;
        let chapter = Chapter::new("Measured", "{{#chart failover-sentinel}}".to_owned(), "measured.md", Vec::new());
        let book = Book::new_with_items(vec![BookItem::Chapter(chapter)]);
        let book = preprocess::run(book, &library, true).expect("the directive resolves");
        book.chapters().next().expect("a chapter").content.clone()
    }

    #[test]
    fn a_chart_of_two_timers() {
        let page = page(vec![measure()]);
        assert!(!page.trim().contains("\n\n"), "a blank line would end the block");
        assert!(!page.contains("<soon>") && !page.contains("<script"));
        insta::assert_snapshot!(page.trim().replace("/>", "/>\n").replace("</text>", "</text>\n").replace("</td>", "</td>\n"));
    }

    #[test]
    fn what_was_not_measured_says_how_to() {
        let page = page(Vec::new());
        assert!(page.contains("Not measured: <code>rehearsal measure failover -&#45;topology sentinel</code>"), "{page}");
    }
}
