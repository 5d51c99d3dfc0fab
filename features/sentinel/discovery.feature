@sentinel
Feature: Discovery
  A Sentinel is told one address, that of the master. The replicas it learns from the master's INFO, the other Sentinels from what they publish on the master and on its replicas.

  Rule: Every Sentinel publishes a hello on every master and replica, and subscribes to the others'
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinels-and-replicas-auto-discovery

    @id:the-hello @claim:SENT-HELLO
    Scenario: Eight fields: who I am, where, in which epoch; which master I follow, where, since which epoch
      Given the "lone-master" topology
      And the traffic between "sentinel-1" and the master is captured
      When "sentinel-1" is killed
      And "sentinel-1" is started again
      Then within 10 seconds "sentinel-1" and the master exchange, in order
        | sentinel-1 | (connects)                                                                                   |
        | sentinel-1 | SUBSCRIBE __sentinel__:hello                                                                 |
        | master     | subscribe __sentinel__:hello                                                                 |
        | sentinel-1 | /PUBLISH __sentinel__:hello [0-9.]+,26379,[0-9a-f]{40},[0-9]+,mymaster,[0-9.]+,6379,[0-9]+$/ |
        | master     | /message __sentinel__:hello [0-9.]+,26379,[0-9a-f]{40},[0-9]+,mymaster,[0-9.]+,6379,[0-9]+$/ |

    @id:on-replicas-too @claim:SENT-HELLO
    Scenario: The same goes out on each replica, every two seconds
      Given the "sentinel" topology
      And the traffic between "sentinel-1" and "replica-1" is captured
      When 1 second passes
      Then within 20 seconds "sentinel-1" sends "PUBLISH __sentinel__:hello" to "replica-1" 4 times, between 1.9 and 2.6 seconds apart
      And within 20 seconds "sentinel-1" sends "PING" to "replica-1" 5 times, between 0.9 and 1.35 seconds apart

    @id:by-hello-alone @claim:SENT-DISCOVERY @claim:SENT-GOSSIP @needs:sentinel-debug
    Scenario: A Sentinel that has forgotten everybody finds the replicas by itself and the other Sentinels by their hellos
      While nobody may PUBLISH, it finds the replicas and no Sentinel.
      Given the "sentinel" topology
      And the Sentinel timers
        | info-period | 1000 |
      When a client sends "ACL SETUSER default -publish" to every node
      And a client sends "SENTINEL RESET mymaster" to "sentinel-1"
      And 6 seconds pass
      Then within 1 second "sentinel-1" answers "INFO sentinel" with "slaves=2,sentinels=1"
      When a client sends "ACL SETUSER default +publish" to every node
      Then within 10 seconds "sentinel-1" answers "INFO sentinel" with "slaves=2,sentinels=3"
      And within 10 seconds "sentinel-1" reports "+sentinel"

  Rule: A Sentinel learns the replicas from the master, every ten seconds, and from nobody else
    A master that dies before a new Sentinel has read its INFO a second time takes the list with it. Every attempt of that Sentinel then ends with `-failover-abort-no-good-slave`, and no time heals it: the replicas are alive, and it does not know of them.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:a-young-group-does-not-fail-over @claim:SENT-DISCOVERY
    Scenario: Three new Sentinels find a master without replicas; the replicas come, and the master dies: there is no failover, however long one waits
      Given the "sentinel" topology with
        | down-after-milliseconds | 1000 |
        | failover-timeout        | 2000 |
      When "replica-1" and "replica-2" are killed
      And "sentinel-1" starts again with empty data
      And "sentinel-2" starts again with empty data
      And "sentinel-3" starts again with empty data
      And 2 seconds pass
      And "replica-1" and "replica-2" are started again
      And within 4 seconds the connected replicas of the master are 2
      And 1 second passes
      And the master is killed
      Then within 15 seconds the Sentinels report, in order
        | +odown                        |
        | +elected-leader               |
        | -failover-abort-no-good-slave |
      And within 15 seconds every Sentinel answers "INFO sentinel" with "slaves=0"
      And for 12 seconds no replica becomes master

    @id:a-young-group-is-told @cure @claim:SENT-DISCOVERY
    Scenario: A replica is promoted by hand, and all three Sentinels are told of it
      Given the "sentinel" topology with
        | down-after-milliseconds | 1000 |
        | failover-timeout        | 2000 |
      When "replica-1" and "replica-2" are killed
      And "sentinel-1" starts again with empty data
      And "sentinel-2" starts again with empty data
      And "sentinel-3" starts again with empty data
      And 2 seconds pass
      And "replica-1" and "replica-2" are started again
      And within 4 seconds the connected replicas of the master are 2
      And 1 second passes
      And a client writes 53 keys to the master
      And within 5 seconds "replica-1" holds every key that was written
      And the master is killed
      Then within 15 seconds the Sentinels report, in order
        | +odown                        |
        | -failover-abort-no-good-slave |
      When "replica-1" stops replicating
      And "replica-2" starts to replicate "replica-1"
      And a client sends "SENTINEL REMOVE mymaster" to every Sentinel
      And a client sends "SENTINEL MONITOR mymaster <replica-1 ip> 6379 2" to every Sentinel
      Then within 15 seconds every Sentinel says of "mymaster"
        | flags               | master |
        | num-slaves          | 1      |
        | num-other-sentinels | 2      |
      And within 15 seconds every Sentinel names "replica-1" as "mymaster"
      And the keys of "replica-1" are 53

  Rule: A Sentinel that lost its file takes the place of its former self, as long as its address is the same
    A fresh file means a new id. The other Sentinels find a known address under an unknown id in a hello, and drop the old entry. If the address is new as well, the old entry stays.
    Source: https://github.com/redis/redis/blob/7.0.15/src/sentinel.c

    @id:a-fresh-file-at-the-same-address @claim:SENT-DISCOVERY @since:redis-7.0
    Scenario: A Sentinel that starts again without its state is counted once, not twice
      Given the "sentinel" topology
      When "sentinel-3" starts again with empty data
      Then within 15 seconds "sentinel-1" and "sentinel-2" report "+sentinel-invalid-addr"
      And within 15 seconds "sentinel-1" says of "mymaster"
        | num-other-sentinels | 2 |
      And within 15 seconds "sentinel-1" and "sentinel-2" answer "SENTINEL CKQUORUM mymaster" with "OK 3 usable Sentinels"

  Rule: An epoch orders configurations
    A failover's epoch becomes the epoch of the configuration it made. A Sentinel that hears of a configuration with a higher epoch takes it over.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:epoch-zero-then-one @claim:SENT-CONFIG-EPOCH @claim:SENT-HELLO
    Scenario: The first failover makes configuration 1 of configuration 0, and hellos carry it to the others
      "sentinel-2" neither led nor saw the master die: it learns where the master is from a hello, because 1 is more than 0.
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
      And the traffic between "sentinel-2" and "sentinel-1" is captured
      When a client sends "SENTINEL MASTER mymaster" to "sentinel-2"
      Then the reply has the pairs
        | config-epoch | 0 |
      When the master is killed
      And within 30 seconds "sentinel-2" reports "+switch-master"
      And a client sends "SENTINEL MASTER mymaster" to "sentinel-2"
      Then the reply has the pairs
        | config-epoch | 1 |
      And within 30 seconds "sentinel-2" reports, in order
        | +vote-for-leader    |
        | +config-update-from |
        | +switch-master      |
      And within 30 seconds "sentinel-1" and "sentinel-2" exchange, in order
        | sentinel-1 | /PUBLISH __sentinel__:hello .*,mymaster,[0-9.]+,6379,0$/ |
        | sentinel-1 | /PUBLISH __sentinel__:hello .*,mymaster,[0-9.]+,6379,1$/ |

    @id:an-epoch-spreads @claim:SENT-HELLO
    Scenario: Whoever hears of a higher epoch counts on from there
      Only "sentinel-1" was asked for a vote. The others take the epoch from its next hello, so that none of them stands in an epoch that is over.
      Given the "lone-master" topology
      When candidate "alice" asks "sentinel-1" for its vote in epoch 5
      Then within 10 seconds "sentinel-2" and "sentinel-3" report "+new-epoch" with "5"

  Rule: A new Sentinel that is given the address of a dead former master stays alone
    The others publish their hellos on the promoted server, and send them to the Sentinels that they know. A Sentinel on a new host, with the address from before the failover in its file, hears none of them: it reports the dead master for ever, and has no
    vote about the new one. A Sentinel that comes back at an address that the others know is put right by them.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#configuration-propagation

    @id:the-old-address-in-a-new-file @cure @claim:SENT-CONFIG-FILE
    Scenario: After a failover a new Sentinel with the first address in its file watches the dead master, until it is told of the new one
      The others have forgotten the former third Sentinel, so that the new one in its place is a stranger to them.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 1000  |
        | sentinel-2.down-after-milliseconds | 1500  |
        | sentinel-3.down-after-milliseconds | 2000  |
        | failover-timeout                   | 4000  |
        | replica-1.replica-priority         | 1     |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "master" is killed
      And within 30 seconds every Sentinel reports "+switch-master"
      And "sentinel-3" is killed
      And a client sends "SENTINEL RESET mymaster" to "sentinel-1" and "sentinel-2"
      And "sentinel-3" starts again with empty data
      And 6 seconds pass
      Then within 1 second "sentinel-1" and "sentinel-2" name "replica-1" as "mymaster"
      And within 1 second "sentinel-3" names "master" as "mymaster"
      And within 1 second "sentinel-3" answers "INFO sentinel" with "slaves=0,sentinels=1"
      When a client sends "SENTINEL REMOVE mymaster" to "sentinel-3"
      And a client sends "SENTINEL MONITOR mymaster <replica-1 ip> 6379 2" to "sentinel-3"
      Then within 15 seconds "sentinel-3" says of "mymaster"
        | flags               | master |
        | num-other-sentinels | 2      |
      And within 15 seconds every Sentinel names "replica-1" as "mymaster"
      And within 15 seconds "sentinel-3" answers "SENTINEL CKQUORUM mymaster" with "OK 3 usable Sentinels"
      And the keys of "replica-1" are 53

    @id:put-right-by-its-peers @mirror:the-old-address-in-a-new-file
    Scenario: The same file on a Sentinel that the others know is corrected by their hellos
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 1000  |
        | sentinel-2.down-after-milliseconds | 1500  |
        | sentinel-3.down-after-milliseconds | 2000  |
        | failover-timeout                   | 4000  |
        | replica-1.replica-priority         | 1     |
      When "master" is killed
      And within 30 seconds every Sentinel reports "+switch-master"
      And "sentinel-3" starts again with empty data
      Then within 10 seconds "sentinel-3" reports "+config-update-from"
      And within 10 seconds "sentinel-3" names "replica-1" as "mymaster"
