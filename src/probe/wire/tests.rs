//! A recorded capture, and made-up bytes for what it does not hold.

use super::packets::{Segment, segments};
use super::resp::Reader;
use super::streams::Stream;
use super::{Capture, exchanges, fold, limit};
use crate::record::Exchange;

/// The handshake of a new replica with a master (redis 7.0.15), as tcpdump wrote it.
const HANDSHAKE: &[u8] = include_bytes!("handshake.pcap");

fn capture() -> Capture {
    let server = |address: &str, name: &str| (address.parse().unwrap(), name.to_owned());
    let servers = vec![server("198.18.33.13:6379", "replica-2"), server("198.18.33.11:6379", "master")];
    Capture { node: "replica-2".into(), peer: "master".into(), path: String::new(), zero_us: 0, servers }
}

fn said(from: &str, text: &str) -> Exchange {
    Exchange { at_us: 0, from: from.into(), to: String::new(), text: text.into(), count: 1, connection: 1 }
}

fn segment(sequence: u32, data: &str) -> Segment {
    let address = "198.18.0.11:6379".parse().unwrap();
    Segment { at_us: 0, from: address, to: address, sequence, syn: false, end: false, data: data.into() }
}

#[test]
fn a_recorded_handshake_is_understood() {
    let said = fold(exchanges(HANDSHAKE, &capture()).unwrap());
    let told: Vec<String> = said.iter().map(|e| format!("{} {}: {} x{}", e.connection, e.from, e.text, e.count)).collect();
    insta::assert_snapshot!(told.join("\n"));
    assert!(said.windows(2).all(|pair| pair[0].at_us <= pair[1].at_us));
}

#[test]
fn a_file_that_is_cut_off_gives_what_is_whole() {
    let all = segments(HANDSHAKE).unwrap().len();
    assert_eq!(segments(&HANDSHAKE[..HANDSHAKE.len() - 1]).unwrap().len(), all - 1);
    assert_eq!(segments(&HANDSHAKE[..30]).unwrap(), []);
    let twice = [HANDSHAKE, &HANDSHAKE[24..]].concat();
    assert_eq!(segments(&twice).unwrap().len(), all, "what is written twice is taken once");
    assert_eq!(segments(b""), Err("the capture is empty".to_owned()));
    assert!(segments(b"no capture at all, but long enough").unwrap_err().contains("begins no capture"));
}

#[test]
fn segments_are_put_in_order_and_taken_once() {
    let mut stream = Stream::default();
    assert_eq!(stream.take(&segment(u32::MAX - 1, "ab")), b"ab", "a capture may begin in the middle");
    assert_eq!(stream.take(&segment(3, "fg")), b"", "numbers wrap around: this one comes too early");
    assert_eq!(stream.take(&segment(u32::MAX - 1, "ab")), b"", "a retransmission");
    assert_eq!(stream.take(&segment(u32::MAX, "bcde")), b"cdefg", "one that overlaps what is known");
}

#[test]
fn items_may_come_in_pieces() {
    let mut reader = Reader::default();
    let bytes = b"*2\r\n$4\r\nPING\r\n$3\r\n\x00a\x01\r\n+CONTINUE abc\r\n:5\r\n$-1\r\n\n-ERR no\r\nPING\r\n";
    let whole = Reader::default().take(bytes);
    assert_eq!(whole, ["PING (3 bytes)", "+CONTINUE abc", ":5", "(nil)", "-ERR no", "PING"]);
    let pieces: Vec<String> = bytes.iter().flat_map(|byte| reader.take(&[*byte])).collect();
    assert_eq!(pieces, whole);
}

#[test]
fn snapshots_of_both_kinds_end_where_they_end() {
    let ping = "*1\r\n$4\r\nPING\r\n";
    let known = format!("+FULLRESYNC abc 0\r\n\n$5\r\nab\r\nc{ping}");
    let mark = "0123456789012345678901234567890123456789";
    let unknown = format!("+FULLRESYNC abc 0\r\n$EOF:{mark}\r\nREDIS{}{mark}{ping}", "x".repeat(100));
    for (bytes, size) in [(known, 5), (unknown, 105)] {
        let told = ["+FULLRESYNC abc 0".to_owned(), format!("(snapshot, {size} bytes)"), "PING".to_owned()];
        assert_eq!(Reader::default().take(bytes.as_bytes()), told);
        let mut reader = Reader::default();
        let pieces: Vec<String> = bytes.bytes().flat_map(|byte| reader.take(&[byte])).collect();
        assert_eq!(pieces, told);
    }
}

#[test]
fn what_repeats_is_folded_and_what_answers_is_not() {
    let folded = fold(vec![
        said("replica", "REPLCONF capa eof"),
        said("master", "+OK"),
        said("replica", "REPLCONF ACK 1"),
        said("master", "PING"),
        said("replica", "REPLCONF ACK 15"),
        said("master", "SET a 1"),
        said("master", "SET b 1"),
        said("replica", "REPLCONF ACK 60"),
        said("master", "+OK"),
        said("master", "+OK"),
    ]);
    let told: Vec<String> = folded.iter().map(|e| format!("{} x{}", e.text, e.count)).collect();
    assert_eq!(told, ["REPLCONF capa eof x1", "+OK x1", "REPLCONF ACK 1 x2", "PING x1", "SET a 1 x2", "REPLCONF ACK 60 x1", "+OK x1", "+OK x1"]);
    let many = limit((0..200).map(|n| said("master", &format!("+{n}"))).collect());
    assert_eq!((many.len(), many[40].text.as_str(), many[41].text.as_str()), (60, "(141 further lines)", "+181"));
}
