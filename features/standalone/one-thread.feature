@standalone
Feature: One thread
  A server executes commands one after the other, on one thread. That is why a single command is atomic, and why one slow command is everybody's.

  Rule: While a command runs, everybody waits
    There are other threads: for writing to sockets, and for reading from them, if configured (`io-threads`), for closing files and freeing memory, and children for snapshots. None of them executes commands.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/

    @id:everybody-waits @claim:SOLO-SINGLE-THREAD
    Scenario: A PING waits until a command that came before it is done
      Given the "standalone" topology with
        | enable-debug-command | yes |
      When client "slow" sends "DEBUG SLEEP 3" to the master and waits
      And client "quick" sends "PING" to "master" and waits
      Then for 1 second client "quick" receives nothing
      And within 6 seconds client "quick" receives "PONG"

    @id:epoll @claim:SOLO-IO-MULTIPLEX
    Scenario: That one thread serves all connections by asking the kernel which of them have something to say
      Given the "standalone" topology
      When client "one" sends "BLPOP nothing 0" to the master and waits
      And client "two" sends "BLPOP nothing 0" to the master and waits
      Then the multiplexing interface of the master is "epoll"
      And within 1 second the blocked clients of the master are 2
      And within 1 second the master answers "PING" with "PONG"

    @id:other-cores @claim:SOLO-MANY-INSTANCES
    Scenario: Several servers on one host do not wait for each other
      Three processes on this host; the master among them is busy.
      Given the "replication" topology with
        | enable-debug-command | yes |
      When client "slow" sends "DEBUG SLEEP 3" to "master" and waits
      And client "same server" sends "PING" to "master" and waits
      And client "another server" sends "PING" to "replica-1" and waits
      Then within 1 second client "another server" receives "PONG"
      And for 1 second client "same server" receives nothing
      And within 6 seconds client "same server" receives "PONG"

  Rule: A script that does not end is ended by SCRIPT KILL, unless it has written
    After `lua-time-limit` (`busy-reply-threshold` since 7.0), five seconds as shipped, the server answers everybody else with BUSY, and takes SCRIPT KILL. A script that has written cannot be ended that way, since half of it would stay:
    what is left is SHUTDOWN NOSAVE, which loses what was not persisted.
    Source: https://redis.io/docs/latest/commands/script-kill/

    @id:a-script-is-killed @cure
    Scenario: BUSY for every client, until SCRIPT KILL
      Given the "standalone" topology with
        | lua-time-limit | 500 |
      And a client writes 53 keys to the master
      When client "endless" sends 'EVAL "while true do end" 0' to the master and waits
      Then within 3 seconds the master answers "GET key:1:1" with "BUSY"
      When a client sends "SCRIPT KILL" to the master
      Then the reply is "OK"
      And within 2 seconds the master holds every key that was written

    @id:a-script-that-has-written
    Scenario: After a first write the same script is UNKILLABLE, and with SHUTDOWN NOSAVE the server ends
      Given the "standalone" topology with
        | lua-time-limit | 500 |
      When client "endless" sends 'EVAL "redis.call([[SET]], [[half]], 1) while true do end" 0' to the master and waits
      Then within 3 seconds the master answers "GET half" with "BUSY"
      When a client sends "SCRIPT KILL" to the master
      Then the reply is the error "UNKILLABLE"
      When client "operator" sends "SHUTDOWN NOSAVE" to the master and waits
      Then the master exits with status 0

  Rule: Some commands take as long as there are keys
    Looking up one key takes the same time among a thousand as among a million. KEYS looks at every key, LRANGE and SORT at every element asked for. The slow log shows them.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/

    @id:keys-looks-at-everything @claim:SOLO-ALL-O1
    Scenario: The slow log shows KEYS among three hundred thousand keys
      Given the "standalone" topology with
        | enable-debug-command | yes |
      When client "filler" sends "DEBUG POPULATE 300000 key 1" to the master and waits
      Then within 20 seconds client "filler" receives "OK"
      When a client sends "SLOWLOG RESET" to the master
      And a client sends "KEYS nothing*" to the master
      And a client sends "SLOWLOG GET" to the master
      Then the reply contains "KEYS"

    @id:a-command-says-what-it-costs @claim:SOLO-ALL-O1 @since:redis-7.0
    Scenario: The server says itself what a command costs
      Given the "standalone" topology
      When a client sends "COMMAND DOCS get" to the master
      Then the reply contains "O(1)"
      When a client sends "COMMAND DOCS keys" to the master
      Then the reply contains "O(N) with N being the number of keys in the database"

  Rule: There is no virtual memory of its own, and there are sixteen databases
    Redis 2.0 could swap values to disk by itself. It was given up in 2.4; the directives are gone.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/internals/internals-vm/

    @id:no-virtual-memory @claim:SOLO-OWN-VM
    Scenario: A configuration that asks for virtual memory keeps the server from starting
      Given the "standalone" topology
      When the master restarts with
        | vm-enabled | yes |
      Then the master exits with status 1
      And the log of the master shows
        | (?i)(bad directive or wrong number of arguments\|unresolved configuration) |

    @id:sixteen-databases @claim:SOLO-16-DBS
    Scenario: Database 15 is there, database 16 is not
      Given the "as-shipped" topology
      When a client sends "SELECT 15" to the master
      Then the reply is "OK"
      When a client sends "SELECT 16" to the master
      Then the reply is the error "ERR DB index is out of range"
