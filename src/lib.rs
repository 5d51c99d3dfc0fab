//! Rehearsal: the executable book of Redis high availability.

pub mod claims;
pub mod record;
pub mod report;
pub mod topology;
