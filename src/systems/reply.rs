//! What a node answered, as people write it.

use std::fmt;

/// A reply. Over HTTP it is the text of a body, or an error that begins with the status.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    Nil,
    Int(i64),
    Text(String),
    List(Vec<Reply>),
    /// An error reply: the server runs and says no. The whole line, code first.
    Error(String),
}

impl Reply {
    /// The text of a text reply.
    pub fn text(&self) -> Option<&str> {
        match self {
            Reply::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list's texts, for replies that are lists of strings.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Reply::List(items) => items.iter().map(Reply::to_string).collect(),
            other => vec![other.to_string()],
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Nil => f.write_str("(nil)"),
            Reply::Int(n) => write!(f, "{n}"),
            Reply::Text(text) | Reply::Error(text) => f.write_str(text),
            Reply::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { "\n" })?;
                }
                Ok(())
            }
        }
    }
}
