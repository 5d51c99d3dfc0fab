//! What a page has to be: from what was seen of it to what is wrong with it. Pure; `broken/` has a page for every rule here.

use super::Finding;
use super::sweep::{NARROW, Seen};

/// A page is read on phones too.
const MOST_BYTES: usize = 300_000;
/// Sum of the shifts of one page. A tenth is called good elsewhere; what nothing causes is nearer to none.
const MOST_SHIFT: f64 = 0.01;

/// Everything that is wrong with a page.
pub fn findings(seen: &Seen) -> Vec<Finding> {
    let page = seen.page.as_str();
    let mut found: Vec<Finding> = Vec::new();
    let mut say = |element: &str, what: String| found.push(Finding::new(page, element, what));

    if seen.bytes > MOST_BYTES {
        say("the file", format!("weighs {} kB, and a page may weigh {} kB", seen.bytes / 1000, MOST_BYTES / 1000));
    }
    for url in &seen.refused {
        say(url, "is asked for and not in the book".to_owned());
    }
    for url in seen.plain_refused.iter().filter(|url| !seen.refused.contains(url)) {
        say(url, "is asked for without scripts and not in the book".to_owned());
    }
    for line in &seen.console {
        say("the console", format!("says: {line}"));
    }
    let shift: f64 = seen.shifts.iter().map(|shift| shift.value).sum();
    if shift > MOST_SHIFT {
        let moved: Vec<&str> = seen.shifts.iter().flat_map(|shift| shift.moved.iter().map(String::as_str)).collect();
        say(&moved.join(", "), format!("moved while the page loaded: layout shift {shift:.3}"));
    }
    if seen.headings.is_empty() {
        say("h1", "is missing: the page has no title to read".to_owned());
    }
    // A page of another server shows what was played there, and need not show all.
    for card in seen.cards.iter().filter(|card| !card.judged && !page.starts_with("evidence/")) {
        say(&format!("scenario \"{}\"", card.name), format!("has no verdict: {}", if card.badge.is_empty() { "no badge" } else { &card.badge }));
    }
    for fold in &seen.folds {
        let keys = [
            (fold.reached, "is not reached with Tab"),
            (fold.marked, "does not show that it has the focus"),
            (fold.enter, "does not fold out with Enter"),
            (fold.space, "does not fold in with the space bar"),
        ];
        // What has no focus hears no key.
        let deaf = if fold.reached { keys.len() } else { 1 };
        for (_, what) in keys.iter().take(deaf).filter(|(good, _)| !good) {
            say(&fold.element, (*what).to_owned());
        }
    }
    for element in &seen.closed {
        say(element, "folds out with a mouse only, or has no name".to_owned());
    }
    for calculator in &seen.calculators {
        let form = format!("calculator \"{}\"", calculator.name);
        if !calculator.usable || calculator.rows.is_empty() {
            say(&form, "has no form, or no row to hold it against".to_owned());
        }
        for row in calculator.rows.iter().filter(|_| calculator.usable).filter(|row| !same(&row.expected, &row.answered)) {
            say(&form, format!("answers {:?} to {}, and the program {:?}", row.answered, row.inputs, row.expected));
        }
    }
    for theme in seen.unthemed.iter().filter(|_| !page.starts_with("evidence/")) {
        say(&format!("the {theme} theme"), "does not come when it is chosen".to_owned());
    }
    for (theme, faint) in &seen.contrast {
        for faint in faint {
            say(
                &faint.element,
                format!("is hard to read in {theme}: contrast {} ({}), at least {} is needed", faint.seen, faint.colours, faint.wanted),
            );
        }
    }
    for wide in &seen.wide {
        say(&wide.element, format!("reaches to {} px on a screen of {} px, and nothing around it scrolls", wide.right, NARROW.0));
    }
    if let Some(missing) = lost(&seen.text, &seen.plain) {
        say("the text", format!("is not whole without scripts; from here on: \"{missing}\""));
    }
    found
}

/// The form may tell bytes to the last one, in brackets behind.
fn same(expected: &[String], answered: &[String]) -> bool {
    let agrees = |(expected, answered): (&String, &String)| answered == expected || answered.starts_with(&format!("{expected} ("));
    expected.len() == answered.len() && expected.iter().zip(answered).all(agrees)
}

/// Where the text without scripts is no longer the one with them.
fn lost(text: &str, plain: &str) -> Option<String> {
    let mut words = plain.split(' ');
    let mut all = text.split(' ').filter(|word| !word.is_empty());
    let first = all.find(|word| words.next() != Some(word))?;
    Some(std::iter::once(first).chain(all.take(7)).collect::<Vec<_>>().join(" "))
}

#[test]
fn the_first_lost_word_is_told() {
    assert_eq!(lost("a b c d", "a b"), Some("c d".to_owned()));
    assert_eq!(lost("a b", "a b and more"), None);
    assert_eq!(lost("", ""), None);
}

#[test]
fn a_page_that_is_too_heavy_is_told() {
    let seen = Seen { bytes: MOST_BYTES + 1, headings: vec!["A page".to_owned()], page: "a.html".to_owned(), ..Seen::default() };
    assert_eq!(findings(&seen).iter().map(ToString::to_string).collect::<Vec<_>>(), ["a.html: the file weighs 300 kB, and a page may weigh 300 kB"]);
    assert!(findings(&Seen { bytes: MOST_BYTES, ..seen }).is_empty());
}
