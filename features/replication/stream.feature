@replication
Feature: The stream
  What flows once a replica has its snapshot: every write, in order, once, as bytes that both sides count. In the scenarios the master's own PING, a part of the stream, is kept out of the way.

  Rule: A replica is a copy that can be read, not a second place to write
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:writes-here-reads-there @claim:REPL-TOPOLOGY @claim:REPL-READ-SPLIT @claim:REPL-WRITE-NO-SCALE @claim:REPL-SAME-MEMORY @claim:ARCH-TABLE
    Scenario: Every replica has what the master has, in as much memory, and answers reads only
      Twenty replicas serve twenty times the reads. They hold no byte more than the master does, and take no write off it.
      Given the "replication" topology
      When a client writes 200 keys of 20000 bytes to the master
      And a client sends "SET page hello" to the master
      Then the connected replicas of the master are 2
      And within 5 seconds every replica answers "GET page" with "hello"
      And the keys of every replica are 201
      And the dataset memory of every replica is within 10 percent of that of the master
      And every replica refuses a write with "READONLY"

    @id:the-file-or-the-command @claim:REPL-CONFIG-START
    Scenario: A node is a replica by its configuration or by a command, which has an old and a new name
      Given the "replication" topology
      When a client sends "SLAVEOF NO ONE" to "replica-1"
      And "replica-1" is killed
      And "replica-1" is started again
      Then within 5 seconds the link to the master of "replica-1" is "up"
      And "replica-1" is a replica
      And the log of "replica-1" shows
        | (?i)(master\|primary) mode enabled \\(user request from |

    @id:a-replica-evicts-nothing
    Scenario: A replica with less memory than its master keeps every key all the same
      `replica-ignore-maxmemory` is on: what is evicted, the master decides.
      Given the "replication" topology with
        | replica.maxmemory        | 4mb         |
        | replica.maxmemory-policy | allkeys-lru |
      When a client writes 100 keys of 100000 bytes to the master
      Then within 5 seconds every replica holds every key that was written
      And the evicted keys of every replica are 0

    @id:what-the-master-evicts @mirror:a-replica-evicts-nothing
    Scenario: What the master gives up for want of memory, its replicas give up too, though they have room for it
      Given the "replication" topology with
        | master.maxmemory        | 16mb        |
        | master.maxmemory-policy | allkeys-lru |
        | repl-backlog-size       | 1mb         |
      When a client writes 8000 keys of 2000 bytes to the master
      And a client sends "CONFIG SET maxmemory 0" to the master
      And 2 seconds pass
      Then the evicted keys of the master are more than 500
      And the keys of "replica-1" equals the keys of the master
      And the evicted keys of every replica are 0

  Rule: Only what changes data is sent, and an offset counts its bytes
    `SET a 1` is 27 bytes as the protocol writes it, and that is what an offset moves by. It says how much of the stream a node has seen, not which version of the data it has.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:reads-are-not-sent @claim:REPL-WRITES-ONLY
    Scenario: Reads, and deletions of nothing, do not move the offset
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      And a client sends "SET a 1" to the master
      When a client sends "GET a" to the master
      And a client sends "DEL nothing" to the master
      And a client sends "EXPIRE nothing 10" to the master
      Then the replication offset of the master has not changed
      When a client sends "SET a 1" to the master
      Then the replication offset of the master has grown by 27

    @id:an-offset-counts-bytes @claim:REPL-OFFSET-BYTES @claim:REPL-INFO-OFFSET
    Scenario: The same write twice, which changes nothing any more, moves it by twice its length
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      And a client writes 1 keys to the master
      And within 5 seconds every replica holds every key that was written
      When a client sends "SET a 1" 2 times to the master
      Then the replication offset of the master has grown by 54
      And within 2 seconds the replication offset of every replica has grown by 54

    @id:the-first-write-names-its-database @claim:REPL-OFFSET-BYTES
    Scenario: The first write after a replica has come is preceded by SELECT, 23 bytes more
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      When a client sends "SET a 1" to the master
      Then the replication offset of the master has grown by 50

    @id:once-for-all-replicas @claim:REPL-BACKLOG-PER-SLAVE
    Scenario: Two replicas or one, a write counts once
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      And a client sends "SET a 1" to "master"
      When a client sends "SET a 1" to "master"
      Then the replication offset of "master" has grown by 27
      And the backlog length of "master" has grown by 27
      When "replica-2" stops replicating
      And within 5 seconds the connected replicas of "master" are 1
      And a client sends "SET a 1" to "master"
      Then the replication offset of "master" has grown by 54
      And the backlog length of "master" has grown by 54

    @id:no-file-is-in-between @claim:REPL-INCR-VIA-AOF
    Scenario: A write reaches the replicas although nobody has an append-only file
      Given the "replication" topology
      When a client sends "SET page hello" to the master
      Then within 2 seconds every replica answers "GET page" with "hello"
      And the append-only file of every node is 0
      And the master has no file "*.aof*"

    @id:files-are-for-the-restart @claim:REPL-AOF-PLUS-RDB @since:redis-7.0
    Scenario: With an append-only file a killed master is back with every write, and its replicas copy everything all the same
      The file begins with a snapshot and goes on with commands. The name of the history stands in neither.
      Given the "replication" topology with
        | master.appendonly | yes |
      And a client writes 100 keys to the master
      When a client sends "BGREWRITEAOF" to the master
      And within 5 seconds the master has a file "appendonlydir/appendonly.aof.2.base.rdb"
      And a client writes 50 keys to the master
      And the master is killed
      And the master is started again
      Then within 5 seconds the master holds every key that was written
      And within 10 seconds the full synchronisations of the master are 2
      And the log of the master shows
        | DB loaded from base file appendonly.aof.2.base.rdb |
        | DB loaded from incr file appendonly.aof.2.incr.aof |

  Rule: Replicas say every second how far they are
    `REPLCONF ACK` and an offset, unasked. The master keeps the last one and its age, the *lag* in INFO, which `WAIT` and `min-replicas-max-lag` live on.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:an-acknowledgement-a-second @claim:REPL-ACK-1S
    Scenario: An idle replica acknowledges again and again
      Given the "replication" topology
      And the traffic between "replica-2" and the master is captured
      When a client sends "SET a 1" to the master
      Then within 5 seconds "replica-2" and the master exchange, in order
        | master    | SET a 1      |
        | replica-2 | REPLCONF ACK |
        | replica-2 | REPLCONF ACK |
        | replica-2 | REPLCONF ACK |
      And within 20 seconds "replica-2" sends "REPLCONF ACK" to the master 5 times, between 0.9 and 1.35 seconds apart

    @id:the-lag-of-a-frozen-replica @claim:REPL-ACK-1S @claim:REPL-INFO-OFFSET
    Scenario: The lag of a replica that is frozen grows, second by second
      Given the "replication" topology
      And a client writes 1 keys to the master
      When "replica-2" is paused
      Then within 8 seconds the master answers "INFO replication" with "lag=4"

  Rule: A link that is silent for repl-timeout counts as broken
    The master's signs of life are the stream and a PING every `repl-ping-replica-period` (10 s), the replica's are its acknowledgements. With the default of 60 s a dead link is noticed after a minute.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-silent-replica-is-dropped @claim:REPL-TIMEOUT
    Scenario: A master drops a replica that does not acknowledge
      Given the "replication" topology with
        | repl-timeout             | 3 |
        | repl-ping-replica-period | 1 |
      When "replica-2" is paused
      Then within 10 seconds the connected replicas of the master are 1
      And the log of the master shows
        | (?i)disconnecting timedout replica \\(streaming sync\\) |

    @id:a-silent-master-is-given-up @claim:REPL-TIMEOUT @claim:REPL-HALF-OPEN
    Scenario: A replica gives up a master whose host has vanished, although no connection was closed
      Given the "replication" topology with
        | repl-timeout             | 3 |
        | repl-ping-replica-period | 1 |
      When "replica-2" is isolated
      Then within 10 seconds the link to the master of "replica-2" is "down"
      And the log of "replica-2" shows
        | (?i)(master\|primary) timeout: no data nor PING received |
      When "replica-2" is healed
      Then within 10 seconds the accepted partial resynchronisations of the master have grown by 1
      And the full synchronisations of the master have not changed

    @id:a-timeout-below-the-ping @claim:REPL-TIMEOUT
    Scenario: With a timeout shorter than the time between two PINGs a healthy idle link breaks again and again
      Given the "replication" topology
      When a client sends "CONFIG SET repl-ping-replica-period 30" to the master
      And a client sends "CONFIG SET repl-timeout 2" to "replica-2"
      Then within 20 seconds the accepted partial resynchronisations of the master have grown by 3
      And the log of "replica-2" shows
        | (?i)(master\|primary) timeout: no data nor PING received |

    @id:a-silent-transfer-is-given-up @claim:REPL-TIMEOUT
    Scenario: A replica gives up a snapshot of which nothing more comes, and asks again
      Given the "replication" topology with
        | repl-timeout             | 3     |
        | repl-ping-replica-period | 1     |
        | rdbcompression           | no    |
        | rdb-key-save-delay       | 10000 |
      And a client writes 400 keys of 2000 bytes to the master
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in transfer of "replica-2" is 1
      And "replica-2" is isolated
      Then within 10 seconds the log of "replica-2" shows "Timeout receiving bulk data from (MASTER|PRIMARY)"
      When "replica-2" is healed
      Then within 30 seconds "replica-2" holds every key that was written

  Rule: A replica without its master looks for it once a second
    Source: https://github.com/redis/redis/blob/7.0.15/src/replication.c

    @id:a-master-that-comes-later @claim:REPL-CRON-1S
    Scenario: A replica that starts before its master tries every second, and copies it when it is there
      Given the "replication" topology
      When the master is killed
      And "replica-1" starts again with empty data
      Then within 10 seconds the log of "replica-1" shows "Connecting to (MASTER|PRIMARY)" 4 times, between 900 and 1300 milliseconds apart
      When the master is started again
      Then within 10 seconds the link to the master of "replica-1" is "up"

  Rule: A server as it was shipped
    Source: https://github.com/redis/redis/blob/7.0.15/redis.conf

    @id:defaults @claim:REPL-TIMEOUT @claim:REPL-DISKLESS-DEFAULT @claim:REPL-DISKLESS-DELAY @claim:REPL-BACKLOG-TTL @since:redis-7.0
    Scenario: Time limits, and a snapshot that goes to the sockets after five seconds
      Given the "as-shipped" topology
      When a client sends "CONFIG GET repl-*" to the master
      Then the reply has the pairs
        | repl-timeout             | 60       |
        | repl-ping-replica-period | 10       |
        | repl-backlog-ttl         | 3600     |
        | repl-diskless-sync       | yes      |
        | repl-diskless-sync-delay | 5        |
        | repl-diskless-load       | disabled |

    @id:defaults-up-to-6-2 @claim:REPL-DISKLESS-DEFAULT @until:redis-6.2
    Scenario: Up to 6.2 the snapshot goes by way of a file
      Given the "as-shipped" topology
      When a client sends "CONFIG GET repl-*" to the master
      Then the reply has the pairs
        | repl-timeout             | 60       |
        | repl-ping-replica-period | 10       |
        | repl-backlog-ttl         | 3600     |
        | repl-diskless-sync       | no       |
        | repl-diskless-load       | disabled |

    @id:a-megabyte-of-backlog @claim:REPL-BACKLOG-SIZE @since:redis-2.8 @until:valkey-7.2
    Scenario: Redis keeps a megabyte of backlog, and none before the first replica
      Given the "as-shipped" topology
      When a client sends "CONFIG GET repl-backlog-size" to the master
      Then the reply has the pairs
        | repl-backlog-size | 1048576 |
      And the backlog of the master is 0

    @id:ten-megabytes-of-backlog @claim:REPL-BACKLOG-SIZE @since:valkey-8.0
    Scenario: Valkey keeps ten
      Given the "as-shipped" topology
      When a client sends "CONFIG GET repl-backlog-size" to the master
      Then the reply has the pairs
        | repl-backlog-size | 10485760 |
      And the backlog of the master is 0
