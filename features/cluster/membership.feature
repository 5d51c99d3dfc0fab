@cluster
Feature: Members, gossip and epochs
  Nothing outside the nodes knows who is in a cluster. Each node writes down what it knows, tells a few others several times a second, and believes whoever has the higher epoch.

  Rule: One MEET is enough
    A node that is introduced to one member hears of the others by gossip, and they of it. It comes as a master without slots; nobody elects or redistributes anything.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#node-handshake

    @id:gossip-introduces @claim:CLUS-DISCOVERY
    Scenario: A node that met the first is known to the third
      Given the "loose-cluster" topology
      And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      When "node-4" meets "node-1"
      Then within 10 seconds the known nodes of "node-3" are 4
      And within 10 seconds the known nodes of "node-4" are 4

    @id:a-new-node-gets-nothing @claim:CLUS-REPL-AUTO @claim:CLUS-JOIN-MIGRATES @claim:CLUS-LOAD-BALANCE
    Scenario: A node that was added is a master with no slots, and stays one
      Given the "loose-cluster" topology
      And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      And a cluster client that knows only "node-1" writes 300 keys
      When redis-cli adds "node-4" to the cluster of "node-1"
      Then redis-cli succeeds
      And for 10 seconds the masters with slots of "node-1" stay 3
      And for 10 seconds the keys of "node-4" stay 0
      And within 12 seconds every node tells the slots
        | node-1 | 0-5460      |
        | node-2 | 5461-10922  |
        | node-3 | 10923-16383 |
      And "node-4" is master

    @id:a-new-replica @claim:CLUS-REPL-AUTO
    Scenario: It becomes a replica if somebody says so
      Given the "loose-cluster" topology
      And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      When redis-cli adds "node-4" as a replica of "node-2"
      Then redis-cli succeeds
      And within 10 seconds "node-4" becomes a replica
      And within 10 seconds the connected replicas of "node-2" are 1

    @id:nobody-is-elected @claim:CLUS-LEADER
    Scenario: A node joins, and no epoch has changed: there was no election
      Given the "loose-cluster" topology
      And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      When "node-4" meets "node-1"
      Then within 10 seconds the known nodes of "node-3" are 4
      And for 5 seconds the current epoch of "node-1", "node-2" and "node-3" stays 3

  Rule: A node that was forgotten is not introduced again by the others, for a minute
    `CLUSTER FORGET` removes a node from the table of the one who is told, and bans it from there for a minute: time to tell all the others, or, since 7.2, for the word to get around.
    Source: https://redis.io/docs/latest/commands/cluster-forget/

    @id:forgotten-for-a-minute @until:valkey-8.0
    Scenario: It is alive, and the one that forgot listens neither to it nor to those who know it
      Given the "cluster" topology
      Then a client of "node-1" is answered
        | CLUSTER FORGET <node-6 id> | OK |
      When 1 second passes
      Then for 8 seconds the known nodes of "node-1" stay 5

    @id:taken-back-after-a-minute @until:redis-7.0 @needs:clock-in-info
    Scenario: After the minute it is introduced again by the others, which go on knowing it
      The clock is moved so that the minute is over sooner: four seconds of it pass before, fifty at once, the rest afterwards.
      Given the "cluster" topology
      Then a client of "node-1" is answered
        | CLUSTER FORGET <node-6 id> | OK |
      When 1 second passes
      Then for 3 seconds the known nodes of "node-1" stay 5
      When the clock of "node-1" jumps 50 seconds ahead
      Then between 2 and 12 seconds later the known nodes of "node-1" are 6

    @id:forgotten-and-back @since:valkey-8.1
    Scenario: In Valkey 8.1 a node that is alive introduces itself again, so it has to be stopped first
      Whoever sees that another has no link to it sends MEET: that mends handshakes which were broken off, and undoes the ban.
      Given the "cluster" topology
      Then a client of "node-1" is answered
        | CLUSTER FORGET <node-6 id> | OK |
      And within 1 second the known nodes of "node-1" are 5
      When 1 second passes
      Then within 20 seconds the known nodes of "node-1" are 6

    @id:forgotten-by-one @until:redis-7.0
    Scenario: Up to Redis 7.0 the others go on knowing it: each of them has to be told
      Given the "cluster" topology
      Then a client of "node-1" is answered
        | CLUSTER FORGET <node-6 id> | OK |
      When 1 second passes
      Then for 8 seconds the known nodes of "node-2" stay 6

    @id:forgotten-by-all @since:redis-7.2
    Scenario: Since Redis 7.2 the one that is told tells the others
      Given the "cluster" topology
      Then a client of "node-1" is answered
        | CLUSTER FORGET <node-6 id> | OK |
      And within 8 seconds the known nodes of "node-2", "node-3", "node-4" and "node-5" are 5

  Rule: The nodes talk on a port of their own, in binary
    It is the client port plus 10000, unless `cluster-port` (7.0+) says otherwise. Both ends of every pair keep a connection to the other.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#the-cluster-bus

    @id:the-bus-port @claim:CLUS-BUS-PORT
    Scenario: A node tells both of its ports
      Given the "loose-cluster" topology
      And "node-2" has met "node-1"
      Then a client of "node-1" is answered
        | CLUSTER NODES | /<node-1>@16379/ |
        | CLUSTER NODES | /<node-2>@16379/ |

    @id:another-bus-port @claim:CLUS-BUS-PORT @since:redis-7.0
    Scenario: With cluster-port it is another
      Given the "loose-cluster" topology with
        | cluster-port | 17000 |
      Then a client of "node-1" is answered
        | CLUSTER NODES | /:6379@17000/ |

    @id:another-port-for-clients @claim:CLUS-BUS-PORT
    Scenario: With cluster-announce-port clients are redirected to the announced port
      Given the "loose-cluster" topology with
        | cluster-require-full-coverage | no   |
        | node-2.cluster-announce-port  | 7777 |
      And "node-2" has met "node-1"
      And a client sends "CLUSTER ADDSLOTS 12182" to "node-2"
      Then within 10 seconds "node-1" answers "GET foo" with ":7777"

    @id:the-bus-is-binary @claim:CLUS-BUS-BINARY
    Scenario: A client that says PING to the bus is hung up on
      Given the "loose-cluster" topology
      When redis-cli says PING to the cluster bus of "node-1"
      Then redis-cli ends with status 1 and prints
        """
        Error: 
        """

    @id:create-waits-for-ever
    Scenario: redis-cli --cluster create waits for ever for a node that announces a bus port on which no process listens
      As behind a port mapping that left the bus out.
      Given the "loose-cluster" topology with
        | node-2.cluster-announce-bus-port | 17777 |
      When redis-cli is given 10 seconds to create a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli prints, in order
        | Waiting for the cluster to join |
      And within 1 second the cluster state of "node-1" is "fail"

    @id:created-after-a-reset @cure
    Scenario: The port is corrected, every node is reset, and the same command succeeds; without the reset it is refused
      Given the "loose-cluster" topology with
        | node-2.cluster-announce-bus-port | 17777 |
      When redis-cli is given 10 seconds to create a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli prints, in order
        | Waiting for the cluster to join |
      When a client sends "CONFIG SET cluster-announce-bus-port 0" to "node-2"
      And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli ends with status 1 and prints
        """
        is not empty
        """
      When a client sends "CLUSTER RESET HARD" to "node-1", "node-2" and "node-3"
      And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli succeeds
      And within 5 seconds the cluster state of "node-1" is "ok"

    @id:pings-never-end @claim:CLUS-GOSSIP
    Scenario: A cluster in which nothing happens goes on pinging
      Given the "cluster" topology
      When 3 seconds pass
      Then the pings sent over the bus of every node have changed

  Rule: Each node keeps what it knows in its own nodes.conf
    It is written by the node and read at its start; nobody else edits it.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#node-handshake

    @id:nodes-conf @claim:CLUS-NODES-CONF
    Scenario: Each file says "myself" of another node, and is rewritten when the node meets somebody
      Given the "loose-cluster" topology
      And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      When "node-4" meets "node-1"
      Then within 10 seconds "node-1" answers "CLUSTER NODES" with ".14:6379@16379 master"
      And the file "nodes.conf" of "node-1" contains ".14:6379@16379"
      And the file "nodes.conf" of "node-1" contains "myself,master" 1 time
      And the file "nodes.conf" of "node-3" contains "myself,master" 1 time
      And the file "nodes.conf" of "node-3" contains "vars currentEpoch "

    @id:nodes-conf-damaged
    Scenario Outline: A node whose nodes.conf <harm> does not start
      Redis 6.0 takes an id with a wrong character for that of another node.
      Given the "cluster" topology
      When "node-1" is killed
      And the file "nodes.conf" of "node-1" <harm>
      And "node-1" tries to start
      Then within 5 seconds "node-1" refuses connections
      And the log of "node-1" shows
        | Unrecoverable error: corrupted cluster config file |

      @since:redis-7.0
      Examples:
        | damage | harm                 |
        | wrong  | is damaged at byte 0 |

      Examples:
        | damage | harm                |
        | torn   | is cut by 100 bytes |

    @id:nodes-conf-empty
    Scenario: A node whose nodes.conf is empty starts as a stranger: with a new id, without slots, and knowing no node
      Given the "cluster" topology
      When "node-1" is killed
      And within 15 seconds "node-4" becomes master
      And the file "nodes.conf" of "node-1" is emptied
      And "node-1" is started again
      Then the known nodes of "node-1" are 1
      And the assigned slots of "node-1" are 0
      And within 15 seconds "node-2" flags "node-4" as "master"
      And for 5 seconds the known nodes of "node-1" stay 1

    @id:a-damaged-node-joins-anew @cure
    Scenario: When its replica has taken over, the node is emptied, introduced anew, and follows: no key is lost
      Given the "cluster" topology
      And a cluster client that knows only "node-1" writes 90 keys
      When "node-1" is killed
      And the file "nodes.conf" of "node-1" is cut by 100 bytes
      And "node-1" tries to start
      Then within 5 seconds "node-1" refuses connections
      And the log of "node-1" shows
        | Unrecoverable error: corrupted cluster config file |
      And within 15 seconds "node-4" becomes master
      When "node-1" starts again with empty data
      And "node-1" meets "node-2"
      And within 10 seconds "node-1" flags "node-4" as "master"
      And a client sends "CLUSTER REPLICATE <node-4 id>" to "node-1"
      Then within 10 seconds "node-1" replicates "node-4"
      And within 10 seconds the link to the master of "node-1" is "up"
      And within 10 seconds the cluster client reads every key it wrote
      And the keys of "node-1" equals the keys of "node-4"

    @id:nodes-conf-from-a-backup @cure
    Scenario: With a copy of nodes.conf put back it starts, as the node that it was
      Given the "cluster" topology with
        | cluster-node-timeout | 15000  |
        | appendonly           | yes    |
        | appendfsync          | always |
      And a cluster client that knows only "node-1" writes 90 keys
      When "node-1" is killed
      And the file "nodes.conf" of "node-1" is cut by 100 bytes
      And "node-1" tries to start
      Then within 5 seconds "node-1" refuses connections
      And the log of "node-1" shows
        | Unrecoverable error: corrupted cluster config file |
      When the file "nodes.conf" of "node-1" is restored
      And "node-1" tries to start
      Then within 10 seconds the cluster state of "node-1" is "ok"
      And within 10 seconds "node-1" becomes master
      And within 10 seconds the cluster client reads every key it wrote

    @id:cluster-info-has-totals @claim:CLUS-INFO-NODES
    Scenario: CLUSTER INFO has totals, and the nodes stand in CLUSTER NODES
      Given the "cluster" topology
      Then a client of "node-1" is answered
        | CLUSTER INFO  | /^([a-z_]+:[a-z0-9]+ ?)+$/                    |
        | CLUSTER INFO  | /cluster_known_nodes:6 cluster_size:3/        |
        | CLUSTER NODES | /<node-6 id> <node-6>@16379[^ ]* slave <node-3 id> / |

  Rule: Epochs change with claims, not with messages
    A node adopts a higher epoch that it hears, without adding to it. One is added for an election, a takeover, and for the claim on a slot that was moved.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#configuration-handling-propagation-and-failovers

    @id:a-new-node-has-epoch-zero @claim:CLUS-EPOCH-64
    Scenario: Epochs begin with 0 and need more than 32 bits
      Given the "loose-cluster" topology
      Then a client of "node-1" is answered
        | CLUSTER INFO                               | /cluster_current_epoch:0 cluster_my_epoch:0/                                     |
        | CLUSTER SET-CONFIG-EPOCH 4294967296000     | OK                                                                               |
        | CLUSTER INFO                               | /cluster_current_epoch:4294967296000 cluster_my_epoch:4294967296000/             |

    @id:idle-epochs-stay @claim:CLUS-EPOCH-PER-MSG
    Scenario: Hundreds of messages leave the epoch alone, a failover adds one
      Given the "cluster" topology
      When 10 seconds pass
      Then the pings sent over the bus of "node-1" have changed
      And the current epoch of every node has not changed
      When a client sends "CLUSTER FAILOVER" to "node-4"
      Then within 10 seconds "node-4" becomes master
      And within 10 seconds the current epoch of every node has grown by 1

    @id:the-higher-epoch-wins @claim:CLUS-EPOCH-WINS
    Scenario: Of two nodes that claim a slot, the one with the higher epoch keeps it
      The first node, whose epoch is 1, claims a slot of the third, whose epoch is 3, and gives it up as soon as it hears of that.
      Given the "cluster" topology
      When a client sends "CLUSTER DELSLOTS 12182" to "node-1"
      Then a client of "node-1" is answered
        | CLUSTER SETSLOT 12182 NODE <node-1 id> | OK |
      And within 10 seconds "GET foo" asked of "node-1" is redirected to "node-3"
      And within 10 seconds every node tells the slots
        | node-1 | 0-5460      |
        | node-2 | 5461-10922  |
        | node-3 | 10923-16383 |

    @id:a-later-claim-wins @claim:CLUS-EPOCH-WINS
    Scenario: With an epoch above all others, the same claim prevails
      Given the "cluster" topology
      When a client sends "CLUSTER BUMPEPOCH" to "node-1"
      Then a client of "node-1" is answered
        | CLUSTER SETSLOT 12182 NODE <node-1 id> | OK |
      And within 10 seconds "GET foo" asked of "node-3" is redirected to "node-1"
      And within 10 seconds every node tells the slots
        | node-1 | 0-5460 12182            |
        | node-2 | 5461-10922              |
        | node-3 | 10923-12181 12183-16383 |

    @id:an-import-takes-an-epoch @claim:CLUS-EPOCH-WINS
    Scenario: A node that imports a slot takes an epoch above all others by itself, so that its claim prevails
      Only the new owner is told that the slot is its own; all others hear it from there.
      Given the "cluster" topology
      And slot 12182 is on its way from "node-3" to "node-1"
      Then a client of "node-1" is answered
        | CLUSTER SETSLOT 12182 NODE <node-1 id> | OK |
      And within 10 seconds "GET foo" asked of "node-2" is redirected to "node-1"
      And within 10 seconds every node tells the slots
        | node-1 | 0-5460 12182            |
        | node-2 | 5461-10922              |
        | node-3 | 10923-12181 12183-16383 |
      And within 5 seconds the current epoch of every node has grown by 1

    @id:no-epoch-twice @claim:CLUS-EPOCH-WINS
    Scenario: Of two masters with the same configuration epoch one takes the next
      Given the "loose-cluster" topology
      And a client sends "CLUSTER SET-CONFIG-EPOCH 7" to "node-1" and "node-2"
      When "node-2" meets "node-1"
      Then within 10 seconds the current epoch of "node-1" and "node-2" is 8

    @id:keys-go-with-the-slot @claim:CLUS-EPOCH-WINS
    Scenario: A master that loses a slot to a later claim removes the keys it had in it
      Given the "cluster" topology
      And a client sends "SET foo bar" to "node-3"
      When a client sends "CLUSTER BUMPEPOCH" to "node-1"
      Then a client of "node-1" is answered
        | CLUSTER SETSLOT 12182 NODE <node-1 id> | OK |
      And within 10 seconds "GET foo" asked of "node-3" is redirected to "node-1"
      And within 2 seconds the keys of "node-3" are 0
