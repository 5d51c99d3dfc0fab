//! Roles: the words for what a node is, and what is meant by them.

use super::System;
use std::fmt;

/// A role that nodes have, by declaration or by their own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// As topologies, nodes and the record have it: `master`.
    pub word: &'static str,
    /// As sentences have it, of one node: `master`, `Sentinel`.
    pub noun: &'static str,
    pub part: Part,
}

/// What nodes of a role are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Takes writes. There may be several.
    Primary,
    /// Copies a primary.
    Secondary,
    /// Primary or secondary, which is decided while the group forms.
    Member,
    /// Watches others and holds no data. It is started once they stand.
    Observer,
    /// Something of the user's own; started first of all that is not primary, and waited for last.
    Apart,
}

impl Part {
    /// Whether nodes say of themselves that they are this, and hold data.
    pub fn is_reported(self) -> bool {
        matches!(self, Part::Primary | Part::Secondary)
    }
}

/// What a node is meant to be: a role, and the system that has it.
#[derive(Clone, Copy)]
pub struct Kind {
    pub system: &'static dyn System,
    pub role: &'static Role,
}

impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.role == other.role
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.role.word, self.system.name())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.role.word)
    }
}
