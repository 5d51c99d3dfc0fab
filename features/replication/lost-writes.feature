@replication
Feature: Lost writes
  What `OK` means. A client writes a number every ten milliseconds, each a write of its own, through all that happens; in the end every write that was acknowledged is looked for on the node that is master then.

  Rule: A master says OK before any replica has the write
    Replication is asynchronous. A master that is cut off from its replicas goes on acknowledging writes, and once a replica has been promoted nobody will ever see them. Were the network healed before the promotion, the replica would catch up from the backlog and nothing would be lost.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:an-isolated-master-loses-what-it-acknowledged @claim:REPL-WRITE-LAG @claim:REPL-REALTIME @claim:REPL-OLDMASTER-RESYNC
    Scenario: A master without its replicas acknowledges writes for three seconds, and all of them are lost
      Given the "replication" topology
      And a client writes 1 keys to the master
      And within 5 seconds every replica holds every key that was written
      And a client writes every 10 milliseconds through "master" and reads from the replicas
      When "master" is isolated
      And 3 seconds pass
      And the client stops
      And "replica-1" stops replicating
      And "master" is healed
      And "master" starts to replicate "replica-1"
      Then between 290 and 430 acknowledged writes are lost
      And some reads were stale
      And writes were refused for less than 1 second

    @id:a-killed-master-and-its-writes @claim:REPL-SURVIVE
    Scenario: When a master is killed and a Sentinel failover follows, what is lost is the replica's lag, and for seconds no write is accepted
      Writes reach the replicas at once on an idle host, and later on one that is not. What a kill costs is what had not left the master yet, and the time until
      there is a new one. A hundred writes are those of a second.
      Given the "sentinel" topology
      And a client writes every 10 milliseconds through the Sentinels
      When the master is killed
      And within 20 seconds the client's writes are acknowledged again
      And 1 second passes
      And the client stops
      Then at most 100 acknowledged writes are lost
      And writes were refused for at least 2 seconds
      And writes were refused for less than 15 seconds

  Rule: min-replicas-to-write bounds the loss, and does not prevent it
    A master that has heard from too few replicas within `min-replicas-max-lag` seconds refuses writes. Until those seconds are over it acknowledges, and loses, as before.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:without-min-replicas-everything-is-lost @claim:REPL-WRITE-LAG
    Scenario: Without it an isolated master loses whatever it acknowledges, for as long as it is isolated
      Given the "replication" topology
      And a client writes 1 keys to the master
      And within 5 seconds every replica holds every key that was written
      And a client writes every 10 milliseconds through "master"
      When "master" is isolated
      And 7 seconds pass
      And the client stops
      And "replica-1" stops replicating
      And "master" is healed
      And "master" starts to replicate "replica-1"
      Then at least 550 acknowledged writes are lost

    @id:min-replicas-bounds-the-loss @claim:REPL-MIN-SLAVES @claim:REPL-MIN-SLAVES-STRONG
    Scenario: With it the isolated master stops after one to four seconds: some writes are lost, the rest is refused
      Given the "replication" topology with
        | master.min-replicas-to-write | 1 |
        | master.min-replicas-max-lag  | 2 |
      And a client writes 1 keys to the master
      And within 5 seconds every replica holds every key that was written
      And a client writes every 10 milliseconds through "master"
      When "master" is isolated
      And 7 seconds pass
      And the client stops
      And "replica-1" stops replicating
      And "master" is healed
      And "master" starts to replicate "replica-1"
      Then between 90 and 450 acknowledged writes are lost
      And some writes were refused with "NOREPLICAS"

    @id:the-lag-that-is-allowed @claim:REPL-MIN-SLAVES
    Scenario: Replicas that are silent for longer than min-replicas-max-lag do not count, a second or two after it
      Given the "replication" topology with
        | master.min-replicas-to-write | 1 |
        | master.min-replicas-max-lag  | 6 |
      When "replica-1" and "replica-2" are paused
      Then within 1 second the master accepts a write
      And between 4.5 and 8.5 seconds later the master answers "SET page hello" with "NOREPLICAS"

    @id:a-replica-that-comes-back @cure @claim:REPL-MIN-SLAVES
    Scenario: When one of two dead replicas is started again, the master takes writes
      Given the "replication" topology with
        | master.min-replicas-to-write | 1 |
        | master.min-replicas-max-lag  | 2 |
      And a client writes 53 keys to the master
      When "replica-1" and "replica-2" are killed
      Then within 8 seconds the master answers "DEL nothing" with "NOREPLICAS"
      When "replica-1" is started again
      And within 8 seconds "replica-1" holds every key that was written
      Then within 8 seconds the master answers "DEL nothing" with "0"
      And within 8 seconds the master accepts a write

  Rule: WAIT tells the client which writes a replica has
    A client that sends WAIT after each write, and trusts only those that a replica has confirmed, knows of no write that the promotion of that replica would lose. The others are on the master all the same: WAIT takes nothing back.
    Source: https://redis.io/docs/latest/commands/wait/

    @id:a-client-that-waits-is-told-the-truth @claim:REPL-WAIT @mirror:without-wait-they-are-lost
    Scenario: Of the writes that two replicas have confirmed, none is lost
      Given the "replication" topology
      And a client writes 1 keys to the master
      And within 5 seconds every replica holds every key that was written
      And a client writes every 10 milliseconds through "master" and waits for 2 replicas
      When "master" is isolated
      And 3 seconds pass
      And the client stops
      And "replica-1" stops replicating
      And "master" is healed
      And "master" starts to replicate "replica-1"
      Then no acknowledged write is lost
      And no write was executed twice
      And some writes were refused with "WAIT: confirmed by 0 of 2 replicas"

    @id:without-wait-they-are-lost
    Scenario: The same client without WAIT is told that all is well, and loses its writes
      Given the "replication" topology
      And a client writes 1 keys to the master
      And within 5 seconds every replica holds every key that was written
      And a client writes every 10 milliseconds through "master"
      When "master" is isolated
      And 3 seconds pass
      And the client stops
      And "replica-1" stops replicating
      And "master" is healed
      And "master" starts to replicate "replica-1"
      Then some acknowledged writes are lost

  Rule: A master that is shut down waits for its replicas
    Since 7.0: it stops taking writes and waits until every replica has all of them, for `shutdown-timeout` (10 s) at most.
    Source: https://redis.io/docs/latest/commands/shutdown/

    @id:a-shutdown-waits-for-replicas @since:redis-7.0
    Scenario: A replica that is frozen when the master is shut down has every write once it is thawed
      Given the "replication" topology
      When "replica-1" is paused
      And a client sends "SET page hello" to the master
      And client "operator" sends "SHUTDOWN NOSAVE" to the master and waits
      Then within 2 seconds the log of the master shows "Waiting for replicas before shutting down"
      When 3 seconds pass
      Then within 1 second the master accepts connections
      When "replica-1" is healed
      Then within 1 second "replica-1" answers "GET page" with "hello"
      And the master exits with status 0
      And the log of the master shows
        | 2 of 2 replicas are in sync when shutting down |
