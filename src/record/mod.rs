//! The value of a run: what was played, what was seen, what became of it.
//!
//! Here you find plain data that serialises, the clock-ordered [`timeline`], the hash that ties a scenario's text to its evidence, the folder the
//! records live in, and how several of them are joined. Nothing here knows Docker, Redis, Gherkin or a terminal; every report and the book are renderings of what is here.

pub mod client;
pub mod evidence;
pub mod exchange;
pub mod hash;
pub mod index;
pub mod kept;
pub mod merge;
pub mod newest;
pub mod numbers;
pub mod order;
pub mod portable;
pub mod server;
pub mod store;
pub mod timeline;
pub mod timings;
pub mod verdict;

pub use client::{ClientRecord, Found};
pub use evidence::{Evidence, Failure, NodeSnapshot, Stall, StepRecord, Word};
pub use exchange::Exchange;
pub use index::{Attempt, Host, Planned, RunRecord, ScenarioRecord, Stress, passes_without};
pub use kept::Kept;
pub use server::{Asked, Executable, ServerRecord};
pub use timeline::{Entry, Kind, Timeline};
pub use timings::Timings;
pub use verdict::{Control, StepStatus, Verdict};

/// Version of the record's layout; a reader refuses a newer one.
pub const SCHEMA: u32 = 1;
