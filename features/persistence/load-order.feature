@persistence
Feature: What is loaded
  There may be a snapshot and an append-only file in the same folder. A server loads one of them, never both, and which one depends on one directive alone: `appendonly`.

  Rule: With the AOF on, the AOF is loaded and the snapshot is not looked at
    The two are never combined. What people mean by "RDB first, then AOF" is the AOF's own base file, which is a snapshot and stands in the AOF's folder.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:the-aof-wins @claim:LOAD-AOF-FIRST @claim:LOAD-RDB-THEN-AOF
    Scenario: A key that only the snapshot holds does not come back, and the AOF's value holds
      Given the "standalone" topology
      And a client sends "SET page snapshot" to the master
      And a client sends "SET forgotten 1" to the master
      And a client sends "SAVE" to the master
      And a client sends "DEL forgotten" to the master
      And a client sends "SET page aof" to the master
      And a client sends "CONFIG SET appendonly yes" to the master
      When within 5 seconds the rewrite in progress of the master is 0
      And the master restarts with
        | appendonly | yes |
      Then within 2 seconds the master answers "GET page" with "aof"
      And within 2 seconds the master answers "EXISTS forgotten" with "0"
      And within 2 seconds the master has a file "dump.rdb"

    @id:the-snapshot-counts @claim:LOAD-AOF-OFF
    Scenario: With the AOF off, the snapshot is loaded, although an AOF that knows better lies beside it
      Given the "standalone" topology with
        | appendonly | yes |
      And a client sends "SET page snapshot" to the master
      And a client sends "SAVE" to the master
      And a client sends "SET page aof" to the master
      When the master restarts with
        | appendonly | no |
      Then within 2 seconds the master answers "GET page" with "snapshot"
      And within 2 seconds the master has a file "*.aof"

  Rule: With the AOF on and no AOF there, the server starts empty
    The snapshot is not a substitute. Whoever switches `appendonly` on in the configuration file and restarts, as one does with any other directive, has lost the data set: the server
    comes up with nothing, and the next snapshot of that nothing, which a plain stop takes as well, takes the place of the old one. `CONFIG SET appendonly yes` on the running server is the way: it writes the AOF first.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:switched-on-in-the-configuration @claim:LOAD-AOF-MISSING
    Scenario: Switching the AOF on in the configuration and restarting loses everything
      Given the "standalone" topology
      And a client writes 100 keys to the master
      And a client sends "SAVE" to the master
      When the master restarts with
        | appendonly | yes |
      Then the keys of the master are 0
      And within 1 second the master has a file "dump.rdb"

    @id:and-then-the-snapshot-too @claim:LOAD-AOF-MISSING
    Scenario: The next snapshot of the empty server takes the place of the good one
      Given the "standalone" topology
      And a client writes 100 keys to the master
      And a client sends "SAVE" to the master
      When the master restarts with
        | appendonly | yes |
      And a client sends "SAVE" to the master
      And the master restarts with
        | appendonly | no |
      Then the keys of the master are 0

    @id:switched-on-while-it-runs @claim:LOAD-AOF-MISSING
    Scenario: Switching it on while the server runs keeps everything
      Given the "standalone" topology
      And a client writes 100 keys to the master
      And a client sends "SAVE" to the master
      When a client sends "CONFIG SET appendonly yes" to the master
      And within 5 seconds the rewrite in progress of the master is 0
      And the master restarts with
        | appendonly | yes |
      Then within 2 seconds the master holds every key that was written

  Rule: A server that has come up empty saves its emptiness when it is stopped in order
    SIGTERM and `SHUTDOWN` take a last snapshot wherever a `save` rule stands, as it does by default, whether anything has changed or not. So the stop itself writes the empty data set over
    the good file. `SHUTDOWN NOSAVE` leaves the file alone.
    Source: https://redis.io/docs/latest/commands/shutdown/

    @id:stopped-in-order-after-an-empty-start @claim:LOAD-AOF-MISSING @claim:RDB-ON-SHUTDOWN
    Scenario: A plain stop of the empty server writes an empty snapshot over the good one
      Given the "standalone" topology with
        | save | 3600 1 |
      And a client writes 53 keys to the master
      And a client sends "SAVE" to the master
      When the master restarts with
        | appendonly | yes |
      Then the keys of the master are 0
      When the master is stopped
      And the master is started again
      Then the keys of the master are 0
      And the log of the master shows
        | (?i)DB loaded from disk |

    @id:nosave-after-an-empty-start @cure @claim:LOAD-AOF-MISSING @claim:RDB-ON-SHUTDOWN
    Scenario: SHUTDOWN NOSAVE keeps the good snapshot, and the AOF is switched on while the server runs
      The server is started with the AOF off, which loads the snapshot; then the AOF is switched on, which writes it from the data in memory.
      Given the "standalone" topology with
        | save | 3600 1 |
      And a client writes 53 keys to the master
      And a client sends "SAVE" to the master
      When the master restarts with
        | appendonly | yes |
      Then the keys of the master are 0
      When client "operator" sends "SHUTDOWN NOSAVE" to the master and waits
      Then the master exits with status 0
      When the master tries to start
      Then within 2 seconds the master holds every key that was written
      When a client sends "CONFIG SET appendonly yes" to the master
      And within 5 seconds the rewrite in progress of the master is 0
      And the master restarts with
        | appendonly | yes |
      Then the keys of the master are 53
