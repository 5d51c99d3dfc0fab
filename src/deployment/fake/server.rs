//! A server of the engine in memory: a port that speaks RESP. What it answers is the test's to say; else it is a master with a few keys that forgets them when it ends.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};

use super::{super::node::lock, host::Host, shell};
use crate::door::{self, Door};

/// A question to a server.
pub(crate) struct Asked<'a> {
    /// Last part of its address: which node it is.
    pub node: u8,
    /// The words of the command, or method and path of an HTTP request.
    pub words: &'a [String],
    /// How many servers run on the engine, this one included.
    pub running: usize,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    Text(String),
    Int(i64),
    Nil,
    Error(String),
    List(Vec<Said>),
    /// All lines so far of a stream over HTTP; who is asked again a moment later says more.
    Lines(Vec<String>),
    /// None, and the connection stays.
    Silence,
}

/// What a test says its servers answer.
pub(super) type AnswerOf = dyn Fn(&Asked<'_>) -> Option<Said> + Send + Sync;

#[derive(Clone)]
pub(super) struct Answers(Arc<AnswerOf>);

impl Default for Answers {
    fn default() -> Answers {
        Answers(Arc::new(|_| None))
    }
}

impl<F: Fn(&Asked<'_>) -> Option<Said> + Send + Sync + 'static> From<F> for Answers {
    fn from(answers: F) -> Answers {
        Answers(Arc::new(answers))
    }
}

/// The process in a house.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub state: State,
    /// Which of all servers of this engine it is, from 1.
    pub life: usize,
    keys: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    None,
    Running,
    Frozen,
    Exited(i64),
}

impl Server {
    pub fn is_there(&self) -> bool {
        matches!(self.state, State::Running | State::Frozen)
    }

    pub fn begin(&mut self, life: usize) {
        *self = Server { state: State::Running, life, keys: BTreeMap::new() };
    }

    /// What a plain master answers.
    fn answer(&mut self, words: &[String]) -> Said {
        let ok = || Said::Text("OK".to_owned());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match (words[0].to_uppercase().as_str(), &words[1..]) {
            ("PING", _) => Said::Text("PONG".to_owned()),
            ("INFO", _) => Said::Text(INFO.replace("KEYS", &self.keys.len().to_string())),
            ("ROLE", _) => Said::List(vec![Said::Text("master".to_owned()), Said::Int(0), Said::List(Vec::new())]),
            ("SET", [key, value, ..]) => {
                self.keys.insert((*key).to_owned(), vec![(*value).to_owned()]);
                ok()
            }
            ("GET", [key]) => self.keys.get(*key).map_or(Said::Nil, |value| Said::Text(value[0].clone())),
            ("RPUSH", [key, value]) => {
                let list = self.keys.entry((*key).to_owned()).or_default();
                list.push((*value).to_owned());
                Said::Int(list.len() as i64)
            }
            ("LRANGE", [key, ..]) => Said::List(self.keys.get(*key).into_iter().flatten().map(|value| Said::Text(value.clone())).collect()),
            ("DBSIZE", _) => Said::Int(self.keys.len() as i64),
            ("CLIENT" | "CONFIG" | "SELECT" | "FLUSHALL" | "SUBSCRIBE" | "PSUBSCRIBE", _) => ok(),
            (other, _) => Said::Error(format!("ERR unknown command '{other}'")),
        }
    }
}

/// How soon a stream is asked for more.
const AGAIN: Duration = Duration::from_millis(20);

/// What it tells of itself.
const INFO: &str = "# Server\r\nredis_version:7.0.15\r\nredis_build_id:made-up\r\nuptime_in_seconds:1\r\n# Persistence\r\nloading:0\r\n# Replication\r\nrole:master\r\n\
                    connected_slaves:0\r\nmaster_repl_offset:0\r\n# Stats\r\ntotal_forks:0\r\n# Keyspace\r\ndb0:keys=KEYS,expires=0,avg_ttl=0\r\n";

/// A published port: it leads to whatever server lives in a namespace, and is shut with its container.
pub(super) struct Port {
    pub inside: u16,
    door: Door,
}

impl Port {
    pub fn publish(inside: u16, sandbox: &str, host: Arc<Mutex<Host>>) -> Port {
        let sandbox = sandbox.to_owned();
        let door = Door::open(None, move |caller| {
            let (host, sandbox) = (host.clone(), sandbox.clone());
            // What accepts connections is the engine; where no server is they end at once.
            let born = life(&lock(&host), &sandbox);
            if let Some(born) = born {
                tokio::spawn(async move { drop(serve(caller, &host, &sandbox, born).await) });
            }
            Ok(())
        });
        Port { inside, door }
    }

    /// Where it is reached.
    pub fn outside(&self) -> u16 {
        self.door.port
    }
}

/// Which server lives in this namespace.
fn life(host: &Host, sandbox: &str) -> Option<usize> {
    host.server_in(sandbox).map(|container| container.server.life)
}

/// Comes back once this holds of what stands on the host.
async fn until(host: &Mutex<Host>, holds: impl Fn(&Host) -> bool) {
    let changed = lock(host).changed.clone();
    loop {
        let mut told = std::pin::pin!(changed.notified());
        // From here on it is told of changes, so none is missed between the look and the wait.
        told.as_mut().enable();
        if holds(&lock(host)) {
            return;
        }
        told.await;
    }
}

/// Answers one caller until it leaves, or the server it talks to does.
async fn serve(caller: DuplexStream, host: &Mutex<Host>, sandbox: &str, born: usize) -> io::Result<()> {
    let mut stream = BufReader::new(caller);
    let (mut told, mut streams) = (0, false);
    loop {
        // Whoever talks to a server that ends is told so, also between two questions.
        let words = tokio::select! {
            words = next(&mut stream) => words,
            () = until(host, |host| life(host, sandbox) != Some(born)) => None,
        };
        let Some((words, speaks_http)) = words else { return Ok(()) };
        // A frozen server's kernel takes what is sent, and nobody reads it before it goes on or ends.
        until(host, |host| host.server_in(sandbox).is_none_or(|one| one.server.life != born || one.server.state != State::Frozen)).await;
        let mut asked = true;
        while asked {
            let Some(said) = said(host, sandbox, born, &words) else { return Ok(()) };
            match (said, speaks_http) {
                (Said::Lines(lines), _) => {
                    let fresh: String = lines.get(told..).unwrap_or_default().iter().map(|line| format!("{line}\n")).collect();
                    let head = if streams { "" } else { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" };
                    let chunk = if fresh.is_empty() { String::new() } else { format!("{:x}\r\n{fresh}\r\n", fresh.len()) };
                    stream.write_all(format!("{head}{chunk}").as_bytes()).await?;
                    (told, streams) = (lines.len(), true);
                    let ended = until(host, |host| life(host, sandbox) != Some(born));
                    asked = tokio::time::timeout(AGAIN, ended).await.is_err();
                }
                (said, true) => {
                    let (status, body) = match said {
                        Said::Text(body) => ("200 OK", body),
                        Said::Error(line) => ("503 Service Unavailable", line),
                        _ => ("404 Not Found", String::new()),
                    };
                    stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
                    asked = false;
                }
                (said, false) => {
                    stream.write_all(&encoded(&said)).await?;
                    asked = false;
                }
            }
        }
    }
}

/// The next command or request, and whether it is the latter.
async fn next(stream: &mut BufReader<DuplexStream>) -> Option<(Vec<String>, bool)> {
    let http = stream.fill_buf().await.ok()?.first()?.is_ascii_uppercase();
    let words = if http { door::request(stream).await } else { door::command(stream).await };
    words.map(|words| (words, http))
}

/// What the server says to this; nothing when it is another one by now.
fn said(host: &Mutex<Host>, sandbox: &str, born: usize, words: &[String]) -> Option<Said> {
    let (answers, node, running) = {
        let host = lock(host);
        if life(&host, sandbox) != Some(born) {
            return None;
        }
        let node = host.containers.get(sandbox).and_then(|container| container.address).map_or(0, |address| address.octets()[3]);
        (host.answers.clone(), node, host.running())
    };
    // Without the lock: what a test does here may be done to the engine.
    let scripted = (answers.0)(&Asked { node, words, running });
    if scripted.is_none() && words[0].eq_ignore_ascii_case("shutdown") {
        shell::end_of(&mut lock(host), node, 0);
        lock(host).changed.notify_waiters();
        return None;
    }
    scripted.or_else(|| lock(host).server_of(sandbox).map(|server| server.answer(words)))
}

fn encoded(said: &Said) -> Vec<u8> {
    match said {
        Said::Text(text) => format!("${}\r\n{text}\r\n", text.len()).into_bytes(),
        Said::Int(number) => format!(":{number}\r\n").into_bytes(),
        Said::Nil => b"$-1\r\n".to_vec(),
        Said::Error(line) => format!("-{line}\r\n").into_bytes(),
        Said::List(items) => [format!("*{}\r\n", items.len()).into_bytes(), items.iter().flat_map(encoded).collect()].concat(),
        Said::Lines(_) | Said::Silence => Vec::new(),
    }
}
