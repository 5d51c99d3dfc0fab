//! Every reader of a kind of file, with a text that it takes and what the program does with what was read: what mutations are given to.
//!
//! You are in the right place when a new kind of file is read, or something new is made of one. What is read is shown as well, for a value that a reader takes may still break a page.

use super::original;
use super::played::{evidence, record};
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use rehearsal::book::links::Links;
use rehearsal::book::{FeatureText, Library, RuleText, ScenarioText, pages, preprocess, settings};
use rehearsal::claims::Claims;
use rehearsal::config::Config;
use rehearsal::hand::{draft, journal, seen};
use rehearsal::measure::phases::Call;
use rehearsal::measure::{Measure, Reshard};
use rehearsal::record::{Evidence, Kept, RunRecord, kept, numbers};
use rehearsal::report::{self, Run, steps};
use rehearsal::run::reading;
use rehearsal::topology::{Catalogue, Topology, Variables, broken, built_in};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

/// How a text is made of values, for mutations that a reader goes on with.
#[derive(Clone, Copy)]
pub enum Form {
    Json,
    /// JSON, a line each.
    Lines,
    Text,
}

pub struct Reader {
    pub name: &'static str,
    pub form: Form,
    /// To begin with; the reader takes it.
    pub text: String,
    /// Reads it and shows what was read; whether it was taken.
    pub read: fn(&str) -> bool,
}

pub fn readers() -> Vec<Reader> {
    let (evidence, record) = (evidence(), record());
    let reader = |name, form, text: String, read| Reader { name, form, text, read };
    vec![
        reader("features", Form::Text, FEATURE.to_owned(), |text| {
            let sources = |name: &str| built_in::source(Path::new("/dev/null"), name);
            reading::feature("features/a/a.feature", text, &sources, &mut Vec::new()).is_some()
        }),
        reader("topologies", Form::Text, original("compose/standalone.yml"), |text| {
            Topology::parse(text, "compose/x.yml", &Variables::default()).is_ok()
        }),
        reader("servers", Form::Text, SERVERS.to_owned(), |text| Catalogue::parse(text, "compose/servers.toml").is_ok()),
        reader("broken servers", Form::Text, BROKEN.to_owned(), |text| {
            Catalogue::parse("redis-7.0 = { image = \"redis:7.0.15\" }\n", "x").is_ok_and(|catalogue| broken::parse(text, "x", &catalogue).is_ok())
        }),
        reader("settings", Form::Text, SETTINGS.to_owned(), |text| Config::parse(text, "rehearsal.toml").is_ok()),
        reader("claims", Form::Text, CLAIMS.to_owned(), |text| Claims::parse(text, "claims.yaml").is_ok()),
        reader("book.toml", Form::Text, BOOK.to_owned(), |text| settings::parse(text, "book/book.toml").is_ok()),
        reader("chapters", Form::Text, CHAPTER.to_owned(), |text| is_chapter(text, &library())),
        reader("records", Form::Json, record.to_string(), is_record),
        reader("evidence", Form::Json, evidence.to_string(), is_evidence),
        reader("kept records", Form::Lines, kept_lines(&evidence), is_kept),
        reader("measurements", Form::Json, measure("failover-sentinel@redis-7.0.json"), is_measure),
        reader("reshards", Form::Json, measure("reshard-cluster@redis-7.0.json"), is_reshard),
        reader("clients' calls", Form::Lines, CALLS.to_owned(), |text| !Call::read(text).is_empty()),
        reader("journals", Form::Lines, JOURNAL.to_owned(), is_journal),
    ]
}

const FEATURE: &str = r#"@a
Feature: A feature
  Prose with `code` and {braces}.

  Rule: A rule
    Source: https://redis.io/docs/

    @id:one @claim:SENT-MAJORITY
    Scenario Outline: Takes <n>
      Given the "sentinel" topology with
        | quorum | <n> |
      When the master is killed
      Then within 3 seconds "sentinel-1" reports "+sdown"
      And within 10 seconds a replica becomes master
        """
        text
        """

      Examples:
        | n |
        | 1 |
        | 2 |
"#;

const SERVERS: &str = r#"redis-7.0 = { image = "redis:7.0.15", debian = "bookworm" }
valkey-8.1 = { image = "valkey/valkey:8.1.1", append = ["maxmemory 100mb", "master.appendonly yes"] }
mine-8 = { image = "localhost:5000/x/redis@sha256:0123456789012345678901234567890123456789012345678901234567890123", package = "redis", binary = "a/b" }
"#;

const BROKEN: &str =
    "[unsynced]\nwhat = \"never synced\"\nserver = \"redis-7.0\"\nappend = [\"appendfsync no\"]\nfails = { \"a/a#one\" = \"lost\" }\n";

const SETTINGS: &str =
    "jobs = 2\nretry = 1\nslow = \"30 seconds\"\nreport = [\"junit=report.xml\"]\n[limits]\nscenario = \"2 minutes\"\nstep = \"1 minute\"\n";

const CLAIMS: &str = "- id: SENT-MAJORITY\n  system: sentinel\n  claim: 'A majority elects.'\n  verdict: wrong\n  truth: 'It does not.'\n  basis: docs\n  origin: field\n  sources: 'https://redis.io/'\n";

const BOOK: &str = "[book]\ntitle = \"A\"\nauthors = [\"B\"]\nlanguage = \"en\"\n[output.html]\ndefault-theme = \"light\"\nadditional-css = [\"theme/a.css\"]\n[output.html.fold]\nenable = true\nlevel = 1\n";

const CHAPTER: &str =
    "# A\n\n{{#matrix}}\n\nText with {{#see a/a#one words}} and `{{#x}}`.\n\n{{#controls}}\n\n```\n{{#broken}}\n```\n<b>x</b>\n\n{{#broken}}\n";

const CALLS: &str = "{\"kind\":\"append\",\"key\":\"a\",\"sent_ms\":1,\"ended_ms\":2,\"outcome\":\"acknowledged\"}\n{\"kind\":\"append\",\"key\":\"b\",\"sent_ms\":5,\"ended_ms\":9,\"outcome\":{\"refused\":\"x\"}}\n";

const JOURNAL: &str = r#"{"began":0,"ended":3000,"did":"up","topology":"sentinel","rows":[["quorum","1"]],"server":"redis-7.0"}
{"began":5000,"ended":5100,"did":"inject","fault":"killed","nodes":["master"],"said":"the master","millis":0,"span":null}
{"began":5200,"ended":5200,"did":"look","roles":{"master":"silent","replica-1":"replica"}}
{"began":6100,"ended":6100,"did":"became","node":"replica-1","role":"master"}
{"began":7000,"ended":7010,"did":"command","node":"replica-1","said":"\"replica-1\"","words":["SET","a","1"],"reply":"OK","error":false}
{"began":8000,"ended":8100,"did":"inject","fault":"clock jumped","nodes":["sentinel-1"],"said":"\"sentinel-1\"","millis":5000,"span":3}
{"began":9000,"ended":9100,"did":"heal","node":"master","fault":"killed","millis":0}
"#;

fn kept_lines(evidence: &Value) -> String {
    let evidence: Evidence = serde_json::from_value(evidence.clone()).unwrap();
    let record: RunRecord = serde_json::from_value(record()).unwrap();
    kept::text(&[Kept::of(&evidence, &record.host, "0.1.0")])
}

/// A kept measurement with few runs: all of them say no more.
fn measure(file: &str) -> String {
    let mut whole: Value = serde_json::from_str(&original(&format!("book/record/measures/{file}"))).unwrap();
    let groups = whole["groups"].as_array_mut().unwrap();
    groups.truncate(2);
    groups.iter_mut().for_each(|group| group["runs"].as_array_mut().unwrap().truncate(2));
    whole.to_string()
}

/// A book that knows one scenario, and what is to be shown of it.
fn library() -> Library {
    let text = ScenarioText { name: "A".into(), slug: "one".into(), line: 9, text_hash: "aa".into(), has_fault: true, ..ScenarioText::default() };
    let rule = RuleText { name: Some("A rule".into()), scenarios: vec![text], ..RuleText::default() };
    let feature =
        FeatureText { path: "features/a/a.feature".into(), key: "a/a".into(), name: "A".into(), rules: vec![rule], ..FeatureText::default() };
    Library { features: vec![feature], servers: vec!["redis-7.0".into()], ..Library::default() }
}

fn book(text: &str) -> Book {
    Book::new_with_items(vec![BookItem::Chapter(Chapter::new("Chapter", text.to_owned(), "a/a.md", Vec::new()))])
}

fn is_chapter(text: &str, library: &Library) -> bool {
    let links = Links::of(&book(text), library, true);
    let shown = pages::places(library).into_iter().map(|place| place.page(library, &links).1.len()).sum::<usize>();
    preprocess::run(book(text), library, true).is_ok() && shown < usize::MAX
}

fn reports(record: &RunRecord, evidence: &[Evidence]) {
    let sources = |_: &str| Some(FEATURE.to_owned());
    let run = Run { record, evidence, sources: &sources, folder: "target/rehearsal/latest" };
    assert!(report::reports().iter().map(|report| report.render(&run).len()).sum::<usize>() > 0);
}

fn is_record(text: &str) -> bool {
    let Ok(record) = numbers::read::<RunRecord>(text.as_bytes()) else { return false };
    reports(&record, &[]);
    true
}

fn is_evidence(text: &str) -> bool {
    let Ok(evidence) = numbers::read::<Evidence>(text.as_bytes()) else { return false };
    let mut record: RunRecord = serde_json::from_value(record()).unwrap();
    record.scenarios = vec![evidence.scenario.clone()];
    reports(&record, std::slice::from_ref(&evidence));
    assert!(!steps::draw(&evidence.scenario, Some(&evidence), true).is_empty());
    let mut library = library();
    library.clients.extend(evidence.client.iter().map(|client| (("aa".to_owned(), "redis-7.0".to_owned()), vec![client.clone()])));
    library.evidence.insert(("aa".to_owned(), "redis-7.0".to_owned()), evidence);
    is_chapter("{{#feature a/a}}\n\n{{#matrix}}\n\n{{#controls}}\n\n{{#chart lost-writes}}\n", &library)
}

fn is_kept(text: &str) -> bool {
    let Ok(lines) = kept::parse(text) else { return false };
    let mut library = library();
    library.kept = lines.into_iter().map(|kept| (("aa".to_owned(), "redis-7.0".to_owned()), kept)).collect();
    is_chapter("{{#feature a/a}}\n\n{{#matrix}}\n\n{{#controls}}\n", &library)
}

fn is_measure(text: &str) -> bool {
    let Ok(mut measure) = Measure::read(text) else { return false };
    measure.name = "failover-sentinel".to_owned();
    is_chapter("{{#chart failover-sentinel}}\n", &Library { measures: vec![measure], ..library() })
}

fn is_reshard(text: &str) -> bool {
    let Ok(mut reshard) = Reshard::read(text) else { return false };
    reshard.name = "reshard-cluster".to_owned();
    is_chapter("{{#chart reshard-cluster}}\n", &Library { reshards: vec![reshard], ..library() })
}

fn is_journal(text: &str) -> bool {
    const LOG: &str = "1:X 22 Nov 2026 01:40:03.123 # +sdown master mymaster 198.18.7.11 6379\n1:X 22 Nov 2026 01:40:04.000 # +switch-master mymaster 198.18.7.11 6379 198.18.7.12 6379\n";
    thread_local! {
        static TOPOLOGY: Arc<Topology> = Arc::new(built_in::carried("sentinel", &Variables::default()).unwrap());
    }
    let lines = journal::lines(text);
    let events = seen::events("sentinel-1", &rehearsal::systems::sentinel::Sentinel, LOG, &draft::wrong_clocks(&lines, "sentinel-1", 20_000));
    TOPOLOGY.with(|topology| assert!(!draft::feature(&lines, &events, topology, 20_000, "hand").is_empty()));
    !lines.is_empty()
}
