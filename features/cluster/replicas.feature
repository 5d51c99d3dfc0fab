@cluster
Feature: Replicas of a cluster
  A replica in a cluster is an ordinary replica of one master: a copy of that master's share, by the same protocol. What is different is how clients meet it, and that it may be elected.

  Rule: A replica redirects, until a connection says READONLY
    It holds for that connection, and for reads of the slots of its own master. Without it, a replica is a cold standby.
    Source: https://redis.io/docs/latest/commands/readonly/

    @id:readonly @claim:CLUS-READONLY @claim:CLUS-REPLICA-COLD @claim:CLUS-SCALE-DIM
    Scenario: The third master's replica answers a read after READONLY, never a write
      Given the "cluster" topology
      And a client sends "SET foo bar" to "node-3"
      Then within 2 seconds the keys of "node-6" are 1
      And a client of "node-6" is answered
        | GET foo     | MOVED 12182 <node-3>   |
        | READONLY    | OK                     |
        | GET foo     | bar                    |
        | SET foo new | MOVED 12182 <node-3>   |
        | GET hello   | MOVED 866 <node-1>     |
        | READWRITE   | OK                     |
        | GET foo     | MOVED 12182 <node-3>   |
      And a client of "node-6" is answered
        | GET foo     | MOVED 12182 <node-3>   |

  Rule: A replica has its master's share and nothing else
    It follows the stream of one master, slots or no slots. A cluster is no mesh.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/#redis-cluster-master-replica-model

    @id:a-replica-has-a-share @claim:CLUS-REPL-PARTIAL-DATA @claim:CLUS-REPL-BY-SLOT
    Scenario: The replicas together have what the masters have, each the history and the keys of its own
      Given the "cluster" topology
      When a cluster client that knows only "node-1" writes 90 keys
      And 1 second passes
      Then "node-4", "node-5" and "node-6" hold 90 keys together, each a part of them
      And the keys of "node-4" equals the keys of "node-1"
      And the replication id of "node-4" equals the replication id of "node-1"
      And the replication id of "node-5" equals the replication id of "node-2"

    @id:no-chains @claim:CLUS-ONE-LEVEL
    Scenario: A replica of a replica is refused
      Given the "cluster" topology
      Then a client of "node-5" is answered
        | CLUSTER REPLICATE <node-4 id> | ERR I can only replicate a master, not a replica. |

    @id:a-master-with-slots-does-not-follow
    Scenario: A master that has slots cannot be made a replica
      Given the "cluster" topology
      Then a client of "node-1" is answered
        | SET hello 1                   | OK                                                                     |
        | CLUSTER REPLICATE <node-2 id> | ERR To set a master the node must be empty and without assigned slots. |
        | GET hello                     | 1                                                                      |
      And "node-1" is master

    @id:a-master-with-keys-does-not-follow
    Scenario: Nor can one that has keys and no slots any more
      It would throw them away and copy what its new master has.
      Given the "loose-cluster" topology with
        | cluster-require-full-coverage | no |
      And "node-1" has met "node-2"
      And a client sends "CLUSTER ADDSLOTS 12182" to "node-1"
      Then within 10 seconds "node-1" answers "SET foo bar" with "OK"
      And a client of "node-1" is answered
        | CLUSTER DELSLOTS 12182        | OK                                                                     |
        | CLUSTER REPLICATE <node-2 id> | ERR To set a master the node must be empty and without assigned slots. |
      And the keys of "node-1" are 1

  Rule: It resynchronises by PSYNC like any other
    The request has a replication id and an offset. Epochs are the cluster's, and PSYNC does not know them.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:psync-in-a-cluster @claim:CLUS-REPL-SAME @claim:CLUS-REPL-EPOCH-OFFSET
    Scenario: After a broken link the replica asks with id and offset, and continues
      Given the "cluster" topology
      And the traffic between "node-4" and "node-1" is captured
      When a client sends "CLIENT KILL TYPE replica" to "node-1"
      Then within 5 seconds the accepted partial resynchronisations of "node-1" have grown by 1
      And the full synchronisations of "node-1" have not changed
      And within 5 seconds "node-4" and "node-1" exchange, in order
        | node-4 | /^PSYNC [0-9a-f]{40} [0-9]+$/ |
        | node-1 | +CONTINUE                     |

  Rule: A slot that moves is no synchronisation
    Its keys go by MIGRATE from the client port of one master to that of another. To replicas these are ordinary writes here and deletions there; the bus carries only the news of who
    serves the slot.
    Source: https://redis.io/docs/latest/commands/cluster-setslot/#redis-cluster-live-resharding-explained

    @id:keys-go-by-migrate @claim:CLUS-BUS-USE @claim:CLUS-SLOT-SYNC
    Scenario: A key of a moved slot is on the other master and its replica, and nobody has synchronised
      "user:1851" lies in slot 4.
      Given the "cluster" topology
      And a client sends "SET user:1851 anna" to "node-1"
      When redis-cli moves 10 slots from "node-1" to "node-2"
      Then redis-cli succeeds
      And a client of "node-1" is answered
        | INFO commandstats | /cmdstat_migrate:calls=1,/           |
      And a client of "node-2" is answered
        | GET user:1851     | anna                                 |
        | INFO commandstats | /cmdstat_restore(-asking)?:calls=1,/ |
      And within 2 seconds the keys of "node-5" are 1
      And within 2 seconds the keys of "node-4" are 0
      And the full synchronisations of every node have not changed
