//! Commands and replies in a stream of bytes: Redis' protocol, with the snapshot that a master sends in the middle of it.

/// A snapshot of unknown length ends with the forty characters it was announced with.
const MARK: usize = 40;
/// Longer than any line of the protocol that is no snapshot.
const LONGEST_LINE: usize = 64 * 1024;

/// Arrays in arrays: Redis' own replies have three.
const DEEPEST: usize = 32;

/// Finds the items of one direction as bytes come in.
#[derive(Debug, Default)]
pub struct Reader {
    rest: Vec<u8>,
    /// The next `$` announces a snapshot rather than a text: its bytes are followed by no line break.
    pub expects_snapshot: bool,
    within: Option<Snapshot>,
}

/// A snapshot whose bytes are coming in.
#[derive(Debug)]
struct Snapshot {
    end: End,
    /// Bytes of it that have come and are not kept.
    seen: usize,
}

#[derive(Debug)]
enum End {
    Length(usize),
    Mark(Vec<u8>),
}

impl Reader {
    /// Takes bytes; returns the items that are complete, in words.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        self.rest.extend_from_slice(bytes);
        let mut items = Vec::new();
        while let Some(item) = self.item() {
            items.extend(item);
        }
        items
    }

    /// The next item: `None` while it is not complete, an empty one for what says nothing.
    fn item(&mut self) -> Option<Option<String>> {
        if self.within.is_some() {
            return self.snapshot();
        }
        let first = *self.rest.first()?;
        // A master that is still writing its snapshot sends empty lines to be seen alive.
        if matches!(first, b'\n' | b'\r') {
            self.rest.drain(..1);
            return Some(None);
        }
        if first == b'$' && self.expects_snapshot {
            let (line, used) = line(&self.rest, 0)?;
            let announced = line.strip_prefix("$EOF:").map(|mark| End::Mark(mark.as_bytes().to_vec()));
            let end = announced.or_else(|| line[1..].parse().ok().map(End::Length))?;
            self.rest.drain(..used);
            self.expects_snapshot = false;
            self.within = Some(Snapshot { end, seen: 0 });
            return Some(None);
        }
        let (words, used) = value(&self.rest, 0, 0)?;
        self.rest.drain(..used);
        if let Some(first) = words.first() {
            // `+FULLRESYNC` is followed by the snapshot; so is what follows the plain SYNC, which the other direction tells us.
            self.expects_snapshot |= first.starts_with("+FULLRESYNC");
        }
        Some(Some(words.join(" ")))
    }

    fn snapshot(&mut self) -> Option<Option<String>> {
        let snapshot = self.within.as_mut()?;
        let length = match &snapshot.end {
            End::Length(length) if snapshot.seen + self.rest.len() >= *length => {
                self.rest.drain(..*length - snapshot.seen);
                *length
            }
            End::Mark(mark) => match find(&self.rest, mark) {
                Some(at) => {
                    self.rest.drain(..at + mark.len());
                    snapshot.seen + at
                }
                None => {
                    // What cannot be the beginning of the mark is counted and let go.
                    let gone = self.rest.len().saturating_sub(MARK);
                    snapshot.seen += gone;
                    self.rest.drain(..gone);
                    return None;
                }
            },
            End::Length(_) => {
                snapshot.seen += self.rest.len();
                self.rest.clear();
                return None;
            }
        };
        self.within = None;
        Some(Some(format!("(snapshot, {length} bytes)")))
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    if wanted.is_empty() { None } else { bytes.windows(wanted.len()).position(|part| part == wanted) }
}

/// The line at this place without its end, and where the next one begins.
fn line(bytes: &[u8], at: usize) -> Option<(String, usize)> {
    let end = bytes.get(at..)?.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n')? + at;
    let text = bytes[at..end].strip_suffix(b"\r").unwrap_or(&bytes[at..end]);
    Some((String::from_utf8_lossy(text).into_owned(), end + 1))
}

/// The value at this place in words, and where the next one begins; `None` while it is not complete.
fn value(bytes: &[u8], at: usize, depth: usize) -> Option<(Vec<String>, usize)> {
    let (text, mut next) = line(bytes, at)?;
    let number = || text[1..].parse::<usize>().ok();
    match text.as_bytes().first() {
        // What lies deeper is read as values of their own: nobody sends that but to break who reads it.
        Some(b'*') if depth >= DEEPEST => Some((vec![text], next)),
        Some(b'*') => {
            let mut words = Vec::new();
            for _ in 0..number().unwrap_or(0) {
                let (more, after) = value(bytes, next, depth + 1)?;
                words.extend(more);
                next = after;
            }
            Some((words, next))
        }
        Some(b'$') => match number() {
            Some(length) => {
                let end = next.checked_add(length)?;
                let data = bytes.get(next..end)?;
                bytes.get(end..end.checked_add(2)?)?;
                Some((vec![printable(data)], end + 2))
            }
            None => Some((vec!["(nil)".to_owned()], next)),
        },
        // Status lines, errors and numbers keep their sign: it is what they are known by. Anything else is a command in one line, as people type it.
        _ => Some((vec![text], next)),
    }
}

/// Bytes as text; what is none, by its length.
fn printable(data: &[u8]) -> String {
    match std::str::from_utf8(data) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => format!("({} bytes)", data.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_in_arrays_without_end_are_read_as_values_of_their_own() {
        let items = Reader::default().take("*1\r\n".repeat(200_000).as_bytes());
        assert!(items.len() > 5_000 && items.iter().all(|item| item == "*1"), "{}", items.len());
        assert_eq!(Reader::default().take(b"*2\r\n*1\r\n$1\r\na\r\n:1\r\n"), ["a :1"]);
    }

    #[test]
    fn a_length_beyond_all_memory_is_waited_for() {
        for length in ["18446744073709551615", "9223372036854775807", "18446744073709551614"] {
            assert!(Reader::default().take(format!("${length}\r\nabc\r\n").as_bytes()).is_empty());
        }
    }
}
