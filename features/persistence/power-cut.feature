@persistence
Feature: A crash and a power cut
  `write` hands bytes to the kernel, `fsync` puts them on the disk. A process that dies loses nothing it has written: the kernel has it, and the next process reads it. A host that dies loses whatever no
  `fsync` has reached. `appendfsync` decides about the second case only.

  Rule: A server that is killed loses nothing that it handed to the kernel, whatever the policy
    With `appendonly yes`, that is done before a reply is sent. `everysec` puts it off for up to two seconds while a sync that began before is not through.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:killed-without-syncs @claim:AOF-NO-LOSS @mirror:power-cut-without-syncs
    Scenario: Killed with appendfsync no, a server finds every byte in the page cache
      Given the "standalone" topology with
        | appendonly  | yes |
        | appendfsync | no  |
      And a client writes 500 keys to the master
      When the master is killed
      And the master is started again
      Then within 2 seconds the master holds every key that was written

    @id:power-cut-without-syncs @claim:AOF-NO-LOSS @claim:AOF-NO-OS
    Scenario: The same server that loses power comes back without any of it
      Left to itself, Linux writes such pages out after some thirty seconds. Until then they are nowhere but in memory.
      Given the "standalone" topology with
        | appendonly  | yes |
        | appendfsync | no  |
      And a client writes 500 keys to the master
      When the master loses power
      And the master is started again
      Then the keys of the master are 0

    @id:killed-while-a-sync-is-late @claim:AOF-NO-LOSS @claim:AOF-EVERYSEC-STALL
    Scenario: With everysec, a sync that takes its time keeps what follows in the server's own memory for up to two seconds, and a kill takes that
      Given the "standalone" topology with
        | appendonly  | yes      |
        | appendfsync | everysec |
      And a client writes 500 keys to the master
      When 3 seconds pass
      And the disk of the master takes 5 seconds to sync
      And a client sends "SET page early" to the master
      And 1500 milliseconds pass
      And a client sends "SET page late" to the master
      And the master is killed
      And the master is started again
      Then within 2 seconds the keys of the master are 501
      And within 2 seconds the master answers "GET page" with "early"

    @id:killed-after-two-seconds-of-a-late-sync @claim:AOF-EVERYSEC-STALL @mirror:killed-while-a-sync-is-late
    Scenario: A kill a little more than two seconds after the write, while the sync still goes on, takes nothing
      Given the "standalone" topology with
        | appendonly  | yes      |
        | appendfsync | everysec |
      And a client writes 500 keys to the master
      When 3 seconds pass
      And the disk of the master takes 5 seconds to sync
      And a client sends "SET page early" to the master
      And 1500 milliseconds pass
      And a client sends "SET page late" to the master
      And 2300 milliseconds pass
      And the master is killed
      And the master is started again
      Then within 2 seconds the keys of the master are 501
      And within 2 seconds the master answers "GET page" with "late"

  Rule: The policy decides what a power cut takes
    `always` syncs before the replies go out: nothing acknowledged is lost. `everysec` syncs in the background, once a second: what came after the last sync began that has ended is lost: about a second of it, and more when the disk is slow. `no` leaves it to the system.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:always-keeps-everything @claim:AOF-ALWAYS @claim:AOF-NO-LOSS @mirror:no-keeps-nothing
    Scenario: With always, everything that was acknowledged is there
      Given the "standalone" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a client writes 500 keys to the master
      When the master loses power
      And the master is started again
      Then within 2 seconds the master holds every key that was written

    @id:no-sync-beside-a-child
    Scenario: With no-appendfsync-on-rewrite even always keeps nothing of what was written while a snapshot or a rewrite was made
      The snapshot takes five seconds here.
      Given the "standalone" topology with
        | appendonly                | yes    |
        | appendfsync               | always |
        | no-appendfsync-on-rewrite | yes    |
        | rdb-key-save-delay        | 10000  |
      And a client writes 500 keys to the master
      When a client sends "BGSAVE" to the master
      And a client sends "SET page late" to the master
      And the master loses power
      And the master is started again
      Then within 1 second the master answers "EXISTS page" with "0"
      And within 1 second the master holds every key that was written

    @id:a-sync-beside-a-child @claim:AOF-ALWAYS @mirror:no-sync-beside-a-child
    Scenario: Without it, the same write is there
      Given the "standalone" topology with
        | appendonly                | yes    |
        | appendfsync               | always |
        | no-appendfsync-on-rewrite | no     |
        | rdb-key-save-delay        | 10000  |
      And a client writes 500 keys to the master
      When a client sends "BGSAVE" to the master
      And a client sends "SET page late" to the master
      And the master loses power
      And the master is started again
      Then within 1 second the master answers "EXISTS page" with "1"

    @id:everysec-keeps-the-old @claim:AOF-EVERYSEC-1S @mirror:no-keeps-nothing
    Scenario: With everysec, everything that is older than two seconds is there
      Given the "standalone" topology with
        | appendonly  | yes      |
        | appendfsync | everysec |
      And a client writes 500 keys to the master
      When 2 seconds pass
      And the master loses power
      And the master is started again
      Then within 2 seconds the master holds every key that was written

    @id:everysec-loses-the-young @claim:AOF-EVERYSEC-1S
    Scenario: With everysec, what was written after the last sync began is gone
      Every sync takes five seconds here, so that the power fails while one is under way. What it had begun with would be safe only at its end.
      Given the "standalone" topology with
        | appendonly  | yes      |
        | appendfsync | everysec |
      And a client writes 500 keys to the master
      When 3 seconds pass
      And the disk of the master takes 5 seconds to sync
      And a client sends "SET page late" to the master
      And the master loses power
      And the master is started again
      Then within 2 seconds the master holds every key that was written
      And within 2 seconds the master answers "EXISTS page" with "0"

    @id:no-keeps-nothing @claim:AOF-NO-OS @claim:AOF-EVERYSEC-1S
    Scenario: With no, two seconds change nothing
      Given the "standalone" topology with
        | appendonly  | yes |
        | appendfsync | no  |
      And a client writes 500 keys to the master
      When 2 seconds pass
      And the master loses power
      And the master is started again
      Then the keys of the master are 0

    @id:a-rewrite-is-synced @claim:AOF-ALWAYS @mirror:no-keeps-nothing @needs:aof-folder
    Scenario: With always, a rewrite takes nothing away: its base is synced before it counts
      Given the "standalone" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a client writes 500 keys to the master
      When a client sends "BGREWRITEAOF" to the master
      And within 5 seconds the master has a file "appendonlydir/appendonly.aof.2.base.rdb"
      And within 5 seconds the rewrite in progress of the master is 0
      And the master loses power
      And the master is started again
      Then within 2 seconds the master holds every key that was written

    @id:a-shutdown-syncs @mirror:no-keeps-nothing
    Scenario: Whatever the policy, a server that was shut down before the power failed has everything
      Given the "standalone" topology with
        | appendonly  | yes |
        | appendfsync | no  |
      And a client writes 500 keys to the master
      When the master is stopped
      And the master loses power
      And the master is started again
      Then within 2 seconds the master holds every key that was written

  Rule: A snapshot that is there under its name is whole
    The child syncs its file before it gives it the name. So a power cut leaves the last snapshot or the one before, and never half of one.
    Source: https://github.com/redis/redis/blob/7.0/src/rdb.c

    @id:a-snapshot-survives @claim:RDB-LOSES-TAIL
    Scenario: After a power cut the last snapshot is loaded, and what came after it is lost
      Given the "standalone" topology with
        | save | 3600 1 |
      And a client writes 500 keys to the master
      And a client sends "SAVE" to the master
      And a client sends "SET after 1" to the master
      When the master loses power
      And the master is started again
      Then within 2 seconds the master holds every key that was written
      And within 2 seconds the master answers "EXISTS after" with "0"

    @id:half-a-snapshot @claim:RDB-FORK-RENAME
    Scenario: A power cut in the middle of a snapshot leaves the one before
      Given the "standalone" topology
      And a client writes 500 keys of 2000 bytes to the master
      And a client sends "SAVE" to the master
      And a client sends "SET after 1" to the master
      And a client sends "CONFIG SET rdb-key-save-delay 4000" to the master
      When a client sends "BGSAVE" to the master
      And within 1 second the master has a file "temp-*.rdb"
      And the master loses power
      And the master is started again
      Then within 2 seconds the master holds every key that was written

  Rule: With everysec, a disk that is too slow stops the server after all
    The sync runs in the background, and as long as it runs the next write of the log is put off, for two seconds at most. Then the server writes all the same, and the kernel may let it wait. `aof_delayed_fsync` counts how often.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/

    @id:a-slow-disk @claim:AOF-EVERYSEC-STALL
    Scenario: While a sync takes five seconds, the writes of the log wait for two of them and then go ahead
      Given the "standalone" topology with
        | appendonly  | yes      |
        | appendfsync | everysec |
      And a client writes every 10 milliseconds through the master
      When the disk of the master takes 5 seconds to sync
      Then within 15 seconds the log of the master shows "Asynchronous AOF fsync is taking too long" 2 times, between 1.8 and 2.7 seconds apart
      And the delayed syncs of the master are more than 1
