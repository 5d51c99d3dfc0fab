@sentinel
Feature: Names, addresses and passwords
  What a Sentinel has to be told so that it reaches a master at all.

  Rule: Names instead of addresses are accepted only where resolve-hostnames says so
    Since Redis 6.2; the default is no.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#ip-addresses-and-dns-names

    @id:names-are-off @claim:SENT-RESOLVE-DEFAULT @claim:SENT-HOSTNAME @since:redis-6.2
    Scenario: By default a name cannot be monitored, though it resolves
      Given the "lone-master" topology
      And the name "db.example" stands for the master on every Sentinel
      When a client sends "SENTINEL MONITOR shop db.example 6379 2" to "sentinel-1"
      Then the reply is the error "ERR Invalid IP address or hostname specified"
      And within 1 second "sentinel-1" answers "SENTINEL CONFIG GET resolve-hostnames" with "no"

    @id:addresses-only @claim:SENT-HOSTNAME @until:redis-6.0
    Scenario: Redis 6.0 takes no name by command at all
      Given the "lone-master" topology
      And the name "db.example" stands for the master on every Sentinel
      When a client sends "SENTINEL MONITOR shop db.example 6379 2" to "sentinel-1"
      Then the reply is the error "ERR Invalid IP address specified"

    @id:names-are-off-in-the-file @claim:SENT-HOSTNAME @since:redis-6.2
    Scenario: With a name in its file, Sentinel does not start
      Given the "lone-master" topology
      And the name "db.example" stands for the master on every Sentinel
      When "sentinel-3" restarts with the line "sentinel monitor shop db.example 6379 2" in its configuration
      Then "sentinel-3" exits with status 1
      And the log of "sentinel-3" shows
        | FATAL CONFIG FILE ERROR            |
        | Can't resolve instance hostname[.] |

    @id:names-are-on @claim:SENT-HOSTNAME @since:redis-6.2
    Scenario: With resolve-hostnames the same name is a master like any other
      Given the "lone-master" topology with
        | resolve-hostnames | yes |
      And the name "db.example" stands for the master on every Sentinel
      When a client sends "SENTINEL MONITOR shop db.example 6379 2" to every Sentinel
      Then within 10 seconds every Sentinel says of "shop"
        | flags               | master |
        | num-other-sentinels | 2      |
      And within 10 seconds every Sentinel names the master as "shop"

    @id:a-name-that-comes-later @claim:SENT-HOSTNAME-BOOT @since:redis-6.2
    Scenario: A Sentinel starts although the name does not resolve yet, and finds the master when it does
      Given the "lone-master" topology with
        | resolve-hostnames | yes |
      When "sentinel-3" restarts with the line "sentinel monitor shop db.example 6379 2" in its configuration
      And 2 seconds pass
      And the name "db.example" stands for the master on "sentinel-3"
      Then within 20 seconds "sentinel-3" says of "shop"
        | flags | master |
      And the log of "sentinel-3" shows
        | Failed to resolve hostname 'db.example' |

  Rule: A master whose name vanishes with it is replaced all the same
    A container's name goes away with the container, in the moment in which its master dies. Sentinel keeps the address it resolved last, logs that it cannot resolve the name, and goes on.
    Source: https://github.com/redis/redis/issues/12753

    @id:a-name-that-vanishes @claim:SENT-HOSTNAME @since:redis-6.2
    Scenario: The master dies, nobody can resolve its name any more, and a replica is promoted
      Given the "sentinel" topology with
        | resolve-hostnames | yes |
      And the name "db.example" stands for the master on every Sentinel
      When a client sends "SENTINEL REMOVE mymaster" to every Sentinel
      And a client sends "SENTINEL MONITOR shop db.example 6379 2" to every Sentinel
      And a client sends "SENTINEL SET shop down-after-milliseconds 2000 failover-timeout 4000" to "sentinel-1"
      And a client sends "SENTINEL SET shop down-after-milliseconds 2500 failover-timeout 4000" to "sentinel-2"
      And a client sends "SENTINEL SET shop down-after-milliseconds 3000 failover-timeout 4000" to "sentinel-3"
      Then within 20 seconds every Sentinel says of "shop"
        | flags               | master |
        | num-slaves          | 2      |
        | num-other-sentinels | 2      |
      When the name "db.example" is forgotten on every Sentinel
      And the master is killed
      Then within 30 seconds the Sentinels report, in order
        | +sdown          |
        | +odown          |
        | +elected-leader |
        | +switch-master  |
      And within 30 seconds a replica becomes master
      And within 30 seconds every Sentinel reports "+switch-master" with "shop"
      And the log of "sentinel-1" shows
        | Failed to resolve hostname 'db.example' |

  Rule: announce-ip and announce-port say where a Sentinel is to be found
    Where addresses are translated, a Sentinel tells others an address that they cannot reach, unless it is told the one they can.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinel-docker-nat-and-possible-issues

    @id:announced @claim:SENT-ANNOUNCE
    Scenario: The hello carries the announced address, and the other Sentinels take it
      Given the "lone-master" topology with
        | sentinel-1.announce-ip   | 203.0.113.7 |
        | sentinel-1.announce-port | 26400       |
      And client "ear" listens to the channel "__sentinel__:hello" of the master
      When 1 second passes
      Then within 10 seconds client "ear" receives a message with "__sentinel__:hello 203.0.113.7,26400,"
      And within 10 seconds "sentinel-2" answers "SENTINEL SENTINELS mymaster" with "203.0.113.7"

    @id:announced-anew @claim:SENT-ANNOUNCE @since:redis-6.2
    Scenario: A Sentinel that announces another address than before is one Sentinel still
      Counted twice it would be a voter that never answers.
      Given the "lone-master" topology
      When a client sends "SENTINEL CONFIG SET announce-ip 203.0.113.7" to "sentinel-1"
      Then within 10 seconds "sentinel-2" and "sentinel-3" report "+sentinel-address-switch"
      And within 10 seconds "sentinel-2" answers "SENTINEL SENTINELS mymaster" with "203.0.113.7"
      And within 10 seconds "sentinel-2" says of "mymaster"
        | num-other-sentinels | 2 |

  Rule: A master that wants a password looks dead to a Sentinel that has none
    NOAUTH is an answer, but not a valid one: only +PONG, -LOADING and -MASTERDOWN count as a sign of life.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinel-and-redis-authentication

    @id:without-auth-pass @claim:SENT-AUTH-PASS
    Scenario: Without auth-pass a protected master is declared down, alive as it is
      The Sentinels are started again because connections that were open before the password stay open.
      Given the "lone-master" topology
      When a client sends "CONFIG SET requirepass secret" to the master
      And every Sentinel is killed
      And every Sentinel is started again
      Then within 15 seconds every Sentinel reports "+sdown" with "master mymaster"
      And within 15 seconds the Sentinels report, in order
        | +sdown |
        | +odown |
      And within 15 seconds the master accepts connections

    @id:with-auth-pass @cure @claim:SENT-AUTH-PASS @mirror:without-auth-pass
    Scenario: With auth-pass, which can be set while it runs, it is up again
      Given the "lone-master" topology
      When a client sends "CONFIG SET requirepass secret" to the master
      And every Sentinel is killed
      And every Sentinel is started again
      And within 15 seconds every Sentinel reports "+sdown"
      And a client sends "SENTINEL SET mymaster auth-pass secret" to every Sentinel
      Then within 15 seconds every Sentinel says of "mymaster"
        | flags | master |

    @id:the-replicas-want-it-too @claim:SENT-AUTH-PASS @since:redis-6.2
    Scenario: Name and password are shown to the replicas as well: without them none of these could be promoted
      Nobody else may give orders here: whoever comes without a name is refused SLAVEOF. Redis 6.0 knows auth-user as well; it does not know the word `allchannels`, since it has no permissions for channels.
      Given the "sentinel" topology
      When a client sends "ACL SETUSER sentry on >secret allcommands allkeys allchannels" to the master
      And a client sends "ACL SETUSER sentry on >secret allcommands allkeys allchannels" to every replica
      And a client sends "ACL SETUSER default -slaveof -replicaof" to every replica
      And a client sends "SENTINEL SET mymaster auth-user sentry auth-pass secret" to every Sentinel
      And 3 seconds pass
      And the master is killed
      Then within 30 seconds a replica becomes master
