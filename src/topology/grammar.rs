//! The closed grammars of names that a project's files give: images, suites, servers, nodes.
//!
//! You are in the right place when such a name is refused and should not be, or the other way round. Each of them leaves the file it stands in: it becomes a word on the command line of
//! a program of this host, a part of a path, of an address of the engine or of a page. So each is checked where it is read, and nothing has to be escaped where it is used.

/// Longest name of a server, a node, a topology: one label of a host name.
const LONGEST: usize = 63;

/// What [`is_suite`] takes, for messages.
pub const SUITE: &str = "the name of a Debian suite: small letters, digits, dashes and dots, such as `bookworm` or `bookworm-backports`";

/// What [`is_image`] takes, for messages.
pub const IMAGE: &str = "a reference such as `redis:7.0.15` or `registry.example:5000/team/redis@sha256:...`";

/// What [`is_name`] takes, for messages.
pub const NAME: &str = "letters, digits, dashes, dots and underscores, a letter or digit first, 63 at most: `replica-1`";

/// A Debian suite: it is an argument of the program that builds images, and a word in a line of apt's sources.
pub fn is_suite(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= LONGEST && text.chars().all(inside) && !text.contains("..")
}

/// A name of a server, a node or a topology: it is a part of names of containers, of files and of elements of pages.
pub fn is_name(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= LONGEST && text.chars().all(inside)
}

/// A reference to an image, `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`: it is a part of an address of the engine, where `..` or `?` would ask for something else.
pub fn is_image(text: &str) -> bool {
    if text.len() > 255 {
        return false;
    }
    let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
    let path_start = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest[path_start..].split_once(':') {
        Some((last, tag)) => (&rest[..path_start + last.len()], Some(tag)),
        None => (rest, None),
    };
    let (host, path) = match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, name),
    };
    host.is_none_or(is_host) && path.split('/').all(is_part_of_a_path) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest)
}

fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let label = |label: &str| {
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    name.split('.').all(label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn is_part_of_a_path(text: &str) -> bool {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(end) && text.ends_with(end) && text.chars().all(|c| end(c) || "-._".contains(c)) && !text.contains("..")
}

fn is_tag(text: &str) -> bool {
    let first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(first) && text.len() <= 128 && text.chars().all(|c| first(c) || "-.".contains(c))
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hash| hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_neither_an_option_nor_a_line_nor_a_path() {
        for good in ["bookworm", "bookworm-backports", "sid", "trixie-proposed-updates"] {
            assert!(is_suite(good), "{good}");
        }
        for bad in ["", "-x", "--setup-hook=id", "bookworm main", "bookworm\ndeb x", "a/b", "./a", "A", "a,b", "a'b", "a\0", "..", "a..b", "é"] {
            assert!(!is_suite(bad), "{bad}");
        }
    }

    #[test]
    fn a_name_is_a_part_of_a_path_and_no_more() {
        assert!(is_name("replica-1") && is_name("Node_2.a") && is_name("7"));
        for bad in ["", "-x", ".", "..", "../x", "x/y", "<img>", "a\nb", "a b", "a\u{1b}[31m", "{{#x}}", "é"] {
            assert!(!is_name(bad), "{bad:?}");
        }
        assert!(!is_name(&"x".repeat(64)));
    }

    #[test]
    fn an_image_is_a_reference() {
        let digest = format!("redis@sha256:{}", "0a".repeat(32));
        for good in [
            "redis",
            "redis:7.0.15",
            "valkey/valkey:8.1.1",
            "localhost:1/redis:7",
            "Registry.example:5000/a/b_c:T-1.x",
            "rehearsal/redis-7.0:0123",
            &digest,
        ] {
            assert!(is_image(good), "{good}");
        }
        for bad in [
            "",
            "../containers/x",
            "redis/../x",
            "redis:..",
            "redis?x=1",
            "redis#x",
            "a b",
            "-redis",
            "redis:",
            "/redis",
            "redis/",
            "REDIS:7",
            "a//b",
            "redis@sha256:1",
            "redis:7\nRUN id",
            "http://x/redis",
            "redis:7%2f",
            "example.org:99999/x",
        ] {
            assert!(!is_image(bad), "{bad:?}");
        }
    }
}
