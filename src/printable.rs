//! Text from servers, files and records without what would steer a terminal.

/// Control characters become a sign that one was there, and so do those that turn the direction of a line; line breaks and tabs stay. Servers end the lines of INFO with both signs.
pub fn printable(text: &str) -> String {
    text.replace("\r\n", "\n").chars().map(|c| if is_strange(c) { '\u{fffd}' } else { c }).collect()
}

/// Whether a character does something to a terminal besides being shown.
pub fn is_strange(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nc\rd\u{9b}e\u{202e}"), "a\u{fffd}[2Jb\nc\u{fffd}d\u{fffd}e\u{fffd}");
    }
}
