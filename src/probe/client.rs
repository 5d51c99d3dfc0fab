//! One node's client connection: ask a command, get a typed reply within a limit.

use super::dial;
use super::shown::shown;
use crate::systems::Reply;
use redis::Value;
use redis::aio::MultiplexedConnection;
use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

/// Limit for one question unless the caller has its own. No sentence states it, so it is generous: on a busy machine SAVE, EVAL and DEBUG POPULATE take their time.
pub const ANSWER: Duration = Duration::from_secs(10);
/// Limit for a question where silence is an answer too: one of several nodes may well be frozen or cut off.
pub const GLANCE: Duration = Duration::from_secs(1);

/// A client of one node. Cheap to make; connects when first asked and again after a broken connection.
#[derive(Debug)]
pub struct Client {
    port: u16,
    connection: RefCell<Option<MultiplexedConnection>>,
}

/// What came back, as the Redis client has it.
enum Answer {
    Value(Value),
    /// The whole line, code first.
    Error(String),
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeError {
    /// Nothing accepts connections, or the connection broke.
    Unreachable(String),
    /// Connected, but silent for this long.
    Silent(Duration),
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProbeError::Unreachable(why) => write!(f, "no connection ({why})"),
            ProbeError::Silent(limit) => write!(f, "no answer within {}", crate::wait::seconds(*limit)),
        }
    }
}

impl std::error::Error for ProbeError {}

impl Client {
    /// A client of the node whose client port is published on this port of 127.0.0.1.
    pub fn new(port: u16) -> Client {
        Client { port, connection: RefCell::new(None) }
    }

    /// Sends one command and waits for its reply, an error reply included.
    ///
    /// # Errors
    /// No connection, or no answer within `limit`; the connection is then given up, so that a late answer meets no later question.
    pub async fn ask_within<S: AsRef<str>>(&self, args: &[S], limit: Duration) -> Result<Reply, ProbeError> {
        Ok(match self.answer_within(args, limit).await? {
            Answer::Value(value) => reply(value),
            Answer::Error(line) => Reply::Error(line),
        })
    }

    async fn answer_within<S: AsRef<str>>(&self, args: &[S], limit: Duration) -> Result<Answer, ProbeError> {
        match tokio::time::timeout(limit, self.exchange(args)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.connection.borrow_mut().take();
                Err(ProbeError::Unreachable(error.to_string()))
            }
            Err(_) => {
                self.connection.borrow_mut().take();
                Err(ProbeError::Silent(limit))
            }
        }
    }

    /// As [`Client::ask_within`], with the usual limit.
    ///
    /// # Errors
    /// See [`Client::ask_within`].
    pub async fn ask<S: AsRef<str>>(&self, args: &[S]) -> Result<Reply, ProbeError> {
        self.ask_within(args, ANSWER).await
    }

    async fn connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        let fresh = dial::commands(self.port).await?;
        *self.connection.borrow_mut() = Some(fresh.clone());
        Ok(fresh)
    }

    /// As [`Client::ask_within`], with the reply also as redis-cli prints it to a terminal (`typed`) or into a pipe.
    ///
    /// # Errors
    /// See [`Client::ask_within`].
    pub async fn ask_shown<S: AsRef<str>>(&self, args: &[S], limit: Duration, typed: bool) -> Result<(Reply, String), ProbeError> {
        let answer = self.answer_within(args, limit).await?;
        Ok(match answer {
            Answer::Value(value) => (reply(value.clone()), shown(&value, typed)),
            Answer::Error(line) if typed => (Reply::Error(line.clone()), format!("(error) {line}")),
            Answer::Error(line) => (Reply::Error(line.clone()), line),
        })
    }

    async fn exchange<S: AsRef<str>>(&self, args: &[S]) -> Result<Answer, redis::RedisError> {
        let mut command = redis::Cmd::new();
        for arg in args {
            command.arg(arg.as_ref());
        }
        let held = self.connection.borrow().clone();
        let sent = match held {
            // A connection that ended while it was idle (a restart, a demotion) took no command and says nothing about the server of now.
            Some(mut connection) => match connection.send_packed_command(&command).await {
                Err(error) if is_broken_pipe(&error) => self.connect().await?.send_packed_command(&command).await,
                sent => sent,
            },
            None => self.connect().await?.send_packed_command(&command).await,
        };
        match sent {
            Ok(value) => Ok(Answer::Value(value)),
            Err(error) => match error_line(&error) {
                Some(line) => Ok(Answer::Error(line)),
                None => Err(error),
            },
        }
    }
}

/// The library's word for a connection whose other end is gone before anything was sent.
fn is_broken_pipe(error: &redis::RedisError) -> bool {
    error.kind() == redis::ErrorKind::Io && error.is_connection_dropped() && error.to_string().contains("broken pipe")
}

/// The server's own error line, when the error is one; `None` for a broken connection.
pub(crate) fn error_line(error: &redis::RedisError) -> Option<String> {
    let code = error.code()?;
    Some(match error.detail() {
        Some(detail) if !detail.is_empty() => format!("{code} {detail}"),
        _ => code.to_owned(),
    })
}

/// A value of the Redis client as a reply.
pub(crate) fn reply(value: Value) -> Reply {
    match value {
        Value::Nil => Reply::Nil,
        Value::Int(n) => Reply::Int(n),
        Value::BulkString(bytes) => Reply::Text(String::from_utf8_lossy(&bytes).into_owned()),
        Value::SimpleString(text) => Reply::Text(text),
        Value::Okay => Reply::Text("OK".to_owned()),
        Value::Array(items) | Value::Set(items) => Reply::List(items.into_iter().map(reply).collect()),
        Value::Map(pairs) => Reply::List(pairs.into_iter().flat_map(|(key, value)| [reply(key), reply(value)]).collect()),
        Value::ServerError(error) => Reply::Error(format!("{} {}", error.code(), error.details().unwrap_or_default()).trim_end().to_owned()),
        other => Reply::Text(format!("{other:?}")),
    }
}
