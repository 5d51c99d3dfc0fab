@replication
Feature: Full resynchronisation
  A replica that cannot continue from where it was copies everything: the master forks, writes a snapshot (an RDB), sends it, and then sends the writes
  that came in meanwhile. It is the expensive way to become a replica, and the only one for a newcomer.

  Rule: A replica's first contact is a full resynchronisation
    The master answers `+FULLRESYNC` with its replication id and offset, takes a snapshot, sends it, and follows it with the writes made meanwhile. Redis 8.0 sends both at the same time, over two
    connections; Redis up to 7.4 and Valkey 8.1 use one.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-newcomer-gets-everything @claim:REPL-FULL-FIRST @claim:REPL-FULLRESYNC
    Scenario: A new replica receives a snapshot, and then the writes that were made while it was taken
      The snapshot is slowed down to a millisecond a key, so that there is a "meanwhile".
      Given the "replication" topology with
        | rdb-key-save-delay | 1000 |
      And a client writes 1000 keys to the master
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in transfer of "replica-2" is 1
      And a client writes 200 keys to the master
      Then within 10 seconds "replica-2" holds every key that was written
      And within 1 second the full synchronisations of the master have grown by 1
      And the accepted partial resynchronisations of the master have not changed
      And the refused partial resynchronisations of the master have not changed
      And the replication id of "replica-2" equals the replication id of the master
      And the log of the master shows
        | (?i)full resync requested by replica |

    @id:the-answer-is-fullresync @claim:REPL-FULLRESYNC @until:redis-7.4
    Scenario: The master's answer names its replication id and offset, and the snapshot follows on the same connection
      Given the "replication" topology
      When "replica-2" starts again with empty data
      Then within 5 seconds the link to the master of "replica-2" is "up"
      And the log of "replica-2" shows
        | Full resync from [a-z]+: [0-9a-f]{40}:[0-9]+ |
        | (?i)sync: finished with success              |

    @id:a-channel-of-its-own @claim:REPL-FULLRESYNC @since:redis-8.0
    Scenario: Redis 8.0 sends the snapshot over a connection of its own, beside the stream of writes
      This happens by default. The line that older replicas log, "Full resync from master" with id and offset, is gone.
      Given the "replication" topology
      When "replica-2" starts again with empty data
      Then within 5 seconds the link to the master of "replica-2" is "up"
      And the log of "replica-2" shows
        | PSYNC is not possible, initialize RDB channel |
        | (?i)sync: finished with success               |
      And the log of the master shows
        | (?i)full sync will continue with dedicated rdb channel |

    @id:replicas-are-read-only @claim:REPL-READONLY
    Scenario: Everybody has the data now, but a replica accepts no write of its own
      Given the "replication" topology
      When a client writes 10 keys to the master
      Then within 2 seconds every replica holds every key that was written
      And every replica refuses a write with "READONLY"

  Rule: A full resynchronisation moves a snapshot, never the append-only file
    The AOF serves a server's own restart and nothing else. A master that has only an AOF takes a snapshot for its replicas all the same.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:an-aof-master-sends-a-snapshot @claim:REPL-FULL-RDB-ONLY @needs:fork-count
    Scenario: A master that persists by AOF alone forks for a snapshot when a replica comes
      Given the "replication" topology with
        | master.appendonly | yes |
        | save              |     |
      And a client writes 300 keys to the master
      When "replica-2" starts again with empty data
      Then within 10 seconds "replica-2" holds every key that was written
      And within 1 second the forks of the master have grown by 1
      And the append-only file of the master is 1
      And the append-only file of "replica-2" is 0
      And the log of "replica-2" shows
        | (?i)loading DB in memory |

  Rule: Whether a restarted master costs a full resynchronisation depends on how it ended
    Since 7.0 a master without an append-only file that saved on its way out finds its replication id and offset in the snapshot, and its replicas continue. A master that was killed
    comes back with a new history.
    Source: https://github.com/redis/redis/pull/8015

    @id:a-clean-restart-costs-nothing @claim:REPL-RESTART-FULL @since:redis-7.0
    Scenario: After a clean shutdown with a save the replicas continue, although the run id is new
      Given the "replication" topology with
        | save | 3600 1 |
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When the master is stopped
      And the master is started again
      Then within 10 seconds the accepted partial resynchronisations of the master are 2
      And the full synchronisations of the master are 0
      And the run id of the master has changed
      And the second replication id of the master equals the replication id that the master had before
      And within 10 seconds every replica holds every key that was written

    @id:a-clean-restart-costs-everything @claim:REPL-RESTART-FULL @until:redis-6.2
    Scenario: Up to 6.2 a clean shutdown with a save spares the replicas nothing
      Given the "replication" topology with
        | save | 3600 1 |
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When the master is stopped
      And the master is started again
      Then within 10 seconds the full synchronisations of the master are 2
      And the accepted partial resynchronisations of the master are 0
      And within 10 seconds every replica holds every key that was written

    @id:a-killed-master-costs-everything @claim:REPL-RESTART-FULL
    Scenario: After a kill the replicas copy everything anew, and what the master lost they lose too
      The master had no snapshot: it comes back empty, and its replicas faithfully copy the emptiness.
      Given the "replication" topology
      And a client writes 100 keys to the master
      When the master is killed
      And the master is started again
      Then within 10 seconds the full synchronisations of the master are 2
      And the accepted partial resynchronisations of the master are 0
      And the replication id of the master has changed
      And within 5 seconds the keys of every replica are 0

  Rule: A replica without snapshots keeps on its disk only what its last full resynchronisation brought
    The file that was sent to it stays; what came by the stream afterwards is in its memory alone. A stop in order does not change that where no `save` rule stands. `REPLICAOF NO ONE` keeps
    what is in memory, `SHUTDOWN SAVE` writes it to the disk.
    Source: https://redis.io/docs/latest/commands/shutdown/

    @id:a-stopped-replica-loses-the-stream @claim:RDB-ON-SHUTDOWN @since:redis-7.0
    Scenario: The master is back empty, and the only replica that still has the data is stopped: it loses them
      A cut between the two has kept "replica-1" from copying the emptiness. Three keys came with its last full resynchronisation, fifty by the stream. Up to 6.2 the copy of those three left a file at the master, and it comes back with them.
      Given the "replication" topology
      And a client writes 3 keys to the master
      When "replica-1" starts again with empty data
      And within 10 seconds the link to the master of "replica-1" is "up"
      And a client writes 50 keys to the master
      Then within 5 seconds every replica holds every key that was written
      When "replica-1" is cut off from "master"
      And the master is killed
      And the master is started again
      Then within 10 seconds the keys of "replica-2" are 0
      And the keys of "replica-1" are 53
      When "replica-1" is stopped
      And "replica-1" is started again
      Then the keys of "replica-1" are 3

    @id:no-one-keeps-the-data @cure @since:redis-7.0
    Scenario: REPLICAOF NO ONE on that replica keeps everything, and the others copy it back
      Given the "replication" topology
      And a client writes 3 keys to the master
      When "replica-1" starts again with empty data
      And within 10 seconds the link to the master of "replica-1" is "up"
      And a client writes 50 keys to the master
      Then within 5 seconds every replica holds every key that was written
      When "replica-1" is cut off from "master"
      And the master is killed
      And the master is started again
      Then within 10 seconds the keys of "replica-2" are 0
      And the keys of "replica-1" are 53
      When "replica-1" stops replicating
      And "replica-1" is healed
      And "master" starts to replicate "replica-1"
      And "replica-2" starts to replicate "replica-1"
      Then within 10 seconds every node holds every key that was written
      And the keys of "replica-1" are 53

    @id:shutdown-save-keeps-the-data @claim:RDB-ON-SHUTDOWN @mirror:a-stopped-replica-loses-the-stream
    Scenario: A replica that has to be stopped is stopped with SHUTDOWN SAVE, and comes back with everything
      Given the "replication" topology
      And a client writes 3 keys to the master
      When "replica-1" starts again with empty data
      And within 10 seconds the link to the master of "replica-1" is "up"
      And a client writes 50 keys to the master
      Then within 5 seconds every replica holds every key that was written
      When the master is killed
      And client "operator" sends "SHUTDOWN SAVE" to "replica-1" and waits
      Then "replica-1" exits with status 0
      When "replica-1" tries to start
      Then within 5 seconds the keys of "replica-1" are 53

  Rule: With an append-only file every restart is a full resynchronisation
    A server with `appendonly yes` loads that file and not the snapshot, and only the snapshot holds a replication id and an offset. So it comes back without a place in any history, however it
    was stopped and whatever the backlog holds. The way round is to turn the file off before the shutdown, to start without it, and to turn it on again.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/#partial-sync-after-restarts-and-failovers

    @id:a-replica-with-an-aof-copies-everything @claim:REPL-RESTART-FULL @claim:REPL-STORM-STAGGER
    Scenario: A replica with an AOF is restarted in order, and copies everything although the backlog holds what it missed
      A replica that has copied everything begins a new append-only file, and refuses to stop until that is written.
      Given the "replication" topology with
        | replica-1.appendonly | yes    |
        | replica-1.save       | 3600 1 |
      And a client writes 20 keys to the master
      And within 5 seconds every replica holds every key that was written
      When within 10 seconds the rewrite in progress of "replica-1" is 0
      And "replica-1" is stopped
      And a client writes 20 keys to the master
      And "replica-1" is started again
      Then within 10 seconds the full synchronisations of the master have grown by 1
      And the accepted partial resynchronisations of the master have not changed
      And within 10 seconds "replica-1" holds every key that was written

    @id:a-replica-without-an-aof-continues @claim:REPL-RESTART-FULL @claim:REPL-STORM-STAGGER @mirror:a-replica-with-an-aof-copies-everything
    Scenario: The same replica with snapshots only continues
      Given the "replication" topology with
        | replica-1.appendonly | no     |
        | replica-1.save       | 3600 1 |
      And a client writes 20 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "replica-1" is stopped
      And a client writes 20 keys to the master
      And "replica-1" is started again
      Then within 10 seconds the accepted partial resynchronisations of the master have grown by 1
      And the full synchronisations of the master have not changed
      And within 10 seconds "replica-1" holds every key that was written

    @id:a-replica-that-turns-its-aof-off-first @claim:REPL-RESTART-FULL @claim:REPL-STORM-STAGGER
    Scenario: A replica that turns its AOF off before the restart, and on again after it, continues
      Given the "replication" topology with
        | replica-1.save | 3600 1 |
      And a client sends "CONFIG SET appendonly yes" to "replica-1"
      And a client writes 20 keys to the master
      And within 5 seconds every replica holds every key that was written
      When a client sends "CONFIG SET appendonly no" to "replica-1"
      And "replica-1" is stopped
      And a client writes 20 keys to the master
      And "replica-1" is started again
      Then within 10 seconds the accepted partial resynchronisations of the master have grown by 1
      And the full synchronisations of the master have not changed
      And within 10 seconds "replica-1" holds every key that was written
      When a client sends "CONFIG SET appendonly yes" to "replica-1"
      Then within 10 seconds the rewrite in progress of "replica-1" is 0
      And the append-only file of "replica-1" is 1

    @id:a-master-with-an-aof-costs-everything @claim:REPL-RESTART-FULL
    Scenario: A master with an AOF is restarted in order, and every replica copies everything
      Given the "replication" topology with
        | master.appendonly | yes    |
        | master.save       | 3600 1 |
      And a client writes 20 keys to the master
      And within 5 seconds every replica holds every key that was written
      When the master is stopped
      And the master is started again
      Then within 10 seconds the full synchronisations of the master are 2
      And the refused partial resynchronisations of the master are 2
      And the accepted partial resynchronisations of the master are 0
      And the replication id of the master has changed
      And within 10 seconds every replica holds every key that was written

    @id:a-master-that-turns-its-aof-off-first @claim:REPL-RESTART-FULL @since:redis-7.0
    Scenario: A master that turns its AOF off before the restart costs nothing
      The counterpart without an AOF from the beginning is the clean restart above.
      Given the "replication" topology with
        | master.save | 3600 1 |
      And a client sends "CONFIG SET appendonly yes" to the master
      And a client writes 20 keys to the master
      And within 5 seconds every replica holds every key that was written
      When a client sends "CONFIG SET appendonly no" to the master
      And the master is stopped
      And the master is started again
      Then within 10 seconds the accepted partial resynchronisations of the master are 2
      And the full synchronisations of the master are 0
      And within 10 seconds every replica holds every key that was written
      When a client sends "CONFIG SET appendonly yes" to the master
      Then within 10 seconds the rewrite in progress of the master is 0
      And the append-only file of the master is 1
