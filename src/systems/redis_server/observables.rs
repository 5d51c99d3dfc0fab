//! The observables that servers tell in INFO, and nodes of a Cluster in CLUSTER INFO.
//!
//! To add one, add a line to [`ALL`].

use super::Info;
use crate::systems::Nature::{Counter, Decisive, Position, State};
use crate::systems::{Nature, Observable};

/// `source` is the field of INFO, CLUSTER INFO or (for Sentinels) INFO sentinel; `keys` is read from the keyspace section.
const fn observable(name: &'static str, unit: &'static str, nature: Nature, source: &'static str, doc: &'static str) -> Observable {
    Observable { name, unit, source, nature, doc }
}

/// Every observable, in the order of the reference page.
pub static ALL: &[Observable] = &[
    observable("full synchronisations", "count", Counter, "sync_full", "Full resynchronisations a master has begun since it started."),
    observable("accepted partial resynchronisations", "count", Counter, "sync_partial_ok", "PSYNC requests a master has continued from its backlog."),
    observable(
        "refused partial resynchronisations",
        "count",
        Counter,
        "sync_partial_err",
        "PSYNC requests a master has answered with a full resynchronisation.",
    ),
    observable("connected replicas", "count", State, "connected_slaves", "Replicas attached to a master."),
    observable("replication id", "id", State, "master_replid", "Name of the history a node holds."),
    observable("second replication id", "id", State, "master_replid2", "Name of the history a node continued; all zeros when there is none."),
    observable("replication offset", "bytes", Position, "master_repl_offset", "How far into the history a node is."),
    observable("backlog", "state", State, "repl_backlog_active", "1 when a node keeps a backlog, which begins with its first replica."),
    observable("first byte of the backlog", "bytes", State, "repl_backlog_first_byte_offset", "Offset of the oldest byte a node can still repeat."),
    observable("backlog length", "bytes", Position, "repl_backlog_histlen", "Bytes of the stream a master can still repeat."),
    observable("link to the master", "state", Decisive, "master_link_status", "A replica's link: up or down."),
    observable("snapshot in transfer", "state", Decisive, "master_sync_in_progress", "1 while a replica receives a snapshot."),
    observable("forks", "count", Counter, "total_forks", "Child processes forked since start: snapshots and AOF rewrites."),
    observable("run id", "id", State, "run_id", "Random name of this life of the process."),
    observable("append-only file", "state", State, "aof_enabled", "1 when the AOF is on."),
    observable("changes since the last snapshot", "count", Position, "rdb_changes_since_last_save", "Writes that no snapshot holds yet."),
    observable("snapshot in progress", "state", State, "rdb_bgsave_in_progress", "1 while a child process writes a snapshot."),
    observable("result of the last snapshot", "state", State, "rdb_last_bgsave_status", "ok or err."),
    observable("time of the last snapshot", "seconds", State, "rdb_last_save_time", "When the last snapshot succeeded, as a Unix time."),
    observable(
        "memory copied for the last snapshot",
        "bytes",
        State,
        "rdb_last_cow_size",
        "Pages that changed while the child lived, and so were copied.",
    ),
    observable("duration of the last fork", "microseconds", State, "latest_fork_usec", "How long the server stood still for it."),
    observable("rewrite in progress", "state", State, "aof_rewrite_in_progress", "1 while a child process rewrites the AOF."),
    observable("result of the last append", "state", State, "aof_last_write_status", "ok or err: whether the last write to the AOF succeeded."),
    observable("length of the append-only file", "bytes", State, "aof_current_size", "Base and increments together."),
    observable("delayed syncs", "count", State, "aof_delayed_fsync", "Writes to the AOF that had to wait for a sync that was still going on."),
    observable("loading state", "state", State, "loading", "1 while a server loads its data."),
    observable("background loading state", "state", State, "async_loading", "1 while a replica loads a snapshot beside the data it goes on serving."),
    observable(
        "dataset memory",
        "bytes",
        Position,
        "used_memory_dataset",
        "Memory that the data take, without buffers and what the server needs for itself.",
    ),
    observable(
        "replication buffers",
        "bytes",
        Position,
        "mem_total_replication_buffers",
        "Memory of the stream that is kept, for the backlog and for replicas that have not received it yet.",
    ),
    observable("evicted keys", "count", State, "evicted_keys", "Keys removed because maxmemory was reached."),
    observable("read hits", "count", Position, "keyspace_hits", "Reads of a key that was there, since start."),
    observable("read misses", "count", Position, "keyspace_misses", "Reads of a key that was not there, since start."),
    observable("blocked clients", "count", State, "blocked_clients", "Clients that wait in a command such as BLPOP."),
    observable("multiplexing interface", "state", State, "multiplexing_api", "The kernel's interface with which one thread serves all connections."),
    observable("keys", "count", Position, "keys", "Keys in database 0."),
    observable("tilt mode", "state", Decisive, "sentinel_tilt", "1 while a Sentinel is in tilt mode."),
    observable("cluster state", "state", Decisive, "cluster_state", "ok or fail, as this node sees its cluster."),
    observable("known nodes", "count", State, "cluster_known_nodes", "Cluster nodes this node knows, itself included."),
    observable("masters with slots", "count", State, "cluster_size", "Masters that serve at least one slot, as this node sees its cluster."),
    observable("current epoch", "count", State, "cluster_current_epoch", "The highest epoch this node has heard of."),
    observable(
        "configuration epoch",
        "count",
        State,
        "cluster_my_epoch",
        "The version of this node's claim on its slots; a replica tells its master's.",
    ),
    observable("pings sent over the bus", "count", Position, "cluster_stats_messages_ping_sent", "PINGs this node has sent to other cluster nodes."),
    observable("assigned slots", "count", State, "cluster_slots_assigned", "Slots this node believes to be served by somebody."),
    observable(
        "suspected slots",
        "count",
        State,
        "cluster_slots_pfail",
        "Slots of masters that this node suspects (PFAIL), and that are not failed yet.",
    ),
    observable("failed slots", "count", State, "cluster_slots_fail", "Slots of masters that are failed (FAIL) for this node."),
];

/// What the fields of an INFO reply tell of a node.
pub fn read(info: &Info) -> Vec<(&'static Observable, String)> {
    let value = |observable: &'static Observable| match observable.source {
        // Without a key there is no line in the keyspace section, and it may not have been asked for.
        "keys" => (info.get("role").is_some() && info.get("run_id").is_some()).then(|| info.keys().to_string()),
        field => info.get(field).map(str::to_owned),
    };
    ALL.iter().filter_map(|observable| Some((observable, value(observable)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::observable::find;

    #[test]
    fn singular_and_plural_are_one() {
        assert_eq!(find("full synchronisation"), find("full synchronisations"));
        assert!(find("full synchronisation").is_some() && find("phase of the moon").is_none());
    }

    #[test]
    fn keys_are_told_by_whoever_tells_its_keyspace() {
        let keys = |text: &str| read(&Info::parse(text)).into_iter().find(|(told, _)| told.name == "keys").map(|(_, value)| value);
        assert_eq!(keys("role:master\r\nrun_id:a\r\n").as_deref(), Some("0"));
        assert_eq!(keys("role:master\r\n"), None);
    }
}
