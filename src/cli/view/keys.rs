//! The keyboard during a live view: `s` or Enter asks what is going on, `q` leaves where that is possible.
//!
//! You are in the right place when a terminal does not echo after a run. For single keys the terminal must neither wait for whole lines nor echo; everything else stays as it
//! was, so Ctrl-C and Ctrl-Z still are signals. What the terminal was like is kept in one place, and put back by whoever comes first: the end of the view (also when a panic
//! unwinds), or [`restore`] before the process ends on a signal.

use crate::wait;
use rustix::io;
use rustix::process::getpgrp;
use rustix::stdio::stdin;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, isatty, tcgetattr, tcgetpgrp, tcsetattr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How the terminal was; `Some` as long as somebody listens to keys.
static USUAL: Mutex<Option<Termios>> = Mutex::new(None);

/// How often a job in the background looks whether it is in the foreground again.
const AWAY: Duration = Duration::from_millis(200);
/// A read ends after this long without a key, in tenths of a second.
const TENTHS: u8 = 1;

/// Somebody who listens to keys; dropped, the terminal is as before.
pub struct Keys {
    asked: Arc<AtomicBool>,
    left: Arc<AtomicBool>,
}

impl Keys {
    /// Begins to listen; `None` where there is no keyboard: stdin is no terminal, or belongs to another job.
    pub fn listen() -> Option<Keys> {
        if !isatty(stdin()) || !in_foreground() {
            return None;
        }
        *usual() = Some(tcgetattr(stdin()).ok()?);
        let keys = Keys { asked: Arc::default(), left: Arc::default() };
        let (asked, left) = (keys.asked.clone(), keys.left.clone());
        std::thread::Builder::new().name("keys".to_owned()).spawn(move || hear(&asked, &left)).ok()?;
        Some(keys)
    }

    /// Whether somebody has asked since the last call.
    pub fn asked(&self) -> bool {
        self.asked.swap(false, Ordering::Relaxed)
    }

    /// Whether somebody wants to leave.
    pub fn left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        restore();
    }
}

/// Puts the terminal back to what it was, if it was changed; nobody listens any more.
pub fn restore() {
    if let Some(before) = usual().take()
        && in_foreground()
    {
        let _ = tcsetattr(stdin(), OptionalActions::Now, &before);
    }
}

fn usual() -> MutexGuard<'static, Option<Termios>> {
    USUAL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A job in the background that touches the terminal is stopped by it.
fn in_foreground() -> bool {
    tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
}

fn hear(asked: &AtomicBool, left: &AtomicBool) {
    let mut key = [0_u8; 16];
    loop {
        match prepare() {
            Ready::Over => return,
            Ready::Read => {}
            Ready::Later => {
                wait::idle(AWAY);
                continue;
            }
        }
        let began = Instant::now();
        match io::read(stdin(), &mut key) {
            Ok(0) if began.elapsed() < Duration::from_millis(u64::from(TENTHS) * 50) => return,
            Ok(count) if count > 0 => {
                let pressed = |keys: &[u8]| key[..count].iter().any(|key| keys.contains(key));
                asked.fetch_or(pressed(b"sSt\n\r"), Ordering::Relaxed);
                left.fetch_or(pressed(b"qQ"), Ordering::Relaxed);
            }
            Ok(_) | Err(io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

enum Ready {
    Over,
    Read,
    Later,
}

/// Makes the terminal give single keys, also after a shell has reset it while we were stopped. Under the lock, so that nobody restores it in between.
fn prepare() -> Ready {
    let usual = usual();
    if usual.is_none() {
        return Ready::Over;
    }
    if !in_foreground() {
        return Ready::Later;
    }
    let Ok(mut now) = tcgetattr(stdin()) else { return Ready::Over };
    if now.local_modes.contains(LocalModes::ICANON) {
        now.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        now.special_codes[SpecialCodeIndex::VMIN] = 0;
        now.special_codes[SpecialCodeIndex::VTIME] = TENTHS;
        if tcsetattr(stdin(), OptionalActions::Now, &now).is_err() {
            return Ready::Over;
        }
    }
    Ready::Read
}
