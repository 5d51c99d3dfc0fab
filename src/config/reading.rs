//! The text of `rehearsal.toml` becomes a [`Config`], or everything that is wrong with it.

use super::{Config, Flaky, KEYS, Key, Kind, a_span};
use crate::confined;
use crate::topology::Problem;
use crate::topology::located::MOST;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Tables of the file; a key of one is named with it.
const TABLES: [&str; 1] = ["limits"];

impl Config {
    /// Reads the text; `file` is used in messages.
    ///
    /// # Errors
    /// Everything that is wrong with it, in its order.
    pub fn parse(text: &str, file: &str) -> Result<Config, Vec<Problem>> {
        let mut reading = Reading { file, text, config: Config::default(), problems: Vec::new() };
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                return Err(vec![reading.problem(at, format!("not valid TOML: {}", error.message().replace('\n', ", ")))]);
            }
        };
        reading.table("", &table);
        reading.problems.sort_by_key(|problem| (problem.line, problem.column));
        if reading.problems.is_empty() { Ok(reading.config) } else { Err(reading.problems) }
    }

    /// Reads the file; without one the defaults hold.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(path: &Path) -> Result<Config, Vec<Problem>> {
        let file = path.display().to_string();
        match confined::read_text(confined::above(path), path) {
            Ok(text) => Config::parse(&text, &file),
            // A link that leads nowhere is a file somebody meant to have.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && std::fs::symlink_metadata(path).is_err() => Ok(Config::default()),
            Err(error) => Err(vec![Problem::error(&file, 1, format!("cannot be read: {error}"))]),
        }
    }

    /// Puts a value of the right kind in its place.
    fn set(&mut self, key: &Key, value: Value) {
        match (key.name, value) {
            ("jobs", Value::Number(n)) => self.jobs = usize::try_from(n).ok(),
            ("retry", Value::Number(n)) => self.retry = u32::try_from(n).unwrap_or_default(),
            ("flaky", Value::Text(word)) => self.flaky = if word == "fail" { Flaky::Fail } else { Flaky::Pass },
            ("slow", Value::Span(span)) => self.slow = span,
            ("heartbeat", Value::Span(span)) => self.heartbeat = span,
            ("report", Value::Texts(texts)) => self.report = texts,
            (name, Value::Span(span)) => {
                if let Some(limit) = name.strip_prefix("limits.").and_then(|name| self.limit_of(name)) {
                    *limit = span;
                }
            }
            (name, value) => unreachable!("a key of the list with a value of its kind: {name} {value:?}"),
        }
    }
}

#[derive(Debug)]
enum Value {
    Span(std::time::Duration),
    Number(i64),
    Text(String),
    Texts(Vec<String>),
}

struct Reading<'t> {
    file: &'t str,
    text: &'t str,
    config: Config,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn problem(&self, at: usize, message: impl Into<String>) -> Problem {
        Problem::at_byte(self.file, self.text, at, message)
    }

    /// Reads a table; `prefix` is its name with a dot, or nothing for the whole file.
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (word, value) in table {
            if self.problems.len() >= MOST {
                return;
            }
            let name = format!("{prefix}{}", word.get_ref());
            if TABLES.contains(&name.as_str()) {
                match value.get_ref().as_table() {
                    Some(inner) => self.table(&format!("{name}."), inner),
                    None => {
                        let problem = self.problem(value.span().start, format!("`{name}` has to be a table"));
                        self.problems.push(problem.advice(format!("write [{name}] above its keys")));
                    }
                }
            } else if let Some(key) = KEYS.iter().find(|key| key.name == name) {
                self.value(key, value);
            } else {
                let problem = self.problem(word.span().start, format!("unknown key `{name}`"));
                self.problems.push(meant(problem, prefix, word.get_ref()));
            }
        }
    }

    fn value(&mut self, key: &Key, value: &Spanned<DeValue<'_>>) {
        match read(key.kind, value.get_ref()) {
            Ok(read) => self.config.set(key, read),
            Err(wrong) => {
                let problem = self.problem(value.span().start, format!("`{}` has to be {}{wrong}", key.name, wanted(key.kind)));
                self.problems.push(problem.advice(example(key)));
            }
        }
    }
}

/// An unknown key with what was probably meant: a key of the same table, or one that lives in another.
fn meant(problem: Problem, prefix: &str, word: &str) -> Problem {
    if let Some(elsewhere) = KEYS.iter().find(|key| key.name.rsplit('.').next() == Some(word)) {
        return problem.advice(match elsewhere.name.split_once('.') {
            Some((table, _)) => format!("it stands below [{table}]"),
            None => format!("`{word}` stands above the first table"),
        });
    }
    let here = KEYS.iter().filter_map(|key| key.name.strip_prefix(prefix)).filter(|name| !name.contains('.'));
    let tables = TABLES.iter().copied().filter(|_| prefix.is_empty());
    problem.did_you_mean(word, here.chain(tables))
}

/// The value, or what is wrong with it, to be put behind what it has to be.
fn read(kind: Kind, value: &DeValue<'_>) -> Result<Value, String> {
    let nothing = String::new;
    match kind {
        Kind::Span => a_span(value.as_str().ok_or_else(nothing)?).map(Value::Span).map_err(|wrong| format!(": {wrong}")),
        Kind::Number { least, most } => {
            let number = value.as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok()).ok_or_else(nothing)?;
            if (least..=most).contains(&number) { Ok(Value::Number(number)) } else { Err(format!(", not {number}")) }
        }
        Kind::Choice(words) => {
            let word = value.as_str().ok_or_else(nothing)?;
            if words.contains(&word) { Ok(Value::Text(word.to_owned())) } else { Err(format!(", not \"{word}\"")) }
        }
        Kind::Texts => {
            let texts = value.as_array().and_then(|items| items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect());
            texts.map(Value::Texts).ok_or_else(nothing)
        }
    }
}

fn wanted(kind: Kind) -> String {
    match kind {
        Kind::Span => "a span of time".to_owned(),
        Kind::Number { least, most } => format!("a number from {least} to {most}"),
        Kind::Choice(words) => words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or "),
        Kind::Texts => "a list of texts".to_owned(),
    }
}

fn example(key: &Key) -> String {
    let name = key.name.rsplit('.').next().unwrap_or(key.name);
    let value = match key.kind {
        Kind::Texts => "[\"markdown=target/summary.md\"]",
        Kind::Number { .. } if key.default.is_empty() => "4",
        _ => key.default,
    };
    format!("write `{name} = {value}`")
}
