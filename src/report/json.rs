//! The index of a run as JSON, for other programs.
//!
//! You are in the right place for `--report json`. It is the same value as `record.json`; its schema is that of the record.

use super::{Report, Run};

/// The index, indented, with a newline at its end.
#[derive(Debug, Clone, Copy)]
pub struct Json;

impl Report for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn render(&self, run: &Run<'_>) -> Vec<u8> {
        // Plain data with string keys: there is nothing in it that JSON cannot hold.
        let mut bytes = serde_json::to_vec_pretty(run.record).unwrap_or_else(|e| format!("{{\"error\": {:?}}}", e.to_string()).into_bytes());
        bytes.push(b'\n');
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RunRecord;
    use crate::report::sample;

    #[test]
    fn it_reads_back_as_the_same_record() {
        let (record, evidence) = sample::run();
        let bytes = Json.render(&Run { record: &record, evidence: &evidence, sources: &|_| None, folder: "x" });
        let back: RunRecord = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(back, record);
    }
}
