//! Numbers as people write and read them: `64mb` and `1.5 s` in, `64 MB` and `1.5 s` out. Sizes count as Redis counts them: `1k` is 1000, `1kb` is 1024.
//!
//! The book's script formats alike, and is held against what is written here: keep the two the same.

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Bytes,
    BytesPerSecond,
    PerSecond,
    Seconds,
    Milliseconds,
    /// Whole things.
    Count,
    /// Times so much.
    Factor,
    /// 1 is yes, 0 is no.
    YesNo,
}

const SIZES: [(f64, &str); 4] = [(1_099_511_627_776.0, "TB"), (1_073_741_824.0, "GB"), (1_048_576.0, "MB"), (1024.0, "kB")];
/// Endings of sizes, the longer first; as in a server's configuration file.
const ENDINGS: [(&str, f64); 11] = [
    ("tb", 1_099_511_627_776.0),
    ("gb", 1_073_741_824.0),
    ("mb", 1_048_576.0),
    ("kb", 1024.0),
    ("ms", 0.001),
    ("min", 60.0),
    ("g", 1e9),
    ("m", 1e6),
    ("k", 1e3),
    ("b", 1.0),
    ("s", 1.0),
];

impl Unit {
    /// Its name as a machine would ask for it.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Bytes => "bytes",
            Unit::BytesPerSecond => "bytes-per-second",
            Unit::PerSecond => "per-second",
            Unit::Seconds => "seconds",
            Unit::Milliseconds => "milliseconds",
            Unit::Count => "count",
            Unit::Factor => "factor",
            Unit::YesNo => "yes-no",
        }
    }

    /// What a command line's help puts in place of a value.
    pub fn value_name(self) -> &'static str {
        match self {
            Unit::Bytes => "BYTES",
            Unit::BytesPerSecond => "BYTES/S",
            Unit::PerSecond => "N/S",
            Unit::Seconds => "SECONDS",
            Unit::Milliseconds => "MS",
            Unit::Factor => "TIMES",
            Unit::Count | Unit::YesNo => "N",
        }
    }

    /// The number for a person.
    pub fn written(self, value: f64) -> String {
        match self {
            Unit::Bytes => size(value),
            Unit::BytesPerSecond => format!("{}/s", size(value)),
            Unit::PerSecond => format!("{}/s", tenth(value)),
            Unit::Seconds => format!("{} s", tenth(value)),
            Unit::Milliseconds => format!("{} ms", tenth(value)),
            Unit::Count => tenth(value),
            Unit::Factor => format!("{}\u{d7}", tenth(value)),
            Unit::YesNo => if value == 0.0 { "no" } else { "yes" }.to_owned(),
        }
    }

    /// The number a person wrote; `None` for what is none.
    pub fn read(self, text: &str) -> Option<f64> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.trim_end_matches("/s");
        let plain = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        if let Some(number) = plain(text) {
            return Some(number);
        }
        let (number, ending, factor) =
            ENDINGS.iter().find_map(|(ending, factor)| text.strip_suffix(ending).map(|number| (number, *ending, *factor)))?;
        let number = plain(number)?;
        let is_time = matches!(ending, "ms" | "s" | "min");
        match self {
            Unit::Seconds if is_time => Some(number * factor),
            Unit::Milliseconds if is_time => Some(number * factor * 1000.0),
            Unit::Bytes | Unit::BytesPerSecond if !is_time => Some(number * factor),
            Unit::PerSecond | Unit::Count if matches!(ending, "k" | "m" | "g") => Some(number * factor),
            _ => None,
        }
    }
}

fn size(bytes: f64) -> String {
    match SIZES.iter().find(|(factor, _)| bytes >= *factor) {
        Some((factor, name)) => format!("{} {name}", tenth(bytes / factor)),
        None => format!("{} B", tenth(bytes)),
    }
}

/// To a tenth, without a zero behind the point.
fn tenth(value: f64) -> String {
    format!("{}", (value * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_a_server_would() {
        assert_eq!(Unit::Bytes.read("1mb"), Some(1_048_576.0));
        assert_eq!(Unit::Bytes.read("1m"), Some(1_000_000.0));
        assert_eq!(Unit::BytesPerSecond.read("2 MB/s"), Some(2_097_152.0));
        assert_eq!(Unit::Seconds.read("2min"), Some(120.0));
        assert_eq!(Unit::Milliseconds.read("1.5s"), Some(1500.0));
        assert_eq!(Unit::Milliseconds.read("300 ms"), Some(300.0));
        assert_eq!(Unit::PerSecond.read("20k"), Some(20_000.0));
        let wrong =
            [(Unit::Bytes, "10s"), (Unit::Seconds, "10mb"), (Unit::Count, "x"), (Unit::Factor, "2kb"), (Unit::Bytes, "inf"), (Unit::Bytes, "")];
        assert!(wrong.iter().all(|(unit, text)| unit.read(text).is_none()));
    }

    #[test]
    fn numbers_are_written_to_a_tenth() {
        let written: Vec<String> = [0.0, 23.0, 1024.0, 1_258_291.2, 64.0 * 1_073_741_824.0].iter().map(|n| Unit::Bytes.written(*n)).collect();
        assert_eq!(written, ["0 B", "23 B", "1 kB", "1.2 MB", "64 GB"]);
        assert_eq!(Unit::Seconds.written(2.25), "2.3 s");
        assert_eq!(Unit::YesNo.written(1.0), "yes");
        assert_eq!(Unit::Count.written(3.0), "3");
    }
}
