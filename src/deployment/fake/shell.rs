//! The shell in a container of the engine in memory: it obeys the lines that `shell.rs` writes, by what they mean and not by what is in them.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures::channel::mpsc::UnboundedSender;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, DuplexStream},
    sync::Notify,
};

use super::{
    super::node::lock,
    host::{Container, Host, Reached, Rule},
    server::State,
};

/// Obeys every line until nobody writes any more, or the container is gone. Calls are obeyed beside each other, what else there is in turn.
pub(super) async fn obey_all(lines: DuplexStream, host: Arc<Mutex<Host>>, id: String, tell: UnboundedSender<Vec<u8>>) {
    let gone = Arc::<Notify>::default();
    let obeys = async {
        let (mut lines, mut line) = (BufReader::new(lines), Vec::new());
        while matches!(lines.read_until(b'\n', &mut line).await, Ok(length) if length > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            // Pieces of a file follow their line, as many bytes as it says.
            let mut content = vec![0; bytes_behind(&text)];
            if lines.read_exact(&mut content).await.is_err() {
                return;
            }
            let (host, id, tell, gone) = (host.clone(), id.clone(), tell.clone(), gone.clone());
            let obeyed = async move {
                let reply = obey(&host, &id, text.trim_end(), content).await;
                if reply.is_none_or(|reply| tell.unbounded_send(reply).is_err()) {
                    gone.notify_one();
                }
            };
            if line.starts_with(b"call ") {
                tokio::spawn(obeyed);
            } else {
                obeyed.await;
            }
            line.clear();
        }
    };
    tokio::select! {
        () = obeys => {}
        () = gone.notified() => {}
    }
}

/// How many bytes follow the line.
fn bytes_behind(line: &str) -> usize {
    let mut words = line.split(' ');
    if words.next() == Some("put") { words.nth(1).and_then(|bytes| bytes.parse().ok()).unwrap_or(0) } else { 0 }
}

/// Does what the line says; the reply, unless the container is gone.
async fn obey(host: &Mutex<Host>, id: &str, line: &str, content: Vec<u8>) -> Option<Vec<u8>> {
    let words = split(line);
    let (kind, call) = (words.first()?.as_str(), words.get(1)?.as_str());
    // A program that takes its time ends with the engine, if not before.
    if let Some(seconds) =
        (kind == "call").then(|| words[2].split_once(" 'sleep' '")).flatten().and_then(|(_, rest)| rest.trim_end_matches('\'').parse().ok())
    {
        let gone = lock(host).gone.clone();
        let _ = tokio::time::timeout(Duration::from_secs(seconds), gone.notified()).await;
    }
    let mut host = lock(host);
    if !host.containers.get(id)?.running {
        return None;
    }
    host.changed.notify_waiters();
    let (status, said, complaint) = match kind {
        "put" => {
            host.containers.get_mut(id)?.files.insert(words[4].clone(), content);
            (0, String::new(), String::new())
        }
        "reset" => {
            if host.refused("reset").is_err() {
                return Some(format!("{call} end 1\n").into_bytes());
            }
            let container = host.containers.get_mut(id)?;
            container.server = Default::default();
            container.files.clear();
            (0, String::new(), String::new())
        }
        _ => script(&mut host, id, &words[2]),
    };
    let mut reply = String::new();
    for (stream, text) in [("out", said), ("err", complaint)] {
        if !text.is_empty() {
            reply.push_str(&format!("{call} {stream} {}\n", BASE64_STANDARD.encode(text)));
        }
    }
    Some(format!("{reply}{call} end {status}\n").into_bytes())
}

type Ended = (i64, String, String);

fn fine() -> Ended {
    (0, String::new(), String::new())
}

/// One script, by its first words.
fn script(host: &mut Host, id: &str, script: &str) -> Ended {
    let address = |host: &Host| host.containers.get(host.namespace(id)).and_then(|container| container.address);
    if let Some((before, program)) = script.split_once("start \"$B\" env ") {
        let mark = before.strip_prefix("echo ").and_then(|rest| rest.split(" >&3").next()).map(|mark| split(mark).concat());
        return start(host, id, mark, program);
    }
    if let Some(program) = script.strip_prefix("\"$B\" env ") {
        let words: Vec<String> = split(program).into_iter().skip_while(|word| word.contains('=')).collect();
        return run(&words);
    }
    if let Some(path) = script.strip_prefix("$B cat ").or_else(|| script.strip_prefix("cat ")) {
        let path = split(path).concat();
        let found = host.containers.get(id).and_then(|container| container.files.get(&path));
        return match found {
            Some(content) => (0, String::from_utf8_lossy(content).into_owned(), String::new()),
            None => (1, String::new(), format!("cat: can't open '{path}': No such file or directory")),
        };
    }
    if script.contains("/dev/tcp/") {
        return connect(host, id, script);
    }
    if script.contains("tcpdump") {
        let source = split(script).into_iter().find_map(|word| word.rsplit_once("src host ").and_then(|(_, from)| from.parse::<Ipv4Addr>().ok()));
        let to = address(host);
        let sender = source.and_then(|source| host.containers.iter().find(|(_, one)| one.address == Some(source)).map(|(id, _)| id.clone()));
        let heard = sender.zip(to).is_some_and(|(sender, to)| host.sends(&sender, to));
        return if heard { (0, "a packet\n".to_owned(), String::new()) } else { (124, String::new(), String::new()) };
    }
    if script.contains("iptables -t $table -S") {
        let container = host.containers.get(host.namespace(id));
        let rules = container.map_or(0, |container| container.rules.len());
        return (0, "-A a rule\n".repeat(rules), String::new());
    }
    if script.contains("iptables -N ") || script.contains("iptables -X ") {
        return rules(host, id, script);
    }
    if script.starts_with("$B ip -4 -o address") || script.starts_with("ip -o -4 address") {
        return (
            0,
            address(host).map_or(String::new(), |address| format!("5: eth1    inet {address}/24 brd 198.18.0.255 scope global eth1\n")),
            String::new(),
        );
    }
    signals(host, id, script)
}

/// What is done to the server.
fn signals(host: &mut Host, id: &str, script: &str) -> Ended {
    let immortal = host.immortal;
    let half = script.starts_with("freeze") && host.refused("freeze").is_err();
    let Some(container) = host.containers.get_mut(id) else { return fine() };
    match script.split([';', ' ']).next().unwrap_or_default() {
        "signal" if script.contains("KILL") => {
            // The shell believes that it has ended.
            if immortal {
                return fine();
            }
            end(container, 137)
        }
        "term" => end(container, 0),
        "freeze" => {
            container.server.state = State::Frozen;
            if half {
                return (124, String::new(), String::new());
            }
        }
        "signal" if script.contains("CONT") => container.server.state = State::Running,
        "state" => {
            let said = match container.server.state {
                State::None => "none".to_owned(),
                State::Running => "S".to_owned(),
                State::Frozen => "T".to_owned(),
                State::Exited(status) => format!("exited {status}"),
            };
            return (0, said, String::new());
        }
        // Nothing of what else is asked of a shell changes what tests look at.
        _ => {}
    }
    fine()
}

/// Ends the servers at the addresses with this last part.
pub(super) fn end_of(host: &mut Host, node: u8, status: i64) {
    let here = |container: &Container| container.address.is_some_and(|address| address.octets()[3] == node);
    let sandboxes: Vec<String> = host.containers.iter().filter(|(_, container)| here(container)).map(|(id, _)| id.clone()).collect();
    let houses = host.containers.values_mut().filter(|container| container.lives_in.as_ref().is_some_and(|of| sandboxes.contains(of)));
    houses.for_each(|container| end(container, status));
}

fn end(container: &mut Container, status: i64) {
    if container.server.is_there() {
        container.server.state = State::Exited(status);
        container.say(&format!("server ended {status}"));
    }
}

/// How many servers were started.
static LIVES: AtomicUsize = AtomicUsize::new(0);

fn start(host: &mut Host, id: &str, mark: Option<String>, program: &str) -> Ended {
    let Some(container) = host.containers.get_mut(id) else { return fine() };
    if let Some(mark) = mark {
        container.log.push_str(&format!("{mark}\n"));
    }
    container.log.push_str(&format!("starting {}\n", split(program).join(" ")));
    container.server.begin(LIVES.fetch_add(1, Ordering::SeqCst) + 1);
    fine()
}

/// A program beside the server.
fn run(words: &[String]) -> Ended {
    match words.split_first().map(|(program, rest)| (program.as_str(), rest)) {
        Some(("echo", rest)) => (0, format!("{}\n", rest.join(" ")), String::new()),
        Some(("false", _)) => (1, String::new(), String::new()),
        Some(("true" | "sleep", _)) => fine(),
        Some((program, _)) => (127, String::new(), format!("{program}: not found")),
        None => fine(),
    }
}

fn connect(host: &Host, id: &str, script: &str) -> Ended {
    let to = script.split("/dev/tcp/").nth(1).and_then(|rest| rest.split('/').next()).and_then(|address| address.parse::<Ipv4Addr>().ok());
    match to.map(|to| host.reach(id, to)) {
        Some(Reached::Open) => fine(),
        Some(Reached::Refused) => (1, String::new(), "Connection refused".to_owned()),
        Some(Reached::Silent) | None => (124, String::new(), String::new()),
    }
}

/// A chain that is made with its rules, or taken away.
fn rules(host: &mut Host, id: &str, script: &str) -> Ended {
    let chain = |option: &str| script.split(&format!("iptables {option} ")).nth(1).and_then(|rest| rest.split([';', ' ']).next()).map(str::to_owned);
    let sandbox = host.namespace(id).to_owned();
    let Some(container) = host.containers.get_mut(&sandbox) else { return fine() };
    if let Some(name) = chain("-N") {
        if container.rules.contains_key(&name) {
            return (1, String::new(), "iptables: Chain already exists.".to_owned());
        }
        let lines = script.split(';').filter(|line| line.contains(&format!("-A {name} ")));
        container.rules.insert(name.clone(), lines.map(rule).collect());
    } else if let Some(name) = chain("-X")
        && container.rules.remove(&name).is_none()
    {
        return (1, String::new(), "iptables: No chain by that name.".to_owned());
    }
    fine()
}

fn rule(line: &str) -> Rule {
    let words: Vec<&str> = line.split_whitespace().collect();
    let behind = |option: &str| words.iter().position(|word| *word == option).and_then(|at| words.get(at + 1)?.parse().ok());
    match (behind("-d"), behind("-s")) {
        (Some(to), _) => Rule::To(to),
        (None, Some(from)) => Rule::From(from),
        (None, None) => Rule::All,
    }
}

/// The words of a line as a shell has them, as far as our own quoting goes.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), None, false);
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quoted, character) {
            (Some(mark), _) if mark == character => quoted = None,
            (Some('"'), '$') if characters.clone().next() == Some('n') => {
                characters.next();
                word.push('\n');
            }
            (Some(_), _) => word.push(character),
            (None, '\'' | '"') => (quoted, any) = (Some(character), true),
            (None, '\\') => word.extend(characters.next()),
            (None, ' ') => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            (None, _) => word.push(character),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::shell::quote;

    #[test]
    fn words_are_read_as_they_were_quoted() {
        for word in ["plain", "two words", "it's", "a\nb", "", "\\"] {
            assert_eq!(split(&format!("call 1 {}", quote(word))), ["call", "1", word]);
        }
    }
}
