//! Repeated measurements: what is played for them, a failover taken apart into phases, a reshard into slots and keys, the numbers of many runs, and the file they are kept in.
//!
//! You are in the right place for what a measured number *means*. Nothing here plays or draws anything: `cli/measure.rs` plays what [`plan`] says, `book/chart.rs` draws a
//! [`Measure`], `book/reshard_chart.rs` a [`Reshard`], and the book takes single scenarios apart with [`phases`] as well.

pub mod phases;
pub mod plan;
pub mod reshard;
pub mod result;
pub mod statistics;

pub use phases::{Call, Moments};
pub use plan::Setup;
pub use reshard::Reshard;
pub use result::{Group, Incomplete, Measure, Run};
pub use statistics::Summary;
