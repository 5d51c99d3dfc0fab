@sentinel
Feature: Telling the Sentinels of a promotion by hand
  A person promotes a replica when no Sentinel can. The Sentinels do not learn of it: they go on naming the dead master. They have to be told, each of them, and the order counts.

  Rule: A Sentinel that is told alone is turned back by its peers
    `SENTINEL REMOVE` and `SENTINEL MONITOR` begin a new record of the master, with configuration epoch 0. After any earlier failover the other Sentinels' record has a higher one. Their next
    hello, two seconds later at most, takes the Sentinel back to the dead master, under which it then puts the promoted replica. So the record is removed on every Sentinel first, and begun anew afterwards.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:one-sentinel-after-the-other
    Scenario: Told one after the other, the first Sentinel is turned back, and makes the promoted server a replica of the dead master
      There was a failover before, to "replica", which "master" follows since. Then "replica" dies, and "master", with priority 0, may not be promoted by a Sentinel.
      Given the "operated" topology with
        | master.replica-priority | 0 |
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      And within 30 seconds every Sentinel reports "+switch-master"
      And within 30 seconds the connected replicas of "replica" are 1
      And "replica" is killed
      Then within 20 seconds the Sentinels report, in order
        | -failover-abort-no-good-slave |
      When "master" stops replicating
      And a client writes 53 keys to "master"
      And a client sends "SENTINEL REMOVE mymaster" to "sentinel-1"
      And a client sends "SENTINEL MONITOR mymaster <master ip> 6379 2" to "sentinel-1"
      Then within 10 seconds "sentinel-1" reports, in order
        | +config-update-from |
        | +switch-master      |
      And within 10 seconds every Sentinel names "replica" as "mymaster"
      And within 30 seconds "sentinel-1" reports "+convert-to-slave"
      And within 30 seconds "master" becomes a replica
      And "master" refuses a write with "READONLY"
      And the keys of "master" are 53
      When "replica" is started again
      Then within 15 seconds the keys of "master" are 0

    @id:removed-on-all-then-monitored-on-all @cure
    Scenario: Removed on every Sentinel first, then monitored on every Sentinel, the promoted server stays master with everything
      `SENTINEL MONITOR` begins with the values as shipped: thirty seconds of down-after-milliseconds, no password, no scripts. What had been set has to be set again.
      Given the "operated" topology with
        | master.replica-priority | 0 |
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      And within 30 seconds every Sentinel reports "+switch-master"
      And within 30 seconds the connected replicas of "replica" are 1
      And "replica" is killed
      Then within 20 seconds the Sentinels report, in order
        | -failover-abort-no-good-slave |
      When "master" stops replicating
      And a client writes 53 keys to "master"
      And a client sends "SENTINEL REMOVE mymaster" to every Sentinel
      And a client sends "SENTINEL MONITOR mymaster <master ip> 6379 2" to every Sentinel
      Then within 10 seconds every Sentinel says of "mymaster"
        | flags                   | master |
        | num-other-sentinels     | 2      |
        | down-after-milliseconds | 30000  |
        | failover-timeout        | 180000 |
      When a client sends "SENTINEL SET mymaster down-after-milliseconds 2000" to every Sentinel
      And "replica" is started again
      Then for 20 seconds "master" stays master
      And within 21 seconds every Sentinel names "master" as "mymaster"
      And the keys of "master" are 53
      When "replica" starts to replicate "master"
      Then within 10 seconds "replica" holds every key that was written
