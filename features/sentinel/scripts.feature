@sentinel
Feature: Scripts
  Sentinel can call a program when something is wrong, and another when the master has moved. The scripts here write down what they were called with.

  Rule: The notification script is called for every event of the level warning, with its name and its text
    Source: https://github.com/redis/redis/blob/7.0.15/sentinel.conf

    @id:every-warning @claim:SENT-NOTIFY-SCRIPT
    Scenario: From +monitor at the start to +switch-master, and not for the failover alone
      Given the "operated" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      When the master is killed
      Then within 30 seconds the file "notified" of every Sentinel has the lines
        | +monitor master mymaster <the old master> quorum 2                      |
        | +sdown master mymaster <the old master>                                 |
        | +switch-master mymaster <the old master> <the new master>               |
        | +sdown slave                                                            |
      And within 30 seconds the file "notified" of "sentinel-1" has the lines
        | +odown master mymaster <the old master> #quorum |

  Rule: The client reconfiguration script is called by every Sentinel, and told whether it leads
    Its words: the name, `leader` or `observer`, `start`, the old address, the new one. The configuration file that ships with the servers says that the third is `failover`; it never is.
    Source: https://github.com/redis/redis/blob/7.0.15/sentinel.conf

    @id:leader-and-observers @claim:SENT-RECONFIG-SCRIPT
    Scenario: One leader, two observers, the same seven words otherwise
      Given the "operated" topology
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      Then within 20 seconds the file "reconfigured" of "sentinel-1" has the lines
        | mymaster leader start <the old master> <the new master> |
      And within 20 seconds the file "reconfigured" of "sentinel-2" has the lines
        | mymaster observer start <the old master> <the new master> |
      And within 20 seconds the file "reconfigured" of "sentinel-3" has the lines
        | mymaster observer start <the old master> <the new master> |

  Rule: A script has to be there, and executable, before Sentinel starts
    Source: https://github.com/redis/redis/blob/7.0.15/sentinel.conf

    @id:a-missing-script @claim:SENT-NOTIFY-SCRIPT
    Scenario Outline: With a script that is <what>, Sentinel does not start
      Given the "lone-master" topology
      When "sentinel-3" restarts with the line "sentinel <script> mymaster <path>" in its configuration
      Then "sentinel-3" exits with status 1
      And the log of "sentinel-3" shows
        | FATAL CONFIG FILE ERROR |
        | <message>               |

      Examples:
        | what                         | script                 | path                | message                                                             |
        | not there                    | notification-script    | /data/none.sh       | Notification script seems non existing or non executable           |
        | not executable               | notification-script    | /etc/debian_version | Notification script seems non existing or non executable           |
        | not there, for clients       | client-reconfig-script | /data/none.sh       | Client reconfiguration script seems non existing or non executable |

    @id:a-script-without-its-shell @claim:SENT-NOTIFY-SCRIPT
    Scenario: A script whose interpreter is missing passes that check, and never runs
      The usual case is a shell script in an image without a shell. Sentinel says so by -script-error, with the signal and the exit status, and by nothing else.
      Given the "operated" topology with
        | notification-script | /data/orphan.sh |
      When a client sends "SENTINEL FAILOVER mymaster" to "sentinel-1"
      Then within 10 seconds "sentinel-1" reports "-script-error" with "/data/orphan.sh 0 2"
      And "sentinel-1" has no file "notified"

    @id:scripts-are-not-set-by-clients @claim:SENT-NOTIFY-SCRIPT
    Scenario: Clients cannot give a running Sentinel a script, unless its file allows it
      Whoever may send SENTINEL SET could otherwise have any program run.
      Given the "operated" topology
      When a client sends "SENTINEL SET mymaster notification-script /data/notify.sh" to "sentinel-1"
      Then the reply is the error "ERR Reconfiguration of scripts path is denied for security reasons."
