//! Where Debian packages come from: the mirror this host's own apt uses. You are in the right place when an image build asks the wrong server.

use std::{fs, path::Path};

/// Overrides everything found on the host.
pub const VARIABLE: &str = "REHEARSAL_DEBIAN_MIRROR";
/// For hosts that are not Debian.
const DEFAULT: &str = "http://deb.debian.org/debian";
/// Suites of the archive proper. Third parties decorate theirs (`bookworm-pgdg`), and so do the security archive and backports.
const SUITES: &[&str] = &["bullseye", "bookworm", "trixie", "forky", "sid", "oldstable", "stable", "testing", "unstable"];

/// The mirror's URI, without a final slash: the variable, else the host's sources, else Debian's own.
pub fn debian_mirror() -> String {
    let variable = std::env::var(VARIABLE).ok().filter(|value| !value.trim().is_empty());
    let uri = variable.or_else(from_host).unwrap_or_else(|| DEFAULT.to_string());
    uri.trim().trim_end_matches('/').to_string()
}

fn from_host() -> Option<String> {
    let mut files = vec![Path::new("/etc/apt/sources.list").to_path_buf()];
    let mut parts: Vec<_> = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    parts.sort();
    files.extend(parts);
    files.iter().find_map(|file| {
        let text = fs::read_to_string(file).ok()?;
        let uri = match file.extension()?.to_str()? {
            "sources" => mirror_in_deb822(&text),
            "list" => mirror_in_list(&text),
            _ => None,
        }?;
        // Cloud images name a file of mirrors instead of a mirror.
        match uri.strip_prefix("mirror+file:") {
            Some(file) => {
                let list = fs::read_to_string(file.trim_start_matches("//")).ok()?;
                list.split_whitespace().find(|word| word.starts_with("http")).map(str::to_string)
            }
            None => Some(uri),
        }
    })
}

/// One-line style: `deb [options] uri suite component...`.
fn mirror_in_list(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.split('#').next()?.trim().strip_prefix("deb ")?.trim_start();
        let line = if line.starts_with('[') { line.split_once(']')?.1 } else { line };
        let mut words = line.split_whitespace();
        let (uri, suite) = (words.next()?, words.next()?);
        is_debian(uri, suite, words).then(|| uri.to_string())
    })
}

/// Deb822 style: stanzas of `Field: values`, continued on indented lines.
fn mirror_in_deb822(text: &str) -> Option<String> {
    let without_comments: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    without_comments.split(|line| line.trim().is_empty()).find_map(|stanza| {
        let field = |name: &str| -> Vec<&str> {
            let mut words = Vec::new();
            let mut inside = false;
            for line in stanza {
                if !line.starts_with([' ', '\t']) {
                    inside = line.split_once(':').is_some_and(|(key, _)| key.eq_ignore_ascii_case(name));
                }
                if inside {
                    let values = if line.starts_with([' ', '\t']) { line } else { line.split_once(':').map_or("", |(_, v)| v) };
                    words.extend(values.split_whitespace());
                }
            }
            words
        };
        let off = field("Enabled").first().is_some_and(|word| ["no", "false"].contains(word));
        if off || !field("Types").contains(&"deb") {
            return None;
        }
        let uri = field("URIs").first()?.to_string();
        field("Suites").iter().any(|suite| is_debian(&uri, suite, field("Components").into_iter())).then_some(uri)
    })
}

/// Whether a source is the Debian archive itself: a plain suite, `main`, and the path all mirrors share.
fn is_debian<'a>(uri: &str, suite: &str, mut components: impl Iterator<Item = &'a str>) -> bool {
    let path_fits = uri.trim_end_matches('/').ends_with("/debian") || uri.starts_with("mirror+file:") || uri.contains("/archive/debian/");
    SUITES.contains(&suite) && path_fits && components.any(|component| component == "main")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_is_found_among_security_and_third_parties() {
        let text = "Types: deb deb-src\n# a comment\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n\n\
                    Types: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\nEnabled: no\n\n\
                    Types: deb\nURIs: http://mirror.example/debian/\nSuites:\n bookworm\n bookworm-updates\nComponents: main contrib\n";
        assert_eq!(mirror_in_deb822(text).as_deref(), Some("http://mirror.example/debian/"));
    }

    #[test]
    fn one_line_sources_with_options_and_comments() {
        let text = "# deb http://a.example/debian bookworm main\n\
                    deb https://download.example/linux/debian bookworm stable\n\
                    deb https://packages.example/apt tool-bookworm main\n\
                    deb [arch=amd64 signed-by=/x.gpg] http://b.example/debian bookworm main contrib # here\n";
        assert_eq!(mirror_in_list(text).as_deref(), Some("http://b.example/debian"));
    }

    #[test]
    fn an_ubuntu_host_has_no_debian_mirror() {
        assert_eq!(mirror_in_list("deb http://archive.example/ubuntu noble main universe"), None);
    }
}
