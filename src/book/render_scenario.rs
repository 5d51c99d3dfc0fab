//! One scenario as a card: its verdict on every server, its steps with what each of them saw, and the evidence below.
//!
//! A card is one block of HTML without blank lines, since a blank line would end it in Markdown.

use super::drawing;
use super::escape::{date, duration, html};
use super::evidence;
use super::failover;
use super::gherkin;
use super::lanes;
use super::library::{FeatureText, RuleText, ScenarioText, Standing, StepText};
use super::render_feature::Context;
use super::sequence;
use super::{slots, standings};
use crate::record::{Evidence, Kept, StepRecord, StepStatus, Verdict};
use std::fmt::Write;

/// A scenario and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub feature: &'a FeatureText,
    pub rule: &'a RuleText,
    pub scenario: &'a ScenarioText,
    pub shown: Shown,
    /// Its element id on this page; the drawing's ids start with it.
    pub anchor: &'a str,
}

/// More servers than these that agree with the one shown are counted, not named.
const FEW: usize = 3;

/// How much of its evidence a card shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// In a chapter: what each step saw, and where the rest is.
    Brief,
    /// In a chapter, the one of a rule with its drawing.
    Drawn,
    /// On a page of evidence.
    Whole,
}

/// A verdict as people see it: class, mark, word.
pub fn look(verdict: Option<Verdict>) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Some(Verdict::Passed) => ("rh-passed", "\u{2713}", "passed"),
        Some(Verdict::Failed) => ("rh-failed", "\u{2717}", "failed"),
        Some(Verdict::Unknown) => ("rh-unknown", "?", "unknown"),
        Some(Verdict::NotApplicable) => ("rh-notapplicable", "\u{2013}", "not applicable"),
        None => ("rh-notrun", "\u{25cb}", "not run"),
    }
}

/// The card.
pub fn card(place: Place<'_>, context: Context<'_>) -> String {
    let server = context.library.shown_on(place.feature, place.scenario, context.server);
    let standing = context.library.standing(place.feature, place.scenario, server);
    let (class, ..) = look(standing.verdict());
    let mut out = String::new();
    let _ = writeln!(out, r#"<div class="rh-card {class}">"#);
    head(&mut out, place, standing, server, context);
    steps(&mut out, place, standing.evidence());
    if let Some(evidence) = standing.evidence() {
        out.push_str(&slots::everywhere(&figures(place, evidence)));
        let fold = match place.shown {
            Shown::Whole => evidence::whole(place, evidence, context),
            Shown::Brief | Shown::Drawn => evidence::brief(place, evidence, context),
        };
        out.push_str(&slots::page(&fold));
    }
    out.push_str("</div>\n");
    out
}

fn figures(place: Place<'_>, evidence: &Evidence) -> String {
    let (anchor, name) = (place.anchor, place.scenario.name.as_str());
    let mut out = String::new();
    if place.shown != Shown::Brief
        && let Some(picture) = lanes::picture(evidence)
    {
        out.push_str(&standings::panels(evidence, &picture, anchor, name));
        out.push_str(&figure(&drawing::svg(&picture, anchor, name), "timeline"));
        out.push_str(&picture.failover.as_ref().map_or_else(String::new, failover::table));
    }
    // What was captured is what such a scenario is about, so every card has it.
    if let Some(svg) = sequence::svg(&evidence.exchanges, anchor, name) {
        out.push_str(&figure(&svg, "what was said"));
    }
    out
}

fn figure(svg: &str, label: &str) -> String {
    format!("<div class=\"rh-figure\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\">{svg}</div>\n")
}

fn head(out: &mut String, place: Place<'_>, standing: Standing<'_>, server: &str, context: Context<'_>) {
    out.push_str("<div class=\"rh-head\">");
    out.push_str(&slots::everywhere(&badge(standing, server)));
    out.push_str(&slots::page(&others(place, server, context)));
    claims(out, place, context);
    out.push_str("</div>\n");
    let mut why = String::new();
    reasons(&mut why, place, standing, server, context);
    if !why.is_empty() {
        out.push_str(&slots::everywhere(&why));
    }
}

/// The other servers, each with a link to its evidence.
fn others(place: Place<'_>, server: &str, context: Context<'_>) -> String {
    let mut out = String::new();
    let anchor = context.links.anchor(place.feature, place.scenario);
    let mut others: Vec<&str> = context.library.shown_servers().into_iter().filter(|s| *s != server).collect();
    let own = context.library.standing(place.feature, place.scenario, server).verdict();
    let agree = |other: &&str| own.is_some() && context.library.standing(place.feature, place.scenario, other).verdict() == own;
    let alike = others.iter().filter(|s| agree(s)).count();
    if place.shown != Shown::Whole
        && alike > FEW
        && let Some(link) = context.links.evidence(context.page, place.feature, server, &anchor)
    {
        // Who disagrees is what a reader looks for; the page of evidence has all of them.
        let (class, mark, word) = look(own);
        let _ = write!(
            out,
            r#"<a class="rh-link" href="{}"><span class="rh-badge rh-small {class}">{mark} {word} on {alike} more</span></a>"#,
            html(&link)
        );
        others.retain(|s| !agree(s));
    }
    for other in others {
        let standing = context.library.standing(place.feature, place.scenario, other);
        let small = small_badge(standing, other);
        let link = match other == context.library.default_server() {
            // Its evidence is the chapter itself.
            true if context.server == other => None,
            true => context.links.scenario(context.page, place.feature, place.scenario),
            false => standing.is_shown().then_some(()).and_then(|()| context.links.evidence(context.page, place.feature, other, &anchor)),
        };
        match link {
            Some(link) => drop(write!(out, r#"<a class="rh-link" href="{}">{small}</a>"#, html(&link))),
            None => out.push_str(&small),
        }
    }
    out
}

fn claims(out: &mut String, place: Place<'_>, context: Context<'_>) {
    if !place.scenario.claims.is_empty() {
        out.push_str("<span class=\"rh-claims\">");
        for id in &place.scenario.claims {
            match context.links.claim(context.page, id) {
                Some(link) => drop(write!(out, r#"<a href="{}">{}</a> "#, html(&link), html(id))),
                None => drop(write!(out, "{} ", html(id))),
            }
        }
        out.push_str("</span>");
    }
}

/// Why there is no verdict, or another server's.
fn reasons(out: &mut String, place: Place<'_>, standing: Standing<'_>, server: &str, context: Context<'_>) {
    if server != context.server
        && let Standing::NotApplicable(why) = context.library.standing(place.feature, place.scenario, context.server)
    {
        let text = format!("Not applicable on {}: {why}. What is shown is the evidence of {server}.", context.server);
        let _ = writeln!(out, r#"<p class="rh-reason">{}</p>"#, html(&text));
    }
    let reason = match standing {
        Standing::Played(evidence) => evidence.scenario.reason.clone(),
        Standing::Kept(kept) => Some(kept_note(kept)),
        Standing::NotApplicable(why) => Some(format!("Not applicable on {server}: {why}.")),
        Standing::Changed(older) => Some(format!("The text changed since it was last played ({}), so no verdict is shown.", date(&older.started))),
        Standing::NotRun => None,
    };
    if let Some(reason) = reason {
        let _ = writeln!(out, r#"<p class="rh-reason">{}</p>"#, html(&reason));
    }
}

/// Where a verdict without evidence comes from, and what was said when it was given.
fn kept_note(kept: &Kept) -> String {
    let (run, scenario) = (&kept.run, &kept.scenario);
    let id: String = run.server.image_id.trim_start_matches("sha256:").chars().take(12).collect();
    let said = scenario.said.as_ref().map_or_else(String::new, |said| format!(" It said: {said}."));
    format!(
        "From the record kept in the repository: run {} on {}, {} {}, image {id}, {}.{said} Its steps were not kept; play it to see them.",
        run.run,
        date(&run.started),
        run.server.name,
        run.server.version,
        duration(scenario.ms)
    )
}

/// The large badge: verdict, server with the version it reports, time.
fn badge(standing: Standing<'_>, server: &str) -> String {
    let (class, mark, word) = look(standing.verdict());
    let detail = match standing.evidence() {
        Some(e) => {
            let flaky = if e.scenario.is_flaky() { format!(", flaky: attempt {}", e.scenario.attempts) } else { String::new() };
            format!("{flaky} <span class=\"rh-on\">on {} {} in {}</span>", html(server), version(e), duration(e.scenario.duration_ms))
        }
        None => {
            let version = standing.version().map_or_else(String::new, |version| format!(" ({})", html(version)));
            format!(" <span class=\"rh-on\">on {}{version}</span>", html(server))
        }
    };
    format!(r#"<span class="rh-badge {class}"><span class="rh-mark" aria-hidden="true">{mark}</span> {word}{detail}</span>"#)
}

fn small_badge(standing: Standing<'_>, server: &str) -> String {
    let (class, mark, word) = look(standing.verdict());
    let version = standing.version().map_or_else(String::new, |v| format!(r#" <span class="rh-on">{}</span>"#, html(v)));
    let flaky = if standing.evidence().is_some_and(|e| e.scenario.is_flaky()) { " (flaky)" } else { "" };
    let server = html(server);
    let why = if let Standing::NotApplicable(why) = standing { format!(": {}", html(why)) } else { String::new() };
    format!(
        r#"<span class="rh-badge rh-small {class}" title="{word}{why}"><span class="rh-mark" role="img" aria-label="{word}">{mark}</span> {server}{version}{flaky}</span>"#
    )
}

fn version(evidence: &Evidence) -> String {
    if evidence.server_build.version.is_empty() { String::new() } else { format!("({})", html(&evidence.server_build.version)) }
}

fn steps(out: &mut String, place: Place<'_>, evidence: Option<&Evidence>) {
    out.push_str("<ol class=\"rh-steps\">\n");
    let played = evidence.map_or(&[][..], |e| &e.steps);
    let written = place.feature.background.iter().map(|s| (s, true)).chain(place.scenario.steps.iter().map(|s| (s, false)));
    for (index, (text, background)) in written.enumerate() {
        // The hash ties the texts together, so the places agree; the comparison only guards against a runner that adds steps of its own.
        let record =
            played.get(index).filter(|r| r.text == text.text).or_else(|| played.iter().find(|r| r.text == text.text && r.keyword == text.keyword));
        step(out, text, record, background);
    }
    out.push_str("</ol>\n");
}

fn step(out: &mut String, text: &StepText, record: Option<&StepRecord>, background: bool) {
    let (class, mark, word) = match record.map(|r| r.status) {
        Some(StepStatus::Passed) => ("rh-passed", "\u{2713}", "passed"),
        Some(StepStatus::Failed) => ("rh-failed", "\u{2717}", "failed"),
        Some(StepStatus::Unknown) => ("rh-unknown", "?", "unknown"),
        Some(StepStatus::Skipped) => ("rh-skipped", "\u{2013}", "skipped"),
        Some(StepStatus::LeftOut) => ("rh-skipped", "\u{2013}", "left out"),
        None => ("rh-notrun", "\u{b7}", "not run"),
    };
    let time =
        record.filter(|r| !matches!(r.status, StepStatus::Skipped | StepStatus::LeftOut)).map_or_else(String::new, |r| duration(r.duration_ms));
    let background = if background { " rh-background" } else { "" };
    let _ = write!(
        out,
        r#"<li class="rh-step {class}{background}"><span class="rh-mark" role="img" aria-label="{word}">{mark}</span> <span class="rh-text"><b class="rh-keyword">{}</b> {}</span>"#,
        html(text.keyword.trim()),
        gherkin::step(&text.text),
    );
    table(out, &text.table);
    if !text.topology_sets.is_empty() {
        let sets: Vec<String> = text.topology_sets.iter().map(|(key, value)| format!("{} {}", html(key), html(value))).collect();
        let _ = write!(out, r#"<span class="rh-sets">set by the topology: {}</span>"#, sets.join(", "));
    }
    if let Some(docstring) = &text.docstring {
        let _ = write!(out, r#"<pre class="rh-docstring">{}</pre>"#, html(docstring));
    }
    if let Some(record) = record {
        let mut seen = format!(r#"<span class="rh-time">{time}</span>"#);
        if let Some(observation) = &record.observation {
            let _ = write!(seen, r#"<span class="rh-observation">{}</span>"#, html(observation));
        }
        evidence::failure(&mut seen, record);
        out.push_str(&slots::everywhere(&seen));
    }
    out.push_str("</li>\n");
}

fn table(out: &mut String, rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    out.push_str("<table class=\"rh-table\"><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td>{}</td>", html(cell));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
}
