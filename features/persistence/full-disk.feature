@persistence
Feature: A full disk
  A server that cannot write to its disk goes on answering reads. What becomes of writes depends on what it was told to promise.

  Rule: A server that cannot append refuses writes until it can
    It would acknowledge what it cannot keep. So it says MISCONF, and takes writes again by itself, as soon as there is room.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:no-room-for-the-aof @cure
    Scenario: With everysec, writes are refused while the disk is full, reads are answered, and room is enough of a cure
      Given the "small-disk" topology with
        | appendonly  | yes      |
        | appendfsync | everysec |
      And a client writes 100 keys to the master
      When the master is out of disk
      And a plain client sends 500 writes to the master
      Then some writes are refused, all of them with "MISCONF Errors writing to the AOF file"
      And within 2 seconds the result of the last append of the master is "err"
      And within 2 seconds the master answers "EXISTS key:1:1" with "1"
      When the master is healed
      Then within 3 seconds the result of the last append of the master is "ok"
      And within 3 seconds the master accepts a write

    @id:always-cannot-go-on
    Scenario: With always there is nothing to wait for: the server ends itself
      The reply would say that the write is on the disk, and it is not.
      Given the "small-disk" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a client writes 100 keys to the master
      When the master is out of disk
      And client "writer" sends 'EVAL "redis.call([[SET]], [[big]], string.rep([[x]], 100000))" 0' to the master and waits
      Then the master exits with status 1
      And the log of the master shows
        | (?i)can't recover from AOF write error when the AOF fsync policy is 'always' |

    @id:always-goes-on-with-room @cure
    Scenario: When there is room again, it starts, and has every key that was acknowledged
      Given the "small-disk" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a client writes 100 keys to the master
      When the master is out of disk
      And client "writer" sends 'EVAL "redis.call([[SET]], [[big]], string.rep([[x]], 100000))" 0' to the master and waits
      Then the master exits with status 1
      When the master is healed
      And the master tries to start
      Then within 2 seconds the master holds every key that was written
      And within 2 seconds the master accepts a write

    @id:no-half-command-stays @needs:aof-folder
    Scenario: What could be written of a command is taken back, so that the file can be loaded afterwards
      Given the "small-disk" topology with
        | appendonly  | yes      |
        | appendfsync | everysec |
      And a client writes 100 keys to the master
      When the master is out of disk
      And a plain client sends 500 writes to the master
      And the master is healed
      Then some writes are refused, all of them with "MISCONF Errors writing to the AOF file"
      And within 3 seconds the result of the last append of the master is "ok"
      And within 3 seconds the master accepts a write
      When the master is killed
      And the master tries to start
      Then within 2 seconds the master answers "EXISTS key:1:1" with "1"
      And the run id of the master has changed

  Rule: A server whose snapshot failed refuses writes, if it has rules for snapshots
    `stop-writes-on-bgsave-error` is on. It makes the failure loud, since otherwise nobody would notice for weeks that there is no snapshot. A server without a rule promises none and goes on.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:no-room-for-a-snapshot @cure
    Scenario: A failed snapshot stops writes, and the next one that succeeds allows them
      Given the "small-disk" topology with
        | save | 3600 1 |
      And a client writes 1000 keys of 1000 bytes to the master
      When the master is out of disk
      And a client sends "BGSAVE" to the master
      Then within 5 seconds the result of the last snapshot of the master is "err"
      And the master refuses a write with "MISCONF"
      And within 5 seconds the master answers "EXISTS key:1:1" with "1"
      When the master is healed
      And a client sends "BGSAVE" to the master
      Then within 5 seconds the result of the last snapshot of the master is "ok"
      And within 5 seconds the master accepts a write

    @id:the-next-one-comes-by-itself
    Scenario: A rule that could not be kept is tried again, and writes are allowed without anybody's help
      After a failure a server waits for five seconds.
      Given the "small-disk" topology with
        | save | 2 1 |
      And a client writes 1000 keys of 1000 bytes to the master
      When the master is out of disk
      And a client sends "SET page hello" to the master
      Then within 10 seconds the result of the last snapshot of the master is "err"
      And the master refuses a write with "MISCONF"
      And within 20 seconds the log of the master shows "changes in 2 seconds. Saving" 2 times, between 4.8 and 7 seconds apart
      When the master is healed
      Then within 15 seconds the result of the last snapshot of the master is "ok"
      And within 15 seconds the master accepts a write

    @id:no-rule-no-refusal
    Scenario: Without a rule the same failure stops nothing
      Given the "small-disk" topology
      And a client writes 1000 keys of 1000 bytes to the master
      When the master is out of disk
      And a client sends "BGSAVE" to the master
      Then within 5 seconds the result of the last snapshot of the master is "err"
      And within 5 seconds the master accepts a write

    @id:a-shutdown-that-cannot-save
    Scenario: A server that cannot take its last snapshot does not end
      Given the "small-disk" topology with
        | save | 3600 1 |
      And a client writes 1000 keys of 1000 bytes to the master
      When the master is out of disk
      And client "operator" sends "SHUTDOWN" to the master and waits
      Then within 5 seconds the log of the master shows "Error trying to save the DB, can't exit"
      And within 5 seconds the master answers "EXISTS key:1:1" with "1"
