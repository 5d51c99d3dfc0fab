//! One direction of a connection: segments in any order become bytes in theirs, each once.

use super::packets::Segment;
use std::collections::BTreeMap;

/// What was sent in one direction so far.
#[derive(Debug, Default)]
pub struct Stream {
    /// The sequence number that comes next; `None` until the first segment.
    next: Option<u32>,
    /// Segments that came before their turn, by their distance from the first.
    waiting: BTreeMap<u32, Vec<u8>>,
}

impl Stream {
    /// Takes a segment; returns the bytes whose turn it is. A retransmission gives nothing new.
    pub fn take(&mut self, segment: &Segment) -> Vec<u8> {
        if segment.syn {
            *self = Stream { next: Some(segment.sequence.wrapping_add(1)), waiting: BTreeMap::new() };
        }
        if segment.data.is_empty() {
            return Vec::new();
        }
        // A capture may begin in the middle of a connection.
        let mut next = *self.next.get_or_insert(segment.sequence);
        let first = if segment.syn { segment.sequence.wrapping_add(1) } else { segment.sequence };
        self.waiting.insert(first, segment.data.clone());
        let mut bytes = Vec::new();
        while let Some((first, data)) = self.due(next) {
            self.waiting.remove(&first);
            let known = next.wrapping_sub(first) as usize;
            if let Some(fresh) = data.get(known..) {
                bytes.extend_from_slice(fresh);
                next = next.wrapping_add(fresh.len() as u32);
            }
        }
        self.next = Some(next);
        bytes
    }

    /// A waiting segment that begins at or before what comes next. Numbers wrap around, so "before" is a distance of less than half the circle.
    fn due(&self, next: u32) -> Option<(u32, Vec<u8>)> {
        let before = |first: u32| next.wrapping_sub(first) < u32::MAX / 2;
        self.waiting.iter().find(|(first, _)| before(**first)).map(|(first, data)| (*first, data.clone()))
    }
}
