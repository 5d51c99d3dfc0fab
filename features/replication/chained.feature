@replication
Feature: Replicas of replicas
  A replica passes on the stream that it receives, byte by byte. A chain is one history: the same replication id, the same offsets, from the top to its end.

  Rule: What a replica passes on is its master's stream
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:one-history @claim:REPL-CHAINED
    Scenario: A write to the master arrives at the end of the chain, under the same id and offset
      Given the "chain" topology with
        | repl-ping-replica-period | 3600 |
      When a client sends "SET page hello" to the master
      Then within 5 seconds "replica-2" answers "GET page" with "hello"
      And the connected replicas of the master are 1
      And the connected replicas of "replica-1" are 1
      And the replication id of every replica equals the replication id of the master
      And the replication offset of every replica equals the replication offset of the master

    @id:local-writes-stay @claim:REPL-CHAINED
    Scenario: What is written to a writable replica in the middle stays there
      Given the "chain" topology with
        | replica-1.replica-read-only | no |
      When a client sends "SET page local" to "replica-1"
      And a client sends "SET other hello" to the master
      Then within 5 seconds "replica-2" answers "GET other" with "hello"
      And within 5 seconds "replica-1" answers "GET page" with "local"
      When a client sends "EXISTS page" to "replica-2"
      Then the reply is 0

  Rule: When the one in the middle changes, its replicas follow
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:promoted-in-the-middle @claim:REPL-CHAINED
    Scenario: A replica that is promoted keeps its own replicas, without a resynchronisation
      The new id is announced to them in the stream of the connection that exists: it is broken, and continued.
      Given the "chain" topology
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "replica-1" stops replicating
      And a client writes 10 keys to "replica-1"
      Then within 5 seconds "replica-2" holds every key that was written
      And the full synchronisations of "replica-1" have not changed
      And the replication id of "replica-2" has changed
      And the replication id of "replica-2" equals the replication id of "replica-1"

    @id:a-copy-passed-on @claim:REPL-CHAINED
    Scenario: When the one in the middle has to copy everything, so has everybody behind it
      The master forgets its history, as if it were another server: its replica is refused, and copies. The replica's own replicas, whose history is over as well, are dropped and copy it after that.
      Given the "chain" topology with
        | enable-debug-command | yes |
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When a client sends "DEBUG CHANGE-REPL-ID" to the master
      And a client sends "CLIENT KILL TYPE replica" to the master
      Then within 10 seconds the full synchronisations of the master have grown by 1
      And within 10 seconds the full synchronisations of "replica-1" have grown by 1
      And within 10 seconds "replica-2" holds every key that was written

    @id:a-new-name-is-passed-on @claim:REPL-CHAINED @since:redis-7.0
    Scenario: When the one in the middle continues under a new id, its replicas are told, and continue as well
      A master that was shut down with a save comes back with a new id, and accepts the old one.
      Given the "chain" topology with
        | save                     | 3600 1 |
        | repl-ping-replica-period | 3600   |
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When the master is stopped
      And the master is started again
      Then within 10 seconds the accepted partial resynchronisations of the master are 1
      And within 10 seconds the accepted partial resynchronisations of "replica-1" have grown by 1
      And the replication id of "replica-2" has changed
      And the replication id of "replica-2" equals the replication id of the master
      And the full synchronisations of "replica-1" have not changed
