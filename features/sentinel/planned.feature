@sentinel
Feature: A planned failover under Sentinel
  The master is alive and takes writes, and another server is to be master: for an upgrade, or for work on a host. `SENTINEL FAILOVER` was made for masters that are dead.

  Rule: SENTINEL FAILOVER of a living master loses what is written until the old master is demoted
    The leader promotes a replica and tells the others. It tells the old master nothing: that one is demoted as any master that returns, when it has called itself a master for four hello periods, eight seconds, and an INFO arrives, every ten.
    Until then it acknowledges writes, and what it acknowledges is thrown away when it copies the new master.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:a-living-master-loses @claim:SENT-MANUAL-SDOWN
    Scenario: A client that asks the Sentinels after every error gets no error for ten seconds, and loses them
      Given the "sentinel" topology
      And a client writes every 20 milliseconds through the Sentinels
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      And within 30 seconds every Sentinel reports "+switch-master"
      And within 30 seconds the old master becomes a replica
      And 1 second passes
      And the client stops
      Then at least 450 acknowledged writes are lost
      And at most 650 acknowledged writes are lost
      And within 1 second the new master accepts a write

  Rule: A master whose clients are paused first, and which is demoted by hand, has no writes that could be lost
    `CLIENT PAUSE` with `WRITE` holds writes back, without an error, while the replicas catch up. Whether they have is read off the offsets: what a replica has not read yet when it is promoted is lost, paused or not.
    A client that waits no longer than it has to, and then asks the Sentinels, is at the new master after a second. One that waits without a limit gets an error as soon as the old master is a replica and its pause is ended.
    Source: https://redis.io/docs/latest/commands/client-pause/

    @id:paused-first @cure @claim:SENT-MANUAL-SDOWN @since:redis-6.2
    Scenario: CLIENT PAUSE WRITE, equal offsets, SENTINEL FAILOVER, and the old master demoted by hand: writes wait, and none is lost
      Given the "sentinel" topology
      And a client writes every 20 milliseconds through the Sentinels
      When a client sends "CLIENT PAUSE 60000 WRITE" to the master
      And client "patient" sends "SET waited 1" to the master and waits
      And 1 second passes
      Then the replication offset of every replica equals the replication offset of the master
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      And within 30 seconds every Sentinel reports "+switch-master"
      And the old master starts to replicate the new master
      And 1 second passes
      And the client stops
      And a client sends "CLIENT UNPAUSE" to the old master
      Then within 1 second client "patient" receives "READONLY You can't write against a read only replica."
      And no acknowledged write is lost
      And within 1 second the new master accepts a write
      And writes were refused for at least 200 milliseconds
      And writes were refused for less than 5 seconds

  Rule: A paused master is not demoted by the Sentinels before its pause ends
    Sentinels announce themselves with `PUBLISH`, which is replicated and therefore held back as a write; what they send behind it on that connection, `REPLICAOF` among it, waits as well.
    Source: https://github.com/redis/redis/blob/7.0/src/server.c

    @id:a-pause-holds-the-demotion @claim:SENT-MANUAL-SDOWN @since:redis-6.2
    Scenario: Paused for 25 seconds, the old master is a master for 25 seconds
      Without a pause, in the first scenario, it takes 450 to 650 writes, one every 20 milliseconds, before it is demoted: nine to thirteen seconds.
      Given the "sentinel" topology
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      And within 10 seconds every Sentinel reports "+switch-master"
      And a client sends "CLIENT PAUSE 25000 WRITE" to the old master
      Then between 24.5 and 27 seconds later the old master becomes a replica

  Rule: With COORDINATED, Valkey 9 lets the old master hand over, and no write is lost
    The leader Sentinel sends the old master `FAILOVER` with the address of the chosen replica. The old master pauses its clients' writes, waits until the replica has everything, and becomes a replica itself, before the promotion is announced.
    Plain `SENTINEL FAILOVER` tells the old master nothing until it is demoted.
    Source: https://github.com/valkey-io/valkey/pull/1292

    @id:coordinated-loses-nothing @cure @claim:SENT-MANUAL-SDOWN @since:valkey-9.0
    Scenario: With SENTINEL FAILOVER COORDINATED the old master is demoted before the switch is announced, and no acknowledged write is lost
      Writes wait first, then the old master answers READONLY, until a Sentinel names the new one.
      Given the "sentinel" topology
      And a client writes every 20 milliseconds through the Sentinels
      When a client sends "SENTINEL FAILOVER mymaster COORDINATED" to "sentinel-1"
      And within 30 seconds every Sentinel reports "+switch-master"
      And within 5 seconds the old master becomes a replica
      And 2 seconds pass
      And the client stops
      Then the reply is "OK"
      And no acknowledged write is lost
      And some writes were refused with "READONLY"
      And writes were refused for less than 3 seconds
      And within 1 second the new master accepts a write

    @id:no-coordination @until:valkey-8.1
    Scenario: Redis, and Valkey up to 8.1, refuse the word
      Given the "lone-master" topology
      Then within 1 second "sentinel-1" answers "SENTINEL FAILOVER mymaster COORDINATED" with "rong number of arguments for"
