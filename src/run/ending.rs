//! The end of a scenario: what is noted when something failed, the healing, and the clean-up. Each has a limit, so that an engine that hangs ends no run.

use super::play::Player;
use crate::error::{Cause, StepError};
use crate::record::{ClientRecord, Exchange, Kind, NodeSnapshot};
use crate::systems::System;
use crate::wait;
use std::collections::VecDeque;
use std::time::Duration;

/// Looking around is worth this much and no more: what was found until then is kept.
const LOOK_LIMIT: Duration = Duration::from_secs(30);
/// For one answer of a node after a failure.
const QUESTION_LIMIT: Duration = Duration::from_millis(300);
/// Healing and removing take well under a second each; more is an engine that does not answer.
const CLOSE_LIMIT: Duration = Duration::from_secs(60);
/// As long may healing take when the run was interrupted: what it changed goes with its containers in any case.
const HASTE: Duration = Duration::from_secs(5);

impl Player<'_> {
    /// State, answers and log of every node at the moment of failure, as far as they can be had in time.
    pub(super) async fn look_around(&self) -> (Vec<NodeSnapshot>, Vec<(String, String)>) {
        let mut found = (Vec::new(), Vec::new());
        let _ = tokio::time::timeout(LOOK_LIMIT, self.look(&mut found)).await;
        found
    }

    async fn look(&self, (snapshots, logs): &mut (Vec<NodeSnapshot>, Vec<(String, String)>)) {
        let Some(deployment) = &self.world.deployment else { return };
        for node in &deployment.topology().nodes {
            let state = deployment.state(&node.name).await.map_or_else(|e| e.to_string(), |state| state.to_string());
            let mut answers = Vec::new();
            let system = node.kind.system;
            let mut questions: VecDeque<String> = system.on_failure().iter().map(|question| (*question).to_owned()).collect();
            let Ok(asker) = self.world.asker(&node.name) else { continue };
            while let Some(question) = questions.pop_front() {
                let words: Vec<&str> = question.split(' ').collect();
                let answer = asker.ask(&words, QUESTION_LIMIT).await;
                questions.extend(answer.iter().flat_map(|reply| system.on_failure_too(&question, reply)));
                answers.push((question, answer.map_or_else(|e| e.to_string(), |reply| reply.to_string())));
            }
            if let Ok(log) = deployment.log(&node.name).await {
                logs.push((node.name.clone(), log));
            }
            snapshots.push(NodeSnapshot { node: node.name.clone(), state, answers, log: None });
        }
    }

    /// The numbers and the calls of the client that wrote all the while, which writes no more from here on.
    pub(super) fn client(&mut self) -> (Option<ClientRecord>, Option<String>) {
        let Some(steady) = &mut self.world.workload.steady else { return (None, None) };
        steady.abort();
        (self.world.client_record().ok(), self.world.workload.steady.as_ref().map(|client| client.ndjson()))
    }

    /// What nodes tell only in their logs, put on the timeline. Nobody asks for it where nothing was done to them.
    pub(super) async fn read_logs(&self) {
        let Some(deployment) = self.world.deployment.as_ref().filter(|_| self.world.faults_met() > 0) else { return };
        // Whoever publishes its events has been heard already.
        let tells = |system: &dyn System| !system.events().is_empty() && system.watch().is_none_or(|watch| watch.listens.is_none());
        let nodes = deployment.topology().nodes.iter().filter(|node| tells(node.kind.system));
        let logs = futures::future::join_all(nodes.map(async |node| (node, deployment.log(&node.name).await.unwrap_or_default())));
        let Ok(logs) = tokio::time::timeout(LOOK_LIMIT, logs).await else { return };
        let now_ms = self.world.now_ms();
        let zero_ms = jiff::Timestamp::now().as_millisecond() - now_ms as i64;
        for (node, log) in logs {
            for told in node.kind.system.logged(&log) {
                // A node whose clock was moved tells a time that is not ours.
                if let Some(at_ms) = u64::try_from(told.at_ms - zero_ms).ok().filter(|at| *at <= now_ms) {
                    self.world.timeline.borrow_mut().insert(&node.name, Kind::Event, told.name, told.text, at_ms);
                }
            }
        }
    }

    /// What was captured, as far as it can be read in time.
    pub(super) async fn exchanges(&self) -> Vec<Exchange> {
        tokio::time::timeout(LOOK_LIMIT, self.world.all_said()).await.unwrap_or_default()
    }

    /// Leaves the deployment up; its name, unless there is none.
    pub(super) async fn keep(&self) -> Option<String> {
        self.world.deployment.as_ref()?.keep().await.ok()
    }

    /// Heals every open fault, newest first, and removes the deployment; a heal that fails spoils a pass.
    pub(super) async fn close(&mut self, keep: bool) {
        if keep {
            return;
        }
        // What the healing brings about is no part of the story.
        self.world.recorder = None;
        // Somebody waits for the end of a run that was interrupted.
        let hasty = self.ended.as_ref().is_some_and(|(_, error)| error.cause == Cause::Interrupted);
        let healed = tokio::time::timeout(if hasty { HASTE } else { CLOSE_LIMIT }, self.world.heal_all()).await;
        self.spoil(healed.unwrap_or_else(|_| Err(hung("the faults were not healed"))));
        // What cannot be ended is noticed when its place is to be used again.
        let _ = tokio::time::timeout(CLOSE_LIMIT, self.world.end_captures()).await;
        let Some(deployment) = self.world.deployment.take() else { return };
        // Containers of a scenario that went well serve the next one; after anything else nothing is reused.
        let removed = async {
            match (self.ended.is_none(), self.reuse) {
                (true, true) => deployment.park().await,
                // Nobody waits for them any more: the end of the run removes all that is left at once.
                (true, false) => Ok(()),
                (false, _) => deployment.remove().await,
            }
        };
        let removed = tokio::time::timeout(CLOSE_LIMIT, removed).await;
        // What is left is removed at the end of the run, or by the next one.
        self.spoil(removed.map_or_else(|_| Err(hung("the deployment was not removed")), |removed| removed.map_err(StepError::from)));
    }

    /// What goes wrong at the end spoils a pass, and nothing else.
    fn spoil(&mut self, end: Result<(), StepError>) {
        if let Err(error) = end
            && self.ended.is_none()
        {
            let line = self.steps.last().map_or(0, |step| step.line);
            self.ended = Some((line, error));
        }
    }
}

fn hung(what: &str) -> StepError {
    StepError::new(Cause::Engine, format!("{what} within {}", wait::seconds(CLOSE_LIMIT)))
}
