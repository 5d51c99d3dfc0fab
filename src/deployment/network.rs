//! The two networks of a deployment: *data* (internal, fixed addresses, the one that faults cut) and *control* (published on 127.0.0.1).
//! You are in the right place when subnets collide.
//!
//! Both are small subnets of 198.18.0.0/15, which is reserved for benchmarks and so is nobody's LAN. Their number is free if no network of
//! the engine overlaps either; somebody else may take it first, so taking is trying.

use std::{
    net::Ipv4Addr,
    sync::atomic::{AtomicU8, Ordering},
};

use super::{
    engine::{Engine, NetworkPlan, Wanted},
    error::EngineError,
    labels::{self, Labels, name_part},
    shell::Shell,
    start::Options,
};

/// The networks of one deployment.
#[derive(Debug, Clone)]
pub(super) struct Networks {
    /// `198.18.7`: nodes' addresses begin with it.
    pub prefix: String,
    /// What tells this deployment from others of the run: run and number.
    pub deployment: String,
    /// Id of the data network.
    pub data: String,
    /// Id of the control network.
    pub control: String,
    pub labels: Labels,
}

/// Makes both networks under a free number.
pub(super) async fn create(engine: &Engine, options: &Options, host: &str) -> Result<Networks, EngineError> {
    let taken: Vec<String> = engine.networks(Wanted::All).await?.into_iter().flat_map(|network| network.subnets).collect();
    for number in candidates() {
        if taken.iter().any(|subnet| overlaps(subnet, number)) {
            continue;
        }
        let deployment = format!("{}.{number}", name_part(&options.run));
        let labels = labels::of(options, host, &deployment);
        let (data, control) =
            tokio::join!(create_one(engine, &deployment, "data", number, &labels), create_one(engine, &deployment, "control", number, &labels));
        match (data, control) {
            (Ok(data), Ok(control)) => return Ok(Networks { prefix: format!("198.18.{number}"), deployment, data, control, labels }),
            (data, control) => {
                // By id, not by label: another process of the same run may just have taken the number.
                for id in [&data, &control].into_iter().flatten() {
                    let _ = engine.remove_network(id).await;
                }
                match [data.err(), control.err()].into_iter().flatten().find(|e| !is_overlap(e)) {
                    Some(error) => return Err(error),
                    None => continue,
                }
            }
        }
    }
    Err(EngineError::Resource {
        what: "networks".into(),
        reason: "no free subnet in 198.18.0.0/15; remove what was left behind: `rehearsal prune`".into(),
    })
}

/// The engine's word is not enough: an interface of the namespace has the address.
///
/// # Errors
/// None has. What the node's peers would hear of it says nothing about its server.
pub(super) async fn verify(shell: &Shell, address: Ipv4Addr) -> Result<(), EngineError> {
    let said = shell.must("$B ip -4 -o address").await?.stdout;
    if has_address(&String::from_utf8_lossy(&said), address) {
        return Ok(());
    }
    let message = format!("the engine says that it connected {address} to the data network, but no interface there has that address");
    Err(EngineError::Api { call: "connect network".into(), message, status: None })
}

/// Whether `ip -4 -o address` lists it: `5: eth1    inet 198.18.7.11/24 brd ...`
fn has_address(said: &str, address: Ipv4Addr) -> bool {
    let wanted = address.to_string();
    said.split_whitespace().any(|word| word.split_once('/').is_some_and(|(known, _)| known == wanted))
}

async fn create_one(engine: &Engine, deployment: &str, kind: &str, number: u8, labels: &Labels) -> Result<String, EngineError> {
    let data = kind == "data";
    let plan = NetworkPlan {
        name: format!("rehearsal-{deployment}-{kind}"),
        subnet: format!("198.{}.{number}.0/24", if data { 18 } else { 19 }),
        internal: data,
        // Nodes must not find each other over control: a cut data network would have a way round.
        between: data,
        labels: labels.clone(),
    };
    engine.create_network(plan).await
}

/// All numbers, beginning elsewhere for every process and every deployment, so that those who start together seldom meet.
fn candidates() -> impl Iterator<Item = u8> {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    let first = (std::process::id() as u8).wrapping_mul(37).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
    (0..=255u8).map(move |step| first.wrapping_add(step))
}

fn is_overlap(error: &EngineError) -> bool {
    matches!(error, EngineError::Api { message, .. } if message.contains("overlap"))
}

/// Whether a subnet in CIDR notation shares an address with 198.18.N.0/24 or 198.19.N.0/24.
fn overlaps(subnet: &str, number: u8) -> bool {
    let Some((address, bits)) = subnet.split_once('/') else { return false };
    let (Ok(address), Ok(bits)) = (address.parse::<Ipv4Addr>(), bits.parse::<u32>()) else { return false };
    let mask = u32::MAX.checked_shl(32 - bits.min(24)).unwrap_or(0);
    [18, 19].iter().any(|second| (u32::from(address) ^ u32::from(Ipv4Addr::new(198, *second, number, 0))) & mask == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_by_smaller_and_by_larger_subnets() {
        assert!(overlaps("198.18.7.0/24", 7));
        assert!(overlaps("198.19.7.128/25", 7));
        assert!(overlaps("198.18.0.0/15", 200));
        assert!(overlaps("0.0.0.0/0", 3));
        assert!(!overlaps("198.18.8.0/24", 7));
        assert!(!overlaps("172.17.0.0/16", 7));
        assert!(!overlaps("fd00::/64", 7));
    }

    #[test]
    fn an_address_is_there_only_as_a_whole() {
        let said = "1: lo    inet 127.0.0.1/8 scope host lo\n5: eth1    inet 198.18.7.110/24 brd 198.18.7.255 scope global eth1\n";
        assert!(has_address(said, Ipv4Addr::new(198, 18, 7, 110)));
        assert!(!has_address(said, Ipv4Addr::new(198, 18, 7, 11)), "connected, says the engine, and is not");
    }

    #[test]
    fn every_number_is_a_candidate_once() {
        let mut all: Vec<u8> = candidates().collect();
        all.sort_unstable();
        assert_eq!(all, (0..=255).collect::<Vec<u8>>());
    }
}
