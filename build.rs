//! What is made while this crate is built: the list of the topologies in compose/, which `topology/built_in.rs` carries, and two libraries for containers,
//! compiled by the compiler that builds this crate: the preload library (apps/preload), which `deployment/clock.rs` carries, and a module with a data type
//! (apps/module), which `deployment/module.rs` carries.
//!
//! The libraries are no workspace members: a `no_std` shared object with a panic handler of its own would break `cargo build --workspace`.

use std::{env, fs, path::Path, process::Command};

/// Source, name, and what is missing without it.
const LIBRARIES: [(&str, &str, &str); 2] = [
    ("apps/preload/src/lib.rs", "rehearsal_preload", "the preload library, so clocks cannot be moved"),
    ("apps/module/src/lib.rs", "rehearsal_module", "the module, so no server can load it"),
];
const TOPOLOGIES: &str = "compose";

fn main() {
    LIBRARIES.iter().for_each(|(source, _, _)| println!("cargo::rerun-if-changed={source}"));
    println!("cargo::rerun-if-changed={TOPOLOGIES}");
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let out = variable("OUT_DIR");
    fs::write(Path::new(&out).join("topologies.rs"), topologies()).expect("the build folder can be written to");

    let known = variable("CARGO_CFG_TARGET_OS") == "linux" && ["x86_64", "aarch64"].contains(&variable("CARGO_CFG_TARGET_ARCH").as_str());
    for (source, name, missing) in LIBRARIES {
        let library = Path::new(&out).join(format!("lib{name}.so"));
        let built = if known {
            compile(&variable("RUSTC"), &variable("TARGET"), name, source, &library)
        } else {
            Err("it needs Linux on x86_64 or aarch64".to_string())
        };
        if let Err(reason) = built {
            // Everything else works without it, and what does not says that it is missing.
            println!("cargo::warning=built without {missing}: {reason}");
            fs::write(&library, []).expect("the build folder can be written to");
        }
    }
}

/// A Rust expression with name and text of every file: found by looking, so that a new topology is one new file and no line elsewhere.
fn topologies() -> String {
    let entries = fs::read_dir(TOPOLOGIES).expect("compose/ is part of this crate").flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|ending| ending == "yml")).collect();
    files.sort();
    let line = |file: &Path| {
        let path = file.canonicalize().expect("a file that was just listed");
        format!("    ({:?}, include_str!({:?})),\n", file.file_stem().unwrap_or_default(), path)
    };
    format!("&[\n{}]\n", files.iter().map(|file| line(file)).collect::<String>())
}

fn compile(rustc: &str, target: &str, name: &str, source: &str, library: &Path) -> Result<(), String> {
    let output = Command::new(rustc)
        .args(["--edition", "2024", "--crate-name", name, "--crate-type", "cdylib", "--target", target])
        .args(["-C", "panic=abort", "-C", "opt-level=2", "-C", "strip=symbols", "-C", "link-arg=-nostdlib", "-C", "link-arg=-nostartfiles"])
        .args(["-C", "target-feature=-crt-static", "-o"])
        .arg(library)
        .arg(source)
        .output()
        .map_err(|e| format!("{rustc}: {e}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("no reason given").to_string())
    }
}
