//! Renderings of a run: a record goes in, bytes come out.
//!
//! One file a format. To add one, write a file with a [`Report`] in it and put it on the list. A report reads no files, asks no clock and prints nothing;
//! whoever calls it decides where the bytes go. `line.rs` is used while a run is going on, a report that [`grows`](Report::grows) also, all others when it is over.

mod diff;
pub mod failure;
pub mod format;
pub mod github;
pub mod html;
mod html_parts;
pub mod json;
pub mod junit;
pub mod line;
pub mod markdown;
mod moments;
pub mod paint;
pub mod steps;
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

    /// Whether its file is written anew after every scenario, so that a run that is killed leaves one.
    fn grows(&self) -> bool {
        false
    }

    /// The whole report. The same run gives the same bytes.
    fn render(&self, run: &Run<'_>) -> Vec<u8>;
}

/// The verdicts of a run with their numbers: `54 passed (2 flaky), 1 failed`.
pub fn counts(record: &RunRecord) -> String {
    summary::counts(record).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", ")
}

/// Every format there is.
pub fn reports() -> [&'static dyn Report; 6] {
    [&terminal::Terminal { colours: false }, &json::Json, &junit::Junit, &html::Html, &markdown::Markdown, &github::Github]
}

impl<'a> Run<'a> {
    /// The evidence of a scenario of the index.
    pub fn evidence_of(&self, scenario: &ScenarioRecord) -> Option<&'a Evidence> {
        let same = |e: &&Evidence| e.scenario.feature == scenario.feature && e.scenario.slug == scenario.slug && e.scenario.server == scenario.server;
        self.evidence.iter().find(same)
    }
}
