//! What the runner knows about the kinds of programs that take part in high availability: one file or one small folder a system, and all of it pure.
//!
//! You are in the right place to add a system: write its file, and its line in [`BUILT_IN`]. Everybody else asks a node's system and decides nothing by which one it is. `probe` asks
//! the questions that stand here, `deployment` starts what `topology` declares, `formation` waits until a group is what its [`Formation`] says.

pub mod cluster;
mod formation;
pub mod observable;
pub mod redis_server;
mod reply;
mod role;
pub mod sentinel;
pub mod service;
pub mod settings;
#[cfg(test)]
mod stub;
mod timer;

pub use formation::{FORMATIONLESS, Failover, Floor, Formation, Measured, Milestones, Need, Promoted, Story, ValueWait};
pub use observable::{Nature, Observable};
pub use reply::Reply;
pub use role::{Kind, Part, Role};
pub use settings::{FileSpec, Syntax};
pub use timer::{After, Event, EventTimer, Timer};

use std::fmt;
use std::time::Duration;

/// What is sent to a node, as words: a command of Redis' protocol, or method and path of an HTTP request.
pub type Question = &'static [&'static str];

/// A kind of program. What a program does not have is left as it is given here.
pub trait System: Sync {
    /// `redis`, as in messages and on the page of the systems.
    fn name(&self) -> &'static str;

    /// One sentence for whoever has not met it.
    fn about(&self) -> &'static str;

    /// The roles that a topology may give its nodes. A word belongs to one system.
    fn roles(&self) -> &'static [Role];

    /// The word of a node of it that takes writes.
    fn primary(&self) -> &'static str {
        let own = self.roles().iter().find(|role| role.part == Part::Primary);
        own.map_or(redis_server::MASTER, |role| role.word)
    }

    /// What groups of it become before a scenario starts.
    fn formations(&self) -> &'static [Formation] {
        &[]
    }

    fn protocol(&self) -> Protocol;

    /// The port of its clients, where a topology names none.
    fn port(&self) -> Option<u16> {
        None
    }

    /// When a node that was started counts as there.
    fn readiness(&self) -> Readiness;

    /// What the recorder asks, and how often.
    fn watch(&self) -> Option<Watch> {
        None
    }

    /// What a node says of itself in the answers to the questions of [`System::watch`], in their order. An answer may be missing at the end, or be an error.
    fn read(&self, _answers: &[Reply]) -> Told {
        Told::default()
    }

    /// An event as the recorder keeps it, (name, text), from what came over the subscription; `None` for what is no event.
    fn heard(&self, channel: &str, text: &str) -> Option<(String, String)> {
        Some((channel.to_owned(), text.to_owned()))
    }

    /// What is asked when something failed, each as people write it.
    fn on_failure(&self) -> &'static [&'static str] {
        &[]
    }

    /// What is asked besides, of what those answers told: a name that is a setting, say.
    fn on_failure_too(&self, _question: &str, _answer: &Reply) -> Vec<String> {
        Vec::new()
    }

    /// What is told only in a log: lines with the time that the node gave them.
    fn logged<'l>(&self, _log: &'l str) -> Vec<Logged<'l>> {
        Vec::new()
    }

    /// Whom an event is an opinion about, as a role of its own words, where that makes it another event.
    fn subject<'t>(&self, _event: &str, _text: &'t str) -> Option<&'t str> {
        None
    }

    /// The address, `ip:port`, of whom an event names as the new primary, if it names one.
    fn promoted(&self, _event: &str, _text: &str) -> Option<String> {
        None
    }

    /// How its settings are written; `None` where nothing is known of them.
    fn settings(&self) -> Option<&'static dyn Syntax> {
        None
    }

    /// How a client writes to it and finds its writes again; `None` where nothing can be written.
    fn lists(&self) -> Option<&'static dyn Lists> {
        None
    }

    fn timers(&self) -> &'static [Timer] {
        &[]
    }

    fn events(&self) -> &'static [Event] {
        &[]
    }

    fn observables(&self) -> &'static [Observable] {
        &[]
    }

    /// What is asked for a line of the overview.
    fn glance(&self) -> &'static [Question] {
        &[]
    }

    /// A line of the overview from the answers to [`System::glance`].
    fn standing(&self, _answers: &[Option<Reply>]) -> Option<Standing> {
        None
    }
}

impl fmt::Debug for dyn System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a program is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Redis' own.
    Resp,
    Http,
    /// Nothing is known but that it accepts connections.
    Tcp,
}

/// When a node that was started counts as there.
#[derive(Debug, Clone, Copy)]
pub struct Readiness {
    /// The question, and what the answer has to be; without one it is enough to accept connections.
    pub asked: Option<(Question, &'static str)>,
    /// How long it may take.
    pub limit: Duration,
}

/// What the recorder asks of a node, and listens to.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// Asked at most 50 ms apart: what may change and change back within a moment. The first answer has the role.
    pub often: Question,
    /// Asked every quarter of a second: everything the node tells of itself. A node that does not answer the first of them is silent.
    pub whole: &'static [Question],
    /// Where it tells events: a pattern of Pub/Sub channels, or the path of a stream of lines over HTTP.
    pub listens: Option<&'static str>,
}

/// What a node says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The word of the role that it has now; `None` is told as `silent`.
    pub role: Option<&'static str>,
    pub values: Vec<(&'static Observable, String)>,
}

impl Told {
    /// The value of an observable, if the node tells it.
    pub fn value(&self, observable: &Observable) -> Option<&str> {
        self.values.iter().find(|(told, _)| *told == observable).map(|(_, value)| value.as_str())
    }
}

/// Lists that grow, which is all that a client of the workload asks of a system: every write is a value of its own, so that each can be found again, once or twice.
pub trait Lists: Sync {
    /// The question that appends a value.
    fn append(&self, key: &str, value: &str) -> Vec<String>;

    /// Whether its answer says that it is done.
    fn acknowledges(&self, answer: &Reply) -> bool;

    /// The question for all values.
    fn all(&self, key: &str) -> Vec<String>;

    /// The values, if that is what was answered.
    fn values(&self, answer: &Reply) -> Option<Vec<String>>;
}

/// A line of a log that tells something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged<'l> {
    /// Milliseconds since the epoch, by the node's clock.
    pub at_ms: i64,
    pub name: &'l str,
    /// The line behind its time and level.
    pub text: &'l str,
}

/// A node in the overview of what stands; what does not apply to it is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    pub role: Option<&'static str>,
    /// A copy's link, or how many copies it has, or what it thinks of whom it watches.
    pub link: Option<String>,
    /// Bytes of the stream it has.
    pub offset: Option<u64>,
    pub keys: Option<u64>,
    pub epoch: Option<u64>,
    /// Whether it distrusts its clock.
    pub tilt: Option<bool>,
    /// Slots it serves.
    pub slots: Option<u64>,
    /// How it sees its group: `ok` or `fail`.
    pub state: Option<String>,
}

/// The systems that the program brings. The order is that of the reference page, and of the roles in messages.
static BUILT_IN: &[&dyn System] = &[&redis_server::Redis, &sentinel::Sentinel, &cluster::Cluster, &service::Service];

/// A system of another crate: `inventory::submit! { systems::Registered(&MySystem) }`.
pub struct Registered(pub &'static dyn System);

inventory::collect!(Registered);

/// Every system there is.
pub fn all() -> impl Iterator<Item = &'static dyn System> {
    BUILT_IN.iter().copied().chain(inventory::iter::<Registered>().map(|registered| registered.0))
}

/// The role of that word, and whose it is.
pub fn role(word: &str) -> Option<Kind> {
    all().flat_map(|system| system.roles().iter().map(move |role| Kind { system, role })).find(|kind| kind.role.word == word)
}

/// The role that sentences call so, of one node: `Sentinel`.
pub fn role_called(noun: &str) -> Option<Kind> {
    all().flat_map(|system| system.roles().iter().map(move |role| Kind { system, role })).find(|kind| kind.role.noun == noun)
}

/// The words of all roles.
pub fn roles() -> impl Iterator<Item = &'static str> {
    all().flat_map(|system| system.roles()).map(|role| role.word)
}

/// What groups can become, by name; the first is none at all.
pub fn formations() -> impl Iterator<Item = &'static Formation> {
    std::iter::once(&FORMATIONLESS).chain(all().flat_map(System::formations))
}

/// Every way in which groups replace a primary.
pub fn failovers() -> impl Iterator<Item = &'static Failover> {
    formations().filter_map(|formation| formation.failover.as_ref())
}

/// Every observable once: systems may share some.
pub fn observables() -> Vec<&'static Observable> {
    let mut every: Vec<&'static Observable> = Vec::new();
    for observable in all().flat_map(System::observables) {
        if !every.iter().any(|known| known.name == observable.name) {
            every.push(observable);
        }
    }
    every
}

/// The event of that name, of whichever system.
pub fn event(name: &str) -> Option<&'static Event> {
    all().flat_map(System::events).find(|event| event.name == name)
}

/// Whom an event is an opinion about, whichever system it is of.
pub fn subject<'t>(event: &str, text: &'t str) -> Option<&'t str> {
    all().find_map(|system| system.subject(event, text))
}

/// The address of whom an event names as the new primary, whichever system it is of.
pub fn promoted(event: &str, text: &str) -> Option<String> {
    all().find_map(|system| system.promoted(event, text))
}

/// Whether a role, as nodes report it, is one that takes writes.
pub fn is_primary(word: &str) -> bool {
    role(word).is_some_and(|kind| kind.role.part == Part::Primary)
}

/// Whether a role, as nodes report it, is one of nodes that hold data.
pub fn holds_data(word: &str) -> bool {
    role(word).is_some_and(|kind| kind.role.part.is_reported())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_word_belongs_to_one_system() {
        let words: Vec<&str> = roles().collect();
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{words:?}");
        let names: Vec<&str> = formations().map(|formation| formation.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        let systems: Vec<&str> = all().map(System::name).collect();
        assert_eq!(systems.iter().collect::<BTreeSet<_>>().len(), systems.len(), "{systems:?}");
    }

    #[test]
    fn what_a_formation_needs_is_a_role_and_its_timers_are_known() {
        for formation in formations() {
            assert!(formation.needs.iter().all(|need| role(need.role).is_some()), "{}", formation.name);
            for (role_of, timer) in formation.timers() {
                let kind = role(role_of).unwrap_or_else(|| panic!("{}: no role {role_of}", formation.name));
                assert!(kind.system.timers().iter().any(|known| known.name == timer), "{}: no timer {timer}", formation.name);
            }
        }
        for system in all() {
            let timers: Vec<&str> = system.timers().iter().map(|timer| timer.name).collect();
            for named in system.events().iter().flat_map(|event| event.timers()) {
                assert!(timers.contains(&named.name), "{}: no timer {}", system.name(), named.name);
            }
        }
    }
}
