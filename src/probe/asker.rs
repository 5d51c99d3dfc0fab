//! A question to a node, by whatever protocol its system speaks.

use super::client::{Client, ProbeError};
use super::service;
use crate::systems::{Protocol, Reply, System};
use std::time::Duration;

/// Whom to ask. Cheap to make; a connection is kept where the protocol has one.
#[derive(Debug)]
pub struct Asker {
    protocol: Protocol,
    system: &'static dyn System,
    port: u16,
    resp: Client,
}

impl Asker {
    /// Of a node whose client port is published on this port of 127.0.0.1.
    pub fn new(system: &'static dyn System, port: u16) -> Asker {
        Asker { protocol: system.protocol(), system, port, resp: Client::new(port) }
    }

    /// Asks, and waits for the answer. A program of which nothing is known has none, and an HTTP status that is no success is an error reply.
    ///
    /// # Errors
    /// No connection, or no answer within `limit`.
    pub async fn ask(&self, question: &[&str], limit: Duration) -> Result<Reply, ProbeError> {
        match (self.protocol, question) {
            (Protocol::Resp, words) => self.resp.ask_within(words, limit).await,
            (Protocol::Http, [method, path]) => {
                let reply = service::request(self.port, method, path, limit).await?;
                Ok(if (200..300).contains(&reply.status) {
                    Reply::Text(reply.body)
                } else {
                    Reply::Error(format!("{} {}", reply.status, reply.body))
                })
            }
            (Protocol::Http, _) => Ok(Reply::Error(format!("`{}` is no method and path", question.join(" ")))),
            (Protocol::Tcp, _) => Ok(Reply::Nil),
        }
    }

    /// What the node lacks to be there as its system wants it; `None` when it lacks nothing.
    ///
    /// # Errors
    /// No connection, or no answer within `limit`.
    pub async fn lacks(&self, limit: Duration) -> Result<Option<String>, ProbeError> {
        match self.system.readiness().asked {
            Some((question, expected)) => {
                let reply = self.ask(question, limit).await?;
                Ok((reply != Reply::Text(expected.to_owned())).then(|| reply.to_string()))
            }
            None => service::knock(self.port).await.map(|()| None),
        }
    }

    /// Whether anybody is there to answer, ready or not.
    pub async fn is_there(&self, limit: Duration) -> bool {
        self.lacks(limit).await.is_ok()
    }

    /// Says something to which there is an answer if the process reads it; of a program of which nothing is known, Redis' PING, since any answer will do.
    ///
    /// # Errors
    /// No connection, or silence: the kernel accepts connections for a process that is frozen as well.
    pub async fn call(&self, limit: Duration) -> Result<Reply, ProbeError> {
        match (self.protocol, self.system.readiness().asked) {
            (Protocol::Resp | Protocol::Http, Some((question, _))) => self.ask(question, limit).await,
            _ => self.resp.ask_within(&["PING"], limit).await,
        }
    }
}
