@sentinel
Feature: Tilt mode
  A Sentinel that cannot trust its own sense of time stops judging others by it. It watches the wall clock between two runs of its timer: more than two seconds, or less
  than none, and it enters tilt mode, in which it goes on watching and answering but neither declares anybody down nor fails over.

  Rule: A stall of more than two seconds puts a Sentinel into tilt mode
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#tilt-mode

    @id:a-long-stall-tilts @claim:SENT-TILT-STALL
    Scenario: A Sentinel that was frozen for two and a half seconds enters tilt mode when it wakes up
      Given the "lone-master" topology
      When "sentinel-1" is paused for 2.5 seconds
      Then within 2 seconds "sentinel-1" reports "+tilt" with "#tilt mode entered"
      And the tilt mode of "sentinel-1" is 1
      And the tilt mode of "sentinel-2" and "sentinel-3" is 0

    @id:a-short-stall-does-not @claim:SENT-TILT-STALL @mirror:a-long-stall-tilts
    Scenario: A stall of one second is not enough
      Given the "lone-master" topology
      When "sentinel-1" is paused for 1 second
      Then for 3 seconds no Sentinel reports "+tilt"
      And the tilt mode of "sentinel-1" is 0

  Rule: A clock that jumps puts a Sentinel into tilt mode, a clock that is merely wrong does not
    What counts is the step between two runs of a Sentinel's own timer. That its clock differs from everybody else's by an hour does not matter at all.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#tilt-mode

    @id:a-jump-ahead-tilts @claim:SENT-TILT-JUMP @needs:clock-in-info
    Scenario: A jump of a minute ahead, as by an NTP step
      Given the "lone-master" topology
      When the clock of "sentinel-1" jumps 60 seconds ahead
      Then within 2 seconds "sentinel-1" reports "+tilt" with "#tilt mode entered"
      And the tilt mode of "sentinel-2" and "sentinel-3" is 0

    @id:a-jump-back-tilts @claim:SENT-TILT-JUMP @needs:clock-in-info
    Scenario: A second back is already too much
      Given the "lone-master" topology
      When the clock of "sentinel-1" jumps 1 second back
      Then within 2 seconds "sentinel-1" reports "+tilt" with "#tilt mode entered"

    @id:skew-is-harmless @claim:SENT-TILT-SKEW @claim:SENT-SKEW-DECISIONS @needs:clock-in-info
    Scenario: A Sentinel whose clock is an hour ahead of all others takes part in a failover as if nothing were wrong
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | quorum                             | 3    |
        | failover-timeout                   | 4000 |
      And the clock of "sentinel-1" is 1 hour ahead
      When the master is killed
      Then within 5 seconds "sentinel-1" reports "+sdown" with "master mymaster"
      And within 30 seconds every Sentinel reports "+switch-master"
      And for 8 seconds no Sentinel reports "+tilt"
      And the tilt mode of "sentinel-1" is 0

  Rule: In tilt mode a Sentinel judges nobody
    It still monitors and answers, but it reports nobody down, so there is no quorum and no failover until tilt mode ends.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#tilt-mode

    @id:no-failover-in-tilt @claim:SENT-TILT-SUSPENDS @needs:sentinel-debug
    Scenario: A master that dies while all Sentinels are in tilt mode is replaced only after it ends
      Tilt mode lasts 30 seconds; here it is shortened to eight. It is entered at the beginning of a run of the Sentinel's timer: one that was frozen in the middle of a run finishes that run first, and might declare
      somebody down who seemed silent meanwhile. So down-after-milliseconds is longer here than the pause.
      Given the "sentinel" topology with
        | down-after-milliseconds | 4000 |
        | failover-timeout        | 2000 |
      And the Sentinel timers
        | tilt-period | 8000 |
      When every Sentinel is paused for 3 seconds
      And the master is killed
      Then for 6 seconds no Sentinel reports "+sdown"
      And for 6 seconds no replica becomes master
      And within 1 second every Sentinel reports "+tilt"
      And within 40 seconds the Sentinels report, in order
        | +tilt          |
        | -tilt          |
        | +sdown         |
        | +odown         |
        | +switch-master |
      And within 40 seconds a replica becomes master

    @id:told-to-one-that-is-not-in-tilt @cure @claim:SENT-TILT-SUSPENDS @needs:sentinel-debug
    Scenario: With two of three Sentinels in tilt mode, SENTINEL FAILOVER on the third replaces the master
      The third finds the master down, and the other two give it no report: the quorum of two is out of reach. The command asks for none.
      Given the "sentinel" topology with
        | down-after-milliseconds | 4000 |
        | failover-timeout        | 2000 |
      And the Sentinel timers
        | tilt-period | 60000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When "sentinel-1" and "sentinel-2" are paused for 3 seconds
      And the master is killed
      Then within 2 seconds "sentinel-1" and "sentinel-2" report "+tilt"
      And within 8 seconds "sentinel-3" reports "+sdown" with "master mymaster"
      And for 8 seconds no Sentinel reports "+odown"
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-3"
      Then within 15 seconds "sentinel-3" reports, in order
        | +promoted-slave |
        | +switch-master  |
      And within 15 seconds a replica becomes master
      And within 15 seconds the keys of the new master are 53

    @id:a-long-tilt-disqualifies-the-replicas @claim:SENT-TILT-SUSPENDS @needs:sentinel-debug
    Scenario: When tilt mode outlasts ten times down-after, no replica is good enough any more
      A replica is chosen only if it lost its master no longer than ten times down-after-milliseconds before the master was declared down. During tilt mode the replicas are
      without a master, and the declaration waits: with one second of down-after, twelve seconds of tilt mode are too much, and stay too much.
      Given the "sentinel" topology with
        | down-after-milliseconds | 1000 |
        | failover-timeout        | 2000 |
      And the Sentinel timers
        | tilt-period | 12000 |
      When every Sentinel is paused for 3 seconds
      And the master is killed
      Then within 20 seconds the Sentinels report, in order
        | -tilt                         |
        | +odown                        |
        | +elected-leader               |
        | -failover-abort-no-good-slave |
      And for 20 seconds no replica becomes master

    @id:a-tilt-within-the-allowance @claim:SENT-TILT-SUSPENDS @needs:sentinel-debug
    Scenario: When tilt mode is over before ten times down-after is, a replica is promoted
      Eight seconds of tilt mode, where ten times down-after-milliseconds are ten.
      Given the "sentinel" topology with
        | quorum                             | 1     |
        | sentinel-1.down-after-milliseconds | 1000  |
        | sentinel-2.down-after-milliseconds | 60000 |
        | sentinel-3.down-after-milliseconds | 60000 |
        | failover-timeout                   | 20000 |
      And the Sentinel timers
        | tilt-period | 8000 |
      When every Sentinel is paused for 3 seconds
      And the master is killed
      Then within 15 seconds a replica becomes master

  Rule: Replicas that a long tilt mode disqualified are promoted when down-after-milliseconds is raised
    The allowance is ten times `down-after-milliseconds`, and the Sentinels read it anew at each attempt: `SENTINEL SET` on every Sentinel, and the next attempt finds a replica. A replica that
    is promoted by hand is made a replica again as soon as the old master returns, since the Sentinels still name that one.
    Source: https://github.com/redis/redis/blob/7.0/src/sentinel.c

    @id:promoted-by-hand-after-tilt @claim:SENT-TILT-SUSPENDS @needs:sentinel-debug
    Scenario: A replica that is promoted by hand is led back under the old master, and has lost everything
      The master has no persistence: it comes back empty.
      Given the "sentinel" topology with
        | down-after-milliseconds | 500  |
        | failover-timeout        | 2000 |
      And the Sentinel timers
        | tilt-period | 9000 |
      And a client writes 3 keys to the master
      And within 5 seconds every replica holds every key that was written
      When every Sentinel is paused for 3 seconds
      And "master" is killed
      Then within 15 seconds the Sentinels report, in order
        | -failover-abort-no-good-slave |
      When "replica-1" stops replicating
      And a client writes 50 keys to "replica-1"
      Then the keys of "replica-1" are 53
      When "master" is started again
      Then within 30 seconds "replica-1" becomes a replica
      And within 30 seconds the keys of "replica-1" are 0

    @id:a-larger-down-after-heals @cure @claim:SENT-TILT-SUSPENDS @needs:sentinel-debug
    Scenario: SENTINEL SET down-after-milliseconds to 5000, and the next attempt promotes a replica that has everything
      Given the "sentinel" topology with
        | down-after-milliseconds | 500  |
        | failover-timeout        | 2000 |
      And the Sentinel timers
        | tilt-period | 9000 |
      And a client writes 53 keys to the master
      And within 5 seconds every replica holds every key that was written
      When every Sentinel is paused for 3 seconds
      And "master" is killed
      Then within 15 seconds the Sentinels report, in order
        | -failover-abort-no-good-slave |
      And within 20 seconds "sentinel-1" answers "SENTINEL FAILOVER mymaster" with "NOGOODSLAVE"
      When a client sends "SENTINEL SET mymaster down-after-milliseconds 5000" to every Sentinel
      Then within 15 seconds the Sentinels report, in order
        | +selected-slave |
        | +promoted-slave |
        | +switch-master  |
      And within 15 seconds a replica becomes master
      And within 15 seconds the keys of the new master are 53

  Rule: Tilt mode is entered with +tilt and left with -tilt, thirty calm seconds later
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#tilt-mode

    @id:entered-and-left @claim:SENT-TILT-EXIT-MSG @needs:sentinel-debug
    Scenario: "tilt mode exited" is the end of the trouble, not its sign
      Given the "lone-master" topology
      And the Sentinel timers
        | tilt-period | 2000 |
      When "sentinel-1" is paused for 3 seconds
      Then within 8 seconds "sentinel-1" reports "-tilt" between 1.9 and 2.8 seconds after "+tilt"
      And within 8 seconds "sentinel-1" reports "-tilt" with "#tilt mode exited"
      And within 8 seconds the tilt mode of "sentinel-1" is 0

    @id:thirty-seconds-is-a-constant @claim:SENT-TILT-PERIOD @claim:SENT-TILT-WINDOW @needs:sentinel-debug
    Scenario: The numbers behind it are 30 seconds and 2 seconds, and only SENTINEL DEBUG shows them
      Given the "lone-master" topology
      When a client sends "SENTINEL DEBUG" to "sentinel-1"
      Then the reply has the pairs
        | TILT-PERIOD  | 30000 |
        | TILT-TRIGGER | 2000  |

  Rule: No configuration directive changes tilt mode
    Two directives that are often quoted do not exist, and a Sentinel that finds them in its file does not start.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#tilt-mode

    @id:no-such-directive @claim:SENT-TILT-PERIOD @claim:SENT-TILT-WINDOW
    Scenario Outline: A Sentinel with "sentinel <directive>" in its configuration refuses to start
      Given the "lone-master" topology
      When "sentinel-3" restarts with the line "sentinel <directive> <value>" in its configuration
      Then "sentinel-3" exits with status 1
      And the log of "sentinel-3" shows
        | FATAL CONFIG FILE ERROR                        |
        | Unrecognized sentinel configuration statement |

      Examples:
        | directive   | value  |
        | tilt-period | 30000  |
        | tilt-window | 120000 |
