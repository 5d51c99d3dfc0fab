//! Replies as redis-cli prints them: with types and quotes for a terminal, plain for a pipe. Checked against redis-cli 7.0.

use redis::Value;

/// A reply as redis-cli prints it to a terminal (`typed`) or into a pipe.
pub(super) fn shown(value: &Value, typed: bool) -> String {
    if typed { with_types(value, "") } else { plain(value) }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Nil => String::new(),
        Value::Array(items) | Value::Set(items) => items.iter().map(plain).collect::<Vec<_>>().join("\n"),
        Value::Map(pairs) => pairs.iter().flat_map(|(key, value)| [plain(key), plain(value)]).collect::<Vec<_>>().join("\n"),
        other => super::client::reply(other.clone()).to_string().trim_end_matches(['\r', '\n']).to_owned(),
    }
}

/// `before` is what stands in front of the first line: those that follow are as far to the right.
fn with_types(value: &Value, before: &str) -> String {
    let list = |items: Vec<String>| {
        if items.is_empty() {
            return "(empty array)".to_owned();
        }
        items.join(&format!("\n{}", " ".repeat(before.len())))
    };
    let numbered = |items: &[&Value]| {
        let width = items.len().to_string().len();
        let item = |(n, item): (usize, &&Value)| {
            let mark = format!("{:>width$}) ", n + 1);
            format!("{mark}{}", with_types(item, &format!("{before}{mark}")))
        };
        list(items.iter().enumerate().map(item).collect())
    };
    match value {
        Value::Nil => "(nil)".to_owned(),
        Value::Int(n) => format!("(integer) {n}"),
        Value::BulkString(bytes) if is_report(bytes) => String::from_utf8_lossy(bytes).trim_end().to_owned(),
        Value::BulkString(bytes) => quoted(bytes),
        Value::ServerError(_) => format!("(error) {}", super::client::reply(value.clone())),
        Value::Array(items) | Value::Set(items) => numbered(&items.iter().collect::<Vec<_>>()),
        Value::Map(pairs) => numbered(&pairs.iter().flat_map(|(key, value)| [key, value]).collect::<Vec<_>>()),
        other => super::client::reply(other.clone()).to_string(),
    }
}

/// What redis-cli prints as it is, by the command; here by the look of it: several lines of INFO, CLUSTER NODES, CLIENT LIST.
fn is_report(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\n") && bytes.is_ascii()
}

fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b'\n' => out += "\\n",
            b'\r' => out += "\\r",
            b'\t' => out += "\\t",
            0x07 => out += "\\a",
            0x08 => out += "\\b",
            0x20..=0x7e => out.push(char::from(*byte)),
            other => out += &format!("\\x{other:02x}"),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn a_terminal_sees_types_and_a_pipe_does_not() {
        let list =
            Value::Array(vec![text("master"), Value::Int(42), Value::Array(vec![text("a\"b"), Value::Nil]), Value::Okay, Value::Array(Vec::new())]);
        insta::assert_snapshot!(shown(&list, true), @r#"
        1) "master"
        2) (integer) 42
        3) 1) "a\"b"
           2) (nil)
        4) OK
        5) (empty array)
        "#);
        assert_eq!(shown(&list, false), "master\n42\na\"b\n\nOK\n");
        assert_eq!(shown(&text("# Server\r\nredis_version:7.0\r\n"), true), "# Server\r\nredis_version:7.0");
        assert_eq!(shown(&Value::BulkString(vec![0xc3, b'\n', b'x']), true), "\"\\xc3\\nx\"");
    }
}
