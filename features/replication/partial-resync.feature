@replication
Feature: Partial resynchronisation
  A replica that was away for a moment asks to continue: `PSYNC id offset`. If the master still knows that history, and its backlog still holds the bytes
  after that offset, it sends just those.

  Rule: After a short break a replica continues from its offset with the backlog only
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-short-break-is-cheap @claim:REPL-PARTIAL
    Scenario: A replica that lost the network for a few seconds receives only what it missed
      Half a megabyte is written meanwhile, half of what the backlog holds.
      Given the "replication" topology with
        | repl-backlog-size        | 1mb |
        | repl-timeout             | 2   |
        | repl-ping-replica-period | 1   |
      And a client writes 100 keys to the master
      When "replica-1" is isolated
      And a client writes 500 keys of 1000 bytes to the master
      And 4 seconds pass
      And "replica-1" is healed
      Then within 15 seconds the accepted partial resynchronisations of the master have grown by 1
      And the full synchronisations of the master have not changed
      And the refused partial resynchronisations of the master have not changed
      And within 15 seconds "replica-1" holds every key that was written
      And the log of the master shows
        | (?i)partial resynchronization request from .* accepted. Sending [0-9]+ bytes of backlog |

    @id:the-database-of-the-stream
    Scenario: A replica that was restarted goes on in the database in which the stream was
      The stream says SELECT when the database changes, and not again. So the replica keeps it in its snapshot, beside id and offset.
      Given the "replication" topology with
        | replica.save | 3600 1 |
      And a client sends "SELECT 5" to the master
      And a client sends "SET session early" to the master
      When "replica-1" is stopped
      And "replica-1" is started again
      Then within 10 seconds the accepted partial resynchronisations of the master have grown by 1
      And the full synchronisations of the master have not changed
      When a client sends "SET other late" to the master
      Then within 5 seconds "replica-1" answers "INFO keyspace" with "db5:keys=2"
      And the keys of "replica-1" are 0

  Rule: If the offset has left the backlog, a full resynchronisation follows
    The backlog is a ring of fixed size, 1 MB unless configured (10 MB in Valkey since 8.0). How long a break it survives is its size divided by the write rate.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:too-much-was-written @claim:REPL-PARTIAL-MISS
    Scenario: A replica that missed more than the backlog holds has to copy everything
      Given the "replication" topology with
        | repl-backlog-size        | 16kb |
        | repl-timeout             | 2    |
        | repl-ping-replica-period | 1    |
      When "replica-1" is isolated
      And a client writes 1000 keys of 1000 bytes to the master
      And 4 seconds pass
      And "replica-1" is healed
      Then within 15 seconds the refused partial resynchronisations of the master have grown by 1
      And within 5 seconds the full synchronisations of the master have grown by 1
      And the accepted partial resynchronisations of the master have not changed
      And within 15 seconds "replica-1" holds every key that was written
      And the log of the master shows
        | (?i)unable to partial resync with replica .* for lack of backlog |

  Rule: What has to match is the replication id, and a node knows two of them
    A history is named by a replication id, not by a server. A promoted replica starts a new history and keeps the old name as its second id, up to the offset where the
    histories part; replicas of the old master can therefore continue with it.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:the-second-id-is-accepted @claim:REPL-PARTIAL-ID
    Scenario: A sibling continues with a promoted replica, whose own id it has never heard of
      Both replicas have to stand at the same offset: a sibling that is ahead of the promoted one could not continue. So the master's PING, a part of the stream, is kept out.
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "replica-2" stops replicating
      And "replica-1" starts to replicate "replica-2"
      Then within 10 seconds the accepted partial resynchronisations of "replica-2" are 1
      And the full synchronisations of "replica-2" are 0
      And the replication id of "replica-2" has changed
      And the second replication id of "replica-2" equals the replication id that "master" had before
      And within 10 seconds "replica-1" holds every key that was written

    @id:a-foreign-id-is-refused @claim:REPL-PARTIAL-ID
    Scenario: A node that led for a moment comes back with an id of its own, and must copy everything
      Given the "replication" topology
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "replica-2" stops replicating
      And a client sends "SET written:alone 1" to "replica-2"
      And "replica-2" starts to replicate "master"
      Then within 10 seconds the refused partial resynchronisations of "master" have grown by 1
      And within 5 seconds the full synchronisations of "master" have grown by 1
      And within 10 seconds "replica-2" holds every key that was written
      And the log of "master" shows
        | (?i)partial resynchronization not accepted |
