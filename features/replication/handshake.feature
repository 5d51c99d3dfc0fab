@replication
Feature: The handshake
  What a replica and its master say to each other before the first write flows, read off the network between them, byte for byte.

  Rule: A replica's first contact ends in a snapshot
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

    @id:first-contact
    Scenario: A new replica introduces itself, asks for everything, and gets a snapshot
      Given the "replication" topology
      And a client writes 100 keys to the master
      And the traffic between "replica-2" and the master is captured
      When "replica-2" starts again with empty data
      And a client writes 1 keys to the master
      Then within 5 seconds "replica-2" and the master exchange, in order
        | replica-2 | PING                         |
        | master    | +PONG                        |

    @id:auth
    Scenario: auth
      Given the "replication" topology
      And the traffic between "replica-2" and the master is captured
      When a client sends "ACL SETUSER copier on >secret +psync +replconf +ping" to the master
      And a client sends "CONFIG SET masteruser copier" to "replica-2"
      And a client sends "CONFIG SET masterauth secret" to "replica-2"
      And a client sends "CLIENT KILL TYPE replica" to the master
      And a client writes 1 keys to the master
      And 2 seconds pass
      Then within 5 seconds "replica-2" and the master exchange, in order
        | replica-2 | PING                         |
        | master    | +PONG                        |
        | replica-2 | AUTH copier secret           |
        | master    | +OK                          |
