//! Servers that are broken on purpose, `compose/broken.toml`: one table a server, with what is wrong with it and the scenarios that have to fail there.
//!
//! You are in the right place for what such a table holds. A suite that nobody ever saw failing proves little; how these servers are played is in `cli/broken.rs`.

use super::grammar;
use super::located::{MOST, Problem};
use super::server_line::Reading;
use super::servers::{Catalogue, SERVERS, Server};
use crate::confined;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A server broken on purpose, and what has to notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// The server it is made from, with what breaks it.
    pub server: Server,
    /// What is wrong with it, in words: "an append-only file that is never synced".
    pub what: String,
    /// Scenarios that have to fail on it; never empty.
    pub fails: Vec<Fails>,
    /// Line of its table in the file, from 1.
    pub line: usize,
}

/// A scenario that has to fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Fails {
    /// `persistence/power-cut#always-keeps-everything`
    pub scenario: String,
    /// Part of what the failure has to say, so that a failure for another reason does not count.
    pub says: String,
    /// Line in the file, from 1.
    pub line: usize,
}

/// The fields of a table.
const FIELDS: [&str; 5] = ["what", "server", "append", "binary", "fails"];

/// Reads the file's text; servers it is made from are those of the catalogue. `file` is used in messages.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(text: &str, file: &str, catalogue: &Catalogue) -> Result<Vec<Broken>, Vec<Problem>> {
    let mut reading = Reading { file, text, problems: Vec::new() };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            return Err(vec![reading.error(at, format!("not valid TOML: {}", error.message().replace('\n', ", ")))]);
        }
    };
    let mut entries: Vec<_> = table.iter().collect();
    // The library sorts by name; a file is read from above.
    entries.sort_by_key(|(key, _)| key.span().start);
    if let Some((key, _)) = entries.get(SERVERS) {
        return Err(vec![reading.error(key.span().start, format!("at most {SERVERS} servers are broken on purpose"))]);
    }
    let broken: Vec<Broken> = entries
        .into_iter()
        .map_while(|(key, value)| (reading.problems.len() < MOST).then(|| entry(&mut reading, key.get_ref(), key.span().start, value, catalogue)))
        .flatten()
        .collect();
    reading.problems.sort_by_key(|p| (p.line, p.column));
    if reading.problems.is_empty() { Ok(broken) } else { Err(reading.problems) }
}

/// Reads the file; one that is not there names nothing.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &Path, catalogue: &Catalogue) -> Result<Vec<Broken>, Vec<Problem>> {
    let file = path.display().to_string();
    match confined::read_text(confined::above(confined::above(path)), path) {
        Ok(text) => parse(&text, &file, catalogue),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(vec![Problem::error(&file, 1, format!("cannot be read: {error}"))]),
    }
}

fn entry(reading: &mut Reading<'_>, name: &str, at: usize, value: &Spanned<DeValue<'_>>, catalogue: &Catalogue) -> Option<Broken> {
    let Some(table) = value.get_ref().as_table() else {
        reading.note(at, format!("`{name}` is not a table"), format!("begin it with `[{name}]`"));
        return None;
    };
    for key in table.keys().filter(|key| !FIELDS.contains(&key.get_ref().as_ref())) {
        if reading.problems.len() >= MOST {
            return None;
        }
        let problem = reading.error(key.span().start, format!("unknown field `{}`", key.get_ref()));
        reading.problems.push(problem.did_you_mean(key.get_ref(), FIELDS));
    }
    // As in the catalogue: it becomes part of names of files, and of the record.
    if name == "all" || !grammar::is_name(name) || catalogue.get(name).is_ok() {
        reading.note(
            at,
            format!("`{name}` is no name for a broken server"),
            "letters, digits and dashes, and not the name of a server of the catalogue",
        );
        return None;
    }
    let base = match reading.text_field(table, "server") {
        None => catalogue.default_server().clone(),
        Some(base) => match catalogue.get(&base) {
            Ok(server) => server.clone(),
            Err(message) => {
                reading.note(table.get("server").map_or(at, |v| v.span().start), message, "the server it is made from, as in compose/servers.toml");
                return None;
            }
        },
    };
    let binary = reading.binary(table).or_else(|| base.binary.clone());
    let server = Server { name: name.to_owned(), append: reading.texts_field(table, "append"), binary, ..base };
    reading.appended(&server, table.get("append").map_or(at, |v| v.span().start));
    if server.append.is_empty() && server.binary.is_none() {
        reading.note(at, format!("nothing is broken in `{name}`"), "write `append = [\"DIRECTIVE VALUE\"]`, or `binary = \"PATH\"`");
    }
    let what = reading.text_field(table, "what");
    if what.is_none() {
        reading.note(at, format!("`{name}` does not say what is wrong with it"), "write `what = \"...\"`");
    }
    let fails = table.get("fails").and_then(|value| Some((value.span().start, value.get_ref().as_table()?)));
    let mut named: Vec<_> = fails.iter().flat_map(|(_, table)| table.iter()).collect();
    named.sort_by_key(|(key, _)| key.span().start);
    let mut expected = Vec::new();
    // Lines are counted from one to the next: a table may be long.
    let (mut line, mut counted) = (1, 0);
    for (key, value) in named {
        if reading.problems.len() >= MOST {
            return None;
        }
        line += reading.text[counted..key.span().start].matches('\n').count();
        counted = key.span().start;
        match value.get_ref().as_str().filter(|says| !says.is_empty()) {
            Some(says) => expected.push(Fails { scenario: key.get_ref().to_string(), says: says.to_owned(), line }),
            None => {
                reading.note(key.span().start, format!("`{}` does not say what the failure says", key.get_ref()), "a part of its message, as a text")
            }
        }
    }
    if expected.is_empty() {
        reading.note(at, format!("no scenario has to fail on `{name}`"), "write `fails = { \"FEATURE#ID\" = \"part of the message\" }`");
        return None;
    }
    Some(Broken { server, what: what?, fails: expected, line: reading.error(at, "").line })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::parse("redis-7.0 = { image = \"redis:7.0.15\" }\nvalkey-8.1 = { image = \"valkey/valkey:8.1.1\" }\n", "servers.toml").unwrap()
    }

    fn problems(text: &str) -> String {
        let problems = parse(text, "compose/broken.toml", &catalogue()).unwrap_err();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_broken_server_is_another_one_with_directives() {
        let text = "[lax]\nwhat = \"it never syncs\"\nserver = \"valkey-8.1\"\nappend = [\"appendfsync no\"]\nfails = { \"a/b#c\" = \"0 of 500\" }\n";
        let broken = &parse(text, "f", &catalogue()).unwrap()[0];
        assert_eq!(
            (broken.server.name.as_str(), broken.server.package.as_str(), broken.what.as_str(), broken.line),
            ("lax", "valkey", "it never syncs", 1)
        );
        assert_eq!(broken.server.append, ["appendfsync no"]);
        assert_eq!(broken.fails, [Fails { scenario: "a/b#c".into(), says: "0 of 500".into(), line: 5 }]);
    }

    #[test]
    fn what_is_missing_is_told_with_its_line() {
        insta::assert_snapshot!(problems("[lax]\nappend = [\"apendfsync no\"]\n"), @r#"
        error: `lax` does not say what is wrong with it
         --> compose/broken.toml:1:2
          = help: write `what = "..."`
        error: no scenario has to fail on `lax`
         --> compose/broken.toml:1:2
          = help: write `fails = { "FEATURE#ID" = "part of the message" }`
        error: unknown directive `apendfsync`; did you mean `appendfsync`?
         --> compose/broken.toml:2:10
          = help: one "directive value" each, as in the server's configuration file; `NODE.` or `ROLE.` before it narrows it
        "#);
        let of_a_base = problems("[lax]\nwhat = \"w\"\nserver = \"redis-7\"\nfails = { \"a#b\" = \"\" }\n[redis-7]\n");
        assert!(of_a_base.contains("broken.toml:3:10") && of_a_base.contains("did you mean `redis-7.0`?"), "{of_a_base}");
        let of_fields = problems("[lax]\nwhat = \"w\"\nfials = 1\nfails = { \"a#b\" = 1 }\n");
        assert!(of_fields.contains("did you mean `fails`?") && of_fields.contains("`a#b` does not say what the failure says"), "{of_fields}");
        assert!(of_fields.contains("nothing is broken in `lax`"), "{of_fields}");
    }

    #[test]
    fn no_file_is_no_broken_server() {
        assert_eq!(load(Path::new("/nonexistent/broken.toml"), &catalogue()), Ok(Vec::new()));
    }
}
