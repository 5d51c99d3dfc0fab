//! Rehearsal: the executable book of Redis high availability.

pub mod deployment;
pub mod record;
pub mod topology;
