@cluster
Feature: The node that is not empty
  `redis-cli --cluster create` and `add-node` want nodes without a past. The refusal names two suspects, and in practice there is a third: a volume that outlived its
  container.

  Rule: A node that holds a key in database 0, or knows other nodes, is refused
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/

    @id:it-holds-a-key @claim:CLUS-NONEMPTY @claim:CLUS-NONEMPTY-CAUSE
    Scenario: A node with a single key
      It once served alone, with all slots to itself.
      Given the "loose-cluster" topology
      And "node-1" serves every slot alone
      And a client sends "SET left:over 1" to "node-1"
      When redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli ends with status 1 and prints
        """
        [ERR] Node <node-1> is not empty. Either the node already knows other nodes (check with CLUSTER NODES) or contains some key in database 0.
        """

    @id:it-knows-another @claim:CLUS-NONEMPTY @claim:CLUS-NONEMPTY-CAUSE
    Scenario: A node without keys that has met another node before
      Given the "loose-cluster" topology
      And "node-1" has met "node-4"
      When redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli ends with status 1 and prints
        """
        [ERR] Node <node-1> is not empty. Either the node already knows other nodes (check with CLUSTER NODES) or contains some key in database 0.
        """

    @id:it-found-a-dump @claim:CLUS-NONEMPTY-CAUSE
    Scenario: A new node on an old volume, with the snapshot of a server that was there before
      Given the "loose-cluster" topology
      And "node-4" serves every slot alone
      And a client sends "SET left:over 1" to "node-4"
      And "node-1" starts from the snapshot of "node-4"
      When redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli ends with status 1 and prints
        """
        [ERR] Node <node-1> is not empty. Either the node already knows other nodes (check with CLUSTER NODES) or contains some key in database 0.
        """
      And the assigned slots of "node-1" are 1

    @id:empty-nodes-are-welcome @claim:CLUS-NONEMPTY
    Scenario: The same command over nodes without a past succeeds
      Given the "loose-cluster" topology
      When redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli succeeds
      And within 5 seconds the cluster state of "node-1" is "ok"

  Rule: Emptying the node is not enough, it has to forget as well
    A server that loads a snapshot in cluster mode claims the slots of its keys. FLUSHALL removes the keys, but the claims stay; CLUSTER RESET HARD removes the rest. Deleting the
    volume does both, and is not needed.
    Source: https://redis.io/docs/latest/commands/cluster-reset/

    @id:flushed-only @claim:CLUS-NONEMPTY-CAUSE
    Scenario: After FLUSHALL alone the creation begins, and ends with slots that nobody covers, yet with status 0
      "bar" lies in slot 5061, one of those that the first node is to get: it claims that slot already, and so refuses them all. A script that looks at the exit status notices
      nothing.
      Given the "loose-cluster" topology
      And "node-4" serves every slot alone
      And a client sends "SET bar 1" to "node-4"
      And "node-1" starts from the snapshot of "node-4"
      And a client sends "FLUSHALL" to "node-1"
      When redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli ends with status 0 and prints
        """
        [ERR] Not all 16384 slots are covered by nodes.
        """

    @id:flushed-and-lucky @claim:CLUS-NONEMPTY-CAUSE
    Scenario: With a claim on a slot that another node is to get, FLUSHALL alone happens to be enough
      "foo" lies in slot 12182, which goes to the third node. Its later configuration epoch settles the conflict.
      Given the "loose-cluster" topology
      And "node-4" serves every slot alone
      And a client sends "SET foo 1" to "node-4"
      And "node-1" starts from the snapshot of "node-4"
      And a client sends "FLUSHALL" to "node-1"
      When redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli succeeds

    @id:flushed-and-reset @cure @claim:CLUS-NONEMPTY-CAUSE
    Scenario: After FLUSHALL and CLUSTER RESET HARD the cluster is created
      Given the "loose-cluster" topology
      And "node-4" serves every slot alone
      And a client sends "SET bar 1" to "node-4"
      And "node-1" starts from the snapshot of "node-4"
      And a client sends "FLUSHALL" to "node-1"
      And a client sends "CLUSTER RESET HARD" to "node-1"
      When redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      Then redis-cli succeeds
      And within 5 seconds the cluster state of "node-1" is "ok"

    @id:not-reset-with-keys
    Scenario: A master with keys cannot be reset
      Given the "loose-cluster" topology
      And "node-1" serves every slot alone
      Then a client of "node-1" is answered
        | SET left:over 1    | OK                                                                    |
        | CLUSTER RESET HARD | ERR CLUSTER RESET can't be called with master nodes containing keys |
        | GET left:over      | 1                                                                     |

  Rule: The same holds for a node that is to be added
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/

    @id:add-node-refuses-too @claim:CLUS-NONEMPTY-ADD
    Scenario: add-node refuses a used node with the same words
      Given the "loose-cluster" topology
      And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      And redis-cli succeeds
      And "node-4" serves every slot alone
      And a client sends "SET left:over 1" to "node-4"
      When redis-cli adds "node-4" to the cluster of "node-1"
      Then redis-cli ends with status 1 and prints
        """
        [ERR] Node <node-4> is not empty. Either the node already knows other nodes (check with CLUSTER NODES) or contains some key in database 0.
        """

    @id:add-node-after-the-cure @claim:CLUS-NONEMPTY-ADD
    Scenario: Flushed and reset, it is accepted
      Given the "loose-cluster" topology
      And redis-cli creates a cluster of "node-1", "node-2" and "node-3"
      And redis-cli succeeds
      And "node-4" serves every slot alone
      And a client sends "SET left:over 1" to "node-4"
      And a client sends "FLUSHALL" to "node-4"
      And a client sends "CLUSTER RESET HARD" to "node-4"
      When redis-cli adds "node-4" to the cluster of "node-1"
      Then redis-cli succeeds
      And within 5 seconds the known nodes of "node-1" are 4
