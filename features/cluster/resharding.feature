@cluster
Feature: Resharding
  Slots move between masters while clients write. Nothing moves by itself: somebody decides how many slots go where, and `redis-cli` moves them one by one, keys first, the claim last. (Redis 8.4 and Valkey 9.0 can also move whole slots by replication: that has a feature of its own.)

  Background:
    Three masters, and a node that was added and has nothing yet.
    Given the "loose-cluster" topology
    And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
    And redis-cli adds "node-4" to the cluster of "node-1"

  Rule: Slots move while clients write, and no write is lost
    A cluster client follows MOVED and ASK and tries again after TRYAGAIN. The keys keep their slots; only the slots' owner is another.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/#reshard-the-cluster

    @id:reshard-under-load @claim:CLUS-RESHARD-LIVE @claim:CLUS-ADD-NODE @claim:CLUS-SCALE-DIM
    Scenario: Six hundred and twenty slots move to the new node, and a client that writes all the while is refused nothing and loses nothing
      One of the sixteen lists that the client writes lies in slot 616.
      Given a client writes every 10 milliseconds through the cluster
      When redis-cli moves 620 slots from "node-1" to "node-4"
      And 2 seconds pass
      And the client stops
      Then redis-cli succeeds
      And within 5 seconds every node tells the slots
        | node-1 | 620-5460    |
        | node-2 | 5461-10922  |
        | node-3 | 10923-16383 |
        | node-4 | 0-619       |
      And no write was refused
      And no acknowledged write is lost
      And no write was executed twice
      And writes were refused for less than 3 seconds
      And the keys of "node-4" are 1

    @id:the-key-stays-the-owner-changes @claim:CLUS-MAP-FIXED
    Scenario: After the move a key has the same slot, and the slot another owner
      When redis-cli moves 10 slots from "node-1" to "node-4"
      Then redis-cli succeeds
      And "node-1" and CRC16 agree on the slots
        | user:1851 | 4 |
      And a client of "node-1" is answered
        | GET user:1851 | MOVED 4 <node-4> |

  Rule: Adding and removing nodes loses nothing, if slots go first
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/#remove-a-node

    @id:rebalance @cure @claim:CLUS-JOIN-MIGRATES @claim:CLUS-RESIZE-NO-LOSS
    Scenario: Rebalancing gives an empty master its share, here that of a fifth of the others, and every key is still there
      Given a cluster client that knows only "node-1" writes 300 keys
      When redis-cli rebalances the cluster of "node-1", empty masters included, with a weight of 0.2 for "node-4"
      Then redis-cli succeeds
      And "node-1", "node-2", "node-3" and "node-4" hold 300 keys together, each a part of them
      And within 5 seconds the cluster client reads every key it wrote
      And "node-1", "node-2" and "node-3" serve 5120 slots each
      And "node-4" serves 1024 slots

    @id:del-node-wants-no-slots @claim:CLUS-DEL-NODE
    Scenario: A node with slots is not removed; when they have moved away, it is
      Given redis-cli moves 10 slots from "node-1" to "node-4"
      When redis-cli removes "node-4" from the cluster of "node-1"
      Then redis-cli ends with status 1 and prints
        """
        [ERR] Node <node-4> is not empty! Reshard data away and try again.
        """
      When redis-cli moves 10 slots from "node-4" to "node-1"
      And redis-cli removes "node-4" from the cluster of "node-1"
      Then redis-cli succeeds
      And within 10 seconds the known nodes of "node-3" are 3
