//! What was done by hand, and when: one line of JSON a deed, appended by whoever does it.
//!
//! You are in the right place when something that was done is missing in the draft.

use super::trouble::Trouble;
use crate::confined;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

/// Something that was done or seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Milliseconds since 1970 when it was begun, and when it was done and verified.
    pub began: i64,
    pub ended: i64,
    #[serde(flatten)]
    pub deed: Deed,
}

/// Further from 1970, and longer, is nothing that was done: three thousand years in milliseconds.
const MOST: i64 = 100_000_000_000_000;

impl Line {
    /// Whether its times can be reckoned with.
    fn is_possible(&self) -> bool {
        let (millis, span) = match self.deed {
            Deed::Inject { millis, span, .. } => (millis, span.unwrap_or(0)),
            Deed::Heal { millis, .. } => (millis, 0),
            _ => (0, 0),
        };
        [self.began, self.ended, millis].iter().all(|time| time.unsigned_abs() <= MOST.unsigned_abs()) && span <= MOST.unsigned_abs()
    }
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "kebab-case")]
pub enum Deed {
    Up {
        topology: String,
        rows: Vec<(String, String)>,
        server: String,
    },
    Inject {
        fault: String,
        nodes: Vec<String>,
        said: String,
        millis: i64,
        span: Option<u64>,
    },
    Heal {
        node: String,
        fault: String,
        millis: i64,
    },
    Command {
        node: String,
        said: String,
        words: Vec<String>,
        reply: Option<String>,
        error: bool,
    },
    /// A look at who has which role.
    Look {
        roles: BTreeMap<String, String>,
    },
    /// A change of role that somebody was watching.
    Became {
        node: String,
        role: String,
    },
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Appends what was done since `began`.
///
/// # Errors
/// The file cannot be written.
pub fn note(path: &Path, began: i64, deed: Deed) -> Result<(), Trouble> {
    append(path, &Line { began, ended: now(), deed })
}

/// Appends a line, in one write: several commands may be at it at once.
///
/// # Errors
/// The file cannot be written.
pub fn append(path: &Path, line: &Line) -> Result<(), Trouble> {
    let write = || -> std::io::Result<()> {
        let text = serde_json::to_string(line)? + "\n";
        confined::append(confined::above(path), path)?.write_all(text.as_bytes())
    };
    write().map_err(|error| Trouble::file(path, error))
}

/// Everything that was done, in order of its end. A line that cannot be read was cut short by a kill, and is left out.
pub fn read(path: &Path) -> Vec<Line> {
    let bytes = confined::read(confined::above(path), path, confined::RECORDED).unwrap_or_default();
    lines(&String::from_utf8_lossy(&bytes))
}

/// The same of a text.
pub fn lines(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).filter(Line::is_possible).collect();
    lines.sort_by_key(|line| line.ended);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_noted_is_read_in_order_and_a_torn_line_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let became = |node: &str| Deed::Became { node: node.to_owned(), role: "master".to_owned() };
        append(&path, &Line { began: 5, ended: 9, deed: became("later") }).unwrap();
        append(&path, &Line { began: 6, ended: 7, deed: became("earlier") }).unwrap();
        append(&path, &Line { began: i64::MIN, ended: 8, deed: became("never") }).unwrap();
        fs::write(&path, fs::read_to_string(&path).unwrap() + "{\"began\": 1, \"en").unwrap();
        let deeds: Vec<Deed> = read(&path).into_iter().map(|line| line.deed).collect();
        assert_eq!(deeds, [became("earlier"), became("later")]);
    }
}
