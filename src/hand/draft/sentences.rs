//! What was done, in the sentences of scenarios.

use super::Sentence;
use crate::hand::journal::Deed;
use crate::hand::nodes;
use crate::hand::state::OpenFault;
use crate::topology::words;
use crate::wait::spans;
use std::time::Duration;

/// Commands that ask how things are, with the words behind them that do, where others of that name act.
const ASKS: &[(&str, &[&str])] = &[
    ("CLIENT", &["LIST", "INFO", "ID", "GETNAME"]),
    ("CLUSTER", &["NODES", "INFO", "SLOTS", "SHARDS", "MYID", "REPLICAS", "LINKS", "KEYSLOT"]),
    ("COMMAND", &[]),
    ("CONFIG", &["GET"]),
    ("INFO", &[]),
    ("LASTSAVE", &[]),
    ("LATENCY", &[]),
    ("MEMORY", &[]),
    ("OBJECT", &[]),
    ("ROLE", &[]),
    ("SCAN", &[]),
    ("SENTINEL", &["MASTERS", "MASTER", "REPLICAS", "SLAVES", "SENTINELS", "CKQUORUM", "GET-MASTER-ADDR-BY-NAME", "MYID", "INFO-CACHE"]),
    ("SLOWLOG", &[]),
    ("TIME", &[]),
];
/// Commands whose replies are another time something else.
const FICKLE: &[&str] = &[
    "ACL",
    "CLIENT",
    "CLUSTER",
    "COMMAND",
    "CONFIG",
    "DEBUG",
    "HELLO",
    "INFO",
    "LASTSAVE",
    "LATENCY",
    "MEMORY",
    "OBJECT",
    "PTTL",
    "RANDOMKEY",
    "ROLE",
    "SCAN",
    "SENTINEL",
    "SLOWLOG",
    "SPOP",
    "SRANDMEMBER",
    "TIME",
    "TTL",
];
/// A longer reply says too much to be what somebody meant.
const LONGEST: usize = 60;

/// Whether a command asks how things are and does nothing.
pub(super) fn only_asks(command: &[String]) -> bool {
    let [name, rest @ ..] = command else { return true };
    let second = rest.first().map_or("", String::as_str);
    ASKS.iter()
        .any(|(known, words)| known.eq_ignore_ascii_case(name) && (words.is_empty() || words.iter().any(|word| word.eq_ignore_ascii_case(second))))
}

/// The stage.
pub(super) fn stage(deed: &Deed) -> Vec<Sentence> {
    let Deed::Up { topology, rows, .. } = deed else { return Vec::new() };
    let with = if rows.is_empty() { "" } else { " with" };
    let cell = |text: &String| text.replace('\\', "\\\\").replace('|', "\\|").replace('\n', "\\n");
    let table = rows.iter().map(|(key, value)| vec![cell(key), cell(value)]).collect();
    vec![Sentence { table, ..Sentence::new("Given", format!("the \"{topology}\" topology{with}")) }]
}

/// Anything that came later.
pub(super) fn done(deed: &Deed, elected: bool) -> Vec<Sentence> {
    match deed {
        Deed::Inject { fault, nodes, said, millis, span } => inject(fault, nodes, said, *millis, *span),
        Deed::Heal { node, fault, millis } => heal(node, fault, *millis, elected),
        Deed::Command { node, said, words, reply, error } => command(node, said, words, reply.as_deref(), *error),
        Deed::Up { .. } | Deed::Look { .. } | Deed::Became { .. } => Vec::new(),
    }
}

fn inject(fault: &str, nodes: &[String], said: &str, millis: i64, span: Option<u64>) -> Vec<Sentence> {
    if millis != 0 {
        let direction = if millis < 0 { "back" } else { "ahead" };
        let by = spans::written(Duration::from_millis(millis.unsigned_abs()));
        return vec![Sentence::new("When", format!("the clock of {said} jumps {by} {direction}"))];
    }
    let are = if nodes.len() == 1 { "is" } else { "are" };
    let span = span.map_or(String::new(), |span| format!(" for {}", spans::written(Duration::from_millis(span))));
    vec![Sentence::new("When", format!("{said} {are} {fault}{span}"))]
}

fn heal(node: &str, fault: &str, millis: i64, elected: bool) -> Vec<Sentence> {
    let open = OpenFault { fault: fault.to_owned(), node: node.to_owned(), millis };
    let cure = open.fault().map_or("healed", |fault| fault.cure());
    let sentence = Sentence::new("When", format!("{} is {cure}", nodes::named(&[node.to_owned()]).text));
    vec![if elected {
        sentence.comment("this node was master by election, and next time it may be another one: harm and heal it by a name that is sure")
    } else {
        sentence
    }]
}

fn command(node: &str, said: &str, command: &[String], reply: Option<&str>, error: bool) -> Vec<Sentence> {
    let line = command.iter().map(|word| words::quote(word)).collect::<Vec<_>>().join(" ");
    let Some(quoted) = string(&line) else {
        return vec![Sentence::new("", "").comment(format!("a client sent {} to {node}, which no sentence can quote", line.replace('\n', " ")))];
    };
    let sent = Sentence::new("When", format!("a client sends {quoted} to {said}"));
    let name = command.first().map(|word| word.to_uppercase()).unwrap_or_default();
    let replied = match reply {
        Some(reply) if error => reply.split_whitespace().next().map(|code| format!("the reply is the error \"{code}\"")),
        Some(reply) if reply.chars().count() <= LONGEST && !reply.contains(['"', '\n', '\r', '\\']) && !FICKLE.contains(&name.as_str()) => {
            Some(format!("the reply is \"{reply}\""))
        }
        _ => None,
    };
    std::iter::once(sent).chain(replied.map(|text| Sentence::new("Then", text))).collect()
}

/// A text as a sentence quotes it; `None` when it cannot.
fn string(text: &str) -> Option<String> {
    if text.contains(['\n', '\r', '\\']) {
        return None;
    }
    match (text.contains('"'), text.contains('\'')) {
        (false, _) => Some(format!("\"{text}\"")),
        (true, false) => Some(format!("'{text}'")),
        (true, true) => None,
    }
}
