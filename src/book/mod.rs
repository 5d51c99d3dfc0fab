//! The book: chapters with directives in, chapters with scenarios and their evidence out.
//!
//! Here you find everything between a [`Library`] (what was written and what was seen, given by the caller) and HTML. Nothing here plays a scenario, parses
//! Gherkin, or knows Docker: the book builds on a laptop that has neither, and builds again in well under a second.
//!
//! Reading order: a chapter is scanned for [`directives`], each is looked up in the [`library`], and [`preprocess`] puts a rendering in its place.
//! [`render_feature`] walks rules, [`render_scenario`] draws one card, [`evidence`] folds out below it, [`drawing`] turns a timeline into a picture.
//! Evidence of servers other than the default goes to [`pages`] beside the book; [`build`] ties it together.

pub mod broken;
pub mod build;
pub mod chart;
pub mod check;
pub mod claims;
pub mod client;
pub mod cures;
pub mod difference;
pub mod directives;
pub mod drawing;
pub mod escape;
pub mod evidence;
pub mod failover;
pub mod footer;
pub mod gherkin;
pub mod glossary;
pub mod guard;
pub mod lanes;
pub mod ledger;
pub mod library;
pub mod links;
pub mod losses;
pub mod matrix;
pub mod pages;
pub mod preprocess;
pub mod prose;
pub mod protocol;
pub mod reference;
pub mod render_feature;
pub mod render_scenario;
pub mod reshard_chart;
pub mod resolve;
pub mod see;
pub mod sequence;
pub mod settings;
pub mod sizing;
pub mod slots;
pub mod sources;
pub mod standings;
pub mod story;
pub mod style;
pub mod tree;
pub mod wide;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod sample_evidence;
#[cfg(test)]
mod tests;

pub use build::{Built, build};
pub use check::check;
pub use directives::{Directive, Kind, directives};
pub use library::{BrokenRow, ClaimRow, FeatureText, Library, RuleText, ScenarioText, StepText};
pub use preprocess::run;
pub use resolve::Unresolved;
pub use sources::Sources;
