//! A Sentinel's settings: lines of its configuration file, read and changed in the text.
//!
//! You are in the right place when a Sentinel starts with another value than a scenario gave it. A setting of a master is written for every master the
//! file monitors.

use super::directives;
use crate::systems::redis_server::directives::Directives;
use crate::systems::settings::{FileSpec, Found, Syntax};
use crate::topology::words::{quote, split};

/// The syntax of a Sentinel's file. Its own settings stand behind the word `sentinel`; of a server's directives it takes those that it is given by its name or role.
pub struct Conf;

impl Syntax for Conf {
    fn noun(&self) -> &'static str {
        "Sentinel"
    }

    fn owns(&self, directive: &str) -> bool {
        directives::is_known(directive)
    }

    fn takes(&self, directive: &str) -> bool {
        self.owns(directive) || Directives::any().know(directive)
    }

    fn names(&self) -> Vec<&'static str> {
        Directives::any().names().chain(directives::names()).collect()
    }

    fn fault(&self, directive: &str, words: &[String]) -> Option<String> {
        let value = words.join(" ");
        match directive {
            "quorum" if value.parse::<u32>().is_err() => Some(format!("`quorum` is a number of Sentinels, not `{value}`")),
            "master-name" if words.len() != 1 => Some(format!("`master-name` is one word, not `{value}`")),
            _ => None,
        }
    }

    fn prefix(&self) -> Option<&'static str> {
        Some("sentinel")
    }

    fn no_place(&self, _command: &[String], files: &[FileSpec]) -> Option<&'static str> {
        own_file(files).is_none().then_some("has no file with a `sentinel monitor` line to write")
    }

    fn set(&self, _command: &mut Vec<String>, files: &mut [FileSpec], directive: &str, words: &[String]) {
        if let Some(index) = own_file(files) {
            files[index].content = set(&files[index].content, directive, words);
        }
    }

    fn told(&self, _command: &[String], files: &[FileSpec]) -> Vec<(String, String)> {
        let setting = |line: &str| -> Option<(String, String)> {
            let words = split(line)?;
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["sentinel", "monitor", _, _, _, quorum] => Some(("quorum".into(), (*quorum).to_owned())),
                // Without the name of the master.
                ["sentinel", directive, _, value] => Some(((*directive).to_owned(), (*value).to_owned())),
                _ => None,
            }
        };
        files.iter().flat_map(|file| file.content.lines()).filter_map(setting).collect()
    }

    fn value(&self, _command: &[String], files: &[FileSpec], directive: &str) -> Option<Found> {
        let setting = |line: &str| -> Option<String> {
            let words: Vec<&str> = line.split_whitespace().collect();
            (words.first() == Some(&"sentinel") && words.get(1) == Some(&directive)).then(|| words.last().map(|w| (*w).to_owned()))?
        };
        let value = files.iter().flat_map(|file| file.content.lines()).filter_map(setting).next_back()?;
        Some(Found { value, in_command: false, mention: format!("sentinel {directive} ") })
    }
}

fn own_file(files: &[FileSpec]) -> Option<usize> {
    files.iter().position(|f| f.content.lines().any(|l| l.trim_start().starts_with("sentinel monitor ")))
}

/// The text with a setting replaced where it stands, or added at the end. `quorum` replaces the last word of every `sentinel monitor` line,
/// `master-name` the name by which the file knows its master, wherever it stands; a file with several masters keeps their names.
fn set(content: &str, directive: &str, words: &[String]) -> String {
    match directive {
        "quorum" => return set_quorum(content, words),
        "master-name" => return rename(content, words),
        _ => {}
    }
    let value: Vec<String> = words.iter().map(|w| quote(w)).collect();
    let value = value.join(" ");
    match directives::find(directive) {
        Some(setting) if setting.per_master => masters(content).iter().fold(content.to_owned(), |content, master| {
            // Renamed commands add up; everything else has one value.
            let replace = setting.name != "rename-command";
            put(&content, &format!("sentinel {} {master}", setting.name), &value, replace)
        }),
        Some(setting) => put(content, &format!("sentinel {}", setting.name), &value, true),
        None => put(content, directive, &value, true),
    }
}

fn masters(content: &str) -> Vec<String> {
    let monitored = |line: &str| line.trim().strip_prefix("sentinel monitor ").and_then(|rest| rest.split_whitespace().next()).map(str::to_owned);
    content.lines().filter_map(monitored).collect()
}

fn set_quorum(content: &str, words: &[String]) -> String {
    let change = |line: &str| match line.trim_end().rsplit_once(' ') {
        Some((start, _)) if line.trim_start().starts_with("sentinel monitor ") => format!("{start} {}", words.join(" ")),
        _ => line.to_owned(),
    };
    joined(content.lines().map(change))
}

fn rename(content: &str, words: &[String]) -> String {
    let (known, [name]) = (masters(content), words) else { return content.to_owned() };
    let [old] = known.as_slice() else { return content.to_owned() };
    let change = |line: &str| match split(line).as_deref() {
        // Only what Sentinel itself reads as a name: the third word of its statements.
        Some([sentinel, _, third, ..]) if sentinel == "sentinel" && third == old => {
            line.replacen(&format!(" {old}"), &format!(" {}", quote(name)), 1)
        }
        _ => line.to_owned(),
    };
    joined(content.lines().map(change))
}

/// Replaces the line that starts with these words, or adds it.
fn put(content: &str, start: &str, value: &str, replace: bool) -> String {
    let wanted = start.split(' ').count();
    let is_it = |line: &str| split(line).is_some_and(|words| words.len() >= wanted && words[..wanted].join(" ").eq_ignore_ascii_case(start));
    let line = format!("{start} {value}");
    if replace && content.lines().any(is_it) {
        joined(content.lines().map(|l| if is_it(l) { line.clone() } else { l.to_owned() }))
    } else {
        joined(content.lines().map(str::to_owned).chain([line]))
    }
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    let mut text: String = lines.collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONF: &str =
        "dir /data\nsentinel monitor mymaster 10.0.0.1 6379 2\n# sentinel failover-timeout mymaster 1\nsentinel failover-timeout mymaster 5000\n";

    fn words(line: &str) -> Vec<String> {
        split(line).unwrap()
    }

    #[test]
    fn a_setting_is_replaced_where_it_stands() {
        let changed = set(CONF, "failover-timeout", &words("2000"));
        assert!(changed.contains("\nsentinel failover-timeout mymaster 2000\n") && !changed.contains("5000"));
        assert!(changed.contains("# sentinel failover-timeout mymaster 1\n"), "comments stay");
    }

    #[test]
    fn a_new_setting_comes_last() {
        assert!(set(CONF, "parallel-syncs", &words("2")).ends_with("sentinel parallel-syncs mymaster 2\n"));
        assert!(set(CONF, "resolve-hostnames", &words("yes")).ends_with("sentinel resolve-hostnames yes\n"));
        assert!(set(CONF, "loglevel", &words("debug")).ends_with("loglevel debug\n"));
    }

    #[test]
    fn the_quorum_is_the_last_word_of_monitor() {
        assert!(set(CONF, "quorum", &words("1")).contains("sentinel monitor mymaster 10.0.0.1 6379 1\n"));
    }

    #[test]
    fn a_master_may_have_another_name() {
        let changed = set(CONF, "master-name", &words("orders"));
        assert!(changed.contains("\nsentinel monitor orders 10.0.0.1 6379 2\n") && changed.contains("\nsentinel failover-timeout orders 5000\n"));
        assert!(changed.contains("# sentinel failover-timeout mymaster 1\n"), "comments stay");
        let two = format!("{CONF}sentinel monitor carts 10.0.0.2 6379 2\n");
        assert_eq!(set(&two, "master-name", &words("orders")), two, "which of them is meant is not said");
    }

    #[test]
    fn renamed_commands_add_up() {
        let twice = set(&set(CONF, "rename-command", &words("CONFIG \"\"")), "rename-command", &words("KEYS K"));
        assert!(twice.ends_with("sentinel rename-command mymaster CONFIG \"\"\nsentinel rename-command mymaster KEYS K\n"));
    }
}
