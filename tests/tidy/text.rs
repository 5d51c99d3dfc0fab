//! Rules about the text of single files: what it opens with, how long it is, words that may not stand in it.

use super::tree::{File, Finding, has_word};

/// A file a person can read at once; one that grows beyond it wants to be two ideas.
const MOST_LINES: usize = 400;

/// Words of unfinished work, in halves so that this file is not found itself.
const MARKERS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("unimple", "mented!("), concat!("db", "g!(")];

/// Folders that exist on somebody's machine only, in halves as well.
const MACHINE: &[&str] = &[concat!("/wo", "rk/"), concat!("/tmp/", "wt"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/ro", "ot/")];

/// Waiting happens in `wait.rs`, where every wait has a limit and tells what it saw.
pub fn sleeps(file: &File) -> Vec<Finding> {
    if file.path == "src/wait.rs" || file.path.starts_with("tests/tidy") {
        return Vec::new();
    }
    let advice = "sleeps; wait for a condition with `wait::until` or for a stated span with `wait::moment`";
    with_words(file, &["sleep(", "sleep_until(", "sleep_ms(", "park_timeout(", "interval_at("], advice)
}

/// A step says what is to hold; how it is waited for stands in `wait.rs`.
pub fn loops_in_steps(file: &File) -> Vec<Finding> {
    let advice = "a step has no loop and no retry; give the condition to `wait::until`, or put the call into the world, the workload or a probe";
    with_words(file, &["loop {", "while ", "tokio::time", "sleep"], advice)
}

/// The first line of a file says what is in it.
pub fn header(file: &File) -> Vec<Finding> {
    let opens = file.text.starts_with("//! ");
    let advice = "opens without `//!`; say what is here, and when a reader is in the right place";
    (!opens).then(|| Finding::new(&file.path, 1, advice)).into_iter().collect()
}

pub fn length(file: &File) -> Vec<Finding> {
    let lines = file.text.lines().count();
    let advice = format!("has {lines} lines, more than {MOST_LINES}; find the second idea in it and give it a file of its own");
    (lines > MOST_LINES).then(|| Finding::new(&file.path, MOST_LINES, advice)).into_iter().collect()
}

pub fn markers(file: &File) -> Vec<Finding> {
    let found = |line: &str| MARKERS.iter().find(|marker| has_word(line, marker)).copied();
    let advice = "is left for later; do it now, or open an issue";
    file.lines().filter_map(|(n, line)| Some(Finding::new(&file.path, n, format!("`{}` {advice}", found(line)?)))).collect()
}

pub fn machine_paths(file: &File) -> Vec<Finding> {
    let at_path_start = |line: &str, folder: &str| {
        // Inside a longer path or an address it names something else: `https://example.org/home/x`.
        let inside = |c: char| c.is_alphanumeric() || "/._-~}".contains(c);
        line.match_indices(folder).any(|(at, _)| !line[..at].chars().next_back().is_some_and(inside))
    };
    let found = |line: &str| MACHINE.iter().find(|folder| at_path_start(line, folder)).copied();
    let advice = "is a path of one machine; write it from the root of the repository";
    file.lines().filter_map(|(n, line)| Some(Finding::new(&file.path, n, format!("`{}` {advice}", found(line)?)))).collect()
}

fn with_words(file: &File, words: &[&str], advice: &str) -> Vec<Finding> {
    let found = |line: &str| words.iter().find(|word| has_word(line, word)).copied();
    file.code().filter_map(|(n, line)| Some(Finding::new(&file.path, n, format!("`{}` {advice}", found(line)?.trim())))).collect()
}

#[test]
fn a_sleep_is_found() {
    let wrong =
        "//! x\n// it may sleep(1) here\ntokio::time::sleep(second).await;\nstd::thread::sleep(second);\ncommand: [\"sleep\", \"infinity\"],\n";
    assert_eq!(sleeps(&File::new("src/deployment/x.rs", wrong)).len(), 2);
    assert!(sleeps(&File::new("src/wait.rs", wrong)).is_empty());
}

#[test]
fn a_loop_in_a_step_is_found() {
    let wrong =
        File::new("src/steps/x.rs", "loop {\n    while answer.is_none() {}\n    tokio::time::timeout(limit, ask).await;\n}\nfor name in names {}\n");
    assert_eq!(loops_in_steps(&wrong).len(), 3);
}

#[test]
fn a_file_without_a_header_is_found() {
    assert_eq!(header(&File::new("src/x.rs", "use std::fmt;\n//! late\n")).len(), 1);
    assert_eq!(header(&File::new("src/x.rs", "")).len(), 1);
}

#[test]
fn a_long_file_is_found() {
    assert_eq!(length(&File::new("src/x.rs", &"\n".repeat(401))).len(), 1);
    assert!(length(&File::new("src/x.rs", &"\n".repeat(400))).is_empty());
}

#[test]
fn what_was_left_for_later_is_found() {
    let wrong: String = MARKERS.iter().map(|marker| format!("// {marker} x\n")).collect();
    assert_eq!(markers(&File::new("src/x.rs", &wrong)).len(), MARKERS.len());
    assert!(markers(&File::new("src/x.rs", concat!("MASTO", "DON\n"))).is_empty(), "part of another word");
}

#[test]
fn a_path_of_a_machine_is_found() {
    let wrong: String = MACHINE.iter().map(|folder| format!("path = \"{folder}x\"\n")).collect();
    assert_eq!(machine_paths(&File::new("book/src/x.md", &wrong)).len(), MACHINE.len());
    let fine = format!("https://example.org{}x and $HOME{}x\n", MACHINE[0], MACHINE[2]);
    assert!(machine_paths(&File::new("book/src/x.md", &fine)).is_empty());
}
