//! Renderings of a run: a record goes in, bytes come out.
//!
//! One file a format. To add one, write a file with a [`Report`] in it and put it on the list. A report reads no files, asks no clock and prints nothing;
//! whoever calls it decides where the bytes go. Only `line.rs` is used while a run is going on, all others when it is over.

mod diff;
pub mod failure;
pub mod format;
pub mod json;
pub mod line;
pub mod markdown;
pub mod paint;
mod summary;
pub mod terminal;
pub mod timings;

#[cfg(test)]
mod sample;

use crate::record::{Evidence, RunRecord, ScenarioRecord};

/// Looks up the text of a feature file by the path in the record; `None` when it is not there any more.
pub type Sources<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a report is made of.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub record: &'a RunRecord,
    /// In any order; scenarios without evidence are shown by what the index says.
    pub evidence: &'a [Evidence],
    pub sources: Sources<'a>,
    /// Folder of the run as a reader would write it, such as `target/rehearsal/latest`; evidence files are named below it.
    pub folder: &'a str,
}

/// A format.
pub trait Report: Sync {
    /// As in `--report NAME`.
    fn name(&self) -> &'static str;

    /// Ending of the file that is written when none is named.
    fn extension(&self) -> &'static str;

    /// The whole report. The same run gives the same bytes.
    fn render(&self, run: &Run<'_>) -> Vec<u8>;
}

/// Every format there is.
pub fn reports() -> [&'static dyn Report; 3] {
    [&terminal::Terminal { colours: false }, &json::Json, &markdown::Markdown]
}

impl<'a> Run<'a> {
    /// The evidence of a scenario of the index.
    pub fn evidence_of(&self, scenario: &ScenarioRecord) -> Option<&'a Evidence> {
        let same = |e: &&Evidence| e.scenario.feature == scenario.feature && e.scenario.slug == scenario.slug && e.scenario.server == scenario.server;
        self.evidence.iter().find(same)
    }
}
