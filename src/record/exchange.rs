//! What two nodes said to each other, as it went over the data network.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characters of a text that are kept.
pub const LONGEST: usize = 120;

/// One command, reply or event of a connection; several of a kind in a row are one, with a count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// Microseconds on the scenario's clock: when its last byte was on the wire.
    pub at_us: u64,
    pub from: String,
    pub to: String,
    /// A command or reply in words, at most 120 characters; what is no text stands in brackets: `(snapshot, 175 bytes)`, `(connects)`.
    pub text: String,
    /// How many of its kind were folded into this one; the text is that of the first.
    pub count: u32,
    /// Which of the connections between the two, from 1, in the order in which they are first heard.
    pub connection: u32,
}
