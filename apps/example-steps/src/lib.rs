//! Steps of a crate's own: the library of the example. Sentences about an application's cache, which Rehearsal itself knows nothing of.
//!
//! You are in the right place to see what a crate with steps consists of: this library names its step files, `main.rs` and `tests/features.rs` are three lines each.

mod cache;
mod held;
