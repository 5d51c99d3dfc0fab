//! The book as a whole, over the sample library: what no page may ever contain, and what the finished pages look like.
//!
//! `REHEARSAL_SAMPLE=FOLDER cargo test sample_book` leaves the built sample in a folder, for looking at it in a browser.

use super::library::Library;
use super::links::Links;
use super::render_feature::Context;
use super::render_scenario::{Place, Shown, card};
use super::slots;
use super::sources::Sources;
use super::{drawing, lanes, preprocess, reference, sample, sample_evidence, tree};
use crate::confined;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

fn sources(root: &Path) -> Sources {
    Sources::at(root, "book").expect("every file is one that a book may have")
}

fn chapter(path: &str, content: &str) -> BookItem {
    BookItem::Chapter(Chapter::new("Chapter", content.to_owned(), path, Vec::new()))
}

fn book(content: &str) -> Book {
    Book::new_with_items(vec![chapter("sentinel/quorum.md", content), chapter("claims.md", "{{#claims all}}")])
}

fn rendered(content: &str, library: &Library) -> String {
    let book = preprocess::run(book(content), library, true).expect("every directive resolves");
    slots::in_place(&book.chapters().next().expect("a chapter").content)
}

/// Blocks of HTML: from a line that opens one of ours to the blank line after it.
fn blocks(text: &str) -> Vec<&str> {
    text.split("\n\n").map(str::trim).filter(|b| b.starts_with('<')).collect()
}

#[test]
fn cards_are_single_blocks_and_harmless() {
    let page = rendered("# T\n\n{{#feature sentinel/quorum}}\n\nafter", &sample::library());
    assert!(!page.contains("<script"), "a server's markup got through");
    assert!(!page.contains("javascript:"));
    for (at, _) in page.match_indices("{{#") {
        assert!(page[..at].ends_with('\\'), "mdBook would expand {}", &page[at..at + 30]);
    }
    let cards: Vec<_> = blocks(&page).into_iter().filter(|b| b.starts_with("<div class=\"rh-card")).collect();
    assert_eq!(cards.len(), 3);
    for card in cards {
        assert!(card.ends_with("</div>"), "a blank line inside a card: {}", &card[card.len() - 80..]);
        assert_eq!(card.matches("<div").count(), card.matches("</div>").count());
        assert_eq!(card.matches("<details").count(), card.matches("</details>").count());
        assert!(card.lines().all(|l| !l.trim().is_empty()));
    }
}

#[test]
fn a_verdict_belongs_to_a_text() {
    let page = rendered("{{#feature sentinel/quorum}}", &sample::library());
    assert!(page.contains("The text changed since it was last played (2026-03-01 12:00 UTC)"));
    let page = rendered("{{#feature cluster/moved}}", &sample::library());
    assert!(page.contains("not run") && !page.contains("class=\"rh-evidence\""));
    let page = rendered("{{#feature sentinel/quorum}}", &Library { evidence: Default::default(), ..sample::library() });
    assert!(!page.contains("rh-passed"), "nothing passes without evidence");
}

#[test]
fn what_resolves_to_nothing_is_told_with_line_and_nearest_name() {
    let text = "# T\n\n{{#feature sentinel/quorm}}\n{{#scenario sentinel/quorum#a-minority-elects-somebody}}\n{{#claims sentinels}}\n{{#chart x}}\n{{#featre a}}\n{{#matrix x}}";
    let error = preprocess::run(book(text), &sample::library(), true).expect_err("nothing resolves");
    insta::assert_snapshot!(error.to_string());
}

#[test]
fn a_passed_card() {
    let library = sample::library();
    insta::assert_snapshot!(card_of(&library, "a-minority-elects-nobody", "redis-7.0"));
}

#[test]
fn a_failed_card_on_another_server() {
    let mut library = sample::library();
    for evidence in library.evidence.values_mut() {
        evidence.snapshots.clear();
        evidence.timeline.clear();
    }
    insta::assert_snapshot!(card_of(&library, "a-minority-elects-nobody", "redis-8.0"));
}

/// The default server has no say in it: another one's evidence stands in, and the card tells so.
#[test]
fn what_does_not_apply_shows_where_it_does() {
    let mut library = sample::library();
    library.evidence.retain(|(hash, server), _| hash != "hash-a-minority-elects-nobody" || server == "redis-8.0");
    library.not_applicable.insert(("sentinel/quorum#a-minority-elects-nobody".into(), "redis-7.0".into()), "holds since redis 8.0".into());
    let card = card_of(&library, "a-minority-elects-nobody", "redis-7.0");
    assert!(card.contains("Not applicable on redis-7.0: holds since redis 8.0. What is shown is the evidence of redis-8.0."), "{card}");
    assert!(card.contains("on redis-8.0 (8.0.2)") && card.contains("title=\"not applicable: holds since redis 8.0\""));
    library.evidence.clear();
    let card = card_of(&library, "a-minority-elects-nobody", "redis-7.0");
    assert!(card.contains("Not applicable on redis-7.0: holds since redis 8.0.") && !card.contains("class=\"rh-evidence\""));
}

/// The print page holds all chapters, so a quoted scenario has an id of its own, and leads to its chapter.
#[test]
fn a_quoted_scenario_keeps_out_of_its_own_chapter() {
    let quote = chapter("introduction.md", "{{#scenario sentinel/quorum#a-minority-elects-nobody}}");
    let home = chapter("sentinel/quorum.md", "{{#feature sentinel/quorum}}");
    let book = preprocess::run(Book::new_with_items(vec![quote, home]), &sample::library(), true).expect("resolves");
    let page = slots::in_place(&book.chapters().next().expect("the quoting chapter").content);
    assert!(page.contains("{#introduction-a-minority-elects-nobody .rh-name}") && page.contains("id=\"introduction-a-minority-elects-nobody-t\""));
    assert!(page.contains("From <a href=\"sentinel/quorum.html#a-minority-elects-nobody\">Quorum and majority</a>"));
}

fn card_of(library: &Library, slug: &str, server: &str) -> String {
    let links = Links::of(&book("{{#feature sentinel/quorum}}"), library, true);
    let (feature, rule, scenario) = library.scenario("sentinel/quorum", slug).expect("in the sample");
    let card = card(
        Place { feature, rule, scenario, shown: Shown::Drawn, anchor: slug },
        Context { library, links: &links, page: "sentinel/quorum.html", server },
    );
    slots::in_place(&card)
}

#[test]
fn a_drawing_is_small_and_unique() {
    let picture = lanes::picture(&sample_evidence::minority_passed("redis-7.0", "7.0.15")).expect("something happened");
    let svg = drawing::svg(&picture, "slug-1", "Name");
    assert!(svg.len() < 15_000, "{} bytes", svg.len());
    for id in svg.split(" id=\"").skip(1) {
        assert!(id.starts_with("slug-1-"), "an id without the slug: {}", &id[..20]);
    }
    insta::assert_snapshot!(svg.replace("><", ">\n<"));
}

#[test]
fn many_events_stay_a_small_drawing() {
    let mut evidence = sample_evidence::minority_passed("redis-7.0", "7.0.15");
    for i in 0..3000 {
        let mut entry = evidence.timeline[12].clone();
        entry.first_ms = 3300 + i * 2;
        entry.last_ms = entry.first_ms;
        entry.name = format!("+event-{}", i % 50);
        evidence.timeline.push(entry);
    }
    let picture = lanes::picture(&evidence).expect("something happened");
    assert!(drawing::svg(&picture, "s", "n").len() < 15_000);
    evidence.timeline.clear();
    evidence.nodes.clear();
    assert_eq!(lanes::picture(&evidence), None);
}

#[test]
fn ledger_and_matrix() {
    let page = rendered("{{#matrix}}", &sample::library());
    insta::assert_snapshot!("matrix", page);
    let book = preprocess::run(book("{{#feature sentinel/quorum}}"), &sample::library(), true).expect("resolves");
    let ledger = &book.chapters().nth(1).expect("the ledger").content;
    insta::assert_snapshot!("ledger", ledger);
}

/// A link with its verdict, and what a step saw, in the middle of a sentence and of a table.
#[test]
fn sentences_carry_verdicts_and_observations() {
    let text = "# T\n\nIt {{#see sentinel/quorum#a-minority-elects-nobody elects nobody}}: {{#saw sentinel/quorum#a-minority-elects-nobody reports \"+odown\"}}.\n\n| a |\n|---|\n| {{#see cluster/moved#never}} |\n";
    let book = Book::new_with_items(vec![chapter("night.md", text), chapter("sentinel/quorum.md", "{{#feature sentinel/quorum}}")]);
    let book = preprocess::run(book, &sample::library(), true).expect("every directive resolves");
    insta::assert_snapshot!(book.chapters().next().expect("a chapter").content);
    let error = preprocess::run(
        Book::new_with_items(vec![chapter("night.md", "{{#see sentinel/quorum#nobody}} {{#saw sentinel/quorum#a-minority-elects-nobody words}}")]),
        &sample::library(),
        true,
    );
    insta::assert_snapshot!(error.expect_err("neither is there").to_string());
}

/// Claims have their addresses in the chapter of their system, wherever a card names one.
#[test]
fn a_ledger_by_system() {
    let chapters = vec![
        chapter("claims.md", "{{#ledger}}"),
        chapter("claims/sentinel.md", "{{#ledger sentinel}}"),
        chapter("sentinel/quorum.md", "{{#feature sentinel/quorum}}"),
    ];
    let book = preprocess::run(Book::new_with_items(chapters), &sample::library(), true).expect("every directive resolves");
    let pages: Vec<&str> = book.chapters().map(|c| c.content.as_str()).collect();
    assert!(pages[2].contains("href=\"../claims/sentinel.html#SENT-MAJORITY\""), "a card's claim leads to its system's page");
    insta::assert_snapshot!(format!("{}\n=====\n{}", pages[0], pages[1]));
}

/// What the script of the page compares stands in it, whole.
#[test]
fn a_calculator_on_a_page() {
    let page = rendered("{{#sizing sentinels}}", &sample::library());
    assert_eq!(page.matches("data-rh-in=").count(), crate::sizing::votes::SENTINELS.examples.len());
    assert!(!page.trim().contains("\n\n"), "one block of HTML");
    insta::assert_snapshot!(page);
}

#[test]
fn the_track_record() {
    insta::assert_snapshot!("broken", rendered("{{#broken}}", &sample::library()));
}

#[test]
fn reference_pages_survive_their_own_markup() {
    let row = reference::StepRow {
        keyword: "Then".into(),
        pattern: "a|b {string} `x` {{#matrix}}".into(),
        doc: "Says | that\n{{#include x}}.".into(),
        file: "src/steps/roles.rs".into(),
        line: 31,
        used: 2,
        examples: vec!["Then a|b \"c\"".into()],
        uses: vec![
            reference::UseRow { feature: "a/b".into(), scenarios: 2, page: Some("../a/b.md".into()) },
            reference::UseRow { feature: "c".into(), scenarios: 1, page: None },
        ],
    };
    insta::assert_snapshot!("steps_page", reference::steps_page(&[row]));
    let help = reference::HelpRow { command: "rehearsal run".into(), help: "Usage: ```x```".into() };
    insta::assert_snapshot!("cli_page", reference::cli_page(&[help]));
}

#[test]
fn the_protocol_answers_what_it_was_asked() {
    assert!(super::protocol::supports("html") && !super::protocol::supports("epub"));
    let context = mdbook_preprocessor::PreprocessorContext::new("/x".into(), mdbook_preprocessor::config::Config::default(), "html".into());
    let input = serde_json::to_vec(&(context, book("{{#scenario sentinel/quorum#nasty}}"))).expect("serialises");
    let mut output = Vec::new();
    super::protocol::serve(input.as_slice(), &mut output, &sample::library()).expect("served");
    let answer: Book = serde_json::from_slice(&output).expect("a book");
    let page = &answer.chapters().next().expect("a chapter").content;
    assert!(page.contains("rh-card") && !page.contains("href=\"../evidence"), "without pages beside the book no badge is a link");
}

#[test]
fn a_feature_nobody_can_read_is_a_finding() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("book");
    let mut library = full_sample(&root);
    assert_eq!(super::check(&sources(&root), &library).expect("the book loads"), []);
    library.features.push(super::FeatureText { key: "raft/log".into(), path: "features/raft/log.feature".into(), ..Default::default() });
    library.features.retain(|f| f.key != "sentinel/tilt");
    let findings = super::check(&sources(&root), &library).expect("the book loads");
    // Links to its scenarios from elsewhere are findings as well, and more of them with every chapter.
    let (links, findings): (Vec<_>, Vec<_>) = findings.iter().partition(|f| f.message.starts_with("no scenario sentinel/tilt#"));
    assert!(links.iter().any(|f| f.file == "night.md"), "a row of the night chart that leads nowhere is a finding");
    insta::assert_snapshot!(findings.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("\n"));
}

/// The real chapters and theme with the sample's evidence, built as `rehearsal book` does.
#[test]
fn sample_book() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = std::env::var_os("REHEARSAL_SAMPLE").map_or(folder.path().to_owned(), Into::into);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("book");
    let built = super::build(&sources(&root), &folder, Arc::new(full_sample(&root)), None).expect("the book builds");
    assert!(built.chapters > 5 && built.evidence_pages > 0);
    let page = std::fs::read_to_string(folder.join("sentinel/quorum-and-failover.html")).expect("the Sentinel chapter");
    assert!(page.contains("id=\"a-minority-elects-nobody\""));
    assert!(page.contains("href=\"../evidence/redis-8.0/sentinel/quorum/reaching-the-quorum-is-not.html#a-minority-elects-nobody\""));
    assert!(folder.join("evidence/redis-8.0/sentinel/quorum/reaching-the-quorum-is-not.html").is_file());
    let main = page.split("<main>").nth(1).and_then(|p| p.split("</main>").next()).expect("content");
    assert!(!main.contains("root:x:0") && main.contains("{{#include /etc/passwd}}"), "a directive in a server's text is text");
    assert!(folder.join("evidence/rehearsal.css").is_file());
    assert_eq!(dead_links(&folder), Vec::<String>::new());
    let index = tree::files(&folder).expect("readable").into_iter().find(|p| p.to_string_lossy().starts_with("searchindex")).expect("an index");
    let index = std::fs::read_to_string(folder.join(index)).expect("readable");
    // Titles and sentences are found; what servers said is not.
    assert!(index.contains("failover-abort-not-elected") && !index.contains("20260301T120000Z"), "a run's id is in every piece of evidence");
}

/// Whatever a build takes from its surroundings would be a difference here.
#[test]
fn the_same_input_gives_the_same_bytes_in_any_folder() {
    let built = |name: &str| {
        let project = tempfile::Builder::new().prefix(name).tempdir().expect("a folder");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("book");
        for path in tree::files(&root).expect("readable").into_iter().filter(|path| !path.starts_with("html")) {
            let to = project.path().join("book").join(&path);
            confined::write(project.path(), &to, &std::fs::read(root.join(&path)).expect("readable")).expect("written");
        }
        let folder = project.path().join("book/html");
        let first = super::build(&sources(&project.path().join("book")), &folder, Arc::new(full_sample(&root)), None).expect("the book builds");
        let files = |folder: &Path| -> BTreeMap<PathBuf, Vec<u8>> {
            tree::files(folder).expect("readable").into_iter().map(|p| (p.clone(), std::fs::read(folder.join(p)).expect("readable"))).collect()
        };
        let once = files(&folder);
        super::build(&sources(&project.path().join("book")), &folder, Arc::new(full_sample(&root)), Some(&first)).expect("the book builds again");
        assert!(files(&folder) == once, "a second build changed something");
        once
    };
    let (here, there) = (built("a"), built("another-name"));
    let differing: Vec<_> = here.iter().filter(|(path, bytes)| there.get(*path) != Some(*bytes)).map(|(path, _)| path).collect();
    assert!(differing.is_empty() && here.len() == there.len(), "{differing:?}");
}

/// Links of all pages to files or anchors that do not exist.
fn dead_links(folder: &Path) -> Vec<String> {
    let (href, id) = (regex::Regex::new(r#"href="([^"]*)""#).expect("valid"), regex::Regex::new(r#" id="([^"]*)""#).expect("valid"));
    let mut pages = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in std::fs::read_dir(next).expect("a folder").flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|x| x == "html") && !path.ends_with("404.html") && !path.ends_with("toc.html") {
                pages.insert(path.clone(), std::fs::read_to_string(&path).expect("a page"));
            }
        }
    }
    let mut dead = Vec::new();
    for (path, text) in &pages {
        for link in href.captures_iter(text).map(|c| c[1].to_owned()).filter(|l| !l.contains(':')) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { path.clone() } else { plain(&path.with_file_name(file)) };
            let known = pages.get(&target).map(|t| anchor.is_empty() || id.captures_iter(t).any(|c| &c[1] == anchor));
            if !known.unwrap_or_else(|| target.exists()) {
                dead.push(format!("{}: {link}", path.strip_prefix(folder).unwrap_or(path).display()));
            }
        }
    }
    dead
}

/// A path without `..`, so that it can be looked up.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = out.pop(),
            part => out.push(part),
        }
    }
    out
}

/// The sample, with a stub of every feature and scenario that the chapters may speak of: chapters link to scenarios by their `@id`.
fn full_sample(root: &Path) -> Library {
    let mut library = sample::library();
    let book = mdbook_driver::MDBook::load(root).expect("the book loads").book;
    let id = regex::Regex::new(r"@id:(\S+)").expect("valid");
    // Features first: what was seen in one is asked for in chapters before it.
    let mut found: Vec<_> = book.chapters().flat_map(|c| super::directives(&c.content)).collect();
    found.sort_by_key(|d| !matches!(d.kind, super::Kind::Feature(_)));
    for directive in found {
        match directive.kind {
            super::Kind::Feature(key) => {
                let path = format!("features/{key}.feature");
                let text = std::fs::read_to_string(root.join("..").join(&path)).unwrap_or_default();
                if library.feature(&key).is_none() {
                    let name = format!("(sample) {key}");
                    library.features.push(super::FeatureText { path, key: key.clone(), name, ..Default::default() });
                }
                let missing = id.captures_iter(&text).flat_map(|c| stubs(&text, &c[1])).filter(|s| library.scenario(&key, &s.slug).is_none());
                let rule = super::RuleText { scenarios: missing.collect(), ..Default::default() };
                library.features.iter_mut().filter(|f| f.key == key).for_each(|f| f.rules.push(rule.clone()));
            }
            super::Kind::Saw { key, slug, words } => {
                let rules = library.features.iter_mut().filter(|f| f.key == key).flat_map(|f| &mut f.rules);
                let scenario = rules.flat_map(|r| &mut r.scenarios).find(|s| s.slug == slug);
                scenario.into_iter().for_each(|s| s.steps.push(sample::step("Then", &words)));
            }
            super::Kind::Cure { key, slug, .. } => {
                let rules = library.features.iter_mut().filter(|f| f.key == key).flat_map(|f| &mut f.rules);
                let scenario = rules.flat_map(|r| &mut r.scenarios).find(|s| s.slug == slug);
                scenario.into_iter().for_each(|s| s.tags.push("cure".to_owned()));
            }
            super::Kind::Claims(system) | super::Kind::Ledger(Some(system))
                if system != "all" && !library.claims.iter().any(|c| c.system == system) =>
            {
                library.claims.push(super::ClaimRow { system, id: "SAMPLE".into(), status: "untested".into(), ..Default::default() });
            }
            super::Kind::Upgrade { from, to } => library.servers.extend([from, to].into_iter().filter(|s| !sample::library().servers.contains(s))),
            _ => {}
        }
    }
    library
}

/// A scenario without steps; of an outline each row.
fn stubs(text: &str, slug: &str) -> Vec<super::ScenarioText> {
    let rest = text.split(&format!("@id:{slug}")).nth(1).unwrap_or_default();
    let own = rest.split("@id:").next().unwrap_or_default();
    // Below a heading of `Examples` the first row has the names of the columns.
    let rows = |examples: &str| examples.lines().map(str::trim).filter(|l| l.starts_with('|')).skip(1).map(str::to_owned).collect::<Vec<_>>();
    let rows: Vec<String> = own.split("Examples:").skip(1).flat_map(rows).collect();
    let of_row = |row: &String| row.split('|').nth(1).map(|cell| format!("{slug}-{}", cell.trim()));
    let slugs: Vec<String> = if rows.is_empty() { vec![slug.to_owned()] } else { rows.iter().filter_map(of_row).collect() };
    slugs
        .into_iter()
        .map(|slug| super::ScenarioText { name: format!("(sample) {slug}"), text_hash: slug.clone(), slug, ..Default::default() })
        .collect()
}
