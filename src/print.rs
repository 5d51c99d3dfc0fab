//! What `print!`, `println!`, `eprint!` and `eprintln!` mean in this crate: a reader that has left is no reason to break.
//!
//! The standard library's panic when a pipe is closed: `rehearsal list | head -1` would end with a backtrace, and `rehearsal run 2>&1 | head` with containers that
//! nobody removes. These have the same names, so that no file can forget to use them. What goes to stdout is data: if it cannot be written for another reason than a
//! closed pipe (a full disk), that is told, and [`broken`] says so to whoever decides the exit code.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

static BROKEN: AtomicBool = AtomicBool::new(false);

/// Data, to stdout.
pub fn out(text: Arguments<'_>) {
    noted(io::stdout().write_fmt(text));
}

/// Data as bytes, to stdout.
pub fn bytes(bytes: &[u8]) {
    noted(io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()));
}

/// Words for people, to stderr; if nobody reads them, there is nobody to tell.
pub fn err(text: Arguments<'_>) {
    let _ = io::stderr().write_fmt(text);
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
