//! What a reader does across pages: searches, turns them, chooses a theme. You are in the right place for what mdBook's own scripts and our settings of them give.

use super::Finding;
use super::browser::Tab;
use super::protocol::ORIGIN;
use super::sweep::Seen;
use rehearsal::wait::{self, Look};
use std::time::Duration;

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
pub async fn search(tab: &Tab, sought: &[Sought], limit: Duration) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    tab.goto(START).await?;
    tab.press("s").await?;
    // The index is some megabytes, and is read when somebody searches.
    let focus = "document.activeElement === document.querySelector('#mdbook-searchbar') && !document.querySelector('#mdbook-search-wrapper').classList.contains('hidden')";
    let opened = wait::within("the search box", limit, async || match tab.value(focus).await {
        Ok(there) if there == true => Look::Done(()),
        Ok(_) => Look::NotYet("it has not the focus".to_owned()),
        Err(error) => Look::NotYet(error),
    });
    if let Err(gave_up) = opened.await {
        return Ok(vec![Finding::new(START, "the key S", format!("does not open the search box: {gave_up}"))]);
    }
    for Sought { words, page } in sought {
        tab.value("document.activeElement.select()").await?;
        tab.type_in(words).await?;
        // Text that was put in at once is no key press, and the box listens to those.
        tab.press("ArrowRight").await?;
        let links = "JSON.stringify([...document.querySelectorAll('#mdbook-searchresults li a')].map(a => decodeURI(a.href)))";
        let found = wait::within("results", limit, async || {
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
pub async fn turn(tab: &Tab, limit: Duration) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    // Not the first page: it stands under two names.
    tab.goto(START).await?;
    let second = tab.value("document.querySelector('a[rel~=next]').href").await?;
    let second = second.as_str().unwrap_or_default().trim_start_matches(ORIGIN).to_owned();
    tab.goto(&second).await?;
    let third = tab.value("document.querySelector('a[rel~=next]').href").await?;
    let third = third.as_str().unwrap_or_default().trim_start_matches(ORIGIN).to_owned();
    for (key, from, to) in [("ArrowRight", &second, &third), ("ArrowLeft", &third, &second)] {
        tab.press(key).await?;
        let turned = wait::within("the page to turn", limit, async || match tab.place().await {
            Ok(place) if place == *to => Look::Done(()),
            Ok(place) => Look::NotYet(place),
            // Between two pages there is none to ask.
            Err(error) => Look::NotYet(error),
        });
        if let Err(gave_up) = turned.await {
            findings.push(Finding::new(from, format!("the key {key}"), format!("does not lead to {to}, but to {}", gave_up.last())));
        }
        tab.goto(to).await?;
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
