//! The state of one scenario: its deployment, open faults, the window its `Then`s look at, what it remembers, and the timeline.
//!
//! Steps call this; it calls formation, faults and probes. What is decided *here* is the meaning of time ("within", "for"), of "the master", and what a
//! control leaves out.

mod captures;
mod injection;
mod naming;
mod readiness;
mod waiting;
mod watching;
mod window;

pub use injection::Leave;
pub(crate) use waiting::WaitingClient;
pub use watching::Away;
pub use window::Window;

use crate::deployment::{Binary, Claim, Deployment, End, Engine, NodeState, PreparedImage};
use crate::error::{Cause, Step, StepError};
use crate::probe::client::ANSWER;
use crate::probe::{Asker, Client, ProbeError, recorder::Recorder};
use crate::record::{Timeline, Timings};
use crate::systems::redis_server::Info;
use crate::systems::{Reply, Told};
use crate::topology::servers::Server;
use crate::wait::Instant;
use crate::wait::slots::Slot;
use injection::Injections;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// What the runner hands to a scenario.
#[derive(Debug, Clone)]
pub struct Stage {
    pub engine: Engine,
    /// The project's root: `compose/` lies below it.
    pub root: PathBuf,
    pub run: String,
    /// `sentinel/quorum#a-minority-elects-nobody@redis-7.0`
    pub scenario: String,
    pub server: Server,
    pub image: PreparedImage,
    /// The executable that replaces the image's own, as it was read when the run began.
    pub binary: Option<Binary>,
    pub helper: PreparedImage,
    /// Whether a step of the scenario needs the preload library.
    pub preload: bool,
    pub leave: Leave,
    /// For a deployment that outlives this process, to be played with by hand: the file that says that it is up.
    pub hand: Option<PathBuf>,
}

/// The right to bring a deployment up now.
#[derive(Debug)]
pub enum Permit {
    /// One of the few starts that the engine bears at a time.
    Start(Slot),
    /// Its containers stand already.
    Stands(Claim),
}

/// The state of one scenario. Steps get it as `&mut World`.
#[derive(cucumber::World)]
#[world(init = Self::unstaged)]
pub struct World {
    stage: Option<Stage>,
    pub(crate) deployment: Option<Deployment>,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) timeline: Rc<RefCell<Timeline>>,
    pub(crate) clock: Instant,
    pub(crate) window: Window,
    clients: RefCell<HashMap<String, Rc<Client>>>,
    injections: Injections,
    /// Observables of every node just before the first `When`.
    pub(crate) baseline: HashMap<(String, &'static str), String>,
    observation: Option<String>,
    /// The time, in milliseconds on the clock, about which the step that is being played states what was not.
    rested_on: Option<(u64, u64)>,
    /// What the last command answered, and whom it was sent to.
    pub last_reply: Option<(String, Reply)>,
    /// What the workload wrote and what became of it.
    pub workload: crate::workload::Workload,
    /// Clients that wait for what comes, by the name a scenario gave them.
    pub(crate) waiting: HashMap<String, WaitingClient>,
    /// What is being captured on the data network.
    pub(crate) captures: Vec<crate::probe::wire::Capture>,
    /// What redis-cli printed last, and its exit status.
    pub last_output: Option<crate::deployment::Output>,
    /// What the deployment and its formation took.
    pub(crate) timings: Timings,
    /// The right to start a deployment: only a few start at a time.
    pub(crate) permit: Option<Permit>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("scenario", &self.stage.as_ref().map(|s| &s.scenario)).finish_non_exhaustive()
    }
}

impl World {
    fn unstaged() -> World {
        let clock = Instant::now();
        World {
            stage: None,
            deployment: None,
            recorder: None,
            timeline: Rc::default(),
            clock,
            window: Window::default(),
            clients: RefCell::default(),
            injections: Injections::default(),
            baseline: HashMap::new(),
            observation: None,
            rested_on: None,
            last_reply: None,
            workload: crate::workload::Workload::on(clock),
            waiting: HashMap::new(),
            captures: Vec::new(),
            last_output: None,
            timings: Timings::default(),
            permit: None,
        }
    }

    /// A world for one scenario; its clock starts now.
    ///
    /// `permit` lets its deployment start; it is given back once the deployment stands.
    pub fn on(stage: Stage, permit: Permit) -> World {
        let injections = Injections::leaving(stage.leave);
        World { stage: Some(stage), injections, permit: Some(permit), ..World::unstaged() }
    }

    /// What the runner handed over.
    ///
    /// # Errors
    /// The world was not made by Rehearsal's runner.
    pub fn stage(&self) -> Result<&Stage, StepError> {
        self.stage.as_ref().ok_or_else(|| StepError::scenario("this World was not made by the runner of Rehearsal"))
    }

    /// The running deployment.
    ///
    /// # Errors
    /// No `Given the "..." topology` came first.
    pub fn deployment(&self) -> Result<&Deployment, StepError> {
        self.deployment.as_ref().ok_or_else(|| StepError::scenario("no topology yet: begin with `Given the \"...\" topology`"))
    }

    /// Milliseconds on the scenario's clock.
    pub fn now_ms(&self) -> u64 {
        self.clock.elapsed().as_millis() as u64
    }

    /// Says what the step saw; shown under its line.
    pub fn observe(&mut self, text: impl Into<String>) {
        self.observation = Some(text.into());
    }

    /// What the step saw, for the record.
    pub(crate) fn take_observation(&mut self) -> Option<String> {
        self.observation.take()
    }

    /// The client of a node, connected once.
    ///
    /// # Errors
    /// No such node.
    pub fn client(&self, node: &str) -> Result<Rc<Client>, StepError> {
        if let Some(client) = self.clients.borrow().get(node) {
            return Ok(client.clone());
        }
        let client = Rc::new(self.fresh_client(node)?);
        self.clients.borrow_mut().insert(node.to_owned(), client.clone());
        Ok(client)
    }

    /// A new connection to a node, for a probe that must not wait behind an earlier question.
    ///
    /// # Errors
    /// No such node.
    pub fn fresh_client(&self, node: &str) -> Result<Client, StepError> {
        let port = self.deployment()?.published(node).ok_or_else(|| self.unknown_node(node))?;
        Ok(Client::new(port))
    }

    /// Sends a command to a node.
    ///
    /// # Errors
    /// No answer. An error reply is a reply.
    pub async fn ask(&self, node: &str, args: &[&str]) -> Result<Reply, StepError> {
        let answer = self.client(node)?.ask(args).await;
        answer.map_err(|error| StepError::no_answer(node, &told(args), &error))
    }

    /// As [`World::ask`]; an error reply is an error too.
    ///
    /// # Errors
    /// No answer, or the server said no.
    pub async fn command(&self, node: &str, args: &[&str]) -> Result<Reply, StepError> {
        match self.ask(node, args).await? {
            Reply::Error(line) => Err(StepError::new(Cause::Refused, format!("{node} refused {}", told(args))).expected("no error", line)),
            reply => Ok(reply),
        }
    }

    /// INFO of a node, with CLUSTER INFO where it is one.
    ///
    /// # Errors
    /// No answer.
    pub async fn info(&self, node: &str) -> Result<Info, StepError> {
        let reply = self.command(node, &["INFO"]).await?;
        let mut info = Info::parse(reply.text().unwrap_or_default());
        if info.get("cluster_enabled") == Some("1") {
            let reply = self.command(node, &["CLUSTER", "INFO"]).await?;
            info.extend(Info::parse(reply.text().unwrap_or_default()));
        }
        Ok(info)
    }

    /// A new way to ask a node what its system asks.
    ///
    /// # Errors
    /// No such node.
    pub fn asker(&self, node: &str) -> Result<Asker, StepError> {
        let deployment = self.deployment()?;
        let spec = deployment.topology().node(node).ok_or_else(|| self.unknown_node(node))?;
        let port = deployment.published(node).ok_or_else(|| self.unknown_node(node))?;
        Ok(Asker::new(spec.kind.system, port))
    }

    /// Everything a node tells of itself now.
    ///
    /// # Errors
    /// No answer, or a node that tells nothing.
    pub async fn told(&self, node: &str) -> Result<Told, StepError> {
        let asker = self.asker(node)?;
        let system = self.deployment()?.topology().node(node).ok_or_else(|| self.unknown_node(node))?.kind.system;
        let Some(watch) = system.watch() else { return Err(StepError::scenario(format!("{node} tells nothing of itself"))) };
        let mut answers = Vec::new();
        for question in watch.whole {
            let answer = asker.ask(question, ANSWER).await;
            match answer.map_err(|error: ProbeError| StepError::no_answer(node, &question.join(" "), &error))? {
                Reply::Error(line) if answers.is_empty() => {
                    return Err(StepError::new(Cause::Refused, format!("{node} refused {}", question.join(" "))).expected("no error", line));
                }
                reply => answers.push(reply),
            }
        }
        Ok(system.read(&answers))
    }

    /// A command that ends a server, or may: what comes of it is the scenario's own doing.
    pub(crate) fn lets_end<S: AsRef<str>>(&self, node: &str, command: &[S]) -> Step {
        const DEBUG: [&str; 6] = ["SEGFAULT", "PANIC", "RESTART", "CRASH-AND-RECOVER", "ASSERT", "OOM"];
        let word = |n: usize| command.get(n).map_or(String::new(), |word| word.as_ref().to_uppercase());
        if word(0) == "SHUTDOWN" || word(0) == "DEBUG" && DEBUG.contains(&word(1).as_str()) {
            self.deployment()?.may_end(node);
        }
        Ok(())
    }

    /// What to say of a server that ended although nothing in the scenario asked it to, with the last it logged.
    pub(crate) async fn died(&self, end: &End) -> StepError {
        let End { node, status } = end;
        let error = match end.is_from_outside() {
            true => StepError::new(
                Cause::Ended,
                format!("the server of {node} exited with status {status}, ended from outside: nothing in this scenario asked it to"),
            ),
            false => StepError::new(
                Cause::Crash,
                format!("the server of {node} exited with status {status} by itself: nothing in this scenario asked it to"),
            ),
        };
        error.seen(self.last_words(node).await)
    }

    /// The last lines of a node's log.
    async fn last_words(&self, node: &str) -> Vec<String> {
        let Some(deployment) = &self.deployment else { return Vec::new() };
        let log = deployment.log(node).await.unwrap_or_default();
        let last: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).rev().take(6).collect();
        last.into_iter().rev().map(str::to_owned).collect()
    }

    /// The error to give when a node's server process is no more: its status, and the last it logged.
    async fn ended(&self, node: &str) -> Option<StepError> {
        let deployment = self.deployment.as_ref()?;
        let state = deployment.state(node).await.ok()?;
        if !matches!(state, NodeState::Exited(_)) {
            return None;
        }
        Some(StepError::new(Cause::Refused, format!("{node} {state} instead of answering")).seen(self.last_words(node).await))
    }

    /// How far a node's wall clock is from the host's, in milliseconds, as the node reports it in INFO.
    ///
    /// # Errors
    /// No answer, or a server that does not report its time (before 7.0).
    pub async fn clock_offset(&self, node: &str) -> Result<i64, StepError> {
        let info = self.info(node).await?;
        let usec: Option<i64> = info.get("server_time_usec").and_then(|v| v.parse().ok());
        let usec = usec.ok_or_else(|| StepError::new(Cause::Fault, format!("{node} does not report its time (server_time_usec)")))?;
        let host = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64);
        Ok((usec - host) / 1000)
    }

    /// Until when a step may look, for a `Then` that states this limit. A control has the same: what comes late without its fault comes all the same.
    pub fn deadline(&self, line_limit: Duration) -> Instant {
        self.window.verified_at(self.clock) + line_limit
    }

    /// Notes every observable of every node, as the base for "has grown by".
    pub(crate) async fn take_baseline(&mut self) -> Step {
        if self.deployment.is_none() {
            return Ok(());
        }
        for node in self.taking_part()? {
            // A node that a `Given` left dead has no base; a step that needs one says so.
            let Ok(told) = self.told(&node).await else { continue };
            for (observable, value) in told.values {
                self.baseline.insert((node.clone(), observable.name), value);
            }
        }
        Ok(())
    }
}

/// A command as a message tells it: thousands of slot numbers would bury what was refused.
fn told(args: &[&str]) -> String {
    const MOST: usize = 12;
    let shown = args[..args.len().min(MOST)].join(" ");
    if args.len() > MOST { format!("{shown} and {} more", args.len() - MOST) } else { shown }
}
