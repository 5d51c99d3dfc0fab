//! A file of captured packets as TCP segments.
//!
//! The file is tcpdump's own: 24 bytes of header, then 16 bytes of header a packet, in the byte order of the machine that wrote it.

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use std::collections::HashSet;
use std::net::SocketAddrV4;

/// Link types that tcpdump gives us: of one interface, and of all at once.
const ETHERNET: u32 = 1;
const LINUX_SLL: u32 = 113;

/// What one packet carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Microseconds since 1970.
    pub at_us: u64,
    pub from: SocketAddrV4,
    pub to: SocketAddrV4,
    pub sequence: u32,
    pub syn: bool,
    /// FIN or RST.
    pub end: bool,
    pub data: Vec<u8>,
}

/// Reads the file. A last packet that is cut off is still being written, and left out.
///
/// # Errors
/// It is no capture, or of a kind we do not ask tcpdump for.
pub fn segments(file: &[u8]) -> Result<Vec<Segment>, String> {
    let magic: [u8; 4] = file.get(..4).and_then(|bytes| bytes.try_into().ok()).ok_or("the capture is empty")?;
    let little = match u32::from_le_bytes(magic) {
        0xa1b2_c3d4 => true,
        0xd4c3_b2a1 => false,
        other => return Err(format!("{other:08x} begins no capture in microseconds")),
    };
    let number = |at: usize| -> Option<u32> {
        let bytes: [u8; 4] = file.get(at..at + 4)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let link = number(20).ok_or("the capture's header is cut off")?;
    let mut found = Vec::new();
    // On a busy host tcpdump was seen to write what the kernel's ring holds a second time: the same packets with the same times.
    let mut known = HashSet::new();
    let mut at = 24;
    while let (Some(seconds), Some(micros), Some(length)) = (number(at), number(at + 4), number(at + 8)) {
        let Some(packet) = file.get(at + 16..at + 16 + length as usize) else { break };
        let at_us = u64::from(seconds) * 1_000_000 + u64::from(micros);
        if known.insert((at_us, packet)) {
            found.extend(segment(link, packet, at_us)?);
        }
        at += 16 + length as usize;
    }
    Ok(found)
}

/// The TCP segment of one packet; none where it is of something else.
fn segment(link: u32, packet: &[u8], at_us: u64) -> Result<Option<Segment>, String> {
    let sliced = match link {
        ETHERNET => SlicedPacket::from_ethernet(packet),
        LINUX_SLL => SlicedPacket::from_linux_sll(packet),
        other => return Err(format!("link type {other} is neither Ethernet nor Linux cooked")),
    };
    let Ok(SlicedPacket { net: Some(NetSlice::Ipv4(ip)), transport: Some(TransportSlice::Tcp(tcp)), .. }) = sliced else { return Ok(None) };
    Ok(Some(Segment {
        at_us,
        from: SocketAddrV4::new(ip.header().source_addr(), tcp.source_port()),
        to: SocketAddrV4::new(ip.header().destination_addr(), tcp.destination_port()),
        sequence: tcp.sequence_number(),
        syn: tcp.syn(),
        end: tcp.fin() || tcp.rst(),
        data: tcp.payload().to_vec(),
    }))
}
