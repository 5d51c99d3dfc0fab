@sentinel
Feature: Clients of a Sentinel deployment
  Sentinel moves the master. It does not move the clients: they have to ask, and to ask again.

  Rule: A client asks a Sentinel for the master by its name, and talks to the master directly
    Source: https://redis.io/docs/latest/develop/reference/sentinel-clients/

    @id:the-name-of-the-master @claim:SENT-GET-MASTER
    Scenario: The same question has another answer after a failover
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When the master is killed
      Then within 1 second every Sentinel names the old master as "mymaster"
      And within 30 seconds every Sentinel names the new master as "mymaster"

    @id:an-unknown-name @claim:SENT-GET-MASTER
    Scenario: A name that no Sentinel knows is answered with nil, not with an error
      A client that was configured with a mistyped name finds no master, and no error says why.
      Given the "lone-master" topology
      When a client sends "SENTINEL get-master-addr-by-name mymastr" to "sentinel-1"
      Then the reply is "(nil)"

    @id:a-sentinel-holds-no-data @claim:SENT-RW-UNSOLVED
    Scenario: A Sentinel is no proxy: it knows no command for data
      Given the "lone-master" topology
      When a client sends "GET page" to "sentinel-1"
      Then the reply is the error "ERR unknown command"

    @id:the-list-of-replicas @claim:SENT-LIST-REPLICAS
    Scenario: Sentinel lists the replicas too, the old master among them
      The flags say what the Sentinel thinks of each: a client that reads from replicas leaves out those that are down.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
        | replica-2.replica-priority         | 0    |
      When the master is killed
      Then within 1 second every Sentinel lists the replicas of "mymaster"
        | replica-1 | slave |
        | replica-2 | slave |
      And within 30 seconds every Sentinel lists the replicas of "mymaster"
        | replica-2      | slave                     |
        | the old master | s_down,slave,disconnected |

    @id:an-unannounced-replica @since:redis-6.2
    Scenario: With replica-announced no a replica is watched, and not told to clients
      Given the "sentinel" topology with
        | replica-2.replica-announced | no |
      Then within 15 seconds every Sentinel lists the replicas of "mymaster"
        | replica-1 | slave |
      And within 15 seconds "sentinel-1" answers "INFO sentinel" with "slaves=2,sentinels=3"

  Rule: No server redirects a client that stayed with the old address, unless the client has asked for it
    Redis has no such request. Valkey has one since 8.0, `CLIENT CAPA redirect`, which a living replica honours; a dead server redirects nobody.
    Source: https://redis.io/docs/latest/develop/reference/sentinel-clients/

    @id:a-dead-master-redirects-nobody @claim:SENT-CLIENT-REDIRECT
    Scenario: A dead master refuses connections, before the failover and after it
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When the master is killed
      Then within 1 second the old master refuses connections
      And within 30 seconds every Sentinel reports "+switch-master"
      And within 30 seconds the old master refuses connections

    @id:a-demoted-master-says-readonly @claim:SENT-CLIENT-REDIRECT @claim:SENT-MANUAL-SDOWN @needs:sentinel-debug
    Scenario: A demoted master answers READONLY, without a word about where the master is
      The failover is ordered by hand, with the master alive and well: no Sentinel has found anybody down.
      Given the "sentinel" topology
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      Then within 15 seconds the old master becomes a replica
      And the old master refuses a write with "READONLY You can't write against a read only replica."
      And for 5 seconds no Sentinel reports "+sdown"

    @id:a-client-that-asks-is-not-redirected @claim:SENT-CLIENT-REDIRECT @since:redis-2.8 @until:valkey-7.2
    Scenario: A replica of Redis does not know the request, and refuses the write
      Given the "replication" topology
      Then a client of "replica-1" is answered
        | CLIENT CAPA redirect | /(?i)unknown subcommand/                                 |
        | SET page 1           | READONLY You can't write against a read only replica. |

    @id:a-client-that-asks-is-redirected @claim:SENT-CLIENT-REDIRECT @since:valkey-8.0
    Scenario: A replica of Valkey names its master to a client that has said CLIENT CAPA redirect, and to no other
      Given the "replication" topology
      Then a client of "replica-1" is answered
        | SET page 1           | READONLY You can't write against a read only replica. |
        | CLIENT CAPA redirect | OK                                                    |
        | SET page 1           | REDIRECT <master>                                     |
        | GET page             | REDIRECT <master>                                     |

  Rule: Every Sentinel announces the switch, so a client may listen to any
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#pubsub-messages

    @id:five-words @claim:SENT-SWITCH-EVENT
    Scenario: +switch-master has five words: the name, the old address, the new address
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When the master is killed
      Then within 30 seconds every Sentinel reports the switch of "mymaster" from the old master to the new master

    @id:the-others-learn-by-hello @claim:SENT-SWITCH-EVENT @claim:SENT-MANUAL-SDOWN
    Scenario: The Sentinels that did not lead take the new address from the leader's hello
      Given the "sentinel" topology
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      Then within 15 seconds "sentinel-2" reports, in order
        | +config-update-from |
        | +switch-master      |
      And within 15 seconds "sentinel-3" reports, in order
        | +config-update-from |
        | +switch-master      |
      And within 15 seconds "sentinel-1" reports, in order
        | +try-failover    |
        | +elected-leader  |
        | +selected-slave  |
        | +promoted-slave  |
        | +switch-master   |
      And for 1 second "sentinel-1" does not report "+config-update-from"

    @id:a-program-that-listens @claim:SENT-NOTIFY-API
    Scenario: A program that subscribes to everything hears of the trouble before the failover
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And client "pager" listens to the pattern "*" of "sentinel-3"
      When the master is killed
      Then within 10 seconds client "pager" receives a message with "+sdown master mymaster"
      And within 30 seconds client "pager" receives a message with "+switch-master mymaster"

  Rule: A client that asks again after an error goes on by itself
    Writes fail for as long as there is no master, then the Sentinels name the new one. Nobody restarts the application.
    Source: https://redis.io/docs/latest/develop/reference/sentinel-clients/

    @id:asks-again @claim:SENT-CLIENT-STEPS @claim:SENT-OUTAGE-2-10S
    Scenario Outline: The outage is down-after-milliseconds and at most three seconds: with <down-after> ms, <least> to <most> seconds
      Only the first Sentinel is impatient, so that no election is lost.
      Given the "sentinel" topology with
        | quorum                             | 1            |
        | sentinel-1.down-after-milliseconds | <down-after> |
        | sentinel-2.down-after-milliseconds | 60000        |
        | sentinel-3.down-after-milliseconds | 60000        |
      And a client writes every 10 milliseconds through the Sentinels
      When the master is killed
      And within 30 seconds the client's writes are acknowledged again
      And 1 second passes
      And the client stops
      Then writes were refused for between <least> and <most> seconds

      Examples:
        | down-after | least | most |
        | 2000       | 2     | 5    |
        | 6000       | 6     | 9    |

    @id:never-asks-again @claim:SENT-CLIENT-STEPS
    Scenario: A client that asked once goes on writing to nobody, for ever
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client writes every 10 milliseconds through the Sentinels, asked once
      When the master is killed
      And within 30 seconds every Sentinel reports "+switch-master"
      And 4 seconds pass
      And the client stops
      Then within 1 second the new master accepts a write
      And writes were refused for at least 6 seconds

    @id:the-first-sentinel-is-dead @claim:SENT-CLIENT-RANDOM @claim:SENT-CLIENT-STEPS
    Scenario: The first Sentinel of the list is dead, and the next one is asked
      Given the "sentinel" topology with
        | down-after-milliseconds            | 2000 |
        | sentinel-3.down-after-milliseconds | 2500 |
        | failover-timeout                   | 4000 |
      And a client writes every 10 milliseconds through the Sentinels
      When "sentinel-1" is killed
      And the master is killed
      And within 30 seconds the client's writes are acknowledged again
      And 1 second passes
      And the client stops
      Then writes were refused for at least 2 seconds
      And writes were refused for less than 20 seconds
      And within 5 seconds "sentinel-2" answers "SENTINEL CKQUORUM mymaster" with "OK 2 usable Sentinels"

  Rule: A client library asks the Sentinels when it is asked for a connection, and only then
    The Sentinel client of the redis crate for Rust (1.x) asks the Sentinels in turn, connects to whom they name and checks by ROLE that it is a master. The connection it gives is one to that server, and
    stays one: after an error the application has to ask for another. Clients of other languages hide this to different degrees; which errors make them ask again is what to look for in yours.
    Source: https://docs.rs/redis/latest/redis/sentinel/index.html

    @id:a-library-asked-again @claim:SENT-CLIENT-STEPS
    Scenario: An application that asks the library for a new connection after every error is through when the failover is
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client writes every 20 milliseconds through the redis crate's Sentinel client
      When the master is killed
      And within 30 seconds the client's writes are acknowledged again
      And 1 second passes
      And the client stops
      Then writes were refused for at least 2 seconds
      And writes were refused for less than 15 seconds

    @id:a-library-asked-once @claim:SENT-CLIENT-STEPS
    Scenario: An application that keeps its connection never writes again, though the library could tell it where
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And a client writes every 20 milliseconds through one connection of the redis crate's Sentinel client
      When the master is killed
      And within 30 seconds every Sentinel reports "+switch-master"
      And 4 seconds pass
      And the client stops
      Then within 1 second the new master accepts a write
      And writes were refused for at least 6 seconds

  Rule: Replicas serve reads, and one server takes all writes
    Sentinel splits nothing by itself: who reads from replicas reads, a little later, what one master has written.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:replicas-read-and-do-not-write @claim:SENT-SLAVES-IDLE @claim:SENT-LINEAR @claim:ARCH-TABLE
    Scenario: Every replica answers reads and refuses writes: three servers read, one writes
      Given the "sentinel" topology
      When a client sends "SET page hello" to the master
      Then within 5 seconds every replica answers "GET page" with "hello"
      And every replica refuses a write with "READONLY"

    @id:transactions-stay-whole @claim:SENT-TX @claim:ARCH-TREE-MULTIKEY
    Scenario: With one master, a transaction takes any keys
      In a Cluster these two keys would lie on different nodes.
      Given the "sentinel" topology
      When a client sends "MULTI" to the master
      And a client sends "INCRBY account:anna 90" to the master
      And a client sends "DECRBY account:ben 90" to the master
      And a client sends "EXEC" to the master
      Then the reply contains "-90"
      And within 5 seconds every replica answers "MGET account:anna account:ben" with "-90"
