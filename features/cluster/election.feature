@cluster
Feature: Election and failover in a cluster
  A failed master is replaced by one of its own replicas. The replica stands by itself, in a new epoch; the masters vote, and do not choose.

  Rule: A replica of the failed master takes its slots
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#replica-election-and-promotion

    @id:a-replica-takes-over @claim:CLUS-FAILOVER @claim:CLUS-PROMOTE-STEPS @claim:CLUS-FAILOVER-CHOSEN-BY-MASTERS @claim:ARCH-TABLE
    Scenario: The first master is killed: its replica asks for votes, gets them, and takes the slots under a new epoch
      Given the "cluster" topology
      When "node-1" is killed
      Then within 15 seconds "node-4" becomes master
      And within 15 seconds "GET hello" asked of "node-2" is redirected to "node-4"
      And the log of "node-4" shows
        | Start of election delayed for [0-9]+ milliseconds .rank #0, |
        | Starting a failover election for epoch                    |
        | Failover election won: I'm the new (master\|primary)      |
        | configEpoch set to [0-9]+ after successful failover       |
      And the log of "node-2" shows
        | Failover auth granted to [0-9a-f]{40} .*for epoch |
      And within 15 seconds the cluster state of "node-3" is "ok"
      And within 15 seconds the current epoch of "node-2" has grown by 1
      And the configuration epoch of "node-2" has not changed

    @id:the-delay-is-about-a-second @claim:CLUS-FAILOVER-DELAY @until:valkey-8.1
    Scenario: From FAIL to the election it takes half a second to a second, not twice the node timeout and more
      500 ms so that FAIL is known everywhere, up to 500 ms by chance, and a second for each replica with newer data. Even with a node timeout of 5 s.
      Given the "cluster" topology with
        | cluster-node-timeout | 5000 |
      When "node-1" is killed
      Then within 20 seconds "node-4" becomes master
      And the log of "node-4" shows
        | Start of election delayed for ([5-9][0-9]{2}\|1000) milliseconds .rank #0, |

    @id:the-delay-follows-the-node-timeout @claim:CLUS-FAILOVER-DELAY @since:valkey-9.1
    Scenario: In Valkey 9.1 the delay follows the node timeout, and the best replica may have none
      A thirtieth of the node timeout instead of 500 ms, at most 500 ms, the same again by chance, and nothing for a replica that knows itself to be the best one. With a node timeout of 5 s: 333 ms at most.
      Given the "cluster" topology with
        | cluster-node-timeout | 5000 |
      When "node-1" is killed
      Then within 20 seconds "node-4" becomes master
      And the log of "node-4" shows
        | Start of election delayed for ([0-9]{1,2}\|[12][0-9]{2}\|3[0-3][0-9]) milliseconds .rank #0, |

    @id:other-pairs-stay @claim:CLUS-REDISTRIBUTE-ROLES @claim:CLUS-OLD-MASTER
    Scenario: The other pairs stay as they are; the old master comes back as a replica of its successor
      Given the "cluster" topology
      When "node-1" is killed
      And within 15 seconds "node-4" becomes master
      Then "node-2" and "node-3" are masters
      And within 1 second "node-5" replicates "node-2"
      And within 1 second "node-6" replicates "node-3"
      And the connected replicas of "node-4" are 0
      When "node-1" is started again
      Then within 10 seconds "node-1" replicates "node-4"
      And within 15 seconds the connected replicas of "node-4" are 1

    @id:slots-are-not-spread @claim:CLUS-SLOTS-SPREAD
    Scenario: Without a replica nobody takes the slots: the other masters have as many as before
      Given the "five-masters" topology
      When "node-1" is killed
      And within 15 seconds the failed slots of "node-2" are 3277
      Then for 8 seconds the failed slots of "node-2" stays 3277
      And the masters with slots of "node-2" are 5

  Rule: The replica with the newest data goes first
    Each replica compares its offset with those the other replicas of its master told last. For each that has more, it waits a second longer before it asks for votes.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#replica-rank

    @id:the-fresh-one-wins @claim:CLUS-FAILOVER-RANK @claim:CLUS-FAILOVER-RANDOM
    Scenario: Of two replicas one has missed the last writes: the other is elected, and the first follows it
      Given the "spare-replica" topology
      When "node-4" is cut off from "node-1"
      And a client sends "SET hello newest" 100 times to "node-1"
      And 3 seconds pass
      And "node-1" is killed
      Then within 20 seconds "node-7" becomes master
      And within 20 seconds "node-4" replicates "node-7"
      And the log of "node-7" shows
        | Start of election delayed for [0-9]+ milliseconds .rank #0, |
      And the log of "node-4" does not show "Start of election delayed for [0-9]+ milliseconds .rank #0,"
      And within 20 seconds "node-7" answers "GET hello" with "newest"

    @id:the-stale-one-waits @claim:CLUS-FAILOVER-RANK @until:valkey-8.1
    Scenario: The one that has missed writes waits a second longer, and so comes too late
      Given the "spare-replica" topology
      When "node-4" is cut off from "node-1"
      And a client sends "SET hello newest" 100 times to "node-1"
      And 3 seconds pass
      And "node-1" is killed
      Then within 20 seconds the log of "node-4" shows "Start of election delayed for (1[5-9][0-9]{2}|2000) milliseconds .rank #1, "
      And within 20 seconds "node-7" becomes master

  Rule: A replica whose link was down for too long does not stand
    Too long is `repl-ping-replica-period` plus node timeout times `cluster-replica-validity-factor`: 10 s + 10 x 15 s by default. With 0 it is never too long.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/#redis-cluster-configuration-parameters

    @id:too-old-to-stand @claim:CLUS-VALIDITY
    Scenario: Cut off from its master for nine seconds where eight and a half are allowed, the replica gives up
      One second of repl-ping-replica-period, four times the node timeout of a second and a half, and that timeout once more. Seven and a half seconds pass before the death of the master, the rest until it is failed.
      Given the "cluster" topology with
        | cluster-node-timeout            | 1500 |
        | cluster-replica-validity-factor | 4    |
        | repl-ping-replica-period        | 1    |
      When "node-4" is cut off from "node-1"
      And 7500 milliseconds pass
      And "node-1" is killed
      Then within 15 seconds the log of "node-4" shows "Currently unable to failover: Disconnected from (master|primary) for longer than allowed"
      And for 15 seconds "node-4" stays a replica
      And the cluster state of "node-2" is "fail"

    @id:not-too-old-to-stand @claim:CLUS-VALIDITY
    Scenario: Where a factor of 8 allows fourteen and a half, the same replica stands, and is elected
      Given the "cluster" topology with
        | cluster-node-timeout            | 1500 |
        | cluster-replica-validity-factor | 8    |
        | repl-ping-replica-period        | 1    |
      When "node-4" is cut off from "node-1"
      And 7500 milliseconds pass
      And "node-1" is killed
      Then within 20 seconds "node-4" becomes master

    @id:never-too-old @claim:CLUS-VALIDITY @mirror:too-old-to-stand
    Scenario: With a factor of 0 the same replica stands, and is elected
      Given the "cluster" topology with
        | cluster-replica-validity-factor | 0 |
        | repl-ping-replica-period        | 1 |
      When "node-4" is cut off from "node-1"
      And 10 seconds pass
      And "node-1" is killed
      Then within 20 seconds "node-4" becomes master

    @id:a-manual-failover-asks-nobody-for-its-age @cure @claim:CLUS-VALIDITY @mirror:too-old-to-stand
    Scenario: And a failover by hand does not ask how old the data are
      Given the "cluster" topology with
        | cluster-replica-validity-factor | 1 |
        | repl-ping-replica-period        | 1 |
      When "node-4" is cut off from "node-1"
      And 10 seconds pass
      And "node-1" is killed
      And within 15 seconds "node-2" flags "node-1" as "fail"
      And a client sends "CLUSTER FAILOVER FORCE" to "node-4"
      Then within 10 seconds "node-4" becomes master

  Rule: A master votes once an epoch, in Redis, and in Valkey up to 8.0, also once in twice the node timeout about the same master
    The second limit keeps the replicas of one master from being elected one after the other. Valkey 8.1 has given it up.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#masters-reply-to-replica-vote-request

    @id:a-vote-is-denied @claim:CLUS-VOTE @until:valkey-8.0
    Scenario: Redis, and Valkey up to 8.0: of three failovers by hand the third is about a master that was voted about just now, and is denied
      Given the "spare-replica" topology with
        | cluster-node-timeout      | 15000 |
        | cluster-migration-barrier | 5     |
      When a client sends "CLUSTER FAILOVER FORCE" to "node-4"
      And within 12 seconds "node-2" and "node-3" flag "node-1" as "slave"
      And a client sends "CLUSTER FAILOVER FORCE" to "node-1"
      And within 12 seconds "node-2" and "node-3" flag "node-4" as "slave"
      And within 12 seconds "node-7" replicates "node-1"
      And a client sends "CLUSTER FAILOVER FORCE" to "node-7"
      Then within 5 seconds the log of "node-2" shows "Failover auth denied to .* can't vote"
      And for 4 seconds "node-7" stays a replica

    @id:a-vote-is-granted @claim:CLUS-VOTE @since:valkey-8.1
    Scenario: Valkey: the same three, and the third is granted
      Given the "spare-replica" topology with
        | cluster-node-timeout      | 15000 |
        | cluster-migration-barrier | 5     |
      When a client sends "CLUSTER FAILOVER FORCE" to "node-4"
      And within 12 seconds "node-2" and "node-3" flag "node-1" as "slave"
      And a client sends "CLUSTER FAILOVER FORCE" to "node-1"
      And within 12 seconds "node-2" and "node-3" flag "node-4" as "slave"
      And within 12 seconds "node-7" replicates "node-1"
      And a client sends "CLUSTER FAILOVER FORCE" to "node-7"
      Then within 5 seconds "node-7" becomes master
      And the log of "node-2" does not show "Failover auth denied"

  Rule: A replica may be told not to stand
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/#redis-cluster-configuration-parameters

    @id:a-replica-that-may-not-stand
    Scenario: A replica that may not stand leaves the slots uncovered
      `cluster-replica-no-failover` keeps a replica from standing by itself. Its master's death is then final.
      Given the "cluster" topology with
        | node-4.cluster-replica-no-failover | yes |
      When "node-1" is killed
      Then within 15 seconds the failed slots of "node-2" are 5461
      And for 10 seconds "node-4" stays a replica
      And within 15 seconds "node-2" flags "node-4" as "nofailover"

    @id:it-is-allowed-to-stand @cure
    Scenario: With CONFIG SET cluster-replica-no-failover no it stands after all, and every key is there
      Given the "cluster" topology with
        | node-4.cluster-replica-no-failover | yes |
      And a cluster client that knows only "node-1" writes 90 keys
      When "node-1" is killed
      Then within 15 seconds the failed slots of "node-2" are 5461
      And for 10 seconds "node-4" stays a replica
      When a client sends "CONFIG SET cluster-replica-no-failover no" to "node-4"
      Then within 10 seconds "node-4" becomes master
      And within 10 seconds the cluster state of "node-2" is "ok"
      And within 10 seconds the cluster client reads every key it wrote
