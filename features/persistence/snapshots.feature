@persistence
Feature: Snapshots
  A snapshot (an RDB file) is the whole data set as it was at one moment. It is what a server writes when nobody configured anything, what it loads when it starts, and what it sends to
  a new replica. It is compact and quick to load. What was written after the last one is not in it.

  Rule: Without persistence a server that ends loses everything, and nothing takes its place
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:nothing-is-kept @claim:SOLO-VOLATILE @claim:SOLO-NO-HA @claim:CAP-SINGLE-CP
    Scenario: A server without snapshots and without AOF is gone until somebody starts it, and comes back empty
      Given the "standalone" topology
      And a client writes 100 keys to the master
      When the master is killed
      And 2 seconds pass
      Then within 1 second the master refuses connections
      When the master is started again
      Then the keys of the master are 0
      And the master has no file "*"

  Rule: As shipped, a server takes snapshots and keeps no append-only file
    Three rules, one of which has to hold: a change an hour, a hundred in five minutes, ten thousand in one minute. Many texts still name 900/1, 300/10 and 60/10000, which is what
    the sample configuration said up to 6.0.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:the-rules-as-shipped @claim:PERSIST-TWO-KINDS @claim:RDB-DEFAULT-RULES @claim:AOF-DEFAULT-EVERYSEC @claim:SOLO-16-DBS @since:redis-7.0
    Scenario: The defaults are three rules for snapshots, no AOF, and a sync a second for whoever switches it on
      Given the "as-shipped" topology
      When a client sends "CONFIG GET save appendonly appendfsync databases" to the master
      Then the reply has the pairs
        | save        | 3600 1 300 100 60 10000 |
        | appendonly  | no                      |
        | appendfsync | everysec                |
        | databases   | 16                      |

    @id:no-rules-by-arguments @claim:RDB-DEFAULT-RULES @until:redis-6.0
    Scenario: Redis 6.0 has these rules only if it is started with nothing else to say
      One argument, or a configuration file without a line about `save`, and there is no rule left: such a server takes no snapshot by itself.
      Given the "as-shipped" topology
      When a client sends "CONFIG GET save" to the master
      Then the reply has the pairs
        | save | |

  Rule: A snapshot is taken when enough keys have changed in enough time
    Both numbers of a rule have to be reached: so many changes, and so many seconds since the last snapshot.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:enough-changes @claim:RDB-SAVE-RULES @needs:fork-count
    Scenario: Ten changes are enough for a rule of ten, and the snapshot comes by itself
      Given the "standalone" topology with
        | save | 1 10 |
      When a client writes 10 keys to the master
      Then within 5 seconds the changes since the last snapshot of the master are 0
      And within 5 seconds the master has a file "dump.rdb"
      And the forks of the master have grown by 1

    @id:one-change-too-few @claim:RDB-SAVE-RULES @needs:fork-count
    Scenario: Nine changes are not
      Given the "standalone" topology with
        | save | 1 10 |
      When a client writes 9 keys to the master
      Then for 4 seconds the changes since the last snapshot of the master stay 9
      And the forks of the master have not changed
      And the master has no file "dump.rdb"

    @id:one-child-at-a-time
    Scenario: While the AOF is rewritten a snapshot is refused, or with SCHEDULE taken afterwards
      A server has one child at a time. The rewrite takes two seconds here.
      Given the "standalone" topology with
        | appendonly         | yes   |
        | rdb-key-save-delay | 10000 |
      And a client writes 200 keys to the master
      When a client sends "BGREWRITEAOF" to the master
      And a client sends "BGSAVE" to the master
      Then the reply is the error "ERR Another child process is active"
      When a client sends "BGSAVE SCHEDULE" to the master
      Then the reply is "Background saving scheduled"
      And the master has no file "dump.rdb"
      And within 10 seconds the master has a file "dump.rdb"

    @id:too-little-time @claim:RDB-SAVE-RULES
    Scenario: Enough changes, but not yet enough time: the snapshot waits for the seconds of the rule
      Given the "standalone" topology with
        | save | 8 10 |
      And a client sends "SAVE" to the master
      When a client writes 20 keys to the master
      Then for 5 seconds the changes since the last snapshot of the master stay 20
      And within 14 seconds the changes since the last snapshot of the master are 0

  Rule: A child process writes the snapshot to a file of its own, while the server goes on
    The server forks. The child sees the data as they were at that moment, however long it takes; only when it has finished does its file take the place of the old one, in one step. Pages
    that change meanwhile exist twice, and that is the memory a snapshot costs.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:a-child-writes @claim:RDB-FORK-RENAME @claim:RDB-COW @claim:FORK-STALL
    Scenario: A key written during the snapshot is served at once, and is not in it
      The snapshot is slowed down to two milliseconds a key.
      Given the "standalone" topology with
        | rdb-key-save-delay | 2000 |
      And a client writes 1000 keys to the master
      When a client sends "BGSAVE" to the master
      And a client sends "SET late 1" to the master
      Then the snapshot in progress of the master is 1
      And within 1 second the master has a file "temp-*.rdb"
      And the master has no file "dump.rdb"
      And within 1 second the master answers "GET late" with "1"
      And within 6 seconds the master has a file "dump.rdb"
      And within 6 seconds the snapshot in progress of the master is 0
      And the master has no file "temp-*.rdb"
      And the memory copied for the last snapshot of the master is more than 0
      And the duration of the last fork of the master is more than 0
      When the master is killed
      And the master is started again
      Then within 5 seconds the master holds every key that was written
      And within 5 seconds the master answers "EXISTS late" with "0"

    @id:a-quiet-snapshot-costs-little @claim:FORK-MEMORY
    Scenario: A snapshot that nobody disturbs does not double the memory
      Twenty megabytes of data, and a snapshot that takes two seconds: less than twelve of them are copied, on every server.
      Given the "standalone" topology with
        | rdb-key-save-delay | 1000 |
      And a client writes 2000 keys of 10000 bytes to the master
      When a client sends "BGSAVE" to the master
      Then within 8 seconds the changes since the last snapshot of the master are 0
      And the memory copied for the last snapshot of the master is less than 12000000

    @id:a-busy-snapshot-copies @claim:FORK-MEMORY
    Scenario: What is changed meanwhile is copied, and still the memory is not doubled
      Of the twenty megabytes, half is written anew while the child works. The values are smaller than a page on purpose: what fills a page or more the child gives back
      as soon as it has written it, and how much was copied then depends on when it looked.
      Given the "standalone" topology with
        | rdb-key-save-delay   | 200 |
        | enable-debug-command | yes |
      And a client sends "DEBUG POPULATE 20000 big 1000" to the master
      When a client sends "BGSAVE" to the master
      And a client sends 'EVAL "for i = 0, 9999 do redis.call([[SETRANGE]], [[big:]] .. i, 0, string.rep([[x]], 1000)) end" 0' to the master
      Then within 15 seconds the snapshot in progress of the master is 0
      And within 15 seconds the result of the last snapshot of the master is "ok"
      And within 15 seconds the master has a file "dump.rdb"
      And the memory copied for the last snapshot of the master is more than 4000000
      And the memory copied for the last snapshot of the master is less than 18000000

  Rule: The result of the last snapshot says nothing of the one that is being taken
    `rdb_last_bgsave_status` is that of the snapshot before, and `ok` on a server that has never taken one. A snapshot has ended when `rdb_bgsave_in_progress` is 0 again; it has succeeded if
    `rdb_last_save_time`, which `LASTSAVE` tells as well, is another than before.
    Source: https://redis.io/docs/latest/commands/lastsave/

    @id:ok-is-of-the-one-before
    Scenario: Right after BGSAVE the result is "ok", and the file is still that of the snapshot before
      Three keys are in the file, fifty are written later. The snapshot is slowed down, so that it takes about five seconds. The server is killed to show what a copy of its file holds at that moment.
      Given the "standalone" topology with
        | rdb-key-save-delay | 100000 |
      And a client writes 3 keys to the master
      And a client sends "SAVE" to the master
      And a client writes 50 keys to the master
      When a client sends "BGSAVE" to the master
      Then the snapshot in progress of the master is 1
      And the result of the last snapshot of the master is "ok"
      And the keys of the master are 53
      When the master is killed
      And the master is started again
      Then the keys of the master are 3

    @id:wait-until-the-snapshot-has-ended @mirror:ok-is-of-the-one-before
    Scenario: When none is in progress and the time of the last one has moved, the file holds everything
      Given the "standalone" topology with
        | rdb-key-save-delay | 100000 |
      And a client writes 3 keys to the master
      And a client sends "SAVE" to the master
      And a client writes 50 keys to the master
      When 1 second passes
      And a client sends "BGSAVE" to the master
      And within 10 seconds the snapshot in progress of the master is 0
      Then the time of the last snapshot of the master has changed
      And the result of the last snapshot of the master is "ok"
      When the master is killed
      And the master is started again
      Then the keys of the master are 53

  Rule: A shutdown saves what there is only where snapshots are configured
    SIGTERM and SHUTDOWN take a last snapshot if there is at least one rule. `SHUTDOWN SAVE` takes one in any case, `SHUTDOWN NOSAVE` none.
    Source: https://redis.io/docs/latest/commands/shutdown/

    @id:a-shutdown-saves @claim:RDB-ON-SHUTDOWN
    Scenario: With a rule, a shutdown leaves a snapshot with everything in it
      Given the "standalone" topology with
        | save | 3600 1 |
      And a client writes 100 keys to the master
      When the master is stopped
      And the master is started again
      Then within 2 seconds the master holds every key that was written
      And the master has exactly the files
        | dump.rdb |

    @id:a-shutdown-does-not-save @claim:RDB-ON-SHUTDOWN
    Scenario: Without a rule, the same shutdown leaves nothing
      Given the "standalone" topology
      And a client writes 100 keys to the master
      When the master is stopped
      And the master is started again
      Then the keys of the master are 0
      And the master has no file "*"

  Rule: What was written after the last snapshot is lost in a crash
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:the-tail-is-lost @claim:RDB-LOSES-TAIL @claim:RDB-PROTECTS-ALL
    Scenario: A server that is killed comes back with its last snapshot, and without a word about the rest
      Given the "standalone" topology with
        | save | 3600 1 |
      And a client sends "SET before 1" to the master
      And a client sends "SAVE" to the master
      And a client sends "SET after 1" to the master
      When the master is killed
      And the master is started again
      Then within 2 seconds the master answers "EXISTS before" with "1"
      And within 2 seconds the master answers "EXISTS after" with "0"
      And the log of the master shows
        | (?i)DB loaded from disk |

  Rule: The file is binary and holds a version, every database, expiry times and a checksum
    Source: https://github.com/redis/redis/blob/7.0/src/rdb.c

    @id:databases-and-expiries @claim:RDB-FILE-CONTENT
    Scenario: Keys come back in the database they were in, with the time they still have
      Given the "standalone" topology
      And a client sends "SELECT 3" to the master
      And a client sends "SET session 1 EX 1000" to the master
      And a client sends "SELECT 0" to the master
      And a client sends "SET page 1" to the master
      And a client sends "SAVE" to the master
      When the master is killed
      And the master is started again
      Then the keys of the master are 1
      And within 1 second the master answers "INFO keyspace" with "db3:keys=1,expires=1"
      And the log of the master shows
        | (?i)DB loaded from disk |

    @id:version-9 @claim:RDB-FILE-CONTENT @until:redis-6.2
    Scenario: Redis 6.0 writes version 9
      Given the "standalone" topology
      When a client sends "SAVE" to the master
      Then the file "dump.rdb" of the master begins with "REDIS0009"

    @id:version-10 @claim:RDB-FILE-CONTENT @since:redis-7.0 @until:redis-7.1
    Scenario: Redis 7.0 writes version 10 of the format
      Given the "standalone" topology
      When a client sends "SAVE" to the master
      Then the file "dump.rdb" of the master begins with "REDIS0010"

    @id:version-12 @claim:RDB-FILE-CONTENT @since:redis-8.0 @until:redis-8.0
    Scenario: Redis 8.0 writes version 12, which servers before 7.4 do not read
      Given the "standalone" topology
      When a client sends "SAVE" to the master
      Then the file "dump.rdb" of the master begins with "REDIS0012"

    @id:version-13 @claim:RDB-FILE-CONTENT @since:redis-8.6
    Scenario: Redis 8.6 writes version 13
      Given the "standalone" topology
      When a client sends "SAVE" to the master
      Then the file "dump.rdb" of the master begins with "REDIS0013"

    @id:version-11 @claim:RDB-FILE-CONTENT @since:valkey-8.0 @until:valkey-8.1
    Scenario: Valkey 8 stays at version 11, the last one that both families share
      Given the "standalone" topology
      When a client sends "SAVE" to the master
      Then the file "dump.rdb" of the master begins with "REDIS0011"

    @id:version-80 @claim:RDB-FILE-CONTENT @since:valkey-9.0
    Scenario: Valkey 9 writes a format of its own, version 80, which begins with another word
      Given the "standalone" topology
      When a client sends "SAVE" to the master
      Then the file "dump.rdb" of the master begins with "VALKEY080"

  Rule: A damaged snapshot stops the start
    A checksum stands at the end. A server that finds the file broken does not start with half of the data: it ends with status 1 and says why.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:a-wrong-signature @claim:LOAD-CORRUPT-RDB
    Scenario: A file that does not begin like a snapshot is refused
      Given the "standalone" topology
      And a client writes 100 keys to the master
      And a client sends "SAVE" to the master
      When the master is killed
      And the file "dump.rdb" of the master is damaged at byte 0
      And the master tries to start
      Then the master exits with status 1
      And the log of the master shows
        | Wrong signature trying to load DB from file |

    @id:a-version-of-later @claim:LOAD-CORRUPT-RDB
    Scenario: A file of a later version than the server knows is refused
      One bit of the version's second digit is another: a number that no server knows.
      Given the "standalone" topology
      And a client writes 100 keys to the master
      And a client sends "SAVE" to the master
      When the master is killed
      And the file "dump.rdb" of the master is damaged at byte 6
      And the master tries to start
      Then the master exits with status 1
      And the log of the master shows
        | Can't handle RDB format version |

    @id:a-wrong-checksum @claim:LOAD-CORRUPT-RDB @claim:RDB-FILE-CONTENT
    Scenario: One wrong bit anywhere is found by the checksum
      Given the "standalone" topology
      And a client writes 100 keys to the master
      And a client sends "SAVE" to the master
      When the master is killed
      And the file "dump.rdb" of the master is damaged at its end
      And the master tries to start
      Then the master exits with status 1
      And the log of the master shows
        | (?i)(wrong RDB checksum\|RDB CRC error) |

    @id:a-wrong-bit-in-a-value @claim:LOAD-CORRUPT-RDB @claim:RDB-FILE-CONTENT
    Scenario: A wrong bit inside a value is found as well
      Nothing but the checksum can tell: the value has its length, and may have any content.
      Given the "standalone" topology with
        | rdbcompression | no |
      And a client writes 1 keys of 100000 bytes to the master
      And a client sends "SAVE" to the master
      When the master is killed
      And the file "dump.rdb" of the master is damaged in the middle
      And the master tries to start
      Then the master exits with status 1
      And the log of the master shows
        | (?i)(wrong RDB checksum\|RDB CRC error) |

    @id:a-cut-snapshot @cure @claim:LOAD-CORRUPT-RDB
    Scenario: A snapshot that lacks its end is refused, and the copy from a backup is loaded
      Given the "standalone" topology
      And a client writes 100 keys to the master
      And a client sends "SAVE" to the master
      When the master is killed
      And the file "dump.rdb" of the master is cut by 100 bytes
      And the master tries to start
      Then the master exits with status 1
      And the log of the master shows
        | (?i)(short read or OOM loading DB\|Unexpected EOF reading RDB file) |
      When the file "dump.rdb" of the master is restored
      And the master tries to start
      Then within 2 seconds the master holds every key that was written

  Rule: While it loads, a server answers with LOADING
    It accepts connections from the first moment, and refuses nearly everything. How long depends on the data: some seconds a gigabyte.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:loading @cure @claim:LOADING-REPLY
    Scenario: A client that comes too early is told so, and a moment later is served
      Loading is slowed down to two milliseconds a key. While it loads, a server looks for clients after every two megabytes, since Redis 8.0 after every 512 kilobytes.
      Given the "standalone" topology with
        | key-load-delay | 2000 |
        | rdbcompression | no   |
      And a client writes 1000 keys of 40000 bytes to the master
      And a client sends "SAVE" to the master
      When the master is killed
      And the master tries to start
      Then within 2 seconds the master answers "GET key:1:1" with "LOADING"
      And within 2 seconds the master answers "INFO persistence" with "loading:1"
      And within 10 seconds the master holds every key that was written
      And within 10 seconds the master answers "INFO persistence" with "loading:0"
