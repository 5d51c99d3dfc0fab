@replication
Feature: A cache in front of a database
  An application writes its database first and a copy to Redis after it. It reads the copy, and on a miss the database. So whatever Redis loses can be had again, if it is missed; what is not missed, but old, stays until it expires.

  Rule: What a failover loses, a miss heals
    The database has every record. A copy that was lost is a miss; the miss reads the database and puts the copy back.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-lost-copy-is-a-miss @claim:REPL-CACHE-ASIDE
    Scenario: Copies that were acknowledged and lost in a failover cost one read of the database each
      Given the "replication" topology
      And an application caches its database on "master"
      When "master" is isolated
      And the application saves 20 records
      And "replica-1" stops replicating
      And "master" is healed
      And "master" starts to replicate "replica-1"
      And the application moves to "replica-1"
      And the application reads every record from "replica-1"
      Then 20 reads were answered by the database
      And 0 reads returned an old value
      When the application reads every record from "replica-1"
      Then 20 reads were answered by the cache
      And 0 reads returned an old value

  Rule: What a failover takes back is no miss
    A copy that was overwritten, or deleted, on the lost master is still there on the promoted replica as it was before. Nobody misses it. Only an expiry bounds how long it is served.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-lost-change-is-served @claim:REPL-CACHE-ASIDE
    Scenario: After changes were lost every read is a hit, and wrong
      Given the "replication" topology
      And an application caches its database on "master"
      When the application saves 20 records
      And within 5 seconds the keys of "replica-1" are 20
      And "master" is isolated
      And the application changes every record
      And "replica-1" stops replicating
      And "master" is healed
      And "master" starts to replicate "replica-1"
      And the application moves to "replica-1"
      And the application reads every record from "replica-1"
      Then 20 reads were answered by the cache
      And 20 reads returned an old value

    @id:an-expiry-bounds-it @claim:REPL-CACHE-ASIDE
    Scenario: With an expiry the old values are served until then, and are right after it
      Given the "replication" topology
      And an application caches its database on "master" for 10 seconds
      When the application saves 20 records
      And within 5 seconds the keys of "replica-1" are 20
      And "master" is isolated
      And the application changes every record
      And "replica-1" stops replicating
      And "master" is healed
      And "master" starts to replicate "replica-1"
      And the application moves to "replica-1"
      And the application reads every record from "replica-1"
      Then 20 reads returned an old value
      When within 15 seconds the keys of "replica-1" are 0
      And the application reads every record from "replica-1"
      Then 20 reads were answered by the database
      And 0 reads returned an old value

  Rule: A read asks one Redis, and then the database
    A reader that goes on to another Redis after a miss doubles its load on a bad day, and finds there nothing that the database does not know better.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:one-redis-a-read @claim:REPL-ONE-READ-NO-RETRY
    Scenario: A miss on a replica that lags is answered by the database, although the master has the copy
      Given the "replication" topology
      And an application caches its database on "master"
      When "replica-1" is isolated
      And the application saves 20 records
      And the application reads every record from "replica-1"
      Then 20 reads were answered by the database
      And 0 reads returned an old value
      And the read misses of "replica-1" have grown by 20
      And the read hits of "master" have not changed
      And the read misses of "master" have not changed
      And the read misses of "replica-2" have not changed
