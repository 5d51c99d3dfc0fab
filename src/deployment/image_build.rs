//! From a recipe to an image: Debian packages unpacked by mmdebstrap and imported, or a Dockerfile given to the engine. You are in the right
//! place when a build fails; what goes in is decided in `image_recipe`, when to build in `images`.
//!
//! Reasons are plain sentences: they become lines of one `EngineError::Image` that tells everything that was tried.

use std::{
    fs::File,
    io::{self, Seek},
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use tokio::process::Command;

use super::{
    engine::{Engine, ImageBuild, ImageImport},
    image_recipe::{IPTABLES, Recipe},
    image_workplace::Workplace,
    labels, mirror,
};

/// Suites newer than the host's keyring cannot be verified without it.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// Links /bin, /lib and the like into /usr; without it the loader is not where programs look.
const MERGED_USR: &str = "/usr/share/mmdebstrap/hooks/merged-usr";
const PACKAGES: &[&str] = &["mmdebstrap", "debian-archive-keyring"];
/// A minute is normal on a slow line; apt retries for long when a mirror is gone.
const BUILD_LIMIT: Duration = Duration::from_secs(600);

/// Whether mmdebstrap can be run right away.
pub(super) fn mmdebstrap_is_installed() -> bool {
    Path::new(MERGED_USR).is_dir() && Path::new(KEYRING).is_file() && on_path("mmdebstrap")
}

/// Builds the recipe with mmdebstrap (installed with apt first when we are root and it is missing) and imports it under its tag.
pub(super) async fn from_packages(engine: &Engine, recipe: &Recipe, say: &dyn Fn(&str)) -> Result<(), String> {
    install_mmdebstrap(say).await?;
    let mirror = mirror::debian_mirror();
    say(&format!("building {} from Debian packages ({} of {}, {mirror})", recipe.reference(), recipe.packages.join(", "), recipe.suite));
    let workplace = Workplace::new().map_err(|e| format!("the folder of image builds: {e}"))?;
    let mut built = mmdebstrap(recipe, &mirror, &workplace, Age::Checked).await;
    // A suite younger than the installed keyring: the keyring has a newer release in the host's own suite.
    if built.as_ref().is_err_and(|reason| reason.contains("NO_PUBKEY")) && is_root() {
        say("the Debian keyring is too old for this suite: upgrading it");
        apt_get(&["install", "-y", "--only-upgrade", "debian-archive-keyring"]).await?;
        built = mmdebstrap(recipe, &mirror, &workplace, Age::Checked).await;
    }
    // Testing and unstable are to be used within days of their release, which a mirror frozen on purpose, or kept offline, cannot meet.
    if built.as_ref().is_err_and(|reason| reason.contains("is expired")) {
        say(&format!("{mirror} is a copy of {} older than its release allows: taken all the same, its signature holds", recipe.suite));
        built = mmdebstrap(recipe, &mirror, &workplace, Age::Any).await;
    }
    let mut changes = recipe.changes.clone();
    changes.push(format!("LABEL {}={}", labels::RECIPE, recipe.hash()));
    let import = ImageImport { repository: recipe.repository.clone(), tag: recipe.hash(), changes, archive: built? };
    engine.import(import, BUILD_LIMIT).await.map_err(|e| e.to_string())
}

/// Gives the recipe's Dockerfile to the engine, which pulls its base image.
pub(super) async fn from_dockerfile(engine: &Engine, recipe: &Recipe, say: &dyn Fn(&str)) -> Result<(), String> {
    let dockerfile = recipe.dockerfile.ok_or("there is no Dockerfile for it")?;
    say(&format!("building {} from its Dockerfile", recipe.reference()));
    let context = archive(&[("Dockerfile", 0o644, dockerfile.as_bytes()), ("iptables", 0o755, IPTABLES.as_bytes())]);
    let context = context.map_err(|e| e.to_string())?;
    let labels = [(labels::RECIPE.to_string(), recipe.hash())].into();
    engine.build(ImageBuild { reference: recipe.reference(), labels, context }, BUILD_LIMIT).await.map_err(|e| e.to_string())
}

/// A tar archive of files, owned by root.
fn archive(files: &[(&str, u32, &[u8])]) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, mode, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(*mode);
        header.set_cksum();
        builder.append_data(&mut header, path.trim_start_matches('/'), *bytes)?;
    }
    builder.into_inner()
}

/// Whether a release file may be older than it says of itself. What it signs is verified either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    Checked,
    Any,
}

/// Builds the root file system and gives it as an archive, read from its beginning.
async fn mmdebstrap(recipe: &Recipe, mirror: &str, workplace: &Workplace, age: Age) -> Result<File, String> {
    let told = |error: io::Error| format!("mmdebstrap: {error}");
    let mut archive = workplace.archive().map_err(told)?;
    let stdout = Stdio::from(archive.try_clone().map_err(told)?);
    let output = workplace.run("mmdebstrap", &arguments(recipe, mirror, age), stdout, BUILD_LIMIT).await.map_err(told)?;
    succeeded("mmdebstrap", output)?;
    archive.rewind().map_err(told)?;
    Ok(archive)
}

/// What mmdebstrap is told. It writes to its output, and what stands behind `--` is no option, whatever it looks like.
fn arguments(recipe: &Recipe, mirror: &str, age: Age) -> Vec<String> {
    // Not `--quiet`: that hides why apt refused.
    let mut arguments: Vec<String> = ["--variant=extract", "--format=tar"].map(str::to_owned).into();
    arguments.extend([format!("--hook-dir={MERGED_USR}"), format!("--keyring={KEYRING}")]);
    if age == Age::Any {
        arguments.push(r#"--aptopt=Acquire::Check-Valid-Until "false""#.to_owned());
    }
    arguments.push(format!("--include={}", recipe.packages.join(",")));
    // The extract variant ends after its extract hooks; customize hooks would be passed over in silence.
    arguments.extend(recipe.hooks.iter().map(|hook| format!("--extract-hook={hook}")));
    let base = recipe.base_suite();
    arguments.extend(["--", base.unwrap_or(&recipe.suite), "-"].map(str::to_owned));
    match base {
        None => arguments.push(mirror.to_owned()),
        Some(base) => arguments.extend([base, &recipe.suite].map(|suite| format!("deb {mirror} {suite} main"))),
    }
    arguments
}

async fn install_mmdebstrap(say: &dyn Fn(&str)) -> Result<(), String> {
    if mmdebstrap_is_installed() {
        return Ok(());
    }
    let by_hand = format!("apt-get install {}", PACKAGES.join(" "));
    if !on_path("apt-get") {
        return Err("mmdebstrap is missing, and this host has no apt to install it with".into());
    }
    if !is_root() {
        return Err(format!("mmdebstrap is missing; install it as root: `{by_hand}`"));
    }
    say(&format!("installing what builds images: {by_hand}"));
    let install: Vec<&str> = ["install", "-y", "--no-install-recommends"].iter().chain(PACKAGES).copied().collect();
    if apt_get(&install).await.is_ok() {
        return Ok(());
    }
    apt_get(&["update"]).await?;
    apt_get(&install).await
}

async fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).kill_on_drop(true);
    let name = format!("apt-get {}", arguments.join(" "));
    match tokio::time::timeout(BUILD_LIMIT, command.output()).await {
        Ok(output) => succeeded(&name, Some(output.map_err(|e| format!("{name}: {e}"))?)),
        Err(_) => succeeded(&name, None),
    }
}

/// What a program said last is the reason of its failure; none is one that was not done in time.
fn succeeded(name: &str, output: Option<Output>) -> Result<(), String> {
    let Some(output) = output else { return Err(format!("{name}: not done within {} s", BUILD_LIMIT.as_secs())) };
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let telling: Vec<&str> = text.lines().filter(|line| line.starts_with("E: ") || line.contains("NO_PUBKEY")).collect();
    let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Err(format!("{name}: {}", if telling.is_empty() { last.to_string() } else { telling.join("; ") }))
}

fn on_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::servers::Catalogue;

    /// The words behind `--`.
    fn positional(suite: &str) -> Vec<String> {
        let catalogue = Catalogue::parse(&format!("redis-7.0 = {{ image = \"redis:7.0.15\", debian = \"{suite}\" }}"), "servers.toml").unwrap();
        let recipe = Recipe::server(catalogue.default_server()).unwrap();
        let arguments = arguments(&recipe, "http://deb.example/debian", Age::Any);
        let from = arguments.iter().position(|word| word == "--").unwrap();
        assert!(arguments[..from].iter().all(|word| word.starts_with("--")));
        arguments[from + 1..].to_vec()
    }

    #[test]
    fn what_a_file_says_is_no_option_of_the_program_that_builds() {
        assert_eq!(positional("bookworm"), ["bookworm", "-", "http://deb.example/debian"]);
        let sources = ["deb http://deb.example/debian bookworm main", "deb http://deb.example/debian bookworm-backports main"];
        assert_eq!(positional("bookworm-backports"), [&["bookworm", "-"], sources.as_slice()].concat());
    }
}
