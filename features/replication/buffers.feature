@replication
Feature: Buffers
  Two things keep bytes of the stream: the backlog, for replicas that come back, and the output buffer of each replica, for one that is slow or still busy with its snapshot. Since 7.0 both point into the same blocks of memory, and are limited
  each by a directive of its own.

  Rule: The backlog begins with the first replica and ends some time after the last
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-backlog-comes-and-goes @claim:REPL-BACKLOG-TTL @claim:REPL-BACKLOG-SIZE
    Scenario: A master without replicas forgets its backlog after repl-backlog-ttl, and with it its history
      More than four seconds, counted in whole ones and looked at once a second.
      Given the "replication" topology with
        | repl-backlog-ttl | 4 |
      When "replica-1" stops replicating
      And "replica-2" stops replicating
      Then between 3.8 and 6.8 seconds later the backlog of "master" is 0
      And the replication id of "master" has changed
      And the log of "master" shows
        | (?i)replication backlog freed after 4 seconds without connected replicas |
      When "replica-1" starts to replicate "master"
      Then within 5 seconds the backlog of "master" is 1

    @id:a-replica-keeps-its-backlog @claim:REPL-BACKLOG-TTL
    Scenario: A replica keeps its own, for it may be the next master
      Given the "chain" topology with
        | repl-backlog-ttl | 1 |
      When "replica-2" stops replicating
      And within 5 seconds the connected replicas of "replica-1" are 0
      Then for 5 seconds the backlog of "replica-1" stays 1

  Rule: A replica may continue anywhere from the first byte of the backlog to the one that comes next
    Source: https://github.com/redis/redis/blob/7.0.15/src/replication.c

    @id:the-oldest-byte @claim:REPL-BACKLOG-CMP
    Scenario: The oldest byte it holds is good enough, the one before is not
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
        | repl-backlog-size        | 16kb |
      And a client writes 100 keys of 1000 bytes to the master
      When a client asks the master to continue at the first byte in its backlog
      Then the reply contains "CONTINUE"
      When a client asks the master to continue at the byte before its backlog
      Then the reply contains "FULLRESYNC"

    @id:the-next-byte @claim:REPL-BACKLOG-CMP
    Scenario: The byte that was not written yet may be asked for, the one after it not
      It is what every replica asks for that has missed nothing.
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      And a client writes 100 keys to the master
      When a client asks the master to continue at the next byte after its backlog
      Then the reply contains "CONTINUE"
      When a client asks the master to continue at the second byte after its backlog
      Then the reply contains "FULLRESYNC"

  Rule: Writes made during a snapshot wait in the replica's output buffer, not in the backlog
    The backlog may be far smaller than what is written meanwhile. What counts is `client-output-buffer-limit replica` (256mb 64mb 60): beyond it the master drops the replica, which begins anew.
    The snapshot goes by way of a file here: with an RDB channel (Redis 8.0, diskless) it is the replica that buffers.
    Source: https://redis.io/docs/latest/develop/reference/clients/#output-buffer-limits

    @id:more-than-the-backlog @claim:REPL-FULL-BUFFER @claim:REPL-FULL-BUFFER-IS-BACKLOG @needs:buffers-in-info
    Scenario: Two megabytes written during a snapshot reach the replica, with a backlog of 16 kB
      Given the "replication" topology with
        | repl-diskless-sync | no    |
        | repl-backlog-size  | 16kb  |
        | rdb-key-save-delay | 20000 |
      And a client writes 300 keys to the master
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in progress of the master is 1
      And a client writes 20 keys of 100000 bytes to the master
      Then the snapshot in progress of the master is 1
      And the replication buffers of the master are more than 2000000
      And within 15 seconds "replica-2" holds every key that was written
      And the full synchronisations of the master have grown by 1

    @id:a-sync-that-never-ends @claim:REPL-FULL-BUFFER-IS-BACKLOG
    Scenario: With a limit below what is written, the master drops the replica, and the copy begins anew
      Given the "replication" topology with
        | repl-diskless-sync         | no                     |
        | repl-backlog-size          | 16kb                   |
        | rdb-key-save-delay         | 10000                  |
        | client-output-buffer-limit | replica 500kb 500kb 60 |
      And a client writes 200 keys to the master
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in progress of the master is 1
      And a client writes 20 keys of 100000 bytes to the master
      Then within 15 seconds "replica-2" holds every key that was written
      And the full synchronisations of the master are more than 3
      And the log of the master shows
        | (?i)scheduled to be closed ASAP for overcoming of output buffer limits |

    @id:the-limit-is-taken-away @cure @claim:REPL-FULL-BUFFER-IS-BACKLOG
    Scenario: While a client goes on writing, copy follows copy, until the limit is taken away: then the next one is the last
      A copy takes six seconds, in which the client writes more than a hundred kilobytes.
      Given the "replication" topology with
        | repl-diskless-sync         | no                  |
        | repl-backlog-size          | 16kb                |
        | rdb-key-save-delay         | 60000               |
        | client-output-buffer-limit | replica 64kb 64kb 0 |
      And a client writes 100 keys to the master
      And a client writes every 2 milliseconds through "master"
      When "replica-2" starts again with empty data
      Then within 25 seconds the full synchronisations of the master have grown by 2
      And the link to the master of "replica-2" is "down"
      And the log of the master shows
        | (?i)scheduled to be closed ASAP for overcoming of output buffer limits |
      When a client sends 'CONFIG SET client-output-buffer-limit "replica 0 0 0"' to the master
      Then within 25 seconds the link to the master of "replica-2" is "up"
      When the client stops
      And 1 second passes
      Then the replication offset of "replica-2" equals the replication offset of the master
      And the keys of "replica-2" equals the keys of the master

  Rule: A replica that does not read is dropped when its output buffer has reached the limit
    Source: https://github.com/redis/redis/pull/9166

    @id:a-slow-replica-is-dropped @claim:REPL-FULL-BUFFER-IS-BACKLOG
    Scenario: A frozen replica is dropped once it has more outstanding than the limit
      Given the "replication" topology with
        | repl-backlog-size          | 16kb               |
        | client-output-buffer-limit | replica 5mb 5mb 60 |
      When "replica-2" is paused
      And a client writes 300 keys of 100000 bytes to the master
      Then within 3 seconds the connected replicas of the master are 1
      And the log of the master shows
        | (?i)scheduled to be closed ASAP for overcoming of output buffer limits |

    @id:a-soft-limit-has-patience @claim:REPL-FULL-BUFFER-IS-BACKLOG
    Scenario: Above the soft limit it is dropped as well, once it has been there for the seconds that belong to it
      Six seconds, counted in whole ones.
      Given the "replication" topology with
        | repl-backlog-size          | 16kb                |
        | client-output-buffer-limit | replica 200mb 5mb 6 |
        | repl-ping-replica-period   | 1                   |
      When "replica-2" is paused
      And a client sends 'EVAL "for i = 1, 160 do redis.call([[SET]], [[big:]] .. i, string.rep([[x]], 100000)) end" 0' to the master
      Then between 5 and 8 seconds later the connected replicas of the master are 1
      And the log of the master shows
        | (?i)closed .*for overcoming of output buffer limits |

    @id:a-limit-below-the-backlog-counts @claim:REPL-COB-BELOW-BACKLOG @until:redis-6.2
    Scenario: Up to 6.2 a limit below the size of the backlog counts like any other
      Every replica had a buffer of its own then, beside the backlog.
      Given the "replication" topology with
        | repl-backlog-size          | 64mb               |
        | client-output-buffer-limit | replica 5mb 5mb 60 |
      When "replica-2" is paused
      And a client writes 300 keys of 100000 bytes to the master
      Then within 3 seconds the connected replicas of the master are 1

    @id:a-limit-below-the-backlog @claim:REPL-COB-BELOW-BACKLOG @mirror:a-slow-replica-is-dropped @since:redis-7.0
    Scenario: A limit below the size of the backlog counts as that size
      What is outstanding stands in blocks that the backlog keeps anyway: dropping the replica would free nothing.
      Given the "replication" topology with
        | repl-backlog-size          | 64mb               |
        | client-output-buffer-limit | replica 5mb 5mb 60 |
      When "replica-2" is paused
      And a client writes 300 keys of 100000 bytes to the master
      Then for 6 seconds the connected replicas of the master stay 2

  Rule: One write that is larger than the limit drops every replica
    The limit counts what is outstanding, whatever the number of writes. A single value beyond it has each replica dropped before it was sent anything of it. If the backlog cannot hold the value either, each replica copies everything anew, and again at the next such value.
    Source: https://github.com/redis/redis/issues/11667

    @id:one-large-write-costs-a-copy
    Scenario: Each value of five megabytes costs every replica a full resynchronisation, with a limit of two
      Given the "replication" topology with
        | repl-backlog-size          | 1mb                |
        | client-output-buffer-limit | replica 2mb 2mb 60 |
      When a client writes 1 keys of 5000000 bytes to the master
      Then within 10 seconds the full synchronisations of the master have grown by 2
      And within 10 seconds every replica holds every key that was written
      And the accepted partial resynchronisations of the master have not changed
      And the log of the master shows
        | (?i)scheduled to be closed ASAP for overcoming of output buffer limits |
      When a client writes 1 keys of 5000000 bytes to the master
      Then within 10 seconds the full synchronisations of the master have grown by 4
      And within 10 seconds every replica holds every key that was written

    @id:one-large-write-below-the-limit
    Scenario: With a limit of ten megabytes the same values are sent, and no replica is dropped
      Given the "replication" topology with
        | repl-backlog-size          | 1mb                  |
        | client-output-buffer-limit | replica 10mb 10mb 60 |
      When a client writes 1 keys of 5000000 bytes to the master
      Then within 10 seconds every replica holds every key that was written
      When a client writes 1 keys of 5000000 bytes to the master
      Then within 10 seconds every replica holds every key that was written
      And the full synchronisations of the master have not changed
      And the accepted partial resynchronisations of the master have not changed
      And the connected replicas of the master are 2

    @id:dropped-again-and-again @until:redis-6.2
    Scenario: Up to 6.2, with a backlog that holds the value, the replica continues and is dropped again, without end
      The master copies the missing part of the backlog into the replica's output buffer, which is beyond the limit at once. Since 7.0 a limit below the backlog's size counts as that size.
      Given the "replication" topology with
        | repl-backlog-size          | 20mb               |
        | client-output-buffer-limit | replica 2mb 2mb 60 |
      When a client writes 1 keys of 5000000 bytes to the master
      Then within 15 seconds the accepted partial resynchronisations of the master have grown by 8
      And the full synchronisations of the master have not changed
      And the keys of "replica-1" are 0
