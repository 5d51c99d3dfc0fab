//! A run from beginning to end: lock, images, servers, plays, controls, record.

use super::capability;
use super::catalogue::Scenario;
use super::control::{Cache, Controls};
use super::desk::Desk;
use super::event::{Event, View};
use super::order;
use super::play::Stop;
use super::played;
use super::project::Project;
use super::registry::Registry;
use super::rest::Expected;
use super::schedule::{self, Ground, Play, Prepared, Told};
pub use super::session_error::SessionError;
use super::signals::{self, Heard};
use super::stall::Watchman;
use crate::config::{Config, Flaky};
use crate::deployment::{self, Binary, EngineError, Engines, PreparedImage, RunLock};
use crate::error::{Cause, StepError};
use crate::record::{Host, Planned, RunRecord, ServerRecord, Verdict};
use crate::topology::servers::Server;
use crate::topology::version;
use crate::wait::slots::{self, Slots};
use crate::wait::{Instant, spans};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// How often a view hears what is going on.
const PULSE: Duration = Duration::from_millis(200);
/// Removing what is left takes a second or two; more is an engine that does not answer.
const CLEAN_LIMIT: Duration = Duration::from_secs(60);
/// What a scenario takes besides the time its sentences state: to start, to form, to be removed.
const AROUND: Duration = Duration::from_secs(3);

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// As in `rehearsal.toml`, where the command line does not say otherwise.
    pub config: Config,
    /// Leave the deployment of a failed scenario up.
    pub keep: bool,
    pub controls: Controls,
    /// How often each scenario is played.
    pub stress: usize,
    /// End at the first failure.
    pub fail_fast: bool,
    /// The servers are broken on purpose: what an image can do is asked of the first of each, and what a directive does to it is for the scenarios to tell.
    pub broken: bool,
    /// Only these pairs of scenario and server.
    pub only: Option<BTreeSet<(String, String)>>,
    /// Seed of the order of plays; without one the longest come first.
    pub shuffle: Option<u64>,
    /// For the record: which part of the scenarios these are.
    pub shard: Option<String>,
    /// Called before the process ends at once on a signal: whoever has changed the terminal puts it right.
    pub leave: fn(),
}

impl Default for Options {
    fn default() -> Options {
        Options {
            config: Config::default(),
            keep: false,
            controls: Controls::Off,
            stress: 1,
            fail_fast: false,
            broken: false,
            only: None,
            shuffle: None,
            shard: None,
            leave: || {},
        }
    }
}

/// A finished run.
pub struct Outcome {
    pub record: RunRecord,
    pub folder: PathBuf,
}

/// What a run stands on outside of this program.
pub(super) struct Surroundings {
    /// Unique on this host.
    pub run: String,
    pub engines: Engines,
    pub heard: Heard,
    /// The folder of the places that runs on this host take in turns.
    pub slots: PathBuf,
    /// Makes the runtime of each thread that plays scenarios.
    pub runtime: fn() -> std::io::Result<Runtime>,
    /// Sets up the witness of stalls, which counts with the clock of those runtimes.
    pub watchman: fn() -> std::io::Result<Watchman>,
}

/// Plays the scenarios on the servers and writes the record as it goes.
///
/// # Errors
/// See [`SessionError`]; a scenario that fails is no error.
pub fn run(project: &Project, scenarios: &[&Scenario], servers: &[Server], options: &Options, view: &mut dyn View) -> Result<Outcome, SessionError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let listening = signals::listen(options.leave)?;
    let heard = listening.heard.clone();
    let run = std::env::var("NEXTEST_RUN_ID").map(|id| format!("{}-{}", new_run_id(), &id[..id.len().min(8)])).unwrap_or_else(|_| new_run_id());
    let surroundings =
        Surroundings { run, engines: Engines::docker(), heard, slots: slots::host(), runtime: schedule::runtime, watchman: Watchman::start };
    run_in(&runtime, surroundings, project, scenarios, servers, options, view)
}

/// As [`run`], in surroundings that may be made up.
pub(super) fn run_in(
    runtime: &Runtime,
    surroundings: Surroundings,
    project: &Project,
    scenarios: &[&Scenario],
    servers: &[Server],
    options: &Options,
    view: &mut dyn View,
) -> Result<Outcome, SessionError> {
    let run = surroundings.run.clone();
    let lock = RunLock::take(&run)?;
    let record = RunRecord {
        shuffle: options.shuffle,
        shard: options.shard.clone(),
        flaky_fails: options.config.flaky == Flaky::Fail,
        planned: planned(scenarios, servers, options.only.as_ref()),
        ..RunRecord::empty(&run)
    };
    let mut desk = Desk::new(options, project.store().begin(&run, None)?, record, view, Cache::of(project));
    let mut ended = surroundings.heard.ended.clone();
    desk.open()?;
    let mut session = Session { project, desk, surroundings };
    // Pulling or building an image takes minutes: a signal is heard meanwhile as well.
    let prepared = runtime.block_on(async {
        tokio::select! {
            prepared = session.prepare(servers) => prepared.map(Some),
            _ = ended.wait_for(Option::is_some) => Ok(None),
        }
    });
    let outcome = match prepared {
        Ok(Some((helper, prepared))) => session.play(scenarios, prepared, helper),
        Ok(None) => session.desk.interrupt(ended.borrow().unwrap_or("SIGINT"), None).map_err(SessionError::from),
        Err(error) => Err(error),
    };
    let cleaned = runtime.block_on(async { tokio::time::timeout(CLEAN_LIMIT, clean(&session.surroundings.engines, &run, &session.desk.kept)).await });
    if cleaned.is_err() {
        let note = format!("the engine removed nothing for {}: the next run removes what this one leaves", spans::written(CLEAN_LIMIT));
        session.desk.view.event(&Event::Note(&note));
    }
    let finished = session.desk.finish(outcome.is_ok());
    drop(lock);
    outcome?;
    finished?;
    cleaned.unwrap_or(Ok(()))?;
    Ok(session.desk.into_outcome())
}

/// What is to be played, as far as it was selected: whether a scenario speaks about a server is known once that was asked.
fn planned(scenarios: &[&Scenario], servers: &[Server], only: Option<&BTreeSet<(String, String)>>) -> Vec<Planned> {
    let wanted = |scenario: &&&Scenario, server: &Server| only.is_none_or(|only| only.contains(&(scenario.id(), server.name.clone())));
    let of = |server: &Server| scenarios.iter().filter(|scenario| wanted(scenario, server)).map(|scenario| scenario.id()).collect();
    servers.iter().map(|server| Planned { server: server.name.clone(), scenarios: of(server) }).collect()
}

/// A server of one's own build is read before images are pulled and built for it.
fn binary(project: &Project, server: &Server) -> Result<Option<Binary>, SessionError> {
    let Some(path) = &server.binary else { return Ok(None) };
    let refused = |error: StepError| SessionError::Server(server.name.clone(), Box::new(error));
    if project.executable(path).is_none() {
        let message = format!("there is no executable {} (`binary` in compose/servers.toml): build it and put it there", path.display());
        return Err(refused(StepError::new(Cause::Engine, message)));
    }
    Binary::read(&project.root, path).map(Some).map_err(|error| refused(error.into()))
}

/// Sortable and unique on this host.
fn new_run_id() -> String {
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S").to_string();
    format!("{now}-{}", std::process::id())
}

/// Nothing of this run stays but the deployments that were kept on request.
async fn clean(engines: &Engines, run: &str, kept: &[String]) -> Result<(), EngineError> {
    let engine = match engines.connect().await {
        Ok(engine) => engine,
        // Without an engine there was nothing to leave behind; the reason was told before.
        Err(_) => return Ok(()),
    };
    deployment::remove_run(&engine, run, kept).await.map(drop)
}

struct Session<'a> {
    project: &'a Project,
    desk: Desk<'a>,
    surroundings: Surroundings,
}

impl Session<'_> {
    /// Left-overs removed, images at hand, every server identified.
    async fn prepare(&mut self, servers: &[Server]) -> Result<(PreparedImage, Vec<Arc<Prepared>>), SessionError> {
        let began = Instant::now();
        // Each is read once: a file that is exchanged while the run goes on is not played.
        let binaries: Vec<Option<Binary>> = servers.iter().map(|server| binary(self.project, server)).collect::<Result<_, _>>()?;
        let engine = self.surroundings.engines.connect().await?;
        let version = engine.version().await?;
        self.desk.record.host =
            Host { os: version.os.clone(), cpus: version.cpus as usize, memory_mib: version.memory_mib, engine: version.version.clone() };
        let pruned = deployment::prune(&engine).await?;
        if !pruned.is_nothing() {
            let kept = self.project.store().take_kept();
            let kept = if kept.is_empty() { String::new() } else { format!(" (the deployment kept by run {} included)", kept.join(", ")) };
            self.desk.view.event(&Event::Note(&format!("an earlier run left something behind: {pruned}{kept}")));
        }
        let view = std::cell::RefCell::new(&mut *self.desk.view);
        let say = |text: &str| view.borrow_mut().event(&Event::Note(text));
        let helper = deployment::prepare_helper(&engine, &say).await?;
        let mut prepared: Vec<Arc<Prepared>> = Vec::new();
        for (server, binary) in servers.iter().zip(binaries) {
            let image = deployment::prepare_server(&engine, server, &say).await?;
            let broken = self.desk.options.broken;
            let same = |p: &&Arc<Prepared>| broken && p.image.id == image.id && p.binary == binary;
            let record = match prepared.iter().find(same) {
                Some(known) => {
                    ServerRecord { name: server.name.clone(), append: server.append.clone(), asked: Some(server.asked()), ..known.record.clone() }
                }
                None => {
                    // Its two containers start as any others do.
                    let turn = Slots::below(&self.surroundings.slots, "start", schedule::STARTS).take().await;
                    let plain = if broken { Server { append: Vec::new(), ..server.clone() } } else { server.clone() };
                    let identified = capability::identify(&engine, &self.desk.record.run, &plain, &image, binary.as_ref(), &helper).await;
                    drop(turn);
                    let record = identified.map_err(|error| SessionError::Server(server.name.clone(), Box::new(error)))?;
                    ServerRecord { append: server.append.clone(), ..record }
                }
            };
            let own = binary.as_ref().map_or(String::new(), |binary| format!(", running {} ({})", binary.path, short(&binary.sha256)));
            say(&format!("{}: {} {} ({}, {}){own}", server.name, record.image, record.version, record.route, short(&record.image_id)));
            self.desk.record.servers.push(record.clone());
            prepared.push(Arc::new(Prepared { server: server.clone(), image, binary, record }));
        }
        self.desk.record.preparation_ms = began.elapsed().as_millis() as u64;
        Ok((helper, prepared))
    }

    fn play(&mut self, scenarios: &[&Scenario], prepared: Vec<Arc<Prepared>>, helper: PreparedImage) -> Result<(), SessionError> {
        let plays = self.plan(scenarios, &prepared);
        let desk = &mut self.desk;
        desk.jobs = desk.options.config.jobs.unwrap_or_else(|| jobs(&desk.record.host)).clamp(1, plays.len().max(1));
        desk.view.event(&Event::Begun { run: &desk.record.run, plays: plays.len(), jobs: desk.jobs });
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = watch::channel(Stop::None);
        let watchman = (self.surroundings.watchman)()?;
        let ground = Ground {
            engines: self.surroundings.engines.clone(),
            slots: self.surroundings.slots.clone(),
            runtime: self.surroundings.runtime,
            registry: Arc::new(Registry::collect()),
            root: self.project.root.clone(),
            run: desk.record.run.clone(),
            helper,
            keep: desk.options.keep,
            fail_fast: desk.options.fail_fast,
            interrupted: stopped,
            places: jobs(&desk.record.host),
            config: desk.options.config.clone(),
            witness: watchman.witness.clone(),
            engine_missed: AtomicBool::new(false),
            engine_gone: AtomicBool::new(false),
        };
        for play in plays {
            desk.add(play);
        }
        let threads = schedule::start(desk.jobs, ground, &desk.queue, &tell);
        drop(tell);
        let heard = self.hear(&told, &stop);
        if heard.is_err() {
            // What cannot be recorded is not played on, and what is being played ends as if interrupted: its containers are removed.
            self.desk.queue.clear();
            stop.send_replace(Some("the record could not be written".into()));
        }
        self.desk.queue.close();
        threads.into_iter().for_each(|thread| drop(thread.join()));
        heard
    }

    /// Takes in what threads tell until all plays have ended.
    fn hear(&mut self, told: &mpsc::Receiver<Told>, stop: &watch::Sender<Stop>) -> Result<(), SessionError> {
        let desk = &mut self.desk;
        let began = Instant::now();
        let limit = desk.options.config.limits.run;
        let mut pulsed = began;
        while desk.is_open() {
            let told = match told.recv_timeout(Duration::from_millis(100)) {
                Ok(told) => Some(told),
                Err(mpsc::RecvTimeoutError::Timeout) => None,
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            };
            // Looked at first: what ended after the run was to end leads to nothing more.
            let signal = *self.surroundings.heard.ended.borrow();
            if desk.record.interrupted.is_none() {
                if let Some(signal) = signal {
                    desk.interrupt(signal, None)?;
                    stop.send_replace(Some("the run was interrupted".into()));
                } else if began.elapsed() > limit {
                    let reason = format!("the run ended at its limit of {}", spans::written(limit));
                    desk.interrupt(&format!("its limit of {}", spans::written(limit)), Some(&format!("{reason} before this was played")))?;
                    stop.send_replace(Some(reason.into()));
                }
            }
            if let Some(told) = told {
                desk.hear(told)?;
            }
            let asked = self.surroundings.heard.was_asked();
            if asked || pulsed.elapsed() >= PULSE {
                desk.pulse(asked);
                pulsed = Instant::now();
            }
        }
        Ok(())
    }

    /// Every play, longest first as far as earlier runs or its own sentences tell, so that no long one is left alone at the end; what does not apply is recorded at once.
    fn plan(&mut self, scenarios: &[&Scenario], prepared: &[Arc<Prepared>]) -> Vec<Play> {
        let seen = self.project.seen().newest;
        let mut plays = Vec::new();
        for server in prepared {
            for scenario in scenarios {
                let pair = || (scenario.id(), server.server.name.clone());
                if self.desk.options.only.as_ref().is_some_and(|only| !only.contains(&pair())) {
                    continue;
                }
                match applicable(scenario, server) {
                    Err(reason) => {
                        let record = played::unplayed(scenario, &server.server.name, Verdict::NotApplicable, reason);
                        self.desk.record.scenarios.push(record);
                    }
                    Ok(()) => {
                        let seen = seen.get(&(scenario.text_hash.clone(), server.server.name.clone()));
                        let seen = seen.filter(|seen| seen.server_build.is_same_build(&server.record));
                        let time = seen.map_or_else(|| scenario.stated() + AROUND, |seen| Duration::from_millis(seen.scenario.duration_ms));
                        plays.extend((0..self.desk.options.stress).map(|round| Play {
                            // For now its round: repetitions of one scenario do not run side by side only with themselves.
                            number: round,
                            scenario: Arc::new((*scenario).clone()),
                            server: server.clone(),
                            leave: crate::world::Leave::Nothing,
                            attempt: 1,
                            expected: Expected { time, alone: scenario.has_tag("serial") },
                        }));
                    }
                }
            }
        }
        match self.desk.options.shuffle {
            None => plays.sort_by_key(|play| (play.expected.alone, play.number, std::cmp::Reverse(play.expected.time))),
            Some(seed) => order::shuffle(seed, &mut plays),
        }
        plays.iter_mut().enumerate().for_each(|(n, play)| play.number = n);
        plays
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

/// Scenarios side by side on this machine: they mostly wait, so there can be more than cores. Each place has containers of its own, which are made
/// once: four a core took longer to make than they saved (measured with 41 scenarios on two cores). Six nodes want about half a GiB.
pub fn jobs(host: &Host) -> usize {
    let by_memory = (host.memory_mib / 1024).max(1) as usize;
    (host.cpus.max(1) * 3).min(by_memory).min(16)
}

fn short(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    &id[..id.len().min(12)]
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
