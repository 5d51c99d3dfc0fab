@sentinel
Feature: What a failover leaves behind
  Replication carries the data set and nothing else. Users, scripts that a client has loaded, and settings made at run time are the server's own: a replica does not have them, and so the new master does not have them either.

  Rule: Users are not replicated
    `ACL SETUSER` changes the server that receives it. A user that was made on the master alone is unknown to every replica. After a failover the new master refuses its password with `WRONGPASS`, as it refuses a wrong one.
    Source: https://github.com/redis/redis/issues/9554

    @id:a-user-of-the-master-alone
    Scenario: A user that was made on the master alone is refused by the new master with WRONGPASS
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      Then a client of the master is answered
        | ACL SETUSER shop on >open-sesame ~* +@all | OK |
        | AUTH shop open-sesame                     | OK |
        | SET page hello                            | OK |
      And within 5 seconds every replica answers "GET page" with "hello"
      And within 6 seconds every replica answers "AUTH shop open-sesame" with "WRONGPASS"
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | GET page                                  | hello        |
        | AUTH shop open-sesame                     | /^WRONGPASS/ |
        | ACL SETUSER shop on >open-sesame ~* +@all | OK           |
        | AUTH shop open-sesame                     | OK           |

    @id:a-user-in-every-file
    Scenario: A user that stands in the ACL file of every server goes on after the failover
      Given the "users" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      Then a client of the master is answered
        | AUTH shop open-sesame | OK |
        | SET page hello        | OK |
      And within 5 seconds every replica answers "GET page" with "hello"
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | AUTH shop open-sesame | OK    |
        | GET page              | hello |
        | SET page hello-again  | OK    |

  Rule: Since 7.0 a script that was loaded is not replicated, and a function is
    `SCRIPT LOAD` fills a cache of the server that receives it. Up to 6.2 the command went to the replicas as well. Since 7.0 it does not: after a failover `EVALSHA` answers `NOSCRIPT`, and the client has to send the script again,
    with `EVAL` or `SCRIPT LOAD`. A function (`FUNCTION LOAD`, since 7.0) belongs to the data set: it is replicated and persisted.
    Source: https://redis.io/docs/latest/develop/programmability/eval-intro/#script-cache-semantics

    @id:a-loaded-script-is-gone @since:redis-7.0
    Scenario: After the failover EVALSHA of a script that was loaded before answers NOSCRIPT, until the client has sent it again
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      Then a client of the master is answered
        | SCRIPT LOAD "return 1"                             | e0e1f9fabfc9d4800c877a703b823ac0578ff8db |
        | EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0 | 1                                        |
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0 | /^NOSCRIPT/ |
        | EVAL "return 1" 0                                  | 1           |
        | EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0 | 1           |

    @id:a-loaded-script-came-along @until:redis-6.2
    Scenario: Up to 6.2 the new master knows a script that was loaded on the old one
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      Then a client of the master is answered
        | SCRIPT LOAD "return 1" | e0e1f9fabfc9d4800c877a703b823ac0578ff8db |
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0 | 1 |

    @id:a-function-stays @since:redis-7.0
    Scenario: A function that was loaded on the old master can be called on the new one
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      Then a client of the master is answered
        | FUNCTION LOAD "#!lua name=shop\nredis.register_function('one', function() return 1 end)" | shop |
        | FCALL one 0                                                                              | 1    |
        | SET page hello                                                                           | OK   |
      And within 5 seconds every replica answers "GET page" with "hello"
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | FCALL one 0 | 1 |

  Rule: Settings made at run time are not replicated
    `CONFIG SET` changes the server that receives it, and `CONFIG REWRITE` that server's file. The new master has its own settings.
    Source: https://redis.io/docs/latest/commands/config-set/

    @id:a-setting-of-the-master-alone
    Scenario: A limit that was set on the master at run time does not hold on the new master
      Given the "sentinel" topology with
        | sentinel-1.down-after-milliseconds | 2000 |
        | sentinel-2.down-after-milliseconds | 2500 |
        | sentinel-3.down-after-milliseconds | 3000 |
        | failover-timeout                   | 4000 |
      Then a client of the master is answered
        | CONFIG SET maxmemory 100mb | OK                  |
        | CONFIG GET maxmemory       | maxmemory 104857600 |
      When the master is killed
      Then within 30 seconds a replica becomes master
      And a client of the new master is answered
        | CONFIG GET maxmemory | maxmemory 0 |
