//! Observables: named values with a unit, as sentences use them ("the accepted partial resynchronisations of the master").
//!
//! To add one, add a line to [`ALL`]. The recorder puts every observable of every node on the timeline when it finds it changed.

use super::Info;

/// A named value a node tells of itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observable {
    /// As written in sentences.
    pub name: &'static str,
    /// `count`, `bytes`, `id`, `state`.
    pub unit: &'static str,
    /// Field of INFO, CLUSTER INFO or (for Sentinels) INFO sentinel; `keys` is read from the keyspace section.
    pub field: &'static str,
    pub doc: &'static str,
}

const fn observable(name: &'static str, unit: &'static str, field: &'static str, doc: &'static str) -> Observable {
    Observable { name, unit, field, doc }
}

/// Every observable, in the order of the reference page.
pub const ALL: &[Observable] = &[
    observable("full synchronisations", "count", "sync_full", "Full resynchronisations a master has begun since it started."),
    observable("accepted partial resynchronisations", "count", "sync_partial_ok", "PSYNC requests a master has continued from its backlog."),
    observable(
        "refused partial resynchronisations",
        "count",
        "sync_partial_err",
        "PSYNC requests a master has answered with a full resynchronisation.",
    ),
    observable("connected replicas", "count", "connected_slaves", "Replicas attached to a master."),
    observable("replication id", "id", "master_replid", "Name of the history a node holds."),
    observable("second replication id", "id", "master_replid2", "Name of the history a node continued; all zeros when there is none."),
    observable("replication offset", "bytes", "master_repl_offset", "How far into the history a node is."),
    observable("backlog", "state", "repl_backlog_active", "1 when a node keeps a backlog, which begins with its first replica."),
    observable("first byte of the backlog", "bytes", "repl_backlog_first_byte_offset", "Offset of the oldest byte a node can still repeat."),
    observable("backlog length", "bytes", "repl_backlog_histlen", "Bytes of the stream a master can still repeat."),
    observable("link to the master", "state", "master_link_status", "A replica's link: up or down."),
    observable("snapshot in transfer", "state", "master_sync_in_progress", "1 while a replica receives a snapshot."),
    observable("forks", "count", "total_forks", "Child processes forked since start: snapshots and AOF rewrites."),
    observable("run id", "id", "run_id", "Random name of this life of the process."),
    observable("append-only file", "state", "aof_enabled", "1 when the AOF is on."),
    observable("changes since the last snapshot", "count", "rdb_changes_since_last_save", "Writes that no snapshot holds yet."),
    observable("snapshot in progress", "state", "rdb_bgsave_in_progress", "1 while a child process writes a snapshot."),
    observable("result of the last snapshot", "state", "rdb_last_bgsave_status", "ok or err."),
    observable("time of the last snapshot", "seconds", "rdb_last_save_time", "When the last snapshot succeeded, as a Unix time."),
    observable("memory copied for the last snapshot", "bytes", "rdb_last_cow_size", "Pages that changed while the child lived, and so were copied."),
    observable("duration of the last fork", "microseconds", "latest_fork_usec", "How long the server stood still for it."),
    observable("rewrite in progress", "state", "aof_rewrite_in_progress", "1 while a child process rewrites the AOF."),
    observable("result of the last append", "state", "aof_last_write_status", "ok or err: whether the last write to the AOF succeeded."),
    observable("length of the append-only file", "bytes", "aof_current_size", "Base and increments together."),
    observable("delayed syncs", "count", "aof_delayed_fsync", "Writes to the AOF that had to wait for a sync that was still going on."),
    observable("loading state", "state", "loading", "1 while a server loads its data."),
    observable("background loading state", "state", "async_loading", "1 while a replica loads a snapshot beside the data it goes on serving."),
    observable("dataset memory", "bytes", "used_memory_dataset", "Memory that the data take, without buffers and what the server needs for itself."),
    observable(
        "replication buffers",
        "bytes",
        "mem_total_replication_buffers",
        "Memory of the stream that is kept, for the backlog and for replicas that have not received it yet.",
    ),
    observable("evicted keys", "count", "evicted_keys", "Keys removed because maxmemory was reached."),
    observable("read hits", "count", "keyspace_hits", "Reads of a key that was there, since start."),
    observable("read misses", "count", "keyspace_misses", "Reads of a key that was not there, since start."),
    observable("blocked clients", "count", "blocked_clients", "Clients that wait in a command such as BLPOP."),
    observable("multiplexing interface", "state", "multiplexing_api", "The kernel's interface with which one thread serves all connections."),
    observable("keys", "count", "keys", "Keys in database 0."),
    observable("tilt mode", "state", "sentinel_tilt", "1 while a Sentinel is in tilt mode."),
    observable("cluster state", "state", "cluster_state", "ok or fail, as this node sees its cluster."),
    observable("known nodes", "count", "cluster_known_nodes", "Cluster nodes this node knows, itself included."),
    observable("masters with slots", "count", "cluster_size", "Masters that serve at least one slot, as this node sees its cluster."),
    observable("current epoch", "count", "cluster_current_epoch", "The highest epoch this node has heard of."),
    observable("configuration epoch", "count", "cluster_my_epoch", "The version of this node's claim on its slots; a replica tells its master's."),
    observable("pings sent over the bus", "count", "cluster_stats_messages_ping_sent", "PINGs this node has sent to other cluster nodes."),
    observable("assigned slots", "count", "cluster_slots_assigned", "Slots this node believes to be served by somebody."),
    observable("suspected slots", "count", "cluster_slots_pfail", "Slots of masters that this node suspects (PFAIL), and that are not failed yet."),
    observable("failed slots", "count", "cluster_slots_fail", "Slots of masters that are failed (FAIL) for this node."),
];

/// The observable of that name; a singular ("full synchronisation") is the same value.
pub fn find(name: &str) -> Option<&'static Observable> {
    ALL.iter().find(|o| o.name == name || o.name.strip_suffix('s') == Some(name))
}

impl Observable {
    /// Its value in an INFO reply, or `None` when this node does not tell it.
    pub fn read(&self, info: &Info) -> Option<String> {
        match self.field {
            // Without a key there is no line in the keyspace section, and it may not have been asked for.
            "keys" => (info.get("role").is_some() && info.get("run_id").is_some()).then(|| info.keys().to_string()),
            field => info.get(field).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_and_plural_are_one() {
        assert_eq!(find("full synchronisation"), find("full synchronisations"));
        assert!(find("phase of the moon").is_none());
    }
}
