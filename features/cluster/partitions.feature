@cluster
Feature: Partitions of a cluster
  A cluster that is torn in two goes on in the part with the majority of the masters. What the other part acknowledges until it notices is lost, wherever a replica was promoted on the other side.

  The clients here are on the side of the node they write through: they reach it whatever becomes of the network between the nodes.

  Rule: A master without the majority stops after node timeout, and loses what it acknowledged before
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#write-safety

    @id:a-minority-stops @claim:CLUS-MINORITY-STOPS @claim:CAP-CLUSTER-AP
    Scenario: An isolated master stops: it refuses reads as well as writes
      Given the "cluster" topology
      And a client sends "SET c there" to "node-2"
      When "node-2" is isolated
      Then within 10 seconds the cluster state of "node-2" is "fail"
      And within 10 seconds "node-2" answers "GET c" with "CLUSTERDOWN The cluster is down"
      And within 10 seconds "node-2" answers "SET c new" with "CLUSTERDOWN The cluster is down"
      And within 15 seconds "node-5" becomes master
      And within 15 seconds the cluster state of "node-1" is "ok"

    @id:a-minority-loses @claim:CLUS-MINORITY-LOSS @claim:CLUS-INTEGRITY @claim:CAP-CLUSTER-AP
    Scenario: A client with the isolated master is told OK for one to one and a half node timeouts, and all of these writes are lost
      Node timeout is two seconds here and a write is due every ten milliseconds: 200 to 300 writes, with a little room for the moment of the cut and for a slow host.
      Given the "cluster" topology
      And a client writes every 10 milliseconds through "node-2"
      When "node-2" is isolated
      And within 15 seconds "node-5" becomes master
      And the client stops
      And "node-2" is healed
      And within 15 seconds "node-2" replicates "node-5"
      And within 15 seconds the cluster state of "node-2" is "ok"
      Then at least 180 acknowledged writes are lost
      And at most 350 acknowledged writes are lost
      And some writes were refused with "CLUSTERDOWN The cluster is down"

    @id:a-short-partition @claim:CLUS-MINORITY-SHORT @mirror:a-minority-loses
    Scenario: A partition shorter than node timeout costs nothing
      Given the "cluster" topology with
        | cluster-node-timeout | 6000 |
      And a client writes every 10 milliseconds through "node-2"
      When "node-2" is isolated for 2 seconds
      And 2 seconds pass
      And the client stops
      Then no acknowledged write is lost
      And for 20 seconds "node-5" stays a replica
      And "node-2" is master

  Rule: Replication is asynchronous here too
    The master says OK before a replica has the write. WAIT tells which writes a replica has; it makes none of them safe that it does not tell of.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/#redis-cluster-consistency-guarantees

    @id:asynchronous-loss @claim:CLUS-ASYNC-LOSS @claim:CLUS-INTEGRITY @claim:CLUS-FAILOVER-SAFE
    Scenario: The link to its replica is cut, then the master dies: what it acknowledged in between is gone
      Four seconds and a little lie between the two: that the link is cut takes half of them to be seen.
      Given the "cluster" topology
      And a client writes every 10 milliseconds through "node-1"
      When "node-4" is cut off from "node-1"
      And 2 seconds pass
      And the client stops
      And "node-1" is killed
      And within 20 seconds "node-4" becomes master
      And within 15 seconds the cluster state of "node-2" is "ok"
      And within 15 seconds the cluster state of "node-3" is "ok"
      Then between 390 and 580 acknowledged writes are lost

    @id:wait-tells-the-truth @claim:CLUS-WAIT @mirror:asynchronous-loss
    Scenario: A client that counts only what WAIT has confirmed loses nothing, when the replica that confirmed is promoted
      Given the "cluster" topology
      And a client writes every 10 milliseconds through "node-1" and waits for 1 replica
      When "node-4" is cut off from "node-1"
      And 2 seconds pass
      And the client stops
      And "node-1" is killed
      And within 20 seconds "node-4" becomes master
      And within 15 seconds the cluster state of "node-2" is "ok"
      And within 15 seconds the cluster state of "node-3" is "ok"
      Then no acknowledged write is lost
      And some writes were refused with "WAIT: confirmed by 0 of 1 replicas"

    @id:wait-for-the-wrong-replica @claim:CLUS-WAIT
    Scenario: Confirmed by one of two replicas, and the other is promoted: WAIT did not save it
      "node-7" has the writes, and dies with the master.
      Given the "spare-replica" topology
      And a client writes every 50 milliseconds through "node-1" and waits for 1 replica
      When "node-4" is cut off from "node-1"
      And 2 seconds pass
      And the client stops
      And "node-1" and "node-7" are killed
      And within 20 seconds "node-4" becomes master
      And within 15 seconds the cluster state of "node-2" is "ok"
      And within 15 seconds the cluster state of "node-3" is "ok"
      Then at least 10 acknowledged writes are lost

  Rule: Two groups: the one with the majority goes on if it has a replica for each missing master
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#availability

    @id:two-groups @cure @claim:CLUS-MINORITY-STOPS
    Scenario: A master and another's replica against the rest: the rest replaces the master and goes on
      Given the "cluster" topology
      When "node-1" and "node-5" are cut off from "node-2", "node-3", "node-4" and "node-6"
      Then within 10 seconds the cluster state of "node-1" is "fail"
      And within 15 seconds "node-4" becomes master
      And within 15 seconds the cluster state of "node-2" is "ok"
      And within 15 seconds "node-2" answers "SET c 1" with "OK"
      When "node-1" and "node-5" are healed
      Then within 15 seconds "node-1" replicates "node-4"
      And within 15 seconds the cluster state of "node-1" is "ok"

    @id:a-pair-apart @claim:CLUS-MINORITY-STOPS
    Scenario: A master goes away together with its only replica: both sides stop, and go on when they meet again
      Given the "cluster" topology
      When "node-1" and "node-4" are cut off from "node-2", "node-3", "node-5" and "node-6"
      Then within 10 seconds the cluster state of "node-1" is "fail"
      And within 15 seconds the cluster state of "node-2" is "fail"
      And for 10 seconds "node-4" stays a replica
      When "node-1" and "node-4" are healed
      Then within 20 seconds the cluster state of "node-1" is "ok"
      And within 20 seconds the cluster state of "node-2" is "ok"

    @id:a-pair-apart-loses-nothing @claim:CLUS-MINORITY-STOPS
    Scenario: What such a master acknowledged before it stopped is still there, whichever of the two is master afterwards
      Nobody could promote the replica meanwhile. Right after the heal it may be elected, if the others hear it first; it has all the writes.
      Given the "cluster" topology
      And a client writes every 10 milliseconds through "node-1"
      When "node-1" and "node-4" are cut off from "node-2", "node-3", "node-5" and "node-6"
      And within 10 seconds the cluster state of "node-1" is "fail"
      And "node-1" and "node-4" are healed
      And within 20 seconds the cluster state of "node-1" is "ok"
      And 1 second passes
      And the client stops
      Then no acknowledged write is lost
      And some writes were refused with "CLUSTERDOWN The cluster is down"

    @id:a-minority-waits-after-the-heal @claim:CLUS-MINORITY-STOPS
    Scenario: A master that comes back from a minority takes no queries at once: it waits for news
      As long as node timeout, five seconds at most: another might have its slots by now. Here nobody has, since its replica may not stand.
      Given the "cluster" topology with
        | cluster-node-timeout               | 5000 |
        | node-4.cluster-replica-no-failover | yes  |
      When "node-1" is isolated
      And within 15 seconds the cluster state of "node-1" is "fail"
      And "node-1" is healed
      Then between 4.4 and 6.6 seconds later the cluster state of "node-1" is "ok"

    @id:a-short-wait-after-the-heal @claim:CLUS-MINORITY-STOPS
    Scenario: With a node timeout of three seconds it waits for three
      Given the "cluster" topology with
        | cluster-node-timeout               | 3000 |
        | node-4.cluster-replica-no-failover | yes  |
      When "node-1" is isolated
      And within 15 seconds the cluster state of "node-1" is "fail"
      And "node-1" is healed
      Then between 2.4 and 4 seconds later the cluster state of "node-1" is "ok"

  Rule: A link of one way is no link, and one link is no majority
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#failure-detection

    @id:one-way-to-all @claim:CLUS-ONE-WAY
    Scenario: A master hears everybody and is heard by nobody: it is replaced
      Given the "cluster" topology
      When "node-1" cannot send to "node-2", "node-3", "node-4", "node-5" and "node-6"
      Then within 15 seconds "node-4" becomes master
      And within 15 seconds the cluster state of "node-1" is "fail"
      And within 15 seconds the cluster state of "node-2" is "ok"

    @id:one-way-to-one @claim:CLUS-ONE-WAY @mirror:one-way-to-all
    Scenario: Only one other master does not hear it: that one suspects it alone, and nothing follows
      Given the "cluster" topology
      When "node-1" cannot send to "node-2"
      Then within 10 seconds "node-2" flags "node-1" as "fail?"
      And for 10 seconds "node-4" stays a replica
      And for 10 seconds the cluster state of "node-2" stays "ok"

    @id:lossy @claim:CLUS-PACKET-LOSS @mirror:one-way-to-all
    Scenario: A master loses every fifth packet for seventeen seconds, and stays master
      Given the "cluster" topology with
        | cluster-node-timeout | 5000 |
      When "node-1" loses 20 percent of its packets
      Then for 17 seconds "node-4" stays a replica
      And for 17 seconds the cluster state of "node-2" stays "ok"
