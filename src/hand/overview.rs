//! How everybody is, as a table: one row a node, asked of the node itself.
//!
//! You are in the right place for what a column means. How the table looks on a terminal is in `cli/hand/table.rs`.

use super::session::Session;
use super::state::OpenFault;
use super::trouble::Trouble;
use crate::probe::cluster;
use crate::probe::{Client, Info, Reply};
use crate::topology::{Formation, Role};
use futures::future::join_all;
use serde::Serialize;
use std::time::Duration;

/// A node that does not answer for this long is shown as silent.
const SILENCE: Duration = Duration::from_millis(200);

/// One node; what does not apply to it is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Row {
    pub node: String,
    /// `master`, `replica`, `sentinel`, `other`, or `silent` when it does not answer.
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
    nodes: Vec<(String, Role, Client)>,
    cluster: bool,
}

impl Overview {
    /// Of everything that is up.
    ///
    /// # Errors
    /// A node without a port, which cannot be.
    pub fn of(session: &Session) -> Result<Overview, Trouble> {
        let topology = session.world.deployment()?.topology();
        let client = |name: &str| session.world.fresh_client(name);
        let nodes: Result<Vec<_>, _> = topology.nodes.iter().map(|node| Ok((node.name.clone(), node.role, client(&node.name)?))).collect();
        let nodes = nodes.map_err(|error: crate::error::StepError| Trouble::from(error))?;
        Ok(Overview { nodes, cluster: topology.formation == Formation::Cluster || topology.nodes.iter().any(|node| node.role == Role::Node) })
    }

    /// Asks everybody at once.
    pub async fn rows(&self, faults: &[OpenFault]) -> Vec<Row> {
        let mut rows = join_all(self.nodes.iter().map(|(name, role, client)| self.row(name, *role, client))).await;
        for row in &mut rows {
            row.faults = faults.iter().filter(|open| open.node == row.node).map(|open| open.fault.clone()).collect();
        }
        lags(&mut rows);
        rows
    }

    async fn row(&self, name: &str, role: Role, client: &Client) -> Row {
        let row = Row { node: name.to_owned(), role: "silent".to_owned(), ..Row::default() };
        if role == Role::Other {
            return Row { role: "other".to_owned(), ..row };
        }
        let Some(info) = ask(client, &["INFO"]).await.map(|text| Info::parse(&text)) else { return row };
        if role == Role::Sentinel {
            return Row { tilt: Some(info.get("sentinel_tilt") == Some("1")), ..sentinel(row, client).await };
        }
        let mut row = server(row, &info);
        if self.cluster {
            let own = ask(client, &["CLUSTER", "INFO"]).await.map(|text| Info::parse(&text)).unwrap_or_default();
            row.state = own.get("cluster_state").map(str::to_owned);
            row.epoch = own.get("cluster_my_epoch").and_then(|epoch| epoch.parse().ok());
            let seen = ask(client, &["CLUSTER", "NODES"]).await.map(|text| cluster::nodes(&text)).unwrap_or_default();
            let slots = |node: &cluster::ClusterNode| node.slots.iter().map(|(from, to)| u64::from(to - from) + 1).sum();
            row.slots = seen.iter().find(|node| node.has_flag("myself")).map(slots);
        }
        row
    }
}

async fn ask(client: &Client, command: &[&str]) -> Option<String> {
    match client.ask_within(command, SILENCE).await {
        Ok(Reply::Text(text)) => Some(text),
        _ => None,
    }
}

/// What a server says of itself in INFO.
fn server(row: Row, info: &Info) -> Row {
    let role = info.role().unwrap_or("silent");
    let link = match role {
        "master" => info.get("connected_slaves").map(|n| if n == "1" { "1 replica".to_owned() } else { format!("{n} replicas") }),
        _ => info
            .get("master_link_status")
            .map(|status| if info.get("master_sync_in_progress") == Some("1") { "syncing".to_owned() } else { status.to_owned() }),
    };
    let offset = info.get("master_repl_offset").and_then(|offset| offset.parse().ok());
    Row { role: role.to_owned(), link, offset, keys: Some(info.keys()), ..row }
}

/// What a Sentinel says of the (first) master it watches.
async fn sentinel(row: Row, client: &Client) -> Row {
    let row = Row { role: "sentinel".to_owned(), ..row };
    let Ok(Reply::List(masters)) = client.ask_within(&["SENTINEL", "MASTERS"], SILENCE).await else { return row };
    let fields = masters.first().map(Reply::texts).unwrap_or_default();
    let field = |name: &str| fields.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1].clone());
    Row { link: field("flags").map(|flags| flags.replace(',', " ")), epoch: field("config-epoch").and_then(|epoch| epoch.parse().ok()), ..row }
}

/// How far replicas are behind, where exactly one node is master.
fn lags(rows: &mut [Row]) {
    let masters: Vec<u64> = rows.iter().filter(|row| row.role == "master").filter_map(|row| row.offset).collect();
    let [head] = masters[..] else { return };
    for row in rows.iter_mut().filter(|row| row.role == "replica") {
        row.lag = row.offset.map(|offset| head.saturating_sub(offset));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(node: &str, info: &str) -> Row {
        server(Row { node: node.to_owned(), ..Row::default() }, &Info::parse(info))
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
