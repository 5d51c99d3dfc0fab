@cluster
Feature: What is left of a cluster
  Which nodes may die, and what clients see while and after they do.

  Rule: By default a cluster that lacks one slot answers for none
    `cluster-require-full-coverage yes`: a wrong answer to "is it there?" would be worse than none. With `no` the rest goes on.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/#redis-cluster-configuration-parameters

    @id:one-master-without-a-replica @claim:CLUS-NO-REPLICA-DOWN
    Scenario: One of five masters dies, and no replica is there: all keys of all masters are gone with it
      Given the "five-masters" topology
      When "node-2" is killed
      Then within 15 seconds the cluster state of "node-1" is "fail"
      And within 15 seconds the failed slots of "node-1" are 3277
      And within 15 seconds "node-1" answers "GET hello" with "CLUSTERDOWN The cluster is down"
      And within 15 seconds "node-5" answers "SET a 1" with "CLUSTERDOWN The cluster is down"

    @id:master-and-replica @claim:CLUS-BOTH-DOWN
    Scenario: A master and its replica die together: the whole cluster stops
      Given the "cluster" topology
      When "node-2" and "node-5" are killed
      Then within 15 seconds the failed slots of "node-1" are 5462
      And within 15 seconds the cluster state of "node-3" is "fail"
      And within 15 seconds "node-1" answers "GET hello" with "CLUSTERDOWN The cluster is down"
      And within 15 seconds "node-3" answers "GET foo" with "CLUSTERDOWN The cluster is down"

    @id:the-shard-comes-back @cure @claim:CLUS-BOTH-DOWN
    Scenario: One of the two is started again, and with its append-only file the cluster is whole, with every key
      Given the "cluster" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a cluster client that knows only "node-1" writes 90 keys
      When "node-2" and "node-5" are killed
      Then within 15 seconds the failed slots of "node-1" are 5462
      And within 15 seconds "node-1" answers "GET hello" with "CLUSTERDOWN The cluster is down"
      When "node-2" is started again
      Then within 15 seconds the cluster state of "node-1" is "ok"
      And within 15 seconds the cluster client reads every key it wrote

    @id:the-rest-goes-on @claim:CLUS-BOTH-DOWN
    Scenario: With full coverage not required the other slots go on, and the lost ones lead to the dead node
      Given the "cluster" topology with
        | cluster-require-full-coverage | no |
      When "node-2" and "node-5" are killed
      Then within 15 seconds the failed slots of "node-1" are 5462
      And for 5 seconds the cluster state of "node-1" stays "ok"
      And within 15 seconds "node-1" answers "SET hello 1" with "OK"
      And within 15 seconds "node-3" answers "SET foo 1" with "OK"
      And within 15 seconds "GET c" asked of "node-1" is redirected to "node-2"

  Rule: Without a majority of the masters the cluster stops, and nobody is elected
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#availability

    @id:majority-down @claim:CLUS-MAJORITY-DOWN @claim:CLUS-ANY-DEATH-OK
    Scenario: Two of three masters die at once: four nodes are left, all the data too, and nothing is answered
      Given the "cluster" topology
      When "node-2" and "node-3" are killed
      Then within 10 seconds the cluster state of "node-1" is "fail"
      And for 12 seconds "node-5" and "node-6" stay replicas
      And within 14 seconds "node-1" answers "GET hello" with "CLUSTERDOWN The cluster is down"
      And within 14 seconds "node-1" flags "node-2" and "node-3" as "fail?"

    @id:two-masters-in-turn @claim:CLUS-ANY-DEATH-OK
    Scenario: The same two, one after the other: each is replaced
      Given the "cluster" topology
      When "node-2" is killed
      And within 15 seconds "node-5" becomes master
      And within 15 seconds the cluster state of "node-1" is "ok"
      And "node-3" is killed
      Then within 15 seconds "node-6" becomes master
      And within 15 seconds the cluster state of "node-1" is "ok"
      And "node-5" and "node-6" are masters

    @id:reads-when-down @claim:CLUS-MAJORITY-DOWN
    Scenario: With cluster-allow-reads-when-down a master without a majority still answers reads of its own slots
      Given the "cluster" topology with
        | cluster-allow-reads-when-down | yes |
      And a client sends "SET hello there" to "node-1"
      When "node-2" and "node-3" are killed
      Then within 10 seconds the cluster state of "node-1" is "fail"
      And within 10 seconds "node-1" answers "GET hello" with "there"
      And within 10 seconds "node-1" answers "SET hello again" with "CLUSTERDOWN The cluster is down and only accepts read commands"

  Rule: While a master is replaced, the slots of all are refused
    From FAIL until the promotion every node answers CLUSTERDOWN. Clients have to last for up to twice the node timeout and two seconds more.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#availability

    @id:ok-down-ok @claim:CLUS-PARTIAL-IMPACT @until:valkey-8.1
    Scenario: The first master dies; a client of the second sees OK, CLUSTERDOWN, OK
      Given the "cluster" topology
      And a client writes every 10 milliseconds through "node-2"
      When "node-1" is killed
      And within 20 seconds the client's writes are acknowledged again
      And the client stops
      Then some writes were refused with "CLUSTERDOWN The cluster is down"
      And writes were refused for at least 300 milliseconds
      And writes were refused for less than 8 seconds
      And no acknowledged write is lost

    @id:hardly-down @claim:CLUS-PARTIAL-IMPACT @since:valkey-9.1
    Scenario: In Valkey 9.1 the only replica stands at once, and a client of the second master hardly notices
      There is no sibling that could have newer data, so nobody is waited for, or a fifteenth of the node timeout at the most (133 ms with 2 s, instead of 500 to 1000 ms): there is hardly a moment between FAIL and the promotion.
      Given the "cluster" topology
      And a client writes every 10 milliseconds through "node-2"
      When "node-1" is killed
      And within 20 seconds "node-4" becomes master
      And 1 second passes
      And the client stops
      Then the log of "node-4" shows
        | Start of election delayed for ([0-9]{1,2}\|1[0-2][0-9]\|13[0-3]) milliseconds .rank #0, |
      And writes were refused for less than 1 second
      And no acknowledged write is lost

    @id:without-full-coverage-nobody-notices @mirror:ok-down-ok
    Scenario: With full coverage not required, the client of the second master does not notice
      Given the "cluster" topology with
        | cluster-require-full-coverage | no |
      And a client writes every 10 milliseconds through "node-2"
      When "node-1" is killed
      And within 20 seconds "node-4" becomes master
      And the client stops
      Then writes were refused for less than 1 second
      And no acknowledged write is lost

    @id:a-client-that-lasts @cure @claim:CLUS-RETRY
    Scenario: A client that keeps trying outlasts the failover
      Given the "cluster" topology
      And a client writes every 20 milliseconds through the cluster
      When "node-1" is killed
      And within 30 seconds the client's writes are acknowledged again
      And within 15 seconds the cluster state of "node-2" is "ok"
      And 2 seconds pass
      And the client stops
      Then within 5 seconds "node-4" becomes master
      And writes were refused for less than 15 seconds
      And at most 20 acknowledged writes are lost

  Rule: What comes back has the data it had, and the place it deserves
    Epochs and slots are in `nodes.conf`, the data where persistence puts them.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/

    @id:a-quick-restart @claim:CLUS-QUICK-RESTART @mirror:a-quick-restart-without-data
    Scenario: A master that crashes and is back before node timeout is over stays master, with what its append-only file has
      Given the "cluster" topology with
        | cluster-node-timeout | 15000  |
        | appendonly           | yes    |
        | appendfsync          | always |
      And a client sends "SET hello there" to "node-1"
      When "node-1" is killed
      And "node-1" is started again
      Then within 15 seconds "node-1" answers "GET hello" with "there"
      And for 3 seconds "node-4" stays a replica
      And within 15 seconds the cluster state of "node-2" is "ok"

    @id:a-quick-restart-without-data @claim:CLUS-QUICK-RESTART @claim:CLUS-EMPTY-RESTART
    Scenario: One that has no file comes back empty, is still master, and its replica copies the emptiness
      The failover that would have saved the data comes too late.
      Given the "cluster" topology with
        | cluster-node-timeout | 15000 |
      And a client sends "SET hello there" to "node-1"
      When "node-1" is killed
      And "node-1" is started again
      Then within 15 seconds the keys of "node-4" are 0
      And the keys of "node-1" are 0
      And "node-1" is master

    @id:everything-restarts @claim:CLUS-COLD-RESTART
    Scenario: After a failover all six nodes crash and come back: there is one master for each slot, the promoted one
      Given the "cluster" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a client sends "SET hello there" to "node-1"
      When "node-1" is killed
      And within 15 seconds "node-4" becomes master
      And "node-1" is started again
      And within 10 seconds "node-1" replicates "node-4"
      And every node is killed
      And every node is started again
      Then within 20 seconds the cluster state of "node-2" is "ok"
      And within 20 seconds "node-1" replicates "node-4"
      And "node-2", "node-3" and "node-4" are masters
      And the run id of "node-2", "node-3" and "node-4" has changed
      And within 20 seconds "GET hello" asked of "node-2" is redirected to "node-4"
      And within 20 seconds "node-4" answers "GET hello" with "there"
