//! Getting an image, by whatever way this host has: it is there, it can be pulled, or it is built from Debian packages. You are in the right
//! place for the order of these ways and for the one message that tells why all of them failed.

use std::fs::TryLockError;

use serde::{Deserialize, Serialize};

use super::{engine::Engine, error::EngineError, image_build, image_recipe::Recipe, lock::image_lock_file, mirror};
use crate::topology::servers::Server;

/// An image that can be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedImage {
    /// What to start: `redis:7.0.15`, or `rehearsal/redis-7.0:<recipe hash>` for a build of ours.
    pub reference: String,
    /// `sha256:...`
    pub id: String,
    pub route: Route,
}

/// How an image came to be on this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// It was there under its own name.
    Local,
    /// Just pulled from a registry.
    Pulled,
    /// Built by us, now or earlier.
    Built,
}

/// An image of ours, as `rehearsal images list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalImage {
    pub reference: String,
    pub id: String,
    pub bytes: u64,
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Route::Local => "local",
            Route::Pulled => "pulled",
            Route::Built => "built",
        })
    }
}

/// The image of a server under test. `say` is told, in a sentence, whatever takes a while.
pub async fn prepare_server(engine: &Engine, server: &Server, say: &dyn Fn(&str)) -> Result<PreparedImage, EngineError> {
    let recipe = Recipe::server(server);
    if let Some(image) = local_server(engine, server, recipe.as_ref()).await? {
        return Ok(image);
    }
    let _lock = lock(&server.line(), say).await?;
    if let Some(image) = local_server(engine, server, recipe.as_ref()).await? {
        return Ok(image);
    }
    let mut tried = vec![format!("local: there is no {}", server.image)];
    match pull(engine, &server.image, say).await {
        Ok(image) => return Ok(image),
        Err(reason) => tried.push(format!("pull: {reason}")),
    }
    match &recipe {
        Some(recipe) => match build(engine, recipe, say).await {
            Ok(image) => return Ok(image),
            Err(reasons) => tried.extend(reasons),
        },
        None => tried.push(format!("build: {} names no Debian suite in compose/servers.toml", server.name)),
    }
    Err(missing(&server.image, tried))
}

/// The image of sandboxes and helpers: bash, coreutils, iproute2, iptables, tcpdump.
pub async fn prepare_helper(engine: &Engine, say: &dyn Fn(&str)) -> Result<PreparedImage, EngineError> {
    own(engine, "helper", &Recipe::helper(), say).await
}

/// The image of the browser that looks at the book's pages: Chromium without windows, behind a port.
pub async fn prepare_browser(engine: &Engine, say: &dyn Fn(&str)) -> Result<PreparedImage, EngineError> {
    own(engine, "browser", &Recipe::browser(), say).await
}

/// An image that is neither a server nor ours, such as a proxy's: local, else pulled.
pub async fn prepare_image(engine: &Engine, reference: &str, say: &dyn Fn(&str)) -> Result<PreparedImage, EngineError> {
    if let Some(image) = local(engine, reference, Route::Local).await? {
        return Ok(image);
    }
    let tried = vec![format!("local: there is no {reference}")];
    pull(engine, reference, say).await.map_err(|reason| missing(reference, [tried, vec![format!("pull: {reason}")]].concat()))
}

/// The images we built, oldest recipes included.
pub async fn list_images(engine: &Engine) -> Result<Vec<LocalImage>, EngineError> {
    let mut list: Vec<LocalImage> = engine
        .images("rehearsal/*")
        .await?
        .into_iter()
        .flat_map(|image| image.references.into_iter().map(move |reference| LocalImage { reference, id: image.id.clone(), bytes: image.bytes }))
        .collect();
    list.sort_by(|a, b| a.reference.cmp(&b.reference));
    Ok(list)
}

/// Removes the images we built, except those a container still uses; tells which went.
pub async fn prune_images(engine: &Engine) -> Result<Vec<String>, EngineError> {
    let mut removed = Vec::new();
    for image in list_images(engine).await? {
        match engine.remove_image(&image.reference).await {
            Ok(()) => removed.push(image.reference),
            Err(e) if e.is_status(404) || e.is_status(409) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(removed)
}

/// The official image if it is here, else our own build of the same server.
async fn local_server(engine: &Engine, server: &Server, recipe: Option<&Recipe>) -> Result<Option<PreparedImage>, EngineError> {
    let official = local(engine, &server.image, Route::Local).await?;
    match (official, recipe) {
        (None, Some(recipe)) => local(engine, &recipe.reference(), Route::Built).await,
        (official, _) => Ok(official),
    }
}

/// An image that no registry has: here already, else built.
async fn own(engine: &Engine, name: &str, recipe: &Recipe, say: &dyn Fn(&str)) -> Result<PreparedImage, EngineError> {
    if let Some(image) = local(engine, &recipe.reference(), Route::Built).await? {
        return Ok(image);
    }
    let _lock = lock(name, say).await?;
    build(engine, recipe, say).await.map_err(|reasons| missing(&format!("the {name}"), reasons))
}

async fn local(engine: &Engine, reference: &str, route: Route) -> Result<Option<PreparedImage>, EngineError> {
    match engine.image(reference).await {
        Ok(image) => Ok(Some(PreparedImage { reference: reference.to_string(), id: image.id, route })),
        Err(e) if e.is_status(404) => Ok(None),
        Err(e) => Err(e),
    }
}

async fn pull(engine: &Engine, reference: &str, say: &dyn Fn(&str)) -> Result<PreparedImage, String> {
    say(&format!("pulling {reference}"));
    engine.pull(reference).await.map_err(|error| error.to_string())?;
    match local(engine, reference, Route::Pulled).await {
        Ok(Some(image)) => Ok(image),
        Ok(None) => Err("the engine pulled something else".into()),
        Err(e) => Err(e.to_string()),
    }
}

/// Builds by the ways that fit this host; under the image's lock, so it looks again first.
async fn build(engine: &Engine, recipe: &Recipe, say: &dyn Fn(&str)) -> Result<PreparedImage, Vec<String>> {
    let reference = recipe.reference();
    let look = async || local(engine, &reference, Route::Built).await.map_err(|e| vec![e.to_string()]);
    if let Some(image) = look().await? {
        return Ok(image);
    }
    let mut reasons = Vec::new();
    // With mmdebstrap at hand packages are the quickest way; without it a registry saves installing anything.
    let packages_first = recipe.dockerfile.is_none() || image_build::mmdebstrap_is_installed();
    for packages in [packages_first, !packages_first] {
        let built = match packages {
            true => image_build::from_packages(engine, recipe, say).await,
            false if recipe.dockerfile.is_none() => continue,
            false => image_build::from_dockerfile(engine, recipe, say).await,
        };
        match built {
            Ok(()) => return look().await?.ok_or_else(|| vec![format!("build: the engine lost {reference}")]),
            Err(reason) => reasons.push(format!("build {}: {reason}", if packages { "from packages" } else { "from Dockerfile" })),
        }
    }
    Err(reasons)
}

/// One process prepares an image at a time; the others wait and then find it.
async fn lock(name: &str, say: &dyn Fn(&str)) -> Result<std::fs::File, EngineError> {
    let failed = |e| EngineError::host("the folder of image locks", e);
    let file = image_lock_file(name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(e)) => Err(failed(e)),
        Err(TryLockError::WouldBlock) => {
            say(&format!("waiting for another process that prepares {name}"));
            let waited = tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await;
            waited.map_err(|e| failed(std::io::Error::other(e)))?.map_err(failed)
        }
    }
}

fn missing(image: &str, tried: Vec<String>) -> EngineError {
    let advice = format!(
        "give the engine a registry, load the image (`docker load`), or make a build possible: a Debian mirror (now {}, set {}) and, as root, mmdebstrap",
        mirror::debian_mirror(),
        mirror::VARIABLE
    );
    EngineError::Image { image: image.to_string(), tried, advice }
}
