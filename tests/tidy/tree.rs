//! The files of the repository as text, and what is found wrong with them.

use std::fmt;
use std::fs;
use std::path::Path;

/// Folders that hold what was built or fetched.
const NOT_OURS: &[&str] = &[".git", "target", "html", "node_modules"];

/// One file, by its path from the root of the repository.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    #[cfg(test)]
    pub fn new(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// Lines with their numbers, counted from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(n, line)| (n + 1, line))
    }

    /// Lines of Rust without their comments. A `//` inside a string ends the line too: what follows it is no code either.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().map(|(n, line)| (n, line.split("//").next().unwrap_or_default()))
    }

    /// `book` for `src/book/build.rs`, `wait` for `src/wait.rs`; `None` outside `src` and for `src/lib.rs` and `src/main.rs`.
    pub fn module(&self) -> Option<&str> {
        let name = self.path.strip_prefix("src/")?.split('/').next()?.trim_end_matches(".rs");
        (!["lib", "main"].contains(&name)).then_some(name)
    }
}

/// One thing that is wrong, where, and what to do about it.
#[derive(Debug, PartialEq)]
pub struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    pub fn new(path: &str, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Ends the test with all findings, one a line.
pub fn report(findings: impl IntoIterator<Item = Finding>) {
    let found: Vec<String> = findings.into_iter().map(|finding| finding.to_string()).collect();
    assert!(found.is_empty(), "{} found\n{}", found.len(), found.join("\n"));
}

/// Every text file at or below these places whose name ends like this; an empty ending takes all.
pub fn read(places: &[&str], ending: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for place in places {
        walk(root, &root.join(place), ending, &mut files);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn walk(root: &Path, at: &Path, ending: &str, files: &mut Vec<File>) {
    if at.is_file() {
        let wanted = ending.is_empty() || at.extension().is_some_and(|e| e == ending);
        // What is no text (a picture of the theme, say) has no lines to judge.
        if wanted && let Ok(text) = fs::read_to_string(at) {
            let path = at.strip_prefix(root).unwrap_or(at).to_string_lossy().replace('\\', "/").trim_start_matches("./").to_owned();
            files.push(File { path, text });
        }
        return;
    }
    for entry in fs::read_dir(at).into_iter().flatten().flatten() {
        // In a linked work tree `.git` is a file.
        if !NOT_OURS.iter().any(|name| entry.file_name() == *name) {
            walk(root, &entry.path(), ending, files);
        }
    }
}

/// Whether a word stands in the text with nothing of an identifier before it.
pub fn has_word(text: &str, word: &str) -> bool {
    let identifier = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].chars().next_back().is_some_and(identifier))
}
