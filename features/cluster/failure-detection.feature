@cluster
Feature: Failure detection in a cluster
  Nobody watches a cluster but its own nodes. Each pings the others over the bus, suspects whoever is silent for longer than `cluster-node-timeout`, and passes its suspicions on with every packet; what a majority of the masters suspects has failed.

  Rule: One node's suspicion is PFAIL, a majority's is FAIL
    A suspicion is counted where it is heard: nobody is asked for an opinion. A report is worth something for twice the node timeout.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#failure-detection

    @id:pfail-without-a-majority @claim:CLUS-PFAIL
    Scenario: Three of five masters die: the survivors suspect them for ever, and cannot agree that they failed
      Given the "five-masters" topology
      When "node-3", "node-4" and "node-5" are killed
      Then within 10 seconds "node-1" and "node-2" flag "node-3", "node-4" and "node-5" as "fail?"
      And within 10 seconds the cluster state of "node-1" is "fail"
      And for 8 seconds the failed slots of "node-1" stays 0

    @id:a-majority-is-back @cure @claim:CLUS-PFAIL
    Scenario: One of the three is started again, and the other two are failed by a majority; with all of them the cluster has every key
      Given the "five-masters" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a cluster client that knows only "node-1" writes 90 keys
      When "node-3", "node-4" and "node-5" are killed
      Then within 10 seconds "node-1" and "node-2" flag "node-3", "node-4" and "node-5" as "fail?"
      When "node-3" is started again
      Then within 15 seconds "node-1" and "node-2" flag "node-4" and "node-5" as "fail"
      When "node-4" and "node-5" are started again
      Then within 15 seconds the cluster state of "node-1" is "ok"
      And within 15 seconds the cluster client reads every key it wrote

    @id:fail-by-a-majority @claim:CLUS-FAIL @claim:CLUS-FAIL-BROADCAST @claim:CLUS-FAIL-MATH
    Scenario: Two of five die: the other three agree on each of them, and tell all others
      Three is a majority of five. `node-1` is told of one of them at least as often as it finds out by itself.
      Given the "five-masters" topology
      When "node-4" and "node-5" are killed
      Then within 15 seconds "node-1", "node-2" and "node-3" flag "node-4" and "node-5" as "fail"
      And the failed slots of "node-1" are 6554

    @id:fail-is-broadcast @claim:CLUS-FAIL-BROADCAST @claim:CLUS-FAIL
    Scenario: A node whose own timer has not run out obeys those whose timers have
      "node-5" gives others a minute, so it misses nobody yet and counts no opinions. The message that says FAIL it believes at once.
      Given the "cluster" topology with
        | node-5.cluster-node-timeout | 60000 |
      When "node-1" is killed
      Then within 15 seconds the log of "node-5" shows "FAIL message received from .* about"
      And within 15 seconds "node-5" flags "node-1" as "fail"
      And the log of "node-5" does not show "Marking node .* as failing"

    @id:replicas-do-not-count @claim:CLUS-FAIL-MATH
    Scenario: What replicas suspect is not counted
      One master and both other replicas miss the first master. That is one of three.
      Given the "cluster" topology
      When "node-1" is cut off from "node-2", "node-5" and "node-6"
      Then within 10 seconds "node-2", "node-5" and "node-6" flag "node-1" as "fail?"
      And for 10 seconds the failed slots of "node-2" stays 0
      And for 10 seconds "node-1" stays master

    @id:both-halves-of-five @claim:CLUS-FAIL-MATH
    Scenario: Of five masters three keep the cluster alive, without the slots of the other two
      Given the "five-masters" topology with
        | cluster-require-full-coverage | no |
      When "node-4" and "node-5" are isolated
      Then within 10 seconds the cluster state of "node-4" is "fail"
      And within 10 seconds the cluster state of "node-5" is "fail"
      And within 15 seconds "node-1", "node-2" and "node-3" flag "node-4" and "node-5" as "fail"
      And the cluster state of "node-1" is "ok"
      And within 15 seconds "node-1" answers "SET hello 1" with "OK"

    @id:a-report-grows-old @claim:CLUS-FAIL-MATH @mirror:fail-by-a-majority
    Scenario: Suspicions of nodes that have died since do not count after twice the node timeout
      Two of five masters miss the first, and die. Seconds later the first dies too: the other two miss it, and the old reports make no majority of them.
      Given the "five-masters" topology with
        | cluster-node-timeout | 4000 |
      When "node-2" and "node-3" are cut off from "node-1"
      And within 10 seconds "node-2" and "node-3" flag "node-1" as "fail?"
      And 2 seconds pass
      And "node-2" and "node-3" are killed
      And 4500 milliseconds pass
      And "node-1" is killed
      Then within 9 seconds "node-4" and "node-5" flag "node-1" as "fail?"
      When 3 seconds pass
      Then within 1 second "node-4" and "node-5" flag "node-1" as "fail?"

    @id:a-report-still-counts @claim:CLUS-FAIL-MATH
    Scenario: Before twice the node timeout is over, the suspicions of nodes that have died count
      As above, but the first dies at once: four seconds later the other two miss it, and reports count for eight.
      Given the "five-masters" topology with
        | cluster-node-timeout | 4000 |
      When "node-2" and "node-3" are cut off from "node-1"
      And within 10 seconds "node-2" and "node-3" flag "node-1" as "fail?"
      And 2 seconds pass
      And "node-2" and "node-3" are killed
      And "node-1" is killed
      Then within 9 seconds "node-4" and "node-5" flag "node-1" as "fail"

  Rule: FAIL goes when the node is heard again, at once for a replica
    A master whose slots nobody took has to wait for twice the node timeout since it failed, in case somebody is just being elected in its place.
    Source: https://github.com/redis/redis/blob/7.0/src/cluster.c

    @id:a-replica-is-heard-again @claim:CLUS-FAIL-CLEAR-REPLICA
    Scenario: A replica that failed is whole again as soon as it answers
      Given the "cluster" topology
      When "node-4" is killed
      And within 15 seconds "node-1", "node-2" and "node-3" flag "node-4" as "fail"
      And "node-4" is started again
      Then within 5 seconds the log of "node-2" shows "Clear FAIL state for node .*: ?replica is reachable again"
      And within 5 seconds "node-1", "node-2" and "node-3" no longer flag "node-4" as "fail"

    @id:a-master-waits-twice-node-timeout @claim:CLUS-FAIL-CLEAR-4X
    Scenario: A master without a replica returns at once, and is failed for twice the node timeout all the same
      Twice 4 s, where older texts say four times, and ten seconds on top.
      Given the "five-masters" topology with
        | cluster-node-timeout | 4000 |
      When "node-5" is killed
      And within 15 seconds "node-1" flags "node-5" as "fail"
      And "node-5" is started again
      Then within 16 seconds the log of "node-1" shows "Clear FAIL state for node .*: is reachable again and nobody is serving its slots after some time" between 8 and 11 seconds after "as failing .quorum reached|FAIL message received"
      And within 16 seconds the cluster state of "node-1" is "ok"

  Rule: Who stands still for longer than node timeout is failed over, though nothing is broken
    A slow command, a swapping host, a virtual machine that moves: to the others they look like death.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#failure-detection

    @id:a-false-alarm @claim:CLUS-NT-FALSE @claim:CLUS-OLD-MASTER
    Scenario: A master is paused for eight seconds: it wakes up as a replica of its replica
      Given the "cluster" topology
      When "node-1" is paused for 8 seconds
      Then within 15 seconds "node-4" becomes master
      And within 15 seconds "node-1" replicates "node-4"

    @id:back-to-its-place @cure @claim:CLUS-NT-FALSE
    Scenario: CLUSTER FAILOVER, sent to the old master when the others list it as a replica, makes it master again, and no key is lost
      Before they do, they deny it their votes.
      Given the "cluster" topology
      And a cluster client that knows only "node-1" writes 90 keys
      When "node-1" is paused for 8 seconds
      Then within 15 seconds "node-4" becomes master
      And within 15 seconds "node-1" replicates "node-4"
      And within 15 seconds "node-2" and "node-3" flag "node-1" as "slave"
      When a client sends "CLUSTER FAILOVER" to "node-1"
      Then within 10 seconds "node-1" becomes master
      And within 10 seconds "node-4" replicates "node-1"
      And within 10 seconds the cluster client reads every key it wrote

    @id:a-short-pause @mirror:a-false-alarm
    Scenario: A pause of a second and a half, with a node timeout of five, is nobody's business
      Given the "cluster" topology with
        | cluster-node-timeout | 5000 |
      When "node-1" is paused for 1.5 seconds
      Then for 10 seconds "node-4" stays a replica
      And the log of "node-2" does not show "Marking node"

    @id:fifteen-seconds @claim:CLUS-NT-15S
    Scenario: Fifteen seconds is what a server takes when nothing is said
      Given the "as-shipped" topology
      Then within 1 second the master answers "CONFIG GET cluster-node-timeout" with "15000"
