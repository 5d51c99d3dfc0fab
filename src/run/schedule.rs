//! Plays side by side: threads that take scenarios from a queue, each with a runtime of its own, and tell what happens.

use super::catalogue::Scenario;
use super::play::{self, Played, Stop, Ticket};
use super::registry::Registry;
use super::rest::Expected;
use super::stall::Witness;
use crate::config::Config;
use crate::deployment::{self, Binary, Engine, EngineError, Engines, PreparedImage};
use crate::record::ServerRecord;
use crate::topology::servers::Server;
use crate::wait::slots::{Slot, Slots};
use crate::wait::{self, Look, Watch, spans};
use crate::world::{Leave, Permit, Stage};
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch};

/// At most this many deployments start at a time on this host: more only slow each other down.
pub(crate) const STARTS: usize = 2;
/// An engine that is restarted is back within seconds, one with much to clean up within some more.
const ENGINE_LIMIT: Duration = Duration::from_secs(60);

/// One scenario to be played once.
#[derive(Clone)]
pub struct Play {
    /// Unique within the run.
    pub number: usize,
    pub scenario: Arc<Scenario>,
    pub server: Arc<Prepared>,
    pub leave: Leave,
    /// The how-manieth try it is, from 1.
    pub attempt: u32,
    pub expected: Expected,
}

/// A server that is ready to be played on.
pub struct Prepared {
    pub server: Server,
    pub image: PreparedImage,
    pub binary: Option<Binary>,
    pub record: ServerRecord,
}

/// What threads tell.
pub enum Told {
    /// With a window on what its thread waits for.
    Started(usize, Watch),
    Step(usize, String),
    /// For the person who watches.
    Note(String),
    Finished(Play, Box<Played>),
    /// The thread's engine is out of reach: the play was not played.
    Broken(Play, EngineError),
}

/// What every play of a run shares.
pub struct Ground {
    pub engines: Engines,
    /// The folder of the places that runs on this host take in turns.
    pub slots: PathBuf,
    /// Makes the runtime of each thread.
    pub runtime: fn() -> io::Result<Runtime>,
    pub registry: Arc<Registry>,
    pub root: PathBuf,
    pub run: String,
    pub helper: PreparedImage,
    pub keep: bool,
    /// Nothing begins after a failure.
    pub fail_fast: bool,
    pub interrupted: watch::Receiver<Stop>,
    /// How many scenarios this machine carries side by side, of all runs together.
    pub places: usize,
    pub config: Config,
    pub witness: Witness,
    /// Whether the engine is being waited for: told once, however many threads wait.
    pub engine_missed: AtomicBool,
    /// Whether an engine was waited for in vain: once is enough, for whatever comes after it.
    pub engine_gone: AtomicBool,
}

/// The queue between the run and its threads.
#[derive(Default)]
pub struct Queue {
    state: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    plays: VecDeque<Play>,
    /// Plays that were taken and have not begun.
    taken: usize,
    /// No more will come.
    closed: bool,
    /// How many ends of plays have to be heard of before another is taken: they may be the end of the run.
    held: usize,
}

impl Queue {
    pub fn push(&self, play: Play) {
        self.lock().plays.push_back(play);
        self.changed.notify_one();
    }

    /// No more plays will come.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Nothing is taken until it is released again.
    pub fn hold(&self) {
        self.lock().held += 1;
    }

    pub fn release(&self) {
        let mut state = self.lock();
        state.held = state.held.saturating_sub(1);
        drop(state);
        self.changed.notify_all();
    }

    /// Takes out everything that has not begun.
    pub fn clear(&self) -> Vec<Play> {
        self.lock().plays.drain(..).collect()
    }

    /// What waits to be taken, in order.
    pub fn expected(&self) -> Vec<Expected> {
        self.lock().plays.iter().map(|play| play.expected).collect()
    }

    /// Whether a play waits to be taken, or to begin.
    pub fn has_more(&self) -> bool {
        let state = self.lock();
        !state.plays.is_empty() || state.taken > 0
    }

    /// A play that was taken begins, or will not.
    fn begun(&self) {
        self.lock().taken -= 1;
    }

    fn take(&self) -> Option<Play> {
        let mut state = self.lock();
        loop {
            if state.held == 0
                && let Some(play) = state.plays.pop_front()
            {
                state.taken += 1;
                return Some(play);
            }
            if state.closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        // A thread that panicked while holding the queue has not left it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts `jobs` threads that play what is in the queue until it is closed.
pub fn start(jobs: usize, ground: Ground, queue: &Arc<Queue>, tell: &mpsc::Sender<Told>) -> Vec<std::thread::JoinHandle<()>> {
    let ground = Arc::new(ground);
    let places = Slots::below(&ground.slots, "play", ground.places.max(jobs));
    let starts = Slots::below(&ground.slots, "start", STARTS);
    let room = Arc::new(Semaphore::new(jobs));
    (0..jobs)
        .map(|n| {
            let (ground, queue, tell, room) = (ground.clone(), queue.clone(), tell.clone(), room.clone());
            let (places, starts) = (places.clone(), starts.clone());
            let work = move || work(jobs, &ground, &queue, &tell, &places, &starts, &room);
            std::thread::Builder::new().name(format!("{THREAD}{n}")).spawn(work).unwrap_or_else(|e| panic!("no thread for scenarios: {e}"))
        })
        .collect()
}

/// The runtime of a thread that plays scenarios: of its own, since step futures cannot move between threads.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Threads that play scenarios are called this; their panics are part of the record, not of the terminal.
pub const THREAD: &str = "scenario-";

/// An engine that gives a sign of life: a play that begins while it is restarted waits for it instead of ending unknown.
async fn answering(known: Option<Engine>, ground: &Ground, tell: &mpsc::Sender<Told>) -> Result<Engine, EngineError> {
    let ask = async || match &known {
        Some(engine) => engine.ping().await.map(|()| engine.clone()),
        None => ground.engines.connect().await,
    };
    let mut last = ask().await;
    if let (Err(EngineError::Unreachable { .. }), false) = (&last, ground.engine_gone.load(Ordering::SeqCst)) {
        if !ground.engine_missed.swap(true, Ordering::SeqCst) {
            let note = format!("the engine does not answer any more: waiting for it, up to {}", spans::written(ENGINE_LIMIT));
            let _ = tell.send(Told::Note(note));
        }
        let again = async || {
            last = ask().await;
            last.as_ref().map_or_else(|error| Look::NotYet(error.to_string()), |_| Look::Done(()))
        };
        let back = wait::within("the engine to answer again", ENGINE_LIMIT, again).await.is_ok();
        ground.engine_gone.store(!back, Ordering::SeqCst);
        if back && ground.engine_missed.swap(false, Ordering::SeqCst) {
            let _ = tell.send(Told::Note("the engine answers again".to_owned()));
        }
    }
    last
}

fn work(jobs: usize, ground: &Ground, queue: &Queue, tell: &mpsc::Sender<Told>, places: &Slots, starts: &Slots, room: &Semaphore) {
    let Ok(runtime) = (ground.runtime)() else { return };
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let mut engine: Option<Engine> = None;
        while let Some(job) = queue.take() {
            let mut ended = ground.interrupted.clone();
            let answering = tokio::select! {
                answering = answering(engine.take(), ground, tell) => answering,
                // Whoever ends the run hears of this play as of any other that was interrupted.
                _ = ended.wait_for(Option::is_some) => ground.engines.connect().await,
            };
            let engine = match answering {
                Ok(answering) => engine.insert(answering).clone(),
                Err(error) => {
                    queue.begun();
                    let _ = tell.send(Told::Broken(job, error));
                    continue;
                }
            };
            // A scenario that has to be alone waits until all others have made room.
            let alone = job.expected.alone;
            let weight = if alone { jobs } else { 1 };
            let Ok(_room) = room.acquire_many(weight as u32).await else { return };
            // Other runs on this host count as well: under nextest every scenario is a run of its own. A run that is ended does not wait its turn.
            let start = async {
                match deployment::claim(&ground.run) {
                    Some(claim) => Permit::Stands(claim),
                    None => Permit::Start(starts.take().await),
                }
            };
            let turn = async { (if alone { places.take_every().await } else { places.take().await }, start.await) };
            let (_place, permit) = tokio::select! {
                (place, permit) = turn => (Some(place), permit),
                _ = ended.wait_for(Option::is_some) => (None, Permit::Start(Slot::default())),
            };
            queue.begun();
            let _ = tell.send(Told::Started(job.number, Watch::here()));
            let stage = Stage {
                engine,
                root: ground.root.clone(),
                run: ground.run.clone(),
                scenario: format!("{}@{}", job.scenario.id(), job.server.server.name),
                server: job.server.server.clone(),
                image: job.server.image.clone(),
                binary: job.server.binary.clone(),
                helper: ground.helper.clone(),
                preload: job.scenario.needs_preload(),
                leave: job.leave,
                hand: None,
            };
            let number = job.number;
            let told = |step: &str| drop(tell.send(Told::Step(number, step.to_owned())));
            let ticket = Ticket {
                registry: &ground.registry,
                server: &job.server.record,
                stage,
                permit,
                // What an attempt leaves behind is kept only if no other follows.
                keep: ground.keep && job.attempt > ground.config.retry,
                interrupted: ground.interrupted.clone(),
                limits: ground.config.limits,
                slow: ground.config.slow,
                witness: ground.witness.clone(),
                told: &told,
                more: &|| queue.has_more(),
            };
            let played = play::play(&job.scenario, ticket).await;
            if ground.fail_fast && played.is_no_pass() {
                queue.hold();
            }
            let _ = tell.send(Told::Finished(job, Box::new(played)));
        }
    });
}
