@sentinel
Feature: Several masters, more and fewer Sentinels
  One set of Sentinels watches as many masters as you like. How many Sentinels there are decides how many of them may be dead.

  Rule: One set of Sentinels watches several masters, each for itself
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:one-fails-the-other-stays @claim:SENT-MULTI
    Scenario: The master of orders dies and is replaced; the carts notice nothing
      Each master has a quorum and timers of its own.
      Given the "two-masters" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client sends "SENTINEL SET carts down-after-milliseconds 7000" to every Sentinel
      And a client sends "SENTINEL SET carts quorum 3" to every Sentinel
      When "orders" is killed
      Then within 30 seconds every Sentinel reports the switch of "orders" from "orders" to "orders-replica"
      And within 30 seconds every Sentinel names "carts" as "carts"
      And within 30 seconds every Sentinel says of "carts"
        | flags                   | master |
        | config-epoch            | 0      |
        | quorum                  | 3      |
        | down-after-milliseconds | 7000   |
      And within 30 seconds "carts" accepts a write

  Rule: Sentinels find each other by the name of the master
    A hello carries the name, and a Sentinel throws away one whose name it does not monitor. The address is the same, the master is well, and still there is one Sentinel here and two there.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:two-names @claim:SENT-DISCOVERY @since:redis-6.2
    Scenario: A Sentinel that knows the master by another name stays alone, and so do the others without it
      Each of them reports that all is well, but a quorum of two is out of reach for the one, and the majority of the others is two of two.
      Given the "lone-master" topology with
        | resolve-hostnames | yes |
      And the name "db.example" stands for the master on every Sentinel
      When a client sends "SENTINEL MONITOR shop db.example 6379 2" to "sentinel-1" and "sentinel-2"
      And a client sends "SENTINEL MONITOR store db.example 6379 2" to "sentinel-3"
      Then within 10 seconds "sentinel-1" and "sentinel-2" say of "shop"
        | flags               | master |
        | num-other-sentinels | 1      |
      And within 10 seconds "sentinel-3" says of "store"
        | flags               | master |
        | num-other-sentinels | 0      |
      When 6 seconds pass
      Then within 1 second "sentinel-1" and "sentinel-2" say of "shop"
        | num-other-sentinels | 1 |
      And within 1 second "sentinel-3" says of "store"
        | num-other-sentinels | 0 |
      And within 1 second "sentinel-3" answers "SENTINEL CKQUORUM store" with "NOQUORUM 1 usable Sentinels"

  Rule: What a number of Sentinels tolerates is less than half of them
    The votes of a majority of all known Sentinels elect the one that acts. Two tolerate the loss of none, three and four of one, five of two.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#fundamental-things-to-know-about-sentinel-before-deploying

    @id:two-of-two @claim:SENT-MIN3
    Scenario: Two Sentinels fail over while both live
      Given the "two-sentinels" topology with
        | sentinel-2.down-after-milliseconds | 2500 |
        | failover-timeout                   | 4000 |
      When the master is killed
      Then within 30 seconds "replica" becomes master
      And within 30 seconds every Sentinel reports "+switch-master"

    @id:one-of-two @claim:SENT-MIN3
    Scenario: One of two, though the quorum is 1, is never elected
      Given the "two-sentinels" topology with
        | failover-timeout | 2000 |
      When "sentinel-2" is killed
      And the master is killed
      Then within 15 seconds "sentinel-1" reports, in order
        | +odown                      |
        | +try-failover               |
        | -failover-abort-not-elected |
      And for 8 seconds no replica becomes master

    @id:three-of-four @claim:SENT-ODD
    Scenario: Three of four elect a leader
      Given the "four-sentinels" topology with
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When "sentinel-4" is killed
      And the master is killed
      Then within 30 seconds "replica" becomes master
      And within 30 seconds "sentinel-1" reports "+sdown" with "sentinel"

    @id:two-of-four @claim:SENT-ODD
    Scenario: Two of four do not: the fourth Sentinel has bought nothing that three would not have had
      Given the "four-sentinels" topology with
        | failover-timeout | 2000 |
      When "sentinel-3" and "sentinel-4" are killed
      And the master is killed
      Then within 15 seconds the Sentinels report, in order
        | +odown                      |
        | +try-failover               |
        | -failover-abort-not-elected |
      And for 8 seconds no replica becomes master

  Rule: A failover by hand needs nobody to be down
    SENTINEL FAILOVER skips the agreement and the vote. The replica is promoted first and the old master demoted afterwards; writes in between are lost, so stop the writers or use the server's own FAILOVER where
    none may be.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinel-commands

    @id:by-hand @claim:SENT-MANUAL-SDOWN @needs:sentinel-debug
    Scenario: The master is alive when it is replaced, and becomes a replica
      Given the "sentinel" topology
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-2"
      Then within 20 seconds every Sentinel reports the switch of "mymaster" from the old master to the new master
      And within 20 seconds the old master becomes a replica
      And for 5 seconds no Sentinel reports "+odown"

    @id:by-hand-with-nobody-to-promote @claim:SENT-MANUAL-SDOWN
    Scenario: It needs a replica that is fit, and says so
      Given the "lone-master" topology
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      Then the reply is the error "NOGOODSLAVE No suitable replica to promote"
