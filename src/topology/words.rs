//! Splitting a line into words the way Redis' own configuration parser does: spaces part words, quotes hold them together.
//!
//! You are in the right place when a value with spaces or quotes reaches a server in the wrong number of pieces.

/// The words of a line; `""` is an empty word. Inside double quotes a backslash keeps the next character. `None` when a quote is not closed.
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        end if end == c => break,
                        '\\' if c == '"' => word.push(chars.next()?),
                        inner => word.push(inner),
                    }
                }
            }
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

/// A word as it has to be written in a configuration file.
pub fn quote(word: &str) -> String {
    let plain = !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | '#'));
    if plain { word.to_owned() } else { format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        split(line).unwrap()
    }

    #[test]
    fn spaces_part_and_quotes_hold() {
        assert_eq!(words("900 1"), ["900", "1"]);
        assert_eq!(words("redis-server --save \"\" --dir '/a b'"), ["redis-server", "--save", "", "--dir", "/a b"]);
        assert_eq!(words(r#""a\"b""#), ["a\"b"]);
        assert_eq!(split("\"open"), None);
    }

    #[test]
    fn quoting_is_the_way_back() {
        for word in ["plain", "", "two words", "with \"quotes\"", "back\\slash"] {
            assert_eq!(words(&quote(word)), [word]);
        }
    }
}
