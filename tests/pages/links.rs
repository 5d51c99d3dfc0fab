//! Links, anchors and headings of every page, static ones included, read off the HTML without a browser. You are in the right place when a link is said to lead nowhere.

use super::Finding;
use super::site::{Site, decoded};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, CharacterTokens, StartTag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What of a page is read.
#[derive(Debug, Default)]
struct Page {
    /// Names of its `<meta>`s, and what they say.
    metas: Vec<(String, String)>,
    /// Texts of its headings, each with its element.
    headings: Vec<(String, String)>,
    /// Whether a heading is being read.
    inside: bool,
    /// Ids, and names of anchors; in the order they come.
    anchors: Vec<String>,
    /// Element with its attribute, and where it leads.
    links: Vec<(String, String)>,
}

/// What leads nowhere, and what cannot be led to since its name is used twice.
pub fn findings(site: &Site) -> Vec<Finding> {
    let pages: BTreeMap<&str, Page> = site.pages().map(|(path, html)| (path, read(html))).collect();
    let anchors: BTreeMap<&str, BTreeSet<&str>> =
        pages.iter().map(|(path, page)| (*path, page.anchors.iter().map(String::as_str).collect())).collect();
    let mut findings = Vec::new();
    for (path, page) in &pages {
        let mut seen = BTreeSet::new();
        for id in page.anchors.iter().filter(|id| !seen.insert(id.as_str())) {
            findings.push(Finding::new(path, format!("#{id}"), "is on the page twice: links to it lead to the first"));
        }
        let mut told = BTreeSet::new();
        for (element, link) in page.links.iter().filter(|link| told.insert(*link)) {
            if let Err(why) = leads(site, &anchors, path, link) {
                findings.push(Finding::new(path, format!("{element}=\"{link}\""), why));
            }
        }
    }
    findings
}

fn leads(site: &Site, anchors: &BTreeMap<&str, BTreeSet<&str>>, from: &str, link: &str) -> Result<(), String> {
    if link.starts_with("https://") || link.starts_with("http://") || link.starts_with("mailto:") || link.starts_with("data:") {
        return Ok(());
    }
    if link.starts_with("//") || link.starts_with("javascript:") || link.starts_with("file:") {
        return Err("is no link that a published book can have".to_owned());
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = path.split('?').next().unwrap_or_default();
    // The page for addresses that are not there is shown at any of them, so its links begin at the root.
    let target = if path.is_empty() { from.to_owned() } else { joined(if from == "404.html" { "" } else { from }, &decoded(path))? };
    let page = if target.is_empty() || target.ends_with('/') { format!("{target}index.html") } else { target };
    if site.file(&page).is_none() {
        return Err(format!("leads to {page}, which is not there"));
    }
    let fragment = decoded(fragment);
    match anchors.get(page.as_str()) {
        Some(anchors) if !fragment.is_empty() && !anchors.contains(fragment.as_str()) => Err(format!("leads to {page}, which has no #{fragment}")),
        _ => Ok(()),
    }
}

/// The path that a link on a page names.
fn joined(from: &str, link: &str) -> Result<String, String> {
    if let Some(rooted) = link.strip_prefix('/') {
        return if from.is_empty() { Ok(rooted.to_owned()) } else { Err("begins at the root, which a published book need not have".to_owned()) };
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." if parts.pop().is_none() => return Err("leads out of the book".to_owned()),
            ".." => {}
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// Texts of a page's headings of one level.
pub fn headings(html: &[u8], level: &str) -> Vec<String> {
    read(html)
        .headings
        .into_iter()
        .filter(|(element, text)| element == level && !text.trim().is_empty())
        .map(|(_, text)| text.trim().to_owned())
        .collect()
}

/// What the `<meta>`s of that name say.
pub fn metas(html: &[u8], name: &str) -> Vec<String> {
    read(html).metas.into_iter().filter(|(known, _)| known == name).map(|(_, content)| content).collect()
}

const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4"];

struct Reading(RefCell<Page>);

impl TokenSink for Reading {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        if let CharacterTokens(text) = &token
            && page.inside
            && let Some((_, heading)) = page.headings.last_mut()
        {
            heading.push_str(text);
        }
        if let TagToken(tag) = token {
            if HEADINGS.contains(&&*tag.name) {
                page.inside = tag.kind == StartTag;
                if page.inside {
                    page.headings.push((tag.name.to_string(), String::new()));
                }
            }
            let attribute = |name: &str| tag.attrs.iter().find(|a| &*a.name.local == name).map(|a| a.value.to_string()).unwrap_or_default();
            if &*tag.name == "meta" {
                page.metas.push((attribute("name"), attribute("content")));
            }
            for attribute in &tag.attrs {
                let value = || attribute.value.to_string();
                match (&*tag.name, &*attribute.name.local) {
                    (_, "id") | ("a", "name") => page.anchors.push(value()),
                    ("a" | "link" | "use", "href" | "xlink:href") | (_, "src") => {
                        page.links.push((format!("{} {}", tag.name, attribute.name.local), value()))
                    }
                    _ => {}
                }
            }
            // What a script holds is no part of the page.
            if tag.kind == StartTag && &*tag.name == "script" {
                return TokenSinkResult::RawData(RawKind::ScriptData);
            }
            if tag.kind == StartTag && &*tag.name == "style" {
                return TokenSinkResult::RawData(RawKind::Rawtext);
            }
        }
        TokenSinkResult::Continue
    }
}

fn read(html: &[u8]) -> Page {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(String::from_utf8_lossy(html).into_owned()));
    let tokens = Tokenizer::new(Reading(RefCell::default()), TokenizerOpts::default());
    let _ = tokens.feed(&input);
    tokens.end();
    tokens.sink.0.into_inner()
}

#[test]
fn a_link_is_read_from_where_it_stands() {
    assert_eq!(joined("a/b.html", "../c.html").as_deref(), Ok("c.html"));
    assert_eq!(joined("a/b.html", "./c/").as_deref(), Ok("a/c/"));
    assert!(joined("a.html", "../../c.html").is_err() && joined("a.html", "/c.html").is_err());
    let page = read(br##"<a id="x" href="#y">x</a><!-- <a href="no"> --><script>"<a href=no>"</script><img src=z.png>"##);
    assert_eq!(page.anchors, ["x"]);
    assert_eq!(page.links, [("a href".to_owned(), "#y".to_owned()), ("img src".to_owned(), "z.png".to_owned())]);
}
