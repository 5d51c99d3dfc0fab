//! The catalogue of servers, `compose/servers.toml`: one line a server, the first is the default.
//!
//! You are in the right place for what a line of the catalogue may say. How images come to the machine is decided in the deployment; which scenarios
//! speak about a server, in `version.rs`.

use super::directives::Directives;
use super::located::Problem;
use super::version::{Family, Version};
use std::path::{Component, Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A server build that scenarios can be played on.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    /// As in `--server`: `redis-7.0`.
    pub name: String,
    /// Image reference, taken when it is local or can be pulled.
    pub image: String,
    /// Debian suite whose package is used otherwise, such as `bookworm`.
    pub debian: Option<String>,
    /// `redis` or `valkey`: whose programs and Debian packages they are.
    pub package: String,
    /// `directive value`, applied after a scenario's own settings; with `sentinel ` before it, to the Sentinels.
    pub append: Vec<String>,
    /// Server executable that replaces the image's own, relative to the project's root.
    pub binary: Option<PathBuf>,
}

/// All servers in the file's order; never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    servers: Vec<Server>,
}

/// The fields of a line and what they mean: for the messages and for the reference page.
pub const FIELDS: [(&str, &str); 5] = [
    ("image", "image reference, taken when it is local or can be pulled"),
    ("debian", "Debian suite whose package is used otherwise"),
    ("package", "`redis` or `valkey`, when the image's name does not say it"),
    ("append", "directives put after a scenario's own settings"),
    ("binary", "server executable below the project that replaces the image's own"),
];

impl Catalogue {
    /// Reads the catalogue; `file` is used in messages. Errors: everything that is wrong with it.
    pub fn parse(text: &str, file: &str) -> Result<Catalogue, Vec<Problem>> {
        let mut reading = Reading { file, text, problems: Vec::new() };
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                return Err(vec![reading.error(at, format!("not valid TOML: {}", error.message().replace('\n', ", ")))]);
            }
        };
        // The library sorts by name; the order of the lines is the order of the servers.
        let mut lines = flatten("", &table);
        lines.sort_by_key(|line| line.at);
        let mut servers: Vec<Server> = Vec::new();
        for line in &lines {
            if lines.iter().any(|other| other.name == line.name && other.at < line.at) {
                reading.note(line.at, format!("server `{}` is there twice", line.name), "names are unique: one line a server");
            }
            servers.extend(reading.server(&line.name, line.value));
        }
        if table.is_empty() {
            let problem = reading.error(0, "the catalogue has no server");
            reading.problems.push(problem.advice("write a line such as `redis-7.0 = { image = \"redis:7.0.15\" }`"));
        }
        reading.problems.sort_by_key(|p| (p.line, p.column));
        if reading.problems.is_empty() { Ok(Catalogue { servers }) } else { Err(reading.problems) }
    }

    /// Reads the catalogue from a file.
    pub fn load(path: &Path) -> Result<Catalogue, Vec<Problem>> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| vec![Problem::error(&file, 1, format!("cannot be read: {e}"))])?;
        Catalogue::parse(&text, &file)
    }

    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The first one.
    pub fn default_server(&self) -> &Server {
        &self.servers[0]
    }

    /// The server of that name, or a sentence that names the nearest one.
    pub fn get(&self, name: &str) -> Result<&Server, String> {
        let names = || self.servers.iter().map(|s| s.name.as_str());
        self.servers.iter().find(|s| s.name == name).ok_or_else(|| match super::located::nearest(name, names()) {
            Some(near) => format!("there is no server `{name}`; did you mean `{near}`?"),
            None => format!("there is no server `{name}`; there are {}", names().collect::<Vec<_>>().join(", ")),
        })
    }
}

impl Server {
    /// Whose server it is.
    pub fn family(&self) -> Family {
        if self.package == "valkey" { Family::Valkey } else { Family::Redis }
    }

    /// The version its line says; 0 when it says none, which the catalogue does not let through. What a server reports of itself is in the record.
    pub fn version(&self) -> Version {
        self.said_version().unwrap_or_default()
    }

    /// From the image's tag, else from the end of the name; the other way round when the executable is not the image's.
    fn said_version(&self) -> Option<Version> {
        let tag = tag_of(&self.image).and_then(Version::parse);
        let name = self.name.rsplit_once('-').and_then(|(_, end)| Version::parse(end));
        if self.binary.is_some() { name.or(tag) } else { tag.or(name) }
    }
}

/// A line of the catalogue.
struct Line<'t> {
    name: String,
    value: &'t Spanned<DeValue<'t>>,
    /// Byte where its value begins.
    at: usize,
}

/// The lines of a table. To TOML the dot in `redis-7.0 = {...}` parts two tables; to a person it is a name, and a person is meant to write it.
fn flatten<'t>(prefix: &str, table: &'t DeTable<'t>) -> Vec<Line<'t>> {
    let mut lines = Vec::new();
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        match value.get_ref().as_table().filter(|t| is_part_of_a_name(t)) {
            Some(inner) => lines.extend(flatten(&format!("{name}."), inner)),
            None => lines.push(Line { name, at: value.span().start, value }),
        }
    }
    lines
}

fn is_part_of_a_name(table: &DeTable<'_>) -> bool {
    !table.is_empty() && table.iter().all(|(key, value)| value.get_ref().is_table() && !FIELDS.iter().any(|(field, _)| field == key.get_ref()))
}

struct Reading<'t> {
    file: &'t str,
    text: &'t str,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    /// An error at a byte of the text.
    fn error(&self, at: usize, message: impl Into<String>) -> Problem {
        let before = &self.text[..at.min(self.text.len())];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = before.matches('\n').count() + 1;
        Problem::error(self.file, line, message).column(before[line_start..].chars().count() + 1)
    }

    fn note(&mut self, at: usize, message: String, advice: impl Into<String>) {
        let problem = self.error(at, message).advice(advice);
        self.problems.push(problem);
    }

    fn server(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<Server> {
        let at = value.span().start;
        let Some(table) = value.get_ref().as_table() else {
            self.note(at, format!("server `{name}` is not a table"), format!("write `{name} = {{ image = \"...\" }}`"));
            return None;
        };
        for key in table.keys() {
            let word = key.get_ref();
            if !FIELDS.iter().any(|(field, _)| field == word) {
                let problem = self.error(key.span().start, format!("unknown field `{word}`"));
                self.problems.push(problem.did_you_mean(word, FIELDS.iter().map(|(field, _)| *field)));
            }
        }
        let place = |field: &str| table.get(field).map_or(at, |v| v.span().start);
        let debian = self.text_field(table, "debian");
        let binary = self.text_field(table, "binary").map(PathBuf::from);
        if let Some(binary) = &binary
            && !binary.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
        {
            let message = format!("`{}` lies outside the project", binary.display());
            self.note(place("binary"), message, "a path relative to the project's root, without `..`: copy the executable to target/");
        }
        let append = self.texts_field(table, "append");
        let Some(image) = self.text_field(table, "image") else {
            if !table.contains_key("image") {
                self.note(at, format!("server `{name}` has no image"), "write `image = \"redis:7.0.15\"`");
            }
            return None;
        };
        let package = match self.text_field(table, "package") {
            Some(package) => package,
            None => package_of(&image).unwrap_or_default().to_owned(),
        };
        if !matches!(package.as_str(), "redis" | "valkey") {
            self.note(place("package"), format!("it is not clear whose server `{name}` is"), "write `package = \"redis\"` or `package = \"valkey\"`");
            return None;
        }
        let server = Server { name: name.to_owned(), image, debian, package, append, binary };
        let Some(version) = server.said_version() else {
            self.note(
                at,
                format!("the version of `{name}` is not clear"),
                "give the image a tag that starts with it, or end the name with it: `redis-8.0`",
            );
            return None;
        };
        // A build of one's own may know directives that no list has.
        if server.binary.is_none() {
            for line in &server.append {
                if let Err(message) = Directives::of(server.family(), &version).check_line(line) {
                    self.note(place("append"), message, "one \"directive value\" each, as in the server's configuration file");
                }
            }
        }
        Some(server)
    }

    fn text_field(&mut self, table: &DeTable<'_>, field: &str) -> Option<String> {
        let value = table.get(field)?;
        let text = value.get_ref().as_str().filter(|t| !t.is_empty());
        if text.is_none() {
            self.note(value.span().start, format!("`{field}` has to be a text"), format!("write `{field} = \"...\"`"));
        }
        text.map(str::to_owned)
    }

    fn texts_field(&mut self, table: &DeTable<'_>, field: &str) -> Vec<String> {
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

fn tag_of(image: &str) -> Option<&str> {
    image.split('@').next()?.rsplit('/').next()?.split_once(':').map(|(_, tag)| tag)
}

#[cfg(test)]
#[path = "servers_tests.rs"]
mod tests;
