@replication
Feature: The handshake
  What a replica and its master say to each other before the first write flows, read off the network between them.

  Rule: A replica introduces itself, asks for what it lacks, and gets it
    It is the replica that asks and the master that answers, beginning with PING. `PSYNC ? -1` means that it has nothing; the answer `+FULLRESYNC` names the history and the place in it at which the snapshot stands.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:first-contact @claim:REPL-PING-DIRECTION @claim:REPL-HANDSHAKE @claim:REPL-PSYNC-FIRST @claim:REPL-SYNC-CMD
    Scenario: A new replica asks for everything and gets a snapshot
      The master's own PING, a part of the stream that keeps it alive, is kept out.
      Given the "replication" topology with
        | repl-ping-replica-period | 3600 |
      And a client writes 100 keys to the master
      And the traffic between "replica-2" and the master is captured
      When "replica-2" starts again with empty data
      Then within 10 seconds "replica-2" and the master exchange, in order
        | replica-2 | (connects)                          |
        | replica-2 | PING                                |
        | master    | +PONG                               |
        | replica-2 | REPLCONF listening-port 6379        |
        | replica-2 | REPLCONF capa eof capa psync2       |
        | master    | +OK                                 |
        | replica-2 | PSYNC ? -1                          |
        | master    | /[+]FULLRESYNC [0-9a-f]{40} [0-9]+/ |
        | master    | /[(]snapshot, [0-9]+ bytes/         |
        | replica-2 | REPLCONF ACK                        |
      And the master does not send "PING" to "replica-2"

    @id:a-snapshot-on-a-connection-of-its-own @claim:REPL-FULLRESYNC @since:redis-8.0
    Scenario: Redis 8.0 sends the snapshot over a second connection
      Given the "replication" topology
      And a client writes 100 keys to the master
      And the traffic between "replica-2" and the master is captured
      When "replica-2" starts again with empty data
      Then within 10 seconds "replica-2" and the master exchange, in order
        | replica-2 | /REPLCONF capa .* capa rdb-channel-repl/   |
        | replica-2 | PSYNC ? -1                                 |
        | master    | +RDBCHANNELSYNC                            |
        | replica-2 | (connects)                                 |
        | replica-2 | REPLCONF capa eof rdb-only 1 rdb-channel 1 |
        | master    | +FULLRESYNC                                |
        | master    | (snapshot                                  |

  Rule: After a short break the replica names its history and its place in it, and the master goes on from there
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:a-short-break @claim:REPL-PARTIAL @claim:REPL-RUNID-REPLID
    Scenario: A replica whose connection broke asks with id and offset, and no snapshot follows
      The id is the replication id, not the run id of the server.
      Given the "replication" topology
      And a client writes 100 keys to the master
      And within 5 seconds every replica holds every key that was written
      And the traffic between "replica-2" and the master is captured
      When a client sends "CLIENT KILL TYPE replica" to the master
      And a client writes 1 keys to the master
      Then within 10 seconds "replica-2" and the master exchange, in order
        | master    | (closes the connection)      |
        | replica-2 | (connects)                   |
        | replica-2 | PING                         |
        | master    | +PONG                        |
        | replica-2 | REPLCONF listening-port 6379 |
        | replica-2 | /PSYNC [0-9a-f]{40} [0-9]+/  |
        | master    | +CONTINUE                    |
        | master    | SET key:2:0                  |
        | replica-2 | REPLCONF ACK                 |
      And the master does not send "(snapshot" to "replica-2"
      And the master does not send "+FULLRESYNC" to "replica-2"

  Rule: A replica that has a name and a password sends them before anything about itself
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/

    @id:a-replica-authenticates @claim:REPL-AUTH
    Scenario: With masteruser and masterauth, AUTH follows the first PING
      The user may do no more than a replica has to. The master wants no password of others, so that the topology forms without one.
      Given the "replication" topology
      And the traffic between "replica-2" and the master is captured
      When a client sends "ACL SETUSER copier on >secret +psync +replconf +ping" to the master
      And a client sends "CONFIG SET masteruser copier" to "replica-2"
      And a client sends "CONFIG SET masterauth secret" to "replica-2"
      And a client sends "CLIENT KILL TYPE replica" to the master
      Then within 10 seconds "replica-2" and the master exchange, in order
        | replica-2 | PING                         |
        | master    | +PONG                        |
        | replica-2 | AUTH copier secret           |
        | replica-2 | REPLCONF listening-port 6379 |
        | master    | +OK                          |
        | replica-2 | PSYNC                        |
        | master    | +CONTINUE                    |

  Rule: A replica may announce another address than the one it has
    Where addresses are translated, the master sees an address under which nobody reaches the replica. Sentinel and clients learn of replicas from the master.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/#configuring-replication-in-docker-and-nat

    @id:an-announced-address
    Scenario: With replica-announce-ip and replica-announce-port the master lists the announced address
      Given the "replication" topology with
        | replica-1.replica-announce-ip   | 203.0.113.7 |
        | replica-1.replica-announce-port | 7777        |
      Then within 5 seconds the master answers "INFO replication" with "ip=203.0.113.7,port=7777,state=online"
      And within 5 seconds the master answers "ROLE" with "203.0.113.7"
