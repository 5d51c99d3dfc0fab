//! Services beside the servers, such as an application of one's own: who accepts connections, and what is answered over HTTP.

use super::params::{Nodes, Span};
use crate::deployment::Reach;
use crate::error::{Step, StepError};
use crate::probe::service::HttpReply;
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::then;

/// Somebody in the data network can connect to each of these nodes. A frozen process counts too: the kernel accepts for it.
#[then(expr = "within {duration} {nodes} accept(s) connections")]
async fn accepts(world: &mut World, span: Span, nodes: Nodes) -> Step {
    world.expect_reach(span, &nodes, Reach::Open, "accepts connections").await
}

/// Somebody in the data network who tries to connect is refused at once, as by a host on which no process listens.
#[then(expr = "within {duration} {nodes} refuse(s) connections")]
async fn refuses(world: &mut World, span: Span, nodes: Nodes) -> Step {
    world.expect_reach(span, &nodes, Reach::Refused, "refuses connections").await
}

/// A GET of this path is answered with this HTTP status.
#[then(expr = "within {duration} {nodes} answer(s) GET {string} with status {int}")]
async fn answers_with_status(world: &mut World, span: Span, nodes: Nodes, path: String, status: u16) -> Step {
    world.expect_answer(span, &nodes, &path, &format!("status {status}"), |reply| reply.status == status).await
}

/// A GET of this path is answered with a body that has this in it, whatever the status.
#[then(expr = "within {duration} {nodes} answer(s) GET {string} with {string}")]
async fn answers_with_text(world: &mut World, span: Span, nodes: Nodes, path: String, text: String) -> Step {
    world.expect_answer(span, &nodes, &path, &format!("... {text} ..."), |reply| reply.body.contains(&text)).await
}

impl World {
    async fn expect_reach(&mut self, span: Span, nodes: &Nodes, wanted: Reach, told: &str) -> Step {
        let deadline = self.deadline(span.0);
        for name in self.names(nodes)? {
            let what = format!("{name} to be {wanted}");
            let waited = wait::until(&what, deadline, async || match self.reach(&name).await {
                Ok(reach) if reach == wanted => Look::Done(Ok(())),
                Ok(reach) => Look::NotYet(reach.to_string()),
                Err(error) => Look::Done(Err(error)),
            });
            let missed = |gave_up: wait::GaveUp| {
                let is = gave_up.last().to_owned();
                StepError::missed(&gave_up, format!("to its peers {name} is {is}")).expected(wanted.to_string(), is)
            };
            waited.await.map_err(missed)??;
            self.observe(format!("{name} {told}"));
        }
        Ok(())
    }

    async fn expect_answer(&mut self, span: Span, nodes: &Nodes, path: &str, wanted: &str, right: impl Fn(&HttpReply) -> bool) -> Step {
        let deadline = self.deadline(span.0);
        for name in self.names(nodes)? {
            let what = format!("{name} to answer GET {path} with {wanted}");
            let waited = wait::until(&what, deadline, async || match self.http_get(&name, path).await {
                Ok(Ok(reply)) if right(&reply) => Look::Done(Ok(shown(&reply))),
                Ok(Ok(reply)) => Look::NotYet(shown(&reply)),
                Ok(Err(silent)) => Look::NotYet(silent),
                Err(error) => Look::Done(Err(error)),
            });
            let missed = |gave_up: wait::GaveUp| {
                let got = gave_up.last().to_owned();
                StepError::missed(&gave_up, format!("{name} answers GET {path} with {got}")).expected(wanted, got)
            };
            let seen = waited.await.map_err(missed)??;
            self.observe(format!("{name} answers {seen}"));
        }
        Ok(())
    }
}

/// Status and the first line of the body.
fn shown(reply: &HttpReply) -> String {
    let line: String = reply.body.lines().next().unwrap_or_default().chars().take(80).collect();
    format!("status {}: {line}", reply.status)
}
