@sentinel
Feature: Split brain
  A master is cut off, together with some of its clients. On its side nothing has changed; on the other there is a new master. Both say OK.

  Rule: A partition leaves two masters, and what the smaller side acknowledges is thrown away
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#example-2-basic-setup-with-three-boxes

    @id:two-truths @claim:SENT-SPLIT-BRAIN @claim:SENT-RW-POLICY @needs:sentinel-debug
    Scenario: Two masters tell two prices, each of them the newest it acknowledged; after the heal there is one, and it is not the one last read from the old master
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      And a client sends "SET price 10" to "master"
      And a client sends "WAIT 2 1000" to "master"
      When "master" is isolated
      And a client sends "SET price 20" to "master"
      And within 30 seconds every Sentinel reports "+switch-master"
      Then within 1 second every Sentinel names the new master as "mymaster"
      And within 1 second "master" answers "GET price" with "20"
      And within 1 second the new master answers "GET price" with "10"
      And within 1 second "master" accepts a write
      And within 1 second the new master accepts a write
      When "master" is healed
      Then within 30 seconds "master" becomes a replica
      And within 30 seconds "master" answers "GET price" with "10"

    @id:the-minority-keeps-acknowledging @claim:SENT-SPLIT-BRAIN @claim:SENT-SPLIT-STOP @needs:sentinel-debug
    Scenario: Nobody stops the old master: Sentinel demotes it when it can reach it again, and its clients hear READONLY
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      And a client writes every 10 milliseconds through "master"
      When "master" is isolated
      And within 30 seconds every Sentinel reports "+switch-master"
      And 3 seconds pass
      And "master" is healed
      And within 30 seconds the link to the master of "master" is "up"
      And 1 second passes
      And the client stops
      Then at least 300 acknowledged writes are lost
      And some writes were refused with "READONLY"
      And within 5 seconds "master" becomes a replica

    @id:a-sentinel-on-the-smaller-side @claim:SENT-SPLIT-BRAIN @claim:SENT-GET-MASTER @needs:sentinel-debug
    Scenario: A Sentinel that was cut off together with the master goes on naming it, and learns of the other from the first hello
      One of three is no majority: it can neither fail over nor tell that the others have. A client that asks this one Sentinel is sent to the master whose writes will be thrown away.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2000 |
        | sentinel-3.down-after-milliseconds | 2500 |
        | failover-timeout                   | 4000 |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      And a client writes every 10 milliseconds through "master"
      When "master" and "sentinel-1" are cut off from "replica-1", "replica-2", "sentinel-2" and "sentinel-3"
      And within 30 seconds "sentinel-2" and "sentinel-3" report "+switch-master"
      And 3 seconds pass
      Then within 1 second "sentinel-1" names "master" as "mymaster"
      And within 1 second "sentinel-2" and "sentinel-3" name the new master as "mymaster"
      And within 1 second "master" accepts a write
      When "master" and "sentinel-1" are healed
      And within 30 seconds the link to the master of "master" is "up"
      And 1 second passes
      And the client stops
      Then at least 300 acknowledged writes are lost
      And within 1 second "sentinel-1" names the new master as "mymaster"
      And "master" is a replica

  Rule: min-replicas-to-write bounds the damage, and does not prevent it
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#example-2-basic-setup-with-three-boxes

    @id:min-replicas-under-sentinel @claim:SENT-SPLIT-FIX @needs:sentinel-debug
    Scenario: A master that hears from no replica for two seconds stops: the same partition costs no more than what fits into that time
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
        | min-replicas-to-write              | 1    |
        | min-replicas-max-lag               | 2    |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      And a client writes every 10 milliseconds through "master"
      When "master" is isolated
      And within 30 seconds every Sentinel reports "+switch-master"
      And 3 seconds pass
      And "master" is healed
      And within 30 seconds the link to the master of "master" is "up"
      And 1 second passes
      And the client stops
      Then between 90 and 450 acknowledged writes are lost
      And some writes were refused with "NOREPLICAS"

    @id:a-replica-beside-it-disarms-the-fuse @claim:SENT-SPLIT-FIX @needs:sentinel-debug
    Scenario: One replica that was cut off together with the master is enough to keep it going, and all of it is lost
      The fuse counts replicas, not sides. With two replicas, `min-replicas-to-write 2` would have stopped it, and would stop it too when one of them restarts.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
        | min-replicas-to-write              | 1    |
        | min-replicas-max-lag               | 2    |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      And a client writes every 10 milliseconds through "master"
      When "master" and "replica-1" are cut off from "replica-2", "sentinel-1", "sentinel-2" and "sentinel-3"
      And within 30 seconds every Sentinel reports "+switch-master"
      And 5 seconds pass
      And "master" and "replica-1" are healed
      And within 30 seconds the link to the master of "master" is "up"
      And 1 second passes
      And the client stops
      Then at least 600 acknowledged writes are lost
      And within 5 seconds "master" becomes a replica
      And "replica-2" is master

  Rule: Until it is demoted the old master says OK, for eight seconds and more after the heal
    A Sentinel demotes a server that has called itself a master for four hello periods, eight seconds, and looks only when an INFO arrives, every ten. After a long cut it may take eight seconds more until the Sentinel reaches it.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:demoted-by-the-timers-as-shipped @claim:SENT-SPLIT-STOP
    Scenario: With the timers as shipped the old master says OK until it is demoted
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
      When "master" is isolated
      And within 30 seconds every Sentinel reports "+switch-master"
      And 3 seconds pass
      And "master" is healed
      Then within 8 seconds "master" accepts a write
      And between 8 and 27 seconds later "master" becomes a replica
