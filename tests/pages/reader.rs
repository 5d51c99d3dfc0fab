//! What a reader does across pages: searches, turns them, chooses a theme. You are in the right place for what mdBook's own scripts and our settings of them give.

use super::Finding;
use super::browser::Tab;
use super::sweep::Seen;
use rehearsal::wait::{self, Look};
use std::time::Duration;

/// The index is some megabytes, and is built in the page when it is first searched.
const FOUND: Duration = Duration::from_secs(30);
/// Of the results, those that a reader looks at.
const FIRST: usize = 5;

/// Where a reader begins.
const START: &str = "index.html";

/// Something that is searched for, and the page on which it has to be found.
pub struct Sought {
    pub words: String,
    pub page: String,
}

/// Scenarios from the first, the middle and the last page that has some, and terms of the glossary.
pub fn sought(seen: &[Seen], terms: &[String]) -> Vec<Sought> {
    let pages: Vec<&Seen> = seen.iter().filter(|seen| !seen.cards.is_empty()).collect();
    let some = [0, pages.len() / 2, pages.len().saturating_sub(1)];
    let scenarios = some.iter().filter_map(|at| pages.get(*at)).map(|seen| Sought { words: seen.cards[0].name.clone(), page: seen.page.clone() });
    scenarios.chain(terms.iter().map(|term| Sought { words: term.clone(), page: "glossary.html".to_owned() })).collect()
}

/// The box opens with a key, and one of the first results leads to what was meant.
pub async fn search(tab: &Tab, sought: &[Sought]) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    tab.goto(START).await?;
    tab.press("s").await?;
    let opened = wait::within("the search box", FOUND, async || match tab.value("document.activeElement && document.activeElement.type").await {
        Ok(kind) if kind == "search" => Look::Done(()),
        Ok(other) => Look::NotYet(format!("the focus is on {other}")),
        Err(error) => Look::NotYet(error),
    });
    if let Err(gave_up) = opened.await {
        return Ok(vec![Finding::new(START, "the key S", format!("does not open the search box: {gave_up}"))]);
    }
    for Sought { words, page } in sought {
        tab.value("document.activeElement.select()").await?;
        tab.type_in(words).await?;
        // A script that listens to keys hears of text that was put in at the next one.
        tab.press("Escape").await?;
        tab.press("s").await?;
        tab.value("document.activeElement.dispatchEvent(new KeyboardEvent('keyup', { key: 'e', bubbles: true }))").await?;
        let links = "JSON.stringify([...document.querySelectorAll('#mdbook-searchresults li a')].map(a => decodeURI(a.href)))";
        let found = wait::within("results", FOUND, async || {
            let text = tab.value(links).await.unwrap_or_default();
            let links: Vec<String> = serde_json::from_str(text.as_str().unwrap_or("[]")).unwrap_or_default();
            let there = links.iter().take(FIRST).any(|link| link.contains(&format!("/{page}")));
            if there { Look::Done(()) } else { Look::NotYet(format!("{} results, the first: {:?}", links.len(), links.first())) }
        });
        if let Err(gave_up) = found.await {
            findings.push(Finding::new(
                page,
                format!("\"{words}\""),
                format!("is not among the first {FIRST} results of a search for it: {}", gave_up.last()),
            ));
        }
    }
    Ok(findings)
}

/// The arrow keys lead to the next page and back, in the order of the summary.
pub async fn turn(tab: &Tab) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    tab.goto(START).await?;
    let next = tab.value("document.querySelector('a[rel~=next]')?.href").await?;
    for (key, to) in [("ArrowRight", next.clone()), ("ArrowLeft", tab.value("location.href").await?)] {
        let from = tab.place().await?;
        tab.take();
        tab.press(key).await?;
        tab.arrived().await?;
        let now = tab.value("location.href").await?;
        let same = now == to || (key == "ArrowLeft" && tab.value("document.querySelector('a[rel~=next]')?.href").await? == next);
        if !same {
            findings.push(Finding::new(&from, key, format!("leads to {now}, and the page beside it is {to}")));
        }
    }
    Ok(findings)
}

/// A theme is chosen with keys alone, and is still there on the next page.
pub async fn theme(tab: &Tab, other: &str) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    tab.goto(START).await?;
    tab.value("document.querySelector('#mdbook-theme-toggle').focus()").await?;
    tab.press("Enter").await?;
    tab.value("document.querySelector('#mdbook-theme-coal').focus()").await?;
    tab.press("Enter").await?;
    for page in [START, other] {
        if page != START {
            tab.goto(page).await?;
        }
        if tab.value("document.documentElement.classList.contains('coal')").await? != true {
            let classes = tab.value("document.documentElement.className").await?;
            findings.push(Finding::new(page, "the theme", format!("is not the one that was chosen: {classes}")));
        }
    }
    Ok(findings)
}
