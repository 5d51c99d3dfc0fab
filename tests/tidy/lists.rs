//! Rules about lists: a file that is on none would be forgotten without a word, a dependency without a reason stays for ever.

use super::tree::{File, Finding};

fn list<'f>(path: &str, files: &'f [File]) -> &'f File {
    files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}"))
}

/// Names of the files beside a `mod.rs`, without their ending.
fn beside<'f>(path: &str, files: &'f [File]) -> impl Iterator<Item = &'f str> {
    let folder = path.trim_end_matches("mod.rs").to_owned();
    let names = files.iter().filter_map(move |file| file.path.strip_prefix(folder.as_str())?.strip_suffix(".rs"));
    names.filter(|name| *name != "mod")
}

/// Every file beside this `mod.rs` is in its `SOURCES`: a cached control is about the code of all of them.
pub fn sources(path: &str, files: &[File]) -> Vec<Finding> {
    let list = list(path, files);
    let missing = beside(path, files).filter(|name| !list.text.contains(&format!("include_str!(\"{name}.rs\")")));
    missing.map(|name| Finding::new(path, 1, format!("{name}.rs is not in SOURCES; add it"))).collect()
}

/// Every file beside this `mod.rs` has its `ENTRY` in the list of all.
pub fn entries(path: &str, files: &[File]) -> Vec<Finding> {
    let list = list(path, files);
    let missing = beside(path, files).filter(|name| !list.text.contains(&format!("{name}::ENTRY")));
    missing.map(|name| Finding::new(path, 1, format!("{name}.rs is not in ALL; add `{name}::ENTRY`"))).collect()
}

/// Every file is named by a `mod` line of the file above it: without one it is not compiled, and its steps vanish.
pub fn dead_files(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !["src/lib.rs", "src/main.rs"].contains(&file.path.as_str())) {
        let path = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
        let Some((folder, name)) = path.rsplit_once('/') else { continue };
        let parents = [format!("{folder}/mod.rs"), format!("{folder}.rs"), format!("{folder}/lib.rs")];
        let declared = |line: &str| line.split(' ').skip_while(|word| *word != "mod").nth(1).is_some_and(|word| word == format!("{name};"));
        let mut above = files.iter().filter(|parent| parents.contains(&parent.path));
        // A file may say where its module lies: `#[path = "compose_tests.rs"]`.
        let by_path = format!("#[path = \"{name}.rs\"]");
        let named = |parent: &File| parent.code().any(|(_, line)| declared(line.trim()));
        let pathed = |other: &File| other.path.starts_with(folder) && other.text.contains(&by_path);
        if !above.any(named) && !files.iter().any(pathed) {
            findings.push(Finding::new(&file.path, 1, format!("is no part of the program; add `mod {name};` to {}, or remove it", parents[0])));
        }
    }
    findings
}

/// A comment stands right above every dependency, or behind it. Titles of sections (`# --- ...`) say nothing about one.
pub fn dependencies(manifest: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut inside = false;
    let mut explained = false;
    for (n, line) in manifest.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line.trim_end_matches(']').ends_with("dependencies");
        } else if inside && line.contains('=') && !line.starts_with('#') && !explained && !line.contains(" # ") {
            let name = line.split(['=', '.']).next().unwrap_or_default().trim();
            findings.push(Finding::new(&manifest.path, n, format!("`{name}` does not say why it is there; put a comment above it")));
        }
        explained = line.starts_with("# ") && !line.starts_with("# ---");
    }
    findings
}

#[test]
fn a_file_that_is_on_no_list_is_found() {
    let list = "mod killed;\nmod lost;\npub const ALL: &[Entry] = &[killed::ENTRY];\npub const SOURCES: &[&str] = &[include_str!(\"killed.rs\")];\n";
    let files = [File::new("src/faults/mod.rs", list), File::new("src/faults/killed.rs", ""), File::new("src/faults/lost.rs", "")];
    assert_eq!(sources("src/faults/mod.rs", &files), [Finding::new("src/faults/mod.rs", 1, "lost.rs is not in SOURCES; add it")]);
    assert_eq!(entries("src/faults/mod.rs", &files), [Finding::new("src/faults/mod.rs", 1, "lost.rs is not in ALL; add `lost::ENTRY`")]);
}

#[test]
fn a_dead_file_is_found() {
    let lib = File::new("src/lib.rs", "pub mod world;\npub mod steps;\n// mod ghost;\n");
    let world = File::new("src/world.rs", "mod naming;\n#[cfg(test)]\n#[path = \"naming_tests.rs\"]\nmod tests;\n");
    let names = ["src/world/naming.rs", "src/world/window.rs", "src/world/naming_tests.rs", "src/steps/mod.rs", "src/ghost.rs"];
    let mut files: Vec<File> = names.iter().map(|name| File::new(name, "")).collect();
    files.extend([lib, world]);
    let found: Vec<String> = dead_files(&files).iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("src/world/window.rs:1:") && found[1].starts_with("src/ghost.rs:1:"), "{found:?}");
}

#[test]
fn a_dependency_without_a_reason_is_found() {
    let wrong = "[package]\nname = \"x\"\n[dependencies]\n# --- a title\nserde = \"1\"\n# Paths of arguments.\nclap = \"4\"\nregex = \"1\"\nsha2 = \"0.11\" # Hashes.\n";
    let found: Vec<String> = dependencies(&File::new("Cargo.toml", wrong)).iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("Cargo.toml:5: `serde`") && found[1].starts_with("Cargo.toml:8: `regex`"), "{found:?}");
}
