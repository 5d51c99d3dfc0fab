//! What `print!`, `println!`, `eprint!` and `eprintln!` mean in this crate: a reader that has left is no reason to break.
//!
//! The standard library's panic when a pipe is closed: `rehearsal list | head -1` would end with a backtrace, and `rehearsal run 2>&1 | head` with containers that
//! nobody removes. These have the same names, so that no file can forget to use them. What goes to stdout is data: if it cannot be written for another reason than a
//! closed pipe (a full disk), that is told, and [`broken`] says so to whoever decides the exit code.

use crate::printable::is_strange;
use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

static BROKEN: AtomicBool = AtomicBool::new(false);

/// Data, to stdout.
pub fn out(text: Arguments<'_>) {
    noted(io::stdout().write_all(shown(text, console::colors_enabled()).as_bytes()));
}

/// Data as bytes, to stdout.
pub fn bytes(bytes: &[u8]) {
    noted(io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()));
}

/// Words for people, to stderr; if nobody reads them, there is nobody to tell.
pub fn err(text: Arguments<'_>) {
    let _ = io::stderr().write_all(shown(text, console::colors_enabled_stderr()).as_bytes());
}

/// The text without what would steer a terminal. Of escape sequences only those that colour are left, where there are colours: the program's own.
pub fn shown(text: Arguments<'_>, colours: bool) -> String {
    let text = text.to_string();
    if !text.contains(is_strange) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(is_strange) {
        out.push_str(&rest[..at]);
        let colour = rest[at..].strip_prefix("\u{1b}[").map(|codes| codes.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';'));
        match colour.and_then(|behind| behind.strip_prefix('m')) {
            Some(behind) => {
                if colours {
                    out.push_str(&rest[at..rest.len() - behind.len()]);
                }
                rest = behind;
            }
            None => {
                out.push('\u{fffd}');
                let mut behind = rest[at..].chars();
                behind.next();
                rest = behind.as_str();
            }
        }
    }
    out + rest
}

/// Whether data was lost on its way to a reader that is still there.
pub fn broken() -> bool {
    noted(io::stdout().flush());
    BROKEN.load(Ordering::Relaxed)
}

fn noted(written: io::Result<()>) {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe && !BROKEN.swap(true, Ordering::Relaxed) => {
            err(format_args!("error: standard output: {error}\n"));
        }
        _ => {}
    }
}

macro_rules! print {
    ($($arg:tt)*) => { $crate::print::out(format_args!($($arg)*)) };
}

macro_rules! println {
    () => { $crate::print::out(format_args!("\n")) };
    ($($arg:tt)*) => { $crate::print::out(format_args!("{}\n", format_args!($($arg)*))) };
}

macro_rules! eprint {
    ($($arg:tt)*) => { $crate::print::err(format_args!($($arg)*)) };
}

macro_rules! eprintln {
    () => { $crate::print::err(format_args!("\n")) };
    ($($arg:tt)*) => { $crate::print::err(format_args!("{}\n", format_args!($($arg)*))) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal_but_our_own_colours() {
        let text = "a\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}\u{1b}[2J\r\u{9b}1m\n";
        assert_eq!(shown(format_args!("{text}"), true), "a\u{1b}[31mred\u{1b}[0m\u{fffd}]0;title\u{fffd}\u{fffd}[2J\u{fffd}\u{fffd}1m\n");
        assert_eq!(shown(format_args!("{text}"), false), "ared\u{fffd}]0;title\u{fffd}\u{fffd}[2J\u{fffd}\u{fffd}1m\n");
    }
}
