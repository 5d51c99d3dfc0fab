//! The styles of scenarios, in the book and on the pages beside it, and what has to be true of their colours.
//!
//! Come here when a colour is added: one that text is written in, or on, belongs into the test.

/// `book/theme/rehearsal.css`, which the pages beside the book share.
pub const TEXT: &str = include_str!("../../book/theme/rehearsal.css");

/// Where the pages' copy of it lies.
pub const PATH: &str = "evidence/rehearsal.css";

/// And the colours for whoever prefers dark pages, where no theme of mdBook says so.
pub const DARK_PATH: &str = "evidence/dark.css";

/// The selector whose colours are those of the dark themes.
const DARK: &str = ".navy, .coal, .ayu";

/// The colours of the dark themes for pages without themes, and for chapters where no script chooses one, for which mdBook then takes its coal: written down once, in the
/// book's own styles.
pub fn dark() -> String {
    format!(
        "/* The colours of the book's dark themes. */\nhtml.rh-page, html:not(.js):root {{\n{}}}\nhtml.rh-page {{ color: #c8cede; background: #161923; }}\nhtml:not(.js):not(.rh-page):root {{\n{}}}\n",
        block(TEXT, DARK),
        block(TEXT, ".coal")
    )
}

/// The lines between the braces after a selector that has a line of its own.
fn block(css: &str, selector: &str) -> String {
    let begins = format!("{selector} {{");
    css.lines().skip_while(|line| line.trim() != begins).skip(1).take_while(|line| line.trim() != "}").flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Each theme of mdBook: the blocks whose colours count there, later ones over earlier ones, its paper, its ink.
    const THEMES: [(&str, &[&str], &str, &str); 5] = [
        ("light", &[":root"], "#ffffff", "#000000"),
        ("rust", &[":root", ".rust"], "#e1e1db", "#262625"),
        ("navy", &[":root", DARK], "#161923", "#bcbdd0"),
        ("coal", &[":root", DARK, ".coal"], "#141617", "#98a3ad"),
        ("ayu", &[":root", DARK, ".ayu"], "#0f1419", "#c5c5c5"),
    ];
    /// What text is written in.
    const INKS: [&str; 9] = ["pass", "fail", "unknown", "muted", "keyword", "string", "number", "link", "event"];
    /// What it is written on, besides the paper.
    const GROUNDS: [&str; 2] = ["card", "raised"];
    const PAIRS: [(&str, &str); 9] = [
        ("on-master", "master"),
        ("on-replica", "replica"),
        ("on-replica", "other"),
        ("on-phase", "phase-1"),
        ("on-phase", "phase-2"),
        ("on-phase", "phase-3"),
        ("on-phase", "phase-4"),
        ("on-phase", "phase-5"),
        ("link", "differs"),
    ];

    fn colours(blocks: &[&str]) -> BTreeMap<String, String> {
        let text: String = blocks.iter().map(|selector| block(TEXT, selector)).collect();
        let named = text.lines().filter_map(|line| line.trim().strip_prefix("--rh-")?.trim_end_matches(';').split_once(": "));
        named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let digits = colour.strip_prefix('#').filter(|d| d.len() == 6).unwrap_or_else(|| panic!("{colour} is not written as #rrggbb"));
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).expect("two hex digits")) / 255.0;
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_every_theme() {
        let mut faint = Vec::new();
        for (theme, blocks, paper, ink) in THEMES {
            let colours = colours(blocks);
            assert!(colours.len() > 20, "{theme}: only {} colours found", colours.len());
            let mut check = |what: String, a: &str, b: &str, least: f64| {
                if contrast(a, b) < least {
                    faint.push(format!("{theme}: {what} {:.2}", contrast(a, b)));
                }
            };
            for name in INKS {
                check(format!("{name} on paper"), &colours[name], paper, 4.5);
                GROUNDS.iter().for_each(|ground| check(format!("{name} on {ground}"), &colours[name], &colours[*ground], 4.5));
            }
            for (text, ground) in PAIRS {
                check(format!("{text} on {ground}"), &colours[text], &colours[ground], 4.5);
            }
            for ground in ["card", "raised", "differs"] {
                check(format!("ink on {ground}"), ink, &colours[ground], 4.5);
            }
            // What is no text but has to be told from its ground.
            for band in ["master", "replica", "other"] {
                check(format!("the band {band}"), &colours[band], &colours["card"], 3.0);
            }
        }
        assert_eq!(faint, Vec::<String>::new());
    }

    #[test]
    fn dark_pages_beside_the_book_have_the_colours_of_the_dark_themes() {
        let dark = dark();
        assert!(dark.contains("--rh-pass: #74d08f;") && dark.contains("--rh-card: #1a1d20;"), "{dark}");
        assert_eq!((dark.matches('{').count(), dark.matches('}').count()), (3, 3), "{dark}");
        assert_eq!(TEXT.matches("--rh-pass: #74d08f").count(), 1, "written down once");
    }
}
