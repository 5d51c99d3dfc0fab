//! Who said what to whom, over which connection and when.

use super::Capture;
use super::packets::{Segment, segments};
use super::resp::Reader;
use super::streams::Stream;
use crate::record::Exchange;
use crate::record::exchange::LONGEST;
use std::net::SocketAddrV4;

/// Lines that a record keeps.
const MOST: usize = 60;

/// A connection and what was understood of it.
struct Connection {
    client: SocketAddrV4,
    server: SocketAddrV4,
    /// From the client, and from the server.
    directions: [(Stream, Reader); 2],
    closed: bool,
}

/// Every command and reply of a capture, in the order in which they were complete on the wire.
///
/// # Errors
/// The file is no capture.
pub fn exchanges(file: &[u8], capture: &Capture) -> Result<Vec<Exchange>, String> {
    let mut connections: Vec<Connection> = Vec::new();
    let mut found = Vec::new();
    for segment in segments(file)? {
        // Who is served is known by its address and port; the other end has a port of the moment.
        let name = |address: &SocketAddrV4| capture.servers.iter().find(|(known, _)| known == address);
        let (client, server) = if name(&segment.to).is_some() { (segment.from, segment.to) } else { (segment.to, segment.from) };
        if name(&server).is_none() {
            continue;
        }
        let opens = segment.syn && segment.to == server;
        let known = connections.iter().rposition(|c| c.client == client && c.server == server);
        let number = match known {
            // The port of the moment may be used again.
            Some(number) if !(opens && connections[number].closed) => number,
            _ => {
                connections.push(Connection { client, server, directions: Default::default(), closed: false });
                connections.len() - 1
            }
        };
        let first = known != Some(number);
        for text in connections[number].take(&segment, opens && first) {
            let host = |address: SocketAddrV4| capture.servers.iter().find(|(known, _)| known.ip() == address.ip()).map(|(_, name)| name.clone());
            let (Some(from), Some(to)) = (host(segment.from), host(segment.to)) else { continue };
            let at_us = segment.at_us.saturating_sub(capture.zero_us);
            found.push(Exchange { at_us, from, to, text: cut(&text), count: 1, connection: number as u32 + 1 });
        }
    }
    Ok(found)
}

impl Connection {
    fn take(&mut self, segment: &Segment, opens: bool) -> Vec<String> {
        let from_server = segment.from == self.server;
        let (stream, reader) = &mut self.directions[usize::from(from_server)];
        let bytes = stream.take(segment);
        let mut items: Vec<String> = opens.then(|| "(connects)".to_owned()).into_iter().collect();
        items.extend(reader.take(&bytes));
        if !from_server && items.iter().any(|item| item.eq_ignore_ascii_case("SYNC")) {
            self.directions[1].1.expects_snapshot = true;
        }
        if segment.end && !self.closed {
            self.closed = true;
            items.push("(closes the connection)".to_owned());
        }
        items
    }
}

/// What is said again and again becomes one line with a count: the same sender's commands of one kind in a row, and heartbeats also where others lie between.
pub fn fold(exchanges: Vec<Exchange>) -> Vec<Exchange> {
    let mut folded: Vec<Exchange> = Vec::new();
    for exchange in exchanges {
        let kind = kind(&exchange.text);
        let heartbeat = is_heartbeat(&exchange);
        let mut earlier = folded
            .iter_mut()
            .rev()
            .take_while(|e| heartbeat && is_heartbeat(e))
            .filter(|e| e.from == exchange.from && e.connection == exchange.connection);
        if let Some(same) = earlier.find(|e| self::kind(&e.text) == kind) {
            same.count += 1;
            continue;
        }
        match folded.last_mut() {
            Some(last)
                if last.from == exchange.from && last.connection == exchange.connection && self::kind(&last.text) == kind && !kind.is_empty() =>
            {
                last.count += 1
            }
            _ => folded.push(exchange),
        }
    }
    folded
}

/// At most so many lines: the beginning and the end, where there are more.
pub fn limit(mut exchanges: Vec<Exchange>) -> Vec<Exchange> {
    if exchanges.len() <= MOST {
        return exchanges;
    }
    let gone = exchanges.len() - MOST + 1;
    let at = MOST * 2 / 3;
    let mut between = exchanges[at].clone();
    between.text = format!("({gone} further lines)");
    exchanges.splice(at..at + gone, [between]);
    exchanges
}

fn is_heartbeat(exchange: &Exchange) -> bool {
    matches!(kind(&exchange.text).as_str(), "REPLCONF ACK" | "REPLCONF GETACK" | "PING")
}

/// A command's name, of REPLCONF with what it is about; nothing for a reply or an event, which are told one by one.
fn kind(text: &str) -> String {
    let mut words = text.split(' ');
    let first = words.next().unwrap_or_default().to_uppercase();
    match (first.as_str(), words.next()) {
        (sign, _) if sign.starts_with(['+', '-', ':', '(']) => String::new(),
        ("REPLCONF", Some(about)) => format!("REPLCONF {}", about.to_uppercase()),
        _ => first,
    }
}

fn cut(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST - 1).chain(['\u{2026}']).collect() }
}
