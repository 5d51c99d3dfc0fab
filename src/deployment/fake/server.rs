//! A server of the engine in memory: a port that speaks RESP. What it answers is the test's to say; else it is a master with a few keys that forgets them when it ends.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{super::node::lock, host::Host};

/// A question to a server.
pub(crate) struct Asked<'a> {
    /// Last part of its address: which node it is.
    pub node: u8,
    /// The words of the command.
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

/// What it tells of itself.
const INFO: &str = "# Server\r\nredis_version:7.0.15\r\nredis_build_id:made-up\r\nuptime_in_seconds:1\r\n# Persistence\r\nloading:0\r\n# Replication\r\nrole:master\r\n\
                    connected_slaves:0\r\nmaster_repl_offset:0\r\n# Stats\r\ntotal_forks:0\r\n# Keyspace\r\ndb0:keys=KEYS,expires=0,avg_ttl=0\r\n";

/// A port on 127.0.0.1 that leads to whatever server lives in a namespace; closed with its container.
#[derive(Debug)]
pub(super) struct Port {
    pub inside: u16,
    pub outside: u16,
    closed: Arc<AtomicBool>,
}

impl Port {
    pub fn publish(inside: u16, sandbox: &str, host: Arc<Mutex<Host>>) -> io::Result<Port> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (outside, closed) = (listener.local_addr()?.port(), Arc::<AtomicBool>::default());
        let (sandbox, over) = (sandbox.to_owned(), closed.clone());
        std::thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (host, sandbox, over) = (host.clone(), sandbox.clone(), over.clone());
                std::thread::spawn(move || drop(serve(caller, &host, &sandbox, &over)));
            }
        });
        Ok(Port { inside, outside, closed })
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // The listener wakes for a last caller.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.outside)));
    }
}

/// Answers one caller until it leaves, or the server it talks to does.
fn serve(caller: TcpStream, host: &Mutex<Host>, sandbox: &str, over: &AtomicBool) -> io::Result<()> {
    let mut replies = caller.try_clone()?;
    let life = |host: &Host| host.server_in(sandbox).map(|container| container.server.life);
    // What accepts connections is the engine; where no server is they end at once.
    let Some(born) = life(&lock(host)) else { return Ok(()) };
    // Whoever talks to a server that ends is told so, also between two questions.
    caller.set_read_timeout(Some(Duration::from_millis(20)))?;
    let mut lines = BufReader::new(caller);
    loop {
        match lines.fill_buf() {
            Ok([]) => return Ok(()),
            Ok(_) => {}
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                if over.load(Ordering::SeqCst) || life(&lock(host)) != Some(born) {
                    return Ok(());
                }
                continue;
            }
            Err(e) => return Err(e),
        }
        let words = command(&mut lines)?;
        // A frozen server's kernel takes what is sent, and nobody reads it before it goes on or ends.
        let mut waiting = lock(host);
        while waiting.server_in(sandbox).is_some_and(|one| one.server.life == born && one.server.state == State::Frozen) {
            let changed = waiting.changed.clone();
            waiting = changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.server_in(sandbox).is_none_or(|one| one.server.life != born) {
            return Ok(());
        }
        drop(waiting);
        let (answers, node, running) = {
            let host = lock(host);
            let node = host.containers.get(sandbox).and_then(|container| container.address).map_or(0, |address| address.octets()[3]);
            (host.answers.clone(), node, host.running())
        };
        // Without the lock: what a test does here may be done to the engine.
        let scripted = (answers.0)(&Asked { node, words: &words, running });
        let said = scripted.or_else(|| lock(host).server_of(sandbox).map(|server| server.answer(&words)));
        let Some(said) = said else { return Ok(()) };
        replies.write_all(&encoded(&said))?;
    }
}

/// The next command: an array of texts.
fn command(lines: &mut BufReader<TcpStream>) -> io::Result<Vec<String>> {
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    // A command that has begun comes whole: the limit was for the time between two.
    lines.get_ref().set_read_timeout(Some(Duration::from_secs(5)))?;
    let number = |lines: &mut BufReader<TcpStream>| -> io::Result<usize> {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        line.trim_end().get(1..).and_then(|number| number.parse().ok()).ok_or_else(broken)
    };
    let mut words = Vec::new();
    for _ in 0..number(lines)? {
        let mut bytes = vec![0; number(lines)? + 2];
        lines.read_exact(&mut bytes)?;
        bytes.truncate(bytes.len() - 2);
        words.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    lines.get_ref().set_read_timeout(Some(Duration::from_millis(20)))?;
    if words.is_empty() { Err(broken()) } else { Ok(words) }
}

fn encoded(said: &Said) -> Vec<u8> {
    match said {
        Said::Text(text) => format!("${}\r\n{text}\r\n", text.len()).into_bytes(),
        Said::Int(number) => format!(":{number}\r\n").into_bytes(),
        Said::Nil => b"$-1\r\n".to_vec(),
        Said::Error(line) => format!("-{line}\r\n").into_bytes(),
        Said::List(items) => [format!("*{}\r\n", items.len()).into_bytes(), items.iter().flat_map(encoded).collect()].concat(),
        Said::Silence => Vec::new(),
    }
}
