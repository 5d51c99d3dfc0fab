//! How everybody is, as a table: one row a node, asked of the node itself.
//!
//! You are in the right place for what a column means. How the table looks on a terminal is in `cli/hand/table.rs`.

use super::session::Session;
use super::state::OpenFault;
use super::trouble::Trouble;
use crate::probe::Asker;
use crate::systems::{self, Protocol, Standing, System};
use futures::future::join_all;
use serde::Serialize;
use std::time::Duration;

/// A node that does not answer for this long is shown as silent.
const SILENCE: Duration = Duration::from_millis(200);

/// One node; what does not apply to it is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Row {
    pub node: String,
    /// The word of its role, `other` for a service, or `silent` when it does not answer.
    pub role: String,
    /// A replica's link, or how many replicas a master counts, or what a Sentinel thinks of the master.
    pub link: Option<String>,
    /// Bytes of the stream this node has.
    pub offset: Option<u64>,
    /// Bytes it is behind the master, if there is one.
    pub lag: Option<u64>,
    pub keys: Option<u64>,
    /// Configuration epoch, of a Sentinel's master or of a Cluster node.
    pub epoch: Option<u64>,
    /// Whether a Sentinel is in tilt mode.
    pub tilt: Option<bool>,
    /// Slots a Cluster node serves.
    pub slots: Option<u64>,
    /// `ok` or `fail`, as the node sees its Cluster.
    pub state: Option<String>,
    /// Open faults, oldest first.
    pub faults: Vec<String>,
    /// The newest event of it, or change of its role, since this command began to look.
    pub event: Option<String>,
}

/// Whom to ask, over connections that stay.
#[derive(Debug)]
pub struct Overview {
    nodes: Vec<(String, &'static dyn System, Asker)>,
}

impl Overview {
    /// Of everything that is up.
    ///
    /// # Errors
    /// A node without a port, which cannot be.
    pub fn of(session: &Session) -> Result<Overview, Trouble> {
        let topology = session.world.deployment()?.topology();
        let asker = |name: &str| session.world.asker(name);
        let nodes: Result<Vec<_>, _> = topology.nodes.iter().map(|node| Ok((node.name.clone(), node.kind.system, asker(&node.name)?))).collect();
        let nodes = nodes.map_err(|error: crate::error::StepError| Trouble::from(error))?;
        Ok(Overview { nodes })
    }

    /// Asks everybody at once.
    pub async fn rows(&self, faults: &[OpenFault]) -> Vec<Row> {
        let mut rows = join_all(self.nodes.iter().map(|(name, system, asker)| row(name, *system, asker))).await;
        for row in &mut rows {
            row.faults = faults.iter().filter(|open| open.node == row.node).map(|open| open.fault.clone()).collect();
        }
        lags(&mut rows);
        rows
    }
}

async fn row(name: &str, system: &'static dyn System, asker: &Asker) -> Row {
    if system.protocol() == Protocol::Tcp {
        return Row { node: name.to_owned(), role: "other".to_owned(), ..Row::default() };
    }
    let mut answers = Vec::new();
    for question in system.glance() {
        answers.push(asker.ask(question, SILENCE).await.ok());
        if answers[0].is_none() {
            break;
        }
    }
    shown(name, system.standing(&answers))
}

/// A row of the table; a node that tells nothing is silent.
fn shown(name: &str, standing: Option<Standing>) -> Row {
    let Standing { role, link, offset, keys, epoch, tilt, slots, state } = standing.unwrap_or_default();
    let role = role.unwrap_or("silent").to_owned();
    Row { node: name.to_owned(), role, link, offset, keys, epoch, tilt, slots, state, ..Row::default() }
}

/// How far copies are behind, where exactly one node takes writes.
fn lags(rows: &mut [Row]) {
    let masters: Vec<u64> = rows.iter().filter(|row| systems::is_primary(&row.role)).filter_map(|row| row.offset).collect();
    let [head] = masters[..] else { return };
    for row in rows.iter_mut().filter(|row| systems::holds_data(&row.role) && !systems::is_primary(&row.role)) {
        row.lag = row.offset.map(|offset| head.saturating_sub(offset));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::redis_server;

    fn row(node: &str, info: &str) -> Row {
        shown(node, Some(redis_server::standing(&redis_server::Info::parse(info))))
    }

    #[test]
    fn a_replica_has_a_link_and_a_lag_and_a_master_counts() {
        let mut rows = [
            row("m", "role:master\r\nconnected_slaves:1\r\nmaster_repl_offset:120\r\ndb0:keys=3,expires=0\r\n"),
            row("r", "role:slave\r\nmaster_link_status:down\r\nmaster_sync_in_progress:0\r\nmaster_repl_offset:100\r\n"),
        ];
        lags(&mut rows);
        assert_eq!((rows[0].link.as_deref(), rows[0].lag, rows[0].keys), (Some("1 replica"), None, Some(3)));
        assert_eq!((rows[1].role.as_str(), rows[1].link.as_deref(), rows[1].lag), ("replica", Some("down"), Some(20)));
        rows[1].role = "master".to_owned();
        rows[1].lag = None;
        lags(&mut rows);
        assert_eq!(rows[1].lag, None, "with two masters nobody is behind");
    }
}
