@cluster
Feature: Slots that move by replication
  Redis since 8.4 and Valkey since 9.0 move whole slots as a replica is filled: a snapshot of the slots, then the stream of their changes, and at the end the claim. The older way, key by key, is in the feature on resharding.

  Rule: Whole slots move while clients write, and the only redirection is MOVED, at the end
    The source serves the slots alone until the target has everything. Then it holds back writes for a moment, the target claims the slots, and the source answers MOVED. No key is ever on two nodes for a client, so there is no ASK and no TRYAGAIN.
    Source: https://valkey.io/topics/atomic-slot-migration/

    @id:slots-by-import @since:redis-8.4
    Scenario: CLUSTER MIGRATION IMPORT moves 620 slots to the node that it is sent to, and a client that writes all the while is refused nothing and is sent no ASK
      The snapshot is slowed down to three milliseconds a key. One of the sixteen lists that the client writes lies in slot 616.
      Given the "cluster" topology with
        | rdb-key-save-delay | 3000 |
      And each of the first 10 slots of "node-1" holds 30 keys of 100 bytes
      And a client writes every 10 milliseconds through the cluster
      When a client sends "CLUSTER MIGRATION IMPORT 0 619" to "node-2"
      And 5 seconds pass
      And the client stops
      Then within 1 second "node-1" answers "CLUSTER MIGRATION STATUS ALL" with "completed"
      And within 5 seconds every node tells the slots
        | node-1 | 620-5460         |
        | node-2 | 0-619 5461-10922 |
        | node-3 | 10923-16383      |
      And within 5 seconds "node-2" answers "CLUSTER COUNTKEYSINSLOT 4" with "30"
      And no write was refused
      And no acknowledged write is lost
      And no write was executed twice
      And writes were refused for less than 1 second
      And a client of "node-1" is answered
        | INFO errorstats | /^# Errorstats( +errorstat_(ERR\|MOVED):count=[0-9]+)+ *$/ |

    @id:slots-by-migrateslots @since:valkey-9.0
    Scenario: CLUSTER MIGRATESLOTS moves 620 slots away from the node that it is sent to, and a client that writes all the while is refused nothing and is sent no ASK
      The snapshot is slowed down to three milliseconds a key. One of the sixteen lists that the client writes lies in slot 616.
      Given the "cluster" topology with
        | rdb-key-save-delay | 3000 |
      And each of the first 10 slots of "node-1" holds 30 keys of 100 bytes
      And a client writes every 10 milliseconds through the cluster
      When a client sends "CLUSTER MIGRATESLOTS SLOTSRANGE 0 619 NODE <node-2 id>" to "node-1"
      And 5 seconds pass
      And the client stops
      Then within 1 second "node-1" answers "CLUSTER GETSLOTMIGRATIONS" with "success"
      And within 5 seconds every node tells the slots
        | node-1 | 620-5460         |
        | node-2 | 0-619 5461-10922 |
        | node-3 | 10923-16383      |
      And within 5 seconds "node-2" answers "CLUSTER COUNTKEYSINSLOT 4" with "30"
      And no write was refused
      And no acknowledged write is lost
      And no write was executed twice
      And writes were refused for less than 1 second
      And a client of "node-1" is answered
        | INFO errorstats | /^# Errorstats( +errorstat_(ERR\|MOVED):count=[0-9]+)+ *$/ |

  Rule: A move that is broken off leaves the slots with their owner; Redis begins it anew by itself, Valkey does not
    Until the claim the target has a copy that nobody is served from. If the source or the target fails over, or the source is flushed, that copy is thrown away.
    Source: https://redis.io/docs/latest/commands/cluster-migration/

    @id:an-import-whose-target-dies @since:redis-8.4
    Scenario: The target dies in the middle: the move has failed, and the slots stay where they were
      Given the "cluster" topology with
        | rdb-key-save-delay | 10000 |
      And each of the first 10 slots of "node-1" holds 30 keys of 100 bytes
      When a client sends "CLUSTER MIGRATION IMPORT 0 619" to "node-2"
      Then within 2 seconds "node-1" answers "CLUSTER MIGRATION STATUS ALL" with "send-bulk-and-stream"
      When "node-2" is killed
      Then within 10 seconds "node-1" answers "CLUSTER MIGRATION STATUS ALL" with "failed"
      And within 20 seconds "node-5" becomes master
      And within 25 seconds "node-1" answers "SET user:1851 1" with "OK"
      And within 26 seconds "GET user:1851" asked of "node-5" is redirected to "node-1"
      And within 27 seconds "node-5" answers "CLUSTER COUNTKEYSINSLOT 5" with "0"
      And within 27 seconds "node-1" answers "CLUSTER COUNTKEYSINSLOT 5" with "30"

    @id:an-import-whose-source-dies @since:redis-8.4
    Scenario: The source dies in the middle: the target begins anew with the replica that was promoted, and gets every key
      Given the "cluster" topology with
        | rdb-key-save-delay | 10000 |
      And each of the first 10 slots of "node-1" holds 30 keys of 100 bytes
      When a client sends "CLUSTER MIGRATION IMPORT 0 619" to "node-2"
      Then within 2 seconds "node-1" answers "CLUSTER MIGRATION STATUS ALL" with "send-bulk-and-stream"
      And within 5 seconds "node-4" answers "DBSIZE" with "300"
      When "node-1" is killed
      Then within 20 seconds "node-4" becomes master
      And within 40 seconds "node-2" answers "CLUSTER MIGRATION STATUS ALL" with "completed"
      And within 41 seconds "GET user:1851" asked of "node-4" is redirected to "node-2"
      And within 42 seconds "node-2" answers "CLUSTER COUNTKEYSINSLOT 4" with "30"

    @id:an-import-and-a-flush @since:redis-8.4
    Scenario: FLUSHALL on the source cancels the move there, the target begins anew, and the slots arrive empty
      Given the "cluster" topology with
        | rdb-key-save-delay | 10000 |
      And each of the first 10 slots of "node-1" holds 30 keys of 100 bytes
      When a client sends "CLUSTER MIGRATION IMPORT 0 619" to "node-2"
      Then within 2 seconds "node-1" answers "CLUSTER MIGRATION STATUS ALL" with "send-bulk-and-stream"
      When a client sends "FLUSHALL" to "node-1"
      Then within 5 seconds "node-1" answers "CLUSTER MIGRATION STATUS ALL" with "Cancelled due to FLUSHALL"
      And within 15 seconds "node-2" answers "CLUSTER MIGRATION STATUS ALL" with "completed"
      And within 16 seconds "GET user:1851" asked of "node-1" is redirected to "node-2"
      And within 17 seconds "node-2" answers "CLUSTER COUNTKEYSINSLOT 4" with "0"

    @id:a-migration-whose-target-dies @since:valkey-9.0
    Scenario: The target dies in the middle: the move has failed, and the slots stay where they were
      Given the "cluster" topology with
        | rdb-key-save-delay | 10000 |
      And each of the first 10 slots of "node-1" holds 30 keys of 100 bytes
      When a client sends "CLUSTER MIGRATESLOTS SLOTSRANGE 0 619 NODE <node-2 id>" to "node-1"
      Then within 2 seconds "node-1" answers "CLUSTER GETSLOTMIGRATIONS" with "snapshotting"
      When "node-2" is killed
      Then within 10 seconds "node-1" answers "CLUSTER GETSLOTMIGRATIONS" with "failed"
      And within 20 seconds "node-5" becomes master
      And within 25 seconds "node-1" answers "SET user:1851 1" with "OK"
      And within 26 seconds "GET user:1851" asked of "node-5" is redirected to "node-1"
      And within 27 seconds "node-5" answers "CLUSTER COUNTKEYSINSLOT 5" with "0"
      And within 27 seconds "node-1" answers "CLUSTER COUNTKEYSINSLOT 5" with "30"

    @id:a-migration-whose-source-dies @since:valkey-9.0
    Scenario: The source dies in the middle: the move has failed, and the replica that is promoted serves the slots
      Given the "cluster" topology with
        | rdb-key-save-delay | 10000 |
      And each of the first 10 slots of "node-1" holds 30 keys of 100 bytes
      When a client sends "CLUSTER MIGRATESLOTS SLOTSRANGE 0 619 NODE <node-2 id>" to "node-1"
      Then within 2 seconds "node-1" answers "CLUSTER GETSLOTMIGRATIONS" with "snapshotting"
      And within 5 seconds "node-4" answers "DBSIZE" with "300"
      When "node-1" is killed
      Then within 10 seconds "node-2" answers "CLUSTER GETSLOTMIGRATIONS" with "failed"
      And within 20 seconds "node-4" becomes master
      And within 25 seconds "GET user:1851" asked of "node-2" is redirected to "node-4"
      And within 26 seconds "node-4" answers "CLUSTER COUNTKEYSINSLOT 4" with "30"
      And within 27 seconds "node-2" answers "CLUSTER COUNTKEYSINSLOT 4" with "0"

    @id:a-migration-and-a-flush @since:valkey-9.0
    Scenario: FLUSHALL on the source ends the move, and the source keeps the slots, empty
      Given the "cluster" topology with
        | rdb-key-save-delay | 10000 |
      And each of the first 10 slots of "node-1" holds 30 keys of 100 bytes
      When a client sends "CLUSTER MIGRATESLOTS SLOTSRANGE 0 619 NODE <node-2 id>" to "node-1"
      Then within 2 seconds "node-1" answers "CLUSTER GETSLOTMIGRATIONS" with "snapshotting"
      When a client sends "FLUSHALL" to "node-1"
      Then within 10 seconds "node-1" answers "CLUSTER GETSLOTMIGRATIONS" with "Data was flushed"
      And within 11 seconds "GET user:1851" asked of "node-2" is redirected to "node-1"
      And within 12 seconds "node-1" answers "CLUSTER COUNTKEYSINSLOT 4" with "0"
      And within 13 seconds "node-1" answers "SET user:1851 1" with "OK"
