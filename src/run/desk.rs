//! What becomes of plays: each is heard of, judged against its repetitions, written down, shown, and perhaps followed by its controls.

use super::control::Cache;
use super::event::{Event, Playing, View};
use super::kept;
use super::play::Played;
use super::played;
use super::rest::{self, Expected};
use super::retries::{Retries, Settled};
use super::schedule::{Play, Queue, Told};
use super::session::{Options, Outcome};
use crate::record::merge::badness;
use crate::record::store::{self, RunFolder};
use crate::record::{Evidence, RunRecord, ScenarioRecord, Stress, Verdict};
use crate::wait::{Instant, Watch};
use crate::world::Leave;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Why a control was not played where the end of the run gives no other reason.
const BEFORE_ITS_CONTROL: &str = "the run ended before this control was played";

/// The record as it grows, and the plays it grows from.
pub(super) struct Desk<'a> {
    pub options: &'a Options,
    pub record: RunRecord,
    pub view: &'a mut dyn View,
    pub queue: Arc<Queue>,
    /// Deployments that were left up on request.
    pub kept: Vec<String>,
    folder: RunFolder,
    cache: Cache,
    /// Names of plays by their number, and what is expected of them.
    names: HashMap<usize, (String, Expected)>,
    /// What is being played, by number.
    playing: BTreeMap<usize, Now>,
    retries: Retries,
    /// How many are played side by side.
    pub jobs: usize,
    next: usize,
    open: usize,
    /// Verdicts by scenario and server, one a repetition.
    results: HashMap<(String, String), Vec<Verdict>>,
    /// Why a control has shown nothing, by scenario and server: the first reason of several.
    unplayed: HashMap<(String, String), String>,
}

/// A play that goes on.
struct Now {
    since: Instant,
    step: Option<(String, Instant)>,
    watch: Watch,
}

impl<'a> Desk<'a> {
    pub fn new(options: &'a Options, folder: RunFolder, record: RunRecord, view: &'a mut dyn View, cache: Cache) -> Desk<'a> {
        let queue = Arc::new(Queue::default());
        let retries = Retries::new(if options.stress > 1 { 0 } else { options.config.retry });
        Desk {
            options,
            record,
            view,
            queue,
            kept: Vec::new(),
            folder,
            cache,
            names: HashMap::new(),
            playing: BTreeMap::new(),
            retries,
            jobs: 1,
            next: 0,
            open: 0,
            results: HashMap::new(),
            unplayed: HashMap::new(),
        }
    }

    /// The index exists from the first moment on, so that a run that is killed early is there to be shown.
    pub fn open(&mut self) -> io::Result<()> {
        self.folder.write_record(&self.record)
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
        let mark = match (play.leave, play.attempt) {
            (Leave::Nothing, 1) => String::new(),
            (Leave::Nothing, attempt) => format!(" (attempt {attempt})"),
            _ => " (control)".to_owned(),
        };
        let name = format!("{}@{}{mark}", play.scenario.test_name(), play.server.server.name);
        self.names.insert(play.number, (name, play.expected));
        self.queue.push(play);
    }

    /// Ends the run before its time: what has not begun is dropped, or recorded as unknown if there is a reason to give.
    pub fn interrupt(&mut self, why: &str, reason: Option<&str>) -> io::Result<()> {
        self.record.interrupted = Some(why.to_owned());
        self.view.event(&Event::Interrupted(why));
        self.drop_waiting(reason)
    }

    /// Takes out what has not begun. A scenario that was to be tried once more has been played: its attempts count.
    fn drop_waiting(&mut self, reason: Option<&str>) -> io::Result<()> {
        for play in self.queue.clear() {
            self.open -= 1;
            let server = &play.server.server.name;
            let key = (play.scenario.id(), server.clone());
            if let Some(mut evidence) = self.retries.abandon(&key) {
                self.enter(&mut evidence, &[], true)?;
                self.view.event(&Event::Finished { play: play.number, scenario: &evidence.scenario, evidence: Some(&evidence) });
            } else if play.leave != Leave::Nothing {
                self.uncontrolled(&play, reason.unwrap_or(BEFORE_ITS_CONTROL))?;
            } else if let Some(reason) = reason {
                let mut record = played::unplayed(&play.scenario, server, Verdict::Unknown, reason.to_owned());
                record.interrupted = true;
                self.note(&record, false);
            }
        }
        Ok(())
    }

    /// Tells what is going on; `asked` when somebody wants it in words.
    pub fn pulse(&mut self, asked: bool) {
        let now = Instant::now();
        let expected: Vec<(Expected, Duration)> =
            self.playing.iter().filter_map(|(play, is)| Some((self.names.get(play)?.1, now - is.since))).collect();
        let rest = rest::rest(&expected, &self.queue.expected(), self.jobs);
        let playing: Vec<Playing<'_>> = self
            .playing
            .iter()
            .map(|(play, is)| Playing {
                play: *play,
                what: self.names.get(play).map_or("?", |(name, _)| name),
                elapsed: now - is.since,
                step: is.step.as_ref().map(|(text, since)| (text.as_str(), now - *since)),
                waiting: is.watch.look(),
            })
            .collect();
        let playing = playing.as_slice();
        self.view.event(&if asked { Event::Asked { playing, rest } } else { Event::Pulse { playing, rest } });
    }

    /// Takes in what a thread tells.
    pub fn hear(&mut self, told: Told) -> io::Result<()> {
        match told {
            Told::Started(play, watch) => {
                self.playing.insert(play, Now { since: Instant::now(), step: None, watch });
                let what = self.names.get(&play).map_or("?", |(name, _)| name);
                self.view.event(&Event::Started { play, what });
                self.folder.journal(&serde_json::json!({"event": "started", "play": play, "what": what}))
            }
            Told::Step(play, text) => {
                if let Some(now) = self.playing.get_mut(&play) {
                    now.step = Some((text.clone(), Instant::now()));
                }
                self.view.event(&Event::Step { play, text: &text });
                self.folder.journal(&serde_json::json!({"event": "step", "play": play, "text": text}))
            }
            Told::Note(note) => {
                self.view.event(&Event::Note(&note));
                Ok(())
            }
            Told::Broken(play, error) => {
                self.open -= 1;
                let key = (play.scenario.id(), play.server.server.name.clone());
                if let Some(mut evidence) = self.retries.abandon(&key) {
                    self.enter(&mut evidence, &[], true)?;
                    self.view.event(&Event::Finished { play: play.number, scenario: &evidence.scenario, evidence: Some(&evidence) });
                    return Ok(());
                }
                if play.leave != Leave::Nothing {
                    return self.uncontrolled(&play, &error.to_string());
                }
                let record = played::unplayed(&play.scenario, &play.server.server.name, Verdict::Unknown, error.to_string());
                self.view.event(&Event::Finished { play: play.number, scenario: &record, evidence: None });
                self.record.scenarios.push(record);
                Ok(())
            }
            Told::Finished(play, played) => {
                self.open -= 1;
                self.playing.remove(&play.number);
                let held = self.options.fail_fast && played.is_no_pass();
                let heard = if play.leave == Leave::Nothing { self.finished(&play, *played) } else { self.controlled(&play, &played.evidence) };
                if held {
                    self.queue.release();
                }
                heard
            }
        }
    }

    fn finished(&mut self, play: &Play, played: Played) -> io::Result<()> {
        let Played { mut evidence, logs, calls, faults, kept: stays } = played;
        self.write_calls(&mut evidence, calls.as_deref(), play.attempt)?;
        let server = play.server.server.name.clone();
        self.cache.mark(&mut evidence.scenario, &play.scenario, &play.server.record, None);
        let going_on = self.record.interrupted.is_none();
        if let Some(attempt) = self.retries.next(&evidence.scenario).filter(|_| going_on) {
            return self.again(play, evidence, &logs, attempt);
        }
        let attempted = self.keep_last(&mut evidence, &logs, play.attempt)?;
        let Settled { mut evidence, newest } = self.retries.settle(evidence);
        let logs = if newest && !attempted { logs.as_slice() } else { &[] };
        let results = self.results.entry((play.scenario.id(), server)).or_default();
        results.push(evidence.scenario.verdict);
        if self.options.stress > 1 {
            let passed = results.iter().filter(|verdict| **verdict == Verdict::Passed).count();
            evidence.scenario.stress = Some(Stress { passed, played: results.len() });
        }
        // Of several plays the worst is kept; an interrupted one is no evidence.
        let worst = results.iter().all(|verdict| badness(*verdict) <= badness(evidence.scenario.verdict));
        self.enter(&mut evidence, logs, worst)?;
        self.view.event(&Event::Finished { play: play.number, scenario: &evidence.scenario, evidence: Some(&evidence) });
        if let Some(deployment) = stays {
            self.folder.mark_kept()?;
            let note = kept::told(&evidence, &deployment);
            self.kept.push(deployment);
            self.view.event(&Event::Note(&note));
        }
        self.follow(play, faults, &evidence)?;
        self.folder.journal(&serde_json::json!({"event": "finished", "scenario": evidence.scenario}))?;
        self.folder.write_record(&self.record)
    }

    /// An attempt did not pass: it is kept beside the scenarios, and the scenario is played again from its beginning.
    fn again(&mut self, play: &Play, mut evidence: Evidence, logs: &[(String, String)], attempt: u32) -> io::Result<()> {
        let path = self.keep_attempt(&mut evidence, logs, attempt - 1)?;
        self.view.event(&Event::Again { play: play.number, scenario: &evidence.scenario, attempt });
        self.folder.journal(&serde_json::json!({"event": "attempt", "scenario": evidence.scenario, "next": attempt}))?;
        self.retries.keep(evidence, path);
        self.add(Play { attempt, ..play.clone() });
        Ok(())
    }

    /// The last of several attempts may turn out not to be the one that counts; then it lies beside the others.
    fn keep_last(&mut self, evidence: &mut Evidence, logs: &[(String, String)], attempt: u32) -> io::Result<bool> {
        let beside = attempt > 1 && evidence.scenario.verdict != Verdict::Passed && !evidence.scenario.interrupted;
        if beside {
            evidence.scenario.evidence = Some(self.keep_attempt(evidence, logs, attempt)?);
        }
        Ok(beside)
    }

    fn keep_attempt(&self, evidence: &mut Evidence, logs: &[(String, String)], attempt: u32) -> io::Result<String> {
        self.write_logs(evidence, logs, &format!("attempt-{attempt}."))?;
        self.folder.write_attempt(evidence, attempt)
    }

    /// Puts a play into the record; `worst` of its repetitions, its evidence too.
    fn enter(&mut self, evidence: &mut Evidence, logs: &[(String, String)], worst: bool) -> io::Result<()> {
        evidence.scenario.evidence = (!evidence.scenario.interrupted).then(|| store::evidence_path(evidence));
        if worst && !evidence.scenario.interrupted {
            self.write_logs(evidence, logs, "")?;
            self.folder.write_evidence(evidence)?;
        }
        self.note(&evidence.scenario, worst);
        Ok(())
    }

    /// Writes the calls of the client that wrote all the while, and notes in the evidence where they lie.
    fn write_calls(&self, evidence: &mut Evidence, calls: Option<&str>, attempt: u32) -> io::Result<()> {
        let (Some(calls), true) = (calls, evidence.client.is_some()) else { return Ok(()) };
        let mark = if attempt > 1 { format!("attempt-{attempt}.") } else { String::new() };
        let path = format!("logs/{}.{mark}calls.ndjson", store::evidence_stem(evidence));
        self.folder.write_log(&path, calls)?;
        if let Some(client) = &mut evidence.client {
            client.calls = Some(path);
        }
        Ok(())
    }

    /// Writes the logs of a scenario's nodes, and notes in the evidence where they lie.
    fn write_logs(&self, evidence: &mut Evidence, logs: &[(String, String)], mark: &str) -> io::Result<()> {
        for (node, log) in logs {
            let path = format!("logs/{}.{mark}{node}.log", store::evidence_stem(evidence));
            self.folder.write_log(&path, log)?;
            evidence.snapshots.iter_mut().filter(|s| s.node == *node).for_each(|s| s.log = Some(path.clone()));
        }
        Ok(())
    }

    /// What a play's end leads to: the end of the run at the first failure, or controls of what has passed.
    fn follow(&mut self, play: &Play, faults: usize, real: &Evidence) -> io::Result<()> {
        let ended = self.record.interrupted.is_some();
        if real.scenario.verdict != Verdict::Passed {
            return if self.options.fail_fast && !ended { self.drop_waiting(None) } else { Ok(()) };
        }
        if self.options.stress > 1 || play.scenario.tagged("mirror").next().is_some() {
            return Ok(());
        }
        let server = &play.server.record;
        let mut leaves = self.options.controls.leaves(faults);
        leaves.retain(|leave| self.cache.get(&play.scenario, server, *leave).is_none());
        if ended && !leaves.is_empty() {
            return self.uncontrolled(play, BEFORE_ITS_CONTROL);
        }
        if !leaves.is_empty() {
            self.view.event(&Event::Added { plays: leaves.len() });
        }
        // A control that notices that its fault is missing waits in vain, for as long as its sentences state.
        let expected = Expected { time: play.expected.time.max(play.scenario.stated()), ..play.expected };
        for leave in leaves {
            // A control is tried once: what it shows is that the scenario can fail.
            self.add(Play { leave, attempt: 1, expected, ..play.clone() });
        }
        Ok(())
    }

    /// A control ended: what it showed becomes part of the scenario's record and evidence.
    fn controlled(&mut self, play: &Play, played: &Evidence) -> io::Result<()> {
        if played.scenario.verdict == Verdict::Unknown {
            let scenario = &played.scenario;
            let failure = scenario.failure.as_ref().map(|(line, message)| format!("line {line}: {}", message.lines().next().unwrap_or_default()));
            return self.uncontrolled(play, &failure.or(scenario.reason.clone()).unwrap_or_default());
        }
        self.cache.put(&play.scenario, &play.server.record, play.leave, played)?;
        self.mark_control(play)
    }

    /// A control could not be played, or ended by something that is not the servers': it has shown nothing, and says why.
    fn uncontrolled(&mut self, play: &Play, reason: &str) -> io::Result<()> {
        let key = (play.scenario.id(), play.server.server.name.clone());
        self.unplayed.entry(key).or_insert_with(|| reason.to_owned());
        self.mark_control(play)
    }

    /// What is known of a scenario's controls by now, in its record and in its evidence.
    fn mark_control(&mut self, play: &Play) -> io::Result<()> {
        let server = &play.server.server.name;
        let unplayed = self.unplayed.get(&(play.scenario.id(), server.clone())).map(String::as_str);
        let known = self.record.scenarios.iter_mut().find(|s| s.id() == play.scenario.id() && s.server == *server);
        let Some(known) = known else { return Ok(()) };
        self.cache.mark(known, &play.scenario, &play.server.record, unplayed);
        let known = known.clone();
        if let Some(path) = &known.evidence {
            let path = self.folder.path().join(path);
            let mut evidence: Evidence = serde_json::from_slice(&std::fs::read(&path)?).map_err(io::Error::from)?;
            (evidence.scenario.control, evidence.scenario.unnoticed) = (known.control, known.unnoticed.clone());
            evidence.scenario.control_reason.clone_from(&known.control_reason);
            self.folder.write_evidence(&evidence)?;
        }
        self.view.event(&Event::Controlled { play: play.number, scenario: &known });
        self.folder.journal(&serde_json::json!({"event": "control", "scenario": known.id(), "server": known.server, "control": known.control}))?;
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

    /// The run is over: the index in order, and the last word. One that did not come to its end, because a server could not be prepared or something not be recorded, does not say that it did.
    pub fn finish(&mut self, whole: bool) -> io::Result<()> {
        self.record.finished = whole.then(|| jiff::Timestamp::now().to_string());
        self.record.scenarios.sort_by(|a, b| (&a.server, &a.feature, a.line).cmp(&(&b.server, &b.feature, b.line)));
        self.folder.write_record(&self.record)?;
        self.folder.point_latest()?;
        self.view.event(&Event::Ended { record: &self.record, folder: self.folder.path() });
        Ok(())
    }

    pub fn into_outcome(self) -> Outcome {
        Outcome { folder: self.folder.path().to_owned(), record: self.record }
    }
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
