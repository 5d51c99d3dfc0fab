//! A run from beginning to end: lock, images, servers, plays, controls, record.

use super::capability;
use super::catalogue::Scenario;
use super::control::{self, Cache, Controls};
use super::event::{Event, View};
use super::play;
use super::project::Project;
use super::registry::Registry;
use super::schedule::{self, Ground, Play, Prepared, Queue, Told};
use crate::deployment::{self, Engine, EngineError, PreparedImage, RunLock};
use crate::error::{Cause, StepError};
use crate::record::store::{self, RunFolder};
use crate::record::{Control, Host, RunRecord, SCHEMA, ScenarioRecord, Stress, Verdict};
use crate::topology::servers::Server;
use crate::topology::version;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::watch;

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// Scenarios side by side; `None` takes what this machine carries.
    pub jobs: Option<usize>,
    /// Leave the deployment of a failed scenario up.
    pub keep: bool,
    pub controls: Controls,
    /// How often each scenario is played.
    pub stress: usize,
    /// End at the first failure.
    pub fail_fast: bool,
    /// Only these pairs of scenario and server.
    pub only: Option<BTreeSet<(String, String)>>,
}

impl Default for Options {
    fn default() -> Options {
        Options { jobs: None, keep: false, controls: Controls::Off, stress: 1, fail_fast: false, only: None }
    }
}

/// Why a run did not even begin.
#[derive(Debug)]
pub enum SessionError {
    Engine(EngineError),
    /// A server of the catalogue that could not be prepared or does not start.
    Server(String, Box<StepError>),
    Io(std::io::Error),
}

impl std::fmt::Display for SessionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SessionError::Engine(error) => write!(f, "{error}"),
            SessionError::Server(name, error) => {
                write!(f, "{name}: {}", error.message)?;
                error.seen.iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
            SessionError::Io(error) => write!(f, "the record could not be written: {error}"),
        }
    }
}

impl From<EngineError> for SessionError {
    fn from(error: EngineError) -> SessionError {
        SessionError::Engine(error)
    }
}

impl From<std::io::Error> for SessionError {
    fn from(error: std::io::Error) -> SessionError {
        SessionError::Io(error)
    }
}

/// A finished run.
pub struct Outcome {
    pub record: RunRecord,
    pub folder: PathBuf,
}

/// Plays the scenarios on the servers and writes the record as it goes.
///
/// # Errors
/// See [`SessionError`]; a scenario that fails is no error.
pub fn run(project: &Project, scenarios: &[&Scenario], servers: &[Server], options: &Options, view: &mut dyn View) -> Result<Outcome, SessionError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let run = std::env::var("NEXTEST_RUN_ID").map(|id| format!("{}-{}", new_run_id(), &id[..id.len().min(8)])).unwrap_or_else(|_| new_run_id());
    let lock = RunLock::take(&run)?;
    let (interrupt, interrupted) = watch::channel(None::<&'static str>);
    runtime.spawn(listen(interrupt));
    let mut ended = interrupted.clone();
    let mut session =
        Session { project, options, run: run.clone(), folder: project.store().begin(&run)?, record: empty(&run), view, flags: interrupted };
    // Pulling or building an image takes minutes: a signal is heard meanwhile as well.
    let prepared = runtime.block_on(async {
        tokio::select! {
            prepared = session.prepare(servers) => prepared.map(Some),
            _ = ended.wait_for(Option::is_some) => Ok(None),
        }
    });
    let outcome = match prepared {
        Ok(Some((helper, prepared))) => session.play(scenarios, prepared, helper),
        Ok(None) => {
            let signal = ended.borrow().unwrap_or("SIGINT");
            session.record.interrupted = Some(signal.to_owned());
            session.view.event(&Event::Interrupted(signal));
            Ok(())
        }
        Err(error) => Err(error),
    };
    let cleaned = runtime.block_on(clean(&run, options.keep));
    session.finish()?;
    drop(lock);
    outcome?;
    cleaned?;
    Ok(Outcome { record: session.record, folder: session.folder.path().to_owned() })
}

/// A server of one's own build is looked for before images are pulled and built for it.
fn binary_is_there(project: &Project, server: &Server) -> Result<(), SessionError> {
    let Some(binary) = server.binary.as_ref().filter(|path| !project.root.join(path).is_file()) else { return Ok(()) };
    let message = format!("there is no executable {} (`binary` in compose/servers.toml): build it and put it there", binary.display());
    Err(SessionError::Server(server.name.clone(), Box::new(StepError::new(Cause::Engine, message))))
}

/// Sortable and unique on this host.
fn new_run_id() -> String {
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S").to_string();
    format!("{now}-{}", std::process::id())
}

fn empty(run: &str) -> RunRecord {
    RunRecord {
        schema: SCHEMA,
        run: run.to_owned(),
        started: jiff::Timestamp::now().to_string(),
        finished: None,
        rehearsal: env!("CARGO_PKG_VERSION").to_owned(),
        host: Host::default(),
        servers: Vec::new(),
        scenarios: Vec::new(),
        interrupted: None,
    }
}

/// Tells which signal asked the run to end; SIGTERM is treated as Ctrl-C. A second one ends the process at once: the next run cleans up.
async fn listen(interrupt: watch::Sender<Option<&'static str>>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut int), Ok(mut term)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else { return };
    loop {
        let name = tokio::select! {
            _ = int.recv() => "SIGINT",
            _ = term.recv() => "SIGTERM",
        };
        if interrupt.borrow().is_some() {
            std::process::exit(if name == "SIGINT" { 130 } else { 143 });
        }
        interrupt.send_replace(Some(name));
    }
}

/// Nothing of this run stays, except what a person asked to keep.
async fn clean(run: &str, keep: bool) -> Result<(), EngineError> {
    if keep {
        return Ok(());
    }
    let engine = match Engine::connect().await {
        Ok(engine) => engine,
        // Without an engine there was nothing to leave behind; the reason was told before.
        Err(_) => return Ok(()),
    };
    deployment::remove_run(&engine, run).await.map(drop)
}

struct Session<'a> {
    project: &'a Project,
    options: &'a Options,
    run: String,
    folder: RunFolder,
    record: RunRecord,
    view: &'a mut dyn View,
    flags: watch::Receiver<Option<&'static str>>,
}

impl Session<'_> {
    /// Left-overs removed, images at hand, every server identified.
    async fn prepare(&mut self, servers: &[Server]) -> Result<(PreparedImage, Vec<Arc<Prepared>>), SessionError> {
        for server in servers {
            binary_is_there(self.project, server)?;
        }
        let engine = Engine::connect().await?;
        let version = engine.version().await?;
        self.record.host =
            Host { os: version.os.clone(), cpus: version.cpus as usize, memory_mib: version.memory_mib, engine: version.version.clone() };
        let pruned = deployment::prune(&engine).await?;
        if pruned.containers + pruned.networks + pruned.volumes > 0 {
            let kept = self.project.store().take_kept();
            let kept = if kept.is_empty() { String::new() } else { format!(", the deployment kept by run {} included", kept.join(", ")) };
            let note = format!(
                "removed what an earlier run left behind: {} containers, {} networks, {} volumes{kept}",
                pruned.containers, pruned.networks, pruned.volumes
            );
            self.view.event(&Event::Note(&note));
        }
        let view = std::cell::RefCell::new(&mut *self.view);
        let say = |text: &str| view.borrow_mut().event(&Event::Note(text));
        let helper = deployment::prepare_helper(&engine, &say).await?;
        let mut prepared = Vec::new();
        for server in servers {
            let image = deployment::prepare_server(&engine, server, &say).await?;
            let identified = capability::identify(self.project, &engine, &self.run, server, &image, &helper).await;
            let record = identified.map_err(|error| SessionError::Server(server.name.clone(), Box::new(error)))?;
            say(&format!("{}: {} {} ({}, {})", server.name, record.image, record.version, record.route, short(&record.image_id)));
            self.record.servers.push(record.clone());
            prepared.push(Arc::new(Prepared { server: server.clone(), image, record }));
        }
        Ok((helper, prepared))
    }

    fn play(&mut self, scenarios: &[&Scenario], prepared: Vec<Arc<Prepared>>, helper: PreparedImage) -> Result<(), SessionError> {
        let plays = self.plan(scenarios, &prepared);
        let jobs = self.options.jobs.unwrap_or_else(|| jobs(&self.record.host)).clamp(1, plays.len().max(1));
        self.view.event(&Event::Begun { run: &self.run, plays: plays.len(), jobs });
        let queue = Arc::new(Queue::default());
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = watch::channel(false);
        let ground = Ground {
            registry: Arc::new(Registry::collect()),
            root: self.project.root.clone(),
            run: self.run.clone(),
            helper,
            keep: self.options.keep,
            interrupted: stopped,
        };
        let mut desk = Desk { names: HashMap::new(), next: plays.len(), open: 0, results: HashMap::new(), cache: Cache::of(self.project) };
        for play in plays {
            desk.add(&queue, play);
        }
        let threads = schedule::start(jobs, ground, &queue, &tell);
        drop(tell);
        let mut asked_to_stop = false;
        while desk.open > 0 {
            let signal = *self.flags.borrow();
            if let Some(signal) = signal
                && !asked_to_stop
            {
                asked_to_stop = true;
                self.record.interrupted = Some(signal.to_owned());
                self.view.event(&Event::Interrupted(signal));
                desk.open -= queue.clear();
                stop.send_replace(true);
            }
            match told.recv_timeout(Duration::from_millis(100)) {
                Ok(told) => self.hear(told, &mut desk, &queue, asked_to_stop)?,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        queue.close();
        threads.into_iter().for_each(|thread| drop(thread.join()));
        Ok(())
    }

    /// Every play, longest first as far as earlier runs tell, so that no long one is left alone at the end; what does not apply is recorded at once.
    fn plan(&mut self, scenarios: &[&Scenario], prepared: &[Arc<Prepared>]) -> Vec<Play> {
        let durations: HashMap<(String, String), u64> =
            self.project.store().newest_evidence().into_iter().map(|(key, evidence)| (key, evidence.scenario.duration_ms)).collect();
        let mut plays = Vec::new();
        for server in prepared {
            for scenario in scenarios {
                let pair = || (scenario.id(), server.server.name.clone());
                if self.options.only.as_ref().is_some_and(|only| !only.contains(&pair())) {
                    continue;
                }
                match applicable(scenario, server) {
                    Err(reason) => self.record.scenarios.push(play::not_applicable(scenario, &server.server.name, reason)),
                    Ok(()) => plays.extend((0..self.options.stress).map(|_| Play {
                        number: 0,
                        scenario: Arc::new((*scenario).clone()),
                        server: server.clone(),
                        leave: crate::world::Leave::Nothing,
                        caps: HashMap::new(),
                    })),
                }
            }
        }
        let key = |play: &Play| durations.get(&(play.scenario.text_hash.clone(), play.server.server.name.clone())).copied().unwrap_or(u64::MAX);
        plays.sort_by_key(|play| (play.scenario.has_tag("serial"), std::cmp::Reverse(key(play))));
        plays.iter_mut().enumerate().for_each(|(n, play)| play.number = n);
        plays
    }

    fn hear(&mut self, told: Told, desk: &mut Desk, queue: &Arc<Queue>, stopping: bool) -> Result<(), SessionError> {
        match told {
            Told::Started(play) => self.view.event(&Event::Started { play, what: desk.name(play) }),
            Told::Step(play, text) => self.view.event(&Event::Step { play, text: &text }),
            Told::Broken(play, error) => {
                desk.open -= 1;
                let mut record = play::not_applicable(&play.scenario, &play.server.server.name, error.to_string());
                record.verdict = Verdict::Unknown;
                self.view.event(&Event::Finished { play: play.number, scenario: &record, evidence: None });
                self.record.scenarios.push(record);
            }
            Told::Finished(play, played) if play.leave == crate::world::Leave::Nothing => self.finished(&play, *played, desk, queue, stopping)?,
            Told::Finished(play, played) => {
                desk.open -= 1;
                // An interrupted control has shown nothing.
                if !stopping {
                    desk.cache.put(&play.scenario, &play.server.server.name, play.leave, &played.evidence)?;
                }
                self.controlled(&play, desk)?;
            }
        }
        Ok(())
    }

    fn finished(&mut self, play: &Play, played: play::Played, desk: &mut Desk, queue: &Arc<Queue>, stopping: bool) -> Result<(), SessionError> {
        desk.open -= 1;
        let mut evidence = played.evidence;
        let server = play.server.server.name.clone();
        evidence.scenario.control = desk.cache.verdict(&play.scenario, &server);
        evidence.scenario.evidence = Some(store::evidence_path(&evidence));
        let interrupted = evidence.steps.iter().any(|step| step.error.as_ref().is_some_and(|e| e.kind == "interrupted"));
        let key = (play.scenario.id(), server);
        let entry = desk.results.entry(key).or_default();
        entry.push(evidence.scenario.verdict);
        if self.options.stress > 1 {
            let passed = entry.iter().filter(|v| **v == Verdict::Passed).count();
            evidence.scenario.stress = Some(Stress { passed, played: entry.len() });
        }
        // Of several plays the worst is kept; an interrupted one is no evidence.
        let worst = entry.iter().all(|v| badness(*v) <= badness(evidence.scenario.verdict));
        if !interrupted && worst {
            for (node, log) in &played.logs {
                let path = format!("logs/{}.{node}.log", store::evidence_stem(&evidence));
                std::fs::write(self.folder.path().join(&path), log)?;
                evidence.snapshots.iter_mut().filter(|s| s.node == *node).for_each(|s| s.log = Some(path.clone()));
            }
            self.folder.write_evidence(&evidence)?;
        }
        if interrupted {
            evidence.scenario.evidence = None;
        }
        self.note_scenario(&evidence.scenario, worst);
        self.view.event(&Event::Finished { play: play.number, scenario: &evidence.scenario, evidence: Some(&evidence) });
        if played.kept {
            self.folder.mark_kept()?;
            let note = format!("kept: docker ps --filter label=org.rehearsal.run={}   until the next run, or: rehearsal prune", self.run);
            self.view.event(&Event::Note(&note));
        }
        let failed = matches!(evidence.scenario.verdict, Verdict::Failed | Verdict::Unknown);
        if failed && self.options.fail_fast && !stopping {
            desk.open -= queue.clear();
        } else if !failed && !stopping && self.options.stress == 1 {
            self.add_controls(play, played.faults, &evidence, desk, queue);
        }
        self.journal(&serde_json::json!({"event": "finished", "scenario": evidence.scenario}))?;
        self.folder.write_record(&self.record)?;
        Ok(())
    }

    fn add_controls(&mut self, play: &Play, faults: usize, real: &crate::record::Evidence, desk: &mut Desk, queue: &Arc<Queue>) {
        if play.scenario.tagged("mirror").next().is_some() {
            return;
        }
        let server = &play.server.server.name;
        let mut leaves = self.options.controls.leaves(faults);
        leaves.retain(|leave| desk.cache.get(&play.scenario, server, *leave).is_none());
        let caps = control::caps(real);
        let mut added = 0;
        for leave in leaves {
            let number = desk.next;
            desk.next += 1;
            desk.add(queue, Play { number, leave, caps: caps.clone(), ..play.clone() });
            added += 1;
        }
        if added > 0 {
            self.view.event(&Event::Added { plays: added });
        }
    }

    /// A control ended: what it showed becomes part of the scenario's record and evidence.
    fn controlled(&mut self, play: &Play, desk: &Desk) -> Result<(), SessionError> {
        let server = &play.server.server.name;
        let control = desk.cache.verdict(&play.scenario, server);
        let known = self.record.scenarios.iter_mut().find(|s| s.id() == play.scenario.id() && s.server == *server);
        let Some(known) = known else { return Ok(()) };
        known.control = control;
        let known = known.clone();
        if let Some(path) = &known.evidence {
            let path = self.folder.path().join(path);
            let mut evidence: crate::record::Evidence = serde_json::from_slice(&std::fs::read(&path)?).map_err(std::io::Error::from)?;
            evidence.scenario.control = control;
            self.folder.write_evidence(&evidence)?;
        }
        self.view.event(&Event::Controlled { play: play.number, scenario: &known });
        self.journal(&serde_json::json!({"event": "control", "scenario": known.id(), "server": known.server, "control": control}))?;
        self.folder.write_record(&self.record)?;
        Ok(())
    }

    /// One entry a scenario and server: the worst of its plays.
    fn note_scenario(&mut self, scenario: &ScenarioRecord, worst: bool) {
        match self.record.scenarios.iter_mut().find(|s| s.id() == scenario.id() && s.server == scenario.server) {
            Some(known) if worst => *known = scenario.clone(),
            Some(known) => known.stress = scenario.stress,
            None => self.record.scenarios.push(scenario.clone()),
        }
    }

    fn journal(&mut self, event: &serde_json::Value) -> std::io::Result<()> {
        self.folder.journal(event)
    }

    fn finish(&mut self) -> std::io::Result<()> {
        self.record.finished = Some(jiff::Timestamp::now().to_string());
        self.record.scenarios.sort_by(|a, b| (&a.server, &a.feature, a.line).cmp(&(&b.server, &b.feature, b.line)));
        self.folder.write_record(&self.record)?;
        self.view.event(&Event::Ended { record: &self.record, folder: self.folder.path() });
        Ok(())
    }
}

/// What is going on: open plays, their names, the verdicts so far.
struct Desk {
    names: HashMap<usize, String>,
    next: usize,
    open: usize,
    results: HashMap<(String, String), Vec<Verdict>>,
    cache: Cache,
}

impl Desk {
    fn add(&mut self, queue: &Queue, play: Play) {
        let control = if play.leave == crate::world::Leave::Nothing { "" } else { " (control)" };
        self.names.insert(play.number, format!("{}@{}{control}", play.scenario.test_name(), play.server.server.name));
        self.open += 1;
        queue.push(play);
    }

    fn name(&self, play: usize) -> &str {
        self.names.get(&play).map_or("?", String::as_str)
    }
}

fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable => 0,
        Verdict::Passed => 1,
        Verdict::Unknown => 2,
        Verdict::Failed => 3,
    }
}

/// Whether the scenario speaks about this server, by its `@since:`, `@until:` and `@needs:` tags.
fn applicable(scenario: &Scenario, server: &Prepared) -> Result<(), String> {
    version::applies(&scenario.tags, &server.server)?;
    let has: BTreeSet<&str> = server.record.capabilities.iter().map(String::as_str).collect();
    match scenario.tagged("needs").find(|need| !has.contains(need)) {
        Some(need) => Err(format!("{} {} has no {need}", server.server.name, server.record.version)),
        None => Ok(()),
    }
}

/// Scenarios side by side on this machine: they mostly wait, so there can be more than cores; six nodes want about half a GiB.
fn jobs(host: &Host) -> usize {
    let by_memory = (host.memory_mib / 1024).max(1) as usize;
    (host.cpus.max(1) * 4).min(by_memory).min(16)
}

fn short(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    &id[..id.len().min(12)]
}

/// Whether a run's outcome asks for exit code 1: a failure, or a control that was missed.
pub fn has_failed(record: &RunRecord) -> bool {
    record.scenarios.iter().any(|s| s.verdict == Verdict::Failed || s.control == Control::Missed)
}
