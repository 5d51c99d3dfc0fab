@replication
Feature: What a replica answers, and to whom a master gives its data
  A replica that has lost its master does not fall silent: it answers with what it has, as old as that may be, unless it is told not to. Whether it may copy at all is a matter of a password, which it needs for itself.

  Rule: A replica without its master answers with what it has
    `replica-serve-stale-data` is yes (`slave-serve-stale-data` before 5.0).
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:stale-data-is-served @claim:REPL-STALE
    Scenario: With the master gone a replica goes on answering reads, and its INFO tells that the link is down
      Given the "replication" topology
      And a client writes 1 keys to the master
      And within 5 seconds every replica holds every key that was written
      When the master is killed
      Then within 2 seconds the link to the master of "replica-1" is "down"
      And within 2 seconds "replica-1" answers "GET key:1:0" with "1-0"

    @id:stale-data-is-refused @claim:REPL-STALE
    Scenario: With replica-serve-stale-data no it refuses with MASTERDOWN until its master is back
      Given the "replication" topology with
        | replica.replica-serve-stale-data | no |
      And a client writes 1 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "replica-1" is isolated
      And a client sends "CLIENT KILL TYPE replica" to the master
      And a client sends "CLIENT KILL TYPE master" to "replica-1"
      Then within 5 seconds "replica-1" answers "GET key:1:0" with "MASTERDOWN Link with MASTER is down"
      When "replica-1" is healed
      Then within 15 seconds "replica-1" answers "GET key:1:0" with "1-0"

    @id:stale-data-is-allowed @cure @claim:REPL-STALE
    Scenario: With CONFIG SET replica-serve-stale-data yes it answers at once, with what it had
      Given the "replication" topology with
        | replica.replica-serve-stale-data | no |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When the master is killed
      Then within 5 seconds "replica-1" answers "GET key:1:0" with "MASTERDOWN Link with MASTER is down"
      When a client sends "CONFIG SET replica-serve-stale-data yes" to "replica-1"
      Then within 1 second "replica-1" answers "GET key:1:0" with "1-0"
      And the keys of "replica-1" are 53

    @id:ping-is-refused-too @claim:REPL-STALE @since:redis-7.0
    Scenario: PING is refused with MASTERDOWN like the rest, so whoever asks for it to see whether the server lives hears no
      Given the "replication" topology with
        | replica.replica-serve-stale-data | no |
      When "replica-1" is isolated
      And a client sends "CLIENT KILL TYPE replica" to the master
      And a client sends "CLIENT KILL TYPE master" to "replica-1"
      Then within 5 seconds "replica-1" answers "GET page" with "MASTERDOWN Link with MASTER is down"
      And within 5 seconds "replica-1" answers "PING" with "MASTERDOWN"

    @id:ping-is-answered @claim:REPL-STALE @until:redis-6.2
    Scenario: Up to 6.2 such a replica answers PING as if nothing were wrong
      Given the "replication" topology with
        | replica.replica-serve-stale-data | no |
      When "replica-1" is isolated
      And a client sends "CLIENT KILL TYPE replica" to the master
      And a client sends "CLIENT KILL TYPE master" to "replica-1"
      Then within 5 seconds "replica-1" answers "GET page" with "MASTERDOWN Link with MASTER is down"
      And within 5 seconds "replica-1" answers "PING" with "PONG"

  Rule: A replica does not expire keys by itself
    It waits for the DEL of its master. Until that comes it keeps the key, and says to readers that there is none.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:expired-but-there
    Scenario: A key whose time is over is hidden by a replica that cannot hear its master, and not removed
      Given the "replication" topology
      When a client sends "SET offer cheap PX 2500" to the master
      And within 2 seconds the keys of "replica-1" are 1
      And "replica-1" is isolated
      Then within 6 seconds the keys of the master are 0
      And within 6 seconds "replica-1" answers "GET offer" with "nil"
      And the keys of "replica-1" are 1
      When "replica-1" is healed
      Then within 15 seconds the keys of "replica-1" are 0

    @id:persist-comes-late @mirror:expired-but-there
    Scenario: A command that comes late is carried out all the same: for the master the key was alive
      A replica does not take its own clock for a reason to doubt what its master sends.
      Given the "replication" topology
      When a client sends "SET offer cheap PX 3000" to the master
      And within 2 seconds the keys of "replica-1" are 1
      And "replica-1" is paused
      And a client sends "PERSIST offer" to the master
      And 4 seconds pass
      And "replica-1" is healed
      Then within 5 seconds "replica-1" answers "TTL offer" with "-1"
      And within 5 seconds "replica-1" answers "GET offer" with "cheap"

  Rule: masterauth is a directive of the replica
    A protected master wants a password from its replicas as from anybody. The replica needs it for itself, in `masterauth`, and so does every master that may become a replica.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:masterauth-is-no-command @claim:REPL-MASTERAUTH-CMD
    Scenario: Sent as a command it is unknown, sent as a directive it is taken
      Given the "replication" topology
      When a client sends "MASTERAUTH secret" to "replica-1"
      Then the reply is the error "ERR unknown command"
      When a client sends "CONFIG SET masterauth secret" to "replica-1"
      Then the reply is "OK"

    @id:a-protected-master @cure @claim:REPL-AUTH
    Scenario: Without a password, and with a wrong one, a replica stays outside; with the right one it is let in
      Nobody but the user copier may copy. The default user keeps all other rights, so that the states can still be asked for.
      Given the "replication" topology
      When a client sends "ACL SETUSER copier on >secret +psync +replconf +ping" to the master
      And a client sends "ACL SETUSER default -psync -sync" to the master
      And a client sends "CONFIG SET masteruser copier" to "replica-1"
      And a client sends "CONFIG SET masterauth guess" to "replica-1"
      And a client sends "CLIENT KILL TYPE replica" to the master
      Then within 5 seconds the connected replicas of the master are 0
      And for 3 seconds the connected replicas of the master stay 0
      And the log of "replica-1" shows
        | (?i)unable to AUTH to (master\|primary): -WRONGPASS |
      And the log of "replica-2" shows
        | NOPERM |
      When a client sends "CONFIG SET masterauth secret" to "replica-1"
      Then within 5 seconds the link to the master of "replica-1" is "up"
      And the link to the master of "replica-2" is "down"
