//! The foot of a page: which runs its scenarios were seen in, when, on which builds and which machine, and the command that plays them again.
//!
//! Come here when a reader should be able to check where a page comes from. What a single scenario's evidence says of itself folds out below its card.

use super::directives::{Directive, Kind};
use super::escape::{date, day, html};
use super::library::{Controlled, FeatureText, Library, Origin, ScenarioText};
use super::render_feature::Context;
use crate::record::Control::{Caught, Mirrored, Missed, Unknown};
use crate::record::{Control, Executable, Host, Verdict, hash};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A scenario and the feature it stands in.
type Placed<'a> = (&'a FeatureText, &'a ScenarioText);

/// A page that quotes more scenarios than this names their features, and one that quotes more features than this all of them, in the command that plays them again.
const NAMED: usize = 6;

/// Below a chapter: about the scenarios its directives show, or where it shows none, about those it quotes.
pub fn of_chapter(directives: &[Directive], context: Context<'_>) -> String {
    let (mut own, mut quoted): (Vec<Placed<'_>>, Vec<Placed<'_>>) = (Vec::new(), Vec::new());
    let mut again: Vec<String> = Vec::new();
    let library = context.library;
    for directive in directives {
        match &directive.kind {
            Kind::Feature(key) => {
                let Some(feature) = library.feature(key) else { continue };
                own.extend(feature.rules.iter().flat_map(|rule| &rule.scenarios).map(|scenario| (feature, scenario)));
                again.push(feature.path.clone());
            }
            Kind::Scenario { key, slug } => {
                let Some((feature, _, scenario)) = library.scenario(key, slug) else { continue };
                own.push((feature, scenario));
                again.push(format!("{}:{}", feature.path, scenario.line));
            }
            Kind::Claims(system) | Kind::Ledger(Some(system)) if system != "all" => {
                let told = of_claims(library, system);
                again.extend(play_again(&told));
                own.extend(told);
            }
            // These are about everything that was played.
            Kind::Claims(_) | Kind::Ledger(_) | Kind::Matrix | Kind::Upgrade { .. } | Kind::Controls => {
                own = library.scenarios().collect();
                again = vec!["--server all --control".to_owned()];
                break;
            }
            Kind::Difference { key, slug } => {
                let Some((feature, rule, _)) = library.scenario(key, slug) else { continue };
                own.extend(rule.scenarios.iter().map(|scenario| (feature, scenario)));
                again.extend(rule.scenarios.iter().map(|scenario| format!("{}:{}", feature.path, scenario.line)));
            }
            Kind::See { key, slug, .. } | Kind::Cure { key, slug, .. } | Kind::Saw { key, slug, .. } => {
                quoted.extend(library.scenario(key, slug).map(|(f, _, s)| (f, s)));
            }
            // Their figures come from elsewhere.
            Kind::Cures | Kind::Sizing(_) | Kind::Broken | Kind::Chart(_) | Kind::Malformed(_) => {}
        }
    }
    if own.is_empty() {
        let mut known = BTreeSet::new();
        quoted.retain(|(feature, scenario)| known.insert((&feature.path, scenario.line)));
        again = play_again(&quoted);
        own = quoted;
    }
    of_scenarios(&own, &again, context)
}

/// The scenarios that speak about the claims of a system, each once.
fn of_claims<'a>(library: &'a Library, system: &str) -> Vec<Placed<'a>> {
    let ids: BTreeSet<&str> = library.claims.iter().filter(|claim| claim.system == system).map(|claim| claim.id.as_str()).collect();
    let speaks = |scenario: &ScenarioText| scenario.claims.iter().any(|id| ids.contains(id.as_str()));
    library.scenarios().filter(|(_, scenario)| speaks(scenario)).collect()
}

/// What plays scenarios of many places again, in a line that somebody may still want to copy.
fn play_again(quoted: &[Placed<'_>]) -> Vec<String> {
    let features: BTreeSet<&String> = quoted.iter().map(|(feature, _)| &feature.path).collect();
    match (quoted.len(), features.len()) {
        (..=NAMED, _) => quoted.iter().map(|(feature, scenario)| format!("{}:{}", feature.path, scenario.line)).collect(),
        (_, ..=NAMED) => features.into_iter().cloned().collect(),
        _ => Vec::new(),
    }
}

/// About these scenarios, on every server a page of the book speaks of: the one it is about, or for a chapter all.
pub fn of_scenarios(scenarios: &[Placed<'_>], again: &[String], context: Context<'_>) -> String {
    if scenarios.is_empty() {
        return String::new();
    }
    let library = context.library;
    let beside = context.server != library.default_server() || context.page.starts_with("evidence/");
    let servers = if beside { vec![context.server] } else { library.shown_servers() };
    let seen: Vec<Origin<'_>> =
        servers.iter().flat_map(|server| scenarios.iter().filter_map(move |(f, s)| library.standing(f, s, server).origin())).collect();
    let text = hash::text_hash(scenarios.iter().map(|(_, scenario)| scenario.text_hash.as_str()));
    let mut out = String::from("<details class=\"rh-foot\"><summary>");
    out.push_str(&summary(scenarios, &seen, context));
    out.push_str("</summary><dl class=\"rh-facts\">");
    let mut fact = |name: &str, value: &str| {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    };
    for build in builds(&seen) {
        fact("Server", &build);
    }
    for run in runs(&seen, library) {
        fact("Run", &run);
    }
    fact("Text", &format!("<code>{text}</code>, over the hashes of {}", count(scenarios.len(), "scenario")));
    let server = if beside && context.server != library.default_server() { format!(" --server {}", context.server) } else { String::new() };
    fact("Play it again", &format!("<code>{}{}</code>", html(format!("rehearsal run {}", again.join(" ")).trim_end()), html(&server)));
    out.push_str("</dl></details>\n");
    out
}

/// What is said without folding anything out.
fn summary(scenarios: &[Placed<'_>], seen: &[Origin<'_>], context: Context<'_>) -> String {
    let all = count(scenarios.len(), "scenario");
    let own: Vec<&Origin<'_>> = seen.iter().filter(|e| e.server.name == context.server).collect();
    let (Some(first), Some(last)) = (own.iter().map(|e| e.started).min(), own.iter().map(|e| e.started).max()) else {
        return format!("Where this page comes from <span class=\"rh-hint\">{all}, not played on {}</span>", html(context.server));
    };
    let passed = own.iter().filter(|e| e.verdict == Verdict::Passed).count();
    let when = if day(first) == day(last) { day(first).to_owned() } else { format!("{} to {}", day(first), day(last)) };
    format!(
        "Where this page comes from <span class=\"rh-hint\">{all}, {} played on {} {}, {passed} passed, {when}</span>",
        own.len(),
        html(context.server),
        html(&own[0].server.version)
    )
}

/// Each build once, with the image it was in.
fn builds(seen: &[Origin<'_>]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for build in seen.iter().map(|e| e.server) {
        let id = if build.build_id.is_empty() { String::new() } else { format!(", build {}", html(&build.build_id)) };
        let append = if build.append.is_empty() { String::new() } else { format!(", with <code>{}</code> appended", html(&build.append.join("; "))) };
        let own = match &build.executable {
            Some(Executable::Binary { path, sha256 }) => format!(", running <code>{}</code> (SHA-256 {})", html(path), html(sha256)),
            None | Some(Executable::Image) => String::new(),
        };
        let text = format!(
            "{} {}{id}; image <code>{}</code>, {}, {}{append}{own}",
            html(&build.name),
            html(&build.version),
            html(&build.image),
            html(&build.route),
            html(&build.image_id)
        );
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told
}

/// Each run once, the newest first, with the machine it took place on.
fn runs(seen: &[Origin<'_>], library: &Library) -> Vec<String> {
    let mut runs: BTreeMap<&str, (usize, &str, Option<&Host>)> = BTreeMap::new();
    for origin in seen {
        let run = runs.entry(origin.run).or_insert((0, origin.started, origin.host));
        *run = (run.0 + 1, run.1.min(origin.started), run.2.or(origin.host));
    }
    let mut runs: Vec<_> = runs.into_iter().collect();
    runs.sort_by_key(|(run, _)| std::cmp::Reverse(library.age(run)));
    let told = runs.into_iter().map(|(run, (scenarios, began, kept))| {
        let host = library.hosts.get(run).or(kept).map_or(String::new(), |host| {
            format!("; {}, {}, {} MiB of memory, engine {}", html(&host.os), count(host.cpus, "processor"), host.memory_mib, html(&host.engine))
        });
        format!("{}: {} of this page, from {} on{host}", html(run), count(scenarios, "scenario"), date(began))
    });
    told.collect()
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// How controls came out, server by server: with the faults left out, a scenario has to fail.
pub fn controls(context: Context<'_>) -> String {
    let library = context.library;
    let mut out = String::from(
        "<div class=\"rh-scroll\"><table class=\"rh-broken\"><thead><tr><th scope=\"col\">Server</th><th scope=\"col\">With a fault</th><th scope=\"col\">Caught</th>\
         <th scope=\"col\">Mirrored</th><th scope=\"col\">Missed</th><th scope=\"col\">Unknown</th><th scope=\"col\">Not played</th><th scope=\"col\">When</th></tr></thead><tbody>\n",
    );
    let with_fault: Vec<_> = library.scenarios().filter(|(_, scenario)| scenario.has_fault).collect();
    let mut missed = Vec::new();
    for server in library.shown_servers() {
        let verdicts: Vec<_> = with_fault.iter().filter(|(f, s)| library.standing(f, s, server).is_shown()).collect();
        let known = |(f, s): &&Placed<'_>| library.control(&s.text_hash, server).map(|control| (format!("{}#{}", f.key, s.slug), control));
        let seen: Vec<(String, Controlled<'_>)> = verdicts.iter().copied().filter_map(|one| known(&one)).collect();
        let of = |control: Control| seen.iter().filter(move |(_, c)| c.control == control);
        let days: BTreeSet<&str> = seen.iter().map(|(_, c)| day(c.started)).collect();
        let when = match (days.first(), days.last()) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (Some(day), _) => (*day).to_owned(),
            _ => "never".to_owned(),
        };
        missed.extend(of(Missed).map(|(id, e)| format!("{id} on {server}{}", without(e.unnoticed))));
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{when}</td></tr>",
            html(server),
            verdicts.len(),
            of(Caught).count(),
            of(Mirrored).count(),
            of(Missed).count(),
            of(Unknown).count(),
            verdicts.len() - seen.len(),
        );
    }
    out.push_str("</tbody></table></div>\n");
    if !missed.is_empty() {
        let _ = writeln!(out, "<p class=\"rh-note\">Missed, so they prove less than they say: {}.</p>", html(&missed.join(", ")));
    }
    out
}

/// Which faults nobody missed.
fn without(unnoticed: &[String]) -> String {
    if unnoticed.is_empty() { String::new() } else { format!(" (it passes without {})", unnoticed.join("; ")) }
}
