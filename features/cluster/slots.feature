@cluster
Feature: Slots
  Keys are shared out by arithmetic. CRC16 of the key, modulo 16384, is its slot, for good; which master serves a slot is written in a map that can be changed. That is neither a list
  of keys nor a ring of hashes.

  Rule: The slot of a key is CRC16 modulo 16384
    The variant is XMODEM. Every node answers the same, with or without a cluster around it; nothing else about a key matters, neither a number in it nor a prefix.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model

    @id:slot-is-crc16 @claim:CLUS-CRC16 @claim:CLUS-NOT-CONSISTENT @claim:CLUS-CUSTOM-SHARDING
    Scenario: The server and a CRC16 of our own agree, and the last digits of a user's number do not matter
      Given the "loose-cluster" topology
      Then "node-1" and CRC16 agree on the slots
        | 123456789 | 12739 |
        | foo       | 12182 |
        | bar       | 5061  |
        | user:1    | 10778 |
        | user:4    | 15039 |
        | user:7    | 2780  |
      And "node-1" and CRC16 agree on the slots of 500 other keys

    @id:no-slot-16384 @claim:CLUS-SLOT-0-16384
    Scenario: The first slot is 0, the last is 16383, and 16384 is out of range
      Given the "loose-cluster" topology
      Then a client of "node-1" is answered
        | CLUSTER ADDSLOTS 16384 | ERR Invalid or out of range slot |
        | CLUSTER ADDSLOTS 16383 | OK                               |
        | CLUSTER ADDSLOTS 0     | OK                               |
        | CLUSTER ADDSLOTS 0     | ERR Slot 0 is already busy       |

    @id:many-keys-are-even @claim:CLUS-EVEN-HASH
    Scenario: A thousand keys lie almost evenly on three masters
      Keys, not load: a key that everybody wants stays where it is.
      Given the "cluster" topology
      When a cluster client that knows only "node-1" writes 1000 keys
      Then "node-1", "node-2" and "node-3" hold equally many keys to within 10 percent

  Rule: Only what stands between the first { and the next } is hashed
    If there is nothing between them, all of the key is. This is the one way to have a say in where a key lies.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags

    @id:hash-tags @claim:CLUS-HASHTAG
    Scenario: A tag counts once, and an empty one not at all
      Given the "loose-cluster" topology
      Then "node-1" and CRC16 agree on the slots
        | foo           | 12182 |
        | {foo}key      | 12182 |
        | my{foo}{bar}  | 12182 |
        | bar           | 5061  |
        | foo{}bar      | 14292 |
        | foo{{bar}}zap | 4015  |

    @id:tags-bring-together @claim:CLUS-HASHTAG-1001
    Scenario: Three keys of one user lie in three slots, with a tag in one
      Given the "loose-cluster" topology
      Then "node-1" and CRC16 agree on the slots
        | user:1001:profile   | 2549  |
        | user:1001:orders    | 4492  |
        | user:1001:cart      | 6577  |
        | user:{1001}:profile | 15391 |
        | user:{1001}:orders  | 15391 |
        | user:{1001}:cart    | 15391 |

    @id:tags-for-groups @claim:CLUS-HASHTAG-GROUPS
    Scenario: What belongs to one id stays together, whatever stands around it
      Given the "loose-cluster" topology
      Then "node-1" and CRC16 agree on the slots
        | 42             | 8000 |
        | cart:{42}:items | 8000 |
        | followers:{42} | 8000 |
        | following:{42} | 8000 |
        | timeline:{42}  | 8000 |

  Rule: A key is the smallest part that can be somewhere
    All keys of a slot are on one master, and a key is on it as a whole, however large its value.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model

    @id:a-big-hash-is-one-key @claim:CLUS-KEY-ATOM
    Scenario: A hash with a thousand fields is on one master, and the others have nothing of it
      Given the "cluster" topology
      Then a client of "node-3" is answered
        | EVAL "for i = 1, 1000 do redis.call([[HSET]], KEYS[1], i, i) end" 1 foo | (nil) |
        | HLEN foo                                                             | 1000  |
      And the keys of "node-3" are 1
      And the keys of "node-1" are 0
      And the keys of "node-2" are 0

    @id:a-slot-is-on-one-master @claim:CLUS-SLOT-COLOCATED
    Scenario: The master of a slot names all its keys, another master none
      Given the "cluster" topology
      Then a client of "node-3" is answered
        | SET foo 1                       | OK                                   |
        | SET {foo}1 1                    | OK                                   |
        | SET {foo}2 1                    | OK                                   |
        | CLUSTER COUNTKEYSINSLOT 12182   | 3                                    |
        | CLUSTER GETKEYSINSLOT 12182 10  | /^[{}1-2fo]+ [{}1-2fo]+ [{}1-2fo]+$/ |
      And a client of "node-1" is answered
        | CLUSTER COUNTKEYSINSLOT 12182   | 0                                    |

    @id:a-node-sees-its-shard @claim:CLUS-KEYS-PER-NODE @claim:CLUS-UI-VIEW @claim:ARCH-TABLE
    Scenario: Counts, KEYS and SCAN are about one shard: together the masters have what was written
      A tool that shows all keys of a cluster in one window has asked every master.
      Given the "cluster" topology
      When a cluster client that knows only "node-1" writes 90 keys
      Then "node-1", "node-2" and "node-3" hold 90 keys together, each a part of them
      And a client of "node-3" is answered
        | SET foo 1 | OK  |
        | KEYS foo  | foo |
      And a client of "node-1" is answered
        | KEYS foo |                      |
        | GET foo  | MOVED 12182 <node-3> |

  Rule: Every slot has exactly one master, or keys have nowhere to go
    With `cluster-require-full-coverage yes`, the default, one slot without a master stops all of them, though a node notices only what it has heard of.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/#redis-cluster-configuration-parameters

    @id:a-missing-slot @claim:CLUS-COVERAGE
    Scenario: One slot is given up, its key can be stored no more, and a check says so
      Given the "cluster" topology
      When a client sends "CLUSTER DELSLOTS 12182" to "node-3"
      Then within 5 seconds "node-3" answers "SET foo 1" with "CLUSTERDOWN Hash slot not served"
      And within 5 seconds the cluster state of "node-3" is "fail"
      When redis-cli checks the cluster of "node-3"
      Then redis-cli ends with status 1 and prints
        """
        [ERR] Not all 16384 slots are covered by nodes.
        """

    @id:a-missing-slot-is-given-back @cure @claim:CLUS-COVERAGE
    Scenario: CLUSTER ADDSLOTS on the node that has the keys brings back the slot, and its key
      Given the "cluster" topology
      And a client sends "SET foo bar" to "node-3"
      When a client sends "CLUSTER DELSLOTS 12182" to "node-3"
      Then within 5 seconds "node-3" answers "GET foo" with "CLUSTERDOWN Hash slot not served"
      When a client sends "CLUSTER ADDSLOTS 12182" to "node-3"
      Then within 5 seconds "node-3" answers "GET foo" with "bar"
      And within 5 seconds the cluster state of every node is "ok"

    @id:a-missing-slot-is-fixed @cure @claim:CLUS-COVERAGE
    Scenario: redis-cli --cluster fix finds which node has keys of a slot that no node serves, and gives it to that one
      Given the "cluster" topology
      And a client sends "SET foo bar" to "node-3"
      When a client sends "CLUSTER DELSLOTS 12182" to "node-1", "node-2" and "node-3"
      Then within 5 seconds "node-3" answers "GET foo" with "CLUSTERDOWN Hash slot not served"
      When redis-cli fixes the cluster of "node-1"
      Then redis-cli succeeds
      And within 5 seconds "node-3" answers "GET foo" with "bar"
      And within 5 seconds the cluster state of every node is "ok"

  Rule: A cluster serves one database, and does not do all that a single server does
    Valkey 9 has `cluster-databases`; Redis and Valkey 7 and 8 have database 0.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#implemented-subset

    @id:one-database @claim:CLUS-DB0 @until:valkey-8.1
    Scenario: Database 0 is there, database 1 is not
      Given the "loose-cluster" topology
      Then a client of "node-1" is answered
        | SELECT 0 | OK                                        |
        | SELECT 1 | ERR SELECT is not allowed in cluster mode |

    @id:several-databases @claim:CLUS-DB0 @since:valkey-9.0
    Scenario: In Valkey 9 a node has as many as cluster-databases says: one, unless it is told otherwise
      Given the "loose-cluster" topology with
        | node-1.cluster-databases | 16 |
      Then a client of "node-1" is answered
        | SELECT 15 | OK                           |
        | SELECT 16 | ERR DB index is out of range |
      And a client of "node-2" is answered
        | SELECT 0 | OK                           |
        | SELECT 1 | ERR DB index is out of range |

    @id:not-in-a-cluster @claim:CLUS-SUBSET @until:valkey-8.1
    Scenario: What moves keys between databases or attaches replicas by address is refused
      Given the "loose-cluster" topology
      And "node-1" serves every slot alone
      Then a client of "node-1" is answered
        | MOVE foo 1                 | /^ERR MOVE is not allowed in cluster mode/      |
        | SWAPDB 0 1                 | /^ERR SWAPDB is not allowed in cluster mode/    |
        | COPY foo {foo}2 DB 1       | /^ERR /    |
        | REPLICAOF 198.18.0.12 6379 | /^ERR REPLICAOF not allowed in cluster mode/ |

    @id:between-databases @claim:CLUS-SUBSET @since:valkey-9.0
    Scenario: In Valkey 9 keys move between the databases of a cluster; to exchange databases or to attach a replica by address is still refused
      Given the "loose-cluster" topology with
        | cluster-databases | 16 |
      And "node-1" serves every slot alone
      Then a client of "node-1" is answered
        | SET foo bar                | OK                                              |
        | MOVE foo 1                 | 1                                               |
        | EXISTS foo                 | 0                                               |
        | SELECT 1                   | OK                                              |
        | COPY foo {foo}2 DB 2       | 1                                               |
        | SWAPDB 0 1                 | /^ERR SWAPDB is not allowed in cluster mode/    |
        | REPLICAOF 198.18.0.12 6379 | /^ERR REPLICAOF not allowed in cluster mode/ |
