@cluster
Feature: Planned changes of a cluster
  A master is to be restarted, moved, upgraded. CLUSTER FAILOVER, sent to a replica, swaps the two without a loss; its options FORCE and TAKEOVER are for days that are not planned.

  Rule: CLUSTER FAILOVER loses nothing
    The master stops its clients and tells its offset; the replica waits until it has all of it, then stands, and the masters vote.
    Source: https://redis.io/docs/latest/commands/cluster-failover/

    @id:a-planned-switch @claim:CLUS-MANUAL @claim:CLUS-FAILOVER-SAFE
    Scenario: A client writes all the while: the switch costs it a moment and no write
      Given the "cluster" topology
      And a client writes every 10 milliseconds through the cluster
      When a client sends "CLUSTER FAILOVER" to "node-4"
      And within 10 seconds "node-1" replicates "node-4"
      And 2 seconds pass
      And the client stops
      Then within 1 second "node-4" becomes master
      And no acknowledged write is lost
      And writes were refused for less than 3 seconds
      And the log of "node-4" shows
        | All (master\|primary) replication stream processed, manual failover can start |

    @id:only-a-replica @claim:CLUS-SLAVEOF
    Scenario: It is sent to the replica that shall be master; a master refuses it
      Given the "cluster" topology
      When a client sends "CLUSTER FAILOVER" to "node-1"
      Then the reply is the error "ERR You should send CLUSTER FAILOVER to a replica"

    @id:no-replicaof @claim:CLUS-SLAVEOF
    Scenario: SLAVEOF and REPLICAOF are refused in a cluster, where CLUSTER REPLICATE says who follows whom
      Given the "cluster" topology
      When a client sends "SLAVEOF NO ONE" to "node-4"
      Then the reply is the error "ERR REPLICAOF not allowed in cluster mode."
      When a client sends "REPLICAOF 198.18.0.1 6379" to "node-4"
      Then the reply is the error "ERR REPLICAOF not allowed in cluster mode."
      And "node-4" is a replica

    @id:a-stopped-node-takes-no-commands @claim:CLUS-SHUTDOWN-FIRST
    Scenario: A node that was shut down takes no commands
      Given the "cluster" topology
      When "node-1" is stopped
      Then within 1 second "node-1" refuses connections

    @id:the-master-stops-its-clients @claim:CLUS-MANUAL
    Scenario: From the request on the master takes no writes, for as long as the vote is out
      The replica cannot reach the voters here. Replica and master each give up when their own five seconds are over, and then the master takes writes again. (Ten seconds are the limit of the pause itself, should nobody end it.)
      Given the "cluster" topology with
        | cluster-node-timeout | 20000 |
      And a client writes every 10 milliseconds through "node-1"
      When "node-4" is cut off from "node-2" and "node-3"
      And a client sends "CLUSTER FAILOVER" to "node-4"
      And 13 seconds pass
      And the client stops
      Then writes were refused for between 4.8 and 7 seconds
      And "node-1" is master

    @id:who-lags-does-not-take-over @claim:CLUS-FAILOVER-SAFE
    Scenario: A replica that cannot catch up does not take over, and after five seconds the attempt is over
      It hears the bus, and its link to the master is down.
      Given the "cluster" topology with
        | cluster-node-timeout | 20000 |
      When a client sends "CONFIG SET masterauth wrong" to "node-4"
      And a client sends "CLIENT KILL TYPE replica" to "node-1"
      And a client sends "SET hello 1" to "node-1"
      And a client sends "CLUSTER FAILOVER" to "node-4"
      Then for 8 seconds "node-4" stays a replica
      And within 10 seconds the log of "node-4" shows "(?i)manual failover timed out" between 4.8 and 6.5 seconds after "(?i)manual failover user request accepted"
      And within 15 seconds "node-1" answers "SET hello 2" with "OK"

  Rule: FORCE does without the master, TAKEOVER without anybody
    Source: https://redis.io/docs/latest/commands/cluster-failover/

    @id:without-its-master
    Scenario: With a dead master the plain form is refused
      Given the "cluster" topology with
        | cluster-node-timeout | 20000 |
      When "node-1" is killed
      Then within 3 seconds "node-4" answers "CLUSTER FAILOVER" with "is down or failed, please use CLUSTER FAILOVER FORCE"
      And for 3 seconds "node-4" stays a replica

    @id:force @mirror:without-its-master
    Scenario: With FORCE the replica stands at once, long before anybody has noticed that the master is dead
      The masters still have to vote.
      Given the "cluster" topology with
        | cluster-node-timeout | 20000 |
      When "node-1" is isolated
      And a client sends "CLUSTER FAILOVER FORCE" to "node-4"
      Then within 8 seconds "node-4" becomes master
      And within 8 seconds "GET hello" asked of "node-2" is redirected to "node-4"

    @id:force-needs-a-majority @cure
    Scenario: Without a majority FORCE leads nowhere, and TAKEOVER does
      Two of three masters are gone. TAKEOVER takes a new epoch without asking: right when the others are surely dead, a split otherwise.
      Given the "cluster" topology
      When "node-1" and "node-2" are killed
      And a client sends "CLUSTER FAILOVER FORCE" to "node-4"
      Then for 8 seconds "node-4" stays a replica
      When a client sends "CLUSTER FAILOVER TAKEOVER" to "node-4"
      And a client sends "CLUSTER FAILOVER TAKEOVER" to "node-5"
      Then within 5 seconds "node-4" and "node-5" become masters
      And within 20 seconds the cluster state of "node-3" is "ok"
