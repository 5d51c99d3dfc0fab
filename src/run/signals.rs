//! What reaches a run from outside while it plays: SIGINT, SIGTERM and SIGHUP end it, SIGUSR1 asks what it is doing.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// What has been heard.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The signal that asked the run to end.
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
}

/// Begins to listen. A second one of those that end a run, and SIGQUIT, end the process at once, after `leave`: the next run cleans up.
///
/// # Errors
/// This process may not handle signals.
pub fn listen(runtime: &tokio::runtime::Runtime, leave: fn()) -> std::io::Result<Heard> {
    let (ending, ended) = watch::channel(None);
    let (asking, asked) = watch::channel(0);
    let _inside = runtime.enter();
    let signals =
        [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit(), SignalKind::user_defined1()].map(signal);
    let [int, term, hup, quit, usr1] = signals;
    runtime.spawn(hear([int?, term?, hup?, quit?, usr1?], ending, asking, leave));
    Ok(Heard { ended, asked })
}

async fn hear(
    [mut int, mut term, mut hup, mut quit, mut usr1]: [Signal; 5],
    ending: watch::Sender<Option<&'static str>>,
    asking: watch::Sender<u64>,
    leave: fn(),
) {
    let exit = |code| -> ! {
        leave();
        std::process::exit(code)
    };
    loop {
        let (name, code) = tokio::select! {
            _ = int.recv() => ("SIGINT", 130),
            _ = term.recv() => ("SIGTERM", 143),
            // The terminal is gone, and with it whoever could look at what is left.
            _ = hup.recv() => ("SIGHUP", 129),
            _ = quit.recv() => exit(131),
            _ = usr1.recv() => {
                asking.send_modify(|n| *n += 1);
                continue;
            }
        };
        if ending.borrow().is_some() {
            exit(code);
        }
        ending.send_replace(Some(name));
    }
}
