@sentinel
Feature: Failover
  The master is gone, enough Sentinels agree, one of them is elected and promotes a replica. Nobody was called.

  Three Sentinels that notice in the same instant may each vote for themselves; nobody is elected then, and they try again after twice the failover-timeout. To keep the
  stories short, the Sentinels here notice one after the other. None of them notices in less than two seconds: at or below the second between two PINGs, a master that was promoted just now would be declared down in its turn.

  Rule: When the master is dead and the quorum agrees, a replica is promoted without an operator
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:a-dead-master-is-replaced @claim:SENT-FAILOVER @claim:ARCH-TABLE
    Scenario: From the kill to the first accepted write, in the order Sentinel tells it
      Lost is what had been acknowledged and not yet sent to the replica. Nothing bounds that but the replica's lag: none or a handful of writes on a quiet host, more on a busy one.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client writes every 10 milliseconds through the Sentinels
      When the master is killed
      Then within 30 seconds a replica becomes master
      And within 30 seconds the Sentinels report, in order
        | +sdown          |
        | +odown          |
        | +new-epoch      |
        | +elected-leader |
        | +selected-slave |
        | +promoted-slave |
        | +switch-master  |
      And within 30 seconds a Sentinel reports "+selected-slave" at most 1 second after "+elected-leader"
      And within 30 seconds every Sentinel reports "+switch-master"
      And within 30 seconds the client's writes are acknowledged again
      When the client stops
      Then at most 100 acknowledged writes are lost

    @id:the-others-follow @claim:SENT-FAILOVER @needs:sentinel-debug
    Scenario: The other replica follows the new master, and the old master comes back as a replica
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      When the master is killed
      And within 30 seconds every Sentinel reports "+switch-master"
      And the old master is started again
      Then within 15 seconds the old master becomes a replica
      And within 15 seconds the connected replicas of the new master are 2
