@sentinel
Feature: A planned failover under Sentinel
  The master is alive and takes writes, and another server is to be master: for an upgrade, or for work on a host.

  Rule: With COORDINATED, Valkey 9 lets the old master hand over, and no write is lost
    The leader Sentinel sends the old master `FAILOVER` with the address of the chosen replica. The old master pauses its clients' writes, waits until the replica has everything, and becomes a replica itself, before the promotion is announced.
    Plain `SENTINEL FAILOVER` tells the old master nothing until it is demoted.
    Source: https://github.com/valkey-io/valkey/pull/1292

    @id:coordinated-loses-nothing @claim:SENT-MANUAL-SDOWN @since:valkey-9.0
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
