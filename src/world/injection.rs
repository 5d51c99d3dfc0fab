//! Faults of one scenario: which are open, which a control leaves out, and that all are healed in the end.

use super::World;
use crate::error::{Cause, Step, StepError};
use crate::faults::Fault;
use crate::record::Kind;
use crate::wait::{self, Instant};
use futures::future::try_join_all;
use std::rc::Rc;
use std::time::Duration;

/// What a control leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Leave {
    #[default]
    Nothing,
    /// Every fault of the scenario.
    All,
    /// The n-th fault, from 0.
    Nth(usize),
}

/// The book-keeping behind [`World::inject`].
#[derive(Default)]
pub(super) struct Injections {
    leave: Leave,
    /// Faults met so far, left out or not.
    met: usize,
    open: Vec<(Rc<dyn Fault>, String)>,
    /// Node and cure of the faults that were left out: their heals are left out too.
    left_out: Vec<(String, &'static str)>,
    /// Whether the current step was left out.
    step_left_out: bool,
    /// Whether the latest fault was: what is waited for after it will not come.
    latest_left_out: bool,
    /// Whether the sentence that is being played is known to inject no fault.
    undeclared: bool,
}

impl Injections {
    pub(super) fn leaving(leave: Leave) -> Injections {
        Injections { leave, ..Injections::default() }
    }

    /// Counts a fault; answers whether it is left out. `cure` is that of a fault that stays until somebody heals it.
    fn meet(&mut self, nodes: &[String], cure: Option<&'static str>) -> bool {
        let n = self.met;
        self.met += 1;
        self.latest_left_out = self.leave == Leave::All || self.leave == Leave::Nth(n);
        if self.latest_left_out {
            self.step_left_out = true;
            self.left_out.extend(cure.into_iter().flat_map(|cure| nodes.iter().map(move |node| (node.clone(), cure))));
        }
        self.latest_left_out
    }

    /// Whether a wait between two `When`s is left out: it waits for what a fault brings about, and a control has left out the latest. What another fault brings about is waited for.
    fn leaves_out_waits(&mut self) -> bool {
        self.step_left_out |= self.latest_left_out;
        self.latest_left_out
    }
}

impl World {
    /// Injects a fault into nodes, all at once, and verifies that it has bitten; with a `span` it is healed after that time, and the heal is verified.
    ///
    /// # Errors
    /// The engine refused, or the fault did not bite or heal.
    pub async fn inject(&mut self, fault: Rc<dyn Fault>, nodes: &[String], span: Option<Duration>) -> Step {
        if self.injections.undeclared {
            return Err(StepError::scenario(format!(
                "this sentence injects the fault \"{}\" and does not say so, so that nothing would be its control: write step_means!(\"...\", injects: Injects::Fault(\"{}\")) above its function",
                fault.name(),
                fault.name()
            )));
        }
        if self.injections.meet(nodes, span.is_none().then(|| fault.cure())) {
            return Ok(());
        }
        if let Some(node) = nodes.iter().find(|node| self.injections.open.iter().any(|(open, on)| on == *node && open.name() == fault.name())) {
            return Err(StepError::scenario(format!(
                "{node} is {} already: one such fault at a time, it has to be {} first",
                fault.name(),
                fault.cure()
            )));
        }
        for node in nodes {
            let at = self.now_ms();
            self.timeline.borrow_mut().push(Some(node), Kind::Fault, fault.name(), "", at);
            // Noted before it is injected: a fault that half succeeded is healed as well.
            self.injections.open.push((fault.clone(), node.clone()));
        }
        let began = Instant::now();
        try_join_all(nodes.iter().map(|node| fault.inject(self, node))).await?;
        let seen = try_join_all(nodes.iter().map(|node| fault.bitten(self, node))).await?;
        self.observe(seen.join(", "));
        if let Some(span) = span {
            wait::moment(began + span).await;
            self.heal(nodes, fault.cure()).await?;
            self.observe(format!("{} for {}", seen.join(", "), wait::seconds(began.elapsed())));
        }
        Ok(())
    }

    /// Heals the open faults of these nodes that are cured this way, newest first, and verifies it.
    ///
    /// # Errors
    /// Nothing to heal, the engine refused, or the heal does not show.
    pub async fn heal(&mut self, nodes: &[String], cure: &str) -> Step {
        let mut healing = Vec::new();
        for node in nodes {
            let open = self.injections.open.iter().rposition(|(fault, on)| on == node && fault.cure() == cure);
            if let Some(at) = open {
                healing.push(self.injections.open[at].clone());
            } else if let Some(at) = self.injections.left_out.iter().rposition(|(on, how)| on == node && *how == cure) {
                self.injections.left_out.remove(at);
                self.injections.step_left_out = true;
            } else {
                return Err(StepError::scenario(format!("{node} has no fault that is undone by \"{cure}\"")));
            }
        }
        try_join_all(healing.iter().map(|(fault, node)| fault.heal(self, node))).await?;
        let seen = try_join_all(healing.iter().map(|(fault, node)| fault.healed(self, node))).await?;
        for (fault, node) in &healing {
            let at = self.now_ms();
            self.timeline.borrow_mut().end_fault(node, fault.name(), at);
            self.injections.open.retain(|(open, on)| !(on == node && open.name() == fault.name()));
        }
        if !seen.is_empty() {
            self.observe(seen.join(", "));
        }
        Ok(())
    }

    /// Heals whatever is still open, newest first. Called on every path out of a scenario.
    pub(crate) async fn heal_all(&mut self) -> Step {
        let mut first = Ok(());
        while let Some((fault, node)) = self.injections.open.pop() {
            let at = self.now_ms();
            self.timeline.borrow_mut().end_fault(&node, fault.name(), at);
            let healed = async {
                fault.heal(self, &node).await?;
                fault.healed(self, &node).await
            };
            if let Err(error) = healed.await {
                let error = StepError::new(Cause::Fault, format!("{} of {node} did not heal: {}", fault.name(), error.message));
                first = first.and(Err(error));
            }
        }
        first
    }

    /// Takes over a fault that another process has injected and left open.
    pub(crate) fn take_over(&mut self, fault: Rc<dyn Fault>, node: &str) {
        self.injections.open.push((fault, node.to_owned()));
    }

    /// Name and node of every open fault, oldest first.
    pub(crate) fn open_faults(&self) -> Vec<(&'static str, &str)> {
        self.injections.open.iter().map(|(fault, node)| (fault.name(), node.as_str())).collect()
    }

    /// Forgets an open fault whose node a step restarted in another way.
    pub(crate) fn forget_faults(&mut self, node: &str) {
        self.injections.open.retain(|(_, on)| on != node);
    }

    /// Forgets the open faults that a start cures, of a node that a step has started.
    pub(crate) fn restarted(&mut self, node: &str) {
        let (started, rest) =
            std::mem::take(&mut self.injections.open).into_iter().partition(|(fault, on)| on == node && fault.cure() == "started again");
        self.injections.open = rest;
        let at = self.now_ms();
        let started: Vec<(Rc<dyn Fault>, String)> = started;
        started.iter().for_each(|(fault, node)| self.timeline.borrow_mut().end_fault(node, fault.name(), at));
    }

    /// Whether a control leaves out a wait that stands here between two `When`s.
    pub(crate) fn leaves_out_waits(&mut self) -> bool {
        self.injections.leaves_out_waits()
    }

    /// Whether the step just played was left out by a control.
    pub(crate) fn take_left_out(&mut self) -> bool {
        std::mem::take(&mut self.injections.step_left_out)
    }

    /// Says whether the sentence that is played next is known to inject a fault.
    pub(crate) fn declares_fault(&mut self, declared: bool) {
        self.injections.undeclared = !declared;
    }

    /// How many faults the scenario has met.
    pub(crate) fn faults_met(&self) -> usize {
        self.injections.met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of three faults, each followed by a wait, are left out, and which waits.
    fn played(leave: Leave) -> Vec<(bool, bool)> {
        let mut injections = Injections::leaving(leave);
        let nodes = ["master".to_owned()];
        (0..3).map(|_| (injections.meet(&nodes, Some("healed")), injections.leaves_out_waits())).collect()
    }

    #[test]
    fn a_control_waits_for_what_the_other_faults_bring_about() {
        assert_eq!(played(Leave::Nothing), [(false, false); 3]);
        assert_eq!(played(Leave::Nth(1)), [(false, false), (true, true), (false, false)]);
        assert_eq!(played(Leave::All), [(true, true); 3]);
    }

    #[tokio::test]
    async fn a_fault_that_its_sentence_does_not_declare_is_refused() {
        let mut world = World::unstaged();
        let fault = crate::faults::find("killed").unwrap();
        world.declares_fault(false);
        let refused = world.inject(fault.clone(), &["master".to_owned()], None).await.unwrap_err();
        assert!(refused.message.contains("injects the fault \"killed\" and does not say so"), "{}", refused.message);
        assert_eq!(refused.cause.verdict(), crate::record::Verdict::Unknown);
        world.declares_fault(true);
        let refused = world.inject(fault, &["master".to_owned()], None).await.unwrap_err();
        assert!(refused.message.contains("no topology yet"), "{}", refused.message);
    }

    #[test]
    fn only_what_stays_needs_a_heal_that_is_left_out_too() {
        let mut injections = Injections::leaving(Leave::All);
        let nodes = ["replica-1".to_owned(), "replica-2".to_owned()];
        injections.meet(&nodes, None);
        assert!(injections.left_out.is_empty());
        injections.meet(&nodes, Some("started again"));
        assert_eq!(injections.left_out, nodes.map(|node| (node, "started again")));
    }
}
