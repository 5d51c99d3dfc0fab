//! Changing a setting in the text of a Sentinel's configuration file.
//!
//! You are in the right place when a Sentinel starts with another value than a scenario gave it. A setting of a master is written for every master the
//! file monitors.

use super::directives;
use super::words::{quote, split};

/// The text with a setting replaced where it stands, or added at the end. `quorum` replaces the last word of every `sentinel monitor` line,
/// `master-name` the name by which the file knows its master, wherever it stands; a file with several masters keeps their names.
pub(super) fn set(content: &str, directive: &str, words: &[String]) -> String {
    match directive {
        "quorum" => return set_quorum(content, words),
        "master-name" => return rename(content, words),
        _ => {}
    }
    let value: Vec<String> = words.iter().map(|w| quote(w)).collect();
    let value = value.join(" ");
    match directives::sentinel(directive) {
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
