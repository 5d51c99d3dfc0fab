@sentinel
Feature: Failover
  The master is gone, enough Sentinels agree, one of them is elected and promotes a replica. Nobody was called.

  Rule: When the master is dead and the quorum agrees, a replica is promoted without an operator
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:a-dead-master-is-replaced @claim:SENT-FAILOVER
    Scenario: From the kill to the first accepted write, in the order Sentinel tells it
      Given the "sentinel" topology with
        | down-after-milliseconds | 2000 |
        | failover-timeout        | 4000 |
      And a client writes 50 keys to the master
      When the master is killed
      Then within 10 seconds a replica becomes master
      And within 10 seconds the Sentinels report, in order
        | +sdown          |
        | +odown          |
        | +new-epoch      |
        | +elected-leader |
        | +selected-slave |
        | +promoted-slave |
        | +switch-master  |
      And within 10 seconds every Sentinel reports "+switch-master"
      And within 10 seconds the new master holds every key that was written
      And within 10 seconds the new master accepts a write

    @id:the-others-follow @claim:SENT-FAILOVER
    Scenario: The other replica follows the new master, and the old master comes back as a replica
      Given the "sentinel" topology with
        | down-after-milliseconds | 2000 |
        | failover-timeout        | 4000 |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      When the master is killed for 8 seconds
      Then within 15 seconds the old master becomes a replica
      And within 15 seconds the connected replicas of the new master are 2
