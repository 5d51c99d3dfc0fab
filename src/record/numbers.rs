//! Numbers that a run may come to: a record may have come from anywhere, and arithmetic with its times is done in many places.
//!
//! You are in the right place when a record is refused for a number in it.

use serde::de::{DeserializeOwned, Error as _};

/// Most digits of a whole number: as milliseconds thirty years, as microseconds eleven days. Of so many, millions can be added.
const DIGITS: usize = 12;

/// Whole numbers that nothing is calculated with.
const FREE: [&str; 1] = ["shuffle"];

/// Reads a value of a record.
///
/// # Errors
/// It is no such value, or has a whole number that no run comes to.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    match beyond(json) {
        Some(digits) => Err(serde_json::Error::custom(format!("{digits} is more than a run comes to"))),
        None => serde_json::from_slice(json),
    }
}

/// The first whole number of a JSON text with too many digits; one beside a point or an exponent is none.
fn beyond(json: &[u8]) -> Option<String> {
    let mut at = 0;
    // The last text that ended: the name of a field, if a number follows.
    let mut name: &[u8] = b"";
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => {
                let start = at + 1;
                at = start;
                while json.get(at).is_some_and(|byte| *byte != b'"') {
                    at += if json[at] == b'\\' { 2 } else { 1 };
                }
                name = json.get(start..at).unwrap_or_default();
                at += 1;
            }
            b'0'..=b'9' => {
                let rest = &json[at..];
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let whole = rest.iter().take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)).count();
                if digits == whole && digits > DIGITS && !FREE.iter().any(|free| free.as_bytes() == name) {
                    return Some(String::from_utf8_lossy(&rest[..digits.min(40)]).into_owned());
                }
                at += whole;
            }
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_number_that_no_run_comes_to_is_refused() {
        for good in [
            r#"{"a": 999999999999, "b": "12345678901234567890", "shuffle": 12345678901234567890}"#,
            r#"[-5, 1.2345678901234567, 1e300, "\"1234567890123", 0.1234567890123456789e10]"#,
        ] {
            assert!(read::<Value>(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in [
            r#"{"a": 1000000000000}"#,
            "[18446744073709551615]",
            "[-9223372036854775808]",
            r#"{"shuffle": 1, "b": 1234567890123}"#,
            r#"["\\", 1234567890123]"#,
        ] {
            let error = read::<Value>(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("is more than a run comes to"), "{bad}: {error}");
        }
    }
}
