//! Which module may know which: the starred borders of `ARCHITECTURE.md`, read off the `use` lines.
//!
//! Come here when a new arrow between modules is needed. Adding one is a decision: put it into [`ARROWS`], and say why in `book/src/about/decisions.md`.

use super::tree::{File, Finding, has_word};

/// What each module may use of ours. Modules in reading order, as in `src/lib.rs`.
const ARROWS: &[(&str, &[&str])] = &[
    // Parse, call, show: the top may know everything.
    ("print", &["printable"]),
    ("printable", &[]),
    ("runtime_folder", &[]),
    ("door", &[]),
    ("confined", &[]),
    (
        "cli",
        &[
            "print",
            "printable",
            "confined",
            "runtime_folder",
            "hand",
            "run",
            "steps",
            "faults",
            "probe",
            "systems",
            "deployment",
            "claims",
            "config",
            "topology",
            "error",
            "record",
            "measure",
            "sizing",
            "report",
            "book",
            "wait",
        ],
    ),
    // What a run does by itself is done here on command, step by step, so it stands on the same parts.
    ("hand", &["systems", "confined", "run", "steps", "world", "formation", "faults", "probe", "wait", "deployment", "topology", "error", "record"]),
    // `book` is for `check`, which tells of directives that name nothing.
    (
        "run",
        &[
            "systems",
            "confined",
            "steps",
            "world",
            "faults",
            "probe",
            "wait",
            "deployment",
            "claims",
            "config",
            "topology",
            "error",
            "record",
            "book",
        ],
    ),
    // `sizing`: a rule that is applied before servers play it is the one people are told.
    ("steps", &["systems", "world", "faults", "formation", "workload", "probe", "wait", "deployment", "topology", "sizing", "error", "record"]),
    // The words of a sentence that name nodes (`steps::params`) are what the world resolves.
    ("world", &["systems", "steps", "faults", "workload", "probe", "wait", "deployment", "topology", "error", "record"]),
    ("faults", &["world", "probe", "wait", "deployment", "error"]),
    ("formation", &["systems", "world", "probe", "wait", "deployment", "topology", "error"]),
    // What a client came away with is a part of the record, counted where its calls are.
    ("workload", &["systems", "door", "probe", "wait", "error", "record"]),
    ("probe", &["systems", "door", "wait", "record"]),
    ("wait", &["runtime_folder"]),
    ("deployment", &["systems", "door", "confined", "topology", "runtime_folder"]),
    ("claims", &["confined", "topology", "record"]),
    // `wait` for how spans of time are written, `topology` for located problems.
    ("config", &["confined", "wait", "topology"]),
    // A topology declares nodes of systems, and a system says how its settings are written: each asks the other for what is its own.
    ("topology", &["systems", "confined", "printable", "record"]),
    ("systems", &["topology", "record"]),
    // A step's error is where all causes meet, so that one place decides what each means for the verdict.
    ("error", &["deployment", "probe", "wait", "record"]),
    ("record", &["confined", "printable"]),
    // Pure: what a measured number means. Playing it is `cli`'s.
    ("measure", &["systems", "record"]),
    // Numbers in, numbers out.
    ("sizing", &[]),
    ("book", &["systems", "confined", "runtime_folder", "measure", "sizing", "record", "topology", "claims"]),
    ("report", &["systems", "printable", "record", "topology", "claims"]),
];

/// Only the engine that is Docker knows Docker: everybody else asks an engine.
pub fn docker_client(file: &File) -> Vec<Finding> {
    let docker = file.path.starts_with("src/deployment/docker");
    if docker { Vec::new() } else { only("", &["testcontainers::", "bollard::"], "the Docker client belongs into src/deployment/docker.rs", file) }
}

/// Only `probe/` and `workload/` talk to servers.
pub fn redis_client(file: &File) -> Vec<Finding> {
    let workload = file.module() == Some("workload");
    if workload { Vec::new() } else { only("probe", &["redis::"], "the Redis client belongs into src/probe or src/workload", file) }
}

fn only(module: &str, words: &[&str], why: &str, file: &File) -> Vec<Finding> {
    // The rules themselves name what they look for.
    if file.module() == Some(module) || file.path.starts_with("tests/tidy") {
        return Vec::new();
    }
    let named = |line: &str| words.iter().any(|word| has_word(line, word) || has_word(line, &format!("use {};", word.trim_end_matches(':'))));
    file.code().filter(|(_, line)| named(line)).map(|(n, line)| Finding::new(&file.path, n, format!("`{}`: {why}", line.trim()))).collect()
}

/// A module uses only what its line in [`ARROWS`] allows.
pub fn allowed(file: &File) -> Vec<Finding> {
    let Some(module) = file.module() else { return Vec::new() };
    let known = ARROWS.iter().find(|(name, _)| *name == module).map_or(&[][..], |(_, may)| *may);
    let wrong = used(file).into_iter().filter(|(_, name)| name != module && !known.contains(&name.as_str()));
    let say = |(line, name): (usize, String)| {
        let may = if known.is_empty() { "nothing of ours".to_owned() } else { known.join(", ") };
        Finding::new(
            &file.path,
            line,
            format!("`{module}` uses `{name}`, and may use {may}; turn the arrow round, or decide on it in tests/tidy/arrows.rs"),
        )
    };
    wrong.map(say).collect()
}

/// Every module of the library has a line in [`ARROWS`].
pub fn listed(lib: &File) -> Vec<Finding> {
    let modules = lib.code().filter_map(|(n, line)| Some((n, line.trim().trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')?)));
    let missing = modules.filter(|(_, name)| !ARROWS.iter().any(|(known, _)| known == name));
    missing.map(|(n, name)| Finding::new(&lib.path, n, format!("`{name}` has no line in tests/tidy/arrows.rs: say what it may use"))).collect()
}

/// Modules of ours that a file names, with the line: after `crate::`, in a group behind it, or after as many `super::` as lead out of its module.
fn used(file: &File) -> Vec<(usize, String)> {
    // Nested folders of a module need more `super::` to leave it; `src/wait.rs` and `src/book/mod.rs` need one.
    let depth = file.path.matches('/').count() - usize::from(file.path.ends_with("/mod.rs"));
    let out = "super::".repeat(depth);
    let code: String = file.code().flat_map(|(_, line)| [line, "\n"]).collect();
    let mut found = Vec::new();
    for root in ["crate::", out.as_str()] {
        for (at, _) in code.match_indices(root) {
            let line = code[..at].matches('\n').count() + 1;
            for name in first_names(&code[at + root.len()..]) {
                if ARROWS.iter().any(|(known, _)| *known == name) {
                    found.push((line, name));
                }
            }
        }
    }
    found
}

/// `a` of `a::b`; `a` and `b` of `{a::{x, y}, b}`.
fn first_names(rest: &str) -> Vec<String> {
    let name = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            _ if depth == 0 => parts.last_mut().expect("there is a part").push(c),
            _ => {}
        }
    }
    parts.iter().map(|part| name(part)).filter(|part| !part.is_empty()).collect()
}

#[test]
fn a_client_in_the_wrong_place_is_found() {
    let wrong = File::new("src/probe/x.rs", "//! x\nuse testcontainers::bollard::Docker;\n// bollard::Docker is fine in a comment\nuse bollard;\n");
    assert_eq!(docker_client(&wrong).len(), 2);
    assert!(docker_client(&File::new("src/deployment/docker.rs", &wrong.text)).is_empty());
    let wrong = File::new("src/steps/x.rs", "let client = redis::Client::open(url);\nlet image = \"redis:7.0\";\nuse cucumber_redis::x;\n");
    assert_eq!(
        redis_client(&wrong),
        [Finding::new(&wrong.path, 1, "`let client = redis::Client::open(url);`: the Redis client belongs into src/probe or src/workload")]
    );
    assert!(redis_client(&File::new("src/workload/x.rs", &wrong.text)).is_empty());
}

#[test]
fn an_arrow_that_points_up_is_found() {
    let wrong = File::new("src/book/x.rs", "use crate::record::Entry;\nuse crate::{\n    claims,\n    world::{World, deployment},\n};\n");
    assert_eq!(used(&wrong).iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["record", "claims", "world"]);
    assert_eq!(allowed(&wrong).len(), 1, "a name inside a nested group is no module: {:?}", allowed(&wrong));
    assert_eq!(allowed(&File::new("src/wait.rs", "fn f() { crate::error::x() }\n")).len(), 1);
    assert_eq!(allowed(&File::new("src/wait.rs", "use super::record::Kind;\n")).len(), 1, "`super` leads out of a file that is a module");
    assert_eq!(allowed(&File::new("src/record/mod.rs", "use super::wait;\n")).len(), 1);
    assert_eq!(allowed(&File::new("src/record/store.rs", "use super::super::topology::Role;\nuse super::index;\n")).len(), 1);
    assert!(allowed(&File::new("src/probe/x.rs", "use crate::{record::Kind, wait};\n")).is_empty());
}

#[test]
fn a_module_without_a_line_is_found() {
    assert_eq!(listed(&File::new("src/lib.rs", "pub mod wait;\npub mod util;\n")).len(), 1);
}
