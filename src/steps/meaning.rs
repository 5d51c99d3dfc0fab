//! What a sentence means to those who do not play it: whether it injects a fault, what that needs, how long it takes, what it looks at. Said once, beside its function.
//!
//! You are in the right place when a step of yours injects a fault, lets time pass, or waits for what only comes after a timer. Whoever says nothing has a sentence that acts on the servers at
//! once and needs nothing. `run/meant.rs` finds the meaning of a line; nobody reads its text to find out.

/// The meaning of a sentence. Fields that are not named in [`step_means!`](crate::step_means) are those of [`Meaning::PLAIN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The fault that it injects, which a control leaves out.
    pub injects: Injects,
    /// Whether servers have to be started with the preload library, which moves clocks and watches syncs. What a fault of the catalogue needs is known.
    pub preload: bool,
    /// Whether its `{duration}` passes before it ends, rather than being a limit.
    pub lasts: bool,
    /// Of a `When`: on whom it acts.
    pub acts: Acts,
    /// Of a sentence with a limit or a span: what it looks at, as far as a timer of the servers stands before it.
    pub looks: Option<Looks>,
    /// Whether it sets the stage: the topology that its `{string}` names.
    pub stage: bool,
    /// Whether it is about the end of its `{nodes}`, which is no surprise then.
    pub ends: bool,
    /// Of a `Then`: whether it is about what the client saw in the last block of `When`s, which then has to hold what acts.
    pub of_block: bool,
}

/// What a sentence injects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Injects {
    Nothing,
    /// This one.
    Fault(&'static str),
    /// The one that its `{change}` names, if that is no cure.
    Change,
}

/// On whom a `When` acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acts {
    /// The servers: whatever is seen afterwards may be its doing.
    Servers,
    /// Their data only: it brings no failover about.
    Data,
    /// Nobody: it waits, or ends a client that watches.
    Nobody,
}

/// What a sentence looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// An event of each of these nodes.
    Event,
    /// The events of a table, of these nodes together.
    Events,
    /// A node that has come to take writes.
    Role,
    /// An observable's value.
    Value,
    /// Whoever takes writes now and did not before.
    NewPrimary,
}

impl Meaning {
    /// It acts on the servers, at once, and needs nothing.
    pub const PLAIN: Meaning = Meaning {
        injects: Injects::Nothing,
        preload: false,
        lasts: false,
        acts: Acts::Servers,
        looks: None,
        stage: false,
        ends: false,
        of_block: false,
    };
}

/// A meaning, as [`step_means!`](crate::step_means) submits it.
#[derive(Debug)]
pub struct Declared {
    /// The sentence's expression, as at its function.
    pub pattern: &'static str,
    /// The file it stands in.
    pub path: &'static str,
    pub meaning: Meaning,
}

inventory::collect!(Declared);

/// Says what a sentence means, above its function: `step_means!("the cache of {nodes} is dropped", injects: Injects::Fault("dropped"));`
///
/// `rehearsal check`, controls, limits and the book go by it. A step that injects a fault without saying so is refused when it is played.
#[macro_export]
macro_rules! step_means {
    ($pattern:literal, $($field:ident: $value:expr),+ $(,)?) => {
        $crate::inventory::submit! {
            $crate::steps::meaning::Declared {
                pattern: $pattern,
                path: file!(),
                meaning: $crate::steps::meaning::Meaning { $($field: $value,)+ ..$crate::steps::meaning::Meaning::PLAIN },
            }
        }
    };
}
