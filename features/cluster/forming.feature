@cluster
Feature: Forming a cluster
  Nodes without a past become a cluster when they have met, when every slot has a master, and when replicas know whom to follow. `redis-cli --cluster create` does the three by ordinary
  commands, which can be given by hand as well.

  Background:
    Six nodes that were a cluster a moment ago and have forgotten it are as good as new.
    Given the "cluster" topology
    And a client sends "CLUSTER RESET HARD" to every node

  Rule: redis-cli shares out, introduces, waits and checks
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/#create-a-redis-cluster

    @id:create-step-by-step @claim:CLUS-CREATE-FLOW
    Scenario: The order in which it does so
      When redis-cli creates a cluster of "node-1", "node-2", "node-3", "node-4", "node-5" and "node-6" with 1 replica for each master
      Then redis-cli prints, in order
        | >>> Performing hash slots allocation on 6 node         |
        | [0] -> Slots 0 - 5460                              |
        | Adding replica                                     |
        | >>> Nodes configuration updated                    |
        | >>> Assign a different config epoch to each node   |
        | >>> Sending CLUSTER MEET messages to join the cluster |
        | Waiting for the cluster to join                    |
        | >>> Performing Cluster Check                       |
        | [OK] All nodes agree about slots configuration.    |
        | [OK] All 16384 slots covered.                      |
      And within 5 seconds the cluster state of every node is "ok"

    @id:ranges-of-three @claim:CLUS-RANGES-3 @claim:CLUS-SPLIT-16383 @claim:CLUS-16384 @claim:CLUS-NO-CENTER
    Scenario: Three masters get 5461, 5462 and 5461 slots, and every node tells the same map
      When redis-cli creates a cluster of "node-1", "node-2", "node-3", "node-4", "node-5" and "node-6" with 1 replica for each master
      Then within 5 seconds every node tells the slots
        | node-1 | 0-5460      |
        | node-2 | 5461-10922  |
        | node-3 | 10923-16383 |
      And the assigned slots of every node are 16384

    @id:who-follows-whom @claim:CLUS-CREATE-MAP
    Scenario: With addresses of their own, the fifth follows the first, the sixth the second, the fourth the third
      When redis-cli creates a cluster of "node-1", "node-2", "node-3", "node-4", "node-5" and "node-6" with 1 replica for each master
      Then redis-cli prints, in order
        | Adding replica <node-5> to <node-1> |
        | Adding replica <node-6> to <node-2> |
        | Adding replica <node-4> to <node-3> |

    @id:three-masters-at-least @until:valkey-7.2 @claim:CLUS-CREATE-MIN3
    Scenario: Two masters are too few for redis-cli
      Valkey's tool, as of 8.1, makes a cluster of two when it is told `--cluster-yes`.
      When redis-cli creates a cluster of "node-1" and "node-2"
      Then redis-cli ends with status 1 and prints
        """
        *** ERROR: Invalid configuration for cluster creation.
        *** Redis Cluster requires at least 3 master nodes.
        """

    @id:an-epoch-for-each @claim:CLUS-EPOCH-ASSIGN
    Scenario: Every node gets a configuration epoch of its own, and a replica then tells its master's
      When redis-cli creates a cluster of "node-1", "node-2", "node-3", "node-4", "node-5" and "node-6" with 1 replica for each master
      Then within 5 seconds the configuration epoch of "node-1" is 1
      And within 5 seconds the configuration epoch of "node-2" is 2
      And within 5 seconds the configuration epoch of "node-3" is 3
      And within 5 seconds the configuration epoch of "node-5" is 1

  Rule: By hand, any ranges will do
    Source: https://redis.io/docs/latest/commands/cluster-addslotsrange/

    @id:ranges-by-hand @claim:CLUS-RANGES-5500 @since:redis-7.0
    Scenario: 0 to 5500, 5501 to 11000, 11001 to 16383 make a cluster as well
      When a client sends "CLUSTER ADDSLOTSRANGE 0 5500" to "node-1"
      And a client sends "CLUSTER ADDSLOTSRANGE 5501 11000" to "node-2"
      And a client sends "CLUSTER ADDSLOTSRANGE 11001 16383" to "node-3"
      And "node-1" meets "node-2"
      And "node-1" meets "node-3"
      Then within 10 seconds the cluster state of "node-1", "node-2" and "node-3" is "ok"
      And within 10 seconds every node tells the slots
        | node-1 | 0-5500      |
        | node-2 | 5501-11000  |
        | node-3 | 11001-16383 |
