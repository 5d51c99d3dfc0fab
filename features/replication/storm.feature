@replication
Feature: Many replicas at once
  Each full resynchronisation costs the master a fork and its network a copy of everything. What five of them cost depends on whether they meet.

  Rule: Requests that meet share one child
    Without a disk between, the master waits `repl-diskless-sync-delay` seconds (5) after the first request, and whoever has asked by then is served by the same child. With a disk, whoever asks while the file is being written for another gets it too.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:five-at-once-share-a-fork @claim:REPL-STORM @needs:fork-count
    Scenario: Five replicas that come back together, too late for the backlog, cost five transfers and one fork
      Given the "five-replicas" topology with
        | master.repl-diskless-sync-delay | 3    |
        | repl-backlog-size               | 16kb |
      When every replica is killed
      And a client writes 100 keys of 1000 bytes to the master
      And every replica is started again
      Then within 20 seconds the full synchronisations of the master have grown by 5
      And within 20 seconds every replica holds every key that was written
      And the forks of the master have grown by 1
      And the accepted partial resynchronisations of the master have not changed

    @id:five-at-once-share-a-file @claim:REPL-STORM @needs:fork-count
    Scenario: With a disk between, those that come while the file is written get it too
      The snapshot is slowed down, so that it takes two seconds.
      Given the "five-replicas" topology with
        | master.repl-diskless-sync | no   |
        | repl-backlog-size         | 16kb |
      When every replica is killed
      And a client writes 100 keys of 1000 bytes to the master
      And a client sends "CONFIG SET rdb-key-save-delay 20000" to the master
      And every replica is started again
      Then within 20 seconds the full synchronisations of the master have grown by 5
      And within 20 seconds every replica holds every key that was written
      And the forks of the master have grown by 1

  Rule: Late comers cost a fork each
    Whoever asks after the child has begun waits for the next one. Replicas that are restarted one after the other without room in the backlog are the expensive case, not the one in which they meet.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:late-comers-cost-a-fork-each @claim:REPL-STORM @needs:fork-count
    Scenario: Three replicas that come back one after the other, too late for the backlog, cost three forks
      The backlog keeps more than its size as long as a replica has not been sent it, so the two that stay have to have it all first.
      Given the "five-replicas" topology with
        | repl-backlog-size | 16kb |
      When "replica-1", "replica-2" and "replica-3" are killed
      And a client writes 100 keys of 1000 bytes to the master
      And within 5 seconds "replica-4" and "replica-5" hold every key that was written
      And "replica-1" is started again
      And within 10 seconds the link to the master of "replica-1" is "up"
      And "replica-2" is started again
      And within 10 seconds the link to the master of "replica-2" is "up"
      And "replica-3" is started again
      Then within 10 seconds the link to the master of "replica-3" is "up"
      And the full synchronisations of the master have grown by 3
      And the forks of the master have grown by 3

  Rule: Within the backlog there is no storm
    A replica without an append-only file that is restarted finds its place in the history in its last snapshot and continues from there, if the backlog still reaches back that far. A replica
    with one loads that file, which holds no place, and copies everything.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:one-by-one-within-the-backlog @claim:REPL-STORM-STAGGER @needs:fork-count
    Scenario: Replicas that are restarted one by one, each before the backlog is overrun, continue and cost no fork
      Given the "five-replicas" topology
      And a client writes 100 keys of 1000 bytes to the master
      And within 5 seconds every replica holds every key that was written
      When "replica-1" is killed
      And "replica-1" is started again
      And within 10 seconds the link to the master of "replica-1" is "up"
      And "replica-2" is killed
      And "replica-2" is started again
      And within 10 seconds the link to the master of "replica-2" is "up"
      And "replica-3" is killed
      And "replica-3" is started again
      Then within 10 seconds the link to the master of "replica-3" is "up"
      And the accepted partial resynchronisations of the master have grown by 3
      And the full synchronisations of the master have not changed
      And the forks of the master have not changed
      And within 10 seconds every replica holds every key that was written

    @id:one-by-one-with-an-aof @claim:REPL-STORM-STAGGER @needs:fork-count
    Scenario: With an append-only file the same careful restart costs a full copy and a fork for each replica
      The backlog would hold all of it. Each replica is stopped in order and has a `save` rule: it has a snapshot with its place in the history, and does not load it.
      Given the "five-replicas" topology with
        | replica.appendonly | yes    |
        | replica.save       | 3600 1 |
      And a client writes 100 keys of 1000 bytes to the master
      And within 5 seconds every replica holds every key that was written
      When within 10 seconds the rewrite in progress of every replica is 0
      And "replica-1" is stopped
      And "replica-1" is started again
      And within 10 seconds the link to the master of "replica-1" is "up"
      And "replica-2" is stopped
      And "replica-2" is started again
      And within 10 seconds the link to the master of "replica-2" is "up"
      And "replica-3" is stopped
      And "replica-3" is started again
      Then within 10 seconds the link to the master of "replica-3" is "up"
      And the full synchronisations of the master have grown by 3
      And the forks of the master have grown by 3
      And the accepted partial resynchronisations of the master have not changed
      And within 10 seconds every replica holds every key that was written

  Rule: A backlog lasts as long as its size divided by the write rate
    So: the longest outage to survive, in seconds, times the bytes of the stream per second, twice. Sixty seconds at ten kilobytes a second make 1.2 MB. It is the replica that lags behind, and one answer is given: the rest of the stream, or everything.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:an-outage-the-backlog-was-sized-for @claim:REPL-BACKLOG-FORMULA @claim:REPL-LAG-REVERSED @mirror:an-outage-beyond-the-backlog
    Scenario: An outage of four seconds is survived by a backlog that was sized for five
      Given the "replication" topology with
        | repl-timeout             | 2 |
        | repl-ping-replica-period | 1 |
      And the backlog of the master is sized for an outage of 5 seconds at 100000 bytes per second
      When "replica-1" is isolated
      And a client writes 100000 bytes per second to the master for 4 seconds
      And "replica-1" is healed
      Then within 15 seconds the accepted partial resynchronisations of the master have grown by 1
      And the full synchronisations of the master have not changed
      And within 15 seconds "replica-1" holds every key that was written

    @id:an-outage-beyond-the-backlog @claim:REPL-BACKLOG-FORMULA @claim:REPL-BACKLOG-FORMULA-2X @claim:REPL-LAG-REVERSED
    Scenario: An outage of four seconds at the same rate is too long for a backlog that was sized for one
      Twice one second is not enough for four.
      Given the "replication" topology with
        | repl-timeout             | 2 |
        | repl-ping-replica-period | 1 |
      And the backlog of the master is sized for an outage of 1 second at 100000 bytes per second
      When "replica-1" is isolated
      And a client writes 100000 bytes per second to the master for 4 seconds
      And "replica-1" is healed
      Then within 15 seconds the full synchronisations of the master have grown by 1
      And the accepted partial resynchronisations of the master have not changed
      And within 15 seconds "replica-1" holds every key that was written

  Rule: repl-disable-tcp-nodelay says what it disables, not what it enables
    `no` leaves TCP_NODELAY on: each write leaves at once. `yes` switches it off, that is, lets Nagle's algorithm wait for the other side's acknowledgement (up to 40 ms on Linux) to send fewer and fuller packets.
    Source: https://github.com/redis/redis/blob/7.0/redis.conf

    @id:as-it-comes-writes-leave-at-once @claim:REPL-NODELAY
    Scenario: As it comes, a replica confirms a write within a few milliseconds
      Given the "replication" topology
      When a client writes 60 keys to the master, each confirmed by 2 replicas
      Then the quickest tenth of the confirmations took less than 15 milliseconds

    @id:disabled-nodelay-is-nagle @claim:REPL-NODELAY @until:redis-7.4
    Scenario: With repl-disable-tcp-nodelay yes a write waits for the acknowledgement of the packet before
      Given the "replication" topology with
        | master.repl-disable-tcp-nodelay | yes |
      When a client writes 60 keys to the master, each confirmed by 2 replicas
      Then half of the confirmations took at least 25 milliseconds

    @id:disabled-nodelay-on-one-connection @claim:REPL-NODELAY @since:redis-8.0
    Scenario: Redis 8.0 does the same when snapshot and stream share one connection
      Given the "replication" topology with
        | master.repl-disable-tcp-nodelay | yes |
      When a client sends "CONFIG SET repl-rdb-channel no" to the master
      Then the reply is "OK"
      When "replica-1" starts again with empty data
      And within 10 seconds the link to the master of "replica-1" is "up"
      And a client writes 60 keys to the master, each confirmed by 2 replicas
      Then half of the confirmations took at least 25 milliseconds

    @id:disabled-nodelay-misses-the-stream @claim:REPL-NODELAY @since:redis-8.0
    Scenario: As it comes, Redis 8.0 sets it on the connection of the snapshot, and the stream does not notice
      Given the "replication" topology with
        | master.repl-disable-tcp-nodelay | yes |
      When a client writes 60 keys to the master, each confirmed by 2 replicas
      Then the quickest tenth of the confirmations took less than 15 milliseconds

    @id:disabled-nodelay-is-forgotten @claim:REPL-NODELAY
    Scenario: After a partial resynchronisation it is forgotten
      Given the "replication" topology with
        | master.repl-disable-tcp-nodelay | yes |
      When a client sends "CLIENT KILL TYPE replica" to the master
      And within 10 seconds the accepted partial resynchronisations of the master are 2
      And a client writes 60 keys to the master, each confirmed by 2 replicas
      Then the quickest tenth of the confirmations took less than 15 milliseconds

  Rule: A Cluster has the same storms, one a shard
    Each master of a Cluster replicates as any other does. There is less to copy, and as many masters that copy it.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/

    @id:a-storm-in-every-shard @claim:REPL-STORM-CLUSTER @needs:fork-count
    Scenario: When the replicas of three shards come back too late for the backlog, each master forks
      Each shard gets 400 kB while its replica is away.
      Given the "cluster" topology with
        | repl-backlog-size | 16kb |
      When "node-4", "node-5" and "node-6" are killed
      And a client sends 'EVAL "for i = 1, 20 do redis.call([[SET]], KEYS[1], string.rep([[x]], 20000)) end" 1 b' to "node-1"
      And a client sends 'EVAL "for i = 1, 20 do redis.call([[SET]], KEYS[1], string.rep([[x]], 20000)) end" 1 c' to "node-2"
      And a client sends 'EVAL "for i = 1, 20 do redis.call([[SET]], KEYS[1], string.rep([[x]], 20000)) end" 1 a' to "node-3"
      And "node-4", "node-5" and "node-6" are started again
      Then within 20 seconds the full synchronisations of "node-1" have grown by 1
      And within 20 seconds the full synchronisations of "node-2" have grown by 1
      And within 20 seconds the full synchronisations of "node-3" have grown by 1
      And within 5 seconds the forks of "node-1" have grown by 1

    @id:two-masters-of-one-shard @claim:REPL-STORM-CLUSTER
    Scenario: A master that is cut off stays master, while its replica becomes one
      Given the "cluster" topology with
        | cluster-node-timeout | 2000 |
      When "node-1" is isolated
      Then within 15 seconds "node-4" becomes master
      And "node-1" is master
