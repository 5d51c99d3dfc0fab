//! A problem in a file that a person wrote: what is wrong, where exactly, and what to do about it.
//!
//! You are in the right place when you check an input file. Everything that does so (topologies, the server catalogue, claims, features) answers with
//! [`Problem`]s, so that `check` shows them all in one form and as JSON.

use crate::printable::printable;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The file cannot be used; exit code 2.
    Error,
    /// The file can be used, but probably does not mean what its author thinks.
    Warning,
}

/// One finding, placed in its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Path as the reader was given it.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters; absent when only the line is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    pub severity: Severity,
    /// What is wrong, one lower-case sentence without a full stop.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Problem {
    /// An error at a line of a file.
    pub fn error(file: &str, line: usize, message: impl Into<String>) -> Problem {
        Problem { file: file.to_owned(), line, column: None, severity: Severity::Error, message: message.into(), advice: None }
    }

    /// A warning at a line of a file.
    pub fn warning(file: &str, line: usize, message: impl Into<String>) -> Problem {
        Problem { severity: Severity::Warning, ..Problem::error(file, line, message) }
    }

    /// An error at a byte of a file's text.
    pub fn at_byte(file: &str, text: &str, at: usize, message: impl Into<String>) -> Problem {
        let before = &text[..at.min(text.len())];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = before.matches('\n').count() + 1;
        Problem::error(file, line, message).column(before[line_start..].chars().count() + 1)
    }

    /// The same problem at a column.
    pub fn column(mut self, column: usize) -> Problem {
        self.column = Some(column);
        self
    }

    /// The same problem with advice.
    pub fn advice(mut self, advice: impl Into<String>) -> Problem {
        self.advice = Some(advice.into());
        self
    }

    /// The same problem with "did you mean", or else with the list of what there is, as long as a person would read it.
    pub fn did_you_mean<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Problem {
        let candidates: Vec<&str> = candidates.into_iter().collect();
        match nearest(word, candidates.iter().copied()) {
            Some(near) => self.advice(format!("did you mean `{near}`?")),
            None if candidates.is_empty() => self,
            None if candidates.len() <= 16 => self.advice(format!("known: {}", candidates.join(", "))),
            None => self,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}: {}\n --> {}:{}", printable(&self.message), printable(&self.file), self.line)?;
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        if let Some(advice) = &self.advice {
            write!(f, "\n  = help: {}", printable(advice))?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// Longer ones are no misspelt name, and how far two words are from each other takes their lengths multiplied.
const LONGEST_WORD: usize = 100;

/// Most findings of one file that are told: each has to be placed, and nobody reads more.
pub const MOST: usize = 200;

/// The candidate that was probably meant: the closest one, if at most a third of the word has to change (but always one letter, or two swapped).
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().take(LONGEST_WORD + 1).count();
    if length > LONGEST_WORD {
        return None;
    }
    let allowed = (length / 3).max(1);
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        // So many letters more or less are as many changes; a ledger may have very many names.
        .filter(|c| c.len().abs_diff(lower.len()) <= 4 * allowed)
        .map(|c| (strsim::osa_distance(&lower, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}

/// The line of a YAML text in which more brackets or dashes are open than a person ever writes: its reader takes the square of their number.
pub fn too_deep(text: &str) -> Option<usize> {
    const DEPTH: usize = 500;
    let mut open = 0_usize;
    for (index, line) in text.lines().enumerate() {
        for c in line.chars() {
            match c {
                '[' | '{' => open += 1,
                ']' | '}' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        let dashes = line.split_whitespace().take_while(|word| *word == "-" || *word == "?").count();
        if open > DEPTH || dashes > DEPTH {
            return Some(index + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_like_a_compiler_message() {
        let problem = Problem::error("compose/x.yml", 4, "unknown key `imge`").column(5).did_you_mean("imge", ["command", "image"]);
        assert_eq!(problem.to_string(), "error: unknown key `imge`\n --> compose/x.yml:4:5\n  = help: did you mean `image`?");
    }

    #[test]
    fn far_words_get_the_list_instead_of_a_guess() {
        let problem = Problem::error("x", 1, "unknown role `boss`").did_you_mean("boss", ["master", "replica"]);
        assert_eq!(problem.advice.as_deref(), Some("known: master, replica"));
    }

    #[test]
    fn nearest_allows_a_third_of_the_word() {
        assert_eq!(nearest("qorum", ["quorum", "failover-timeout"]), Some("quorum"));
        assert_eq!(nearest("Quorum", ["quorum"]), Some("quorum"));
        assert_eq!(nearest("cat", ["dog"]), None);
    }
}
