//! A measured chart of reshards: the time of a slot by the number of keys in it, as bars with their spread, and the numbers in a table below.
//!
//! Come here to change how it looks; what its numbers mean is decided in `measure/reshard.rs`.

use super::drawing::tick;
use super::escape::html;
use super::render_feature::Context;
use crate::measure::reshard::{Group, NAME, Reshard};
use crate::measure::{Summary, plan};
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const GUTTER: f64 = 92.0;
const MARGIN: f64 = 24.0;
const BAR: f64 = 18.0;
const ROW: f64 = 30.0;
const HEADING: f64 = 22.0;
const AXIS: f64 = 26.0;

/// The chart, of every server it was measured on, the default first.
pub fn chart(context: Context<'_>) -> String {
    let of = |server: &String| context.library.reshards.iter().find(move |r| r.server.name == *server);
    let reshards: Vec<&Reshard> = context.library.servers.iter().filter_map(of).filter(|r| groups(r).next().is_some()).collect();
    if reshards.is_empty() {
        return format!("<p class=\"rh-unmeasured\">Not measured: <code>{}</code>, then build the book again.</p>\n", html(&plan::command(NAME)));
    }
    let mut out = format!(
        "<figure class=\"rh-chart\"><div class=\"rh-figure\" tabindex=\"0\" role=\"region\" aria-label=\"chart {NAME}\">{}</div>\n",
        svg(&reshards)
    );
    for reshard in &reshards {
        table(&mut out, reshard);
    }
    out.push_str("</figure>\n");
    out
}

/// Those with numbers.
fn groups(reshard: &Reshard) -> impl Iterator<Item = (&Group, Summary)> {
    reshard.groups.iter().filter_map(|group| Some((group, group.slot_ms?)))
}

fn svg(reshards: &[&Reshard]) -> String {
    let longest = reshards.iter().flat_map(|r| groups(r)).map(|(_, slot)| slot.p90).fold(1.0, f64::max);
    let x = |ms: f64| GUTTER + ms * (WIDTH - GUTTER - MARGIN) / (longest * 1.05);
    let (mut body, mut y) = (String::new(), 4.0);
    for reshard in reshards {
        let heading = format!("{} ({}), a slot by the keys in it", reshard.server.name, reshard.server.version);
        let _ = write!(body, r#"<text class="rh-heading" x="{GUTTER}" y="{:.1}">{}</text>"#, y + 13.0, html(&heading));
        y += HEADING;
        for (group, slot) in groups(reshard) {
            bar(&mut body, group, &slot, reshard, &x, y);
            y += ROW;
        }
    }
    let height = y + AXIS;
    let mut out = format!(
        r#"<svg class="rh-drawing" role="img" viewBox="0 0 {WIDTH} {height:.0}" width="{WIDTH}" height="{height:.0}" aria-labelledby="chart-{NAME}-t chart-{NAME}-d"><title id="chart-{NAME}-t">Time to move a slot</title><desc id="chart-{NAME}-d">{}</desc>"#,
        html(&told(reshards))
    );
    let step = tick(longest);
    let mut at_ms = 0.0;
    while at_ms <= longest * 1.05 {
        let label = if step < 1.0 { format!("{at_ms:.1}") } else { format!("{at_ms:.0}") };
        let at = x(at_ms);
        let (line, text) = (y + 4.0, y + 17.0);
        let _ = write!(out, r#"<path class="rh-tick" d="M{at:.1} 0V{line:.1}"/><text class="rh-second" x="{at:.1}" y="{text:.1}">{label} ms</text>"#);
        at_ms += step;
    }
    out.push_str(&body);
    out.push_str("</svg>");
    out
}

/// What the slot costs without a key, and then its keys, as far as the line through all runs tells them apart; the whisker is what was measured.
fn bar(out: &mut String, group: &Group, slot: &Summary, reshard: &Reshard, x: &dyn Fn(f64) -> f64, y: f64) {
    let keys = if group.keys == 1 { "1 key".to_owned() } else { format!("{} keys", group.keys) };
    let _ = write!(out, r#"<text class="rh-node" x="{:.0}" y="{:.1}">{keys}</text>"#, GUTTER - 8.0, y + BAR / 2.0 + 4.0);
    let empty = reshard.key.map_or(slot.median, |key| key.slot_ms.clamp(0.0, slot.median));
    let mut piece = |class: &str, name: &str, from: f64, to: f64| {
        let _ = write!(
            out,
            r#"<rect class="{class}" x="{:.1}" y="{y:.1}" width="{:.1}" height="{BAR}"><title>{name}: {:.2} ms</title></rect>"#,
            x(from),
            x(to) - x(from),
            to - from
        );
    };
    piece("rh-phase-4", "the slot", 0.0, empty);
    if slot.median > empty {
        piece("rh-phase-5", "its keys", empty, slot.median);
    }
    let (low, high, at, middle) = (x(slot.p10), x(slot.p90), x(slot.median), y + BAR / 2.0);
    let _ = write!(
        out,
        r#"<path class="rh-whisker" d="M{low:.1} {0:.1}v8M{high:.1} {0:.1}v8M{low:.1} {middle:.1}H{high:.1}"/><circle class="rh-event" cx="{at:.1}" cy="{middle:.1}" r="3.2"><title>{1}</title></circle>"#,
        middle - 4.0,
        html(&format!("a slot with {keys}: {} ms", spread(slot, 2)))
    );
}

/// The chart in words.
fn told(reshards: &[&Reshard]) -> String {
    let mut sentences = Vec::new();
    for reshard in reshards {
        for (group, slot) in groups(reshard) {
            sentences.push(format!("{}: a slot with {} keys {} ms.", reshard.server.name, group.keys, spread(&slot, 2)));
        }
        sentences.extend(line(reshard));
    }
    sentences.join(" ")
}

/// What the line through all runs says.
fn line(reshard: &Reshard) -> Option<String> {
    let key = reshard.key?;
    let us = key.key_us;
    let bytes = reshard.value_bytes;
    Some(format!(
        "A slot costs {:.2} ms by itself and {} microseconds more for each key of {bytes} bytes, over {} pairs of runs.",
        key.slot_ms,
        spread(&us, 0),
        us.count
    ))
}

/// `2.31 (2.20 to 3.40)`
fn spread(summary: &Summary, digits: usize) -> String {
    format!("{:.digits$} ({:.digits$} to {:.digits$})", summary.median, summary.p10, summary.p90)
}

fn table(out: &mut String, reshard: &Reshard) {
    let date = reshard.measured.get(..10).unwrap_or(&reshard.measured);
    let (server, host) = (&reshard.server, &reshard.host);
    let caption = format!(
        "{} {} ({}), {date}, {} processors, {} MiB of memory, {} side by side; {} slots a move, values of {} bytes, a client that writes every {} ms. Milliseconds: median (p10 to p90).",
        server.name, server.version, server.image, host.cpus, host.memory_mib, reshard.jobs, reshard.slots, reshard.value_bytes, reshard.every_ms
    );
    let _ = write!(
        out,
        "<div class=\"rh-scroll\"><table class=\"rh-measured\"><caption>{}</caption><thead><tr><th scope=\"col\">keys in a slot</th><th scope=\"col\">runs</th><th scope=\"col\" title=\"the move of many slots less the move of one, divided by the number of slots between them\">a slot</th><th scope=\"col\" title=\"the move of a single slot: mostly redis-cli itself, which looks at the whole cluster first\">the first slot</th><th scope=\"col\" title=\"of the client, while slots moved\">slowest write</th></tr></thead><tbody>",
        html(&caption)
    );
    for group in &reshard.groups {
        let cell = |summary: &Option<Summary>, digits: usize| {
            summary.map_or_else(String::new, |s| format!("{:.digits$} <small>({:.digits$} to {:.digits$})</small>", s.median, s.p10, s.p90))
        };
        let _ = write!(
            out,
            r#"<tr><th scope="row">{}</th><td class="rh-number">{} of {}</td><td class="rh-number">{}</td><td class="rh-number">{}</td><td class="rh-number">{}</td></tr>"#,
            group.keys,
            group.runs.len(),
            group.asked,
            cell(&group.slot_ms, 2),
            cell(&group.first_ms, 0),
            cell(&group.slowest_ms, 0)
        );
    }
    out.push_str("</tbody></table></div>\n");
    let mut notes: Vec<String> = line(reshard).into_iter().collect();
    notes.extend(reshard.interrupted.iter().map(|why| format!("It was ended before its time ({why}).")));
    for group in &reshard.groups {
        if let Some((runs, longest)) = group.stalled() {
            notes.push(format!(
                "With {} keys, in {runs} runs the machine was too busy for the program that measures: it stood still for up to {longest} ms.",
                group.keys
            ));
        }
        for lost in &group.incomplete {
            let reason = lost.reason.trim_end_matches('.');
            notes.push(format!("With {} keys, run {} is not in the numbers ({}): {reason}.", group.keys, lost.run, lost.verdict));
        }
    }
    let _ = writeln!(out, "<p class=\"rh-notes\">{}</p>", html(&notes.join(" ")));
}

#[cfg(test)]
mod tests {
    use crate::book::{preprocess, sample};
    use crate::measure::Incomplete;
    use crate::measure::reshard::{Group, NAME, Reshard, Run, SCHEMA, SLOTS, Slope};
    use crate::record::{Host, ServerRecord};
    use mdbook_preprocessor::book::{Book, BookItem, Chapter};

    fn reshard() -> Reshard {
        let run = |run, slot_ms| Run { run, one_ms: 310, many_ms: 900, slot_ms, slowest_ms: 12, stalled_ms: 0 };
        let lost = Incomplete { run: 3, verdict: "failed".into(), reason: "no <slot>".into() };
        let groups = vec![Group::of(0, 2, vec![run(1, 4.0), run(2, 6.0)], Vec::new()), Group::of(100, 3, vec![run(1, 7.0), run(2, 8.0)], vec![lost])];
        Reshard {
            schema: SCHEMA,
            name: NAME.into(),
            run: "r".into(),
            measured: "2026-03-01T12:00:00Z".into(),
            rehearsal: "0.1.0".into(),
            server: ServerRecord { name: "redis-7.0".into(), version: "7.0.15".into(), image: "redis:7.0.15".into(), ..ServerRecord::default() },
            host: Host { os: "Linux".into(), cpus: 2, memory_mib: 4096, engine: "29".into() },
            jobs: 1,
            slots: SLOTS,
            value_bytes: 100,
            every_ms: 10,
            interrupted: None,
            key: Slope::through(&groups),
            groups,
        }
    }

    fn page(reshards: Vec<Reshard>) -> String {
        let mut library = sample::library();
        library.reshards = reshards;
        let chapter = Chapter::new("Measured", "{{#chart reshard-cluster}}".to_owned(), "measured.md", Vec::new());
        let book = Book::new_with_items(vec![BookItem::Chapter(chapter)]);
        let book = preprocess::run(book, &library, true).expect("the directive resolves");
        book.chapters().next().expect("a chapter").content.clone()
    }

    #[test]
    fn a_chart_of_two_fillings() {
        let page = page(vec![reshard()]);
        assert!(!page.trim().contains("\n\n"), "a blank line would end the block");
        assert!(!page.contains("<slot>"), "{page}");
        insta::assert_snapshot!(page.trim().replace("/>", "/>\n").replace("</text>", "</text>\n").replace("</td>", "</td>\n"));
    }

    #[test]
    fn what_was_not_measured_says_how_to() {
        let page = page(Vec::new());
        assert!(page.contains("Not measured: <code>rehearsal measure reshard -&#45;topology cluster</code>"), "{page}");
    }
}
