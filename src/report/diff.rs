//! Expected and actual side by side, line by line.
//!
//! You are in the right place when a difference between two longer texts is hard to read.

use crate::printable::printable;
use pretty_assertions::StrComparison;

/// The lines of a comparison: `<` was expected, `>` was seen.
pub(super) fn lines(expected: &str, actual: &str, colours: bool) -> Vec<String> {
    let (expected, actual) = (printable(expected), printable(actual));
    // Its first line explains the signs in words for the two sides of an assertion; ours are said by the caller.
    let drawn = StrComparison::new(&expected, &actual).to_string();
    let drawn = if colours { drawn } else { console::strip_ansi_codes(&drawn).into_owned() };
    drawn.lines().skip(1).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_changed_line_is_marked() {
        let lines = lines("role:master\nslots:3\nok", "role:slave\nslots:3\nok", false);
        assert_eq!(lines, ["<role:master", ">role:slave", " slots:3", " ok"]);
    }
}
