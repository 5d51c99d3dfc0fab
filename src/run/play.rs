//! One scenario on one server: its steps in order, its window, its end. What comes out is its evidence.

use super::catalogue::Scenario;
use super::registry::{Found, NotFound, Registry, phase};
use crate::error::{self, Cause, StepError};
use crate::record::evidence::NodeRecord;
use crate::record::{Control, Evidence, Failure, NodeSnapshot, SCHEMA, ScenarioRecord, ServerRecord, StepRecord, StepStatus, Timings, Verdict};
use crate::wait::slots::Slot;
use crate::wait::{self, Look, Waited};
use crate::world::{Leave, Stage, World};
use cucumber::gherkin::{self, StepType};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// No step may take longer, whatever it waits for: a hung call ends here.
const STEP_LIMIT: Duration = Duration::from_secs(120);
/// The recorder asks every node once and listens to every Sentinel.
const RECORDER_LIMIT: Duration = Duration::from_secs(5);

/// What a played scenario leaves behind.
pub struct Played {
    pub evidence: Evidence,
    /// Logs of the nodes by name, when something went wrong.
    pub logs: Vec<(String, String)>,
    /// How many faults it met.
    pub faults: usize,
    /// Whether the deployment was kept for a person to look at.
    pub kept: bool,
}

/// What one play needs besides its scenario.
pub struct Ticket<'a> {
    pub registry: &'a Registry,
    pub server: &'a ServerRecord,
    pub stage: Stage,
    /// The right to start containers now; none is held where they stand already.
    pub permit: Slot,
    /// Leave the deployment up when the scenario does not pass.
    pub keep: bool,
    /// Turns true when someone ends the run.
    pub interrupted: watch::Receiver<bool>,
    /// Hears each step as it begins.
    pub told: &'a dyn Fn(&gherkin::Step),
    /// Whether another play waits that could use the sandboxes.
    pub more: &'a dyn Fn() -> bool,
}

/// Plays one scenario from beginning to end.
pub async fn play(scenario: &Scenario, ticket: Ticket<'_>) -> Played {
    let Ticket { registry, server, stage, permit, keep, interrupted, told, more } = ticket;
    let began = Instant::now();
    let started = jiff::Timestamp::now().to_string();
    let run = stage.run.clone();
    let leave = stage.leave;
    wait::start_counting();
    let mut player = Player { registry, world: World::on(stage, permit), interrupted, steps: Vec::new(), ended: None, reuse: false };
    for step in &scenario.steps {
        told(step);
        player.step(step, leave).await;
    }
    let failed = player.ended.clone();
    let (snapshots, logs) = if failed.is_some() { player.look_around().await } else { Default::default() };
    let keep = keep && failed.is_some();
    let topology = player.world.deployment.as_ref().map(|d| d.topology().name.clone());
    let nodes = player.world.deployment.as_ref().map_or(Vec::new(), |d| d.topology().nodes.iter().map(node_record).collect());
    let kept = keep && player.world.deployment.is_some();
    player.reuse = !keep && more();
    let (closing, before) = (Instant::now(), wait::waited());
    player.close(keep).await;
    let teardown = closing.elapsed();
    let Player { world, steps, ended, .. } = player;
    let duration = began.elapsed();
    let timings = timings(&world, before, teardown, duration);
    let verdict = ended.as_ref().map_or(Verdict::Passed, |(_, error)| error.cause.verdict());
    let reason = ended.as_ref().filter(|_| verdict == Verdict::Unknown).map(|(_, error)| error.message.clone());
    let evidence = Evidence {
        schema: SCHEMA,
        run,
        started,
        scenario: ScenarioRecord {
            feature: scenario.feature.clone(),
            line: scenario.line,
            rule: scenario.rule.clone(),
            name: scenario.name.clone(),
            slug: scenario.slug.clone(),
            server: server.name.clone(),
            verdict,
            reason,
            control: Control::None,
            attempts: 1,
            text_hash: scenario.text_hash.clone(),
            duration_ms: duration.as_millis() as u64,
            overhead_ms: timings.overhead_ms(),
            timings,
            tags: scenario.tags.clone(),
            claims: scenario.claims(),
            stress: None,
            evidence: None,
            failure: ended.as_ref().map(|(line, error)| (*line, error.message.clone())),
        },
        server_build: server.clone(),
        topology,
        nodes,
        steps,
        window_ms: world.window.open.then_some((world.window.began_ms, world.window.verified_ms)),
        timeline: world.timeline.take().into_entries(),
        snapshots,
    };
    Played { evidence, logs, faults: world.faults_met(), kept }
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
    NodeRecord { name: spec.name.clone(), role: spec.role.to_string(), address: format!("{}:{}", spec.address, spec.port) }
}

struct Player<'a> {
    registry: &'a Registry,
    world: World,
    interrupted: watch::Receiver<bool>,
    steps: Vec<StepRecord>,
    /// Line and error of the step that ended the scenario.
    ended: Option<(usize, StepError)>,
    /// Whether sandboxes may wait for the next scenario: not where a deployment may be kept, for then nothing else of the run is to stay.
    reuse: bool,
}

impl Player<'_> {
    async fn step(&mut self, step: &gherkin::Step, leave: Leave) {
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
        };
        if self.ended.is_none() {
            let outcome = match self.registry.find(step) {
                Ok(found) => {
                    record.source = Some(found.source.clone());
                    self.run(step, found).await
                }
                Err(NotFound::Undefined(_)) => Err(StepError::scenario("no step matches this sentence: `rehearsal check` tells more")),
                Err(NotFound::Ambiguous(places)) => Err(StepError::scenario(format!("several steps match: {}", places.join(", ")))),
            };
            record.observation = self.world.take_observation();
            let left_out = self.world.take_left_out();
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
    async fn run(&mut self, step: &gherkin::Step, found: Found<'_>) -> Result<(), StepError> {
        self.open_window(step).await?;
        let mut interrupted = self.interrupted.clone();
        let function = AssertUnwindSafe((found.run)(&mut self.world, found.context)).catch_unwind();
        let limited = tokio::time::timeout(STEP_LIMIT, function);
        let outcome = tokio::select! {
            outcome = limited => outcome,
            _ = interrupted.wait_for(|ended| *ended) => return Err(StepError::new(Cause::Interrupted, "the run was interrupted")),
        };
        match outcome {
            Ok(Ok(())) => {
                if step.ty == StepType::When {
                    self.world.window.verified_ms = self.world.now_ms();
                }
                Ok(())
            }
            Ok(Err(panic)) => Err(error::take_last().unwrap_or_else(|| StepError::new(Cause::Panic, panic_text(&*panic)))),
            Err(_) => Err(StepError::new(Cause::Engine, format!("the step did not end within {}", wait::seconds(STEP_LIMIT)))),
        }
    }

    /// Before the first `When` (or, without one, the first `Then`) the recorder is ready and the base of all growth is noted.
    async fn open_window(&mut self, step: &gherkin::Step) -> Result<(), StepError> {
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
        window.line = Some(step.position.line);
        if step.ty == StepType::Given {
            // A `Given` that waits counts from its own beginning.
            window.verified_ms = now;
        }
        if begins || opens {
            window.began_ms = now;
            window.verified_ms = now;
            window.open = true;
        }
        window.seen_then = step.ty == StepType::Then;
        Ok(())
    }

    /// State, answers and log of every node at the moment of failure.
    async fn look_around(&self) -> (Vec<NodeSnapshot>, Vec<(String, String)>) {
        let Some(deployment) = &self.world.deployment else { return Default::default() };
        let mut snapshots = Vec::new();
        let mut logs = Vec::new();
        for node in &deployment.topology().nodes {
            let state = deployment.state(&node.name).await.map_or_else(|e| e.to_string(), |state| state.to_string());
            let mut answers = Vec::new();
            for question in questions(node.role) {
                let words: Vec<&str> = question.split(' ').collect();
                let Ok(client) = self.world.fresh_client(&node.name) else { continue };
                let answer = client.ask_within(&words, Duration::from_millis(300)).await;
                answers.push(((*question).to_owned(), answer.map_or_else(|e| e.to_string(), |reply| reply.to_string())));
            }
            if let Ok(log) = deployment.log(&node.name).await {
                logs.push((node.name.clone(), log));
            }
            snapshots.push(NodeSnapshot { node: node.name.clone(), state, answers, log: None });
        }
        (snapshots, logs)
    }

    /// Heals every open fault, newest first, and removes the deployment; a heal that fails spoils a pass.
    async fn close(&mut self, keep: bool) {
        if keep {
            return;
        }
        // What the healing brings about is no part of the story.
        self.world.recorder = None;
        if self.ended.as_ref().is_none_or(|(_, error)| error.cause != Cause::Interrupted)
            && let Err(error) = self.world.heal_all().await
            && self.ended.is_none()
        {
            let line = self.steps.last().map_or(0, |step| step.line);
            self.ended = Some((line, error));
        }
        let Some(deployment) = self.world.deployment.take() else { return };
        // Sandboxes of a scenario that went well serve the next one; after anything else nothing is reused.
        let reuse = self.ended.is_none() && self.reuse;
        let removed = if reuse { deployment.park().await } else { deployment.remove().await };
        if let Err(error) = removed
            && self.ended.is_none()
        {
            let line = self.steps.last().map_or(0, |step| step.line);
            self.ended = Some((line, error.into()));
        }
    }
}

/// What a node is asked when something failed.
fn questions(role: crate::topology::Role) -> &'static [&'static str] {
    use crate::topology::Role;
    match role {
        Role::Sentinel => &["INFO sentinel", "SENTINEL MASTERS", "SENTINEL CKQUORUM mymaster"],
        Role::Node => &["ROLE", "INFO replication", "CLUSTER INFO", "CLUSTER NODES"],
        Role::Other => &[],
        Role::Master | Role::Replica => &["ROLE", "INFO replication", "INFO stats"],
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("the step's function broke: {}", text.unwrap_or("no message"))
}

/// A record for a scenario that is not played on this server.
pub fn not_applicable(scenario: &Scenario, server: &str, reason: String) -> ScenarioRecord {
    ScenarioRecord {
        feature: scenario.feature.clone(),
        line: scenario.line,
        rule: scenario.rule.clone(),
        name: scenario.name.clone(),
        slug: scenario.slug.clone(),
        server: server.to_owned(),
        verdict: Verdict::NotApplicable,
        reason: Some(reason),
        control: Control::None,
        attempts: 0,
        text_hash: scenario.text_hash.clone(),
        duration_ms: 0,
        overhead_ms: 0,
        timings: Timings::default(),
        tags: scenario.tags.clone(),
        claims: scenario.claims(),
        stress: None,
        evidence: None,
        failure: None,
    }
}

/// Whether an evidence shows that its scenario noticed the missing fault: a `Then` failed by assertion.
pub fn caught(evidence: &Evidence) -> bool {
    let failed = evidence.steps.iter().find(|step| step.error.is_some());
    failed.is_some_and(|step| step.phase == "then" && step.error.as_ref().is_some_and(|e: &Failure| e.kind == "assertion"))
}

/// Time each `Then` took in the real run, by line: what a control may wait.
pub fn seen_times(evidence: &Evidence) -> Vec<(usize, Duration)> {
    let thens = evidence.steps.iter().filter(|step| step.phase == "then");
    thens
        .map(|step| (step.line, Duration::from_millis((step.started_ms + step.duration_ms).saturating_sub(evidence.window_ms.map_or(0, |w| w.1)))))
        .collect()
}

/// Whether someone ended the run before the scenario had ended.
pub fn was_interrupted(evidence: &Evidence) -> bool {
    evidence.steps.iter().any(|step| step.error.as_ref().is_some_and(|error| error.kind == "interrupted"))
}
