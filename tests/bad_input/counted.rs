//! How many bad inputs there are: the number the book names.

use super::{FILES, catalogues, compose, disk, features, generated, lines};
use std::fs;
use std::path::Path;

/// The number the book names, counted: hand-written inputs, and mutations that go through the built program.
#[test]
fn the_book_says_how_many_bad_inputs_there_are() {
    let own = [features::CASES.len(), FILES.len() + compose::CASES.len()];
    let catalogues = [catalogues::SERVER_CASES.len(), catalogues::SETTING_CASES.len(), catalogues::CLAIM_CASES.len()];
    let others = [lines::LINES.len(), lines::RECORDS.len(), disk::CASES];
    let hand: usize = own.iter().chain(&catalogues).chain(&others).sum();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src/using/playing.md")).unwrap();
    let says = format!("{hand} bad inputs written by hand and {} generated ones", generated::CASES);
    assert!(hand >= 200 && page.contains(&says), "book/src/using/playing.md has to say: {says}");
}
