//! Observables: named values with a unit, as sentences use them ("the accepted partial resynchronisations of the master").

/// A named value a node tells of itself. The recorder puts every observable of every node on the timeline when it finds it changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observable {
    /// As written in sentences.
    pub name: &'static str,
    /// `count`, `bytes`, `id`, `state`, `seconds`, `microseconds`.
    pub unit: &'static str,
    /// Where it comes from, for the reference page: a field of INFO, say.
    pub source: &'static str,
    pub nature: Nature,
    pub doc: &'static str,
}

/// What a change of it means to whoever reads a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// One of few values; a change of it is news.
    Decisive,
    /// One of few values, which come and go.
    State,
    /// Grows by what happens.
    Counter,
    /// Moves all the time.
    Position,
}

impl Observable {
    /// Whether sentences mean it by this name; a singular ("full synchronisation") is the same value.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.name.strip_suffix('s') == Some(name)
    }
}

/// The observable of that name, of whichever system.
pub fn find(name: &str) -> Option<&'static Observable> {
    super::all().flat_map(super::System::observables).find(|observable| observable.is_called(name))
}
