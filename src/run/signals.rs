//! What reaches this program from outside while it works: SIGINT, SIGTERM and SIGHUP end it, SIGUSR1 asks a run what it is doing.
//!
//! You are in the right place when a signal was not obeyed, or ended more than it should.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// What has been heard.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The signal that asked for the end.
    pub ended: watch::Receiver<Option<&'static str>>,
    /// How often somebody asked what is going on.
    asked: watch::Receiver<u64>,
}

impl Heard {
    /// What a test says was heard: it sends the signal's name.
    #[cfg(test)]
    pub fn scripted() -> (watch::Sender<Option<&'static str>>, Heard) {
        let ((ending, ended), (_, asked)) = (watch::channel(None), watch::channel(0));
        (ending, Heard { ended, asked })
    }

    /// Whether somebody has asked since the last call.
    pub fn was_asked(&mut self) -> bool {
        self.asked.has_changed().is_ok_and(|changed| changed) && *self.asked.borrow_and_update() > 0
    }

    /// Back when somebody wants the end, with the signal's name.
    pub async fn end(&mut self) -> &'static str {
        match self.ended.wait_for(Option::is_some).await.map(|name| *name) {
            Ok(Some(name)) => name,
            // Nobody can say so any more.
            _ => std::future::pending().await,
        }
    }
}

/// The exit code of a program that a signal ended.
pub fn code(signal: &str) -> u8 {
    match signal {
        "SIGHUP" => 129,
        "SIGQUIT" => 131,
        "SIGTERM" => 143,
        _ => 130,
    }
}

/// Somebody who listens.
#[derive(Debug)]
struct Ear {
    ending: watch::Sender<Option<&'static str>>,
    asking: watch::Sender<u64>,
    /// Called before the process ends at once.
    leave: fn(),
}

#[derive(Debug, Default)]
struct Ears {
    all: Vec<Arc<Ear>>,
    /// Whether the thread that hears signals is there.
    hearing: bool,
}

static EARS: Mutex<Ears> = Mutex::new(Ears { all: Vec::new(), hearing: false });

/// A panic elsewhere while the lock was held leaves a list that is still whole.
fn ears() -> MutexGuard<'static, Ears> {
    EARS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Listening {
    pub heard: Heard,
    ear: Arc<Ear>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        ears().all.retain(|ear| !Arc::ptr_eq(ear, &self.ear));
    }
}

/// Begins to listen. A second one of those that end, and SIGQUIT, end the process at once, after `leave`: the next run cleans up.
///
/// # Errors
/// This process may not handle signals.
pub fn listen(leave: fn()) -> io::Result<Listening> {
    let (ending, ended) = watch::channel(None);
    let (asking, asked) = watch::channel(0);
    let ear = Arc::new(Ear { ending, asking, leave });
    let mut ears = ears();
    if !ears.hearing {
        hear()?;
        ears.hearing = true;
    }
    ears.all.push(Arc::clone(&ear));
    Ok(Listening { heard: Heard { ended, asked }, ear })
}

/// Starts the thread that hears signals, once and for as long as this process lives: after the first who listened the kernel ends the process for none of them any more, so that a signal
/// for which nobody listens has to end it here.
fn hear() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit(), SignalKind::user_defined1()];
    let inside = runtime.enter();
    let [int, term, hup, quit, usr1] = kinds.map(signal);
    let signals = [int?, term?, hup?, quit?, usr1?];
    drop(inside);
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(pass_on(signals))).map(drop)
}

async fn pass_on([mut int, mut term, mut hup, mut quit, mut usr1]: [Signal; 5]) {
    loop {
        let name = tokio::select! {
            _ = int.recv() => "SIGINT",
            _ = term.recv() => "SIGTERM",
            // The terminal is gone, and with it whoever could look at what is left.
            _ = hup.recv() => "SIGHUP",
            _ = quit.recv() => "SIGQUIT",
            _ = usr1.recv() => {
                ears().all.iter().for_each(|ear| ear.asking.send_modify(|n| *n += 1));
                continue;
            }
        };
        let ears = ears();
        if name == "SIGQUIT" || ears.all.iter().all(|ear| ear.ending.borrow().is_some()) {
            ears.all.iter().for_each(|ear| (ear.leave)());
            std::process::exit(code(name).into());
        }
        for ear in &ears.all {
            ear.ending.send_replace(Some(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, Command, Stdio};

    /// Another process of this test's program, which plays that part; back when it has begun to.
    fn process(part: &str) -> (Child, BufReader<std::process::ChildStdout>) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "--ignored", "--nocapture", &format!("run::signals::tests::{part}")]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        until(&mut lines, "ready");
        (child, lines)
    }

    fn until(lines: &mut BufReader<std::process::ChildStdout>, wanted: &str) {
        let mut line = String::new();
        while line.trim() != wanted {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "it ended before it said {wanted}");
        }
    }

    fn send(child: &Child, signal: &str) {
        assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
    }

    #[test]
    #[ignore = "a process that another test ends"]
    fn who_listened() {
        drop(super::listen(|| ()).unwrap());
        println!("\nready");
        std::io::stdin().lines().for_each(drop);
    }

    #[test]
    #[ignore = "a process that another test ends"]
    fn who_listens() {
        let mut listening = super::listen(|| println!("\nleft")).unwrap();
        println!("\nready");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        println!("\n{}", runtime.block_on(listening.heard.end()));
        std::io::stdin().lines().for_each(drop);
    }

    #[test]
    fn a_signal_for_which_nobody_listens_any_more_ends_the_process() {
        for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129), ("QUIT", 131)] {
            let (mut child, _lines) = process("who_listened");
            // Held open, or it would end by itself.
            let held = child.stdin.take();
            send(&child, signal);
            assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
            drop(held);
        }
    }

    #[test]
    fn the_first_signal_is_told_and_the_second_ends_the_process() {
        let (mut child, mut lines) = process("who_listens");
        let held = child.stdin.take();
        send(&child, "HUP");
        until(&mut lines, "SIGHUP");
        send(&child, "TERM");
        until(&mut lines, "left");
        assert_eq!(child.wait().unwrap().code(), Some(143));
        drop(held);
    }
}
