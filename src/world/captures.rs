//! Captures of the data network: tcpdump in a node's sandbox, which sees what goes through the node's own network and nothing else.

use super::World;
use crate::error::{Cause, StepError};
use crate::probe::wire::{self, Capture};
use crate::record::Exchange;
use crate::wait::{self, Look};
use std::net::SocketAddrV4;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Until tcpdump listens: an eighth of a second on an idle machine.
const READY: Duration = Duration::from_secs(10);
/// Reading what tcpdump says.
const READ: Duration = Duration::from_secs(10);
/// So many packets and no more: a capture is for looking at, not for storing.
const PACKETS: &str = "20000";
/// Longest packet, and kilobytes of the kernel's ring: in immediate mode each slot of it has the longest packet's size, so that without these two there are eight.
const RING: &str = "-s 65535 -B 16384";

impl World {
    /// Captures what goes between two nodes from now on, in the sandbox of the first.
    ///
    /// # Errors
    /// An unknown node, or tcpdump does not listen.
    pub(crate) async fn capture(&mut self, node: &str, peer: &str) -> Result<(), StepError> {
        let mut servers = Vec::new();
        for name in [node, peer] {
            let address = self.address(name)?;
            let parsed: SocketAddrV4 =
                address.parse().map_err(|_| StepError::scenario(format!("{name} has the address {address}, which cannot be captured")))?;
            servers.push((parsed, name.to_owned()));
        }
        let path = format!("/tmp/capture-{}", self.captures.len());
        let hosts: Vec<String> = servers.iter().map(|(address, _)| format!("host {}", address.ip())).collect();
        // Of all interfaces, since names change; of the control network nothing passes the filter. The packets are told at once, each.
        let start = format!(
            "tcpdump -i any -y LINUX_SLL -n -U --immediate-mode {RING} -Z root -c {PACKETS} -w {path} 'tcp and {}' >/dev/null 2>{path}.err </dev/null &",
            hosts.join(" and ")
        );
        self.deployment()?.tool(node, &["bash", "-c", &start], READY).await?;
        let errors = format!("{path}.err");
        wait::within("tcpdump to listen", READY, async || match self.deployment() {
            Ok(deployment) => match deployment.tool(node, &["cat", &errors], READ).await {
                Ok(output) if output.stdout.contains("listening on") => Look::Done(()),
                Ok(output) => Look::NotYet(format!("{} {}", output.stdout.trim(), output.stderr.trim())),
                Err(error) => Look::NotYet(error.to_string()),
            },
            Err(error) => Look::NotYet(error.message),
        })
        .await
        .map_err(|gave_up| StepError::new(Cause::Engine, gave_up.to_string()))?;
        // Packets have the host's wall clock, everything else the scenario's.
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let zero_us = wall.saturating_sub(self.clock.elapsed()).as_micros() as u64;
        self.captures.push(Capture { node: node.to_owned(), peer: peer.to_owned(), path, zero_us, servers });
        Ok(())
    }

    /// Everything that these two have said to each other since, neither folded nor cut.
    ///
    /// # Errors
    /// The traffic of these two is not captured, or the file cannot be read.
    pub(crate) async fn said(&self, one: &str, other: &str) -> Result<Vec<Exchange>, StepError> {
        let of = |c: &&Capture| (c.node == one && c.peer == other) || (c.node == other && c.peer == one);
        let capture = self.captures.iter().rev().find(of).ok_or_else(|| {
            StepError::scenario(format!(
                "the traffic between {one} and {other} is not captured: begin with `Given the traffic between ... and ... is captured`"
            ))
        })?;
        self.read(capture).await
    }

    async fn read(&self, capture: &Capture) -> Result<Vec<Exchange>, StepError> {
        let bytes = self.deployment()?.sandbox_file(&capture.node, &capture.path).await?;
        let broken = |why: String| StepError::new(Cause::Engine, format!("the capture on {} cannot be read: {why}", capture.node));
        wire::exchanges(&bytes, capture).map_err(broken)
    }

    /// What all captures hold, folded and limited, for the evidence. What cannot be read is left out: it decided nothing.
    pub(crate) async fn all_said(&self) -> Vec<Exchange> {
        let mut all = Vec::new();
        for capture in &self.captures {
            all.extend(self.read(capture).await.unwrap_or_default());
        }
        all.sort_by_key(|exchange| exchange.at_us);
        wire::limit(wire::fold(all))
    }
}
