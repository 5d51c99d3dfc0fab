//! What makes a scenario the same scenario: its slug and the hash of its text.

use sha2::{Digest, Sha256};

/// `features/sentinel/quorum.feature` -> `sentinel/quorum`: how the book names a feature. Anything up to the last `features/` is dropped.
pub fn feature_key(path: &str) -> String {
    let path = path.replace('\\', "/");
    let tail = path.rsplit_once("features/").map_or(path.as_str(), |(_, tail)| tail);
    tail.trim_end_matches(".feature").to_owned()
}

/// A name in kebab case: lower-case letters and digits, everything else a single dash.
pub fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// Hash over parts, each closed by its length, so that moving a word from one part to the next changes it. Sixteen hex digits.
pub fn text_hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_slugs() {
        assert_eq!(slug("A minority elects nobody (7.0+)"), "a-minority-elects-nobody-7-0");
        assert_eq!(feature_key("/x/features/sentinel/quorum.feature"), "sentinel/quorum");
    }

    #[test]
    fn a_part_cannot_slip_into_the_next() {
        assert_ne!(text_hash(["ab", "c"]), text_hash(["a", "bc"]));
        assert_eq!(text_hash(["ab", "c"]).len(), 16);
    }
}
