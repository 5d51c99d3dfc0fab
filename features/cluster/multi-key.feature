@cluster
Feature: Several keys at once
  A command, a transaction or a script runs on one node. In a cluster its keys have to lie in one slot; that they lie on one node is not enough, since the slots of a node may be parted
  tomorrow.

  Rule: A command's keys lie in one slot, or it is refused
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#implemented-subset

    @id:crossslot @cure @claim:CLUS-CROSSSLOT
    Scenario: One node serves every slot, and still refuses keys of two
      Given the "loose-cluster" topology
      And "node-1" serves every slot alone
      Then a client of "node-1" is answered
        | MSET a 1 b 2           | CROSSSLOT Keys in request don't hash to the same slot |
        | SUNION a b             | CROSSSLOT Keys in request don't hash to the same slot |
        | MSET {t}a 1 {t}b 2     | OK                                                    |
        | MGET {t}a {t}b         | 1 2                                                   |

  Rule: A transaction holds keys of one slot
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#implemented-subset

    @id:transaction-in-one-slot @claim:CLUS-TX @claim:ARCH-TREE-MULTIKEY
    Scenario: With a tag the keys of a user can be changed together
      Given the "loose-cluster" topology
      And "node-1" serves every slot alone
      Then a client of "node-1" is answered
        | MULTI                        | OK     |
        | SET user:{1001}:profile anna | QUEUED |
        | SET user:{1001}:orders 0     | QUEUED |
        | EXEC                         | OK OK  |

    @id:transaction-on-one-node @claim:CLUS-SAME-NODE-TX
    Scenario: Without one they cannot, although one node has them all
      Each command is taken by itself; it is EXEC that finds two slots.
      Given the "loose-cluster" topology
      And "node-1" serves every slot alone
      Then a client of "node-1" is answered
        | MULTI                      | OK                                                    |
        | SET user:1001:profile anna | QUEUED                                                |
        | SET user:1001:orders 0     | QUEUED                                                |
        | EXEC                       | CROSSSLOT Keys in request don't hash to the same slot |
        | GET user:1001:profile      | (nil)                                                 |

  Rule: A script names its keys, and they lie in one slot
    Source: https://redis.io/docs/latest/develop/programmability/eval-intro/

    @id:script-with-keys @claim:CLUS-LUA
    Scenario: Two declared keys of two slots are refused before the script runs
      Given the "cluster" topology
      Then a client of "node-3" is answered
        | EVAL "return #KEYS" 2 foo bar    | CROSSSLOT Keys in request don't hash to the same slot |
        | EVAL "return #KEYS" 2 foo {foo}2 | 2                                                     |

    @id:script-with-hidden-keys @claim:CLUS-LUA
    Scenario: A key that the script did not declare fails if another node has it, and passes if this one does
      "hello" and "bar" lie in slots of the first node, "foo" does not.
      Given the "cluster" topology
      Then a client of "node-1" is answered
        | EVAL "return redis.call([[SET]], [[foo]], 1)" 0       | /(A\|a)ttempted to access a non local key/        |
        | EVAL "return redis.call([[SET]], [[bar]], 1)" 1 hello | OK                                           |
