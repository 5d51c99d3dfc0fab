@sentinel
Feature: Quorum and majority
  Two numbers decide a failover, and they are not the same number: the quorum declares a master down, a majority of all Sentinels authorises one of them
  to act.

  Rule: With fewer reports than the quorum, nothing happens
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:no-quorum-no-failover @claim:SENT-NO-QUORUM
    Scenario: Two Sentinels that miss the master stay two when the quorum is three
      Given the "sentinel" topology with
        | quorum                  | 3   |
        | down-after-milliseconds | 500 |
      When "sentinel-3" is killed
      And the master is killed
      Then within 3 seconds "sentinel-1" and "sentinel-2" report "+sdown" with "master mymaster"
      And for 4 seconds no Sentinel reports "+odown"
      And for 4 seconds no replica becomes master

    @id:ckquorum-says-so @claim:SENT-NO-QUORUM
    Scenario: SENTINEL CKQUORUM tells beforehand that a failover could not be agreed on
      Given the "lone-master" topology with
        | quorum | 3 |
      When "sentinel-3" is killed
      Then within 6 seconds "sentinel-1" reports "+sdown" with "sentinel"
      And within 6 seconds "sentinel-1" answers "SENTINEL CKQUORUM mymaster" with "NOQUORUM 2 usable Sentinels"

    @id:ckquorum-knows-the-majority @claim:SENT-MAJORITY
    Scenario: It also tells that nobody could be elected, though the quorum is there
      Given the "lone-master" topology with
        | quorum | 1 |
      When "sentinel-2" and "sentinel-3" are killed
      Then within 10 seconds "sentinel-1" answers "SENTINEL CKQUORUM mymaster" with "NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the majority and authorize a failover"

  Rule: Reaching the quorum is not enough to fail over
    The quorum makes +odown. The leader that acts needs the votes of a majority of all Sentinels that are known, dead ones included, and of the quorum if that is more.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:a-minority-elects-nobody @claim:SENT-QUORUM-IS-AUTH @claim:SENT-MAJORITY @claim:SENT-ODOWN-MAJORITY
    Scenario: A minority of the Sentinels declares the master down but elects nobody
      Given the "sentinel" topology with
        | quorum                  | 1    |
        | down-after-milliseconds | 500  |
        | failover-timeout        | 2000 |
      When "sentinel-2" and "sentinel-3" are killed
      And the master is killed
      Then within 3 seconds "sentinel-1" reports "+odown" with "#quorum 1/1"
      And within 3 seconds "sentinel-1" reports "+try-failover"
      And within 6 seconds "sentinel-1" reports "-failover-abort-not-elected"
      And for 6 seconds no replica becomes master

    @id:a-majority-elects @claim:SENT-MAJORITY
    Scenario: Two of three are enough: the dead third does not block them
      The second Sentinel misses nobody yet, and still gives its vote: a vote is about who may act, not about who is down.
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | failover-timeout                   | 4000  |
      When "sentinel-3" is killed
      And the master is killed
      Then within 20 seconds "sentinel-1" reports, in order
        | +odown          |
        | +elected-leader |
        | +switch-master  |
      And within 20 seconds "sentinel-2" reports, in order
        | +vote-for-leader |
        | +switch-master   |
      And within 20 seconds "sentinel-1" reports "+sdown" with "sentinel"
      And within 20 seconds a replica becomes master

    @id:a-quorum-above-the-majority @claim:SENT-MAJORITY @needs:sentinel-debug
    Scenario: With a quorum of three, the votes of two are not enough, although two of three are a majority
      All three miss the master, so it is objectively down. But "sentinel-3" has given its vote in a later epoch already, and has none for anybody now.
      It might stand itself twice failover-timeout after that vote, not before.
      Given the "sentinel" topology with
        | quorum                             | 3     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 2500  |
        | sentinel-3.down-after-milliseconds | 2000  |
        | failover-timeout                   | 10000 |
      And the Sentinel timers
        | publish-period | 60000 |
      When candidate "somebody" asks "sentinel-3" for its vote in epoch 100
      And the master is killed
      Then within 16 seconds the Sentinels report, in order
        | +odown                      |
        | +try-failover               |
        | -failover-abort-not-elected |
      And for 16 seconds no replica becomes master

    @id:a-quorum-of-the-majority @claim:SENT-MAJORITY @needs:sentinel-debug
    Scenario: With a quorum of two, the same two votes are enough
      Given the "sentinel" topology with
        | quorum                             | 2    |
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 2000 |
        | failover-timeout                   | 4000 |
      And the Sentinel timers
        | publish-period | 60000 |
      When candidate "somebody" asks "sentinel-3" for its vote in epoch 100
      And the master is killed
      Then within 20 seconds a replica becomes master

  Rule: A failover that lacks reports or votes is completed by a smaller quorum, or by Sentinels that come back
    The quorum is a setting of each Sentinel, which `SENTINEL SET` changes. The majority is not: it is counted over all Sentinels that are known, so votes can only come from Sentinels that run. A new Sentinel with a
    fresh file votes too, if it has the address of a dead one, under which the others ask for its vote.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#reconfiguring-sentinel-at-runtime

    @id:a-smaller-quorum @cure @claim:SENT-NO-QUORUM
    Scenario: With SENTINEL SET quorum 2 on both Sentinels that are left, the master is replaced, and no key is lost
      Given the "sentinel" topology with
        | quorum                  | 3    |
        | down-after-milliseconds | 1000 |
        | failover-timeout        | 2000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "sentinel-3" is killed
      And the master is killed
      Then within 5 seconds "sentinel-1" and "sentinel-2" report "+sdown" with "master mymaster"
      And for 4 seconds no Sentinel reports "+odown"
      When a client sends "SENTINEL SET mymaster quorum 2" to "sentinel-1" and "sentinel-2"
      Then within 20 seconds the Sentinels report, in order
        | +odown          |
        | +elected-leader |
        | +switch-master  |
      And within 20 seconds a replica becomes master
      And within 20 seconds the keys of the new master are 53

    @id:a-majority-comes-back @cure @claim:SENT-MAJORITY
    Scenario: One of two dead Sentinels is started again, and the next attempt is elected
      Given the "sentinel" topology with
        | quorum                  | 1    |
        | down-after-milliseconds | 1000 |
        | failover-timeout        | 2000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "sentinel-2" and "sentinel-3" are killed
      And the master is killed
      Then within 10 seconds "sentinel-1" reports "-failover-abort-not-elected"
      When "sentinel-2" is started again
      Then within 20 seconds the Sentinels report, in order
        | +elected-leader |
        | +switch-master  |
      And within 20 seconds a replica becomes master
      And within 20 seconds the keys of the new master are 53

    @id:a-new-sentinel-at-the-old-address @cure @claim:SENT-MAJORITY
    Scenario: A new Sentinel at the address of a dead one has a vote, although it has never heard of the others
      Its file says which master to monitor, and nothing else. With the master dead it learns of no other Sentinel, and answers whoever asks for its vote.
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 1000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | failover-timeout                   | 2000  |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "sentinel-2" and "sentinel-3" are killed
      And the master is killed
      Then within 10 seconds "sentinel-1" reports "-failover-abort-not-elected"
      When "sentinel-2" starts again with empty data
      Then within 20 seconds the Sentinels report, in order
        | +elected-leader |
        | +switch-master  |
      And within 20 seconds a replica becomes master
      And within 20 seconds the keys of the new master are 53
