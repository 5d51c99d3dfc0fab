//! Inputs that would take for ever or more memory than there is: every reader has a limit, and ends with an error in seconds.
//!
//! You are in the right place when `check` was slow. The limits stand on the page "Running somebody else's project".

use super::cases::side_by_side;
use super::{FEATURE, Project};
use std::time::{Duration, Instant};

/// In a program without optimisation, on a machine with other things to do; before there were limits these took minutes, or memory without end.
const SECONDS: u64 = 20;

/// What is large, the file, its text, and what is said of it; nothing where it is only to end.
type Large = (&'static str, &'static str, fn() -> String, &'static str);

/// An outline whose cells are the name of the next column, twice.
fn doubling() -> String {
    let columns: Vec<String> = (0..32).map(|n| format!("c{n}")).collect();
    let cells: Vec<String> = (1..33).map(|n| format!("<c{n}><c{n}>")).collect();
    FEATURE.replace("Scenario: A scenario", "Scenario Outline: A <c0>")
        + &format!("\n      Examples:\n        | {} |\n        | {} |\n", columns.join(" | "), cells.join(" | "))
}

/// One of many rows.
fn rows(number: usize) -> String {
    let rows: String = (0..number).map(|n| format!("        | {n} |\n")).collect();
    FEATURE.replace("Scenario: A scenario", "Scenario Outline: A <c>") + "\n      Examples:\n        | c |\n" + &rows
}

/// Long cells that a text names often.
fn product() -> String {
    let text = FEATURE.replace("Scenario: A scenario", &format!("Scenario Outline: A {}", "<c>".repeat(20_000)));
    text + &format!("\n      Examples:\n        | c |\n        | {} |\n", "x".repeat(20_000))
}

/// Something long that each of many scenarios has from what stands above them.
fn inherited(before: &str, behind: &str) -> String {
    let scenarios: String = (0..4_000).map(|n| format!("\n    Scenario: S{n}\n      When the master is killed\n")).collect();
    format!("Feature: A feature\n  {before}{}{behind}{scenarios}", "x".repeat(1 << 20))
}

fn topology(more: &str) -> String {
    let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("compose/sentinel.yml")).unwrap();
    text + more
}

fn services(number: usize) -> String {
    let text = topology("");
    let services: String = (0..number).map(|n| format!("  n{n}:\n    image: redis:7\n")).collect();
    format!("{}services:\n{services}", text.split("services:").next().unwrap())
}

const LARGE: [Large; 27] = [
    ("an outline that doubles", "features/sentinel/a.feature", doubling, "cells are not filled in"),
    ("an outline of a product", "features/sentinel/a.feature", product, "come to more than 16 MiB of text"),
    ("an outline of many rows", "features/sentinel/a.feature", || rows(15_000), "more than 10000 scenarios"),
    ("an outline of some rows", "features/sentinel/a.feature", || rows(100), ""),
    ("empty lines", "features/sentinel/a.feature", || "\n".repeat(300_000) + FEATURE, "at most 20000 lines"),
    (
        "lines of no Gherkin",
        "features/sentinel/a.feature",
        || FEATURE.to_owned() + &"  What is this\n  | a\n".repeat(9_000),
        " --> features/sentinel/a.feature:",
    ),
    (
        "steps of a scenario",
        "features/sentinel/a.feature",
        || FEATURE.to_owned() + &"      And the master is killed\n".repeat(15_000),
        "more than 500 steps",
    ),
    (
        "rows of a table",
        "features/sentinel/a.feature",
        || FEATURE.replace("| quorum | 1 |", &"| quorum | 1 |\n".repeat(15_000)),
        "more than 500 rows",
    ),
    (
        "a background of many scenarios",
        "features/sentinel/a.feature",
        || inherited("Background:\n      Given the \"sentinel\" topology\n        \"\"\"\n        ", "\n        \"\"\"\n"),
        "from their background",
    ),
    ("tags of many scenarios", "features/sentinel/a.feature", || inherited("@", " @x\n  Rule: R\n"), "the tags above comes to more than 16 MiB"),
    (
        "tags of a heading",
        "features/sentinel/a.feature",
        || FEATURE.replace("@sentinel", &(0..60_000).map(|n| format!("@t{n} ")).collect::<String>()),
        "more than 100 tags",
    ),
    ("a topology of half a megabyte", "compose/sentinel.yml", || topology(&"#".repeat(1 << 19)), "it is larger than 256 KiB"),
    ("claims of a ledger", "claims.yaml", || (0..11_000).map(|n| format!("- id: A-{n}\n")).collect(), "at most 10000 claims"),
    ("services of a topology", "compose/sentinel.yml", || services(4_000), "more than 100 services"),
    ("a directive of a megabyte", "features/sentinel/a.feature", || FEATURE.replace("quorum", &"q".repeat(1 << 20)), "unknown directive"),
    ("a file of 9 megabytes", "features/sentinel/a.feature", || "#".repeat(9 << 20), "it is larger than 8 MiB"),
    (
        "unknown keys of a topology",
        "compose/sentinel.yml",
        || topology(&(0..10_000).map(|n| format!("k{n}: 1\n")).collect::<String>()),
        "unknown key `k0`",
    ),
    ("brackets of a topology", "compose/sentinel.yml", || topology(&format!("x: {}", "[".repeat(100_000))), "more brackets are open"),
    ("unknown keys of the settings", "rehearsal.toml", || (0..50_000).map(|n| format!("k{n} = 1\n")).collect(), "unknown key `k0`"),
    (
        "unknown fields of a claim",
        "claims.yaml",
        || format!("- id: A-1\n{}", (0..16_000).map(|n| format!("  k{n}: x\n")).collect::<String>()),
        "unknown field `k0`",
    ),
    (
        "unknown directives of a server",
        "compose/servers.toml",
        || {
            let directives: Vec<String> = (0..16_000).map(|n| format!("\"d{n} 1\"")).collect();
            format!("redis-7.0 = {{ image = \"redis:7.0.15\", append = [{}] }}\n", directives.join(", "))
        },
        "unknown directive `d0`",
    ),
    ("brackets of the ledger", "claims.yaml", || "[".repeat(100_000), "more brackets are open"),
    ("servers without an image", "compose/servers.toml", || (0..20_000).map(|n| format!("s-{n} = {{}}\n")).collect(), "at most 500 servers"),
    (
        "unknown fields of a server",
        "compose/servers.toml",
        || format!("redis-7.0 = {{ image = \"redis:7.0.15\", {} }}\n", (0..30_000).map(|n| format!("k{n} = 1")).collect::<Vec<_>>().join(", ")),
        "unknown field `k0`",
    ),
    (
        "unknown fields of a broken server",
        "compose/broken.toml",
        || format!("[b]\n{}", (0..30_000).map(|n| format!("k{n} = 1\n")).collect::<String>()),
        "unknown field `k0`",
    ),
    (
        "scenarios that fail on a broken server",
        "compose/broken.toml",
        || {
            format!(
                "[b]\nwhat = \"x\"\nappend = [\"appendfsync no\"]\n[b.fails]\n{}",
                (0..30_000).map(|n| format!("\"a#s{n}\" = \"x\"\n")).collect::<String>()
            )
        },
        "there is no scenario a#s0",
    ),
    ("servers that are broken", "compose/broken.toml", || (0..20_000).map(|n| format!("[b{n}]\n")).collect(), "at most 500 servers"),
];

#[test]
fn every_reader_ends_in_seconds() {
    side_by_side("large inputs", LARGE.len(), |project, number, wrong| {
        let (what, file, text, says) = &LARGE[number];
        project.write(file, text());
        let began = Instant::now();
        let (code, _, stderr) = project.run(&["check"]);
        let took = began.elapsed();
        let told = (says.is_empty() && (code == 0 || code == 2)) || (code == 2 && stderr.contains(says));
        if took > Duration::from_secs(SECONDS) || !told || stderr.contains("panicked") {
            wrong.push(format!("{what}: exit {code} after {took:?}\n{}", stderr.chars().take(1000).collect::<String>()));
        }
        let _ = std::fs::remove_file(project.0.join("compose/broken.toml"));
        for right in [*file, "rehearsal.toml"] {
            project.write(right, super::cases::right(right));
        }
    });
}

#[test]
fn no_text_of_a_project_steers_the_terminal() {
    const ESCAPE: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31m\u{9b}1m\u{202e}";
    let project = Project::new("escapes");
    project.edit("features/sentinel/a.feature", "A scenario", &format!("A scenario {ESCAPE}"));
    project.edit("features/sentinel/a.feature", "is killed", &format!("is {ESCAPE} killed"));
    project.write(&format!("features/sentinel/{ESCAPE}.feature.txt"), "x");
    project.write(
        "compose/broken.toml",
        format!("[x]\nwhat = 1\n\"{}\" = 1\n", ESCAPE.escape_unicode().to_string().replace("\\u{", "\\U").replace('}', "")),
    );
    for args in [&["check"][..], &["list"], &["run"], &["steps"], &["topologies"]] {
        let (_, stdout, stderr) = project.run(args);
        let strange = |text: &str| text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}');
        assert!(!strange(&stdout) && !strange(&stderr), "{args:?}: {stdout:?} {stderr:?}");
    }
}
