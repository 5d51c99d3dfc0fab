//! A server's settings: `--directive value` on its command line.

use super::directives::{self, Directives};
use crate::systems::settings::{FileSpec, Found, Syntax};
use crate::topology::words;

/// The syntax of `redis-server` and `valkey-server`.
pub struct Options;

impl Syntax for Options {
    fn noun(&self) -> &'static str {
        "server"
    }

    fn owns(&self, directive: &str) -> bool {
        Directives::any().know(directive)
    }

    fn names(&self) -> Vec<&'static str> {
        Directives::any().names().collect()
    }

    fn decided(&self, directive: &str) -> Option<String> {
        directives::decided(directive)
    }

    fn no_place(&self, command: &[String], _files: &[FileSpec]) -> Option<&'static str> {
        command.is_empty().then_some("has no command line to append")
    }

    fn set(&self, command: &mut Vec<String>, _files: &mut [FileSpec], directive: &str, words: &[String]) {
        if !command.is_empty() {
            // The last one of a directive counts, for a server as for us.
            command.push(format!("--{directive}"));
            command.extend_from_slice(words);
        }
    }

    fn told(&self, command: &[String], _files: &[FileSpec]) -> Vec<(String, String)> {
        let mut settings: Vec<(String, String)> = Vec::new();
        for word in command {
            match (word.strip_prefix("--"), settings.last_mut()) {
                (Some(directive), _) => settings.push((directive.to_owned(), String::new())),
                (None, Some((_, value))) => {
                    let space = if value.is_empty() { "" } else { " " };
                    value.push_str(space);
                    value.push_str(&words::quote(word));
                }
                (None, None) => {}
            }
        }
        settings
    }

    fn value(&self, command: &[String], _files: &[FileSpec], directive: &str) -> Option<Found> {
        let option = format!("--{directive}");
        let at = command.iter().rposition(|word| *word == option)?;
        Some(Found { value: command.get(at + 1)?.clone(), in_command: true, mention: option })
    }
}
