//! How the settings of a program are written: which directives it knows, and where they stand in what a node is started with.

/// A file a node starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSpec {
    pub target: String,
    pub content: String,
    pub mode: u32,
}

/// Where a value was found, for messages that name the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub value: String,
    /// Whether it stands in the command line of the node, or in a file below `configs`.
    pub in_command: bool,
    /// The text to look for there.
    pub mention: String,
}

/// The syntax of one system's settings.
pub trait Syntax: Sync {
    /// What a node with it is called: `server`, `Sentinel`.
    fn noun(&self) -> &'static str;

    /// Whether a row without a node or a role is for nodes of this system: the directive is its own.
    fn owns(&self, directive: &str) -> bool;

    /// Whether a node of this system takes the directive.
    fn takes(&self, directive: &str) -> bool {
        self.owns(directive)
    }

    /// Every directive that it takes, for messages.
    fn names(&self) -> Vec<&'static str>;

    /// What is wrong with the words of a value, if it can be told without a server.
    fn fault(&self, _directive: &str, _words: &[String]) -> Option<String> {
        None
    }

    /// Why a scenario may not set the directive, if it may not.
    fn decided(&self, _directive: &str) -> Option<String> {
        None
    }

    /// The first word of lines of its own in a catalogue's `append`.
    fn prefix(&self) -> Option<&'static str> {
        None
    }

    /// Why there is no place to write a setting to, if there is none: a clause behind the node's name, up to the setting's.
    fn no_place(&self, command: &[String], files: &[FileSpec]) -> Option<&'static str>;

    /// Writes one setting.
    fn set(&self, command: &mut Vec<String>, files: &mut [FileSpec], directive: &str, words: &[String]);

    /// Every setting that stands there, with its value as one text.
    fn told(&self, command: &[String], files: &[FileSpec]) -> Vec<(String, String)>;

    /// The value that counts: the last mention of a directive with one word.
    fn value(&self, command: &[String], files: &[FileSpec], directive: &str) -> Option<Found>;
}
