//! Records of strangers: whatever a field of the evidence says, pages show it as text.

use super::links::Links;
use super::{preprocess, sample, slots};
use crate::record::Evidence;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use serde_json::Value;

fn book(content: &str) -> Book {
    Book::new_with_items(vec![BookItem::Chapter(Chapter::new("Chapter", content.to_owned(), "sentinel/quorum.md", Vec::new()))])
}

/// Every text of an evidence at once, but for those that say which scenario it belongs to and words of a closed list.
fn hostile(evidence: &Evidence, text: &str) -> Evidence {
    fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::String(_) => found.push(at.to_owned()),
            Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| leaves(item, &format!("{at}/{n}"), found)),
            Value::Object(fields) => fields.iter().for_each(|(key, field)| leaves(field, &format!("{at}/{key}"), found)),
            _ => {}
        }
    }
    let mut whole = serde_json::to_value(evidence).expect("serialises");
    let mut found = Vec::new();
    leaves(&whole, "", &mut found);
    found.retain(|at| !["text_hash", "slug", "server", "feature"].iter().any(|key| at.ends_with(&format!("scenario/{key}"))));
    let mut changed = 0;
    for at in found {
        let mut one = whole.clone();
        *one.pointer_mut(&at).expect("a leaf") = text.into();
        if serde_json::from_value::<Evidence>(one.clone()).is_ok() {
            (whole, changed) = (one, changed + 1);
        }
    }
    assert!(changed > 20, "only {changed} texts of the evidence can be strange");
    serde_json::from_value(whole).expect("an evidence")
}

#[test]
fn no_field_of_a_record_is_more_than_text() {
    const STRANGE: [&str; 4] = [
        "<script>own()</script>",
        "123456789\u{e9}<img src=x onerror=own()>",
        "<img src=x\" onload='own()' {{ #include /etc/passwd }}",
        "javascript:own() <!--rh:held 0--> -->",
    ];
    for text in STRANGE {
        let mut library = sample::library();
        library.evidence.values_mut().for_each(|evidence| *evidence = hostile(evidence, text));
        let book = book("{{#feature sentinel/quorum}}\n\n{{#matrix}}\n\n{{#controls}}\n\n{{#broken}}");
        let links = Links::of(&book, &library, true);
        let chapters = preprocess::run(book, &library, true).expect("every directive resolves");
        let pages = super::pages::places(&library).into_iter().map(|place| place.page(&library, &links).1);
        for page in chapters.chapters().map(|chapter| slots::in_place(&chapter.content)).chain(pages) {
            for markup in ["<script>own", "<img src=x", "href=\"javascript", "{{ #include", "{{#include", "onload='own", "<!--rh:held"] {
                assert!(!page.contains(markup), "{markup} of {text}");
            }
        }
    }
}
