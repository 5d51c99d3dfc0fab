@cluster
Feature: Redirection with ASK
  While a slot moves, its keys are in two places. The old owner still serves it: it answers for the keys it has, and sends clients on with ASK for those it has not. The new owner serves a
  key of that slot only to a client that says ASKING first.

  Rule: ASK is about one key, MOVED about the slot
    "foo" lies in slot 12182, which the third master serves.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#ask-redirection

    @id:ask-for-what-is-gone @claim:CLUS-ASK @claim:CLUS-CLIENT-UNAWARE
    Scenario: The old owner answers for a key it still has, and sends a client away for one it has not
      Given the "cluster" topology
      And a client sends "SET foo still-here" to "node-3"
      And slot 12182 is on its way from "node-3" to "node-1"
      Then a client of "node-3" is answered
        | GET foo         | still-here           |
        | GET {foo}other  | ASK 12182 <node-1>   |
        | SET {foo}new 1  | ASK 12182 <node-1>   |
      And a client of "node-2" is answered
        | GET foo         | MOVED 12182 <node-3> |

    @id:a-key-that-has-moved @claim:CLUS-ASK
    Scenario: Once a key has moved, ASK leads to it
      Given the "cluster" topology
      And a client sends "SET foo bar" to "node-3"
      And slot 12182 is on its way from "node-3" to "node-1"
      When the key "foo" moves from "node-3" to "node-1"
      Then a client of "node-3" is answered
        | GET foo | ASK 12182 <node-1> |
      And a client of "node-1" is answered
        | ASKING  | OK  |
        | GET foo | bar |

    @id:not-given-away-with-keys
    Scenario: A node that still has keys of a slot does not give it away
      Given the "cluster" topology
      And a client sends "SET foo still-here" to "node-3"
      Then a client of "node-3" is answered
        | CLUSTER SETSLOT 12182 NODE <node-1 id> | ERR Can't assign hashslot 12182 to a different node while I still hold keys for this hash slot. |
        | GET foo                                | still-here                                                                                      |

    @id:a-move-called-off @cure
    Scenario: With SETSLOT STABLE the move is off, and the old owner answers for every key again
      Given the "cluster" topology
      And slot 12182 is on its way from "node-3" to "node-1"
      Then a client of "node-3" is answered
        | GET foo                      | ASK 12182 <node-1>   |
        | CLUSTER SETSLOT 12182 STABLE | OK                   |
        | GET foo                      | (nil)                |
      And a client of "node-1" is answered
        | CLUSTER SETSLOT 12182 STABLE | OK                   |
        | ASKING                       | OK                   |
        | GET foo                      | MOVED 12182 <node-3> |

    @id:a-move-is-ended-by-fix @cure @claim:CLUS-TRYAGAIN
    Scenario: redis-cli --cluster fix ends a move that was broken off half way, and both keys are at the new owner
      Given the "cluster" topology
      And a client sends "SET foo bar" to "node-3"
      And a client sends "SET {foo}2 bar" to "node-3"
      And slot 12182 is on its way from "node-3" to "node-1"
      And the key "foo" moves from "node-3" to "node-1"
      When redis-cli checks the cluster of "node-1"
      Then redis-cli ends with status 1 and prints
        """
        has slots in importing state
        """
      When redis-cli fixes the cluster of "node-1"
      Then redis-cli succeeds
      And within 5 seconds "node-1" answers "MGET foo {foo}2" with "bar"
      And within 5 seconds "GET foo" asked of "node-3" is redirected to "node-1"
      And the keys of "node-1" are 2
      And the keys of "node-3" are 0

    @id:a-move-outlasts-a-crash
    Scenario: A crash of the old owner does not end the move
      It stands in nodes.conf. A node that had forgotten it would take new keys of the slot, and the move would leave them behind.
      Given the "cluster" topology with
        | cluster-node-timeout | 10000 |
      And slot 12182 is on its way from "node-3" to "node-1"
      When "node-3" is killed
      And "node-3" is started again
      Then within 10 seconds the cluster state of "node-3" is "ok"
      And the run id of "node-3" has changed
      And a client of "node-3" is answered
        | GET foo | ASK 12182 <node-1> |

  Rule: ASKING holds for one command
    Source: https://redis.io/docs/latest/commands/asking/

    @id:asking-holds-once @claim:CLUS-ASK
    Scenario: The new owner says MOVED to whoever does not ask, and to the second command of whoever did
      Given the "cluster" topology
      And slot 12182 is on its way from "node-3" to "node-1"
      Then a client of "node-1" is answered
        | GET foo | MOVED 12182 <node-3> |
        | ASKING  | OK                   |
        | GET foo | (nil)                |
        | GET foo | MOVED 12182 <node-3> |

  Rule: Several keys of a slot that moves are served where all of them are
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#multi-keys-operations

    @id:tryagain-at-the-new-owner @claim:CLUS-TRYAGAIN @until:redis-6.0
    Scenario: Redis 6.0 sends whoever asks the old owner to the new one, which says TRYAGAIN
      Given the "cluster" topology
      And a client sends "MSET {foo}1 one {foo}2 two" to "node-3"
      And slot 12182 is on its way from "node-3" to "node-1"
      And the key "{foo}1" moves from "node-3" to "node-1"
      Then a client of "node-3" is answered
        | MGET {foo}1 {foo}2 | ASK 12182 <node-1> |
      And a client of "node-1" is answered
        | ASKING             | OK                                                      |
        | MGET {foo}1 {foo}2 | TRYAGAIN Multiple keys request during rehashing of slot |

    @id:tryagain @claim:CLUS-TRYAGAIN @claim:CLUS-CLIENT-UNAWARE @since:redis-7.0
    Scenario: One key has moved and one has not: both nodes say TRYAGAIN, until the second has followed
      Given the "cluster" topology
      And a client sends "MSET {foo}1 one {foo}2 two" to "node-3"
      And slot 12182 is on its way from "node-3" to "node-1"
      And the key "{foo}1" moves from "node-3" to "node-1"
      Then a client of "node-3" is answered
        | MGET {foo}1 {foo}2 | TRYAGAIN Multiple keys request during rehashing of slot |
      And a client of "node-1" is answered
        | ASKING             | OK                                                      |
        | MGET {foo}1 {foo}2 | TRYAGAIN Multiple keys request during rehashing of slot |
      When the key "{foo}2" moves from "node-3" to "node-1"
      Then a client of "node-3" is answered
        | MGET {foo}1 {foo}2 | ASK 12182 <node-1> |
      And a client of "node-1" is answered
        | ASKING             | OK      |
        | MGET {foo}1 {foo}2 | one two |
