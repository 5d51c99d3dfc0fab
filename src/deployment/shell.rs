//! Talking to the shell that is process 1 of every container of ours (`shell.sh`), over the container's standard streams. You are in the right
//! place when a call into a container hangs, or when its answer is not what was said there.
//!
//! A program started this way costs a few milliseconds, where the engine needs sixty for an `exec` and several hundred for a container. That
//! is what makes a scenario's start cheap: servers come and go inside containers that stay.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures::{Stream, StreamExt};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::oneshot,
    task::AbortHandle,
};

use super::{
    engine::{CALL_LIMIT, Engine, limited},
    error::EngineError,
    node::lock,
};

/// The script itself; an argument of the program that runs it.
pub(super) const SCRIPT: &str = include_str!("shell.sh");

/// What a program said and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Exit status; 126 or 127 when the program could not be started.
    pub status: i64,
    pub stdout: String,
    pub stderr: String,
}

/// The same before it became text.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub status: i64,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Why a connection ends that nobody closed.
const GONE: &str = "the engine or the container ended";

/// A call that waits for its reply: what came so far, and whom to tell.
type Pending = (Raw, oneshot::Sender<Raw>);
type Calls = Arc<Mutex<HashMap<String, Pending>>>;

/// A connection to one container's shell, on the runtime that made it.
pub(super) struct Shell {
    /// Whose it is, for messages.
    name: String,
    input: tokio::sync::Mutex<Pin<Box<dyn AsyncWrite + Send>>>,
    calls: Calls,
    /// Set once nothing will be heard from it any more.
    ended: Arc<AtomicBool>,
    reader: AbortHandle,
}

impl Shell {
    /// Connects to the shell of a running container.
    pub async fn attach(engine: &Engine, name: &str, container: &str) -> Result<Shell, EngineError> {
        Shell::attach_to(engine, name, container, |_| ()).await
    }

    /// As `attach`; whenever the server beside the shell ends, `ended` is called with its status.
    pub async fn attach_to(engine: &Engine, name: &str, container: &str, server_ended: impl Fn(i64) + Send + 'static) -> Result<Shell, EngineError> {
        let attached = engine.attach(name, container).await?;
        let (calls, ended) = (Calls::default(), Arc::new(AtomicBool::new(false)));
        let reader = tokio::spawn(listen(attached.output, calls.clone(), ended.clone(), server_ended)).abort_handle();
        Ok(Shell { name: name.to_owned(), input: tokio::sync::Mutex::new(attached.input), calls, ended, reader })
    }

    /// Runs a script of this shell and its functions. When the limit passes, it is left behind: give tools a `timeout` of their own.
    pub async fn run(&self, script: &str, limit: Duration) -> Result<Raw, EngineError> {
        let id = new_id();
        let line = format!("call {id} {}\n", quote(script));
        self.ask(&id, script, &[line.as_bytes()], limit).await
    }

    /// As `run`, where anything but status 0 is an error.
    pub async fn must(&self, script: &str) -> Result<Raw, EngineError> {
        let raw = self.run(script, CALL_LIMIT).await?;
        self.succeeded(script, raw)
    }

    /// Makes a file, with the folders above it. It is a new file: a program that has an old one open keeps that one.
    pub async fn put(&self, path: &str, mode: u32, bytes: &[u8]) -> Result<(), EngineError> {
        let script = format!("write {path}");
        if bytes.is_empty() {
            let script = format!("$B mkdir -p {}; : >{1}; $B chmod {mode:o} {1}", quote(parent(path)), quote(path));
            return self.must(&script).await.map(|_| ());
        }
        let id = new_id();
        let line = format!("put {id} {} {mode:o} {}\n", bytes.len(), quote(path));
        let raw = self.ask(&id, &script, &[line.as_bytes(), bytes], CALL_LIMIT).await?;
        self.succeeded(&script, raw).map(|_| ())
    }

    /// Ends every other process of the container, empties its data volumes and takes away every file that was added.
    ///
    /// # Errors
    /// Also when files of the image changed or are gone, which only another container undoes.
    pub async fn reset(&self) -> Result<(), EngineError> {
        let id = new_id();
        let raw = self.ask(&id, "reset", &[format!("reset {id}\n").as_bytes()], CALL_LIMIT).await?;
        match raw.status {
            0 => Ok(()),
            status => {
                let stderr = "files of its image have changed, which only another container undoes".to_owned();
                Err(EngineError::Tool { node: self.name.clone(), command: "reset".into(), status, stderr })
            }
        }
    }

    /// An answer as an error, unless its status is 0.
    fn succeeded(&self, script: &str, raw: Raw) -> Result<Raw, EngineError> {
        if raw.status == 0 {
            return Ok(raw);
        }
        let Output { status, stdout, stderr } = raw.into();
        let stderr = if stderr.is_empty() { stdout } else { stderr };
        Err(EngineError::Tool { node: self.name.clone(), command: script.to_owned(), status, stderr })
    }

    async fn ask(&self, id: &str, what: &str, pieces: &[&[u8]], limit: Duration) -> Result<Raw, EngineError> {
        let (tell, told) = oneshot::channel();
        lock(&self.calls).insert(id.to_owned(), (Raw::default(), tell));
        let call = || format!("{}: {what}", self.name);
        let answer = async {
            // Looked at after the call was noted: whoever ends the connection forgets all calls after saying so.
            if self.ended.load(Ordering::SeqCst) {
                return Err(self.lost(what, GONE));
            }
            let mut input = self.input.lock().await;
            for piece in pieces {
                input.write_all(piece).await.map_err(|e| self.lost(what, &e.to_string()))?;
            }
            input.flush().await.map_err(|e| self.lost(what, &e.to_string()))?;
            drop(input);
            told.await.map_err(|_| self.lost(what, GONE))
        };
        let answer = limited(&call(), limit, answer).await;
        lock(&self.calls).remove(id);
        answer
    }

    fn lost(&self, what: &str, reason: &str) -> EngineError {
        EngineError::Api {
            call: format!("{}: {what}", self.name),
            message: format!("the connection to the container was lost: {reason}"),
            status: None,
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl std::fmt::Debug for Shell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shell({})", self.name)
    }
}

impl From<Raw> for Output {
    fn from(raw: Raw) -> Output {
        // Bytes were joined before they become text: a piece may end inside a character.
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Output { status: raw.status, stdout: text(raw.stdout), stderr: text(raw.stderr) }
    }
}

/// One word for the shell, whatever is in it. Lines end calls, so a line break is named and not written.
pub(super) fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''").replace('\n', r#"'"$n"'"#))
}

/// Several words.
pub(super) fn words<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder })
}

/// Unique among everybody who may be talking to the same shell.
fn new_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Sorts replies to their calls until the connection ends; then nobody waits any longer.
async fn listen(mut output: Pin<Box<dyn Stream<Item = Vec<u8>> + Send>>, calls: Calls, ended: Arc<AtomicBool>, server_ended: impl Fn(i64)) {
    let mut rest = Vec::new();
    while let Some(piece) = output.next().await {
        rest.extend_from_slice(&piece);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            match line.trim_end().strip_prefix("server ended ") {
                Some(status) => server_ended(status.parse().unwrap_or(-1)),
                None => reply(&calls, line.trim_end()),
            }
        }
    }
    ended.store(true, Ordering::SeqCst);
    lock(&calls).clear();
}

fn reply(calls: &Calls, line: &str) {
    let mut parts = line.splitn(3, ' ');
    let (Some(id), Some(kind), Some(content)) = (parts.next(), parts.next(), parts.next()) else { return };
    let mut calls = lock(calls);
    let Some((raw, _)) = calls.get_mut(id) else { return };
    let decoded = || BASE64_STANDARD.decode(content).unwrap_or_default();
    match kind {
        "out" => raw.stdout.extend(decoded()),
        "err" => raw.stderr.extend(decoded()),
        "end" => {
            raw.status = content.parse().unwrap_or(-1);
            if let Some((raw, tell)) = calls.remove(id) {
                let _ = tell.send(raw);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(words(["redis-server", "--save", ""]), "'redis-server' '--save' ''");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("a\nb"), r#"'a'"$n"'b'"#);
        assert!(!quote("a\nb").contains('\n'));
    }

    #[test]
    fn replies_are_joined_and_sorted_to_their_calls() {
        let calls = Calls::default();
        let (tell, mut told) = oneshot::channel();
        lock(&calls).insert("7".into(), (Raw::default(), tell));
        for line in ["7 out aGFs", "8 out eHh4", "7 err b2g=", "7 out bG8=", "nonsense", "8 end 0", "7 end 3"] {
            reply(&calls, line);
        }
        let raw = told.try_recv().unwrap();
        assert_eq!(Output::from(raw), Output { status: 3, stdout: "hallo".into(), stderr: "oh".into() });
        assert!(lock(&calls).is_empty());
    }

    #[tokio::test]
    async fn a_connection_that_has_ended_is_told_at_once() {
        let (calls, ended) = (Calls::default(), Arc::new(AtomicBool::new(false)));
        let (tell, told) = oneshot::channel();
        lock(&calls).insert("1".into(), (Raw::default(), tell));
        listen(Box::pin(futures::stream::empty()), calls.clone(), ended.clone(), |_| ()).await;
        assert!(told.await.is_err(), "who waited is told");
        let reader = tokio::spawn(async {}).abort_handle();
        let shell = Shell { name: "master".into(), input: tokio::sync::Mutex::new(Box::pin(tokio::io::sink())), calls, ended, reader };
        let error = shell.must("state").await.unwrap_err();
        assert_eq!(error.to_string(), "master: state: the connection to the container was lost: the engine or the container ended");
    }

    #[tokio::test]
    async fn the_end_of_a_server_is_told_without_a_question() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let keep = told.clone();
        let pieces = ["7 end 0\nserver end", "ed 139\n8 end 1\n"].map(|piece| piece.as_bytes().to_vec());
        let output = Box::pin(futures::stream::iter(pieces));
        listen(output, Calls::default(), Arc::default(), move |status| lock(&keep).push(status)).await;
        assert_eq!(*lock(&told), [139]);
    }

    #[test]
    fn a_file_without_folder_is_in_the_working_one() {
        assert_eq!((parent("/data/a.rdb"), parent("/x"), parent("x")), ("/data", "/", "."));
    }
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod script;
