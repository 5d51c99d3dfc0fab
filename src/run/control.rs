//! Controls: the scenario again without its faults. One that still passes proves nothing.
//!
//! Results are kept by text hash, build of the server, and the code of steps, faults and controls, so that a scenario that did not change is not played again without its fault.

use super::catalogue::Scenario;
use super::played::caught;
use super::project::Project;
use crate::confined;
use crate::record::{Control, Evidence, ScenarioRecord, ServerRecord, hash};
use crate::steps;
use crate::world::Leave;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Which controls are played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Controls {
    #[default]
    Off,
    /// One a scenario, without any of its faults.
    All,
    /// One a fault, without just that one.
    Each,
}

/// A control's kept result.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    caught: bool,
    /// The step that noticed, with what it said.
    noticed: Option<String>,
}

/// Where results are kept.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    code: String,
}

impl Controls {
    /// What is left out, one entry a control of a scenario with this many faults.
    pub fn leaves(self, faults: usize) -> Vec<Leave> {
        match self {
            _ if faults == 0 => Vec::new(),
            Controls::Off => Vec::new(),
            Controls::All => vec![Leave::All],
            Controls::Each => (0..faults).map(Leave::Nth).collect(),
        }
    }
}

impl Cache {
    pub fn of(project: &Project) -> Cache {
        // What a control leaves out, and what it waits for meanwhile, is decided here and where faults are injected.
        let own = [include_str!("control.rs"), include_str!("../world/injection.rs")];
        let ours = steps::SOURCES.iter().map(|(_, text)| *text).chain(crate::faults::SOURCES.iter().copied()).chain(own);
        let code = hash::text_hash(ours.chain(steps::own::files().into_iter().map(|file| file.text)));
        Cache { folder: project.store().root().join("controls"), code }
    }

    fn path(&self, scenario: &Scenario, server: &ServerRecord, leave: Leave) -> PathBuf {
        let leave = match leave {
            Leave::Nothing => "none".to_owned(),
            Leave::All => "all".to_owned(),
            Leave::Nth(n) => n.to_string(),
        };
        self.folder.join(format!("{}-{}@{}-{}-{leave}.json", scenario.text_hash, self.code, server.name, server.build_key()))
    }

    /// Whether any control was ever kept.
    pub fn has_any(&self) -> bool {
        self.folder.is_dir()
    }

    /// Whether the control caught, if it was played before.
    pub fn get(&self, scenario: &Scenario, server: &ServerRecord, leave: Leave) -> Option<bool> {
        let bytes = confined::read(confined::above(&self.folder), &self.path(scenario, server, leave), confined::RECORDED).ok()?;
        serde_json::from_slice::<Kept>(&bytes).ok().map(|kept| kept.caught)
    }

    /// Keeps a played control.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn put(&self, scenario: &Scenario, server: &ServerRecord, leave: Leave, evidence: &Evidence) -> std::io::Result<bool> {
        let noticed = evidence.steps.iter().find_map(|step| Some(format!("{} {}: {}", step.keyword, step.text, step.error.as_ref()?.message)));
        let kept = Kept { caught: caught(evidence), noticed };
        let path = self.path(scenario, server, leave);
        let written = confined::write(confined::above(&self.folder), &path, &serde_json::to_vec_pretty(&kept)?);
        written.map_err(|error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        Ok(kept.caught)
    }

    /// Writes what is known of a scenario's controls into its record. `unplayed` is why one of those that this run was to play has shown nothing: what an earlier run caught does not
    /// stand in for it, but a fault that nothing missed is one, whatever else could not be played.
    pub fn mark(&self, record: &mut ScenarioRecord, scenario: &Scenario, server: &ServerRecord, unplayed: Option<&str>) {
        record.control = match (self.verdict(scenario, server), unplayed) {
            (Control::Missed, _) | (_, None) => self.verdict(scenario, server),
            (_, Some(_)) => Control::Unknown,
        };
        record.control_reason = unplayed.filter(|_| record.control == Control::Unknown).map(str::to_owned);
        record.unnoticed = if record.control == Control::Missed { self.unnoticed(scenario, server) } else { Vec::new() };
    }

    /// The faults whose absence nothing noticed, as written.
    pub fn unnoticed(&self, scenario: &Scenario, server: &ServerRecord) -> Vec<String> {
        let all = self.get(scenario, server, Leave::All) == Some(false);
        let missed = |n: usize| all || self.get(scenario, server, Leave::Nth(n)) == Some(false);
        scenario.injections().enumerate().filter(|(n, _)| missed(*n)).map(|(_, step)| step.value.clone()).collect()
    }

    /// What is known of a scenario's controls: mirrored by its tag, else missed if any missed, else caught if all of a kind were caught.
    pub fn verdict(&self, scenario: &Scenario, server: &ServerRecord) -> Control {
        let faults = scenario.faults();
        if faults == 0 {
            return Control::None;
        }
        if scenario.tagged("mirror").next().is_some() {
            return Control::Mirrored;
        }
        let all = self.get(scenario, server, Leave::All);
        let each: Vec<Option<bool>> = (0..faults).map(|n| self.get(scenario, server, Leave::Nth(n))).collect();
        if all == Some(false) || each.contains(&Some(false)) {
            Control::Missed
        } else if all == Some(true) || each.iter().all(|one| *one == Some(true)) {
            Control::Caught
        } else {
            Control::None
        }
    }
}
