@sentinel
Feature: What was under way when the master died
  A command that the old master executed may have reached the new one or not, and its reply may have reached the client or not. Queues, locks and counters each show that in their own way.

  Rule: A consumer group is replicated like any other write, and so is what it has handed out
    `XREADGROUP` is a write: it moves the group's place and puts the entries onto the list of those pending. If the new master has not got that write, it hands the entries out again; if it has not got the group, the consumers are answered `NOGROUP`.
    Source: https://redis.io/docs/latest/commands/xreadgroup/

    @id:handed-out-twice
    Scenario: Entries whose delivery no replica knew of are handed out again by the new master
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client sends "XGROUP CREATE orders packers 0 MKSTREAM" to the master
      And a client sends "XADD orders 1-1 for anna" to the master
      Then within 5 seconds every replica answers "XLEN orders" with "1"
      When "replica-1" and "replica-2" are cut off from "master"
      And a client sends "XREADGROUP GROUP packers early STREAMS orders >" to the master
      Then the reply contains "anna"
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | XPENDING orders packers                        | /^0 /    |
        | XREADGROUP GROUP packers late STREAMS orders > | /1-1 for anna/ |

    @id:handed-out-and-pending
    Scenario: Entries whose delivery the replicas knew of are pending on the new master, until another consumer claims them
      A consumer that died with the old master does not come back for them. `XCLAIM`, or `XAUTOCLAIM` since 6.2, gives them to another one.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client sends "XGROUP CREATE orders packers 0 MKSTREAM" to the master
      And a client sends "XADD orders 1-1 for anna" to the master
      And a client sends "XREADGROUP GROUP packers early STREAMS orders >" to the master
      Then within 5 seconds every replica answers "XPENDING orders packers" with "early"
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | XREADGROUP GROUP packers late STREAMS orders > | (nil)            |
        | XPENDING orders packers                        | /^1 .*early/     |
        | XCLAIM orders packers late 0 1-1               | /1-1 for anna/   |

    @id:no-such-group
    Scenario: A group that no replica had yet is gone, and its consumers are answered NOGROUP
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client sends "XADD orders 1-1 for anna" to the master
      Then within 5 seconds every replica answers "XLEN orders" with "1"
      When "replica-1" and "replica-2" are cut off from "master"
      And a client sends "XGROUP CREATE orders packers 0" to the master
      Then the reply is "OK"
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | XREADGROUP GROUP packers late STREAMS orders > | /^NOGROUP/ |
        | XLEN orders                                    | 1          |

  Rule: A lock is one write, and a failover can lose it
    The holder of a lock was told `OK` by one master. If that master dies before a replica has the key, the new master gives the lock to the next client while the first still works. `WAIT 1` on the same connection tells the holder
    whether a replica has the key. That narrows the case and does not close it: the replica that confirmed need not be the one that is promoted.
    Source: https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/#why-failover-based-implementations-are-not-enough

    @id:two-holders
    Scenario: A lock that no replica had yet is given to a second client after the failover
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When "replica-1" and "replica-2" are cut off from "master"
      Then a client of the master is answered
        | SET lock anna NX PX 60000 | OK   |
        | SET lock ben NX PX 60000  | (nil) |
        | WAIT 1 500                | 0    |
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | SET lock ben NX PX 60000 | OK |

    @id:one-holder
    Scenario: A lock that a replica has confirmed is refused to the second client after the failover
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      Then a client of the master is answered
        | SET lock anna NX PX 60000 | OK |
        | WAIT 2 5000               | 2  |
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | SET lock ben NX PX 60000 | (nil) |
        | GET lock                 | anna  |

    @id:confirmed-by-the-other-replica
    Scenario: A lock that only the other replica has confirmed is given to a second client as well
      "replica-1" has the smaller priority number, and is promoted although "replica-2" has more data.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
        | replica-1.replica-priority         | 10   |
      When "replica-1" is cut off from "master"
      Then a client of the master is answered
        | SET lock anna NX PX 60000 | OK |
        | WAIT 1 5000               | 1  |
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | SET lock ben NX PX 60000 | OK |

  Rule: A command that a client repeats is executed twice if the new master has the first one
    A client that lost its connection does not know whether its command was executed. The server cannot know that a command is a repetition, unless the command says so: by a value instead of a step, or by a token that is written together with the effect.
    Source: https://github.com/valkey-io/valkey/issues/1087

    @id:an-increment-counts-twice
    Scenario: INCR is repeated on the new master, and the order is counted twice
      Whether the first reply reached the client makes no difference to the servers: the client repeats the command.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When a client sends "INCR orders" to the master
      Then within 5 seconds every replica answers "GET orders" with "1"
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | INCR orders | 2 |

    @id:a-token-counts-once
    Scenario: With a token that is written together with the count, the repetition is noticed and counts once
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When a client sends 'EVAL "if redis.call([[SET]], KEYS[2], 1, [[NX]], [[EX]], 3600) then return redis.call([[INCR]], KEYS[1]) end return redis.call([[GET]], KEYS[1])" 2 orders token:17' to the master
      Then within 5 seconds every replica answers "GET orders" with "1"
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | EVAL "if redis.call([[SET]], KEYS[2], 1, [[NX]], [[EX]], 3600) then return redis.call([[INCR]], KEYS[1]) end return redis.call([[GET]], KEYS[1])" 2 orders token:17 | 1 |
        | EVAL "if redis.call([[SET]], KEYS[2], 1, [[NX]], [[EX]], 3600) then return redis.call([[INCR]], KEYS[1]) end return redis.call([[GET]], KEYS[1])" 2 orders token:18 | 2 |
