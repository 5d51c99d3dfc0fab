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
/// A wall clock drifts by less while a scenario lasts.
const CLOCK_MOVED_US: u64 = 100_000;
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
            "tcpdump -i any -y LINUX_SLL -n -U --immediate-mode {RING} -Z root -c {PACKETS} -w {path} 'tcp and {}' >/dev/null 2>{path}.err </dev/null & echo $! >{path}.pid",
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
        let zero_us = self.zero_us();
        self.captures.push(Capture { node: node.to_owned(), peer: peer.to_owned(), path, zero_us, servers });
        Ok(())
    }

    /// Ends every capture and takes its files away: the next scenario in these places would read what goes on being written to them.
    ///
    /// # Errors
    /// One cannot be ended.
    pub(crate) async fn end_captures(&mut self) -> Result<(), StepError> {
        for Capture { node, path, .. } in std::mem::take(&mut self.captures) {
            let end = format!(
                "pid=$(cat {path}.pid); kill -KILL $pid; for _ in {{1..500}}; do [ -e /proc/$pid/exe ] || break; sleep 0.01; done; rm -f {path} {path}.*"
            );
            self.deployment()?.tool(&node, &["bash", "-c", &end], READ).await?;
        }
        Ok(())
    }

    /// When the scenario's clock stood at zero, in microseconds since 1970: packets have the host's wall clock, everything else has the scenario's.
    fn zero_us(&self) -> u64 {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        wall.saturating_sub(self.clock.elapsed()).as_micros() as u64
    }

    /// Everything that these two have said to each other since, neither folded nor cut.
    ///
    /// # Errors
    /// The traffic of these two is not captured, or the file cannot be read.
    pub(crate) async fn said(&self, one: &str, other: &str) -> Result<Vec<Exchange>, StepError> {
        let capture = self.capture_of(one, other)?;
        self.read(capture).await
    }

    /// The capture of what these two say to each other has seen every packet until now, so that what is not in it was not said.
    ///
    /// # Errors
    /// It has ended (somebody ended it, or it has as many packets as it takes), or the kernel has dropped packets.
    pub(crate) async fn captured_throughout(&self, one: &str, other: &str) -> Result<(), StepError> {
        let Capture { node, path, .. } = self.capture_of(one, other)?;
        // tcpdump tells its numbers when it is asked by a signal. One that has ended and that no process has waited for has no program any more.
        let ask = format!(
            "pid=$(cat {path}.pid); readlink /proc/$pid/exe >/dev/null || {{ echo ended; exit; }}; told() {{ grep -c 'dropped by kernel' {path}.err; }}; \
             before=$(told); kill -USR1 $pid; for _ in {{1..100}}; do [ \"$(told)\" -gt \"$before\" ] && break; sleep 0.01; done; grep 'dropped by kernel' {path}.err | tail -n 1"
        );
        let said = self.deployment()?.tool(node, &["bash", "-c", &ask], READ).await?.stdout;
        match (said.trim(), dropped(&said)) {
            (_, Some(0)) => Ok(()),
            (_, Some(dropped)) => Err(unwatched(node, &format!("lacks {dropped} packets, which the kernel dropped"))),
            ("ended", None) => Err(unwatched(node, "has ended before this line")),
            (said, None) => Err(StepError::new(Cause::Engine, format!("the capture on {node} tells no numbers: {said}"))),
        }
    }

    fn capture_of(&self, one: &str, other: &str) -> Result<&Capture, StepError> {
        let of = |c: &&Capture| (c.node == one && c.peer == other) || (c.node == other && c.peer == one);
        self.captures.iter().rev().find(of).ok_or_else(|| {
            StepError::scenario(format!(
                "the traffic between {one} and {other} is not captured: begin with `Given the traffic between ... and ... is captured`"
            ))
        })
    }

    async fn read(&self, capture: &Capture) -> Result<Vec<Exchange>, StepError> {
        // Packets have the wall clock; when that was set, they would be taken for earlier or later than they were.
        let moved = self.zero_us().abs_diff(capture.zero_us);
        if moved > CLOCK_MOVED_US {
            let moved = wait::seconds(Duration::from_micros(moved));
            return Err(StepError::new(
                Cause::Engine,
                format!("the clock of this machine was set by {moved} since the capture on {} began", capture.node),
            ));
        }
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

/// A capture that has not seen everything cannot show that something was not said.
fn unwatched(node: &str, why: &str) -> StepError {
    StepError::new(Cause::Unwatched, format!("the capture on {node} {why}: what was said is not known"))
}

/// How many packets tcpdump says it did not get: `tcpdump: 81 packets captured, 81 packets received by filter, 0 packets dropped by kernel`.
fn dropped(said: &str) -> Option<u64> {
    let (before, _) = said.split_once(" packets dropped by kernel").or_else(|| said.split_once(" packet dropped by kernel"))?;
    before.rsplit([' ', '\n']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_packets_are_read_off_what_tcpdump_says() {
        assert_eq!(dropped("tcpdump: 81 packets captured, 81 packets received by filter, 0 packets dropped by kernel\n"), Some(0));
        assert_eq!(dropped("9 packets captured\n9 packets received by filter\n12 packets dropped by kernel\n"), Some(12));
        assert_eq!(dropped("ended"), None);
    }
}
