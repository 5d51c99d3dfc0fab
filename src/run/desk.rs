//! What becomes of plays: each is heard of, judged against its repetitions, written down, shown, and perhaps followed by its controls.

use super::control::{self, Cache};
use super::event::{Event, View};
use super::kept;
use super::play::{self, Played};
use super::schedule::{Play, Queue, Told};
use super::session::{Options, Outcome};
use crate::record::merge::badness;
use crate::record::store::{self, RunFolder};
use crate::record::{Evidence, RunRecord, ScenarioRecord, Stress, Verdict};
use crate::world::Leave;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// The record as it grows, and the plays it grows from.
pub(super) struct Desk<'a> {
    pub options: &'a Options,
    pub record: RunRecord,
    pub view: &'a mut dyn View,
    pub queue: Arc<Queue>,
    /// Whether a deployment was left up on request.
    pub kept: bool,
    folder: RunFolder,
    cache: Cache,
    /// Names of plays by their number.
    names: HashMap<usize, String>,
    next: usize,
    open: usize,
    /// Verdicts by scenario and server, one a repetition.
    results: HashMap<(String, String), Vec<Verdict>>,
}

impl<'a> Desk<'a> {
    pub fn new(options: &'a Options, folder: RunFolder, record: RunRecord, view: &'a mut dyn View, cache: Cache) -> Desk<'a> {
        let queue = Arc::new(Queue::default());
        Desk { options, record, view, queue, kept: false, folder, cache, names: HashMap::new(), next: 0, open: 0, results: HashMap::new() }
    }

    /// Whether any play has not ended.
    pub fn is_open(&self) -> bool {
        self.open > 0
    }

    /// Queues a play.
    pub fn add(&mut self, mut play: Play) {
        play.number = self.next;
        self.next += 1;
        self.open += 1;
        let control = if play.leave == Leave::Nothing { "" } else { " (control)" };
        self.names.insert(play.number, format!("{}@{}{control}", play.scenario.test_name(), play.server.server.name));
        self.queue.push(play);
    }

    /// Someone asked the run to end: what has not begun is dropped.
    pub fn interrupt(&mut self, signal: &str) {
        self.record.interrupted = Some(signal.to_owned());
        self.view.event(&Event::Interrupted(signal));
        self.open -= self.queue.clear();
    }

    /// Takes in what a thread tells.
    pub fn hear(&mut self, told: Told) -> io::Result<()> {
        match told {
            Told::Started(play) => {
                let what = self.names.get(&play).map_or("?", String::as_str);
                self.view.event(&Event::Started { play, what });
                self.folder.journal(&serde_json::json!({"event": "started", "play": play, "what": what}))
            }
            Told::Step(play, text) => {
                self.view.event(&Event::Step { play, text: &text });
                self.folder.journal(&serde_json::json!({"event": "step", "play": play, "text": text}))
            }
            Told::Broken(play, error) => {
                self.open -= 1;
                let mut record = play::not_applicable(&play.scenario, &play.server.server.name, error.to_string());
                record.verdict = Verdict::Unknown;
                self.view.event(&Event::Finished { play: play.number, scenario: &record, evidence: None });
                self.record.scenarios.push(record);
                Ok(())
            }
            Told::Finished(play, played) => {
                self.open -= 1;
                if play.leave == Leave::Nothing { self.finished(&play, *played) } else { self.controlled(&play, &played.evidence) }
            }
        }
    }

    fn finished(&mut self, play: &Play, played: Played) -> io::Result<()> {
        let Played { mut evidence, logs, faults, kept: stays } = played;
        let server = play.server.server.name.clone();
        evidence.scenario.control = self.cache.verdict(&play.scenario, &server);
        evidence.scenario.evidence = Some(store::evidence_path(&evidence));
        let interrupted = play::was_interrupted(&evidence);
        let results = self.results.entry((play.scenario.id(), server)).or_default();
        results.push(evidence.scenario.verdict);
        if self.options.stress > 1 {
            let passed = results.iter().filter(|verdict| **verdict == Verdict::Passed).count();
            evidence.scenario.stress = Some(Stress { passed, played: results.len() });
        }
        // Of several plays the worst is kept; an interrupted one is no evidence.
        let worst = results.iter().all(|verdict| badness(*verdict) <= badness(evidence.scenario.verdict));
        if interrupted {
            evidence.scenario.evidence = None;
        } else if worst {
            self.write(&mut evidence, &logs)?;
        }
        self.note(&evidence.scenario, worst);
        self.view.event(&Event::Finished { play: play.number, scenario: &evidence.scenario, evidence: Some(&evidence) });
        if stays {
            self.kept = true;
            self.folder.mark_kept()?;
            let note = kept::told(&evidence);
            self.view.event(&Event::Note(&note));
        }
        self.follow(play, faults, &evidence);
        self.folder.journal(&serde_json::json!({"event": "finished", "scenario": evidence.scenario}))?;
        self.folder.write_record(&self.record)
    }

    /// Writes evidence and the logs of its nodes.
    fn write(&self, evidence: &mut Evidence, logs: &[(String, String)]) -> io::Result<()> {
        for (node, log) in logs {
            let path = format!("logs/{}.{node}.log", store::evidence_stem(evidence));
            std::fs::write(self.folder.path().join(&path), log)?;
            evidence.snapshots.iter_mut().filter(|s| s.node == *node).for_each(|s| s.log = Some(path.clone()));
        }
        self.folder.write_evidence(evidence)
    }

    /// What a play's end leads to: the end of the run at the first failure, or controls of what has passed.
    fn follow(&mut self, play: &Play, faults: usize, real: &Evidence) {
        if self.record.interrupted.is_some() {
            return;
        }
        if real.scenario.verdict != Verdict::Passed {
            if self.options.fail_fast {
                self.open -= self.queue.clear();
            }
            return;
        }
        if self.options.stress > 1 || play.scenario.tagged("mirror").next().is_some() {
            return;
        }
        let server = &play.server.server.name;
        let mut leaves = self.options.controls.leaves(faults);
        leaves.retain(|leave| self.cache.get(&play.scenario, server, *leave).is_none());
        let caps = control::caps(real);
        if !leaves.is_empty() {
            self.view.event(&Event::Added { plays: leaves.len() });
        }
        for leave in leaves {
            self.add(Play { leave, caps: caps.clone(), ..play.clone() });
        }
    }

    /// A control ended: what it showed becomes part of the scenario's record and evidence.
    fn controlled(&mut self, play: &Play, played: &Evidence) -> io::Result<()> {
        let server = &play.server.server.name;
        // One that an engine or a signal ended has shown nothing.
        if played.scenario.verdict != Verdict::Unknown {
            self.cache.put(&play.scenario, server, play.leave, played)?;
        }
        let control = self.cache.verdict(&play.scenario, server);
        let known = self.record.scenarios.iter_mut().find(|s| s.id() == play.scenario.id() && s.server == *server);
        let Some(known) = known else { return Ok(()) };
        known.control = control;
        let known = known.clone();
        if let Some(path) = &known.evidence {
            let path = self.folder.path().join(path);
            let mut evidence: Evidence = serde_json::from_slice(&std::fs::read(&path)?).map_err(io::Error::from)?;
            evidence.scenario.control = control;
            self.folder.write_evidence(&evidence)?;
        }
        self.view.event(&Event::Controlled { play: play.number, scenario: &known });
        self.folder.journal(&serde_json::json!({"event": "control", "scenario": known.id(), "server": known.server, "control": control}))?;
        self.folder.write_record(&self.record)
    }

    /// One entry a scenario and server: the worst of its plays.
    fn note(&mut self, scenario: &ScenarioRecord, worst: bool) {
        match self.record.scenarios.iter_mut().find(|s| s.id() == scenario.id() && s.server == scenario.server) {
            Some(known) if worst => *known = scenario.clone(),
            Some(known) => known.stress = scenario.stress,
            None => self.record.scenarios.push(scenario.clone()),
        }
    }

    /// The run is over: the index in order, and the last word.
    pub fn finish(&mut self) -> io::Result<()> {
        self.record.finished = Some(jiff::Timestamp::now().to_string());
        self.record.scenarios.sort_by(|a, b| (&a.server, &a.feature, a.line).cmp(&(&b.server, &b.feature, b.line)));
        self.folder.write_record(&self.record)?;
        self.view.event(&Event::Ended { record: &self.record, folder: self.folder.path() });
        Ok(())
    }

    pub fn into_outcome(self) -> Outcome {
        Outcome { folder: self.folder.path().to_owned(), record: self.record }
    }
}
