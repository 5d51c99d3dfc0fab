//! The rules of the repository, as tests: they read the source tree and need neither Docker nor a server.
//!
//! You are in the right place when a rule of `ARCHITECTURE.md` (those with a star) or of `CONTRIBUTING.md` is broken, or when there is a new one to keep. A
//! rule is a function from the text of files to findings; each file under `tests/tidy/` also gives its rules a small wrong input, to show that they can fail.

mod tidy {
    pub mod arrows;
    pub mod features;
    pub mod lists;
    pub mod pages;
    pub mod text;
    pub mod tree;
}

use tidy::tree::{Finding, read, report};
use tidy::{arrows, features, lists, pages, text};

/// Files of ours in Rust. The step library of another crate has its own rules.
const RUST: &[&str] = &["src", "tests", "apps", "build.rs"];

/// Features of ours: the book's, the example crate's, and the one a new project begins with.
const FEATURES: &[&str] = &["features", "apps/example-steps/features", "src/cli/init"];

#[test]
fn only_the_deployment_imports_the_docker_client() {
    report(read(RUST, "rs").iter().flat_map(arrows::docker_client));
}

#[test]
fn only_probes_and_the_workload_import_the_redis_client() {
    report(read(RUST, "rs").iter().flat_map(arrows::redis_client));
}

#[test]
fn modules_use_only_what_their_line_in_the_list_allows() {
    report(read(&["src"], "rs").iter().flat_map(arrows::allowed));
}

#[test]
fn every_module_has_a_line_in_the_list_of_arrows() {
    report(arrows::listed(&read(&["src/lib.rs"], "rs")[0]));
}

#[test]
fn nothing_sleeps_outside_wait() {
    report(read(RUST, "rs").iter().flat_map(text::sleeps));
}

#[test]
fn steps_neither_loop_nor_retry() {
    report(read(&["src/steps"], "rs").iter().flat_map(text::loops_in_steps));
}

#[test]
fn every_file_opens_with_what_is_in_it() {
    report(read(RUST, "rs").iter().flat_map(text::header));
}

#[test]
fn no_file_is_longer_than_a_person_reads_at_once() {
    report(read(RUST, "rs").iter().flat_map(text::length));
}

#[test]
fn nothing_is_left_for_later() {
    let everywhere = RUST.iter().chain(&["features", "compose", "book/src", "src/cli/init"]).copied().collect::<Vec<_>>();
    report(read(&everywhere, "").iter().flat_map(text::markers));
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    report(read(&["."], "").iter().flat_map(text::machine_paths));
}

#[test]
fn features_and_rules_open_with_prose_and_name_their_source() {
    report(read(FEATURES, "feature").iter().flat_map(features::prose_and_sources));
}

#[test]
fn what_the_night_chart_and_the_comparison_say_is_shown() {
    report(pages::rows_lead_to_scenarios(&read(&["book/src/night.md"], "md")[0]));
    report(pages::cells_are_shown(&read(&["book/src/choosing.md"], "md")[0]));
}

#[test]
fn a_slug_is_unique_in_its_feature() {
    report(read(FEATURES, "feature").iter().flat_map(features::unique_slugs));
}

#[test]
fn every_step_file_is_on_the_list() {
    report(lists::sources("src/steps/mod.rs", &read(&["src/steps"], "rs")));
}

#[test]
fn every_fault_is_on_both_lists() {
    let files = read(&["src/faults"], "rs");
    report(lists::sources("src/faults/mod.rs", &files).into_iter().chain(lists::entries("src/faults/mod.rs", &files)));
}

#[test]
fn every_file_is_part_of_the_program() {
    report(lists::dead_files(&read(&["src"], "rs")));
}

#[test]
fn every_dependency_says_why_it_is_there() {
    report(read(&["Cargo.toml", "apps/example-steps/Cargo.toml"], "toml").iter().flat_map(lists::dependencies));
}

/// A walk that finds nothing would let every rule above pass.
#[test]
fn the_walk_sees_the_tree() {
    assert!(read(RUST, "rs").len() > 80, "only {} Rust files were found", read(RUST, "rs").len());
    assert!(read(&["features"], "feature").len() > 5, "hardly a feature was found");
    let all = read(&["."], "");
    assert!(all.iter().any(|file| file.path == ".ci/run"), "hidden folders of ours are read");
    assert!(!all.iter().any(|file| file.path.starts_with("target") || file.path.starts_with(".git/")), "what is built is not read");
    let finding = Finding::new("src/a.rs", 7, "is wrong; put it right");
    assert_eq!(finding.to_string(), "src/a.rs:7: is wrong; put it right");
}
