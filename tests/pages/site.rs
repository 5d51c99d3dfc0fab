//! The files of a finished book, as a reader's browser asks for them. You are in the right place for what is there and what kind of file it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Files by their path from the book's folder, with `/` between names.
#[derive(Clone)]
pub struct Site(Rc<BTreeMap<String, Vec<u8>>>);

impl Site {
    /// Reads a folder whole.
    pub fn read(folder: &Path) -> Result<Site, String> {
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            let entries = std::fs::read_dir(&next).map_err(|error| format!("{}: {error}", next.display()))?;
            for path in entries.flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
                    files.insert(name(folder, &path), bytes);
                }
            }
        }
        Ok(Site(Rc::new(files)))
    }

    /// Bytes and media type of what an address below the origin names: without its query and fragment, a folder by its index.
    pub fn file(&self, address: &str) -> Option<(&[u8], &'static str)> {
        let path = decoded(address.split(['?', '#']).next().unwrap_or_default());
        let path = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path };
        self.0.get(&path).map(|bytes| (bytes.as_slice(), kind(&path)))
    }

    /// The same book without the files whose name begins like this, as if somebody had forgotten them.
    pub fn without(&self, begins: &str) -> Site {
        let stays = |path: &str| !path.rsplit('/').next().unwrap_or_default().starts_with(begins);
        Site(Rc::new(self.0.iter().filter(|(path, _)| stays(path)).map(|(path, bytes)| (path.clone(), bytes.clone())).collect()))
    }

    /// Every page with its text, by path.
    pub fn pages(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().filter(|(path, _)| path.ends_with(".html")).map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

fn name(folder: &Path, path: &Path) -> String {
    let relative: PathBuf = path.strip_prefix(folder).unwrap_or(path).to_owned();
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// `%20` is a space.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok()).and_then(|two| u8::from_str_radix(two, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[test]
fn an_address_finds_its_file() {
    let files = [("index.html", "a"), ("b c/index.html", "b"), ("d.js", "d")].map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let site = Site(Rc::new(files.into()));
    assert_eq!(site.file(""), Some((&b"a"[..], "text/html; charset=utf-8")));
    assert_eq!(site.file("b%20c/?x#y"), Some((&b"b"[..], "text/html; charset=utf-8")));
    assert_eq!(site.file("d.js?v=100%"), Some((&b"d"[..], "text/javascript")));
    assert_eq!(site.file("e"), None);
}
