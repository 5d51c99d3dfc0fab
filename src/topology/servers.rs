//! The catalogue of servers, `compose/servers.toml`: one line a server, the first is the default.
//!
//! You are in the right place for the catalogue as a whole; how one line is read stands in `server_line.rs`. How images come to the machine is decided in the deployment; which scenarios
//! speak about a server, in `version.rs`.

use super::located::{MOST, Problem};
use super::server_line;
use super::version::{Family, Version};
use crate::confined;
use crate::record::Asked;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

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

/// Most servers of a catalogue: each scenario is held against all of them.
pub(super) const SERVERS: usize = 500;

impl Catalogue {
    /// Reads the catalogue; `file` is used in messages. Errors: everything that is wrong with it.
    pub fn parse(text: &str, file: &str) -> Result<Catalogue, Vec<Problem>> {
        let mut reading = server_line::Reading { file, text, problems: Vec::new() };
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                return Err(vec![reading.error(at, format!("not valid TOML: {}", error.message().replace('\n', ", ")))]);
            }
        };
        // The library sorts by name; the order of the lines is the order of the servers.
        let mut lines = server_line::flatten("", &table);
        lines.sort_by_key(|line| line.at);
        if let Some(line) = lines.get(SERVERS) {
            return Err(vec![reading.error(line.at, format!("a catalogue has at most {SERVERS} servers"))]);
        }
        let mut servers: Vec<Server> = Vec::new();
        let mut names = BTreeSet::new();
        for line in &lines {
            if reading.problems.len() >= MOST {
                break;
            }
            if !names.insert(line.name.as_str()) {
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
        let text = confined::read_text(confined::above(confined::above(path)), path)
            .map_err(|e| vec![Problem::error(&file, 1, format!("cannot be read: {e}"))])?;
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

    /// Whose build and of which line: `redis-7.0`, whatever the server is called here. Images that are built carry it.
    pub fn line(&self) -> String {
        let version = self.version().to_string();
        let line: Vec<&str> = version.splitn(3, '.').take(2).collect();
        format!("{}-{}", self.package, line.join("."))
    }

    /// What its line says of the image, for the record.
    pub fn asked(&self) -> Asked {
        Asked { image: self.image.clone(), debian: self.debian.clone(), package: self.package.clone() }
    }

    /// The version its line says; 0 when it says none, which the catalogue does not let through. What a server reports of itself is in the record.
    pub fn version(&self) -> Version {
        self.said_version().unwrap_or_default()
    }

    /// From the image's tag, else from the end of the name; the other way round when the executable is not the image's.
    pub(super) fn said_version(&self) -> Option<Version> {
        let tag = tag_of(&self.image).and_then(Version::parse);
        let name = self.name.rsplit_once('-').and_then(|(_, end)| Version::parse(end));
        if self.binary.is_some() { name.or(tag) } else { tag.or(name) }
    }
}

fn tag_of(image: &str) -> Option<&str> {
    image.split('@').next()?.rsplit('/').next()?.split_once(':').map(|(_, tag)| tag)
}

#[cfg(test)]
#[path = "servers_tests.rs"]
mod tests;
