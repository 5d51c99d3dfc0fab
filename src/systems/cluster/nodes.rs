//! Redis Cluster's own view: CLUSTER NODES, and the redirections a node answers with. Checked against Redis 7.0, 8.0 and Valkey 8.1.

/// Highest slot; there are 16384.
pub const LAST_SLOT: u16 = 16383;

/// One line of CLUSTER NODES.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterNode {
    pub id: String,
    /// `ip:port`, without bus port and host name.
    pub address: String,
    pub flags: Vec<String>,
    /// Id of its master, for a replica.
    pub master: Option<String>,
    /// Inclusive ranges.
    pub slots: Vec<(u16, u16)>,
}

impl ClusterNode {
    /// `id ip:port@bus[,host] flags master ping pong epoch link slot slot ...`; lines of another shape fall away.
    fn parse(line: &str) -> Option<ClusterNode> {
        let mut words = line.split(' ');
        let id = words.next()?.to_owned();
        let address = words.next()?.split(['@', ',']).next()?.to_owned();
        let flags = words.next()?.split(',').map(str::to_owned).collect();
        let master = words.next().filter(|m| *m != "-").map(str::to_owned);
        // Migrating and importing slots stand in brackets behind the ranges.
        let slots = words.skip(4).filter(|w| !w.starts_with('[')).filter_map(range).collect();
        Some(ClusterNode { id, address, flags, master, slots })
    }

    pub fn has_flag(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }

    /// Its slots as CLUSTER NODES tells them: `0-5460 5462`.
    pub fn ranges(&self) -> String {
        let range = |(from, to): &(u16, u16)| if from == to { from.to_string() } else { format!("{from}-{to}") };
        self.slots.iter().map(range).collect::<Vec<_>>().join(" ")
    }

    pub fn serves(&self, slot: u16) -> bool {
        self.slots.iter().any(|(from, to)| (*from..=*to).contains(&slot))
    }
}

fn range(word: &str) -> Option<(u16, u16)> {
    match word.split_once('-') {
        Some((from, to)) => Some((from.parse().ok()?, to.parse().ok()?)),
        None => word.parse().ok().map(|slot| (slot, slot)),
    }
}

/// All lines of a CLUSTER NODES reply.
pub fn nodes(reply: &str) -> Vec<ClusterNode> {
    reply.lines().filter_map(ClusterNode::parse).collect()
}

/// A redirection: `MOVED 12182 198.18.0.13:6379`.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub slot: u16,
    pub address: String,
}

impl Moved {
    pub fn parse(error: &str) -> Option<Moved> {
        let mut words = error.split_whitespace();
        if words.next()? != "MOVED" {
            return None;
        }
        Some(Moved { slot: words.next()?.parse().ok()?, address: words.next()?.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cluster_nodes() {
        let reply = "07c3 198.18.0.11:6379@16379 myself,master - 0 0 1 connected 0-5460 5462 [93-<-292f]\n\
                     824f 198.18.0.14:6379@16379,host slave,fail 07c3 0 1426238316232 4 connected\n";
        let nodes = nodes(reply);
        assert_eq!(nodes.len(), 2);
        assert_eq!(nodes[0].slots, [(0, 5460), (5462, 5462)]);
        assert_eq!(nodes[0].ranges(), "0-5460 5462");
        assert!(nodes[0].serves(5462) && !nodes[0].serves(5461));
        assert_eq!((nodes[1].master.as_deref(), nodes[1].has_flag("fail")), (Some("07c3"), true));
        assert_eq!(nodes[1].address, "198.18.0.14:6379");
    }

    #[test]
    fn reads_a_redirection() {
        assert_eq!(Moved::parse("MOVED 12182 198.18.0.13:6379"), Some(Moved { slot: 12182, address: "198.18.0.13:6379".into() }));
        assert_eq!(Moved::parse("CLUSTERDOWN The cluster is down"), None);
    }
}
