@persistence
Feature: The append-only file
  The append-only file (AOF) holds every change since some starting point, in the order in which it was made. A start replays it. It loses less than snapshots do, grows until it is rewritten, and can be
  read with the eyes.

  Rule: Commands that change data are appended, in the protocol that clients speak
    Reads are not written, nor is what failed. Some commands are written in other words than they came, so that replaying them later gives the same result.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:only-changes-are-written @claim:AOF-WRITES-ONLY @claim:AOF-TEXT-RESP @needs:aof-folder
    Scenario: A write is appended as it came, a read is not, and a span of life becomes a point in time
      Given the "standalone" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      When a client sends "SET page hello" to the master
      And a client sends "GET page" to the master
      And a client sends "EXPIRE page 1000" to the master
      Then the file "appendonlydir/appendonly.aof.1.incr.aof" of the master begins with "*2 $6 SELECT $1 0 *3 $3 SET $4 page $5 hello"
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master contains "PEXPIREAT"
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master does not contain "GET"

  Rule: Since 7.0 the AOF is a folder of files, and a manifest says which belong together
    A base, an increment, and the manifest. Up to 6.2 there was one file, `appendonly.aof`, in the data folder itself.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:a-folder-of-files @claim:AOF-FILE-NAME @claim:MIXED-4.0 @since:redis-7.0
    Scenario: The folder appendonlydir holds a base, an increment and a manifest, and the base is a snapshot
      Given the "standalone" topology with
        | appendonly | yes |
      When a client writes 10 keys to the master
      Then the master has exactly the files
        | appendonlydir/appendonly.aof.1.base.rdb |
        | appendonlydir/appendonly.aof.1.incr.aof |
        | appendonlydir/appendonly.aof.manifest   |
      And the file "appendonlydir/appendonly.aof.1.base.rdb" of the master contains "aof-base"
      And the file "appendonlydir/appendonly.aof.manifest" of the master contains "file appendonly.aof.1.base.rdb seq 1 type b"
      And the file "appendonlydir/appendonly.aof.manifest" of the master contains "file appendonly.aof.1.incr.aof seq 1 type i"

    @id:a-single-file @claim:AOF-FILE-NAME @claim:MIXED-4.0 @until:redis-6.2
    Scenario: Redis 6.0 keeps one file in the data folder, and a rewrite makes a snapshot of its beginning
      Given the "standalone" topology with
        | appendonly | yes |
      When a client writes 10 keys to the master
      Then the master has exactly the files
        | appendonly.aof |
      When a client sends "BGREWRITEAOF" to the master
      And within 5 seconds the rewrite in progress of the master is 0
      Then the file "appendonly.aof" of the master begins with "REDIS"

    @id:a-base-of-commands @claim:MIXED-4.0 @since:redis-7.0
    Scenario: Without the preamble the base is commands too
      Given the "standalone" topology with
        | appendonly           | yes |
        | aof-use-rdb-preamble | no  |
      And a client sends "SET page hello" to the master
      When a client sends "BGREWRITEAOF" to the master
      And within 5 seconds the master has a file "appendonlydir/appendonly.aof.2.base.aof"
      Then the file "appendonlydir/appendonly.aof.2.base.aof" of the master contains "SET $4 page $5 hello"

    @id:a-base-of-commands-keeps-expiries @since:redis-7.0
    Scenario: In such a base, too, a key has its span of life, as a point in time
      Given the "standalone" topology with
        | appendonly           | yes |
        | aof-use-rdb-preamble | no  |
      And a client sends "SET page hello EX 1000" to the master
      When a client sends "BGREWRITEAOF" to the master
      And within 5 seconds the master has a file "appendonlydir/appendonly.aof.2.base.aof"
      Then the file "appendonlydir/appendonly.aof.2.base.aof" of the master contains "PEXPIREAT $4 page"

  Rule: A start replays the file from its oldest command to its newest
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:replayed-from-the-oldest @claim:AOF-REPLAY @claim:AOF-FROM-NEWEST
    Scenario: After a kill every acknowledged write is there, and the last of two is the one that holds
      Given the "standalone" topology with
        | appendonly | yes |
      And a client writes 200 keys to the master
      When the master is killed
      And the master is started again
      Then within 2 seconds the master holds every key that was written
      And the log of the master shows
        | (?i)DB loaded from (append only file\|base file\|incr file) |

    @id:the-newest-holds @claim:AOF-FROM-NEWEST @needs:aof-folder
    Scenario: Of two writes to one key the later one holds
      Given the "standalone" topology with
        | appendonly | yes |
      And a client sends "SET page first" to the master
      And a client sends "SET page second" to the master
      When the master restarts with
        | appendonly | yes |
      Then within 2 seconds the master answers "GET page" with "second"
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master contains "first"

  Rule: The file grows with every change until it is rewritten
    A rewrite writes what is needed to make the data set, not what led to it.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:a-hundred-increments @claim:AOF-GROWS @needs:aof-folder
    Scenario: A hundred increments leave a hundred records, and none after a rewrite
      Given the "standalone" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      When a client sends "INCR counter" 100 times to the master
      Then the file "appendonlydir/appendonly.aof.1.incr.aof" of the master contains "INCR" 100 times
      When a client sends "BGREWRITEAOF" to the master
      And within 5 seconds the master has a file "appendonlydir/appendonly.aof.2.base.rdb"
      And within 5 seconds the rewrite in progress of the master is 0
      Then the file "appendonlydir/appendonly.aof.2.incr.aof" of the master does not contain "INCR"
      And within 1 second the master answers "GET counter" with "100"
      And the length of the append-only file of the master is less than 500

    @id:rewritten-by-itself @needs:fork-count
    Scenario: A file that has grown by auto-aof-rewrite-percentage is rewritten by itself
      Given the "standalone" topology with
        | appendonly                  | yes  |
        | auto-aof-rewrite-percentage | 100  |
        | auto-aof-rewrite-min-size   | 64kb |
      When a client writes 10 keys of 2000 bytes to the master
      Then for 3 seconds the forks of the master stay 0
      When a client sends "SET page xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" 1300 times to the master
      Then within 5 seconds the forks of the master have grown by 1

  Rule: A tail that was cut off is dropped, damage anywhere else stops the start
    A crash in the middle of a write leaves half a command at the end. That is expected, and the rest is loaded. A command that makes no sense is not: the server ends, and retries nothing.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:a-cut-tail @claim:LOAD-CORRUPT-AOF @needs:aof-folder
    Scenario: A file without its last three bytes is loaded without its last command
      Given the "standalone" topology with
        | appendonly | yes |
      And a client sends "SET page hello" to the master
      And a client sends "SET late hello" to the master
      When the master is killed
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master is cut by 3 bytes
      And the master is started again
      Then within 1 second the master answers "EXISTS page" with "1"
      And within 1 second the master answers "EXISTS late" with "0"
      And the log of the master shows
        | (?i)truncating the AOF |

    @id:a-cut-transaction @claim:LOAD-CORRUPT-AOF @needs:aof-folder
    Scenario: A transaction that lacks its end is dropped as a whole
      It stands in the file between MULTI and EXEC, and without EXEC nothing of it counts.
      Given the "standalone" topology with
        | appendonly | yes |
      And a client sends "SET page hello" to the master
      And a client sends "MULTI" to the master
      And a client sends "SET debit 1" to the master
      And a client sends "SET credit 1" to the master
      And a client sends "EXEC" to the master
      When the master is killed
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master is cut by 3 bytes
      And the master is started again
      Then within 1 second the master answers "EXISTS page" with "1"
      And the keys of the master are 1

    @id:a-cut-tail-refused @cure @claim:LOAD-CORRUPT-AOF @needs:aof-folder
    Scenario: With aof-load-truncated no, the same file stops the start until it is repaired
      Given the "standalone" topology with
        | appendonly         | yes |
        | aof-load-truncated | no  |
      And a client sends "SET page hello" to the master
      And a client sends "SET late hello" to the master
      When the master is killed
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master is cut by 3 bytes
      And the master tries to start
      Then the master exits with status 1
      And the log of the master shows
        | (?i)unexpected end of file reading the append only file |
      When redis-check-aof repairs the file "appendonlydir/appendonly.aof.1.incr.aof" of the master
      And the master tries to start
      Then redis-check-aof prints "Successfully truncated AOF"
      And within 2 seconds the keys of the master are 1

    @id:damage-in-the-middle @claim:LOAD-CORRUPT-AOF @claim:AOF-FROM-NEWEST @needs:aof-folder
    Scenario: A wrong byte where a command begins ends the start with status 1
      The first 23 bytes select the database; then comes the first write.
      Given the "standalone" topology with
        | appendonly | yes |
      And a client sends "SET page hello" to the master
      And a client sends "SET late hello" to the master
      When the master is killed
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master is damaged at byte 23
      And the master tries to start
      Then the master exits with status 1
      And the log of the master shows
        | Bad file format reading the append only file |

    @id:cut-at-the-damage @cure @claim:LOAD-CORRUPT-AOF @needs:aof-folder
    Scenario: redis-check-aof --fix cuts the file at the damage, and every command behind it is lost with it
      The second of three writes is damaged: it begins at byte 57. The third is whole, and is cut off all the same.
      Given the "standalone" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a client sends "SET page hello" to the master
      And a client sends "SET more hello" to the master
      And a client sends "SET last hello" to the master
      When the master is killed
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master is damaged at byte 57
      And the master tries to start
      Then the master exits with status 1
      When redis-check-aof repairs the file "appendonlydir/appendonly.aof.1.incr.aof" of the master
      And the master tries to start
      Then redis-check-aof prints "Successfully truncated AOF"
      And within 2 seconds the master answers "EXISTS page more last" with "1"
      And within 2 seconds the master answers "GET page" with "hello"

    @id:damage-nobody-notices @claim:LOAD-CORRUPT-AOF @needs:aof-folder
    Scenario: A wrong bit inside a value is loaded as if it were right
      An increment has no checksum; only its base has one.
      Given the "standalone" topology with
        | appendonly | yes |
      And a client sends "SET k hello" to the master
      When the master is killed
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master is damaged at byte 47
      And the master is started again
      Then within 1 second the master answers "GET k" with "Hello"

    @id:a-cut-tail-in-between @claim:LOAD-CORRUPT-AOF @needs:aof-folder
    Scenario: An increment that is not the last one must be whole
      A server that dies during a rewrite has two increments: that from before, and that begun with the rewrite.
      Given the "standalone" topology with
        | appendonly         | yes   |
        | rdb-key-save-delay | 20000 |
      And a client writes 200 keys to the master
      When a client sends "BGREWRITEAOF" to the master
      And within 1 second the master has a file "appendonlydir/appendonly.aof.2.incr.aof"
      And a client sends "SET late hello" to the master
      And the master is killed
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master is cut by 3 bytes
      And the master tries to start
      Then the master exits with status 1
      And the log of the master shows
        | the truncated file is not the last file |

  Rule: Zeros at the end of the file are damage, not a tail that was cut off
    A file system may have made the file longer before a power cut and lost what was to be written there: the file then ends with zeros. `aof-load-truncated` does not forgive them. `redis-check-aof --fix` cuts off exactly the zeros.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:zeros-at-the-end @cure @claim:LOAD-CORRUPT-AOF @needs:aof-folder
    Scenario: A file that ends with a block of zeros ends the start with status 1; repaired, it has every key
      Given the "standalone" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a client writes 53 keys to the master
      When the master is killed
      And the file "appendonlydir/appendonly.aof.1.incr.aof" of the master gets 4096 zero bytes at its end
      And the master tries to start
      Then the master exits with status 1
      And the log of the master shows
        | Bad file format reading the append only file |
      When redis-check-aof repairs the file "appendonlydir/appendonly.aof.1.incr.aof" of the master
      And the master tries to start
      Then redis-check-aof prints "Successfully truncated AOF"
      And within 2 seconds the master holds every key that was written

  Rule: FLUSHALL is the last command of the file until the next write, and can be cut off
    What the file held before is still there, as long as no rewrite has made a new base. So no time may be lost: a stop without a snapshot, and the last eighteen bytes away.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:flushall-is-cut-off @cure @needs:aof-folder
    Scenario: After FLUSHALL the server is stopped with NOSAVE, the command is cut off the file, and every key is back
      Given the "standalone" topology with
        | appendonly | yes |
      And a client writes 53 keys to the master
      When a client sends "FLUSHALL" to the master
      Then the keys of the master are 0
      When client "operator" sends "SHUTDOWN NOSAVE" to the master and waits
      Then the master exits with status 0
      When the file "appendonlydir/appendonly.aof.1.incr.aof" of the master is cut by 18 bytes
      And the master tries to start
      Then within 2 seconds the master holds every key that was written

    @id:flushall-and-a-rewrite @needs:aof-folder
    Scenario: A rewrite after FLUSHALL takes the old commands away, and nothing is left to come back
      Given the "standalone" topology with
        | appendonly | yes |
      And a client writes 53 keys to the master
      When a client sends "FLUSHALL" to the master
      And a client sends "BGREWRITEAOF" to the master
      And within 5 seconds the master has a file "appendonlydir/appendonly.aof.2.base.rdb"
      And within 5 seconds the rewrite in progress of the master is 0
      Then the file "appendonlydir/appendonly.aof.2.incr.aof" of the master does not contain "FLUSHALL"
      And the file "appendonlydir/appendonly.aof.2.incr.aof" of the master does not contain "key:1:1"
