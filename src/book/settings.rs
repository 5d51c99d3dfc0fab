//! What `rehearsal book` takes from a project's `book.toml`: a closed list of keys that change how pages look and read. Everything else is refused, with its place and the reason.
//!
//! You are in the right place to see or extend that list. A book may be anybody's: nothing in it runs a program, reads or writes outside the book's folder, or puts a script into a page.
//! A plain `mdbook build` reads the same file, and decides on its own.

use crate::topology::located::{MOST, Problem};
use mdbook_driver::config::Config;
use std::path::{Component, Path};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What the value of a key has to be.
#[derive(Clone, Copy)]
enum Value {
    Text,
    Texts,
    YesOrNo,
    Number,
    /// One of these, or for `mdbook build` alone: it has no other meaning here.
    One(&'static [&'static str]),
    /// This and nothing else.
    No,
    /// Paths of style sheets below `theme/`.
    Sheets,
    /// The script that this program brings.
    Script,
    /// `https://...` or `http://...`
    Address,
    /// An address, or the path of one.
    Site,
    /// A word: letters, digits and dashes.
    Word,
    /// Whatever it is, it is not looked at.
    Unread,
}

const THEMES: &[&str] = &["light", "rust", "coal", "navy", "ayu"];

/// Every key that is taken, `mdbook build`'s own beside them.
const KEYS: &[(&str, Value)] = &[
    ("book.title", Value::Text),
    ("book.description", Value::Text),
    ("book.authors", Value::Texts),
    ("book.language", Value::Word),
    ("book.text-direction", Value::One(&["ltr", "rtl"])),
    ("book.src", Value::One(&["src"])),
    ("build.build-dir", Value::One(&["html"])),
    ("build.create-missing", Value::No),
    ("preprocessor.rehearsal.command", Value::Unread),
    ("preprocessor.rehearsal.before", Value::Unread),
    ("preprocessor.rehearsal.after", Value::Unread),
    ("output.html.default-theme", Value::One(THEMES)),
    ("output.html.preferred-dark-theme", Value::One(THEMES)),
    ("output.html.smart-punctuation", Value::YesOrNo),
    ("output.html.definition-lists", Value::YesOrNo),
    ("output.html.admonitions", Value::YesOrNo),
    ("output.html.no-section-label", Value::YesOrNo),
    ("output.html.hash-files", Value::YesOrNo),
    ("output.html.sidebar-header-nav", Value::YesOrNo),
    ("output.html.additional-css", Value::Sheets),
    ("output.html.additional-js", Value::Script),
    ("output.html.git-repository-url", Value::Address),
    ("output.html.git-repository-icon", Value::Word),
    ("output.html.edit-url-template", Value::Address),
    ("output.html.site-url", Value::Site),
    ("output.html.fold.enable", Value::YesOrNo),
    ("output.html.fold.level", Value::Number),
    ("output.html.print.enable", Value::YesOrNo),
    ("output.html.print.page-break", Value::YesOrNo),
    ("output.html.playground.runnable", Value::YesOrNo),
    ("output.html.playground.copyable", Value::YesOrNo),
    ("output.html.playground.line-numbers", Value::YesOrNo),
    ("output.html.search.enable", Value::YesOrNo),
    ("output.html.search.limit-results", Value::Number),
    ("output.html.search.teaser-word-count", Value::Number),
    ("output.html.search.use-boolean-and", Value::YesOrNo),
    ("output.html.search.boost-title", Value::Number),
    ("output.html.search.boost-hierarchy", Value::Number),
    ("output.html.search.boost-paragraph", Value::Number),
    ("output.html.search.expand", Value::YesOrNo),
    ("output.html.search.heading-split-level", Value::Number),
];

/// Why a key of mdBook's is not taken, by its beginning; the first that fits.
const REFUSED: &[(&str, &str)] = &[
    ("preprocessor", "a preprocessor is a program: run `mdbook build book` for it, which runs `rehearsal mdbook` as well"),
    ("output.html.redirect", "a redirection is a file at any place: write a page that links there"),
    ("output.html.theme", "pages are made from templates of this program; style sheets lie in theme/, and `additional-css` names them"),
    ("output.html.mathjax-support", "pages load nothing from elsewhere"),
    ("output.html.input-404", "the page for what is not there is made by this program"),
    ("output.html.cname", "write that file where the book is published"),
    ("output.html", "only what changes how pages look and read is taken: see the page \"Running somebody else's project\""),
    ("output", "a renderer is a program: only `output.html` is built; run `mdbook build book` for another one"),
    ("build", "the book is built from book/src into book/html"),
];

/// The script of the theme, as `additional-js` names it.
pub const SCRIPT: &str = "theme/sizing.js";

/// Reads the text of a `book.toml`.
///
/// # Errors
/// Everything in it that is not taken; `file` is used in messages.
pub fn parse(text: &str, file: &str) -> Result<Config, Vec<Problem>> {
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            return Err(vec![Problem::at_byte(file, text, at, format!("not valid TOML: {}", error.message().replace('\n', ", ")))]);
        }
    };
    let mut problems = Vec::new();
    let mut note = |at: usize, message: String, advice: &str| {
        if problems.len() < MOST {
            problems.push(Problem::at_byte(file, text, at, message).advice(advice));
        }
    };
    read(&table, "", &mut note);
    problems.sort_by_key(|problem| (problem.line, problem.column));
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut config: Config = text.parse().map_err(|error| vec![Problem::error(file, 1, format!("{error:#}"))])?;
    // mdBook would make chapters that are missing, unless it is told not to.
    config.build.create_missing = false;
    Ok(config)
}

/// Notes what is wrong in a table whose keys begin with `prefix`.
fn read(table: &DeTable<'_>, prefix: &str, note: &mut impl FnMut(usize, String, &str)) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        let shown = path.escape_debug().to_string();
        let at = key.span().start;
        if let Some((_, wanted)) = KEYS.iter().find(|(known, _)| *known == path) {
            if let Err(advice) = wanted.holds(value) {
                note(value.span().start, format!("`{shown}` cannot have this value here"), &advice);
            }
        } else if KEYS.iter().any(|(known, _)| known.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.'))) {
            match value.get_ref().as_table() {
                Some(inner) => read(inner, &format!("{path}."), note),
                None => note(value.span().start, format!("`{shown}` has to be a table"), &format!("begin it with `[{shown}]`")),
            }
        } else {
            let reason = REFUSED.iter().find(|(begin, _)| path.strip_prefix(begin).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
            let near = crate::topology::located::nearest(&path, KEYS.iter().map(|(known, _)| *known));
            let advice = match (near, reason) {
                (Some(near), _) if prefix.starts_with("book") || prefix.starts_with("output.html") => format!("did you mean `{near}`?"),
                (_, Some((_, reason))) => (*reason).to_owned(),
                _ => "it is no setting of the book".to_owned(),
            };
            note(at, format!("`{shown}` is not taken from book.toml"), &advice);
        }
    }
}

impl Value {
    /// Whether a value is one; otherwise what to write.
    fn holds(self, value: &Spanned<DeValue<'_>>) -> Result<(), String> {
        let value = value.get_ref();
        let text = value.as_str();
        let texts = || value.as_array().and_then(|list| list.iter().map(|item| item.get_ref().as_str()).collect::<Option<Vec<&str>>>());
        let (holds, advice) = match self {
            Value::Unread => (true, String::new()),
            Value::Text => (text.is_some(), "a text".to_owned()),
            Value::Texts => (texts().is_some(), "a list of texts".to_owned()),
            Value::YesOrNo => (matches!(value, DeValue::Boolean(_)), "true or false".to_owned()),
            Value::No => (matches!(value, DeValue::Boolean(false)), "false: a build makes no chapters".to_owned()),
            Value::Number => (matches!(value, DeValue::Integer(_)), "a number".to_owned()),
            Value::One(known) => (text.is_some_and(|text| known.contains(&text)), format!("one of: {}", known.join(", "))),
            Value::Word => {
                let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                (text.is_some_and(word), "letters, digits and dashes".to_owned())
            }
            Value::Address => (text.is_some_and(is_address), "an address that begins with https://".to_owned()),
            Value::Site => {
                let path = |text: &str| text.starts_with('/') && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c));
                (text.is_some_and(|text| path(text) || is_address(text)), "an address that begins with https://, or its path: /NAME/".to_owned())
            }
            Value::Sheets => {
                (texts().is_some_and(|list| list.iter().all(|path| is_sheet(path))), "style sheets below theme/: [\"theme/NAME.css\"]".to_owned())
            }
            Value::Script => {
                let ours = |list: Vec<&str>| list.iter().all(|path| *path == SCRIPT);
                (texts().is_some_and(ours), format!("[\"{SCRIPT}\"] alone, which this program brings: no other script runs in its pages"))
            }
        };
        if holds { Ok(()) } else { Err(advice) }
    }
}

fn is_address(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme)) && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn is_sheet(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.next() == Some(Component::Normal("theme".as_ref())) && path.ends_with(".css") && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        parse(text, "book/book.toml").unwrap_err().iter().map(|p| format!("{p}\n")).collect()
    }

    #[test]
    fn the_books_of_this_project_are_taken() {
        for text in [include_str!("../../book/book.toml"), include_str!("../cli/init/book.toml")] {
            assert_eq!(
                parse(text, "book.toml").map(|config| (config.book.src.display().to_string(), config.build.create_missing)),
                Ok(("src".into(), false))
            );
        }
        assert_eq!(parse("", "book.toml").map(|config| config.build.create_missing), Ok(false));
    }

    #[test]
    fn what_runs_reads_or_writes_elsewhere_is_refused() {
        insta::assert_snapshot!(told(
            "[output.extra]\ncommand = \"touch /x\"\n[output.html]\nmathjax-support = true\nadditional-js = [\"theme/x.js\"]\n[output.html.redirect]\n\"/../x\" = \"y\"\n"
        ));
        for bad in [
            "[preprocessor.helper]\ncommand = \"x\"",
            "[preprocessor.rehearsal]\nrenderers = [\"html\"]",
            "[book]\nsrc = \"/etc\"",
            "[book]\nsrc = \"src/../..\"",
            "[book]\nlanguage = \"en\\\" onload=\\\"x\"",
            "[build]\nbuild-dir = \"../..\"",
            "[build]\ncreate-missing = true",
            "[build]\nextra-watch-dirs = [\"/\"]",
            "[build]\nuse-default-preprocessors = true",
            "[output.html]\ntheme = \"/etc\"",
            "[output.html]\nadditional-css = [\"../x.css\"]",
            "[output.html]\nadditional-css = [\"/x.css\"]",
            "[output.html]\nadditional-css = \"theme/x.css\"",
            "[output.html]\ninput-404 = \"/etc/passwd\"",
            "[output.html]\ndefault-theme = \"x\\\\\"",
            "[output.html]\nsite-url = \"javascript:x\"",
            "[output.html]\ngit-repository-url = \"javascript:x\"",
            "[output.html.playground]\neditable = true",
            "[output.html.code.hidelines]\nx = \"y\"",
            "[output.pdf]",
            "[rust]\nedition = \"2021\"",
            "output = 1",
            "[output]\nhtml = 1",
            "x = 1",
            "[book]\ntitle = 1",
            "[book",
        ] {
            assert!(parse(bad, "book.toml").is_err(), "{bad}");
        }
    }
}
