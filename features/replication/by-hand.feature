@replication
Feature: Failover by hand
  Replication copies; it does not decide. When a master is gone its replicas wait for it, for as long as it takes, and whoever wants another master has to say so: to the replica that shall lead, to the others, to the old master, and to every client.

  Rule: Nothing takes over by itself
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:nobody-takes-over @claim:REPL-NO-AUTO @claim:REPL-AUTO-SWITCH @claim:REPL-SURVIVE @claim:ARCH-TABLE
    Scenario: After the death of the master its replicas stay replicas: they answer reads and refuse writes
      Six seconds is longer than any Sentinel of this book takes to promote one.
      Given the "replication" topology
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "master" is killed
      Then within 2 seconds the link to the master of "replica-1" is "down"
      And within 2 seconds the link to the master of "replica-2" is "down"
      And for 6 seconds no replica becomes master
      And within 7 seconds every replica holds every key that was written
      And every replica refuses a write with "READONLY"

    @id:promoted-by-hand @cure @claim:REPL-NO-AUTO @claim:REPL-SURVIVE @claim:REPL-SLAVEOF-REVERSED
    Scenario: One replica is promoted, the other is pointed at it, and writes are accepted again
      Given the "replication" topology
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "master" is killed
      Then within 2 seconds the link to the master of "replica-1" is "down"
      When "replica-1" stops replicating
      And "replica-2" starts to replicate "replica-1"
      Then within 10 seconds the link to the master of "replica-2" is "up"
      And within 10 seconds "replica-1" accepts a write
      And "replica-2" refuses a write with "READONLY"
      And "replica-2" is a replica

  Rule: NO ONE promotes, an address demotes
    `REPLICAOF` (`SLAVEOF` before 5.0, and still understood) says what its receiver is to do from now on. It tells nobody else.
    Source: https://redis.io/docs/latest/commands/replicaof/

    @id:no-one-does-not-close-a-master @claim:REPL-SLAVEOF-REVERSED
    Scenario: SLAVEOF NO ONE leaves a master what it is, and it goes on taking writes
      Given the "replication" topology
      When a client sends "SLAVEOF NO ONE" to "master"
      Then the reply is "OK"
      And "master" is master
      And within 1 second "master" accepts a write

    @id:two-masters-by-hand @claim:REPL-SLAVEOF-REVERSED
    Scenario: SLAVEOF NO ONE makes a replica a master, and there are two that take writes
      Given the "replication" topology
      When a client sends "SLAVEOF NO ONE" to "replica-1"
      Then within 2 seconds "replica-1" becomes master
      And "master" is master
      And within 2 seconds "replica-1" accepts a write
      And within 2 seconds "master" accepts a write

    @id:the-second-master-is-led-back @cure @claim:REPL-SLAVEOF-REVERSED
    Scenario: The replica that was promoted by mistake is pointed at the master again, and what only it had is gone
      Given the "replication" topology
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When a client sends "REPLICAOF NO ONE" to "replica-1"
      And a client sends "SET written:here 1" to "replica-1"
      Then "replica-1" is master
      And the keys of "replica-1" are 54
      When "replica-1" starts to replicate "master"
      Then within 10 seconds the link to the master of "replica-1" is "up"
      And within 10 seconds "replica-1" holds every key that was written
      And "replica-1" refuses a write with "READONLY"

    @id:an-address-demotes @claim:REPL-SLAVEOF-REVERSED @claim:REPL-OLDMASTER-RESYNC
    Scenario: A master that is given an address becomes a replica, and what only it had vanishes
      Given the "replication" topology
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "replica-1" stops replicating
      And a client sends "SET written:late 1" to "master"
      And "master" starts to replicate "replica-1"
      Then within 10 seconds the link to the master of "master" is "up"
      And within 10 seconds "master" holds every key that was written
      And "master" refuses a write with "READONLY"
      And the full synchronisations of "replica-1" are 1

    @id:who-waits-is-told
    Scenario: A client that waits in BLPOP while its master becomes a replica is told, and does not wait for ever
      Given the "replication" topology
      And client "worker" sends "BLPOP jobs 0" to "master" and waits
      When "replica-1" stops replicating
      And "master" starts to replicate "replica-1"
      Then within 5 seconds client "worker" receives "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)"

  Rule: FAILOVER changes places without losing a write
    Since 6.2 a master can be asked to hand over. It pauses its clients, waits until the replica has everything, lets it take over, and becomes its replica.
    Source: https://redis.io/docs/latest/commands/failover/

    @id:failover-hands-over @claim:REPL-SLAVEOF-REVERSED @claim:REPL-OLDMASTER-RESYNC @since:redis-6.2
    Scenario: FAILOVER moves the role to a replica while a client writes, and no acknowledged write is lost
      A client that still talks to the old master is refused with READONLY: FAILOVER tells it nothing. The other replica keeps following the old master, as a replica of a replica.
      Given the "replication" topology
      And a client writes every 10 milliseconds through "master"
      When a client sends "FAILOVER" to "master"
      Then within 5 seconds a replica becomes master
      And within 5 seconds "master" becomes replica
      When within 5 seconds the link to the master of "master" is "up"
      And the client stops
      Then no acknowledged write is lost
      And some writes were refused with "READONLY"
      And the accepted partial resynchronisations of the master are 1
      And the full synchronisations of the master are 0

    @id:failover-needs-replicas-that-caught-up @claim:REPL-SLAVEOF-REVERSED @since:redis-6.2
    Scenario: A master without replicas refuses to fail over
      Given the "standalone" topology
      When a client sends "FAILOVER" to the master
      Then the reply is the error "ERR FAILOVER requires connected replicas"
      And the master is master

    @id:no-failover-by-command @claim:REPL-SLAVEOF-REVERSED @until:redis-6.0
    Scenario: Redis 6.0 does not know the command
      Given the "replication" topology
      When a client sends "FAILOVER" to the master
      Then the reply is the error "ERR unknown command"
      And the master is master

    @id:failover-gives-up @since:redis-6.2
    Scenario: With TIMEOUT, a master whose replicas do not catch up gives up, and takes writes again
      Until then its clients are paused.
      Given the "replication" topology
      When "replica-1" and "replica-2" are paused
      And a client sends "SET page hello" to the master
      And a client sends "FAILOVER TIMEOUT 2000" to the master
      Then within 6 seconds the log of the master shows "Replica never caught up before timeout"
      And within 6 seconds the master accepts a write
      And the master is master

  Rule: Siblings of a promoted replica need not copy everything
    A promoted replica keeps the old history's name as its second id. Siblings that stood at the same place in it, or behind, continue.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:siblings-continue @claim:REPL-SIBLING-FULL @claim:REPL-RUNID-REPLID @mirror:a-sibling-that-is-ahead-copies-everything @needs:fork-count
    Scenario: After a promotion the other replica continues: one partial resynchronisation, no full one
      It asks a server whose run id it has never heard of: what has to match is the replication id. The master's PING, a part of the stream, is kept out, so that both replicas stand at the same offset.
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "master" is killed
      And "replica-1" stops replicating
      And "replica-2" starts to replicate "replica-1"
      Then within 10 seconds the accepted partial resynchronisations of "replica-1" are 1
      And the full synchronisations of "replica-1" are 0
      And the forks of "replica-1" have not changed
      And within 10 seconds "replica-2" holds every key that was written

    @id:a-sibling-that-is-ahead-copies-everything @claim:REPL-SIBLING-FULL
    Scenario: A sibling that has more of the old history than the promoted replica has to copy everything
      The wrong one was promoted: replica-1 was cut off before the last writes. Whether the old master still lives makes no difference to the two.
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "replica-1" is isolated
      And a client sends "SET written:late 1" to "master"
      And within 2 seconds the keys of "replica-2" are 101
      And "replica-1" stops replicating
      And "replica-1" is healed
      And "replica-2" starts to replicate "replica-1"
      Then within 10 seconds the full synchronisations of "replica-1" are 1
      And the accepted partial resynchronisations of "replica-1" are 0
      And within 10 seconds "replica-2" holds every key that was written

    @id:a-sibling-beyond-the-fork @claim:REPL-SIBLING-FULL
    Scenario: A sibling that is ahead is refused too when the promoted replica has written more than that meanwhile
      Its offset lies in the backlog by then. But up to there the two have not seen the same: the second id holds up to the promotion only.
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "replica-1" is isolated
      And a client sends "SET only:old 1" to "master"
      And within 2 seconds the keys of "replica-2" are 101
      And "replica-1" stops replicating
      And a client sends "SET only:new 1" 20 times to "replica-1"
      And "replica-1" is healed
      And "replica-2" starts to replicate "replica-1"
      Then within 10 seconds the full synchronisations of "replica-1" are 1
      And the accepted partial resynchronisations of "replica-1" are 0
      And within 10 seconds "replica-2" answers "EXISTS only:old" with "0"
      And within 10 seconds "replica-2" answers "EXISTS only:new" with "1"

  Rule: min-replicas-to-write counts the replicas that are there, and a master with fewer refuses every write
    It is off (0) unless set, with a lag of 10 seconds. As many as there are replicas is accepted; with one fewer the restart of a replica does not stop the writes.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:three-of-two @claim:REPL-MIN-SLAVES-3
    Scenario: With two replicas and min-replicas-to-write 3 every write is refused, in the best of health
      Given the "replication" topology
      When a client sends "CONFIG GET min-replicas-*" to the master
      Then the reply has the pairs
        | min-replicas-to-write | 0  |
        | min-replicas-max-lag  | 10 |
      And within 2 seconds the master accepts a write
      When a client sends "CONFIG SET min-replicas-to-write 3" to the master
      Then the connected replicas of the master are 2
      And the master refuses a write with "NOREPLICAS"
      When a client sends "CONFIG SET min-replicas-to-write 2" to the master
      Then within 2 seconds the master accepts a write

  Rule: Two masters that are told to follow each other are two replicas
    Redis has no replication in both directions. A server follows one master or none, and a server that follows one takes no writes. Since 7.0 a master that becomes a replica keeps its own replicas connected. Each of the two then finds the other's history to be its own, so both links are up,
    and no probe that asks for the link finds anything wrong. Up to 6.2 it disconnects them first; then each refuses the other, since its own link is down, and both links stay down.
    Source: https://github.com/redis/redis/blob/6.2/src/replication.c

    @id:two-that-follow-each-other @since:redis-7.0
    Scenario: Both are replicas, both links are up, and neither takes a write
      Given the "replication" topology
      And a client writes 20 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "master" starts to replicate "replica-1"
      Then within 5 seconds "master" becomes replica
      And within 5 seconds the link to the master of "master" is "up"
      And within 5 seconds the link to the master of "replica-1" is "up"
      And "master" refuses a write with "READONLY"
      And "replica-1" refuses a write with "READONLY"
      And the keys of "master" are 20
      When "replica-1" stops replicating
      Then within 5 seconds "replica-1" accepts a write
      And within 5 seconds the link to the master of "master" is "up"

    @id:two-that-refuse-each-other @until:redis-6.2
    Scenario: Up to 6.2 both are replicas, both links stay down, and neither takes a write
      Given the "replication" topology
      And a client writes 20 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "master" starts to replicate "replica-1"
      And 2 seconds pass
      Then for 5 seconds the link to the master of "master" stays "down"
      And for 5 seconds the link to the master of "replica-1" stays "down"
      And "master" refuses a write with "READONLY"
      And "replica-1" refuses a write with "READONLY"
      And within 6 seconds the log of "master" shows "NOMASTERLINK"
      When "replica-1" stops replicating
      Then within 5 seconds "replica-1" accepts a write
      And within 5 seconds the link to the master of "master" is "up"
