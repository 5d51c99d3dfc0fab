//! One line of the server catalogue becomes a [`Server`].
//!
//! You are in the right place for what the fields of a line mean and what is refused in them. The catalogue as a whole is read in `servers.rs`.

use super::grammar;
use super::located::{MOST, Problem};
use super::servers::{FIELDS, Server};
use super::settings;
use crate::systems::redis_server::directives::Directives;
use std::path::{Component, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A line of the catalogue.
pub(super) struct Line<'t> {
    pub name: String,
    pub value: &'t Spanned<DeValue<'t>>,
    /// Byte where its value begins.
    pub at: usize,
}

/// The lines of a table. To TOML the dot in `redis-7.0 = {...}` parts two tables; to a person it is a name, and a person is meant to write it.
pub(super) fn flatten<'t>(prefix: &str, table: &'t DeTable<'t>) -> Vec<Line<'t>> {
    let mut lines = Vec::new();
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        // `redis-7.0 = "redis:7.0.15"` says the same of a text: that is no table, whatever it is called.
        let number = |t: &DeTable<'_>| t.keys().all(|key| key.get_ref().chars().all(|c| c.is_ascii_digit() || c == '.'));
        match value.get_ref().as_table().filter(|t| is_part_of_a_name(t) || (!t.is_empty() && number(t))) {
            Some(inner) => lines.extend(flatten(&format!("{name}."), inner)),
            None => lines.push(Line { name, at: value.span().start, value }),
        }
    }
    lines
}

fn is_part_of_a_name(table: &DeTable<'_>) -> bool {
    !table.is_empty() && table.iter().all(|(key, value)| value.get_ref().is_table() && !FIELDS.iter().any(|(field, _)| field == key.get_ref()))
}

/// A catalogue being read; problems are collected so that a person sees them all at once.
pub(super) struct Reading<'t> {
    pub file: &'t str,
    pub text: &'t str,
    pub problems: Vec<Problem>,
}

impl Reading<'_> {
    /// An error at a byte of the text.
    pub fn error(&self, at: usize, message: impl Into<String>) -> Problem {
        Problem::at_byte(self.file, self.text, at, message)
    }

    pub fn note(&mut self, at: usize, message: String, advice: impl Into<String>) {
        let problem = self.error(at, message).advice(advice);
        self.problems.push(problem);
    }

    /// Reads one line; `None` when it lacks something that has no default, with a problem noted.
    pub fn server(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<Server> {
        let at = value.span().start;
        // The name becomes part of names of files, and `all` means every server.
        if name == "all" || !grammar::is_name(name) {
            self.note(
                at,
                format!("`{name}` is no name of a server"),
                "letters, digits, dashes and dots, such as `redis-7.0`; `all` stands for all of them",
            );
            return None;
        }
        let Some(table) = value.get_ref().as_table() else {
            self.note(at, format!("server `{name}` is not a table"), format!("write `{name} = {{ image = \"...\" }}`"));
            return None;
        };
        for key in table.keys() {
            let word = key.get_ref();
            if !FIELDS.iter().any(|(field, _)| field == word) {
                if self.problems.len() >= MOST {
                    return None;
                }
                let problem = self.error(key.span().start, format!("unknown field `{word}`"));
                self.problems.push(problem.did_you_mean(word, FIELDS.iter().map(|(field, _)| *field)));
            }
        }
        let place = |field: &str| table.get(field).map_or(at, |v| v.span().start);
        let debian = self.text_field(table, "debian");
        if let Some(suite) = debian.as_deref().filter(|suite| !grammar::is_suite(suite)) {
            self.note(place("debian"), format!("`{}` is no suite of Debian", suite.escape_debug()), grammar::SUITE);
        }
        let binary = self.binary(table);
        let append = self.texts_field(table, "append");
        let Some(image) = self.text_field(table, "image") else {
            if !table.contains_key("image") {
                self.note(at, format!("server `{name}` has no image"), "write `image = \"redis:7.0.15\"`");
            }
            return None;
        };
        if !grammar::is_image(&image) {
            self.note(place("image"), format!("`{}` is no reference to an image", image.escape_debug()), grammar::IMAGE);
            return None;
        }
        let package = match self.text_field(table, "package") {
            Some(package) => package,
            None => package_of(&image).unwrap_or_default().to_owned(),
        };
        if !matches!(package.as_str(), "redis" | "valkey") {
            self.note(place("package"), format!("it is not clear whose server `{name}` is"), "write `package = \"redis\"` or `package = \"valkey\"`");
            return None;
        }
        let server = Server { name: name.to_owned(), image, debian, package, append, binary };
        if server.said_version().is_none() {
            self.note(
                at,
                format!("the version of `{name}` is not clear"),
                "give the image a tag that starts with it, or end the name with it: `redis-8.0`",
            );
            return None;
        }
        self.appended(&server, place("append"));
        Some(server)
    }

    /// The server executable of a table: it is read when a server is started, so it has to lie below the project.
    pub fn binary(&mut self, table: &DeTable<'_>) -> Option<PathBuf> {
        let binary = self.text_field(table, "binary").map(PathBuf::from)?;
        if !binary.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir)) {
            let at = table.get("binary").map_or(0, |value| value.span().start);
            let message = format!("`{}` lies outside the project", binary.display());
            self.note(at, message, "a path relative to the project's root, without `..`: copy the executable to target/");
        }
        Some(binary)
    }

    /// Checks the directives of `append`; a build of one's own may know some that no list has.
    pub fn appended(&mut self, server: &Server, at: usize) {
        if server.binary.is_some() {
            return;
        }
        let directives = Directives::of(server.family(), &server.version());
        for line in &server.append {
            if self.problems.len() >= MOST {
                return;
            }
            let (target, directive) = settings::aimed(line);
            // What goes to a node by its name may go to a Sentinel.
            let checked = settings::check_line(&directives, directive).or_else(|message| match target {
                Some(_) => settings::prefixes()
                    .map(|prefix| settings::check_line(&directives, &format!("{prefix} {directive}")))
                    .find(Result::is_ok)
                    .unwrap_or(Err(message)),
                None => Err(message),
            });
            if let Err(message) = checked {
                self.note(
                    at,
                    message,
                    "one \"directive value\" each, as in the server's configuration file; `NODE.` or `ROLE.` before it narrows it",
                );
            }
        }
    }

    pub fn text_field(&mut self, table: &DeTable<'_>, field: &str) -> Option<String> {
        let value = table.get(field)?;
        let text = value.get_ref().as_str().filter(|t| !t.is_empty());
        if text.is_none() {
            self.note(value.span().start, format!("`{field}` has to be a text"), format!("write `{field} = \"...\"`"));
        }
        text.map(str::to_owned)
    }

    pub fn texts_field(&mut self, table: &DeTable<'_>, field: &str) -> Vec<String> {
        let Some(value) = table.get(field) else { return Vec::new() };
        let items = value.get_ref().as_array().and_then(|a| a.iter().map(|v| v.get_ref().as_str().map(str::to_owned)).collect());
        items.unwrap_or_else(|| {
            self.note(value.span().start, format!("`{field}` has to be a list of texts"), format!("write `{field} = [\"...\"]`"));
            Vec::new()
        })
    }
}

/// Whose server an image holds, going by its name without registry and tag.
fn package_of(image: &str) -> Option<&'static str> {
    let name = image.rsplit('/').next()?.split([':', '@']).next()?;
    if name.contains("valkey") {
        Some("valkey")
    } else if name.contains("redis") {
        Some("redis")
    } else {
        None
    }
}
