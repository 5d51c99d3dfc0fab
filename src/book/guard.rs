//! The last thing that is done to a page: a policy under which only this program's own scripts and styles count, and nothing is asked of another address.
//!
//! You are in the right place when a browser's console says that something was blocked. The policy has no exception, so mdBook's own scripts inside its pages become files beside them, and its
//! styles inside elements become attributes and classes. What a chapter says is shown, but for elements that would run or load something: they are text.

use super::escape;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// What a browser lets a page do.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
                          frame-src 'self'; base-uri 'self'; form-action 'none'";

/// Before it stands the head of mdBook's template, behind the last of these what it ends with: between them is the chapter.
const CONTENT: &str = "<main>";
const CONTENT_ENDS: &str = "</main>";

/// The scripts that were taken out of the pages of one book.
#[derive(Debug, Default)]
pub struct Scripts {
    /// Text by path.
    files: BTreeMap<String, String>,
}

/// The policy as an element of a page's head.
pub fn element() -> String {
    format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">", escape::html(POLICY))
}

impl Scripts {
    /// A page of mdBook's with the policy, under which all of it works.
    pub fn guarded<'t>(&mut self, path: &Path, page: &'t str) -> Cow<'t, str> {
        let Some(head) = page.find("<head>").map(|at| at + "<head>".len()) else { return Cow::Borrowed(page) };
        let begins = page.find(CONTENT).unwrap_or(page.len());
        let ends = page.rfind(CONTENT_ENDS).filter(|ends| *ends > begins).unwrap_or(page.len());
        let up = "../".repeat(path.components().count().saturating_sub(1));
        let mut out = String::with_capacity(page.len() + 1000);
        out.push_str(&page[..head]);
        out.push_str(&element());
        self.outside(&page[head..begins], &up, &mut out);
        out.push_str(&aligned(&harmless(&page[begins..ends])));
        self.outside(&page[ends..], &up, &mut out);
        Cow::Owned(out)
    }

    /// What was taken out: path and text.
    pub fn files(&self) -> impl Iterator<Item = (&String, &String)> {
        self.files.iter()
    }

    /// A part of the template: scripts in it become files.
    fn outside(&mut self, part: &str, up: &str, out: &mut String) {
        let part = part.replace(" style=\"clear: both\"", " class=\"rh-clear\"");
        let mut rest = part.as_str();
        while let Some((before, after)) = rest.split_once("<script>") {
            let (script, after) = after.split_once("</script>").unwrap_or((after, ""));
            let path = format!("script-{}.js", crate::record::hash::text_hash([script]));
            out.push_str(before);
            out.push_str(&format!("<script src=\"{up}{path}\"></script>"));
            self.files.insert(path, script.to_owned());
            rest = after;
        }
        out.push_str(rest);
    }
}

/// Elements that run, load or lead elsewhere by themselves. The policy keeps what comes from other addresses out, but not a file of the book that was made to be a picture and a script at once.
const ACTIVE: [&str; 9] = ["script", "iframe", "frame", "frameset", "object", "embed", "meta", "base", "link"];

/// A chapter in which such elements are text.
fn harmless(part: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in part.match_indices('<') {
        let name = &part.as_bytes()[at + 1..];
        let length = name.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if ACTIVE.iter().any(|active| active.as_bytes().eq_ignore_ascii_case(&name[..length])) {
            out.push_str(&part[from..at]);
            out.push_str("&lt;");
            from = at + 1;
        }
    }
    if from == 0 {
        return Cow::Borrowed(part);
    }
    out.push_str(&part[from..]);
    Cow::Owned(out)
}

/// A table's columns as mdBook aligns them, said with an attribute; and where a page of paper ends, with a class.
fn aligned(part: &str) -> Cow<'_, str> {
    if !part.contains(" style=\"") {
        return Cow::Borrowed(part);
    }
    // Between the chapters of the print page.
    let mut out = part.replace(" style=\"break-before: page; page-break-before: always;\"", " class=\"rh-break\"");
    for way in ["left", "center", "right"] {
        out = out.replace(&format!(" style=\"text-align: {way}\""), &format!(" align=\"{way}\""));
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><head><title>t</title><script>const a = 1;</script></head><body><script>b()</script><main><p>x</p><script>evil()</script></main>\
                        <script>evil()</script></main><div style=\"clear: both\"></div><script src=\"x.js\"></script><script>b()</script></body></html>";

    #[test]
    fn what_the_template_runs_is_a_file_and_what_a_chapter_runs_stays_where_it_is() {
        let mut scripts = Scripts::default();
        let page = scripts.guarded(Path::new("a/b/page.html"), PAGE).into_owned();
        assert_eq!(page.matches("&lt;script>evil()</script>").count(), 2, "{page}");
        assert_eq!((page.matches("<script src=\"../../script-").count(), page.matches("<script src=").count()), (3, 4), "{page}");
        assert_eq!(scripts.files().map(|(_, text)| text.as_str()).collect::<std::collections::BTreeSet<_>>(), ["b()", "const a = 1;"].into());
        assert!(page.find("Content-Security-Policy") < page.find("<title>") && !page.contains("style="), "{page}");
        assert!(!POLICY.contains("unsafe"));
    }

    #[test]
    fn nothing_in_a_chapter_runs_or_loads() {
        for active in [
            "<script src=x.css>",
            "<SCRIPT\nsrc=x>",
            "<script/src=x>",
            "<iframe srcdoc=x>",
            "<meta http-equiv=refresh>",
            "<base href=x>",
            "<svg><script href=x>",
        ] {
            let shown = harmless(active);
            assert!(!shown.to_lowercase().contains("<script") && (shown.starts_with("&lt;") || shown.starts_with("<svg>&lt;")), "{shown}");
        }
        for text in ["<b>a</b> < c", "<svg><path d=\"x\"></svg>", "<details><summary>x</summary></details>", "<"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn alignment_is_no_style() {
        assert_eq!(aligned("<td style=\"text-align: right\">1</td>"), "<td align=\"right\">1</td>");
    }
}
