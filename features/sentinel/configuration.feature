@sentinel
Feature: The configuration file of a Sentinel
  A Sentinel's file is not only what you tell it: it is what it remembers. It is read once and rewritten at every change.

  Rule: A Sentinel does not start without a file that it may write
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#running-sentinel

    @id:no-file-named @claim:SENT-CONFIG-FILE
    Scenario: Started without naming a file
      Given the "lone-master" topology
      When "redis-server --sentinel" is started on "sentinel-3"
      Then it ends with status 1 and prints "config file"

    @id:the-file-is-missing @claim:SENT-CONFIG-FILE
    Scenario: Started with a file that is not there
      Given the "lone-master" topology
      When "sentinel-3" restarts without its configuration file
      Then "sentinel-3" exits with status 1
      And the log of "sentinel-3" shows
        | Fatal error, can't open config file '/data/sentinel.conf': No such file or directory |

    @id:a-file-with-one-line @cure @claim:SENT-CONFIG-FILE
    Scenario: With a file that says which master to monitor it starts, and finds everybody by itself
      Given the "sentinel" topology
      When "sentinel-3" restarts without its configuration file
      Then "sentinel-3" exits with status 1
      When 1 second passes
      And "sentinel-3" starts again with empty data
      Then within 15 seconds "sentinel-3" says of "mymaster"
        | flags               | master |
        | num-slaves          | 2      |
        | num-other-sentinels | 2      |
      And within 15 seconds every Sentinel answers "SENTINEL CKQUORUM mymaster" with "OK 3 usable Sentinels"

    @id:the-file-is-not-writable @claim:SENT-CONFIG-FILE
    Scenario: Started with a file that cannot be written
      An empty file of a file system that is mounted read-only, as a ConfigMap is in Kubernetes.
      Given the "lone-master" topology
      When "redis-server /proc/sys/net/ipv4/ip_local_reserved_ports --sentinel" is started on "sentinel-3"
      Then it ends with status 1 and prints "is not writable: Read-only file system. Exiting..."

  Rule: What a Sentinel learns it writes into its file
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

    @id:rewritten-after-a-failover @claim:SENT-CONFIG-FILE
    Scenario: After a failover the monitor line of every Sentinel has the new master, and the old one is a known replica
      The line you wrote is gone. A deployment tool that puts its template back tells the Sentinel that the old master is the master.
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When the master is killed
      Then within 30 seconds the file "sentinel.conf" of every Sentinel has the lines
        | sentinel monitor mymaster <the new master> 2 |
        | sentinel known-replica mymaster <the old master> |
        | sentinel config-epoch mymaster |
        | sentinel known-sentinel mymaster |
        | sentinel myid |
      And within 30 seconds the file "sentinel.conf" of every Sentinel has none of the lines
        | sentinel monitor mymaster <the old master> 2 |

    @id:a-sentinel-remembers @claim:SENT-CONFIG-FILE
    Scenario: A Sentinel that was killed after the failover comes back knowing the new master
      Given the "sentinel" topology
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      And within 20 seconds every Sentinel reports "+switch-master"
      And "sentinel-3" is killed
      And "sentinel-3" is started again
      Then within 5 seconds "sentinel-3" names the new master as "mymaster"
      And within 5 seconds "sentinel-3" says of "mymaster"
        | num-other-sentinels | 2 |
      And the run id of "sentinel-3" has changed

    @id:the-epoch-is-remembered @claim:SENT-CONFIG-FILE @claim:SENT-CONFIG-EPOCH
    Scenario: When all Sentinels were killed, all of them come back with the epoch of their configuration
      Without it any older configuration that somebody still has would be as good as theirs.
      Given the "sentinel" topology
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      And within 20 seconds every Sentinel reports "+switch-master"
      And every Sentinel is killed
      And every Sentinel is started again
      Then within 5 seconds every Sentinel says of "mymaster"
        | config-epoch | 1 |
      And the run id of every Sentinel has changed

    @id:what-was-set-is-kept @claim:SENT-CONFIG-FILE
    Scenario: What was set by command is there after a crash
      Given the "lone-master" topology
      When a client sends "SENTINEL SET mymaster quorum 3 down-after-milliseconds 7000" to "sentinel-1"
      And "sentinel-1" is killed
      And "sentinel-1" is started again
      Then within 5 seconds "sentinel-1" says of "mymaster"
        | quorum                  | 3    |
        | down-after-milliseconds | 7000 |
      And the run id of "sentinel-1" has changed
