@replication
Feature: Modules and replication
  A module may bring a type of data of its own. In a snapshot and in the stream such data can be read only by a server that has the module too. The module here has one type, a number, and two commands, STAMP.SET and STAMP.GET.

  Rule: A snapshot with a module's data cannot be loaded without the module
    The replica that receives it ends, with its reason in the log. Before that it has its own tool check the file; the tool finds nothing wrong, and its status, 0, becomes that of the process. What comes after is up to whoever supervises it.
    Source: https://redis.io/docs/latest/develop/reference/modules/modules-native-types/

    @id:module-data-ends-a-replica @claim:REPL-MODULE-BREAKS @claim:REPL-MODULE-LOOP @since:redis-7.0
    Scenario: A replica without the module exits while it loads, as if nothing had happened, and asks its master no second time
      The snapshot is slowed down a little, so that the replica is seen before it ends.
      Given the "replication" topology with
        | enable-module-command     | yes  |
        | master.rdb-key-save-delay | 1000 |
      And the master loads a module with a data type
      And a client writes 400 keys to the master
      When a client sends "STAMP.SET built 42" to the master
      And "replica-1" starts again with empty data
      Then "replica-1" exits with status 0
      And the log of "replica-1" shows
        | no matching module type 'stamp-rhl' |
        | RDB looks OK!                       |
      And within 1 second the full synchronisations of the master have grown by 1

    @id:module-data-ends-a-replica-with-1 @claim:REPL-MODULE-LOOP @until:redis-6.0
    Scenario: On Redis 6.0 it exits with status 1, so a supervisor can tell
      Given the "replication" topology with
        | master.rdb-key-save-delay | 1000 |
      And the master loads a module with a data type
      And a client writes 400 keys to the master
      When a client sends "STAMP.SET built 42" to the master
      And "replica-1" starts again with empty data
      Then "replica-1" exits with status 1
      And within 1 second the full synchronisations of the master have grown by 1

    @id:module-data-and-a-supervisor @claim:REPL-MODULE-LOOP @since:redis-7.0
    Scenario: Started again it exits again, over the snapshot that it has kept, without a word to its master
      Given the "replication" topology with
        | enable-module-command     | yes  |
        | master.rdb-key-save-delay | 1000 |
      And the master loads a module with a data type
      And a client writes 400 keys to the master
      When a client sends "STAMP.SET built 42" to the master
      And "replica-1" starts again with empty data
      Then "replica-1" exits with status 0
      When "replica-1" tries to start
      Then "replica-1" exits with status 0
      When "replica-1" tries to start
      Then "replica-1" exits with status 0
      And the full synchronisations of the master have grown by 1

    @id:module-data-without-a-disk @claim:REPL-MODULE-LOOP
    Scenario: A replica that loads straight from the socket exits with status 1, and each start costs a full resynchronisation
      It keeps no file, so it has nothing to check, and asks anew.
      Given the "replication" topology with
        | enable-module-command        | yes    |
        | master.rdb-key-save-delay    | 1000   |
        | replica-1.repl-diskless-load | swapdb |
      And the master loads a module with a data type
      And a client writes 400 keys to the master
      When a client sends "STAMP.SET built 42" to the master
      And "replica-1" starts again with empty data
      Then "replica-1" exits with status 1
      When "replica-1" tries to start
      Then "replica-1" exits with status 1
      When "replica-1" tries to start
      Then "replica-1" exits with status 1
      And the full synchronisations of the master have grown by 3

    @id:module-data-with-the-module @claim:REPL-MODULE-BREAKS
    Scenario: A replica with the module loads the same data
      A write of its own makes replica-1 copy everything.
      Given the "replication" topology with
        | enable-module-command | yes |
      And every node loads a module with a data type
      When a client sends "STAMP.SET built 42" to the master
      And "replica-1" stops replicating
      And a client sends "SET written:alone 1" to "replica-1"
      And "replica-1" starts to replicate "master"
      Then within 10 seconds the link to the master of "replica-1" is "up"
      And within 10 seconds "replica-1" answers "STAMP.GET built" with "42"
      And the full synchronisations of "master" have grown by 1

  Rule: A stream with a module's commands is followed without them
    A replica that does not know a command of the stream logs it as critical and goes on. Link and offset are as they should be, the data are not.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-module-command-is-skipped @claim:REPL-MODULE-BREAKS
    Scenario: A replica that is attached when the data come stays up, and silently lacks them
      Given the "replication" topology with
        | enable-module-command | yes |
      And the master loads a module with a data type
      When a client sends "STAMP.SET built 42" to the master
      And a client sends "SET plain 1" to the master
      Then within 5 seconds "replica-1" answers "GET plain" with "1"
      And the link to the master of "replica-1" is "up"
      And the keys of the master are 2
      And the keys of "replica-1" are 1
      And the log of "replica-1" shows
        | (?i)critical.*unknown command |

  Rule: A module alone does no harm
    What cannot be loaded are data, not modules: a snapshot names a module only where there is something of it.
    Source: https://redis.io/docs/latest/develop/reference/modules/modules-native-types/

    @id:a-module-without-data @claim:REPL-MODULE-EMPTY
    Scenario: A master with the module and a new replica without it get along, as long as the keys are plain
      Given the "replication" topology with
        | enable-module-command | yes |
      And the master loads a module with a data type
      And a client writes 100 keys to the master
      When "replica-1" starts again with empty data
      Then within 10 seconds "replica-1" holds every key that was written
      And within 1 second the full synchronisations of the master have grown by 1
      And within 10 seconds the master answers "MODULE LIST" with "stamp"

    @id:no-module-by-itself @claim:REPL-MODULE-EMPTY @until:redis-7.4 @until:valkey-9.0
    Scenario: A server that nobody told to load a module has none
      Given the "standalone" topology
      When a client sends "MODULE LIST" to the master
      Then the reply is ""

    @id:a-module-built-in @claim:REPL-MODULE-EMPTY @since:redis-8.0
    Scenario: Redis 8.0 has one built in
      So an empty list is not to be had.
      Given the "standalone" topology
      When a client sends "MODULE LIST" to the master
      Then the reply contains "vectorset"

    @id:lua-is-a-module @claim:REPL-MODULE-EMPTY @since:valkey-9.1
    Scenario: Valkey 9.1 has one as well, for scripts
      Given the "standalone" topology
      When a client sends "MODULE LIST" to the master
      Then the reply contains "lua"
