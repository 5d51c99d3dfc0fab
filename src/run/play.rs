//! One scenario on one server: its steps in order, its window, its end. What comes out is its evidence.

use super::catalogue::Scenario;
use super::meant::Meant;
use super::played;
use super::registry::{Found, NotFound, Registry, phase};
use super::stall::{self, Witness};
use crate::config::Limits;
use crate::deployment::Deployment;
use crate::error::{self, Cause, StepError};
use crate::record::evidence::NodeRecord;
use crate::record::{Evidence, SCHEMA, ScenarioRecord, ServerRecord, StepRecord, StepStatus, Timings, Verdict, Word};
use crate::steps::params::Nodes;
use crate::wait::{self, Instant, Look, Waited, Watch, spans};
use crate::world::{Leave, Permit, Stage, World};
use cucumber::gherkin::{self, StepType};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The recorder asks every node once and listens to every Sentinel.
const RECORDER_LIMIT: Duration = Duration::from_secs(5);

/// What a played scenario leaves behind.
pub struct Played {
    pub evidence: Evidence,
    /// Logs of the nodes by name, when something went wrong.
    pub logs: Vec<(String, String)>,
    /// Every call of the client that wrote all the while, a line each.
    pub calls: Option<String>,
    /// How many faults it met.
    pub faults: usize,
    /// Name of the deployment, when it was kept for a person to look at.
    pub kept: Option<String>,
}

impl Played {
    /// Whether it did not pass.
    pub fn is_no_pass(&self) -> bool {
        self.evidence.scenario.verdict != Verdict::Passed
    }
}

/// Why a run is to end, as a clause; `None` while it is not.
pub type Stop = Option<Arc<str>>;

/// What one play needs besides its scenario.
pub struct Ticket<'a> {
    pub registry: &'a Registry,
    pub server: &'a ServerRecord,
    pub stage: Stage,
    pub permit: Permit,
    /// Leave the deployment up when the scenario does not pass.
    pub keep: bool,
    /// Says why when the run is ended before its time.
    pub interrupted: watch::Receiver<Stop>,
    pub limits: Limits,
    /// A scenario that takes longer is called slow.
    pub slow: Duration,
    pub witness: Witness,
    /// Hears each step as it begins, and the end.
    pub told: &'a dyn Fn(&str),
    /// Whether another play waits that could use the sandboxes.
    pub more: &'a dyn Fn() -> bool,
}

/// Plays one scenario from beginning to end.
pub async fn play(scenario: &Scenario, ticket: Ticket<'_>) -> Played {
    let Ticket { registry, server, stage, permit, keep, interrupted, limits, slow, witness, told, more } = ticket;
    let began = Instant::now();
    let started = jiff::Timestamp::now().to_string();
    let run = stage.run.clone();
    let leave = stage.leave;
    wait::start_counting();
    let (world, deadline) = (World::on(stage, permit), began + limits.scenario);
    let mortal = scenario.meant.iter().filter(|meant| meant.meaning.ends).filter_map(|meant| meant.word("nodes")?.parse().ok()).collect();
    let mut player = Player { registry, world, interrupted, limits, deadline, witness, mortal, steps: Vec::new(), ended: None, reuse: false };
    for (step, meant) in scenario.meanings() {
        told(&format!("{} {}", step.keyword.trim(), step.value));
        player.step(step, meant, leave).await;
    }
    told("(the end: faults are healed, containers removed)");
    let failed = player.ended.clone();
    let (snapshots, logs) = if failed.is_some() { player.look_around().await } else { Default::default() };
    let keep = keep && failed.is_some();
    let topology = player.world.deployment.as_ref().map(|d| d.topology().name.clone());
    let nodes = player.world.deployment.as_ref().map_or(Vec::new(), |d| d.topology().nodes.iter().map(node_record).collect());
    let kept = if keep { player.keep().await } else { None };
    player.reuse = more();
    let (client, calls) = player.client();
    player.read_logs().await;
    let exchanges = player.exchanges().await;
    let stalls = player.witness.stalls(player.world.clock).await;
    let (closing, before) = (Instant::now(), wait::waited());
    player.close(kept.is_some()).await;
    let teardown = closing.elapsed();
    let Player { world, steps, ended, .. } = player;
    let duration = began.elapsed();
    let timings = timings(&world, before, teardown, duration);
    let verdict = ended.as_ref().map_or(Verdict::Passed, |(_, error)| error.cause.verdict());
    let evidence = Evidence {
        schema: SCHEMA,
        run,
        started,
        scenario: ScenarioRecord {
            verdict,
            reason: ended.as_ref().filter(|_| verdict == Verdict::Unknown).map(|(_, error)| error.message.clone()),
            attempts: 1,
            duration_ms: duration.as_millis() as u64,
            overhead_ms: timings.overhead_ms(),
            timings,
            slow: duration > slow,
            interrupted: ended.as_ref().is_some_and(|(_, error)| error.cause == Cause::Interrupted),
            failure: ended.as_ref().map(|(line, error)| (*line, error.message.clone())),
            ..played::unplayed(scenario, &server.name, verdict, String::new())
        },
        server_build: server.clone(),
        topology,
        nodes,
        steps,
        window_ms: world.window.open.then_some((world.window.began_ms, world.window.verified_ms)),
        timeline: world.timeline.take().into_entries(),
        stalls,
        client,
        exchanges,
        snapshots,
    };
    Played { evidence, logs, calls, faults: world.faults_met(), kept }
}

/// Where the time of a whole scenario went; `before` is what it had waited when its teardown began.
fn timings(world: &World, before: Waited, teardown: Duration, duration: Duration) -> Timings {
    let ms = |span: Duration| span.as_millis() as u64;
    let Timings { deployment_ms, formation_ms, .. } = world.timings;
    let (servers_ms, stated_ms, teardown_ms) = (ms(before.conditions).saturating_sub(formation_ms), ms(before.stated), ms(teardown));
    let ours_ms = ms(duration).saturating_sub(deployment_ms + formation_ms + servers_ms + stated_ms + teardown_ms);
    Timings { deployment_ms, formation_ms, servers_ms, stated_ms, teardown_ms, ours_ms }
}

fn node_record(spec: &crate::topology::NodeSpec) -> NodeRecord {
    NodeRecord { name: spec.name.clone(), role: spec.kind.to_string(), address: format!("{}:{}", spec.address, spec.port) }
}

pub(super) struct Player<'a> {
    registry: &'a Registry,
    pub(super) world: World,
    interrupted: watch::Receiver<Stop>,
    limits: Limits,
    /// When the scenario has had its time.
    deadline: Instant,
    witness: Witness,
    /// Nodes whose end the scenario is about, until there is a deployment to tell.
    mortal: Vec<Nodes>,
    pub(super) steps: Vec<StepRecord>,
    /// Line and error of the step that ended the scenario.
    pub(super) ended: Option<(usize, StepError)>,
    /// Whether another scenario waits that could use its containers.
    pub(super) reuse: bool,
}

impl Player<'_> {
    async fn step(&mut self, step: &gherkin::Step, meant: &Meant, leave: Leave) {
        let began = self.world.now_ms();
        let mut record = StepRecord {
            keyword: step.keyword.trim().to_owned(),
            phase: phase(step.ty).to_owned(),
            text: step.value.clone(),
            line: step.position.line,
            table: step.table.as_ref().map_or(Vec::new(), |table| table.rows.clone()),
            docstring: step.docstring.as_ref().map(|text| text.trim_matches('\n').to_owned()),
            status: StepStatus::Skipped,
            started_ms: began,
            duration_ms: 0,
            observation: None,
            error: None,
            source: None,
            words: Vec::new(),
        };
        if self.ended.is_none() {
            let outcome = match self.registry.find(step) {
                Ok(found) => {
                    record.source = Some(found.source.clone());
                    record.words = found.words().into_iter().map(|(name, text)| Word { name, text }).collect();
                    self.world.declares_fault(meant.fault().is_some());
                    self.run(step, meant, found).await
                }
                Err(NotFound::Undefined(_)) => Err(StepError::scenario("no step matches this sentence: `rehearsal check` tells more")),
                Err(NotFound::Ambiguous(places)) => Err(StepError::scenario(format!("several steps match: {}", places.join(", ")))),
            };
            let outcome = match outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(self.bear_witness(error).await),
            };
            record.observation = self.world.take_observation();
            // A control waits in vain for what only came with the fault that it left out: that is no end, the `Then`s have to notice.
            let in_vain = leave != Leave::Nothing
                && step.ty == StepType::When
                && matches!(&outcome, Err(error) if matches!(error.cause, Cause::Assertion | Cause::Limit | Cause::Overtime));
            let left_out = self.world.take_left_out() || in_vain;
            let outcome = if in_vain { Ok(()) } else { outcome };
            record.status = match &outcome {
                Ok(()) if left_out => StepStatus::LeftOut,
                Ok(()) => StepStatus::Passed,
                Err(error) if error.cause.verdict() == Verdict::Failed => StepStatus::Failed,
                Err(_) => StepStatus::Unknown,
            };
            if let Err(error) = outcome {
                // Without its fault a scenario may well ask for a cure that has nothing to cure: that is no assertion, and so no catch.
                debug_assert!(leave == Leave::Nothing || self.ended.is_none());
                record.error = Some(error.clone().into_failure());
                self.ended = Some((step.position.line, error));
            }
        }
        record.duration_ms = self.world.now_ms() - began;
        self.steps.push(record);
    }

    /// Opens the window as the step's phase asks, plays the step's function, and turns whatever happens into a typed error.
    async fn run(&mut self, step: &gherkin::Step, meant: &Meant, found: Found<'_>) -> Result<(), StepError> {
        let mut interrupted = self.interrupted.clone();
        let (deadline, why) = self.limit_of(step);
        Watch::here().forget();
        self.world.take_rested_on();
        let ends = self.world.deployment.as_ref().map(Deployment::ends);
        let died = async {
            match &ends {
                Some(ends) => ends.wait().await,
                None => std::future::pending().await,
            }
        };
        let played = async {
            self.open_window(step, meant).await?;
            let played = AssertUnwindSafe((found.run)(&mut self.world, found.context)).catch_unwind().await;
            played.map_err(|panic| error::take_last().unwrap_or_else(|| StepError::new(Cause::Panic, panic_text(&*panic))))
        };
        // What is ready is looked at in this order: a verdict that has just come counts.
        let outcome = tokio::select! {
            biased;
            outcome = tokio::time::timeout_at(deadline, played) => outcome.unwrap_or_else(|_| Err(overtime(&why))),
            ended = interrupted.wait_for(Option::is_some) => {
                let why = ended.ok().and_then(|ended| ended.clone());
                return Err(StepError::new(Cause::Interrupted, why.as_deref().unwrap_or("the run was interrupted")));
            }
            // A server that is dead says nothing any more: whatever the step still waits for, it waits for in vain.
            _ = died => Ok(()),
        };
        self.expect_ends();
        outcome?;
        self.doubt().await?;
        if step.ty == StepType::When {
            self.world.window.verified_ms = self.world.now_ms();
        }
        Ok(())
    }

    /// Tells a deployment that has just come whose ends the scenario is about.
    fn expect_ends(&mut self) {
        let Some(deployment) = &self.world.deployment else { return };
        for nodes in std::mem::take(&mut self.mortal) {
            // Who is meant may turn out only later; then it may be any of them.
            let all = || deployment.topology().nodes.iter().map(|node| node.name.clone()).collect();
            self.world.names(&nodes).unwrap_or_else(|_| all()).iter().for_each(|name| deployment.may_end(name));
        }
    }

    /// A step that would pass does not, if a server has died that nobody touched, or if this program stood still while it should have watched.
    async fn doubt(&mut self) -> Result<(), StepError> {
        let ended = self.world.deployment.as_ref().and_then(|deployment| deployment.ends().first());
        if let Some(end) = ended {
            return Err(self.world.died(&end).await);
        }
        let Some((from_ms, to_ms)) = self.world.take_rested_on() else { return Ok(()) };
        let stalls = self.witness.stalls(self.world.clock).await;
        stall::doubt(&stalls, from_ms, to_ms, stall::hides(self.world.deployment.as_ref().map(|d| d.topology())))
    }

    /// Until when a step may take, and what to say if it does not end by then: its own limit, beyond what its sentence states, or the scenario's.
    fn limit_of(&self, step: &gherkin::Step) -> (Instant, String) {
        let now = Instant::now();
        let own = now + self.limits.step + stated(&step.value);
        if self.deadline < own {
            let limit = spans::written(self.limits.scenario);
            (self.deadline.max(now), format!("the scenario did not end within its limit of {limit}"))
        } else {
            (own, format!("the step did not end within its limit of {}", spans::written(own - now)))
        }
    }

    /// A failure while this program was not scheduled says nothing about the servers.
    async fn bear_witness(&self, error: StepError) -> StepError {
        if error.cause == Cause::Interrupted {
            return error;
        }
        // An engine that is stopped takes the servers with it, and a `Then` may see that first.
        if let (Verdict::Failed, Some(deployment)) = (error.cause.verdict(), &self.world.deployment)
            && let Some(lost) = deployment.lost().await
        {
            return StepError {
                cause: Cause::Engine,
                message: format!("{lost}; so this says nothing about the servers: {}", error.message),
                ..error
            };
        }
        // Whoever was asked in vain may have died just now.
        let ended = self.world.deployment.as_ref().and_then(|deployment| deployment.ends().first());
        if let (Verdict::Failed, Some(end)) = (error.cause.verdict(), ended)
            && error.cause != Cause::Crash
        {
            let died = self.world.died(&end).await;
            return StepError { message: format!("{}; so this says nothing: {}", died.message, error.message), ..died };
        }
        let stalls = self.witness.stalls(self.world.clock).await;
        // A `Given` fails in what has been since the beginning.
        let window_ms = if self.world.window.open { self.world.window.began_ms } else { 0 };
        stall::judge(error, &stalls, window_ms, stall::tolerated(self.world.deployment.as_ref().map(|d| d.topology())))
    }

    /// Before the first `When` (or, without one, the first `Then`) the recorder is ready and the base of all growth is noted.
    async fn open_window(&mut self, step: &gherkin::Step, meant: &Meant) -> Result<(), StepError> {
        if step.ty != StepType::Given && !self.world.window.open {
            if let Some(recorder) = &self.world.recorder {
                let ready = async || if recorder.is_ready() { Look::Done(()) } else { Look::NotYet("not every node was heard".to_owned()) };
                let waited = wait::within("the recorder to hear every node", RECORDER_LIMIT, ready).await;
                waited.map_err(|gave_up| StepError::new(Cause::Engine, gave_up.to_string()))?;
            }
            self.world.take_baseline().await?;
        }
        let window = &self.world.window;
        let begins = step.ty == StepType::When && (!window.open || window.seen_then);
        let opens = step.ty != StepType::Given && !window.open;
        let now = self.world.now_ms();
        let window = &mut self.world.window;
        if step.ty == StepType::Given {
            // A `Given` that waits counts from its own beginning.
            window.verified_ms = now;
        }
        if begins || opens {
            window.acted_before |= window.acts;
            window.acts = false;
            window.began_ms = now;
            window.verified_ms = now;
            window.open = true;
        }
        window.acts |= step.ty == StepType::When && meant.acts();
        window.seen_then = step.ty == StepType::Then;
        Ok(())
    }
}

/// A limit of ours ran out. Whoever waited for something the servers have not done yet was cut short; whoever waited for nothing hangs in a call to the engine.
fn overtime(why: &str) -> StepError {
    match Watch::here().look() {
        Some(waiting) => {
            let waited = wait::seconds(waiting.since.elapsed());
            let last = waiting.last.as_deref().unwrap_or("nothing");
            StepError::new(Cause::Overtime, format!("{why}; it had waited {waited} for {}; last seen: {last}", waiting.what))
                .seen(waiting.last.into_iter().collect())
        }
        None => StepError::new(Cause::Engine, format!("{why}; it waited for no server: the engine is slow, or a call to it hangs")),
    }
}

/// The time a sentence states itself: the longest span in it.
fn stated(sentence: &str) -> Duration {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    words.windows(2).filter_map(|pair| spans::parse(&pair.join(" ")).ok()).max().unwrap_or_default()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("the step's function broke: {}", text.unwrap_or("no message"))
}

#[cfg(test)]
#[path = "play_tests.rs"]
mod tests;
