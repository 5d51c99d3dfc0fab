@sentinel
Feature: The return of the old master
  A master that was replaced knows nothing of it. It comes back as what it was, and is a master until a Sentinel has noticed.

  Rule: The old master comes back as a master, and is demoted some seconds later
    Sentinel waits until the returned server has called itself a master for four hello periods (8 s by default) and then sends it REPLICAOF. Here the hellos come twice a second.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#removing-the-old-master-or-unreachable-replicas

    @id:a-master-then-a-replica @claim:SENT-OLD-MASTER @needs:sentinel-debug
    Scenario: First a master, then +convert-to-slave, then a replica of its successor
      Given the "operated" topology with
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
      Then within 2 seconds the old master becomes master
      And within 20 seconds the Sentinels report, in order
        | +switch-master    |
        | +convert-to-slave |
      And within 20 seconds the old master becomes a replica
      And within 20 seconds the connected replicas of the new master are 1

    @id:demoted-by-hand @cure @claim:SENT-OLD-MASTER
    Scenario: REPLICAOF, sent to the old master as soon as it is back, ends the two masters at once
      With the hellos and INFO as shipped, the Sentinels would need eight seconds and more.
      Given the "operated" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "master" is killed
      And within 30 seconds every Sentinel reports "+switch-master"
      Then within 1 second "master" refuses connections
      When "master" is started again
      Then within 2 seconds "master" becomes master
      When "master" starts to replicate "replica"
      Then within 5 seconds the link to the master of "master" is "up"
      And "master" refuses a write with "READONLY"
      And within 5 seconds "master" holds every key that was written

    @id:eight-seconds-of-two-masters @claim:SENT-OLD-MASTER @claim:SENT-CLIENT-REDIRECT
    Scenario: With the default timers it is a master for eight to twelve seconds: who still has the old address writes to it, and loses that
      Given the "operated" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client writes every 10 milliseconds through the Sentinels, asked once
      When the master is killed
      And within 30 seconds every Sentinel reports "+switch-master"
      And the old master is started again
      And within 10 seconds the client's writes are acknowledged again
      And within 30 seconds the link to the master of the old master is "up"
      And 1 second passes
      And the client stops
      Then between 750 and 1250 acknowledged writes are lost
      And some writes were refused with "READONLY"

  Rule: Sentinel has the servers rewrite their configuration, so that roles survive a restart
    With REPLICAOF it sends CONFIG REWRITE. A server that was started without a file cannot obey, and forgets its new role when it is restarted.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:roles-are-written-down @claim:SENT-OLD-MASTER @needs:sentinel-debug
    Scenario: After a failover the promoted server's file has no replicaof any more, and the old master's has one
      Given the "operated" topology
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      Then within 20 seconds the file "redis.conf" of "replica" has none of the lines
        | replicaof |
      And within 20 seconds the file "redis.conf" of "master" has the lines
        | replicaof <replica> |
      And within 20 seconds the old master becomes a replica

  Rule: The replicas do the synchronising themselves
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:sentinel-only-orders @claim:SENT-SYNC-BY-REDIS
    Scenario: A replica gets one order from a connection named after the Sentinel; the handshake with its new master is its own
      Valkey 8.1 redacts the name in its log (hide-user-data-from-log).
      Given the "sentinel" topology with
        | replica-2.replica-priority | 0 |
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      Then within 20 seconds the connected replicas of "replica-1" are 1
      And the log of "replica-2" shows
        | REPLICAOF .* enabled .user request from .*name=(sentinel-.* cmd=exec\|[*]redacted[*]) |
        | Connecting to (MASTER\|PRIMARY)                                                      |
        | (MASTER\|PRIMARY) <-> REPLICA sync started                                           |
        | Trying a partial resynchronization                                                   |

  Rule: A replica that follows somebody else is led back
    Whoever points a replica of a monitored master elsewhere by hand has failover-timeout until Sentinel undoes it.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:a-replica-is-led-back @needs:sentinel-debug
    Scenario: A replica that was made a replica of its sibling follows the master again
      Given the "sentinel" topology with
        | failover-timeout | 2000 |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      When "replica-1" starts to replicate "replica-2"
      And within 2 seconds the connected replicas of the master are 1
      Then within 15 seconds the Sentinels report, in order
        | +fix-slave-config |
      And within 15 seconds the connected replicas of the master are 2
