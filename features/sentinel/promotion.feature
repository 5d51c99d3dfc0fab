@sentinel
Feature: Promotion
  What the elected Sentinel does, alone: it chooses a replica by fixed rules, turns it into a master, points the others at it, and tells the world.

  In most of these stories only "sentinel-1" is impatient, so that it leads.

  Rule: The leader chooses by priority, then by offset, then by run id
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#replica-selection-and-priority

    @id:the-smallest-run-id @claim:SENT-CHOICE
    Scenario: Between equal replicas the smaller run id decides, which is chance
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
      And a client writes 20 keys to the master
      And within 5 seconds every replica holds every key that was written
      When the master is killed
      Then within 20 seconds the replica with the smallest run id becomes master
      And the replica with the largest run id is a replica

    @id:the-larger-offset @claim:SENT-CHOICE
    Scenario: A replica with more of the history goes before one with the smaller run id
      A wrong password keeps the replica with the smaller run id from its master, while the Sentinels still reach it.
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
      When a client sends "CONFIG SET masterauth wrong" to the replica with the smallest run id
      And a client sends "CLIENT KILL TYPE replica" to the master
      And within 10 seconds the link to the master of the replica with the smallest run id is "down"
      And within 10 seconds the link to the master of the replica with the largest run id is "up"
      And a client writes 200 keys to the master
      Then within 5 seconds the replica with the largest run id holds every key that was written
      When the master is killed
      Then within 20 seconds the replica with the largest run id becomes master
      And within 20 seconds the new master holds every key that was written

    @id:priority-before-data @claim:SENT-CHOICE
    Scenario: A preferred replica goes before one with more of the history, and what it lacks is lost
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
      When a client sends "CONFIG SET replica-priority 10" to the replica with the largest run id
      And a client sends "CONFIG SET masterauth wrong" to the replica with the largest run id
      And a client sends "CLIENT KILL TYPE replica" to the master
      And within 10 seconds the link to the master of the replica with the largest run id is "down"
      And within 10 seconds the link to the master of the replica with the smallest run id is "up"
      And a client writes 200 keys to the master
      Then within 5 seconds the replica with the smallest run id holds every key that was written
      When the master is killed
      Then within 20 seconds the replica with the largest run id becomes master
      And within 20 seconds the keys of the new master are 0

    @id:a-hundred @claim:SENT-SLAVE-PRIORITY-100
    Scenario: The priority of a replica is 100 when nobody says otherwise
      Given the "sentinel" topology
      Then within 2 seconds every replica answers "CONFIG GET replica-priority" with "100"
      And within 2 seconds every replica answers "INFO replication" with "slave_priority:100"

    @id:the-leader-alone @claim:SENT-VOTE-PICKS-SLAVE
    Scenario: The Sentinels vote for a leader; which replica it takes, it does not ask
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
      When the master is killed
      Then within 20 seconds "sentinel-1" reports "+selected-slave"
      And within 20 seconds "sentinel-2" and "sentinel-3" report, in order
        | +vote-for-leader    |
        | +config-update-from |
        | +switch-master      |
      And for 10 seconds "sentinel-2" and "sentinel-3" do not report "+selected-slave"

  Rule: Replicas that are not fit are left out before anything is compared
    Down or disconnected, silent for five PING periods, without a fresh INFO, with priority 0, or without their master for longer than ten times down-after-milliseconds and the time the master is known to be down.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:a-dead-favourite @claim:SENT-FILTER
    Scenario: A dead favourite is passed over
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | replica-1.replica-priority         | 1     |
      When "replica-1" is killed
      And the master is killed
      Then within 20 seconds "replica-2" becomes master

    @id:the-favourite-when-alive @claim:SENT-FILTER
    Scenario: The same favourite, alive, is chosen
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | replica-1.replica-priority         | 1     |
      When the master is killed
      Then within 20 seconds "replica-1" becomes master

    @id:too-long-without-its-master @claim:SENT-FILTER
    Scenario: A favourite whose link to the master was down for more than ten times down-after-milliseconds is passed over
      Every Sentinel reaches it and it answers them; it says itself since when it has heard nothing from its master. Ten times down-after-milliseconds are fifteen seconds here.
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 1500  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | replica-1.replica-priority         | 1     |
      When a client sends "CONFIG SET masterauth wrong" to "replica-1"
      And a client sends "CLIENT KILL TYPE replica" to the master
      And within 5 seconds the link to the master of "replica-1" is "down"
      And 17 seconds pass
      And the master is killed
      Then within 20 seconds "replica-2" becomes master

    @id:a-shorter-time-without-its-master @claim:SENT-FILTER
    Scenario: After twelve seconds, where fifteen are ten times down-after-milliseconds, the same favourite is chosen
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 1500  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | replica-1.replica-priority         | 1     |
      When a client sends "CONFIG SET masterauth wrong" to "replica-1"
      And a client sends "CLIENT KILL TYPE replica" to the master
      And within 5 seconds the link to the master of "replica-1" is "down"
      And 11 seconds pass
      And the master is killed
      Then within 20 seconds "replica-1" becomes master

    @id:never-with-zero @claim:SENT-FILTER @claim:SENT-CHOICE
    Scenario: Priority 0 means never: with no other replica left, the failover is given up
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | replica-priority                   | 0     |
        | failover-timeout                   | 4000  |
      When the master is killed
      Then within 10 seconds "sentinel-1" reports, in order
        | +odown                        |
        | +elected-leader               |
        | +failover-state-select-slave  |
        | -failover-abort-no-good-slave |
      And for 10 seconds no replica becomes master

    @id:zero-is-taken-back @cure @claim:SENT-FILTER
    Scenario: A replica whose priority is set to 100 while the master is dead is promoted by the next attempt
      `CONFIG SET` is enough, since the Sentinels read the priority from INFO, every second while the master is down.
      Given the "sentinel" topology with
        | replica-priority | 0    |
        | failover-timeout | 2000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When the master is killed
      Then within 15 seconds the Sentinels report, in order
        | +odown                        |
        | -failover-abort-no-good-slave |
      When a client sends "CONFIG SET replica-priority 100" to "replica-1"
      Then within 20 seconds "replica-1" becomes master
      And the keys of "replica-1" are 53

    @id:reset-forgets-the-replicas
    Scenario: SENTINEL RESET while the master is down makes a Sentinel forget the replicas, and with them the way out
      RESET is how dead Sentinels are made not to count, and it forgets everything else as well. Replicas are learned from the master, and it is dead: this Sentinel now elects itself, and finds nobody to promote.
      Given the "sentinel" topology with
        | quorum                  | 1    |
        | down-after-milliseconds | 2000 |
        | failover-timeout        | 2000 |
      When "sentinel-2" and "sentinel-3" are killed
      And the master is killed
      Then within 10 seconds "sentinel-1" reports "-failover-abort-not-elected"
      When a client sends "SENTINEL RESET mymaster" to "sentinel-1"
      Then within 15 seconds "sentinel-1" reports, in order
        | +odown                        |
        | +elected-leader               |
        | -failover-abort-no-good-slave |
      And within 15 seconds "sentinel-1" answers "INFO sentinel" with "slaves=0,sentinels=1"
      And for 10 seconds no replica becomes master

    @id:told-of-the-promoted-one-after-reset @cure
    Scenario: After SENTINEL RESET a replica is promoted by hand, and the Sentinel is told of it
      Given the "sentinel" topology with
        | quorum                  | 1    |
        | down-after-milliseconds | 2000 |
        | failover-timeout        | 2000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "sentinel-2" and "sentinel-3" are killed
      And the master is killed
      Then within 10 seconds "sentinel-1" reports "-failover-abort-not-elected"
      When a client sends "SENTINEL RESET mymaster" to "sentinel-1"
      Then within 15 seconds "sentinel-1" reports "-failover-abort-no-good-slave"
      When "replica-1" stops replicating
      And "replica-2" starts to replicate "replica-1"
      And a client sends "SENTINEL REMOVE mymaster" to "sentinel-1"
      And a client sends "SENTINEL MONITOR mymaster <replica-1 ip> 6379 2" to "sentinel-1"
      Then within 5 seconds "sentinel-1" names "replica-1" as "mymaster"
      And within 15 seconds "sentinel-1" says of "mymaster"
        | flags      | master |
        | num-slaves | 1      |
      And the keys of "replica-1" are 53
      And within 15 seconds "replica-2" holds every key that was written

  Rule: SLAVEOF NO ONE, then wait until it says that it is a master, then the others
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:every-state @claim:SENT-PROMOTE
    Scenario: Every stage of a failover, as its leader publishes it
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
      When the master is killed
      Then within 30 seconds "sentinel-1" reports, in order
        | +sdown                             |
        | +odown                             |
        | +new-epoch                         |
        | +try-failover                      |
        | +vote-for-leader                   |
        | +elected-leader                    |
        | +failover-state-select-slave       |
        | +selected-slave                    |
        | +failover-state-send-slaveof-noone |
        | +failover-state-wait-promotion     |
        | +promoted-slave                    |
        | +failover-state-reconf-slaves      |
        | +slave-reconf-sent                 |
        | +slave-reconf-inprog               |
        | +slave-reconf-done                 |
        | +failover-end                      |
        | +switch-master                     |
      And within 30 seconds the connected replicas of the new master are 1

    @id:one-transaction @claim:SENT-LEADER-TELLS-SLAVES @claim:SENT-PROMOTE
    Scenario: A replica is not told who leads, or why: it gets SLAVEOF in a transaction that also disconnects its clients
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | replica-1.replica-priority         | 1     |
      And the traffic between "sentinel-1" and "replica-1" is captured
      And the traffic between "sentinel-1" and "replica-2" is captured
      When the master is killed
      Then within 20 seconds "sentinel-1" and "replica-1" exchange, in order
        | sentinel-1 | MULTI                   |
        | sentinel-1 | SLAVEOF NO ONE          |
        | sentinel-1 | CONFIG REWRITE          |
        | sentinel-1 | CLIENT KILL TYPE normal |
        | sentinel-1 | CLIENT KILL TYPE pubsub |
        | sentinel-1 | EXEC                    |
      And within 20 seconds "sentinel-1" and "replica-2" exchange, in order
        | sentinel-1 | MULTI                   |
        | sentinel-1 | /SLAVEOF [0-9.]+ 6379/  |
        | sentinel-1 | CONFIG REWRITE          |
        | sentinel-1 | CLIENT KILL TYPE normal |
        | sentinel-1 | CLIENT KILL TYPE pubsub |
        | sentinel-1 | EXEC                    |
      And "sentinel-1" does not send "SENTINEL" to "replica-1"
      And "sentinel-1" does not send "SENTINEL" to "replica-2"

    @id:from-watching-to-telling @claim:SENT-ROLES @claim:SENT-FAILOVER
    Scenario: Watching, telling, replacing, and naming the new master to a client that asks
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
      And a client writes every 20 milliseconds through the Sentinels
      When the master is killed
      Then within 30 seconds "sentinel-1" reports, in order
        | +sdown         |
        | +odown         |
        | +switch-master |
      And within 30 seconds a replica becomes master
      And within 30 seconds the client's writes are acknowledged again

    @id:not-allowed-to-obey @cure @claim:SENT-PROMOTE @claim:SENT-FAILOVER-TIMEOUT
    Scenario: A replica whose ACL lacks a command of the transaction does not obey, and the attempt ends when failover-timeout is over
      The Sentinel does not look at the answer: it looks at the role in INFO, which stays what it was. Twice failover-timeout after the first attempt began there is another.
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 4000  |
      When a client sends "ACL SETUSER default -slaveof -replicaof" to every replica
      And the master is killed
      Then within 20 seconds "sentinel-1" reports "-failover-abort-slave-timeout" between 3.8 and 5.5 seconds after "+failover-state-wait-promotion"
      And within 20 seconds "sentinel-1" reports "+try-failover" again, between 7.8 and 11 seconds later
      When a client sends "ACL SETUSER default +slaveof +replicaof" to every replica
      Then within 30 seconds a replica becomes master

    @id:not-allowed-to-obey-for-longer @claim:SENT-PROMOTE @claim:SENT-FAILOVER-TIMEOUT
    Scenario: With a failover-timeout of seven seconds the same attempt ends after seven
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 7000  |
      When a client sends "ACL SETUSER default -slaveof -replicaof" to every replica
      And the master is killed
      Then within 20 seconds "sentinel-1" reports "-failover-abort-slave-timeout" between 6.8 and 9 seconds after "+failover-state-wait-promotion"

  Rule: parallel-syncs is how many replicas are pointed at the new master at a time
    While a replica loads what the new master sends, it answers nobody. With 1 only one is away at a time, and the last waits longest.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:one-after-the-other @claim:SENT-PARALLEL-SYNCS
    Scenario: With 1, the second is sent to the new master when the first is done
      Given the "three-replicas" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 20000 |
        | parallel-syncs                     | 1     |
      When the master is killed
      Then within 30 seconds "sentinel-1" reports, in order
        | +promoted-slave    |
        | +slave-reconf-sent |
        | +slave-reconf-done |
        | +slave-reconf-sent |
        | +slave-reconf-done |
        | +failover-end      |
      And within 30 seconds the connected replicas of the new master are 2

    @id:both-at-once @claim:SENT-PARALLEL-SYNCS
    Scenario: With 3, both are sent at once
      Given the "three-replicas" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 20000 |
        | parallel-syncs                     | 3     |
      When the master is killed
      Then within 30 seconds "sentinel-1" reports, in order
        | +promoted-slave    |
        | +slave-reconf-sent |
        | +slave-reconf-sent |
        | +slave-reconf-done |
        | +slave-reconf-done |
        | +failover-end      |

    @id:one-that-does-not-obey @claim:SENT-PARALLEL-SYNCS
    Scenario: A replica that does not obey is waited for ten seconds, if there is a place left beside it
      Given the "three-replicas" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 60000 |
        | parallel-syncs                     | 2     |
        | replica-1.replica-priority         | 1     |
      When a client sends "ACL SETUSER default -slaveof -replicaof" to "replica-2"
      And the master is killed
      Then within 40 seconds "sentinel-1" reports, in order
        | +promoted-slave             |
        | +slave-reconf-sent          |
        | -slave-reconf-sent-timeout  |
        | +failover-end               |
      And within 40 seconds "sentinel-1" reports "-slave-reconf-sent-timeout" between 9.5 and 12 seconds after "+slave-reconf-sent"

    @id:one-that-holds-up-everybody @claim:SENT-PARALLEL-SYNCS
    Scenario: With parallel-syncs 1 it holds up everybody until failover-timeout is over
      Given the "three-replicas" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 20000 |
        | parallel-syncs                     | 1     |
        | replica-1.replica-priority         | 1     |
      When a client sends "ACL SETUSER default -slaveof -replicaof" to "replica-2" and "replica-3"
      And the master is killed
      Then for 20 seconds "sentinel-1" does not report "-slave-reconf-sent-timeout"
      And within 60 seconds "sentinel-1" reports, in order
        | +promoted-slave           |
        | +slave-reconf-sent        |
        | +failover-end-for-timeout |

  Rule: parallel-syncs holds until failover-timeout is over, and no longer
    The leader then sends the new master's address to every replica that has not been told yet, all at once: `+slave-reconf-sent-be`. So `failover-timeout` has to be longer than all copies that may follow one another.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:a-timeout-below-the-copy @claim:SENT-PARALLEL-SYNCS @claim:SENT-FAILOVER-TIMEOUT
    Scenario: With a failover-timeout shorter than a copy, parallel-syncs 1 has both replicas load at once
      The promoted replica has priority over the others and lacks a key that they have, so that they copy everything. A copy takes about eight seconds to load, in which the replica answers once a second.
      Given the "three-replicas" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 4000  |
        | sentinel-2.down-after-milliseconds | 60000 |
        | sentinel-3.down-after-milliseconds | 60000 |
        | failover-timeout                   | 4000  |
        | parallel-syncs                     | 1     |
        | replica-1.replica-priority         | 1     |
        | key-load-delay                     | 40000 |
        | rdbcompression                     | no    |
      And a client writes 200 keys of 80000 bytes to the master
      And within 10 seconds every replica holds every key that was written
      When a client sends "CONFIG SET masterauth wrong" to "replica-1"
      And a client sends "CLIENT KILL TYPE replica" to the master
      And within 10 seconds the link to the master of "replica-1" is "down"
      And within 10 seconds the connected replicas of the master are 2
      And a client writes 1 keys to the master
      Then within 5 seconds "replica-2" and "replica-3" hold every key that was written
      When the master is killed
      Then within 30 seconds "sentinel-1" reports, in order
        | +promoted-slave           |
        | +slave-reconf-sent        |
        | +failover-end-for-timeout |
        | +failover-end             |
        | +slave-reconf-sent-be     |
      And within 30 seconds "replica-2" and "replica-3" answer "GET key:1:1" with "LOADING"

    @id:a-timeout-above-the-copies @claim:SENT-PARALLEL-SYNCS @claim:SENT-FAILOVER-TIMEOUT
    Scenario: With a failover-timeout longer than both copies, one replica answers while the other loads
      Given the "three-replicas" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 4000  |
        | sentinel-2.down-after-milliseconds | 60000 |
        | sentinel-3.down-after-milliseconds | 60000 |
        | failover-timeout                   | 60000 |
        | parallel-syncs                     | 1     |
        | replica-1.replica-priority         | 1     |
        | key-load-delay                     | 40000 |
        | rdbcompression                     | no    |
      And a client writes 200 keys of 80000 bytes to the master
      And within 10 seconds every replica holds every key that was written
      When a client sends "CONFIG SET masterauth wrong" to "replica-1"
      And a client sends "CLIENT KILL TYPE replica" to the master
      And within 10 seconds the link to the master of "replica-1" is "down"
      And within 10 seconds the connected replicas of the master are 2
      And a client writes 1 keys to the master
      Then within 5 seconds "replica-2" and "replica-3" hold every key that was written
      When the master is killed
      Then within 60 seconds "sentinel-1" reports, in order
        | +promoted-slave    |
        | +slave-reconf-sent |
        | +slave-reconf-done |
        | +slave-reconf-sent |
        | +slave-reconf-done |
        | +failover-end      |

  Rule: The leader publishes +switch-master when the last replica is done, the others as soon as they hear of it
    The leader's failover ends when every replica that is up follows the new master, or failover-timeout after the promotion. What it answers to clients, and what its hellos say, is the new address from the promotion on.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:a-stuck-replica-delays-the-news @claim:SENT-FAILOVER-TIMEOUT
    Scenario: One replica that cannot follow delays the leader's +switch-master until failover-timeout is over
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 12000 |
        | replica-1.replica-priority         | 1     |
      When a client sends "CONFIG SET masterauth wrong" to "replica-2"
      And the master is killed
      Then within 11 seconds "sentinel-2" and "sentinel-3" report "+switch-master"
      And within 11 seconds "replica-1" accepts a write
      And within 11 seconds "sentinel-1" names "replica-1" as "mymaster"
      And for 11 seconds "sentinel-1" does not report "+switch-master"
      And within 40 seconds "sentinel-1" reports, in order
        | +promoted-slave           |
        | +slave-reconf-sent        |
        | +failover-end-for-timeout |
        | +failover-end             |
        | +switch-master            |

    @id:the-stuck-replica-is-mended @cure @claim:SENT-FAILOVER-TIMEOUT
    Scenario: As soon as that replica can follow, the leader publishes +switch-master
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 60000 |
        | replica-1.replica-priority         | 1     |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When a client sends "CONFIG SET masterauth wrong" to "replica-2"
      And the master is killed
      Then within 11 seconds "sentinel-2" and "sentinel-3" report "+switch-master"
      And for 10 seconds "sentinel-1" does not report "+switch-master"
      When a client sends 'CONFIG SET masterauth ""' to "replica-2"
      Then within 5 seconds "sentinel-1" reports, in order
        | +slave-reconf-done |
        | +failover-end      |
        | +switch-master     |
      And within 5 seconds "replica-2" holds every key that was written
