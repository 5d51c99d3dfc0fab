@sentinel
Feature: When everything was down
  A rack loses power, a whole deployment is stopped and started: no Sentinel and no server remembers anything but what is in its files. Who is master then?

  Rule: The newest configuration on any Sentinel's disk wins
    A Sentinel writes every failover into its file, with the epoch of it, and tells the others in its hellos. One that hears a newer epoch than its own gives in.
    It was reported ([redis#13658](https://github.com/redis/redis/issues/13658)) that Sentinels may disagree for good after such a restart. With addresses and files that stay the same they do not, in whatever order they come back.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#configuration-propagation

    @id:all-come-back @claim:SENT-OLD-MASTER
    Scenario: After a failover all five are killed; the Sentinels come back first, then both servers at once: one is master, the promoted one
      Given the "operated" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When "master" is killed
      And within 30 seconds every Sentinel reports "+switch-master"
      And "master" is started again
      Then within 30 seconds "master" becomes a replica
      When "master", "replica", "sentinel-1", "sentinel-2" and "sentinel-3" are killed
      And "sentinel-1", "sentinel-2" and "sentinel-3" are started again
      And "master" and "replica" are started again
      Then within 20 seconds every Sentinel names "replica" as "mymaster"
      And within 20 seconds the link to the master of "master" is "up"
      And for 10 seconds "replica" stays master

    @id:one-was-away @claim:SENT-OLD-MASTER
    Scenario: A Sentinel that missed the failover comes back alone with the old master: it names that one until it hears of the other
      Given the "operated" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When "sentinel-1" is killed
      And "master" is killed
      And within 30 seconds "sentinel-2" and "sentinel-3" report "+switch-master"
      And "replica", "sentinel-2" and "sentinel-3" are killed
      And "sentinel-1" is started again
      And "master" is started again
      Then within 10 seconds "sentinel-1" names "master" as "mymaster"
      And within 10 seconds "master" accepts a write
      And for 5 seconds "sentinel-1" does not report "+switch-master"
      When "replica", "sentinel-2" and "sentinel-3" are started again
      Then within 20 seconds every Sentinel names "replica" as "mymaster"
      And within 40 seconds "master" becomes a replica

  Rule: After an outage of more than ten times down-after-milliseconds no replica is good enough
    The replicas were without a master all the while, the Sentinels too, and the time a replica may have been without its master is ten times `down-after-milliseconds`, plus the time for which this Sentinel has seen the master down.
    The Sentinels say so and try again, for ever. They read the setting anew at each attempt.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:too-long-without-everything @cure
    Scenario: The master stays dead, and the Sentinels come back after thirteen seconds: no replica is good enough, until down-after-milliseconds is larger
      Given the "sentinel" topology with
        | down-after-milliseconds | 1000 |
        | failover-timeout        | 2000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When every Sentinel is killed
      And the master is killed
      And 13 seconds pass
      And every Sentinel is started again
      Then within 15 seconds the Sentinels report, in order
        | +odown                        |
        | -failover-abort-no-good-slave |
      When a client sends "SENTINEL SET mymaster down-after-milliseconds 10000" to every Sentinel
      Then within 20 seconds the Sentinels report, in order
        | +selected-slave |
        | +switch-master  |
      And within 20 seconds a replica becomes master
      And within 20 seconds the keys of the new master are 53

    @id:a-restarted-replica-is-good-and-empty @since:redis-7.0
    Scenario: A replica that is killed and started again is good at once: the Sentinels promote it, and without a snapshot it is empty
      Given the "sentinel" topology with
        | down-after-milliseconds | 1000 |
        | failover-timeout        | 2000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When every Sentinel is killed
      And the master is killed
      And 13 seconds pass
      And every Sentinel is started again
      Then within 15 seconds the Sentinels report, in order
        | +odown                        |
        | -failover-abort-no-good-slave |
      When "replica-2" is killed
      And "replica-2" is started again
      Then within 30 seconds "replica-2" becomes master
      And the keys of "replica-2" are 0
