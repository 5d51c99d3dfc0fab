//! The browser: its container, and a tab of it that a reader holds. You are in the right place when it does not start, or for what a key press is.

use super::protocol::{Link, ORIGIN, Told};
use super::site::Site;
use rehearsal::deployment::{self, Deployment, Engine, Options, RunLock};
use rehearsal::topology::{Topology, Variables};
use rehearsal::wait::{self, Look};
use serde_json::{Value, json};
use std::cell::Cell;
use std::time::Duration;
use tokio::net::TcpStream;

const TOPOLOGY: &str = include_str!("browser.yml");
/// Starting a browser takes one second; on a host where other things are being built, ten.
const START: Duration = Duration::from_secs(60);
/// Counts how much what was already drawn moves while a page loads, from before its first line.
const SHIFTS: &str = "window.rhShifts = [];
new PerformanceObserver(list => list.getEntries().filter(entry => !entry.hadRecentInput).forEach(entry => rhShifts.push({
    value: entry.value,
    moved: entry.sources.map(source => source.node && source.node.nodeName === '#text' ? source.node.parentElement : source.node).filter(node => node)
        .map(node => node.nodeName.toLowerCase() + (node.className && node.className.baseVal === undefined ? '.' + node.className.split(' ')[0] : '')),
}))).observe({ type: 'layout-shift', buffered: true });";
/// Everything that loads has loaded, and has been drawn twice.
const SETTLED: &str = "document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))";
/// What a page's own scripts put off until it is drawn has been done.
const LATER: &str = "new Promise(done => setTimeout(done, 100))";

/// The container.
pub struct Browser {
    run: String,
    engine: Engine,
    port: u16,
    _lock: RunLock,
}

impl Browser {
    /// Starts the container, and builds its image if need be.
    pub async fn start() -> Result<Browser, String> {
        let run = format!("pages-{}-{}", std::process::id(), started());
        // Before anything that carries the run's name: without its lock it would be taken for a dead one's.
        let lock = RunLock::take(&run).map_err(|error| error.to_string())?;
        let engine = Engine::connect().await.map_err(|error| error.to_string())?;
        match deploy(&engine, &run).await {
            Ok(port) => Ok(Browser { run, engine, port, _lock: lock }),
            Err(error) => {
                let _ = deployment::remove_run(&engine, &run, &[]).await;
                Err(error)
            }
        }
    }

    /// A connection to a browser of one's own, which shows `site`.
    pub async fn connect(&self, site: &Site) -> Result<Link, String> {
        let answered = wait::within("the browser to answer", START, async || {
            // The engine's proxy accepts before anybody listens behind it, and then hangs up.
            let stream = match TcpStream::connect(("127.0.0.1", self.port)).await {
                Ok(stream) => stream,
                Err(error) => return Look::NotYet(error.to_string()),
            };
            let link = Link::new(stream, site.clone());
            match link.ask("", "Browser.getVersion", json!({})).await {
                Ok(_) => Look::Done(link),
                Err(error) => Look::NotYet(error),
            }
        });
        answered.await.map_err(|gave_up| gave_up.to_string())
    }

    /// Removes the container and its networks.
    pub async fn remove(self) -> Result<(), String> {
        deployment::remove_run(&self.engine, &self.run, &[]).await.map(drop).map_err(|error| error.to_string())
    }
}

/// Several tests of this process may each have a browser.
fn started() -> usize {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

async fn deploy(engine: &Engine, run: &str) -> Result<u16, String> {
    let told = |error: deployment::EngineError| error.to_string();
    let say = |text: &str| eprintln!("{text}");
    deployment::prune(engine).await.map_err(told)?;
    let helper = deployment::prepare_helper(engine, &say).await.map_err(told)?;
    let image = deployment::prepare_browser(engine, &say).await.map_err(told)?;
    let variables = |net: &str| Variables { image: Some(image.reference.clone()), net: Some(net.to_owned()) };
    let make = |net: &str| {
        let topology = Topology::parse(TOPOLOGY, "tests/pages/browser.yml", &variables(net));
        topology.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    };
    let options = Options {
        run: run.to_owned(),
        scenario: "the book's pages".into(),
        preload: false,
        server_image: image.clone(),
        helper,
        binary: None,
        hand: None,
    };
    let deployment = Deployment::start(engine, options, make).await.map_err(told)?;
    deployment.published("browser").ok_or_else(|| "the browser's port is not published".to_owned())
}

/// A tab with a memory of its own: no other tab's theme is its.
pub struct Tab {
    link: Link,
    session: String,
    scripts: Cell<bool>,
}

impl Tab {
    pub async fn open(link: &Link) -> Result<Tab, String> {
        let context = link.ask("", "Target.createBrowserContext", json!({})).await?;
        let target = json!({"url": "about:blank", "browserContextId": context["browserContextId"]});
        let target = link.ask("", "Target.createTarget", target).await?;
        let attached = link.ask("", "Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true})).await?;
        let session = attached["sessionId"].as_str().ok_or("a tab without a session")?.to_owned();
        let tab = Tab { link: link.clone(), session, scripts: Cell::new(true) };
        for domain in ["Page", "Runtime", "Log"] {
            tab.ask(&format!("{domain}.enable"), json!({})).await?;
        }
        tab.ask("Fetch.enable", json!({"patterns": [{"urlPattern": "*"}]})).await?;
        tab.ask("Page.addScriptToEvaluateOnNewDocument", json!({"source": SHIFTS})).await?;
        // A tab that is not in front has no focus otherwise, and keys go nowhere.
        tab.ask("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).await?;
        Ok(tab)
    }

    pub async fn ask(&self, method: &str, params: Value) -> Result<Value, String> {
        self.link.ask(&self.session, method, params).await
    }

    /// What the tab told since it was last asked.
    pub fn take(&self) -> Vec<Told> {
        self.link.take(&self.session)
    }

    pub async fn size(&self, width: u32, height: u32) -> Result<(), String> {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.ask("Emulation.setDeviceMetricsOverride", metrics).await?;
        self.value(SETTLED).await.map(drop)
    }

    pub async fn scripts(&self, on: bool) -> Result<(), String> {
        self.scripts.set(on);
        self.ask("Emulation.setScriptExecutionDisabled", json!({"value": !on})).await.map(drop)
    }

    /// Opens a page and waits until it is as it stays; what was told before is gone.
    pub async fn goto(&self, page: &str) -> Result<(), String> {
        self.take();
        let went = self.ask("Page.navigate", json!({"url": format!("{ORIGIN}{page}")})).await?;
        match went["errorText"].as_str() {
            Some(error) => Err(format!("{page} does not open: {error}")),
            None => self.arrived().await,
        }
    }

    /// Waits until the page that is being opened is as it stays.
    pub async fn arrived(&self) -> Result<(), String> {
        self.link.until_told(&self.session, "Page.loadEventFired").await?;
        // Without scripts nothing comes later, and nobody would keep these promises.
        if self.scripts.get() {
            self.value(SETTLED).await?;
            self.value(LATER).await?;
        }
        Ok(())
    }

    /// Page and fragment that are shown.
    pub async fn place(&self) -> Result<String, String> {
        let url = self.value("location.href").await?;
        Ok(url.as_str().unwrap_or_default().trim_start_matches(ORIGIN).to_owned())
    }

    /// What an expression comes to in the page; a promise is waited for.
    pub async fn value(&self, expression: &str) -> Result<Value, String> {
        let ask = json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let mut answer = self.ask("Runtime.evaluate", ask).await?;
        if let Some(broken) = answer.get("exceptionDetails") {
            let what = broken["exception"]["description"].as_str().or(broken["text"].as_str()).unwrap_or("it broke");
            return Err(format!("what was asked in the page broke: {what}"));
        }
        Ok(answer["result"]["value"].take())
    }

    /// Presses a key and lets it go.
    pub async fn press(&self, key: &str) -> Result<(), String> {
        let (name, code, number, text) = match key {
            "Tab" => ("Tab", "Tab".to_owned(), 9, ""),
            "Enter" => ("Enter", "Enter".to_owned(), 13, "\r"),
            "Space" => (" ", "Space".to_owned(), 32, " "),
            "ArrowLeft" => (key, key.to_owned(), 37, ""),
            "ArrowRight" => (key, key.to_owned(), 39, ""),
            "Escape" => (key, key.to_owned(), 27, ""),
            letter => (letter, format!("Key{}", letter.to_uppercase()), u32::from(letter.to_uppercase().as_bytes()[0]), letter),
        };
        let mut event = json!({"type": "rawKeyDown", "key": name, "code": code, "windowsVirtualKeyCode": number});
        if !text.is_empty() {
            event["type"] = "keyDown".into();
            event["text"] = text.into();
        }
        self.ask("Input.dispatchKeyEvent", event.clone()).await?;
        event["type"] = "keyUp".into();
        self.ask("Input.dispatchKeyEvent", event).await.map(drop)
    }

    /// Types into whatever has the focus.
    pub async fn type_in(&self, text: &str) -> Result<(), String> {
        self.ask("Input.insertText", json!({"text": text})).await.map(drop)
    }
}
