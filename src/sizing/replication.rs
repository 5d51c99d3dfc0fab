//! What the stream of writes costs: bytes a write, the backlog for an outage, the buffer of a replica that is being copied to.

use super::{Calculator, Input, Output, Unit, nothing};
use std::time::Duration;

/// The smallest backlog a server accepts (`CONFIG_REPL_BACKLOG_MIN_SIZE` in redis 7.0 to 8.0 and valkey 8.1): a smaller setting is raised to it.
pub const SMALLEST: f64 = 16.0 * 1024.0;

/// Bytes of a command as it travels to the replicas: an array of its words, each with its length before it (RESP 2).
pub fn command_bytes(words: &[f64]) -> f64 {
    let digits = |n: f64| if n < 10.0 { 1.0 } else { n.log10().floor() + 1.0 };
    // `*3\r\n`, and for each word `$5\r\nhello\r\n`.
    let count = words.iter().map(|_| 1.0).sum::<f64>();
    3.0 + digits(count) + words.iter().map(|length| 5.0 + digits(*length) + length).sum::<f64>()
}

/// Bytes of backlog with which a replica can be away for so many seconds while the master's stream grows by `rate` bytes a second, with `margin` times as much room. The rate is
/// that of `master_repl_offset`, commands and all, not that of the values alone.
pub fn backlog(rate: f64, outage: f64, margin: f64) -> f64 {
    (rate * outage * margin).max(SMALLEST)
}

/// The same in whole bytes, for a server's configuration; what does not fit is the largest number there is.
pub fn backlog_bytes(outage: Duration, rate: u64, margin: u64) -> u64 {
    // A float that is too large becomes the largest integer.
    backlog(rate as f64, outage.as_secs_f64(), margin as f64).round() as u64
}

/// What one `SET` costs in the stream.
pub const STREAM: Calculator = Calculator {
    name: "stream",
    title: "Bytes of the replication stream",
    about: "How fast does the offset grow when clients SET keys and values of this length?",
    inputs: &[
        Input { name: "key", unit: Unit::Bytes, default: 20.0, least: 0.0, most: 536_870_912.0, help: "Length of a key" },
        Input { name: "value", unit: Unit::Bytes, default: 100.0, least: 0.0, most: 536_870_912.0, help: "Length of a value" },
        Input { name: "writes", unit: Unit::PerSecond, default: 1000.0, least: 0.0, most: 1e9, help: "Writes a second, all clients together" },
    ],
    outputs: &[
        Output { name: "a write", unit: Unit::Bytes, how: "*3, and for SET, key and value each: $, its length, itself, line ends" },
        Output { name: "the stream", unit: Unit::BytesPerSecond, how: "bytes a write x writes a second" },
    ],
    compute: |inputs| {
        let bytes = command_bytes(&[3.0, inputs[0], inputs[1]]);
        vec![bytes, bytes * inputs[2]]
    },
    refuses: nothing,
    examples: &[&[10.0, 10.0, 1000.0], &[20.0, 100.0, 1000.0], &[20.0, 1000.0, 1000.0], &[40.0, 10_000.0, 500.0]],
    shown: &[
        "replication/stream#an-offset-counts-bytes",
        "replication/stream#the-first-write-names-its-database",
        "replication/stream#once-for-all-replicas",
    ],
};

/// How large a backlog has to be.
pub const BACKLOG: Calculator = Calculator {
    name: "backlog",
    title: "Backlog for an outage",
    about: "How large must repl-backlog-size be, so that a replica that was away this long need not copy everything?",
    inputs: &[
        Input {
            name: "rate",
            unit: Unit::BytesPerSecond,
            default: 1_048_576.0,
            least: 0.0,
            most: 1e12,
            help: "Growth of master_repl_offset in a second, at the busiest hour; not the values alone",
        },
        Input {
            name: "outage",
            unit: Unit::Seconds,
            default: 60.0,
            least: 0.0,
            most: 604_800.0,
            help: "Longest absence to survive: a restart with its loading, a switch, a reboot",
        },
        Input { name: "margin", unit: Unit::Factor, default: 2.0, least: 1.0, most: 100.0, help: "Times as much room" },
    ],
    outputs: &[
        Output { name: "repl-backlog-size", unit: Unit::Bytes, how: "rate x outage x margin, 16 kB at the least" },
        Output { name: "lasts", unit: Unit::Seconds, how: "that size / rate" },
        Output { name: "1 MB lasts", unit: Unit::Seconds, how: "Redis' default / rate" },
        Output { name: "10 MB last", unit: Unit::Seconds, how: "the default of Valkey 8 / rate" },
    ],
    compute: |inputs| {
        let size = backlog(inputs[0], inputs[1], inputs[2]);
        let lasts = |size: f64| size / inputs[0];
        vec![size, lasts(size), lasts(1_048_576.0), lasts(10.0 * 1_048_576.0)]
    },
    refuses: |inputs| (inputs[0] <= 0.0).then_some("where nothing is written any backlog lasts for ever: the rate has to be above 0"),
    examples: &[&[10_000.0, 60.0, 2.0], &[100_000.0, 5.0, 2.0], &[1_048_576.0, 60.0, 2.0], &[5_242_880.0, 300.0, 2.0]],
    shown: &[
        "replication/storm#an-outage-the-backlog-was-sized-for",
        "replication/storm#an-outage-beyond-the-backlog",
        "replication/partial-resync#too-much-was-written",
        "replication/buffers#the-oldest-byte",
    ],
};

/// Whether a full resynchronisation can end.
pub const SYNC: Calculator = Calculator {
    name: "sync",
    title: "Buffer of a replica that copies everything",
    about: "What is written during a full resynchronisation waits in the replica's output buffer. Does it fit, or does the copy begin again and again?",
    inputs: &[
        Input { name: "data", unit: Unit::Bytes, default: 10_737_418_240.0, least: 0.0, most: 1e15, help: "Size of the snapshot" },
        Input {
            name: "speed",
            unit: Unit::BytesPerSecond,
            default: 104_857_600.0,
            least: 1.0,
            most: 1e12,
            help: "Bytes of snapshot a second, from the fork to the end of the replica's loading",
        },
        Input {
            name: "rate",
            unit: Unit::BytesPerSecond,
            default: 1_048_576.0,
            least: 0.0,
            most: 1e12,
            help: "Growth of master_repl_offset in a second meanwhile",
        },
        Input {
            name: "hard",
            unit: Unit::Bytes,
            default: 268_435_456.0,
            least: 0.0,
            most: 1e15,
            help: "Hard limit of client-output-buffer-limit replica (0: none)",
        },
        Input { name: "soft", unit: Unit::Bytes, default: 67_108_864.0, least: 0.0, most: 1e15, help: "Its soft limit (0: none)" },
        Input {
            name: "soft-seconds",
            unit: Unit::Seconds,
            default: 60.0,
            least: 0.0,
            most: 86_400.0,
            help: "How long the soft limit may be exceeded",
        },
    ],
    outputs: &[
        Output { name: "takes", unit: Unit::Seconds, how: "data / speed" },
        Output { name: "waiting in the end", unit: Unit::Bytes, how: "rate x that time" },
        Output { name: "over the soft limit for", unit: Unit::Seconds, how: "that time, less soft / rate" },
        Output { name: "ends", unit: Unit::YesNo, how: "never at the hard limit, and not for longer than allowed at the soft one" },
        Output { name: "hard limit to set", unit: Unit::Bytes, how: "twice what waits in the end" },
    ],
    compute: |inputs| {
        let [data, speed, rate, hard, soft, allowed] = [inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5]];
        let takes = data / speed;
        let waiting = rate * takes;
        let over = if soft > 0.0 && waiting > soft { takes - soft / rate } else { 0.0 };
        let ends = (hard <= 0.0 || waiting < hard) && over <= allowed;
        vec![takes, waiting, over, if ends { 1.0 } else { 0.0 }, waiting * 2.0]
    },
    refuses: nothing,
    examples: &[
        &[10_737_418_240.0, 104_857_600.0, 1_048_576.0, 268_435_456.0, 67_108_864.0, 60.0],
        &[10_737_418_240.0, 104_857_600.0, 3_145_728.0, 268_435_456.0, 67_108_864.0, 60.0],
        &[21_474_836_480.0, 104_857_600.0, 1_048_576.0, 268_435_456.0, 67_108_864.0, 60.0],
        &[21_474_836_480.0, 104_857_600.0, 1_048_576.0, 1_073_741_824.0, 0.0, 0.0],
    ],
    shown: &[
        "replication/buffers#more-than-the-backlog",
        "replication/buffers#a-sync-that-never-ends",
        "replication/buffers#a-slow-replica-is-dropped",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// The scenario `the-first-write-names-its-database` sees the same 23 bytes.
    #[test]
    fn a_command_is_as_long_as_it_travels() {
        assert_eq!(command_bytes(&[6.0, 1.0]), 23.0);
        assert_eq!(command_bytes(&[6.0, 1.0]), "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n".len() as f64);
        let value = "x".repeat(100);
        assert_eq!(command_bytes(&[3.0, 20.0, 100.0]), format!("*3\r\n$3\r\nSET\r\n$20\r\n{}\r\n$100\r\n{value}\r\n", &value[..20]).len() as f64);
        assert_eq!(command_bytes(&[3.0, 0.0, 9.0]), "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$9\r\n123456789\r\n".len() as f64);
    }

    #[test]
    fn ten_kilobytes_a_second_for_a_minute_twice_over_are_1_2_megabytes() {
        assert_eq!(backlog_bytes(MINUTE, 10_000, 2), 1_200_000);
        // With kilobytes of 1024 it is 1.17 MiB, which is how the same rule is often quoted.
        let mebibytes = backlog(10.0 * 1024.0, 60.0, 2.0) / f64::from(1 << 20);
        assert!((mebibytes - 1.17).abs() < 0.005, "{mebibytes}");
    }

    #[test]
    fn every_factor_counts() {
        assert_eq!(backlog_bytes(MINUTE, 10_000, 1), 600_000);
        assert_eq!(backlog_bytes(MINUTE, 20_000, 1), 1_200_000);
        assert_eq!(backlog_bytes(2 * MINUTE, 10_000, 1), 1_200_000);
        assert_eq!(backlog_bytes(Duration::from_millis(1500), 100_000, 1), 150_000);
    }

    #[test]
    fn nothing_is_smaller_than_a_server_allows_nor_larger_than_a_number() {
        assert_eq!(backlog_bytes(Duration::ZERO, 10_000, 2), 16_384);
        assert_eq!(backlog_bytes(Duration::from_secs(u64::MAX), u64::MAX, 2), u64::MAX);
    }

    #[test]
    fn the_default_of_redis_lasts_half_a_second_at_two_megabytes_a_second() {
        let answers = BACKLOG.answer(&[2_097_152.0, 1.0, 1.0]).expect("within bounds");
        assert_eq!(answers, [2_097_152.0, 1.0, 0.5, 5.0]);
        assert!(BACKLOG.answer(&[0.0, 1.0, 1.0]).is_err());
    }

    #[test]
    fn a_copy_ends_when_nothing_overflows() {
        let ends = |inputs: [f64; 6]| SYNC.answer(&inputs).expect("within bounds");
        // 100 s at 1 MB/s: 100 MB, of which 36 s above 64 MB.
        assert_eq!(ends([1e10, 1e8, 1e6, 268e6, 64e6, 60.0]), [100.0, 1e8, 36.0, 1.0, 2e8]);
        // The hard limit is reached.
        assert_eq!(ends([1e10, 1e8, 3e6, 268e6, 0.0, 0.0])[3], 0.0);
        // Below the hard limit, and above the soft one for too long.
        assert_eq!(ends([2e10, 1e8, 1e6, 268e6, 64e6, 60.0])[2..4], [136.0, 0.0]);
        // Without limits it always ends; what it takes is the memory.
        assert_eq!(ends([2e10, 1e8, 3e6, 0.0, 0.0, 0.0])[3], 1.0);
    }
}
