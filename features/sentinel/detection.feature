@sentinel
Feature: Detection
  How a Sentinel finds out that a node is gone: it asks, it gets no answer for too long, and it asks the others what they see. Everything here is a question and a reply between two
  processes; Pub/Sub carries the news and decides nothing.

  Rule: A Sentinel is a server in another mode, with no data
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:a-process-of-its-own @claim:SENT-THREAD @claim:SENT-SPECIAL-MODE
    Scenario: A Sentinel is a process of its own: without the Sentinels the master goes on as if nothing were missing
      Given the "lone-master" topology
      When every Sentinel is killed
      Then within 2 seconds every Sentinel refuses connections
      And within 2 seconds the master accepts a write

    @id:the-same-program @claim:SENT-THREAD @claim:SENT-SPECIAL-MODE
    Scenario: It is the same program as the server, started with --sentinel, and says so
      Redis calls the field redis_mode, Valkey server_mode.
      Given the "lone-master" topology
      Then within 2 seconds "sentinel-1" answers "INFO server" with "_mode:sentinel"
      And within 2 seconds "sentinel-1" answers "INFO server" with "config_file:/data/sentinel.conf"
      And within 2 seconds the master answers "INFO server" with "_mode:standalone"

    @id:no-keys @claim:SENT-NO-DATA
    Scenario: A Sentinel knows no command for keys
      Given the "lone-master" topology
      When a client sends "SET greeting hello" to "sentinel-1"
      Then the reply is the error "ERR unknown command"

    @id:the-timers-as-shipped @claim:SENT-SDOWN-30S @claim:SENT-FAILOVER-TIMEOUT @claim:SENT-PARALLEL-SYNCS
    Scenario: A master that is monitored without further settings is given thirty seconds
      Given the "lone-master" topology
      When a client sends "SENTINEL MONITOR another 127.0.0.1 6379 2" to "sentinel-1"
      And a client sends "SENTINEL MASTER another" to "sentinel-1"
      Then the reply has the pairs
        | down-after-milliseconds | 30000  |
        | failover-timeout        | 180000 |
        | parallel-syncs          | 1      |
        | quorum                  | 2      |

    @id:failover-before-its-time @cure @claim:SENT-MANUAL-SDOWN
    Scenario: SENTINEL FAILOVER does not wait for down-after-milliseconds
      Given the "sentinel" topology with
        | down-after-milliseconds | 30000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When the master is killed
      And 5 seconds pass
      Then within 1 second the master refuses connections
      And within 1 second every Sentinel names "master" as "mymaster"
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      Then within 15 seconds every Sentinel reports "+switch-master"
      And within 15 seconds a replica becomes master
      And within 15 seconds the keys of the new master are 53

  Rule: A Sentinel sends PING once a second, and to everybody it knows
    PING once a second, INFO every ten, a hello every two. The timer that looks whether something is due runs at least ten times a second; what it finds due is another matter.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:the-rhythm @claim:SENT-PING-1S @claim:SENT-TIMER-10HZ
    Scenario: In ten seconds, some ten PING, five hellos and one INFO
      Given the "lone-master" topology
      And the traffic between "sentinel-1" and the master is captured
      When 1 second passes
      Then within 15 seconds "sentinel-1" sends "PING" to the master 5 times, between 0.9 and 1.35 seconds apart
      And within 20 seconds "sentinel-1" sends "PUBLISH __sentinel__:hello" to the master 4 times, between 1.9 and 2.6 seconds apart
      And within 25 seconds "sentinel-1" sends "INFO" to the master 2 times, between 9.5 and 12 seconds apart

    @id:the-rhythm-when-short @claim:SENT-PING-1S
    Scenario: A down-after-milliseconds below a second is also the pause between two PING
      Given the "lone-master" topology with
        | sentinel-1.down-after-milliseconds | 500 |
      And the traffic between "sentinel-1" and the master is captured
      When 1 second passes
      Then for 6 seconds "sentinel-1" sends "PING" to the master 9 to 13 times

    @id:everybody-is-watched @claim:SENT-WATCHES-ALL
    Scenario: Replicas and other Sentinels are watched like the master, though only the master is configured
      Given the "sentinel" topology with
        | down-after-milliseconds | 1500 |
      When "replica-2" and "sentinel-3" are killed
      Then within 2 seconds "sentinel-1" answers "INFO sentinel" with "slaves=2,sentinels=3"
      And within 8 seconds "sentinel-1" reports "+sdown" with "slave"
      And within 8 seconds "sentinel-1" reports "+sdown" with "sentinel"

  Rule: Whoever does not answer for down-after-milliseconds is subjectively down
    Subjectively: for the Sentinel that asked, and nobody else.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sdown-and-odown-failure-state

    @id:one-alone @claim:SENT-SDOWN @claim:SENT-GOSSIP @claim:SENT-ODOWN-HELLO
    Scenario: A Sentinel that sees nobody down says so when asked, whatever the one that asks sees
      One Sentinel is impatient, the others are not. It asks them each second. They answer 0 with what they see themselves, and do not pass on what they were told.
      Given the "lone-master" topology with
        | sentinel-1.down-after-milliseconds | 1500  |
        | sentinel-2.down-after-milliseconds | 60000 |
        | sentinel-3.down-after-milliseconds | 60000 |
      And the traffic between "sentinel-1" and "sentinel-2" is captured
      When the master is killed
      Then within 4 seconds "sentinel-1" reports "+sdown" with "master mymaster"
      And within 6 seconds "sentinel-1" and "sentinel-2" exchange, in order
        | sentinel-1 | /SENTINEL is-master-down-by-addr [0-9.]+ 6379 [0-9]+ [*]/ |
        | sentinel-2 | :0 * :0                                                   |
        | sentinel-1 | /SENTINEL is-master-down-by-addr [0-9.]+ 6379 [0-9]+ [*]/ |
        | sentinel-2 | :0 * :0                                                   |
      And for 6 seconds no Sentinel reports "+odown"

    @id:not-only-logged @claim:SENT-SDOWN-LOGONLY @claim:SENT-ODOWN-HELLO
    Scenario: It is logged, published, and told to every Sentinel that asks
      The quorum is out of reach here, so that nothing but the opinions themselves can be seen.
      Given the "lone-master" topology with
        | quorum                             | 4    |
        | sentinel-1.down-after-milliseconds | 1500 |
        | sentinel-2.down-after-milliseconds | 2000 |
      And the traffic between "sentinel-2" and "sentinel-1" is captured
      When the master is killed
      Then within 6 seconds "sentinel-1" reports "+sdown" with "master mymaster"
      And within 6 seconds "sentinel-2" and "sentinel-1" exchange, in order
        | sentinel-2 | /SENTINEL is-master-down-by-addr [0-9.]+ 6379 [0-9]+ [*]/ |
        | sentinel-1 | :1 * :0                                                   |
      And the log of "sentinel-1" shows
        | [+]sdown master mymaster |

    @id:one-setting-for-all @claim:SENT-SDOWN-PER-INSTANCE
    Scenario: The setting belongs to the master, and its replicas and the other Sentinels inherit it
      Given the "sentinel" topology
      When a client sends "SENTINEL SET mymaster down-after-milliseconds 7000" to "sentinel-1"
      And a client sends "SENTINEL REPLICAS mymaster" to "sentinel-1"
      Then the reply has the pairs
        | down-after-milliseconds | 7000 |
      When a client sends "SENTINEL SENTINELS mymaster" to "sentinel-1"
      Then the reply has the pairs
        | down-after-milliseconds | 7000 |
      When a client sends "SENTINEL MASTER mymaster" to "sentinel-2"
      Then the reply has the pairs
        | down-after-milliseconds | 2000 |

    @id:not-for-a-replica @claim:SENT-SDOWN-PER-INSTANCE
    Scenario: There is no setting for a single replica
      Given the "sentinel" topology
      When a client sends "SENTINEL SET replica-1 down-after-milliseconds 7000" to "sentinel-1"
      Then the reply is the error "ERR No such master with that name"

    @id:a-replica-is-only-sdown @claim:SENT-ODOWN-MASTER-ONLY
    Scenario: A dead replica is subjectively down for everybody, objectively for nobody, and nothing follows
      Given the "sentinel" topology with
        | down-after-milliseconds | 1500 |
      When "replica-1" is killed
      Then within 6 seconds every Sentinel reports "+sdown" with "slave"
      And for 6 seconds no Sentinel reports "+odown"
      And for 6 seconds no Sentinel reports "+try-failover"
      And the master is a master

    @id:a-replica-comes-back @cure @claim:SENT-ODOWN-MASTER-ONLY
    Scenario: Started again, the replica copies what it lacks, and is up for every Sentinel
      Given the "sentinel" topology with
        | down-after-milliseconds | 1500 |
      When "replica-1" is killed
      Then within 6 seconds every Sentinel reports "+sdown" with "slave"
      When a client writes 53 keys to the master
      And "replica-1" is started again
      Then within 10 seconds every Sentinel reports "-sdown" with "slave"
      And within 10 seconds "replica-1" holds every key that was written

    @id:heard-again @claim:SENT-SDOWN
    Scenario: A master that answers again before enough agree is up again at once, and nothing follows
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
      When the master is paused
      And within 8 seconds "sentinel-1" reports "+sdown"
      And the master is healed
      Then within 3 seconds "sentinel-1" reports "-sdown" with "master mymaster"
      And for 6 seconds no Sentinel reports "+odown"
      And for 6 seconds no replica becomes master

    @id:a-master-that-follows-somebody @claim:SENT-SDOWN @needs:sentinel-debug
    Scenario: A master that says it is a replica counts as down, though it answers, and is replaced
      Down for the time given, and for two more INFO periods.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      And the Sentinel timers
        | info-period    | 500 |
        | publish-period | 500 |
      When a client sends "REPLICAOF 192.0.2.1 6379" to "master"
      Then between 2.9 and 4.3 seconds later "sentinel-1" reports "+sdown" with "master mymaster"
      And within 30 seconds every Sentinel reports "+switch-master"
      And within 30 seconds "master" answers "INFO replication" with "master_link_status:up"

    @id:a-master-that-loads-for-too-long @claim:SENT-SDOWN @needs:sentinel-debug @since:redis-7.0
    Scenario: With master-reboot-down-after-period a master that came back and is still loading counts as down
      LOADING is a sign of life otherwise, for as long as it takes: here some ten seconds, with a down-after-milliseconds of sixty. All three Sentinels have to agree, so that none is overtaken by the failover of the other two.
      Given the "sentinel" topology with
        | quorum                  | 3      |
        | down-after-milliseconds | 60000  |
        | failover-timeout        | 4000   |
        | master.save             | 3600 1 |
        | master.rdbcompression   | no     |
        | master.key-load-delay   | 30000  |
      And the Sentinel timers
        | info-period | 500 |
      And a client writes 330 keys of 200000 bytes to the master
      And a client sends "SAVE" to the master
      And a client sends "SENTINEL SET mymaster master-reboot-down-after-period 2000" to every Sentinel
      When the master is killed
      And the master tries to start
      Then within 8 seconds "sentinel-1" reports "+sdown" with "master mymaster"

  Rule: As many as the quorum, and the master is objectively down
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sdown-and-odown-failure-state

    @id:the-asker-counts @claim:SENT-ODOWN
    Scenario: With a quorum of two, one Sentinel and one that agrees are enough
      Given the "lone-master" topology with
        | quorum                  | 2    |
        | down-after-milliseconds | 2000 |
      When "sentinel-3" is killed
      And the master is killed
      Then within 8 seconds "sentinel-1" reports "+odown" with "#quorum 2/2"

    @id:no-further-timeout @claim:SENT-ODOWN-TIMEOUT @claim:SENT-ODOWN
    Scenario: From subjectively to objectively down takes two seconds at most, whatever failover-timeout is
      Given the "lone-master" topology with
        | failover-timeout        | 180000 |
        | down-after-milliseconds | 2000   |
      When the master is killed
      Then within 10 seconds "sentinel-1" reports "+odown" at most 2 seconds after "+sdown"
      And within 10 seconds "sentinel-2" reports "+odown" at most 2 seconds after "+sdown"

    @id:without-publish @claim:SENT-DETECT-PUBSUB @claim:SENT-ODOWN-HELLO @needs:sentinel-acl
    Scenario: With every PUBLISH refused, the master is still found down, agreed on and replaced
      What is missing is the news: the Sentinels that did not lead go on naming the dead master to their clients.
      Given the "sentinel" topology with
        | quorum                             | 2     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 2500  |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 20000 |
      And the traffic between "sentinel-3" and the master is captured
      When a client sends "ACL SETUSER default -publish" to every node
      Then within 6 seconds "sentinel-3" and the master exchange, in order
        | sentinel-3 | PUBLISH __sentinel__:hello |
        | master     | -NOPERM                    |
      When the master is killed
      Then within 25 seconds the Sentinels report, in order
        | +sdown          |
        | +odown          |
        | +elected-leader |
        | +promoted-slave |
      And within 25 seconds a replica becomes master
      And for 12 seconds "sentinel-3" does not report "+switch-master"

    @id:an-old-opinion-does-not-count @claim:SENT-ODOWN
    Scenario: A Sentinel that agreed and has not been heard since does not count any more
      An opinion is worth something for five times the second between two questions.
      Given the "lone-master" topology with
        | quorum                             | 2     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 2000  |
        | sentinel-3.down-after-milliseconds | 60000 |
      When the master is killed
      Then within 8 seconds "sentinel-1" reports "+odown" with "#quorum 2/2"
      When "sentinel-2" is killed
      Then between 3.8 and 5.7 seconds later "sentinel-1" reports "-odown"
