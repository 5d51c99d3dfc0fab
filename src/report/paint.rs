//! Colours of the reports for people: one meaning, one colour.
//!
//! You are in the right place to change how something looks on a terminal. Whether there are colours at all is decided once, by the caller, so that a
//! report stays a pure function.

use crate::record::Verdict;
use console::Style;

/// Whether what goes to stderr should be coloured: a terminal, or `CLICOLOR_FORCE`; never with `NO_COLOR`, unless forced.
pub fn wanted() -> bool {
    wanted_on(console::colors_enabled_stderr())
}

/// As [`wanted`], of a stream that is a terminal or not.
pub fn wanted_on(terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty() && v != "0");
    if set("CLICOLOR_FORCE") {
        return true;
    }
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) && terminal
}

/// Puts colours on texts, or leaves them as they are.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    pub colours: bool,
}

impl Paint {
    fn put(self, style: Style, text: &str) -> String {
        style.force_styling(self.colours).apply_to(text).to_string()
    }

    /// A text in the colour of a verdict.
    pub fn verdict(self, verdict: Verdict, text: &str) -> String {
        let style = match verdict {
            Verdict::Passed => Style::new().green(),
            Verdict::Failed => Style::new().red().bold(),
            Verdict::Unknown => Style::new().yellow().bold(),
            Verdict::NotApplicable => Style::new().dim(),
        };
        self.put(style, text)
    }

    /// Something that needs a second look: a flaky pass, a missed control.
    pub fn warning(self, text: &str) -> String {
        self.put(Style::new().yellow(), text)
    }

    /// What frames the message: arrows, bars, line numbers.
    pub fn frame(self, text: &str) -> String {
        self.put(Style::new().blue().bold(), text)
    }

    /// What is worth a look only after the rest.
    pub fn faint(self, text: &str) -> String {
        self.put(Style::new().dim(), text)
    }

    pub fn strong(self, text: &str) -> String {
        self.put(Style::new().bold(), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_nothing_is_added() {
        assert_eq!(Paint { colours: false }.verdict(Verdict::Failed, "failed"), "failed");
        assert!(Paint { colours: true }.verdict(Verdict::Failed, "failed").contains("\u{1b}["));
    }
}
