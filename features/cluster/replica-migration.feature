@cluster
Feature: Replica migration
  A master that has lost its last replica is one crash away from taking its slots with it. A replica that another master can spare moves to it by itself.

  Rule: A master without replicas is given a spare one
    Who has more working replicas than `cluster-migration-barrier` (1) can spare one; it moves after the master has been without for five seconds.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#replica-migration

    @id:a-spare-one-moves @claim:CLUS-REPLICA-MIGRATION
    Scenario: The only replica of the second master dies; one of the first master's two moves over
      Given the "spare-replica" topology
      When "node-5" is killed
      And within 15 seconds "node-2" flags "node-5" as "fail"
      Then between 4.7 and 7 seconds later the connected replicas of "node-2" are 1
      And the connected replicas of "node-1" are 1

    @id:none-moves @since:redis-6.2
    Scenario: With cluster-allow-replica-migration off nobody moves
      Given the "spare-replica" topology with
        | cluster-allow-replica-migration | no |
      When "node-5" is killed
      And within 15 seconds "node-2" flags "node-5" as "fail"
      Then for 12 seconds the connected replicas of "node-2" stays 0
      And the connected replicas of "node-1" are 2

    @id:two-crashes @claim:CLUS-REPLICA-MIGRATION
    Scenario: So it survives a second crash: the second master dies as well, and the replica that moved takes its slots
      Given the "spare-replica" topology
      When "node-5" is killed
      And within 15 seconds "node-2" flags "node-5" as "fail"
      And within 30 seconds the connected replicas of "node-2" are 1
      And "node-2" is killed
      And within 15 seconds "node-3" flags "node-2" as "fail"
      Then within 20 seconds the current epoch of "node-3" has grown by 1
      And within 20 seconds the failed slots of "node-3" are 0
      And within 20 seconds the cluster state of "node-3" is "ok"
      And within 20 seconds "node-3" flags "node-5" as "fail"

    @id:the-barrier @claim:CLUS-REPLICA-MIGRATION
    Scenario: With cluster-migration-barrier 2 a master keeps its two replicas
      Given the "spare-replica" topology with
        | cluster-migration-barrier | 2 |
      When "node-5" is killed
      And within 15 seconds "node-2" flags "node-5" as "fail"
      Then for 12 seconds the connected replicas of "node-2" stays 0
      And the connected replicas of "node-1" are 2

  Rule: A master that has lost its last slot becomes a replica
    `cluster-allow-replica-migration` is about both: replicas that move, and masters that became empty.
    Source: https://github.com/redis/redis/blob/7.0/redis.conf

    @id:an-empty-master-follows @since:redis-7.0
    Scenario: A master that gives its last slot away becomes a replica of the one that got it
      Given the "loose-cluster" topology with
        | cluster-require-full-coverage | no |
      And "node-1" has met "node-2"
      And a client sends "CLUSTER ADDSLOTS 12182" to "node-1"
      Then within 10 seconds "GET foo" asked of "node-2" is redirected to "node-1"
      And a client of "node-2" is answered
        | CLUSTER SETSLOT 12182 NODE <node-2 id> | OK |
      And a client of "node-1" is answered
        | CLUSTER SETSLOT 12182 NODE <node-2 id> | OK |
      And within 5 seconds "node-1" becomes a replica

    @id:an-empty-master-stays @since:redis-7.0
    Scenario: With cluster-allow-replica-migration off it stays a master, without slots
      The new owner has another slot of its own: one whose only slots are those of the empty master is taken for its successor, and followed all the same.
      Given the "loose-cluster" topology with
        | cluster-require-full-coverage   | no |
        | cluster-allow-replica-migration | no |
      And "node-1" has met "node-2"
      And a client sends "CLUSTER ADDSLOTS 12182" to "node-1"
      And a client sends "CLUSTER ADDSLOTS 0" to "node-2"
      Then within 10 seconds "GET foo" asked of "node-2" is redirected to "node-1"
      And a client of "node-2" is answered
        | CLUSTER SETSLOT 12182 NODE <node-2 id> | OK |
      And a client of "node-1" is answered
        | CLUSTER SETSLOT 12182 NODE <node-2 id> | OK |
      And within 10 seconds "GET foo" asked of "node-1" is redirected to "node-2"
      And for 6 seconds "node-1" stays master
