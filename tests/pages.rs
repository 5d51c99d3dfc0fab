//! The finished book in a browser: every page is opened wide and on a phone's width, in light and dark, with scripts and without, and read with keys alone.
//!
//! You are in the right place when a page is said to be wrong: `pages/rules.rs` has what a page must be, `pages/links.rs` where links must lead, `pages/reader.rs` what must
//! work across pages. The book is built from the evidence that is kept, so the features have to be played before; `cargo test` does so. The browser is Chromium in a
//! container (`pages/browser.rs`), for its version and its letters are then the same everywhere, and nothing has to be installed.

#[path = "pages/browser.rs"]
mod browser;
#[path = "pages/hostile.rs"]
mod hostile;
#[path = "pages/links.rs"]
mod links;
#[path = "bad_input/played.rs"]
mod played;
#[path = "pages/protocol.rs"]
mod protocol;
#[path = "pages/reader.rs"]
mod reader;
#[path = "pages/rules.rs"]
mod rules;
#[path = "pages/site.rs"]
mod site;
#[path = "pages/sweep.rs"]
mod sweep;

use browser::{Browser, Tab};
use protocol::Link;
use site::Site;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use sweep::Seen;

/// Something that is wrong with a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    page: String,
    element: String,
    what: String,
}

impl Finding {
    fn new(page: &str, element: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding { page: page.to_owned(), element: element.into(), what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.page, self.element, self.what)
    }
}

/// Runs something with a browser, and removes it whatever happens. What was seen counts even if the engine is too busy to remove a container: the next run does.
fn with_browser<T>(work: impl AsyncFnOnce(&Browser) -> Result<T, String>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    let done = local.block_on(&runtime, async {
        let browser = Browser::start().await?;
        let done = work(&browser).await;
        if let Err(error) = browser.remove().await {
            eprintln!("the browser is still there: {error}");
        }
        done
    });
    done.unwrap_or_else(|error| panic!("the pages could not be looked at: {error}"))
}

/// Builds the book from the evidence that is kept.
fn book() -> Site {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let runs = root.join("target/rehearsal/runs");
    let played = std::fs::read_dir(&runs).is_ok_and(|runs| runs.flatten().any(|run| run.path().join("scenarios").is_dir()));
    assert!(
        played,
        "{} holds no evidence, so the book has nothing to show: play the features first with `cargo test --test features` (`cargo test` does it by itself)",
        runs.display()
    );
    let built = Command::new(env!("CARGO_BIN_EXE_rehearsal")).args(["book", "--no-run"]).current_dir(root).output().unwrap();
    assert!(built.status.success(), "`rehearsal book --no-run`: {}", String::from_utf8_lossy(&built.stderr));
    Site::read(&root.join("book/html")).unwrap()
}

/// Pages that people read: not the one for printing, which is all of them, the one for addresses that are not there, nor the list of chapters without scripts.
fn read_by_people(site: &Site) -> Vec<&str> {
    let aside = ["print.html", "404.html", "toc.html"];
    // For somebody who mends a page: REHEARSAL_PAGES=sentinel/ looks at those alone.
    let wanted = std::env::var("REHEARSAL_PAGES").unwrap_or_default();
    let mut servers = std::collections::BTreeSet::new();
    // Evidence of another server is made of the same parts as the chapters: one page of each is looked at, and the links of all.
    let one_of =
        |page: &&str| page.strip_prefix("evidence/").is_none_or(|rest| servers.insert(rest.split('/').next().unwrap_or_default().to_owned()));
    site.pages().map(|(path, _)| path).filter(|path| !aside.contains(path) && path.contains(&wanted)).filter(one_of).collect()
}

#[test]
fn every_page_of_the_book_is_as_it_should_be() {
    let site = book();
    let began = Instant::now();
    let (seen, mut findings) = with_browser(async |browser| {
        let link = browser.connect(&site).await?;
        let seen = sweep::sweep(&link, &site, &read_by_people(&site)).await?;
        let sought = reader::sought(&seen, &terms(&site));
        let findings = read(&link, &sought, PATIENCE).await?;
        // What finds nothing wrong has to be able to: the same book without its scripts.
        for (script, wrong) in [("searchindex", &["search"][..]), ("book-", &["the theme", "ArrowRight", "ArrowLeft"])] {
            let spoiled = browser.connect(&site.without(script)).await?;
            let found = read(&spoiled, &sought, IMPATIENCE).await?;
            if let Some(wrong) = wrong.iter().find(|wrong| !found.iter().any(|finding| finding.to_string().contains(**wrong))) {
                return Err(format!("without {script}* nothing is said of {wrong}; found: {found:?}"));
            }
        }
        Ok((seen, findings))
    });
    findings.extend(seen.iter().flat_map(rules::findings));
    findings.extend(links::findings(&site));
    findings.sort();
    let cards: usize = seen.iter().map(|seen| seen.cards.len()).sum();
    eprintln!(
        "{} pages with {cards} scenarios looked at in {:.0} s, links on {} pages",
        seen.len(),
        began.elapsed().as_secs_f64(),
        site.pages().count()
    );
    assert!(cards > 0, "no page shows a scenario");
    let lines: Vec<String> = findings.iter().map(|finding| format!("  {finding}")).collect();
    assert!(findings.is_empty(), "{} things are wrong in book/html:\n{}", lines.len(), lines.join("\n"));
}

/// How long something that should come is waited for, and something that should not.
const PATIENCE: Duration = Duration::from_secs(30);
const IMPATIENCE: Duration = Duration::from_secs(2);

/// What goes wrong when somebody searches, turns pages and chooses a theme.
async fn read(link: &Link, sought: &[reader::Sought], limit: Duration) -> Result<Vec<Finding>, String> {
    let tab = Tab::open(link).await?;
    tab.size(1280, 900).await?;
    let mut findings = reader::search(&tab, sought, limit).await?;
    findings.extend(reader::turn(&tab, limit).await?);
    findings.extend(reader::theme(&tab, sought.first().map_or("index.html", |sought| &sought.page)).await?);
    Ok(findings)
}

/// Terms that the glossary explains: the first, one in the middle, the last.
fn terms(site: &Site) -> Vec<String> {
    let Some((html, _)) = site.file("glossary.html") else { return Vec::new() };
    let terms = links::headings(html, "h3");
    let some = [0, terms.len() / 2, terms.len().saturating_sub(1)];
    some.iter().filter_map(|at| terms.get(*at)).cloned().collect()
}

/// A book whose record, prose and settings try to run or load something in every field: no script runs, nothing is asked for, the console says nothing.
#[test]
fn a_book_of_a_stranger_is_only_read() {
    let site = Site::read(&hostile::book()).unwrap();
    let pages: Vec<&str> = site.pages().map(|(path, _)| path).filter(|path| !["404.html", "toc.html"].contains(path)).collect();
    let seen = with_browser(async |browser| sweep::sweep(&browser.connect(&site).await?, &site, &pages).await);
    let told = |seen: &Seen| {
        seen.refused.iter().chain(&seen.plain_refused).chain(&seen.console).map(|what| format!("{}: {what}", seen.page)).collect::<Vec<_>>()
    };
    let told: Vec<String> = seen.iter().flat_map(told).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(seen.iter().any(|seen| !seen.cards.is_empty() && seen.text.contains("console.error")) && pages.contains(&"print.html"));
}

/// Every page of `broken/` says what is wrong with it, each in a `<meta name="wrong">`; that has to be found, and nothing else.
#[test]
fn what_is_wrong_with_a_page_is_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/broken");
    let site = Site::read(&folder).unwrap();
    let pages: Vec<&str> = site.pages().map(|(path, _)| path).collect();
    let seen: Vec<Seen> = with_browser(async |browser| sweep::sweep(&browser.connect(&site).await?, &site, &pages).await);
    let findings: Vec<Finding> = seen.iter().flat_map(rules::findings).chain(links::findings(&site)).collect();
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for finding in &findings {
        found.entry(&finding.page).or_default().push(format!("{} {}", finding.element, finding.what));
    }
    let mut wrong = Vec::new();
    for (page, html) in site.pages() {
        let mut left = found.remove(page).unwrap_or_default();
        for expected in links::metas(html, "wrong") {
            match left.iter().position(|said| said.contains(&expected)) {
                Some(at) => drop(left.swap_remove(at)),
                None => wrong.push(format!("{page}: not found: {expected}")),
            }
        }
        wrong.extend(left.iter().map(|said| format!("{page}: found besides: {said}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
