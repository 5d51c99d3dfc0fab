//! Every page once: opened wide and narrow, in three themes, folded and unfolded, with scripts and without. What was seen becomes a value; what it means is
//! decided in `rules`.

use super::browser::Tab;
use super::protocol::Link;
use super::site::Site;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::VecDeque;

const LOOK: &str = include_str!("look.js");
/// The themes people read in: the light one and the two dark ones.
pub const THEMES: [&str; 3] = ["light", "navy", "coal"];
/// A laptop's window, and a small phone's.
const WIDE: (u32, u32) = (1280, 900);
pub const NARROW: (u32, u32) = (360, 740);
/// Pages side by side. More only slow each other down on two cores.
const TABS: usize = 2;

/// What a page was seen to be.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Seen {
    pub page: String,
    pub bytes: usize,
    /// What it asked for and did not get, or was not to ask for.
    pub refused: Vec<String>,
    /// Errors and warnings on the console, and scripts that broke.
    pub console: Vec<String>,
    pub shifts: Vec<Shift>,
    pub headings: Vec<String>,
    pub cards: Vec<Card>,
    pub folds: Vec<Fold>,
    /// Fold-outs that no key reaches.
    pub closed: Vec<String>,
    pub calculators: Vec<Calculator>,
    /// Theme, and text in it that is hard to read.
    pub contrast: Vec<(String, Vec<Faint>)>,
    /// Themes that the page did not change to.
    pub unthemed: Vec<String>,
    pub wide: Vec<Wide>,
    /// Its text with scripts and without.
    pub text: String,
    pub plain: String,
    /// Asked for without scripts, in vain.
    pub plain_refused: Vec<String>,
}

/// What moved while the page loaded.
#[derive(Debug, Deserialize)]
pub struct Shift {
    pub value: f64,
    pub moved: Vec<String>,
}

/// An embedded scenario.
#[derive(Debug, Deserialize)]
pub struct Card {
    pub name: String,
    pub badge: String,
    pub judged: bool,
}

/// A fold-out and the keys that were pressed on it.
#[derive(Debug, Default, Deserialize)]
pub struct Fold {
    pub element: String,
    pub reached: bool,
    pub marked: bool,
    pub enter: bool,
    pub space: bool,
}

/// A form that works out numbers, and what it said to every row that the program worked out.
#[derive(Debug, Deserialize)]
pub struct Calculator {
    pub name: String,
    pub usable: bool,
    pub rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
pub struct Row {
    pub inputs: String,
    pub expected: Vec<String>,
    pub answered: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Faint {
    pub element: String,
    pub seen: f64,
    pub wanted: f64,
    pub colours: String,
}

#[derive(Debug, Deserialize)]
pub struct Wide {
    pub element: String,
    pub right: u32,
}

/// Looks at these pages, some side by side.
pub async fn sweep(link: &Link, site: &Site, pages: &[&str]) -> Result<Vec<Seen>, String> {
    let left: RefCell<VecDeque<&str>> = RefCell::new(pages.iter().copied().collect());
    let looked = futures::future::try_join_all((0..TABS).map(|_| async {
        let tab = Tab::open(link).await?;
        let mut seen = Vec::new();
        loop {
            // Not in the loop's head, where it would stay borrowed while the page loads.
            let next = left.borrow_mut().pop_front();
            let Some(page) = next else { return Ok::<_, String>(seen) };
            let bytes = site.file(page).map_or(0, |(bytes, _)| bytes.len());
            let looked = look(&tab, page).await.map_err(|error| format!("{page}: {error}"))?;
            seen.push(Seen { page: page.to_owned(), bytes, ..looked });
        }
    }));
    let mut seen: Vec<Seen> = looked.await?.into_iter().flatten().collect();
    seen.sort_by(|a, b| a.page.cmp(&b.page));
    Ok(seen)
}

async fn look(tab: &Tab, page: &str) -> Result<Seen, String> {
    let mut seen = Seen::default();
    tab.size(WIDE.0, WIDE.1).await?;
    media(tab, "light").await?;
    tab.goto(page).await?;
    tab.value(LOOK).await?;
    seen.shifts = ask(tab, "rh.shifts()").await?;
    seen.headings = ask(tab, "rh.headings()").await?;
    seen.cards = ask(tab, "rh.cards()").await?;
    seen.calculators = ask(tab, "rh.calculators()").await?;
    #[derive(Deserialize)]
    struct Folds {
        firsts: Vec<u32>,
        closed: Vec<String>,
    }
    let folds: Folds = ask(tab, "rh.folds()").await?;
    for number in folds.firsts {
        seen.folds.push(keys(tab, number).await?);
    }
    seen.closed = folds.closed;

    tab.value("rh.still(), rh.unfold()").await?;
    for theme in THEMES {
        media(tab, if theme == "light" { "light" } else { "dark" }).await?;
        if !ask::<bool>(tab, &format!("rh.theme('{theme}')")).await? {
            seen.unthemed.push(theme.to_owned());
        }
        seen.contrast.push((theme.to_owned(), ask(tab, "rh.contrast()").await?));
    }
    ask::<bool>(tab, "rh.theme('light')").await?;
    seen.text = ask(tab, "rh.text()").await?;
    tab.size(NARROW.0, NARROW.1).await?;
    seen.wide = ask(tab, "rh.wide()").await?;
    hear(tab, &mut seen.refused, &mut seen.console);

    tab.size(WIDE.0, WIDE.1).await?;
    tab.scripts(false).await?;
    let plain = async {
        tab.goto(page).await?;
        tab.value(LOOK).await?;
        tab.value("rh.unfold()").await?;
        ask(tab, "rh.text()").await
    };
    let plain = plain.await;
    tab.scripts(true).await?;
    seen.plain = plain?;
    // What scripts would have done is not missed; files are.
    hear(tab, &mut seen.plain_refused, &mut Vec::new());
    Ok(seen)
}

/// Tab, Enter and the space bar, as somebody without a mouse presses them.
async fn keys(tab: &Tab, number: u32) -> Result<Fold, String> {
    #[derive(Deserialize)]
    struct Now {
        element: String,
        focused: bool,
        marked: bool,
        open: bool,
    }
    let now = async || ask::<Now>(tab, &format!("rh.fold({number})")).await;
    let before = now().await?;
    tab.value(&format!("rh.before({number})")).await?;
    tab.press("Tab").await?;
    let reached = now().await?;
    tab.press("Enter").await?;
    let entered = now().await?;
    tab.press("Space").await?;
    let spaced = now().await?;
    Ok(Fold {
        element: reached.element,
        reached: reached.focused,
        marked: reached.marked,
        enter: entered.open != before.open,
        space: spaced.open != entered.open,
    })
}

/// Static pages have no button for it: they follow the reader's system.
async fn media(tab: &Tab, scheme: &str) -> Result<(), String> {
    let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
    tab.ask("Emulation.setEmulatedMedia", json!({"features": features})).await.map(drop)
}

async fn ask<T: DeserializeOwned>(tab: &Tab, expression: &str) -> Result<T, String> {
    serde_json::from_value(tab.value(expression).await?).map_err(|error| format!("{expression}: {error}"))
}

/// What the tab told, sorted.
fn hear(tab: &Tab, refused: &mut Vec<String>, console: &mut Vec<String>) {
    for told in tab.take() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match told.method.as_str() {
            "refused" => refused.push(text(&told.params)),
            "Runtime.consoleAPICalled" if ["error", "warning", "assert"].contains(&told.params["type"].as_str().unwrap_or_default()) => {
                let words = told.params["args"].as_array().into_iter().flatten().map(|arg| match arg["value"].as_str() {
                    Some(word) => word.to_owned(),
                    None => text(&arg["description"]),
                });
                console.push(words.collect::<Vec<_>>().join(" "));
            }
            "Runtime.exceptionThrown" => {
                let details = &told.params["exceptionDetails"];
                let what = details["exception"]["description"].as_str().or(details["text"].as_str()).unwrap_or("a script broke");
                console.push(what.lines().next().unwrap_or_default().to_owned());
            }
            // That a file did not come is told by whom it was asked from.
            "Log.entryAdded" if told.params["entry"]["source"] != "network" => {
                let entry = &told.params["entry"];
                if ["error", "warning"].contains(&entry["level"].as_str().unwrap_or_default()) {
                    console.push(text(&entry["text"]));
                }
            }
            _ => {}
        }
    }
}
