//! `rehearsal doctor`: what this machine has, what it lacks, and how to get it.

use super::exit;
use crate::deployment::{self, Engine};
use std::process::{Command, ExitCode};

/// Oldest engine API whose calls are used.
const OLDEST_API: (u32, u32) = (1, 40);

/// Tells line by line; ends with 3 when something needed is missing.
pub fn doctor() -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return exit::usage("no runtime") };
    let local = tokio::task::LocalSet::new();
    let engine = local.block_on(&runtime, engine());
    let builder = builder();
    if engine && builder { exit::PASSED } else { ExitCode::from(exit::UNKNOWN_CODE) }
}

async fn engine() -> bool {
    let engine = match Engine::connect().await {
        Ok(engine) => engine,
        Err(error) => {
            println!("missing  Docker engine: {error}");
            return false;
        }
    };
    let version = match engine.version().await {
        Ok(version) => version,
        Err(error) => {
            println!("missing  Docker engine: {error}");
            return false;
        }
    };
    let api = version.api.split_once('.').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?))).unwrap_or((0, 0));
    if api < OLDEST_API {
        println!("missing  Docker engine {} speaks API {}; at least {}.{} is needed", version.version, version.api, OLDEST_API.0, OLDEST_API.1);
        return false;
    }
    println!("ok       Docker engine {} (API {}), {} cores, {} MiB", version.version, version.api, version.cpus, version.memory_mib);
    match deployment::by_hand(&engine).await {
        Ok(hands) => hands.iter().filter(|hand| hand.stated).for_each(|hand| println!("note     {}", super::images::stays(hand))),
        Err(error) => println!("missing  a list of what is up: {error}"),
    }
    match deployment::list_images(&engine).await {
        Ok(images) if images.is_empty() => println!("note     no image built yet: the first run pulls or builds them"),
        Ok(images) => images.iter().for_each(|image| println!("ok       image {}", image.reference)),
        Err(error) => println!("missing  images: {error}"),
    }
    true
}

/// Images are built from Debian packages where none can be pulled.
fn builder() -> bool {
    if Command::new("mmdebstrap").arg("--version").output().is_ok() {
        println!("ok       mmdebstrap, to build images where none can be pulled");
        return true;
    }
    if Command::new("apt-get").arg("--version").output().is_ok() {
        println!("note     no mmdebstrap; as root the first build installs it, else: apt-get install mmdebstrap");
    } else {
        println!("note     no mmdebstrap and no apt-get: images have to be pulled");
    }
    true
}
