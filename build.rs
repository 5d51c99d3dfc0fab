//! Compiles the preload library (apps/preload) with the compiler that builds this crate; `deployment/clock.rs` carries the result.
//!
//! It is no workspace member: a `no_std` shared object with a panic handler of its own would break `cargo build --workspace`.

use std::{env, fs, path::Path, process::Command};

const SOURCE: &str = "apps/preload/src/lib.rs";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let library = Path::new(&variable("OUT_DIR")).join("librehearsal_preload.so");

    let known = variable("CARGO_CFG_TARGET_OS") == "linux" && ["x86_64", "aarch64"].contains(&variable("CARGO_CFG_TARGET_ARCH").as_str());
    let built =
        if known { compile(&variable("RUSTC"), &variable("TARGET"), &library) } else { Err("it needs Linux on x86_64 or aarch64".to_string()) };
    if let Err(reason) = built {
        // Everything but clock jumps works without it, and those say that it is missing.
        println!("cargo::warning=built without the preload library, so clocks cannot be moved: {reason}");
        fs::write(&library, []).expect("the build folder can be written to");
    }
}

fn compile(rustc: &str, target: &str, library: &Path) -> Result<(), String> {
    let output = Command::new(rustc)
        .args(["--edition", "2024", "--crate-name", "rehearsal_preload", "--crate-type", "cdylib", "--target", target])
        .args(["-C", "panic=abort", "-C", "opt-level=2", "-C", "strip=symbols", "-C", "link-arg=-nostdlib", "-C", "link-arg=-nostartfiles"])
        .args(["-C", "target-feature=-crt-static", "-o"])
        .arg(library)
        .arg(SOURCE)
        .output()
        .map_err(|e| format!("{rustc}: {e}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("no reason given").to_string())
    }
}
