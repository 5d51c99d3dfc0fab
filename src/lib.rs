//! Rehearsal: the executable book of Redis high availability.

pub mod book;
pub mod record;
pub mod topology;
