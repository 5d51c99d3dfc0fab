@sentinel
Feature: Election
  Who may act. A Sentinel that finds the master objectively down asks the others for their vote in a new epoch; what it needs is a majority of all that are known.

  In most of these stories only "sentinel-1" is impatient, so that there is one candidate and the vote is not split by chance.

  Rule: A Sentinel has one vote an epoch, and gives it to the first who asks
    A vote is asked for with the command with which Sentinels ask each other for their opinion; what makes it a question for a vote is a run id in the place of the asterisk. Nobody checks whose it is.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:one-vote-an-epoch @claim:SENT-VOTE-EPOCH @claim:SENT-RAFT
    Scenario: The second candidate of an epoch is told whom the vote went to
      Given the "lone-master" topology
      When candidate "alice" asks "sentinel-1" for its vote in epoch 5
      Then the vote is for "alice" in epoch 5
      When candidate "bob" asks "sentinel-1" for its vote in epoch 5
      Then the vote is for "alice" in epoch 5

    @id:a-new-epoch-a-new-vote @claim:SENT-VOTE-EPOCH @claim:SENT-RAFT
    Scenario: A higher epoch brings a new vote, a lower one nothing
      Given the "lone-master" topology
      When candidate "alice" asks "sentinel-1" for its vote in epoch 5
      And candidate "bob" asks "sentinel-1" for its vote in epoch 6
      Then the vote is for "bob" in epoch 6
      And within 1 second "sentinel-1" reports, in order
        | +new-epoch       |
        | +vote-for-leader |
        | +new-epoch       |
        | +vote-for-leader |
      When candidate "alice" asks "sentinel-1" for its vote in epoch 5
      Then the vote is for "bob" in epoch 6

    @id:a-vote-survives @claim:SENT-VOTE-EPOCH
    Scenario: A Sentinel that crashes and comes back does not vote a second time in the same epoch
      It writes the epoch of its vote to its configuration file before it answers.
      Given the "lone-master" topology
      When candidate "alice" asks "sentinel-1" for its vote in epoch 5
      Then the vote is for "alice" in epoch 5
      And the file "sentinel.conf" of "sentinel-1" contains "sentinel leader-epoch mymaster 5"
      When "sentinel-1" is killed
      And "sentinel-1" is started again
      And candidate "bob" asks "sentinel-1" for its vote in epoch 5
      Then the vote is for nobody in epoch 5

    @id:no-log-is-compared @claim:SENT-RAFT
    Scenario: Nobody asks what a candidate knows, or whether it exists
      Raft's voters refuse a candidate whose log is behind theirs. Sentinels have no log: "nobody-at-all" gets the votes of all three, for a master that is well.
      Given the "lone-master" topology
      When candidate "nobody-at-all" asks "sentinel-1" for its vote in epoch 1
      Then the vote is for "nobody-at-all" in epoch 1
      When candidate "nobody-at-all" asks "sentinel-2" for its vote in epoch 1
      Then the vote is for "nobody-at-all" in epoch 1
      When candidate "nobody-at-all" asks "sentinel-3" for its vote in epoch 1
      Then the vote is for "nobody-at-all" in epoch 1
      And for 3 seconds no Sentinel reports "+try-failover"

    @id:a-vote-in-tilt-mode @claim:SENT-TILT-SUSPENDS
    Scenario: A Sentinel in tilt mode calls nobody down, and votes all the same
      Given the "lone-master" topology
      When "sentinel-1" is paused for 3 seconds
      Then within 2 seconds "sentinel-1" reports "+tilt"
      When candidate "alice" asks "sentinel-1" for its vote in epoch 5
      Then the vote is for "alice" in epoch 5
      And the tilt mode of "sentinel-1" is 1

    @id:the-vote-is-in-the-reply @claim:SENT-VOTE-PUBSUB @claim:SENT-VOTE-EPOCH
    Scenario: A real election on the wire: the question holds the candidate's run id, the reply the vote
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
      And the traffic between "sentinel-1" and "sentinel-2" is captured
      When the master is killed
      Then within 15 seconds "sentinel-1" and "sentinel-2" exchange, in order
        | sentinel-1 | /SENTINEL is-master-down-by-addr [0-9.]+ 6379 1 [0-9a-f]{40}/ |
        | sentinel-2 | /:0 [0-9a-f]{40} :1/                                          |
      And within 15 seconds "sentinel-2" and "sentinel-3" report "+vote-for-leader"
      And within 15 seconds "sentinel-1" reports, in order
        | +odown           |
        | +new-epoch       |
        | +try-failover    |
        | +vote-for-leader |
        | +elected-leader  |

  Rule: Who was not elected, or has voted for another, waits for twice failover-timeout
    Twice the time since the attempt began, plus up to a second at random, so that the next attempts do not meet either.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:the-next-attempt @claim:SENT-ELECT-PRECOND @claim:SENT-FAILOVER-TIMEOUT
    Scenario: A candidate without a majority tries again after twice failover-timeout, and not before
      Given the "lone-master" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 30000 |
        | sentinel-3.down-after-milliseconds | 30000 |
        | failover-timeout                   | 3000  |
      When "sentinel-2" and "sentinel-3" are killed
      And the master is killed
      Then within 20 seconds "sentinel-1" reports "-failover-abort-not-elected"
      And within 20 seconds "sentinel-1" reports "+try-failover" again, between 5.9 and 7.7 seconds later
      And the log of "sentinel-1" shows
        | Next failover delay: I will not start a failover before |

    @id:a-vote-binds-the-voter @claim:SENT-ELECT-PRECOND
    Scenario: A vote for somebody who never acts costs twice failover-timeout
      "nobody-at-all" asks all Sentinels for their vote just before the master dies. Each waits for a leader that does not exist.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 6000 |
      When candidate "nobody-at-all" asks "sentinel-1" for its vote in epoch 1
      And candidate "nobody-at-all" asks "sentinel-2" for its vote in epoch 1
      And candidate "nobody-at-all" asks "sentinel-3" for its vote in epoch 1
      And the master is killed
      Then within 6 seconds "sentinel-1" and "sentinel-2" report "+odown"
      And between 11 and 15 seconds later a Sentinel reports "+try-failover"
      And within 60 seconds a replica becomes master

    @id:after-a-success-at-once @claim:SENT-FAILOVER-TIMEOUT @claim:SENT-ELECT-PRECOND @needs:sentinel-debug
    Scenario: After a failover that succeeded nobody waits: the next one of the same master comes at once
      Twice the sixty seconds is not what a second failure costs. The pause is for attempts that led nowhere; a switch to a new master begins with a clean slate.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 3500  |
        | sentinel-3.down-after-milliseconds | 5000  |
        | failover-timeout                   | 60000 |
      And the Sentinel timers
        | info-period | 1000 |
      When the master is killed
      Then within 30 seconds every Sentinel reports "+switch-master"
      And within 30 seconds the connected replicas of the new master are 1
      When the new master is killed
      Then within 30 seconds every Sentinel reports "+switch-master"
      And within 30 seconds the new master accepts a write

    @id:failover-without-votes @cure @claim:SENT-ELECT-PRECOND
    Scenario: SENTINEL FAILOVER asks for no vote and waits for none: the Sentinel that gets it replaces the master at once
      The same votes for nobody, and two minutes to wait for them.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 2500  |
        | sentinel-3.down-after-milliseconds | 3000  |
        | failover-timeout                   | 60000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When candidate "nobody-at-all" asks "sentinel-1" for its vote in epoch 1
      And candidate "nobody-at-all" asks "sentinel-2" for its vote in epoch 1
      And candidate "nobody-at-all" asks "sentinel-3" for its vote in epoch 1
      And the master is killed
      Then within 6 seconds "sentinel-1" and "sentinel-2" report "+odown"
      And for 8 seconds no Sentinel reports "+try-failover"
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      Then within 10 seconds "sentinel-1" reports, in order
        | +elected-leader |
        | +promoted-slave |
        | +switch-master  |
      And within 10 seconds a replica becomes master
      And within 10 seconds the keys of the new master are 53

  Rule: A leader that dies on the way is replaced by another, in a new epoch
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:the-leader-dies @claim:SENT-ELECT-PRECOND @claim:SENT-VOTE-EPOCH
    Scenario: Elected, and crashed before it could promote anybody
      SENTINEL SIMULATE-FAILURE makes a Sentinel end at this point of its next failover. The others have voted for it, and wait.
      Given the "sentinel" topology with
        | quorum                             | 1    |
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 5000 |
        | sentinel-3.down-after-milliseconds | 6500 |
        | failover-timeout                   | 3000 |
      And a client sends "SENTINEL SIMULATE-FAILURE crash-after-election" to "sentinel-1"
      When the master is killed
      Then within 10 seconds "sentinel-1" reports "+try-failover"
      And "sentinel-1" exits with status 99
      And the log of "sentinel-1" shows
        | [+]elected-leader master mymaster |
      And for 7 seconds no replica becomes master
      And within 60 seconds "sentinel-2" and "sentinel-3" report, in order
        | +vote-for-leader |
        | +odown           |
        | +try-failover    |
        | +elected-leader  |
        | +switch-master   |
      And within 60 seconds a replica becomes master

    @id:the-leader-dies-later
    Scenario: Promoted, and crashed before it could tell anybody: there is a master, and nobody names it
      The others know of the old one only, and wait. Their own failover finds the same favourite, who is a master already.
      Given the "sentinel" topology with
        | quorum                             | 1    |
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 5000 |
        | sentinel-3.down-after-milliseconds | 6500 |
        | failover-timeout                   | 4000 |
        | replica-1.replica-priority         | 1    |
      And a client sends "SENTINEL SIMULATE-FAILURE crash-after-promotion" to "sentinel-1"
      When the master is killed
      Then within 10 seconds "replica-1" becomes master
      And "sentinel-1" exits with status 99
      And for 8 seconds "sentinel-2" and "sentinel-3" do not report "+switch-master"
      And within 60 seconds "sentinel-2" and "sentinel-3" report, in order
        | +vote-for-leader |
        | +try-failover    |
        | +elected-leader  |
        | +selected-slave  |
        | +switch-master   |
      And within 60 seconds the connected replicas of "replica-1" are 1

  Rule: SENTINEL FAILOVER on a Sentinel that lives ends the wait for a leader that is dead
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinel-commands

    @id:the-leader-dies-and-another-is-told @cure
    Scenario: The leader crashed before it could promote a replica: another Sentinel is told to fail over, and does
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 5000  |
        | sentinel-3.down-after-milliseconds | 6500  |
        | failover-timeout                   | 60000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      And a client sends "SENTINEL SIMULATE-FAILURE crash-after-election" to "sentinel-1"
      When the master is killed
      Then within 10 seconds "sentinel-1" reports "+try-failover"
      And "sentinel-1" exits with status 99
      And for 7 seconds no replica becomes master
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-2"
      Then within 10 seconds "sentinel-2" and "sentinel-3" report "+switch-master"
      And within 10 seconds a replica becomes master
      And within 10 seconds the keys of the new master are 53

    @id:the-leader-dies-later-and-another-is-told @cure
    Scenario: The leader crashed after the promotion: another Sentinel is told to fail over, and names the replica that is master already
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 2000  |
        | sentinel-2.down-after-milliseconds | 5000  |
        | sentinel-3.down-after-milliseconds | 6500  |
        | failover-timeout                   | 60000 |
        | replica-1.replica-priority         | 1     |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      And a client sends "SENTINEL SIMULATE-FAILURE crash-after-promotion" to "sentinel-1"
      When the master is killed
      Then within 10 seconds "replica-1" becomes master
      And "sentinel-1" exits with status 99
      And for 8 seconds "sentinel-2" and "sentinel-3" do not report "+switch-master"
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-2"
      Then within 15 seconds "sentinel-2" and "sentinel-3" report "+switch-master"
      And within 15 seconds "sentinel-2" and "sentinel-3" name "replica-1" as "mymaster"
      And within 15 seconds the connected replicas of "replica-1" are 1
      And the keys of "replica-1" are 53
