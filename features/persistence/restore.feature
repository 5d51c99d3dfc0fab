@persistence
Feature: Restoring a backup
  A backup is an RDB file that was taken earlier. It counts when a server starts and loads it, and on a server that others copy from. Both can go wrong without an error.

  Rule: In a replicated group the backup is restored on the master, with the append-only file off
    A master with `appendonly yes` loads its append-only file, which ends with the mistake, and does not look at the backup. Started with `appendonly no` it loads the backup, and the replicas copy everything from it. Then the append-only file is switched on while the server runs.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:ignored-beside-an-aof @claim:LOAD-AOF-FIRST
    Scenario: With the append-only file on, the master comes back without the keys of the backup
      Given the "replication" topology with
        | master.appendonly | yes |
      And a client writes 20 keys to the master
      When within 5 seconds the snapshot in progress of the master is 0
      And a client sends "SAVE" to the master
      And a client sends "FLUSHALL" to the master
      And the master is stopped
      And the master is started again
      Then within 10 seconds the full synchronisations of the master are 2
      And the run id of the master has changed
      And the keys of every node are 0
      And within 11 seconds the master has a file "dump.rdb"

    @id:restored-into-a-group @claim:LOAD-AOF-OFF
    Scenario: Started with the append-only file off, the master has the keys of the backup, and the replicas copy them
      Given the "replication" topology with
        | master.appendonly | yes |
      And a client writes 20 keys to the master
      When within 5 seconds the snapshot in progress of the master is 0
      And a client sends "SAVE" to the master
      And a client sends "FLUSHALL" to the master
      And the master restarts with
        | appendonly | no |
      Then within 10 seconds the full synchronisations of the master are 2
      And within 10 seconds every node holds every key that was written
      When a client sends "CONFIG SET appendonly yes" to the master
      And within 10 seconds the rewrite in progress of the master is 0
      And the master restarts with
        | appendonly | yes |
      Then within 10 seconds every node holds every key that was written

  Rule: Under Sentinel the group must not fail over while the backup is put in place
    A master that is down for longer than down-after-milliseconds is replaced. It then comes back with the backup, is demoted, and copies the data that were to be replaced. (The Sentinels' timers are shortened here; as shipped the demotion takes some ten seconds.) `SENTINEL SET` with a larger down-after-milliseconds, on every Sentinel, keeps them from it.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:restored-and-overwritten @needs:sentinel-debug
    Scenario: The Sentinels replace the master meanwhile, and the backup is thrown away when it returns
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      And a client writes 20 keys to the master
      When within 5 seconds the snapshot in progress of the master is 0
      And a client sends "SAVE" to the master
      And a client sends "FLUSHALL" to the master
      Then within 5 seconds the keys of every replica are 0
      When "master" is stopped
      And within 30 seconds every Sentinel reports "+switch-master"
      And "master" is started again
      Then within 2 seconds the keys of "master" are 20
      And within 15 seconds "master" becomes a replica
      And within 20 seconds the keys of "master" are 0

    @id:restored-under-sentinel
    Scenario: With a down-after-milliseconds that is longer than the work, the master comes back with the backup and everybody copies it
      Given the "sentinel" topology
      And a client writes 20 keys to the master
      When within 5 seconds the snapshot in progress of the master is 0
      And a client sends "SAVE" to the master
      And a client sends "FLUSHALL" to the master
      Then within 5 seconds the keys of every replica are 0
      When a client sends "SENTINEL SET mymaster down-after-milliseconds 600000" to every Sentinel
      And the master is stopped
      And 5 seconds pass
      And the master is started again
      Then for 1 second no Sentinel reports "+sdown"
      And within 10 seconds every replica holds every key that was written
      And within 10 seconds the keys of the master are 20
      When a client sends "SENTINEL SET mymaster down-after-milliseconds 2000" to every Sentinel
      Then within 5 seconds every Sentinel names "master" as "mymaster"

  Rule: In a Cluster each master gets its own part of the backup, and keeps its nodes.conf
    The slots that a node serves stand in nodes.conf, not in the RDB file. With both files each node comes back as the one that it was, and serves the keys that its backup holds.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/

    @id:restored-into-a-cluster
    Scenario: All nodes start with their nodes.conf and the masters with their RDB files, and every key is served again
      Given the "cluster" topology
      And a cluster client that knows only "node-1" writes 90 keys
      When within 5 seconds the snapshot in progress of "node-1", "node-2" and "node-3" is 0
      And a client sends "SAVE" to "node-1", "node-2" and "node-3"
      And a client sends "FLUSHALL" to "node-1", "node-2" and "node-3"
      Then within 5 seconds the keys of every node are 0
      When every node is killed
      And every node is started again
      Then within 20 seconds the cluster client reads every key it wrote
      And "node-1", "node-2" and "node-3" are masters
      And within 20 seconds the link to the master of "node-4", "node-5" and "node-6" is "up"
      And "node-1", "node-2" and "node-3" hold 90 keys together, each a part of them
      And the keys of "node-4" equals the keys of "node-1"
