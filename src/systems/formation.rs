//! What a group of nodes becomes before a scenario starts, and how it replaces a primary that is gone.

/// A formation, as topologies name it.
#[derive(Debug)]
pub struct Formation {
    /// `replication`
    pub name: &'static str,
    /// Nodes it needs at least.
    pub needs: &'static [Need],
    /// Whether keys are spread over several primaries, so that no one node answers for all of them.
    pub spread: bool,
    /// Whether the group itself replaces a primary that is gone.
    pub failover: Option<Failover>,
    pub waits: &'static [ValueWait],
    /// What a new feature about such a group tells first.
    pub story: Option<Story>,
}

/// A value that an observable has only when a timer of the node has run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueWait {
    pub observable: &'static str,
    pub value: &'static str,
    pub timer: &'static str,
    /// Whether that is so only where every fault leaves the node silent: one that is gone closes its connections.
    pub in_silence: bool,
}

/// So many nodes of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    pub role: &'static str,
    pub least: usize,
    pub most: usize,
    /// As a message says it: `exactly one master`.
    pub told: &'static str,
}

/// How a group replaces a primary.
#[derive(Debug)]
pub struct Failover {
    /// Whose timer has to run out before anybody acts, and which one.
    pub role: &'static str,
    pub timer: &'static str,
    /// Faults after which a primary may hand over before anybody misses it.
    pub handed_over_by: &'static [&'static str],
    pub milestones: Milestones,
    pub measured: Measured,
}

/// The events by which a failover is taken apart, by name.
#[derive(Debug, Clone, Copy)]
pub struct Milestones {
    /// The first of these, about a text that begins so.
    pub detected: (&'static str, &'static str),
    /// Without it no failover was of the group's own doing.
    pub agreed: (&'static str, &'static str),
    /// Each vote; those of one text are one.
    pub begun: &'static str,
    /// The last of these before the promotion ends the election.
    pub elected: &'static str,
    pub promoted: Promoted,
    /// Each node's first ends the reconfiguration for it.
    pub reconfigured: &'static str,
}

/// What tells that a node has been promoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promoted {
    /// This event.
    Event(&'static str),
    /// The node, by its role; this event may tell it a little sooner.
    Role(&'static str),
}

/// How failovers are measured.
#[derive(Debug)]
pub struct Measured {
    /// Name of the topology on which they are played.
    pub topology: &'static str,
    /// Values of the timer that are measured unless others are given, in milliseconds.
    pub usual_ms: &'static [u64],
    /// What the protocol adds to its timer at the least.
    pub floors: &'static [Floor],
    /// Rows of the table beside the timer.
    pub rows: &'static [(&'static str, &'static str)],
    /// Whom the client asks, and who is killed, as sentences have it.
    pub route: &'static str,
    pub victim: &'static str,
    /// What is waited for, as sentences have it, without the limit.
    pub awaited: &'static [&'static str],
}

/// A delay of the protocol's own, in milliseconds, on the servers that these tags of a scenario speak about.
#[derive(Debug, Clone, Copy)]
pub struct Floor {
    pub ms: u64,
    pub on: &'static [&'static str],
}

/// What a new feature about a group tells first.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    pub prose: &'static str,
    pub rule: &'static str,
    pub source: &'static str,
    pub scenario: &'static str,
    /// Rows of the table of the `Given`.
    pub rows: &'static [(&'static str, &'static str)],
    /// Behind the `Given`, one a line; `{PRIMARY}` stands for the first primary of the topology, `{SECONDARY}` for the node that copies it.
    pub steps: &'static str,
}

/// Nodes that stand alone.
pub static FORMATIONLESS: Formation = Formation { name: "none", needs: &[], spread: false, failover: None, waits: &[], story: None };

impl PartialEq for Formation {
    fn eq(&self, other: &Formation) -> bool {
        self.name == other.name
    }
}

impl Formation {
    /// Timers that are named here, with a role that has them.
    pub fn timers(&self) -> Vec<(&'static str, &'static str)> {
        self.failover.iter().map(|failover| (failover.role, failover.timer)).collect()
    }

    /// What it lacks, if these are the numbers of nodes with a role: `exactly one master, it has 2`.
    pub fn lacks(&self, count: impl Fn(&str) -> usize) -> Option<String> {
        let short = |need: &&Need| !(need.least..=need.most).contains(&count(need.role));
        let need = self.needs.iter().find(short)?;
        // Where one is the least, there is none.
        let has = if need.least > 1 || need.most == 1 { format!(", it has {}", count(need.role)) } else { String::new() };
        Some(format!("{}{has}", need.told))
    }
}
