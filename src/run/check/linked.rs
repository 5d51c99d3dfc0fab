//! Step libraries: which crates' steps are in this program, and which should be.
//!
//! You are in the right place when a crate's steps vanish without a word: a library that nobody names is not linked.

use crate::confined;
use crate::run::project::Project;
use crate::run::registry::Registry;
use crate::topology::located::Problem;
use std::collections::BTreeMap;
use toml::Table;

/// Number of steps by the crate they come from.
pub fn by_crate(registry: &Registry) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for step in &registry.steps {
        let name = if step.krate.is_empty() { &step.file } else { &step.krate };
        *count.entry(name.clone()).or_insert(0) += 1;
    }
    count
}

/// Steps whose file does not say that it is there, and a crate of the project whose steps are not in this program.
pub fn check(project: &Project, registry: &Registry, problems: &mut Vec<Problem>) {
    for step in registry.steps.iter().filter(|step| step.krate.is_empty()) {
        let name = step.file.rsplit('/').next().unwrap_or_default();
        // One finding a file: a kept control would not notice that its code has changed.
        let problem =
            Problem::error(&step.file, 1, "has steps, but does not say so").advice(format!("write `rehearsal::step_file!(\"{name}\");` into it"));
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    let manifest = confined::read_text(&project.root, &project.root.join("Cargo.toml")).unwrap_or_default();
    // Steps of a file that does not say whose it is may be those of the crate.
    let linked = |name: &str| registry.steps.iter().any(|step| step.krate == name || step.krate.is_empty());
    if let Some(name) = step_crate(&manifest).filter(|name| !linked(name)) {
        let line = manifest.lines().position(|line| line.trim_start().starts_with("name")).map_or(1, |n| n + 1);
        let library = name.replace('-', "_");
        let advice = format!("run the program of that crate, and let it say `use {library} as _;`: a library nobody names is not linked");
        problems.push(Problem::warning("Cargo.toml", line, format!("no step of the crate `{name}` is in this program")).advice(advice));
    }
}

/// The name of the package, if it is one that may have steps: it depends on this crate.
fn step_crate(manifest: &str) -> Option<String> {
    let manifest: Table = manifest.parse().ok()?;
    manifest.get("dependencies")?.get(env!("CARGO_PKG_NAME"))?;
    Some(manifest.get("package")?.get("name")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(manifest: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("Cargo.toml"), manifest).unwrap();
        let mut problems = Vec::new();
        check(&Project::at(dir.path().to_owned()), &Registry::collect(), &mut problems);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_crate_whose_steps_are_not_linked_is_noticed() {
        let found = found("[package]\nname = \"our-steps\"\n\n[dependencies]\nrehearsal = \"0.1\"\n");
        assert!(found.len() == 1 && found[0].contains("Cargo.toml:2") && found[0].contains("use our_steps as _;"), "{found:?}");
    }

    #[test]
    fn other_crates_are_nobody_we_miss() {
        assert!(found("[package]\nname = \"x\"\n\n[dependencies]\nredis = \"1\"\n").is_empty());
        assert!(found("[workspace]\n").is_empty());
    }

    #[test]
    fn steps_are_counted_by_crate() {
        let registry = Registry::collect();
        assert_eq!(by_crate(&registry).get("rehearsal"), Some(&registry.steps.len()));
    }
}
