//! The slot of a key: CRC16 of the key, or of its hash tag, modulo 16384. Computed here by ourselves, so that a server's answer is compared with something else than itself.
//!
//! You are in the right place when a key lies in another slot than you expected. Checked against Redis 7.0, 8.0 and Valkey 8.1.

/// Slots of a cluster.
pub const SLOTS: u16 = 16384;

/// CRC16 as Redis Cluster uses it, known as XMODEM: polynomial 0x1021, beginning with 0, nothing reflected.
pub fn crc16(bytes: &[u8]) -> u16 {
    let shift = |crc: u16| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
    bytes.iter().fold(0, |crc, byte| (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| shift(crc)))
}

/// What of a key is hashed: what stands between its first `{` and the next `}`, or all of it if there is nothing between them.
pub fn hashed(key: &str) -> &str {
    let tag = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    tag.filter(|tag| !tag.is_empty()).unwrap_or(key)
}

/// The slot of a key, 0 to 16383.
pub fn slot(key: &str) -> u16 {
    crc16(hashed(key).as_bytes()) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc16_of_known_texts() {
        // The check value of CRC-16/XMODEM, and Redis' own comment in crc16.c.
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(crc16(b""), 0);
        assert_eq!(crc16(b"A"), 0x58e5);
    }

    #[test]
    fn slots_of_known_keys() {
        // From the documentation of CLUSTER KEYSLOT and from servers.
        for (key, expected) in [("foo", 12182), ("bar", 5061), ("hello", 866), ("somekey", 11058), ("", 0)] {
            assert_eq!(slot(key), expected, "{key}");
        }
    }

    #[test]
    fn a_tag_is_what_stands_between_the_first_braces() {
        for (key, part) in [
            ("{user1000}.following", "user1000"),
            ("foo{}{bar}", "foo{}{bar}"),
            ("foo{{bar}}zap", "{bar"),
            ("foo{bar}{zap}", "bar"),
            ("foo{bar", "foo{bar"),
            ("foo}bar{", "foo}bar{"),
        ] {
            assert_eq!(hashed(key), part, "{key}");
        }
        assert_eq!(slot("foo{hash_tag}"), slot("bar{hash_tag}"));
    }
}
