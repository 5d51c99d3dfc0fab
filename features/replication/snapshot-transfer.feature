@replication
Feature: How a snapshot travels
  A full resynchronisation moves a snapshot from one memory to another, and each side may put a file in between: the master with `repl-diskless-sync no`, the replica with `repl-diskless-load disabled`. The first was the default up to 6.2, the second
  is it still.

  Rule: The master streams the snapshot to sockets, or writes a file and sends that
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:to-the-sockets @claim:REPL-FULL-MASTER-DISK @claim:REPL-FULL-REPLICA-DISK @claim:REPL-DISKLESS-NODISK @since:redis-7.0
    Scenario: By default the master has no file in the end, and the replica has one
      "Diskless" is the master's half.
      Given the "replication" topology
      And a client writes 100 keys to the master
      When "replica-2" starts again with empty data
      Then within 5 seconds the link to the master of "replica-2" is "up"
      And the master has no file "*.rdb"
      And "replica-2" has exactly the files
        | dump.rdb |
      And the log of the master shows
        | Starting BGSAVE for SYNC with target: (replicas\|slaves) sockets |
      And the log of "replica-2" shows
        | receiving streamed RDB from (master\|primary).* to disk |

    @id:to-a-file-by-default @claim:REPL-FULL-MASTER-DISK @claim:REPL-DISKLESS-NODISK @until:redis-6.2
    Scenario: Up to 6.2 the master has a file in the end, for that was the default
      Given the "replication" topology
      And a client writes 100 keys to the master
      When "replica-2" starts again with empty data
      Then within 5 seconds "replica-2" holds every key that was written
      And the master has exactly the files
        | dump.rdb |
      And the log of the master shows
        | Starting BGSAVE for SYNC with target: disk |

    @id:by-way-of-a-file @claim:REPL-FULL-MASTER-DISK @claim:REPL-DISKLESS-CONTAINER
    Scenario: With repl-diskless-sync no the master writes a file first, in a container as anywhere
      The file stays, although nobody asked this master for snapshots.
      Given the "replication" topology with
        | repl-diskless-sync | no |
      And a client writes 100 keys to the master
      When "replica-2" starts again with empty data
      Then within 5 seconds "replica-2" holds every key that was written
      And the full synchronisations of the master have grown by 1
      And the master has exactly the files
        | dump.rdb |
      And the log of the master shows
        | Starting BGSAVE for SYNC with target: disk |

    @id:into-the-memory @claim:REPL-FULL-REPLICA-DISK
    Scenario: With repl-diskless-load the replica loads from the socket, and nobody has a file
      Given the "replication" topology with
        | repl-diskless-sync | yes    |
        | repl-diskless-load | swapdb |
      And a client writes 100 keys to the master
      When "replica-2" starts again with empty data
      Then within 5 seconds "replica-2" holds every key that was written
      And every node has no file "*.rdb"
      And the log of "replica-2" shows
        | receiving streamed RDB from (master\|primary).* to parser |

  Rule: An old file is never sent; a snapshot that is being made may serve several
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:an-old-file-is-no-use @claim:REPL-FULL-REUSE-RDB @needs:fork-count
    Scenario: A snapshot that is a moment old does not save the master a new one
      Given the "replication" topology with
        | repl-diskless-sync | no |
      And a client writes 100 keys to the master
      And a client sends "SAVE" to the master
      When "replica-2" starts again with empty data
      Then within 5 seconds "replica-2" holds every key that was written
      And the forks of the master have grown by 1

    @id:one-file-for-two @claim:REPL-FULL-REUSE-RDB @needs:fork-count
    Scenario: A replica that comes while a file is written for another one gets that file as well
      Given the "replication" topology with
        | repl-diskless-sync | no    |
        | rdb-key-save-delay | 10000 |
      And a client writes 300 keys to the master
      When "replica-1" starts again with empty data
      And within 5 seconds the snapshot in progress of the master is 1
      And "replica-2" starts again with empty data
      Then within 10 seconds the full synchronisations of the master have grown by 2
      And within 15 seconds every replica holds every key that was written
      And the forks of the master have grown by 1
      And the log of the master shows
        | (?i)waiting for end of BGSAVE for SYNC |

    @id:not-somebody-elses @claim:REPL-FULL-REUSE-RDB @needs:fork-count
    Scenario: A snapshot that was not begun for a replica is of no use to one
      Nobody kept the writes made since it began. The replica waits for its end, and for another one.
      Given the "replication" topology with
        | repl-diskless-sync | no    |
        | rdb-key-save-delay | 10000 |
      And a client writes 200 keys to the master
      When a client sends "BGSAVE" to the master
      And "replica-2" starts again with empty data
      Then within 15 seconds "replica-2" holds every key that was written
      And the forks of the master have grown by 2
      And the log of the master shows
        | (?i)can't attach the replica to the current BGSAVE |

  Rule: Streaming to sockets, the master waits a while, so that one snapshot serves all who have come
    `repl-diskless-sync-delay`, 5 seconds. Who comes after the first byte was sent has to wait for the next one.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-delay-before-the-snapshot @claim:REPL-DISKLESS-DELAY @claim:REPL-DISKLESS-ONE-RDB @needs:fork-count
    Scenario: Two replicas that come within the delay share one child
      Given the "replication" topology
      And a client writes 100 keys to the master
      And a client sends "CONFIG SET repl-diskless-sync-delay 4" to the master
      When "replica-1" starts again with empty data
      And "replica-2" starts again with empty data
      Then for 1 second the keys of every replica stay 0
      And within 15 seconds every replica holds every key that was written
      And the full synchronisations of the master have grown by 2
      And the forks of the master have grown by 1
      And the log of the master shows
        | Delay next BGSAVE for diskless SYNC |

    @id:too-late-for-the-stream @claim:REPL-DISKLESS-DELAY @claim:REPL-DISKLESS-ONE-RDB @needs:fork-count
    Scenario: Without a delay the second one is too late, and a second child is forked for it
      Given the "replication" topology with
        | rdb-key-save-delay | 10000 |
      And a client writes 200 keys to the master
      When "replica-1" starts again with empty data
      And within 5 seconds the snapshot in progress of the master is 1
      And "replica-2" starts again with empty data
      Then within 15 seconds every replica holds every key that was written
      And the full synchronisations of the master have grown by 2
      And the forks of the master have grown by 2

    @id:enough-have-come @claim:REPL-DISKLESS-DELAY @needs:fork-count @since:redis-7.0
    Scenario: With repl-diskless-sync-max-replicas 2 the master waits for a second one, and then no longer
      Given the "replication" topology
      And a client writes 100 keys to the master
      And a client sends "CONFIG SET repl-diskless-sync-delay 50" to the master
      And a client sends "CONFIG SET repl-diskless-sync-max-replicas 2" to the master
      When "replica-1" starts again with empty data
      Then for 4 seconds the keys of "replica-1" stay 0
      When "replica-2" starts again with empty data
      Then within 10 seconds every replica holds every key that was written
      And the forks of the master have grown by 1

  Rule: Nobody makes a snapshot for a replica that is gone
    Source: https://github.com/redis/redis/blob/7.0.15/src/networking.c

    @id:the-last-one-gone @claim:REPL-CHILD-USELESS
    Scenario: A child that streams to sockets is ended when it finds nobody there any more
      Its nine seconds would else be nine seconds of copied pages, and of no snapshot for anybody else.
      Given the "replication" topology with
        | repl-diskless-sync | yes   |
        | rdb-key-save-delay | 30000 |
        | rdbcompression     | no    |
      And a client writes 300 keys of 4000 bytes to the master
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in transfer of "replica-2" is 1
      And "replica-2" is killed
      Then within 4 seconds the snapshot in progress of the master is 0

    @id:a-file-for-nobody @claim:REPL-CHILD-USELESS @since:redis-7.0
    Scenario: So is one that writes a file, on a master without save points
      Given the "replication" topology with
        | repl-diskless-sync | no    |
        | rdb-key-save-delay | 30000 |
      And a client writes 300 keys to the master
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in progress of the master is 1
      And "replica-2" is killed
      Then within 4 seconds the snapshot in progress of the master is 0
      And the log of the master shows
        | (?i)background saving terminated by signal |

    @id:a-file-for-nobody-all-the-same @claim:REPL-CHILD-USELESS @mirror:a-file-for-nobody @until:redis-6.0
    Scenario: Redis 6.0 finishes that file, for nobody
      Given the "replication" topology with
        | repl-diskless-sync | no    |
        | rdb-key-save-delay | 30000 |
      And a client writes 300 keys to the master
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in progress of the master is 1
      And "replica-2" is killed
      Then for 4 seconds the snapshot in progress of the master stays 1

    @id:a-file-for-itself @claim:REPL-CHILD-USELESS @mirror:a-file-for-nobody
    Scenario: A master that has save points finishes the file, for its own sake
      Given the "replication" topology with
        | repl-diskless-sync | no        |
        | rdb-key-save-delay | 30000     |
        | save               | 3600 9999 |
      And a client writes 300 keys to the master
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in progress of the master is 1
      And "replica-2" is killed
      Then for 4 seconds the snapshot in progress of the master stays 1
      And within 15 seconds the changes since the last snapshot of the master are 0

  Rule: The master answers while it makes a snapshot, and pays for it
    What stops it is the fork. What it costs beside that are the pages that are written to while the child lives, the network, and the time of a core.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/

    @id:the-master-goes-on @claim:REPL-MASTER-NONBLOCK @claim:REPL-MASTER-STALL
    Scenario: A client that writes a hundred times a second notices nothing of a synchronisation of several seconds
      Given the "replication" topology with
        | rdb-key-save-delay | 10000 |
      And a client writes 300 keys of 1000 bytes to the master
      And a client writes every 10 milliseconds through "master"
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in transfer of "replica-2" is 1
      And within 15 seconds the snapshot in progress of the master is 0
      And the client stops
      Then writes were refused for less than 1 second
      And the duration of the last fork of the master is more than 0
      And the memory copied for the last snapshot of the master is more than 0

  Rule: A replica that loads does not answer, unless it loads beside its old data
    It serves what it has until the snapshot is there; then it throws that away and answers LOADING until the new data are in memory. With `repl-diskless-load swapdb` it loads into a second place, if the master's
    history is still the same, and needs the memory for both.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-replica-that-loads @claim:REPL-REPLICA-LOADING @needs:loading-interval
    Scenario: A replica that copies everything answers LOADING, and has the data again afterwards
      While it loads, the replica looks at its clients after every kilobyte here; as shipped after every two megabytes, and since Redis 8.0 after every 512 kilobytes.
      Given the "replication" topology with
        | replica-2.key-load-delay | 10000 |
      And a client sends "CONFIG SET loading-process-events-interval-bytes 1024" to "replica-2"
      And a client writes 300 keys of 1000 bytes to the master
      And within 5 seconds every replica holds every key that was written
      And a client sends "SET page old" to the master
      When "replica-2" stops replicating
      And "replica-2" starts to replicate "master"
      Then within 5 seconds "replica-2" answers "GET page" with "LOADING"
      And within 15 seconds "replica-2" answers "GET page" with "old"

    @id:loading-beside-the-old @claim:REPL-REPLICA-LOADING @since:redis-7.0
    Scenario: With swapdb it goes on answering with the old data until the new are complete
      Given the "replication" topology with
        | repl-backlog-size            | 16kb   |
        | replica-2.repl-diskless-load | swapdb |
        | replica-2.key-load-delay     | 10000  |
      And a client sends "CONFIG SET loading-process-events-interval-bytes 1024" to "replica-2"
      And a client writes 300 keys of 1000 bytes to the master
      And within 5 seconds every replica holds every key that was written
      And a client sends "SET page old" to the master
      When "replica-2" is paused
      And a client sends "CLIENT KILL TYPE replica" to the master
      And a client sends "SET page new" to the master
      And a client writes 20 keys of 100000 bytes to the master
      And "replica-2" is healed
      And within 10 seconds the background loading state of "replica-2" is 1
      And a client sends "GET page" to "replica-2"
      Then the reply is "old"
      And within 15 seconds "replica-2" answers "GET page" with "new"

  Rule: The stream follows the snapshot unasked
    Source: https://github.com/redis/redis/blob/7.0.15/src/replication.c

    @id:unasked-after-a-file @claim:REPL-FULL-NOTIFY
    Scenario: After a snapshot from a file the waiting writes are sent before the replica has said a word
      The replica takes two seconds to load.
      Given the "replication" topology with
        | repl-diskless-sync       | no    |
        | rdb-key-save-delay       | 10000 |
        | replica-2.key-load-delay | 10000 |
      And a client writes 200 keys to the master
      And the traffic between "replica-2" and the master is captured
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in progress of the master is 1
      And a client sends "SET page hello" to the master
      Then within 15 seconds "replica-2" and the master exchange, in order
        | master    | /[+]FULLRESYNC [0-9a-f]{40} [0-9]+/ |
        | master    | /[(]snapshot, [0-9]+ bytes/         |
        | master    | SET page hello                      |
        | replica-2 | REPLCONF ACK                        |

    @id:after-the-first-acknowledgement @claim:REPL-FULL-NOTIFY @until:redis-7.4
    Scenario: After a snapshot from a socket the master waits for the first acknowledgement, and sends the waiting writes then
      A socket cannot tell where the snapshot ends for whom; the first `REPLCONF ACK` says that the replica has found the end. (Redis 8.0 does not wait: the stream has a connection of its own by default.)
      Given the "replication" topology with
        | repl-diskless-sync | yes   |
        | rdb-key-save-delay | 10000 |
      And a client writes 200 keys to the master
      And the traffic between "replica-2" and the master is captured
      When "replica-2" starts again with empty data
      And within 5 seconds the snapshot in progress of the master is 1
      And a client sends "SET page hello" to the master
      Then within 15 seconds "replica-2" and the master exchange, in order
        | master    | /[+]FULLRESYNC [0-9a-f]{40} [0-9]+/ |
        | master    | (snapshot                           |
        | replica-2 | REPLCONF ACK                        |
        | master    | SET page hello                      |
      And the log of the master shows
        | (?i)waiting for REPLCONF ACK from (slave\|replica) to enable streaming |
