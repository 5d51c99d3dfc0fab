//! A YAML text as a tree whose values know their place, and the problems found on the way through it.
//!
//! You are in the right place for the checks that hold for any key: syntax, unknown and refused keys, variables, types. What the values mean is read in
//! `compose.rs`.

use super::keys;
use super::located::{MOST, Problem, too_deep};
use super::position::{self, Path, Seg};
use super::variables::Variables;
use serde_yaml::Value;

/// A file being read; problems are collected so that a person sees them all at once.
pub(super) struct Reading<'t> {
    pub file: &'t str,
    pub text: &'t str,
    pub problems: Vec<Problem>,
}

/// A value and the way to it.
#[derive(Debug, Clone)]
pub(super) struct Field<'v> {
    pub value: &'v Value,
    pub path: Path,
}

impl<'t> Reading<'t> {
    pub fn new(file: &'t str, text: &'t str) -> Reading<'t> {
        Reading { file, text, problems: Vec::new() }
    }

    /// The file's root with anchors resolved, or the place where its syntax breaks.
    pub fn parse(&self) -> Result<Value, Problem> {
        let broken = |error: serde_yaml::Error| {
            // The library repeats the position inside its sentence.
            let message = error.to_string();
            let message = message.split_once(" at line ").map_or(message.as_str(), |(sentence, _)| sentence);
            let (line, column) = error.location().map_or((1, 1), |l| (l.line(), l.column()));
            // For a key given twice it names the mapping; the second key is the one to remove.
            let key = message.split_once("duplicate entry with key ").map(|(_, key)| key.trim_matches('"'));
            let (line, column) = key.and_then(|key| position::second(self.text, line, column, key)).unwrap_or((line, column));
            Problem::error(self.file, line, format!("not valid YAML: {message}")).column(column)
        };
        if let Some(line) = too_deep(self.text) {
            return Err(Problem::error(self.file, line, "not valid YAML: more brackets are open than any topology has"));
        }
        let mut root: Value = serde_yaml::from_str(self.text).map_err(broken)?;
        root.apply_merge().map_err(broken)?;
        Ok(root)
    }

    /// An error at a path.
    pub fn error(&self, path: &[Seg], message: impl Into<String>) -> Problem {
        let (line, column) = position::locate(self.text, path);
        Problem::error(self.file, line, message).column(column)
    }

    /// Notes every key below `path` that the list does not have. `pattern` is the path in the list's notation.
    pub fn check_keys(&mut self, value: &Value, path: &Path, pattern: &str) {
        if self.problems.len() >= MOST {
            return;
        }
        let known = keys::children(pattern);
        if known.is_empty() {
            return;
        }
        let below = |child: &str| if pattern.is_empty() { child.to_owned() } else { format!("{pattern}.{child}") };
        match value {
            Value::Sequence(items) if known == ["[]"] => {
                for (index, item) in items.iter().enumerate() {
                    self.check_keys(item, &with(path, Seg::Index(index)), &below("[]"));
                }
            }
            Value::Mapping(entries) if known != ["[]"] => {
                for (name, value) in entries {
                    if self.problems.len() >= MOST {
                        return;
                    }
                    let Some(name) = name.as_str() else {
                        let problem = self.error(path, format!("the key `{}` is not a name", plain(name)));
                        self.problems.push(problem.advice("put it in quotes"));
                        continue;
                    };
                    let path = with(path, Seg::Key(name.to_owned()));
                    if known == ["*"] {
                        self.check_keys(value, &path, &below("*"));
                    } else if known.contains(&name) {
                        self.check_keys(value, &path, &below(name));
                    } else if let Some(advice) = keys::refused(&below(name)) {
                        let problem = self.error(&path, format!("`{name}` is not accepted in a topology"));
                        self.problems.push(problem.advice(advice));
                    } else {
                        let problem = self.error(&path, format!("unknown key `{name}`"));
                        self.problems.push(problem.did_you_mean(name, known.iter().copied()));
                    }
                }
            }
            Value::Null if !path.is_empty() => {}
            other => {
                let wanted = if known == ["[]"] { "a list" } else { "a mapping" };
                let problem = self.error(path, format!("expected {wanted} here, found {}", kind(other)));
                self.problems.push(problem);
            }
        }
    }

    /// Fills the variables into every text below `path`; keys stay as they are.
    pub fn fill(&mut self, value: &mut Value, path: &Path, variables: &Variables) {
        if self.problems.len() >= MOST {
            return;
        }
        match value {
            Value::String(text) => match variables.fill(text) {
                Ok(filled) => *text = filled,
                Err(unfilled) => {
                    let (line, column) = position::locate_within(self.text, path, &unfilled.snippet);
                    let problem = Problem::error(self.file, line, unfilled.message).column(column).advice(unfilled.advice);
                    self.problems.push(problem);
                }
            },
            Value::Sequence(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.fill(item, &with(path, Seg::Index(index)), variables);
                }
            }
            Value::Mapping(entries) => {
                for (name, value) in entries.iter_mut() {
                    let path = with(path, Seg::Key(plain(name)));
                    self.fill(value, &path, variables);
                }
            }
            _ => {}
        }
    }

    /// A scalar as text; a problem for anything else.
    pub fn text(&mut self, field: &Field<'_>) -> Option<String> {
        match field.value {
            Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(plain(field.value)),
            other => {
                let problem = self.error(&field.path, format!("expected a text here, found {}", kind(other)));
                self.problems.push(problem);
                None
            }
        }
    }
}

impl<'v> Field<'v> {
    pub fn root(value: &'v Value) -> Field<'v> {
        Field { value, path: Path::new() }
    }

    /// The value of a key, absent when there is none or it is empty.
    pub fn get(&self, key: &str) -> Option<Field<'v>> {
        let value = self.value.as_mapping()?.get(key).filter(|v| !v.is_null())?;
        Some(Field { value, path: with(&self.path, Seg::Key(key.to_owned())) })
    }

    /// Name and value of every entry of a mapping, in the file's order.
    pub fn entries(&self) -> Vec<(String, Field<'v>)> {
        let Some(mapping) = self.value.as_mapping() else { return Vec::new() };
        let entry = |(name, value): (&Value, &'v Value)| {
            let name = plain(name);
            (name.clone(), Field { value, path: with(&self.path, Seg::Key(name)) })
        };
        mapping.iter().map(entry).collect()
    }

    /// The items of a list.
    pub fn items(&self) -> Vec<Field<'v>> {
        let Some(items) = self.value.as_sequence() else { return Vec::new() };
        items.iter().enumerate().map(|(index, value)| Field { value, path: with(&self.path, Seg::Index(index)) }).collect()
    }
}

fn with(path: &Path, seg: Seg) -> Path {
    let mut path = path.clone();
    path.push(seg);
    path
}

/// A scalar as it was meant: `yes` stays `yes` in YAML 1.2, numbers and booleans lose nothing.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Null => String::new(),
        other => kind(other).to_owned(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a yes or no",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
        Value::Tagged(_) => "a tagged value",
    }
}
